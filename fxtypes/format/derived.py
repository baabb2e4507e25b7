"""Formats that follow from others: for several operands, for exact results, for moving elements."""

from functools import lru_cache, reduce

from ..errors import FormatError
from .format import Format

_KEEP = 4096  # derived formats kept; each is small

# What `full_precision` gives wider results, sums of products (see products/table.py) aside.
GROWING = frozenset({"add", "subtract", "negative", "absolute", "multiply", "square"})

WIDEST = Format(128, 0)
TINY = Format(8, 0)  # of constants such as signs and steps, held in int8


def guard_bits(fmt):
    """How many bits below a format's last one decide its rounding, once rounded to odd.

    Two: the one that tells a tie, and a sticky bit. Stochastic rounding compares 64 of the lost
    bits with its draw, and asks whether there are more.
    """
    return 66 if fmt.rounding == "stochastic" else 2


def common_format(x, y):
    """The format of an operation on formats `x` and `y` when none is asked for.

    Raises
    ------
    FormatError
        If their modes disagree, or 128 bits don't hold both.
    """
    if x is y:
        return x
    _agree(x, y)
    signed = x.signed or y.signed
    frac_bits = max(x.frac_bits, y.frac_bits)
    int_bits = max(f.int_bits + (signed and not f.signed) for f in (x, y))
    try:
        return x.replace(width=int_bits + frac_bits, frac_bits=frac_bits, signed=signed)
    except FormatError:
        raise FormatError(
            f"{x!r} and {y!r} together need {int_bits + frac_bits} bits, more than 128; "
            "pass format= for the result"
        ) from None


def _agree(x, y):
    """`FormatError` if the modes of two operands differ."""
    if x.rounding != y.rounding or x.overflow != y.overflow:
        raise FormatError(f"the modes of {x!r} and {y!r} disagree; pass format= for the result")
    return x


def grown(name, formats, inner=()):
    """The format that holds every exact result; for `full_precision`.

    Parameters
    ----------
    name : str
        One of `GROWING`, or a sum of products such as "sum" and "matmul".
    formats : list of Format
        The operands'.
    inner : tuple of int
        How many terms are added up, for sums and sums of products.
    """
    if name in ("multiply", "square") or (inner and name != "sum"):
        x = reduce(_agree, formats)
        factors = formats * 2 if name == "square" else formats
        int_bits, frac_bits = sum(f.int_bits for f in factors), sum(f.frac_bits for f in factors)
        signed = name == "cross" or any(f.signed for f in factors)
    else:
        x = reduce(common_format, formats)
        int_bits, frac_bits = x.int_bits + (name != "sum"), x.frac_bits
        signed = x.signed or name in ("subtract", "negative")
    if inner:
        int_bits += (max(inner[0], 1) - 1).bit_length()
    try:
        return x.replace(width=int_bits + frac_bits, frac_bits=frac_bits, signed=signed)
    except FormatError as error:
        raise FormatError(
            f"{name} in full precision of {' and '.join(map(repr, formats))}: {error}; "
            "pass format= for the result"
        ) from None


@lru_cache(_KEEP)
def split_frac_bits(fmt):
    """The raw integers' own format, and `frac_bits` apart; of None (Python ints) None and 0.

    Apart they can be added up beyond what a Format may have, as products of many operands need.
    """
    if fmt is None:
        return None, 0
    return floor_wrap(fmt).replace(frac_bits=0), fmt.frac_bits


@lru_cache(_KEEP)
def with_frac_bits(fmt, frac_bits):
    """The format with another binary point, for raw integers that `split_frac_bits` took apart."""
    return fmt.replace(frac_bits=frac_bits)


def depends_on_index(*formats):
    """Whether an element's index matters: for its draw, or in the message of an overflow."""
    return any(fmt.rounding == "stochastic" or fmt.overflow == "raise" for fmt in formats)


@lru_cache(_KEEP)
def floor_wrap(fmt):
    """A format of the same values for moving elements about: no draws, and nothing overflows."""
    return fmt.replace(rounding="floor", overflow="wrap")


def raw_range(fmt):
    return fmt.raw_min, fmt.raw_max


def signed_bits(fmt):
    return fmt.width + (not fmt.signed)
