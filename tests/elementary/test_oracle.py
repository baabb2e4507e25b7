"""The elementary functions' oracle: against MPFR, mpmath, and the definition of every mode."""

import math
import random
from fractions import Fraction

import gmpy2
import mpmath
import oracle
import pytest
from elementary_oracle import (
    BINARY,
    FUNCTIONS,
    GUARD,
    UNARY,
    Dyadic,
    Expected,
    OutsideDomain,
    evaluate,
    expected_log_softmax,
    expected_logsumexp,
    expected_softmax,
)

import fxtypes as fx

MPFR = {
    "sqrt": gmpy2.sqrt, "rsqrt": gmpy2.rec_sqrt, "cbrt": gmpy2.cbrt, "exp": gmpy2.exp,
    "exp2": gmpy2.exp2, "expm1": gmpy2.expm1, "log": gmpy2.log, "log2": gmpy2.log2,
    "log10": gmpy2.log10, "log1p": gmpy2.log1p, "sin": gmpy2.sin, "cos": gmpy2.cos,
    "tan": gmpy2.tan, "arcsin": gmpy2.asin, "arccos": gmpy2.acos, "arctan": gmpy2.atan,
    "sinh": gmpy2.sinh, "cosh": gmpy2.cosh, "tanh": gmpy2.tanh, "arcsinh": gmpy2.asinh,
    "arccosh": gmpy2.acosh, "arctanh": gmpy2.atanh, "erf": gmpy2.erf, "arctan2": gmpy2.atan2,
    "hypot": gmpy2.hypot, "power": lambda x, y: x**y, "reciprocal": lambda x: 1 / x,
}  # fmt: skip


def softplus(x):
    return mpmath.log1p(mpmath.exp(-abs(x))) + max(x, 0)


def logaddexp2(x, y):
    return max(x, y) + mpmath.log1p(mpmath.power(2, -abs(x - y))) / mpmath.ln2


MPMATH = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": softplus,
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "logaddexp": lambda x, y: softplus(y - x) + x,
    "logaddexp2": logaddexp2,
}
AT_LEAST = {"log": 1, "log2": 1, "log10": 1, "sqrt": 0, "rsqrt": 1}  # the lowest raw argument


