"""sin, cos and tan: reduction by multiples of pi/2, a table of angles, two short polynomials."""

from functools import lru_cache

from .common import PRECISION_STEP, beside_argument, decide, odd_beside, odd_dyadic, pi

# `sine_and_cosine` is off by less than this many ulp.
ERROR = 16

# Bits kept beyond the working precision where errors would add up.
_EXTRA = 32


def sin(raw: int, frac_bits: int, out_bits: int) -> int:
    """The sine of x in radians.

    Notes
    -----
    By the theorem of Lindemann and Weierstrass sin x, cos x and tan x are transcendental for every
    rational x but 0.

    Examples
    --------
    >>> from fxtypes.elementary import sin
    >>> sin(0, 0, 8), sin(1, 0, 8), sin(-1, 0, 8)  # 0.84147... * 256 = 215.4
    (0, 215, -215)
    """
    if raw < 0:
        return -sin(-raw, frac_bits, out_bits)
    if not raw:
        return 0
    # x - x**3 / 6 < sin x < x
    beside = beside_argument(raw, frac_bits, out_bits, False)
    if beside is not None:
        return beside

    def enclose(precision):
        quadrant, sine, cosine = sine_and_cosine(raw, frac_bits, precision)
        value = (sine, cosine, -sine, -cosine)[quadrant]
        return value - ERROR, value + ERROR

    return decide(enclose, out_bits)


def cos(raw: int, frac_bits: int, out_bits: int) -> int:
    """The cosine of x in radians.

    Examples
    --------
    >>> from fxtypes.elementary import cos
    >>> cos(0, 0, 8), cos(1, 0, 8)  # 0.54030... * 256 = 138.3
    (256, 139)
    """
    raw = abs(raw)
    bits = max(2 * frac_bits + 1, out_bits, 0)
    if not raw:
        return odd_dyadic(1, -out_bits)
    if 4 * (frac_bits - raw.bit_length()) >= bits:
        # 1 - x**2 / 2 < cos x < 1 - x**2 / 2 + x**4 / 24, and x**4 is below 2**-bits.
        start = (1 << bits) - (raw * raw << bits - 2 * frac_bits - 1)
        return odd_beside(start, bits, out_bits, True)

    def enclose(precision):
        quadrant, sine, cosine = sine_and_cosine(raw, frac_bits, precision)
        value = (cosine, -sine, -cosine, sine)[quadrant]
        return value - ERROR, value + ERROR

    return decide(enclose, out_bits)


