"""The public functions: thin doors to what FixedArray and the modules below it do."""

import builtins
import math
import operator

import numpy as np

from . import arithmetic, elementwise, inputs
from .elementary.evaluate import evaluate_rows
from .elementwise import *
from .fixed_array import FixedArray, array, check_format
from .joining import concatenate
from .reductions import differences, normalize_axes, truth

__all__ = [
    *elementwise.__all__,
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "diff",
    "linear_combination",
    "logsumexp",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "softmax",
    "std",
    "sum",
    "var",
]


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


# -- reductions, selection ----------------------------------------------------------------


def sum(a, axis=None, format=None, out=None, keepdims=False, initial=None, where=True):
    """The exact sum over `axis`, rounded once into `format` or the array's own.

    Parameters
    ----------
    a : FixedArray
    axis : int, tuple of int or None
        Without it all axes.
    format : Format, optional
        The result's.
    out : FixedArray, optional
        Where the result goes, rounded once into its format.
    keepdims : bool
        Whether the axes stay, with length 1.
    initial : FixedArray or number, optional
        What the sum begins with, taken as an operand of `add`.
    where : array of bool, optional
        Which elements count; it broadcasts to the shape of `a`.

    Raises
    ------
    FixedOverflowError
        If a result is out of range and the format's overflow is `raise`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5, 2, 3], fx.Format(16, 8))
    >>> fx.sum(a), fx.sum(a, initial=100, where=a < 3)
    (FixedArray(6.5, format=Format(16, 8)), FixedArray(103.5, format=Format(16, 8)))
    """
    return _fixed(a).sum(axis, format, out, keepdims, initial, where)


def mean(a, axis=None, format=None, out=None, keepdims=False, *, where=True):
    """The exact mean over `axis`, rounded once into `format` or the array's own.

    Raises
    ------
    ValueError
        If it is of no elements, or `where` leaves none.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[1, 7], [2.5, 7]], fx.Format(8, 4))
    >>> fx.mean(a), fx.mean(a, axis=0)
    (FixedArray(4.375, format=Format(8, 4)), FixedArray([1.75, 7.  ], format=Format(8, 4)))
    """
    return _fixed(a).mean(axis, format, out, keepdims, where=where)


def min(a, axis=None, out=None, keepdims=False, initial=None, where=True, *, format=None):
    """The lowest element over `axis`, and no higher than `initial`.

    Raises
    ------
    ValueError
        If it is of no elements, or `where` is given, without `initial`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5, -2, 3], fx.Format(16, 8))
    >>> fx.min(a), fx.min(a, initial=2, where=a > 0)
    (FixedArray(-2., format=Format(16, 8)), FixedArray(1.5, format=Format(16, 8)))
    """
    return _fixed(a).min(axis, out, keepdims, initial, where, format=format)


def max(a, axis=None, out=None, keepdims=False, initial=None, where=True, *, format=None):
    """The highest element over `axis`, and no lower than `initial`; as `min`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.max(fx.array([[1, 7], [2.5, -3]], fx.Format(8, 4)), axis=1, keepdims=True)
    FixedArray([[7. ],
                [2.5]], format=Format(8, 4))
    """
    return _fixed(a).max(axis, out, keepdims, initial, where, format=format)


def prod(a, axis=None, format=None, out=None, keepdims=False, initial=None, where=True):
    """The product over `axis`, multiplied in C order and rounded at each step into `format`.

    Step k, from 0, is an element's rounding number k (see `seed`); step 0 brings the first
    factor into the format. An element counts once, whatever the steps on its way. The product
    of nothing is 1. With `initial` that is the first factor; elements that `where` leaves out
    are no factors and no steps.

    Raises
    ------
    FormatError
        With `where` or `initial`, if no format of 128 bits holds the elements, 1 and `initial`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.prod(fx.array([1.5, -2, 3], fx.Format(16, 8)))
    FixedArray(-9., format=Format(16, 8))
    """
    return _fixed(a).prod(axis, format, out, keepdims, initial, where)


def cumsum(a, axis=None, format=None, out=None):
    """Each element's exact sum with those before it along `axis`, rounded once.

    Nothing carries over from one element to the next: overflow of one leaves the others right.
    Without `axis` all elements count, in C order, and the result has one axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cumsum(fx.array([7, 5, -8], fx.Format(8, 4)))
    FixedArray([7.    , 7.9375, 4.    ], format=Format(8, 4))
    """
    return _fixed(a).cumsum(axis, format, out)


def cumprod(a, axis=None, format=None, out=None):
    """Each element's product with those before it along `axis`, rounded at each step.

    Step k, from 0, multiplies the result so far by element k and is rounding number k of the
    element that it makes (see `seed`).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cumprod(fx.array([1.5, 2, -2], fx.Format(8, 4)))
    FixedArray([ 1.5,  3. , -6. ], format=Format(8, 4))
    """
    return _fixed(a).cumprod(axis, format, out)


def ptp(a, axis=None, out=None, keepdims=False, *, format=None):
    """The highest less the lowest element over `axis`, exact and rounded once.

    Raises
    ------
    ValueError
        If it is of no elements.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.ptp(fx.array([1.5, 4, -2], fx.Format(8, 4)))
    FixedArray(6., format=Format(8, 4))
    """
    return _fixed(a).ptp(axis, out, keepdims, format=format)


