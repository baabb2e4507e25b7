"""Reductions with ``initial=`` and ``where=``: of some of the elements, from a first value on."""

import math

import numpy as np

from ..context import blocks, context
from ..errors import FormatError
from ..format import Format, derived, storage
from ..kernels import calls, plan_reductions
from . import convert, elementwise, operands, reduced_axes, running, sums_and_extremes, variance

_ONE = Format(2, 0, rounding="floor", overflow="wrap")  # the narrowest that holds 1
_COUNTS = Format(64, 0)


def evaluate(name, raw, fmt, axis, keepdims, format, initial, where, **options):
    """`reductions.evaluate` with a first value, of the elements that a mask names.

    Parameters
    ----------
    initial : None or tuple
        The first value: a FixedArray's storage and format, or (anything else, None).
    where : True or array of bool
        It broadcasts to the operand's shape. What it leaves out counts for nothing.

    Raises
    ------
    ValueError
        If `where` leaves no element where one is needed, or doesn't broadcast.
    TypeError
        If `initial` is not one number, or `where` no boolean.
    """
    axes = reduced_axes.normalize_axes(axis, raw.ndim)
    mask = None if where is True else operands.mask(name, where, raw.shape)
    grows = name == "sum" and format is None and context.current.get().full_precision
    if initial is not None:
        initial = _first(name, initial, fmt, grows)
    result = fmt if format is None else format
    if grows:
        result = _grown(raw, fmt, axes, initial)
    compute = _SELECTED[name]

    def block(arrays, axes, keepdims):
        raw, mask = arrays
        return compute(name, raw, fmt, axes, keepdims, result, initial, mask, **options)

    return reduced_axes.by_results(block, [raw, mask], axes, keepdims, result), result


def _first(name, initial, fmt, narrow):
    value, own = initial
    shape = np.shape(value)
    if shape:
        raise TypeError(f"{name}: initial= is one number, got an array of shape {shape}")
    return initial if own is not None else operands.operand(value, fmt, narrow)


def _grown(raw, fmt, axes, initial):
    n = math.prod(raw.shape[a] for a in axes)
    if initial is None:
        return derived.grown("sum", [fmt], (n,))
    if initial[1] is None:
        raise FormatError("sum: an initial value of more than 128 bits; pass format=")
    return derived.grown("sum", [fmt, initial[1]], (n + 1,))


def _fill(mask, value, fmt):
    """What `reductions.reduce` puts where the mask leaves an element out: a raw `value`."""
    return None if mask is None else (mask, storage.from_integers(np.array(value, object), fmt))


def exact_sums(raw, fmt, axes, keepdims, fill=None):
    """Sums as (storage, a format that holds them), or as (Fractions, None) past 128 bits."""
    n = math.prod(raw.shape[a] for a in axes)
    width = fmt.width + max(n - 1, 0).bit_length()
    if width <= 128:
        wide = derived.floor_wrap(fmt).replace(width=width)
        return sums_and_extremes.reduce_by_kernel(
            "sum", raw, fmt, axes, keepdims, wide, "move", fill
        ), wide
    sums = sums_and_extremes.exact_integers("sum", raw, fmt, axes, keepdims, n, fill)
    return np.asarray(sums * fmt.resolution, dtype=object), None


def _sum(name, raw, fmt, axes, keepdims, result, initial, mask):
    fill = _fill(mask, 0, fmt)
    if initial is None:
        return sums_and_extremes.reduce_by_kernel(name, raw, fmt, axes, keepdims, result, fill=fill)
    sums = exact_sums(raw, fmt, axes, keepdims, fill)
    return elementwise.combine("add", [sums, initial], result, name)


def _mean(name, raw, fmt, axes, keepdims, result, initial, mask):
    counts = _counts(mask, axes, keepdims)
    if not counts.all() or not all(raw.shape[a] for a in axes):
        whole = context.current.get().whole
        shape = counts.shape if whole is None else whole.shape
        raise ValueError(f"mean of no elements: where= leaves none for an element of the result "
                         f"of shape {shape}")  # fmt: skip
    sums = exact_sums(raw, fmt, axes, keepdims, _fill(mask, 0, fmt))
    return elementwise.combine("divide", [sums, (counts, _COUNTS)], result, name)


def _counts(mask, axes, keepdims):
    return np.asarray(np.sum(mask, axis=axes, keepdims=keepdims, dtype=np.int64))


