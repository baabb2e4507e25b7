"""convolve and correlate: the windows of the longer operand times the shorter one."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import plan, storage
from .contraction import (
    Term,
    bits,
    check_terms,
    from_integers,
    in_pieces,
    integers,
    pointed,
    rounded,
    shown,
)
from .matmul import matmul

# Elements of the windows that are multiplied in one call: the product may copy them.
_BLOCK = 1 << 18
_MODES = ("full", "same", "valid")


def convolve(name, parts, result, mode="full", accumulator=None):
    """The sums of x[m] * y[n - m], m ascending, in storage of the format `result`."""
    x, y = _operands(name, parts, mode)
    if len(x.raw) < len(y.raw):
        return _sums(name, y, x, mode, result, accumulator, backward=True)
    return _sums(name, x, y._replace(raw=y.raw[::-1]), mode, result, accumulator)


def correlate(name, parts, result, mode="valid", accumulator=None):
    """The sums of x[n + k] * y[n], n ascending, in storage of the format `result`."""
    x, y = _operands(name, parts, mode)
    if len(x.raw) < len(y.raw):
        return _sums(name, y, x, mode, result, accumulator, turned=True)
    return _sums(name, x, y, mode, result, accumulator)


def _operands(name, parts, mode):
    shapes = [raw.shape for raw, _ in parts]
    if any(len(shape) > 1 for shape in shapes):
        raise ValueError(f"{name} takes vectors, got shapes {shapes[0]} and {shapes[1]}")
    if (0,) in shapes:
        raise ValueError(f"{name} of no elements: shapes {shapes[0]} and {shapes[1]}")
    if mode not in _MODES:
        raise ValueError(f"{name}: mode is one of {', '.join(_MODES)}, got {mode!r}")
    return [Term(raw.reshape(-1), *plan.split(fmt), (0,)) for raw, fmt in parts]


def _sums(name, long, short, mode, result, accumulator, backward=False, turned=False):
    """Each window of `long` times `short`; where it stands out, there are zeros.

    Parameters
    ----------
    backward : bool
        Whether the windows are read from their ends.
    turned : bool
        Whether the last window comes first.
    """
    taps, length = len(short.raw), len(long.raw)
    before = {"full": taps - 1, "same": taps // 2, "valid": 0}[mode]
    count = {"full": length + taps - 1, "same": length, "valid": length - taps + 1}[mode]

    def windows(start, stop):
        if turned:
            start, stop = count - stop, count - start
        first, last = start - before, stop - before + taps - 1
        part = long.raw[max(first, 0) : min(last, length)]
        if len(part) < last - first:
            padded = np.zeros(last - first, part.dtype)
            padded[max(-first, 0) :][: len(part)] = part
            part = padded
        found = sliding_window_view(part, taps)
        return found[:: -1 if turned else 1, :: -1 if backward else 1].T

    def multiply(x, y, target, block, accumulator=None):
        found = storage.allocate(count, storage.dtype(target))
        for start in range(0, count, block):
            stop = min(start + block, count)
            columns = windows(start, stop)
            row = matmul(y.raw[np.newaxis], y.fmt, columns, x.fmt, target, accumulator)
            found[start:stop] = row[0]
        return found

    with shown(name, (count,), result, accumulator):
        if accumulator is not None:
            check_terms(name, long, short)
            return multiply(*pointed(long, short), result, count, accumulator)
        if None in (long.fmt, short.fmt):
            values = np.correlate(integers(long), integers(short)[:: -1 if backward else 1], mode)
            values = values[:: -1 if turned else 1]
            return from_integers(name, values, long.point + short.point, result)
        block = max(_BLOCK // taps, 4)
        # A block's elements have their own places: no draws, no first one out of range.
        if count <= block or not plan.ordered(result):
            return multiply(*pointed(long, short), result, block)
        needed = bits(long) + bits(short) + (taps - 1).bit_length() + 2
        point = long.point + short.point
        sums = in_pieces(needed, point, (0,), lambda target: multiply(long, short, target, block))
        return rounded(name, [sums], (0,), result)
