"""The public functions: thin doors to what FixedArray and the modules below it do."""

import builtins
import operator
from fractions import Fraction

import numpy as np

from . import arithmetic, convert, inputs, storage
from . import fixed_array as _array
from .elementary.evaluate import evaluate_rows
from .fixed_array import FixedArray, apply, array, check_format
from .reductions import normalize_axes

__all__ = [
    "absolute",
    "add",
    "arange",
    "argmax",
    "argmin",
    "clip",
    "divide",
    "dot",
    "empty",
    "empty_like",
    "equal",
    "exp",
    "eye",
    "from_bits",
    "full",
    "full_like",
    "greater",
    "greater_equal",
    "left_shift",
    "less",
    "less_equal",
    "linear_combination",
    "linspace",
    "log",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "ones",
    "ones_like",
    "positive",
    "right_shift",
    "sigmoid",
    "softmax",
    "sqrt",
    "subtract",
    "sum",
    "tanh",
    "zeros",
    "zeros_like",
]

# -- construction -------------------------------------------------------------------------


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
    return _wrap(np.array(convert.from_bits(bits, check_format(format))), format)


def zeros(shape, format):
    """An array of zeros."""
    return _wrap(np.zeros(shape, storage.dtype(check_format(format))), format)


def empty(shape, format):
    """An array of zeros: storage never holds a value outside its format."""
    return zeros(shape, format)


def ones(shape, format):
    """An array of ones, rounded and overflowed as any number."""
    return full(shape, 1, format)


def full(shape, value, format):
    """An array of one value (or values that broadcast to `shape`), rounded once.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.full((2, 2), 0.5, fx.Format(8, 4))
    FixedArray([[0.5, 0.5],
                [0.5, 0.5]], format=Format(8, 4))
    """
    check_format(format)
    shape = np.empty(shape, bool).shape
    if isinstance(value, FixedArray):
        raw = np.broadcast_to(value._storage, shape)
        return _wrap(convert.cast(raw, value.format, format), format)
    return _wrap(convert.from_numbers(np.broadcast_to(inputs.read(value), shape), format), format)


def zeros_like(a, format=None):
    """Zeros of the shape (and, without `format`, the format) of `a`."""
    return zeros(np.shape(a), _format_like(a, format))


def ones_like(a, format=None):
    """Ones of the shape (and, without `format`, the format) of `a`."""
    return ones(np.shape(a), _format_like(a, format))


def empty_like(a, format=None):
    """As `zeros_like`."""
    return zeros_like(a, format)


def full_like(a, value, format=None):
    """One value in the shape (and, without `format`, the format) of `a`."""
    return full(np.shape(a), value, _format_like(a, format))


def eye(n, m=None, k=0, *, format):
    """An n x m matrix with ones on the k-th diagonal and zeros elsewhere."""
    return array(np.eye(n, m, k, dtype=np.int8), format)


