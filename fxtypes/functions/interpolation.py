"""Linear interpolation, exact and rounded once."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import many_axes, storage
from ..kernels import products
from ..operations import convert, interpolate
from .arguments import exact_part, exact_values, wrap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Scalar, Values
    from ..format import Format

__all__ = [
    "interp",
]

_PLAIN = frozenset((int, float))
_FEW, _KEPT = 1 << 10, 64  # knots of a plan that is kept, and how many are


def interp(
    x: Values,
    xp: Values,
    fp: Values,
    left: Scalar | None = None,
    right: Scalar | None = None,
    format: Format | None = None,
) -> FixedArray:
    """The piecewise linear function through the points (xp, fp) at `x`, exact, rounded once.

    Parameters
    ----------
    x, xp, fp : FixedArray, number or array
        At least one of `x` and `fp` a FixedArray; `xp` strictly ascends.
    left, right : number, optional
        The values below and above the points, by default the first and last of `fp`.
    format : Format, optional
        The result's; by default that of `fp` if it is a FixedArray, else of `x`.

    Raises
    ------
    ValueError
        If `xp` doesn't ascend, or the lengths of `xp` and `fp` differ or are 0.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.interp(fx.array([0.5, 1.5, 9], fx.Format(8, 4)), [0, 1, 2], [0, 10, 20])
    FixedArray([5.    , 7.9375, 7.9375], format=Format(8, 4))
    """
    if format is None:
        own = [v.format for v in (fp, x) if isinstance(v, FixedArray)]
        if not own:
            raise TypeError("interp: without a FixedArray as x or fp, pass format= for the result")
        format = own[0]
    check_format(format)
    raw, fmt = exact_part(x)
    if fmt is None:
        return _of_numbers(exact_values(x), _points(xp, fp, left, right), format)
    # What the elements really need, where that may decide whether 128 bits are enough.
    bits = products.magnitude_bits(raw, storage.code(fmt)) + 1 if fmt.width > 64 else fmt.width + 1
    points: tuple[Any, ...] = _plain(xp), _plain(fp), left, right
    if None in points[:2] or not {type(left), type(right)} <= _PLAIN | {type(None)}:
        curve = _curve(xp, fp, left, right, fmt, bits, format)
    else:
        curve = _known_curve(*points, fmt, bits, format)
    return wrap(interpolate.evaluate(curve, raw), format)


def _plain(points: Any) -> tuple[int | float, ...] | None:
    """A few plain numbers, of which equal ones are the same; else None."""
    if isinstance(points, np.ndarray) and points.ndim == 1 and points.size <= _FEW:
        points = points.tolist()
    if not isinstance(points, list | tuple) or len(points) > _FEW:
        return None
    return tuple(points) if _PLAIN.issuperset(map(type, points)) else None


def _points(xp: Any, fp: Any, left: Any, right: Any) -> tuple[Any, ...]:
    """Exact knots, their values, and the values below and above."""
    knots, values = (exact_values(v) for v in (xp, fp))
    n = knots.size
    if knots.ndim != 1 or knots.shape != values.shape or not n:
        raise ValueError(f"interp: xp and fp need one axis of one length, got shapes "
                         f"{knots.shape} and {values.shape}")  # fmt: skip
    if any(knots[i] >= knots[i + 1] for i in np.arange(n - 1)):
        raise ValueError("interp: xp must ascend strictly")
    before, after = (values[i] if v is None else exact_values(v).item()
                     for i, v in ((0, left), (-1, right)))  # fmt: skip
    return knots, values, before, after


def _curve(
    xp: Any, fp: Any, left: Any, right: Any, fmt: Format, bits: int, result: Format
) -> interpolate.Curve:
    """The plan for elements of a format: see `interpolate.planned`."""
    knots, values, before, after = _points(xp, fp, left, right)
    # Before the first knot, from each to the next, at the last one, after it.
    pieces = [(Fraction(0), Fraction(before))]
    for i in range(len(knots) - 1):
        slope = Fraction(values[i + 1] - values[i]) / (knots[i + 1] - knots[i])
        pieces.append((slope, values[i] - slope * knots[i]))
    pieces += [(Fraction(0), Fraction(v)) for v in (values[-1], after)]
    return interpolate.planned(knots, pieces, fmt, bits, result)


_known_curve = lru_cache(_KEPT)(_curve)


def _of_numbers(
    arguments: NDArray[np.object_], points: tuple[Any, ...], format: Format
) -> FixedArray:
    """`interp` of numbers that no format holds."""
    knots, values, before, after = points
    found = np.empty(arguments.shape, object)
    flat = found.reshape(-1)
    for i, argument in enumerate(many_axes.flat(arguments)):
        j = int(np.searchsorted(knots, argument, side="right")) - 1
        if j < 0:
            value = before
        elif argument == knots[j]:
            value = values[j]
        elif j == len(knots) - 1:
            value = after
        else:
            slope = Fraction(values[j + 1] - values[j]) / (knots[j + 1] - knots[j])
            value = values[j] + slope * (argument - knots[j])
        flat[i] = Fraction(value)
    return wrap(convert.from_numbers(found, format, "interp"), format)
