"""Elements chosen from several arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ..fixed_array import FixedArray
from ..format import many_axes, read_numbers
from ..kernels.calls import select as select_elements
from ..operations.element_moves import check_indices
from .common_format import gather

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import IndexMode, Indices, Integers, Mask, OperandLike, Real
    from ..format import Format

__all__ = [
    "choose",
    "select",
    "where",
]


@overload
def where(
    condition: Mask | FixedArray, x: None = None, y: None = None, format: None = None
) -> tuple[Indices, ...]: ...
@overload
def where(
    condition: Mask | FixedArray, x: FixedArray, y: OperandLike, format: Format | None = None
) -> FixedArray: ...
@overload
def where(
    condition: Mask | FixedArray, x: OperandLike, y: FixedArray, format: Format | None = None
) -> FixedArray: ...
@overload
def where(
    condition: FixedArray, x: Real | NDArray[Any], y: Real | NDArray[Any]
) -> NDArray[Any]: ...
def where(condition: Any, x: Any = None, y: Any = None, format: Format | None = None) -> Any:
    """Elements of `x` where `condition` is true, elsewhere of `y`.

    Parameters
    ----------
    condition : array of bool, or FixedArray (true where not 0)
    x, y : FixedArray or number or numpy.ndarray
        One of them a FixedArray; all three broadcast. Without both, the indices where
        `condition` is true, as `numpy.nonzero` gives them.
    format : Format, optional
        The result's; without it as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, -2], fx.Format(8, 4))
    >>> fx.where(a > 0, a, 0.5)
    FixedArray([1. , 0.5], format=Format(8, 4))
    """
    read_numbers.refuse_masked(condition)
    mask = np.asarray(condition, dtype=bool)
    if x is None and y is None and format is None:
        return np.nonzero(np.atleast_1d(mask))
    if x is None or y is None:
        raise ValueError("where takes both x and y, or neither")
    numbers = not isinstance(x, FixedArray) and not isinstance(y, FixedArray)
    if isinstance(condition, FixedArray) and numbers and format is None:
        return np.where(mask, x, y)
    return gather("where", [x, y], format, lambda x, y: _chosen(mask, x, y))


def _chosen(mask: NDArray[np.bool_], x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """As np.where, which is slow at the storage of some formats."""
    if x.dtype == y.dtype and x.dtype.kind != "O":
        return select_elements(mask, x, y)
    return np.where(mask, x, y)


def select(
    condlist: Iterable[Mask],
    choicelist: Sequence[OperandLike],
    default: OperandLike = 0,
    format: Format | None = None,
) -> FixedArray:
    """Each element from the first of `choicelist` whose condition holds, else `default`.

    Formats as for `concatenate`, over `choicelist` and `default`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2, 3], fx.Format(8, 4))
    >>> fx.select([a < 2, a > 2], [a, -a], default=0.5)
    FixedArray([ 1. ,  0.5, -3. ], format=Format(8, 4))
    """
    conditions = [np.asarray(c) for c in condlist]
    if any(condition.dtype != bool for condition in conditions):
        raise TypeError("select: conditions are arrays of booleans")
    if len(conditions) != len(choicelist):
        raise ValueError(
            f"select: {len(conditions)} conditions for {len(choicelist)} choices; give as many"
        )
    return gather(
        "select",
        [*choicelist, default],
        format,
        lambda *raws: _first_of(conditions, *raws),
    )


def _first_of(conditions: list[NDArray[np.bool_]], *choices: NDArray[Any]) -> NDArray[Any]:
    """The choice of the first condition that is true; the last choice where none is."""
    found = choices[-1]
    for condition, choice in zip(conditions[::-1], choices[-2::-1], strict=True):
        found = np.where(condition, choice, found)
    return found


def choose(
    a: Integers,
    choices: Iterable[OperandLike],
    mode: IndexMode = "raise",
    format: Format | None = None,
) -> FixedArray:
    """Each element from the choice that the integer array `a` names there.

    Parameters
    ----------
    a : array of int
    choices : sequence of FixedArray or array, or one array (its first axis counts the choices)
        They broadcast with `a`; at most 64.
    mode : {"raise", "wrap", "clip"}
        What a number that names no choice does.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.choose([1, 0], [fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([3., 2.], format=Format(8, 4))
    """
    if isinstance(a, FixedArray):
        raise TypeError("choose: the array that chooses holds integers, not fixed-point numbers")
    choices = list(choices)
    chooser = check_indices("choose", a, len(choices), mode)

    def move(*raws):
        return many_axes.apply_broadcast(
            lambda i, *parts: np.choose(i, parts, mode=mode), [chooser, *raws]
        )

    return gather("choose", choices, format, move)
