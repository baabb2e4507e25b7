"""sum, mean, min and max over axes of any length, and exact integer sums."""

import math

import numpy as np

from ..context import blocks
from ..format import derived, storage
from ..kernels import calls, plan_reductions, python_rounding
from .reduced_axes import normalize_axes, reduced_length, result_shape


def reduce_by_kernel(name, raw, fmt, axis, keepdims, result, shown=None, fill=None):
    """sum, mean, min or max, which events call `shown`; into storage of the format `result`.

    `fill`: a mask of the elements that count, and the raw value (0-d) that stands for others.
    """
    axes = normalize_axes(axis, raw.ndim)
    n = reduced_length(name, raw, axis, axes, "sum")
    # Sums are planned by powers of two, so that few plans serve all lengths.
    total = 1 << (n - 1).bit_length() if n else 1
    count = n if name == "mean" else 1
    if n > (_LONG if fill is None else blocks.SIZE):
        return _long(name, raw, fmt, axes, keepdims, result, n, count, shown or name, fill)
    if fill is not None:
        raw = np.where(fill[0], raw, fill[1])
    step = plan_reductions.reduction(
        name, fmt, result, count, total if name in ("sum", "mean", "squares") else 1, shown
    )
    return calls.reduce(step, raw, axes, keepdims)


# Elements of one result that the kernel takes in one call. Longer reductions are done in parts,
# between which Python looks for Ctrl-C: below a second each, the slowest at 100 ns an element.
_LONG = 1 << 21


def _parts(raw, axes, n, fill):
    """Views that cut the longest of the axes, and their fills; each about `size` long a result."""
    size = _LONG if fill is None else blocks.SIZE
    axis = max(axes, key=lambda a: raw.shape[a])
    step = max(raw.shape[axis] * size // n, 1)
    keys = [(*(slice(None),) * axis, slice(i, i + step)) for i in range(0, raw.shape[axis], step)]
    return axis, ((raw[key], None if fill is None else (fill[0][key], fill[1])) for key in keys)


def _long(name, raw, fmt, axes, keepdims, result, n, count, shown, fill):
    """Exact partial results, and a reduction of these that rounds once."""
    exact = derived.floor_wrap(fmt)
    if name in ("sum", "mean"):
        width = fmt.width + (n - 1).bit_length()
        if width > 128:
            totals = exact_integers("sum", raw, fmt, axes, keepdims, n, fill)
            guard = derived.guard_bits(result)
            unit = fmt.resolution / count
            point = result.frac_bits + guard
            values = (python_rounding.to_odd(total * unit, point) for total in totals.reshape(-1))
            return python_rounding.finish(values, guard, result, shown, totals.shape)
        exact = exact.replace(width=width)
    axis, parts = _parts(raw, axes, n, fill)
    partial = "sum" if name == "mean" else name
    found = [
        reduce_by_kernel(partial, part, fmt, axes, True, exact, "move", some)
        for part, some in parts
    ]
    total = 1 << (len(found) - 1).bit_length()
    step = plan_reductions.reduction(name, exact, result, count, total, shown)
    return calls.reduce(step, np.concatenate(found, axis), axes, keepdims)


def exact_integers(name, raw, fmt, axes, keepdims, n, fill=None):
    """Sums of raw integers, or of their squares, as an object array of Python ints."""
    if n > (_LONG if fill is None else blocks.SIZE):
        _, parts = _parts(raw, axes, n, fill)
        total = sum(exact_integers(name, part, fmt, axes, True,
                                   math.prod(part.shape[a] for a in axes), some)
                    for part, some in parts)  # fmt: skip
        return np.asarray(total, object).reshape(result_shape(raw.shape, axes, keepdims))
    whole = derived.floor_wrap(fmt).replace(frac_bits=0)
    bits = (2 if name == "squares" else 1) * fmt.width + n.bit_length() + 1
    total = np.zeros((), object)
    for place in range(0, bits, 128):  # 128 bits at a time, the last ones with the sign
        piece = derived.WIDEST.replace(
            frac_bits=-place, signed=place + 128 >= bits, rounding="floor", overflow="wrap"
        )
        part = reduce_by_kernel(name, raw, whole, axes, keepdims, piece, "move", fill)
        integers = storage.to_integers(part, piece).astype(object)
        total = np.asarray(total + integers * (1 << place), dtype=object)
    return total
