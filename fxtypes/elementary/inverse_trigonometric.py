"""arctan and its kin: an angle of two sides, from a table and a short polynomial."""

from functools import lru_cache
from math import isqrt

from .common import arctan_of_ratio, argument, beside_argument, decide, odd_beside, pi

# `angle` is off by less than this many ulp, 2 of them for sides that aren't exact.
ERROR = 9

# Bits kept beyond the working precision where errors would add up.
_EXTRA = 32


def arctan(raw: int, frac_bits: int, out_bits: int) -> int:
    """The inverse tangent in radians.

    Notes
    -----
    The sine, cosine and tangent of a rational angle other than 0 are transcendental (Lindemann and
    Weierstrass): an angle with a rational one is irrational, or 0.

    Examples
    --------
    >>> from fxtypes.elementary import arctan
    >>> arctan(0, 0, 8), arctan(1, 0, 8)  # pi / 4 = 201.06 / 256
    (0, 201)
    """
    return arctan2(raw, frac_bits, 1, 0, out_bits)


def arctan2(raw: int, frac_bits: int, other: int, other_frac_bits: int, out_bits: int) -> int:
    """The angle of the point (x, y) in radians, above -pi and up to pi; 0 for the origin.

    Here raw and frac_bits are of y, which comes first as everywhere.

    Notes
    -----
    Exact is only the angle 0, see `arctan`: on the axes the others are multiples of pi/2.

    Examples
    --------
    >>> from fxtypes.elementary import arctan2
    >>> arctan2(0, 0, 1, 0, 8), arctan2(-3, 0, 0, 0, 8), arctan2(0, 0, -2, 0, 8)
    (0, -403, 805)
    """
    if raw < 0:
        return -arctan2(-raw, frac_bits, other, other_frac_bits, out_bits)
    if not raw and other >= 0:
        return 0
    bits = max(frac_bits, other_frac_bits)
    y, x = raw << bits - frac_bits, other << bits - other_frac_bits
    # y / x < 2**-order
    order = x.bit_length() - 1 - y.bit_length() if x > 0 else 0
    zeros = (x & -x).bit_length() - 1 if x > 0 else 0
    if order > 0 and x == 1 << zeros:
        # q = y / x has fraction bits: q - q**3 / 3 < arctan q < q, and q**3 is below 2**-bits.
        bits = max(zeros, out_bits)
        if 3 * order >= bits:
            return odd_beside(y << bits - zeros, bits, out_bits, False)

    def enclose(precision):
        value = angle(y, x, precision)
        return max(value - ERROR, 0), value + ERROR

    return decide(enclose, out_bits)


def arcsin(raw: int, frac_bits: int, out_bits: int) -> int:
    """The inverse sine in radians, |x| <= 1.

    Examples
    --------
    >>> from fxtypes.elementary import arcsin
    >>> arcsin(0, 0, 8), arcsin(-1, 1, 8), arcsin(1, 0, 8)  # -pi / 6, pi / 2 = 402.1 / 256
    (0, -135, 403)
    """
    if raw < 0:
        return -arcsin(-raw, frac_bits, out_bits)
    if not raw:
        return 0
    _check("arcsin", raw, frac_bits)
    # x < arcsin x < x + x**3 / 5 up to x = 1/2
    beside = beside_argument(raw, frac_bits, out_bits, True)
    if beside is not None:
        return beside

    def enclose(precision):
        side, other = _sides(raw, frac_bits, precision)
        value = angle(side, other, precision)
        return value - ERROR, value + ERROR

    return decide(enclose, out_bits)


def arccos(raw: int, frac_bits: int, out_bits: int) -> int:
    """The inverse cosine in radians, |x| <= 1.

    Examples
    --------
    >>> from fxtypes.elementary import arccos
    >>> arccos(1, 0, 8), arccos(1, 1, 8), arccos(-1, 0, 8)  # pi / 3, pi = 804.2 / 256
    (0, 269, 805)
    """
    one = _check("arccos", raw, frac_bits)
    if raw == one:
        return 0

    def enclose(precision):
        side, other = _sides(raw, max(frac_bits, 0), precision)
        value = angle(other, side, precision)
        return max(value - ERROR, 0), value + ERROR

    return decide(enclose, out_bits)


def _check(name, raw, frac_bits):
    """1 as a raw integer; `ValueError` for arguments beyond it."""
    one = 1 << max(frac_bits, 0)
    if abs(raw) > (one if frac_bits >= 0 else 0):
        raise ValueError(f"{name} of a magnitude above 1, {argument(raw, frac_bits)}")
    return one


def _sides(raw, frac_bits, precision):
    """x exactly and sqrt(1 - x**2) too small by less than 1, in the same unit, at most 1 ulp."""
    bits = max(precision, frac_bits)
    side = raw << bits - frac_bits
    return side, isqrt((1 << 2 * bits) - side * side)


def angle(y: int, x: int, precision: int) -> int:
    """The angle to the point (x, y), y >= 0, times 2**precision, off by less than `ERROR`.

    Parameters
    ----------
    y, x : int
        Not both 0; in any unit. One of them may lack less than 2**-precision of their distance.
    precision : int
        A working precision.

    Notes
    -----
    With t = y / |x| or its inverse, the one up to 1, and i = floor(2**8 t),
    arctan t = arctan(i / 2**8) + arctan z with z = (t - i / 2**8) / (1 + t i / 2**8) < 2**-8.

    The error, in ulp: t rounded down 1, z rounded down and its denominator 1.1, the polynomial 1.1
    (see `_tables`), the table 1.1, pi 2 and its half 1: less than 7.
    """
    across = abs(x)
    low, high = (y, across) if y <= across else (across, y)
    arctans, lead, coefficients = _tables(precision)
    t = (low << precision) // high
    index = t >> precision - 8
    rest = t - (index << precision - 8)
    z = (rest << precision) // ((1 << precision) + (t * index >> 8))
    square = z * z >> precision
    polynomial = lead
    for coefficient in coefficients:
        polynomial = coefficient - (polynomial * square >> precision)
    value = arctans[index] + (polynomial * z >> precision)
    if y > across:
        value = (pi(precision) >> 1) - value
    return value if x >= 0 else pi(precision) - value


@lru_cache(maxsize=32)
def _tables(precision):
    """arctan(i / 2**8); the series' coefficients without signs, from the highest down.

    The polynomial in z**2 at 0 <= z < 2**-8: coefficients are rounded down, and so are each step
    of Horner's rule and z**2, so a step is off by less than 2.1 and 2**-16 of the step before,
    which z makes less than 2.2 * 2**-8; rounding down adds 1. The series alternates, and the first
    term left out is below 2**-8 ulp.
    """
    coefficients, n = [], 1
    while (coefficient := (1 << precision) // n) >> 8 * n - 8:
        coefficients.append(coefficient)
        n += 2
    lead, *rest = reversed(coefficients)
    bits = precision + _EXTRA
    # From angle to angle: arctan a - arctan b = arctan((a - b) / (1 + a b)), each off by less than
    # 2 a term, fewer than the precision; 256 of them by less than 2**28 in all.
    arctans, total = [0], 0
    for i in range(256):
        total += arctan_of_ratio(256, 65536 + i * (i + 1), bits)
        arctans.append(total >> _EXTRA)
    return arctans, lead, rest
