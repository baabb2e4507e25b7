"""The public elementary functions of elements: exp, log, sin and kin, each correctly rounded.

They all take ``format=`` (the result's), ``out=`` and ``where=``; see `add` for what these mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..fixed_array.array import apply

if TYPE_CHECKING:
    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Mask, OperandLike
    from ..format import Format

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "cos",
    "cosh",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "gelu",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "reciprocal",
    "rsqrt",
    "sigmoid",
    "silu",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "tan",
    "tanh",
]


def arccos(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The inverse cosine in radians, correctly rounded; `ValueError` for magnitudes above 1.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arccos(fx.array([1, 0, -1], fx.Format(16, 8)))
    FixedArray([0.       , 1.5703125, 3.140625 ], format=Format(16, 8))
    """
    return apply("arccos", (a,), format, out, where)


def arccosh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The inverse hyperbolic cosine, correctly rounded; `ValueError` for less than 1.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arccosh(fx.array([1, 2, 100], fx.Format(16, 8)))
    FixedArray([0.        , 1.31640625, 5.296875  ], format=Format(16, 8))
    """
    return apply("arccosh", (a,), format, out, where)


def arcsin(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The inverse sine in radians, correctly rounded; `ValueError` for magnitudes above 1.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arcsin(fx.array([0, 0.5, -1], fx.Format(16, 8)))
    FixedArray([ 0.       ,  0.5234375, -1.5703125], format=Format(16, 8))
    """
    return apply("arcsin", (a,), format, out, where)


