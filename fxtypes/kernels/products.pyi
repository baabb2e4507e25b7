from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from .calls import Step

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
        limbs: Sequence[int] = (1, 1),
        width: Sequence[int] = (0, 0),
        block: int = 0,
        top: bool = False,
        words: Sequence[int] = (1, 1),
        moduli: Sequence[int] = (),
        planes: int = 1,
    ) -> None: ...

@final
class Product:
    def __init__(
        self, step: Step, shape: tuple[int, ...], last: Step | None = None, inner: int = 1
    ) -> None: ...
    @property
    def out(self) -> NDArray[Any]: ...
    @property
    def codes(self) -> tuple[int, int]: ...
    def block(
        self,
        way: Way,
        a: NDArray[Any],
        b: NDArray[Any] | None,
        out: NDArray[Any],
        first: int,
        pitch: int,
    ) -> None: ...
    def stack(self, way: Way, a: NDArray[Any], b: NDArray[Any]) -> None: ...
    def stop(self) -> None: ...
    def settle(self, shape: tuple[int, ...]) -> NDArray[Any]: ...

def cut(work: int) -> None: ...
def magnitude_bits(x: NDArray[Any], code: int) -> int: ...
def slices(x: NDArray[Any], code: int, count: int, width: int) -> NDArray[np.float64]: ...
