"""Arrays of 33 to 64 axes: the same results as with two, or an error that says why not."""

import copy
import itertools
import pickle

import numpy as np
import pytest
from checks import raw_list

import fxtypes as fx
from fxtypes.format import many_axes

NDIMS = (33, 64)
FORMATS = (fx.Format(16, 8), fx.Format(100, 8))
CHOICE = [[0, 1, 0], [1, 0, 1]]

# Of an array `a` whose last two axes are (2, 3), `i` such integers and `m` such booleans.
CALLS = {
    "add": lambda a, i, m: a + a,
    "add where": lambda a, i, m: fx.add(a, a, where=m),
    "add out": lambda a, i, m: fx.add(a, a, out=a),
    "broadcast": lambda a, i, m: a * a[..., :1],
    "huge integer": lambda a, i, m: fx.minimum(a, 1 << 300),
    "shift": lambda a, i, m: a << i,
    "power": lambda a, i, m: a ** (i + 3),
    "divmod": lambda a, i, m: divmod(a, a)[0],
    "exp": lambda a, i, m: fx.exp(a, where=m),
    "sqrt": lambda a, i, m: fx.sqrt(a),
    "softmax": lambda a, i, m: fx.softmax(a),
    "logsumexp": lambda a, i, m: fx.logsumexp(a, -1, keepdims=True),
    "compare": lambda a, i, m: a == a.to_fractions(),
    "compare where": lambda a, i, m: fx.less(a, 2, where=m),
    "sum": lambda a, i, m: a.sum(-1, keepdims=True, initial=3, where=m),
    "min": lambda a, i, m: a.min(-1, keepdims=True, initial=3, where=m),
    "mean": lambda a, i, m: a.mean(-1, keepdims=True, where=m),
    "prod": lambda a, i, m: a.prod(-1, keepdims=True, where=m),
    "var": lambda a, i, m: a.var(-1, keepdims=True),
    "any": lambda a, i, m: a.any(-1, keepdims=True),
    "argmax": lambda a, i, m: a.argmax(-1, keepdims=True),
    "cumsum": lambda a, i, m: a.cumsum(-1),
    "diff": lambda a, i, m: fx.diff(a),
    "sort": lambda a, i, m: fx.sort(-a),
    "sort descending": lambda a, i, m: fx.sort(a, -2, descending=True),
    "argsort": lambda a, i, m: fx.argsort(-a, stable=True),
    "partition": lambda a, i, m: fx.sort(fx.partition(-a, 1)),
    "lexsort": lambda a, i, m: fx.lexsort([a, -a]),
    "median": lambda a, i, m: fx.median(a, -1, keepdims=True),
    "quantile": lambda a, i, m: fx.quantile(a, "0.3", -1, keepdims=True),
    "roll": lambda a, i, m: fx.roll(a, 1, -1),
    "where": lambda a, i, m: fx.where(m, a, -a),
    "select": lambda a, i, m: fx.select([m, ~m], [a, -a]),
    "choose": lambda a, i, m: fx.choose(i, [a, -a]),
    "take_along_axis": lambda a, i, m: fx.take_along_axis(a, i, -1),
    "concatenate": lambda a, i, m: fx.concatenate([a, a], -1),
    "pad": lambda a, i, m: fx.pad(a, {-1: (1, 2)}, constant_values=7),
    "mask": lambda a, i, m: a[m],
    "isclose": lambda a, i, m: fx.isclose(a, a + 0.5, atol=0.1),
    "broadcast_arrays": lambda a, i, m: fx.broadcast_arrays(a, a[..., :1])[1],
    "stochastic": lambda a, i, m: a.astype(fx.Format(8, 0, rounding="stochastic")),
    "objects": lambda a, i, m: fx.array(a.to_fractions(), a.format),
    "float32": lambda a, i, m: a.to_numpy(np.float32),
    "longdouble": lambda a, i, m: a.to_numpy(np.longdouble),
    "raw": lambda a, i, m: a.raw,
    "lists": lambda a, i, m: fx.array(a.tolist(), a.format),
    "pickle": lambda a, i, m: pickle.loads(pickle.dumps(a)),
    "copy": lambda a, i, m: copy.deepcopy(a),
    "reduceat": lambda a, i, m: np.add.reduceat(a, [0, 2], -1),
    "accumulate": lambda a, i, m: np.maximum.accumulate(-a, -1),
    "logical": lambda a, i, m: np.logical_and(a, m, where=m),
    "random": lambda a, i, m: fx.random.normal(a.shape, a.format, seed=1),
}


def in_place(a, i, m):
    """Everything that changes an array, one after the other."""
    a[m] = 1
    a[...] = fx.full_like(a, 2)
    a += a
    fx.put(a, [0, 4], [5, 6])
    fx.putmask(a, m, -a)
    fx.place(a, m, [1, 2, 3])
    fx.copyto(a, 9, where=m)
    fx.put_along_axis(a, i, 2, -1)
    np.add.at(a, (Ellipsis, [0, 0]), 1)
    a.sort()
    return a


def operands(ndim, fmt):
    shape = (1,) * (ndim - 2) + (2, 3)
    a = fx.arange(1, 7, format=fmt).reshape(shape)
    choice = np.array(CHOICE).reshape(shape)
    return a, choice, choice > 0


