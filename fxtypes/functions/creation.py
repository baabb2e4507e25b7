"""Functions that make arrays: filled ones, ranges, and those of given bit patterns."""

import math
import operator
import sys
from fractions import Fraction

import numpy as np

from ..context import blocked_operation, blocks
from ..fixed_array import FixedArray, array
from ..fixed_array.array import check_format
from ..format import Format, derived, read_numbers, storage
from ..format.format import MAX_WIDTH
from ..kernels import calls, plan, python_rounding
from ..operations import convert
from .arguments import wrap

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "from_bits",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

_MANY = 64  # elements: for fewer, plans take longer than Python's numbers


def from_bits(bits, format):
    """An array of given bit patterns.

    Parameters
    ----------
    bits : int, nested sequence or numpy.ndarray of integers
        From 0 to ``2**format.width - 1``; a signed format reads them as two's complement.

    Raises
    ------
    FixedOverflowError
        If one is outside that range.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.from_bits([0x80, 0x08], fx.Format(8, 4))
    FixedArray([-8. ,  0.5], format=Format(8, 4))
    """
    return wrap(np.array(convert.from_bits(bits, check_format(format))), format)


def zeros(shape, format):
    """An array of zeros.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.zeros((2, 3), fx.Format(8, 4)).shape
    (2, 3)
    """
    return wrap(storage.allocate(shape, storage.dtype(check_format(format)), np.zeros), format)


def empty(shape, format):
    """An array of zeros: storage never holds a value outside its format.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.empty(3, fx.Format(8, 4))
    FixedArray([0., 0., 0.], format=Format(8, 4))
    """
    return zeros(shape, format)


def ones(shape, format):
    """An array of ones, rounded and overflowed as any number.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.ones(3, fx.Format(8, 4))
    FixedArray([1., 1., 1.], format=Format(8, 4))
    >>> fx.ones(2, fx.Format(8, 8))
    FixedArray([0.49609375, 0.49609375], format=Format(8, 8))
    """
    return full(shape, 1, format)


def full(shape, fill_value, format):
    """An array of one value (or values that broadcast to `shape`), rounded once.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.full((2, 2), 0.5, fx.Format(8, 4))
    FixedArray([[0.5, 0.5],
                [0.5, 0.5]], format=Format(8, 4))
    """
    check_format(format)
    shape = storage.shape_of(shape)
    if isinstance(fill_value, FixedArray):
        raw = np.broadcast_to(fill_value._storage, shape)
        return wrap(convert.cast(raw, fill_value.format, format), format)
    values = np.broadcast_to(read_numbers.read(fill_value), shape)
    return wrap(convert.from_numbers(values, format), format)


def zeros_like(a, format=None, shape=None):
    """Zeros of the shape and the format of `a`, as far as others aren't given.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> fx.zeros_like(a)
    FixedArray([0., 0.], format=Format(8, 4))
    """
    return zeros(_shape_like(a, shape), _format_like(a, format))


def ones_like(a, format=None, shape=None):
    """Ones of the shape and the format of `a`, as far as others aren't given.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> fx.ones_like(a, fx.Format(16, 8))
    FixedArray([1., 1.], format=Format(16, 8))
    """
    return ones(_shape_like(a, shape), _format_like(a, format))


def empty_like(a, format=None, shape=None):
    """As `zeros_like`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> fx.empty_like(a)
    FixedArray([0., 0.], format=Format(8, 4))
    """
    return zeros_like(a, format, shape)


def full_like(a, fill_value, format=None, shape=None):
    """One value in the shape and the format of `a`, as far as others aren't given.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> fx.full_like(a, "0.1")
    FixedArray([0.125, 0.125], format=Format(8, 4))
    """
    return full(_shape_like(a, shape), fill_value, _format_like(a, format))


def eye(N, M=None, k=0, format=None):
    """An N x M matrix with ones on the k-th diagonal and zeros elsewhere.

    `format` must be given; it may stand in the place of a parameter that is left out.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.eye(2, 3, k=1, format=fx.Format(8, 4))
    FixedArray([[0., 1., 0.],
                [0., 0., 1.]], format=Format(8, 4))
    """
    M, k, format = _by_position(format, (M, None), (k, 0))
    return array(np.eye(N, M, k, dtype=np.int8), format)


