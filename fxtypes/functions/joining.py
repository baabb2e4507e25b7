"""Several arrays joined into one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from .common_format import gather

if TYPE_CHECKING:
    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import OperandLike
    from ..format import Format

__all__ = [
    "append",
    "block",
    "column_stack",
    "concatenate",
    "dstack",
    "hstack",
    "stack",
    "vstack",
]


def concatenate(
    arrays: Iterable[OperandLike], axis: SupportsIndex | None = 0, format: Format | None = None
) -> FixedArray:
    """The arrays side by side along an existing axis (None: each read in C order).

    Parameters
    ----------
    arrays : sequence of FixedArray or array
        One of them a FixedArray; equal shapes but along `axis`.
    axis : int or None
    format : Format, optional
        The result's; without it as for `add`, over all arrays.

    Returns
    -------
    FixedArray
        A new array. Elements that don't have the result's format are rounded once into it.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5], fx.Format(8, 4))
    >>> fx.concatenate([a, fx.array([0.125], fx.Format(8, 6))])
    FixedArray([1.5  , 0.125], format=Format(10, 6))
    """
    return _join("concatenate", arrays, format, axis=axis)


def stack(
    arrays: Iterable[OperandLike], axis: SupportsIndex = 0, format: Format | None = None
) -> FixedArray:
    """The arrays, all of one shape, side by side along a new axis; formats as `concatenate`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.stack([fx.array([1, 2], q), fx.array([3, 4], q)], axis=1)
    FixedArray([[1., 3.],
                [2., 4.]], format=Format(8, 4))
    """
    return _join("stack", arrays, format, axis=axis)


def hstack(tup: Iterable[OperandLike], format: Format | None = None) -> FixedArray:
    """The arrays side by side along the second axis (vectors: their only one).

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.hstack([fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([1., 2., 3., 4.], format=Format(8, 4))
    """
    return _join("hstack", tup, format)


def vstack(tup: Iterable[OperandLike], format: Format | None = None) -> FixedArray:
    """The arrays one below the other; vectors are rows.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.vstack([fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([[1., 2.],
                [3., 4.]], format=Format(8, 4))
    """
    return _join("vstack", tup, format)


def dstack(tup: Iterable[OperandLike], format: Format | None = None) -> FixedArray:
    """The arrays side by side along the third axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.dstack([fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([[[1., 3.],
                 [2., 4.]]], format=Format(8, 4))
    """
    return _join("dstack", tup, format)


def column_stack(tup: Iterable[OperandLike], format: Format | None = None) -> FixedArray:
    """The arrays side by side along the second axis; vectors are columns.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.column_stack([fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([[1., 3.],
                [2., 4.]], format=Format(8, 4))
    """
    return _join("column_stack", tup, format)


def _join(
    name: str, arrays: Iterable[OperandLike], format: Format | None, **kwargs: Any
) -> FixedArray:
    """What NumPy's function of this name makes of the arrays."""
    operands = list(arrays)
    if not operands:
        raise ValueError(f"{name} needs at least one array")
    function = getattr(np, name)
    return gather(name, operands, format, lambda *raws: function(raws, **kwargs))


def append(
    arr: OperandLike,
    values: OperandLike,
    axis: SupportsIndex | None = None,
    format: Format | None = None,
) -> FixedArray:
    """`values` after the elements of `arr`; without `axis` both are read in C order first.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.append(fx.array([1, 2], fx.Format(8, 4)), [3, 4.5])
    FixedArray([1. , 2. , 3. , 4.5], format=Format(8, 4))
    """
    return gather(
        "append", [arr, values], format, lambda a, v: np.append(np.asarray(a), v, axis=axis)
    )


def block(arrays: OperandLike, format: Format | None = None) -> FixedArray:
    """One array from nested lists of blocks, as `numpy.block` puts them together.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.ones((1, 2), fx.Format(8, 4))
    >>> fx.block([[a, a], [a, a * 2]])
    FixedArray([[1., 1., 1., 1.],
                [1., 1., 2., 2.]], format=Format(8, 4))
    """
    leaves: list[Any] = []  # the arrays in the nested lists

    def numbered(item):
        """The lists with each array replaced by its index in `leaves`."""
        if isinstance(item, list):
            return [numbered(part) for part in item]
        leaves.append(item)
        return len(leaves) - 1

    tree = numbered(arrays)

    def filled(item, raws):
        return [filled(part, raws) for part in item] if isinstance(item, list) else raws[item]

    return gather("block", leaves, format, lambda *raws: np.block(filled(tree, raws)))
