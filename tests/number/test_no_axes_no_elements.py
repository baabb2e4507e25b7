"""0-d and empty operands: results and errors as NumPy's on float64, through all functions.

Each call is made with a float64 array and with a FixedArray of the same values. Both give
the same shapes and values, or ours raises an error of NumPy's type.
"""

import itertools

import numpy as np
import pytest

import fxtypes as fx

FORMAT = fx.Format(16, 8)
OPERANDS = {
    "0-d": np.array(1.5),
    "(0,)": np.zeros(0),
    "(0, 3)": np.zeros((0, 3)),
    "(3, 0)": np.zeros((3, 0)),
    "(2, 0, 3)": np.zeros((2, 0, 3)),
    "(0, 0)": np.zeros((0, 0)),
}
AXES = [None, 0, -1, 1, (0, 1), (0,), ()]
ONE_AXIS = [None, 0, -1, 1]
INDICES = [0, -1, 1, [0], [], [[0]]]

# Names of calls that begin so, and why ours answers otherwise.
DIFFERENT = {
    "median(axis=()": "NumPy can't reshape",
    "quantile": "NumPy's IndexError, or a failing reshape, is an accident: ours is a ValueError",
    "percentile": "as quantile",
    "average(axis": "of no elements NumPy divides by zero, also where there is no result",
}
EXACT = ("mean", "median", "var", "std", "average")  # of nothing NaN, by the contract ValueError


def looked_up(name):
    found = np
    for part in name.split("."):
        found = getattr(found, part)
    return found


def calls():
    """{name: function of an array}"""
    found = {}

    def add(name, *args, **kwargs):
        shown = ", ".join([*map(repr, args), *(f"{k}={v!r}" for k, v in kwargs.items())])
        found[f"{name}({shown})"] = lambda a: looked_up(name)(a, *args, **kwargs)

    def method(name, *args, **kwargs):
        found[f".{name}{args}{kwargs or ''}"] = lambda a: getattr(a.copy(), name)(*args, **kwargs)

    reductions = ["sum", "prod", "min", "max", "ptp", "any", "all", "count_nonzero"]
    for name, axis in itertools.product([*reductions, "mean", "median", "var", "std"], AXES):
        add(name, axis=axis)
        add(name, axis=axis, keepdims=True)
    for name, axis in itertools.product(["sum", "prod", "min", "max"], AXES):
        add(name, axis=axis, initial=1)
    for name, axis in itertools.product(["argmin", "argmax"], ONE_AXIS):
        add(name, axis=axis)
        add(name, axis=axis, keepdims=True)
    along = ["cumsum", "cumprod", "cumulative_sum", "cumulative_prod", "sort", "argsort", "flip"]
    along += ["concatenate", "unique", "average", "squeeze", "expand_dims"]
    for name, axis in itertools.product(along, ONE_AXIS):
        add(name, axis=axis)
    for name, axis in itertools.product(["diff", "unstack"], [0, -1, 1]):
        add(name, axis=axis)
    for name, axis in itertools.product(["sort", "argsort", "cumsum", "mean", "ptp"], [0, -1, 1]):
        if hasattr(np.ndarray, name):
            method(name, axis=axis)
    for name, k, axis in itertools.product(["partition", "argpartition"], INDICES, ONE_AXIS):
        add(name, k, axis=axis)
    for k, axis, mode in itertools.product(INDICES, ONE_AXIS, ["raise", "clip"]):
        add("take", k, axis=axis, mode=mode)
    for axis in ONE_AXIS:
        add("repeat", 2, axis=axis)
        add("insert", 0, 1, axis=axis)
        add("delete", 0, axis=axis)
        add("roll", 1, axis=axis)
        add("append", 1, axis=axis)
        add("quantile", 0.5, axis=axis)
        add("percentile", 50, axis=axis)
        add("array_split", 2) if axis is None else add("array_split", 2, axis=axis)
    for name, axis in itertools.product(["add", "multiply", "maximum", "minimum"], AXES):
        add(f"{name}.reduce", axis=axis)
        add(f"{name}.accumulate", axis=axis)
        for starts in ([0], [], [0, 0], [1]):
            add(f"{name}.reduceat", starts, axis=axis)
    for name in ("add", "maximum"):
        add(f"{name}.outer", 2)
        for key in (0, [0], [], (), Ellipsis, [True], False):
            found[f"{name}.at({key})"] = lambda a, name=name, key=key: at(name, a.copy(), key)
    widths = [0, 1, (0, 0), (1, 2), ((1, 1),), ((1, 1), (1, 0)), []]
    modes = ["constant", "edge", "reflect", "symmetric", "wrap", "minimum", "maximum"]
    modes += ["mean", "median", "linear_ramp"]
    for width, mode in itertools.product(widths, modes):
        add("pad", width, mode=mode)
    names = """
        ravel transpose atleast_1d atleast_2d atleast_3d copy fliplr flipud rot90 trim_zeros
        unique_all unique_counts unique_inverse unique_values nonzero flatnonzero argwhere ediff1d
        diag diagflat diagonal trace tril triu matrix_transpose ndim size shape hstack vstack dstack
        column_stack stack block isreal iscomplex isfinite isneginf logical_not signbit nan_to_num
        real imag negative abs round floor sign square modf zeros_like ones_like meshgrid lexsort
        linalg.trace linalg.diagonal fft.fftshift broadcast_arrays tril_indices_from
        diag_indices_from nanmax nansum len list bool tolist hsplit vsplit dsplit extract
        """
    for name in names.split():
        call = {"len": len, "list": list, "bool": bool, "tolist": lambda a: a.tolist()}.get(name)
        if name == "extract":
            found[name] = lambda a: np.extract(np.ones(a.shape, bool), a)
        elif name in ("hsplit", "vsplit", "dsplit"):
            add(name, 1)
        elif call is not None:
            found[name] = call
        else:
            add(name)
    names = """
        dot vdot inner outer matmul kron convolve correlate array_equal array_equiv allclose isclose
        isin union1d intersect1d setdiff1d setxor1d searchsorted append digitize copysign heaviside
        add maximum divmod equal vecdot matvec vecmat linalg.outer
        """
    for name in names.split():
        found[f"{name}(a, a)"] = lambda a, name=name: looked_up(name)(a, a)
        add(name, 2)
        add(name, [])
    for shape in (-1, (), (0, -1), (1, 1), 0, (2, 2)):
        add("reshape", shape)
        add("resize", shape)
        add("broadcast_to", shape)
    for count in (0, 2, (), (2, 2)):
        add("tile", count)
    for key in (0, -1, (), Ellipsis, None, [], slice(0, 0), True, False, np.array(0), [[]]):
        found[f"[{key!r}]"] = lambda a, key=key: a[key]
        found[f"[{key!r}] = 1"] = lambda a, key=key: assigned(a.copy(), key, 1)
        found[f"[{key!r}] = []"] = lambda a, key=key: assigned(a.copy(), key, [])
    for n in (0, 1, 2):
        add("diff", n)
    for edges in ([], [1.0], [0.0, 1.0, 2.0]):
        add("histogram", edges)
        add("digitize", edges)
    for index, mode in itertools.product([0, -1, 5, []], ["raise", "wrap", "clip"]):
        found[f"put({index}, {mode})"] = lambda a, i=index, m=mode: changed(np.put, a, i, 1, m)
    for values in ([1], []):
        found[f"place({values})"] = lambda a, v=values: changed(np.place, a, all_of(a), v)
        found[f"putmask({values})"] = lambda a, v=values: changed(np.putmask, a, all_of(a), v)
    found["fill_diagonal"] = lambda a: changed(np.fill_diagonal, a, 1)
    found["copyto"] = lambda a: changed(np.copyto, a, 1)
    found["select"] = lambda a: np.select([a > 0], [a])
    found["where"] = lambda a: np.where(a > 0, a, 1)
    found["choose"] = lambda a: np.choose(np.zeros(a.shape, int), [a, a])
    add("clip", 0, 1)
    add("interp", [0, 1], [0, 1])
    add("lib.stride_tricks.sliding_window_view", 1)
    add("lib.stride_tricks.sliding_window_view", ())
    add("linalg.matrix_power", 2)
    return found


