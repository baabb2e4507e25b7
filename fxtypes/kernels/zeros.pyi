from typing import Any

from numpy.typing import NDArray

def without_zeros(
    a: NDArray[Any], b: NDArray[Any], by_rows: bool
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]: ...
