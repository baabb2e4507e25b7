"""What the stubs name: loaded by type checkers, never by the package itself."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .array import FixedArray

Real: TypeAlias = int | float | Fraction | Decimal | np.bool_ | np.integer[Any] | np.floating[Any]
Number: TypeAlias = Real | str  # text in decimal
Numbers: TypeAlias = Number | NDArray[Any] | Sequence[Any]
Operand: TypeAlias = FixedArray | Real | NDArray[Any] | Sequence[Any]
Values: TypeAlias = FixedArray | Numbers
Integers: TypeAlias = SupportsIndex | NDArray[Any] | Sequence[Any]
Shape: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
Axes: TypeAlias = SupportsIndex | Sequence[SupportsIndex] | None
Where: TypeAlias = bool | NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]