def some_arguments(chosen, name):
    """Dyadic numbers of up to 128 bits, mostly of a size that the function does something with."""
    found = []
    for _ in range(FUNCTIONS[name].arity):
        bits = chosen.choice((3, 8, 16, 32, 64, 128))
        places = chosen.choice((bits - 1, bits, bits // 2, bits - 4, 0, bits + 30, -3))
        raw = chosen.choice((1, -1)) * chosen.getrandbits(chosen.randint(1, bits))
        if name in AT_LEAST:
            raw = max(abs(raw), AT_LEAST[name])
        found.append(Dyadic(raw, places))
    if name == "arccosh":
        found = [Dyadic(abs(x.raw) + (1 << max(x.frac_bits, 0)), x.frac_bits) for x in found]
    if name == "power" and chosen.random() < 0.8:
        found[0] = Dyadic(abs(found[0].raw), found[0].frac_bits)
    return tuple(found)


def cases(name, count):
    """(arguments, bits, the oracle's result)."""
    chosen = random.Random(name)
    while count:
        arguments, bits = some_arguments(chosen, name), chosen.choice((-3, 0, 2, 30, 66, 140))
        try:
            result = evaluate(name, arguments, bits)
        except OutsideDomain:
            continue
        count -= 1
        yield arguments, bits, result


def neighbours(result, bits):
    """Fractions that the result, rounded to odd, says the value is between, or equal to."""
    if result % 2 == 0:
        return (Fraction(result) / Fraction(2) ** bits,) * 2
    return tuple(Fraction(result + more) / Fraction(2) ** bits for more in (-1, 1))


def test_no_function_without_a_second_opinion():
    assert {*MPFR, *MPMATH} == {*UNARY, *BINARY}


@pytest.mark.parametrize("name", MPFR)
def test_mpfr(name):
    """MPFR's results, rounded down and up, are within the bounds that the oracle's sets."""
    for arguments, bits, result in cases(name, 300):
        ends = []
        for mode in (gmpy2.RoundDown, gmpy2.RoundUp):
            with gmpy2.context(precision=600, round=mode, emin=-(1 << 60), emax=1 << 60):
                values = [gmpy2.mpfr(gmpy2.mpq(x.fraction)) for x in arguments]
                ends.append(MPFR[name](*values))
        if isinstance(result, float):
            assert abs(ends[0]) >= 2**1024 or gmpy2.is_infinite(ends[0]), (name, arguments)
            assert (ends[0] > 0) == (result > 0)
            continue
        low, high = neighbours(result, bits)
        assert ends[1] >= gmpy2.mpq(low), (name, arguments, bits)
        assert ends[0] <= gmpy2.mpq(high), (name, arguments, bits)
        assert abs(ends[0]) <= 2**1024 or name == "reciprocal"


@pytest.mark.parametrize("name", MPMATH)
def test_mpmath(name):
    for arguments, bits, result in cases(name, 300):
        with mpmath.workprec(2000):
            exact = [mpmath.mpf(x.raw) * mpmath.mpf(2) ** -x.frac_bits for x in arguments]
            found = MPMATH[name](*exact)
            error = mpmath.ldexp(abs(found) + sum(map(abs, exact)), -1900)
            low, high = (mpmath.mpf(x.numerator) / x.denominator for x in neighbours(result, bits))
            assert low - error <= found <= high + error, (name, arguments, bits)


def test_rows_by_mpmath():
    chosen = random.Random(5)
    for _ in range(300):
        places, bits = chosen.choice((-2, 0, 4, 20, 60)), chosen.choice((-3, 0, 2, 30, 140))
        spread = chosen.choice((2, 16, 300)) << max(places, 0)
        row = [chosen.randint(-spread, spread) for _ in range(chosen.randint(1, 7))]
        with mpmath.workprec(3000):
            powers = [mpmath.exp(mpmath.ldexp(mpmath.mpf(raw), -places)) for raw in row]
            log = mpmath.log(mpmath.fsum(powers))
            shares = [power / mpmath.fsum(powers) for power in powers]
            logs = [mpmath.ldexp(mpmath.mpf(raw), -places) - log for raw in row]
            pairs = [
                *zip(expected_softmax(row, places, bits), shares, strict=True),
                *zip(expected_log_softmax(row, places, bits), logs, strict=True),
                (expected_logsumexp(row, places, bits), log),
            ]
            for result, found in pairs:
                low, high = (
                    mpmath.mpf(x.numerator) / x.denominator for x in neighbours(result, bits)
                )
                error = mpmath.mpf(2) ** -2000
                assert low - error <= found <= high + error, (row, places, bits)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("sqrt", [Fraction(9, 4)], Fraction(3, 2)),
        ("rsqrt", [16], Fraction(1, 4)),
        ("cbrt", [Fraction(-27, 8)], Fraction(-3, 2)),
        ("reciprocal", [-4], Fraction(-1, 4)),
        ("exp", [0], 1),
        ("exp2", [-7], Fraction(1, 128)),
        ("expm1", [0], 0),
        ("log", [1], 0),
        ("log2", [Fraction(1, 8)], -3),
        ("log10", [1000], 3),
        ("log1p", [0], 0),
        ("sin", [0], 0),
        ("cos", [0], 1),
        ("arccos", [1], 0),
        ("cosh", [0], 1),
        ("arccosh", [1], 0),
        ("sigmoid", [0], Fraction(1, 2)),
        ("gelu", [0], 0),
        ("silu", [0], 0),
        ("erf", [0], 0),
        ("arctan2", [0, 0], 0),
        ("arctan2", [0, 5], 0),
        ("hypot", [3, -4], 5),
        ("hypot", [0, Fraction(-5, 8)], Fraction(5, 8)),
        ("logaddexp2", [Fraction(3, 4), Fraction(3, 4)], Fraction(7, 4)),
        ("power", [0, 0], 1),
        ("power", [0, Fraction(1, 2)], 0),
        ("power", [-3, 3], -27),
        ("power", [-2, -3], Fraction(-1, 8)),
        ("power", [Fraction(81, 16), Fraction(3, 4)], Fraction(27, 8)),
        ("power", [16, Fraction(-5, 4)], Fraction(1, 32)),
        ("exp2", [1024], math.inf),
        ("power", [2, 1024], math.inf),
        ("power", [-2, 1025], -math.inf),
        ("power", [0, -1], math.inf),
        ("reciprocal", [0], math.inf),
        ("sinh", [-711], -math.inf),
        ("exp", [10**9], math.inf),
    ],
)
def test_exact_results(name, arguments, result):
    numbers = [Fraction(x) for x in arguments]
    dyadic = tuple(Dyadic(int(x * 2**20), 20) for x in numbers)
    assert evaluate(name, dyadic, 12) == (result if abs(result) == math.inf else result * 2**12)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("sqrt", [-1]), ("rsqrt", [0]), ("rsqrt", [-1]), ("log", [0]), ("log2", [-1]),
        ("log10", [0]), ("log1p", [-1]), ("arcsin", [2]), ("arccos", [-2]), ("arccosh", [0]),
        ("arctanh", [1]), ("arctanh", [-1]),
    ],
)  # fmt: skip
def test_domains(name, arguments):
    with pytest.raises(OutsideDomain):
        evaluate(name, tuple(Dyadic(x, 0) for x in arguments), 10)
    with pytest.raises(OutsideDomain):
        evaluate("power", (Dyadic(-1, 0), Dyadic(1, 1)), 10)


@pytest.mark.parametrize("rounding", fx.Rounding)
@pytest.mark.parametrize("overflow", fx.Overflow)
def test_modes(rounding, overflow):
    """Many results at once are stored as the plain oracle stores each."""
    chosen = random.Random(f"{rounding}{overflow}")
    for signed in (True, False):
        fmt = fx.Format(4, 2, signed, rounding, overflow)
        eighths = [
            Fraction(n, 8) + Fraction(d, 1 << 70) for n in range(-99, 99) for d in (-1, 0, 1)
        ]
        odd = [oracle.round_value(x, oracle.Fmt(2, 2 + GUARD, rounding="odd")) for x in eighths]
        draws = [chosen.getrandbits(64) for _ in odd] if rounding == "stochastic" else None
        words = draws or [None] * len(odd)
        found = Expected(odd)
        for value, word, raw in zip(eighths, words, found.stored(fmt, draws), strict=True):
            try:
                assert oracle.quantize(value, fmt, word) == raw
            except oracle.OracleOverflow:
                assert raw is None
        counts = dict.fromkeys(("overflow", "underflow", "inexact"), 0)
        for value, word in zip(eighths, words, strict=True):
            for key, count in oracle.events(value, fmt, word).items():
                counts[key] += count
        assert found.events(fmt, draws) == counts | {"elements": len(odd)}
        infinities = Expected([math.inf, 0, -math.inf]).stored(fmt, [0] * 3)
        for sign, raw in zip((1, None, -1), infinities, strict=True):
            if sign is None:
                assert raw == 0
                continue
            try:
                assert oracle.quantize_infinity(sign, fmt) == raw
            except oracle.OracleOverflow:
                assert raw is None
