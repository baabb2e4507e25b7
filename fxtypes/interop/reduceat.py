"""Reductions of the segments between indices along an axis, for ``ufunc.reduceat``."""

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np

from ..context import blocked_operation, blocks
from ..fixed_array import FixedArray
from ..format import Format, derived, storage
from ..format.format import MAX_FRAC_BITS
from ..functions.arguments import wrap
from ..kernels import calls, plan
from ..operations import (
    convert,
    elementwise,
    masked_reductions,
    reduced_axes,
    reductions,
    sort_order,
)
from ..operations.element_moves import index_array


def reduceat(name, a, indices, axis=0, format=None):
    """The reduction of each segment ``a[indices[i]:indices[i + 1]]`` along `axis`.

    The last segment goes to the end; one whose end is not behind its start is the element at
    the start, as in `numpy.ufunc.reduceat`.

    Parameters
    ----------
    name : {"sum", "prod", "min", "max"}
    a : FixedArray
    indices : sequence of int
    format : Format, optional
        The result's; by default that of `a`.

    Raises
    ------
    IndexError
        If an index is out of range; negative ones are.
    """
    (axis,) = reduced_axes.normalize_axes(axis, a.ndim)
    starts, ends = _segments(name, indices, a.shape[axis])
    result = a.format if format is None else format
    raw = np.moveaxis(a._storage, axis, 0)
    found = _FUNCTIONS[name](name, raw, a.format, starts, ends, result, axis)
    return wrap(found, result)


def _segments(name, indices, n):
    if isinstance(indices, FixedArray):
        raise TypeError(f"{name}: indices are integers, not fixed-point numbers")
    starts = np.asarray(indices)
    if not starts.size and not isinstance(indices, np.ndarray):
        starts = starts.astype(np.intp)
    starts = index_array(name, starts)
    if starts.ndim != 1:
        raise ValueError(f"{name}: indices have one axis, got shape {starts.shape}")
    wrong = (starts < 0) | (starts >= n)
    if wrong.any():
        raise IndexError(f"{name}: index {starts[wrong][0]} is out of range 0 to {n - 1}")
    starts = starts.astype(np.intp, copy=False)
    ends = starts + 1
    np.maximum(ends[:-1], starts[1:], out=ends[:-1])
    ends[-1:] = n
    return starts, ends


def _sums(name, raw, fmt, starts, ends, result, axis):
    """NumPy's own, of words that it sums exactly; rounded once where they are put together."""
    copied = raw.dtype.itemsize < 8 and raw.size > _ROOM  # NumPy makes int64 of all elements first
    if fmt.width + raw.shape[0].bit_length() <= 63 and not copied:
        found = np.add.reduceat(raw, starts, axis=0, dtype=np.int64)
        return convert.cast(np.moveaxis(found, 0, axis), _place(fmt.frac_bits), result, name)
    raw = np.moveaxis(raw, 0, axis)
    length = int(ends.sum() - starts.sum()) // max(starts.size, 1)  # of a segment, on average
    room = np.empty(min(_ROOM, 2 * raw.size), np.int64)
    size = _ROOM // (length + 2)  # few blocks take more than one part
    size = min(max(size, math.prod(raw.shape[axis + 1 :]), 1), blocks.SIZE)

    def sums(raw, starts, ends):
        return _together(name, _totals(_words(raw, fmt), starts, ends, axis, room), fmt, result)

    return _in_blocks(sums, raw, starts, ends, result, axis, size)


def _in_blocks(compute, raw, starts, ends, result, axis, size):
    """``compute(raw, starts, ends)`` for blocks of at most `size` of the results."""
    shape = (*raw.shape[:axis], starts.size, *raw.shape[axis + 1 :])
    out = storage.allocate(shape, storage.dtype(result))
    with blocked_operation.blocked(shape) as whole:
        for key in blocks.cut(shape, size):
            block = out[key]
            keys = [*key[:-1], *(slice(None),) * (out.ndim - len(key) + 1)]
            some, keys[axis] = keys[axis], slice(None)
            block[...] = compute(raw[tuple(keys)], starts[some], ends[some])
            whole.first += block.size
    return out


@lru_cache(256)
def _place(frac_bits, width=64):
    return Format(width, frac_bits, rounding="floor", overflow="wrap")


_ROOM = 4 * blocks.SIZE  # words at a time


def _words(raw, fmt):
    """Views of the words of each element, of at most 32 bits, the lowest first."""
    count = raw.dtype.itemsize // 4
    if count < 2:
        return [raw]
    kinds = ["<u4"] * (count - 1) + ["<i4" if fmt.signed else "<u4"]
    words = raw.view([(str(i), kind) for i, kind in enumerate(kinds)])
    return [words[str(i)] for i in range(count)]


