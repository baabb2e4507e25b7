"""What every elementary function shares: rounding to odd, the retry, ln 2 and pi.

The whole package is integer arithmetic: a real number is an integer times a power of two,
and an *ulp* in the comments below is one unit of such an integer.

Rounding to odd at 2**-out_bits means: v * 2**out_bits where that is an integer, else its
floor with the last bit set. Every v strictly between two neighbouring even integers gives the
odd integer between them, so the only boundaries are the even integers, and rounding to odd is
symmetric: odd(-v) = -odd(v), odd(v + 2n) = odd(v) + 2n. Results that are not dyadic never sit
on a boundary; so an *open* interval around v that holds no even integer decides, and more
precision always finds one in the end.
"""

import enum
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

# First evaluations have this many bits beyond the output's: with errors below 16 ulp fewer
# than one argument in 2**18 needs a second one.
GUARD_BITS = 24

# Working precisions are multiples of this, so that the tables made for one serve many.
PRECISION_STEP = 64


# Results of magnitude 2**OVERFLOW_EXPONENT and more count as infinite, where a function grows as
# fast as e**x does.
OVERFLOW_EXPONENT = 1024


class Infinity(enum.Enum):
    """The type of the infinities: an enumeration, so that copies and pickles are the same."""

    INFINITY = "infinity"
    NEGATIVE_INFINITY = "-infinity"

    def __repr__(self) -> str:
        return self.name

    def __neg__(self) -> "Infinity":
        return NEGATIVE_INFINITY if self is INFINITY else INFINITY


INFINITY = Infinity.INFINITY
"""What stands for a pole, and for a result of 2**1024 or more where these count as infinite."""
NEGATIVE_INFINITY = Infinity.NEGATIVE_INFINITY
"""`INFINITY` with the other sign."""


def odd_between(low: int, high: int, shift: int) -> int | None:
    """Round v to odd when low < v * 2**shift < high, both ends open; None if undecided."""
    half = low >> shift + 1
    return 2 * half + 1 if high - 1 >> shift + 1 == half else None


def odd_dyadic(raw: int, shift: int) -> int:
    """Round raw * 2**-shift to odd."""
    if shift <= 0:
        return raw << -shift
    floor = raw >> shift
    return floor if floor << shift == raw else floor | 1


def odd_beside(value: int, bits: int, out_bits: int, above: bool) -> int:
    """Round to odd what lies next to value * 2**-bits, at out_bits <= bits.

    That is strictly between it and the next multiple of 2**-bits, above it or below. Decides where
    a result hugs the first terms of its series, which more precision would do only late.
    """
    return (value if above else value - 1) >> bits - out_bits | 1


def beside_argument(raw: int, frac_bits: int, out_bits: int, above: bool) -> int | None:
    """Round to odd what lies next to x > 0, above it or below; None where that may not decide.

    For functions that differ from x by less than x**3 up to x = 1/2: it decides where x**3 is
    below the last bit of both x and the result. There x is less than 2**-zeros, zeros > 0:
    3 * zeros >= frac_bits says that 2 * zeros >= raw.bit_length().
    """
    bits, zeros = max(frac_bits, out_bits), frac_bits - raw.bit_length()
    if 3 * zeros < bits:
        return None
    return odd_beside(raw << bits - frac_bits, bits, out_bits, above)


def decide(
    enclose: Callable[[int], tuple[int, int]], out_bits: int, bits: int | None = None
) -> int:
    """`retry` from the precision that leaves the guard bits beyond `bits`, or `out_bits`."""
    precision = working_precision(out_bits if bits is None else bits)
    low, high = enclose(precision)
    shift = precision - out_bits + 1
    half = low >> shift  # as in `odd_between`
    if high - 1 >> shift == half:
        return 2 * half + 1
    return retry(enclose, out_bits, precision + PRECISION_STEP)


def retry(enclose: Callable[[int], tuple[int, int]], out_bits: int, precision: int) -> int:
    """Evaluate with ever more bits until the rounding is decided (Ziv's method).

    Parameters
    ----------
    enclose : callable
        ``enclose(precision)`` returns integers low and high with
        low < v * 2**precision < high, closer together as the precision grows. v must not be
        dyadic, or this never ends: exact results are settled before.
    out_bits : int
        v is rounded to odd at 2**-out_bits.
    precision : int
        Where to start, more than `out_bits`.

    Returns
    -------
    int
        v * 2**out_bits rounded to odd.
    """
    while True:
        low, high = enclose(precision)
        result = odd_between(low, high, precision - out_bits)
        if result is not None:
            return result
        precision *= 2


