"""Shapes and axes: the same elements seen differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, overload

import numpy as np

from ..fixed_array import FixedArray
from ..format import many_axes
from .arguments import check_fixed, move_elements, shape_of, wrap

if TYPE_CHECKING:
    from ..fixed_array.operand_types import Axes, OperandLike, Order, Shape

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_to",
    "expand_dims",
    "matrix_transpose",
    "meshgrid",
    "moveaxis",
    "permute_dims",
    "ravel",
    "reshape",
    "rollaxis",
    "squeeze",
    "swapaxes",
    "transpose",
]


def reshape(
    a: FixedArray, shape: Shape, order: Literal["C", "F", "A"] = "C", *, copy: bool | None = None
) -> FixedArray:
    """The same elements in another shape; a view wherever NumPy's is one.

    Parameters
    ----------
    a : FixedArray
    shape : int or tuple of int
        One of them may be -1: what is left.
    order : {"C", "F", "A"}
        In which order elements are read and placed.
    copy : bool, optional
        True: always a copy. False: `ValueError` where a view is impossible.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.reshape(fx.arange(4, format=fx.Format(8, 4)), (2, 2))
    FixedArray([[0., 1.],
                [2., 3.]], format=Format(8, 4))
    """
    return check_fixed("reshape", a).reshape(shape, order=order, copy=copy)


def ravel(a: FixedArray, order: Order = "C") -> FixedArray:
    """The elements in one axis; a view where possible.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.ravel(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([1., 2., 3., 4.], format=Format(8, 4))
    """
    return check_fixed("ravel", a).ravel(order)


def transpose(a: FixedArray, axes: Axes = None) -> FixedArray:
    """A view with the axes permuted, by default reversed.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.transpose(fx.zeros((2, 3, 4), fx.Format(8, 4)), (1, 2, 0)).shape
    (3, 4, 2)
    """
    return check_fixed("transpose", a).transpose(axes)


permute_dims = transpose


def matrix_transpose(x: FixedArray) -> FixedArray:
    """A view with the last two axes exchanged; `ValueError` with fewer than two.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.matrix_transpose(fx.zeros((2, 3, 4), fx.Format(8, 4))).shape
    (2, 4, 3)
    """
    return check_fixed("matrix_transpose", x).mT


def moveaxis(a: FixedArray, source: Shape, destination: Shape) -> FixedArray:
    """A view with some axes moved to other positions; the others keep their order.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.moveaxis(fx.zeros((2, 3, 4), fx.Format(8, 4)), 0, -1).shape
    (3, 4, 2)
    """
    return move_elements(np.moveaxis, a, source, destination)


def rollaxis(a: FixedArray, axis: SupportsIndex, start: SupportsIndex = 0) -> FixedArray:
    """A view with `axis` moved back to stand before `start`; `moveaxis` is clearer.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.rollaxis(fx.zeros((2, 3, 4), fx.Format(8, 4)), 2).shape
    (4, 2, 3)
    """
    return move_elements(np.rollaxis, a, axis, start)


def swapaxes(a: FixedArray, axis1: SupportsIndex, axis2: SupportsIndex) -> FixedArray:
    """A view with two axes exchanged.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.swapaxes(fx.zeros((2, 3, 4), fx.Format(8, 4)), 0, 2).shape
    (4, 3, 2)
    """
    return check_fixed("swapaxes", a).swapaxes(axis1, axis2)


def squeeze(a: FixedArray, axis: Axes = None) -> FixedArray:
    """A view without axes of length 1 (or those in `axis`, which must be of length 1).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.squeeze(fx.zeros((1, 3, 1), fx.Format(8, 4))).shape
    (3,)
    """
    return check_fixed("squeeze", a).squeeze(axis)


def expand_dims(a: FixedArray, axis: Shape) -> FixedArray:
    """A view with new axes of length 1, which are its axes `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.expand_dims(fx.zeros(3, fx.Format(8, 4)), 0).shape
    (1, 3)
    """
    return move_elements(np.expand_dims, a, axis)


def broadcast_to(array: FixedArray, shape: Shape) -> FixedArray:
    """A read-only view of `array` repeated to `shape`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.broadcast_to(fx.array([1, 2], fx.Format(8, 4)), (2, 2))
    FixedArray([[1., 2.],
                [1., 2.]], format=Format(8, 4))
    """
    return move_elements(np.broadcast_to, array, shape)


@overload
def broadcast_arrays(*args: FixedArray) -> tuple[FixedArray, ...]: ...
@overload
def broadcast_arrays(*args: OperandLike) -> tuple[Any, ...]: ...
def broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    """Read-only views of the arrays in their common shape; each keeps its format.

    Arrays that are no FixedArrays come back as NumPy arrays.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a, b = fx.broadcast_arrays(fx.zeros((2, 1), fx.Format(8, 4)), fx.zeros(3, fx.Format(16, 8)))
    >>> a.shape, b.shape, b.format
    ((2, 3), (2, 3), Format(16, 8))
    """
    shape = many_axes.broadcast_shapes(*(shape_of(a) for a in args))
    return tuple(
        broadcast_to(a, shape) if isinstance(a, FixedArray) else np.broadcast_to(a, shape)
        for a in args
    )


@overload
def atleast_1d(ary: FixedArray, /) -> FixedArray: ...
@overload
def atleast_1d(
    ary: FixedArray, other: FixedArray, /, *arys: FixedArray
) -> tuple[FixedArray, ...]: ...
@overload
def atleast_1d(*arys: OperandLike) -> Any: ...
def atleast_1d(*arys: Any) -> Any:
    """The array with at least one axis; of several arrays, a tuple of them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.atleast_1d(fx.array(1.5, fx.Format(8, 4)))
    FixedArray([1.5], format=Format(8, 4))
    """
    return _each(np.atleast_1d, arys)


@overload
def atleast_2d(ary: FixedArray, /) -> FixedArray: ...
@overload
def atleast_2d(
    ary: FixedArray, other: FixedArray, /, *arys: FixedArray
) -> tuple[FixedArray, ...]: ...
@overload
def atleast_2d(*arys: OperandLike) -> Any: ...
def atleast_2d(*arys: Any) -> Any:
    """The array with at least two axes; new ones come first.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.atleast_2d(fx.array([1, 2], fx.Format(8, 4))).shape
    (1, 2)
    """
    return _each(np.atleast_2d, arys)


@overload
def atleast_3d(ary: FixedArray, /) -> FixedArray: ...
@overload
def atleast_3d(
    ary: FixedArray, other: FixedArray, /, *arys: FixedArray
) -> tuple[FixedArray, ...]: ...
@overload
def atleast_3d(*arys: OperandLike) -> Any: ...
def atleast_3d(*arys: Any) -> Any:
    """The array with at least three axes; new ones come where `numpy.atleast_3d` puts them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.atleast_3d(fx.array([1, 2], fx.Format(8, 4))).shape
    (1, 2, 1)
    """
    return _each(np.atleast_3d, arys)


def _each(function: Callable[[Any], Any], arrays: tuple[Any, ...]) -> Any:
    """What a function of NumPy makes of each array; of several, a tuple."""
    found = tuple(
        move_elements(function, a) if isinstance(a, FixedArray) else function(a) for a in arrays
    )
    return found[0] if len(found) == 1 else found


@overload
def meshgrid(
    *xi: FixedArray, copy: bool = True, sparse: bool = False, indexing: Literal["xy", "ij"] = "xy"
) -> tuple[FixedArray, ...]: ...
@overload
def meshgrid(
    *xi: OperandLike, copy: bool = True, sparse: bool = False, indexing: Literal["xy", "ij"] = "xy"
) -> tuple[Any, ...]: ...
def meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: Literal["xy", "ij"] = "xy"
) -> tuple[Any, ...]:
    """Coordinate matrices from vectors of coordinates, a tuple; each keeps its format.

    Vectors that are no FixedArrays give NumPy arrays.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> x, y = fx.meshgrid(fx.array([1, 2], q), fx.array([3, 4], q))
    >>> y
    FixedArray([[3., 3.],
                [4., 4.]], format=Format(8, 4))
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', got {indexing!r}")
    axes = list(range(len(xi)))  # along which each vector lies
    if indexing == "xy" and len(xi) > 1:
        axes[:2] = 1, 0
    raws = [x._storage if isinstance(x, FixedArray) else np.asarray(x) for x in xi]
    grids = [
        raw.reshape(-1, *(1,) * (len(xi) - axis - 1))[(np.newaxis,) * axis]
        for raw, axis in zip(raws, axes, strict=True)
    ]
    if not sparse:
        shape = many_axes.broadcast_shapes(*(grid.shape for grid in grids))
        grids = [np.broadcast_to(grid, shape) for grid in grids]
    if copy:
        grids = [grid.copy() for grid in grids]
    return tuple(
        wrap(grid, x.format) if isinstance(x, FixedArray) else grid
        for grid, x in zip(grids, xi, strict=True)
    )
