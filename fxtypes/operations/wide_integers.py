"""Exact integers of any width, from kernels that compute 128 bits of them at a time."""

from functools import lru_cache, partial

import numpy as np

from ..format import Format, derived, storage
from ..kernels import calls, plan
from .operand import Operand

_COUNTS = Format(64, 0)
_MOST_BITS = 384  # of pieces, whose formats have no fewer than -256 fraction bits
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
    """Integers in pieces, as an object array of Python ints."""
    if parts[0].format is None:
        return parts[0].raw
    total = np.zeros((), object)
    for raw, fmt in parts:
        total = np.asarray(total + to_python(raw, fmt) * (1 << -fmt.frac_bits), dtype=object)
    return total


def split(integers):
    """Python's integers, in an object array or alone, in pieces.

    Those are what `pieces` gives; past 384 bits a single one without a format, of Python's ints.
    """
    integers = np.asarray(integers, object)
    flat = integers.reshape(-1)
    width = max(map(int.bit_length, flat), default=0) + 1
    if width > _MOST_BITS:
        return (Operand(integers, None),)

    def piece(fmt):
        bits = flat >> -fmt.frac_bits
        if not fmt.signed:
            bits = bits & fmt.raw_max
        return storage.from_integers(np.asarray(bits, object), fmt).reshape(integers.shape)

    return pieces(width, piece)


def difference(count, a, b, c):
    """count * a - b * c of integers in pieces, in pieces.

    Parameters
    ----------
    count : numpy.ndarray of object
        0 or more, and for more than one below 2**63.
    a, b, c : tuple of Operand
    """
    if any(fmt is None for parts in (a, b, c) for _, fmt in parts):
        a, b, c = map(added_up, (a, b, c))
        return split(count * a - b * c)
    most = int(np.max(count, initial=0))
    bits = (most * _bound(a) + _bound(b) * _bound(c)).bit_length() + 1
    if len(b) == len(c) == 1 and most < 1 << 63:
        if bits <= 128:
            factors = (Operand(count.astype(np.int64), _COUNTS), a[0], b[0], c[0])
            return pieces(bits, lambda fmt: _by_kernel(plan.difference_of_products, factors, fmt))
        if not count.ndim:
            terms = (*a, *_product(b[0], c[0]))
            factors = ((most, 0),) * len(a) + ((-1, 0),) * (len(terms) - len(a))
            combined = partial(plan.linear_combination, factors)
            return pieces(bits, lambda fmt: _by_kernel(combined, terms, fmt))
    a, b, c = map(added_up, (a, b, c))
    return split(count * a - b * c)


def _product(x, y):
    """The product of two arrays of integers, in pieces."""
    bits = (_bound((x,)) * _bound((y,))).bit_length() + 1
    return pieces(bits, lambda fmt: _by_kernel(partial(plan.elementwise, "multiply"), (x, y), fmt))


def _by_kernel(planner, operands, fmt):
    step = planner(tuple([own for _, own in operands]), fmt, "move")
    return calls.elementwise(step, tuple([raw for raw, _ in operands]))


def _bound(parts):
    """No magnitude of integers in pieces is larger."""
    return sum(max(map(abs, derived.raw_range(fmt))) << -fmt.frac_bits for _, fmt in parts)