def arcsinh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The inverse hyperbolic sine, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arcsinh(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([ 0.       ,  0.8828125, -5.296875 ], format=Format(16, 8))
    """
    return apply("arcsinh", (a,), format, out, where)


def arctan(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The inverse tangent in radians, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arctan(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.78515625, -1.5625    ], format=Format(16, 8))
    """
    return apply("arctan", (a,), format, out, where)


def arctan2(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray:
    """The angle of the point (b, a) in radians, above -pi and up to pi, correctly rounded.

    Formats as for `add`. Of the origin it is 0.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arctan2(fx.array([0, 3, -1], fx.Format(16, 8)), [-1, 4, 0])
    FixedArray([ 3.140625  ,  0.64453125, -1.5703125 ], format=Format(16, 8))
    """
    return apply("arctan2", (a, b), format, out, where)


def arctanh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The inverse hyperbolic tangent, correctly rounded.

    `ValueError` for magnitudes of 1 and more.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.arctanh(fx.array([0, 0.5, -0.75], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.55078125, -0.97265625], format=Format(16, 8))
    """
    return apply("arctanh", (a,), format, out, where)


def cbrt(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The cube root, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cbrt(fx.array([2, -27], fx.Format(16, 8)))
    FixedArray([ 1.26171875, -3.        ], format=Format(16, 8))
    """
    return apply("cbrt", (a,), format, out, where)


def cos(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The cosine of an angle in radians, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cos(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([1.        , 0.5390625 , 0.86328125], format=Format(16, 8))
    """
    return apply("cos", (a,), format, out, where)


def cosh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The hyperbolic cosine, correctly rounded; an infinity from 2**1024 on.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cosh(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([  1.        ,   1.54296875, 127.99609375], format=Format(16, 8))
    """
    return apply("cosh", (a,), format, out, where)


def erf(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The error function, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.erf(fx.array([0, 0.5, -100], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.51953125, -1.        ], format=Format(16, 8))
    """
    return apply("erf", (a,), format, out, where)


def exp(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """e**a, correctly rounded into `format` (by default the array's own).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.exp(fx.array([0, 1, 100], fx.Format(16, 8)))
    FixedArray([  1.        ,   2.71875   , 127.99609375], format=Format(16, 8))
    """
    return apply("exp", (a,), format, out, where)


def exp2(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """2**a, correctly rounded; an infinity from 2**1024 on.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.exp2(fx.array([0, 0.5, -3], fx.Format(16, 8)))
    FixedArray([1.       , 1.4140625, 0.125    ], format=Format(16, 8))
    """
    return apply("exp2", (a,), format, out, where)


def expm1(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """e**a - 1, correctly rounded; an infinity from 2**1024 on.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.expm1(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([ 0.     ,  1.71875, -1.     ], format=Format(16, 8))
    """
    return apply("expm1", (a,), format, out, where)


def gelu(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The Gaussian error linear unit, correctly rounded.

    a * Phi(a), Phi being the standard normal distribution's function: the exact one.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.gelu(fx.array([0, 1, -1], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.83984375, -0.16015625], format=Format(16, 8))
    """
    return apply("gelu", (a,), format, out, where)


def hypot(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray:
    """The square root of a*a + b*b, correctly rounded; formats as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.hypot(fx.array([3, 1], fx.Format(16, 8)), [-4, 1])
    FixedArray([5.       , 1.4140625], format=Format(16, 8))
    """
    return apply("hypot", (a, b), format, out, where)


def log(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The natural logarithm, correctly rounded; `ValueError` for 0 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.log(fx.array([1, 2, 100], fx.Format(16, 8)))
    FixedArray([0.        , 0.69140625, 4.60546875], format=Format(16, 8))
    """
    return apply("log", (a,), format, out, where)


def log10(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The logarithm to base 10, correctly rounded; `ValueError` for 0 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.log10(fx.array([1, 2, 100], fx.Format(16, 8)))
    FixedArray([0.        , 0.30078125, 2.        ], format=Format(16, 8))
    """
    return apply("log10", (a,), format, out, where)


def log1p(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The natural logarithm of 1 + a, correctly rounded; `ValueError` for -1 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.log1p(fx.array([0, 1, 99], fx.Format(16, 8)))
    FixedArray([0.        , 0.69140625, 4.60546875], format=Format(16, 8))
    """
    return apply("log1p", (a,), format, out, where)


def log2(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The logarithm to base 2, correctly rounded; `ValueError` for 0 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.log2(fx.array([1, 3, 64], fx.Format(16, 8)))
    FixedArray([0.       , 1.5859375, 6.       ], format=Format(16, 8))
    """
    return apply("log2", (a,), format, out, where)


def logaddexp(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray:
    """log(e**a + e**b), correctly rounded; formats as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.logaddexp(fx.array([0, 100], fx.Format(16, 8)), [0, 1])
    FixedArray([  0.69140625, 100.        ], format=Format(16, 8))
    """
    return apply("logaddexp", (a, b), format, out, where)


def logaddexp2(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray:
    """log2(2**a + 2**b), correctly rounded; formats as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.logaddexp2(fx.array([0, 100], fx.Format(16, 8)), [0, 1])
    FixedArray([  1., 100.], format=Format(16, 8))
    """
    return apply("logaddexp2", (a, b), format, out, where)


def reciprocal(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
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


def rsqrt(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """1 over the square root, correctly rounded; `ValueError` for 0 and less.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.rsqrt(fx.array([2, 0.25], fx.Format(16, 8)))
    FixedArray([0.70703125, 2.        ], format=Format(16, 8))
    """
    return apply("rsqrt", (a,), format, out, where)


def sigmoid(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """1 / (1 + e**-a), correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sigmoid(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([0.5       , 0.73046875, 0.        ], format=Format(16, 8))
    """
    return apply("sigmoid", (a,), format, out, where)


def silu(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The sigmoid linear unit a / (1 + e**-a), correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.silu(fx.array([0, 1, -1], fx.Format(16, 8)))
    FixedArray([ 0.        ,  0.73046875, -0.26953125], format=Format(16, 8))
    """
    return apply("silu", (a,), format, out, where)


def sin(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The sine of an angle in radians, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sin(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([0.        , 0.83984375, 0.5078125 ], format=Format(16, 8))
    """
    return apply("sin", (a,), format, out, where)


def sinh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The hyperbolic sine, correctly rounded; an infinity from 2**1024 on.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sinh(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([   0.        ,    1.17578125, -128.        ], format=Format(16, 8))
    """
    return apply("sinh", (a,), format, out, where)


def softplus(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """log(1 + e**a), correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.softplus(fx.array([0, 1, -1], fx.Format(16, 8)))
    FixedArray([0.69140625, 1.3125    , 0.3125    ], format=Format(16, 8))
    """
    return apply("softplus", (a,), format, out, where)


def sqrt(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The square root, correctly rounded; `ValueError` for negative elements.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sqrt(fx.array([2, 6.25], fx.Format(16, 8)))
    FixedArray([1.4140625, 2.5      ], format=Format(16, 8))
    """
    return apply("sqrt", (a,), format, out, where)


def tan(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The tangent of an angle in radians, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.tan(fx.array([0, 1, -100], fx.Format(16, 8)))
    FixedArray([0.        , 1.55859375, 0.5859375 ], format=Format(16, 8))
    """
    return apply("tan", (a,), format, out, where)


def tanh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray:
    """The hyperbolic tangent, correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.tanh(fx.array([0, 0.5, -100], fx.Format(16, 8)))
    FixedArray([ 0.       ,  0.4609375, -1.       ], format=Format(16, 8))
    """
    return apply("tanh", (a,), format, out, where)
