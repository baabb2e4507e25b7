"""var and std: exact, rounded once."""

import math
from fractions import Fraction

import numpy as np

from ..format import derived, read_numbers
from ..kernels import python_rounding
from .reduced_axes import by_results, normalize_axes
from .sums_and_extremes import exact_integers


def _variance(name, raw, fmt, axis, keepdims, result, ddof=0):
    return variance(name, raw, fmt, normalize_axes(axis, raw.ndim), keepdims, result, ddof)


def variance(name, raw, fmt, axes, keepdims, result, ddof=0, mask=None):
    """var and std of the elements that a mask names."""
    ddof = _ddof(name, ddof)

    def compute(arrays, axes, keepdims):
        return _variance_block(name, *arrays, fmt, axes, keepdims, result, ddof)

    return by_results(compute, [raw, mask], axes, keepdims, result)


def _variance_block(name, raw, mask, fmt, axes, keepdims, result, ddof):
    """(n * sum of squares - square of the sum) / (n * (n - ddof)), or its root."""
    n = math.prod(raw.shape[a] for a in axes)
    counts = n if mask is None else np.sum(mask, axis=axes, keepdims=keepdims, dtype=np.int64)
    given = np.asarray(counts).astype(object)
    fewest = min(given.reshape(-1), default=n)
    if fewest <= ddof:
        raise ValueError(f"{name} of {fewest} elements with ddof={ddof}: it needs more than ddof")
    fill = None if mask is None else (mask, np.zeros((), raw.dtype))
    squares, sums = (
        exact_integers(what, raw, fmt, axes, keepdims, n, fill) for what in ("squares", "sum")
    )
    numerators = np.asarray(given * squares - sums * sums, dtype=object)
    divisors = (
        count * (count - ddof) for count in np.broadcast_to(given, numerators.shape).reshape(-1)
    )
    guard = derived.guard_bits(result)
    point = result.frac_bits + guard
    finish = _root if name == "std" else _ratio
    values = (
        finish(v * divisor.denominator, divisor.numerator, fmt.frac_bits, point)
        for v, divisor in zip(numerators.reshape(-1), divisors, strict=True)
    )
    return python_rounding.finish(values, guard, result, name, numerators.shape)


def _ddof(name, ddof):
    number = read_numbers.exact_value(ddof)
    if isinstance(number, float):
        raise ValueError(f"{name}: ddof={ddof!r} is not finite")
    return Fraction(number)


def _ratio(numerator, divisor, frac_bits, point):
    """numerator / divisor * 2**(point - 2 * frac_bits) to odd."""
    shift = point - 2 * frac_bits
    quotient, rest = divmod(numerator << max(shift, 0), divisor << max(-shift, 0))
    return quotient | (rest != 0)


def _root(numerator, divisor, frac_bits, point):
    """sqrt(numerator / divisor) * 2**(point - frac_bits) to odd."""
    shift = 2 * (point - frac_bits)
    numerator, divisor = numerator << max(shift, 0), divisor << max(-shift, 0)
    root = math.isqrt(numerator // divisor)
    return root if root * root * divisor == numerator else root | 1