def _totals(words, starts, ends, axis, room):
    """The segments' sums along an axis, in parts: NumPy makes int64 of all that it is given."""
    shape = list(words[0].shape)
    first, last = starts.min(initial=shape[axis]), ends.max(initial=0)
    others = max(math.prod(shape[:axis] + shape[axis + 1 :]), 1)
    rows = min(max(room.size // others - 1, 1), max(last - first, 1))
    lead = (slice(None),) * axis
    shape[axis] = starts.size
    totals = [np.zeros(shape, np.int64) for _ in words]
    places = np.append(starts, ends[-1:])
    for at in range(first, last, rows):
        n = min(rows, last - at)
        shape[axis] = n + 1
        part = room[: math.prod(shape)].reshape(shape)
        cut, before = np.clip(places - at, 0, n), np.append(ends <= at, True)
        for word, total in zip(words, totals, strict=True):
            part[(*lead, slice(-1))] = word[(*lead, slice(at, at + n))]
            part[(*lead, -1)] = 0  # where segments behind the part begin
            found = np.add.reduceat(part, cut, axis)
            found[(*lead, before)] = 0
            total += found[(*lead, slice(-1))]
    return totals


def _together(name, totals, fmt, result):
    """The words' sums as one, rounded once."""
    points = [fmt.frac_bits - 32 * i for i in range(len(totals))]
    if points[-1] < -MAX_FRAC_BITS:
        exact = sum(total * Fraction(2) ** -p for total, p in zip(totals, points, strict=True))
        return convert.from_numbers(np.asarray(exact, object), result, name)
    parts = [(total, _place(p)) for total, p in zip(totals, points, strict=True)]
    if len(parts) == 1:
        return convert.cast(*parts[0], result, name)
    if len(parts) == 4:
        parts = [_exact_sum(parts[:2]), _exact_sum(parts[2:])]
    return elementwise.combine("add", parts, result, name)


def _exact_sum(parts):
    wide = _place(parts[0][1].frac_bits, 128)
    return elementwise.combine("add", parts, wide, "move"), wide


def _products(name, raw, fmt, starts, ends, result, axis):
    longest = int((ends - starts).max(initial=1))

    def products(raw, starts, ends):
        return _lines(name, raw, fmt, starts, ends, result, axis)

    size = max(blocks.SIZE // longest, 1)
    return _in_blocks(products, np.moveaxis(raw, 0, axis), starts, ends, result, axis, size)


def _lines(name, raw, fmt, starts, ends, result, axis):
    """The products of segments: lines of equal length, the shorter ones masked at their end."""
    raw = np.moveaxis(raw, axis, 0)
    if starts.size == 1:  # perhaps a long one
        line = np.moveaxis(raw[starts[0] : ends[0]], 0, -1)
        return np.expand_dims(reductions.evaluate(name, line, fmt, -1, False, result)[0], axis)
    lengths = ends - starts
    steps = np.arange(lengths.max(initial=1))
    used = steps < lengths[:, np.newaxis]
    places = np.where(used, starts[:, np.newaxis] + steps, 0)
    lines = np.moveaxis(raw[places], (0, 1), (axis, -1))  # C order of the result counts draws
    if used.all():
        return reductions.evaluate(name, lines, fmt, -1, False, result)[0]
    shape = [1] * lines.ndim
    shape[axis], shape[-1] = used.shape
    return masked_reductions.evaluate(
        name, lines, fmt, -1, False, result, None, used.reshape(shape)
    )[0]


def _extremes(name, raw, fmt, starts, ends, result, axis):
    """NumPy's own, which takes a segment for an element where its end is not behind its start."""
    ufunc = np.minimum if name == "min" else np.maximum
    found = np.empty((starts.size, *raw.shape[1:]), raw.dtype)
    if raw.dtype.itemsize < 16:
        if raw.size:
            ufunc.reduceat(raw, starts, axis=0, out=found)
    elif found.size:
        _wide_extremes(ufunc, raw, fmt, starts, ends, found)
    return convert.cast(np.moveaxis(found, 0, axis), fmt, result, name)


def _wide_extremes(ufunc, raw, fmt, starts, ends, found):
    """Of storage that NumPy can't order: of the ranks of some rows at a time."""
    exact = derived.floor_wrap(fmt)
    operation = "minimum" if ufunc is np.minimum else "maximum"
    better = plan.elementwise(operation, (exact, exact), exact, "move")
    rows = max(blocks.SIZE // 2 // math.prod(raw.shape[1:]), 1)
    for at in range(starts.min(), ends.max(), rows):
        part = raw[at : at + rows]
        (some,) = np.nonzero((starts < at + len(part)) & (ends > at))
        if not some.size:
            continue
        first, last = np.clip(starts[some] - at, 0, None), np.clip(ends[some] - at, None, len(part))
        order = sort_order.keys(part, fmt)
        padded = np.concatenate([order, order[:1]])  # an end may be behind the last row
        pairs = np.stack([first, last], 1).reshape(-1)
        representatives = np.empty(part.size, raw.dtype)
        representatives[order.reshape(-1)] = part.reshape(-1)
        new = representatives[ufunc.reduceat(padded, pairs, axis=0)[::2]]
        begun = starts[some] < at
        if begun.any():
            new[begun] = calls.elementwise(better, (new[begun], found[some[begun]]))
        found[some] = new


_FUNCTIONS = {"sum": _sums, "prod": _products, "min": _extremes, "max": _extremes}
