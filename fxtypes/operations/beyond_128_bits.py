"""Operands too large for any kernel: Python's own numbers, element by element."""

import math
import operator
from fractions import Fraction
from functools import partial

import numpy as np

from ..context import blocks
from . import convert


@partial(blocks.blockwise, size=blocks.OBJECTS)
def clip_one_by_one(name, parts, result):
    choices = {"clip": (max, min), "clip_low": (max,), "clip_high": (min,)}[name]
    (exact, *bounds) = to_exact_values(parts)
    for bound, choose in zip(bounds, choices, strict=True):
        exact = np.frompyfunc(choose, 2, 1)(exact, bound)
    return convert.from_numbers(np.asarray(exact, dtype=object), result, "clip")


# -- integers beyond 128 bits -------------------------------------------------------------


def to_exact_values(parts):
    return [raw if fmt is None else convert.to_fractions(raw, fmt) for raw, fmt in parts]


@partial(blocks.blockwise, size=blocks.OBJECTS)
def one_by_one(name, parts, result, shown=None):
    """Operands too large for any kernel: Python's own numbers, element by element."""
    x, y = to_exact_values(parts)
    shown = shown or name
    if name in DIVISIONS and np.any(y == 0):
        never = name == "remainder" or shown == "divmod"
        if never or result.overflow in ("raise", "wrap") or np.any((x == 0) & (y == 0)):
            raise ZeroDivisionError(f"{shown}: division of a huge integer by 0")
    if name.startswith("bitwise"):
        point = max([0] + [fmt.frac_bits for _, fmt in parts if fmt is not None])
        function = BITWISE[name]

        def combine(a, b):
            return Fraction(function(int(a * (1 << point)), int(b * (1 << point))), 1 << point)
    else:
        combine = PYTHON[name]
    exact = np.frompyfunc(combine, 2, 1)(x, y)
    return convert.from_numbers(np.asarray(exact, dtype=object), result, shown)


def _ratio(x, y):
    return Fraction(x) / Fraction(y) if y else math.copysign(math.inf, x)


def _floor_ratio(x, y):
    return Fraction(x) // Fraction(y) if y else math.copysign(math.inf, x)


DIVISIONS = ("divide", "floor_divide", "remainder")
BITWISE = {
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
}
PYTHON = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": _ratio,
    "floor_divide": _floor_ratio,
    "remainder": operator.mod,
    "minimum": min,
    "maximum": max,
}