def arange(*args, format):
    """``arange(stop)``, ``arange(start, stop)`` or ``arange(start, stop, step)``.

    Length and elements come from the exact arguments; each element is rounded once.

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
    if not 1 <= len(args) <= 3:
        raise TypeError(f"arange takes 1 to 3 numbers and format=, got {len(args)} numbers")
    exact = [_finite("arange", v) for v in args]
    if len(exact) == 1:
        exact.insert(0, 0)
    start, stop, step = exact if len(exact) == 3 else (*exact, 1)
    if step == 0:
        raise ValueError("arange: the step must not be 0")
    count = builtins.max(0, -(-(stop - start) // step))
    return _series(start, step, count, format)


def linspace(start, stop, num=50, endpoint=True, *, format):
    """`num` evenly spaced values from `start` to `stop`, each rounded once from its exact value.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.linspace(0, 1, 5, format=fx.Format(8, 4))
    FixedArray([0.  , 0.25, 0.5 , 0.75, 1.  ], format=Format(8, 4))
    """
    count = operator.index(num)
    if count < 0:
        raise ValueError(f"linspace: num must not be negative, got {count}")
    start, stop = _finite("linspace", start), _finite("linspace", stop)
    gaps = count - 1 if endpoint else count
    return _series(start, Fraction(stop - start) / gaps if gaps > 0 else Fraction(0), count, format)


def _series(start, step, count, format):
    check_format(format)
    values = np.empty(count, object)
    values[:] = [Fraction(start + i * step) for i in range(count)]
    return _wrap(convert.from_numbers(values, format), format)


def _finite(name, value):
    if isinstance(value, FixedArray):
        return value.item()
    number = inputs.exact(value)
    if isinstance(number, float):
        raise ValueError(f"{name}: {value!r} is not finite")
    return number


def _format_like(a, format):
    if format is not None:
        return check_format(format)
    if not isinstance(a, FixedArray):
        raise TypeError(f"expected a FixedArray or format=, got {type(a).__name__}")
    return a.format


# -- arithmetic ---------------------------------------------------------------------------


def add(a, b, format=None, out=None, where=True):
    """a + b, exact and rounded once into `format` (see the notes for the result without it).

    Parameters
    ----------
    a, b : FixedArray or number or numpy.ndarray
        One of them a FixedArray; they broadcast.
    format : Format, optional
        The result's.

    Notes
    -----
    Without `format`, operands of one format give that format. Of two formats with equal modes
    the result has the larger count of integer and of fraction bits, and is signed if either
    is; if that needs more than 128 bits, or the modes differ, it is a `FormatError`. A Python
    or NumPy operand leaves the array's format: integers take part with their exact value,
    floats are first rounded into the array's format.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5, 2.5], fx.Format(8, 4))
    >>> fx.add(a, a, format=fx.Format(8, 0))
    FixedArray([3, 5], format=Format(8, 0))
    """
    return apply("add", (a, b), format, out, where)


def subtract(a, b, format=None, out=None, where=True):
    """a - b, exact and rounded once into `format`; without it as for `add`."""
    return apply("subtract", (a, b), format, out, where)


def multiply(a, b, format=None, out=None, where=True):
    """a * b, exact and rounded once into `format`; without it as for `add`."""
    return apply("multiply", (a, b), format, out, where)


def divide(a, b, format=None, out=None, where=True):
    """a / b, correctly rounded into `format`; without it as for `add`.

    Raises
    ------
    ZeroDivisionError
        For 0 / 0; for x / 0 if the format's overflow is `raise` or `wrap`. Under the other
        modes x / 0 is an infinity of the sign of x: `saturate` clamps it.
    """
    return apply("divide", (a, b), format, out, where)


def minimum(a, b, format=None, out=None, where=True):
    """The lower of a and b, elementwise; formats as for `add`."""
    return apply("minimum", (a, b), format, out, where)


def maximum(a, b, format=None, out=None, where=True):
    """The higher of a and b, elementwise; formats as for `add`."""
    return apply("maximum", (a, b), format, out, where)


def negative(a, format=None, out=None, where=True):
    """-a, rounded and overflowed once: the lowest value of a signed format has no negative."""
    return apply("negative", (a,), format, out, where)


def absolute(a, format=None, out=None, where=True):
    """abs(a), rounded and overflowed once."""
    return apply("absolute", (a,), format, out, where)


def positive(a, format=None, out=None, where=True):
    """A copy of a, or a rounded once into `format`."""
    return apply("positive", (a,), format, out, where)


def left_shift(a, count, format=None, out=None, where=True):
    """a * 2**count, rounded and overflowed once; `count` an integer or an array of them."""
    return apply("left_shift", (_fixed(a), count), format, out, where)


def right_shift(a, count, format=None, out=None, where=True):
    """a * 2**-count, rounded and overflowed once; `count` an integer or an array of them."""
    return apply("right_shift", (_fixed(a), count), format, out, where)


def linear_combination(coefficients, arrays, format):
    """The sum of coefficient * array, exact, and rounded once into `format`.

    Parameters
    ----------
    coefficients : sequence of int, float or Fraction
        Each a 63-bit integer times a power of two from 2**-512 to 2**512: every float of
        moderate size is one.
    arrays : sequence of FixedArray
        One to eight, of any formats; they broadcast.
    format : Format
        The result's.

    Raises
    ------
    ValueError
        If a coefficient is not such a number, or the lengths differ.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> weight, gradient = fx.array([1.0], q), fx.array([0.5], q)
    >>> fx.linear_combination([1, -0.1], [weight, gradient], q)
    FixedArray([0.94921875], format=Format(16, 8))
    """
    check_format(format)
    coefficients, arrays = list(coefficients), list(arrays)
    if len(coefficients) != len(arrays) or not 1 <= len(arrays) <= 8:
        raise ValueError(
            f"expected 1 to 8 arrays and as many coefficients, got {len(arrays)} arrays and "
            f"{len(coefficients)} coefficients"
        )
    for a in arrays:
        if not isinstance(a, FixedArray):
            raise TypeError(f"expected FixedArrays, got {type(a).__name__}")
    parts = [(a._storage, a.format) for a in arrays]
    dyadic = tuple(_dyadic(c) for c in coefficients)
    return _wrap(arithmetic.linear_combination(dyadic, parts, format), format)


def _dyadic(value):
    """A number as (mantissa, exponent), the mantissa odd or 0."""
    number = inputs.exact(value)
    if not isinstance(number, float):
        numerator, denominator = number.as_integer_ratio()
        zeros = (numerator & -numerator).bit_length() - 1 if numerator else 0
        exponent = zeros - (denominator.bit_length() - 1)
        mantissa = numerator >> zeros
        if (
            not denominator & (denominator - 1)
            and mantissa.bit_length() <= 63
            and abs(exponent) <= 512
        ):
            return mantissa, exponent
    raise ValueError(
        f"a coefficient must be a 63-bit integer times a power of two from 2**-512 to 2**512, "
        f"got {value!r}; float(value) is one near it"
    )


def equal(a, b, out=None, where=True):
    """a == b by exact values, elementwise: booleans."""
    return _compare("equal", a, b, out, where)


def not_equal(a, b, out=None, where=True):
    """a != b by exact values, elementwise: booleans."""
    return _compare("not_equal", a, b, out, where)


def less(a, b, out=None, where=True):
    """a < b by exact values, elementwise: booleans."""
    return _compare("less", a, b, out, where)


def less_equal(a, b, out=None, where=True):
    """a <= b by exact values, elementwise: booleans."""
    return _compare("less_equal", a, b, out, where)


def greater(a, b, out=None, where=True):
    """a > b by exact values, elementwise: booleans."""
    return _compare("greater", a, b, out, where)


def greater_equal(a, b, out=None, where=True):
    """a >= b by exact values, elementwise: booleans."""
    return _compare("greater_equal", a, b, out, where)


_MIRRORED = {
    "equal": "equal",
    "not_equal": "not_equal",
    "less": "greater",
    "less_equal": "greater_equal",
    "greater": "less",
    "greater_equal": "less_equal",
}


def _compare(name, a, b, out, where):
    if not isinstance(a, FixedArray):
        name, a, b = _MIRRORED[name], b, a
    if not isinstance(a, FixedArray):
        raise TypeError(f"{name} needs a FixedArray among its operands")
    found = _array.compare(name, a, b, out, where)
    if found is NotImplemented:
        raise TypeError(f"{name}: a FixedArray has no order with {b!r}")
    return found


# -- products -----------------------------------------------------------------------------


def matmul(a, b, format=None, accumulator=None, out=None):
    """The matrix product, exact sums rounded once; shapes as for `numpy.matmul`.

    Parameters
    ----------
    a, b : FixedArray or numpy.ndarray
        One of them a FixedArray. (..., m, k) and (..., k, n); a vector counts as a row on the
        left and a column on the right.
    format : Format, optional
        The result's; without it as for `add`.
    accumulator : Format, optional
        Compute ``acc = acc + a*b`` from 0 in index order instead, as a hardware loop does: at
        each step the exact sum is rounded and overflowed once into this format, and the last
        sum is converted once into the result's.

    Returns
    -------
    FixedArray
        (..., m, n). Without `accumulator` the bits do not depend on order, blocking or machine.

    Raises
    ------
    ValueError
        If the shapes don't fit.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> fx.matmul(fx.array([[1, 2], [3, 4]], q), fx.array([0.5, -1], q))
    FixedArray([-1.5, -2.5], format=Format(16, 8))
    """
    return _array.product(a, b, format, accumulator, out)


def dot(a, b, format=None, accumulator=None, out=None):
    """The dot product of vectors, the product of matrices, or a scaling; as `numpy.dot`."""
    return _array.dot(a, b, format, accumulator, out)


# -- reductions, selection ----------------------------------------------------------------


def sum(a, axis=None, keepdims=False, format=None):
    """The exact sum over `axis`, rounded once into `format` or the array's own."""
    return _fixed(a).sum(axis, keepdims, format)


