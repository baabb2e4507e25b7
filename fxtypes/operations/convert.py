"""Numbers into raw storage, and raw storage into numbers."""

import operator
from fractions import Fraction
from functools import lru_cache

import numpy as np

from ..context import blocks, float_errors
from ..errors import FixedOverflowError
from ..format import Format, derived, many_axes, read_numbers, storage
from ..kernels import calls, plan, products, python_rounding

_DOUBLE = np.dtype(np.float64)
_ARRAYS = (np.ndarray, np.generic)
_FRACTION = 120  # bytes of a Fraction, its two integers, and its reference in an array


@lru_cache(64)
def integer_format(dtype):
    """The format whose raw integers are those of a NumPy integer dtype."""
    return Format(8 * dtype.itemsize, 0, dtype.kind == "i")


@lru_cache(64)
def _truncating(dtype):
    return integer_format(dtype).replace(rounding="toward_zero", overflow="raise")


@lru_cache(4096)
def _unsigned(fmt):
    return fmt.replace(signed=False)


def cast(raw, source, target, name="convert"):
    """Storage of one format rounded once into another.

    Under the name "move" nothing is counted: for steps on the way to a result.
    """
    return calls.elementwise(plan.elementwise("convert", (source,), target, name), (raw,))


def from_numbers(numbers, fmt, name="convert"):
    """Round what `read_numbers.read` has returned into `fmt`, once."""
    kind = numbers.dtype.kind
    if kind == "f":
        return _from_double(numbers, fmt)
    if kind in "iu":
        return cast(numbers, integer_format(numbers.dtype), fmt, name)
    guard = derived.guard_bits(fmt)
    values = (python_rounding.to_odd(v, fmt.frac_bits + guard) for v in many_axes.flat(numbers))
    return python_rounding.finish(values, guard, fmt, name, numbers.shape)


def _from_double(numbers, fmt):
    beyond = False  # whether a value may be out of range; needed to wrap it
    if fmt.overflow == "wrap" and numbers.size:
        largest = max(float(numbers.max()), -float(numbers.min()))
        if np.isinf(largest):
            first = tuple(int(i) for i in np.argwhere(np.isinf(numbers))[0])
            at = f" at index {first}" if first else ""
            raise FixedOverflowError(
                f"convert: {numbers[first]}{at} is out of the range of {fmt!r}; replace it first, "
                f"or convert with overflow='saturate'"
            )
        beyond = largest >= 2.0**fmt.int_bits
    return by_doubles(plan.from_double(fmt, bool(beyond)), fmt, numbers)


def by_doubles(step, result, floats, *raws):
    """A kernel that takes float64, on floats of any dtype that float64 holds.

    Parameters
    ----------
    step : Step
    result : Format or None
        None: the results are booleans.
    floats : numpy.ndarray
    *raws : numpy.ndarray
        Storage that the kernel takes as well.
    """
    if floats.dtype == _DOUBLE:
        return calls.elementwise(step, (*raws, floats))
    return blocks.run(
        lambda floats, *raws: calls.elementwise(step, (*raws, floats.astype(np.float64))),
        [floats, *raws],
        result,
        None if result else np.dtype(bool),
    )


def from_raw(obj, fmt):
    """Raw integers, checked against the format's range, as storage."""
    return _checked(_integers(obj), fmt, fmt.raw_min, fmt.raw_max, "raw integer")


def from_bits(obj, fmt):
    """Bit patterns, unsigned integers of the format's width, as storage."""
    integers = _integers(obj)
    unsigned = _unsigned(fmt)
    raw = _checked(integers, unsigned, 0, unsigned.raw_max, "bit pattern")
    if not fmt.signed or (fmt.width > 64 and integers.dtype.kind != "O"):  # no sign bit is set
        return raw
    # Wrapping subtracts 2**width from the patterns whose sign bit is set.
    return cast(raw, unsigned, derived.floor_wrap(fmt), "move")


