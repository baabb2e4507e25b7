"""Where elements belong in a sorted array or in bins, and which are not 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..context import blocks
from ..fixed_array import FixedArray
from ..format import storage
from ..operations import reduced_axes
from .arguments import check_fixed, exact_keys, size_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Axes, Indices, Integers, OperandLike, Positions, Side

__all__ = [
    "argwhere",
    "digitize",
    "flatnonzero",
    "nonzero",
    "searchsorted",
    "trim_zeros",
]


def searchsorted(
    a: OperandLike, v: OperandLike, side: Side = "left", sorter: Integers | None = None
) -> Positions:
    """Where elements of `v` would have to go in the sorted `a` to keep it sorted.

    Parameters
    ----------
    a : FixedArray or array
        One axis, ascending, or in the order that `sorter` names. One of `a` and `v` must be a
        FixedArray; exact values are compared.
    v : FixedArray, number or array
    side : {"left", "right"}
        Before or after elements that are equal.
    sorter : array of int, optional
        As `argsort` gives it.

    Returns
    -------
    numpy.ndarray of int64
        Of the shape of `v`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.searchsorted(fx.array([1, 2, 3], fx.Format(8, 4)), [0.99, 2, 2.01])
    array([0, 1, 2])
    """
    if isinstance(a, FixedArray):
        return a.searchsorted(v, side, sorter)
    x, y = exact_keys("searchsorted", a, v)
    order: Any = sorter
    return np.searchsorted(x, y, side=side, sorter=order)


def digitize(x: OperandLike, bins: OperandLike, right: bool = False) -> Positions:
    """The number of the bin of each element: i where ``bins[i-1] <= x < bins[i]``.

    With `right`, where ``bins[i-1] < x <= bins[i]``. Descending bins count the other way, as
    in NumPy. Exact values are compared; the result is NumPy's int64.

    Raises
    ------
    ValueError
        If the bins are neither ascending nor descending.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.digitize(fx.array([0.5, 1, 7], fx.Format(8, 4)), [0, 1, 2.5])
    array([1, 2, 3])
    """
    if size_of(x) <= blocks.SIZE:
        values, edges = exact_keys("digitize", x, bins)
        return np.digitize(values, edges, right=right)
    given: Any = x if isinstance(x, FixedArray) else np.asarray(x)
    flat, found = given.reshape(-1), np.empty(given.size, np.intp)
    size = max(blocks.SIZE, size_of(bins))
    for start in range(0, found.size, size):
        values, edges = exact_keys("digitize", flat[start : start + size], bins)
        found[start : start + size] = np.digitize(values, edges, right=right)
    return found.reshape(given.shape)


def nonzero(a: FixedArray) -> tuple[Indices, ...]:
    """The indices of the elements that are not 0: a tuple of arrays, one an axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.nonzero(fx.array([0, 1, 0, -1], fx.Format(8, 4)))
    (array([1, 3]),)
    """
    return check_fixed("nonzero", a).nonzero()


def flatnonzero(a: FixedArray) -> Indices:
    """The indices, in C order, of the elements that are not 0.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.flatnonzero(fx.array([[0, 1], [0, -1]], fx.Format(8, 4)))
    array([1, 3])
    """
    return np.flatnonzero(_mask(check_fixed("flatnonzero", a)))


def argwhere(a: FixedArray) -> Indices:
    """The indices of the elements that are not 0, a row each.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argwhere(fx.array([[0, 1], [0, -1]], fx.Format(8, 4)))
    array([[0, 1],
           [1, 1]])
    """
    return np.argwhere(_mask(check_fixed("argwhere", a)))


def _mask(a: FixedArray) -> NDArray[np.bool_]:
    return np.asarray(a != 0)


def trim_zeros(filt: FixedArray, trim: str = "fb", axis: Axes = None) -> FixedArray:
    """A view without the zeros at the front (``f``) and back (``b``) of the axes.

    Parameters
    ----------
    filt : FixedArray
    trim : str
        ``"f"``, ``"b"`` or ``"fb"``, in any case.
    axis : int or tuple of int, optional
        The axes to trim; without it all.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.trim_zeros(fx.array([0, 1, 0, 2, 0, 0], fx.Format(8, 4)))
    FixedArray([1., 0., 2.], format=Format(8, 4))
    """
    filt = check_fixed("trim_zeros", filt)
    if not isinstance(trim, str) or not trim or set(trim.lower()) - set("fb"):
        raise ValueError(f"trim_zeros: trim is 'f', 'b' or 'fb', got {trim!r}")
    if np.iterable(axis):
        axis = tuple(axis)
    axes = reduced_axes.normalize_axes(axis, filt.ndim)
    filled = np.asarray(storage.truth(filt._storage)) != 0
    window = [slice(None)] * filt.ndim
    for i in axes:
        others = tuple(axis for axis in range(filt.ndim) if axis != i)
        line = filled.any(axis=others) if others else filled
        if not line.any():
            window[i] = slice(0, 0)  # as in NumPy
            continue
        start = int(line.argmax()) if "f" in trim.lower() else 0
        stop = _end(line) if "b" in trim.lower() else len(line)
        window[i] = slice(start, stop)
    return filt[tuple(window)]


def _end(line: NDArray[np.bool_]) -> int:
    """The index after the last true element.

    Block by block from the end, as `argmax` copies a reversed array.
    """
    for stop in range(len(line), 0, -blocks.SIZE):
        part = line[max(stop - blocks.SIZE, 0) : stop]
        if part.any():
            return stop - int(part[::-1].argmax())
    return 0
