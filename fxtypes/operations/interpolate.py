"""Piecewise linear functions of storage: integers, divided and rounded once."""

import math
from typing import Any, NamedTuple

import numpy as np

from ..context import blocks
from ..format import Format, derived, storage
from ..format.format import MAX_FRAC_BITS
from ..kernels import calls, plan, python_rounding
from . import sort_order, wide_integers


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
    compute : callable
        ``compute(curve, raw, places)`` makes the result of elements whose pieces are known.
    tables : tuple of numpy.ndarray
        In storage, what its kernels take of the columns.
    steps : tuple of Step
    """

    fmt: Format
    result: Format
    thresholds: Any
    columns: Any
    frac_bits: int
    compute: Any = None
    tables: Any = ()
    steps: Any = ()


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
    curve = Curve(fmt, result, thresholds, columns, fmt.frac_bits + shift, _by_python)
    return _with_kernels(curve, bits)


def _with_kernels(curve, bits):
    """A curve with the kernels' steps; as it is if 128 bits don't hold all that they compute."""
    fmt, result, _, columns, frac_bits, *_ = curve
    widths = [max(2, *(v.bit_length() + 1 for v in column)) for column in columns]
    product = bits + widths[0] + 1
    total = max(product, widths[1]) + 1
    divides = max(columns[2]) > 1
    if abs(frac_bits) > MAX_FRAC_BITS or max(widths) > 128:
        return curve
    if total > 128:
        return _word_by_word(curve, widths) if divides else _as_difference(curve, widths)
    formats = [Format(width, 0) for width in widths][: 3 if divides else 2]
    units = Format(fmt.width, 0, fmt.signed)
    products, sums = (derived.floor_wrap(Format(n, 0)) for n in (product, total))
    scaled = derived.with_frac_bits(sums, frac_bits)
    steps = (
        plan.elementwise("multiply", (units, formats[0]), products, "move"),
        plan.elementwise("add", (products, formats[1]), sums, "move"),
        plan.elementwise("divide", (scaled, formats[2]), result, "interp")
        if divides
        else plan.elementwise("convert", (scaled,), result, "interp"),
    )
    return _taking(curve, _in_steps, steps, columns[: len(formats)], formats)


def _taking(curve, compute, steps, columns, formats):
    tables = tuple(
        storage.from_integers(column, fmt) for column, fmt in zip(columns, formats, strict=True)
    )
    return curve._replace(compute=compute, steps=steps, tables=tables)


def _as_difference(curve, widths):
    """A curve of one step: x * factor - 1 * -offset, of operands of two formats."""
    factors = Format(max(widths[:2]), 0)
    units = Format(curve.fmt.width, curve.frac_bits, curve.fmt.signed)
    step = plan.difference_of_products((units, factors) * 2, curve.result, "interp")
    columns = curve.columns[0], -curve.columns[1]
    return _taking(curve, _in_one_step, (step,), columns, (factors, factors))


def _word_by_word(curve, widths):
    """A curve of 128-bit elements x, of which both words are multiplied.

    x * factor + offset is high * 2**64 + low for high = x's high word * factor; with the quotient
    and the rest of `high`, (rest * 2**64 + low) / divisor is rounded to odd, the quotient, an even
    multiple of its last bit, is added, and all is rounded once.
    """
    fmt, result, _, columns, frac_bits, *_ = curve
    odd_bits = max(result.frac_bits + derived.guard_bits(result), frac_bits - 63)
    largest = quotient = 0
    for factor, offset, divisor in zip(*columns, strict=True):
        low = (abs(factor) + divisor << 64) + abs(offset)
        largest, quotient = max(largest, low), max(quotient, low // divisor + 1)
    quotient <<= max(odd_bits - frac_bits, 0)
    if (
        storage.dtype(fmt).itemsize < 16
        or max(widths[0], widths[2]) > 62
        or max(largest, quotient).bit_length() > 126
        or abs(odd_bits) > MAX_FRAC_BITS
    ):
        return curve
    factor, offset, divisor = formats = [Format(width, 0) for width in widths]
    wide, rest = derived.floor_wrap(derived.WIDEST), derived.floor_wrap(divisor)
    odd = wide.replace(frac_bits=odd_bits, rounding="odd")
    scaled = derived.with_frac_bits(wide, frac_bits)
    steps = (
        plan.elementwise("multiply", (Format(64, 0, fmt.signed), factor), wide, "move"),
        plan.elementwise("floor_divide", (wide, divisor), wide, "move"),
        plan.elementwise("remainder", (wide, divisor), rest, "move"),
        plan.elementwise("multiply", (Format(64, 0, False), factor), wide, "move"),
        plan.linear_combination(((1, 64), (1, 0), (1, 0)), (rest, wide, offset), wide, "move"),
        plan.elementwise("divide", (scaled, divisor), odd, "move"),
        plan.linear_combination(((1, 64), (1, 0)), (scaled, odd), result, "interp"),
    )
    return _taking(curve, _in_words, steps, columns, formats)


def evaluate(curve, raw):
    """The function of storage, each element rounded once, in storage of the curve's result."""

    def block(raw):
        places = sort_order.searchsorted(curve.thresholds, raw, curve.fmt, "right", None)
        return curve.compute(curve, raw, places)

    size = blocks.OBJECTS if curve.compute is _by_python else None
    return blocks.run(block, [raw], curve.result, size=size)


def _of_pieces(curve, places):
    return [np.asarray(table[places]) for table in curve.tables]


def _in_steps(curve, raw, places):
    factors, offsets, *divisors = _of_pieces(curve, places)
    multiply, add, finish = curve.steps
    found = calls.elementwise(add, (calls.elementwise(multiply, (raw, factors)), offsets))
    return calls.elementwise(finish, (found, *divisors))


def _in_one_step(curve, raw, places):
    factors, offsets = _of_pieces(curve, places)
    one = storage.from_integers(np.array(1, object), curve.fmt)
    return calls.elementwise(curve.steps[0], (raw, factors, one, offsets))


def _in_words(curve, raw, places):
    factors, offsets, divisors = _of_pieces(curve, places)
    multiply_high, quotient, rest, multiply_low, add, divide, finish = curve.steps
    low, high = storage.halves(raw, curve.fmt.signed)
    high = calls.elementwise(multiply_high, (high, factors))
    rests = calls.elementwise(rest, (high, divisors))
    low = calls.elementwise(add, (rests, calls.elementwise(multiply_low, (low, factors)), offsets))
    low = calls.elementwise(divide, (low, divisors))
    return calls.elementwise(finish, (calls.elementwise(quotient, (high, divisors)), low))


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