def mean(a, axis=None, keepdims=False, format=None):
    """The exact mean over `axis`, rounded once into `format` or the array's own."""
    return _fixed(a).mean(axis, keepdims, format)


def min(a, axis=None, keepdims=False, format=None):
    """The lowest element over `axis`."""
    return _fixed(a).min(axis, keepdims, format)


def max(a, axis=None, keepdims=False, format=None):
    """The highest element over `axis`."""
    return _fixed(a).max(axis, keepdims, format)


def argmax(a, axis=None, keepdims=False):
    """The position of the first highest element over `axis`."""
    return _fixed(a).argmax(axis, keepdims)


def argmin(a, axis=None, keepdims=False):
    """The position of the first lowest element over `axis`."""
    return _fixed(a).argmin(axis, keepdims)


def clip(a, min=None, max=None, format=None, out=None, where=True):
    """Each element, but not below `min` nor above `max` (either may be None)."""
    return _array.clip(_fixed(a), min, max, format, out, where)


# -- elementary functions -----------------------------------------------------------------


def exp(a, format=None, out=None, where=True):
    """e**a, correctly rounded into `format` (by default the array's own).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.exp(fx.array([0, 1, 100], fx.Format(16, 8)))
    FixedArray([  1.        ,   2.71875   , 127.99609375], format=Format(16, 8))
    """
    return apply("exp", (a,), format, out, where)


