from typing import Any

import numpy as np

_Array = np.ndarray[Any, Any]

def independent(array: _Array, target: _Array) -> _Array: ...
