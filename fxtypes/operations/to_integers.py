"""floor, ceil, trunc and round: to integers or decimals exactly, then into the result's format."""

import operator
from fractions import Fraction
from functools import lru_cache

import numpy as np

from ..context import float_errors
from ..format import Format, storage
from ..kernels import calls, plan
from . import convert
from .operand import blockwise

ROUNDINGS = {"floor": "floor", "ceil": "ceil", "trunc": "toward_zero"}  # each one's mode

_COARSEST = -200  # no format holds half of 10**200: all of these give 0


@blockwise
def to_integer(name, operands, result):
    """The integer below, above or toward zero, rounded once into `result`."""
    return _to_integer(name, operands, result, ROUNDINGS[name])


@blockwise
def round(name, operands, result, decimals=0):
    """The nearest multiple of 10**-decimals, ties to the even one, rounded once into `result`."""
    ((raw, fmt),) = operands
    if decimals == 0:
        return _to_integer(name, operands, result, "nearest_even")
    if decimals > 0 and decimals >= fmt.frac_bits:  # every element is such a multiple
        return convert.cast(raw, fmt, result, name)
    decimals = max(decimals, _COARSEST)
    power = 10 ** abs(decimals)
    if power.bit_length() <= 63 and fmt.int_bits + power.bit_length() + 1 <= 128:
        # Scaled by the power of ten, rounded to an integer, and scaled back.
        there, factor, back, factor_back = _scalings(name, fmt, result, decimals)
        return calls.elementwise(back, (calls.elementwise(there, (raw, factor)), factor_back))
    return convert.from_numbers(_nearest_decimals(raw, fmt, decimals), result, name)


@lru_cache(256)
def _scalings(name, fmt, result, decimals):
    """The two steps of rounding to decimals, each with its factor.

    The integers in between and the factors are as wide as what else a step has, where they can be,
    and a factor has the result's binary point: that is what the quick loops take.
    """
    power = 10 ** abs(decimals)
    factor_bits = power.bit_length() + 1

    def factor(width, places=0):
        scale = Format(max(factor_bits + places, width), places)
        return scale, storage.from_integers(np.array(power << places, object), scale)

    bits = fmt.int_bits + (factor_bits if decimals > 0 else 1)
    size = 8 * storage.dtype(result if decimals > 0 else fmt).itemsize  # of what is divided
    multiple = Format(max(bits, size // 2 + 1), 0, rounding="nearest_even", overflow="wrap")
    # A quotient is shifted by few bits where the binary points of both agree.
    places = min(max(fmt.frac_bits, 0), size - factor_bits) if decimals < 0 else 0
    divisor, over = factor(size, max(places, 0))
    if decimals > 0:
        scale, times = factor(2)
        there = plan.elementwise("multiply", (fmt, scale), multiple, "move")
        return there, times, plan.elementwise("divide", (multiple, divisor), result, name), over
    scale, times = factor(2, min(max(result.frac_bits, 0), 128 - factor_bits))
    there = plan.elementwise("divide", (fmt, divisor), multiple, "move")
    return there, over, plan.elementwise("multiply", (multiple, scale), result, name), times


def _to_integer(name, operands, result, rounding):
    ((raw, fmt),) = operands
    if fmt.frac_bits > 0:
        integer = _integer_format(fmt, rounding)
        raw, fmt = convert.cast(raw, fmt, integer, "move"), integer
    return convert.cast(raw, fmt, result, name)


@lru_cache(256)
def _integer_format(fmt, rounding):
    """The format of the integers: one bit more than `int_bits`, for the ceiling of the highest."""
    return Format(max(2, fmt.int_bits + 1), 0, fmt.signed, rounding, "wrap")


def _nearest_decimals(raw, fmt, decimals):
    """The nearest multiples as Fractions, for powers of ten that no kernel takes."""
    unit = Fraction(10) ** -decimals

    def nearest(x):
        return operator.index((x / unit).__round__()) * unit

    return float_errors.mapped(nearest, convert.to_fractions(raw, fmt))
