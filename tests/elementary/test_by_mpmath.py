"""Every elementary function against mpmath, of far more bits than any result needs.

mpmath's value is taken as the exact one where it isn't near a boundary of rounding by all of these
bits; results that are exact, or hug a dyadic number for longer, are made apart.
"""

import math
import random
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import LAYOUTS, check_stored, fixed, raw_list, some_raws
from mpmath import mp

import fxtypes as fx
from fxtypes import elementary
from fxtypes.elementary import (
    INFINITY,
    NEGATIVE_INFINITY,
    common,
    gaussian,
    inverse_trigonometric,
    registry,
    trigonometric,
)
from fxtypes.elementary.common import Infinity

BITS = 2600  # mpmath's precision
NEGLIGIBLE = 1200  # bits below 1 of what is only known by its sign


# Two numbers are a result as a dyadic number and a rest that may be far too small to be added.
ONE = {
    "arccos": mp.acos,
    "arccosh": mp.acosh,
    "arcsin": mp.asin,
    "arcsinh": mp.asinh,
    "arctan": mp.atan,
    "arctanh": mp.atanh,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "cos": mp.cos,
    "cosh": mp.cosh,
    "erf": lambda x: (mp.sign(x), -mp.sign(x) * mp.erfc(abs(x))) if abs(x) > 1 else mp.erf(x),
    "exp2": lambda x: mp.mpf(2) ** x,
    "expm1": lambda x: (mp.mpf(-1), mp.exp(x)) if x < -1 else mp.expm1(x),
    "gelu": lambda x: (
        (max(x, 0), -abs(x) * mp.erfc(abs(x) / mp.sqrt(2)) / 2)
        if abs(x) > 1
        else x * mp.erfc(-x / mp.sqrt(2)) / 2
    ),
    "log10": mp.log10,
    "log1p": mp.log1p,
    "log2": lambda x: mp.log(x) / mp.ln2,
    "reciprocal": lambda x: 1 / x,
    "rsqrt": lambda x: 1 / mp.sqrt(x),
    "silu": lambda x: (
        (max(x, 0), -abs(x) / (1 + mp.exp(abs(x)))) if abs(x) > 1 else x / (1 + mp.exp(-x))
    ),
    "sin": mp.sin,
    "sinh": mp.sinh,
    "softplus": lambda x: (max(x, 0), mp.log1p(mp.exp(-abs(x)))),
    "sqrt": mp.sqrt,
    "tan": mp.tan,
}
TWO = {
    "arctan2": lambda y, x: mp.atan2(y, x) if x or y else mp.mpf(0),
    "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "logaddexp": lambda x, y: (max(x, y), mp.log1p(mp.exp(-abs(x - y)))),
    "logaddexp2": lambda x, y: (max(x, y), mp.log1p(mp.mpf(2) ** -abs(x - y)) / mp.ln2),
    "power": lambda x, y: x**y,
}
NAMES = [*ONE, *TWO]
INSIDE = {
    "arccos": lambda x: abs(x) <= 1,
    "arccosh": lambda x: x >= 1,
    "arcsin": lambda x: abs(x) <= 1,
    "arctanh": lambda x: abs(x) < 1,
    "log10": lambda x: x > 0,
    "log1p": lambda x: x > -1,
    "log2": lambda x: x > 0,
    "rsqrt": lambda x: x > 0,
    "sqrt": lambda x: x >= 0,
}
# Beyond these magnitudes mpmath takes its time, or overflows; see `test_tails`.
LARGEST = {"erf": 50, "gelu": 50, "expm1": 800, "cosh": 720, "sinh": 720, "exp2": 1100}
GROWING = ("cosh", "exp2", "expm1", "power", "sinh")


def inside(name, *xs):
    if name == "power":
        small = abs(xs[1]) * abs(math.log2(abs(xs[0]))) < 1200 if xs[0] else xs[1] >= 0
        return small and (xs[0] >= 0 or xs[1].denominator == 1)
    if name == "reciprocal":
        return xs[0] != 0
    if abs(xs[0]) > LARGEST.get(name, math.inf):
        return False
    return INSIDE[name](xs[0]) if name in INSIDE else True


