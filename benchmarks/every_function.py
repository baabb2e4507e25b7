"""Time every public function, method and operator beside NumPy's on float64, the worst first.

Each is called on 100,000 elements and on ten, or one (s), at 8 to 128 bits; a figure is the CPU
time of the call over that of NumPy's own call in this run. Without a call of the same kind NumPy's
is the nearest that makes as many elements. A public name without a row here ends it: give it its
call in CALLS, or its reason in UNTIMED.
"""

import argparse
import copy
import math
import platform
from pathlib import Path

import benchmarks  # noqa: F401  one thread, and the BLAS' kernels

# isort: split
# They are read when NumPy is loaded.
import numpy as np
from benchmarks.common import anything, format_of
from measure import (
    ALLOCATOR,
    Timer,
    add_choices,
    around_tables,
    begin_anew,
    cpu_name,
    least_times,
    positive,
    table,
)

import fxtypes as fx
from fxtypes.elementary.registry import FUNCTIONS
from fxtypes.kernels.calls import KERNELS

WIDTHS = (8, 16, 32, 64, 128)
SIZES = {"large": 100_000, "small": 10}
# The largest ratios; that of a call which NumPy does in so few seconds on any number of elements.
LIMIT, LIMIT_128, LIMIT_OF_CALLS = 10, 40, 15
CALL = 5e-6

# Public names without a call here, and why.
UNTIMED = {
    **dict.fromkeys(
        (*FUNCTIONS, "softmax", "log_softmax", "logsumexp", "lookup", ".__rpow__"),
        "elementary: `benchmarks/elementary.py`",
    ),
    **dict.fromkeys(
        (
            *("Events", "FileError", "FixedArray", "FixedOverflowError", "Format", "FormatError"),
            *("MatmulPlan", "Overflow", "Rounding", "random", "record", "seed", "seeded"),
            *("full_precision", "get_num_threads", "set_num_threads"),
        ),
        "does nothing with elements",
    ),
    **dict.fromkeys(("load", "save", "from_mem", "to_mem"), "files"),
    **dict.fromkeys(("explain_matmul", "einsum_path"), "explains, computes nothing"),
    **dict.fromkeys(
        (
            *(".dtype", ".shape", ".ndim", ".size", ".itemsize", ".nbytes", ".device", ".format"),
            *(".to_device", ".__len__", ".__hash__", ".__iter__", ".base", ".flags", ".strides"),
        ),
        "looks at no element",
    ),
    **dict.fromkeys((".__repr__", ".__str__", ".__format__"), "text"),
    **dict.fromkeys((".__rlshift__", ".__rrshift__"), "a count is no FixedArray: it raises"),
    **dict.fromkeys(
        (
            *(".__array_ufunc__", ".__array_function__", ".__array_namespace__", ".__setstate__"),
            *(".__new__", ".__init__", ".__reduce__", ".__doc__", ".__delitem__"),
        ),
        "Python and NumPy call it",
    ),
}

