from collections.abc import Callable
from fractions import Fraction
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..format import Format

WIDEST_WITH_EVENTS: int
OVERFLOWED: int
UNDERFLOWED: int
WAS_INEXACT: int

@final
class TableStep:
    def __init__(
        self,
        name: str,
        fmt: Format,
        result: Format,
        entries: NDArray[Any],
        events: NDArray[np.uint16] | None = None,
        fractions: NDArray[np.uint64] | None = None,
        value_beyond: Callable[[int], Fraction] | None = None,
    ) -> None: ...
    @property
    def value_beyond(self) -> Callable[[int], Fraction] | None: ...
    @property
    def results(self) -> NDArray[Any]: ...
    @property
    def nbytes(self) -> int: ...

def evaluate(step: TableStep, raw: NDArray[Any]) -> NDArray[Any]: ...
def by_codes(table: NDArray[Any], codes: NDArray[Any]) -> NDArray[Any] | None: ...