def expected(name, xs, out_bits):
    """The result times 2**out_bits, rounded to odd, for Fractions; or an infinity."""
    with mp.workprec(BITS):
        value = (ONE | TWO)[name](*(mp.mpf(x.numerator) / x.denominator for x in xs))
        if isinstance(value, tuple):
            base, rest = value
            if abs(rest) < mp.ldexp(1, -NEGLIGIBLE):
                scaled = mp.ldexp(base, out_bits)
                floor = int(mp.floor(scaled))
                return (floor - (floor == scaled and rest < 0)) | 1
            value = base + rest
        if name in GROWING and abs(value) >= mp.ldexp(1, 1024):
            return INFINITY if value > 0 else NEGATIVE_INFINITY
        scaled = mp.ldexp(value, out_bits)
        nearest, floor = int(mp.nint(scaled)), int(mp.floor(scaled))
        exact = abs(scaled - nearest) < mp.ldexp(1, -NEGLIGIBLE) * max(1, abs(nearest))
        return nearest if exact and (nearest or not scaled) else floor | 1


def arguments(name, rng, width):
    """A raw integer and fraction bits for each argument, in the domain."""
    while True:
        found = []
        for _ in range(2 if name in TWO else 1):
            frac_bits = rng.choice([0, 1, width // 2, width - 2, width + 3, width + 60, -5, 256])
            raw = rng.choice([1, -1]) * rng.getrandbits(rng.randint(1, width))
            if rng.random() < 0.2:
                raw = rng.choice([1, -1]) * (1 << max(frac_bits, 0)) + rng.choice([0, 1, -1, 2])
            found.append((raw, frac_bits))
        if inside(name, *(value_of(*pair) for pair in found)):
            return found


def value_of(raw, frac_bits):
    return Fraction(raw) / Fraction(2) ** frac_bits


def call(name, pairs, out_bits):
    return getattr(elementary, name)(*(v for pair in pairs for v in pair), out_bits)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "count", [pytest.param(40, id="few"), pytest.param(2000, id="many", marks=pytest.mark.long)]
)
def test_random_arguments(name, count):
    rng = random.Random(f"{name} {count}")
    for _ in range(count):
        width = rng.choice([4, 8, 16, 32, 64, 128])
        pairs = arguments(name, rng, width)
        for out_bits in (
            width // 2 + 2,
            rng.choice([-40, -3, 0, 1, 2, width + 2, width + 66, 322]),
        ):
            wanted = expected(name, [value_of(*pair) for pair in pairs], out_bits)
            assert call(name, pairs, out_bits) == wanted, (pairs, out_bits)


@pytest.mark.parametrize("name", NAMES)
def test_tiny_arguments(name):
    """Where the result hugs the first terms of its series, or 1."""
    for frac_bits in (40, 127, 128, 256):
        for raw in (1, -1, 2, 3, -3, 5, 1 << 20):
            pairs = [(raw, frac_bits)]
            if name in ("arccosh", "log2", "log10"):
                pairs = [((1 << frac_bits) + raw, frac_bits)]
            if name == "arccos":
                pairs = [((1 << frac_bits) - abs(raw), frac_bits)]
            if name in TWO:
                pairs = [(raw, frac_bits), (1, 0)] if name == "arctan2" else [(3, 1), *pairs]
            if not inside(name, *(value_of(*pair) for pair in pairs)):
                continue
            for more in (-200, -1, 0, 1, 2, 66, frac_bits, 2 * frac_bits):
                wanted = expected(name, [value_of(*pair) for pair in pairs], frac_bits + more)
                assert call(name, pairs, frac_bits + more) == wanted, (pairs, more)


EXACT = [
    ("arccos", (1,), 0),
    ("arccosh", (1,), 0),
    *((name, (0,), 0) for name in ("arcsin", "arcsinh", "arctan", "arctanh", "erf", "expm1")),
    *((name, (0,), 0) for name in ("gelu", "log1p", "silu", "sin", "sinh", "tan", "cbrt", "sqrt")),
    *((name, (0,), 1) for name in ("cos", "cosh", "exp2")),
    *(("exp2", (n,), Fraction(2) ** n) for n in (-60, -1, 1, 5, 1000, 1023)),
    *(("log2", (Fraction(2) ** n,), n) for n in (-200, -1, 0, 1, 77)),
    *(("log10", (Fraction(10) ** n,), n) for n in (0, 1, 2, 7, 38, 100)),
    *(("cbrt", (n**3,), n) for n in (Fraction(-3, 8), 5, Fraction(7, 1 << 40), -(10**12))),
    *(("sqrt", (n**2,), n) for n in (Fraction(3, 8), 5, Fraction(7, 1 << 40), 10**18)),
    *(("rsqrt", (Fraction(1, n**2),), n) for n in (1, 4, Fraction(1, 8), 1 << 30)),
    *(("reciprocal", (n,), 1 / n) for n in (Fraction(-8), Fraction(1, 1 << 50), Fraction(1))),
    *(("arctan2", pair, 0) for pair in ((0, 0), (0, 3), (0, Fraction(1, 1 << 60)))),
    ("hypot", (Fraction(3, 8), Fraction(-1, 2)), Fraction(5, 8)),
    ("hypot", (0, -7), 7),
    ("hypot", (20, 21), 29),
    *(("logaddexp2", (x, x), x + 1) for x in (Fraction(-3, 8), 0, 10**20)),
    ("power", (Fraction(9, 4), Fraction(-3, 2)), Fraction(8, 27)),
    ("power", (Fraction(9, 4), Fraction(3, 2)), Fraction(27, 8)),
    ("power", (5**16, Fraction(3, 16)), 125),
    ("power", (Fraction(1, 16), Fraction(-5, 4)), 32),
    ("power", (0, Fraction(1, 2)), 0),
    ("power", (0, 0), 1),
    ("power", (-2, 3), -8),
    ("power", (1, Fraction(1, 1 << 100)), 1),
    ("power", (2, 1023), 1 << 1023),
]


def dyadic(x):
    """Raw integers of a dyadic number, with as few and with more fraction bits."""
    x = Fraction(x)
    bits = x.denominator.bit_length() - 1
    return [(x.numerator, bits), (x.numerator << 9, bits + 9)]


@pytest.mark.parametrize(("name", "xs", "result"), EXACT)
def test_exact_results(name, xs, result):
    for pairs in zip(*map(dyadic, xs), strict=True):
        for out_bits in (-20, -1, 0, 1, 2, 8, 50, 330):
            wanted = oracle.round_value(Fraction(result), oracle.Fmt(2, out_bits, rounding="odd"))
            assert call(name, pairs, out_bits) == wanted, (pairs, out_bits)


BEYOND = 1 << 100
TAILS = [
    *(("arctan", (BEYOND * s,), s * math.pi / 2) for s in (1, -1)),
    *(("erf", (BEYOND * s,), (s, -s)) for s in (1, -1)),
    *((name, (BEYOND,), (BEYOND, -1)) for name in ("gelu", "silu")),
    *((name, (-BEYOND,), (0, -1)) for name in ("gelu", "silu")),
    ("softplus", (BEYOND,), (BEYOND, 1)),
    ("softplus", (-BEYOND,), (0, 1)),
    ("expm1", (-BEYOND,), (-1, 1)),
    ("exp2", (-BEYOND,), (0, 1)),
    ("exp2", (Fraction(-12345, 8),), (0, 1)),
    ("logaddexp", (BEYOND, -BEYOND), (BEYOND, 1)),
    ("logaddexp2", (-BEYOND, BEYOND), (BEYOND, 1)),
    ("power", (Fraction(1, 2), BEYOND + Fraction(1, 2)), (0, 1)),
    ("power", (Fraction(-1, 2), BEYOND + 1), (0, -1)),
]


@pytest.mark.parametrize(("name", "xs", "result"), TAILS)
def test_tails(name, xs, result):
    """What is next to a number, above it (1) or below it (-1), at once."""
    pairs = [dyadic(x)[0] for x in xs]
    for out_bits in (0, 1, 8, 40):
        found = call(name, pairs, out_bits)
        if isinstance(result, float):
            assert abs(found / 2**out_bits - result) <= 2**-out_bits
        else:
            base, side = result
            assert found == (base << out_bits) - (side < 0) | 1, out_bits


def test_infinities_of_the_reference():
    for name, low in (("exp2", 1024), ("expm1", 710), ("sinh", 711), ("cosh", 711)):
        function = getattr(elementary, name)
        assert function(low, 0, 0) is INFINITY
        assert not isinstance(function(low - 1, 0, 0), Infinity)
        assert function(1 << 300, -60, 20) is INFINITY
    assert elementary.sinh(-(1 << 300), 0, 8) is NEGATIVE_INFINITY
    assert elementary.cosh(-(1 << 300), 0, 8) is INFINITY
    with mp.workprec(400):
        for name, end in (("expm1", 1024), ("sinh", 1025), ("cosh", 1025)):
            below = int(mp.floor(mp.ldexp(end * mp.ln2, 200)))
            assert not isinstance(getattr(elementary, name)(below, 200, 0), Infinity)
            assert getattr(elementary, name)(below + 1, 200, 0) is INFINITY
    assert elementary.reciprocal(0, 3, 8) is INFINITY
    assert elementary.power(0, 0, -1, 5, 8) is INFINITY
    assert elementary.power(3, 0, 1 << 80, 1, 8) is INFINITY
    assert elementary.power(-3, 0, (1 << 80) + 1, 0, 8) is NEGATIVE_INFINITY
    # 2**1024 between sqrt's: (2**2048 +- ...)**.5
    for raw, infinite in (((1 << 2048) - 1, False), (1 << 2048, True), ((1 << 2048) + 1, True)):
        assert isinstance(elementary.power(raw, 0, 1, 1, 8), Infinity) == infinite


@pytest.mark.parametrize("quarter", [1, 2, 3, 10**30 + 1])
def test_angles_next_to_multiples_of_a_right_angle(quarter):
    with mp.workprec(BITS):
        for frac_bits in (-30, 0, 20, 128, 256):
            near = int(mp.nint(mp.ldexp(quarter * mp.pi / 2, frac_bits)))
            for raw in (near - 1, near, near + 1):
                for name in ("sin", "cos", "tan"):
                    for out_bits in (-5, 2, 60, 322):
                        wanted = expected(name, [value_of(raw, frac_bits)], out_bits)
                        assert call(name, [(raw, frac_bits)], out_bits) == wanted


# -- the public functions ---------------------------------------------------------------------

BELOW = 70  # bits below the result's last one: those of a draw, and more


def exacts(name, values, result):
    """Exact results, each rounded to odd far below all that the format's rounding looks at."""
    bits = result.frac_bits + BELOW
    found = [expected(name, xs, bits) for xs in values]
    return [None if isinstance(v, Infinity) else Fraction(v) / Fraction(2) ** bits for v in found]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [8, 16, 40, 128])
