"""What annotations name: loaded by type checkers, never by the package itself."""

import os
from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any, Literal, NamedTuple, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..format.read_numbers import Number as Number
from ..format.read_numbers import Real as Real
from .array import FixedArray

# What functions take.
Numbers: TypeAlias = Number | NDArray[Any] | Sequence[Any]
OperandLike: TypeAlias = FixedArray | Real | NDArray[Any] | Sequence[Any]
Values: TypeAlias = FixedArray | Numbers
Scalar: TypeAlias = FixedArray | Number  # an array of one element
Integers: TypeAlias = SupportsIndex | NDArray[Any] | Sequence[Any]
Mask: TypeAlias = bool | np.bool_ | NDArray[np.bool_] | Sequence[Any]
Index: TypeAlias = SupportsIndex | slice | EllipsisType | NDArray[Any] | Sequence[Any] | None
Shape: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
Axes: TypeAlias = SupportsIndex | Sequence[SupportsIndex] | None
PadWidth: TypeAlias = Integers | Mapping[int, int | tuple[int, int]]
StrPath: TypeAlias = str | os.PathLike[str]
IndexMode: TypeAlias = Literal["raise", "wrap", "clip"]
Order: TypeAlias = Literal["C", "F", "A", "K"]
OverlapMode: TypeAlias = Literal["full", "same", "valid"]
Radix: TypeAlias = Literal["hex", "bin"]
Side: TypeAlias = Literal["left", "right"]
SortKind: TypeAlias = Literal["quicksort", "heapsort", "mergesort", "stable"]

# What functions give. `| Any`: for one element it is a NumPy scalar, and types don't tell the
# number of axes.
Indices: TypeAlias = NDArray[np.intp]
Positions: TypeAlias = NDArray[np.intp] | Any
Booleans: TypeAlias = NDArray[np.bool_] | Any


# The fields of the named tuples that the unique functions give; the tuples are NumPy's.
class UniqueCounts(NamedTuple):
    values: FixedArray
    counts: Indices


class UniqueInverse(NamedTuple):
    values: FixedArray
    inverse_indices: Indices


class UniqueAll(NamedTuple):
    values: FixedArray
    indices: Indices
    inverse_indices: Indices
    counts: Indices
