"""Numbers as operands of what gives back one of its operands: maximum, minimum, clip, `initial=`.

Floats, Fractions and Decimals take part with their exact value, infinities too; what is chosen is
rounded and overflowed once.
"""

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np

from ..context import context
from ..format import Format, derived, many_axes, read_numbers, storage
from ..format.format import MAX_FRAC_BITS, MAX_WIDTH
from ..kernels.plan import PLANS_KEPT
from . import convert, read_operands
from .operand import Operand

# Whether each operand but the first is a lower bound (1) or an upper one (-1).
DIRECTIONS = {
    "maximum": (1, 1),
    "minimum": (-1, -1),
    "clip": (0, 1, -1),
    "clip_low": (0, 1),
    "clip_high": (0, -1),
}


def read(name, given, result, alone=False):
    """Operands of one of these operations, all of them read.

    Parameters
    ----------
    name : str
        A key of `DIRECTIONS`.
    given : list of Operand
        Those that are no FixedArray are not read yet.
    result : Format
    alone : bool
        Whether a number is the result where there are no elements.

    Returns
    -------
    list of Operand
        A number of any size and precision comes in a format that tells it from all elements, and
        from all numbers that are rounded otherwise. Where that takes more than 128 bits, or an
        infinity may be chosen that would have to be an error, or events of one out of range are
        counted, the numbers come as they are.
    """
    formats = tuple([fmt for _, fmt in given if fmt is not None])
    counted = context.current_context().recorder is not None
    found = []
    for (value, fmt), direction in zip(given, DIRECTIONS[name], strict=True):
        if fmt is not None:
            found.append(Operand(value, fmt))
        elif type(value) is int:
            found.append(read_operands.read(value, result))
        else:
            directions = (1, -1) if alone else (direction,)
            read = _one_float if type(value) is float else _numbers
            found.append(read(value, directions, formats, result, counted))
    if None not in found:
        return found
    return [
        operand if operand.format is not None else Operand(_exact(operand.raw), None)
        for operand in given
    ]


def read_one(name, value, fmt):
    """The second operand of maximum or minimum with an array of a format, read."""
    return read(name, [Operand(np.zeros((), storage.dtype(fmt)), fmt), Operand(value, None)], fmt)[
        1
    ]


def _exact(value):
    """Numbers as an object array of exact values and infinities."""
    array = read_numbers.read(value, read_numbers.exact_number)
    if array.dtype.kind == "O":
        return array
    found = np.empty(array.shape, object)
    found.reshape(-1)[:] = [read_numbers.exact_value(v) for v in many_axes.flat(array)]
    return found


@lru_cache(PLANS_KEPT)
def _one_float(value, directions, formats, result, counted):
    """`_numbers` of one Python float."""
    return _numbers(value, directions, formats, result, counted)


def _numbers(value, directions, formats, result, counted):
    """Integers as they are; others by `_between_elements`."""
    array = read_numbers.read(value, read_numbers.exact_number)
    if array.dtype.kind in "iu":
        return read_operands.exact(array)
    if not counted and _is_monotonic(result) and all([fmt is result for fmt in formats]):
        with context.uncounted():  # rounded before or after it is chosen, it is the same
            return Operand(convert.from_numbers(array, result, "move"), result)
    return _between_elements(array, directions, formats, result, counted)


def _is_monotonic(fmt):
    """Whether rounding and overflow keep the order of numbers, and take no draws."""
    saturating = fmt.overflow in ("saturate", "saturate_symmetric")
    return saturating and fmt.rounding != "stochastic"


def _between_elements(array, directions, formats, result, counted):
    """Numbers rounded to odd below all bits that matter, clamped where they are out of all ranges.

    None where that changed what is chosen or counted, or took too many bits.
    """
    places = max(result.frac_bits + derived.guard_bits(result), *(f.frac_bits + 1 for f in formats))
    high_bits = max(f.int_bits for f in (*formats, result)) + 1
    width = high_bits + 2 + places
    if not -MAX_FRAC_BITS <= places <= MAX_FRAC_BITS or not 2 <= width <= MAX_WIDTH:
        return None
    if counted or result.overflow in ("raise", "wrap"):
        # A lower bound above all elements is chosen: only saturation doesn't show how large it was,
        # and a count tells whether it was exact.
        wide = array.astype(np.float64) if array.dtype.kind == "f" else array
        limit = Fraction(2) ** high_bits if wide.dtype.kind == "O" else math.ldexp(1.0, high_bits)
        if any([np.any(wide * direction >= limit) for direction in directions]):
            return None
    fmt = Format(width, places, rounding="odd", overflow="saturate")
    with context.uncounted():
        return Operand(convert.from_numbers(array, fmt, "move"), fmt)
