"""Exact integers of any width, from kernels that compute 128 bits of them at a time."""

from functools import lru_cache

import numpy as np

from ..format import Format, derived, storage
from ..kernels import calls, plan
from .operand import Operand

_INTEGER = 60  # bytes of a Python int beyond 64 bits, and of its reference in an array


def to_python(raw, fmt):
    """Storage as an object array of Python ints."""
    storage.reserve(raw.size, _INTEGER, "integers")
    return storage.to_integers(raw, fmt).astype(object)


def pieces(width, compute):
    """Integers of `width` bits, the sign included, as a tuple of `Operand` that add up to them.

    Parameters
    ----------
    width : int
    compute : callable
        ``compute(format)`` gives the integers in storage of a format with modes `floor` and `wrap`,
        whose `frac_bits` are 0, -128, -256 and so on: at most 128 bits of each integer.
    """
    formats = _formats_of_pieces(max(width, 2))
    return tuple(Operand(compute(fmt), fmt) for fmt in formats)


@lru_cache(1024)
def _formats_of_pieces(width):
    wide = derived.floor_wrap(derived.WIDEST)
    # The last piece holds the sign.
    lower = [wide.replace(frac_bits=-n, signed=False) for n in range(0, width - 128, 128)]
    lowest = 128 * len(lower)
    return (*lower, wide.replace(width=max(width - lowest, 2), frac_bits=-lowest))


def from_pieces(width, compute):
    """As `pieces`, added up: an object array of Python ints."""
    return added_up(pieces(width, compute))


def added_up(parts):
    """What `pieces` has made, as an object array of Python ints."""
    total = np.zeros((), object)
    for raw, fmt in parts:
        total = np.asarray(total + to_python(raw, fmt) * (1 << -fmt.frac_bits), dtype=object)
    return total


def split(integers):
    """Python's integers, in an object array or alone, as `pieces` gives them."""
    integers = np.asarray(integers, object)
    flat = integers.reshape(-1)
    width = max(map(int.bit_length, flat), default=0) + 1

    def piece(fmt):
        bits = flat >> -fmt.frac_bits
        if not fmt.signed:
            bits = bits & fmt.raw_max
        return storage.from_integers(np.asarray(bits, object), fmt).reshape(integers.shape)

    return pieces(width, piece)


def difference_of_products(a, b, c, d):
    """a * b - c * d of integers in pieces, in pieces."""
    factors = (a, b, c, d)
    if all(len(parts) == 1 for parts in factors):
        operands = [parts[0] for parts in factors]
        planned = _difference(tuple([fmt for _, fmt in operands]))
        if planned is not None:
            step, wide = planned
            return (Operand(calls.elementwise(step, tuple([raw for raw, _ in operands])), wide),)
    a, b, c, d = map(added_up, factors)
    return split(a * b - c * d)


@lru_cache(plan.PLANS_KEPT)
def _difference(formats):
    """The step, and the format that holds every result; None: past 128 bits."""
    a, b, c, d = (max(map(abs, derived.raw_range(fmt))) for fmt in formats)
    width = (a * b + c * d).bit_length() + 1
    if width > 128:
        return None
    wide = Format(max(width, 2), 0, rounding="floor", overflow="wrap")
    return plan.difference_of_products("move", formats, wide), wide