def _extreme(name, raw, fmt, axes, keepdims, result, initial, mask):
    if initial is None:
        raise ValueError(f"{name} with where= needs initial=: it has no value of nothing")
    shape = reduced_axes.result_shape(raw.shape, axes, keepdims)
    if math.prod(raw.shape[a] for a in axes):
        exact, neutral = derived.floor_wrap(fmt), fmt.raw_max if name == "min" else fmt.raw_min
        fill = _fill(mask, neutral, fmt)
        found = (
            sums_and_extremes.reduce_by_kernel(name, raw, fmt, axes, keepdims, exact, "move", fill),
            exact,
        )
        if mask is not None:
            nothing = ~np.any(mask, axis=axes, keepdims=keepdims)
            if nothing.any():
                found = _choose(nothing, initial, found)
    else:
        found = np.broadcast_to(initial[0], shape), initial[1]
    operation = "minimum" if name == "min" else "maximum"
    return elementwise.combine(operation, [found, initial], result, name)


def _choose(mask, x, y):
    """Elements of `x` where the mask is true, else of `y`, in a format that holds both."""
    try:
        if x[1] is None:
            raise FormatError
        meeting = derived.common_format(derived.floor_wrap(x[1]), derived.floor_wrap(y[1]))
    except FormatError:
        exact = [r if f is None else convert.to_fractions(r, f) for r, f in (x, y)]
        return np.asarray(np.where(mask, *exact), dtype=object), None
    raws = (convert.cast(r, f, meeting, "move") for r, f in (x, y))
    return np.where(mask, *raws), meeting


def _prod(name, raw, fmt, axes, keepdims, result, initial, mask):
    """The used elements' product in C order, from `initial` on: step k multiplies by the k-th.

    Ones fill the lines up behind the last used element; they change and lose nothing.
    """
    kept = [a for a in range(raw.ndim) if a not in axes]
    order = (*kept, *sorted(axes))
    shape = reduced_axes.result_shape(raw.shape, axes, keepdims)
    outputs, n = math.prod(shape), math.prod(raw.shape[a] for a in axes)
    wide = _holding(name, fmt, initial, mask)
    if outputs == 1:
        moved = None if mask is None else mask.transpose(order)
        factors = _factors(raw.transpose(order), fmt, wide, initial, moved)
        return running.one_product(name, factors, wide, result, shape)
    lines = convert.cast(raw.transpose(order).reshape(outputs, n), fmt, wide, "move")
    if mask is not None:
        used = mask.transpose(order).reshape(outputs, n)
        first = np.argsort(~used, axis=1, kind="stable")
        one = storage.from_integers(np.array(1 << wide.frac_bits, object), wide)
        used, lines = (np.take_along_axis(part, first, 1) for part in (used, lines))
        lines = np.where(used, lines, one)
    if initial is not None:
        start = convert.cast(*initial, wide, "move")
        lines = np.concatenate([np.broadcast_to(start, (outputs, 1)), lines], axis=1)
    if not lines.shape[1]:
        return running.product_of_nothing(name, shape, result)
    first, rest = plan_reductions.running_product(name, wide, result)
    lines = lines.reshape(1, *lines.shape).swapaxes(1, 2)  # the outputs lie innermost
    return calls.scan(first, rest, lines, False, shape).reshape(shape)


def _factors(raw, fmt, wide, initial, mask):
    """The first value and the used elements in C order, a block at a time."""
    if initial is not None:
        yield convert.cast(*initial, wide, "move").reshape(1)
    for key in blocks.cut(raw.shape):
        some = raw[key].reshape(-1)
        used = some if mask is None else some[mask[key].reshape(-1)]
        yield convert.cast(used, fmt, wide, "move")


def _holding(name, fmt, initial, mask):
    """A format that holds the elements, the first value, and 1 where lines are filled up."""
    formats = [fmt] if initial is None else [fmt, initial[1]]
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


def _spread(name, raw, fmt, axes, keepdims, result, initial, mask, ddof):
    return variance.variance(name, raw, fmt, axes, keepdims, result, ddof, mask)


_SELECTED = {
    "sum": _sum,
    "mean": _mean,
    "min": _extreme,
    "max": _extreme,
    "prod": _prod,
    "var": _spread,
    "std": _spread,
}
