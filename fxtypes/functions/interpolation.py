"""Linear interpolation, exact and rounded once."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import many_axes, read_numbers
from ..operations import convert, interpolate, read_operands
from ..operations import exact_keys as keys
from ..operations.exact_floats import exact_operand
from .arguments import exact_values, part_of, wrap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Scalar, Values
    from ..format import Format

__all__ = [
    "interp",
]


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
    knots, values = (exact_values(v) for v in (xp, fp))
    n = knots.size
    if knots.ndim != 1 or knots.shape != values.shape or not n:
        raise ValueError(f"interp: xp and fp need one axis of one length, got shapes "
                         f"{knots.shape} and {values.shape}")  # fmt: skip
    if any(knots[i] >= knots[i + 1] for i in np.arange(n - 1)):
        raise ValueError("interp: xp must ascend strictly")
    before, after = (values[i] if v is None else exact_values(v).item()
                     for i, v in ((0, left), (-1, right)))  # fmt: skip
    raw = _by_kernels(x, knots, values, before, after, format)
    if raw is not None:
        return wrap(raw, format)
    arguments = exact_values(x)
    found = np.empty(arguments.shape, object)
    flat = found.reshape(-1)
    for i, argument in enumerate(many_axes.flat(arguments)):
        j = int(np.searchsorted(knots, argument, side="right")) - 1
        if j < 0:
            value = before
        elif argument == knots[j]:
            value = values[j]
        elif j == n - 1:
            value = after
        else:
            slope = Fraction(values[j + 1] - values[j]) / (knots[j + 1] - knots[j])
            value = values[j] + slope * (argument - knots[j])
        flat[i] = Fraction(value)
    return wrap(convert.from_numbers(found, format, "interp"), format)


def _by_kernels(
    x: Any,
    knots: NDArray[Any],
    values: NDArray[Any],
    before: Any,
    after: Any,
    format: Format,
) -> NDArray[Any] | None:
    """`interp` in storage; None where kernels don't do it."""
    given = part_of(x)
    if given.format is None:
        given = exact_operand(read_numbers.read(x))
    ends = read_operands.exact(knots)
    if given.format is None or ends.format is None:
        return None
    # The pieces: before the first knot, from each to the next, at the last one, after it.
    pieces = [(Fraction(0), Fraction(before))]
    for i in range(len(knots) - 1):
        slope = Fraction(values[i + 1] - values[i]) / (knots[i + 1] - knots[i])
        pieces.append((slope, values[i] - slope * knots[i]))
    pieces += [(Fraction(0), Fraction(v)) for v in (values[-1], after)]
    order, known = keys.exact_keys([given, ends])
    places = np.asarray(known.searchsorted(order, side="right"))
    places = places + (order > known[-1])
    return interpolate.by_kernels(given, places, pieces, format)
