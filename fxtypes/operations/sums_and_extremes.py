"""sum, mean, min and max over axes of any length, and exact sums."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..context import blocks
from ..format import derived, storage
from ..kernels import calls, plan_reductions, products, python_rounding
from ..kernels.plan import PLANS_KEPT
from . import wide_integers
from .operand import Operand
from .reduced_axes import check_not_empty, count_reduced, normalize_axes, result_shape

# Elements of one result that a kernel takes in one call. Longer reductions are done in parts,
# between which Python looks for Ctrl-C: below a second each, the slowest at 100 ns an element. With
# a fill, which takes a copy of the elements, a part is one block long.
_LONGEST = 1 << 21


class Fill(NamedTuple):
    """What elements that a mask leaves out are replaced by.

    Attributes
    ----------
    mask : numpy.ndarray of bool
        Of the operand's shape; true for the elements that count.
    value : numpy.ndarray
        One raw value, 0-d, of the operand's dtype.
    """

    mask: Any
    value: Any


def reduce_by_kernel(name, operand, axis, keepdims, result, shown=None, fill=None):
    """sum, mean, min or max, or the sum of squares, into storage of the format `result`.

    Parameters
    ----------
    name : str
        "sum", "mean", "min", "max" or "squares".
    operand : Operand
    axis : None, int or tuple of int
    keepdims : bool
    result : Format
    shown : str, optional
        What events and messages call the operation, where that is not `name`.
    fill : Fill, optional
        Which elements count; without it all do.
    """
    raw, fmt = operand
    if fill is None and (axis is None or type(axis) is int):
        planned = _plan_at_once(name, raw.shape, axis, fmt, result, shown)
        if planned is not None:
            step, axes = planned
            return calls.reduce(step, raw, axes, keepdims)
    axes = normalize_axes(axis, raw.ndim)
    n = count_reduced(raw.shape, axes)
    if n == 0 and name != "sum":
        check_not_empty(name, raw.shape, axis)
    if n > (_LONGEST if fill is None else blocks.SIZE):
        return _in_parts(name, operand, axes, keepdims, result, shown or name, fill)
    if fill is not None:
        raw = np.where(fill.mask, raw, fill.value)
    return calls.reduce(_plan(name, fmt, result, n, shown), raw, axes, keepdims)


def _plan(name, fmt, result, n, shown):
    # Sums are planned by powers of two, so that few plans serve all lengths.
    most_terms = 1 << (n - 1).bit_length() if n and name in ("sum", "mean", "squares") else 1
    divisor = n if name == "mean" else 1
    return plan_reductions.reduction(name, fmt, result, divisor, most_terms, shown)


@lru_cache(PLANS_KEPT)
def _plan_at_once(name, shape, axis, fmt, result, shown):
    """The plan and the normalised axes of a reduction in one call of the kernel; else None."""
    axes = normalize_axes(axis, len(shape))
    n = count_reduced(shape, axes)
    return (_plan(name, fmt, result, n, shown), axes) if 0 < n <= _LONGEST else None


def _parts(raw, axes, fill):
    """Cut the longest of the axes: (this axis, the parts' (storage, `Fill` or None))."""
    axis = max(axes, key=lambda a: raw.shape[a])
    length, n = raw.shape[axis], count_reduced(raw.shape, axes)
    rows = max(length * (_LONGEST if fill is None else blocks.SIZE) // n, 1)
    lead = (slice(None),) * axis
    keys = [(*lead, slice(i, i + rows)) for i in range(0, length, rows)]
    parts = (
        (raw[key], None if fill is None else fill._replace(mask=fill.mask[key])) for key in keys
    )
    return axis, parts


def _in_parts(name, operand, axes, keepdims, result, shown, fill):
    """Exact partial results, and a reduction of these that rounds once."""
    raw, fmt = operand
    n = count_reduced(raw.shape, axes)
    wide = derived.floor_wrap(fmt)
    if name in ("sum", "mean"):
        width = fmt.width + (n - 1).bit_length()
        if width > 128:
            totals = exact_integers("sum", operand, axes, keepdims, fill)
            guard = derived.guard_bits(result)
            unit = fmt.resolution / (n if name == "mean" else 1)
            frac_bits = result.frac_bits + guard
            values = (python_rounding.to_odd(v * unit, frac_bits) for v in totals.reshape(-1))
            return python_rounding.finish(values, guard, result, shown, totals.shape)
        wide = wide.replace(width=width)
    axis, parts = _parts(raw, axes, fill)
    partial = "sum" if name == "mean" else name
    found = [
        reduce_by_kernel(partial, Operand(part, fmt), axes, True, wide, "move", part_fill)
        for part, part_fill in parts
    ]
    divisor = n if name == "mean" else 1
    most_terms = 1 << (len(found) - 1).bit_length()
    step = plan_reductions.reduction(name, wide, result, divisor, most_terms, shown)
    return calls.reduce(step, np.concatenate(found, axis), axes, keepdims)


def exact_sums(operand, axes, keepdims, fill=None):
    """Sums, exactly: an `Operand` in a wide enough format, or of Fractions past 128 bits."""
    raw, fmt = operand
    n = count_reduced(raw.shape, axes)
    width = fmt.width + max(n - 1, 0).bit_length()
    if width > 128:
        sums = exact_integers("sum", operand, axes, keepdims, fill)
        return Operand(np.asarray(sums * fmt.resolution, dtype=object), None)
    wide = derived.floor_wrap(fmt).replace(width=width)
    return Operand(reduce_by_kernel("sum", operand, axes, keepdims, wide, "move", fill), wide)


def exact_integers(name, operand, axes, keepdims, fill=None):
    """As `exact_pieces`, as an object array of Python ints."""
    return wide_integers.added_up(exact_pieces(name, operand, axes, keepdims, fill))


def exact_pieces(name, operand, axes, keepdims, fill=None):
    """Sums of raw integers, or of their squares, as `wide_integers.pieces` has them.

    Parameters
    ----------
    name : str
        "sum" or "squares".
    operand : Operand
    axes : tuple of int
        Normalised.
    keepdims : bool
    fill : Fill, optional
        As for `reduce_by_kernel`.
    """
    raw, fmt = operand
    n = count_reduced(raw.shape, axes)
    if n > (_LONGEST if fill is None else blocks.SIZE):
        _, parts = _parts(raw, axes, fill)
        total = sum(
            exact_integers(name, Operand(part, fmt), axes, True, part_fill)
            for part, part_fill in parts
        )
        shape = result_shape(raw.shape, axes, keepdims)
        return wide_integers.split(np.asarray(total, object).reshape(shape))
    integers = Operand(raw, derived.floor_wrap(fmt).replace(frac_bits=0))
    times, more = (2 if name == "squares" else 1), n.bit_length() + 1
    bits = fmt.width
    if times * bits + more > 128:  # as many as the data need, so that one piece may do
        bits = products.magnitude_bits(raw, storage.code(fmt))
    return wide_integers.pieces(
        times * bits + more,
        lambda piece: reduce_by_kernel(name, integers, axes, keepdims, piece, "move", fill),
    )
