"""Functions that set elements of an array to values, each rounded once into its format.

If the format's overflow mode is `raise` and a value overflows, the array stays as it was.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ..fixed_array import FixedArray
from ..format import many_axes, read_numbers
from ..format.overlap import independent
from ..operations.assignment import cycled, in_format
from ..operations.element_moves import index_array
from .arguments import check_fixed, part_of, shape_of, size_of, wrap
from .common_format import has_format, insert_values

if TYPE_CHECKING:
    from ..fixed_array.operand_types import IndexMode, Integers, Mask, Values

__all__ = [
    "copyto",
    "fill_diagonal",
    "insert",
    "place",
    "put",
    "put_along_axis",
    "putmask",
]


def insert(
    arr: FixedArray, obj: Integers | slice, values: Values, axis: SupportsIndex | None = None
) -> FixedArray:
    """A new array with `values`, rounded once into its format, before the indices `obj`.

    Parameters
    ----------
    arr : FixedArray
    obj : int, slice or sequence of int or bool
        Indices into `arr` as it was; of booleans, where they are true.
    values : number, FixedArray or array
        Their shape broadcasts to the part that is inserted.
    axis : int, optional
        Without it `arr` is read in C order first.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.insert(fx.array([1, 2], fx.Format(8, 4)), 1, [7, 0.5])
    FixedArray([1. , 7. , 0.5, 2. ], format=Format(8, 4))
    """
    arr = check_fixed("insert", arr)
    if not isinstance(obj, slice):
        indices = np.asarray(obj)
        if indices.dtype.kind not in "iub" and indices.size:
            raise TypeError(f"insert: indices are integers, got {obj!r:.60}")
        if indices.dtype.kind == "b":  # NumPy 2.0 takes them for 0 and 1
            if indices.ndim != 1:
                raise ValueError(f"insert: booleans as indices have one axis, got {obj!r:.60}")
            indices = np.flatnonzero(indices)
        obj = indices.astype(np.intp)
    try:
        return insert_values("insert", arr, values, lambda raw, new: np.insert(raw, obj, new, axis))
    except RuntimeError as error:  # NumPy 2.0's, of more than 32 axes
        raise ValueError(f"insert into shape {arr.shape}: {error}") from None


def put(a: FixedArray, ind: Integers, v: Values, mode: IndexMode = "raise") -> None:
    """Set the elements at `ind`, indices into the array in C order, in place.

    `v` is rounded once into the format of `a`, and repeated if it is shorter. A value that
    `raise` rejects, or an index out of range, leaves the array as it was.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros(4, fx.Format(8, 4))
    >>> fx.put(a, [0, -1], [1, 2.5])
    >>> a
    FixedArray([1. , 0. , 0. , 2.5], format=Format(8, 4))
    """
    check_fixed("put", a).put(ind, v, mode)


def place(arr: FixedArray, mask: Mask, vals: Values) -> None:
    """Set the elements where `mask` is true to `vals`, one after the other, in place.

    Raises
    ------
    ValueError
        If there are elements to set and no values.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros(4, fx.Format(8, 4))
    >>> fx.place(a, [True, False, True, True], [1, 2])
    >>> a
    FixedArray([1., 0., 2., 1.], format=Format(8, 4))
    """
    arr = check_fixed("place", arr)
    chosen = np.asarray(mask, dtype=bool).reshape(arr.shape)
    count = int(np.count_nonzero(chosen))
    if count and size_of(vals) and has_format(vals, arr.format):
        target = arr._storage
        np.place(target, independent(chosen, target), independent(vals._storage, target))
    else:
        _place(arr, chosen, count, vals)


def _place(arr: FixedArray, key: Any, count: int, vals: Values) -> None:
    """Set the `count` elements of an index to values, repeated as often as needed."""
    if count and not size_of(vals):
        raise ValueError("place: no values for the elements that the mask names")
    if count:
        raw, fmt = cycled(part_of(vals), count)
        arr[key] = raw if fmt is None else wrap(raw, fmt)


def putmask(a: FixedArray, mask: Mask, values: Values) -> None:
    """Set the elements where `mask` is true to those of `values` at the same indices, in place.

    Values of another size are first repeated until there are as many as elements.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros(4, fx.Format(8, 4))
    >>> fx.putmask(a, [True, False, True, True], [1, 2])
    >>> a
    FixedArray([1., 0., 1., 2.], format=Format(8, 4))
    """
    a = check_fixed("putmask", a)
    chosen = np.asarray(mask, dtype=bool).reshape(a.shape)
    size = size_of(values)
    if has_format(values, a.format):
        target = a._storage
        np.putmask(target, independent(chosen, target), independent(values._storage, target))
    elif size and chosen.any():
        given = values if isinstance(values, FixedArray) else read_numbers.read(values)
        a[chosen] = given.ravel()[np.flatnonzero(chosen) % size]


def put_along_axis(
    arr: FixedArray, indices: Integers, values: Values, axis: SupportsIndex | None
) -> None:
    """Set one element for each index along `axis`, in place; see `take_along_axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[3, 1], [2, 4]], fx.Format(8, 4))
    >>> fx.put_along_axis(a, fx.argmax(a, axis=1, keepdims=True), 0, axis=1)
    >>> a
    FixedArray([[0., 1.],
                [2., 0.]], format=Format(8, 4))
    """
    arr = check_fixed("put_along_axis", arr)
    if axis is not None and _numpy_takes(indices, arr.shape, operator.index(axis)):
        target, found = arr._storage, index_array("put_along_axis", indices)
        raw = in_format("put_along_axis", part_of(_broadcast(values, found.shape)), arr.format)
        np.put_along_axis(
            target, independent(found, target), independent(raw, target), operator.index(axis)
        )
        return
    positions = np.arange(arr.size)  # in C order
    if axis is not None:
        positions = positions.reshape(arr.shape)
    found = index_array("put_along_axis", indices)
    chosen = many_axes.take_along_axis(positions, found, 0 if axis is None else axis)
    value = _broadcast(values, chosen.shape)
    view = many_axes.without_ones(arr)
    view[np.unravel_index(chosen.reshape(-1), view.shape)] = value.reshape(-1)


def _numpy_takes(indices: Integers, shape: tuple[int, ...], axis: int) -> bool:
    """Whether `numpy.put_along_axis` takes indices: shaped as the array but along the axis."""
    given = list(shape_of(indices))
    if not len(given) == len(shape) <= 32 or not -len(shape) <= axis < len(shape):
        return False
    given[axis] = shape[axis]
    return tuple(given) == shape


def _broadcast(value: Values, shape: tuple[int, ...]) -> Any:
    """Values in the shape of the elements that they are assigned to."""
    if isinstance(value, FixedArray):
        return wrap(many_axes.broadcast_assigned(value._storage, shape), value.format)
    return many_axes.broadcast_assigned(read_numbers.read(value), shape)


def copyto(dst: FixedArray, src: Values, where: Mask = True) -> None:
    """Set `dst` to `src`, rounded once into its format, where `where` is true; in place.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros(2, fx.Format(8, 1))
    >>> fx.copyto(a, [1.25, 2], where=[True, False])
    >>> a
    FixedArray([1., 0.], format=Format(8, 1))
    """
    dst = check_fixed("copyto", dst)
    mask = np.broadcast_to(np.asarray(where, dtype=bool), dst.shape)
    value = _broadcast(src, dst.shape)
    if has_format(value, dst.format):
        target = dst._storage
        values = independent(value._storage, target)
        np.copyto(target, values, where=independent(mask, target))
    elif mask.all():
        dst[...] = value
    elif mask.any():
        dst[mask] = value[mask]


def fill_diagonal(a: FixedArray, val: Values, wrap: bool = False) -> None:
    """Set the main diagonal of `a` to `val`, rounded once into its format, in place.

    Parameters
    ----------
    a : FixedArray
        Of two axes, or of more of equal length.
    val : number, FixedArray or array
        Repeated along the diagonal if it is shorter.
    wrap : bool
        In a tall matrix, begin anew below the end of the first diagonal.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros((2, 2), fx.Format(8, 4))
    >>> fx.fill_diagonal(a, [1, 2])
    >>> a
    FixedArray([[1., 0.],
                [0., 2.]], format=Format(8, 4))
    """
    shape = check_fixed("fill_diagonal", a).shape
    if len(shape) < 2 or (len(shape) > 2 and len(set(shape)) > 1):
        raise ValueError(f"fill_diagonal: two axes, or more of one length, not shape {shape}")
    # From one element of the diagonal to the next, in C order.
    step = sum([math.prod(shape[axis:]) for axis in range(1, len(shape))]) + 1
    end = shape[1] ** 2 if len(shape) == 2 and not wrap else None
    diagonal = slice(None, end, step)
    if a.flags.c_contiguous:
        _place(a.reshape(-1), diagonal, len(range(a.size)[diagonal]), val)
    else:
        mask = np.zeros(shape, dtype=bool)
        mask.reshape(-1)[diagonal] = True
        place(a, mask, val)
