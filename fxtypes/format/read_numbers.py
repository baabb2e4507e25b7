"""Python and NumPy numbers read without loss: as integers, as floats, or one by one.

`read` turns whatever a user may pass for numbers into one of three kinds of NumPy array:
native integers, floats of at most 8 bytes, or objects that are Python ints, Fractions, or +-inf.
Nothing here rounds.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Sequence
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_05UP,
    ROUND_DOWN,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
    localcontext,
)
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from . import many_axes

Real: TypeAlias = int | float | Fraction | Decimal | np.bool_ | np.integer[Any] | np.floating[Any]
Number: TypeAlias = Real | str  # text in decimal
Exact: TypeAlias = int | Fraction | float  # a float is an infinity

# A decimal input of magnitude 2**1024 or more counts as an infinity. One below 10**-400 is smaller
# than any bit that decides a rounding: only its sign matters.
_HUGE, _TINY_EXPONENT = 1 << 1024, -400
_TINY = Fraction(1, 1 << 1200)
# The time of reading grows with the square of the number of digits. 4,000 digits, the last one
# sticky, tell a value from every number and every tie of any format.
_DIGITS = Context(prec=4000, rounding=ROUND_05UP, Emin=MIN_EMIN, Emax=MAX_EMAX)
_FULL = 48  # digits of a number that a message shows in full
_SHOWN = Context(prec=4 * _FULL, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
_CUT = Context(prec=17, rounding=ROUND_DOWN, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
_SEQUENCES = (list, tuple)
_APYTYPES = ("APyFixedArray", "APyFloatArray")
_MOST_AXES = 64  # NumPy's limit
_NAN = "has no fixed-point value; replace it first, by numpy.nan_to_num for example"
# A decimal whose exponent is too large for Decimal: 10**18 and more.
_SCALED = r"\s*([+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*))e([+-]?)[\d_]*\d\s*"


def read(obj, one=None):
    """Return `obj` as an array of dtype kind i, u (integers), f (of 8 bytes at most), or object.

    Parameters
    ----------
    obj : number, str, sequence or numpy.ndarray
        Booleans, ints, floats, Fractions, Decimals, decimal strings, nested sequences and
        arrays of these; an array of APyTypes.
    one : function, optional
        What reads one element: `exact_value`, unless `exact_number`, `number_or_nan` or
        `comparable` is given.

    Raises
    ------
    TypeError
        For anything else: complex numbers, dates, masked arrays, None.
    ValueError
        For NaN, a string that isn't a number, or sequences of unequal lengths.
    """
    one = exact_value if one is None else one
    if isinstance(obj, np.ndarray):
        return _from_ndarray(obj, one)
    if type(obj) is int and obj.bit_length() < 64:
        return np.array(obj, dtype=np.int64)
    if isinstance(obj, bool | np.bool_):
        return np.array(obj, dtype=np.int8)
    if isinstance(obj, float):
        return _floats(np.array(float(obj)), one)
    if isinstance(obj, list | tuple | range):
        return _from_sequence(obj, one)
    if isinstance(obj, memoryview):
        return _from_ndarray(np.asarray(obj), one)
    if isinstance(obj, Sequence) and not isinstance(obj, str | bytes):
        return _from_sequence(list(obj), one)
    if isinstance(obj, np.generic):
        if obj.dtype.kind not in "biufU" and one is not comparable:
            raise _no_number(obj)
        return _from_ndarray(np.asarray(obj), one)
    if library(type(obj)) == "apytypes" and type(obj).__name__ in _APYTYPES:
        return _from_apytypes(obj, one)
    refuse_sparse(obj)
    if hasattr(obj, "__array__") and not isinstance(obj, int | Fraction | Decimal | str):
        return _from_ndarray(np.asarray(obj), one)
    return narrow(_object_array(one(obj)))


def exact_value(value: Any) -> Exact:
    """One number as a Python int, a Fraction, or +-inf."""
    if type(value) is int:
        return value
    if isinstance(value, np.timedelta64):  # to NumPy an integer
        raise _no_number(value)
    if isinstance(value, int | np.integer | np.bool_):
        return int(value)
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            raise ValueError(f"NaN {_NAN}")
        if np.isinf(value):
            return math.inf if value > 0 else -math.inf
        return Fraction(*value.as_integer_ratio())
    if isinstance(value, Fraction):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, Decimal):
        return _from_decimal(value, value)
    if isinstance(value, str):
        return _from_string(value)
    try:
        return operator.index(value)
    except TypeError:
        if not hasattr(value, "as_integer_ratio"):  # other libraries' numbers have it
            raise _no_number(value) from None
    try:
        return Fraction(*map(int, value.as_integer_ratio()))
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except ValueError:
        raise ValueError(f"{shorten(value)}: NaN {_NAN}") from None


def exact_number(value: Any) -> Exact:
    """`exact_value` of anything but text."""
    if isinstance(value, str | bytes):
        raise TypeError(f"{shorten(value)} is not a number; fx.array({shorten(value)}, format) "
                        "reads text")  # fmt: skip
    return exact_value(value)


def number_or_nan(value: Any) -> Exact:
    """`exact_number`, or NaN as a float."""
    if isinstance(value, float | np.floating):
        nan = bool(np.isnan(value))
    elif isinstance(value, Decimal):
        nan = value.is_nan()
    else:
        nan = getattr(value, "is_nan", False) is True  # of APyTypes
    return math.nan if nan else exact_number(value)


def comparable(value):
    """`number_or_nan`, of a complex number its real part if that is all.

    Anything else, which is unequal to all numbers, as it is.
    """
    if isinstance(value, complex | np.complexfloating) and value.imag == 0:
        value = value.real
    try:
        return number_or_nan(value)
    except TypeError:
        return value


def holds_arrays(obj, depth=0):
    """Whether arrays are among the elements of a nested sequence; masked ones are refused.

    So is a sequence that nests deeper than an array has axes, as one that holds itself does.
    """
    if depth == _MOST_AXES:
        raise ValueError(f"a sequence nests deeper than an array's {_MOST_AXES} axes")
    found = False
    for element in obj:
        if isinstance(element, _SEQUENCES):
            found |= holds_arrays(element, depth + 1)
        elif hasattr(element, "__array__"):
            refuse_masked(element)
            found = True
    return found


def refuse_masked(array):
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError("a masked array has no fixed-point form; fill it first: array.filled(...)")


def library(kind: type) -> str:
    """The name of the package that a type is from."""
    return kind.__module__.partition(".")[0]


def refuse_sparse(value):
    if library(type(value)) == "scipy" and hasattr(value, "toarray"):
        raise TypeError(
            "a sparse matrix has no fixed-point form; pass m.toarray(), or stay sparse in float64 "
            "with a.to_numpy()"
        )


def aligned(array):
    """An array whose elements lie at multiples of their size; the kernels can load no others."""
    return array if array.flags.aligned else array.copy()


def native(array):
    """An array of integers as the kernels load them: aligned, in the machine's byte order."""
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return aligned(array)


