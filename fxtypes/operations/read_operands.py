"""Reading Python's and NumPy's numbers as operands: into storage, with a format of their own.

Integers and booleans keep their exact value; floats, Fractions and Decimals are first rounded
into the array's format. Neither changes the format of the result.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from numbers import Number

import numpy as np

from ..errors import FixedOverflowError, FormatError
from ..format import Format, many_axes, read_numbers, storage
from ..format.format import MAX_FRAC_BITS
from ..kernels.plan import PLANS_KEPT
from . import convert
from .operand import Operand

_OPERAND_TYPES = (np.ndarray, np.generic, list, tuple, range, int, float, Decimal, Number)

_MUST_FIT = (
    "an operand that is a float, Fraction or Decimal is first rounded into the array's format and "
    "must fit it; fx.array(operand, wider_format) keeps a larger one"
)


def is_operand(value):
    """Whether it is a number or an array of them, as far as its type says.

    Raises
    ------
    TypeError
        For what neither its own library nor we could answer.
    """
    if isinstance(value, _OPERAND_TYPES):
        return True
    read_numbers.refuse_sparse(value)
    refuse_lazy(type(value))
    if isinstance(value, str | bytes) or knows_ufuncs(value):
        return False
    return isinstance(value, Sequence) or hasattr(value, "__array__")


def knows_ufuncs(value):
    """Whether it is an array of another kind, which NumPy's operations are left to."""
    other = not isinstance(value, np.ndarray | np.generic)
    return other and hasattr(type(value), "__array_ufunc__")


def refuse_lazy(kind):
    """Dask leaves FixedArrays to us, and we can't compute what isn't there."""
    if read_numbers.library(kind) == "dask":
        raise TypeError(
            "a Dask array beside a FixedArray: pass x.compute(), or call fxtypes on its blocks: "
            "x.map_blocks(lambda block: fx.array(block, format)....to_numpy())"
        )


def read(value, fmt, narrow=False):
    """A number, or numbers, that a user combines with an array of format `fmt`, as an `Operand`.

    Parameters
    ----------
    value : number or array_like
    fmt : Format
        The array's.
    narrow : bool
        Whether integers come in the smallest signed format that holds them (those of a NumPy
        array in their dtype's), with the modes of `fmt`.

    Returns
    -------
    Operand
        Integers that no format of 128 bits holds come as Python's, in an object array without a
        format: the caller computes with them one by one.

    Raises
    ------
    FixedOverflowError
        If a float, Fraction or Decimal is out of the range of `fmt`, in every mode.
    TypeError
        If the operand is no number.
    """
    if type(value) is int or type(value) is bool:
        return _integer(value) if not narrow else _smallest(np.array(int(value), object), fmt)
    numbers = read_numbers.read(value, read_numbers.exact_number)
    if narrow and numbers.dtype.kind in "iuO":
        kind = getattr(value, "dtype", np.dtype(object)).kind
        if kind in "iu":
            return Operand(numbers, _with_modes(convert.integer_format(numbers.dtype), fmt))
        if all(isinstance(v, int) for v in many_axes.flat(numbers.astype(object))):
            return _smallest(numbers.astype(object), fmt)
    if numbers.dtype.kind in "iu" or (
        numbers.dtype.kind == "O" and all(type(v) is int for v in many_axes.flat(numbers))
    ):
        return exact(numbers)
    return Operand(in_range(numbers, fmt), fmt)


def exact(numbers):
    """Integers and Fractions with their exact values, as an `Operand`.

    Parameters
    ----------
    numbers : numpy.ndarray
        Of an integer dtype, or of Python's integers and Fractions.

    Returns
    -------
    Operand
        In the narrowest signed format that holds them all; of an integer dtype in that one's.
        `numbers`, without a format, if 128 bits don't hold them, or for a value such as 1/3.
    """
    if numbers.dtype.kind in "iu":
        return Operand(numbers, convert.integer_format(numbers.dtype))
    ratios = [value.as_integer_ratio() for value in many_axes.flat(numbers)]
    if any(d & d - 1 for _, d in ratios):
        return Operand(numbers, None)
    # The weight of the last bit that is set in any of them is 2**-places.
    places = -min(((n & -n).bit_length() - d.bit_length() for n, d in ratios if n), default=0)
    places = max(places, -MAX_FRAC_BITS)
    raws = [(n << max(places, 0)) // d >> max(-places, 0) for n, d in ratios]
    width = max(2, _signed_width(raws))
    if width > 128 or places > MAX_FRAC_BITS:
        return Operand(numbers, None)
    fmt = Format(width, places)
    scaled = np.empty(numbers.shape, object)
    scaled.reshape(-1)[:] = raws
    return Operand(storage.from_integers(scaled, fmt), fmt)


def _signed_width(integers):
    """The bits of the widest of Python's integers, the sign's included."""
    return 1 + max([(v if v >= 0 else ~v).bit_length() for v in integers], default=0)


def in_range(numbers, fmt):
    """Floats, Fractions and Decimals in storage of `fmt`, or an error: none may overflow.

    Where the format rounds stochastically they are rounded to nearest even: an operand takes no
    draws.
    """
    try:
        raw = convert.from_numbers(numbers, _checking(fmt))
    except FixedOverflowError as error:
        raise FixedOverflowError(f"{error} ({_MUST_FIT})") from None
    if fmt.overflow == "saturate_symmetric" and fmt.signed:
        lowest = storage.to_integers(raw, fmt) == fmt.raw_min
        if np.any(lowest):
            value = numbers[lowest][0]
            raise FixedOverflowError(
                f"{value} is out of the symmetric range of {fmt!r} ({_MUST_FIT})"
            )
    return raw


@lru_cache(PLANS_KEPT)
def _checking(fmt):
    """The format that floats as operands are rounded into."""
    rounding = "nearest_even" if fmt.rounding == "stochastic" else fmt.rounding
    return fmt.replace(rounding=rounding, overflow="raise")


@lru_cache(PLANS_KEPT)
def exact_element(value, fmt):
    """A number as 0-d storage of `fmt`; None where that doesn't hold it exactly."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    scaled = Fraction(value) / fmt.resolution
    lowest = fmt.raw_min + (fmt.signed and fmt.overflow == "saturate_symmetric")
    if scaled.denominator != 1 or not lowest <= scaled.numerator <= fmt.raw_max:
        return None
    raw = storage.from_integers(np.array(scaled.numerator, object), fmt)
    raw.flags.writeable = False  # it is shared
    return raw


def _integer(value):
    """A Python int as 0-d storage, of 8, 16, 32 or 64 bits if one of them holds it."""
    bits = max(8, 1 << value.bit_length().bit_length())
    while bits <= 64:
        if -(1 << bits - 1) <= value < 1 << bits - 1:
            fmt = _INTEGERS[bits]
            raw = np.array(value, dtype=storage.dtype(fmt))
            return tuple.__new__(Operand, (raw, fmt))  # Operand(raw, fmt) in half the time
        bits *= 2
    return exact(np.array(value, dtype=object))


def _smallest(integers, fmt):
    """Python ints in the smallest signed format that holds them all."""
    width = _signed_width(many_axes.flat(integers))
    if width > 128:
        raise FormatError(f"an integer of {width} bits in full precision; 128 is the most")
    narrow = _with_modes(Format(max(2, width), 0), fmt)
    return Operand(storage.from_integers(integers, narrow), narrow)


def _with_modes(integer_format, fmt):
    return integer_format.replace(rounding=fmt.rounding, overflow=fmt.overflow)


_INTEGERS = {bits: Format(bits, 0) for bits in (8, 16, 32, 64)}
