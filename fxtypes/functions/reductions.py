"""Sums, products, extremes and other reductions over axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, overload

import numpy as np

from ..operations.truth import truth
from .arguments import check_fixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Axes, Booleans, Mask, Positions, Real
    from ..format import Format

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
]


def sum(
    a: FixedArray,
    axis: Axes = None,
    format: Format | None = None,
    out: FixedArray | None = None,
    keepdims: bool = False,
    initial: Real | FixedArray | None = None,
    where: Mask = True,
) -> FixedArray:
    """The exact sum over `axis`, rounded once into `format` or the array's own.

    Parameters
    ----------
    a : FixedArray
    axis : int, tuple of int or None
        Without it all axes.
    format : Format, optional
        The result's.
    out : FixedArray, optional
        Where the result goes, rounded once into its format.
    keepdims : bool
        Whether the axes stay, with length 1.
    initial : FixedArray or number, optional
        What the sum begins with, taken as an operand of `add`.
    where : array of bool, optional
        Which elements count; it broadcasts to the shape of `a`.

    Raises
    ------
    FixedOverflowError
        If a result is out of range and the format's overflow is `raise`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5, 2, 3], fx.Format(16, 8))
    >>> fx.sum(a), fx.sum(a, initial=100, where=a < 3)
    (FixedArray(6.5, format=Format(16, 8)), FixedArray(103.5, format=Format(16, 8)))
    """
    return check_fixed("sum", a).sum(axis, format, out, keepdims, initial, where)


def mean(
    a: FixedArray,
    axis: Axes = None,
    format: Format | None = None,
    out: FixedArray | None = None,
    keepdims: bool = False,
    *,
    where: Mask = True,
) -> FixedArray:
    """The exact mean over `axis`, rounded once into `format` or the array's own.

    Raises
    ------
    ValueError
        If it is of no elements, or `where` leaves none.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[1, 7], [2.5, 7]], fx.Format(8, 4))
    >>> fx.mean(a), fx.mean(a, axis=0)
    (FixedArray(4.375, format=Format(8, 4)), FixedArray([1.75, 7.  ], format=Format(8, 4)))
    """
    return check_fixed("mean", a).mean(axis, format, out, keepdims, where=where)


def min(
    a: FixedArray,
    axis: Axes = None,
    out: FixedArray | None = None,
    keepdims: bool = False,
    initial: Real | FixedArray | None = None,
    where: Mask = True,
    *,
    format: Format | None = None,
) -> FixedArray:
    """The lowest element over `axis`, and no higher than `initial`.

    Raises
    ------
    ValueError
        If it is of no elements, or `where` is given, without `initial`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5, -2, 3], fx.Format(16, 8))
    >>> fx.min(a), fx.min(a, initial=2, where=a > 0)
    (FixedArray(-2., format=Format(16, 8)), FixedArray(1.5, format=Format(16, 8)))
    """
    return check_fixed("min", a).min(axis, out, keepdims, initial, where, format=format)


def max(
    a: FixedArray,
    axis: Axes = None,
    out: FixedArray | None = None,
    keepdims: bool = False,
    initial: Real | FixedArray | None = None,
    where: Mask = True,
    *,
    format: Format | None = None,
) -> FixedArray:
    """The highest element over `axis`, and no lower than `initial`; as `min`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.max(fx.array([[1, 7], [2.5, -3]], fx.Format(8, 4)), axis=1, keepdims=True)
    FixedArray([[7. ],
                [2.5]], format=Format(8, 4))
    """
    return check_fixed("max", a).max(axis, out, keepdims, initial, where, format=format)


def prod(
    a: FixedArray,
    axis: Axes = None,
    format: Format | None = None,
    out: FixedArray | None = None,
    keepdims: bool = False,
    initial: Real | FixedArray | None = None,
    where: Mask = True,
) -> FixedArray:
    """The product over `axis`, multiplied in C order and rounded at each step into `format`.

    Step k, from 0, is an element's rounding number k (see `seed`); step 0 brings the first
    factor into the format. An element counts once, however many of its steps lose something.
    The product of nothing is 1. With `initial` that is the first factor; elements that `where`
    leaves out are no factors and no steps.

    Raises
    ------
    FormatError
        With `where` or `initial`, if no format of 128 bits holds the elements, 1 and `initial`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.prod(fx.array([1.5, -2, 3], fx.Format(16, 8)))
    FixedArray(-9., format=Format(16, 8))
    """
    return check_fixed("prod", a).prod(axis, format, out, keepdims, initial, where)


def cumsum(
    a: FixedArray,
    axis: SupportsIndex | None = None,
    format: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """Each element's exact sum with those before it along `axis`, rounded once.

    Nothing carries over from one element to the next: overflow of one leaves the others right.
    Without `axis` all elements count, in C order, and the result has one axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cumsum(fx.array([7, 5, -8], fx.Format(8, 4)))
    FixedArray([7.    , 7.9375, 4.    ], format=Format(8, 4))
    """
    return check_fixed("cumsum", a).cumsum(axis, format, out)


def cumprod(
    a: FixedArray,
    axis: SupportsIndex | None = None,
    format: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """Each element's product with those before it along `axis`, rounded at each step.

    Step k, from 0, multiplies the result so far by element k and is rounding number k of the
    element that it makes (see `seed`).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cumprod(fx.array([1.5, 2, -2], fx.Format(8, 4)))
    FixedArray([ 1.5,  3. , -6. ], format=Format(8, 4))
    """
    return check_fixed("cumprod", a).cumprod(axis, format, out)


def ptp(
    a: FixedArray,
    axis: Axes = None,
    out: FixedArray | None = None,
    keepdims: bool = False,
    *,
    format: Format | None = None,
) -> FixedArray:
    """The highest less the lowest element over `axis`, exact and rounded once.

    Raises
    ------
    ValueError
        If it is of no elements.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.ptp(fx.array([1.5, 4, -2], fx.Format(8, 4)))
    FixedArray(6., format=Format(8, 4))
    """
    return check_fixed("ptp", a).ptp(axis, out, keepdims, format=format)


def var(
    a: FixedArray,
    axis: Axes = None,
    format: Format | None = None,
    out: FixedArray | None = None,
    ddof: Real = 0,
    keepdims: bool = False,
    *,
    where: Mask = True,
) -> FixedArray:
    """The variance over `axis`, exact and rounded once into `format` or the array's own.

    Parameters
    ----------
    ddof : int, float or Fraction
        The squared deviations' sum is divided by ``n - ddof``.

    Raises
    ------
    ValueError
        If there are not more than `ddof` elements, or `where` leaves no more.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2, 4], fx.Format(16, 8))
    >>> fx.var(a), fx.var(a, ddof=1)
    (FixedArray(1.5546875, format=Format(16, 8)), FixedArray(2.33203125, format=Format(16, 8)))
    """
    return check_fixed("var", a).var(axis, format, out, ddof, keepdims, where=where)


def std(
    a: FixedArray,
    axis: Axes = None,
    format: Format | None = None,
    out: FixedArray | None = None,
    ddof: Real = 0,
    keepdims: bool = False,
    *,
    where: Mask = True,
) -> FixedArray:
    """The root of the exact variance, rounded once; as `var`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.std(fx.array([1, 2, 4], fx.Format(16, 8)))
    FixedArray(1.24609375, format=Format(16, 8))
    """
    return check_fixed("std", a).std(axis, format, out, ddof, keepdims, where=where)


@overload
def any(
    a: FixedArray,
    axis: None = None,
    out: None = None,
    keepdims: Literal[False] = False,
    *,
    where: Mask = True,
) -> np.bool_: ...
@overload
def any(
    a: FixedArray,
    axis: Axes = None,
    out: NDArray[Any] | None = None,
    keepdims: bool = False,
    *,
    where: Mask = True,
) -> Booleans: ...
def any(
    a: FixedArray,
    axis: Axes = None,
    out: NDArray[Any] | None = None,
    keepdims: bool = False,
    *,
    where: Mask = True,
) -> Booleans:
    """Whether any element over `axis` is not 0: NumPy booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.any(fx.array([[0, 0], [0, 0.5]], fx.Format(8, 4)), axis=1)
    array([False,  True])
    """
    return check_fixed("any", a).any(axis, out, keepdims, where=where)


@overload
def all(
    a: FixedArray,
    axis: None = None,
    out: None = None,
    keepdims: Literal[False] = False,
    *,
    where: Mask = True,
) -> np.bool_: ...
@overload
def all(
    a: FixedArray,
    axis: Axes = None,
    out: NDArray[Any] | None = None,
    keepdims: bool = False,
    *,
    where: Mask = True,
) -> Booleans: ...
def all(
    a: FixedArray,
    axis: Axes = None,
    out: NDArray[Any] | None = None,
    keepdims: bool = False,
    *,
    where: Mask = True,
) -> Booleans:
    """Whether no element over `axis` is 0: NumPy booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.all(fx.array([[1, 2], [0, 0.5]], fx.Format(8, 4)), axis=1)
    array([ True, False])
    """
    return check_fixed("all", a).all(axis, out, keepdims, where=where)


@overload
def count_nonzero(a: FixedArray, axis: None = None, keepdims: Literal[False] = False) -> int: ...
@overload
def count_nonzero(a: FixedArray, axis: Axes = None, keepdims: bool = False) -> Positions: ...
def count_nonzero(a: FixedArray, axis: Axes = None, keepdims: bool = False) -> Positions:
    """How many elements over `axis` are not 0: NumPy integers.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.count_nonzero(fx.array([[1, 2], [0, 0.5]], fx.Format(8, 4)), axis=0)
    array([1, 2])
    """
    return truth("count_nonzero", check_fixed("count_nonzero", a)._storage, axis, keepdims)


@overload
def argmax(
    a: FixedArray, axis: None = None, out: None = None, *, keepdims: Literal[False] = False
) -> np.intp: ...
@overload
def argmax(
    a: FixedArray,
    axis: SupportsIndex | None = None,
    out: NDArray[Any] | None = None,
    *,
    keepdims: bool = False,
) -> Positions: ...
def argmax(
    a: FixedArray,
    axis: SupportsIndex | None = None,
    out: NDArray[Any] | None = None,
    *,
    keepdims: bool = False,
) -> Positions:
    """The position of the first highest element over `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argmax(fx.array([[1, 2], [2.5, 0.5]], fx.Format(8, 4)), axis=1)
    array([1, 0])
    """
    return check_fixed("argmax", a).argmax(axis, out, keepdims=keepdims)


@overload
def argmin(
    a: FixedArray, axis: None = None, out: None = None, *, keepdims: Literal[False] = False
) -> np.intp: ...
@overload
def argmin(
    a: FixedArray,
    axis: SupportsIndex | None = None,
    out: NDArray[Any] | None = None,
    *,
    keepdims: bool = False,
) -> Positions: ...
def argmin(
    a: FixedArray,
    axis: SupportsIndex | None = None,
    out: NDArray[Any] | None = None,
    *,
    keepdims: bool = False,
) -> Positions:
    """The position of the first lowest element over `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argmin(fx.array([3, -1, -1], fx.Format(8, 4)))
    np.int64(1)
    """
    return check_fixed("argmin", a).argmin(axis, out, keepdims=keepdims)