def content(found):
    return raw_list(found) if isinstance(found, fx.FixedArray) else np.ravel(found).tolist()


@pytest.mark.parametrize("ndim", NDIMS)
@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@pytest.mark.parametrize("name", [*CALLS, "in place"])
def test_as_with_two_axes(ndim, fmt, name):
    call = CALLS.get(name, in_place)
    with fx.seeded(1):
        expected = call(*operands(2, fmt))
    with fx.seeded(1):
        found = call(*operands(ndim, fmt))
    assert content(found) == content(expected)
    if name != "mask":
        assert found.shape == (1,) * (ndim - expected.ndim) + expected.shape


@pytest.mark.parametrize("ndim", NDIMS)
@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_everything_else_works_or_says_so(ndim, fmt):
    """NumPy stops at 32 axes in places ("this function only supports ..."), at 63 in others."""
    a, i, m = operands(ndim, fmt)
    skipped = {"save", "load", "seed", "seeded", "to_mem", "from_mem", "record", "full_precision"}
    methods = {f".{name}": getattr(fx.FixedArray, name) for name in dir(fx.FixedArray)
               if not name.startswith("_")}  # fmt: skip
    functions = {name: getattr(fx, name) for name in fx.__all__ if name not in skipped} | methods
    for name, function in functions.items():
        if not callable(function) or isinstance(function, type):
            continue
        for more in ((), (a,), (2,), (i,), (m,), (a, a), (1, -1), (m, a)):
            try:
                function(a.copy(), *more)
            except (TypeError, ValueError, IndexError, ArithmeticError, MemoryError) as error:
                said = str(error)
                assert "index arrays" not in said, (name, said)
                assert said, name


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_one_axis_too_many(fmt):
    a, _, _ = operands(64, fmt)
    for call in (
        lambda: a[..., None],
        lambda: fx.stack([a, a]),
        lambda: fx.expand_dims(a, 0),
        lambda: fx.zeros((1,) * 65, fmt),
        lambda: fx.full((1,) * 65, 1, fmt),
        lambda: np.add.outer(a, [1]),
    ):
        with pytest.raises((ValueError, IndexError), match=r"64|dimension"):
            call()
    if fmt.width > 64:
        with pytest.raises(ValueError, match="need an axis, and there are 64"):
            _ = a.words


def test_shapes_broadcast_as_numpys():
    sizes = [(), (1,), (3,), (2, 3), (2, 1), (4, 1, 3), (0,), (1, 0)]
    for pair in itertools.product(sizes, repeat=2):
        try:
            expected = np.broadcast_shapes(*pair)
        except ValueError:
            expected = None
        lead = (5,) + (1,) * 40
        wide = [lead + (1,) * (3 - len(shape)) + shape for shape in pair]
        if expected is None:
            with pytest.raises(ValueError, match="broadcast"):
                many_axes.broadcast_shapes(*wide)
            continue
        found = many_axes.broadcast_shapes(*wide)
        assert found == lead + (1,) * (3 - len(expected)) + expected


@pytest.mark.parametrize("count", [2, 3, 40])
@pytest.mark.parametrize("indexing", ["xy", "ij"])
@pytest.mark.parametrize("sparse", [True, False])
def test_meshgrid(count, indexing, sparse):
    fmt = FORMATS[0]
    vectors = [np.arange(1 + (k < 3)) + k for k in range(count)]
    grids = fx.meshgrid(*(fx.array(v, fmt) for v in vectors), indexing=indexing, sparse=sparse)
    places = [1, 0, *range(2, count)] if indexing == "xy" else range(count)
    sizes = [0] * count
    for vector, place in zip(vectors, places, strict=True):
        sizes[place] = vector.size
    for grid, vector, place in zip(grids, vectors, places, strict=True):
        alone = tuple(vector.size if axis == place else 1 for axis in range(count))
        assert grid.shape == (alone if sparse else tuple(sizes))
        along = np.moveaxis(grid.to_numpy(), place, -1).reshape(-1, vector.size)
        assert (along == vector).all()


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (7, 3), (3, 3, 3), (1,) * 40, (0, 2)])
@pytest.mark.parametrize("wrap", [True, False])
def test_fill_diagonal(shape, wrap):
    a = fx.zeros(shape, FORMATS[0])
    fx.fill_diagonal(a, 1, wrap=wrap)
    if len(shape) > 32:
        assert raw_list(a) == [256]
        return
    expected = np.zeros(shape)
    np.fill_diagonal(expected, 1, wrap=wrap)
    assert (a.to_numpy() == expected).all()
    with pytest.raises(ValueError, match="fill_diagonal"):
        fx.fill_diagonal(a.reshape(-1), 1)


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_a_value_that_overflows_is_found(fmt):
    a, _, _ = operands(64, fmt)
    with pytest.raises(fx.FixedOverflowError, match="3 of 6"):
        a.astype(fx.Format(3, 0, overflow="raise"))
    with pytest.raises(fx.FixedOverflowError, match=r"is 4"):
        fx.array(a.to_numpy(), fx.Format(3, 0, overflow="raise"))
