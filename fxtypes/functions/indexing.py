"""Elements chosen by indices, conditions and diagonals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np

from ..fixed_array import FixedArray
from ..format import many_axes
from ..operations.element_moves import index_array
from .arguments import check_fixed, move_elements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Axes, IndexMode, Integers, Mask, Shape

__all__ = [
    "compress",
    "delete",
    "diag",
    "diagflat",
    "diagonal",
    "extract",
    "sliding_window_view",
    "take",
    "take_along_axis",
    "tril",
    "triu",
]


def take(
    a: FixedArray, indices: Integers, axis: SupportsIndex | None = None, mode: IndexMode = "raise"
) -> FixedArray:
    """The elements at `indices`, integers along `axis` or into the array in C order.

    Parameters
    ----------
    a : FixedArray
    indices : int or array of int
        In the result their axes stand where `axis` was.
    axis : int, optional
    mode : {"raise", "wrap", "clip"}
        What an index out of range does: `IndexError`, counting on from the other end, or the
        nearest element.

    Returns
    -------
    FixedArray
        A new array in the format of `a`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.take(fx.array([1, 2, 3], fx.Format(8, 4)), [2, 0, -1])
    FixedArray([3., 1., 3.], format=Format(8, 4))
    """
    return check_fixed("take", a).take(indices, axis, mode)


def take_along_axis(
    arr: FixedArray, indices: Integers, axis: SupportsIndex | None = -1
) -> FixedArray:
    """One element for each index along `axis`, as `argsort` and `argmax` give them.

    `indices` has as many axes as `arr`; None as `axis` reads `arr` in C order.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[3, 1], [2, 4]], fx.Format(8, 4))
    >>> fx.take_along_axis(a, fx.argmax(a, axis=1, keepdims=True), axis=1)
    FixedArray([[3.],
                [4.]], format=Format(8, 4))
    """
    return move_elements(
        many_axes.take_along_axis, arr, index_array("take_along_axis", indices), axis
    )


@overload
def compress(
    condition: Mask | FixedArray, a: FixedArray, axis: SupportsIndex | None = None
) -> FixedArray: ...
@overload
def compress(
    condition: FixedArray, a: NDArray[Any] | Sequence[Any], axis: SupportsIndex | None = None
) -> NDArray[Any]: ...
def compress(condition: Any, a: Any, axis: SupportsIndex | None = None) -> Any:
    """The slices along `axis` (or elements in C order) whose condition is true.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.compress([True, False, True], fx.array([1, 2, 3], fx.Format(8, 4)))
    FixedArray([1., 3.], format=Format(8, 4))
    """
    if isinstance(condition, FixedArray) and not isinstance(a, FixedArray):
        return np.compress(np.asarray(condition != 0), a, axis)
    return check_fixed("compress", a).compress(condition, axis)


def extract(condition: Mask | FixedArray, arr: FixedArray) -> FixedArray:
    """The elements whose condition is true, in one axis, in C order.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[1, -2], [3, -4]], fx.Format(8, 4))
    >>> fx.extract(a > 0, a)
    FixedArray([1., 3.], format=Format(8, 4))
    """
    if isinstance(condition, FixedArray):
        condition = np.asarray(condition != 0)
    chosen = np.flatnonzero(condition)
    return take(check_fixed("extract", arr), chosen)


def delete(arr: FixedArray, obj: Integers | slice, axis: SupportsIndex | None = None) -> FixedArray:
    """A new array without the parts at `obj` (an index, a slice or indices) along `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.delete(fx.array([1, 2, 3], fx.Format(8, 4)), 1)
    FixedArray([1., 3.], format=Format(8, 4))
    """
    return move_elements(np.delete, arr, obj, axis)


def diag(v: FixedArray, k: SupportsIndex = 0) -> FixedArray:
    """The k-th diagonal of a matrix (a read-only view), or the matrix with a vector on it.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.diag(fx.array([1, 2], fx.Format(8, 4)))
    FixedArray([[1., 0.],
                [0., 2.]], format=Format(8, 4))
    """
    return move_elements(np.diag, v, k)


def diagflat(v: FixedArray, k: SupportsIndex = 0) -> FixedArray:
    """The square matrix with all elements of `v` on its k-th diagonal, zeros elsewhere.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.diagflat(fx.array([1, 2], fx.Format(8, 4)))
    FixedArray([[1., 0.],
                [0., 2.]], format=Format(8, 4))
    """
    return move_elements(np.diagflat, v, k)


def diagonal(
    a: FixedArray, offset: SupportsIndex = 0, axis1: SupportsIndex = 0, axis2: SupportsIndex = 1
) -> FixedArray:
    """A read-only view of the diagonals of two axes, which become the last axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.diagonal(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([1., 4.], format=Format(8, 4))
    """
    return check_fixed("diagonal", a).diagonal(offset, axis1, axis2)


def tril(m: FixedArray, k: SupportsIndex = 0) -> FixedArray:
    """A copy with zeros above the k-th diagonal of the last two axes.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.tril(fx.ones((2, 2), fx.Format(8, 4)))
    FixedArray([[1., 0.],
                [1., 1.]], format=Format(8, 4))
    """
    return move_elements(np.tril, m, k)


def triu(m: FixedArray, k: SupportsIndex = 0) -> FixedArray:
    """A copy with zeros below the k-th diagonal of the last two axes.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.triu(fx.ones((2, 2), fx.Format(8, 4)))
    FixedArray([[1., 1.],
                [0., 1.]], format=Format(8, 4))
    """
    return move_elements(np.triu, m, k)


def sliding_window_view(x: FixedArray, window_shape: Shape, axis: Axes = None) -> FixedArray:
    """A read-only view of all windows of a shape, on new axes at the end.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sliding_window_view(fx.array([1, 2, 3], fx.Format(8, 4)), 2)
    FixedArray([[1., 2.],
                [2., 3.]], format=Format(8, 4))
    """
    return move_elements(np.lib.stride_tricks.sliding_window_view, x, window_shape, axis)
