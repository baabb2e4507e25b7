"""Operands too large for any kernel: Python's own numbers, element by element."""

import math
import operator
from fractions import Fraction
from functools import partial

import numpy as np

from ..context import blocks, float_errors
from . import convert
from .operand import blockwise

_blockwise = partial(blockwise, size=blocks.OBJECTS)


@_blockwise
def clip(name, operands, result):
    """clip to two bounds; ``clip_low`` and ``clip_high`` to one."""
    choices = {"clip": (max, min), "clip_low": (max,), "clip_high": (min,)}[name]
    values, *bounds = _exact_values(operands)
    for bound, choose in zip(bounds, choices, strict=True):
        values = float_errors.mapped(choose, values, bound)
    return convert.from_numbers(values, result, "clip")


@_blockwise
def combine(name, operands, result, shown=None):
    """An operation of two operands; `shown` is what messages call it, where that isn't `name`."""
    x, y = _exact_values(operands)
    shown = shown or name
    if name in DIVISIONS and np.any(y == 0):
        never = name == "remainder" or shown == "divmod"
        if never or result.overflow in ("raise", "wrap") or np.any((x == 0) & (y == 0)):
            raise ZeroDivisionError(f"{shown}: division of a huge integer by 0")
    if name in BITWISE:
        # As integers at a binary point that all operands have in common.
        frac_bits = max([0] + [fmt.frac_bits for _, fmt in operands if fmt is not None])
        scale, function = 1 << frac_bits, BITWISE[name]

        def compute(a, b):
            return Fraction(function(int(a * scale), int(b * scale)), scale)
    else:
        compute = ARITHMETIC[name]
    return convert.from_numbers(float_errors.mapped(compute, x, y), result, shown)


def _exact_values(operands):
    return [raw if fmt is None else convert.to_fractions(raw, fmt) for raw, fmt in operands]


def _divide(x, y):
    return Fraction(x) / Fraction(y) if y else math.copysign(math.inf, x)


def _floor_divide(x, y):
    return Fraction(x) // Fraction(y) if y else math.copysign(math.inf, x)


DIVISIONS = ("divide", "floor_divide", "remainder")
BITWISE = {
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
}
ARITHMETIC = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": _divide,
    "floor_divide": _floor_divide,
    "remainder": operator.mod,
    "minimum": min,
    "maximum": max,
}
