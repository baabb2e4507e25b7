"""Second operands that are integers and no numbers of a format: shift counts and exponents."""

import operator
from decimal import Decimal

import numpy as np

from ..context import float_errors
from ..format import read_numbers

_LARGEST_SHIFT = 1 << 62  # larger ones do the same


def shift_counts(value, fmt=None):
    """Shift counts as an array of integers, Python's among them; see `bounded`."""
    return _integers(value, fmt, "a shift count")


def bounded(counts):
    """Shift counts as int64, of a magnitude up to 2**62."""
    if counts.dtype.kind == "O":
        return float_errors.mapped(
            lambda v: max(-_LARGEST_SHIFT, min(_LARGEST_SHIFT, v)), counts, dtype=np.int64
        )
    if counts.dtype.kind == "i":
        return np.asarray(np.maximum(counts.astype(np.int64), -_LARGEST_SHIFT))
    smallest = np.minimum(counts.astype(np.uint64), np.uint64(_LARGEST_SHIFT))
    return np.asarray(smallest).astype(np.int64)


def exponents(value, fmt=None):
    """Integer exponents as an array of integers, Python's among them."""
    return _integers(value, fmt, "power: an exponent")


def _integers(value, fmt, what):
    """What a user has passed, which `fmt` says whether it is a FixedArray, as integers."""
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
            return float_errors.mapped(operator.index, values)
        except TypeError:
            raise TypeError(
                f"{what} is an integer or an array of integers, got {read_numbers.shorten(value)}"
            ) from None
    return values
