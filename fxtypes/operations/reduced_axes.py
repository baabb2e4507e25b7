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
    given = axis if isinstance(axis, tuple) else (axis,)
    axes = []
    for a in given:
        try:
            number = operator.index(a)
        except TypeError:
            raise TypeError(f"an axis is an integer, got {a!r}") from None
        if not ndim and number in (0, -1) and len(given) == 1:
            return ()  # as NumPy does
        if not -ndim <= number < ndim:
            raise np.exceptions.AxisError(number, ndim)
        axes.append(number % ndim)
    if len(set(axes)) != len(axes):
        raise ValueError(f"an axis is named twice in {axis!r}")
    return tuple(axes)


def by_results(compute, arrays, axes, keepdims, result):
    """A reduction over `axes` in blocks of its results, where the operand is large.

    Parameters
    ----------
    compute : callable
        ``compute(arrays, axes, keepdims)`` gives storage of the format `result`, in one step of
        the stream and with one report.
    arrays : list of numpy.ndarray or None
        The operand, and what has its shape.
    """
    operand = arrays[0]
    kept = tuple(a for a in range(operand.ndim) if a not in axes)
    shape = tuple(operand.shape[a] for a in kept)
    if operand.size <= blocks.SIZE or math.prod(shape) == 1:
        return compute(arrays, axes, keepdims)
    order = (*kept, *sorted(axes))
    arrays = [None if x is None else x.transpose(order) for x in arrays]
    size = max(blocks.SIZE // math.prod(operand.shape[a] for a in axes), 1)
    out = storage.allocate(shape, storage.dtype(result))
    found = result_shape(operand.shape, axes, keepdims)
    with blocked_operation.blocked(found) as whole:
        for key in blocks.cut(shape, size):
            parts = [None if x is None else x[key] for x in arrays]
            last = tuple(range(parts[0].ndim - len(axes), parts[0].ndim))
            block = out[key]
            block[...] = compute(parts, last, False)
            whole.first += block.size
    return out.reshape(found)


def reduced_length(name, raw, axis, axes, *allowed):
    n = math.prod(raw.shape[a] for a in axes)
    if n == 0 and name not in allowed:
        raise ValueError(f"{name} of no elements: shape {raw.shape}, axis {axis}")
    return n


def result_shape(shape, axes, keepdims):
    """The shape of a reduction over `axes` (normalised)."""
    if keepdims:
        return tuple(1 if a in axes else n for a, n in enumerate(shape))
    return tuple(n for a, n in enumerate(shape) if a not in axes)
