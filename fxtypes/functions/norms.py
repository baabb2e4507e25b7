"""Norms of vectors and matrices, exact and rounded once."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..fixed_array.array import check_format
from ..format import derived, storage
from ..kernels import calls, plan, python_rounding
from ..operations import wide_integers
from ..operations.operand import Operand
from ..operations.reduced_axes import normalize_axes, result_shape
from ..operations.sums_and_extremes import exact_integers, reduce_by_kernel
from .arguments import check_fixed, exact_values, wrap
from .covariance import root_to_odd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Axes
    from ..format import Format

_MOST_BITS = 1 << 16  # of a power

__all__ = [
    "norm",
]


def norm(
    x: FixedArray,
    ord: float | str | None = None,
    axis: Axes = None,
    keepdims: bool = False,
    format: Format | None = None,
) -> FixedArray:
    """The norm of vectors or matrices, each the exact one rounded once; as `numpy.linalg.norm`.

    Parameters
    ----------
    x : FixedArray
    ord : None, int, inf, -inf or "fro"
        None: the root of the sum of squares, over all axes without `axis`. Of vectors any integer
        and both infinities, of matrices 1, -1, inf, -inf and "fro".
    axis : int, or tuple of two int, optional
        Of the vectors, or of the matrices. Without it those of `x`, of 1 or 2 axes.
    keepdims : bool
    format : Format, optional
        The result's, by default that of `x`.

    Raises
    ------
    ValueError
        For extremes of no elements, and for norms that are none.
    TypeError
        For norms that need singular values, and powers that are no integers.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[3, 4], [0, 1]], fx.Format(16, 8))
    >>> fx.norm(a[0]), fx.norm(a, ord=1)
    (FixedArray(5., format=Format(16, 8)), FixedArray(5., format=Format(16, 8)))
    """
    a = check_fixed("norm", x)
    result = a.format if format is None else check_format(format)
    if axis is None and ord is None:
        axes = tuple(range(a.ndim))
    else:
        axes = normalize_axes(axis, a.ndim) if axis is not None else tuple(range(a.ndim))
        if len(axes) not in (1, 2):
            raise ValueError(f"norm: give one axis, or two; the shape is {a.shape}, axis {axis}")
    raw = Operand(a._storage, a.format)
    shape = result_shape(a.shape, axes, keepdims)
    if len(axes) == 2 and ord not in (None, "fro"):
        powers, order, scale = _matrix_norms(raw, ord, axes), 1, a.format.resolution
    else:
        order, powers = _vector_norms(raw, ord, axes)
        scale = a.format.resolution ** (order or 1) if order >= 0 else a.format.resolution**order
    guard = derived.guard_bits(result)
    bits = result.frac_bits + guard
    flat = np.asarray(powers, object).reshape(-1)
    values = (_finished(value, order, scale, bits) for value in flat)
    return wrap(python_rounding.finish(values, guard, result, "norm", shape), result)


def _finished(value: Any, order: int, scale: Fraction, bits: int) -> int:
    """(value * scale) ** (1 / order), times 2**bits, to odd; of order 0 the value."""
    if order == 0:
        return python_rounding.to_odd(value, bits)
    if value is None:  # an element is 0 under a negative power
        return 0
    power = Fraction(value) * scale
    if order < 0:
        power, order = 1 / power if power else power, -order
    return root_to_odd(power, order, bits)


def _vector_norms(operand: Operand, ord: Any, axes: tuple[int, ...]) -> tuple[int, Any]:
    """(k, sums of k-th powers of the raw integers' magnitudes): norms are their k-th roots."""
    raw, fmt = operand
    if ord in (None, "fro"):
        if ord is not None and len(axes) == 1:
            raise ValueError("norm: 'fro' is a norm of matrices")
        return 2, _sums(operand, "squares", axes)
    number = exact_values(ord, infinite=True).item()
    if number in (math.inf, -math.inf):
        if not raw.size:
            raise ValueError(f"norm of no elements: shape {raw.shape}")
        magnitudes = _magnitudes(operand)
        extreme = reduce_by_kernel(
            "max" if number > 0 else "min", magnitudes, axes, False, magnitudes.format, "move"
        )
        return 1, wide_integers.to_python(extreme, magnitudes.format)
    order = int(number)
    if order != number:
        raise TypeError(f"norm: ord is an integer or infinite, got {ord!r}")
    if order == 0:
        return 0, np.asarray(np.count_nonzero(storage.truth(raw), axis=axes)).astype(object)
    if order in (1, 2):
        which = (_magnitudes(operand), "sum") if order == 1 else (operand, "squares")
        return order, _sums(*which, axes)
    integers = abs(wide_integers.to_python(raw, fmt))
    bits = max([v.bit_length() for v in integers.reshape(-1)], default=0)
    if abs(order) * bits > _MOST_BITS:
        raise ValueError(f"norm: powers of ord={order} take more than {_MOST_BITS} bits")
    if order > 0:
        return order, np.sum(integers**order, axis=axes)
    zero = np.any(integers == 0, axis=axes)
    safe = np.where(integers == 0, 1, integers)
    inverse = np.frompyfunc(lambda v: Fraction(1, v**-order), 1, 1)(safe)
    sums = np.asarray(np.add.reduce(np.asarray(inverse, object), axis=axes), object)
    sums[zero] = None
    return order, sums


def _magnitudes(operand: Operand) -> Operand:
    """The raw integers without their signs."""
    raw, fmt = operand
    wide = derived.floor_wrap(fmt).replace(signed=False)
    step = plan.elementwise("absolute", (fmt,), wide, "move")
    return Operand(calls.elementwise(step, (raw,)), wide)


def _sums(operand: Operand, name: str, axes: tuple[int, ...]) -> NDArray[np.object_]:
    """Sums of raw integers ("sum") or of their squares ("squares")."""
    raw = operand.raw
    if not raw.size:
        return np.asarray(np.sum(np.zeros(raw.shape, object), axis=axes), object)
    return np.asarray(exact_integers(name, operand, axes, False), object)


def _matrix_norms(operand: Operand, ord: Any, axes: tuple[int, ...]) -> Any:
    row, column = axes
    if ord in (2, -2, "nuc"):
        raise TypeError(f"norm: ord={ord!r} of matrices needs singular values, which are not there")
    if ord not in (1, -1, math.inf, -math.inf):
        raise ValueError(f"norm: ord={ord!r} is no norm of matrices")
    along, other = (row, column) if ord in (1, -1) else (column, row)
    sums = _sums(_magnitudes(operand), "sum", (along,))
    if not sums.shape[other - (other > along)]:
        raise ValueError(f"norm of no elements: shape {operand.raw.shape}")
    return (np.max if ord > 0 else np.min)(sums, axis=other - (other > along))
