"""n-th differences along an axis."""

import math
from fractions import Fraction

import numpy as np

from ..context import context
from ..format import derived, storage
from ..kernels import calls, plan
from . import convert


def finite_differences(raw, fmt, times, axis, format, name="diff"):
    """n-th differences along an axis: (storage, its format)."""
    result = format
    if result is None:
        result = fmt
        if context.current.get().full_precision:
            for _ in range(times):
                result = derived.grown("subtract", [result])
    times = min(times, raw.shape[axis])  # nothing is left then
    if times == 0:
        return convert.cast(raw, fmt, result, name), result
    while times >= _TERMS and fmt.width + _TERMS <= 128:
        wide = derived.floor_wrap(fmt).replace(width=fmt.width + _TERMS - 1, signed=True)
        raw = _weighted(raw, fmt, _TERMS - 1, axis, wide, "move")
        fmt, times = wide, times - _TERMS + 1
    if times < _TERMS:
        return _weighted(raw, fmt, times, axis, result, name), result
    exact = storage.to_integers(raw, fmt).astype(object)
    for _ in range(times):
        before, after = _neighbours(exact, 1, axis)
        exact = np.asarray(after - before, dtype=object)
    exact = np.asarray(exact * Fraction(2) ** -fmt.frac_bits, dtype=object)
    return convert.from_numbers(exact, result, name), result


_TERMS = 8  # of one kernel's sum


def _neighbours(raw, times, axis):
    """The elements that make up one of the n-th differences, first to last: views."""
    n, lead = raw.shape[axis] - times, (slice(None),) * axis
    return [raw[(*lead, slice(start, start + n))] for start in range(times + 1)]


def _weighted(raw, fmt, times, axis, result, name):
    """n-th differences as sums with binomial coefficients: no differences in between."""
    terms = _neighbours(raw, times, axis)
    if times == 1:
        step = plan.elementwise("subtract", (fmt, fmt), result, name)
        return calls.elementwise(step, (terms[1], terms[0]))
    weights = [((-1) ** (times - i) * math.comb(times, i), 0) for i in range(times + 1)]
    step = plan.linear_combination(tuple(weights), (fmt,) * len(terms), result, name)
    return calls.elementwise(step, tuple(terms))
