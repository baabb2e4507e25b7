"""The elements of an array in C order: what `FixedArray.flat` gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..format.overlap import independent
from ..operations import assignment
from ..operations.operand import Operand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .array import FixedArray
    from .operand_types import Index, Values


class Flat:
    """An array's elements in one axis, as `numpy.flatiter`: an iterator that can be indexed."""

    __array_ufunc__ = None  # operations are the array's, of `flat[:]`

    def __init__(self, array: FixedArray) -> None:
        self._array = array
        self._numpys: Any = array._storage.flat

    @property
    def base(self) -> FixedArray:
        """The array whose elements these are."""
        return self._array

    @property
    def index(self) -> int:
        """How many elements `next` has given."""
        return self._numpys.index

    @property
    def coords(self) -> tuple[int, ...]:
        """The indices, along the array's axes, of the element that `next` gives."""
        return self._numpys.coords

    def copy(self) -> FixedArray:
        """The elements in a new array of one axis."""
        return self._array.flatten()

    def __len__(self) -> int:
        return self._array.size

    def __iter__(self) -> Iterator[FixedArray]:
        return self

    def __next__(self) -> FixedArray:
        return self._wrap(next(self._numpys))

    def __getitem__(self, key: Index) -> FixedArray:
        return self._wrap(self._numpys[key])

    def __setitem__(self, key: Index, values: Values) -> None:
        a = self._array
        raw = a._storage
        places: Any = np.broadcast_to(np.int8(0), raw.shape).flat
        chosen = places[key]
        count = np.size(chosen)
        if not count:
            return
        value = Operand(values, None)
        if isinstance(values, type(a)):
            value = Operand(values._storage, values.format)
        if not np.size(value.raw):
            raise ValueError("flat: there are no values to assign")
        if not np.ndim(chosen) and np.ndim(value.raw):
            raise ValueError("setting an array element with a sequence.")
        # As many as there are elements: each draws, and counts, for itself.
        given = assignment.in_format("convert", assignment.first_of(value, count), a.format)
        self._numpys[key] = independent(given, raw) if np.ndim(chosen) else given[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.copy(), dtype)

    def _wrap(self, found: Any) -> FixedArray:
        raw = np.array(found, self._array._storage.dtype)
        return self._array._from_storage(raw, self._array.format)