def narrow(objects):
    """An object array of Python ints as int64 where they fit, else as it is."""
    if objects.size and all(type(v) is int for v in many_axes.flat(objects)):
        limit = 1 << 63
        if all(-limit <= v < limit for v in many_axes.flat(objects)):
            return objects.astype(np.int64)
    return objects


def _from_ndarray(array, one):
    refuse_masked(array)
    array = np.asarray(array)
    kind = array.dtype.kind
    if kind == "b":
        return array.view(np.int8)
    if kind in "iu":
        return native(array)
    if kind == "f" and array.dtype.itemsize <= 8:
        return _floats(aligned(array), one)
    if kind in "fOUT" or one is comparable:
        return narrow(_mapped(array, one))
    way_out = "; take its .real and .imag" if kind == "c" else ""
    raise TypeError(f"an array of dtype {array.dtype} has no fixed-point form{way_out}")


def _from_apytypes(array, one):
    """An array of APyTypes by its own bits: float64 holds no more than 53 of them."""
    flat, result = array.flatten(), np.empty(array.shape, object)
    if hasattr(array, "frac_bits"):  # fixed point, always signed
        if array.bits <= 53 and abs(array.frac_bits) < 900:
            return _floats(array.to_numpy(), one)
        half, unit = 1 << array.bits - 1, Fraction(2) ** -array.frac_bits
        values = [((bits + half) % (2 * half) - half) * unit for bits in flat.to_bits()]
    else:
        values = [one(element) for element in flat]
    result.reshape(-1)[:] = values
    return result


