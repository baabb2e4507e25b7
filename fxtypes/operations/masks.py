"""Masks, from ``where=``: which elements an operation computes."""

import math

import numpy as np

from ..context import context
from ..format import many_axes, read_numbers


def read(name, where, shape=None):
    """What ``where=`` was given as an array of booleans, broadcast to `shape` if that is given.

    Raises
    ------
    TypeError
        If it is none; `name` is the operation.
    ValueError
        If it doesn't broadcast.
    """
    read_numbers.refuse_masked(where)
    mask = np.asarray(where)
    if mask.dtype != bool:
        kind = getattr(where, "dtype", None)
        shown = f"an array of {kind}" if kind is not None else read_numbers.shorten(where)
        raise TypeError(f"{name}: where= is a boolean or an array of them, got {shown}")
    if shape is None:
        return mask
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(
            f"{name}: where= of shape {mask.shape} doesn't broadcast to the array's {shape}"
        ) from None


def left_out(mask):
    """How many elements a mask leaves out."""
    return mask.size - int(np.count_nonzero(mask))


def used_elements(mask, shape):
    """Which elements of an operand of `shape` are used anywhere, once it and the mask broadcast."""
    try:
        full = many_axes.broadcast_shapes(shape, mask.shape)
    except ValueError:
        return np.ones(shape, bool)  # the kernel says what doesn't fit
    used = np.broadcast_to(mask, full)
    used = used.any(axis=tuple(range(len(full) - len(shape))))
    narrow = tuple(i for i, n in enumerate(shape) if n == 1 and used.shape[i] != 1)
    return np.asarray(used.any(axis=narrow, keepdims=True) if narrow else used)


def without_unused(value, used, fmt):
    """A user's operand with zeros where it isn't used, so that what stands there can't matter.

    Parameters
    ----------
    value : number or array_like
    used : numpy.ndarray of bool
        Of the operand's shape.
    fmt : Format
        Of the array that the operand is combined with.
    """
    if np.ndim(value) == 0:
        return value if used.all() else 0
    if _is_harmless(value, fmt):
        return value
    if isinstance(value, np.ma.MaskedArray):
        return value  # refused later
    array = value if isinstance(value, np.ndarray) else np.array(value, dtype=object)
    return np.where(used, array, np.zeros((), array.dtype))


def _is_harmless(value, fmt):
    """Whether reading an operand for arrays of `fmt` can't raise, nor count events."""
    if type(value) is not np.ndarray or not value.size:
        return False
    if value.dtype.kind in "biu":
        return True
    narrow = value.dtype.kind == "f" and value.dtype.itemsize <= 8
    if not narrow or context.current_context().recorder is not None:
        return False
    limit = float(fmt.max)
    limit = math.nextafter(limit, 0) if limit > fmt.max else limit
    return float(value.min()) >= (-limit if fmt.signed else 0) and float(value.max()) <= limit
