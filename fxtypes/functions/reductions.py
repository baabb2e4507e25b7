"""Sums, products, extremes and other reductions over axes."""

from ..operations.truth import truth
from .arguments import check_fixed

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
]

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
    return check_fixed("sum", a).sum(axis, format, out, keepdims, initial, where)


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
    return check_fixed("mean", a).mean(axis, format, out, keepdims, where=where)


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
    return check_fixed("min", a).min(axis, out, keepdims, initial, where, format=format)


def max(a, axis=None, out=None, keepdims=False, initial=None, where=True, *, format=None):
    """The highest element over `axis`, and no lower than `initial`; as `min`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.max(fx.array([[1, 7], [2.5, -3]], fx.Format(8, 4)), axis=1, keepdims=True)
    FixedArray([[7. ],
                [2.5]], format=Format(8, 4))
    """
    return check_fixed("max", a).max(axis, out, keepdims, initial, where, format=format)


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
    return check_fixed("prod", a).prod(axis, format, out, keepdims, initial, where)


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
    return check_fixed("cumsum", a).cumsum(axis, format, out)


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
    return check_fixed("cumprod", a).cumprod(axis, format, out)


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
    return check_fixed("ptp", a).ptp(axis, out, keepdims, format=format)


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
    return check_fixed("var", a).var(axis, format, out, ddof, keepdims, where=where)


def std(a, axis=None, format=None, out=None, ddof=0, keepdims=False, *, where=True):
    """The root of the exact variance, rounded once; as `var`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.std(fx.array([1, 2, 4], fx.Format(16, 8)))
    FixedArray(1.24609375, format=Format(16, 8))
    """
    return check_fixed("std", a).std(axis, format, out, ddof, keepdims, where=where)


def any(a, axis=None, out=None, keepdims=False, *, where=True):
    """Whether any element over `axis` is not 0: NumPy booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.any(fx.array([[0, 0], [0, 0.5]], fx.Format(8, 4)), axis=1)
    array([False,  True])
    """
    return check_fixed("any", a).any(axis, out, keepdims, where=where)


def all(a, axis=None, out=None, keepdims=False, *, where=True):
    """Whether no element over `axis` is 0: NumPy booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.all(fx.array([[1, 2], [0, 0.5]], fx.Format(8, 4)), axis=1)
    array([ True, False])
    """
    return check_fixed("all", a).all(axis, out, keepdims, where=where)


def count_nonzero(a, axis=None, keepdims=False):
    """How many elements over `axis` are not 0: NumPy integers.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.count_nonzero(fx.array([[1, 2], [0, 0.5]], fx.Format(8, 4)), axis=0)
    array([1, 2])
    """
    return truth("count_nonzero", check_fixed("count_nonzero", a)._storage, axis, keepdims)


def argmax(a, axis=None, out=None, *, keepdims=False):
    """The position of the first highest element over `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argmax(fx.array([[1, 2], [2.5, 0.5]], fx.Format(8, 4)), axis=1)
    array([1, 0])
    """
    return check_fixed("argmax", a).argmax(axis, out, keepdims=keepdims)


def argmin(a, axis=None, out=None, *, keepdims=False):
    """The position of the first lowest element over `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argmin(fx.array([3, -1, -1], fx.Format(8, 4)))
    np.int64(1)
    """
    return check_fixed("argmin", a).argmin(axis, out, keepdims=keepdims)
