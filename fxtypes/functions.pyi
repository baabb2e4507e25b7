# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from collections.abc import Iterable
from typing import Any, SupportsIndex

from ._types import Axes, Number, Operand, Where
from .elementwise import absolute as absolute
from .elementwise import add as add
from .elementwise import bitwise_and as bitwise_and
from .elementwise import bitwise_or as bitwise_or
from .elementwise import bitwise_xor as bitwise_xor
from .elementwise import ceil as ceil
from .elementwise import clip as clip
from .elementwise import divide as divide
from .elementwise import divmod as divmod
from .elementwise import equal as equal
from .elementwise import exp as exp
from .elementwise import floor as floor
from .elementwise import floor_divide as floor_divide
from .elementwise import greater as greater
from .elementwise import greater_equal as greater_equal
from .elementwise import invert as invert
from .elementwise import left_shift as left_shift
from .elementwise import less as less
from .elementwise import less_equal as less_equal
from .elementwise import log as log
from .elementwise import maximum as maximum
from .elementwise import minimum as minimum
from .elementwise import multiply as multiply
from .elementwise import negative as negative
from .elementwise import not_equal as not_equal
from .elementwise import positive as positive
from .elementwise import power as power
from .elementwise import remainder as remainder
from .elementwise import right_shift as right_shift
from .elementwise import round as round
from .elementwise import sigmoid as sigmoid
from .elementwise import sign as sign
from .elementwise import sqrt as sqrt
from .elementwise import square as square
from .elementwise import subtract as subtract
from .elementwise import tanh as tanh
from .elementwise import trunc as trunc
from .fixed_array import FixedArray
from .format import Format

__all__ = [
    "absolute",
    "add",
    "all",
    "any",
    "argmax",
    "argmin",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "ceil",
    "clip",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "diff",
    "divide",
    "divmod",
    "equal",
    "exp",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "invert",
    "left_shift",
    "less",
    "less_equal",
    "linear_combination",
    "log",
    "logsumexp",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "positive",
    "power",
    "prod",
    "ptp",
    "remainder",
    "right_shift",
    "round",
    "sigmoid",
    "sign",
    "softmax",
    "sqrt",
    "square",
    "std",
    "subtract",
    "sum",
    "tanh",
    "trunc",
    "var",
]

def all(
    a: FixedArray,
    axis: Axes | None = ...,
    out: Any = ...,
    keepdims: bool = ...,
    *,
    where: Where = ...,
) -> Any: ...
def any(
    a: FixedArray,
    axis: Axes | None = ...,
    out: Any = ...,
    keepdims: bool = ...,
    *,
    where: Where = ...,
) -> Any: ...
def argmax(
    a: FixedArray, axis: Axes | None = ..., out: Any = ..., *, keepdims: bool = ...
) -> Any: ...
def argmin(
    a: FixedArray, axis: Axes | None = ..., out: Any = ..., *, keepdims: bool = ...
) -> Any: ...
def count_nonzero(a: FixedArray, axis: Axes | None = ..., keepdims: bool = ...) -> Any: ...
def cumprod(
    a: FixedArray,
    axis: Axes | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def cumsum(
    a: FixedArray,
    axis: Axes | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
) -> FixedArray: ...
def diff(
    a: FixedArray,
    n: SupportsIndex = ...,
    axis: Axes = ...,
    prepend: Any = ...,
    append: Any = ...,
    format: Format | None = ...,
) -> FixedArray: ...
def linear_combination(
    coefficients: Iterable[Number], arrays: Iterable[FixedArray], format: Format
) -> FixedArray: ...
def logsumexp(
    a: FixedArray, axis: Axes | None = ..., keepdims: bool = ..., format: Format | None = ...
) -> FixedArray: ...
def max(
    a: FixedArray,
    axis: Axes | None = ...,
    out: FixedArray | None = ...,
    keepdims: bool = ...,
    initial: Operand | None = ...,
    where: Where = ...,
    *,
    format: Format | None = ...,
) -> FixedArray: ...
def mean(
    a: FixedArray,
    axis: Axes | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    keepdims: bool = ...,
    *,
    where: Where = ...,
) -> FixedArray: ...
def min(
    a: FixedArray,
    axis: Axes | None = ...,
    out: FixedArray | None = ...,
    keepdims: bool = ...,
    initial: Operand | None = ...,
    where: Where = ...,
    *,
    format: Format | None = ...,
) -> FixedArray: ...
def prod(
    a: FixedArray,
    axis: Axes | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    keepdims: bool = ...,
    initial: Operand | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def ptp(
    a: FixedArray,
    axis: Axes | None = ...,
    out: FixedArray | None = ...,
    keepdims: bool = ...,
    *,
    format: Format | None = ...,
) -> FixedArray: ...
def softmax(a: FixedArray, axis: Axes = ..., format: Format | None = ...) -> FixedArray: ...
def std(
    a: FixedArray,
    axis: Axes | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    ddof: SupportsIndex = ...,
    keepdims: bool = ...,
    *,
    where: Where = ...,
) -> FixedArray: ...
def sum(
    a: FixedArray,
    axis: Axes | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    keepdims: bool = ...,
    initial: Operand | None = ...,
    where: Where = ...,
) -> FixedArray: ...
def var(
    a: FixedArray,
    axis: Axes | None = ...,
    format: Format | None = ...,
    out: FixedArray | None = ...,
    ddof: SupportsIndex = ...,
    keepdims: bool = ...,
    *,
    where: Where = ...,
) -> FixedArray: ...