def test_every_mode(name, width):
    rng = random.Random(f"{name} {width}")
    for number, rounding in enumerate(fx.Rounding):
        overflow = list(fx.Overflow)[number % 5]
        formats = [
            fx.Format(width, rng.choice([width // 2, width - 2, width + 3]), number % 3 != k)
            for k in range(2 if name in TWO else 1)
        ]
        result = fx.Format(rng.choice([8, 16, 31, width]), rng.choice([0, 5, 12]), True, rounding,
                           overflow)  # fmt: skip
        columns = [some_raws(rng, fmt, 40) for fmt in formats]
        rows = [
            row
            for row in zip(*columns, strict=True)
            if inside(name, *(r * f.resolution for r, f in zip(row, formats, strict=True)))
        ][:6]
        values = [[r * f.resolution for r, f in zip(row, formats, strict=True)] for row in rows]
        wanted = exacts(name, values, result)
        rows = [row for row, v in zip(rows, wanted, strict=True) if v is not None]
        wanted = [v for v in wanted if v is not None]
        if not rows:
            continue
        operands = [
            fixed(list(raws), fmt, None, LAYOUTS[number % 4])
            for raws, fmt in zip(zip(*rows, strict=True), formats, strict=True)
        ]
        check_stored(lambda x=operands, f=result: getattr(fx, name)(*x, format=f), wanted, result,
                     (len(rows),), name)  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_tables_of_narrow_formats(name):
    for overflow in fx.Overflow:
        fmt = fx.Format(6, 3, overflow=overflow)
        raws = [r for r in range(-32, 32) if inside(name, r * fmt.resolution)]
        x = fixed(raws * 2, fmt)
        wanted = exacts(name, [[r * fmt.resolution] for r in raws], fmt) * 2
        check_stored(lambda x=x: getattr(fx, name)(x), wanted, fmt, x.shape, name)


@pytest.mark.parametrize("name", TWO)
def test_operands_of_two(name):
    """Common formats, numbers on either side, shapes, out= and where=."""
    a = fx.array([[0.5], [2], [1.25]], fx.Format(16, 8))
    b = fx.array([1, 0.5, 3, 2], fx.Format(20, 4))
    function = getattr(fx, name)
    found = function(a, b)
    assert found.format == fx.Format(24, 8)
    values = [[x, y] for x in a.to_fractions().reshape(-1) for y in b.to_fractions()]
    wanted = [oracle.quantize(v, oracle.Fmt(24, 8)) for v in exacts(name, values, found.format)]
    assert raw_list(found) == wanted
    assert raw_list(function(a, 2)) == raw_list(function(a, fx.full(1, 2, a.format)))
    assert raw_list(function(2, a)) == raw_list(function(fx.full(1, 2, a.format), a))
    assert function(a, 2).format == function(2, a).format == function(a, 0.5).format == a.format
    assert raw_list(function(0.5, a)) == raw_list(function(fx.full(1, 0.5, a.format), a))
    four = [1, 2, 4, 8]
    assert raw_list(function(four, b)) == raw_list(function(fx.array(four, b.format), b))
    huge = function(1 << 130, fx.ones(1, a.format))
    assert raw_list(huge) == [402 if name == "arctan2" else a.format.raw_max]
    mask = np.array([[True], [False], [True]])
    kept = [raw if i // 4 != 1 else 0 for i, raw in enumerate(wanted)]
    with fx.record() as events:
        assert raw_list(function(a, b, where=mask)) == kept
    assert events.by_operation[name]["elements"] == 8
    out = fx.ones((3, 4), fx.Format(24, 8))
    assert function(a, b, out=out, where=mask) is out
    assert raw_list(out) == [raw if i // 4 != 1 else 256 for i, raw in enumerate(wanted)]
    with pytest.raises(fx.FormatError, match="modes"):
        function(a, b.astype(b.format.replace(rounding="floor")))
    with pytest.raises(TypeError):
        function(2, 3)


DOMAINS = [
    ("arccos", 1.25, "arccos of a magnitude above 1"),
    ("arcsin", -1.25, "arcsin of a magnitude above 1"),
    ("arccosh", 0.75, "arccosh of less than 1"),
    ("arctanh", -1, "arctanh of a magnitude of 1 or more"),
    ("log", 0, "log of 0 or less"),
    ("log2", -1, "log2 of 0 or less"),
    ("log10", 0, "log10 of 0 or less"),
    ("log1p", -1, "log1p of -1 or less"),
    ("rsqrt", 0, "rsqrt of 0 or less"),
    ("sqrt", -0.25, "sqrt of a negative number"),
]


@pytest.mark.parametrize(("name", "value", "message"), DOMAINS)
@pytest.mark.parametrize("width", [8, 32, 128])
def test_domains(name, value, message, width):
    x = fx.full((2, 70), 1 if name != "arctanh" else 0.5, fx.Format(width, 4))
    x[1, 3] = value
    function = getattr(fx, name)
    with pytest.raises(ValueError, match=rf"^{message}: the element {value} at index \(1, 3\)$"):
        function(x)
    mask = np.ones((2, 70), bool)
    mask[1, 3] = False
    found = function(x, where=mask)
    assert raw_list(found)[73] == 0
    assert raw_list(found)[0] == raw_list(function(x[0, 0]))[0]
    both = np.broadcast_to(mask[1], (2, 70))  # more axes than the array
    row = raw_list(function(x[1], where=mask[1]))
    assert raw_list(function(x[1], where=both)) == row * 2
    with pytest.raises(ValueError, match=message):
        getattr(elementary, name)(int(value * 16), 4, 8)


@pytest.mark.parametrize("name", ["arccos", "arccosh", "arcsin", "arctanh", "log1p"])
def test_domains_of_formats_without_them(name):
    """Formats that hold no number of the domain, or only its zero."""
    coarse = fx.array([0, 64], fx.Format(8, -5))
    fine = fx.array([0.125, -0.125], fx.Format(8, 10))
    for x in (coarse, fine):
        good = [inside(name, v) for v in x.to_fractions()]
        for i in (0, 1):
            if good[i]:
                getattr(fx, name)(x[i])
            else:
                with pytest.raises(ValueError, match=name):
                    getattr(fx, name)(x[i])
    negative = fx.array([-128], fx.Format(8, 0))
    with pytest.raises(ValueError, match=name):
        getattr(fx, name)(negative)


@pytest.mark.parametrize("overflow", fx.Overflow)
def test_infinities_and_poles(overflow):
    fmt = fx.Format(16, 0, overflow=overflow)
    large = fx.array([1100, -1100], fmt)
    for name, signs in (("exp2", (1,)), ("expm1", (1,)), ("sinh", (1, -1)), ("cosh", (1, 1))):
        x = large[: len(signs)]
        if overflow in ("raise", "wrap"):
            with pytest.raises(fx.FixedOverflowError, match=f"{name}.*inf"):
                getattr(fx, name)(x)
        else:
            limits = [oracle.quantize_infinity(s, fmt) for s in signs]
            assert raw_list(getattr(fx, name)(x)) == limits
    zero = fx.array([0, 1], fmt)
    if overflow in ("raise", "wrap"):
        with pytest.raises(ZeroDivisionError, match="reciprocal"):
            fx.reciprocal(zero)
    else:
        assert raw_list(fx.reciprocal(zero)) == [oracle.quantize_infinity(1, fmt), 1]
    assert raw_list(fx.reciprocal(zero, where=[False, True])) == [0, 1]
    if overflow == "wrap":  # the low bits of exact results below 2**1024
        assert raw_list(fx.exp2(fx.array([1023, 14], fmt))) == [0, 1 << 14]
        with mp.workprec(200):
            exact = int(mp.nint(mp.cosh(mp.mpf(40))))
        assert raw_list(fx.cosh(fx.array([40], fmt))) == [oracle.overflow(exact, fmt)]


def log_softmax_to_odd(row, i, frac_bits, out_bits):
    if len(row) == 1:
        return 0
    with mp.workprec(BITS):
        x = [mp.ldexp(mp.mpf(raw), -frac_bits) for raw in row]
        top = max(x)
        rest = mp.fsum(mp.exp(v - top) for k, v in enumerate(x) if k != x.index(top))
        base, rest = x[i] - top, -mp.log1p(rest)
        scaled = mp.ldexp(base, out_bits)
        if abs(rest) < mp.ldexp(1, -NEGLIGIBLE):
            floor = int(mp.floor(scaled))
            return (floor - (floor == scaled)) | 1
        return int(mp.floor(mp.ldexp(base + rest, out_bits))) | 1


def test_log_softmax():
    rng = random.Random(7)
    rows = [[3], [0, 0], [0, 1, 2], [0, -(10**30)], [0, 0, -(10**30)], [5, 5, 5, 4], [-1, -2]]
    rows += [[rng.randint(-3000, 3000) for _ in range(rng.randint(2, 9))] for _ in range(4)]
    rows += [[rng.getrandbits(rng.randint(1, 127)) for _ in range(4)] for _ in range(2)]
    for frac_bits in (-256, -3, 8, 256):
        for out_bits in (-5, 1, frac_bits + 66):
            for row in rows:
                wanted = [log_softmax_to_odd(row, i, frac_bits, out_bits) for i in range(len(row))]
                assert elementary.log_softmax(row, frac_bits, out_bits) == wanted
    with pytest.raises(ValueError, match="empty"):
        elementary.log_softmax([], 0, 0)


@pytest.mark.parametrize("width", [8, 16, 40, 128])
def test_log_softmax_along_axes(width):
    rng = random.Random(width)
    for number, rounding in enumerate(fx.Rounding):
        fmt = fx.Format(width, width - 4)
        result = fx.Format(
            rng.choice([8, 16, 40]), 4, True, rounding, list(fx.Overflow)[number % 5]
        )
        raws, bits = some_raws(rng, fmt, 6), result.frac_bits + BELOW
        x = fixed(raws, fmt, (2, 3))
        values = [
            Fraction(log_softmax_to_odd(raws[k : k + 3], i, fmt.frac_bits, bits), 2**bits)
            for k in (0, 3)
            for i in range(3)
        ]
        check_stored(lambda x=x, f=result: fx.log_softmax(x, 1, format=f), values, result, (2, 3),
                     "log_softmax")  # fmt: skip
        columns, turned = [values[3 * j + i] for i in range(3) for j in range(2)], x.T
        check_stored(lambda x=turned, f=result: fx.log_softmax(x, 0, format=f), columns, result,
                     (3, 2), "log_softmax")  # fmt: skip


def test_every_function_has_its_test():
    here = {*NAMES, "exp", "log", "sigmoid", "tanh"}  # those by test_functions.py
    assert here == set(registry.FUNCTIONS)
    assert {name for name, f in registry.FUNCTIONS.items() if f.arguments == 2} == set(TWO)


# -- error bounds ------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", [64, 128, 192, 448])
def test_error_bounds(precision):
    """What is claimed of the evaluations behind the functions holds, and isn't idle."""
    rng = random.Random(precision)
    worst = dict.fromkeys(("angle", "cosine", "sine", "integral", "normal", "pi"), 0)

    def see(name, found, exact):
        worst[name] = max(worst[name], abs(mp.ldexp(exact, precision) - found))

    with mp.workprec(2 * precision + 400):
        see("pi", common.pi(precision), mp.pi)
        assert common.pi(precision) < mp.ldexp(mp.pi, precision)
        for _ in range(300):
            frac_bits = rng.choice([0, 8, 60, precision, precision + 70])
            raw = rng.getrandbits(rng.randint(1, frac_bits + rng.choice([1, 3, 90])))
            x = mp.ldexp(mp.mpf(raw), -frac_bits)
            n, sine, cosine = trigonometric.sine_and_cosine(raw, frac_bits, precision)
            turned = [(mp.sin(x), mp.cos(x)), (-mp.cos(x), mp.sin(x))]
            s, c = turned[n & 1] if n < 2 else [-v for v in turned[n & 1]]
            see("sine", sine, s)
            see("cosine", cosine, c)
            y, x = (rng.getrandbits(rng.randint(1, 130)) for _ in range(2))
            x = rng.choice((1, -1)) * x or 1
            see("angle", inverse_trigonometric.angle(y, x, precision), mp.atan2(y, x))
            raw = rng.getrandbits(60)
            x = mp.ldexp(mp.mpf(raw), -57)
            for kind, exact in ((2, mp.erf(x)), (1, mp.erf(x / mp.sqrt(2)) / 2)):
                see("normal", gaussian.normal(raw, 57, precision, kind), exact)
            y = mp.sqrt(x)
            exact = mp.sqrt(mp.pi / 2) * mp.erf(mp.sqrt(x / 2)) / y if raw else mp.mpf(1)
            see("integral", gaussian.integral(raw, 57, precision), exact)
    assert worst["pi"] < 2
    assert 1 < worst["sine"] < trigonometric.ERROR
    assert 1 < worst["cosine"] < trigonometric.ERROR
    assert 1 < worst["angle"] < inverse_trigonometric.ERROR
    assert 1 < worst["normal"] < gaussian._ERROR
    assert 1 < worst["integral"] < 12 * precision + 32
