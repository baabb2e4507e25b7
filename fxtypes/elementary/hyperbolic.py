"""sinh and cosh from e**|x| and its reciprocal; their inverses and artanh's from logarithms."""

from functools import lru_cache
from math import isqrt

from .common import (
    INFINITY,
    OVERFLOW_EXPONENT,
    Infinity,
    argument,
    beside_argument,
    decide,
    floor_ln2_multiple,
    odd_beside,
    odd_dyadic,
)
from .exponential import MANTISSA_ERROR, binary_exponent, mantissa
from .logarithm import LOG_ERROR, log_fixed

# Of e**x + e**-x, in ulp: `mantissa`'s, as much and a little of the reciprocal, and rounding down.
_ERROR = 2 * MANTISSA_ERROR + 3


def sinh(raw: int, frac_bits: int, out_bits: int) -> int | Infinity:
    """The hyperbolic sine.

    Notes
    -----
    By the theorem of Lindemann and Weierstrass the result, as that of `cosh`, is transcendental for
    every rational x but 0.

    Examples
    --------
    >>> from fxtypes.elementary import sinh
    >>> sinh(0, 0, 8), sinh(1, 0, 8), sinh(-(10**9), 0, 8)  # 1.17520... * 256 = 300.85
    (0, 301, NEGATIVE_INFINITY)
    """
    if raw < 0:
        return -sinh(-raw, frac_bits, out_bits)
    if not raw:
        return 0
    if raw >= _overflow(frac_bits):
        return INFINITY
    # x < sinh x < x + x**3 / 5 up to x = 1
    beside = beside_argument(raw, frac_bits, out_bits, True)
    if beside is not None:
        return beside
    return _from_exponentials(raw, frac_bits, out_bits, -1)


def cosh(raw: int, frac_bits: int, out_bits: int) -> int | Infinity:
    """The hyperbolic cosine.

    Examples
    --------
    >>> from fxtypes.elementary import cosh
    >>> cosh(0, 0, 8), cosh(1, 0, 8)  # 1.54308... * 256 = 395.03
    (256, 395)
    """
    raw = abs(raw)
    if not raw:
        return odd_dyadic(1, -out_bits)
    if raw >= _overflow(frac_bits):
        return INFINITY
    bits = max(2 * frac_bits + 1, out_bits, 0)
    if 4 * (frac_bits - raw.bit_length()) >= bits:
        # 1 + x**2 / 2 < cosh x < 1 + x**2 / 2 + x**4 / 23 up to x = 1; x**4 is below 2**-bits.
        start = (1 << bits) + (raw * raw << bits - 2 * frac_bits - 1)
        return odd_beside(start, bits, out_bits, True)
    return _from_exponentials(raw, frac_bits, out_bits, 1)


@lru_cache(maxsize=64)
def _overflow(frac_bits):
    """The raw argument from which cosh and sinh are infinite.

    They reach 2**1024 less than 2**-2000 from x = 1025 ln 2, on either side. No number of up to
    1,000 fraction bits lies in between: there are both ones and zeros among the fraction bits
    1,000 to 2,000 of 1025 ln 2.
    """
    return floor_ln2_multiple(OVERFLOW_EXPONENT + 1, frac_bits) + 1


def _from_exponentials(raw, frac_bits, out_bits, sign):
    """(e**x + sign * e**-x) / 2 to odd, 0 < x < 1025 ln 2."""
    if frac_bits < 0:
        raw, frac_bits = raw << -frac_bits, 0
    exponent = max(binary_exponent(raw, frac_bits), 0)  # x isn't negative: 0 leaves it as it is

    def enclose(precision):
        # Both powers times 2**(precision - exponent). The first is 2**precision at least, so what
        # it is off by the reciprocal is off by too, at most, and 1 for rounding down.
        power = mantissa(raw, frac_bits, exponent, precision)
        other = (1 << max(2 * (precision - exponent), 0)) // power
        value = power + sign * other
        return value - _ERROR, value + _ERROR

    return decide(enclose, out_bits - 1 + exponent)


def arcsinh(raw: int, frac_bits: int, out_bits: int) -> int:
    """The inverse hyperbolic sine.

    Examples
    --------
    >>> from fxtypes.elementary import arcsinh
    >>> arcsinh(0, 0, 8), arcsinh(1, 0, 8)  # 0.88137... * 256 = 225.6
    (0, 225)
    """
    if raw < 0:
        return -arcsinh(-raw, frac_bits, out_bits)
    if not raw:
        return 0
    # x - x**3 / 6 < arcsinh x < x
    beside = beside_argument(raw, frac_bits, out_bits, False)
    if beside is not None:
        return beside

    def enclose(precision):
        # log(x + sqrt(x**2 + 1)). Rounding down takes less than 1 from x, 2 from the root and 3
        # from their sum, which is 1 or more: less than 3.1 from the logarithm.
        shift = precision - frac_bits
        x = raw << shift if shift >= 0 else raw >> -shift
        total = x + isqrt(x * x + (1 << 2 * precision))
        value = log_fixed(total, precision, precision)
        return value - LOG_ERROR, value + LOG_ERROR + 4

    return decide(enclose, out_bits)


def arccosh(raw: int, frac_bits: int, out_bits: int) -> int:
    """The inverse hyperbolic cosine of x >= 1.

    Examples
    --------
    >>> from fxtypes.elementary import arccosh
    >>> arccosh(1, 0, 8), arccosh(2, 0, 8)  # 1.31695... * 256 = 337.1
    (0, 337)
    """
    if frac_bits < 0:
        raw, frac_bits = raw << -frac_bits, 0
    one = 1 << frac_bits
    if raw < one:
        raise ValueError(f"arccosh of less than 1, {argument(raw, frac_bits)}")
    if raw == one:
        return 0

    def enclose(precision):
        # log(x + sqrt(x**2 - 1)), with an exact x: near 1 the root would magnify its error. It
        # is rounded down, by less than 1 of a sum of 1 or more.
        bits = max(precision, frac_bits)
        x = raw << bits - frac_bits
        value = log_fixed(x + isqrt(x * x - (1 << 2 * bits)), bits, precision)
        return value - LOG_ERROR, value + LOG_ERROR + 2

    return decide(enclose, out_bits)


def arctanh(raw: int, frac_bits: int, out_bits: int) -> int:
    """The inverse hyperbolic tangent, |x| < 1.

    Notes
    -----
    If y is the result, x is a rational function of e**y: by the theorem of Lindemann y is rational
    only where it is 0, and so is that of `arcsinh` and `arccosh`.

    Examples
    --------
    >>> from fxtypes.elementary import arctanh
    >>> arctanh(0, 0, 8), arctanh(1, 1, 8)  # 0.54930... * 256 = 140.6
    (0, 141)
    """
    if raw < 0:
        return -arctanh(-raw, frac_bits, out_bits)
    if not raw:
        return 0
    one = 1 << max(frac_bits, 0)
    if frac_bits < 0 or raw >= one:
        raise ValueError(f"arctanh of a magnitude of 1 or more, {argument(raw, frac_bits)}")
    # x < arctanh x < x + x**3 / 2 up to x = 1/2
    beside = beside_argument(raw, frac_bits, out_bits, True)
    if beside is not None:
        return beside

    def enclose(precision):
        # Twice the result is log(1 + x) - log(1 - x).
        value = log_fixed(one + raw, frac_bits, precision) - log_fixed(
            one - raw, frac_bits, precision
        )
        return value - 2 * LOG_ERROR, value + 2 * LOG_ERROR

    return decide(enclose, out_bits - 1)
