"""Differences of neighbouring elements."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ..fixed_array import FixedArray, array
from ..fixed_array.array import check_format
from ..format import derived
from .arguments import check_fixed, one_axis, wrap
from .common_format import as_fixed, end_to_end, gather
from .joining import concatenate

if TYPE_CHECKING:
    from ..fixed_array.operand_types import OperandLike, Values
    from ..format import Format

__all__ = [
    "diff",
    "ediff1d",
]


def ediff1d(
    ary: FixedArray, to_end: OperandLike | None = None, to_begin: OperandLike | None = None
) -> FixedArray:
    """The differences of neighbours in C order, each rounded once into the array's format.

    `to_begin` and `to_end` stand before and after them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.ediff1d(fx.array([1, 2, 4], fx.Format(8, 4)), to_begin=0)
    FixedArray([0., 1., 2.], format=Format(8, 4))
    """
    from ..operations.finite_differences import finite_differences  # late, as few programs need it

    ary = check_fixed("ediff1d", ary).ravel()
    fmt, name = ary.format, "ediff1d"
    if to_begin is None and to_end is None:
        return wrap(*finite_differences(ary._storage, fmt, 1, 0, None, name))
    # Where a format holds them, the differences stay exact at first: `gather` rounds and counts
    # them together with the ends.
    wide = (
        fmt
        if fmt.width == 128
        else derived.floor_wrap(fmt).replace(width=fmt.width + 1, signed=True)
    )
    differences = finite_differences(ary._storage, fmt, 1, 0, wide, name if wide is fmt else "move")
    given = (to_begin, wrap(*differences), to_end)
    parts = [as_fixed(part, fmt) for part in given if part is not None]
    return gather(name, parts, fmt, end_to_end)


def diff(
    a: FixedArray,
    n: SupportsIndex = 1,
    axis: SupportsIndex = -1,
    prepend: Values | None = None,
    append: Values | None = None,
    format: Format | None = None,
) -> FixedArray:
    """The n-th differences along `axis`, each exact and rounded once.

    Parameters
    ----------
    n : int
        How many times neighbours are subtracted.
    prepend, append : FixedArray or number, optional
        Joined to `a` before, as `numpy.diff` does.

    Returns
    -------
    FixedArray
        With n elements less along `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.diff(fx.array([1, 2, 4, 7], fx.Format(8, 4)))
    FixedArray([1., 2., 3.], format=Format(8, 4))
    """
    from ..operations.finite_differences import finite_differences

    a, times = check_fixed("diff", a), operator.index(n)
    if times < 0:
        raise ValueError(f"diff: n must not be negative, got {times}")
    if not times:
        return a if format is None else a.astype(format)
    if a.ndim == 0:
        raise ValueError("diff: a 0-d array has no neighbours")
    (axis,) = one_axis("diff", axis, a)
    parts = [
        part for part in (_end(a, prepend, axis), a, _end(a, append, axis)) if part is not None
    ]
    if len(parts) > 1:
        a = concatenate(parts, axis)
    raw, result = finite_differences(
        a._storage, a.format, times, axis, None if format is None else check_format(format)
    )
    return wrap(raw, result)


def _end(a: FixedArray, end: Any, axis: int) -> FixedArray | None:
    """What `diff` joins to an array, as a FixedArray of a shape that fits."""
    if end is None:
        return None
    if not isinstance(end, FixedArray):
        end = array(end, a.format)
    if end.ndim == 0:
        shape = tuple(1 if i == axis else size for i, size in enumerate(a.shape))
        return wrap(np.broadcast_to(end._storage, shape), end.format)
    return end
