"""The order of storage: NumPy orders native integers, and 128 bits by two words or by ranks."""

import operator
from functools import partial

import numpy as np

from ..context import blocks
from ..format import derived, many_axes, storage
from ..kernels import calls, plan

_FEW = 1 << 10  # elements that NumPy compares as two words, slowly, before bisection pays

# 128-bit storage viewed as two words, the high one first: NumPy compares fields in this order.
_HIGH_LOW = {
    signed: np.dtype(
        {
            "names": ["high", "low"],
            "formats": ["i8" if signed else "u8", "u8"],
            "offsets": [8, 0],
            "itemsize": 16,
        }
    )
    for signed in (True, False)
}


def _sort_keys(raw, fmt):
    """Arrays for `numpy.lexsort`: storage itself, or its low and high words where it is wide."""
    if not _is_wide(raw):
        return (raw,)
    return storage.halves(raw, fmt.signed)


def argsort(raw, fmt, axis, stable=False, descending=False):
    """The indices that sort storage along an axis, equal elements in their order if `stable`.

    Descending and stable: from the highest down, equal elements in their order.
    """
    words = _sort_keys(raw, fmt)
    if descending:
        # NOT reverses the order of two's complement and of unsigned words alike.
        words = [~word for word in words]
    if len(words) > 1:  # by the high words, then by the low ones; lexsort is stable
        return many_axes.along(lambda *keys: np.lexsort(keys[:-1], keys[-1]), words, axis)
    kind = "stable" if stable or descending else None
    return many_axes.along(partial(np.argsort, kind=kind), words, axis)


def sort(raw, fmt, axis, stable=False, descending=False):
    """A sorted copy of storage."""
    if _is_wide(raw) or descending:
        return many_axes.take_along_axis(raw, argsort(raw, fmt, axis, stable, descending), axis)
    return many_axes.along(partial(np.sort, kind="stable" if stable else None), [raw], axis)


def partition(raw, fmt, kth, axis):
    """A copy of storage in which the elements at `kth` are those of the sorted one."""
    if _is_wide(raw):
        return many_axes.take_along_axis(raw, argpartition(raw, fmt, kth, axis), axis)
    return many_axes.along(lambda x, axis: np.partition(x, kth, axis), [raw], axis)


def argpartition(raw, fmt, kth, axis):
    """The indices that partition storage along an axis."""
    return many_axes.along(lambda x, axis: np.argpartition(x, kth, axis), [keys(raw, fmt)], axis)


def ranks(raw, fmt):
    """Consecutive integers from 0 up, equal and ordered as the elements are."""
    if not _is_wide(raw):
        return np.unique(raw, return_inverse=True)[1].reshape(raw.shape)
    flat = raw.reshape(-1)
    order = argsort(flat, fmt, 0)
    found = np.empty(flat.size, np.intp)
    rank = 0
    for start in range(0, flat.size, blocks.SIZE):
        end = start + blocks.SIZE
        new = np.zeros(order[start:end].size, bool)
        for half in storage.halves(flat[order[max(start - 1, 0) : end]]):
            new[new.size - half.size + 1 :] |= half[1:] != half[:-1]
        some = rank + np.cumsum(new)
        found[order[start:end]], rank = some, some[-1]
    return found.reshape(raw.shape)


def running_extreme(ufunc, raw, fmt, axis):
    """What ``ufunc.accumulate`` gives of storage, for NumPy's minimum and maximum and kin."""
    if not _is_wide(raw):
        return ufunc.accumulate(raw, axis=axis)
    ufunc.accumulate(np.broadcast_to(np.int8(0), (1,) * raw.ndim), axis=axis)  # checks the axis
    floor_wrap = derived.floor_wrap(fmt)
    name = "minimum" if ufunc in (np.minimum, np.fmin) else "maximum"
    step = plan.elementwise(name, (floor_wrap, floor_wrap), floor_wrap, "move")
    found = raw.copy()
    lead = (slice(None),) * (operator.index(axis) % raw.ndim)
    count = 1  # each element is the extreme of so many up to it
    while count < raw.shape[len(lead)]:
        before, after = (*lead, slice(None, -count)), (*lead, slice(count, None))
        found[after] = calls.elementwise(step, (found[before], found[after]))
        count *= 2
    return found


def searchsorted(raw, values, fmt, side, sorter):
    """`numpy.searchsorted` of storage: by bisection where NumPy can't compare it."""
    if not _is_wide(raw):
        return np.searchsorted(raw, values, side=side, sorter=sorter)
    if raw.size + values.size <= _FEW:
        x, y = (part.view(_HIGH_LOW[fmt.signed]) for part in (raw, values))
        return np.searchsorted(x, y, side=side, sorter=sorter)
    # NumPy checks the arguments.
    np.searchsorted(np.zeros(raw.shape, np.int8), np.zeros(0, np.int8), side=side, sorter=sorter)
    floor_wrap = derived.floor_wrap(fmt)
    step = plan.comparison("less" if side == "left" else "less_equal", floor_wrap, floor_wrap)

    def find(values):
        low = np.zeros(values.shape, np.intp)
        high = np.full(values.shape, raw.size, np.intp)
        for _ in range(raw.size.bit_length()):
            middle = (low + high) >> 1
            indices = np.minimum(middle, raw.size - 1)  # low and high may both be at the end
            indices = indices if sorter is None else np.asarray(sorter)[indices]
            below = calls.elementwise(step, (raw[indices], values)) & (low < high)
            low, high = np.where(below, middle + 1, low), np.where(below, high, middle)
        return low

    found = blocks.run(find, [np.atleast_1d(values)], None, np.dtype(np.intp))
    return found.reshape(values.shape) if values.ndim else found[0]


def keys(raw, fmt):
    """Integers that NumPy orders as the elements: storage itself, or ranks where it is wide."""
    return ranks(raw, fmt) if _is_wide(raw) else raw


def _is_wide(raw):
    return raw.dtype.itemsize == 16


_KINDS = (None, "quicksort", "heapsort", "mergesort", "stable")


def is_stable(name, kind, stable):
    """Whether equal elements shall keep their order, as NumPy's arguments say."""
    if kind not in _KINDS:
        raise ValueError(f"{name}: kind is one of {', '.join(map(str, _KINDS))}, got {kind!r}")
    return bool(stable) or kind in ("stable", "mergesort")


def along_axis(raw, axis, indices=False):
    """Storage and the axis to order it along: None is all elements in C order.

    To NumPy a 0-d array has no axis to be sorted along, but one where `indices` are asked for.
    """
    if axis is None:
        return raw.reshape(-1), 0
    if not raw.ndim:
        if not indices or operator.index(axis) not in (0, -1):
            raise np.exceptions.AxisError(axis, 0)
        return raw.reshape(1), 0
    return raw, axis
