"""Reductions of the segments between indices along an axis, for ``ufunc.reduceat``."""

import numpy as np

from . import arithmetic, convert, plan, reductions, selected, sorting
from .fixed_array import FixedArray
from .format import MAX_FRAC_BITS
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
    """NumPy's own, of words that it sums exactly; rounded once where they are put together."""

    def total(words):
        return np.moveaxis(np.add.reduceat(words, starts, axis=0, dtype=np.int64), 0, axis)

    place = plan.exact(fmt).replace(width=64, signed=True)
    if fmt.width + raw.shape[0].bit_length() <= 63:
        return convert.cast(total(raw), place, result, name)
    count = raw.dtype.itemsize // 4
    if fmt.frac_bits - 32 * (count - 1) < -MAX_FRAC_BITS:  # the highest word's place
        found = np.add.reduceat(convert.to_fractions(raw, fmt), starts, axis=0)
        return convert.from_numbers(np.moveaxis(found, 0, axis), result, name)
    kinds = ["<u4"] * (count - 1) + ["<i4" if fmt.signed else "<u4"]
    words = raw.view([(str(i), kind) for i, kind in enumerate(kinds)])
    parts = [
        (total(words[str(i)]), place.replace(frac_bits=fmt.frac_bits - 32 * i))
        for i in range(count)
    ]
    if count == 4:
        parts = [_exact_sum(parts[:2]), _exact_sum(parts[2:])]
    return arithmetic.combine("add", parts, result, name)


def _exact_sum(parts):
    wide = parts[0][1].replace(width=128)
    return arithmetic.combine("add", parts, wide, "move"), wide


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
