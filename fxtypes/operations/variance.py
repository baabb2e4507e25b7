"""var and std: exact, rounded once."""

import math
from fractions import Fraction

import numpy as np

from ..format import derived, read_numbers
from ..kernels import python_rounding
from .operand import Operand
from .reduced_axes import count_reduced, in_blocks_of_results, normalize_axes, result_shape
from .sums_and_extremes import Fill, exact_integers


def variance(name, operand, axis, keepdims, result, ddof=0, mask=None):
    """var or std, of all elements or of those that a mask names, in storage of `result`."""
    raw, fmt = operand
    ddof = _exact_ddof(name, ddof)

    def compute(arrays, axes, keepdims):
        raw, mask = arrays
        return _variance_block(name, Operand(raw, fmt), axes, keepdims, result, ddof, mask)

    axes = normalize_axes(axis, raw.ndim)
    return in_blocks_of_results(compute, [raw, mask], axes, keepdims, result)


def _exact_ddof(name, ddof):
    number = read_numbers.exact_value(ddof)
    if isinstance(number, float):
        raise ValueError(f"{name}: ddof={ddof!r} is not finite")
    return Fraction(number)


def _variance_block(name, operand, axes, keepdims, result, ddof, mask):
    """(n * sum of squares - square of the sum) / (n * (n - ddof)), or its square root."""
    raw, fmt = operand
    n = count_reduced(raw.shape, axes)
    counts = n if mask is None else np.sum(mask, axis=axes, keepdims=keepdims, dtype=np.int64)
    counts = np.asarray(counts).astype(object)
    fewest = min(counts.reshape(-1), default=n)
    results = math.prod(result_shape(raw.shape, axes, False))
    if fewest <= ddof and results:
        raise ValueError(f"{name} of {fewest} elements with ddof={ddof}: it needs more than ddof")
    fill = None if mask is None else Fill(mask, np.zeros((), raw.dtype))
    squares, sums = (
        exact_integers(what, operand, axes, keepdims, fill) for what in ("squares", "sum")
    )
    numerators = np.asarray(counts * squares - sums * sums, dtype=object)
    divisors = (
        count * (count - ddof) for count in np.broadcast_to(counts, numerators.shape).reshape(-1)
    )
    guard = derived.guard_bits(result)
    out_bits = result.frac_bits + guard
    finish = _root_to_odd if name == "std" else _ratio_to_odd
    values = (
        finish(v * divisor.denominator, divisor.numerator, fmt.frac_bits, out_bits)
        for v, divisor in zip(numerators.reshape(-1), divisors, strict=True)
    )
    return python_rounding.finish(values, guard, result, name, numerators.shape)


def _ratio_to_odd(numerator, divisor, frac_bits, out_bits):
    """numerator / divisor * 2**(out_bits - 2 * frac_bits) to odd."""
    shift = out_bits - 2 * frac_bits
    quotient, rest = divmod(numerator << max(shift, 0), divisor << max(-shift, 0))
    return quotient | (rest != 0)


def _root_to_odd(numerator, divisor, frac_bits, out_bits):
    """sqrt(numerator / divisor) * 2**(out_bits - frac_bits) to odd."""
    shift = 2 * (out_bits - frac_bits)
    numerator, divisor = numerator << max(shift, 0), divisor << max(-shift, 0)
    root = math.isqrt(numerator // divisor)
    return root if root * root * divisor == numerator else root | 1
