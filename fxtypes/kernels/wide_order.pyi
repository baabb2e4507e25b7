from typing import Any

import numpy as np
from numpy.typing import NDArray

def sort(
    raw: NDArray[Any],
    is_signed: bool,
    descending: bool = False,
    kth: NDArray[np.int64] | None = None,
) -> NDArray[Any]: ...
def argsort(
    raw: NDArray[Any],
    is_signed: bool,
    descending: bool = False,
    kth: NDArray[np.int64] | None = None,
) -> NDArray[np.intp]: ...
def ranks(raw: NDArray[Any], is_signed: bool) -> NDArray[np.intp]: ...
def first_extreme(raw: NDArray[Any], is_signed: bool, highest: bool) -> NDArray[np.intp]: ...
def searchsorted(
    ordered: NDArray[Any], values: NDArray[Any], is_signed: bool, right: bool
) -> NDArray[np.intp]: ...
