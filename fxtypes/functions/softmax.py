"""Functions of rows of numbers that exponentials are summed in: softmax, logsumexp and kin."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ..fixed_array.array import check_format
from ..operations.reduced_axes import normalize_axes
from .arguments import check_fixed, one_axis, wrap

if TYPE_CHECKING:
    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Axes
    from ..format import Format

__all__ = [
    "log_softmax",
    "logsumexp",
    "softmax",
]


def softmax(a: FixedArray, axis: SupportsIndex = -1, format: Format | None = None) -> FixedArray:
    """e**a over its sum along `axis`, every output correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.softmax(fx.array([1, 1, 1, 1], fx.Format(16, 8)))
    FixedArray([0.25, 0.25, 0.25, 0.25], format=Format(16, 8))
    """
    return _along_rows("softmax", a, axis, format)


def log_softmax(
    a: FixedArray, axis: SupportsIndex = -1, format: Format | None = None
) -> FixedArray:
    """The logarithm of softmax along `axis`, every output correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.log_softmax(fx.array([0, 1, 100], fx.Format(16, 8)))
    FixedArray([-100.,  -99.,    0.], format=Format(16, 8))
    """
    return _along_rows("log_softmax", a, axis, format)


def _along_rows(name, a, axis, format):
    """A function that gives each row along an axis as many outputs as it has elements."""
    a = check_fixed(name, a)
    result = a.format if format is None else check_format(format)
    (axis,) = one_axis(name, axis, a)
    return wrap(_evaluate_rows()(name, a._storage, a.format, axis, result), result)


@lru_cache(1)
def _evaluate_rows() -> Callable[..., Any]:
    from ..elementary.evaluate_rows import evaluate_rows  # late, as few programs need it

    return evaluate_rows


def logsumexp(
    a: FixedArray, axis: Axes = None, keepdims: bool = False, format: Format | None = None
) -> FixedArray:
    """The logarithm of the sum of e**a along `axis` (without it, of all), correctly rounded.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.logsumexp(fx.array([[0, 0], [1, 2]], fx.Format(16, 8)), axis=1)
    FixedArray([0.69140625, 2.3125    ], format=Format(16, 8))
    """
    a = check_fixed("logsumexp", a)
    result = a.format if format is None else check_format(format)
    raw = a._storage
    axes = normalize_axes(axis, a.ndim)
    if not builtins.all(a.shape[i] for i in axes):
        raise ValueError(f"logsumexp of no elements: shape {a.shape}, axis {axis}")
    if axes != (a.ndim - 1,):  # the last one alone lies as it should
        kept = [i for i in range(a.ndim) if i not in axes]
        size = math.prod(a.shape[i] for i in axes)
        raw = raw.transpose(*kept, *sorted(axes)).reshape(*(a.shape[i] for i in kept), size)
    found = _evaluate_rows()("logsumexp", raw, a.format, raw.ndim - 1, result)
    if keepdims:
        found = np.expand_dims(found, tuple(sorted(axes)))
    return wrap(found, result)
