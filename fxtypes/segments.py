"""Reductions of the segments between indices along an axis, for ``ufunc.reduceat``."""

import numpy as np

from . import arithmetic, convert, plan, reductions, selected, sorting
from .fixed_array import FixedArray
from .shaping import index_array, wrap


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
    (axis,) = reductions.normalize_axes(axis, a.ndim)
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
    starts = starts.astype(np.intp)
    ends = np.append(starts[1:], n)[: starts.size]
    return starts, np.where(ends > starts, ends, starts + 1)


def _sums(name, raw, fmt, starts, ends, result, axis):
    """Differences of exact prefix sums, rounded once."""
    n = raw.shape[0]
    width = fmt.width + n.bit_length()
    if width <= 128:
        before = np.concatenate([np.zeros((1, *raw.shape[1:]), raw.dtype), raw])
        wide = plan.exact(fmt).replace(width=width)
        sums = reductions.prefix_sums(before, fmt, wide)
    else:
        exact = convert.to_fractions(raw, fmt)
        sums, wide = np.empty((n + 1, *raw.shape[1:]), object), None
        sums[0], sums[1:] = 0, np.cumsum(exact, axis=0)
    parts = [(np.moveaxis(sums[places], 0, axis), wide) for places in (ends, starts)]
    return arithmetic.combine("subtract", parts, result, name)


def _products(name, raw, fmt, starts, ends, result, axis):
    """Lines of equal length, the shorter ones masked at their end."""
    lengths = ends - starts
    steps = np.arange(lengths.max(initial=1))
    used = steps < lengths[:, np.newaxis]
    places = np.where(used, starts[:, np.newaxis] + steps, 0)
    lines = np.moveaxis(raw[places], (0, 1), (axis, -1))  # C order of the result counts draws
    if used.all():
        return reductions.evaluate(name, lines, fmt, -1, False, result)[0]
    shape = [1] * lines.ndim
    shape[axis], shape[-1] = used.shape
    return selected.evaluate(name, lines, fmt, -1, False, result, None, used.reshape(shape))[0]


def _extremes(name, raw, fmt, starts, ends, result, axis):
    """NumPy's own, of ranks: it can't order wide storage."""
    if not raw.size or not starts.size:
        found = np.empty((starts.size, *raw.shape[1:]), raw.dtype)
    else:
        order = sorting.keys(raw, fmt)
        ufunc = np.minimum if name == "min" else np.maximum
        # NumPy takes a segment for an element where its end is not behind its start.
        chosen = ufunc.reduceat(order, starts, axis=0)
        if order is raw:
            return convert.cast(np.moveaxis(chosen, 0, axis), fmt, result, name)
        representatives = np.empty(raw.size, raw.dtype)
        representatives[order.reshape(-1)] = raw.reshape(-1)
        found = representatives[chosen]
    return convert.cast(np.moveaxis(found, 0, axis), fmt, result, name)


_FUNCTIONS = {"sum": _sums, "prod": _products, "min": _extremes, "max": _extremes}