_OF_ONE = (
    *("abs", "absolute", "ceil", "floor", "negative", "positive", "round", "sign", "square"),
    *("trunc", "all", "any", "argmax", "argmin", "count_nonzero", "cumprod", "cumsum", "diff"),
    *("max", "mean", "min", "prod", "ptp", "std", "sum", "var", "argsort", "argwhere", "ediff1d"),
    *("flatnonzero", "nonzero", "sort", "trim_zeros", "unique", "unique_all", "unique_counts"),
    *("unique_inverse", "unique_values", "flip", "atleast_1d", "atleast_2d", "atleast_3d", "copy"),
    *("ravel", "squeeze", "transpose", "permute_dims", "histogram", "histogram_bin_edges"),
    *("median", "ones_like", "zeros_like"),
)
_OF_TWO = (
    *("add", "divide", "divmod", "equal", "floor_divide", "greater", "greater_equal", "less"),
    *("less_equal", "maximum", "minimum", "multiply", "not_equal", "remainder", "subtract"),
    *("append", "array_equal", "array_equiv", "intersect1d", "isin", "setdiff1d", "setxor1d"),
    *("union1d", "broadcast_arrays", "allclose", "isclose", "inner", "vdot", "vecdot", "dot"),
)
_OF_A_LIST = ("block", "column_stack", "concatenate", "dstack", "hstack", "stack", "vstack")
_OF_ROWS = ("diagonal", "fliplr", "flipud", "matrix_transpose", "rot90", "tril", "triu", "trace")
_OF_NO_ARGUMENT = (
    *("copy", "ravel", "flatten", "transpose", "squeeze", "sort", "argsort", "nonzero", "sum"),
    *("mean", "prod", "min", "max", "var", "std", "cumsum", "cumprod", "argmax", "argmin"),
    *("any", "all", "round"),
)
_BINARY = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>", "matmul": "@",
}  # fmt: skip
_OPERANDS = {  # of an operator: the array's, the other's; and NumPy's where it needs others
    "pow": ("a", "3"),
    "lshift": ("a", "counts", "i", "counts"),
    "rshift": ("a", "counts", "i", "counts"),
    "matmul": ("square", "square2"),
    **dict.fromkeys(("and", "or", "xor"), ("a", "b", "i", "j")),
}
_COMPARISONS = {"lt": "<", "le": "<=", "eq": "==", "ne": "!=", "gt": ">", "ge": ">="}


def _operators():
    """Operator's method -> a statement, or ours and NumPy's."""
    found = {}
    for name, sign in _BINARY.items():
        a, b, *numpys = _OPERANDS.get(name, ("a", "b"))
        x, y = numpys or (a, b)
        found[f".__{name}__"] = f"{a} {sign} {b}", f"{x} {sign} {y}"
        # NumPy's arrays take two operands of theirs; ours here a number.
        number = "numbers" if name == "matmul" else "2"
        if name not in ("pow", "lshift", "rshift"):
            found[f".__r{name}__"] = (
                f"{number} {sign} {b if name == 'matmul' else a}",
                (f"{number} {sign} {y if name == 'matmul' else x}"),
            )
        # In place, so that values stay as they are.
        one = {"pow": "1", "matmul": "identity", "lshift": "0", "rshift": "0"}.get(name, "ones")
        target = "c_square" if name == "matmul" else "c"
        mine, theirs = (target, target) if not numpys else (target, "k")
        if numpys and one == "ones":
            found[f".__i{name}__"] = f"{mine} {sign}= {one}", f"{theirs} {sign}= i_ones"
        else:
            found[f".__i{name}__"] = f"{mine} {sign}= {one}", f"{theirs} {sign}= {one}"
    for name, sign in _COMPARISONS.items():
        found[f".__{name}__"] = f"a {sign} b"
    return found


