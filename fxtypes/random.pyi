# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from typing import SupportsIndex

from ._types import Number, Shape
from .fixed_array import FixedArray
from .format import Format

__all__ = ["normal", "uniform"]

def normal(
    shape: Shape,
    format: Format,
    mean: Number = ...,
    deviation: Number = ...,
    seed: SupportsIndex | None = ...,
) -> FixedArray: ...
def uniform(
    shape: Shape,
    format: Format,
    low: Number = ...,
    high: Number = ...,
    seed: SupportsIndex | None = ...,
) -> FixedArray: ...
