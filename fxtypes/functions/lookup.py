"""Tables of functions of narrow formats."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..context import blocked_operation, context
from ..errors import FormatError
from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import read_numbers
from ..operations import convert
from .arguments import wrap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Scalar
    from ..format import Format

__all__ = ["lookup"]


def lookup(
    function: str | Callable[[Fraction], Scalar],
    in_format: Format,
    out_format: Format,
    undefined: Scalar | None = None,
) -> FixedArray:
    """The table of a function: its results for every number of a narrow format.

    ``table[a.to_bits()]`` applies it to an array `a` of `in_format`. The functions of this package
    look their results up by themselves where that is quicker; this is for a function that is none
    of them, and for hardware that is to hold the table.

    Parameters
    ----------
    function : str or callable
        The name of an elementary function of one argument, such as "exp"; or what gives for a
        `Fraction` the exact result, or one near enough: a number as `array` takes it but text, or
        an array of one. It is called once for each number of `in_format`, in the table's order.
    in_format : Format
        The arguments', of at most 16 bits. Its modes don't matter.
    out_format : Format
        The results', each rounded once.
    undefined : number, optional
        What stands where the function is undefined, rounded once too: for arguments outside an
        elementary function's domain (and at the pole of "reciprocal", if `out_format` can't hold
        an infinity); where a callable raises `ValueError` or `ZeroDivisionError`, or returns NaN.

    Returns
    -------
    FixedArray
        Of ``2**in_format.width`` elements in the order of the arguments' bit patterns: of a signed
        format first 0 and the positive numbers, then the negative ones. It is the caller's own.

    Raises
    ------
    FormatError
        If `in_format` has more than 16 bits.
    ValueError
        If no elementary function of one argument has this name; if the function is undefined
        somewhere, and `undefined` doesn't say what stands there.
    FixedOverflowError, ZeroDivisionError
        As by the function itself, if an element can't be held by `out_format`.

    Notes
    -----
    Only tables of named functions are kept for another call, as many as fit 32 MB; none whose
    rounding is stochastic or whose overflow raises, and none inside `record`, where the elements
    count as those of "lookup".

    Examples
    --------
    >>> import fxtypes as fx
    >>> fmt = fx.Format(8, 4)
    >>> a = fx.array([-0.5, 0, 2], fmt)
    >>> fx.lookup("sigmoid", fmt, fx.Format(8, 7))[a.to_bits()]
    FixedArray([0.375    , 0.5      , 0.8828125], format=Format(8, 7))
    >>> fx.lookup(lambda x: abs(x) ** 3, fmt, fmt)[a.to_bits()]
    FixedArray([0.125 , 0.    , 7.9375], format=Format(8, 4))
    >>> table = fx.lookup("log", fmt, fmt, undefined=-8)
    >>> table[a.to_bits()]
    FixedArray([-8.    , -8.    ,  0.6875], format=Format(8, 4))
    """
    from ..elementary import tables  # late, as many programs need none

    result = check_format(out_format)
    if check_format(in_format).width > tables.WIDEST:
        raise FormatError(
            f"lookup: in_format {in_format!r} has {in_format.width} bits, and a table's arguments "
            f"at most {tables.WIDEST}; apply the function itself, or round the arguments first"
        )
    if isinstance(function, str):
        return wrap(_of_name(function, in_format, result, undefined), result)
    if not callable(function):
        raise TypeError(
            "lookup: expected the name of an elementary function or a callable, "
            f"got {read_numbers.shorten(function)}"
        )
    return wrap(_of_callable(function, in_format, result, undefined), result)


def _of_name(name: str, fmt: Format, result: Format, undefined: Scalar | None) -> NDArray[Any]:
    """The table of an elementary function, as storage."""
    from ..elementary import by_element, tables
    from ..elementary.registry import FUNCTIONS

    if name not in FUNCTIONS or FUNCTIONS[name].arguments != 1:
        names = ", ".join(key for key, f in FUNCTIONS.items() if f.arguments == 1)
        raise ValueError(
            f"lookup: no elementary function of one argument is called {name!r}; these are: {names}"
        )
    inside = tables.in_domain(name, fmt)
    if name == "reciprocal" and undefined is not None and result.overflow in ("raise", "wrap"):
        inside = tables.arguments(fmt) != 0
    outside = None if inside is None or inside.all() else ~inside
    if outside is not None and undefined is None:
        domain = FUNCTIONS[name].domain
        raise _undefined(outside, fmt, domain.outside if domain else name)
    number = read_numbers.read(0 if undefined is None else _one_number(undefined, "undefined"))
    final = tables.final_results(name, fmt, result) if tables.is_final(result) else None
    shape = (1 << fmt.width,)
    with context.reported_as("lookup", shape), blocked_operation.blocked(shape):
        if final is None:
            raws = tables.arguments(fmt)
            raw = by_element.evaluate(name, (raws,), (fmt,), result, inside)
        else:
            raw = final.copy()
        if outside is not None:
            # An exact 0 elsewhere: the two together are one operation on each element.
            numbers = np.zeros(shape, number.dtype)
            numbers[outside] = number
            np.copyto(raw, convert.from_numbers(numbers, result), where=outside)
    return raw


def _of_callable(
    function: Callable[[Fraction], Scalar],
    fmt: Format,
    result: Format,
    undefined: Scalar | None,
) -> NDArray[Any]:
    """The table of any function, as storage."""
    from ..elementary import tables

    raws = tables.arguments(fmt).tolist()
    numbers, outside = np.empty(len(raws), object), np.zeros(len(raws), bool)
    cause = None
    for i, raw in enumerate(raws):
        try:
            value = function(raw * fmt.resolution)
        except (ValueError, ZeroDivisionError) as error:
            cause = cause or error
            value = math.nan
        number = read_numbers.number_or_nan(_one_number(value, "the function's result"))
        outside[i] = number != number
        numbers[i] = number
    if outside.any():
        if undefined is None:
            raise _undefined(outside, fmt, "the function is undefined") from cause
        numbers[outside] = read_numbers.exact_value(_one_number(undefined, "undefined"))
    with context.reported_as("lookup", numbers.shape):
        return convert.from_numbers(read_numbers.narrow(numbers), result)


def _one_number(value: Any, what: str) -> Any:
    """A number, or that in an array of one element."""
    if not isinstance(value, FixedArray | np.ndarray | list | tuple):
        return value
    if not isinstance(value, FixedArray | np.ndarray) or value.size != 1:
        raise TypeError(f"lookup: {what} must be one number, got {read_numbers.shorten(value)}")
    return value.item() if isinstance(value, FixedArray) else value.reshape(-1)[0]


def _undefined(outside: NDArray[np.bool_], fmt: Format, what: str) -> ValueError:
    """The error for a function that isn't defined for all numbers of a format."""
    pattern = int(np.argmax(outside))
    raw = pattern - (1 << fmt.width) if pattern > fmt.raw_max else pattern
    return ValueError(
        f"lookup: {what}: {np.count_nonzero(outside)} of {outside.size} elements, the first "
        f"{read_numbers.show(raw * fmt.resolution)} at index {pattern}; pass undefined= for what "
        "is to stand there"
    )
