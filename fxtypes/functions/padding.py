"""Arrays with a margin around them."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..format import storage
from ..operations import sort_order
from .arguments import check_fixed, wrap
from .common_format import insert_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Integers, PadWidth, Values

__all__ = [
    "pad",
]

_COMPUTED = ("linear_ramp", "mean", "median")  # modes whose values would have to be rounded
_MODES = ("constant", "edge", "reflect", "symmetric", "wrap", "empty", "minimum", "maximum")


def pad(
    array: FixedArray,
    pad_width: PadWidth,
    mode: str = "constant",
    *,
    constant_values: Values | None = None,
    stat_length: Integers | None = None,
) -> FixedArray:
    """A larger array around `array`.

    Parameters
    ----------
    array : FixedArray
    pad_width : int, (before, after), a pair for each axis, or a dict of axes
    mode : str
        ``constant``: `constant_values`, by default 0, rounded once into the format. ``edge``,
        ``reflect``, ``symmetric``, ``wrap``, ``minimum``, ``maximum``: as in `numpy.pad`.
        ``empty``: zeros, as storage never holds what happens to lie in memory.
    constant_values : number, or as `pad_width`
    stat_length : int, or as `pad_width`
        How many elements ``minimum`` and ``maximum`` look at; without it all.

    Returns
    -------
    FixedArray
        A new array in the format of `array`.

    Raises
    ------
    TypeError
        For NumPy's modes that compute new values (``mean``, ``median``, ``linear_ramp``).
    ValueError
        For a mode that is none, and for arguments that a mode doesn't take.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.pad(fx.array([1, 2], fx.Format(8, 4)), 1, constant_values=0.5)
    FixedArray([0.5, 1. , 2. , 0.5], format=Format(8, 4))
    """
    a = check_fixed("pad", array)
    if not isinstance(mode, str) or mode in _COMPUTED:
        raise TypeError(f"pad takes mode {', '.join(_MODES)}; {mode!r} is not supported")
    if mode not in _MODES:
        raise ValueError(f"pad takes mode {', '.join(_MODES)}, got {mode!r}")
    if constant_values is not None and mode != "constant":
        raise ValueError(f"pad: mode {mode!r} takes no constant_values")
    if stat_length is not None and mode not in ("minimum", "maximum"):
        raise ValueError(f"pad: mode {mode!r} takes no stat_length")
    widths, numpy_pad = _pad_widths(pad_width, a.ndim), cast(Any, np.pad)
    if mode in ("constant", "empty"):
        if constant_values is None:
            zero = np.zeros((), a._storage.dtype)
            return wrap(_framed(a._storage, widths, zero), a.format)
        return insert_values(
            "pad", a, constant_values, lambda raw, given: _framed(raw, widths, given)
        )
    if mode in ("minimum", "maximum") and a.itemsize < 16:
        return wrap(numpy_pad(a._storage, widths, mode=mode, stat_length=stat_length), a.format)
    if mode in ("minimum", "maximum"):  # of ranks, as NumPy can't order elements of 16 bytes
        ranks = sort_order.ranks(a._storage, a.format)
        found = numpy_pad(ranks, widths, mode=mode, stat_length=stat_length)
        of_rank = np.empty(int(ranks.max(initial=-1)) + 1, a._storage.dtype)
        of_rank[ranks.reshape(-1)] = a._storage.reshape(-1)
        return wrap(of_rank[found], a.format)
    return wrap(numpy_pad(a._storage, widths, mode=mode), a.format)


def _pad_widths(pad_width: Any, ndim: int) -> list[Any]:
    if isinstance(pad_width, dict):
        pairs = [(0, 0)] * ndim
        for axis, pair in pad_width.items():
            pairs[operator.index(axis)] = pair if np.ndim(pair) else (pair, pair)
        pad_width = pairs
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu" and widths.size:
        raise TypeError(f"pad: widths are integers, got {pad_width!r}")
    widths = np.broadcast_to(widths, (ndim, 2)).astype(np.intp)
    if (widths < 0).any():
        raise ValueError(f"pad: widths can't be negative, got {pad_width!r}")
    return [tuple(int(n) for n in pair) for pair in widths]


def _framed(raw: NDArray[Any], widths: list[Any], values: Any) -> NDArray[Any]:
    """`raw` with constant margins; in the corners those of the last axis, as in NumPy.

    Parameters
    ----------
    values : numpy.ndarray
        A value for each side of each axis; it broadcasts to (axes, 2).
    """
    values = np.broadcast_to(values, (raw.ndim, 2))
    shape = tuple(n + sum(pair) for n, pair in zip(raw.shape, widths, strict=True))
    out = storage.allocate(shape, raw.dtype, np.zeros)
    inside = tuple(slice(b, b + n) for (b, _), n in zip(widths, raw.shape, strict=True))
    out[(*inside, ...)] = raw  # of no axes, an array of objects would hold `raw` itself
    for axis, (before, after) in enumerate(widths):
        lead = (slice(None),) * axis
        out[(*lead, slice(before))] = values[axis, 0]
        out[(*lead, slice(shape[axis] - after, None))] = values[axis, 1]
    return out
