"""Arrays split into views of their parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ..operations import element_moves
from .arguments import check_fixed, wrap

if TYPE_CHECKING:
    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Integers

__all__ = [
    "array_split",
    "dsplit",
    "hsplit",
    "split",
    "unstack",
    "vsplit",
]


def split(
    ary: FixedArray, indices_or_sections: Integers, axis: SupportsIndex = 0
) -> list[FixedArray]:
    """A list of views: a number of equal parts, or parts cut at these indices.

    Raises
    ------
    ValueError
        If a number of parts doesn't divide the axis; `array_split` takes any.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.split(fx.array([1, 2, 3], fx.Format(8, 4)), [1])
    [FixedArray([1.], format=Format(8, 4)), FixedArray([2., 3.], format=Format(8, 4))]
    """
    return _split_by(np.split, ary, indices_or_sections, axis)


def array_split(
    ary: FixedArray, indices_or_sections: Integers, axis: SupportsIndex = 0
) -> list[FixedArray]:
    """As `split`; where the parts can't be equal, the first ones are longer by one.

    Examples
    --------
    >>> import fxtypes as fx
    >>> [part.tolist() for part in fx.array_split(fx.array([1, 2, 3], fx.Format(8, 4)), 2)]
    [[1.0, 2.0], [3.0]]
    """
    return _split_by(np.array_split, ary, indices_or_sections, axis)


def hsplit(ary: FixedArray, indices_or_sections: Integers) -> list[FixedArray]:
    """As `split`, along the second axis (of a vector, its only one).

    Examples
    --------
    >>> import fxtypes as fx
    >>> [part.tolist() for part in fx.hsplit(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)), 2)]
    [[[1.0], [3.0]], [[2.0], [4.0]]]
    """
    return _split_by(np.hsplit, ary, indices_or_sections)


def vsplit(ary: FixedArray, indices_or_sections: Integers) -> list[FixedArray]:
    """As `split`, along the first axis of an array of two or more.

    Examples
    --------
    >>> import fxtypes as fx
    >>> [part.tolist() for part in fx.vsplit(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)), 2)]
    [[[1.0, 2.0]], [[3.0, 4.0]]]
    """
    return _split_by(np.vsplit, ary, indices_or_sections)


def dsplit(ary: FixedArray, indices_or_sections: Integers) -> list[FixedArray]:
    """As `split`, along the third axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> [part.shape for part in fx.dsplit(fx.zeros((2, 3, 4), fx.Format(8, 4)), 2)]
    [(2, 3, 2), (2, 3, 2)]
    """
    return _split_by(np.dsplit, ary, indices_or_sections)


def unstack(x: FixedArray, *, axis: SupportsIndex = 0) -> tuple[FixedArray, ...]:
    """A tuple of views, one for each index along `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.unstack(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))[1]
    FixedArray([3., 4.], format=Format(8, 4))
    """
    if check_fixed("unstack", x).ndim == 0:
        raise ValueError("unstack: a 0-d array has no axis to take apart")
    rows = np.moveaxis(x._storage, axis, 0)
    return tuple(wrap(rows[i, ...], x.format) for i in range(len(rows)))


def _split_by(
    function: Callable[..., Any], a: FixedArray, sections: Integers, *args: Any
) -> list[FixedArray]:
    a = check_fixed(function.__name__, a)
    parts = element_moves.split(function, a._storage, sections, *args)
    return [wrap(part, a.format) for part in parts]
