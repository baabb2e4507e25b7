"""Elementwise operations that the kernels compute."""

import numpy as np

from ..context import blocks
from ..elementary import evaluate
from ..format import derived, storage
from ..kernels import calls, plan
from . import convert, operands
from .beyond_128_bits import clip_one_by_one, one_by_one


def constant(value, dtype, fmt):
    """A raw value as 0-d storage."""
    if fmt is None:
        return np.array(value, dtype)
    raw = value if value is not None else -1 if fmt.signed else fmt.raw_max
    return storage.from_integers(np.array(raw, object), fmt)


# -- what computes ------------------------------------------------------------------------


def combine(name, parts, result, shown=None):
    """The kernels do it; operands too large for them go one by one.

    `shown`: what events and messages call it, where that is not `name`.
    """
    formats = tuple(fmt for _, fmt in parts)
    if None in formats:
        return one_by_one(name, parts, result, shown=shown)
    step = plan.elementwise(name, formats, result, shown)
    return calls.elementwise(step, tuple(raw for raw, _ in parts))


def square(name, parts, result):
    ((raw, fmt),) = parts
    return calls.elementwise(plan.elementwise("multiply", (fmt, fmt), result, name), (raw, raw))


def invert(name, parts, result):
    ((raw, fmt),) = parts
    step = plan.elementwise("bitwise_xor", (fmt, fmt), result, name)
    return calls.elementwise(step, (raw, constant(None, raw.dtype, fmt)))


def quotient(name, parts, result):
    return combine("floor_divide", parts, result, name)


def remainder(name, parts, result):
    return combine("remainder", parts, result, name)


@blocks.blockwise
def sign(name, parts, result):
    ((raw, fmt),) = parts
    small = derived.floor_wrap(derived.TINY)
    zero = np.zeros((), np.int8)
    above, below = (
        calls.elementwise(plan.comparison(which, fmt, small), (raw, zero)).view(np.int8)
        for which in ("greater", "less")
    )
    return convert.cast(np.asarray(above - below), small, result, name)


@blocks.blockwise
def shift(name, parts, result):
    """raw * 2**count, or 2**-count for ``right_shift``, rounded and overflowed once."""
    (raw, fmt), (counts, _) = parts
    right = name == "right_shift"
    counts = operands.bounded(counts)
    if counts.ndim == 0 and abs(int(counts)) <= plan.ONE_SHIFT:
        n = int(counts)
        return calls.elementwise(plan.one_shift(name, fmt, -n if right else n, result), (raw,))
    counts = -counts if right else counts
    step, lowest, highest = plan.shift(name, fmt, result)
    if result.overflow == "raise" and (counts > highest).any():
        step, lowest, highest = plan.shift(name, fmt, result, far=True)
    clamped = np.minimum(np.maximum(counts, lowest), highest)
    return calls.elementwise(step, (raw, np.asarray(clamped - lowest)))


def clip(name, parts, result):
    has_low = name != "clip_high"
    formats = tuple(fmt for _, fmt in parts)
    if None in formats:
        return clip_one_by_one(name, parts, result)
    return calls.elementwise(plan.clip(formats, has_low, result), tuple(raw for raw, _ in parts))


def elementary(name, parts, result, mask=None):
    ((raw, fmt),) = parts
    return evaluate.evaluate(name, raw, fmt, result, mask)


def linear_combination(coefficients, parts, result):
    """The exact sum of coefficient * array, rounded once; coefficients (mantissa, exponent)."""
    step = plan.linear_combination(coefficients, tuple(fmt for _, fmt in parts), result)
    return calls.elementwise(step, tuple(raw for raw, _ in parts))
