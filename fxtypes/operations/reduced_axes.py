"""The axes of a reduction, and reductions in blocks of their results."""

import math
import operator

import numpy as np

from ..context import blocked_operation, blocks
from ..format import storage


def normalize_axes(axis, ndim):
    """An axis, a tuple of them or None as a tuple of distinct axes from 0 to ndim - 1.

    Raises
    ------
    numpy.exceptions.AxisError
        If an axis is out of range.
    ValueError
        If one is named twice.
    """
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    given = axis if isinstance(axis, tuple) else (axis,)
    axes = []
    for a in given:
        try:
            number = operator.index(a)
        except TypeError:
            raise TypeError(f"an axis is an integer, got {a!r}") from None
        if not ndim and number in (0, -1) and not isinstance(axis, tuple):
            return ()  # as NumPy does
        if not -ndim <= number < ndim:
            raise np.exceptions.AxisError(number, ndim)
        axes.append(number % ndim)
    if len(set(axes)) != len(axes):
        raise ValueError(f"an axis is named twice in {axis!r}")
    return tuple(axes)


def check_axis_of_scalar(axis, ndim):
    """AxisError for an axis of a 0-d array, where it isn't one to NumPy: in mean and its kin."""
    if not ndim and axis is not None and axis != ():
        number = axis[0] if isinstance(axis, tuple) else axis
        raise np.exceptions.AxisError(operator.index(number), 0)


def count_reduced(shape, axes):
    """How many elements each result of a reduction over `axes` (normalised) is made of."""
    return math.prod([shape[a] for a in axes])


def check_not_empty(name, shape, axis):
    """ValueError where results would be made of no elements, and have no value then.

    Where there is no result either, to NumPy only extremes are an error.
    """
    axes = normalize_axes(axis, len(shape))
    results = math.prod(result_shape(shape, axes, False))
    if count_reduced(shape, axes) == 0 and (results or name in ("min", "max", "ptp")):
        raise ValueError(f"{name} of no elements: shape {shape}, axis {axis}")


def result_shape(shape, axes, keepdims):
    """The shape of a reduction over `axes` (normalised)."""
    if keepdims:
        return tuple(1 if a in axes else n for a, n in enumerate(shape))
    return tuple(n for a, n in enumerate(shape) if a not in axes)


def in_blocks_of_results(compute, arrays, axes, keepdims, result):
    """A reduction over `axes`, a block of its results at a time where the operand is large.

    Parameters
    ----------
    compute : callable
        ``compute(arrays, axes, keepdims)`` gives storage of the format `result`, in one step of
        the stream and with one report.
    arrays : list of numpy.ndarray or None
        The operand's storage, and others of its shape, such as a mask.
    axes : tuple of int
        Normalised.
    keepdims : bool
    result : Format
    """
    raw = arrays[0]
    kept = tuple(a for a in range(raw.ndim) if a not in axes)
    shape = tuple(raw.shape[a] for a in kept)
    if raw.size <= blocks.SIZE or math.prod(shape) == 1:
        return compute(arrays, axes, keepdims)
    order = (*kept, *sorted(axes))
    arrays = [None if x is None else x.transpose(order) for x in arrays]
    last_axes = tuple(range(len(kept), raw.ndim))
    size = max(blocks.SIZE // count_reduced(raw.shape, axes), 1)
    out = storage.allocate(shape, storage.dtype(result))
    final = result_shape(raw.shape, axes, keepdims)
    with blocked_operation.blocked(final) as operation:
        for key, block in operation.blocks(out, blocks.cut(shape, size)):
            parts = [None if x is None else x[key] for x in arrays]
            block[...] = compute(parts, last_axes, False)
    return out.reshape(final)
