"""No operation makes temporaries larger than its result, except where NumPy's makes them too.

tracemalloc sees what NumPy and Python allocate, and storage is NumPy's. The peak of a call may be
what it leaves behind (for one that works in place: the array it changes), as much again, and an
allowance for blocks and plans. NumPy's own call of the same kind, on numbers of as many bytes,
sets the limit where it makes larger ones. A public name that is in no table fails.
"""

import gc
import tracemalloc
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import fxtypes as fx
from fxtypes.format import storage
from fxtypes.kernels import products

ALLOWANCE = 1_500_000  # bytes: blocks, and Python's integers of a chunk
SIZES = {16: 1 << 20, 128: 1 << 18}
FEW = 1 << 12  # elements for what works in Python's integers, which tracemalloc slows down
SOME = {16: 1 << 20, 128: 1 << 16}  # for what does so at 128 bits, in blocks
NARROW = fx.Format(16, 8)

NO_ARRAYS = {
    *("Events", "FileError", "FixedArray", "FixedOverflowError", "Format", "FormatError"),
    *("Overflow", "Rounding", "full_precision", "random", "record", "seed", "seeded"),
    *("load", "save", "from_mem", "to_mem"),  # files
    *("MatmulPlan", "get_num_threads", "set_num_threads"),
    *("matmul", "dot", "explain_matmul"),  # see products/test_paths.py
    *("einsum_path", "lookup"),
}


