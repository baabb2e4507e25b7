"""Reductions with ``initial=`` and ``where=``: of some of the elements, from a first value on."""

import math

import numpy as np

from ..context import blocked_operation, blocks, context
from ..errors import FormatError
from ..format import Format, derived, storage
from . import bounds, convert, elementwise, masks, read_operands, reduced_axes, running
from .operand import Operand
from .sums_and_extremes import Fill, exact_sums, reduce_by_kernel
from .variance import variance

_ONE = Format(2, 0, rounding="floor", overflow="wrap")  # the narrowest that holds 1
_COUNTS = Format(64, 0)
_EXTREMES = {"min": "minimum", "max": "maximum"}


def evaluate(name, operand, axis, keepdims, format, initial, where, **options):
    """`reductions.evaluate` with a first value, of the elements that a mask names.

    Parameters
    ----------
    name : str
        A key of `_REDUCTIONS`.
    operand : Operand
    axis : None, int or tuple of int
    keepdims : bool
    format : Format or None
        The result's.
    initial : None or Operand
        The first value; not read yet, where it is no FixedArray.
    where : True or array of bool
        It broadcasts to the operand's shape. What it leaves out counts for nothing.
    **options
        The reduction's own.

    Raises
    ------
    ValueError
        If `where` leaves no element where one is needed, or doesn't broadcast.
    TypeError
        If `initial` is not one number, or `where` no boolean.
    """
    raw, fmt = operand
    if name in ("mean", "var", "std"):
        reduced_axes.check_axis_of_scalar(axis, raw.ndim)
    axes = reduced_axes.normalize_axes(axis, raw.ndim)
    mask = None if where is True else masks.read(name, where, raw.shape)
    grows = name == "sum" and format is None and context.current_context().full_precision
    if initial is not None:
        alone = mask is not None or reduced_axes.count_reduced(raw.shape, axes) == 0
        initial = _read_initial(name, initial, fmt, format or fmt, grows, alone)
    result = fmt if format is None else format
    if grows:
        result = _grown_format(operand, axes, initial)
    compute = _REDUCTIONS[name]

    def compute_block(arrays, axes, keepdims):
        raw, mask = arrays
        block = Operand(raw, fmt)
        return compute(name, block, axes, keepdims, result, initial, mask, **options)

    found = reduced_axes.in_blocks_of_results(compute_block, [raw, mask], axes, keepdims, result)
    return found, result


def _read_initial(name, initial, fmt, result, narrow, alone):
    value, own = initial
    shape = np.shape(value)
    if shape:
        raise TypeError(f"{name}: initial= is one number, got an array of shape {shape}")
    if own is None and name in _EXTREMES:
        element = Operand(np.zeros((), storage.dtype(fmt)), fmt)
        return bounds.read(_EXTREMES[name], [element, initial], result, alone)[1]
    return initial if own is not None else read_operands.read(value, fmt, narrow)


def _grown_format(operand, axes, initial):
    """The format of a sum in full precision."""
    raw, fmt = operand
    n = reduced_axes.count_reduced(raw.shape, axes)
    if initial is None:
        return derived.grown("sum", [fmt], (n,))
    if initial.format is None:
        raise FormatError("sum: an initial value of more than 128 bits; pass format=")
    return derived.grown("sum", [fmt, initial.format], (n + 1,))


def _fill(mask, value, fmt):
    """A `Fill` with the raw integer `value`; None without a mask."""
    if mask is None:
        return None
    return Fill(mask, storage.from_integers(np.array(value, object), fmt))


def _sum(name, operand, axes, keepdims, result, initial, mask):
    fill = _fill(mask, 0, operand.format)
    if initial is None:
        return reduce_by_kernel(name, operand, axes, keepdims, result, fill=fill)
    sums = exact_sums(operand, axes, keepdims, fill)
    return elementwise.combine("add", [sums, initial], result, name)


def _mean(name, operand, axes, keepdims, result, initial, mask):
    counts = np.asarray(np.sum(mask, axis=axes, keepdims=keepdims, dtype=np.int64))
    if not counts.all():
        raise ValueError(
            "mean of no elements: where= leaves none for an element of the result "
            f"of shape {blocked_operation.entire_shape(counts.shape)}"
        )
    sums = exact_sums(operand, axes, keepdims, _fill(mask, 0, operand.format))
    return elementwise.combine("divide", [sums, Operand(counts, _COUNTS)], result, name)


