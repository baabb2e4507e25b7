"""Numbers as operands of what gives back one of its operands: maximum, minimum, clip, `initial=`.

Floats, Fractions and Decimals take part with their exact value, infinities too; what is chosen is
rounded and overflowed once.
"""

import math
from fractions import Fraction

import numpy as np

from ..context import float_errors
from ..format import Format, derived, many_axes, read_numbers, storage
from ..format.format import MAX_FRAC_BITS, MAX_WIDTH
from ..kernels import python_rounding
from . import read_operands
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
        infinity may be chosen that would have to be an error, the numbers come as they are.
    """
    formats = [fmt for _, fmt in given if fmt is not None]
    numbers = [
        None if fmt is not None else read_numbers.read(value, read_numbers.exact_number)
        for value, fmt in given
    ]
    found = []
    for operand, array, direction in zip(given, numbers, DIRECTIONS[name], strict=True):
        if array is None:
            found.append(operand)
        elif array.dtype.kind in "iu":
            found.append(read_operands.read(operand.raw, result))
        else:
            directions = (1, -1) if alone else (direction,)
            found.append(_between_elements(array, directions, formats, result))
    if None not in found:
        return found
    return [
        operand if array is None else Operand(np.asarray(_exact(array), object), None)
        for operand, array in zip(given, numbers, strict=True)
    ]


def read_one(name, value, fmt):
    """The second operand of maximum or minimum with an array of a format, read."""
    return read(name, [Operand(np.zeros((), storage.dtype(fmt)), fmt), Operand(value, None)], fmt)[
        1
    ]


def _exact(array):
    """Floats, or exact values, as an object array of exact values and infinities."""
    if array.dtype.kind == "O":
        return array
    found = np.empty(array.shape, object)
    found.reshape(-1)[:] = [read_numbers.exact_value(v) for v in many_axes.flat(array)]
    return found


def _between_elements(array, directions, formats, result):
    """Numbers rounded to odd below all bits that matter, clamped where they are out of all ranges.

    None where that changed what is chosen, or took too many bits.
    """
    places = max(result.frac_bits + derived.guard_bits(result), *(f.frac_bits + 1 for f in formats))
    high_bits = max(f.int_bits for f in (*formats, result)) + 1
    width = high_bits + 2 + places
    limit, top = math.ldexp(1.0, high_bits), Fraction(2) ** high_bits
    # A lower bound above all elements is chosen: only saturation doesn't show how large it was.
    if array.dtype.kind == "f":
        array = array.astype(np.float64, copy=False)
    chosen = any([np.any(array * direction >= limit) for direction in directions])
    if chosen and result.overflow in ("raise", "wrap"):
        return None
    if not -MAX_FRAC_BITS <= places <= MAX_FRAC_BITS or not 2 <= width <= MAX_WIDTH:
        return None
    fmt = Format(width, places)
    if array.dtype.kind == "f" and width <= 63 and array.ndim:
        raws = float_errors.unreported(_floats_to_odd, array, limit, places)
        return Operand(raws.astype(storage.dtype(fmt)), fmt)
    raws = np.empty(array.shape, object)
    raws.reshape(-1)[:] = [
        python_rounding.to_odd(min(max(v, -top), top), places)
        for v in many_axes.flat(_exact(array))
    ]
    return Operand(storage.from_integers(raws, fmt), fmt)


def _floats_to_odd(array, limit, places):
    """floor(x * 2**places), the last bit set where that lost something, as int64."""
    clamped = np.clip(array, -limit, limit)
    scaled = np.ldexp(clamped, places)
    floored = np.floor(scaled)
    lost = (floored != scaled) | ((scaled == 0) & (clamped != 0))  # the latter by underflow
    raws = floored.astype(np.int64) | lost
    return np.where((scaled == 0) & (clamped < 0), np.int64(-1), raws)
