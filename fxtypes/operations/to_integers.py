"""floor, ceil, trunc and round: to whole numbers or decimals exactly, then into the format."""

import operator
from fractions import Fraction
from functools import lru_cache

import numpy as np

from ..context import blocks
from ..format import Format, storage
from ..kernels import calls, plan
from . import convert

ROUNDINGS = {"floor": "floor", "ceil": "ceil", "trunc": "toward_zero"}

_COARSEST = -200  # no format holds half of 10**200: all of these give 0


@blocks.blockwise
def to_integer(name, parts, result):
    """The whole number below, above or toward zero, rounded once into `result`."""
    return _to_integer(name, parts, result, ROUNDINGS[name])


@blocks.blockwise
def round(name, parts, result, decimals=0):
    """The nearest multiple of 10**-decimals, ties to the even one, rounded once into `result`."""
    ((raw, fmt),) = parts
    if decimals == 0:
        return _to_integer(name, parts, result, "nearest_even")
    if decimals > 0 and decimals >= fmt.frac_bits:  # every element is such a multiple
        return convert.cast(raw, fmt, result, name)
    decimals = max(decimals, _COARSEST)
    power = 10 ** abs(decimals)
    if power.bit_length() <= 63 and fmt.int_bits + power.bit_length() + 1 <= 128:
        scale = Format(power.bit_length() + 1, 0)
        factor = storage.from_integers(np.array(power, object), scale)
        multiple = Format(128, 0, rounding="nearest_even", overflow="wrap")
        up, down = ("multiply", "divide") if decimals > 0 else ("divide", "multiply")
        step = plan.elementwise(up, (fmt, scale), multiple, "move")
        raw = calls.elementwise(step, (raw, factor))
        return calls.elementwise(plan.elementwise(down, (multiple, scale), result, name),
                                   (raw, factor))  # fmt: skip
    return convert.from_numbers(_decimals(raw, fmt, decimals), result, name)


def _to_integer(name, parts, result, rounding):
    ((raw, fmt),) = parts
    if fmt.frac_bits > 0:
        meeting = _integer_format(fmt, rounding)
        raw, fmt = convert.cast(raw, fmt, meeting, "move"), meeting
    return convert.cast(raw, fmt, result, name)


@lru_cache(256)
def _integer_format(fmt, rounding):
    """One bit more than the whole part has: the ceiling of the highest value."""
    return Format(max(2, fmt.int_bits + 1), 0, fmt.signed, rounding, "wrap")


def _decimals(raw, fmt, decimals):
    unit = Fraction(10) ** -decimals
    nearest = np.frompyfunc(lambda x: operator.index((x / unit).__round__()) * unit, 1, 1)
    return np.asarray(nearest(convert.to_fractions(raw, fmt)), dtype=object)