def _extreme(name, operand, axes, keepdims, result, initial, mask):
    if initial is None:
        raise ValueError(f"{name} with where= needs initial=: it has no value of nothing")
    raw, fmt = operand
    shape = reduced_axes.result_shape(raw.shape, axes, keepdims)
    if reduced_axes.count_reduced(raw.shape, axes):
        floor_wrap = derived.floor_wrap(fmt)
        fill = _fill(mask, fmt.raw_max if name == "min" else fmt.raw_min, fmt)
        found = reduce_by_kernel(name, operand, axes, keepdims, floor_wrap, "move", fill)
        found = Operand(found, floor_wrap)
        if mask is not None:
            nothing = ~np.any(mask, axis=axes, keepdims=keepdims)
            if nothing.any():
                found = _choose(nothing, initial, found)
    else:
        found = Operand(np.broadcast_to(initial.raw, shape), initial.format)
    return elementwise.combine(_EXTREMES[name], [found, initial], result, name)


def _choose(mask, x, y):
    """Elements of `x` where the mask is true, else of `y`: an operand that holds both exactly."""
    try:
        if x.format is None:
            raise FormatError
        common = derived.common_format(*(derived.floor_wrap(fmt) for _, fmt in (x, y)))
    except FormatError:
        values = [raw if fmt is None else convert.to_fractions(raw, fmt) for raw, fmt in (x, y)]
        return Operand(np.asarray(np.where(mask, *values), dtype=object), None)
    raws = (convert.cast(raw, fmt, common, "move") for raw, fmt in (x, y))
    return Operand(np.where(mask, *raws), common)


def _product(name, operand, axes, keepdims, result, initial, mask):
    """The used elements' product in C order, from `initial` on: step k multiplies by the k-th.

    Each result is the product of a line. Lines are filled up with ones behind the last used
    element; they change and lose nothing.
    """
    raw, fmt = operand
    kept = [a for a in range(raw.ndim) if a not in axes]
    order = (*kept, *sorted(axes))
    shape = reduced_axes.result_shape(raw.shape, axes, keepdims)
    outputs, n = math.prod(shape), reduced_axes.count_reduced(raw.shape, axes)
    wide = _format_of_lines(name, fmt, initial, mask)
    moved, mask = raw.transpose(order), None if mask is None else mask.transpose(order)
    start = None if initial is None else convert.cast(*initial, wide, "move")
    if outputs == 1:
        factors = _factors(Operand(moved, fmt), wide, start, mask)
        return running.one_product(name, factors, wide, result, shape)
    lines = convert.cast(moved.reshape(outputs, n), fmt, wide, "move")
    if mask is not None:
        used = mask.reshape(outputs, n)
        used_first = np.argsort(~used, axis=1, kind="stable")
        one = storage.from_integers(np.array(1 << wide.frac_bits, object), wide)
        used, lines = (np.take_along_axis(part, used_first, 1) for part in (used, lines))
        lines = np.where(used, lines, one)
    if start is not None:
        lines = np.concatenate([np.broadcast_to(start, (outputs, 1)), lines], axis=1)
    if not lines.shape[1]:
        return running.product_of_nothing(name, shape, result)
    return running.product_of_lines(name, lines, wide, result, shape)


def _factors(operand, wide, start, mask):
    """The first value and the used elements in C order, as storage of `wide`, a block at a time."""
    raw, fmt = operand
    if start is not None:
        yield start.reshape(1)
    for key in blocks.cut(raw.shape):
        elements = raw[key].reshape(-1)
        used = elements if mask is None else elements[mask[key].reshape(-1)]
        yield convert.cast(used, fmt, wide, "move")


def _format_of_lines(name, fmt, initial, mask):
    """A format that holds the elements, the first value, and 1 where lines are filled up."""
    formats = [fmt] if initial is None else [fmt, initial.format]
    try:
        if None in formats:
            raise FormatError
        wide = derived.floor_wrap(fmt)
        for other in formats[1:] if mask is None else [*formats[1:], _ONE]:
            wide = derived.common_format(wide, derived.floor_wrap(other))
    except FormatError:
        raise FormatError(
            f"{name} of {fmt!r} with where= or initial=: no format of 128 bits holds the "
            "elements, the initial value and 1; multiply a[where] and the initial value instead"
        ) from None
    return wide


def _variance(name, operand, axes, keepdims, result, initial, mask, ddof):
    return variance(name, operand, axes, keepdims, result, ddof, mask)


_REDUCTIONS = {
    "sum": _sum,
    "mean": _mean,
    "min": _extreme,
    "max": _extreme,
    "prod": _product,
    "var": _variance,
    "std": _variance,
}
