from typing import Any, SupportsIndex

from numpy.typing import NDArray

from ..fixed_array import FixedArray
from ..fixed_array.operand_types import Booleans, Integers, Mask, OperandLike
from ..format import Format

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
    "log1p",
    "log2",
    "log10",
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

def add(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def subtract(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def multiply(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def divide(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def floor_divide(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def remainder(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def divmod(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: tuple[FixedArray | None, FixedArray | None] | None = None,
    where: Mask = True,
) -> tuple[FixedArray, FixedArray]: ...
def power(
    a: OperandLike,
    exponent: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def bitwise_and(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def bitwise_or(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def bitwise_xor(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def invert(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def minimum(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def maximum(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def negative(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def absolute(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def positive(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def sign(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def square(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def floor(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def ceil(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def trunc(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def round(
    a: FixedArray,
    decimals: SupportsIndex = 0,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def left_shift(
    a: FixedArray,
    count: Integers,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def right_shift(
    a: FixedArray,
    count: Integers,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def clip(
    a: FixedArray,
    min: OperandLike | None = None,
    max: OperandLike | None = None,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
    *,
    a_min: OperandLike | None = None,
    a_max: OperandLike | None = None,
) -> FixedArray: ...
def exp(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def log(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def sqrt(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def tanh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def sigmoid(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def arccos(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def arccosh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def arcsin(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def arcsinh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def arctan(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def arctanh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def cbrt(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def cos(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def cosh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def erf(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def exp2(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def expm1(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def gelu(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def log10(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def log1p(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def log2(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def reciprocal(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def rsqrt(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def silu(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def sin(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def sinh(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def softplus(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def tan(
    a: FixedArray, format: Format | None = None, out: FixedArray | None = None, where: Mask = True
) -> FixedArray: ...
def arctan2(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def hypot(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def logaddexp(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def logaddexp2(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    out: FixedArray | None = None,
    where: Mask = True,
) -> FixedArray: ...
def equal(
    a: OperandLike, b: OperandLike, out: NDArray[Any] | None = None, where: Mask = True
) -> Booleans: ...
def not_equal(
    a: OperandLike, b: OperandLike, out: NDArray[Any] | None = None, where: Mask = True
) -> Booleans: ...
def less(
    a: OperandLike, b: OperandLike, out: NDArray[Any] | None = None, where: Mask = True
) -> Booleans: ...
def less_equal(
    a: OperandLike, b: OperandLike, out: NDArray[Any] | None = None, where: Mask = True
) -> Booleans: ...
def greater(
    a: OperandLike, b: OperandLike, out: NDArray[Any] | None = None, where: Mask = True
) -> Booleans: ...
def greater_equal(
    a: OperandLike, b: OperandLike, out: NDArray[Any] | None = None, where: Mask = True
) -> Booleans: ...