def var(a, axis=None, format=None, out=None, ddof=0, keepdims=False, *, where=True):
    """The variance over `axis`, exact and rounded once into `format` or the array's own.

    Parameters
    ----------
    ddof : int, float or Fraction
        The squared deviations' sum is divided by ``n - ddof``.

    Raises
    ------
    ValueError
        If there are not more than `ddof` elements, or `where` leaves no more.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2, 4], fx.Format(16, 8))
    >>> fx.var(a), fx.var(a, ddof=1)
    (FixedArray(1.5546875, format=Format(16, 8)), FixedArray(2.33203125, format=Format(16, 8)))
    """
    return _fixed(a).var(axis, format, out, ddof, keepdims, where=where)


def std(a, axis=None, format=None, out=None, ddof=0, keepdims=False, *, where=True):
    """The root of the exact variance, rounded once; as `var`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.std(fx.array([1, 2, 4], fx.Format(16, 8)))
    FixedArray(1.24609375, format=Format(16, 8))
    """
    return _fixed(a).std(axis, format, out, ddof, keepdims, where=where)


def any(a, axis=None, out=None, keepdims=False, *, where=True):
    """Whether any element over `axis` is not 0: NumPy booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.any(fx.array([[0, 0], [0, 0.5]], fx.Format(8, 4)), axis=1)
    array([False,  True])
    """
    return _fixed(a).any(axis, out, keepdims, where=where)


def all(a, axis=None, out=None, keepdims=False, *, where=True):
    """Whether no element over `axis` is 0: NumPy booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.all(fx.array([[1, 2], [0, 0.5]], fx.Format(8, 4)), axis=1)
    array([ True, False])
    """
    return _fixed(a).all(axis, out, keepdims, where=where)


def count_nonzero(a, axis=None, keepdims=False):
    """How many elements over `axis` are not 0: NumPy integers.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.count_nonzero(fx.array([[1, 2], [0, 0.5]], fx.Format(8, 4)), axis=0)
    array([1, 2])
    """
    return truth("count_nonzero", _fixed(a)._storage, axis, keepdims)


def diff(a, n=1, axis=-1, prepend=None, append=None, format=None):
    """The n-th differences along `axis`, each exact and rounded once.

    Parameters
    ----------
    n : int
        How many times neighbours are subtracted.
    prepend, append : FixedArray or number, optional
        Joined to `a` before, as `numpy.diff` does.

    Returns
    -------
    FixedArray
        With n elements less along `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.diff(fx.array([1, 2, 4, 7], fx.Format(8, 4)))
    FixedArray([1., 2., 3.], format=Format(8, 4))
    """
    a, times = _fixed(a), operator.index(n)
    if times < 0:
        raise ValueError(f"diff: n must not be negative, got {times}")
    if a.ndim == 0:
        raise ValueError("diff: a 0-d array has no neighbours")
    (axis,) = _one_axis("diff", axis, a)
    ends = (_beside(a, prepend, axis), a, _beside(a, append, axis))
    parts = [part for part in ends if part is not None]
    if len(parts) > 1:
        a = concatenate(parts, axis)
    raw, result = differences(a._storage, a.format, times, axis, _checked(format))
    return _wrap(raw, result)


def _beside(a, end, axis):
    """What `diff` joins to an array, as a FixedArray of a shape that fits."""
    if end is None:
        return None
    if not isinstance(end, FixedArray):
        end = array(end, a.format)
    if end.ndim == 0:
        shape = tuple(1 if i == axis else size for i, size in enumerate(a.shape))
        return _wrap(np.broadcast_to(end._storage, shape), end.format)
    return end


def argmax(a, axis=None, out=None, *, keepdims=False):
    """The position of the first highest element over `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argmax(fx.array([[1, 2], [2.5, 0.5]], fx.Format(8, 4)), axis=1)
    array([1, 0])
    """
    return _fixed(a).argmax(axis, out, keepdims=keepdims)


def argmin(a, axis=None, out=None, *, keepdims=False):
    """The position of the first lowest element over `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argmin(fx.array([3, -1, -1], fx.Format(8, 4)))
    np.int64(1)
    """
    return _fixed(a).argmin(axis, out, keepdims=keepdims)


# -- elementary functions -----------------------------------------------------------------


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
    """The logarithm of the sum of e**a along `axis` (without it, of all), correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.logsumexp(fx.array([[0, 0], [1, 2]], fx.Format(16, 8)), axis=1)
    FixedArray([0.69140625, 2.3125    ], format=Format(16, 8))
    """
    a = _fixed(a)
    result = a.format if format is None else check_format(format)
    raw = a._storage
    axes = normalize_axes(axis, a.ndim)
    if not builtins.all(a.shape[i] for i in axes):
        raise ValueError(f"logsumexp of no elements: shape {a.shape}, axis {axis}")
    kept = [i for i in range(a.ndim) if i not in axes]
    size = math.prod(a.shape[i] for i in axes)
    merged = raw.transpose(*kept, *sorted(axes)).reshape(*(a.shape[i] for i in kept), size)
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


def _checked(format):
    return None if format is None else check_format(format)


def _fixed(a):
    if not isinstance(a, FixedArray):
        raise TypeError(f"expected a FixedArray, got {type(a).__name__}; make one by fx.array")
    return a


def _wrap(raw, format):
    return FixedArray._from_storage(np.asarray(raw), format)
