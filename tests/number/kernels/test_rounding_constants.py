"""Rounding by constants: a right shift in any mode is one addition and one shift.

``(x + c0 + (sign & c1) + (lsb & c2)) >> s``, with sign and lsb (bit s of x) as masks 0 or -1.
The constants are the kernels' own (rounding.hh), proven against the oracle by exhaustion.
"""

from fractions import Fraction
from functools import lru_cache

import oracle
import pytest

import fxtypes as fx
from fxtypes.kernels import calls
from fxtypes.kernels.calls import Level

WIDTHS = range(2, 9)
FORMATS = [(width, signed) for width in WIDTHS for signed in (True, False)]


@lru_cache(None)
def constants(mode, s, level=Level.I128):
    """(c0, c1, c2) of a mode for a shift by s > 0."""
    return calls.rounding_constants(fx.Format(8, 0, rounding=mode), s, level)


MODES = [
    "floor",
    "ceil",
    "toward_zero",
    "nearest_up",
    "nearest_down",
    "nearest_away",
    "nearest_zero",
    "away_from_zero",
    "nearest_even",
    "nearest_odd",
    "odd",
]


@pytest.mark.parametrize("mode", MODES)
def test_the_constants_of_all_levels_are_the_same(mode):
    for level, bits in enumerate(Level.BITS):
        for s in (1, 2, 7, 15, 30, 31, 62, 63, 64, 65, 126, 127, 128, 300, 1000):
            if s < bits - 1:
                expected = constants(mode, s, Level.I1024)
                assert constants(mode, s, level) == expected, (level, s)
                assert all(abs(c) < 1 << s for c in expected)


@pytest.mark.parametrize("mode", MODES)
def test_no_mode_looks_at_both_the_sign_and_the_last_bit(mode):
    # Loops that choose one of two constants rely on it.
    assert all(0 in constants(mode, s)[1:] for s in range(1, 100))


def test_without_a_shift_there_is_nothing_to_add():
    for mode in [*MODES, "stochastic"]:
        assert constants(mode, 0) == (0, 0, 0)


def test_stochastic_rounding_adds_a_draw_only():
    assert constants("stochastic", 5) == (0, 0, 0)


def before_shift(x, s, c0, c1, c2):
    sign = -1 if x < 0 else 0
    lsb = -(x >> s & 1)
    return x + c0 + (sign & c1) + (lsb & c2)


def rounded(x, s, mode):
    """x * 2**-s as a kernel computes it; s may be 0 or negative, a shift to the left."""
    return before_shift(x, s, *constants(mode, s)) >> s if s > 0 else x << -s


def expected(x, s, mode, u=None):
    exact = Fraction(x) / Fraction(2) ** s
    return oracle.round_value(exact, oracle.Fmt(8, 0, rounding=mode), u)


def values(width, signed):
    return range(*((-(1 << width - 1), 1 << width - 1) if signed else (0, 1 << width)))


def shifts(width):
    """To the left, none, 1, all between, width - 1, width, and more."""
    return [*range(-3, width + 4), 2 * width, 64, 70]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("width", "signed"), FORMATS)
def test_every_value_at_every_shift(mode, width, signed):
    for s in shifts(width):
        for x in values(width, signed):
            assert rounded(x, s, mode) == expected(x, s, mode), (x, s)


def stochastic_constant(s, u):
    """c0 for stochastic rounding: the *top* s bits of u, or u with zeros after it."""
    return u >> 64 - s if s <= 64 else u << s - 64


@pytest.mark.parametrize(("width", "signed"), FORMATS)
def test_stochastic_adds_the_top_bits_of_the_draw(width, signed):
    for s in [*range(1, width + 4), 63, 64, 65, 70]:
        for x in values(width, signed):
            lost = ((x & (1 << s) - 1) << 64) >> s
            edge = (1 << 64) - lost  # the least u that rounds up, if it is a 64-bit integer
            for u in {0, 1, (1 << 64) - 1, edge - 1, edge, edge + 1}:
                if 0 <= u < 1 << 64:
                    up = (x + stochastic_constant(s, u)) >> s
                    assert up == expected(x, s, "stochastic", u), (x, s, u)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("width", "signed"), FORMATS)
def test_one_more_bit_is_enough_below_the_width(mode, width, signed):
    bits = width + 1  # of a word with the values' own signedness
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    for s in range(1, width + (not signed)):
        for x in values(width, signed):
            assert low <= before_shift(x, s, *constants(mode, s)) <= high, (x, s)


def test_without_that_bit_the_sum_does_not_fit():
    assert before_shift(2**63 - 1, 1, *constants("ceil", 1)) == 2**63


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("width", "signed"), FORMATS)
def test_shifts_beyond_the_width_are_all_alike(mode, width, signed):
    # So a plan may cut a longer shift down to width + 1, whatever the mode but stochastic.
    for s in (width + 2, width + 3, 2 * width, 300):
        for x in values(width, signed):
            assert expected(x, s, mode) == expected(x, width + 1, mode), (x, s)
