"""Differences and slopes along an axis, exact and rounded once."""

import math
from fractions import Fraction
from functools import partial

import numpy as np

from ..context import context
from ..format import Format, derived, storage
from ..format.format import MAX_FRAC_BITS
from ..kernels import calls, plan, products
from . import boxes, convert, weighted_sums
from .operand import Operand

_TERMS = 8  # the most that one kernel sums
_EDGES = {1: (-2, 2), 2: (-3, 4, -1)}  # weights at the first element, over two distances


def finite_differences(raw, fmt, times, axis, format, name="diff"):
    """n-th differences along an axis, sums with binomial coefficients: (storage, its format).

    Parameters
    ----------
    raw : numpy.ndarray
    fmt : Format
    times : int
        n.
    axis : int
        From 0 to ``raw.ndim - 1``.
    format : Format or None
        The result's; None: `fmt`, or a wider one in full precision.
    name : str
        What events and messages call the operation.
    """
    result = format
    if result is None:
        result = fmt
        if context.current_context().full_precision:
            for _ in range(times):
                result = derived.grown("subtract", [result])
    times = min(times, raw.shape[axis])  # so many leave no elements
    if times == 0:
        return convert.cast(raw, fmt, result, name), result
    # More terms: exact differences of a lower order first, as long as a format holds them.
    while times >= _TERMS and fmt.width + _TERMS <= 128:
        wide = derived.floor_wrap(fmt).replace(width=fmt.width + _TERMS - 1, signed=True)
        raw = _difference(Operand(raw, fmt), _TERMS - 1, axis, wide, "move")
        fmt, times = wide, times - _TERMS + 1
    if times < _TERMS:
        return _difference(Operand(raw, fmt), times, axis, result, name), result
    values = storage.to_integers(raw, fmt).astype(object)
    for _ in range(times):
        before, after = _neighbours(values, 1, axis)
        values = np.asarray(after - before, dtype=object)
    values = np.asarray(values * Fraction(2) ** -fmt.frac_bits, dtype=object)
    return convert.from_numbers(values, result, name), result


def _neighbours(raw, times, axis):
    """The n + 1 elements that each of the n-th differences is made of, first to last: views."""
    n, lead = raw.shape[axis] - times, (slice(None),) * axis
    return [raw[(*lead, slice(start, start + n))] for start in range(times + 1)]


def _difference(operand, times, axis, result, name):
    """n-th differences by one kernel, n below `_TERMS`."""
    raw, fmt = operand
    terms = _neighbours(raw, times, axis)
    if times == 1:
        step = plan.elementwise("subtract", (fmt, fmt), result, name)
        return calls.elementwise(step, (terms[1], terms[0]))
    weights = [((-1) ** (times - i) * math.comb(times, i), 0) for i in range(times + 1)]
    step = plan.linear_combination(tuple(weights), (fmt,) * len(terms), result, name)
    return calls.elementwise(step, tuple(terms))


