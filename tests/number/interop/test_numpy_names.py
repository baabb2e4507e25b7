"""NumPy's own functions on FixedArrays: each is handled, refused by name, or never asks."""

import inspect
import re
import types
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from checks import fixed, raw_list

import fxtypes as fx
from fxtypes.context import blocks
from fxtypes.interop import (
    function_tables,
    numpy_functions,
    numpy_handlers,
    numpy_names,
    numpy_ufuncs,
)

Q = fx.Format(16, 8)
MODULES = {
    "": np,
    "linalg.": np.linalg,
    "fft.": np.fft,
    "emath.": np.emath,
    "lib.stride_tricks.": np.lib.stride_tricks,
}
# Modules without functions of arrays.
WITHOUT_ARRAYS = {"core", "dtypes", "exceptions", "lib", "typing", "version"}


def public():
    """Every public name of NumPy's namespaces with what stands there."""
    for prefix, module in MODULES.items():
        for name in sorted(set(dir(module))):
            if name.startswith("_"):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    found = getattr(module, name)
                except AttributeError:
                    continue
            yield prefix + name, found


UFUNCS = {name: f for name, f in public() if isinstance(f, np.ufunc)}
DISPATCHED = {
    name: f for name, f in public() if hasattr(f, "_implementation") and not isinstance(f, np.ufunc)
}
OTHERS = {
    name: f
    for name, f in public()
    if name not in UFUNCS and name not in DISPATCHED and callable(f) and not isinstance(f, type)
}




# -- the three classes --------------------------------------------------------------------


def test_there_is_something_to_walk():
    assert len(UFUNCS) > 90
    assert len(DISPATCHED) > 250


@pytest.mark.parametrize("name", UFUNCS)
def test_every_ufunc_is_in_one_class(name):
    ufunc = UFUNCS[name]
    tables = [
        *(numpy_ufuncs.UFUNCS, numpy_ufuncs.REFUSED_UFUNCS),
        *(numpy_ufuncs.LOGICAL, numpy_ufuncs.NUMBER),
    ]
    assert sum(ufunc in table for table in tables) == 1


@pytest.mark.parametrize("name", DISPATCHED)
def test_every_dispatched_function_is_in_one_class(name):
    function = DISPATCHED[name]
    assert (function in numpy_functions.FUNCTIONS) + (function in numpy_functions.REFUSED) == 1
    assert name not in numpy_names.NOT_DISPATCHED


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_function_is_listed(name):
    assert name in numpy_names.NOT_DISPATCHED


def test_every_namespace_is_walked_or_listed():
    for name, found in public():
        if isinstance(found, types.ModuleType) and "." not in name:
            known = f"{name}." in MODULES or name in numpy_names.NOT_DISPATCHED
            assert known or name in WITHOUT_ARRAYS, name


def test_what_is_listed_as_not_dispatched_is_not():
    for name in numpy_names.NOT_DISPATCHED:
        found = function_tables.numpy_function(name)
        assert not hasattr(found, "_implementation"), name
        assert not isinstance(found, np.ufunc), name


def test_no_name_is_in_two_classes():
    classes = [
        set(numpy_names.SAME_NAME),
        set(numpy_names.OTHER_NAME),
        set(numpy_names.OWN),
        set(numpy_names.REFUSED),
        set(numpy_names.NOT_DISPATCHED),
    ]
    assert sum(map(len, classes)) == len(set().union(*classes))
    assert set(numpy_names.OWN) == set(numpy_handlers.OWN)
    assert set(numpy_names.OWN_UFUNCS) == set(numpy_handlers.OWN_UFUNCS)
    assert not set(numpy_names.UFUNCS) & set(numpy_names.REFUSED_UFUNCS)


# -- nothing falls back -------------------------------------------------------------------


