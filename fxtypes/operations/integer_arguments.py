"""Second operands that are no numbers of a format: shift counts and exponents."""

import math
import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np

from ..context import float_errors
from ..format import read_numbers
from .operand import Operand

_LARGEST_SHIFT = 1 << 62  # larger ones do the same


def shift_counts(value, fmt=None):
    """Shift counts as an array of integers, Python's among them; see `bounded`."""
    if fmt is not None:
        raise TypeError("a shift count is an integer or an array of integers, not a FixedArray")
    return Operand(_integers(value, "a shift count"), None)


def bounded(counts):
    """Shift counts as the kernels read them: of Python's integers those nearest in int64."""
    if counts.dtype.kind == "O":
        return float_errors.mapped(
            lambda v: max(-_LARGEST_SHIFT, min(_LARGEST_SHIFT, v)), counts, dtype=np.int64
        )
    return np.asarray(counts, counts.dtype.newbyteorder("="))


def exponents(value, fmt=None):
    """Exponents with their exact values: a FixedArray's as they are; others without a format.

    Those are an array of integers, Python's among them; or of Python's integers and Fractions.
    """
    if fmt is not None:
        return Operand(value, fmt)
    if type(value) is int:
        return Operand(np.asarray(value), None)
    if isinstance(value, str | bytes):
        raise TypeError(f"power: an exponent is a number, got {read_numbers.shorten(value)}")
    try:
        numbers = read_numbers.read(value, read_numbers.exact_number)
    except TypeError as error:
        raise TypeError(f"power: an exponent is a number: {error}") from None
    if numbers.dtype.kind in "iu":
        return Operand(numbers, None)
    return Operand(read_numbers.narrow(float_errors.mapped(_exact_exponent, numbers)), None)


def _exact_exponent(value):
    """A float, Fraction or integer as an integer, if it is one, or as a Fraction."""
    if value in (math.inf, -math.inf):
        raise ValueError(f"power: an exponent is a finite number, got {value}")
    numerator, denominator = value.as_integer_ratio()
    return int(numerator) if denominator == 1 else Fraction(numerator, denominator)


def _integers(value, what):
    """What a user has passed as integers."""
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
            return float_errors.mapped(operator.index, values)
        except TypeError:
            raise TypeError(
                f"{what} is an integer or an array of integers, got {read_numbers.shorten(value)}"
            ) from None
    return values