def even_slopes(operand, axis, edge_order, factor, result):
    """Central differences times a Fraction, those of lines or parabolas at the ends.

    Parameters
    ----------
    operand : Operand
        With more than `edge_order` elements along the axis.
    axis : int
        From 0 to ``raw.ndim - 1``.
    edge_order : {1, 2}
    factor : Fraction
        The inverse of two distances.
    result : Format

    Returns
    -------
    numpy.ndarray
        Storage of `result`; None where no kernel does it.
    """
    raw, fmt = operand
    numerator, denominator = factor.as_integer_ratio()
    up, down = (n & -n for n in (numerator, denominator))
    frac_bits = fmt.frac_bits + down.bit_length() - up.bit_length()
    if abs(frac_bits) > MAX_FRAC_BITS:
        return None
    fmt, n = derived.with_frac_bits(fmt, frac_bits), raw.shape[axis]
    first, divisor = _EDGES[edge_order], denominator // down
    # What the elements really need, where it decides how they are divided.
    bits = fmt.width if divisor == 1 else products.magnitude_bits(raw, storage.code(fmt))
    found = []
    # The elements of the result from `start` to `stop` begin with one of the operand's so far on.
    for start, stop, on, weights in (
        (0, 1, 0, first),
        (1, n - 1, -1, (-1, 0, 1)),
        (n - 1, n, -edge_order, tuple(-weight for weight in first[::-1])),
    ):
        weights = tuple(weight * (numerator // up) for weight in weights)
        sums = weighted_sums.planned("gradient", fmt, bits, weights, divisor, result)
        if sums is None:
            return None
        box = [slice(0, size) for size in raw.shape]
        box[axis] = slice(start, stop)
        found.append((tuple(box), partial(_slopes, raw, axis, on, sums)))
    out = storage.allocate(raw.shape, storage.dtype(result))
    boxes.fill(out, result, found)
    return out


def _slopes(raw, axis, on, sums, places):
    """A part of a result of `even_slopes`."""
    along = places[axis]
    more = len(sums.weights) - 1
    elements = slice(along.start + on, along.stop + on + more)
    return weighted_sums.weighted_sums(
        sums, raw[(*places[:axis], elements, *places[axis + 1 :])], axis
    )


def uneven_slopes(operand, places, axis, edge_order, result):
    """Slopes of parabolas through neighbours at uneven places, or lines at the ends.

    Parameters
    ----------
    operand : Operand
        With more than `edge_order` elements along the axis.
    places : Operand
        Of one axis; neighbours differ, and those of each element do.
    axis, edge_order, result
        As of `even_slopes`.

    Returns
    -------
    numpy.ndarray
        Storage of `result`; None where 128 bits don't hold what is divided.
    """
    raw, fmt = operand
    # The bits that differences really need.
    rise, run = (products.magnitude_bits(r, storage.code(f)) + 2 for r, f in (operand, places))
    frac_bits, bits = fmt.frac_bits - places.format.frac_bits, max(2 * run + rise + 1, 3 * run)
    if bits > 128 or abs(frac_bits) > MAX_FRAC_BITS:
        return None
    n = raw.shape[axis]
    x = places.raw.reshape(-1, *(1,) * (raw.ndim - axis - 1))
    x = Operand(x, derived.floor_wrap(places.format).replace(frac_bits=0))
    y = Operand(raw, derived.floor_wrap(fmt).replace(frac_bits=0))
    found = []
    for start, stop, neighbours in (
        (0, 1, (1, 2)[:edge_order]),
        (1, n - 1, (-1, 1)),
        (n - 1, n, (-1, -2)[:edge_order]),
    ):
        box = [slice(0, size) for size in raw.shape]
        box[axis] = slice(start, stop)
        work = partial(_slopes_at, x, y, axis, neighbours, (rise, run, bits, frac_bits), result)
        found.append((tuple(box), work))
    out = storage.allocate(raw.shape, storage.dtype(result))
    boxes.fill(out, result, found)
    return out


def _slopes_at(x, y, axis, neighbours, sizes, result, box):
    """A part of a result of `uneven_slopes`.

    Of one neighbour y / x, which it is ahead by; of two the slope of the parabola,
    (x1**2 * y2 - x2**2 * y1) / (x1 * x2 * (x1 - x2)).
    """
    rise, run, bits, frac_bits = sizes

    def at(offset):
        part = slice(box[axis].start + offset, box[axis].stop + offset)
        places = x.raw[part]
        values = y.raw[(*box[:axis], part, *box[axis + 1 :])]
        return Operand(places, x.format), Operand(values, y.format)

    def ahead(first, second):
        return [
            _exactly("subtract", a, b, width)
            for a, b, width in zip(second, first, (run, rise), strict=True)
        ]

    size = 64 if bits <= 64 else 128  # elements of one size are divided faster
    here = at(0)
    pairs = [ahead(here, at(offset)) for offset in neighbours]
    if len(pairs) == 1:
        ((below, above),) = pairs
    else:
        (x1, y1), (x2, y2) = pairs
        parts = [
            _exactly("multiply", _exactly("multiply", p, p, 2 * run), q, 2 * run + rise)
            for p, q in ((x1, y2), (x2, y1))
        ]
        above = _exactly("subtract", *parts, size)
        between = _exactly("subtract", x1, x2, run)
        below = _exactly("multiply", _exactly("multiply", x1, x2, 2 * run), between, size)
    formats = derived.with_frac_bits(above.format, frac_bits), below.format
    step = plan.elementwise("divide", formats, result, "gradient")
    return calls.elementwise(step, (above.raw, below.raw))


def _exactly(name, a, b, width):
    """Of two operands of integers, as an operand of a width that holds it."""
    wide = derived.floor_wrap(Format(width, 0))
    step = plan.elementwise(name, (a.format, b.format), wide, "move")
    return Operand(calls.elementwise(step, (a.raw, b.raw)), wide)
