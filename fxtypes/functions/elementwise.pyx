# cython: freethreading_compatible=True
"""The public elementwise functions.

They all take ``format=`` (the result's), ``out=`` and ``where=``; see `add` for what these mean.
Compiled, so that a call on two small arrays costs little more than the operator does.
"""

import operator

from fxtypes.fixed_array.array cimport FixedArray, pairwise

from ..fixed_array.array import apply
from ..fixed_array.array import clip as _clip
from ..fixed_array.array import compare as _compare_exactly

__all__ = [
    "absolute",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "cbrt",
    "ceil",
    "clip",
    "cos",
    "cosh",
    "divide",
    "divmod",
    "equal",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "floor_divide",
    "gelu",
    "greater",
    "greater_equal",
    "hypot",
    "invert",
    "left_shift",
    "less",
    "less_equal",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "positive",
    "power",
    "reciprocal",
    "remainder",
    "right_shift",
    "round",
    "rsqrt",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
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
    return apply("left_shift", (a, count), format, out, where)


def right_shift(a, count, format=None, out=None, where=True):
    """a * 2**-count, rounded and overflowed once; `count` an integer or an array of them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.right_shift(fx.array([1.5, -0.0625], fx.Format(8, 4)), 1)
    FixedArray([0.75, 0.  ], format=Format(8, 4))
    """
    return apply("right_shift", (a, count), format, out, where)


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
    """The natural logarithm, correctly rounded; `ValueError` for 0 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.log(fx.array([1, 2, 100], fx.Format(16, 8)))
    FixedArray([0.        , 0.69140625, 4.60546875], format=Format(16, 8))
    """
    return apply("log", (a,), format, out, where)


def sqrt(a, format=None, out=None, where=True):
    """The square root, correctly rounded; `ValueError` for negative elements.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sqrt(fx.array([2, 6.25], fx.Format(16, 8)))
    FixedArray([1.4140625, 2.5      ], format=Format(16, 8))
    """
    return apply("sqrt", (a,), format, out, where)


def tanh(a, format=None, out=None, where=True):
    """The hyperbolic tangent, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.tanh(fx.array([0, 0.5, -100], fx.Format(16, 8)))
    FixedArray([ 0.       ,  0.4609375, -1.       ], format=Format(16, 8))
    """
    return apply("tanh", (a,), format, out, where)


def sigmoid(a, format=None, out=None, where=True):
    """1 / (1 + e**-a), correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sigmoid(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([0.5       , 0.73046875, 0.        ], format=Format(16, 8))
    """
    return apply("sigmoid", (a,), format, out, where)


def arccos(a, format=None, out=None, where=True):
    """The inverse cosine in radians, correctly rounded; `ValueError` for magnitudes above 1.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arccos(fx.array([1, 0, -1], fx.Format(16, 8)))
    FixedArray([0.       , 1.5703125, 3.140625 ], format=Format(16, 8))
    """
    return apply("arccos", (a,), format, out, where)


def arccosh(a, format=None, out=None, where=True):
    """The inverse hyperbolic cosine, correctly rounded; `ValueError` for less than 1.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arccosh(fx.array([1, 2, 100], fx.Format(16, 8)))
    FixedArray([0.        , 1.31640625, 5.296875  ], format=Format(16, 8))
    """
    return apply("arccosh", (a,), format, out, where)


def arcsin(a, format=None, out=None, where=True):
    """The inverse sine in radians, correctly rounded; `ValueError` for magnitudes above 1.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arcsin(fx.array([0, 0.5, -1], fx.Format(16, 8)))
    FixedArray([ 0.       ,  0.5234375, -1.5703125], format=Format(16, 8))
    """
    return apply("arcsin", (a,), format, out, where)


def arcsinh(a, format=None, out=None, where=True):
    """The inverse hyperbolic sine, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arcsinh(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([ 0.       ,  0.8828125, -5.296875 ], format=Format(16, 8))
    """
    return apply("arcsinh", (a,), format, out, where)


def arctan(a, format=None, out=None, where=True):
    """The inverse tangent in radians, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arctan(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.78515625, -1.5625    ], format=Format(16, 8))
    """
    return apply("arctan", (a,), format, out, where)


def arctanh(a, format=None, out=None, where=True):
    """The inverse hyperbolic tangent, correctly rounded.

    `ValueError` for magnitudes of 1 and more.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arctanh(fx.array([0, 0.5, -0.75], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.55078125, -0.97265625], format=Format(16, 8))
    """
    return apply("arctanh", (a,), format, out, where)


def cbrt(a, format=None, out=None, where=True):
    """The cube root, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cbrt(fx.array([2, -27], fx.Format(16, 8)))
    FixedArray([ 1.26171875, -3.        ], format=Format(16, 8))
    """
    return apply("cbrt", (a,), format, out, where)


def cos(a, format=None, out=None, where=True):
    """The cosine of an angle in radians, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cos(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([1.        , 0.5390625 , 0.86328125], format=Format(16, 8))
    """
    return apply("cos", (a,), format, out, where)


def cosh(a, format=None, out=None, where=True):
    """The hyperbolic cosine, correctly rounded; an infinity from 2**1024 on.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cosh(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([  1.        ,   1.54296875, 127.99609375], format=Format(16, 8))
    """
    return apply("cosh", (a,), format, out, where)


def erf(a, format=None, out=None, where=True):
    """The error function, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.erf(fx.array([0, 0.5, -100], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.51953125, -1.        ], format=Format(16, 8))
    """
    return apply("erf", (a,), format, out, where)


def exp2(a, format=None, out=None, where=True):
    """2**a, correctly rounded; an infinity from 2**1024 on.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.exp2(fx.array([0, 0.5, -3], fx.Format(16, 8)))
    FixedArray([1.       , 1.4140625, 0.125    ], format=Format(16, 8))
    """
    return apply("exp2", (a,), format, out, where)


def expm1(a, format=None, out=None, where=True):
    """e**a - 1, correctly rounded; an infinity from 2**1024 on.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.expm1(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([ 0.     ,  1.71875, -1.     ], format=Format(16, 8))
    """
    return apply("expm1", (a,), format, out, where)


def gelu(a, format=None, out=None, where=True):
    """The Gaussian error linear unit, correctly rounded.

    a * Phi(a), Phi being the standard normal distribution's function: the exact one.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.gelu(fx.array([0, 1, -1], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.83984375, -0.16015625], format=Format(16, 8))
    """
    return apply("gelu", (a,), format, out, where)


def log10(a, format=None, out=None, where=True):
    """The logarithm to base 10, correctly rounded; `ValueError` for 0 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.log10(fx.array([1, 2, 100], fx.Format(16, 8)))
    FixedArray([0.        , 0.30078125, 2.        ], format=Format(16, 8))
    """
    return apply("log10", (a,), format, out, where)


def log1p(a, format=None, out=None, where=True):
    """The natural logarithm of 1 + a, correctly rounded; `ValueError` for -1 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.log1p(fx.array([0, 1, 99], fx.Format(16, 8)))
    FixedArray([0.        , 0.69140625, 4.60546875], format=Format(16, 8))
    """
    return apply("log1p", (a,), format, out, where)


def log2(a, format=None, out=None, where=True):
    """The logarithm to base 2, correctly rounded; `ValueError` for 0 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.log2(fx.array([1, 3, 64], fx.Format(16, 8)))
    FixedArray([0.       , 1.5859375, 6.       ], format=Format(16, 8))
    """
    return apply("log2", (a,), format, out, where)


def reciprocal(a, format=None, out=None, where=True):
    """1 / a, correctly rounded; 1 / 0 as `divide` has it.

    Raises
    ------
    ZeroDivisionError
        For 0 if the format's overflow is `raise` or `wrap`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.reciprocal(fx.array([3, -0.5, 0], fx.Format(16, 8)))
    FixedArray([  0.33203125,  -2.        , 127.99609375], format=Format(16, 8))
    """
    return apply("reciprocal", (a,), format, out, where)


def rsqrt(a, format=None, out=None, where=True):
    """1 over the square root, correctly rounded; `ValueError` for 0 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.rsqrt(fx.array([2, 0.25], fx.Format(16, 8)))
    FixedArray([0.70703125, 2.        ], format=Format(16, 8))
    """
    return apply("rsqrt", (a,), format, out, where)


def silu(a, format=None, out=None, where=True):
    """The sigmoid linear unit a / (1 + e**-a), correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.silu(fx.array([0, 1, -1], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.73046875, -0.26953125], format=Format(16, 8))
    """
    return apply("silu", (a,), format, out, where)


def sin(a, format=None, out=None, where=True):
    """The sine of an angle in radians, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sin(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([0.        , 0.83984375, 0.5078125 ], format=Format(16, 8))
    """
    return apply("sin", (a,), format, out, where)


def sinh(a, format=None, out=None, where=True):
    """The hyperbolic sine, correctly rounded; an infinity from 2**1024 on.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sinh(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([   0.        ,    1.17578125, -128.        ], format=Format(16, 8))
    """
    return apply("sinh", (a,), format, out, where)


def softplus(a, format=None, out=None, where=True):
    """log(1 + e**a), correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.softplus(fx.array([0, 1, -1], fx.Format(16, 8)))
    FixedArray([0.69140625, 1.3125    , 0.3125    ], format=Format(16, 8))
    """
    return apply("softplus", (a,), format, out, where)


def tan(a, format=None, out=None, where=True):
    """The tangent of an angle in radians, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.tan(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([0.        , 1.55859375, 0.5859375 ], format=Format(16, 8))
    """
    return apply("tan", (a,), format, out, where)


def arctan2(a, b, format=None, out=None, where=True):
    """The angle of the point (b, a) in radians, above -pi and up to pi, correctly rounded.

    Formats as for `add`. Of the origin it is 0.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arctan2(fx.array([0, 3, -1], fx.Format(16, 8)), [-1, 4, 0])
    FixedArray([ 3.140625  ,  0.64453125, -1.5703125 ], format=Format(16, 8))
    """
    return pairwise("arctan2", a, b, format, out, where)


def hypot(a, b, format=None, out=None, where=True):
    """The square root of a*a + b*b, correctly rounded; formats as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.hypot(fx.array([3, 1], fx.Format(16, 8)), [-4, 1])
    FixedArray([5.       , 1.4140625], format=Format(16, 8))
    """
    return pairwise("hypot", a, b, format, out, where)


def logaddexp(a, b, format=None, out=None, where=True):
    """log(e**a + e**b), correctly rounded; formats as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.logaddexp(fx.array([0, 100], fx.Format(16, 8)), [0, 1])
    FixedArray([  0.69140625, 100.        ], format=Format(16, 8))
    """
    return pairwise("logaddexp", a, b, format, out, where)


def logaddexp2(a, b, format=None, out=None, where=True):
    """log2(2**a + 2**b), correctly rounded; formats as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.logaddexp2(fx.array([0, 100], fx.Format(16, 8)), [0, 1])
    FixedArray([  1., 100.], format=Format(16, 8))
    """
    return pairwise("logaddexp2", a, b, format, out, where)


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