def arange(start=None, stop=None, step=1, format=None):
    """``arange(stop)``, ``arange(start, stop)`` or ``arange(start, stop, step)``.

    Length and elements come from the exact arguments; each element is rounded once. `format`
    must be given; it may stand in the place of a parameter that is left out.

    Raises
    ------
    ValueError
        If the step is 0 or an argument not finite.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arange(0, 1, "0.25", format=fx.Format(8, 4))
    FixedArray([0.  , 0.25, 0.5 , 0.75], format=Format(8, 4))
    """
    stop, step, format = _by_position(format, (stop, None), (step, 1))
    if stop is None:
        start, stop = 0, start
    if stop is None:
        raise TypeError("arange needs the stop, and format=")
    start = 0 if start is None else start
    start, stop, step = (_finite("arange", v) for v in (start, stop, step))
    if step == 0:
        raise ValueError("arange: the step must not be 0")
    count = max(0, -(-(stop - start) // step))
    return _series("arange", start, step, count, format)


def linspace(start, stop, num=50, endpoint=True, format=None):
    """`num` evenly spaced values from `start` to `stop`, each rounded once from its exact value.

    `format` must be given; it may stand in the place of a parameter that is left out.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.linspace(0, 1, 5, format=fx.Format(8, 4))
    FixedArray([0.  , 0.25, 0.5 , 0.75, 1.  ], format=Format(8, 4))
    """
    num, endpoint, format = _by_position(format, (num, 50), (endpoint, True))
    count = operator.index(num)
    if count < 0:
        raise ValueError(f"linspace: num must not be negative, got {count}")
    start, stop = _finite("linspace", start), _finite("linspace", stop)
    gaps = count - 1 if endpoint else count
    step = Fraction(stop - start) / gaps if gaps > 0 else Fraction(0)
    return _series("linspace", start, step, count, format)


def _series(name, start, step, count, format):
    """start + i * step for i from 0 to count - 1."""
    check_format(format)
    if count > sys.maxsize:
        raise ValueError(f"{name}: at least 2**{count.bit_length() - 1} elements")
    start, step = Fraction(start), Fraction(step)
    compute = _in_kernels(start, step, count, format) if count >= _MANY else None
    if compute is None:
        guard = derived.guard_bits(format)
        point = format.frac_bits + guard
        values = (python_rounding.to_odd(start + i * step, point) for i in range(count))
        return wrap(python_rounding.finish(values, guard, format, "convert", (count,)), format)
    out = storage.allocate((count,), storage.dtype(format))
    with blocked_operation.blocked(out.shape) as whole:
        for key in blocks.cut(out.shape):
            block = out[key]
            compute(whole.first, block)
            whole.first += block.size
    return wrap(out, format)


def _in_kernels(start, step, count, format):
    """What computes elements from `begin` on: exact numerators, and a quotient that is rounded.

    None where a numerator has more than 128 bits.
    """
    denominator = math.lcm(start.denominator, step.denominator)
    first, gap = int(start * denominator), int(step * denominator)
    point = denominator.bit_length() - 1
    width = max(abs(first), abs(first + gap * count), 1).bit_length() + 1
    if max(width, point + 2) > MAX_WIDTH or gap.bit_length() > 63:
        return None
    exact, places = Format(width, 0), Format(count.bit_length() + 1, 0)
    numerators = plan.linear_combination(
        ((gap, 0), (1, 0)), (places, exact), derived.floor_wrap(exact), "move"
    )
    first = _whole(first, exact)
    if denominator == 1 << point:
        rounded = plan.elementwise("convert", (derived.with_frac_bits(exact, point),), format)
        divisor = ()
    else:
        below = Format(point + 2, 0)
        rounded = plan.elementwise("divide", (exact, below), format, "convert")
        divisor = (_whole(denominator, below),)

    def compute(begin, out):
        index = np.arange(begin, begin + out.size, dtype=storage.dtype(places))
        raw = calls.elementwise(numerators, (index, first))
        calls.elementwise(rounded, (raw, *divisor), out)

    return compute


def _whole(number, fmt):
    return storage.from_integers(np.array(number, object), fmt)


def _finite(name, value):
    if isinstance(value, FixedArray):
        return value.item()
    number = read_numbers.exact_value(value)
    if isinstance(number, float):
        raise ValueError(f"{name}: {value!r} is not finite")
    return number


def _by_position(format, *given):
    """The arguments, (value, default) each, without a format that took the place of one; and it."""
    values = []
    for value, default in given:
        if format is None and isinstance(value, Format):
            value, format = default, value
        values.append(value)
    return *values, check_format(format)


def _shape_like(a, shape):
    return np.shape(a) if shape is None else shape


def _format_like(a, format):
    if format is not None:
        return check_format(format)
    if not isinstance(a, FixedArray):
        raise TypeError(f"expected a FixedArray or format=, got {type(a).__name__}")
    return a.format
