# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from typing import Any, SupportsIndex, final

from .._types import Axes, Shape
from ..fixed_array import FixedArray

KERNELS: str

@final
class Step:
    name: str
    result: Any
    def __init__(
        self,
        name: str,
        operation: int,
        level: int,
        codes: Any,
        lifts: Any,
        coefficients: Any,
        shift: int,
        out_code: int,
        result: Any,
        fused: int,
        beyond: int = ...,
    ) -> None: ...
    @property
    def level(self) -> int: ...
    @property
    def fused(self) -> int: ...
    def at_level(self, level: int, fused: int = ...) -> Step: ...

def cut(elements: Any) -> Any: ...
def draws(stream: Any, index: Any, n: SupportsIndex, k: SupportsIndex = ...) -> Any: ...
def elementwise(step: Any, operands: Any, out: FixedArray | None = ...) -> Any: ...
def reduce(step: Any, x: FixedArray, axes: Axes, keepdims: bool) -> Any: ...
def scan(
    first: Any,
    rest: Any,
    x: FixedArray,
    keep: Any,
    shape: Shape,
    out: FixedArray | None = ...,
    done: Any = ...,
) -> Any: ...
def to_double(x: FixedArray, code: Any, frac_bits: Any, odd: Any) -> Any: ...
