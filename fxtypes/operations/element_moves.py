"""Elements of storage moved by NumPy's own functions, their arguments checked before."""

import operator

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..format import storage

_UINT64 = np.dtype(np.uint64)
_VIEW = 300  # bytes of a view, and of its reference in a list


def call_numpy(function, *args, **kwargs):
    """What NumPy's function makes of storage; a `TypeError` for arguments that break it."""
    try:
        return function(*args, **kwargs)
    except ArithmeticError as error:  # some Decimals can't even be compared with 0
        raise TypeError(
            f"{function.__name__}: axes, shapes and counts are integers ({error!r})"
        ) from None


def reshape(raw, shape, order="C", copy=None):
    """The elements in another shape; a copy, or a view, where `copy` says so."""
    found = call_numpy(np.reshape, raw.copy() if copy else raw, shape, order=order)
    if copy is False and raw.size and not np.shares_memory(found, raw):
        raise ValueError(
            f"reshape of shape {raw.shape} to {shape}: no view is possible (copy=False)"
        )
    return found


def matrix_transpose(raw):
    """A view with the last two axes exchanged."""
    if raw.ndim < 2:
        raise ValueError(f"matrix_transpose needs at least two axes, the shape is {raw.shape}")
    return raw.swapaxes(-1, -2)


def take(raw, indices, axis, mode):
    """The elements at `indices` along an axis, or in C order."""
    if axis is not None and not raw.ndim:
        raw = raw.reshape(1)  # one axis to NumPy
    n = raw.size if axis is None else raw.shape[normalize_axis_index(axis, raw.ndim)]
    return call_numpy(np.take, raw, check_indices("take", indices, n, mode), axis, mode=mode)


def repeat(raw, repeats, axis):
    """Each element `repeats` times, along `axis` or in one axis."""
    counts = np.asarray(repeats)
    if counts.dtype.kind in "iu" and counts.size and counts.max() > 1 << 16:
        # NumPy's own sum of the counts may wrap, and it then writes beyond its result.
        length = raw.size if axis is None else raw.shape[normalize_axis_index(axis, raw.ndim)]
        total = sum(counts.reshape(-1).tolist()) * (length if counts.size == 1 else 1)
        others = 1 if axis is None or not length else raw.size // length
        storage.reserve(others * total, raw.itemsize, "elements")
        if length and not others:  # no elements at all: NumPy would loop over the counts
            checked = call_numpy(np.repeat, raw, np.minimum(counts, 1), axis)
            axis = normalize_axis_index(axis, raw.ndim)
            shape = (*checked.shape[:axis], total, *checked.shape[axis + 1 :])
            return storage.allocate(shape, raw.dtype)
    return call_numpy(np.repeat, raw, repeats, axis)


def split(function, raw, sections, *args):
    """Views that one of NumPy's functions cuts storage into."""
    name = function.__name__
    try:
        storage.reserve(operator.index(sections), _VIEW, "arrays")
    except TypeError:
        if not np.iterable(sections):  # indices to split at
            raise TypeError(
                f"{name}: a number of sections, or indices to split at, are integers, "
                f"got {sections!r:.60}"
            ) from None
    return call_numpy(function, raw, sections, *args)


def check_indices(name, indices, n, mode):
    """Indices into n elements as an array for NumPy.

    Those to wrap are wrapped here: NumPy adds n again and again.

    Raises
    ------
    IndexError
        If they are to wrap and there are no elements.
    TypeError
        If they are no integers.
    ValueError
        If there is no such mode.
    """
    array = np.asarray(indices)
    if array.dtype.kind not in "iub" and array.size:
        raise TypeError(f"{name}: indices are integers, got {indices!r:.60}")
    if not isinstance(mode, str) or mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"{name}: mode is 'raise', 'wrap' or 'clip', got {mode!r:.60}")
    if mode == "wrap" and array.size:
        if not n:  # NumPy would add 0 for ever
            raise IndexError(f"{name}: there is no element for an index to wrap to")
        array = np.asarray(array % (np.uint64 if array.dtype == _UINT64 else np.intp)(n))
    elif array.dtype == _UINT64:  # what intp can't hold is out of range, too
        array = np.minimum(array, np.uint64(np.iinfo(np.intp).max))
    return array.astype(np.intp, copy=False)


def index_array(name, indices):
    """Indices as an integer array, or a `TypeError` that names the operation."""
    array = indices if isinstance(indices, np.ndarray) else np.array(indices)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name}: indices must be an array of integers, got {indices!r:.60}")
    return array