def operands(width, size, few=FEW):
    """FixedArrays and what goes with them, and the same as NumPy's numbers of as many bytes."""
    fmt = fx.Format(width, width // 2)
    rng = np.random.default_rng(width)
    integers = rng.integers(-2000, 2000, size)
    ours = SimpleNamespace(
        fmt=fmt,
        size=size,
        mask=rng.random(size) < 0.5,
        counts=rng.integers(-3, 4, size).astype(np.int8),
        index=rng.integers(0, size, size),
        doubles=integers / 16,
        singles=(integers / 16).astype(np.float32),
        integers=integers,
        zeros=np.zeros(size, np.int8),
    )
    numpys = SimpleNamespace(**vars(ours))
    values = {"a": integers, "b": rng.integers(1, 2000, size), "sorted": np.sort(integers)}
    numpys.fmt = np.dtype(np.int16 if width == 16 else np.longdouble)
    for name, raw in values.items():
        setattr(ours, name, fx.array(raw / 16, fmt))
        setattr(numpys, name, raw.astype(numpys.fmt))
    for v in (ours, numpys):
        v.rows = v.a.reshape(-1, 64)
        v.pairs = v.a.reshape(-1, 2)
        v.few_a, v.few_b = v.a[:few], v.b[:few]
        v.some_a, v.some_b = v.a[: SOME[width]], v.b[: SOME[width]]
        v.few_rows = v.few_b.reshape(-1, 64)
    return ours, numpys


# name: call(m, v), m either fxtypes or NumPy, v the operands of that kind
CALLS = {
    **{
        name: lambda m, v, name=name: getattr(m, name)(v.a)
        for name in (
            *("abs", "absolute", "ceil", "floor", "invert", "negative", "positive", "round"),
            *("sign", "square", "trunc", "all", "any", "argmax", "argmin", "count_nonzero"),
            *("cumprod", "cumsum", "diff", "max", "mean", "min", "prod", "ptp", "std", "sum"),
            *("var", "argsort", "argwhere", "flatnonzero", "nonzero", "sort"),
            *("trim_zeros", "ediff1d", "unique", "unique_all", "unique_counts", "flip"),
            *("unique_inverse", "unique_values", "atleast_1d", "atleast_2d", "atleast_3d"),
            *("copy", "ravel", "squeeze", "transpose", "permute_dims", "histogram", "median"),
            *("histogram_bin_edges", "empty_like", "ones_like", "zeros_like"),
        )
    },
    **{
        name: lambda m, v, name=name: getattr(m, name)(v.a, v.b)
        for name in (
            *("add", "bitwise_and", "bitwise_or", "bitwise_xor", "divide", "divmod", "equal"),
            *("floor_divide", "greater", "greater_equal", "less", "less_equal", "maximum"),
            *("minimum", "multiply", "not_equal", "remainder", "subtract", "append"),
            *("array_equal", "array_equiv", "intersect1d", "isin", "setdiff1d", "setxor1d"),
            *("union1d", "broadcast_arrays"),
        )
    },
    **{
        name: lambda m, v, name=name: getattr(m, name)([v.a, v.b])
        for name in ("block", "column_stack", "concatenate", "dstack", "hstack", "stack", "vstack")
    },
    **{
        name: lambda m, v, name=name: getattr(m, name)(v.rows)
        for name in ("diagonal", "fliplr", "flipud", "matrix_transpose", "rot90", "tril", "triu")
    },
    **{
        name: lambda m, v, name=name: getattr(m, name)(v.rows, 4)
        for name in ("array_split", "hsplit", "split", "vsplit")
    },
    **{
        name: lambda m, v, name=name: getattr(m, name)(v.few_b)
        for name in (
            *("arcsinh", "arctan", "cbrt", "cos", "cosh", "exp", "exp2", "expm1", "log", "log10"),
            *("log1p", "log2", "reciprocal", "sin", "sinh", "sqrt", "tan", "tanh"),
        )
    },
    **{
        name: lambda m, v, name=name: getattr(m, name)(v.few_a, v.few_b)
        for name in ("arctan2", "hypot", "logaddexp", "logaddexp2")
    },
    **{  # which NumPy lacks, or whose domain is too small
        name: lambda m, v, name=name: getattr(fx, name)(v.few_b) if m is fx else None
        for name in ("erf", "gelu", "rsqrt", "sigmoid", "silu", "softplus")
    },
    **{
        name: lambda m, v, name=name: getattr(fx, name)(v.few_b % 1) if m is fx else None
        for name in ("arccos", "arcsin", "arctanh")
    },
    **{
        name: lambda m, v, name=name: getattr(m, name)(v.a[: v.size // 4], v.b[:8])
        for name in ("convolve", "correlate", "kron", "outer")
    },
    **{name: lambda m, v, name=name: getattr(m, name)(v.a, v.b) for name in ("inner", "vdot")},
    "cross": lambda m, v: m.cross(
        *(x[: x.size // 3 * 3][: 3 * FEW].reshape(-1, 3) for x in (v.a, v.b))
    ),
    "einsum": lambda m, v: m.einsum("ij,kj->ik", v.rows, v.rows[:64]),
    "matrix_power": lambda m, v: getattr(m, "matrix_power", np.linalg.matrix_power)(v.rows[:64], 2),
    # Past 128 bits; below, it is matmul's.
    "multi_dot": lambda m, v: (
        getattr(m, "multi_dot", np.linalg.multi_dot)(
            [v.a[: 8 * FEW].reshape(-1, 8), *v.a[:128].reshape(2, 8, 8)]
        )
        if m is np or v.fmt.width == 128
        else None
    ),
    "matvec": lambda m, v: m.matvec(v.rows, v.b[:64]),
    "tensordot": lambda m, v: m.tensordot(v.rows, v.rows[:64], 1),
    "trace": lambda m, v: m.trace(v.rows),
    "vecdot": lambda m, v: m.vecdot(v.rows, v.b[:64]),
    "vecmat": lambda m, v: m.vecmat(v.b[:64], v.rows[:64]),
    "argpartition": lambda m, v: m.argpartition(v.a, 5),
    "partition": lambda m, v: m.partition(v.a, 5),
    "clip": lambda m, v: m.clip(v.a, 0, 100),
    "left_shift": lambda m, v: m.left_shift(v.a, v.counts),
    "right_shift": lambda m, v: m.right_shift(v.a, v.counts),
    "choose": lambda m, v: m.choose(v.zeros, [v.a, v.b]),
    "select": lambda m, v: m.select([v.mask], [v.a], v.b),
    "where": lambda m, v: m.where(v.mask, v.a, v.b),
    "allclose": lambda m, v: m.allclose(v.few_a, v.few_b),
    "isclose": lambda m, v: m.isclose(v.few_a, v.few_b),
    "digitize": lambda m, v: m.digitize(v.a, v.sorted[::1000]),
    "searchsorted": lambda m, v: m.searchsorted(v.sorted, v.a),
    "lexsort": lambda m, v: m.lexsort([v.a, v.b]),
    "insert": lambda m, v: m.insert(v.a, 3, v.b[0]),
    "pad": lambda m, v: m.pad(v.a, 3),
    "average": lambda m, v: m.average(v.a),
    "gradient": lambda m, v: m.gradient(v.a),
    "trapezoid": lambda m, v: m.trapezoid(v.a),
    "cov": lambda m, v: m.cov(v.rows, rowvar=False),
    "corrcoef": lambda m, v: m.corrcoef(v.rows, rowvar=False),
    "norm": lambda m, v: getattr(m, "norm", np.linalg.norm)(v.a),
    "arange": lambda m, v: fx.arange(FEW, format=v.fmt) if m is fx else np.arange(FEW),
    "linspace": lambda m, v: fx.linspace(0, 1, FEW, format=v.fmt) if m is fx else None,
    "eye": lambda m, v: fx.eye(1000, format=v.fmt) if m is fx else None,
    "empty": lambda m, v: m.empty(v.size, v.fmt),
    "ones": lambda m, v: m.ones(v.size, v.fmt),
    "zeros": lambda m, v: m.zeros(v.size, v.fmt),
    "full": lambda m, v: m.full(v.size, 3, v.fmt),
    "full_like": lambda m, v: m.full_like(v.a, 3),
    "from_bits": lambda m, v: fx.from_bits(v.zeros, v.fmt) if m is fx else None,
    "array": lambda m, v: m.array(v.doubles, v.fmt),
    "broadcast_to": lambda m, v: m.broadcast_to(v.a, (100, v.size)),
    "compress": lambda m, v: m.compress(v.mask, v.a),
    "extract": lambda m, v: m.extract(v.mask, v.a),
    "delete": lambda m, v: m.delete(v.a, 3),
    "diag": lambda m, v: m.diag(v.a[:1000]),
    "diagflat": lambda m, v: m.diagflat(v.a[:1000]),
    "dsplit": lambda m, v: m.dsplit(v.a.reshape(-1, 2, 4), 2),
    "expand_dims": lambda m, v: m.expand_dims(v.a, 0),
    "meshgrid": lambda m, v: m.meshgrid(v.a[:1000], v.b[:1000]),
    "moveaxis": lambda m, v: m.moveaxis(v.rows, 0, 1),
    "repeat": lambda m, v: m.repeat(v.a, 2),
    "reshape": lambda m, v: m.reshape(v.a, (2, -1)),
    "resize": lambda m, v: m.resize(v.a, 2 * v.size),
    "roll": lambda m, v: m.roll(v.a, 3),
    "rollaxis": lambda m, v: m.rollaxis(v.rows, 1),
    "sliding_window_view": lambda m, v: fx.sliding_window_view(v.a, 5) if m is fx else None,
    "swapaxes": lambda m, v: m.swapaxes(v.rows, 0, 1),
    "take": lambda m, v: m.take(v.a, v.index),
    "take_along_axis": lambda m, v: m.take_along_axis(v.a, v.index, 0),
    "tile": lambda m, v: m.tile(v.a, 3),
    "unstack": lambda m, v: m.unstack(v.rows, axis=1),
    "linear_combination": lambda m, v: (
        fx.linear_combination([1, 0.5], [v.a, v.b], v.fmt) if m is fx else None
    ),
    "root_of_squares": lambda m, v: (
        fx.root_of_squares([1, 0.5], [v.some_a, v.some_b], NARROW) if m is fx else None
    ),
    "combination_with_quotient": lambda m, v: (
        fx.combination_with_quotient([1], [v.some_a], 0.5, v.some_a, v.some_b, 1, NARROW)
        if m is fx
        else None
    ),
    "percentile": lambda m, v: m.percentile(v.a, 30),
    "quantile": lambda m, v: m.quantile(v.a, 0.3),
    "interp": lambda m, v: m.interp(v.a, [0, 1, 2], [0, 1, 2]),
    "power": lambda m, v: m.power(v.few_a, 5),
    "softmax": lambda m, v: fx.softmax(v.few_rows, 1) if m is fx else None,
    "logsumexp": lambda m, v: fx.logsumexp(v.few_rows, 1) if m is fx else None,
    "arccosh": lambda m, v: fx.arccosh(v.few_b + 1) if m is fx else None,
    "log_softmax": lambda m, v: fx.log_softmax(v.few_rows, 1) if m is fx else None,
}

# Calls that change v.a, a copy.
IN_PLACE = {
    "copyto": lambda m, v: m.copyto(v.a, v.b, where=v.mask),
    "fill_diagonal": lambda m, v: m.fill_diagonal(v.rows, v.b[:64]),
    "place": lambda m, v: m.place(v.a, v.mask, v.b),
    "put": lambda m, v: m.put(v.a, v.index, v.b),
    "put_along_axis": lambda m, v: m.put_along_axis(v.a, v.index, v.b, 0),
    "putmask": lambda m, v: m.putmask(v.a, v.mask, v.b),
    "a += b": lambda m, v: v.a.__iadd__(v.b),
    "a[mask] = 1": lambda m, v: v.a.__setitem__(v.mask, 1),
    "a[...] = float32": lambda m, v: v.a.__setitem__(..., v.singles),
    "out=": lambda m, v: m.add(v.a, v.b, out=v.a),
    "add.at": lambda m, v: np.add.at(v.a, v.index, v.b),
}

# Calls with no name of their own in fxtypes, or in other ways.
OTHERS = {
    "a**3": lambda m, v: v.a**3 if m is np or v.fmt.width == 16 else None,
    "a**-1": lambda m, v: fx.power(v.b, -1) if m is fx else None,
    "a / scalar": lambda m, v: v.a / 3,
    "a + double": lambda m, v: v.a + v.doubles,
    "add where": lambda m, v: m.add(v.a, v.b, where=v.mask),
    "add double where": lambda m, v: m.add(v.a, v.doubles, where=v.mask),
    "divmod where": lambda m, v: m.divmod(v.a, v.b, where=v.mask),
    "sqrt where": lambda m, v: m.sqrt(v.few_b, where=v.mask[: v.few_b.size]),
    "sum where": lambda m, v: m.sum(v.a, where=v.mask),
    "sum where, of rows": lambda m, v: m.sum(v.pairs, 1, where=v.mask.reshape(-1, 2)),
    "mean where": lambda m, v: m.mean(v.a, where=v.mask),
    "max where": lambda m, v: m.max(v.a, where=v.mask, initial=0),
    "norm of columns": lambda m, v: getattr(m, "norm", np.linalg.norm)(v.rows.T, axis=0),
    "norm 1": lambda m, v: getattr(m, "norm", np.linalg.norm)(v.a, 1),
    "var of columns": lambda m, v: m.var(v.rows.T, axis=0),
    "cov of many": lambda m, v: m.cov(v.rows[:500]),
    "corrcoef of many": lambda m, v: m.corrcoef(v.rows[:500]),
    "var where": lambda m, v: m.var(v.a, where=v.mask),
    "add.reduceat": lambda m, v: np.add.reduceat(v.a, np.arange(0, v.size, 1000)),
    "add.reduceat of rows": lambda m, v: np.add.reduceat(v.rows, [5, 30, 7], 1),
    "multiply.reduceat": lambda m, v: np.multiply.reduceat(v.a, np.arange(0, v.size, 1000)),
    "multiply.reduceat, once": lambda m, v: np.multiply.reduceat(v.a, [3]),
    "maximum.reduceat": lambda m, v: np.maximum.reduceat(v.a, np.arange(0, v.size, 1000)),
    "minimum.reduceat of rows": lambda m, v: np.minimum.reduceat(v.rows, [5, 30, 7], 1),
    "prod of a middle axis": lambda m, v: m.prod(v.a.reshape(16, -1, 16), 1),
    "prod of outer axes": lambda m, v: m.prod(v.a.reshape(16, -1, 16), (0, 2)),
    "prod where": lambda m, v: m.prod(v.a, where=v.mask),
    "prod initial": lambda m, v: m.prod(v.a, initial=3),
    "prod of a transposed one": lambda m, v: m.prod(v.rows.T),
    "power of arrays": lambda m, v: fx.power(v.few_b, v.few_a) if m is fx else None,
    "softmax of columns": lambda m, v: (
        fx.softmax(fx.right_shift(v.a[: 16 * FEW], 5).reshape(64, -1), 0) if m is fx else None
    ),
    "diff n=2": lambda m, v: m.diff(v.a, 2),
    "round decimals": lambda m, v: fx.round(v.a, 1) if m is fx else None,
    "maximum.accumulate": lambda m, v: np.maximum.accumulate(v.a),
    "minimum.accumulate": lambda m, v: np.minimum.accumulate(v.rows, 1),
    "less than singles": lambda m, v: v.a < v.singles,
    "concatenate formats": lambda m, v: (
        fx.concatenate([v.a, v.b.astype(fx.Format(v.fmt.width, 4))], format=v.fmt)
        if m is fx
        else None
    ),
    "where number": lambda m, v: m.where(v.mask, v.a, 3),
    "average weighted": lambda m, v: m.average(v.a, weights=v.b),
    "histogram weighted": lambda m, v: m.histogram(v.few_a[:2000], weights=v.few_b[:2000]),
    "gradient with a step": lambda m, v: m.gradient(v.a, 0.1),
    "gradient of rows": lambda m, v: m.gradient(v.rows, 3, axis=0),
    "gradient at places": lambda m, v: m.gradient(v.rows, np.arange(64) ** 2 + 1, axis=1),
    **{
        f"pad {mode}": lambda m, v, mode=mode: m.pad(v.a, 3, mode=mode)
        for mode in ("minimum", "mean", "median", "linear_ramp")
    },
    "signbit": lambda m, v: np.signbit(v.a),
    "array of singles": lambda m, v: m.array(v.singles, v.fmt),
    "array of integers": lambda m, v: m.array(v.integers, v.fmt),
    "from_raw": lambda m, v: fx.FixedArray.from_raw(v.integers, v.fmt) if m is fx else None,
    "to float32": lambda m, v: v.a.to_numpy(np.float32) if m is fx else None,
    "to float64": lambda m, v: v.a.to_numpy() if m is fx else None,
    "to longdouble": lambda m, v: v.a.to_numpy(np.longdouble) if m is fx else None,
    "to int64": lambda m, v: v.a.to_numpy(np.int64) if m is fx else None,
    "to bool": lambda m, v: v.a.to_numpy(bool) if m is fx else None,
    "to_bits": lambda m, v: v.few_a.to_bits() if m is fx else None,
    "to_fractions": lambda m, v: v.few_a.to_fractions() if m is fx else None,
    "raw": lambda m, v: v.few_a.raw if m is fx else None,
    "astype": lambda m, v: v.a.astype(fx.Format(v.fmt.width, 3)) if m is fx else None,
    "uniform": lambda m, v: fx.random.uniform(FEW, v.fmt) if m is fx else None,
}

# At 128 bits NumPy sorts by no key of 16 bytes that is an integer; its lexsort of the two words
# copies both beside the order that it makes. That sets the limit here.
SORTS = {
    *("argpartition", "argsort", "lexsort", "median", "percentile", "quantile", "partition"),
    *("sort", "unique", "unique_counts", "unique_values", "intersect1d", "setdiff1d", "setxor1d"),
    "pad median",
}


def measure(call, *args):
    """What a call leaves behind, and how much more it needed meanwhile: (bytes, bytes)."""
    gc.disable()  # what earlier tests left behind isn't traced: looking through it takes long
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = call(*args)
        held, peak = (n - before for n in tracemalloc.get_traced_memory())
        del result
    finally:
        tracemalloc.stop()
        gc.enable()
    return held, peak - held


def numpys(call, v, in_place):
    """The temporaries of NumPy's own call; 0 where it has none of that kind."""
    if in_place:
        v.a = v.a.copy()
        v.rows = v.a.reshape(-1, 64)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return measure(call, np, v)[1]
    except (AttributeError, TypeError):
        return 0


@pytest.fixture(autouse=True)
def no_float64_products(monkeypatch):
    """The BLAS' blocks, bounded by themselves, are measured in products/test_paths.py.

    Kernels without tiles take that way for small numbers.
    """
    if not products.TILES:
        monkeypatch.setenv("FXTYPES_GEMM", "integer")


@pytest.fixture(scope="module", params=SIZES)
def given(request):
    width = request.param
    return width, operands(width, FEW, few=FEW >> 4), operands(width, SIZES[width])


@pytest.mark.parametrize("name", [*CALLS, *OTHERS, *IN_PLACE])
def test_temporaries(given, name):
    width, (few, _), (ours, theirs) = given
    call = (CALLS | OTHERS | IN_PLACE)[name]
    in_place = name in IN_PLACE
    if in_place:
        for v in (few, ours):
            v.a = v.a.copy()
            v.rows = v.a.reshape(-1, 64)
    call(fx, few)  # plans and tables are made once
    held, more = measure(call, fx, ours)
    limit = ours.a.nbytes if in_place else held
    if more > limit + ALLOWANCE:
        limit = max(limit, numpys(call, theirs, in_place))
    if width == 128 and name in SORTS:
        limit = max(limit, sum(measure(np.lexsort, storage.halves(ours.a._storage))))
    assert more <= limit + ALLOWANCE, f"{more} bytes beside a result of {held}"


def test_every_function_is_measured():
    assert set(fx.__all__) == NO_ARRAYS | set(CALLS) | (set(IN_PLACE) & set(fx.__all__))
