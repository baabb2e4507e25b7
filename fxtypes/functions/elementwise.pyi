from typing import Any, SupportsIndex

from numpy.typing import NDArray

from ..fixed_array import FixedArray
from ..fixed_array.operand_types import Booleans, Integers, Mask, OperandLike
from ..format import Format

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
