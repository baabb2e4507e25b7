from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, final

from numpy.typing import NDArray

from ..format import Format
from .calls import Step

@final
class ElementaryStep(Step):
    def __init__(
        self,
        name: str,
        kernel: Any,  # of elementary/registry.py
        formats: tuple[Format, ...],
        result: Format,
        reference: Callable[..., int | float],
        masked: bool,
    ) -> None: ...

@final
class RowStep(Step):
    def __init__(
        self,
        name: str,
        function: int,
        format: Format,
        result: Format,
        limbs: int,
        reference: Callable[[Sequence[int], int, int], Any],
    ) -> None: ...

def evaluate(
    step: ElementaryStep, operands: tuple[NDArray[Any], ...], out: NDArray[Any] | None = None
) -> NDArray[Any]: ...
def limbs_of_rows(result: Format, length: int) -> int: ...
def evaluate_rows(step: RowStep, x: NDArray[Any], axis: int) -> NDArray[Any]: ...
def settled() -> dict[str, int]: ...

class Approximation(NamedTuple):
    y: int
    point: int
    error: int
    sign: int

def approximation(
    function: int, raws: tuple[int, ...], frac_bits: tuple[int, ...], limbs: int
) -> Approximation | None: ...
def table(name: str, limbs: int) -> tuple[list[int], int]: ...