# Public name (a method's with a point): a statement, or ours and NumPy's. m is fxtypes or NumPy.
CALLS = {
    **{name: f"m.{name}(a)" for name in _OF_ONE},
    **{name: f"m.{name}(a, b)" for name in _OF_TWO},
    **{name: f"m.{name}([a, b])" for name in _OF_A_LIST},
    **{name: f"m.{name}(rows)" for name in _OF_ROWS},
    **{name: f"m.{name}(rows, 2, 1)" for name in ("array_split", "split")},
    **{
        name: (f"fx.{name}(a, b)", f"np.{name}(i, j)")
        for name in ("bitwise_and", "bitwise_or", "bitwise_xor")
    },
    **{
        name: (f"fx.{name}(a, counts)", f"np.{name}(i, counts)")
        for name in ("left_shift", "right_shift")
    },
    **{name: f"m.{name}(a, few)" for name in ("convolve", "correlate", "kron", "outer")},
    "invert": ("fx.invert(a)", "np.invert(i)"),
    "hsplit": "m.hsplit(rows, 2)",
    "vsplit": ("fx.vsplit(rows, 5)", "np.vsplit(rows, 5)"),
    "dsplit": "m.dsplit(cube, 2)",
    "cross": "m.cross(triples, triples2)",
    "einsum": "m.einsum('ij,kj->ik', rows, rows2)",
    "matmul": "m.matmul(square, square2)",
    "matrix_power": ("fx.matrix_power(square, 2)", "np.linalg.matrix_power(square, 2)"),
    "multi_dot": (
        "fx.multi_dot([square, square2, square])",
        "np.linalg.multi_dot([square, square2, square])",
    ),
    "matvec": "m.matvec(rows, row)",
    "vecmat": "m.vecmat(row, rows.T)",
    "tensordot": "m.tensordot(rows, rows2, (1, 1))",
    "argpartition": "m.argpartition(a, 5)",
    "partition": "m.partition(a, 5)",
    "clip": "m.clip(a, 0, 1)",
    "choose": "m.choose(zeros, [a, b])",
    "select": "m.select([mask], [a], b)",
    "where": "m.where(mask, a, b)",
    "digitize": "m.digitize(a, bins)",
    "searchsorted": "m.searchsorted(ordered, a)",
    "lexsort": "m.lexsort([a, b])",
    "insert": "m.insert(a, 3, b[0])",
    "delete": "m.delete(a, 3)",
    "pad": "m.pad(a, 3)",
    "arange": ("fx.arange(n, format=fmt)", "np.arange(n, dtype=float)"),
    "linspace": ("fx.linspace(0, 1, n, format=fmt)", "np.linspace(0, 1, n)"),
    "eye": ("fx.eye(side, format=fmt)", "np.eye(side)"),
    "empty": ("fx.empty(n, fmt)", "np.zeros(n)"),  # ours holds 0
    "empty_like": ("fx.empty_like(a)", "np.zeros_like(a)"),
    "zeros": "m.zeros(n, fmt)",
    "ones": "m.ones(n, fmt)",
    "full": "m.full(n, 1, fmt)",
    "full_like": "m.full_like(a, 1)",
    "from_bits": ("fx.from_bits(bits, fmt)", "bits.astype(float)"),
    "array": ("fx.array(x, fmt)", "np.rint(x * 2.0**16).astype(np.int64)"),
    "broadcast_to": "m.broadcast_to(a, (3, n))",
    "compress": "m.compress(mask, a)",
    "extract": "m.extract(mask, a)",
    "diag": "m.diag(row)",
    "diagflat": "m.diagflat(row)",
    "expand_dims": "m.expand_dims(a, 0)",
    "meshgrid": "m.meshgrid(row, row)",
    "moveaxis": "m.moveaxis(rows, 0, 1)",
    "repeat": "m.repeat(a, 2)",
    "reshape": "m.reshape(a, (2, -1))",
    "resize": "m.resize(a, 2 * n)",
    "roll": "m.roll(a, 3)",
    "rollaxis": "m.rollaxis(rows, 1)",
    "sliding_window_view": (
        "fx.sliding_window_view(a, 5)",
        "np.lib.stride_tricks.sliding_window_view(a, 5)",
    ),
    "swapaxes": "m.swapaxes(rows, 0, 1)",
    "take": "m.take(a, index)",
    "take_along_axis": "m.take_along_axis(a, index, 0)",
    "tile": "m.tile(a, 3)",
    "unstack": "m.unstack(rows.T)",
    "percentile": "m.percentile(a, 30)",
    "quantile": "m.quantile(a, 0.3)",
    "average": "m.average(a, weights=b)",
    "corrcoef": "m.corrcoef(rows, rowvar=False)",
    "cov": "m.cov(rows, rowvar=False)",
    "gradient": "m.gradient(a)",
    "norm": ("fx.norm(a)", "np.linalg.norm(a)"),
    "trapezoid": "m.trapezoid(a)",
    "interp": "m.interp(a, [-1, 0, 1], [1, 0.5, 2])",
    "linear_combination": ("fx.linear_combination([1, 0.5], [a, b], fmt)", "1 * a + 0.5 * b"),
    "root_of_squares": (
        "fx.root_of_squares([1, 0.5], [a, b], fmt)",
        "np.sqrt(a * a + 0.5 * b * b)",
    ),
    "combination_with_quotient": (
        "fx.combination_with_quotient([1], [a], 0.5, a, b, 1, fmt)",
        "a + 0.5 * a / (np.maximum(b, 1e-5) + 1)",
    ),
    "copyto": "m.copyto(c, b, where=mask)",
    "fill_diagonal": "m.fill_diagonal(c_square, 1)",
    "place": "m.place(c, mask, b)",
    "put": "m.put(c, index, b)",
    "put_along_axis": "m.put_along_axis(c, index, b, 0)",
    "putmask": "m.putmask(c, mask, b)",
    "random.uniform": ("fx.random.uniform(n, fmt)", "generator.uniform(size=n)"),
    "random.normal": ("fx.random.normal(n, fmt)", "generator.normal(size=n)"),
    **{f".{name}": f"a.{name}()" for name in _OF_NO_ARGUMENT},
    ".sort": "c.sort()",
    ".ptp": ("a.ptp()", "np.ptp(a)"),
    ".from_raw": ("FixedArray.from_raw(raw, fmt)", "raw.astype(float)"),
    ".to_bits": ("a.to_bits()", "bits.astype(np.uint64)"),
    ".raw": ("a.raw", "a.view()"),
    ".words": ("a.words", "a.view()"),
    ".T": "a.T",
    ".flat": "a.flat",
    ".real": "a.real",
    ".imag": "a.imag",
    ".tobytes": "a.tobytes()",
    ".as_integer_ratio": "s.as_integer_ratio()",
    ".mT": "rows.mT",
    ".to_numpy": ("a.to_numpy()", "i.astype(float)"),
    ".__array__": ("a.__array__()", "i.astype(float)"),
    ".tolist": "a.tolist()",
    ".to_fractions": ("a.to_fractions()", "a.astype(object)"),
    ".item": "s.item()",
    ".__float__": "float(s)",
    ".__int__": "int(s)",
    ".__bool__": "bool(s)",
    ".__complex__": "complex(s)",
    ".__trunc__": ("math.trunc(s)", "math.trunc(float(s))"),
    ".__floor__": ("math.floor(s)", "math.floor(float(s))"),
    ".__ceil__": ("math.ceil(s)", "math.ceil(float(s))"),
    ".__round__": ("round(s)", "round(float(s))"),
    ".__contains__": "1.5 in a",
    ".__copy__": "copy.copy(a)",
    ".__deepcopy__": "copy.deepcopy(a)",
    ".__getitem__": "a[3]",
    ".__setitem__": "c[3] = 1.5",
    ".__neg__": "-a",
    ".__pos__": "+a",
    ".__abs__": "abs(a)",
    ".__invert__": ("~a", "~i"),
    ".__divmod__": "divmod(a, b)",
    ".__rdivmod__": "divmod(2, b)",
    ".astype": ("a.astype(other)", "a.astype(np.float32)"),
    ".view_as": ("a.view_as(other_point)", "a.view(np.int64)"),
    ".reshape": "a.reshape(2, -1)",
    ".swapaxes": "rows.swapaxes(0, 1)",
    ".fill": "c.fill(1)",
    ".partition": "c.partition(5)",
    ".argpartition": "a.argpartition(5)",
    ".searchsorted": "ordered.searchsorted(a)",
    ".take": "a.take(index)",
    ".put": "c.put(index, b)",
    ".repeat": "a.repeat(2)",
    ".compress": "a.compress(mask)",
    ".diagonal": "rows.diagonal()",
    ".clip": "a.clip(0, 1)",
    ".dot": "a.dot(b)",
    ".trace": "rows.trace()",
    **_operators(),
}

