"""Reductions of the segments between indices along an axis, for ``ufunc.reduceat``."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..context import blocked_operation, blocks
from ..fixed_array import FixedArray
from ..format import Format, derived, storage
from ..format.format import MAX_FRAC_BITS
from ..functions.arguments import wrap
from ..kernels import calls, plan, plan_reductions, products
from ..operations import (
    convert,
    elementwise,
    masked_reductions,
    reduced_axes,
    reductions,
    sort_order,
)
from ..operations.element_moves import index_array
from ..operations.operand import Operand

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BUFFER = 4 * blocks.SIZE  # int64 numbers that are copied at a time


class Segments(NamedTuple):
    """The segments ``starts[i]:ends[i]`` of an axis; none is empty."""

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    axis: int


def reduceat(
    name: str, a: FixedArray, indices: Any, axis: Any = 0, format: Format | None = None
) -> FixedArray:
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
    axes = reduced_axes.normalize_axes(axis, a.ndim)
    if not a.ndim:
        raise TypeError(f"{name}: a 0-d array has no axis with segments (reduceat)")
    if len(axes) != 1:
        raise ValueError(f"{name}: reduceat takes one axis, got {axis!r} for shape {a.shape}")
    (axis,) = axes
    segments = _segments(name, indices, a.shape[axis], axis)
    result = a.format if format is None else format
    return wrap(_FUNCTIONS[name](name, a._storage, a.format, segments, result), result)


def _segments(name: str, indices: Any, n: int, axis: int) -> Segments:
    if isinstance(indices, FixedArray):
        raise TypeError(f"{name}: indices are integers, not fixed-point numbers")
    given = np.asarray(indices)
    if not given.size and not isinstance(indices, np.ndarray):
        given = given.astype(np.intp)
    given = index_array(name, given)
    if given.ndim != 1:
        raise ValueError(f"{name}: indices have one axis, got shape {given.shape}")
    starts = given.astype(np.intp, copy=False)
    wrong = starts.view(np.uintp) >= n  # negative ones too
    if np.count_nonzero(wrong):
        raise IndexError(f"{name}: index {given[wrong][0]} is out of range 0 to {n - 1}")
    ends = starts + 1
    np.maximum(ends[:-1], starts[1:], out=ends[:-1])
    ends[-1:] = n
    return Segments(starts, ends, axis)


def _sums(name, raw, fmt, segments, result):
    """By NumPy's own sums: of the elements if int64 holds every sum, else of parts of them.

    NumPy first makes int64 of all that it is given: few elements at a time. A few of 16 bytes are
    added up from the first on, if 128 bits hold that.
    """
    starts, ends, axis = segments
    more, few = raw.shape[axis].bit_length(), 0 < raw.size <= blocks.SIZE
    bits = fmt.width
    if bits + more > 63 and (few or raw.dtype == np.int64):  # what the elements really need
        bits = products.magnitude_bits(raw, storage.code(fmt)) + 1
    if raw.dtype.itemsize <= 8 and bits + more <= 63 and (raw.dtype == np.int64 or few):
        found = np.add.reduceat(raw, starts, axis=axis, dtype=np.int64)
        return convert.cast(found, _integer_format(fmt.frac_bits), result, name)
    if raw.dtype.itemsize == 16 and bits + more <= 128 and few:
        return _sums_of_few(name, raw, fmt, segments, result)
    length = int(ends.sum() - starts.sum()) // max(starts.size, 1)  # of a segment, on average
    buffer = np.empty(min(_BUFFER, 2 * raw.size), np.int64)
    size = _BUFFER // (length + 2)  # so that the segments of most blocks fit the buffer
    size = min(max(size, math.prod(raw.shape[axis + 1 :]), 1), blocks.SIZE)

    def compute(raw, segments):
        return _join_limbs(name, _limb_sums(_limbs(raw, fmt), segments, buffer), fmt, result)

    return _in_blocks(compute, raw, segments, result, size)


def _sums_of_few(name, raw, fmt, segments, result):
    """Differences of the sums of all elements up to the segments' ends."""
    starts, ends, axis = segments
    wide = _integer_format(fmt.frac_bits, 128)
    step = plan_reductions.prefix_sums(fmt, wide, 1 << raw.shape[axis].bit_length(), "move")
    lines = raw.reshape(math.prod(raw.shape[:axis]), raw.shape[axis], -1)
    sums = np.zeros((lines.shape[0], lines.shape[1] + 1, lines.shape[2]), storage.dtype(wide))
    sums[:, 1:] = calls.scan(step, None, lines, True, raw.shape).reshape(lines.shape)
    shape = (*raw.shape[:axis], starts.size, *raw.shape[axis + 1 :])
    parts = [Operand(sums[:, at].reshape(shape), wide) for at in (ends, starts)]
    return elementwise.combine("subtract", parts, result, name)