def _from_sequence(obj, one):
    if not holds_arrays(obj):
        try:
            array = np.array(obj)
        except (ValueError, TypeError, OverflowError):
            array = None
        if array is not None and array.size == 0:
            return np.zeros(array.shape, np.int8)
        if array is not None and array.dtype.kind in "biu":
            return _from_ndarray(array, one)
        # Ints among floats came through float64: exact below 2**53.
        if array is not None and array.dtype == np.float64 and not (np.abs(array) >= 2**53).any():
            return _floats(array, one)
    return narrow(_nested(obj, one))


def _nested(obj, one):
    """A nested sequence as an object array; its parts must have equal shapes."""
    shape, values = _flattened(obj, one)
    result = np.empty(len(values), object)
    result[:] = values
    return result.reshape(shape)


def _flattened(obj, one):
    """(shape, the exact values in C order) of a nested sequence, an array or one number."""
    if isinstance(obj, list | tuple | range):
        parts = [_flattened(e, one) for e in obj]
        shapes = {shape for shape, _ in parts}
        if len(shapes) > 1:
            raise ValueError(f"a ragged sequence: parts of shapes {sorted(shapes)} side by side")
        inner = shapes.pop() if shapes else ()
        return (len(parts), *inner), [value for _, values in parts for value in values]
    if hasattr(obj, "to_fractions"):
        obj = obj.to_fractions()
    if isinstance(obj, np.ndarray):
        values = _mapped(obj, one)
        return values.shape, values.reshape(-1).tolist()
    return (), [one(obj)]


def _mapped(array, one):
    result = np.empty(array.shape, object)
    # .item() of a longdouble is a longdouble again, with all its bits.
    result.reshape(-1)[:] = [one(v) for v in array.reshape(-1)]
    return result


def _object_array(value):
    if isinstance(value, np.ndarray):
        return value
    result = np.empty((), object)
    result[()] = value
    return result


def _floats(array, one):
    if one is exact_value or one is exact_number:
        nans = where_nan(array)
        if nans is not None:
            first = tuple(int(i) for i in np.argwhere(nans)[0])
            at = f" at index {first}" if first else ""
            raise ValueError(f"NaN{at} {_NAN}")
    return array


def where_nan(array):
    """Where there is NaN in an array of floats; None: nowhere."""
    nans = np.isnan(array)
    # On few elements argmax takes a tenth of the time of any.
    return nans if nans.size and nans.item(nans.argmax()) else None


def _from_string(text):
    try:
        number = Decimal(text)
    except (InvalidOperation, ValueError):
        found = re.fullmatch(_SCALED, text, re.IGNORECASE)
        if found is None:
            raise ValueError(f"not a decimal number: {shorten(str(text))}") from None
        number = Decimal(found[1]).scaleb(-9999 if found[2] == "-" else 9999)
    return _from_decimal(number, text)


def _from_decimal(number, shown):
    if number.is_nan():
        raise ValueError(f"{shorten(shown)}: NaN {_NAN}")
    sign = -1 if number.is_signed() else 1
    if number.is_infinite() or (number and number.adjusted() > 320):
        return sign * math.inf
    if number and number.adjusted() < _TINY_EXPONENT:
        return sign * _TINY
    value = Fraction(*_DIGITS.plus(number).as_integer_ratio())
    return sign * math.inf if abs(value) >= _HUGE else value


def show(value: Exact) -> str:
    """An exact number for a message: in full when short, else cut off where the dots stand."""
    if value in (math.inf, -math.inf):
        return str(value)
    numerator, denominator = value.as_integer_ratio()
    if abs(numerator) >= _HUGE * denominator:
        sign = "-" if value < 0 else ""
        return f"about {sign}2**{numerator.bit_length() - denominator.bit_length()}"
    if float(value) == value and (denominator > 1 or numerator.bit_length() > 128):
        return repr(float(value))
    with localcontext(_SHOWN) as context:
        number = (Decimal(numerator) / denominator).normalize()
        inexact = context.flags[Inexact] or len(number.as_tuple().digits) > _FULL
    if inexact:
        with localcontext(_CUT):
            number = Decimal(numerator) / denominator
    if not inexact and -_FULL < number.adjusted() < _FULL:
        return f"{number:f}"
    mantissa, e, exponent = str(number).partition("E")
    return f"{mantissa}{'...' * inexact}{e.lower()}{exponent}"


def _no_number(value):
    return TypeError(
        f"expected a number (int, float, Fraction, Decimal or a decimal string), "
        f"got {shorten(value)}"
    )


def shorten(value: object) -> str:
    """The repr of anything, on one line of a message."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