def working_precision(bits: int) -> int:
    """The smallest precision in use that leaves the guard bits beyond `bits`."""
    return max(1, -(-(bits + GUARD_BITS) // PRECISION_STEP)) * PRECISION_STEP


@lru_cache(maxsize=64)
def ln2(precision: int) -> int:
    """ln 2 * 2**precision, too small by less than 2."""
    # ln 2 = 18 artanh(1/26) - 2 artanh(1/4801) + 8 artanh(1/8749), each series of fewer than
    # precision + 2 terms. In units of the extra bits the sum is too large by less than 4 a
    # term and too small by less than 52; lowered by the former it is too small by less than
    # 56 * (precision + 2) < 2**extra, and rounding down at the end adds less than 1.
    extra = 16 + precision.bit_length()
    bits = precision + extra
    total = 18 * artanh(1, 26, bits) - 2 * artanh(1, 4801, bits) + 8 * artanh(1, 8749, bits)
    return total - 4 * (precision + 2) >> extra


def artanh(numerator: int, denominator: int, precision: int) -> int:
    """artanh(numerator / denominator) * 2**precision, too small by less than 2 a term.

    The ratio q is from 0 to 1/16, and artanh q = q + q**3/3 + q**5/5 + ... Powers and
    quotients are rounded down: a power is too small by less than 1.01 (what the one before it
    lacked shrinks by q**2), a quotient by less than 1.01/3 + 1 more from the second on. The
    powers after the last that isn't zero sum to less than 0.1, for which the first term, too
    small by less than 1, has room.
    """
    square, scale = numerator * numerator, denominator * denominator
    power = (numerator << precision) // denominator
    total, n = 0, 1
    while power:
        total += power // n
        power = power * square // scale
        n += 2
    return total


@lru_cache(maxsize=64)
def pi(precision: int) -> int:
    """pi * 2**precision, too small by less than 2."""
    # Machin: pi = 16 arctan(1/5) - 4 arctan(1/239), each series of fewer than precision + 2
    # terms (precision >= 8). In units of the extra bits the sum is off by less than 40 a term;
    # lowered by that it is too small by less than 80 * (precision + 2) < 2**extra, and rounding
    # down at the end adds less than 1.
    extra = 16 + precision.bit_length()
    bits = precision + extra
    total = 16 * arctan_of_ratio(1, 5, bits) - 4 * arctan_of_ratio(1, 239, bits)
    return total - 40 * (precision + 2) >> extra


def arctan_of_ratio(numerator: int, denominator: int, precision: int) -> int:
    """arctan(numerator / denominator) * 2**precision, off by less than 2 a term.

    The ratio q is from 0 to 1/5, and arctan q = q - q**3/3 + q**5/5 - ... As in `artanh` a power
    is too small by less than 1.05 and a term by less than 1.35, half of them with the other sign;
    what is left out of the alternating series is below 1/3.
    """
    square, scale = numerator * numerator, denominator * denominator
    power = (numerator << precision) // denominator
    total, n = 0, 1
    while power:
        total += power // n if n & 2 == 0 else -(power // n)
        power = power * square // scale
        n += 2
    return total


@lru_cache(maxsize=256)
def floor_ln2_multiple(count: int, frac_bits: int) -> int:
    """floor(count * ln 2 * 2**frac_bits), exactly."""
    # ln 2 is irrational, so more precision always separates it from the integers.
    precision = PRECISION_STEP
    while True:
        ends = count * ln2(precision), count * (ln2(precision) + 2)
        shift = precision - frac_bits
        low, high = (end >> shift if shift >= 0 else end << -shift for end in ends)
        if low == high:
            return low
        precision *= 2


def argument(raw: int, frac_bits: int) -> str:
    """An argument for an error message: its value and how it is stored."""
    value = Fraction(raw) / Fraction(2) ** frac_bits
    return f"{value} (raw {raw} with {frac_bits} fraction bits)"