def _in_blocks(compute, raw, segments, result, size):
    """``compute(raw, segments)`` for blocks of at most `size` of the results."""
    starts, ends, axis = segments
    shape = (*raw.shape[:axis], starts.size, *raw.shape[axis + 1 :])
    out = storage.allocate(shape, storage.dtype(result))
    with blocked_operation.blocked(shape) as operation:
        for key, block in operation.blocks(out, blocks.cut(shape, size)):
            keys = [*key[:-1], *(slice(None),) * (out.ndim - len(key) + 1)]
            some, keys[axis] = keys[axis], slice(None)
            block[...] = compute(raw[tuple(keys)], Segments(starts[some], ends[some], axis))
    return out


@lru_cache(256)
def _integer_format(frac_bits, width=64):
    """The format of sums in int64, or in a wider integer."""
    return Format(width, frac_bits, rounding="floor", overflow="wrap")


def _limbs(raw, fmt):
    """Views of the limbs of the elements, of at most 32 bits each, the lowest first."""
    count = raw.dtype.itemsize // 4
    if count < 2:
        return [raw]
    kinds = ["<u4"] * (count - 1) + ["<i4" if fmt.signed else "<u4"]
    limbs = raw.view([(str(i), kind) for i, kind in enumerate(kinds)])
    return [limbs[str(i)] for i in range(count)]


