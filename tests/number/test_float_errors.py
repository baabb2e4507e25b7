"""No operation lets NumPy report a floating-point error, as a warning or, where asked, an error.

Operands have many elements: CPython compares floats by other code, which leaves the processor's
flags otherwise, once a function has run a few times.
"""

import decimal
import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from checks import raw_list

import fxtypes as fx

N = 100
Q, WIDE = fx.Format(16, 8), fx.Format(128, 64)
HUGE = 1 << 200  # an integer beyond every format: computed in Python
NAN, INF = math.nan, math.inf


def signaling(dtype, bits):
    """A signalling NaN and a number, of a dtype."""
    values = np.ones(N, dtype)
    values[::2] = np.array(bits, f"u{values.itemsize}").view(dtype)
    return values


# Each with NaN in it.
NANS = {
    "float": NAN,
    "numpy.float16": np.float16(NAN),
    "numpy.longdouble": np.longdouble(NAN),
    "Decimal": decimal.Decimal("NaN"),
    "signalling Decimal": decimal.Decimal("sNaN"),
    "list of float": [NAN, 1.5] * (N // 2),
    "list of float, large": [NAN, 2.0**60] * (N // 2),
    "list of float and int": [NAN, 1 << 60] * (N // 2),
    "list of float and Fraction": [NAN, Fraction(1, 3)] * (N // 2),
    "list of numpy.float32": [np.float32(NAN), np.float64(1)] * (N // 2),
    "tuple of Decimal": (decimal.Decimal("NaN"), Fraction(1)) * (N // 2),
    "array of objects": np.array([NAN, 1, INF, Fraction(1, 3)] * (N // 4), object),
    "array of numpy.float16 objects": np.array([np.float16(NAN), 1.5] * (N // 2), object),
    **{f"array of {dtype}": np.array([NAN, 1, INF, -INF] * (N // 4), dtype) for dtype in "efdg"},
    "signalling float16": signaling("f2", 0x7C01),
    "signalling float32": signaling("f4", 0x7F800001),
    "signalling float64": signaling("f8", 0x7FF0000000000001),
}
WITH_NAN = {
    "==": lambda a, other: a == other,
    "!=": lambda a, other: a != other,
    "<": lambda a, other: a < other,
    "<=": lambda a, other: a <= other,
    ">": lambda a, other: a > other,
    ">=": lambda a, other: a >= other,
    "== reflected": lambda a, other: np.equal(other, a),
    "less with out and where": lambda a, other: np.less(
        a, other, out=np.ones(N, bool), where=np.arange(N) < 50
    ),
    "in": lambda a, other: np.ravel(other)[0] in a,
    "isclose": lambda a, other: fx.isclose(a, other),
    "isclose reflected": lambda a, other: np.isclose(other, a),
    "allclose": lambda a, other: np.allclose(a, other, rtol=0.5),
    "array_equal": lambda a, other: np.array_equal(a, other),
    "array_equiv": lambda a, other: np.array_equiv(a, other),
    "isin": lambda a, other: fx.isin(a, other),
    "isin, inverted": lambda a, other: np.isin(a, other, invert=True),
    "setdiff1d": lambda a, other: fx.setdiff1d(a, other),
    "add where": lambda a, other: fx.add(a, other, where=np.arange(N) % 2 == 1),
    "copyto where": lambda a, other: np.copyto(a.copy(), other, where=np.arange(N) % 2 == 1),
    # A NaN has no fixed-point value: ValueError.
    "array": lambda a, other: fx.array(other, Q),
    "add": lambda a, other: a + other,
    "divide": lambda a, other: a / other,
    "matmul": lambda a, other: a @ np.ravel(other),
    "minimum": lambda a, other: np.minimum(a, other),
    "maximum": lambda a, other: np.fmax(a, other),
    "clip": lambda a, other: np.clip(a, other, None),
    "power": lambda a, other: a**other,
    "left_shift": lambda a, other: fx.left_shift(a, other),
    "assignment": lambda a, other: a.copy().__setitem__(..., other),
    "fill": lambda a, other: fx.full(N, other, Q),
    "concatenate": lambda a, other: fx.concatenate([a, np.ravel(other)]),
    "where": lambda a, other: fx.where(a > 0, a, other),
    "searchsorted": lambda a, other: fx.searchsorted(a, other),
    "digitize": lambda a, other: fx.digitize(a, np.ravel(other)),
    "union1d": lambda a, other: np.union1d(a, other),
    "copysign": lambda a, other: np.copysign(a, other),
    "heaviside": lambda a, other: np.heaviside(a, other),
    "quantile": lambda a, other: fx.quantile(a, other),
    "interp": lambda a, other: fx.interp(other, a, a),
    "histogram": lambda a, other: fx.histogram(a, np.ravel(other)),
    "sum with initial": lambda a, other: fx.sum(a, initial=np.ravel(other)[0]),
    "from_raw": lambda a, other: fx.FixedArray.from_raw(other, Q),
}


def operand():
    return fx.array(np.linspace(-3, 3, N), Q)


def tiny_and_huge():
    """Values that overflow and underflow as float16 and float32."""
    powers = [Fraction(2) ** n for n in range(-250, -120)]
    small = fx.array([p * 3 for p in powers], fx.Format(128, 256))
    large = fx.array([1 / p for p in powers], fx.Format(128, -128))
    return small, large


SMALL, LARGE = tiny_and_huge()
FLOATS = np.array([0.3, -2.5, INF, -INF, 5e-324, 1e308, -1e-310, 0.0] * 20)
with np.errstate(all="ignore"):
    NARROW = [FLOATS.astype(dtype) for dtype in "efdg"]
OTHERS = {
    **{f"to {d} {name}": lambda d=d, x=x: x.to_numpy(d)
       for d in ("e", "f", "d", "g") for name, x in (("small", SMALL), ("large", LARGE))},
    **{f"from {x.dtype}": lambda x=x: fx.array(x, Q) for x in NARROW},
    "from subnormal numbers": lambda: fx.array(FLOATS, fx.Format(128, 256)),
    "from objects": lambda: fx.array(FLOATS.astype(object), Q),
    "from strings": lambda: fx.array(["1e-400", "1e999999", "-inf", "0.1"] * 20, WIDE),
    "wrap": lambda: fx.array(FLOATS[[0, 1, 4, 6]], fx.Format(8, 2, overflow="wrap")),
    "raise": lambda: fx.array(FLOATS, fx.Format(8, 2, overflow="raise")),
    "stochastic": lambda: fx.array(FLOATS, fx.Format(8, 2, rounding="stochastic")),
    "compare with floats": lambda: fx.broadcast_to(SMALL[:1], FLOATS.shape) < FLOATS,
    "compare with objects": lambda: operand() < FLOATS.astype(object)[:N],
    "compare with large integers": lambda: operand() < [HUGE, -HUGE] * (N // 2),
    "add a large integer": lambda: operand() + HUGE,
    "divide by a large integer": lambda: operand() / HUGE,
    "divide a large integer by 0": lambda: HUGE / operand()[:1].astype(Q) ** 0,
    "bits of a large integer": lambda: operand() & HUGE,
    "clip to large integers": lambda: fx.clip(operand(), -HUGE, HUGE),
    "shift": lambda: fx.left_shift(operand(), [-(1 << 80), 1 << 80] * (N // 2)),
    "shift by objects": lambda: fx.right_shift(operand(), np.array([1, HUGE] * 50, object)),
    "power": lambda: operand() ** -3,
    "power of floats": lambda: abs(operand()) ** ([0.5, -1.5e-300, 1e300, 2] * (N // 4)),
    "power of a number": lambda: 1e-3 ** operand(),
    "power of objects": lambda: fx.power(operand(), np.array([3, 2] * 50, object)),
    "divide by 0": lambda: fx.divide(operand(), 0, format=Q),
    "round to tens": lambda: fx.round(fx.array(FLOATS[:2], fx.Format(128, 100)), 30),
    "float": lambda: float(SMALL[0]) + float(LARGE[-1]),
    "text": lambda: f"{SMALL:.3e} {LARGE:.2f} {operand():g} {SMALL!r} {LARGE!s}",
    "matmul": lambda: fx.matmul(fx.ones((70, 70), Q), fx.ones((70, 70), Q)),
    "matmul, wide": lambda: fx.matmul(fx.full((9, 9), 1e18, WIDE), fx.full((9, 9), 1e18, WIDE)),
    "accumulator": lambda: fx.matmul(operand(), operand(), Q, Q),
    "einsum": lambda: fx.einsum("i,j,k->ijk", *[operand()[:9]] * 3),
    "convolve": lambda: fx.convolve(operand(), operand()),
    "gradient": lambda: np.gradient(operand()),
    "cumprod": lambda: fx.cumprod(operand()),
    "linspace": lambda: fx.linspace(-1e300, 1e300, 50, format=Q),
    "arange": lambda: fx.arange(0, 1e-3, 1e-5, format=WIDE),
    "random": lambda: fx.random.normal(N, Q, seed=1) + fx.random.uniform(N, Q, seed=1),
    "histogram": lambda: fx.histogram(operand(), 7),
    "percentile": lambda: fx.percentile(operand(), [0.1, 33.3, 100]),
    "interp": lambda: fx.interp(operand(), [-1, 0, 1], [0, 1e-9, 5]),
    **{name: lambda name=name: getattr(fx, name)(operand())
       for name in ("sum", "mean", "var", "std", "ptp", "median", "min", "argmax", "sort",
                    "exp", "tanh", "sigmoid", "softmax", "logsumexp", "sign", "abs", "unique")},
    **{f"{name}, wide": lambda name=name: getattr(fx, name)(abs(operand()).astype(WIDE) + 1)
       for name in ("exp", "log", "sqrt", "var", "std", "prod", "softmax")},
}  # fmt: skip


def content(found):
    if isinstance(found, fx.FixedArray):
        return found.format, found.shape, raw_list(found)
    if isinstance(found, tuple | list):
        return [content(part) for part in found]
    if isinstance(found, np.ndarray):
        return found.dtype, found.tolist()
    return type(found), found


def outcome(call, report):
    """What a call gives or raises, with floating-point errors reported as `report` says."""
    with np.errstate(all=report), warnings.catch_warnings(), fx.seeded(1):
        warnings.simplefilter("error" if report == "warn" else "ignore")
        try:
            return content(call())
        except Exception as error:
            return type(error), str(error)


def check(call):
    expected = outcome(call, "ignore")
    for report in ("warn", "raise"):
        for _ in range(2):
            assert outcome(call, report) == expected
    return expected


@pytest.mark.parametrize("name", WITH_NAN)
def test_nan(name):
    for label, other in NANS.items():
        a = operand()
        expected = check(lambda other=other, a=a: WITH_NAN[name](a, other))
        assert expected[0] not in (FloatingPointError, RuntimeWarning), label


@pytest.mark.parametrize("name", OTHERS)
def test_numbers(name):
    check(OTHERS[name])


def test_what_is_asked_for_stays_in_force():
    with np.errstate(all="raise"):
        before = np.geterr()
        operand() == [NAN, 1 << 60] * (N // 2)  # noqa: B015
        assert np.geterr() == before
        with pytest.raises(FloatingPointError):
            np.float64(1) / np.zeros(1)
