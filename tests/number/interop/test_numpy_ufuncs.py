"""NumPy's ufuncs on FixedArrays, and their methods."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from checks import fixed, raw_list

import fxtypes as fx
from fxtypes.context import blocks
from fxtypes.interop import numpy_names

Q = fx.Format(16, 8)
TRUTH = ("logical_and", "logical_or", "logical_xor")
NARROW = fx.Format(8, 4)


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
    for name in ("arccos", "arcsin", "arctanh", "arccosh", "log2", "log10", "log1p"):
        x = abs(a) / (8 if name.startswith("arc") else 1) + (name == "arccosh")
        assert raw_list(getattr(np, name)(x)) == raw_list(getattr(fx, name)(x))
    for name in ("cos", "sin", "tan", "arctan", "arcsinh", "cosh", "sinh", "cbrt", "exp2", "expm1"):
        assert raw_list(getattr(np, name)(a)) == raw_list(getattr(fx, name)(a))
    assert raw_list(np.reciprocal(a)) == raw_list(fx.reciprocal(a)) == raw_list(1 / a)
    for name in ("arctan2", "hypot", "logaddexp", "logaddexp2"):
        assert raw_list(getattr(np, name)(a, b)) == raw_list(getattr(fx, name)(a, b))
        assert raw_list(getattr(np, name)(2, b)) == raw_list(getattr(fx, name)(2, b))
        assert getattr(np, name).outer(a, b).shape == (3, 3)
    assert raw_list(np.power(abs(a), b)) == raw_list(abs(a) ** b)
    assert raw_list(np.power(2, a)) == raw_list(2**a)


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


def test_heaviside_rounds_once():
    fine = fx.Format(8, 8, overflow="raise")
    assert np.heaviside(fx.array([-0.25, 0], fine), 0.25).tolist() == [0, 0.25]
    assert np.heaviside(fx.array([0.5], fx.Format(8, 7, overflow="wrap")), 0.25).tolist() == [-1]
    assert np.heaviside([1, -2, 0], fx.array([1, 2, 0.5], Q)).tolist() == [1, 0, 0.5]
    dithered = fx.array([-1, 0, 2], Q.replace(rounding="stochastic"))
    with fx.record() as events:
        np.heaviside(dithered, dithered)
    assert events.elements == 3


def test_modf_stores_both_or_none():
    a, narrow = fx.array([100.5, 7], Q), fx.zeros(2, fx.Format(2, 1, overflow="raise"))
    with pytest.raises(fx.FixedOverflowError):
        np.modf(a, out=(a, narrow))
    assert a.tolist() == [100.5, 7]
    lowest = fx.FixedArray.from_raw([-128], fx.Format(8, 0, overflow="saturate_symmetric"))
    assert [part.raw.tolist() for part in np.modf(lowest)] == [[0], [-127]]
    with fx.record() as events:
        np.modf(a)
    assert events.elements == 4


def test_copysign_of_anything():
    a = fx.array([1, 2], Q)
    assert np.copysign(2, fx.array([1, -2], Q)).tolist() == [2, -2]
    assert np.copysign(a, -1, where=[True, False]).tolist() == [-1, 0]
    assert np.copysign(a, -(10**30)).tolist() == [-1, -2]
    assert np.copysign(a, [Fraction(-1, 2), 1]).tolist() == [-1, 2]
    assert np.copysign(a, np.array([-0.0, 0.0])).tolist() == [-1, 2]
    lowest = fx.FixedArray.from_raw([-128], fx.Format(8, 0, overflow="saturate_symmetric"))
    assert np.copysign(lowest, -1).raw.tolist() == [-127]


def test_what_is_no_array_beside_out():
    a = fx.array([1, 2], NARROW)
    if hasattr(np, "cumulative_sum"):  # since 2.1
        with pytest.raises(TypeError, match="expected a FixedArray"):
            np.cumulative_sum([5], out=a)
    for function in (np.isneginf, np.isposinf):
        with pytest.raises(TypeError, match=f"{function.__name__}: expected a FixedArray"):
            function(5, out=a)
        assert function(a).tolist() == [False, False]
    with pytest.raises(TypeError, match="out= must be an array"):
        np.isneginf(a, out=NARROW)


def test_a_fixed_array_as_out_alone_is_refused_by_name():
    v = fx.zeros(2, fx.Format(16, 8))
    for call in (
        lambda: np.modf(1, v),
        lambda: np.add(1, 2, out=v),
        lambda: np.copysign(1, -1, out=v),
        lambda: np.heaviside(1, 0, out=v),
        lambda: np.sqrt(2.0, out=v),
        lambda: np.add.reduce([[1.0, 2]], axis=0, out=v),
    ):
        with pytest.raises(TypeError, match=r"np\.\w+: no FixedArray among its operands"):
            call()
