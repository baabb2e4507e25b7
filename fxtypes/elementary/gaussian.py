"""erf and gelu: Taylor's series around the nearest of many points, kept from call to call."""

from functools import lru_cache
from math import isqrt

from .common import PRECISION_STEP, decide, floor_ln2_multiple, odd_beside, pi
from .exponential import binary_exponent, mantissa

# `normal` is off by less than this many ulp.
_ERROR = 8

# Bits kept beyond the working precision where errors would add up.
_EXTRA = 32

# The points lie 2**-_POINT_BITS apart.
_POINT_BITS = 4


def erf(raw: int, frac_bits: int, out_bits: int) -> int:
    """The error function, 2 / sqrt(pi) times the integral of e**-t**2 from 0 to x.

    Notes
    -----
    The integral is transcendental for every rational x but 0 (Siegel, 1929), but nobody has proven
    its quotient by sqrt(pi) irrational, nor that in `gelu`. If one were dyadic, the evaluation at
    that argument would not end; at any other it does.

    Examples
    --------
    >>> from fxtypes.elementary import erf
    >>> erf(0, 0, 8), erf(1, 0, 8), erf(-(10**9), 0, 8)  # 0.84270... * 256 = 215.7
    (0, 215, -255)
    """
    if raw < 0:
        return -erf(-raw, frac_bits, out_bits)
    if not raw:
        return 0
    if out_bits <= 0:
        return 1  # strictly between 0 and 1
    if frac_bits < 0:
        raw, frac_bits = raw << -frac_bits, 0
    square = raw * raw

    def enclose(precision):
        one = 1 << precision
        # 0 < 1 - erf x < e**-x**2 for x > 0
        if square > floor_ln2_multiple(precision, 2 * frac_bits):
            return one - 1, one
        value = normal(raw, frac_bits, precision, 2)
        return max(value - _ERROR, 0), min(value + _ERROR, one)

    return decide(enclose, out_bits)


def gelu(raw: int, frac_bits: int, out_bits: int) -> int:
    """x times the normal distribution's Phi(x).

    Examples
    --------
    >>> from fxtypes.elementary import gelu
    >>> gelu(0, 0, 8), gelu(1, 0, 8), gelu(-1, 0, 8)  # 0.84134... * 256 = 215.4, -40.6
    (0, 215, -41)
    """
    if not raw:
        return 0
    if frac_bits < 0:
        raw, frac_bits = raw << -frac_bits, 0
    bits = max(frac_bits + 1, out_bits)
    if 2 * (frac_bits - raw.bit_length()) >= bits:
        # x / 2 < gelu x < x / 2 + 0.4 x**2, as Phi(x) - 1/2 is between 0 and 0.4 x; x**2 is below
        # 2**-bits.
        return odd_beside(raw << bits - frac_bits - 1, bits, out_bits, True)
    distance = abs(raw)
    square = raw * raw

    def enclose(precision):
        # With y = |x| gelu(-y) = -y Phi(-y), and gelu(y) = y - y Phi(-y).
        # 0 < y Phi(-y) < y e**(-y**2 / 2) <= e**(-y**2 / 4)
        if square > floor_ln2_multiple(4 * precision, 2 * frac_bits):
            low, high = 0, 1
        else:
            share = (1 << precision - 1) - normal(distance, frac_bits, precision, 1)
            value = distance * share >> frac_bits
            error = ((distance >> frac_bits) + 1) * _ERROR + 1
            low, high = max(value - error, 0), value + error
        base = raw << precision - frac_bits if raw > 0 else 0
        return base - high, base - low

    # At no less than frac_bits x is exact.
    return decide(enclose, out_bits, max(out_bits, frac_bits))


def normal(raw: int, frac_bits: int, precision: int, kind: int) -> int:
    """erf(x) of kind 2, Phi(x) - 1/2 of kind 1, times 2**precision; off by less than `_ERROR`.

    Parameters
    ----------
    raw, frac_bits : int
        x = raw * 2**-frac_bits, from 0 to 64, frac_bits >= 0.
    precision : int
        A multiple of `PRECISION_STEP`.
    kind : int

    Notes
    -----
    x = c + h with |h| <= 2**-5, c one of the points. The error, in ulp: h rounded down 1.2, as the
    derivative is below 1.13; the coefficients 1.01 each and Horner's steps 1 each, both times
    powers of h, less than 2.1; the value at c 1.01; the rest of the series 1 (see `_expansion`).
    """
    index = (raw << _POINT_BITS + 1 >> frac_bits) + 1 >> 1
    shift = precision - frac_bits
    h = (raw << shift if shift >= 0 else raw >> -shift) - (index << precision - _POINT_BITS)
    value, *coefficients = _expansion(index, precision, kind)
    for coefficient in coefficients:
        value = coefficient + (value * h >> precision)
    return value