def _limb_sums(limbs, segments, buffer):
    """The segments' sums of each limb, in int64; the elements pass through the buffer."""
    starts, ends, axis = segments
    shape = list(limbs[0].shape)
    first, last = starts.min(initial=shape[axis]), ends.max(initial=0)
    others = max(math.prod(shape[:axis] + shape[axis + 1 :]), 1)
    rows = min(max(buffer.size // others - 1, 1), max(last - first, 1))
    lead = (slice(None),) * axis
    shape[axis] = starts.size
    totals = [np.zeros(shape, np.int64) for _ in limbs]
    bounds = np.append(starts, ends[-1:])
    for begin in range(first, last, rows):
        n = min(rows, last - begin)
        shape[axis] = n + 1
        part = buffer[: math.prod(shape)].reshape(shape)
        indices, ended = np.clip(bounds - begin, 0, n), np.append(ends <= begin, True)
        for limb, total in zip(limbs, totals, strict=True):
            part[(*lead, slice(-1))] = limb[(*lead, slice(begin, begin + n))]
            part[(*lead, -1)] = 0  # what segments that begin after this part find here
            found = np.add.reduceat(part, indices, axis)
            found[(*lead, ended)] = 0
            total += found[(*lead, slice(-1))]
    return totals


def _join_limbs(name, totals, fmt, result):
    """The sums of elements from those of their limbs, rounded once."""
    frac_bits = [fmt.frac_bits - 32 * i for i in range(len(totals))]
    if frac_bits[-1] < -MAX_FRAC_BITS:
        values = sum(total * Fraction(2) ** -n for total, n in zip(totals, frac_bits, strict=True))
        return convert.from_numbers(np.asarray(values, object), result, name)
    parts = [Operand(total, _integer_format(n)) for total, n in zip(totals, frac_bits, strict=True)]
    if len(parts) == 1:
        return convert.cast(*parts[0], result, name)
    if len(parts) == 4:
        parts = [_unrounded_sum(parts[:2]), _unrounded_sum(parts[2:])]
    return elementwise.combine("add", parts, result, name)


def _unrounded_sum(parts):
    wide = _integer_format(parts[0][1].frac_bits, 128)
    return Operand(elementwise.combine("add", parts, wide, "move"), wide)


def _products(name, raw, fmt, segments, result):
    longest = int((segments.ends - segments.starts).max(initial=1))

    def compute(raw, segments):
        return _products_of_rows(name, raw, fmt, segments, result)

    return _in_blocks(compute, raw, segments, result, max(blocks.SIZE // longest, 1))


def _products_of_rows(name, raw, fmt, segments, result):
    """The segments as rows of equal length, the shorter ones masked at their end."""
    starts, ends, axis = segments
    raw = np.moveaxis(raw, axis, 0)
    if starts.size == 1:  # without a copy, as it may be a long one
        row = np.moveaxis(raw[starts[0] : ends[0]], 0, -1)
        product, _ = reductions.evaluate(name, Operand(row, fmt), -1, False, result)
        return np.expand_dims(product, axis)
    lengths = ends - starts
    steps = np.arange(lengths.max(initial=1))
    used = steps < lengths[:, np.newaxis]
    indices = np.where(used, starts[:, np.newaxis] + steps, 0)
    rows = np.moveaxis(raw[indices], (0, 1), (axis, -1))  # draws go by the C order of the result
    if used.all():
        return reductions.evaluate(name, Operand(rows, fmt), -1, False, result)[0]
    shape = [1] * rows.ndim
    shape[axis], shape[-1] = used.shape
    return masked_reductions.evaluate(
        name, Operand(rows, fmt), -1, False, result, None, used.reshape(shape)
    )[0]


def _extremes(name, raw, fmt, segments, result):
    """By NumPy's own extremes, whose segments without elements are the element at their start."""
    axis = segments.axis
    ufunc = np.minimum if name == "min" else np.maximum
    raw = np.moveaxis(raw, axis, 0)
    found = np.empty((segments.starts.size, *raw.shape[1:]), raw.dtype)
    if raw.dtype.itemsize < 16:
        if raw.size:
            ufunc.reduceat(raw, segments.starts, axis=0, out=found)
    elif found.size:
        _extremes_of_ranks(ufunc, raw, fmt, segments, found)
    return convert.cast(np.moveaxis(found, 0, axis), fmt, result, name)


def _extremes_of_ranks(ufunc, raw, fmt, segments, found):
    """Extremes along the first axis, found by their ranks: NumPy can't order 16-byte elements.

    Some rows at a time; a segment of several parts keeps the better of its extremes so far.
    """
    starts, ends, _ = segments
    moved = derived.floor_wrap(fmt)
    operation = "minimum" if ufunc is np.minimum else "maximum"
    better = plan.elementwise(operation, (moved, moved), moved, "move")
    rows = max(blocks.SIZE // 2 // math.prod(raw.shape[1:]), 1)
    for begin in range(starts.min(), ends.max(), rows):
        part = raw[begin : begin + rows]
        (here,) = np.nonzero((starts < begin + len(part)) & (ends > begin))
        if not here.size:
            continue
        first = np.clip(starts[here] - begin, 0, None)
        last = np.clip(ends[here] - begin, None, len(part))
        ranks = sort_order.keys(part, fmt)
        padded = np.concatenate([ranks, ranks[:1]])  # an end may be after the last row
        pairs = np.stack([first, last], 1).reshape(-1)
        of_rank = np.empty(part.size, raw.dtype)
        of_rank[ranks.reshape(-1)] = part.reshape(-1)
        new = of_rank[ufunc.reduceat(padded, pairs, axis=0)[::2]]
        begun = starts[here] < begin
        if begun.any():
            new[begun] = calls.elementwise(better, (new[begun], found[here[begun]]))
        found[here] = new


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": _sums,
    "prod": _products,
    "min": _extremes,
    "max": _extremes,
}
