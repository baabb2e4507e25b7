"""The order of storage: NumPy orders native integers, and `kernels/wide_order.pyx` 128 bits."""

import operator
from functools import partial

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..context import blocks
from ..format import derived, many_axes
from ..kernels import calls, plan, wide_order


def argsort(raw, fmt, axis, stable=False, descending=False):
    """The indices that sort storage along an axis, equal elements in their order if `stable`.

    Descending and stable: from the highest down, equal elements in their order.
    """
    if _is_wide(raw):
        return _along_rows(partial(wide_order.argsort, descending=descending), raw, fmt, axis)
    # NOT reverses the order of two's complement and of unsigned integers alike.
    kind = "stable" if stable or descending else None
    return many_axes.along(partial(np.argsort, kind=kind), [~raw if descending else raw], axis)


def sort(raw, fmt, axis, stable=False, descending=False):
    """A sorted copy of storage."""
    if _is_wide(raw):
        return _along_rows(partial(wide_order.sort, descending=descending), raw, fmt, axis)
    if descending:
        return many_axes.take_along_axis(raw, argsort(raw, fmt, axis, stable, descending), axis)
    return many_axes.along(partial(np.sort, kind="stable" if stable else None), [raw], axis)


def sort_in_place(raw, fmt, axis, stable):
    """Sort storage; NumPy does it without a copy where it takes all axes."""
    if _is_wide(raw) or raw.ndim > many_axes.MOST or not raw.flags.writeable:
        raw[...] = sort(raw, fmt, axis, stable)
    else:
        raw.sort(axis, "stable" if stable else None)


def partition(raw, fmt, kth, axis):
    """A copy of storage in which the elements at `kth` are those of the sorted one."""
    if _is_wide(raw):
        places = _places(np.partition, raw, kth, axis)
        return _along_rows(partial(wide_order.sort, kth=places), raw, fmt, axis)
    return many_axes.along(lambda x, axis: np.partition(x, kth, axis), [raw], axis)


def argpartition(raw, fmt, kth, axis):
    """The indices that partition storage along an axis."""
    if _is_wide(raw):
        places = _places(np.argpartition, raw, kth, axis)
        return _along_rows(partial(wide_order.argsort, kth=places), raw, fmt, axis)
    return many_axes.along(lambda x, axis: np.argpartition(x, kth, axis), [raw], axis)


def _along_rows(function, raw, fmt, axis):
    """A function of `wide_order`, along any axis."""
    axis = normalize_axis_index(operator.index(axis), raw.ndim)
    if axis == raw.ndim - 1:
        return function(np.ascontiguousarray(raw), fmt.signed)
    found = function(np.ascontiguousarray(np.moveaxis(raw, axis, -1)), fmt.signed)
    return np.ascontiguousarray(np.moveaxis(found, -1, axis))


def _places(function, raw, kth, axis):
    """Places along an axis, sorted, from 0 up; one of NumPy's functions checks them."""
    like = np.zeros(raw.shape, np.int8)
    many_axes.along(lambda x, axis: function(x, kth, axis), [like], axis)
    return np.sort(np.asarray(kth, np.int64).reshape(-1) % max(raw.shape[axis], 1))


def first_extreme(raw, fmt, axis, keepdims, highest):
    """The indices of the first lowest or highest elements of 128 bits; axis None: of all."""
    if axis is None:
        flat = np.ascontiguousarray(raw.reshape(-1))
        found = wide_order.first_extreme(flat, fmt.signed, highest)
        return found.reshape((1,) * raw.ndim if keepdims else ())[()]
    rows = np.ascontiguousarray(np.moveaxis(raw, operator.index(axis), -1))
    found = wide_order.first_extreme(rows, fmt.signed, highest)
    return np.expand_dims(found, axis) if keepdims else found[()]


def ranks(raw, fmt):
    """Consecutive integers from 0 up, equal and ordered as the elements are."""
    if not _is_wide(raw):
        return np.unique(raw, return_inverse=True)[1].reshape(raw.shape)
    flat = np.ascontiguousarray(raw.reshape(-1))
    return wide_order.ranks(flat, fmt.signed).reshape(raw.shape)


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
    """`numpy.searchsorted` of storage."""
    if not _is_wide(raw):
        return np.searchsorted(raw, values, side=side, sorter=sorter)
    # NumPy checks the arguments.
    np.searchsorted(np.zeros(raw.shape, np.int8), np.zeros(0, np.int8), side=side, sorter=sorter)
    if sorter is not None:
        sorter = np.asarray(sorter)
        if sorter.size and not 0 <= sorter.min() <= sorter.max() < raw.size:
            raise ValueError("Sorter index out of range.")
        raw = raw[sorter]
    ordered = np.ascontiguousarray(raw)

    def find(values):
        return wide_order.searchsorted(
            ordered, np.ascontiguousarray(values), fmt.signed, side != "left"
        )

    found = blocks.run(find, [values.reshape(values.shape or 1)], None, np.dtype(np.intp))
    return found.reshape(values.shape)[()]


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
