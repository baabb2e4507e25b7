"""Roots and the reciprocal: integer roots and quotients, decided by their remainders."""

from math import isqrt

from .common import INFINITY, Infinity, argument


def sqrt(raw: int, frac_bits: int, out_bits: int) -> int:
    """The square root of x >= 0.

    Examples
    --------
    >>> from fxtypes.elementary import sqrt
    >>> sqrt(9, 2, 1), sqrt(2, 0, 8)  # 1.5 * 2 exactly, 362.04 to odd
    (3, 363)
    """
    if raw < 0:
        raise ValueError(f"sqrt of a negative number, {argument(raw, frac_bits)}")
    # floor(sqrt(y)) = isqrt(floor(y)) with y = x * 4**out_bits; exact if nothing was lost.
    shift = 2 * out_bits - frac_bits
    scaled = raw << shift if shift >= 0 else raw >> -shift
    root = isqrt(scaled)
    exact = root * root == scaled and (shift >= 0 or scaled << -shift == raw)
    return root if exact else root | 1


def rsqrt(raw: int, frac_bits: int, out_bits: int) -> int:
    """1 / sqrt(x), x > 0.

    Examples
    --------
    >>> from fxtypes.elementary import rsqrt
    >>> rsqrt(1, 2, 1), rsqrt(2, 0, 8)  # 2 * 2 exactly, 181.02 to odd
    (4, 181)
    """
    if raw <= 0:
        raise ValueError(f"rsqrt of 0 or less, {argument(raw, frac_bits)}")
    # As for sqrt, with y = 2**(2 * out_bits + frac_bits) / raw.
    shift = 2 * out_bits + frac_bits
    if shift < 0:
        return 1  # y < 1
    scaled, rest = divmod(1 << shift, raw)
    root = isqrt(scaled)
    return root if not rest and root * root == scaled else root | 1


def cbrt(raw: int, frac_bits: int, out_bits: int) -> int:
    """The cube root of x.

    Examples
    --------
    >>> from fxtypes.elementary import cbrt
    >>> cbrt(-27, 3, 1), cbrt(2, 0, 8)  # -1.5 * 2 exactly, 322.5 to odd
    (-3, 323)
    """
    if raw < 0:
        return -cbrt(-raw, frac_bits, out_bits)
    # floor(cbrt(y)) = icbrt(floor(y)) with y = x * 8**out_bits; exact if nothing was lost.
    shift = 3 * out_bits - frac_bits
    scaled = raw << shift if shift >= 0 else raw >> -shift
    root = integer_root(scaled, 3)
    exact = root**3 == scaled and (shift >= 0 or scaled << -shift == raw)
    return root if exact else root | 1


def integer_root(value: int, n: int) -> int:
    """floor(value ** (1/n)) of value >= 0, n >= 1."""
    if value < 2 or n == 1:
        return value
    # Newton's method from above: it falls until it reaches the floor, by the inequality of the
    # arithmetic and the geometric mean. Half the root's bits come from a shorter root.
    half = (value.bit_length() - 1) // n // 2
    if half < 8:
        root = 1 << -(-value.bit_length() // n)
    else:
        root = integer_root(value >> half * n, n) + 1 << half
    while True:
        better = ((n - 1) * root + value // root ** (n - 1)) // n
        if better >= root:
            return root
        root = better


def reciprocal(raw: int, frac_bits: int, out_bits: int) -> int | Infinity:
    """1 / x; `INFINITY` for 0.

    Examples
    --------
    >>> from fxtypes.elementary import reciprocal
    >>> reciprocal(-8, 0, 8), reciprocal(3, 0, 8)  # 85.3 to odd
    (-32, 85)
    """
    if not raw:
        return INFINITY
    shift = frac_bits + out_bits
    numerator, denominator = 1 << max(shift, 0), raw << max(-shift, 0)
    quotient, rest = divmod(numerator, denominator)
    return quotient | (rest != 0)


def hypot(raw: int, frac_bits: int, other: int, other_frac_bits: int, out_bits: int) -> int:
    """The square root of x**2 + y**2.

    Examples
    --------
    >>> from fxtypes.elementary import hypot
    >>> hypot(3, 1, -2, 0, 1), hypot(1, 0, 1, 0, 8)  # 2.5 * 2 exactly, 362.04 to odd
    (5, 363)
    """
    bits = max(frac_bits, other_frac_bits)
    x, y = raw << bits - frac_bits, other << bits - other_frac_bits
    return sqrt(x * x + y * y, 2 * bits, out_bits)
