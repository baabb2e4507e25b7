"""log and its kin: the binary exponent, two short reciprocals from tables, a short polynomial."""

from functools import lru_cache

from .common import PRECISION_STEP, argument, artanh, decide, ln2, odd_beside, odd_dyadic

# `log_fixed` is off by less than this many ulp.
LOG_ERROR = 8

# Bits kept beyond the working precision where errors would add up.
_EXTRA = 32

# Short reciprocals of the low ends of intervals, rounded up. For m in [1 + i/2**8,
# 1 + (i+1)/2**8), m * FIRST[i] / 2**9 is in [1, 1 + 2**-7): the interval's length gives 2**-8
# at most, the rounding up less than m * 2**-9 < 2**-8. For v in [1 + j/2**16, 1 + (j+1)/2**16)
# and below 1 + 2**-7, v * SECOND[j] / 2**17 is in [1, 1 + 2**-15) likewise.
_FIRST = [-(-(1 << 17) // (256 + i)) for i in range(256)]
_SECOND = [-(-(1 << 33) // (65536 + j)) for j in range(512)]


def log(raw: int, frac_bits: int, out_bits: int) -> int:
    """The natural logarithm of x > 0.

    Notes
    -----
    log 1 = 0; for every other rational x the result is transcendental, since e to a rational
    power other than 0 is.

    Examples
    --------
    >>> from fxtypes.elementary import log
    >>> log(1, 0, 8), log(2, 0, 8), log(1, 1, 8)  # 0.69314... * 256 = 177.4
    (0, 177, -177)
    """
    if raw <= 0:
        raise ValueError(f"log of 0 or less, {argument(raw, frac_bits)}")
    if frac_bits >= 0:
        difference = raw - (1 << frac_bits)
        if not difference:
            return 0
        bits = max(frac_bits, out_bits)
        if 2 * (frac_bits - difference.bit_length()) >= bits:
            # d - d**2 < log(1 + d) < d where 0 < |d| <= 1/2: the series' rest after d is
            # -d**2 (1/2 - d/3 + d**2/4 - ...), the bracket above 0 and at most
            # 4 (log 2 - 1/2) < 1; and d**2 is below 2**-bits.
            return odd_beside(difference << bits - frac_bits, bits, out_bits, False)

    def enclose(precision):
        value = log_fixed(raw, frac_bits, precision)
        return value - LOG_ERROR, value + LOG_ERROR

    return decide(enclose, out_bits)


def log1p(raw: int, frac_bits: int, out_bits: int) -> int:
    """log(1 + x), x > -1.

    1 + x has as many fraction bits as x: its logarithm it is.

    Examples
    --------
    >>> from fxtypes.elementary import log1p
    >>> log1p(0, 0, 8), log1p(1, 0, 8)  # log 2 = 177.4 / 256
    (0, 177)
    """
    if frac_bits < 0:
        raw, frac_bits = raw << -frac_bits, 0
    one = 1 << frac_bits
    if raw <= -one:
        raise ValueError(f"log1p of -1 or less, {argument(raw, frac_bits)}")
    return log(raw + one, frac_bits, out_bits)


def log2(raw: int, frac_bits: int, out_bits: int) -> int:
    """The logarithm to base 2 of x > 0.

    Notes
    -----
    If log2 x = p/q then x**q = 2**p, and a rational x is a power of two: there the logarithm is
    its exponent, and elsewhere irrational.

    Examples
    --------
    >>> from fxtypes.elementary import log2
    >>> log2(8, 0, 8), log2(3, 0, 8)  # 3, and 1.58496... = 405.75 / 256
    (768, 405)
    """
    if raw <= 0:
        raise ValueError(f"log2 of 0 or less, {argument(raw, frac_bits)}")
    length = raw.bit_length() - 1
    exponent = length - frac_bits
    if raw == 1 << length:
        return odd_dyadic(exponent, -out_bits)

    def enclose(precision):
        # log2 m with 1 < m = raw * 2**-length < 2. Off by 8 * 1.45 ulp from `log_fixed`, less than
        # 1.5 from the factor, and 1 from rounding down.
        factor = _inverse_logarithm(2, precision)
        value = log_fixed(raw, length, precision) * factor >> precision + _EXTRA
        integer = exponent << precision
        low, high = max(value - 15, 0), min(value + 15, 1 << precision)
        return integer + low, integer + high

    return decide(enclose, out_bits)


def log10(raw: int, frac_bits: int, out_bits: int) -> int:
    """The logarithm to base 10 of x > 0.

    Notes
    -----
    If log10 x = p/q then x**q = 10**p, and in x the primes 2 and 5 have the same exponent p/q: x is
    a power of ten with an integer exponent, which is not negative where x is dyadic. Everywhere
    else the logarithm is irrational.

    Examples
    --------
    >>> from fxtypes.elementary import log10
    >>> log10(1000, 0, 8), log10(2, 0, 8)  # 3, and 0.30102... = 77.06 / 256
    (768, 77)
    """
    if raw <= 0:
        raise ValueError(f"log10 of 0 or less, {argument(raw, frac_bits)}")
    exponent = _exponent_of_ten(raw, frac_bits)
    if exponent is not None:
        return odd_dyadic(exponent, -out_bits)

    def enclose(precision):
        # Off by 8 * .44 ulp from `log_fixed`, less than 1 from the factor while |log x| < 2**31,
        # and 1 from rounding down.
        value = log_fixed(raw, frac_bits, precision) * _inverse_logarithm(10, precision)
        value >>= precision + _EXTRA
        return value - 6, value + 6

    return decide(enclose, out_bits)


def _exponent_of_ten(raw, frac_bits):
    """n where x is 10**n, n >= 0; else None."""
    zeros = (raw & -raw).bit_length() - 1
    exponent = zeros - frac_bits  # of 2 in x, and of 5 in a power of ten
    odd = raw >> zeros
    # 5**n has floor(n * log2 5) + 1 bits: of two to three a factor.
    if exponent < 0 or not 2 * exponent < odd.bit_length() <= 3 * exponent + 1:
        return None
    return exponent if odd == 5**exponent else None


@lru_cache(maxsize=64)
def _inverse_logarithm(base, precision):
    """2**(precision + _EXTRA) / log(base), off by less than 1.1."""
    bits = precision + 2 * PRECISION_STEP
    # `log_fixed` is off by 8 of 2**(2 * PRECISION_STEP - _EXTRA) ulp.
    return (1 << precision + _EXTRA + bits) // log_fixed(base, 0, bits)


def log_fixed(raw: int, frac_bits: int, precision: int) -> int:
    """log(x) * 2**precision, off by less than `LOG_ERROR`.

    Parameters
    ----------
    raw, frac_bits : int
        x = raw * 2**-frac_bits > 0, its binary exponent below 2**29 in magnitude.
    precision : int
        A multiple of `PRECISION_STEP`.

    Notes
    -----
    x = 2**e * m with 1 <= m < 2, and d = m * c1 * c2 - 1 is in [0, 2**-15) with the short
    reciprocals c1 and c2: log x = e log 2 - log c1 - log c2 + log(1 + d).

    The error, in ulp: m rounded down 1, d rounded down 1, log(1 + d) 2.1 (see `_tables`), the
    tables 1.1 each, e log 2 rounded down and |e| * 2**-31 from log 2 together 1.3; less than 8
    in all.
    """
    first, second, lead, coefficients, ln_2 = _tables(precision)
    length = raw.bit_length() - 1
    shift = precision - length
    m = raw << shift if shift >= 0 else raw >> -shift
    i = (m >> precision - 8) - 256
    m *= _FIRST[i]
    j = (m >> precision - 7) - 65536
    d = (m * _SECOND[j] >> 26) - (1 << precision)
    polynomial = lead
    for coefficient in coefficients:
        polynomial = coefficient + (polynomial * d >> precision)
    return (
        ((length - frac_bits) * ln_2 >> _EXTRA)
        + first[i]
        + second[j]
        + (polynomial * d >> precision)
    )


def tables_of_words(precision: int) -> tuple[list[int], list[int], int, int]:
    """-log c1, -log c2 and log 2, times 2**precision and off by 1.1, and the polynomial's terms.

    For kernels, which do as `log_fixed` does.
    """
    first, second, _, coefficients, ln_2 = _tables(precision)
    return first, second, ln_2 >> _EXTRA, len(coefficients) + 1


@lru_cache(maxsize=32)
def _tables(precision):
    """-log c1, -log c2, Taylor's coefficients of log(1 + d) / d from the highest down, log 2.

    The polynomial at 0 <= d < 2**-15: coefficients are rounded down and so is each step of
    Horner's rule, so a step is off by 2 and 2**-15 of the step before; the last, times d,
    by 1 and 2.001 * 2**-15. The series alternates, and the first term left out, times d, is
    below 1.
    """
    coefficients, n = [], 1
    while (coefficient := (1 << precision) // n) >> 15 * n:
        coefficients.append(coefficient if n % 2 else -coefficient)
        n += 1
    lead, *rest = reversed(coefficients)
    bits = precision + _EXTRA
    two = ln2(bits)
    # -log(c / 2**9) = log 2 - (log c - log 2**8): the integers' logarithms by their ratios
    # (n + 1) / n, log((n + 1) / n) = 2 artanh(1 / (2n + 1)).
    logs, total = {256: 0}, 0
    for n in range(256, 512):
        total += 2 * artanh(1, 2 * n + 1, bits)
        logs[n + 1] = total
    first = [two - logs[c] >> _EXTRA for c in _FIRST]
    # The same downwards from c = 2**17: log(b / c) = 2 artanh((b - c) / (b + c)).
    second, total, previous = [], 0, 1 << 17
    for c in _SECOND:
        total += 2 * artanh(previous - c, previous + c, bits)
        second.append(total >> _EXTRA)
        previous = c
    return first, second, lead, rest, two
