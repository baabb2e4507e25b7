"""exp, exp2 and expm1: reduction by multiples of ln 2, two table look-ups, a short polynomial."""

from functools import lru_cache

from .common import (
    INFINITY,
    OVERFLOW_EXPONENT,
    Infinity,
    decide,
    floor_ln2_multiple,
    ln2,
    odd_beside,
    odd_dyadic,
)

# `mantissa` is off by less than this many ulp, `decay` by less than half and one more.
MANTISSA_ERROR = 16
DECAY_ERROR = MANTISSA_ERROR // 2 + 1

# Bits kept beyond the working precision where errors would add up.
_EXTRA = 32

# 2**64 / ln 2, off by less than 1.01.
_INVERSE_LN2 = (1 << 160) // ln2(96)


def exp(raw: int, frac_bits: int, out_bits: int) -> int | Infinity:
    """e**x.

    Notes
    -----
    e**x is transcendental for every rational x but 0 (Hermite, Lindemann), so 0 is the one
    exact case and every other rounding is decided by enough precision.

    Examples
    --------
    >>> from fxtypes.elementary import exp
    >>> exp(1, 0, 8) / 2**8  # e = 2.71828...
    2.71484375
    >>> exp(10**8, 0, 8)
    INFINITY
    """
    lowest, overflow = _limits(frac_bits, out_bits)
    if raw >= overflow:
        return INFINITY
    if not raw:
        return odd_dyadic(1, -out_bits)
    if raw <= lowest:
        return 1
    bits = max(frac_bits, out_bits, 0)
    if 2 * (frac_bits - raw.bit_length()) >= bits:
        # 1 + x < e**x < 1 + x + x**2 where 0 < |x| <= 1, as x**2 / 2 + x**3 / 6 + ... is positive
        # and at most (e - 2) x**2; and x**2 is below 2**-bits.
        return odd_beside((1 << bits) + (raw << bits - frac_bits), bits, out_bits, True)
    if frac_bits < 0:
        raw, frac_bits = raw << -frac_bits, 0
    exponent = binary_exponent(raw, frac_bits)

    def enclose(precision):
        value = mantissa(raw, frac_bits, exponent, precision)
        return value - MANTISSA_ERROR, value + MANTISSA_ERROR

    return decide(enclose, exponent + out_bits)


def exp2(raw: int, frac_bits: int, out_bits: int) -> int | Infinity:
    """2**x.

    Notes
    -----
    2**(p/q) in lowest terms is rational only for q = 1, as x**q - 2**p has no rational root else
    (its only prime is 2, whose exponent q doesn't divide). So the exact cases are the integers.

    Examples
    --------
    >>> from fxtypes.elementary import exp2
    >>> exp2(-3, 0, 8), exp2(1, 1, 8)  # 1/8, and 2**.5 = 362.04 / 256
    (32, 363)
    """
    if frac_bits < 0:
        raw, frac_bits = raw << -frac_bits, 0
    exponent = raw >> frac_bits
    if exponent >= OVERFLOW_EXPONENT:
        return INFINITY
    if exponent < -out_bits:
        return 1  # below 2**-out_bits
    rest = raw - (exponent << frac_bits)
    if not rest:
        return 1 << exponent + out_bits
    bits = max(out_bits, 0)
    if frac_bits - raw.bit_length() >= bits:
        # 0 < 2**x - 1 < x < 2**-bits, with both signs for x < 0.
        return odd_beside(1 << bits, bits, out_bits, raw > 0)

    def enclose(precision):
        # ln 2 and rounding down make this too small by less than 1.1: less than `mantissa` allows.
        reduced = rest * ln2(precision + _EXTRA) >> frac_bits + _EXTRA
        value = power_of_e(reduced, precision)
        return value - MANTISSA_ERROR, value + MANTISSA_ERROR

    return decide(enclose, exponent + out_bits)


def expm1(raw: int, frac_bits: int, out_bits: int) -> int | Infinity:
    """e**x - 1.

    Notes
    -----
    With fraction bits to the result 1 is an even integer of its last bits, so that this is `exp`
    less 1. It is infinite from e**x = 2**1024 + 1 on, for the same arguments as `exp`: between the
    two logarithms, less than 2**-1024 apart, lies no number of up to 1,000 fraction bits, as there
    are both ones and zeros among the fraction bits 1,000 to 2,000 of 1024 ln 2.

    Examples
    --------
    >>> from fxtypes.elementary import expm1
    >>> expm1(0, 0, 8), expm1(1, 0, 8)  # e - 1 = 439.88 / 256
    (0, 439)
    """
    bits = max(out_bits, 1)
    power = exp(raw, frac_bits, bits)
    if isinstance(power, Infinity):
        return power
    return odd_dyadic(power - (1 << bits), bits - out_bits)


