"""Piecewise linear functions of storage: integers, divided and rounded once."""

import math
from typing import Any, NamedTuple

import numpy as np

from ..context import blocks
from ..format import Format, derived, storage
from ..kernels import calls, plan, python_rounding
from . import sort_order, wide_integers

_LARGEST_SHIFT = 256  # of a format's binary point


class Curve(NamedTuple):
    """A piecewise linear function of a format's raw integers, planned.

    Attributes
    ----------
    fmt, result : Format
    thresholds : numpy.ndarray
        Storage of `fmt`, ascending: as many of them as don't exceed an element number its piece.
    columns : tuple of numpy.ndarray
        Objects: the factor, the offset and the divisor of each piece.
    frac_bits : int
        Of (factor * x + offset) / divisor.
    tables : tuple of numpy.ndarray
        In storage, what kernels take of the columns.
    steps : tuple of Step
        Product and sum, and what makes the result of it; or one that does all. None: no kernel.
    """

    fmt: Format
    result: Format
    thresholds: Any
    columns: Any
    frac_bits: int
    tables: Any
    steps: Any


def planned(knots, pieces, fmt, bits, result):
    """The plan of a function.

    Parameters
    ----------
    knots : sequence of int or Fraction
        Ascending.
    pieces : list of (Fraction, Fraction)
        Slopes and offsets before the first knot, from each to the next, at the last one, and
        behind it.
    fmt : Format
        The elements'.
    bits : int
        Which hold each of them, the sign included.
    result : Format
    """
    unit = 1 / fmt.resolution
    thresholds = [math.ceil(knot * unit) for knot in knots] + [math.floor(knots[-1] * unit) + 1]
    reached = [max(t, fmt.raw_min) for t in thresholds if t <= fmt.raw_max]
    thresholds = storage.from_integers(np.array(reached, object), fmt)
    pieces = [(slope, offset * unit) for slope, offset in pieces]
    divisors = [math.lcm(slope.denominator, offset.denominator) for slope, offset in pieces]
    # What all have in common is the binary point; powers of two it can be for all.
    zeros = [(d & -d).bit_length() - 1 for d in divisors]
    dyadic = all(d == 1 << n for d, n in zip(divisors, zeros, strict=True))
    shift = max(zeros) if dyadic else min(zeros)
    if dyadic:
        divisors = [1 << shift] * len(divisors)
    columns = tuple(
        np.array(column, object)
        for column in (
            [int(slope * d) for (slope, _), d in zip(pieces, divisors, strict=True)],
            [int(offset * d) for (_, offset), d in zip(pieces, divisors, strict=True)],
            [d >> shift for d in divisors],
        )
    )
    curve = Curve(fmt, result, thresholds, columns, fmt.frac_bits + shift, None, None)
    return _with_kernels(curve, bits)


def _with_kernels(curve, bits):
    """A curve with the kernels' steps; as it is if 128 bits don't hold all that they compute."""
    fmt, result, _, columns, frac_bits, _, _ = curve
    widths = [max(2, *(v.bit_length() + 1 for v in column)) for column in columns]
    product = bits + widths[0] + 1
    total = max(product, widths[1]) + 1
    divides = max(columns[2]) > 1
    if abs(frac_bits) > _LARGEST_SHIFT or max(widths) > 128 or (divides and total > 128):
        return curve
    units = Format(fmt.width, 0, fmt.signed)
    if total > 128:
        # x * factor - 1 * -offset, of operands of two formats
        factor = Format(max(widths[:2]), 0)
        tables = columns[0], -columns[1]
        points = derived.with_frac_bits(units, frac_bits), factor
        steps = (plan.difference_of_products("interp", *points, result),)
        formats = factor, factor
    else:
        tables = columns if divides else columns[:2]
        formats = [Format(width, 0) for width in widths]
        products, sums = (derived.floor_wrap(Format(n, 0)) for n in (product, total))
        scaled = derived.with_frac_bits(sums, frac_bits)
        steps = (
            plan.elementwise("multiply", (units, formats[0]), products, "move"),
            plan.elementwise("add", (products, formats[1]), sums, "move"),
            plan.elementwise("divide", (scaled, formats[2]), result, "interp")
            if divides
            else plan.elementwise("convert", (scaled,), result, "interp"),
        )
    tables = tuple(
        storage.from_integers(column, of) for column, of in zip(tables, formats, strict=False)
    )
    return curve._replace(tables=tables, steps=steps)


def evaluate(curve, raw):
    """The function of storage, each element rounded once, in storage of the curve's result."""
    size = None if curve.steps else blocks.OBJECTS
    return blocks.run(lambda raw: _block(curve, raw), [raw], curve.result, size=size)


def _block(curve, raw):
    places = sort_order.searchsorted(curve.thresholds, raw, curve.fmt, "right", None)
    if curve.steps is None:
        return _by_python(curve, raw, places)
    parts = [np.asarray(table[places]) for table in curve.tables]
    if len(curve.steps) == 1:
        one = storage.from_integers(np.array(1, object), curve.fmt)
        return calls.elementwise(curve.steps[0], (raw, parts[0], one, parts[1]))
    multiply, add, finish = curve.steps
    found = calls.elementwise(add, (calls.elementwise(multiply, (raw, parts[0])), parts[1]))
    return calls.elementwise(finish, (found, *parts[2:]))


def _by_python(curve, raw, places):
    """A block in Python's integers."""
    factors, offsets, divisors = (column[places] for column in curve.columns)
    numerators = np.asarray(wide_integers.to_python(raw, curve.fmt) * factors + offsets, object)
    guard = derived.guard_bits(curve.result)
    shift = curve.result.frac_bits + guard - curve.frac_bits
    up, down = max(shift, 0), max(-shift, 0)

    def to_odd(pair):
        quotient, rest = divmod(pair[0] << up, pair[1] << down)
        return quotient | (rest != 0)

    pairs = zip(numerators.flat, np.asarray(divisors, object).flat, strict=True)
    values = map(to_odd, pairs)
    return python_rounding.finish(values, guard, curve.result, "interp", raw.shape)
