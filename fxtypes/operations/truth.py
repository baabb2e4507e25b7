"""any, all, count_nonzero, argmin and argmax: reductions whose results are NumPy's."""

import numpy as np

from ..format import storage
from . import masks, sort_order
from .reduced_axes import normalize_axes


def truth(name, raw, axis, keepdims, out=None, where=True):
    """any, all and count_nonzero, as NumPy gives them."""
    options = {}
    if out is not None:
        options["out"] = check_numpy_out(name, out)
    if where is not True:
        options["where"] = masks.read(name, where, raw.shape)
    axes = None if axis is None else normalize_axes(axis, raw.ndim)
    function, truths = getattr(np, name), storage.truth(raw)
    if out is not None and out.dtype.hasobject:
        del options["out"]
        return into_objects(name, out, function(truths, axis=axes, keepdims=keepdims, **options))
    return function(truths, axis=axes, keepdims=keepdims, **options)


def into_objects(name, out, found):
    """Fill `out`, an array of objects, with truth values that NumPy found without it.

    NumPy (2.0 to 2.5) reduces booleans into such an array through a buffer, which it clears without
    having filled it where it stops early: it crashes, or somebody's memory is damaged.
    """
    if np.shape(found) != out.shape:
        raise ValueError(f"{name}: out has shape {out.shape}, the result {np.shape(found)}")
    out[...] = found
    return out


def check_numpy_out(name, out):
    """Return ``out=``, which must be a NumPy array."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name}: out= must be a NumPy array, got {type(out).__name__}")
    return out


def arg_extreme(name, raw, fmt, axis, keepdims, out=None):
    """The indices of the first lowest or highest elements, as NumPy gives them: int64."""
    options = {} if out is None else {"out": check_numpy_out(name, out)}
    function = np.argmax if name == "argmax" else np.argmin
    axes = normalize_axes(axis, raw.ndim)
    axis = None if not raw.ndim else axis
    if axis is not None and len(axes) != 1:
        raise TypeError(f"{name} takes one axis or None, got {axis!r}")
    n = raw.size if axis is None else raw.shape[axes[0]]
    if n == 0:
        raise ValueError(f"{name} of no elements: shape {raw.shape}, axis {axis}")
    if raw.dtype.itemsize == 16:  # NumPy can't order it
        if out is None:
            return sort_order.first_extreme(raw, fmt, axis, keepdims, name == "argmax")
        raw = sort_order.ranks(raw, fmt)
    return function(raw, axis=axis, keepdims=keepdims, **options)