def _integers(obj):
    """Integers of any kind as an array of an integer dtype or of Python ints."""
    read_numbers.refuse_masked(obj)
    if not isinstance(obj, _ARRAYS):
        if isinstance(obj, list | tuple):
            read_numbers.holds_arrays(obj)
        try:
            array = np.array(obj)
        except (ValueError, OverflowError):
            array = np.array(obj, dtype=object)
        # Mixed huge integers come out as float64: read them one by one instead.
        obj = array if array.dtype.kind in "biu" else np.array(obj, dtype=object)
    array = np.asarray(obj)
    if array.dtype.kind == "b":
        return array.view(np.int8)
    if array.dtype.kind in "iu":
        return read_numbers.native(array)
    if array.size == 0:
        return np.zeros(array.shape, np.int8)
    if array.dtype.kind != "O":
        raise TypeError(f"expected integers, got an array of dtype {array.dtype}")
    result = np.empty(array.shape, object)
    flat = result.reshape(-1)
    for i, value in enumerate(many_axes.flat(array)):
        if isinstance(value, list | tuple):
            raise ValueError(f"a ragged sequence of integers: {value!r} among its elements")
        try:
            flat[i] = operator.index(value)
        except TypeError:
            raise TypeError(f"expected integers, got {value!r}") from None
    return result


def _checked(integers, fmt, low, high, what):
    """Integers as storage of `fmt`, or an error where one is not from `low` to `high`."""
    source = None if integers.dtype.kind == "O" else integer_format(integers.dtype)
    if integers.size:
        if source is None:
            extremes = integers.min(), integers.max()
        else:
            extremes = products.extremes(integers, storage.code(source))
        for extreme in extremes:
            if not low <= extreme <= high:
                raise FixedOverflowError(
                    f"{what} {_shorten(extreme)} is out of the range of {fmt!r}: {low} to {high}"
                )
    if source is None:
        return storage.from_integers(integers, fmt)
    kind = storage.dtype(fmt)
    if kind.itemsize < 16:
        return integers.astype(kind)
    return cast(integers, source, derived.WIDEST, "move")


def _shorten(number):
    return number if number.bit_length() <= 256 else f"of {number.bit_length()} bits"


def to_bits(raw, fmt):
    """The bit patterns, unsigned, in the dtypes of `storage.to_integers`."""
    unsigned = derived.floor_wrap(fmt).replace(signed=False)
    return storage.to_integers(cast(raw, fmt, unsigned, "move"), unsigned)


def to_numpy(raw, fmt, dtype):
    """Values in a NumPy dtype: floats rounded once, integers truncated and range-checked."""
    dtype = np.dtype(dtype)
    if dtype == np.float64:
        return calls.to_double(raw, storage.code(fmt), fmt.frac_bits, False)
    if dtype == np.float32 and raw.dtype.itemsize <= 8 and -63 <= fmt.frac_bits <= 126:
        # NumPy rounds the integer once; no power of two of it is subnormal or too large.
        found = np.asarray(raw.astype(np.float32))
        found *= np.float32(2.0**-fmt.frac_bits)
        return found
    if dtype.kind == "f" and dtype.itemsize < 8:
        # Rounded to odd in float64, which has bits to spare, and from there once.
        def narrow(raw):
            odd = calls.to_double(raw, storage.code(fmt), fmt.frac_bits, True)
            return float_errors.unreported(odd.astype, dtype)

        return blocks.run(narrow, [raw], None, dtype)
    if dtype.kind == "f":
        return blocks.run(lambda raw: _to_longdouble(raw, fmt).astype(dtype), [raw], None, dtype)
    if dtype.kind in "iu":
        return cast(raw, fmt, _truncating(dtype), "convert").astype(dtype, copy=False)
    if dtype.kind == "b":
        return storage.truth(raw).astype(dtype)
    if dtype.kind == "O":
        return to_fractions(raw, fmt)
    raise TypeError(f"fixed-point values can't become dtype {dtype}; use a float or integer dtype")


def _to_longdouble(raw, fmt):
    if np.finfo(np.longdouble).nmant < 63:  # no wider than float64
        return calls.to_double(raw, storage.code(fmt), fmt.frac_bits, False)
    if raw.dtype.itemsize < 16:
        value = raw.astype(np.longdouble)
    else:  # both halves are exact, their sum is rounded once
        low, high = storage.halves(raw, fmt.signed)
        value = np.ldexp(high.astype(np.longdouble), 64) + low.astype(np.longdouble)
    return np.ldexp(value, -fmt.frac_bits)


def to_fractions(raw, fmt):
    """An object array of `fractions.Fraction`."""
    storage.reserve(raw.size, _FRACTION, "Fractions")
    result = np.empty(raw.shape, object)
    flat = result.reshape(-1)
    numerator, denominator = fmt.resolution.as_integer_ratio()
    for i, integer in enumerate(storage.integers(raw, fmt)):
        flat[i] = Fraction(integer * numerator, denominator)
    return result


def read_into(obj, fmt):
    """Whatever a user passes for numbers, rounded once into `fmt`."""
    return from_numbers(read_numbers.read(obj), fmt)
