"""convolve and correlate: the windows of the longer operand times the shorter one."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..format import derived, storage
from .contraction import Term, bits, check_terms, in_pieces, pointed, rounded, shown
from .matrix_product import matmul

_BLOCK = 1 << 17  # elements multiplied in one call: the product may copy them
_FEW = 12  # taps
_LONG = 256
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
    return [Term(raw.reshape(-1), *derived.split_frac_bits(fmt), (0,)) for raw, fmt in parts]


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
    with shown(name, (count,), result, accumulator):
        if accumulator is not None or None in (long.fmt, short.fmt):
            windows = sliding_window_view(_part(long.raw, -before, count - before + taps - 1), taps)
            windows = windows[:: -1 if turned else 1, :: -1 if backward else 1]
            every = long._replace(raw=windows, labels=(0, 1)), short._replace(labels=(1,))
            if accumulator is None:
                return rounded(name, every, (0,), result)
            check_terms(name, *every)
            x, y = pointed(*every)
            row = y.raw[np.newaxis]
            return matmul(row, y.fmt, x.raw.T, x.fmt, result, accumulator)[0]
        short = short._replace(raw=short.raw[:: -1 if backward else 1])

        def multiply(x, y, target):
            found = storage.allocate(count, storage.dtype(target))
            for start, sums in _blocks(x, y, before, count, target):
                found[start : start + len(sums)] = sums
            return found[:: -1 if turned else 1]

        # A second block doesn't know its elements' places in the whole.
        if not derived.depends_on_index(result) or (count == _block(taps, count) and not turned):
            return multiply(*pointed(long, short), result)
        needed = bits(long) + bits(short) + (taps - 1).bit_length() + 2
        sums = in_pieces(
            needed, long.point + short.point, (0,), lambda target: multiply(long, short, target)
        )
        return rounded(name, [sums], (0,), result)


def _part(raw, start, stop):
    """Elements from `start` to `stop`, zeros beyond the ends."""
    part = raw[max(start, 0) : min(stop, len(raw))]
    if len(part) == stop - start:
        return part
    padded = np.zeros(stop - start, raw.dtype)
    padded[max(-start, 0) :][: len(part)] = part
    return padded


def _columns(taps):
    """How many columns `_blocks` gives many taps: more of them need fewer copies, more products."""
    return 16 if taps < _LONG else 64


def _block(taps, count):
    """How many of `count` sums are computed in one call."""
    columns = _columns(taps)
    if taps < _FEW or count < columns:
        return min(max(_BLOCK // taps, 1), count)
    rows = _BLOCK // (taps + columns)
    if taps >= _LONG:  # where the ends meet zeros, smaller blocks leave more of them out
        rows = min(rows, max(taps // (4 * columns), 32))
    return min(max(rows, 1), count // columns) * columns


def _blocks(x, y, before, count, target):
    """The windows of x, which begin `before` elements ahead of it, times y: (start, sums).

    Few taps make a row, times a matrix whose columns are the windows. Many make a matrix whose
    columns are the taps, each a place lower, times a matrix of rows, each a row's length further
    in x: of n columns and rows they take n times fewer elements than all the windows.
    """
    start = 0
    while start < count:
        # Taps that only meet zeros are left out.
        size = _block(len(y.raw), count - start)
        low = max(before - start - size + 1, 0)
        high = min(len(y.raw), len(x.raw) + before - start)
        taps, first = y.raw[low:high], start + low - before
        n = _columns(len(y.raw))
        if len(y.raw) < _FEW or size < n:
            windows = sliding_window_view(
                _part(x.raw, first, first + size + len(taps) - 1), len(taps)
            )
            sums = matmul(taps[np.newaxis], y.fmt, windows.T, x.fmt, target)
        else:
            inner = len(taps) + n - 1
            part = _part(x.raw, first, first + size - n + inner)
            rows = sliding_window_view(part, inner)[::n]
            lower = _part(taps, 1 - n, inner)
            columns = sliding_window_view(lower, n)[:, ::-1]
            sums = matmul(rows, x.fmt, columns, y.fmt, target)
        yield start, sums.reshape(-1)
        start += size
