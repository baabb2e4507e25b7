# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from typing import Any

from ._types import Axes
from .fixed_array import FixedArray
from .format import Format

__all__ = ["histogram", "histogram_bin_edges", "interp", "median", "percentile", "quantile"]

def histogram(a: FixedArray, bins: Any = ..., range: Any = ...) -> Any: ...
def histogram_bin_edges(a: FixedArray, bins: Any = ..., range: Any = ...) -> Any: ...
def interp(
    x: FixedArray,
    xp: Any,
    fp: Any,
    left: Any = ...,
    right: bool | None = ...,
    format: Format | None = ...,
) -> FixedArray: ...
def median(
    a: FixedArray, axis: Axes | None = ..., keepdims: bool = ..., format: Format | None = ...
) -> FixedArray: ...
def percentile(
    a: FixedArray,
    q: Any,
    axis: Axes | None = ...,
    method: str = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
) -> FixedArray: ...
def quantile(
    a: FixedArray,
    q: Any,
    axis: Axes | None = ...,
    method: str = ...,
    keepdims: bool = ...,
    format: Format | None = ...,
) -> FixedArray: ...
