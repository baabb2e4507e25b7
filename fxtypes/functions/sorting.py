"""Sorting and partitioning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from ..fixed_array import FixedArray
from ..format import many_axes
from ..operations import sort_order
from .arguments import check_fixed, wrap

if TYPE_CHECKING:
    from ..fixed_array.operand_types import Indices, Integers, OperandLike, SortKind

__all__ = [
    "argpartition",
    "argsort",
    "lexsort",
    "partition",
    "sort",
]


def sort(
    a: FixedArray,
    axis: SupportsIndex | None = -1,
    kind: SortKind | None = None,
    *,
    stable: bool | None = None,
    descending: bool = False,
) -> FixedArray:
    """A sorted copy.

    Parameters
    ----------
    a : FixedArray
    axis : int or None
        None sorts all elements, read in C order.
    kind : {None, "quicksort", "heapsort", "mergesort", "stable"}
        Equal elements are the same bits: it changes nothing but the time.
    stable : bool, optional
    descending : bool
        From the highest down.

    Returns
    -------
    FixedArray
        In the format of `a`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sort(fx.array([3, -1, 0.5], fx.Format(8, 4)))
    FixedArray([-1. ,  0.5,  3. ], format=Format(8, 4))
    """
    raw, axis = sort_order.along_axis(check_fixed("sort", a)._storage, axis)
    stably = sort_order.is_stable("sort", kind, stable)
    return wrap(sort_order.sort(raw, a.format, axis, stably, descending), a.format)


def argsort(
    a: FixedArray,
    axis: SupportsIndex | None = -1,
    kind: SortKind | None = None,
    *,
    stable: bool | None = None,
    descending: bool = False,
) -> Indices:
    """The indices that sort `a` along `axis`, NumPy's int64; parameters as for `sort`.

    With `stable` or a stable `kind` equal elements keep their order, descending too.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argsort(fx.array([3, -1, 0.5], fx.Format(8, 4)))
    array([1, 2, 0])
    """
    raw, axis = sort_order.along_axis(check_fixed("argsort", a)._storage, axis, indices=True)
    stably = sort_order.is_stable("argsort", kind, stable)
    return sort_order.argsort(raw, a.format, axis, stably, descending)


def partition(a: FixedArray, kth: Integers, axis: SupportsIndex | None = -1) -> FixedArray:
    """A copy in which the elements at `kth` are those of the sorted array.

    Before each stand elements that are not higher, after it such that are not lower.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.partition(fx.array([4, 1, 3, 2], fx.Format(8, 4)), 1)[1]
    FixedArray(2., format=Format(8, 4))
    """
    raw, axis = sort_order.along_axis(check_fixed("partition", a)._storage, axis)
    return wrap(sort_order.partition(raw, a.format, kth, axis), a.format)


def argpartition(a: FixedArray, kth: Integers, axis: SupportsIndex | None = -1) -> Indices:
    """The indices that partition `a`; see `partition`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([4, 1, 3, 2], fx.Format(8, 4))
    >>> a[fx.argpartition(a, 0)[:1]]
    FixedArray([1.], format=Format(8, 4))
    """
    return check_fixed("argpartition", a).argpartition(kth, axis)


def lexsort(keys: FixedArray | Sequence[OperandLike], axis: SupportsIndex = -1) -> Indices:
    """The indices that sort by several keys: by the last, where that is equal by the one before.

    Parameters
    ----------
    keys : sequence of FixedArray or numpy.ndarray, or one FixedArray whose rows are the keys

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.lexsort([fx.array([1, 0.5, 0], q), fx.array([2, 2, 1], q)])
    array([2, 1, 0])
    """
    columns = [
        sort_order.keys(k._storage, k.format) if isinstance(k, FixedArray) else np.asarray(k)
        for k in keys
    ]
    if not columns or len({column.shape for column in columns}) > 1:
        return np.lexsort(columns, axis)  # NumPy says what is wrong
    return many_axes.along(lambda *given: np.lexsort(given[:-1], given[-1]), columns, axis)