# Names above, called in other ways.
MORE = (
    *("a + 2", "a + 0.5", "a * 3", "a / 3", "2 / a", "a // 3", "a % 3", "a < 1.3", "a >= 1.3"),
    *("a == 1.5", "a ** 2", "a ** 7", "m.round(a, 1)", "m.round(a, -1)", "m.prod(rows, axis=0)"),
    *("m.prod(rows, axis=1)", "m.sum(rows, axis=0)", "m.sum(rows, axis=1)", "m.mean(rows, axis=0)"),
    *("m.std(rows, axis=0)", "m.max(rows, axis=0)", "m.argmax(rows, axis=0)", "m.sort(rows, 0)"),
    *("m.cumsum(rows, 0)", "m.cumprod(rows, 0)", "m.sum(a, where=mask)", "m.add(a, b, out=c)"),
    *("m.add(a, b, where=mask, out=c)", "m.diff(a, 2)", "a[mask]", "a[index]", "a[::2]"),
    *("c[mask] = 1", "c[index] = b", "c[...] = x", "a + x", "a < x", "m.isclose(a, x)"),
    *("m.where(mask, a, 1)", "m.clip(a, None, 1)", "np.add.reduce(a)", "np.add.accumulate(a)"),
    *("np.add.reduceat(a, [0, 3])", "np.add.outer(row, row)", "np.signbit(a)", "np.fmax(a, b)"),
    ("a.to_numpy(np.float32)", "a.astype(np.float32)"),
    ("a.to_numpy(np.int64)", "a.astype(np.int64)"),
    ("fx.array(x32, fmt)", "np.rint(x32 * np.float32(2**16)).astype(np.int64)"),
    ("fx.array(i, fmt)", "i.astype(float)"),
    ("fx.matmul(square, square2, accumulator=fmt)", "square @ square2"),
    ("fx.multiply(a, b, format=other)", "a * b"),
    ("fx.sum(a, format=other)", "np.sum(a)"),
    *("m.gradient(a, 0.1)", "m.gradient(a, edge_order=2)", "m.trapezoid(a, b)"),
    *("m.histogram(a, weights=b)", "m.average(rows, 0, weights=lengths)"),
    *("m.pad(a, 3, 'mean')", "m.pad(a, 3, 'linear_ramp')"),
    ("fx.norm(a, 1)", "np.linalg.norm(a, 1)"),
    ("fx.norm(a, np.inf)", "np.linalg.norm(a, np.inf)"),
    ("fx.norm(rows, axis=0)", "np.linalg.norm(rows, axis=0)"),
)