def arguments(function):
    """As many FixedArrays as a function must have."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return 2
    needed = [p for p in parameters if p.default is p.empty and "POSITIONAL_" in p.kind.name]
    return max(len(needed), 1)


@pytest.mark.parametrize(
    "name", sorted(n for n in DISPATCHED if DISPATCHED[n] in numpy_functions.REFUSED)
)
def test_refused_functions_say_so(name):
    function, said = DISPATCHED[name], "nothing was refused"
    for count in {arguments(function), 1, 2, 3}:
        try:
            function(*[fixed([0, 256], Q)] * count)
        except TypeError as error:
            said = str(error)
        if f"{function.__name__} refuses FixedArrays" in said:
            return
    pytest.fail(said)


def acceptable(found):
    """FixedArrays, booleans and integers: no floats, no objects."""
    if isinstance(found, tuple | list):
        return all(map(acceptable, found))
    if isinstance(found, np.ndarray | np.generic):
        return found.dtype.kind in "biu"
    return found is None or isinstance(found, fx.FixedArray | bool | int | str)


@pytest.mark.parametrize("method", ["__call__", "reduce", "accumulate", "outer", "at", "reduceat"])
@pytest.mark.parametrize("width", [16, 100])
def test_no_ufunc_gives_floats_or_objects(method, width):
    for ufunc in set(UFUNCS.values()):
        a = fx.array([[1, 2], [3, 4]], fx.Format(width, 8))
        args = {
            "reduce": (a,),
            "accumulate": (a,),
            "reduceat": (a, [0, 1]),
            "at": (a, ([0, 1], [0, 0]), *[[1, 1]] * (ufunc.nin - 1)),
        }.get(method, (a,) * ufunc.nin)
        try:
            found = getattr(ufunc, method)(*args)
        except (TypeError, ValueError, RuntimeError) as error:
            said = str(error)
        else:
            said = ufunc.__name__
            assert acceptable(found), ufunc
            assert method != "at" or ufunc in numpy_ufuncs.UFUNCS
        if method == "__call__":
            assert re.search(rf"{ufunc.__name__}|shift count", said), ufunc


@pytest.mark.parametrize(
    "name", sorted(n for n in DISPATCHED if DISPATCHED[n] in numpy_functions.FUNCTIONS)
)
def test_no_function_gives_floats_or_objects(name):
    function = DISPATCHED[name]
    given = fx.array([[1, 2], [3, 4]], Q)
    for count in {arguments(function), 1, 2, 3}:
        for a in (given, given[0], given[:, :1]):
            try:
                found = function(*[a.copy()] * count)
            except (TypeError, ValueError, IndexError, DeprecationWarning):
                continue  # a warning: NumPy will refuse the call
            assert acceptable(found)


@pytest.mark.parametrize("width", [16, 100])
def test_ufuncs_beside_numpys_arrays(width):
    """Whatever stands at the left, the result is ours."""
    a = fx.array([1, 2], fx.Format(width, 8))
    for other in (np.array([3, 4]), np.float32(3), np.array([0.5, 0.25]), 3, [3, 4], (1, 2)):
        for function in (np.add, np.multiply, np.maximum):
            assert isinstance(function(other, a), fx.FixedArray)
            assert function(other, a).format is a.format
    with pytest.raises(TypeError, match="shift count"):
        np.left_shift(1, a)


# -- ufunc methods ------------------------------------------------------------------------


@pytest.mark.parametrize("width", [16, 100])
def test_reduce(width):
    q = fx.Format(width, 8)
    plain = np.array([[1, 5, -2], [3, -4, 2.5]])
    a = fx.array(plain, q)
    for ufunc in (np.add, np.minimum, np.maximum, np.fmin, np.fmax):
        for kwargs in ({}, {"axis": 1}, {"axis": None}, {"axis": (0, 1)}, {"keepdims": True}):
            found = ufunc.reduce(a, **kwargs)
            assert found.format is q
            assert np.array_equal(found.to_numpy(), ufunc.reduce(plain, **kwargs))
    assert np.add.reduce(a, 1, fx.Format(32, 4)).format == fx.Format(32, 4)
    out = fx.zeros(3, fx.Format(32, 4))
    assert np.add.reduce(a, out=out) is out
    assert out.tolist() == [4, 1, 0.5]
    mask = [[True, False, True], [False, True, True]]
    assert np.sum(a, axis=0, where=mask).tolist() == [1, -4, 0.5]
    assert np.add.reduce(a, where=mask).tolist() == [1, -4, 0.5]
    assert np.nansum(a, where=mask).tolist() == -2.5
    assert np.sum(a[0, 0], where=False).tolist() == 0
    assert np.any(a < 0, axis=1).tolist() == [True, True]
    assert np.all(a, axis=0, where=mask, out=np.zeros(3, bool)).tolist() == [True] * 3
    assert np.count_nonzero(a, axis=1).tolist() == [3, 3]
    with pytest.raises(TypeError, match=r"np\.subtract\.reduce"):
        np.subtract.reduce(a)
    with pytest.raises(TypeError, match="Format"):
        np.add.reduce(a, dtype=float)


@pytest.mark.parametrize("width", [16, 100])
@pytest.mark.parametrize("axis", [0, 1])
def test_accumulate(width, axis):
    plain = np.array([[1, 5, -2], [3, -4, 2.5], [2, 6, -7]])
    a = fx.array(plain, fx.Format(width, 8))
    for ufunc in (np.minimum, np.maximum, np.fmin):
        found = ufunc.accumulate(a, axis)
        assert found.format is a.format
        assert np.array_equal(found.to_numpy(), ufunc.accumulate(plain, axis))
    with pytest.raises(TypeError, match=r"np\.divide\.accumulate"):
        np.divide.accumulate(a)


def test_outer():
    a, plain = fx.array([1, 2, 3], Q), np.array([1, 2, 3])
    for ufunc in (np.add, np.multiply, np.subtract, np.maximum, np.less, np.equal):
        found = ufunc.outer(a, a[:2].reshape(2, 1))
        assert np.array_equal(np.asarray(found), ufunc.outer(plain, plain[:2].reshape(2, 1)))
        assert found.shape == (3, 2, 1)
    assert np.multiply.outer([1, 2], a).tolist() == [[1, 2, 3], [2, 4, 6]]
    assert np.multiply.outer(a, 2).tolist() == [2, 4, 6]
    assert np.add.outer(a[0], a[1]).tolist() == 3
    assert np.add.outer(a, a, dtype=fx.Format(8, 0)).format == fx.Format(8, 0)


@pytest.mark.parametrize("width", [8, 100])
def test_at_is_a_loop(width):
    q = fx.Format(width, 4)
    for ufunc, operation in ((np.add, lambda x, y: x + y), (np.multiply, lambda x, y: x * y)):
        a, loop = fx.array([1, 2, 3, 4], q), fx.array([1, 2, 3, 4], q)
        places, operands = [0, 2, 0, -1, 0, 2], fx.array([5, -1.5, 1.25, 2, -7, 0.5], q)
        ufunc.at(a, places, operands)
        for i, place in enumerate(places):
            loop[place] = operation(loop[place], operands[i])
        assert raw_list(a) == raw_list(loop)
    grid = fx.zeros((2, 3), q)
    np.add.at(grid, (slice(None), [0, 0, 2]), [[1, 2, 3], [4, 5, 6]])
    assert grid.tolist() == [[3, 0, 3], [9 if width > 8 else 7.9375, 0, 6]]
    np.negative.at(grid, ([0], [0]))
    assert grid[0, 0].tolist() == -3
    np.add.at(grid, np.zeros((2, 3), bool), 1)
    raising = fx.array([7, 1], fx.Format(8, 4, overflow="raise"))
    with pytest.raises(fx.FixedOverflowError):
        np.add.at(raising, [1, 0], [1, 1])
    assert raising.tolist() == [7, 1]
    with pytest.raises(TypeError, match=r"np\.less\.at"):
        np.less.at(raising, [0], 1)
    with pytest.raises(TypeError, match="no FixedArray"):
        np.add.at(np.zeros(2), [0], raising[:1])


@pytest.mark.parametrize("seed", range(20))
def test_at_by_several_indices(seed, monkeypatch):
    """Places, and rows of a table, that come again, within a block and beyond."""
    monkeypatch.setattr(blocks, "SIZE", 8)
    chosen, q = np.random.default_rng(seed), fx.Format(16 + 50 * (seed % 2), 4)
    for shape in [(7,), (4, 5), (3, 4, 2), (1, 0)]:
        depth = int(chosen.integers(1, len(shape) + 1)) if 0 not in shape else 1
        places = tuple(chosen.integers(1, 5, chosen.integers(0, 3)).tolist())
        keys = tuple(chosen.integers(-n, n, places) for n in shape[:depth])
        size = (*places, *shape[depth:])
        a, b = (
            fx.FixedArray.from_raw(chosen.integers(-1 << 14, 1 << 14, s), q) for s in (shape, size)
        )
        loop = a.copy()
        np.subtract.at(a, keys if depth > 1 or seed % 3 else keys[0], b)
        for i in np.ndindex(*places):
            key = tuple(int(k[i]) for k in keys)
            loop[key] = loop[key] - b[i]
        assert raw_list(a) == raw_list(loop), (shape, keys)
    for keys, message in [
        ([3], "index 3 is out of range for an axis of 3"),
        (np.array([0, -4]), "index -4 is out of range"),
        (([0], [0]), "2 indices for an array of 1 axes"),
    ]:
        a = fx.zeros(3, q)
        with pytest.raises(IndexError, match=rf"np\.add\.at: {message}"):
            np.add.at(a, keys, 1)


def test_truth_ufuncs():
    for width in (16, 100):
        a, b = fx.array([0, 1, 2], fx.Format(width, 8)), [True, False, True]
        assert np.logical_and(a, b).tolist() == [False, False, True]
        assert np.logical_or(b, a).tolist() == [True, True, True]
        assert np.logical_xor(a, a).tolist() == [False] * 3
        assert np.logical_not(a).tolist() == [True, False, False]
        assert np.logical_and.reduce(a) == np.False_
        assert np.logical_or.accumulate(a).tolist() == [False, True, True]
        assert np.isnan(a).tolist() == [False] * 3
        assert np.isinf(a).tolist() == [False] * 3
        assert np.isfinite(a).tolist() == [True] * 3
        assert np.signbit(fx.array([-1, 0, 1], a.format)).tolist() == [True, False, False]
        out = np.zeros(3, bool)
        assert np.isfinite(a, out=out, where=[True, False, True]) is out
        assert out.tolist() == [True, False, True]
    with pytest.raises(TypeError, match="booleans"):
        np.logical_and(a, b, out=(a,))


def test_copysign():
    lowest = fx.Format(8, 4).min
    a = fx.array([1, -2, lowest, lowest, 0], fx.Format(8, 4))
    found = np.copysign(a, fx.array([-1, 0.5, -3, 3, -1], fx.Format(100, 50)))
    assert found.tolist() == [-1, 2, -8, 7.9375, 0]
    assert np.copysign(a, [-1.5, -0.0, -1, -1, 1]).tolist() == [-1, -2, -8, -8, 0]
    raising = a.view_as(fx.Format(8, 4, overflow="raise"))
    assert np.copysign(raising, -1).tolist() == [-1, -2, -8, -8, 0]
    with pytest.raises(fx.FixedOverflowError):
        np.copysign(raising, 1)


def test_modf():
    a = fx.array([1.75, -1.75, -8, 0.5, 7.9375], Q8 := fx.Format(8, 4))
    numpys = np.modf(a.to_numpy())
    for part, expected in zip(np.modf(a), numpys, strict=True):
        assert part.format is Q8
        assert part.tolist() == expected.tolist()
    fine, coarse = fx.zeros(5, fx.Format(16, 8)), fx.zeros(5, fx.Format(8, 0))
    found = np.modf(a, out=(fine, coarse))
    assert found[0] is fine
    assert (fine.tolist(), coarse.tolist()) == tuple(part.tolist() for part in numpys)
    found = np.modf(a, where=[True, False, True, False, True], out=(a, None))
    assert a.tolist() == [0.75, -1.75, 0, 0.5, 0.9375]
    assert found[1].tolist() == [1, 0, -8, 0, 7]
    assert np.modf(fx.array([0.75], fx.Format(8, 8)))[1].tolist() == [0]
    whole, rest = np.modf(fx.array([6], fx.Format(8, -1)))[::-1]
    assert (whole.tolist(), rest.tolist()) == ([6], [0])


def test_heaviside():
    a = fx.array([[-0.5, 0, 2]], fx.Format(8, 4))
    assert np.heaviside(a, 0.5).tolist() == [[0, 0.5, 1]]
    assert np.heaviside(a, a + 3).tolist() == [[0, 3, 1]]
    assert np.heaviside(a, 1, dtype=fx.Format(16, 8)).format == fx.Format(16, 8)
    assert np.heaviside(np.zeros(3), a).tolist() == a.tolist()


def test_trace():
    a = fx.array(np.arange(24).reshape(2, 3, 4) / 4, fx.Format(8, 2))
    plain = a.to_numpy()
    for offset in (-1, 0, 2):
        assert np.trace(a, offset).tolist() == np.trace(plain, offset).tolist()
        assert np.trace(a, offset, 1, 2).tolist() == np.trace(plain, offset, 1, 2).tolist()
        found = np.linalg.trace(a, offset=offset)
        assert found.tolist() == np.linalg.trace(plain, offset=offset).tolist()
    assert np.trace(a[0] * 4).tolist() == 15
    assert np.trace(a[1] * 5).tolist() == 31.75  # 63.75, saturated once
    wide = fx.Format(16, 2)
    out = fx.zeros((), wide)
    assert np.trace(a[1] * 5, dtype=wide).tolist() == 63.75
    assert np.trace(a[1] * 5, out=out) is out
    assert out.tolist() == 63.75
    with pytest.raises(ValueError, match="two dimensions"):
        np.trace(a[0, 0])


def test_out_and_where():
    a, b = fx.array([1, 2, 3], Q), fx.array([10, 20, 30], Q)
    out = fx.full(3, 7, Q)
    assert np.add(a, b, out=out, where=[True, False, True]) is out
    assert out.tolist() == [11, 7, 33]
    assert np.add(a, b, where=[True, False, True]).tolist() == [11, 0, 33]
    assert np.add(a, b, out) is out
    assert np.multiply(a, b, dtype=fx.Format(8, 0)).format == fx.Format(8, 0)
    found = np.empty(3, bool)
    assert np.less(a, b, out=found) is found
    for bad in (np.zeros(3), np.zeros(3, np.int64)):
        with pytest.raises(TypeError):
            np.add(a, b, out=bad)
    with pytest.raises(ValueError, match="shape"):
        np.add(a, b, out=fx.zeros(4, Q))
    with pytest.raises(TypeError, match="Format"):
        np.add(a, b, dtype=np.float64)
    with pytest.raises(TypeError, match="axes"):
        np.matmul(a, b, axes=[(0,), (0,), ()])


# -- functions' arguments -----------------------------------------------------------------


def test_keywords_that_are_not_there():
    a = fx.array([1, 2, 3], Q)
    for call in (
        lambda: np.sum(a, dtype=np.float64),
        lambda: np.zeros_like(a, dtype=float),
        lambda: np.mean(a, dtype=np.float32),
        lambda: np.histogram(a, weights=[1, 1, 1]),
        lambda: np.concatenate([a, a], dtype=np.int8),
    ):
        with pytest.raises(TypeError):
            call()
    assert np.sum(a, dtype=None, keepdims=np._NoValue).tolist() == 6
    assert np.sum(a, None, None, None, True).tolist() == [6]
    assert np.sum(a, dtype=fx.Format(32, 4)).format == fx.Format(32, 4)
    assert np.unique(a, equal_nan=False).tolist() == [1, 2, 3]


def test_functions_of_our_own():
    a = fx.array([[1, 2, 3], [4, 5, 6]], Q)
    assert np.shape(a) == (2, 3)
    assert np.ndim(a) == 2
    assert np.size(a) == 6
    assert np.size(a, 1) == 3
    assert np.zeros_like(a).tolist() == [[0] * 3] * 2
    assert np.ones_like(a, dtype=fx.Format(8, 0)).format == fx.Format(8, 0)
    assert np.full_like(a, 1.5, shape=(2,)).tolist() == [1.5, 1.5]
    assert np.empty_like(a).tolist() == [[0] * 3] * 2
    assert np.imag(a).tolist() == [[0] * 3] * 2
    assert np.real(a).tolist() == a.tolist()
    assert np.isreal(a).all()
    assert not np.iscomplex(a).any()
    assert np.isrealobj(a)
    assert not np.iscomplexobj(a)
    assert np.isposinf(a).tolist() == [[False] * 3] * 2
    assert np.linalg.diagonal(a).tolist() == [1, 5]
    assert np.shares_memory(a, a[0])
    assert not np.shares_memory(a, a.copy())
    assert np.may_share_memory(a, a.T)
    assert np.nan_to_num(a).tolist() == a.tolist()
    assert np.array_str(a) == str(a) == np.array2string(a)
    assert np.array_repr(a) == repr(a)
    assert np.nanmax(a).tolist() == 6
    assert np.average(a, axis=1).tolist() == [2, 5]
    assert np.triu_indices_from(a, k=1)[1].tolist() == [1, 2, 2]
    assert np.tril_indices_from(a[:, :2])[0].tolist() == [0, 1, 1]
    assert np.diag_indices_from(a[:, :2])[0].tolist() == [0, 1]
    if hasattr(np, "cumulative_sum"):
        assert np.cumulative_sum(a, axis=1).tolist() == [[1, 3, 6], [4, 9, 15]]
        assert np.cumulative_prod(a[0]).tolist() == [1, 2, 6]
    with pytest.raises(TypeError, match="weights"):
        np.average(a, weights=a)
    assert np.astype(a, fx.Format(8, 0)).format == fx.Format(8, 0) if hasattr(np, "astype") else 1
    with pytest.raises(TypeError, match="exactly"):
        np.array_str(a, precision=2)


def test_what_numpy_does_not_dispatch_takes_float64():
    a = fx.array([0.5, 1], Q)
    assert np.asarray(a).dtype == np.float64
    assert np.array([a, a]).dtype == np.float64
    with pytest.raises(TypeError, match="refuses"):
        np.zeros(3, like=a)
    with pytest.raises(TypeError, match="refuses"):
        np.asarray([1.0], like=a)


@pytest.mark.parametrize("width", [16, 100])
def test_the_operations_that_numpy_knows(width):
    """Each ufunc beside its operator or method: the same bits."""
    a, b = (
        fx.array([3.25, -2.5, 7], fx.Format(width, 8)),
        fx.array([1.5, 2, -3], fx.Format(width, 8)),
    )
    pairs = [
        *((np.add(a, b), a + b), (np.subtract(a, b), a - b), (np.multiply(a, b), a * b)),
        *((np.divide(a, b), a / b), (np.floor_divide(a, b), a // b), (np.remainder(a, b), a % b)),
        *((np.divmod(a, b)[0], a // b), (np.divmod(a, b)[1], a % b), (np.power(a, 2), a**2)),
        *((np.bitwise_and(a, b), a & b), (np.bitwise_or(a, b), a | b),),
        *((np.bitwise_xor(a, b), a ^ b),),
        *((np.invert(a), ~a), (np.negative(a), -a), (np.absolute(a), abs(a)), (np.fabs(a), abs(a))),
        *((np.left_shift(a, 2), a << 2), (np.right_shift(a, 2), a >> 2), (np.ldexp(a, 2), a << 2)),
        *((np.square(a), a * a), (np.sign(a), fx.sign(a)), (np.rint(a), fx.round(a))),
        *((np.floor(a), fx.floor(a)), (np.ceil(a), fx.ceil(a)), (np.trunc(a), fx.trunc(a))),
        *((np.fix(a), fx.trunc(a)), (np.around(a, 1), fx.round(a, 1)), (np.positive(a), a)),
        *((np.conjugate(a), a), (np.fmax(a, b), fx.maximum(a, b)),),
        *((np.fmin(a, b), fx.minimum(a, b)),),
        *((np.cumsum(a), fx.cumsum(a)), (np.add.accumulate(a), fx.cumsum(a)),),
        *((np.ptp(a), fx.ptp(a)),),
        *((np.multiply.accumulate(a), fx.cumprod(a)), (np.multiply.reduce(a), fx.prod(a))),
        *((np.var(a, ddof=1), fx.var(a, ddof=1)), (np.std(a), fx.std(a)),),
        *((np.diff(a), a[1:] - a[:-1]),),
        *((np.nanvar(a), fx.var(a)), (np.nancumsum(a), fx.cumsum(a)), (np.mean(a), fx.mean(a))),
        *((np.clip(a, -1, 1), fx.clip(a, -1, 1)), (np.clip(a, None, 1), fx.clip(a, max=1))),
    ]  # fmt: skip
    for found, wanted in pairs:
        assert found.format is wanted.format is a.format
        assert found.shape == wanted.shape
        assert raw_list(found) == raw_list(wanted)
    assert np.any(a) == np.True_
    assert np.all(a == a) == np.True_
    assert np.count_nonzero(a) == 3
    assert np.diff(a, prepend=0).shape == (3,)
    for call in (lambda: np.power(a, b), lambda: np.power(2, a)):
        with pytest.raises(TypeError, match=r"np\.power refuses"):
            call()


@pytest.mark.parametrize("width", [16, 100])
def test_functions_that_apply_others(width):
    plain = np.arange(24.0).reshape(2, 3, 4)
    a = fx.array(plain, fx.Format(width, 4))
    for axis in range(-3, 3):
        for numpys in (np.sum, np.flip, np.diag, np.argmax):
            found = np.apply_along_axis(numpys, axis, a)
            assert np.array_equal(np.asarray(found), np.apply_along_axis(numpys, axis, plain))
            assert isinstance(found, fx.FixedArray) == (numpys is not np.argmax)
    found = np.apply_over_axes(np.sum, a, [0, -1])
    assert found.format is a.format
    assert found.tolist() == np.apply_over_axes(np.sum, plain, [0, -1]).tolist()
    with pytest.raises(ValueError, match="no vector"):
        np.apply_along_axis(np.sum, 1, a[:0])


# -- truth values -------------------------------------------------------------------------

TRUTH = ("logical_and", "logical_or", "logical_xor")
NO_NUMBERS = (
    *(None, "abc", b"abc", 1j, {}, object(), np.datetime64("2026-01-01"), np.timedelta64(1, "s")),
    *(np.array(["a", "b"]), np.array([1j, 0]), np.array([None, 1]), [None, 1], ["1", 1]),
    *(np.ma.masked_array([1, 0], [0, 1]), np.array(["2026-01-01"] * 2, "M8[D]")),
)


@pytest.mark.parametrize("name", TRUTH)
@pytest.mark.parametrize("other", NO_NUMBERS, ids=lambda v: f"{type(v).__name__} {v!s:.20}")
def test_truth_of_what_is_no_number(name, other):
    a, ufunc = fixed([0, 1], Q), getattr(np, name)
    for call in (lambda: ufunc(a, other), lambda: ufunc(other, a), lambda: ufunc.outer(a, other)):
        with pytest.raises(TypeError, match=f"np.{name}.*(takes real numbers|masked)"):
            call()


@pytest.mark.parametrize("name", TRUTH)
def test_truth_beside_numbers(name):
    a, ufunc = fixed([0, 1, 0, 2], Q), getattr(np, name)
    true = np.array([False, True, False, True])
    for other in (
        *(0, 1, 2.5, float("nan"), Fraction(1, 3), Decimal("0.5"), 1 << 300, True, fixed([1], Q)),
        *([1, 0, 0, 1], np.array([0.5, 0, 0, 1]), np.array([Fraction(1, 3), 0, 0, 1 << 300])),
    ):
        plain = other != 0 if isinstance(other, fx.FixedArray) else np.asarray(other) != 0
        for found in (ufunc(a, other), ufunc(other, a)):
            assert found.dtype == bool
            np.testing.assert_array_equal(found, ufunc(true, plain))


@pytest.mark.parametrize("name", [*TRUTH, "logical_not", *numpy_names.NUMBER_UFUNCS])
def test_where_of_truth_values(name):
    a, ufunc = fixed([-1, 0, 2], Q), getattr(np, name)
    args = (a,) * ufunc.nin
    mask = np.array([True, True, False])
    expected = ufunc(*[a.to_numpy()] * ufunc.nin, where=mask, out=np.zeros(3, bool))
    np.testing.assert_array_equal(ufunc(*args, where=mask), expected)
    assert ufunc(*args, where=np.ones((2, 3), bool)).shape == (2, 3)
    out = np.ones(3, bool)
    assert ufunc(*args, where=mask, out=out) is out
    assert out[2]
    for wrong in (a, 1, [1, 0, 1], "yes"):
        with pytest.raises(TypeError, match="where= is a boolean"):
            ufunc(*args, where=wrong)
