"""A Python or NumPy operand of an operation: as storage and a format of its own.

Integers and booleans keep their exact value; floats, Fractions and Decimals are first rounded
into the array's format. Neither changes the format of the result.
"""

import numpy as np

from . import convert, inputs, storage
from .errors import FixedOverflowError
from .format import Format


def operand(value, fmt):
    """Return (raw, format) of an operand beside an array of format `fmt`.

    Integers that no format of 128 bits holds come back as (object array, None): the caller
    computes with them one by one.

    Raises
    ------
    FixedOverflowError
        If a float, Fraction or Decimal is out of the range of `fmt`, in every mode.
    TypeError
        If the operand is no number.
    """
    if type(value) is int or type(value) is bool:
        return integer(value)
    if isinstance(value, str | bytes):
        raise TypeError(f"{value!r} is not a number; fx.array({value!r}, format) reads text")
    numbers = inputs.read(value)
    if numbers.dtype.kind in "iu":
        return numbers, convert.integer_format(numbers.dtype)
    if numbers.dtype.kind == "O" and all(type(v) is int for v in numbers.flat):
        return _wide(numbers)
    return _strict(numbers, fmt), fmt


def _strict(numbers, fmt):
    """Floats rounded into the format they meet: ties to even where it is random, no overflow."""
    rounding = "nearest_even" if fmt.rounding == "stochastic" else fmt.rounding
    raw = convert.from_numbers(numbers, fmt.replace(rounding=rounding, overflow="raise"))
    if fmt.overflow == "saturate_symmetric" and fmt.signed:
        lowest = storage.to_integers(raw, fmt) == fmt.raw_min
        if np.any(lowest):
            value = numbers[lowest].flat[0]
            raise FixedOverflowError(f"{value} is out of the symmetric range of {fmt!r}")
    return raw


def integer(value):
    """A Python int as 0-d storage of the narrowest class that holds it."""
    bits = max(8, 1 << value.bit_length().bit_length())
    while bits <= 64:
        if -(1 << bits - 1) <= value < 1 << bits - 1:
            fmt = _INTEGERS[bits]
            return np.array(value, dtype=storage.dtype(fmt)), fmt
        bits *= 2
    return _wide(np.array(value, dtype=object))


def _wide(integers):
    """Python ints as 128-bit storage, scaled by a power of two where that helps."""
    zeros = (
        min((v & -v).bit_length() - 1 if v else 256 for v in integers.flat) if integers.size else 0
    )
    fmt = Format(128, -min(zeros, 256))
    if all(fmt.raw_min <= v >> -fmt.frac_bits <= fmt.raw_max for v in integers.flat):
        scaled = np.array(integers >> -fmt.frac_bits, dtype=object)
        return storage.from_integers(scaled, fmt), fmt
    return integers, None


_INTEGERS = {bits: Format(bits, 0) for bits in (8, 16, 32, 64)}
