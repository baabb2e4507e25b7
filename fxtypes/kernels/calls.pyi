from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..format import Format

KERNELS: str

@final
class Step:
    def __init__(
        self,
        name: str,
        operation: int,
        level: int,
        codes: Sequence[int],
        lifts: Sequence[int],
        coefficients: Sequence[int],
        shift: int,
        out_code: int,
        result: Format | None,
        fused: int,
        beyond: int = 0,
    ) -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def result(self) -> Format | None: ...
    @property
    def level(self) -> int: ...
    @property
    def fused(self) -> int: ...
    def at_level(self, level: int, fused: int = 0) -> Step: ...

def cut(elements: int) -> None: ...
def elementwise(
    step: Step, operands: tuple[NDArray[Any], ...], out: NDArray[Any] | None = None
) -> NDArray[Any]: ...
def to_double(x: NDArray[Any], code: int, frac_bits: int, odd: bool) -> NDArray[np.float64]: ...
def reduce(step: Step, x: NDArray[Any], axes: tuple[int, ...], keepdims: bool) -> NDArray[Any]: ...
def scan(
    first: Step,
    rest: Step | None,
    x: NDArray[Any],
    keep: bool,
    shape: tuple[int, ...],
    out: NDArray[Any] | None = None,
    done: int = 0,
) -> NDArray[Any]: ...
def draws(stream: Sequence[int], index: int, n: int, k: int = 0) -> NDArray[np.uint64]: ...
