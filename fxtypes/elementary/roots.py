"""sqrt: an integer square root, decided by its remainder."""

from math import isqrt

from .common import argument


def sqrt(raw: int, frac_bits: int, out_bits: int) -> int:
    """The square root of x, correctly rounded to odd.

    Parameters
    ----------
    raw, frac_bits : int
        The argument x = raw * 2**-frac_bits, of any size.
    out_bits : int
        Fraction bits of the result, positive, zero or negative.

    Returns
    -------
    int
        sqrt(x) * 2**out_bits rounded to odd: exact, or the floor with its last bit set.

    Raises
    ------
    ValueError
        If x is negative.

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
