"""NumPy's functions that stop at 32 axes, for the 64 that its arrays may have."""

import math
import operator

import numpy as np

MOST = 32  # axes that NumPy's flat iterators, sorts and np.broadcast handle


def broadcast_shapes(*shapes):
    """`numpy.broadcast_shapes` for any number of axes.

    Raises
    ------
    ValueError
        If they don't broadcast.
    """
    if shapes and shapes.count(shapes[0]) == len(shapes):
        return shapes[0]
    ndim = max(map(len, shapes), default=0)
    if ndim <= MOST:
        return np.broadcast_shapes(*shapes)
    found = [1] * ndim
    for shape in shapes:
        for axis, n in enumerate(shape, ndim - len(shape)):
            if n != 1:
                if found[axis] not in (1, n):
                    raise ValueError(f"shapes {' and '.join(map(str, shapes))} don't broadcast")
                found[axis] = n
    return tuple(found)


def broadcast_to(array, shape):
    """`numpy.broadcast_to`, or the array itself."""
    return array if array.shape == shape else np.broadcast_to(array, shape)


def flat(array):
    """The elements in C order, for a loop."""
    return array.flat if array.ndim <= MOST else array.reshape(-1)


def along(function, arrays, axis):
    """``function(*arrays, axis)``, whose result has the shape that all the arrays have."""
    shape = arrays[0].shape
    if len(shape) <= MOST:
        return function(*arrays, axis)
    axis = operator.index(axis)
    if not -len(shape) <= axis < len(shape):
        raise np.exceptions.AxisError(axis, len(shape))
    axis %= len(shape)
    lines = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
    return function(*(a.reshape(lines) for a in arrays), 1).reshape(shape)


def without_ones(array):
    """A view without axes of length 1 (but with one axis): NumPy takes at most 63 index arrays."""
    found = array.squeeze()
    return found if found.ndim else found.reshape(1)


def take_along_axis(array, indices, axis):
    """`numpy.take_along_axis` for any number of axes; `indices` has as many as `array`."""
    if axis is None or array.ndim <= MOST or array.ndim != indices.ndim:
        return np.take_along_axis(array, indices, axis)
    axis = operator.index(axis) % array.ndim
    # Axes that have length 1 in both can be left out.
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
    """``function(*arrays)``, an elementwise function of arrays that broadcast."""
    if max(a.ndim for a in arrays) <= MOST:
        return function(*arrays)
    shape = broadcast_shapes(*(a.shape for a in arrays))
    return function(*(np.broadcast_to(a, shape).reshape(-1) for a in arrays)).reshape(shape)


def broadcast_assigned(values, shape):
    """Values broadcast as by NumPy's assignment, which drops leading axes of length 1."""
    if values.shape == shape:
        return values
    while values.ndim > len(shape) and values.shape[0] == 1:
        values = values[0, ...]
    try:
        return np.broadcast_to(values, shape)
    except ValueError:
        raise ValueError(
            f"values of shape {values.shape} don't broadcast to the assigned shape {shape}"
        ) from None
