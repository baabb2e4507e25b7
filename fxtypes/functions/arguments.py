"""What functions check their arguments by, and how they move elements by NumPy."""

import numpy as np

from ..fixed_array import FixedArray
from ..format import read_numbers
from ..operations import exact_keys as keys
from ..operations.element_moves import call_numpy
from ..operations.reduced_axes import normalize_axes


def check_fixed(name, a):
    """Return `a`, which must be a FixedArray."""
    if not isinstance(a, FixedArray):
        raise TypeError(
            f"{name}: expected a FixedArray, got {type(a).__name__}; make one by fx.array"
        )
    return a


def wrap(raw, format):
    """A FixedArray over what a NumPy function made of storage: an array or a scalar."""
    return FixedArray._from_storage(np.asarray(raw), format)


def part_of(value):
    """What operations take for an operand: (storage, Format), or (value, None)."""
    return (value._storage, value.format) if isinstance(value, FixedArray) else (value, None)


def exact_keys(name, *values):
    """Integers that NumPy orders as the exact values of FixedArrays and numbers together."""
    if not any(isinstance(value, FixedArray) for value in values):
        raise TypeError(f"{name} needs a FixedArray among its operands; make one by fx.array")
    return keys.exact_keys([part_of(value) for value in values])


def exact_values(value, infinite=False, one=read_numbers.exact_value):
    """Numbers or a FixedArray as an object array of exact values; infinities if allowed."""
    if isinstance(value, FixedArray):
        return value.to_fractions()
    return keys.exact_values(value, infinite, one)


def move_elements(function, a, *args, **kwargs):
    """What NumPy's function makes of an array's storage, in the array's format."""
    a = check_fixed(function.__name__, a)
    return wrap(call_numpy(function, a._storage, *args, **kwargs), a.format)


def one_axis(name, axis, a):
    """The axis that a function works along, as a tuple of one."""
    axes = normalize_axes(axis, a.ndim) if axis is not None else tuple(range(a.ndim))
    if len(axes) != 1:
        raise ValueError(f"{name} takes one axis, got {axis!r} for shape {a.shape}")
    if a.shape[axes[0]] == 0 and a.size:
        raise ValueError(f"{name} of no elements: shape {a.shape}, axis {axis}")
    return axes
