"""Functions that make arrays: filled ones, ranges, and those of given bit patterns."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ..context import blocked_operation, blocks
from ..fixed_array import FixedArray, array
from ..fixed_array.array import check_format
from ..format import Format, derived, read_numbers, storage
from ..format.format import MAX_FRAC_BITS, MAX_WIDTH
from ..kernels import calls, plan, python_rounding
from ..operations import convert
from .arguments import shape_of, wrap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Integers, OperandLike, Scalar, Shape, Values

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

_MANY = 64  # elements; of fewer, to make a series' plans takes longer than Python's numbers do
_INT64 = Format(64, 0)


def from_bits(bits: Integers, format: Format) -> FixedArray:
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


def zeros(shape: Shape, format: Format) -> FixedArray:
    """An array of zeros.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.zeros((2, 3), fx.Format(8, 4)).shape
    (2, 3)
    """
    return wrap(storage.allocate(shape, storage.dtype(check_format(format)), np.zeros), format)


def empty(shape: Shape, format: Format) -> FixedArray:
    """An array of zeros: storage never holds a value outside its format.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.empty(3, fx.Format(8, 4))
    FixedArray([0., 0., 0.], format=Format(8, 4))
    """
    return zeros(shape, format)


def ones(shape: Shape, format: Format) -> FixedArray:
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


def full(shape: Shape, fill_value: Values, format: Format) -> FixedArray:
    """An array of one value (or values that broadcast to `shape`), rounded once.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.full((2, 2), 0.5, fx.Format(8, 4))
    FixedArray([[0.5, 0.5],
                [0.5, 0.5]], format=Format(8, 4))
    """
    check_format(format)
    sizes = storage.shape_of(shape)
    if isinstance(fill_value, FixedArray):
        raw = np.broadcast_to(fill_value._storage, sizes)
        return wrap(convert.cast(raw, fill_value.format, format), format)
    values = np.broadcast_to(read_numbers.read(fill_value), sizes)
    return wrap(convert.from_numbers(values, format), format)


def zeros_like(
    a: OperandLike, format: Format | None = None, shape: Shape | None = None
) -> FixedArray:
    """Zeros of the shape and the format of `a`, as far as others aren't given.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> fx.zeros_like(a)
    FixedArray([0., 0.], format=Format(8, 4))
    """
    return zeros(_shape_like(a, shape), _format_like(a, format))


def ones_like(
    a: OperandLike, format: Format | None = None, shape: Shape | None = None
) -> FixedArray:
    """Ones of the shape and the format of `a`, as far as others aren't given.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> fx.ones_like(a, fx.Format(16, 8))
    FixedArray([1., 1.], format=Format(16, 8))
    """
    return ones(_shape_like(a, shape), _format_like(a, format))


def empty_like(
    a: OperandLike, format: Format | None = None, shape: Shape | None = None
) -> FixedArray:
    """As `zeros_like`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> fx.empty_like(a)
    FixedArray([0., 0.], format=Format(8, 4))
    """
    return zeros_like(a, format, shape)


def full_like(
    a: OperandLike, fill_value: Values, format: Format | None = None, shape: Shape | None = None
) -> FixedArray:
    """One value in the shape and the format of `a`, as far as others aren't given.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> fx.full_like(a, "0.1")
    FixedArray([0.125, 0.125], format=Format(8, 4))
    """
    return full(_shape_like(a, shape), fill_value, _format_like(a, format))


def eye(
    N: SupportsIndex,
    *given: SupportsIndex | Format | None,
    M: SupportsIndex | None = None,
    k: SupportsIndex = 0,
    format: Format | None = None,
) -> FixedArray:
    """``eye(N, M, k, format)``: an N x M matrix with ones on the k-th diagonal, zeros elsewhere.

    `M` is N unless it is given, `k` 0; `format` must be given. All may be passed by position or by
    name, the format as the last by position.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.eye(2, 3, k=1, format=fx.Format(8, 4))
    FixedArray([[0., 1., 0.],
                [0., 0., 1.]], format=Format(8, 4))
    """
    (columns, diagonal), fmt = _by_position("eye", given, {"M": (M, None), "k": (k, 0)}, format)
    return array(np.eye(operator.index(N), columns, diagonal, dtype=np.int8), fmt)


def arange(
    *given: Scalar | Format | None,
    start: Scalar | None = None,
    stop: Scalar | None = None,
    step: Scalar = 1,
    format: Format | None = None,
) -> FixedArray:
    """``arange(stop)``, ``arange(start, stop)`` or ``arange(start, stop, step)``.

    Length and elements come from the exact arguments; each element is rounded once. `format` must
    be given. All may be passed by position or by name, the format as the last by position.

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
    named = {"start": (start, None), "stop": (stop, None), "step": (step, 1)}
    (start, end, gap), fmt = _by_position("arange", given, named, format)
    if end is None:
        start, end = 0, start
    if end is None:
        raise TypeError("arange needs the stop, and format=")
    first = 0 if start is None else _finite("arange", start)
    end, gap = _finite("arange", end), _finite("arange", gap)
    if gap == 0:
        raise ValueError("arange: the step must not be 0")
    count = max(0, -(-(end - first) // gap))
    return _series("arange", first, gap, count, fmt)


def linspace(
    start: Scalar,
    stop: Scalar,
    *given: SupportsIndex | bool | Format,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    format: Format | None = None,
) -> FixedArray:
    """``linspace(start, stop, num, endpoint, format)``: `num` evenly spaced values, rounded once.

    Each is rounded from its exact value; `stop` is the last of them if `endpoint`. `num` is 50
    unless it is given; `format` must be given. All may be passed by position or by name, the format
    as the last by position.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.linspace(0, 1, 5, format=fx.Format(8, 4))
    FixedArray([0.  , 0.25, 0.5 , 0.75, 1.  ], format=Format(8, 4))
    """
    named = {"num": (num, 50), "endpoint": (endpoint, True)}
    (number, closed), fmt = _by_position("linspace", given, named, format)
    count = operator.index(number)
    if count < 0:
        raise ValueError(f"linspace: num must not be negative, got {count}")
    first, last = _finite("linspace", start), _finite("linspace", stop)
    gaps = count - 1 if closed else count
    gap = Fraction(last - first, gaps) if gaps > 0 else 0
    return _series("linspace", first, gap, count, fmt)


def _series(
    name: str, start: int | Fraction, step: int | Fraction, count: int, format: Format
) -> FixedArray:
    """start + i * step for i from 0 to count - 1, each rounded once."""
    if count > sys.maxsize:
        raise ValueError(f"{name}: at least 2**{count.bit_length() - 1} elements")
    compute = _by_kernels(start, step, count, format)
    if compute is None:
        guard = derived.guard_bits(format)
        frac_bits = format.frac_bits + guard
        values = (python_rounding.to_odd(start + i * step, frac_bits) for i in range(count))
        return wrap(python_rounding.finish(values, guard, format, "convert", (count,)), format)
    if count <= blocks.SIZE:
        return wrap(compute(0, count), format)
    out = storage.allocate((count,), storage.dtype(format))
    with blocked_operation.blocked(out.shape) as operation:
        for _, block in operation.blocks(out, blocks.cut(out.shape)):
            compute(operation.start, block.size, block)
    return wrap(out, format)


def _by_kernels(
    start: int | Fraction, step: int | Fraction, count: int, format: Format
) -> Callable[..., NDArray[Any]] | None:
    """A function ``compute(begin, size, out=None)`` of a series' elements from index `begin` on.

    Each is a quotient, rounded once, of an exact numerator and the common denominator of `start`
    and `step`. None where a numerator needs more than 128 bits; and of few elements, unless they
    are what one plan does for all series: multiples of a power of two in int64.
    """
    denominator = math.lcm(start.denominator, step.denominator)
    first, gap = int(start * denominator), int(step * denominator)
    log2 = denominator.bit_length() - 1
    width = max(abs(first), abs(first + gap * count), 1).bit_length() + 1
    if width <= 64 and gap and denominator == 1 << log2 and log2 <= MAX_FRAC_BITS:
        step_of_int64 = plan.elementwise("convert", (derived.with_frac_bits(_INT64, log2),), format)

        def compute_by_int64(begin, size, out=None):
            ends = first + gap * begin, first + gap * (begin + size)
            return calls.elementwise(step_of_int64, (np.arange(*ends, gap, np.int64),), out)

        return compute_by_int64
    if count < _MANY or max(width, log2 + 2) > MAX_WIDTH or gap.bit_length() > 63:
        return None
    dyadic = denominator == 1 << log2
    # A division is fast of elements of one size: the result's, where that is the larger one.
    size = 0 if dyadic else 8 * storage.dtype(format).itemsize
    numerator_format = Format(max(width, size), 0)
    index_format = Format(count.bit_length() + 1, 0)
    numerators = plan.linear_combination(
        ((gap, 0), (1, 0)),
        (index_format, numerator_format),
        derived.floor_wrap(numerator_format),
        "move",
    )
    first_raw = _raw(first, numerator_format)
    if dyadic:
        quotients = derived.with_frac_bits(numerator_format, log2)
        rounded = plan.elementwise("convert", (quotients,), format)
        divisor: tuple[NDArray[Any], ...] = ()
    else:
        divisor_format = Format(max(log2 + 2, size), 0)
        formats = (numerator_format, divisor_format)
        rounded = plan.elementwise("divide", formats, format, "convert")
        divisor = (_raw(denominator, divisor_format),)

    def compute(begin, size, out=None):
        index = np.arange(begin, begin + size, dtype=storage.dtype(index_format))
        raw = calls.elementwise(numerators, (index, first_raw))
        return calls.elementwise(rounded, (raw, *divisor), out)

    return compute


def _raw(number: int, fmt: Format) -> NDArray[Any]:
    """Storage, without axes, of one raw integer."""
    return storage.from_integers(np.array(number, object), fmt)


def _finite(name: str, value: Scalar) -> int | Fraction:
    if isinstance(value, FixedArray):
        return value.item()
    number = read_numbers.exact_value(value)
    if isinstance(number, float):
        raise ValueError(f"{name}: {value!r} is not finite")
    return number


def _by_position(
    name: str, given: tuple[Any, ...], named: dict[str, tuple[Any, Any]], format: Format | None
) -> tuple[list[Any], Format]:
    """Arguments and the format, each of which was passed by position or by name.

    Parameters
    ----------
    given : tuple
        By position; the last may be the format.
    named : dict
        By name: what was passed, and the default.
    format : Format or None
        What was passed as ``format=``.
    """
    if given and format is None and (isinstance(given[-1], Format) or len(given) > len(named)):
        *given, format = given  # type: ignore[assignment]
    if len(given) > len(named):
        raise TypeError(f"{name} takes {', '.join(named)} and format, got {len(given)} by position")
    values, count = list(given), len(given)
    for key, (value, default) in named.items():
        if count <= 0:
            values.append(value)
        elif value is not default and value != default:
            raise TypeError(f"{name} got two values for {key}")
        count -= 1
    return values, check_format(format)


def _shape_like(a: OperandLike, shape: Shape | None) -> Shape:
    return shape_of(a) if shape is None else shape


def _format_like(a: OperandLike, format: Format | None) -> Format:
    if format is not None:
        return check_format(format)
    if not isinstance(a, FixedArray):
        raise TypeError(f"expected a FixedArray or format=, got {type(a).__name__}")
    return a.format
