"""A Python or NumPy operand of an operation: as storage and a format of its own.

Integers and booleans keep their exact value; floats, Fractions and Decimals are first rounded
into the array's format. Neither changes the format of the result.
"""

import math
import operator
from collections.abc import Sequence
from decimal import Decimal
from numbers import Number

import numpy as np

from ..context import context
from ..errors import FixedOverflowError, FormatError
from ..format import Format, many_axes, read_numbers, storage
from . import convert

_OPERANDS = (np.ndarray, np.generic, list, tuple, range, int, float, Decimal, Number)

_MUST_FIT = (
    "an operand that is a float, Fraction or Decimal is first rounded into the array's format and "
    "must fit it; fx.array(operand, wider_format) keeps a larger one"
)


def is_operand(value):
    """Whether it is a number or an array of them, as far as its type says."""
    if isinstance(value, _OPERANDS):
        return True
    if isinstance(value, str | bytes) or knows_ufuncs(value):
        return False
    return isinstance(value, Sequence) or hasattr(value, "__array__")


def knows_ufuncs(value):
    """Whether it is an array of another kind, which NumPy's operations are left to."""
    other = not isinstance(value, np.ndarray | np.generic)
    return other and hasattr(type(value), "__array_ufunc__")


def operand(value, fmt, narrow=False):
    """Return (raw, format) of an operand beside an array of format `fmt`.

    `narrow`: integers come in the smallest signed format that holds them (those of a NumPy
    array in their dtype's), with the modes of `fmt`.

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
        return integer(value) if not narrow else _smallest(np.array(int(value), object), fmt)
    numbers = read_numbers.read(value, read_numbers.exact_number)
    if narrow and numbers.dtype.kind in "iuO":
        kind = getattr(value, "dtype", np.dtype(object)).kind
        if kind in "iu":
            return numbers, _like(convert.integer_format(numbers.dtype), fmt)
        if all(isinstance(v, int) for v in many_axes.flat(numbers.astype(object))):
            return _smallest(numbers.astype(object), fmt)
    if numbers.dtype.kind in "iu":
        return numbers, convert.integer_format(numbers.dtype)
    if numbers.dtype.kind == "O" and all(type(v) is int for v in many_axes.flat(numbers)):
        return _wide(numbers)
    return _strict(numbers, fmt), fmt


def _strict(numbers, fmt):
    """Floats rounded into the format they meet: ties to even where it is random, no overflow."""
    rounding = "nearest_even" if fmt.rounding == "stochastic" else fmt.rounding
    try:
        raw = convert.from_numbers(numbers, fmt.replace(rounding=rounding, overflow="raise"))
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
        min((v & -v).bit_length() - 1 if v else 256 for v in many_axes.flat(integers))
        if integers.size
        else 0
    )
    fmt = Format(128, -min(zeros, 256))
    if all(fmt.raw_min <= v >> -fmt.frac_bits <= fmt.raw_max for v in many_axes.flat(integers)):
        scaled = np.array(integers >> -fmt.frac_bits, dtype=object)
        return storage.from_integers(scaled, fmt), fmt
    return integers, None


def _smallest(integers, fmt):
    """Python ints in the smallest signed format that holds them all."""
    bits = max([(v if v >= 0 else ~v).bit_length() for v in many_axes.flat(integers)], default=0)
    if bits > 127:
        raise FormatError(f"an integer of {bits + 1} bits in full precision; 128 is the most")
    narrow = _like(Format(max(2, bits + 1), 0), fmt)
    return storage.from_integers(integers, narrow), narrow


def _like(integer_format, fmt):
    return integer_format.replace(rounding=fmt.rounding, overflow=fmt.overflow)


def mask(name, where, shape=None):
    """What ``where=`` was given as an array of booleans, broadcast to `shape` if that is given.

    Raises
    ------
    TypeError
        If it is none; `name` is the operation.
    ValueError
        If it doesn't broadcast.
    """
    read_numbers.refuse_masked(where)
    found = np.asarray(where)
    if found.dtype != bool:
        kind = getattr(where, "dtype", None)
        shown = f"an array of {kind}" if kind is not None else read_numbers.shorten(where)
        raise TypeError(f"{name}: where= is a boolean or an array of them, got {shown}")
    if shape is None:
        return found
    try:
        return np.broadcast_to(found, shape)
    except ValueError:
        raise ValueError(
            f"{name}: where= of shape {found.shape} doesn't broadcast to the array's {shape}"
        ) from None


def without(value, used, fmt):
    """An operand with zeros where it isn't used, so that what stands there can't matter."""
    if np.ndim(value) == 0:
        return value if used.all() else 0
    if _harmless(value, fmt):
        return value
    if isinstance(value, np.ma.MaskedArray):
        return value  # refused later
    array = value if isinstance(value, np.ndarray) else np.array(value, dtype=object)
    return np.where(used, array, np.zeros((), array.dtype))


def _harmless(value, fmt):
    """Whether no element of an operand can raise, or be counted, beside arrays of `fmt`."""
    if type(value) is not np.ndarray or not value.size:
        return False
    if value.dtype.kind in "biu":
        return True
    narrow = value.dtype.kind == "f" and value.dtype.itemsize <= 8
    if not narrow or context.current.get().recorder is not None:
        return False
    limit = float(fmt.max)
    limit = math.nextafter(limit, 0) if limit > fmt.max else limit
    return float(value.min()) >= (-limit if fmt.signed else 0) and float(value.max()) <= limit


_LARGE = 1 << 62  # shift counts beyond are as good as this


def counts(value, fmt=None):
    """Shift counts as an array of integers; see `bounded`."""
    return _integers(value, fmt, "a shift count")


def bounded(values):
    """Shift counts as int64 of a magnitude up to 2**62: larger ones do the same."""
    if values.dtype.kind == "O":
        values = np.frompyfunc(lambda v: max(-_LARGE, min(_LARGE, v)), 1, 1)(values)
        return np.asarray(values).astype(np.int64)
    if values.dtype.kind == "i":
        return np.asarray(np.maximum(values.astype(np.int64), -_LARGE))
    return np.asarray(np.minimum(values.astype(np.uint64), np.uint64(_LARGE))).astype(np.int64)


def exponents(value, fmt=None):
    """Integer exponents as an array of integers, Python's among them."""
    return _integers(value, fmt, "power: an exponent")


def _integers(value, fmt, what):
    if fmt is not None:
        raise TypeError(f"{what} is an integer or an array of integers, not a FixedArray")
    read_numbers.refuse_masked(value)
    if isinstance(value, list | tuple):
        read_numbers.holds_arrays(value)
    refused = isinstance(value, float | str | bytes | Decimal)
    values = None if refused else np.asarray(value)
    if values is not None and values.size == 0 and not isinstance(value, np.ndarray):
        values = values.astype(np.int64)
    if values is None or values.dtype.kind not in "biuO":
        raise TypeError(
            f"{what} is an integer or an array of integers, got {read_numbers.shorten(value)}"
        )
    if values.dtype.kind == "b":
        return values.astype(np.int64)
    if values.dtype.kind == "O":
        try:
            return np.asarray(np.frompyfunc(operator.index, 1, 1)(values), dtype=object)
        except TypeError:
            raise TypeError(
                f"{what} is an integer or an array of integers, got {read_numbers.shorten(value)}"
            ) from None
    return values


_INTEGERS = {bits: Format(bits, 0) for bits in (8, 16, 32, 64)}