_PYTHON = "Python's integers, as NumPy has none of 128 bits"
_ONE_BY_ONE = "every step is rounded, one after the other; NumPy's BLAS adds in any order"
_BOTH, _LARGE, _SMALL = ("large", "small"), ("large",), ("small",)
_READS = "a few microseconds of Python a call: it reads what it is given and plans"
_SQUARES = "exact sums of squares of 128 bits and more"
_FEW_COLUMNS = "NumPy's BLAS; an exact product with one column fills no vectors"
# What may be over its limit, and why: a statement of ours -> sizes, the least width, the reason.
EXCEPTIONS = {
    "a.raw": (_BOTH, 128, _PYTHON),
    "a.to_bits()": (_BOTH, 128, _PYTHON),
    "a.to_fractions()": (_BOTH, 8, "Python's Fractions are made"),
    "fx.matmul(square, square2, accumulator=fmt)": (_BOTH, 64, _ONE_BY_ONE),
    "fx.multi_dot([square, square2, square])": (_SMALL, 8, _READS),
    "fx.root_of_squares([1, 0.5], [a, b], fmt)": (_LARGE, 64, f"{_SQUARES}, and their roots"),
    "fx.combination_with_quotient([1], [a], 0.5, a, b, 1, fmt)": (
        _LARGE,
        128,
        "quotients of 256 bits by 128",
    ),
    "fx.random.normal(n, fmt)": (_BOTH, 8, "in integers, from 64 bits: the same bits everywhere"),
    "m.einsum('ij,kj->ik', rows, rows2)": (_SMALL, 8, _READS),
    **{
        name: (_LARGE, 64, _FEW_COLUMNS)
        for name in ("m.matvec(rows, row)", "m.vecmat(row, rows.T)")
    },
    "m.cross(triples, triples2)": (_BOTH, 64, "differences of products of 128 bits and more"),
    "np.add.reduceat(a, [0, 3])": (_SMALL, 128, _READS),
    "fx.random.uniform(n, fmt)": (_LARGE, 128, "two words are drawn for each"),
    "a.to_numpy(np.float32)": (_LARGE, 128, "rounded to odd first, so that it is rounded once"),
}


