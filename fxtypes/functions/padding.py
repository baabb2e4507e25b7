"""Arrays with a margin around them."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..format import Format, derived, storage
from ..operations import boxes, convert, sort_order
from ..operations.operand import Operand
from ..operations.scaled import scaled
from ..operations.sums_and_extremes import exact_integers, reduce_by_kernel
from . import manipulation
from .arguments import check_fixed, exact_values, wrap
from .common_format import insert_values, only_the_result_shows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Integers, PadWidth, Values

__all__ = [
    "pad",
]

_FRACTION = 130  # bytes of a Fraction, its integers and its references
_INTEGER = 60  # bytes of a Python int beyond 64 bits, and of its reference
_MOVING = ("constant", "edge", "reflect", "symmetric", "wrap", "empty")
_COMPUTED = ("linear_ramp", "mean", "median", "minimum", "maximum")
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
        exact, those in corners too, and rounded once.

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
    if mode in ("constant", "empty"):
        if constant_values is None:
            zero = np.zeros((), a._storage.dtype)
            return wrap(_framed(a._storage, widths, zero), a.format)
        return insert_values(
            "pad", a, constant_values, lambda raw, given: _framed(raw, widths, given)
        )
    return wrap(cast(Any, np.pad)(a._storage, widths, mode=mode), a.format)


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


class _Piece(NamedTuple):
    """A box of the padded array, and exact values that broadcast to its shape.

    Attributes
    ----------
    places : tuple of slice
    values : numpy.ndarray
        Storage of the array's format where `unit` is None; else integers, int64 or objects.
    unit : Fraction or None
        What they count.
    """

    places: tuple[slice, ...]
    values: NDArray[Any]
    unit: Fraction | None


def _computed(a: FixedArray, widths: list[Any], mode: str, options: dict[str, Any]) -> FixedArray:
    """A margin made of the elements, exact until each is rounded once; the array itself moves."""
    fmt = a.format
    out = _framed(a._storage, widths, np.zeros((), a._storage.dtype))
    pieces = _margins(a, widths, _makers(a, mode, options))
    if mode in ("minimum", "maximum"):
        for places, values, _ in pieces:
            out[places] = values
        return wrap(out, fmt)
    none = np.empty((0,) * a.ndim, np.int8)  # one step and one report, with a margin or without
    nothing = (slice(0, 0),) * a.ndim, lambda places: convert.from_numbers(none, fmt, "pad")
    made = (
        (piece.places, partial(_rounded, _operand(piece.values), piece, fmt)) for piece in pieces
    )
    boxes.fill(out, fmt, itertools.chain([nothing], made))
    return wrap(out, fmt)


def _margins(a: FixedArray, widths: list[Any], makers: list[Any]) -> list[_Piece]:
    """Axis after axis, what is made at either end of the array and of each piece so far."""
    pieces = [_Piece(_inside(a.shape, widths), a._storage, None)]
    for axis, (n, (before, after)) in enumerate(zip(a.shape, widths, strict=True)):
        if not before and not after:
            continue
        if not n:
            raise ValueError(f"pad: axis {axis} is empty, and has no elements to make a margin of")
        ends = slice(0, before), slice(before + n, before + n + after)
        pieces += [
            _Piece((*piece.places[:axis], end, *piece.places[axis + 1 :]), *made)
            for piece in pieces
            for end, made in zip(ends, makers[axis](piece, (before, after)), strict=True)
            if end.start < end.stop
        ]
    return pieces[1:]


def _operand(integers: NDArray[Any]) -> Operand:
    """Integers with a format, if 128 bits hold them."""
    low, high = int(integers.min(initial=0)), int(integers.max(initial=0))
    width = max(low.bit_length(), high.bit_length()) + 1
    if width > 128:
        return Operand(integers, None)
    fmt = Format(64 if width <= 64 else 128, 0)
    return Operand(storage.from_integers(integers, fmt), fmt)


def _rounded(exact: Operand, piece: _Piece, fmt: Format, places: tuple[slice, ...]) -> NDArray[Any]:
    """A part of a piece in storage of `fmt`; `exact`: its values, in a format if one holds them."""
    shape = tuple(place.stop - place.start for place in piece.places)
    if only_the_result_shows(fmt):
        shape = piece.values.shape  # once for all that are equal
    key = tuple(
        slice(place.start - whole.start, place.stop - whole.start) if n != 1 else slice(None)
        for place, whole, n in zip(places, piece.places, shape, strict=True)
    )
    if exact.format is not None:
        part = Operand(np.broadcast_to(exact.raw, shape)[key], exact.format)
        raw = scaled("pad", part, piece.unit, fmt)
        if raw is not None:
            return raw
    integers = np.broadcast_to(piece.values, shape)[key]
    storage.reserve(integers.size, _FRACTION, "Fractions")
    return convert.from_numbers(np.asarray(integers * piece.unit, object), fmt, "pad")


def _makers(a: FixedArray, mode: str, options: dict[str, Any]) -> list[Callable[..., Any]]:
    """For each axis, what makes (values, unit) before and after a piece, of it and the widths."""
    fmt, axes = a.format, range(a.ndim)
    if mode == "linear_ramp":
        ends = np.broadcast_to(exact_values(options.get("end_values", 0)), (a.ndim, 2))
        return [partial(_ramps, fmt, axis, ends[axis]) for axis in axes]
    if mode in ("reflect", "symmetric"):
        return [partial(_reflections, fmt, axis, mode) for axis in axes]
    given = options.get("stat_length")
    lengths = np.broadcast_to(max(a.shape) if given is None else given, (a.ndim, 2))
    if lengths.dtype.kind not in "iu":
        raise TypeError(f"pad: stat_length is an integer, or some, got {given!r}")
    if (lengths < (0 if given is None else 1)).any():
        raise ValueError(f"pad: stat_length must be positive, got {given!r}")
    return [partial(_statistics, fmt, axis, mode, lengths[axis].tolist()) for axis in axes]


def _integers(values: NDArray[Any], unit: Any, fmt: Format, dtype: Any = object) -> NDArray[Any]:
    """What a piece holds, or some of it, as integers of a dtype."""
    if dtype is object:
        storage.reserve(values.size, _INTEGER, "integers")
    return (values if unit is not None else storage.to_integers(values, fmt)).astype(dtype)


def _dtype_of(values: NDArray[Any], unit: Any, fmt: Format, most: int, count: int) -> Any:
    """int64 if it holds `most` times the integers of a piece, else objects, so many of them."""
    if unit is None:
        largest = 1 << fmt.width
    else:
        largest = max(abs(int(values.min(initial=0))), int(values.max(initial=0)), 1)
    if (largest * most).bit_length() < 64:
        return np.int64
    storage.reserve(count, _INTEGER, "integers")
    return object


def _statistics(
    fmt: Format, axis: int, mode: str, lengths: list[int], piece: _Piece, widths: Any
) -> list[Any]:
    """One value for the first and one for the last elements of each line."""
    n, lead = piece.values.shape[axis], (slice(None),) * axis
    first, last = (min(length, n) for length in lengths)
    compute = {"mean": _means, "median": _medians}.get(mode, partial(_extremes, mode[:3]))
    before = compute(fmt, axis, piece.values[(*lead, slice(first))], piece.unit)
    if first == last == n:
        return [before, before]
    return [before, compute(fmt, axis, piece.values[(*lead, slice(n - last, n))], piece.unit)]


def _means(fmt: Format, axis: int, part: NDArray[Any], unit: Any) -> Any:
    n = part.shape[axis]
    if unit is None:
        sums = exact_integers("sum", Operand(part, fmt), (axis,), True)
        return sums, fmt.resolution / n
    return part.sum(axis, keepdims=True), unit / n


def _medians(fmt: Format, axis: int, part: NDArray[Any], unit: Any) -> Any:
    n = part.shape[axis]
    ordered = sort_order.sort(part, fmt, axis) if unit is None else np.sort(part, axis)
    middle = ordered.take([(n - 1) // 2, n // 2], axis)
    integers = _integers(middle, unit, fmt)
    return integers.sum(axis, keepdims=True), (unit or fmt.resolution) / 2


def _extremes(name: str, fmt: Format, axis: int, part: NDArray[Any], unit: None) -> Any:
    moved = derived.floor_wrap(fmt)
    return reduce_by_kernel(name, Operand(part, fmt), axis, True, moved, "move"), unit


def _ramps(fmt: Format, axis: int, ends: Any, piece: _Piece, widths: Any) -> Iterator[Any]:
    """Straight lines from the edges to two values."""
    lead, unit = (slice(None),) * axis, piece.unit or fmt.resolution
    edges = (slice(1), -1), (slice(-1, None), 1)
    for (edge, outward), end, width in zip(edges, ends, widths, strict=True):
        part = piece.values[(*lead, edge)]
        # edge + (end - edge) * step / width
        numerator, denominator = (Fraction(end) / unit).as_integer_ratio()
        most = max(width, 1) * (denominator + abs(numerator))
        dtype = _dtype_of(part, piece.unit, fmt, most, part.size * width)
        integers = _integers(part, piece.unit, fmt, dtype)
        steps = np.arange(1, width + 1).astype(dtype)[::outward]
        steps = steps.reshape(-1, *(1,) * (part.ndim - axis - 1))
        values = integers * ((width - steps) * denominator) + steps * numerator
        yield values, unit / (denominator * max(width, 1))


def _reflections(fmt: Format, axis: int, mode: str, piece: _Piece, widths: Any) -> list[Any]:
    """Twice the edge less the elements behind it; again and again where the margin is longer."""
    n, lead = piece.values.shape[axis], (slice(None),) * axis
    times = max(widths) // max(n - 1, 1) + 1  # each makes them three times as large at most
    count = piece.values.size // n * sum(widths)
    dtype = _dtype_of(piece.values, piece.unit, fmt, 3 ** min(times, 64), count)

    def padded(part: slice, pair: tuple[int, int], margins: list[slice]) -> list[Any]:
        integers = _integers(piece.values[(*lead, part)], piece.unit, fmt, dtype)
        pairs = [(0, 0)] * integers.ndim
        pairs[axis] = pair
        found = cast(Any, np.pad)(integers, pairs, mode=mode, reflect_type="odd")
        return [(found[(*lead, margin)], piece.unit or fmt.resolution) for margin in margins]

    before, after = widths
    if max(widths) >= n:
        return padded(slice(n), widths, [slice(before), slice(before + n, None)])
    return [
        *padded(slice(before + 1), (before, 0), [slice(before)]),
        *padded(slice(n - after - 1, n), (0, after), [slice(after + 1, None)]),
    ]


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
