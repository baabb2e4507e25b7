"""sum, mean, min, max and their positions over axes: exact, rounded once."""

import operator

import numpy as np

from . import plan, storage
from ._kernels import kernels


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
        if not -ndim <= number < ndim:
            raise np.exceptions.AxisError(number, ndim)
        axes.append(number % ndim)
    if len(set(axes)) != len(axes):
        raise ValueError(f"an axis is named twice in {axis!r}")
    return tuple(axes)


def reduce(name, raw, fmt, axis, keepdims, result):
    """Reduce storage over some axes into storage of the format `result`."""
    axes = normalize_axes(axis, raw.ndim)
    n = 1
    for a in axes:
        n *= raw.shape[a]
    if n == 0 and name != "sum":
        raise ValueError(f"{name} of no elements: shape {raw.shape}, axis {axis}")
    # Sums are planned by powers of two, so that few plans serve all lengths.
    total = 1 << (n - 1).bit_length() if n else 1
    count = n if name == "mean" else 1
    step = plan.reduction(name, fmt, result, count, total if name in ("sum", "mean") else 1)
    return kernels.reduce(step, raw, axes, keepdims)


def arg_extreme(name, raw, fmt, axis, keepdims):
    """The positions of the first lowest or highest elements, as NumPy gives them: int64."""
    function = np.argmax if name == "argmax" else np.argmin
    axes = normalize_axes(axis, raw.ndim)
    if axis is not None and len(axes) != 1:
        raise TypeError(f"{name} takes one axis or None, got {axis!r}")
    n = raw.size if axis is None else raw.shape[axes[0]]
    if n == 0:
        raise ValueError(f"{name} of no elements: shape {raw.shape}, axis {axis}")
    if storage.dtype(fmt).itemsize == 16:  # NumPy can't order it: where does the extreme stand?
        exact = plan.exact(fmt)
        extreme = reduce("max" if name == "argmax" else "min", raw, exact, axis, True, exact)
        step = plan.comparison("equal", exact, exact)
        raw, function = kernels.elementwise(step, (raw, extreme)), np.argmax
    return function(raw, axis=axis, keepdims=keepdims)