def at(name, a, key):
    getattr(np, name).at(a, key, 1.0)
    return a


def assigned(a, key, value):
    a[key] = value
    return a


def all_of(a):
    return np.ones(a.shape, bool)


def changed(function, a, *args):
    a = a.copy()
    function(a, *args)
    return a


CALLS = calls()


def described(found):
    """Shapes and values, whatever holds them."""
    if isinstance(found, tuple | list):
        return tuple(described(part) for part in found)
    if isinstance(found, fx.FixedArray | np.ndarray | np.generic):
        return np.shape(found), np.asarray(found, float).reshape(-1).tolist()
    return found


def outcome(call, a):
    with np.errstate(all="ignore"):
        try:
            return described(call(a))
        except Exception as error:  # compared below
            return error


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("width", [16, 128])
@pytest.mark.parametrize("operand", OPERANDS)
def test_as_numpy(operand, width):
    array = OPERANDS[operand]
    ours = fx.array(array, FORMAT.replace(width=width))
    wrong = []
    for name, call in CALLS.items():
        if any(name.startswith(beginning) for beginning in DIFFERENT):
            continue
        expected, found = outcome(call, array.copy()), outcome(call, ours)
        if isinstance(expected, Exception):
            same = isinstance(found, type(expected))
        elif "nan" in repr(expected):
            same = type(found) is ValueError and name.strip(".").startswith(EXACT)
        else:
            same = found == expected
        if not same:
            wrong.append(f"{name}: NumPy {expected!r}, ours {found!r}")
    assert not wrong, "\n".join(wrong)


def test_the_table_is_long():
    assert len(CALLS) > 700
