"""Arrays as sets: distinct elements, unions, intersections, by exact values."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, cast, overload

import numpy as np

from ..context import blocks, float_errors
from ..fixed_array import FixedArray
from ..format import derived, read_numbers, storage
from ..operations import convert, sort_order
from .arguments import check_fixed, exact_keys, size_of, wrap
from .common_format import end_to_end, gather
from .joining import concatenate

if TYPE_CHECKING:
    from ..fixed_array.operand_types import (
        Booleans,
        Indices,
        OperandLike,
        UniqueAll,
        UniqueCounts,
        UniqueInverse,
    )

__all__ = [
    "intersect1d",
    "isin",
    "setdiff1d",
    "setxor1d",
    "union1d",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


@overload
def unique(
    ar: FixedArray,
    return_index: Literal[False] = False,
    return_inverse: Literal[False] = False,
    return_counts: Literal[False] = False,
    axis: SupportsIndex | None = None,
) -> FixedArray: ...
@overload
def unique(
    ar: FixedArray,
    return_index: Literal[True],
    return_inverse: Literal[False] = False,
    return_counts: Literal[False] = False,
    axis: SupportsIndex | None = None,
) -> tuple[FixedArray, Indices]: ...
@overload
def unique(
    ar: FixedArray,
    return_index: Literal[False] = False,
    *,
    return_inverse: Literal[True],
    return_counts: Literal[False] = False,
    axis: SupportsIndex | None = None,
) -> tuple[FixedArray, Indices]: ...
@overload
def unique(
    ar: FixedArray,
    return_index: Literal[False] = False,
    return_inverse: Literal[False] = False,
    *,
    return_counts: Literal[True],
    axis: SupportsIndex | None = None,
) -> tuple[FixedArray, Indices]: ...
@overload
def unique(
    ar: FixedArray,
    return_index: Literal[True],
    return_inverse: Literal[True],
    return_counts: Literal[False] = False,
    axis: SupportsIndex | None = None,
) -> tuple[FixedArray, Indices, Indices]: ...
@overload
def unique(
    ar: FixedArray,
    return_index: Literal[True],
    return_inverse: Literal[False] = False,
    *,
    return_counts: Literal[True],
    axis: SupportsIndex | None = None,
) -> tuple[FixedArray, Indices, Indices]: ...
@overload
def unique(
    ar: FixedArray,
    return_index: Literal[False] = False,
    *,
    return_inverse: Literal[True],
    return_counts: Literal[True],
    axis: SupportsIndex | None = None,
) -> tuple[FixedArray, Indices, Indices]: ...
@overload
def unique(
    ar: FixedArray,
    return_index: Literal[True],
    return_inverse: Literal[True],
    return_counts: Literal[True],
    axis: SupportsIndex | None = None,
) -> tuple[FixedArray, Indices, Indices, Indices]: ...
@overload
def unique(
    ar: FixedArray,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: SupportsIndex | None = None,
) -> Any: ...
def unique(
    ar: FixedArray,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: SupportsIndex | None = None,
) -> Any:
    """The sorted distinct elements.

    Parameters
    ----------
    ar : FixedArray
    return_index, return_inverse, return_counts : bool
        Also give the index in `ar` of each one's first occurrence, the indices into the result
        that make up `ar` (in the shape that the installed NumPy gives them), and how often each
        occurs.
    axis : int, optional
        Compare slices along this axis instead of elements.

    Returns
    -------
    FixedArray, or a tuple that begins with it
        In the format of `ar`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.unique(fx.array([2, 1, 2], fx.Format(8, 4)), return_counts=True)
    (FixedArray([1., 2.], format=Format(8, 4)), array([1, 2]))
    """
    ar, numpy_unique = check_fixed("unique", ar), cast(Any, np.unique)
    # NumPy can't order elements of 16 bytes, and finds distinct integers, unlike floats, slowly.
    if not (return_index or return_inverse) and axis is None:
        raws = sort_order.sort(ar._storage.reshape(-1), ar.format, 0)
        first, *others = storage.halves(raws) if ar.itemsize == 16 else (raws,)
        new = np.ones(raws.size, bool)
        np.not_equal(first[1:], first[:-1], out=new[1:])
        for words in others:
            new[1:] |= words[1:] != words[:-1]
        values = wrap(raws[new], ar.format)
        return (values, np.diff(np.flatnonzero(new), append=new.size)) if return_counts else values
    if ar.itemsize < 16:
        found = numpy_unique(ar._storage, return_index, return_inverse, return_counts, axis)
        raws, *extra = found if isinstance(found, tuple) else (found,)
        values = wrap(raws, ar.format)
        return (values, *extra) if extra else values
    _, index, *extra = numpy_unique(
        sort_order.keys(ar._storage, ar.format), True, return_inverse, return_counts, axis
    )
    values = ar.take(index, axis)
    extra = [index, *extra] if return_index else extra
    return (values, *extra) if extra else values


def unique_values(x: FixedArray) -> FixedArray:
    """The sorted distinct elements.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.unique_values(fx.array([2, 1, 2], fx.Format(8, 4)))
    FixedArray([1., 2.], format=Format(8, 4))
    """
    return unique(x)


def unique_counts(x: FixedArray) -> UniqueCounts:
    """The sorted distinct elements and how often each occurs, a named tuple.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.unique_counts(fx.array([2, 1, 2], fx.Format(8, 4))).counts
    array([1, 2])
    """
    like: Any = np.unique_counts(np.zeros(0))
    return type(like)(*unique(x, return_counts=True))


def unique_inverse(x: FixedArray) -> UniqueInverse:
    """The sorted distinct elements, and the index among them of each element of `x`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.unique_inverse(fx.array([2, 1, 2], fx.Format(8, 4))).inverse_indices
    array([1, 0, 1])
    """
    like: Any = np.unique_inverse(np.zeros(0))
    values, inverse = unique(x, return_inverse=True)
    return type(like)(values, inverse.reshape(x.shape))


def unique_all(x: FixedArray) -> UniqueAll:
    """The sorted distinct elements, their first indices, the inverse, and their counts.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.unique_all(fx.array([2, 1, 2], fx.Format(8, 4))).indices
    array([1, 0])
    """
    like: Any = np.unique_all(np.zeros(0))
    values, index, inverse, counts = unique(x, True, True, True)
    return type(like)(values, index, inverse.reshape(x.shape), counts)


def isin(
    element: OperandLike,
    test_elements: OperandLike,
    assume_unique: bool = False,
    invert: bool = False,
) -> Booleans:
    """Whether each element is among `test_elements`, by exact values: booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.isin(fx.array([1, 2.5], fx.Format(8, 4)), [2.5, 0.1])
    array([False,  True])
    """
    given: Any = element if isinstance(element, FixedArray) else np.asarray(element)
    if not isinstance(test_elements, FixedArray):
        numbers = read_numbers.read(test_elements, read_numbers.number_or_nan)
        # NaN is unequal to all.
        test_elements = numbers[float_errors.unreported(operator.eq, numbers, numbers)]
    (tests,) = _distinct(test_elements)
    if given.size <= blocks.SIZE:
        x, y = exact_keys("isin", element, tests)
        return np.isin(x, y, assume_unique=assume_unique, invert=invert)
    flat, found = given.reshape(-1), np.empty(given.shape, bool)
    for key in blocks.cut(flat.shape, max(blocks.SIZE, size_of(tests))):
        x, y = exact_keys("isin", flat[key], tests)
        found.reshape(-1)[key] = np.isin(x, y, assume_unique=assume_unique, invert=invert)
    return found


def _distinct(*arrays: Any) -> Any:
    """Arrays that are to be compared as sets: large FixedArrays of one format made distinct."""
    if len({a.format if isinstance(a, FixedArray) else None for a in arrays}) > 1:
        return arrays
    large = isinstance(arrays[0], FixedArray) and max(a.size for a in arrays) > blocks.SIZE
    return tuple(unique(a) for a in arrays) if large else arrays


def union1d(ar1: OperandLike, ar2: OperandLike) -> FixedArray:
    """The sorted distinct elements of both; formats as for `concatenate`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.union1d(fx.array([1, 2], fx.Format(8, 4)), fx.array([2, 0.25], fx.Format(8, 4)))
    FixedArray([0.25, 1.  , 2.  ], format=Format(8, 4))
    """
    return unique(gather("union1d", [*_distinct(ar1, ar2)], None, end_to_end))


@overload
def intersect1d(
    ar1: OperandLike,
    ar2: OperandLike,
    assume_unique: bool = False,
    return_indices: Literal[False] = False,
) -> FixedArray: ...
@overload
def intersect1d(
    ar1: OperandLike,
    ar2: OperandLike,
    assume_unique: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[FixedArray, Indices, Indices]: ...
def intersect1d(
    ar1: OperandLike, ar2: OperandLike, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """The sorted distinct elements that are in both, by exact values.

    In the common format of two FixedArrays; in the format of one, if the other is none. With
    `return_indices` also their first indices in `ar1` and in `ar2`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.intersect1d(fx.array([1, 2], fx.Format(8, 4)), [2, 2.01])
    FixedArray([2.], format=Format(8, 4))
    """
    if not return_indices:
        ar1, ar2 = _distinct(ar1, ar2)
    x, y = exact_keys("intersect1d", ar1, ar2)
    _, first, second = np.intersect1d(x, y, assume_unique=assume_unique, return_indices=True)
    if isinstance(ar1, FixedArray):
        values = ar1.take(first)
        if isinstance(ar2, FixedArray) and ar2.format is not ar1.format:
            common = derived.common_format(ar1.format, ar2.format)
            raw = convert.cast(values._storage, values.format, common, "intersect1d")
            values = wrap(raw, common)
    else:
        values = check_fixed("intersect1d", ar2).take(second)
    return (values, first, second) if return_indices else values


def setdiff1d(ar1: FixedArray, ar2: OperandLike, assume_unique: bool = False) -> FixedArray:
    """The sorted distinct elements of `ar1` that are not in `ar2`, in the format of `ar1`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.setdiff1d(fx.array([1, 2, 1], fx.Format(8, 4)), [2, 1.01])
    FixedArray([1.], format=Format(8, 4))
    """
    ar1 = check_fixed("setdiff1d", ar1).ravel()
    ar1 = ar1 if assume_unique else unique(ar1)
    return ar1[isin(ar1, ar2, assume_unique, invert=True)]


def setxor1d(ar1: OperandLike, ar2: OperandLike, assume_unique: bool = False) -> FixedArray:
    """The sorted elements that are in one of the two only; formats as for `concatenate`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.setxor1d(fx.array([1, 2], fx.Format(8, 4)), fx.array([2, 3], fx.Format(8, 4)))
    FixedArray([1., 3.], format=Format(8, 4))
    """
    ar1, ar2 = _distinct(ar1, ar2)
    both = gather("setxor1d", [ar1, ar2], None, end_to_end)
    n = size_of(ar1)
    if not assume_unique:
        both = concatenate([unique(both[:n]), unique(both[n:])])
    values, counts = unique(both, return_counts=True)
    return values[counts == 1]
