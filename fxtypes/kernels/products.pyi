# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from typing import Any, final

from .._types import Integers
from ..fixed_array import FixedArray

TILES: bool
LOOPS: int
PLANES: int
LIMBS: int
KARATSUBA: int
LOW64: int
RESIDUES: int
MOST_COLUMNS: int
MOST_MODULI: int
SMALL: int

@final
class Way:
    def __init__(
        self,
        path: int,
        limbs: Any = ...,
        width: Any = ...,
        block: int = ...,
        top: bool = ...,
        words: Any = ...,
        moduli: Any = ...,
        planes: int = ...,
    ) -> None: ...

@final
class Product:
    out: Any
    codes: tuple[int, int]
    def __init__(
        self, step: Any, shape: tuple[int, ...], last: Any = ..., inner: int = ...
    ) -> None: ...
    def block(self, way: Way, a: Any, b: Any, out: Any, first: int, pitch: int) -> None: ...
    def stack(self, way: Way, a: Any, b: Any) -> None: ...
    def stop(self) -> None: ...
    def settle(self, shape: tuple[int, ...]) -> Any: ...

def cut(work: Any) -> Any: ...
def magnitude_bits(x: FixedArray, code: Any) -> Any: ...
def slices(x: FixedArray, code: Any, count: Integers, width: Any) -> Any: ...
