"""Functions that bring several arrays together, or values into an array's places.

Elements of the result's own format are moved as they are. Others are rounded once into it:
the formats of the operands make the result's as in `add`, over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from ..context import context
from ..errors import FormatError
from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import Format, derived
from ..operations import convert, operands
from ..operations.assignment import in_format
from .arguments import exact_values, part_of, wrap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Operand, Values
    from ..format import Format


def meet(
    name: str, values: Sequence[Operand], format: Format | None
) -> tuple[list[tuple[Any, Format | None]], Format]:
    """Operands as (raw, format) each, and the result's format; one must be a FixedArray."""
    own = [v.format for v in values if isinstance(v, FixedArray)]
    if not own:
        raise TypeError(f"{name} needs a FixedArray among its operands; make one by fx.array")
    if format is not None:
        beside = result = check_format(format)
        if len(set(own)) == 1:
            beside = own[0]
    else:
        beside = result = reduce(derived.common_format, own)
    parts = [
        (v._storage, v.format) if isinstance(v, FixedArray) else operands.operand(v, beside)
        for v in values
    ]
    return parts, result


def as_fixed(value: Operand, fmt: Format) -> Any:
    """An operand beside an array of a format as a FixedArray, if 128 bits hold its integers."""
    if isinstance(value, FixedArray):
        return value
    raw, found = operands.operand(value, fmt)
    return value if found is None else wrap(raw, found)


def gather(
    name: str, values: Sequence[Operand], format: Format | None, move: Callable[..., Any]
) -> FixedArray:
    """Bring operands into one format and let NumPy move their elements.

    Where nobody draws, counts or raises, each operand is rounded into the result's format
    before its elements move. Else only those that get into the result may be: the parts meet in
    a format that holds them all, or as Fractions where there is none, and the outcome is
    converted once.
    """
    parts, result = meet(name, values, format)
    formats = {fmt for _, fmt in parts}
    if formats == {result}:
        return wrap(move(*(raw for raw, _ in parts)), result)
    if _unseen(result):
        return wrap(move(*(into(part, result) for part in parts)), result)
    try:
        if None in formats:
            raise FormatError
        meeting = reduce(derived.common_format, map(derived.floor_wrap, formats))
    except FormatError:
        exact = (raw if fmt is None else convert.to_fractions(raw, fmt) for raw, fmt in parts)
        moved = np.asarray(move(*exact), dtype=object)
        return wrap(convert.from_numbers(moved, result, name), result)
    moved = move(*(convert.cast(raw, fmt, meeting, "move") for raw, fmt in parts))
    return wrap(convert.cast(np.asarray(moved), meeting, result, name), result)


def _unseen(fmt):
    """Whether nothing tells of an element that is rounded into a format and left out."""
    seen = fmt.rounding == "stochastic" or fmt.overflow == "raise"
    return not seen and context.current.get().recorder is None


def into(part, result):
    raw, fmt = part
    if fmt is None:
        return convert.from_numbers(raw, result, "move")
    # The lowest raw value leaves a symmetric range, as it does where somebody counts.
    kept = fmt is result and fmt.overflow != "saturate_symmetric"
    return raw if kept else convert.cast(raw, fmt, result, "move")


def end_to_end(*raws: NDArray[Any]) -> NDArray[Any]:
    """All elements in one axis, array after array."""
    return np.concatenate([raw.reshape(-1) for raw in raws])


def insert_values(name: str, a: FixedArray, values: Values, move: Callable[..., Any]) -> FixedArray:
    """A new array of the elements of `a` and of values, as ``move(a, values)`` places them.

    Where elements draw or count each does for itself: exact values move, and are rounded then.
    """
    seen = a.format.rounding == "stochastic" or context.current.get().recorder is not None
    if not seen or has_format(values, a.format):
        return wrap(move(a._storage, in_format(name, part_of(values), a.format)), a.format)
    moved = move(a.to_fractions(), exact_values(values, infinite=True))
    return wrap(convert.from_numbers(moved, a.format, name), a.format)


def has_format(value: object, fmt: Format) -> TypeGuard[FixedArray]:
    """Whether a value is an array of a format, so that its elements only move."""
    return isinstance(value, FixedArray) and value.format is fmt