def public_names():
    """Everything that a row has to stand for: functions, methods (.name) and operators."""
    names = {*fx.__all__, *(f"random.{name}" for name in fx.random.__all__)}
    of_all = {"__init_subclass__", "__subclasshook__"} | {
        name
        for name in dir(object)
        if getattr(fx.FixedArray, name, None) is getattr(object, name, None)
    }
    return names | {
        f".{name}"
        for name in dir(fx.FixedArray)
        if name not in of_all and (name.startswith("__") or not name.startswith("_"))
    }


def statements():
    """Ours -> NumPy's, of all rows; a call of two names once."""
    rows = (*CALLS.values(), *MORE)
    return dict((row, row) if isinstance(row, str) else row for row in rows)


def operands(size, width):
    """The names that the statements have; width None: NumPy's, of float64."""
    n = SIZES[size]
    rng = np.random.default_rng(1)
    side = {"large": 100, "small": 3}[size]
    shape = {"large": (1000, 100), "small": (5, 2)}[size]
    integers = rng.integers(-100, 100, n)
    names = {
        **{"np": np, "math": math, "copy": copy, "generator": rng, "n": n, "side": side},
        **{"i": integers, "j": integers[::-1].copy(), "k": integers.copy(), "raw": integers},
        **{"i_ones": np.ones_like(integers), "bits": integers + 100},
        **{"index": rng.integers(0, n, n), "mask": rng.random(n) < 0.5},
        **{"zeros": np.zeros(n, np.int8), "counts": rng.integers(-3, 4, n)},
        "lengths": np.arange(1, shape[0] + 1),
        **{"x": integers / 16, "x32": (integers / 16).astype(np.float32)},
        **{"numbers": rng.integers(-3, 3, (side, side)) / 2},
    }
    number = format_of(width or 32)
    # Below 2 in magnitude: most results stay in range.
    drawn = fx.Format(number.frac_bits + 2, number.frac_bits)
    if width is None:
        names |= {"m": np, "fmt": np.float64}
    else:
        names |= {"m": fx, "fx": fx, "FixedArray": fx.FixedArray, "fmt": number}
        names["other"] = names["other_point"] = fx.Format(width, width // 2 - 2)

    def make(shape, seed):
        a = anything(drawn, shape, seed)
        return a.astype(number) if width else a.to_numpy()

    return names | {
        **{"a": make((n,), 0), "b": make((n,), 1), "c": make((n,), 2), "s": make((1,), 3)[0]},
        **{"few": make((8,) if size == "large" else (3,), 4), "row": make((shape[1],), 5)},
        **{"rows": make(shape, 6), "rows2": make((shape[1], shape[1]), 7)},
        **{"cube": make((*shape, 2), 8), "triples": make((n // 3, 3), 9)},
        **{"triples2": make((n // 3, 3), 10), "square": make((side, side), 11)},
        **{"square2": make((side, side), 12), "c_square": make((side, side), 13)},
        **{"identity": names["m"].eye(side, **({"format": number} if width else {}))},
        **{"ones": names["m"].ones(n, names["fmt"]), "ordered": names["m"].sort(make((n,), 14))},
        "bins": names["m"].sort(make((100,), 15)),
    }


# timeit would take what an operator in place assigns to for its own.
_CHANGED = "global c, c_square, k"


def measured(options):
    """{statement: {(size, width): (ratio, NumPy's seconds)}}."""
    found = {}
    spaces = {
        (size, width): operands(size, width)
        for size in options.sizes
        for width in (None, *options.bits)
    }
    chosen = {mine: numpys for mine, numpys in statements().items() if options.only in mine}
    for mine, numpys in chosen.items():
        found[mine] = {}
        for size in options.sizes:
            seconds = {"large": 0.003, "small": 0.001}[size]
            timers = {
                width: Timer(
                    f"{_CHANGED}; {numpys if width is None else mine}", spaces[size, width], seconds
                )
                for width in (None, *options.bits)
            }
            least = least_times(timers, options.repetitions)
            found[mine] |= {(size, w): (least[w] / least[None], least[None]) for w in options.bits}
    return found


def limit(size, width, numpys):
    """The largest ratio, where NumPy's call takes so many seconds."""
    if size == "small" or numpys < CALL:
        return LIMIT_OF_CALLS
    return LIMIT_128 if width > 64 else LIMIT


def excused(mine, size, width):
    sizes, least, _ = EXCEPTIONS.get(mine, ((), 0, None))
    return size in sizes and width >= least


def excess(mine, ratios):
    """By how much it is over its limit, at worst, and where nothing excuses it."""
    over = {place: ratio / limit(*place, numpys) for place, (ratio, numpys) in ratios.items()}
    without = [o for place, o in over.items() if not excused(mine, *place)]
    return max(over.values()), max(without, default=0)


def tables(found, options):
    """All rows, the worst first; those with a reason, and the others."""
    ordered = sorted(found, key=lambda mine: -excess(mine, found[mine])[0])
    heads = [f"{SIZES[size]:,}, at {widths(options)} bits" for size in options.sizes]
    excepted, usual = [], []
    for mine in ordered:
        cells = [
            " / ".join(shown(size, w, *found[mine][size, w]) for w in options.bits)
            for size in options.sizes
        ]
        label = f"`{mine.replace('|', chr(92) + '|')}`"
        if mine in EXCEPTIONS:
            excepted.append([label, *cells, EXCEPTIONS[mine][2]])
        else:
            usual.append([label, *cells])
    parts = [table(["over its limit", *heads, "why"], excepted)] if excepted else []
    return "\n\n".join([*parts, table(["call", *heads], usual)])


def shown(size, width, ratio, numpys):
    text = f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"
    return f"**{text}**" if ratio > limit(size, width, numpys) else text


def widths(options):
    return " / ".join(map(str, options.bits))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_choices(parser, {"bits": WIDTHS, "sizes": SIZES})
    parser.add_argument("--only", default="", metavar="TEXT", help="calls that have this in them")
    parser.add_argument("--repetitions", type=positive, default=5, help="default: %(default)s")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page")
    return parser.parse_args()


def main():
    options = parse()
    begin_anew(ALLOCATOR)
    missing = public_names() - CALLS.keys() - UNTIMED.keys()
    if missing:
        raise SystemExit(f"no call for {', '.join(sorted(missing))}: see CALLS and UNTIMED")
    if options.write:
        around_tables(options.write, "every_function.py")  # or it ends here, not after minutes
    fx.seed(0)
    with np.errstate(all="ignore"):
        found = measured(options)
    about = (
        f"fxtypes {fx.__version__} ({KERNELS} kernels), NumPy {np.__version__}, "
        f"Python {platform.python_version()}, {cpu_name()}, one thread; the least CPU time of "
        f"{options.repetitions} repetitions over NumPy's; over its limit is bold"
    )
    text = f"{tables(found, options)}\n\n{about}"
    if options.write:
        before, after = around_tables(options.write, "every_function.py")
        options.write.write_text(f"{before}\n\n{text}\n\n{after}")
    else:
        print(text)
    over = [mine for mine in found if excess(mine, found[mine])[1] > 1]
    if over:
        raise SystemExit(f"over its limit without a reason: {'; '.join(over)}")


if __name__ == "__main__":
    main()
