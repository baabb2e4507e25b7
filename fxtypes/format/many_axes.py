"""Axes, up to NumPy's 64: some of its functions stop at 32."""

import math
import operator

import numpy as np

_ITERATORS = 32  # the axes that NumPy's flat iterators, sorts and np.broadcast handle


def broadcast_shapes(*shapes):
    """`numpy.broadcast_shapes` for any number of axes.

    Raises
    ------
    ValueError
        If they don't broadcast.
    """
    ndim = max(map(len, shapes), default=0)
    if ndim <= _ITERATORS:
        return np.broadcast_shapes(*shapes)
    found = [1] * ndim
    for shape in shapes:
        for axis, n in enumerate(shape, ndim - len(shape)):
            if n != 1:
                if found[axis] not in (1, n):
                    raise ValueError(f"shapes {' and '.join(map(str, shapes))} don't broadcast")
                found[axis] = n
    return tuple(found)


def flat(array):
    """The elements in C order, to go over one by one."""
    return array.flat if array.ndim <= _ITERATORS else array.reshape(-1)


def along(function, arrays, axis):
    """What ``function(*arrays, axis)`` gives of arrays of one shape, which it keeps."""
    shape = arrays[0].shape
    if len(shape) <= _ITERATORS:
        return function(*arrays, axis)
    axis = operator.index(axis)
    if not -len(shape) <= axis < len(shape):
        raise np.exceptions.AxisError(axis, len(shape))
    axis %= len(shape)
    lines = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
    return function(*(a.reshape(lines) for a in arrays), 1).reshape(shape)


def without_ones(array):
    """A view without axes of length 1, with one axis at least: NumPy indexes by 63 arrays."""
    found = array.squeeze()
    return found if found.ndim else found.reshape(1)


def take_along_axis(array, indices, axis):
    """`numpy.take_along_axis` for any number of axes; `indices` has as many as `array`."""
    if axis is None or array.ndim <= _ITERATORS or array.ndim != indices.ndim:
        return np.take_along_axis(array, indices, axis)
    axis = operator.index(axis) % array.ndim
    # Axes that both have but with length 1 say nothing.
    used = [
        a for a in range(array.ndim) if a == axis or (array.shape[a], indices.shape[a]) != (1, 1)
    ]
    parts = (a.reshape([a.shape[i] for i in used]) for a in (array, indices))
    found = np.take_along_axis(*parts, used.index(axis))
    shape = [1] * array.ndim
    for a, n in zip(used, found.shape, strict=True):
        shape[a] = n
    return found.reshape(shape)


def apply_broadcast(function, arrays):
    """What ``function(*arrays)`` gives of arrays that broadcast."""
    if max(a.ndim for a in arrays) <= _ITERATORS:
        return function(*arrays)
    shape = broadcast_shapes(*(a.shape for a in arrays))
    return function(*(np.broadcast_to(a, shape).reshape(-1) for a in arrays)).reshape(shape)


def broadcast_assigned(values, shape):
    """Values broadcast as NumPy's assignment does: axes of length 1 in front may fall off."""
    while values.ndim > len(shape) and values.shape[0] == 1:
        values = values[0, ...]
    try:
        return np.broadcast_to(values, shape)
    except ValueError:
        raise ValueError(
            f"values of shape {values.shape} don't broadcast to the assigned shape {shape}"
        ) from None
