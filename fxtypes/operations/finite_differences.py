"""n-th differences along an axis, exact and rounded once: sums with binomial coefficients."""

import math
from fractions import Fraction

import numpy as np

from ..context import context
from ..format import derived, storage
from ..kernels import calls, plan
from . import convert
from .operand import Operand

_TERMS = 8  # the most that one kernel sums


def finite_differences(raw, fmt, times, axis, format, name="diff"):
    """n-th differences along an axis: (storage, its format).

    Parameters
    ----------
    raw : numpy.ndarray
    fmt : Format
    times : int
        n.
    axis : int
        From 0 to ``raw.ndim - 1``.
    format : Format or None
        The result's; None: `fmt`, or a wider one in full precision.
    name : str
        What events and messages call the operation.
    """
    result = format
    if result is None:
        result = fmt
        if context.current_context().full_precision:
            for _ in range(times):
                result = derived.grown("subtract", [result])
    times = min(times, raw.shape[axis])  # so many leave no elements
    if times == 0:
        return convert.cast(raw, fmt, result, name), result
    # More terms: exact differences of a lower order first, as long as a format holds them.
    while times >= _TERMS and fmt.width + _TERMS <= 128:
        wide = derived.floor_wrap(fmt).replace(width=fmt.width + _TERMS - 1, signed=True)
        raw = _difference(Operand(raw, fmt), _TERMS - 1, axis, wide, "move")
        fmt, times = wide, times - _TERMS + 1
    if times < _TERMS:
        return _difference(Operand(raw, fmt), times, axis, result, name), result
    values = storage.to_integers(raw, fmt).astype(object)
    for _ in range(times):
        before, after = _neighbours(values, 1, axis)
        values = np.asarray(after - before, dtype=object)
    values = np.asarray(values * Fraction(2) ** -fmt.frac_bits, dtype=object)
    return convert.from_numbers(values, result, name), result


def _neighbours(raw, times, axis):
    """The n + 1 elements that each of the n-th differences is made of, first to last: views."""
    n, lead = raw.shape[axis] - times, (slice(None),) * axis
    return [raw[(*lead, slice(start, start + n))] for start in range(times + 1)]


def _difference(operand, times, axis, result, name):
    """n-th differences by one kernel, n below `_TERMS`."""
    raw, fmt = operand
    terms = _neighbours(raw, times, axis)
    if times == 1:
        step = plan.elementwise("subtract", (fmt, fmt), result, name)
        return calls.elementwise(step, (terms[1], terms[0]))
    weights = [((-1) ** (times - i) * math.comb(times, i), 0) for i in range(times + 1)]
    step = plan.linear_combination(tuple(weights), (fmt,) * len(terms), result, name)
    return calls.elementwise(step, tuple(terms))
