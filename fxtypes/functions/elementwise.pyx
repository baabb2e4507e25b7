# cython: freethreading_compatible=True
"""The public elementwise functions.

They all take ``format=`` (the result's), ``out=`` and ``where=``; see `add` for what these mean.
Compiled, so that a call on two small arrays costs little more than the operator does.
"""

import operator

from fxtypes.fixed_array.array cimport FixedArray, pairwise, shifted

from ..fixed_array.array import apply
from ..fixed_array.array import clip as _clip
from ..fixed_array.array import compare as _compare_exactly

__all__ = [
    "absolute",
    "add",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "ceil",
    "clip",
    "divide",
    "divmod",
    "equal",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "invert",
    "left_shift",
    "less",
    "less_equal",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "positive",
    "power",
    "remainder",
    "right_shift",
    "round",
    "sign",
    "square",
    "subtract",
    "trunc",
]


def add(a, b, format=None, out=None, where=True):
    """a + b, exact and rounded once into `format` (see the notes for the result without it).

    Parameters
    ----------
    a, b : FixedArray or number or numpy.ndarray
        One of them a FixedArray; they broadcast.
    format : Format, optional
        The result's.
    out : FixedArray, optional
        Where the results go, rounded once into its format. It may overlap the operands, and
        stays as it was if there is an error.
    where : bool or array of bool, optional
        Which positions are computed; it broadcasts with the operands. The others are 0 in a
        new array, stay in `out`, and neither count nor raise.

    Raises
    ------
    FixedOverflowError
        If a result is out of range and the format's overflow is `raise`; if a float operand
        is out of the array's range, in every mode.
    FormatError
        If there is no common format, or `out` and `format` differ.

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
    return pairwise("add", a, b, format, out, where)


def subtract(a, b, format=None, out=None, where=True):
    """a - b, exact and rounded once into `format`; without it as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5, 2.5], fx.Format(8, 4))
    >>> fx.subtract(a, [1, 0.25])
    FixedArray([0.5 , 2.25], format=Format(8, 4))
    """
    return pairwise("subtract", a, b, format, out, where)


def multiply(a, b, format=None, out=None, where=True):
    """a * b, exact and rounded once into `format`; without it as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5, 2.5], fx.Format(8, 4))
    >>> fx.multiply(a, a)
    FixedArray([2.25, 6.25], format=Format(8, 4))
    >>> fx.multiply(a, a, format=fx.Format(8, 0))
    FixedArray([2, 6], format=Format(8, 0))
    """
    return pairwise("multiply", a, b, format, out, where)


def divide(a, b, format=None, out=None, where=True):
    """a / b, correctly rounded into `format`; without it as for `add`.

    Raises
    ------
    ZeroDivisionError
        For 0 / 0; for x / 0 if the format's overflow is `raise` or `wrap`. Under the other
        modes x / 0 is an infinity of the sign of x: `saturate` clamps it.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.divide(fx.array([1, -1], fx.Format(8, 4)), [3, 0])
    FixedArray([ 0.3125, -8.    ], format=Format(8, 4))
    """
    return pairwise("divide", a, b, format, out, where)


def floor_divide(a, b, format=None, out=None, where=True):
    """floor(a / b), rounded and overflowed once into `format`; without it as for `add`.

    Raises
    ------
    ZeroDivisionError
        As for `divide`: for 0 // 0, and for x // 0 under `raise` and `wrap`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.array([7.5, -7.5], fx.Format(8, 3)) // 2
    FixedArray([ 3., -4.], format=Format(8, 3))
    """
    return pairwise("floor_divide", a, b, format, out, where)


def remainder(a, b, format=None, out=None, where=True):
    """a - b * floor(a / b) with the exact quotient, rounded once; its sign follows b.

    Raises
    ------
    ZeroDivisionError
        If an element of b is 0, in every mode.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.array([7.5, -7.5], fx.Format(8, 3)) % 2
    FixedArray([1.5, 0.5], format=Format(8, 3))
    """
    return pairwise("remainder", a, b, format, out, where)


def divmod(a, b, format=None, out=None, where=True):
    """(floor_divide(a, b), remainder(a, b)); `out` is a tuple of two.

    Each of the two is one step of the stream where rounding is stochastic.

    Raises
    ------
    ZeroDivisionError
        If an element of b is 0, in every mode.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.divmod(fx.array([7.5, -7.5], fx.Format(8, 3)), 2)
    (FixedArray([ 3., -4.], format=Format(8, 3)), FixedArray([1.5, 0.5], format=Format(8, 3)))
    """
    return pairwise("divmod", a, b, format, out, where)


def power(a, exponent, format=None, out=None, where=True):
    """a**exponent, rounded once from the exact power.

    Parameters
    ----------
    a : FixedArray or number or numpy.ndarray
        A number is read as any operand: see `add`.
    exponent : FixedArray or number or numpy.ndarray
        One of the two is a FixedArray; they broadcast. A number is never converted: integers,
        floats, Fractions and Decimals take part with their exact value.

    Raises
    ------
    ValueError
        For a negative base and an exponent that is no integer.
    ZeroDivisionError
        For 0 to a negative power if the format's overflow is `raise` or `wrap`; under the
        others it is a positive infinity.

    Notes
    -----
    Without `format` two FixedArrays give their common format, as for `add`; a number, as base or
    as exponent, leaves the array's. A power of magnitude 2**1024 or more counts as an infinity.
    ``0**0`` is 1.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5, 2, 0.5], fx.Format(16, 8))
    >>> fx.power(a, [3, 2, -3])
    FixedArray([3.375, 4.   , 8.   ], format=Format(16, 8))
    >>> fx.power(a, a)
    FixedArray([1.8359375 , 4.        , 0.70703125], format=Format(16, 8))
    >>> 2**a
    FixedArray([2.828125 , 4.       , 1.4140625], format=Format(16, 8))
    """
    return pairwise("power", a, exponent, format, out, where)


def bitwise_and(a, b, format=None, out=None, where=True):
    """The bits that both raw integers have, in the operands' common format.

    A Python or NumPy integer stands for its value, as everywhere: ``a & 1`` keeps the bit of
    weight 1. The result is rounded and overflowed once into `format`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.bitwise_and(fx.array([3.5, -1], fx.Format(8, 4)), 2)
    FixedArray([2., 2.], format=Format(8, 4))
    """
    return pairwise("bitwise_and", a, b, format, out, where)


def bitwise_or(a, b, format=None, out=None, where=True):
    """The bits that either raw integer has; operands as for `bitwise_and`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.bitwise_or(fx.array([1.5, 4], fx.Format(8, 4)), 2)
    FixedArray([3.5, 6. ], format=Format(8, 4))
    """
    return pairwise("bitwise_or", a, b, format, out, where)


def bitwise_xor(a, b, format=None, out=None, where=True):
    """The bits that one of the raw integers has; operands as for `bitwise_and`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.bitwise_xor(fx.array([3.5, 1], fx.Format(8, 4)), 2)
    FixedArray([1.5, 3. ], format=Format(8, 4))
    """
    return pairwise("bitwise_xor", a, b, format, out, where)


def invert(a, format=None, out=None, where=True):
    """The raw integers with all bits flipped: ``-raw - 1``, unsigned ``raw_max - raw``.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.invert(fx.array([0, 1], fx.Format(8, 4, signed=False)))
    FixedArray([15.9375, 14.9375], format=Format(8, 4, signed=False))
    """
    return apply("invert", (a,), format, out, where)


def minimum(a, b, format=None, out=None, where=True):
    """The lower of a and b, elementwise; formats as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.minimum(fx.array([1.5, 4], fx.Format(8, 4)), 2)
    FixedArray([1.5, 2. ], format=Format(8, 4))
    """
    return pairwise("minimum", a, b, format, out, where)


def maximum(a, b, format=None, out=None, where=True):
    """The higher of a and b, elementwise; formats as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.maximum(fx.array([1.5, 4], fx.Format(8, 4)), 2)
    FixedArray([2., 4.], format=Format(8, 4))
    """
    return pairwise("maximum", a, b, format, out, where)


def negative(a, format=None, out=None, where=True):
    """-a, rounded and overflowed once: the lowest value of a signed format has no negative.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.negative(fx.array([1.5, -8], fx.Format(8, 4)))
    FixedArray([-1.5   ,  7.9375], format=Format(8, 4))
    """
    return apply("negative", (a,), format, out, where)


def absolute(a, format=None, out=None, where=True):
    """abs(a), rounded and overflowed once.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.absolute(fx.array([-1.5, -8], fx.Format(8, 4)))
    FixedArray([1.5   , 7.9375], format=Format(8, 4))
    """
    return apply("absolute", (a,), format, out, where)


def positive(a, format=None, out=None, where=True):
    """A copy of a, or a rounded once into `format`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.positive(fx.array([1.5, 2.5], fx.Format(8, 4)), format=fx.Format(8, 0))
    FixedArray([2, 2], format=Format(8, 0))
    """
    return apply("positive", (a,), format, out, where)


def sign(a, format=None, out=None, where=True):
    """-1, 0 or 1, rounded and overflowed as any result.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sign(fx.array([-3.5, 0, 2], fx.Format(8, 4)))
    FixedArray([-1.,  0.,  1.], format=Format(8, 4))
    """
    return apply("sign", (a,), format, out, where)


def square(a, format=None, out=None, where=True):
    """a * a, exact and rounded once.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.square(fx.array([-1.5, 4], fx.Format(8, 4)))
    FixedArray([2.25  , 7.9375], format=Format(8, 4))
    """
    return apply("square", (a,), format, out, where)


def floor(a, format=None, out=None, where=True):
    """The next integer downward, into `format` or the array's own.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.floor(fx.array([1.5, -1.5], fx.Format(8, 4)))
    FixedArray([ 1., -2.], format=Format(8, 4))
    """
    return apply("floor", (a,), format, out, where)


def ceil(a, format=None, out=None, where=True):
    """The next integer upward, rounded and overflowed once.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.ceil(fx.array([1.25, -1.25, 7.5], fx.Format(8, 4)))
    FixedArray([ 2.    , -1.    ,  7.9375], format=Format(8, 4))
    """
    return apply("ceil", (a,), format, out, where)


def trunc(a, format=None, out=None, where=True):
    """The next integer toward zero.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.trunc(fx.array([1.75, -1.75], fx.Format(8, 4)))
    FixedArray([ 1., -1.], format=Format(8, 4))
    """
    return apply("trunc", (a,), format, out, where)


def round(a, decimals=0, format=None, out=None, where=True):
    """The nearest multiple of ``10**-decimals``, exact ties to the even one.

    That multiple is then rounded once into `format`, as any result: most of them have no exact
    binary form.

    Parameters
    ----------
    decimals : int
        May be negative.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([0.5, 1.5, 2.625], fx.Format(16, 8))
    >>> fx.round(a)
    FixedArray([0., 2., 3.], format=Format(16, 8))
    >>> fx.round(a, 2)
    FixedArray([0.5       , 1.5       , 2.62109375], format=Format(16, 8))
    """
    options = {"decimals": operator.index(decimals)}
    return apply("round", (a,), format, out, where, options)


def left_shift(a, count, format=None, out=None, where=True):
    """a * 2**count, rounded and overflowed once; `count` an integer or an array of them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.left_shift(fx.array([1.5, 1.5, 1.5], fx.Format(8, 4)), [1, 4, -1])
    FixedArray([3.    , 7.9375, 0.75  ], format=Format(8, 4))
    """
    return shifted("left_shift", a, count, format, out, where)


def right_shift(a, count, format=None, out=None, where=True):
    """a * 2**-count, rounded and overflowed once; `count` an integer or an array of them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.right_shift(fx.array([1.5, -0.0625], fx.Format(8, 4)), 1)
    FixedArray([0.75, 0.  ], format=Format(8, 4))
    """
    return shifted("right_shift", a, count, format, out, where)


def clip(a, min=None, max=None, format=None, out=None, where=True, *, a_min=None, a_max=None):
    """Each element, but not below `min` nor above `max` (either may be None).

    `a_min` and `a_max` are NumPy's older names of the bounds.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.clip(fx.array([-3, 0.5, 3], fx.Format(8, 4)), 0, 1.5)
    FixedArray([0. , 0.5, 1.5], format=Format(8, 4))
    """
    low, high = min if a_min is None else a_min, max if a_max is None else a_max
    return _clip(a, low, high, format, out, where)


def equal(a, b, out=None, where=True):
    """a == b by exact values, elementwise: booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.equal(fx.array([0.5, 1], fx.Format(8, 4)), [0.5, 1.01])
    array([ True, False])
    """
    return _compare("equal", a, b, out, where)


def not_equal(a, b, out=None, where=True):
    """a != b by exact values, elementwise: booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.not_equal(fx.array([0.5, 1], fx.Format(8, 4)), [0.5, 1.01])
    array([False,  True])
    """
    return _compare("not_equal", a, b, out, where)


def less(a, b, out=None, where=True):
    """a < b by exact values, elementwise: booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.less(fx.array([0.5, 1], fx.Format(8, 4)), fx.array([0.625, 1], fx.Format(8, 6)))
    array([ True, False])
    """
    return _compare("less", a, b, out, where)


def less_equal(a, b, out=None, where=True):
    """a <= b by exact values, elementwise: booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.less_equal(fx.array([0.5, 1], fx.Format(8, 4)), 0.5)
    array([ True, False])
    """
    return _compare("less_equal", a, b, out, where)


def greater(a, b, out=None, where=True):
    """a > b by exact values, elementwise: booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.greater(fx.array([0.5, 1], fx.Format(8, 4)), 0.5)
    array([False,  True])
    """
    return _compare("greater", a, b, out, where)


def greater_equal(a, b, out=None, where=True):
    """a >= b by exact values, elementwise: booleans.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.greater_equal(fx.array([0.5, 1], fx.Format(8, 4)), 0.51)
    array([False,  True])
    """
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
    found = _compare_exactly(name, a, b, out, where)
    if found is NotImplemented:
        raise TypeError(f"{name}: a FixedArray has no order with {b!r}")
    return found
