"""Operands of several formats brought into one, where elements only move.

Elements that have the result's format already are moved as they are. Others are rounded once into
it. Without ``format=`` the result has the common format of all operands, as for `add`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from ..context import context, events
from ..context.random_stream import next_step
from ..errors import FormatError
from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import Format, derived
from ..operations import convert, read_operands
from ..operations.assignment import in_format
from ..operations.read_operands import exact_element
from .arguments import exact_values, part_of, wrap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import OperandLike, Values
    from ..format import Format


def _parts(
    name: str, values: Sequence[OperandLike], format: Format | None
) -> tuple[list[tuple[Any, Format | None]], Format]:
    """Operands as (raw, format) each, and the result's format; one must be a FixedArray.

    Numbers are read as operands of the FixedArrays' format; of the result's, where those differ.
    """
    own = [v.format for v in values if isinstance(v, FixedArray)]
    if not own:
        raise TypeError(f"{name} needs a FixedArray among its operands; make one by fx.array")
    if format is not None:
        fmt = result = check_format(format)
        if len(set(own)) == 1:
            fmt = own[0]
    else:
        fmt = result = reduce(derived.common_format, own)
    parts = [
        part_of(v) if isinstance(v, FixedArray) else read_operands.read(v, fmt) for v in values
    ]
    return parts, result


def as_fixed(value: OperandLike, fmt: Format) -> Any:
    """An operand of an array of a format, as a FixedArray if 128 bits hold its integers."""
    if isinstance(value, FixedArray):
        return value
    raw, found = read_operands.read(value, fmt)
    return value if found is None else wrap(raw, found)


def gather(
    name: str, values: Sequence[OperandLike], format: Format | None, move: Callable[..., Any]
) -> FixedArray:
    """Bring operands into one format and let NumPy move their elements.

    If rounding an element has no effect but its result, each operand is rounded into the result's
    format first, and then its elements move. If it draws, counts events or may raise, only the
    elements that get into the result may be rounded: so all move unrounded, in a common format or
    as Fractions where there is none, and what they make is rounded.

    Parameters
    ----------
    name : str
    values : sequence
        The operands, one of them a FixedArray.
    format : Format or None
        The result's.
    move : callable
        It takes the operands' elements as arrays of one dtype, and gives an array of some of them.
    """
    arrays = [value for value in values if isinstance(value, FixedArray)]
    fmt = arrays[0].format if arrays else None
    # The commonest case: arrays of one format, which is the result's, and nothing to round.
    if fmt and (format is None or format is fmt) and all([a.format is fmt for a in arrays]):
        if len(arrays) == len(values):
            return wrap(move(*[a._storage for a in arrays]), fmt)
        raws = _exact_in(values, fmt)
        if raws is not None:
            found = wrap(move(*raws), fmt)
            if context.current_context().recorder is not None:
                events.settle(name, fmt, found.shape, events.EventCounts(found.size))
            return found
    parts, result = _parts(name, values, format)
    formats = {fmt for _, fmt in parts}
    if formats == {result}:
        return wrap(move(*(raw for raw, _ in parts)), result)
    if only_the_result_shows(result):
        return wrap(move(*(_rounded(part, result) for part in parts)), result)
    try:
        if None in formats:
            raise FormatError
        common = reduce(derived.common_format, map(derived.floor_wrap, formats))
    except FormatError:
        exact = (raw if fmt is None else convert.to_fractions(raw, fmt) for raw, fmt in parts)
        moved = np.asarray(move(*exact), dtype=object)
        return wrap(convert.from_numbers(moved, result, name), result)
    moved = move(*(convert.cast(raw, fmt, common, "move") for raw, fmt in parts))
    return wrap(convert.cast(np.asarray(moved), common, result, name), result)


def _exact_in(values: Sequence[OperandLike], fmt: Format) -> list[NDArray[Any]] | None:
    """Operands in storage, of arrays of a format and numbers in it.

    None where these don't have it exactly; or where somebody counts, and how a float is read shows.
    """
    counted = context.current_context().recorder is not None
    found: list[NDArray[Any]] = []
    has_integers = False
    for value in values:
        if isinstance(value, FixedArray):
            found.append(value._storage)
            continue
        if not isinstance(value, int if counted else (int, float)) or isinstance(value, bool):
            return None
        raw = exact_element(value, fmt)
        if raw is None:
            return None
        has_integers = has_integers or isinstance(value, int)
        found.append(raw)
    # An integer has a format of its own, from which what is chosen is brought into this one.
    if has_integers and fmt.rounding == "stochastic":
        next_step()
    return found


def only_the_result_shows(fmt: Format) -> bool:
    """Whether rounding into a format neither draws nor counts nor raises."""
    return not derived.depends_on_index(fmt) and context.current_context().recorder is None


def _rounded(part: tuple[Any, Format | None], result: Format) -> NDArray[Any]:
    raw, fmt = part
    if fmt is None:
        return convert.from_numbers(raw, result, "move")
    # raw_min is outside of a symmetric range, though an array of that format may hold it.
    kept = fmt is result and fmt.overflow != "saturate_symmetric"
    return raw if kept else convert.cast(raw, fmt, result, "move")


def end_to_end(*raws: NDArray[Any]) -> NDArray[Any]:
    """All elements in one axis, array after array."""
    return np.concatenate([raw.reshape(-1) for raw in raws])


def insert_values(name: str, a: FixedArray, values: Values, move: Callable[..., Any]) -> FixedArray:
    """A new array of the elements of `a` and of values, as ``move(a, values)`` arranges them.

    If rounding draws or counts events, exact values move, and each element that the values become
    is rounded by itself.
    """
    counted = a.format.rounding == "stochastic" or context.current_context().recorder is not None
    if not counted or has_format(values, a.format):
        return wrap(move(a._storage, in_format(name, part_of(values), a.format)), a.format)
    moved = move(a.to_fractions(), exact_values(values, infinite=True))
    return wrap(convert.from_numbers(moved, a.format, name), a.format)


def has_format(value: object, fmt: Format) -> TypeGuard[FixedArray]:
    """Whether a value is an array of a format, so that its elements only move."""
    return isinstance(value, FixedArray) and value.format is fmt
