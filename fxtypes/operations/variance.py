"""var and std: exact, rounded once."""

import math
from fractions import Fraction

import numpy as np

from ..format import read_numbers
from . import wide_integers
from .operand import Operand
from .reduced_axes import count_reduced, in_blocks_of_results, normalize_axes, result_shape
from .roots_and_quotients import ratio
from .sums_and_extremes import Fill, exact_pieces


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
    if fewest <= max(ddof, 0) and results:
        needs = "more than ddof" if ddof >= 0 else "one at least"
        raise ValueError(f"{name} of {fewest} elements with ddof={ddof}: it needs {needs}")
    fill = None if mask is None else Fill(mask, np.zeros((), raw.dtype))
    squares, sums = (
        exact_pieces(what, operand, axes, keepdims, fill) for what in ("squares", "sum")
    )
    numerators = wide_integers.difference(counts, squares, sums, sums)
    p, q = ddof.numerator, ddof.denominator
    divisors = wide_integers.split(counts * (counts * q - p))
    scale = wide_integers.split(q) if q > 1 else ()
    order = 2 if name == "std" else 1
    return ratio(name, (numerators, scale, divisors, ()), 2 * fmt.frac_bits, order, result)
