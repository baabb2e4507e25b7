# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from collections.abc import Iterable
from typing import Any, SupportsIndex

from ._types import Operand
from .fixed_array import FixedArray
from .format import Format

__all__ = [
    "convolve",
    "correlate",
    "cross",
    "dot",
    "einsum",
    "einsum_path",
    "inner",
    "kron",
    "matmul",
    "matrix_power",
    "matvec",
    "multi_dot",
    "outer",
    "tensordot",
    "trace",
    "vdot",
    "vecdot",
    "vecmat",
]

def convolve(
    a: Operand,
    v: Operand,
    mode: str = ...,
    format: Format | None = ...,
    accumulator: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def correlate(
    a: Operand,
    v: Operand,
    mode: str = ...,
    format: Format | None = ...,
    accumulator: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def cross(
    a: Operand,
    b: Operand,
    axisa: SupportsIndex = ...,
    axisb: SupportsIndex = ...,
    axisc: SupportsIndex = ...,
    axis: SupportsIndex | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def dot(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    accumulator: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def einsum(
    *operands: Any,
    format: Format | None = ...,
    accumulator: Format | None = ...,
    out: FixedArray | None = ...,
    optimize: Any = ...,
) -> FixedArray: ...
def einsum_path(*operands: Any, optimize: Any = ...) -> tuple[list[Any], str]: ...
def inner(
    a: Operand, b: Operand, format: Format | None = ..., out: FixedArray | None = ...
) -> FixedArray: ...
def kron(
    a: Operand, b: Operand, format: Format | None = ..., out: FixedArray | None = ...
) -> FixedArray: ...
def matmul(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    accumulator: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def matrix_power(
    a: FixedArray, n: SupportsIndex, format: Format | None = ..., out: FixedArray | None = ...
) -> FixedArray: ...
def matvec(
    a: Operand, b: Operand, format: Format | None = ..., out: FixedArray | None = ...
) -> FixedArray: ...
def multi_dot(
    arrays: Iterable[Operand], format: Format | None = ..., out: FixedArray | None = ...
) -> FixedArray: ...
def outer(
    a: Operand, b: Operand, format: Format | None = ..., out: FixedArray | None = ...
) -> FixedArray: ...
def tensordot(
    a: Operand,
    b: Operand,
    axes: Any = ...,
    format: Format | None = ...,
    accumulator: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def trace(
    a: FixedArray,
    offset: SupportsIndex = ...,
    axis1: SupportsIndex = ...,
    axis2: SupportsIndex = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def vdot(
    a: Operand,
    b: Operand,
    format: Format | None = ...,
    accumulator: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def vecdot(
    a: Operand,
    b: Operand,
    axis: SupportsIndex = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def vecmat(
    a: Operand, b: Operand, format: Format | None = ..., out: FixedArray | None = ...
) -> FixedArray: ...
