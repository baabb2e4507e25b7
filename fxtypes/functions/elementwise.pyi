# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from typing import Any, SupportsIndex

from ._types import Integers, Operand, Where
from .fixed_array import FixedArray
from .format import Format

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
    "exp",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "invert",
    "left_shift",
    "less",
    "less_equal",
    "log",
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
    "sigmoid",
    "sign",
    "sqrt",
    "square",
    "subtract",
    "tanh",
    "trunc",
]

def absolute(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def add(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def bitwise_and(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def bitwise_or(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def bitwise_xor(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def ceil(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def clip(
    a: FixedArray,
    min: Operand | None = ...,
    max: Operand | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
    *,
    a_min: Any = ...,
    a_max: Any = ...,
) -> FixedArray: ...
def divide(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def divmod(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> tuple[FixedArray, ...]: ...
def equal(a: Operand, b: Operand, out: FixedArray | None = ..., where: Where = ...) -> Any: ...
def exp(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def floor(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def floor_divide(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def greater(a: Operand, b: Operand, out: FixedArray | None = ..., where: Where = ...) -> Any: ...
def greater_equal(
    a: Operand, b: Operand, out: FixedArray | None = ..., where: Where = ...
) -> Any: ...
def invert(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def left_shift(
    a: FixedArray,
    count: Integers,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def less(a: Operand, b: Operand, out: FixedArray | None = ..., where: Where = ...) -> Any: ...
def less_equal(a: Operand, b: Operand, out: FixedArray | None = ..., where: Where = ...) -> Any: ...
def log(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def maximum(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def minimum(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def multiply(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def negative(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def not_equal(a: Operand, b: Operand, out: FixedArray | None = ..., where: Where = ...) -> Any: ...
def positive(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def power(
    a: FixedArray,
    exponent: Any,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def remainder(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def right_shift(
    a: FixedArray,
    count: Integers,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def round(
    a: FixedArray,
    decimals: SupportsIndex = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def sigmoid(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def sign(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def sqrt(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def square(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def subtract(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def tanh(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def trunc(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
