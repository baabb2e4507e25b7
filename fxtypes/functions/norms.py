"""Norms of vectors and matrices, exact and rounded once."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..fixed_array.array import check_format
from ..format import Format, derived, storage
from ..kernels import calls, plan, python_rounding
from ..operations import wide_integers
from ..operations.operand import Operand
from ..operations.reduced_axes import normalize_axes, result_shape
from ..operations.roots_and_quotients import ratio
from ..operations.sums_and_extremes import exact_pieces, reduce_by_kernel
from .arguments import check_fixed, exact_values, wrap

if TYPE_CHECKING:
    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Axes

_MOST_BITS = 1 << 16  # of a power
_COUNTS = Format(64, 0)

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
        order, powers = 1, _matrix_norms(raw, ord, axes)
    else:
        order, powers = _vector_norms(raw, ord, axes)
    if isinstance(powers, tuple):
        powers = tuple(Operand(raw.reshape(shape), fmt) for raw, fmt in powers)
        found = ratio("norm", (powers, (), (), ()), order * a.format.frac_bits, order or 1, result)
        return wrap(found, result)
    scale = a.format.resolution**order
    guard = derived.guard_bits(result)
    bits = result.frac_bits + guard
    values = (_finished(value, order, scale, bits) for value in powers.reshape(-1))
    return wrap(python_rounding.finish(values, guard, result, "norm", shape), result)


def _finished(value: Any, order: int, scale: Fraction, bits: int) -> int:
    """(value * scale) ** (1 / order), times 2**bits, to odd."""
    if value is None:  # an element is 0 under a negative power
        return 0
    power = Fraction(value) * scale
    if order < 0:
        power, order = 1 / power if power else power, -order
    return _root_to_odd(power, order, bits)


def _root_to_odd(value: Fraction, order: int, bits: int) -> int:
    """The root of a number that isn't negative, times 2**bits, rounded to odd."""
    shift = order * bits
    numerator = value.numerator << max(shift, 0)
    denominator = value.denominator << max(-shift, 0)
    whole = numerator // denominator
    root = _integer_root(whole, order)
    exact = root**order * denominator == numerator
    return root if exact else root | 1


def _integer_root(n: int, order: int) -> int:
    """The largest integer whose power is not above n."""
    if order == 1 or n < 2:
        return n
    if order == 2:
        return math.isqrt(n)
    x = 1 << -(-n.bit_length() // order)
    while True:
        lower = ((order - 1) * x + n // x ** (order - 1)) // order
        if lower >= x:
            return x
        x = lower


def _vector_norms(operand: Operand, ord: Any, axes: tuple[int, ...]) -> tuple[int, Any]:
    """(k, sums of k-th powers of the raw integers' magnitudes): norms are their k-th roots.

    Of order 0 the sums are the norms. They are pieces, or an object array.
    """
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
        return 1, (Operand(extreme, magnitudes.format),)
    order = int(number)
    if order != number:
        raise TypeError(f"norm: ord is an integer or infinite, got {ord!r}")
    if order == 0:
        counts = np.asarray(np.count_nonzero(storage.truth(raw), axis=axes), np.int64)
        return 0, (Operand(counts, _COUNTS),)
    if order in (1, 2):
        which = (_magnitudes(operand), "sum") if order == 1 else (operand, "squares")
        return order, _sums(*which, axes)
    integers = abs(wide_integers.to_python(raw, fmt))
    bits = max([v.bit_length() for v in integers.reshape(-1)], default=0)
    if abs(order) * bits > _MOST_BITS:
        raise ValueError(f"norm: powers of ord={order} take more than {_MOST_BITS} bits")
    if order > 0:
        return order, np.asarray(np.sum(integers**order, axis=axes), object)
    zero = np.any(integers == 0, axis=axes)
    safe = np.where(integers == 0, 1, integers)
    inverse = np.frompyfunc(lambda v: Fraction(1, v**-order), 1, 1)(safe)
    sums = np.asarray(np.add.reduce(np.asarray(inverse, object), axis=axes), object)
    sums[zero] = None
    return order, sums


def _magnitudes(operand: Operand) -> Operand:
    """The raw integers without their signs."""
    raw = operand.raw
    own, _ = derived.split_frac_bits(operand.format)
    wide = Format(8 * raw.dtype.itemsize, 0, signed=False, rounding="floor", overflow="wrap")
    if not own.signed:
        return Operand(raw, wide)
    # That of the lowest wraps around: it has the bits of the unsigned one.
    step = plan.elementwise("absolute", (own,), wide.replace(signed=True), "move")
    return Operand(calls.elementwise(step, (raw,)).view(storage.dtype(wide)), wide)


def _sums(operand: Operand, name: str, axes: tuple[int, ...]) -> tuple[Operand, ...]:
    """Sums of raw integers ("sum") or of their squares ("squares"), in pieces."""
    if not operand.raw.size:
        zeros = np.zeros(result_shape(operand.raw.shape, axes, False), np.int64)
        return (Operand(zeros, _COUNTS),)
    return exact_pieces(name, operand, axes, False)


def _matrix_norms(operand: Operand, ord: Any, axes: tuple[int, ...]) -> tuple[Operand, ...]:
    row, column = axes
    if ord in (2, -2, "nuc"):
        raise TypeError(f"norm: ord={ord!r} of matrices needs singular values, which are not there")
    if ord not in (1, -1, math.inf, -math.inf):
        raise ValueError(f"norm: ord={ord!r} is no norm of matrices")
    along, other = (row, column) if ord in (1, -1) else (column, row)
    sums = _sums(_magnitudes(operand), "sum", (along,))
    axis = other - (other > along)
    if not sums[0].raw.shape[axis]:
        raise ValueError(f"norm of no elements: shape {operand.raw.shape}")
    extreme = np.max if ord > 0 else np.min
    return wide_integers.split(extreme(wide_integers.added_up(sums), axis=axis))
