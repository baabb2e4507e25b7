"""Comparisons of exact values with anything: nothing is converted, modes need not agree."""

import math
import operator
from fractions import Fraction

import numpy as np

from ..context import blocks, float_errors
from ..format import many_axes, read_numbers, storage
from ..format.overlap import independent
from ..kernels import calls, plan, python_rounding
from . import convert, masks

_OPERATORS = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}


_EXACT_BITS = 53  # of a format whose elements are all values of float64
_FEW = 1 << 10  # elements and floats


def with_number(name, x, fmt, other):
    """Compare storage with a Python or NumPy number or an array of them.

    Returns
    -------
    numpy.ndarray of bool
    """
    if name not in ("equal", "not_equal") and _is_complex(other):
        raise TypeError(f"{name}: complex numbers have no order")
    values = read_numbers.read(other, read_numbers.comparable)
    unequal = _unequal_to_all(name, values)
    if unequal is not None:
        values = np.where(unequal, values.dtype.type(0), values)
    if values.dtype.kind in "iu":
        step = plan.comparison(name, fmt, convert.integer_format(values.dtype))
        found = calls.elementwise(step, (x, values))
    elif values.dtype.kind == "f":
        found = _with_floats(name, x, fmt, values)
    else:
        found = _with_objects(name, x, fmt, values)
    return found if unequal is None else np.where(unequal, name == "not_equal", found)


def _with_floats(name, x, fmt, values):
    """A few by their kernel, many by the nearest float64 of each element.

    Only where that equals the float the element may be another; where it is less, so is the
    element, as rounding keeps the order.
    """
    if max(x.size, values.size) <= _FEW:
        return convert.by_doubles(plan.comparison(name, fmt, None), None, values, x)

    def work(x, values):
        nearest = calls.to_double(x, storage.code(fmt), fmt.frac_bits, False)
        found = np.asarray(_OPERATORS[name](nearest, values))
        if fmt.width > _EXACT_BITS:
            doubtful = np.asarray(nearest == values)
            if doubtful.any():
                x, values = (np.broadcast_to(v, found.shape)[doubtful] for v in (x, values))
                step = plan.comparison(name, fmt, None)
                found[doubtful] = convert.by_doubles(step, None, values, x)
        return found

    return blocks.run(work, [x, values], None, np.dtype(bool))


def _is_complex(other):
    kind = other.dtype.kind if isinstance(other, np.ndarray | np.generic) else ""
    if isinstance(other, list | tuple):
        return any(map(_is_complex, other))
    if kind == "O":
        return any(map(_is_complex, many_axes.flat(other)))
    return kind == "c" or isinstance(other, complex)


def _unequal_to_all(name, values):
    """Where there is NaN, or no number, unequal to all numbers; None: nowhere."""
    if values.dtype.kind == "f":
        return read_numbers.where_nan(values)
    if values.dtype.kind == "O":
        for value in many_axes.flat(values):
            if not _is_number(value) and name not in ("equal", "not_equal"):
                raise TypeError(f"{name}: {read_numbers.shorten(value)} has no order among numbers")
        unequal = float_errors.mapped(lambda v: not _is_number(v) or v != v, values, dtype=bool)
    else:
        return None
    return unequal if unequal.any() else None


def _is_number(value):
    return isinstance(value, int | float | Fraction)


def prepared(name, fmt, number):
    """(step, array) to compare storage with one number, but NaN, by its kernel."""
    name, place = _by_raw_integers(name, fmt, number)
    return plan.comparison(name, fmt, fmt), storage.from_integers(np.array(place, object), fmt)


def _by_raw_integers(name, fmt, number):
    """The comparison with a raw integer of `fmt` that answers as `name` with `number` does."""
    low, high = fmt.raw_min, fmt.raw_max
    smaller = name in ("less", "less_equal")
    if number < fmt.min:
        floor, exact = low - 1, False
    elif number > fmt.max:
        floor, exact = high, False
    else:
        scaled = Fraction(number) / fmt.resolution
        floor, exact = math.floor(scaled), scaled.denominator == 1
    if exact:
        return name, floor
    if floor < low or name in ("equal", "not_equal"):  # as with something below all elements
        return ("less" if smaller or name == "equal" else "greater_equal"), low
    return ("less_equal" if smaller else "greater"), floor


def into_out(name, found, out, where):
    """Booleans into ``out=``, only where `where` says so; elsewhere False in a new array."""
    mask = masks.read(name, where)
    if out is None:
        shape = many_axes.broadcast_shapes(found.shape, mask.shape)
        out = np.zeros(shape, bool)
    elif not isinstance(out, np.ndarray) or out.dtype != bool:
        kind = f"one of {out.dtype}" if hasattr(out, "dtype") else type(out).__name__
        raise TypeError(f"{name}: out= must be an array of booleans, got {kind}")
    np.copyto(out, found, where=independent(mask, out))
    return out


def _with_objects(name, x, fmt, values):
    # To odd one bit below the array's last one: a value between two neighbours stays between them.
    frac_bits = fmt.frac_bits + 1

    def work(x, values):
        scaled = float_errors.mapped(lambda v: python_rounding.to_odd(v, frac_bits), values)
        raw = storage.to_integers(x, fmt).astype(object)
        found = float_errors.unreported(_OPERATORS[name], raw * 2, scaled)
        return np.asarray(found, dtype=bool)

    return blocks.run(work, [x, values], None, np.dtype(bool), size=blocks.OBJECTS)
