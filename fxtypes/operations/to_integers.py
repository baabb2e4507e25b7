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
        scale = Format(power.bit_length() + 1, 0)
        factor = storage.from_integers(np.array(power, object), scale)
        multiple = Format(128, 0, rounding="nearest_even", overflow="wrap")
        there, back = ("multiply", "divide") if decimals > 0 else ("divide", "multiply")
        step = plan.elementwise(there, (fmt, scale), multiple, "move")
        multiples = calls.elementwise(step, (raw, factor))
        step = plan.elementwise(back, (multiple, scale), result, name)
        return calls.elementwise(step, (multiples, factor))
    return convert.from_numbers(_nearest_decimals(raw, fmt, decimals), result, name)


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