@lru_cache(maxsize=2048)
def _expansion(index, precision, kind):
    """Taylor's coefficients of `normal` at a point c, from the highest down.

    The derivative is f = F e**(-k t**2 / 2) with F = 2 / sqrt(pi) for k = 2 and 1 / sqrt(2 pi) for
    k = 1, and f' = -k t f: its coefficients at c obey (n+1) b[n+1] = -k (c b[n] + b[n-1]).

    Errors d[n] of single steps grow in the sum of all b[n] h**n to less than the sum of |d[n] h**n|
    times e**(k (c |h| + h**2 / 2)), since that is what the recurrence makes of them with all signs
    equal; less than e**5 here. Within _EXTRA bits that is nothing.

    On the circle |t - c| = 2 |f| is less than F e**(2 k), the real part of -t**2 being at most 4;
    so |b[n]| < 1.13 * 55 * 2**-n. From the N-th on, times 2**(-5 (n+1)) / (n+1), they sum to less
    than 2**(1 - 6 N), at most 1 ulp.
    """
    bits = precision + _EXTRA
    more = (bits // PRECISION_STEP + 2) * PRECISION_STEP  # `integral` takes multiples
    square, frac_bits = index * index, 2 * _POINT_BITS
    exponent = binary_exponent(-square * kind, frac_bits + 1)
    density = mantissa(-square * kind, frac_bits + 1, exponent, more) >> -exponent
    factor = _root_of_inverse_pi(more, 1) * 2 if kind == 2 else _root_of_inverse_pi(more, 2)
    before, b = 0, density * factor >> 2 * more - bits
    area = integral(kind * square, frac_bits, more) * factor * index
    coefficients = [area >> 2 * more - precision + _POINT_BITS]
    for n in range(1, precision // 6 + 2):
        coefficients.append(b // n >> _EXTRA)
        before, b = b, -kind * ((index * b >> _POINT_BITS) + before) // n
    return coefficients[::-1]


def integral(raw: int, frac_bits: int, precision: int) -> int:
    """e**(-w/2) (1 + w/3 + w**2/(3*5) + w**3/(3*5*7) + ...) * 2**precision.

    The integral of e**(-t**2 / 2) from 0 to y is y times this with w = y**2, so that it is at most
    1. Off by less than 12 * precision + 32 ulp.

    Parameters
    ----------
    raw, frac_bits : int
        w = raw * 2**-frac_bits, from 0 up to 4 * precision, frac_bits >= 0.
    precision : int
        A multiple of `PRECISION_STEP`.

    Notes
    -----
    In ulp, s being the sum: w rounded down changes s by less than s / 2, as its derivative is less
    than half of it. Rounding a term down takes less than 1.4 from it, and from all that follow less
    than 1.4 s, as 1 + w/(2n+3) + w**2/((2n+3)(2n+5)) + ... <= s. Each s is made at most 1 by
    e**(-w/2), which itself is off by `MANTISSA_ERROR` of its own last bits. From 2n + 3 >= 2 w on
    the terms left out sum to less than the last one taken, less than 2 of those bits. There are
    fewer than 8 * precision terms. In all less than 12 * precision + 32.
    """
    shift = precision - frac_bits
    w = raw << shift if shift >= 0 else raw >> -shift
    exponent = binary_exponent(-raw, frac_bits + 1)
    term = total = 1 << precision
    limit = 1 << max(-exponent, 0)
    n = 1
    while term > limit or n << precision < 2 * w:
        n += 2
        term = (term * w >> precision) // n
        total += term
    return mantissa(-raw, frac_bits + 1, exponent, precision) * total >> precision - exponent


@lru_cache(maxsize=64)
def _root_of_inverse_pi(precision, divisor=1):
    """sqrt(1 / (divisor * pi)) * 2**precision, off by less than 2."""
    return isqrt((1 << 4 * precision) // (divisor * pi(2 * precision)))
