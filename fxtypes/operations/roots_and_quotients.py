"""Roots and quotients of exact sums, each rounded once from the exact value."""

import math
from fractions import Fraction

import numpy as np

from ..context import blocked_operation, blocks
from ..format import derived, many_axes, read_numbers, storage
from ..kernels import calls, plan, python_rounding
from . import wide_integers


def ratio(name, factors, frac_bits, order, result):
    """a * b / (c * d) * 2**-frac_bits, or the root of its magnitude with the sign of a.

    Parameters
    ----------
    name : str
        What events and messages call it.
    factors : tuple of tuple of Operand
        Integers a, b, c, d that broadcast, as `wide_integers.pieces` has them; of no pieces 1. No
        c or d is 0.
    frac_bits : int
    order : int
        2: the root. Then b, c and d have the sign that makes it one.
    result : Format

    Returns
    -------
    numpy.ndarray
        Storage of the format `result`.
    """
    formats = tuple([tuple([fmt for _, fmt in parts]) for parts in factors])
    in_storage = all(None not in parts for parts in formats)
    step = plan.ratio(name, formats, frac_bits, order, result) if in_storage else None
    if step is not None:
        return calls.elementwise(step, tuple([raw for parts in factors for raw, _ in parts]))
    a, b, c, d = (wide_integers.added_up(parts) if parts else 1 for parts in factors)
    numerators, divisors = np.asarray(a * b, object), np.asarray(c * d, object)
    shape = many_axes.broadcast_shapes(numerators.shape, divisors.shape, np.shape(a))
    guard = derived.guard_bits(result)
    shift = order * (result.frac_bits + guard) - frac_bits
    to_odd = _root_of_ratio_to_odd if order == 2 else _ratio_to_odd
    signs = np.asarray(np.sign(a), object)
    values = (
        to_odd(*numbers, shift)
        for numbers in zip(
            *(many_axes.flat(np.broadcast_to(x, shape)) for x in (numerators, divisors, signs)),
            strict=True,
        )
    )
    return python_rounding.finish(values, guard, result, name, shape)


def _ratio_to_odd(numerator, divisor, _sign, shift):
    """numerator / divisor * 2**shift to odd."""
    quotient, rest = divmod(numerator << max(shift, 0), divisor << max(-shift, 0))
    return quotient | (rest != 0)


def _root_of_ratio_to_odd(numerator, divisor, sign, shift):
    """The root of numerator / divisor * 2**shift to odd, times a sign."""
    numerator, divisor = numerator << max(shift, 0), divisor << max(-shift, 0)
    root = math.isqrt(numerator // divisor)
    return sign * (root if root * root * divisor == numerator else root | 1)


def root_of_squares(coefficients, operands, result):
    """The root of the exact sum of coefficient * array**2, rounded once.

    Parameters
    ----------
    coefficients : tuple of (int, int)
        Each is mantissa * 2**exponent: (mantissa, exponent).
    operands : list of Operand
    result : Format
    """
    raws, formats = [raw for raw, _ in operands], tuple([fmt for _, fmt in operands])
    step = plan.root_of_squares(coefficients, formats, result)
    if step is not None:
        return calls.elementwise(step, tuple(raws))
    name = "root_of_squares"
    squares = [fmt.frac_bits * 2 for fmt in formats]
    factors, frac_bits = _aligned(coefficients, squares)
    guard = derived.guard_bits(result)
    shift = 2 * (result.frac_bits + guard) - frac_bits

    def value(index, shape, elements):
        total = sum(c * x * x for c, x in zip(factors, elements, strict=True))
        if total < 0:
            raise ValueError(_negative(name, total, frac_bits, index, shape))
        return _root_to_odd(total, shift)

    return _one_by_one(name, value, raws, formats, result)


def combination_with_quotient(coefficients, operands, result):
    """A sum, and factor * numerator / (max(divisor, its unit) + offset), exact and rounded once.

    Parameters
    ----------
    coefficients : tuple of (int, int)
        As for `root_of_squares`: the terms', the factor, the offset.
    operands : list of Operand
        The terms, the numerator, the divisor.
    result : Format
    """
    raws, formats = [raw for raw, _ in operands], tuple([fmt for _, fmt in operands])
    step = plan.combination_with_quotient(coefficients, formats, result)
    if step is not None:
        return calls.elementwise(step, tuple(raws))
    *terms, (numerator, up), (offset, offset_up) = coefficients
    *term_formats, over, under = formats
    factors, frac_bits = _aligned(terms, [fmt.frac_bits for fmt in term_formats])
    (unit, offset), divisor_bits = _aligned(((1, 0), (offset, offset_up)), (under.frac_bits, 0))
    # sum / 2**frac_bits + numerator / divisor * 2**-quotient_bits
    quotient_bits = over.frac_bits - up - divisor_bits
    scale, numerator = (
        (1, numerator << frac_bits - quotient_bits)
        if frac_bits >= quotient_bits
        else (1 << quotient_bits - frac_bits, numerator)
    )
    shift = result.frac_bits + derived.guard_bits(result) - max(frac_bits, quotient_bits)

    def value(index, shape, elements):
        *xs, m, r = elements
        divisor = max(r, 1) * unit + offset
        total = sum(c * x for c, x in zip(factors, xs, strict=True)) * scale
        quotient, rest = divmod(
            total * divisor + numerator * m << max(shift, 0), divisor << max(-shift, 0)
        )
        return quotient | (rest != 0)

    return _one_by_one("combination_with_quotient", value, raws, formats, result)


def _one_by_one(name, value, raws, formats, result):
    """Elements of Python's integers; ``value(index, shape, elements)`` makes one, to odd."""

    def work(*raws):
        shape = many_axes.broadcast_shapes(*(raw.shape for raw in raws))
        columns = [
            storage.integers(np.broadcast_to(raw, shape), fmt)
            for raw, fmt in zip(raws, formats, strict=True)
        ]
        values = (
            value(index, shape, elements)
            for index, elements in enumerate(zip(*columns, strict=True))
        )
        return python_rounding.finish(values, derived.guard_bits(result), result, name, shape)

    return blocks.run(work, raws, result, in_c_order=True, size=blocks.OBJECTS)


def _aligned(coefficients, frac_bits):
    """Integer factors of raw integers of so many fraction bits, and the sum's fraction bits."""
    pairs = list(zip(coefficients, frac_bits, strict=True))
    bits = max((f - e for (m, e), f in pairs if m), default=0)
    return [m << bits - f + e if m else 0 for (m, e), f in pairs], bits


def _root_to_odd(total, shift):
    """sqrt(total * 2**shift) to odd, the shift of either sign."""
    scaled = total << shift if shift >= 0 else total >> -shift
    root = math.isqrt(scaled)
    exact = root * root == scaled and (shift >= 0 or scaled << -shift == total)
    return root if exact else root | 1


def _negative(name, total, frac_bits, index, shape):
    value = read_numbers.show(total * Fraction(2) ** -frac_bits)
    indices = blocked_operation.index_in_result(index, shape)
    return f"{name}: the sum is negative, {value}{f' at index {indices}' if indices else ''}"