def log(a, format=None, out=None, where=True):
    """The natural logarithm, correctly rounded; `ValueError` for 0 and less."""
    return apply("log", (a,), format, out, where)


def sqrt(a, format=None, out=None, where=True):
    """The square root, correctly rounded; `ValueError` for negative elements."""
    return apply("sqrt", (a,), format, out, where)


def tanh(a, format=None, out=None, where=True):
    """The hyperbolic tangent, correctly rounded."""
    return apply("tanh", (a,), format, out, where)


def sigmoid(a, format=None, out=None, where=True):
    """1 / (1 + e**-a), correctly rounded."""
    return apply("sigmoid", (a,), format, out, where)


def softmax(a, axis=-1, format=None):
    """e**a over its sum along `axis`, every output correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.softmax(fx.array([1, 1, 1, 1], fx.Format(16, 8)))
    FixedArray([0.25, 0.25, 0.25, 0.25], format=Format(16, 8))
    """
    a = _fixed(a)
    result = a.format if format is None else check_format(format)
    (axis,) = _one_axis("softmax", axis, a)
    return _wrap(evaluate_rows("softmax", a._storage, a.format, axis, result), result)


def logsumexp(a, axis=None, keepdims=False, format=None):
    """The logarithm of the sum of e**a along `axis` (without it, of all), correctly rounded."""
    a = _fixed(a)
    result = a.format if format is None else check_format(format)
    raw = a._storage
    axes = normalize_axes(axis, a.ndim)
    if not all(a.shape[i] for i in axes):
        raise ValueError(f"logsumexp of no elements: shape {a.shape}, axis {axis}")
    kept = [i for i in range(a.ndim) if i not in axes]
    merged = raw.transpose(*kept, *sorted(axes)).reshape(*(a.shape[i] for i in kept), -1)
    found = evaluate_rows("logsumexp", merged, a.format, len(kept), result)
    if keepdims:
        found = np.expand_dims(found, tuple(sorted(axes)))
    return _wrap(found, result)


def _one_axis(name, axis, a):
    axes = normalize_axes(axis, a.ndim) if axis is not None else tuple(range(a.ndim))
    if len(axes) != 1:
        raise ValueError(f"{name} takes one axis, got {axis!r} for shape {a.shape}")
    if a.shape[axes[0]] == 0 and a.size:
        raise ValueError(f"{name} of no elements: shape {a.shape}, axis {axis}")
    return axes


def _fixed(a):
    if not isinstance(a, FixedArray):
        raise TypeError(f"expected a FixedArray, got {type(a).__name__}; make one by fx.array")
    return a


def _wrap(raw, format):
    return FixedArray._from_storage(np.asarray(raw), format)
