"""Powers: of an integer exponent exactly or by repeated squaring, of others by e**(y log x)."""

from math import isqrt

from .common import (
    INFINITY,
    OVERFLOW_EXPONENT,
    PRECISION_STEP,
    Infinity,
    argument,
    floor_ln2_multiple,
    odd_between,
    odd_dyadic,
    working_precision,
)
from .exponential import MANTISSA_ERROR, binary_exponent, mantissa
from .logarithm import LOG_ERROR, log_fixed
from .roots import integer_root

# Odd powers of no more bits are computed exactly. Longer ones are exact in no format, nor ties:
# two bounds that are close enough decide how they round.
_EXACT_BITS = 4096

# Bits of a logarithm beyond the working precision of its exponential.
_EXTRA = 32


def power(
    raw: int, frac_bits: int, other: int, other_frac_bits: int, out_bits: int
) -> int | Infinity:
    """x**y; 0**0 is 1, and 0 to a negative power an infinity.

    x is not negative where y is no integer.

    Examples
    --------
    >>> from fxtypes.elementary import power
    >>> power(9, 2, 3, 1, 8), power(-2, 0, -3, 0, 8), power(2, 0, 1, 1, 8)  # 3.375, -1/8, 362.04
    (864, -32, 363)
    """
    if other_frac_bits <= 0:
        return integer_power(raw, other << -other_frac_bits, frac_bits, out_bits)
    zeros = min((other & -other).bit_length() - 1, other_frac_bits) if other else other_frac_bits
    ratio = other >> zeros, 1 << other_frac_bits - zeros
    return rational_power(raw, ratio, frac_bits, out_bits)


