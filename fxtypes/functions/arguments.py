"""Arguments of public functions: checks, readings, and NumPy's functions on storage."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ..context import context
from ..fixed_array import FixedArray
from ..format import read_numbers
from ..operations import exact_floats, operand
from ..operations import exact_keys as keys
from ..operations.element_moves import call_numpy
from ..operations.reduced_axes import normalize_axes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import OperandLike
    from ..format import Format


def check_fixed(name: str, a: Any) -> FixedArray:
    """Return `a`, which must be a FixedArray."""
    if not isinstance(a, FixedArray):
        raise TypeError(
            f"{name}: expected a FixedArray, got {type(a).__name__}; make one by fx.array"
        )
    return a


def wrap(raw: Any, format: Format) -> FixedArray:
    """A FixedArray over what a NumPy function made of storage: an array or a scalar."""
    return FixedArray._from_storage(np.asarray(raw), format)


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an operand of any kind."""
    return value.shape if isinstance(value, FixedArray) else np.shape(value)


def size_of(value: Any) -> int:
    """How many elements an operand of any kind has."""
    return math.prod(shape_of(value))


def part_of(value: OperandLike) -> operand.Operand:
    """An operand as operations take it: a FixedArray's storage and format, or the value itself."""
    if isinstance(value, FixedArray):
        return operand.Operand(value._storage, value.format)
    return operand.Operand(value, None)


def exact_keys(name: str, *values: Any) -> list[NDArray[Any]]:
    """Integers that NumPy orders as the exact values of FixedArrays and numbers together."""
    if not any(isinstance(value, FixedArray) for value in values):
        raise TypeError(f"{name} needs a FixedArray among its operands; make one by fx.array")
    return keys.exact_keys([part_of(value) for value in values])


def exact_values(
    value: Any, infinite: bool = False, one: Callable[[Any], Any] = read_numbers.exact_value
) -> NDArray[np.object_]:
    """Numbers or a FixedArray as an object array of exact values; infinities if allowed."""
    if isinstance(value, FixedArray):
        return value.to_fractions()
    return keys.exact_values(value, infinite, one)


def exact_part(value: Any) -> operand.Operand:
    """Numbers or a FixedArray with their exact values; without a format if 128 bits hold them not.

    What isn't finite has no format either.
    """
    if isinstance(value, FixedArray):
        return operand.Operand(value._storage, value.format)
    with context.uncounted():
        return exact_floats.exact_operand(read_numbers.read(value))


def move_elements(
    function: Callable[..., Any], a: FixedArray, *args: Any, **kwargs: Any
) -> FixedArray:
    """What NumPy's function makes of an array's storage, in the array's format."""
    a = check_fixed(function.__name__, a)
    return wrap(call_numpy(function, a._storage, *args, **kwargs), a.format)


def one_axis(name: str, axis: SupportsIndex | None, a: FixedArray) -> tuple[int, ...]:
    """The axis that a function works along, as a tuple of one."""
    axes = normalize_axes(axis, a.ndim) if axis is not None else tuple(range(a.ndim))
    if len(axes) != 1:
        raise ValueError(f"{name} takes one axis, got {axis!r} for shape {a.shape}")
    if a.shape[axes[0]] == 0 and a.size:
        raise ValueError(f"{name} of no elements: shape {a.shape}, axis {axis}")
    return axes
