# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from collections.abc import Iterable
from typing import Any, SupportsIndex

from ._types import Axes, Integers, Number, Operand, Shape, Values, Where
from .fixed_array import FixedArray
from .format import Format

__all__ = [
    "absolute",
    "add",
    "all",
    "any",
    "arange",
    "argmax",
    "argmin",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "ceil",
    "clip",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "diff",
    "divide",
    "divmod",
    "dot",
    "empty",
    "empty_like",
    "equal",
    "exp",
    "eye",
    "floor",
    "floor_divide",
    "from_bits",
    "full",
    "full_like",
    "greater",
    "greater_equal",
    "invert",
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
    "power",
    "prod",
    "ptp",
    "remainder",
    "right_shift",
    "round",
    "sigmoid",
    "sign",
    "softmax",
    "sqrt",
    "square",
    "std",
    "subtract",
    "sum",
    "tanh",
    "trunc",
    "var",
    "zeros",
    "zeros_like",
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
def all(a: FixedArray, axis: Axes | None = ..., keepdims: bool = ...) -> Any: ...
def any(a: FixedArray, axis: Axes | None = ..., keepdims: bool = ...) -> Any: ...
def arange(*args: Number, format: Format) -> FixedArray: ...
def argmax(a: FixedArray, axis: Axes | None = ..., keepdims: bool = ...) -> Any: ...
def argmin(a: FixedArray, axis: Axes | None = ..., keepdims: bool = ...) -> Any: ...
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
) -> FixedArray: ...
def count_nonzero(a: FixedArray, axis: Axes | None = ..., keepdims: bool = ...) -> Any: ...
def cumprod(
    a: FixedArray,
    axis: Axes | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def cumsum(
    a: FixedArray,
    axis: Axes | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def diff(
    a: FixedArray,
    n: SupportsIndex = ...,
    axis: Axes = ...,
    prepend: Any = ...,
    append: Any = ...,
    format: Format | None = ...,
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
def dot(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    accumulator: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def empty(shape: Shape, format: Format) -> FixedArray: ...
def empty_like(a: FixedArray, format: Format | None = ...) -> FixedArray: ...
def equal(a: Operand, b: Operand, out: FixedArray | None = ..., where: Where = ...) -> Any: ...
def exp(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def eye(
    n: SupportsIndex, m: SupportsIndex | None = ..., k: SupportsIndex = ..., *, format: Format
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
def from_bits(bits: Integers, format: Format) -> FixedArray: ...
def full(shape: Shape, value: Values, format: Format) -> FixedArray: ...
def full_like(a: FixedArray, value: Values, format: Format | None = ...) -> FixedArray: ...
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
def linear_combination(
    coefficients: Iterable[Number], arrays: Iterable[FixedArray], format: Format
) -> FixedArray: ...
def linspace(
    start: Number, stop: Number, num: SupportsIndex = ..., endpoint: bool = ..., *, format: Format
) -> FixedArray: ...
def log(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def logsumexp(
    a: FixedArray, axis: Axes | None = ..., keepdims: bool = ..., format: Format | None = ...
) -> FixedArray: ...
def matmul(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    accumulator: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def max(
    a: FixedArray,
    axis: Axes | None = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def maximum(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def mean(
    a: FixedArray,
    axis: Axes | None = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def min(
    a: FixedArray,
    axis: Axes | None = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
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
def ones(shape: Shape, format: Format) -> FixedArray: ...
def ones_like(a: FixedArray, format: Format | None = ...) -> FixedArray: ...
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
def prod(
    a: FixedArray,
    axis: Axes | None = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def ptp(
    a: FixedArray,
    axis: Axes | None = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
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
def softmax(a: FixedArray, axis: Axes = ..., format: Format | None = ...) -> FixedArray: ...
def sqrt(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def square(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def std(
    a: FixedArray,
    axis: Axes | None = ...,
    ddof: SupportsIndex = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def subtract(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def sum(
    a: FixedArray,
    axis: Axes | None = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def tanh(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def trunc(
    a: FixedArray, format: Format | None = ..., out: FixedArray | None = ..., where: Where = ...
) -> FixedArray: ...
def var(
    a: FixedArray,
    axis: Axes | None = ...,
    ddof: SupportsIndex = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def zeros(shape: Shape, format: Format) -> FixedArray: ...
def zeros_like(a: FixedArray, format: Format | None = ...) -> FixedArray: ...