def rational_power(
    raw: int, exponent: tuple[int, int], frac_bits: int, out_bits: int
) -> int | Infinity:
    """x**(p/q), correctly rounded to odd, for an exponent (p, q) in lowest terms, q > 0.

    Notes
    -----
    If x > 0 has a rational power x**(p/q) = r, then x = (r**u x**v)**q with u p + v q = 1: it is
    the q-th power of a rational number z, and the result is z**p, an integer power. Of the other x
    the result is irrational, and next to no dyadic number for ever.
    """
    p, q = exponent
    if q == 1:
        return integer_power(raw, p, frac_bits, out_bits)
    if raw < 0:
        raise ValueError(
            "power of a negative number with an exponent that is no integer, "
            f"{argument(raw, frac_bits)}"
        )
    if not raw:
        return 0 if p > 0 else INFINITY
    zeros = (raw & -raw).bit_length() - 1
    of_two = zeros - frac_bits  # x is an odd integer times 2**of_two
    if of_two % q == 0:
        root = _exact_root(raw >> zeros, q)
        if root is not None:
            return integer_power(root, p, -(of_two // q), out_bits)
    return _by_logarithm(raw, exponent, frac_bits, out_bits)


def _exact_root(odd, q):
    """The integer whose q-th power is `odd`, q > 1; None: there is none."""
    if odd == 1:
        return 1
    if q >= odd.bit_length():
        return None
    while q % 2 == 0:
        root = isqrt(odd) if odd & 7 == 1 else 0  # an odd square is 1 modulo 8
        if root * root != odd:
            return None
        odd, q = root, q // 2
    root = integer_root(odd, q)
    return root if root**q == odd else None


def _by_logarithm(raw, exponent, frac_bits, out_bits):
    """x**(p/q) to odd, x > 0, where it is irrational."""
    p, q = exponent
    above = (p > 0) == (raw > 1 << frac_bits if frac_bits >= 0 else True)  # above 1
    # |p / q| < 2**(growth - 4): with so many bits more LOG_ERROR makes less than 1 of the product,
    # and rounding down another 1.
    growth = max(p.bit_length() - q.bit_length() + 1, 0) + LOG_ERROR.bit_length()

    def logarithm(bits):
        """log(x**(p/q)) * 2**bits, off by less than 2."""
        precision = -(-(bits + growth) // PRECISION_STEP) * PRECISION_STEP
        return log_fixed(raw, frac_bits, precision) * p // (q << precision - bits)

    # With enough bits for most results that are not far above 1.
    bits = working_precision(max(out_bits, 0) + 8) + _EXTRA
    log = logarithm(bits)
    if log - 2 > floor_ln2_multiple(OVERFLOW_EXPONENT, bits):
        return INFINITY
    if log + 2 <= floor_ln2_multiple(1 - out_bits, bits):
        return 1  # below 2**(1 - out_bits)
    e = binary_exponent(log, bits)
    precision = working_precision(e + out_bits)
    while True:
        # With _EXTRA bits more the logarithm's error is less than 1 ulp of the mantissa.
        if bits < precision + _EXTRA:
            bits = precision + _EXTRA
            log = logarithm(bits)
        value = mantissa(log, bits, e, precision)
        low, high = value - MANTISSA_ERROR - 1, value + MANTISSA_ERROR + 1
        # The power is between these times 2**(e - precision). Where it hugs 1, it's known on which
        # side it lies.
        shift = precision - e
        if above:
            low = max(low, 1 << max(shift, 0))
        else:
            high = min(high, 1 << max(shift, 0))
        if low >> shift + OVERFLOW_EXPONENT:
            return INFINITY
        if high <= 1 << shift + OVERFLOW_EXPONENT:
            result = odd_between(low, high, shift - out_bits)
            if result is not None:
                return result
        precision *= 2


def integer_power(raw: int, n: int, frac_bits: int, out_bits: int) -> int | Infinity:
    """x**n, correctly rounded to odd; infinities as `power`'s."""
    if n == 0:
        return odd_dyadic(1, -out_bits)
    if raw == 0:
        return 0 if n > 0 else INFINITY
    if raw < 0:
        magnitude = integer_power(-raw, n, frac_bits, out_bits)
        return -magnitude if n & 1 else magnitude
    zeros = (raw & -raw).bit_length() - 1
    odd = raw >> zeros
    exponent = n * (zeros - frac_bits)  # the power is odd**n * 2**exponent
    if odd == 1:
        if exponent >= OVERFLOW_EXPONENT:
            return INFINITY
        return 1 if exponent + out_bits < 0 else 1 << exponent + out_bits
    if odd.bit_length() * abs(n) > _EXACT_BITS:
        return _by_interval(odd, n, exponent, out_bits)
    magnitude = odd ** abs(n)
    by = exponent + out_bits
    if n > 0:
        if magnitude.bit_length() + exponent > OVERFLOW_EXPONENT:
            return INFINITY
        return odd_dyadic(magnitude, min(-by, magnitude.bit_length() + 1))
    if exponent >= OVERFLOW_EXPONENT + magnitude.bit_length():
        return INFINITY  # 2**exponent / magnitude >= 2**1024
    return (1 << by) // magnitude | 1 if by > 0 else 1


def _by_interval(odd, n, exponent, out_bits):
    """odd**n * 2**(exponent + out_bits) to odd, from two bounds of the power.

    They are found by repeated squaring, with ever more bits until both round alike.
    """
    # All bits down to 2**-out_bits, the growth of the error with n, and some.
    precision = OVERFLOW_EXPONENT + abs(out_bits) + 2 * n.bit_length() + 64
    while True:
        # low * 2**e < odd**|n| < high * 2**f
        (low, e), (high, f) = (_truncated(odd, abs(n), precision, up) for up in (False, True))
        if n < 0:
            scale = 2 * precision
            low, e, high, f = (1 << scale) // high, -f - scale, -(-(1 << scale) // low), -e - scale
        e, f = e + exponent, f + exponent
        if low.bit_length() + e > OVERFLOW_EXPONENT:
            return INFINITY
        if high.bit_length() + f <= OVERFLOW_EXPONENT:
            # odd(v) of an open interval: both ends' floors to even integers agree
            if high.bit_length() + f + out_bits < 0:
                return 1
            floor_low, floor_high = _floor(low, e + out_bits), _floor(high, f + out_bits)
            if floor_low == floor_high:
                return floor_low | 1
        precision *= 2


def _floor(value, by):
    return value << by if by >= 0 else value >> -by


def _truncated(base, n, precision, up):
    """base**n as (mantissa, exponent), the mantissa rounded up or down to `precision` bits."""
    mantissa, exponent = 1, 0
    for bit in bin(n)[2:]:
        mantissa, exponent = mantissa * mantissa, 2 * exponent
        if bit == "1":
            mantissa *= base
        excess = mantissa.bit_length() - precision
        if excess > 0:
            mantissa = -(-mantissa >> excess) if up else mantissa >> excess
            exponent += excess
    return mantissa, exponent
