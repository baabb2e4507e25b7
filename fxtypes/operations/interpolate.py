"""Piecewise linear functions by kernels: integers, divided and rounded once."""

import math
from fractions import Fraction

import numpy as np

from ..context import blocks
from ..format import Format, storage
from ..kernels import calls, plan
from . import convert

_LARGEST_SHIFT = 256  # of a format's binary point


def by_kernels(x, places, pieces, result):
    """(slope * x + offset) of each element's piece, rounded once; None: 128 bits don't hold it.

    Parameters
    ----------
    x : Operand
    places : numpy.ndarray of int
        For each element of `x`, which piece is its own.
    pieces : list of (Fraction, Fraction)
        Slopes and offsets.
    result : Format
    """
    raw, fmt = x
    divisors = [math.lcm(slope.denominator, offset.denominator) for slope, offset in pieces]
    # What all have in common is the binary point.
    shift = min((d & -d).bit_length() - 1 for d in divisors)
    places_of_unit = fmt.frac_bits + shift
    unit = Fraction(2) ** fmt.frac_bits
    factors = [int(slope * d) for (slope, _), d in zip(pieces, divisors, strict=True)]
    offsets = [offset * d * unit for (_, offset), d in zip(pieces, divisors, strict=True)]
    if abs(places_of_unit) > _LARGEST_SHIFT or any(v.denominator != 1 for v in offsets):
        return None
    columns = factors, [int(v) for v in offsets], [d >> shift for d in divisors]
    widths = [max(2, *(v.bit_length() + 1 for v in column)) for column in columns]
    product = fmt.width + widths[0] + 1
    total = max(product, widths[1]) + 1
    if max(total, *widths) > 128:
        return None
    units = Format(fmt.width, 0, fmt.signed)
    factor, offset, divisor = (Format(width, 0) for width in widths)
    tables = [
        storage.from_integers(np.array(column, object), of)
        for column, of in zip(columns, (factor, offset, divisor), strict=True)
    ]
    products, sums = Format(product, 0), Format(total, 0)
    multiply = plan.elementwise("multiply", (units, factor), products, "move")
    add = plan.elementwise("add", (products, offset), sums, "move")
    scaled = Format(total, places_of_unit)
    divides = max(columns[2]) > 1
    step = plan.elementwise("divide", (scaled, divisor), result, "interp") if divides else None

    def work(raw, places):
        found = calls.elementwise(multiply, (raw, np.asarray(tables[0][places])))
        found = calls.elementwise(add, (found, np.asarray(tables[1][places])))
        if step is None:
            return convert.cast(found, scaled, result, "interp")
        return calls.elementwise(step, (found, np.asarray(tables[2][places])))

    return blocks.run(work, [raw, places], result)
