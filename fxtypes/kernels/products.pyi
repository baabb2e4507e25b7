from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..format import Format
from .calls import Step

TILES: bool
SMALL: int

@final
class Scheme:
    def __init__(self, path: int, words: Sequence[int] = (1, 1), **parameters: Any) -> None: ...

@final
class Product:
    def __init__(
        self,
        step: Step,
        shape: tuple[int, ...],
        last: Step | None = None,
        inner: int = 1,
        initial: NDArray[Any] | None = None,
        start: Step | None = None,
        place: NDArray[np.int64] | None = None,
    ) -> None: ...
    @property
    def out(self) -> NDArray[Any]: ...
    @property
    def codes(self) -> tuple[int, int]: ...
    def block(
        self,
        scheme: Scheme,
        a: NDArray[Any],
        b: NDArray[Any] | None,
        out: NDArray[Any],
        first: int,
        corner: tuple[int, int],
    ) -> None: ...
    def stack(self, scheme: Scheme, a: NDArray[Any], b: NDArray[Any]) -> None: ...
    def stop(self) -> None: ...
    def settle(self, shape: tuple[int, ...]) -> NDArray[Any]: ...

def cut(work: int) -> None: ...
def wish() -> str: ...
def magnitude_bits(x: NDArray[Any], code: int) -> int: ...
def extremes(x: NDArray[Any], code: int) -> tuple[int, int]: ...
def count_moves(
    before: NDArray[Any], after: NDArray[Any], step: NDArray[Any]
) -> tuple[int, int]: ...
def one_thread(
    a: NDArray[Any],
    b: NDArray[Any],
    formats: tuple[Format | None, ...],
    initial: NDArray[Any] | None,
    planner: Callable[..., Any],
) -> NDArray[Any] | None: ...
def slices(x: NDArray[Any], code: int, count: int, width: int) -> NDArray[np.float64]: ...
