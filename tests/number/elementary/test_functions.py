"""fx.exp, log, sqrt, tanh, sigmoid, softmax and logsumexp: rounded once, in every mode.

The oracle's values are rounded to odd far below all that a format's rounding looks at.
"""

import math
import random
from fractions import Fraction

import pytest
from checks import LAYOUTS, check_stored, fixed, some_raws
from elementary_oracle import expected, expected_logsumexp, expected_softmax

import fxtypes as fx

NAMES = ("exp", "log", "sqrt", "tanh", "sigmoid")
BELOW = 70  # bits below the result's last one: those of a draw, and more
LOWEST = {"log": 1, "sqrt": 0}  # the lowest raw argument


def arguments(name, chosen, fmt, size):
    """Raw integers of a function's domain; of exp, whose results are no infinities."""
    raws = [max(raw, LOWEST.get(name, raw)) for raw in some_raws(chosen, fmt, size)]
    if name == "exp":
        most = max(min(fmt.raw_max, math.floor(600 / fmt.resolution)), 1)
        raws = [min(raw, most) for raw in raws]
    return raws


def exact(name, raws, fmt, result):
    bits = result.frac_bits + BELOW
    return [Fraction(expected(name, raw, fmt.frac_bits, bits)) / 2**bits for raw in raws]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [8, 12, 16, 17, 32, 64, 65, 128])
def test_every_mode(name, width):
    chosen = random.Random(f"{name} {width}")
    for number, rounding in enumerate(fx.Rounding):
        fmt = fx.Format(width, chosen.choice([width // 2, width - 2, width + 3]), number % 3 != 2)
        overflow = list(fx.Overflow)[number % 5]
        result = fx.Format(chosen.choice([8, 16, 31, width]), chosen.choice([0, 5, 12]), True,
                           rounding, overflow)  # fmt: skip
        raws = arguments(name, chosen, fmt, 12)
        x = fixed(raws, fmt, (3, 4), LAYOUTS[number % 4])
        check_stored(lambda x=x, f=result: getattr(fx, name)(x, format=f),
                     exact(name, raws, fmt, result), result, (3, 4), name)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("overflow", fx.Overflow)
def test_tables_of_narrow_formats(name, overflow):
    """Every argument, often enough for a table; and of a table that is there, a few."""
    for rounding in ("nearest_even", "stochastic", "ceil"):
        fmt = fx.Format(8, 5, rounding=rounding, overflow=overflow)
        raws = list(range(LOWEST.get(name, fmt.raw_min), fmt.raw_max + 1)) * 2
        for few in (raws, raws[:3]):
            x = fixed(few, fmt)
            check_stored(lambda x=x: getattr(fx, name)(x), exact(name, few, fmt, fmt), fmt,
                         x.shape, name)  # fmt: skip


def test_infinities():
    x = fx.array([1000, 2], fx.Format(16, 0))
    assert fx.exp(x).raw.tolist() == [32767, 7]
    assert fx.exp(x.astype(fx.Format(16, 0, overflow="saturate_zero"))).raw.tolist() == [0, 7]
    for overflow in ("raise", "wrap"):
        with pytest.raises(fx.FixedOverflowError, match="inf"):
            fx.exp(x, format=fx.Format(16, 0, overflow=overflow))


@pytest.mark.parametrize("width", [8, 16, 40, 128])
def test_rows(width):
    """softmax and logsumexp along either axis."""
    chosen = random.Random(width)
    for number, rounding in enumerate(fx.Rounding):
        fmt = fx.Format(width, width - 4)
        result = fx.Format(chosen.choice([8, 16, 40]), 7, True, rounding,
                           list(fx.Overflow)[number % 5])  # fmt: skip
        raws = some_raws(chosen, fmt, 6)
        rows, bits = [raws[:3], raws[3:]], result.frac_bits + BELOW
        x = fixed(raws, fmt, (2, 3))
        parts = [expected_softmax(row, fmt.frac_bits, bits) for row in rows]
        values = [Fraction(n) / 2**bits for part in parts for n in part]
        check_stored(lambda x=x, f=result: fx.softmax(x, 1, format=f), values, result, (2, 3))
        sums = [Fraction(expected_logsumexp(row, fmt.frac_bits, bits)) / 2**bits for row in rows]
        check_stored(lambda x=x, f=result: fx.logsumexp(x, 1, format=f), sums, result, (2,))
        check_stored(lambda x=x.T, f=result: fx.logsumexp(x, 0, format=f), sums, result, (2,))