def tan(raw: int, frac_bits: int, out_bits: int) -> int:
    """The tangent of x in radians.

    No rational x is a pole, but one may lie next to a pole: then the sine and the cosine are
    evaluated until their quotient is known.

    Examples
    --------
    >>> from fxtypes.elementary import tan
    >>> tan(0, 0, 8), tan(1, 0, 8), tan(11, 0, 0)  # 1.5574... * 256 = 398.7; -225.95
    (0, 399, -225)
    """
    if raw < 0:
        return -tan(-raw, frac_bits, out_bits)
    if not raw:
        return 0
    # x < tan x < x + x**3 / 2 up to x = 1/2
    beside = beside_argument(raw, frac_bits, out_bits, True)
    if beside is not None:
        return beside

    def enclose(precision):
        low, high, tried = 0, 0, precision
        while low <= 0:  # |x - a pole| is not known to be above 0
            quadrant, sine, cosine = sine_and_cosine(raw, frac_bits, tried)
            # tan(r + pi/2) = -1 / tan r
            top, bottom = (cosine, sine) if quadrant & 1 else (sine, cosine)
            low, high = bottom - ERROR, bottom + ERROR
            tried *= 2
        # A top next to 0 may be below it, where x is just below a multiple of pi/2.
        least = (top - ERROR << precision) // (high if top >= ERROR else low)
        most = -((-top - ERROR << precision) // low)
        return (-most, -least) if quadrant & 1 else (least, most)

    return decide(enclose, out_bits)


def sine_and_cosine(raw: int, frac_bits: int, precision: int) -> tuple[int, int, int]:
    """n mod 4 and the sine and the cosine of x - n pi/2, which is in [0, pi/2) or next to it.

    Parameters
    ----------
    raw, frac_bits : int
        x = raw * 2**-frac_bits >= 0.
    precision : int
        A multiple of `PRECISION_STEP`.

    Returns
    -------
    quadrant : int
    sine, cosine : int
        Times 2**precision, off by less than `ERROR`.

    Notes
    -----
    x - n pi/2 = i / 2**8 + t with 0 <= t < 2**-8. Whatever n is, its error is what matters: with
    as many bits more as x has integer bits, n times that of pi/2 is less than 2**-31 ulp.

    The error, in ulp. The reduced argument: that and rounding down, less than 1.1. The tables:
    less than 1.1 each. The polynomials: less than 5 (see `_tables`). So a sum of two products,
    the sine's factors below 1 and 2**-8: 1.1 + 5 + 2**-8 * (1.1 + 5) + 1.1 + 1 for
    rounding down, less than 9.
    """
    integer_bits = max(raw.bit_length() - frac_bits, 0)
    integer_bits += -integer_bits % PRECISION_STEP  # so that few values of pi serve many arguments
    bits = precision + _EXTRA + integer_bits
    shift = bits - frac_bits
    scaled = raw << shift if shift >= 0 else raw >> -shift
    n, reduced = divmod(scaled, pi(bits) >> 1)
    sines, cosines, lead_sine, sine_terms, lead_cosine, cosine_terms = _tables(precision)
    reduced >>= _EXTRA + integer_bits
    tail = precision - 8
    index = reduced >> tail
    t = reduced - (index << tail)
    square = t * t >> precision
    sine, cosine = lead_sine, lead_cosine
    for coefficient in sine_terms:
        sine = coefficient - (sine * square >> precision)
    for coefficient in cosine_terms:
        cosine = coefficient - (cosine * square >> precision)
    sine = sine * t >> precision
    s, c = sines[index], cosines[index]
    return n & 3, s * cosine + c * sine >> precision, c * cosine - s * sine >> precision


@lru_cache(maxsize=32)
def _tables(precision):
    """sin(i / 2**8) and cos(i / 2**8); Taylor's coefficients, without signs, highest down.

    The polynomials in t**2 at 0 <= t < 2**-8: coefficients are rounded down, and so are each step
    of Horner's rule and t**2, so a step is off by less than 2.1 and 2**-16 of the step before,
    less than 2.2 in all; the sine times t by 1 more. The first term left out is below 1 ulp, and
    the series alternate.
    """
    coefficients, factorial, degree = [], 1, 0
    while (coefficient := (1 << precision) // factorial) >> 8 * degree:
        coefficients.append(coefficient)
        degree += 1
        factorial *= degree
    lead_cosine, *cosine_terms = coefficients[::2][::-1]
    lead_sine, *sine_terms = coefficients[1::2][::-1]
    sines, cosines = _rotations(403, precision)  # i / 2**8 reaches pi/2 + 2**-30
    return sines, cosines, lead_sine, sine_terms, lead_cosine, cosine_terms


def _rotations(count, precision):
    """sin(i / 2**8) and cos(i / 2**8) times 2**precision, i < count, off by less than 1.1."""
    # With 32 bits more: the base is off by less than 3 a term of its series, the i-th rotation by
    # less than i * (6 * precision + 4), below 2**28 for any precision that fits into memory.
    bits = precision + _EXTRA
    parts, term, n = [0, 0], 1 << bits, 0
    while term:
        parts[n & 1] += -term if n & 2 else term
        n += 1
        term = (term >> 8) // n
    cosine, sine = parts
    x, y = 1 << bits, 0
    sines, cosines = [], []
    for _ in range(count):
        cosines.append(x >> _EXTRA)
        sines.append(y >> _EXTRA)
        x, y = x * cosine - y * sine >> bits, x * sine + y * cosine >> bits
    return sines, cosines
