# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from typing import SupportsIndex

from ._types import Integers, Number, Shape, Values
from .fixed_array import FixedArray
from .format import Format

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "from_bits",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

def arange(
    start: Number | None = ...,
    stop: Number | Format | None = ...,
    step: Number | Format = ...,
    format: Format | None = ...,
) -> FixedArray: ...
def empty(shape: Shape, format: Format) -> FixedArray: ...
def empty_like(
    a: FixedArray, format: Format | None = ..., shape: Shape | None = ...
) -> FixedArray: ...
def eye(
    N: SupportsIndex,
    M: SupportsIndex | Format | None = ...,
    k: SupportsIndex | Format = ...,
    format: Format | None = ...,
) -> FixedArray: ...
def from_bits(bits: Integers, format: Format) -> FixedArray: ...
def full(shape: Shape, fill_value: Values, format: Format) -> FixedArray: ...
def full_like(
    a: FixedArray, fill_value: Values, format: Format | None = ..., shape: Shape | None = ...
) -> FixedArray: ...
def linspace(
    start: Number,
    stop: Number,
    num: SupportsIndex | Format = ...,
    endpoint: bool | Format = ...,
    format: Format | None = ...,
) -> FixedArray: ...
def ones(shape: Shape, format: Format) -> FixedArray: ...
def ones_like(
    a: FixedArray, format: Format | None = ..., shape: Shape | None = ...
) -> FixedArray: ...
def zeros(shape: Shape, format: Format) -> FixedArray: ...
def zeros_like(
    a: FixedArray, format: Format | None = ..., shape: Shape | None = ...
) -> FixedArray: ...
