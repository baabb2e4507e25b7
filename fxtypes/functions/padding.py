"""Arrays with a margin around them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..format import storage
from ..operations import convert, sort_order
from . import manipulation
from .arguments import check_fixed, exact_values, wrap
from .common_format import insert_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Integers, PadWidth, Values

__all__ = [
    "pad",
]

_FRACTION = 130  # bytes of a Fraction, its integers and its references
_MOVING = ("constant", "edge", "reflect", "symmetric", "wrap", "empty", "minimum", "maximum")
_COMPUTED = ("linear_ramp", "mean", "median")  # new values, which are rounded
# The keywords of each mode, beside `constant_values`, `stat_length` and so on of others.
_KEYWORDS = {
    "constant": ("constant_values",),
    "linear_ramp": ("end_values",),
    **dict.fromkeys(("reflect", "symmetric"), ("reflect_type",)),
    **dict.fromkeys(("minimum", "maximum", "mean", "median"), ("stat_length",)),
}


def pad(
    array: FixedArray,
    pad_width: PadWidth,
    mode: str | Callable[..., Any] = "constant",
    *,
    constant_values: Values | None = None,
    stat_length: Integers | None = None,
    end_values: Values | None = None,
    reflect_type: str | None = None,
    **kwargs: Any,
) -> FixedArray:
    """A larger array around `array`.

    Parameters
    ----------
    array : FixedArray
    pad_width : int, (before, after), a pair for each axis, or a dict of axes
    mode : str or callable
        ``constant``: `constant_values`, by default 0, rounded once into the format. ``edge``,
        ``reflect``, ``symmetric``, ``wrap``, ``minimum``, ``maximum``: as in `numpy.pad`.
        ``mean``, ``median``: of the elements of each line. ``linear_ramp``: a straight line from
        the edge to `end_values`, by default 0. ``empty``: zeros, as storage never holds what
        happens to lie in memory. A function is called with each line of the array with zeros
        around it, the pair of widths, the axis and `kwargs`, and changes the line in place.
    constant_values, end_values : number, or as `pad_width`
    stat_length : int, or as `pad_width`
        How many elements at the edge ``minimum``, ``maximum``, ``mean`` and ``median`` look at;
        without it all.
    reflect_type : {"even", "odd"}
        Of ``reflect`` and ``symmetric``; odd: twice the edge less the reflected element.
    **kwargs
        Passed on to a function.

    Returns
    -------
    FixedArray
        A new array in the format of `array`. Means, medians, ramps and odd reflections are
        exact, those in corners too, and rounded once; they are computed in Python's numbers.

    Raises
    ------
    TypeError
        For keywords that are none.
    ValueError
        For a mode that is none, and for arguments that a mode doesn't take.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> fx.pad(a, 1, constant_values=0.5)
    FixedArray([0.5, 1. , 2. , 0.5], format=Format(8, 4))
    >>> fx.pad(a, 2, "linear_ramp")
    FixedArray([0. , 0.5, 1. , 2. , 1. , 0. ], format=Format(8, 4))
    """
    a = check_fixed("pad", array)
    options = {
        "constant_values": constant_values,
        "stat_length": stat_length,
        "end_values": end_values,
        "reflect_type": reflect_type,
    }
    options = {name: value for name, value in options.items() if value is not None}
    widths = _pad_widths(pad_width, a.ndim)
    if callable(mode):
        return _padded_by(mode, a, widths, options | kwargs)
    if kwargs:
        raise TypeError(f"pad: mode {mode!r} takes no {', '.join(kwargs)}")
    if mode not in _MOVING and mode not in _COMPUTED:
        raise ValueError(
            f"pad takes mode {', '.join((*_MOVING, *_COMPUTED))}, or a function; got {mode!r}"
        )
    for name in options:
        if name not in _KEYWORDS.get(mode, ()):
            raise ValueError(f"pad: mode {mode!r} takes no {name}")
    if not a.ndim:
        return a.copy()
    if mode in _COMPUTED or reflect_type == "odd":
        return _computed(a, widths, mode, options)
    if reflect_type not in (None, "even"):
        raise ValueError(f"pad: reflect_type is 'even' or 'odd', got {reflect_type!r}")
    numpy_pad = cast(Any, np.pad)
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


def _padded_by(
    function: Callable[..., Any], a: FixedArray, widths: list[Any], options: dict[str, Any]
) -> FixedArray:
    """A margin of zeros that a function of each line fills, axis after axis, as in NumPy."""
    padded = wrap(_framed(a._storage, widths, np.zeros((), a._storage.dtype)), a.format)
    for axis, pair in enumerate(widths):
        lines = manipulation.moveaxis(padded, axis, -1)
        for index in np.ndindex(lines.shape[:-1]):
            function(lines[index], pair, axis, options)
    return padded


def _computed(a: FixedArray, widths: list[Any], mode: str, options: dict[str, Any]) -> FixedArray:
    """A margin of new values, all exact until they are rounded once."""
    size = math.prod(n + sum(pair) for n, pair in zip(a.shape, widths, strict=True))
    storage.reserve(size, _FRACTION, "Fractions")
    exact = a.to_fractions()
    if mode == "linear_ramp":
        ends = np.broadcast_to(exact_values(options.get("end_values", 0)), (a.ndim, 2))
        found = _ramps(exact, widths, ends)
    elif mode in ("mean", "median"):
        found = _middles(exact, widths, mode, options.get("stat_length"))
    else:
        found = cast(Any, np.pad)(exact, widths, mode=mode, **options)
    raw = convert.from_numbers(found, a.format, "pad")
    raw[_inside(exact.shape, widths)] = a._storage
    return wrap(raw, a.format)


def _middles(
    exact: NDArray[np.object_], widths: list[Any], mode: str, stat_length: Any
) -> NDArray[np.object_]:
    """Means or medians of the first and the last elements of each line, axis after axis."""
    lengths = np.broadcast_to(max(exact.shape) if stat_length is None else stat_length,
                              (exact.ndim, 2))  # fmt: skip
    if lengths.dtype.kind not in "iu":
        raise TypeError(f"pad: stat_length is an integer, or some, got {stat_length!r}")
    if (lengths < (0 if stat_length is None else 1)).any():
        raise ValueError(f"pad: stat_length must be positive, got {stat_length!r}")
    for axis, (pair, length) in enumerate(zip(widths, lengths.tolist(), strict=True)):
        n = exact.shape[axis]
        if sum(pair) and not n:
            raise ValueError(f"pad: axis {axis} is empty, and has no {mode}")
        if not n:
            continue
        parts = exact.take(range(min(length[0], n)), axis), exact.take(
            range(n - min(length[1], n), n), axis)  # fmt: skip
        before, after = (
            np.repeat(_middle(part, axis, mode), width, axis)
            for part, width in zip(parts, pair, strict=True)
        )
        exact = np.concatenate([before, exact, after], axis)
    return exact


def _middle(part: NDArray[np.object_], axis: int, mode: str) -> NDArray[np.object_]:
    """The mean or the median of each line, the axis kept."""
    n = part.shape[axis]
    if mode == "mean":
        return np.asarray(part.sum(axis, keepdims=True) * Fraction(1, n), object)
    ordered = np.sort(part, axis)
    both = ordered.take([(n - 1) // 2], axis) + ordered.take([n // 2], axis)
    return np.asarray(both * Fraction(1, 2), object)


def _ramps(
    exact: NDArray[np.object_], widths: list[Any], ends: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Straight lines from the edges to `ends`, one a side of each axis, axis after axis."""
    for axis, pair in enumerate(widths):
        if sum(pair) and not exact.shape[axis]:
            raise ValueError(f"pad: axis {axis} is empty, and has no edge that a ramp begins at")
        if not exact.shape[axis]:
            continue
        edges = exact.take([0], axis), exact.take([-1], axis)
        before, after = (
            [edge + (end - edge) * Fraction(step, width) for step in range(1, width + 1)]
            for edge, end, width in zip(edges, ends[axis], pair, strict=True)
        )
        exact = np.concatenate([*before[::-1], exact, *after], axis)
    return exact


def _inside(shape: tuple[int, ...], widths: list[Any]) -> tuple[slice, ...]:
    """Where an array of a shape lies within its margin."""
    return tuple(slice(b, b + n) for (b, _), n in zip(widths, shape, strict=True))


def _pad_widths(pad_width: Any, ndim: int) -> list[Any]:
    if isinstance(pad_width, dict):
        pairs = [(0, 0)] * ndim
        for axis, pair in pad_width.items():
            pairs[operator.index(axis)] = pair if np.ndim(pair) else (pair, pair)
        pad_width = pairs
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu":
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
    out[(*_inside(raw.shape, widths), ...)] = (
        raw  # of no axes, an array of objects would hold `raw` itself
    )
    for axis, (before, after) in enumerate(widths):
        lead = (slice(None),) * axis
        out[(*lead, slice(before))] = values[axis, 0]
        out[(*lead, slice(shape[axis] - after, None))] = values[axis, 1]
    return out