@lru_cache(maxsize=256)
def _limits(frac_bits, out_bits):
    """The raw arguments up to which the result is 1, and from which it is infinite.

    e**x < 2**(1 - out_bits), x < (1 - out_bits) ln 2, rounds to odd as 1; equality would need
    x = 0.
    """
    return (
        floor_ln2_multiple(1 - out_bits, frac_bits),
        floor_ln2_multiple(OVERFLOW_EXPONENT, frac_bits) + 1,
    )


def binary_exponent(raw: int, frac_bits: int) -> int:
    """floor(x / ln 2), or one less when x / ln 2 is less than 2**-30 above its floor.

    x = raw * 2**-frac_bits with frac_bits >= 0 and |x| < 2**29. The product, shifted, is
    x / ln 2 * 2**32 to within 1.01 * 2**-3 and the rounding down; less 2 it is too small by
    0.8 to 3.2. So x less this multiple of ln 2 is above 2**-33, not just above 0.
    """
    return ((raw * _INVERSE_LN2 >> frac_bits + 32) - 2) >> 32


def mantissa(raw: int, frac_bits: int, exponent: int, precision: int) -> int:
    """e**x * 2**(precision - exponent), off by less than `MANTISSA_ERROR`.

    Parameters
    ----------
    raw, frac_bits : int
        x = raw * 2**-frac_bits, frac_bits >= 0, |x| < 2**29.
    exponent : int
        `binary_exponent` of x.
    precision : int
        A multiple of `PRECISION_STEP`.

    Notes
    -----
    r = x - exponent * ln 2 is in (0, ln 2 + 2**-30), and e**r = first[i] * second[j] * e**t
    with r = i / 2**8 + j / 2**16 + t.

    The error, in ulp. r: rounding down and |exponent| * 2**-31 from ln 2, less than 1.5,
    which e**r <= 2.01 makes less than 3.1. The polynomial: less than 3.1 (see `_tables`). The
    tables' entries: less than 1.1 each, so first * second, at most 2.01, less than
    1.1 * 1.004 + 2.01 * 1.1 + 1 < 4.4. All: 3.1 + 4.4 * 1.0001 + 2.01 * 3.1 + 1 < 15.
    """
    shift = precision + _EXTRA - frac_bits
    scaled = raw << shift if shift >= 0 else raw >> -shift
    return power_of_e(scaled - exponent * ln2(precision + _EXTRA) >> _EXTRA, precision)


def power_of_e(reduced: int, precision: int) -> int:
    """e**r * 2**precision for r = reduced * 2**-precision in [0, ln 2 + 2**-30]: see `mantissa`."""
    first, second, lead, coefficients = _tables(precision)
    tail = precision - 16
    index = reduced >> tail
    t = reduced - (index << tail)
    polynomial = lead
    for coefficient in coefficients:
        polynomial = coefficient + (polynomial * t >> precision)
    return (first[index >> 8] * second[index & 255] >> precision) * polynomial >> precision


def decay(raw: int, frac_bits: int, precision: int) -> int:
    """e**x * 2**precision for x < 0, off by less than `DECAY_ERROR`; else as `mantissa`."""
    exponent = binary_exponent(raw, frac_bits)  # -1 or less
    return mantissa(raw, frac_bits, exponent, precision) >> -exponent


@lru_cache(maxsize=32)
def _tables(precision):
    """e**(i/2**8), e**(j/2**16), and Taylor's coefficients from the highest down.

    The polynomial at 0 <= t < 2**-16: coefficients are rounded down and so is each step of
    Horner's rule, so a step is off by 2 and 2**-16 of the step before, less than 2.001 in
    all. The first term left out is below 1 ulp, and so all of them below 1.001.
    """
    coefficients, factorial, degree = [1 << precision], 1, 1
    while True:
        factorial *= degree
        coefficient = (1 << precision) // factorial
        if coefficient >> 16 * degree == 0:
            break
        coefficients.append(coefficient)
        degree += 1
    lead, *rest = reversed(coefficients)
    # i / 2**8 reaches ln 2 + 2**-30.
    first = _powers(8, 178, precision)
    second = _powers(16, 256, precision)
    return first, second, lead, rest


def _powers(step, count, precision):
    """e**(i * 2**-step) * 2**precision for i < count, each too small by less than 1.1."""
    # With 32 bits more: the base lacks less than 3 a term of its series, fewer than the
    # precision; the i-th power less than i * (3 * precision + 1) * e, below 2**28 for any
    # precision that fits into memory.
    bits = precision + _EXTRA
    base, term, n = 0, 1 << bits, 1
    while term:
        base += term
        term = (term >> step) // n
        n += 1
    powers, power = [], 1 << bits
    for _ in range(count):
        powers.append(power >> _EXTRA)
        power = power * base >> bits
    return powers
