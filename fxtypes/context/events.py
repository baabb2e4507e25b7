"""Events of operations: overflow, underflow and inexact results, counted or raised."""

from __future__ import annotations

import os
from _thread import allocate_lock  # what threading.Lock is, which takes longer to import
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import FixedOverflowError
from ..format.read_numbers import show
from ..signal_safe import LockGuard
from .context import Context, Scope, current, current_context

if TYPE_CHECKING:
    from ..format import Format


class EventCounts(NamedTuple):
    """What one operation, or one block of it, has counted.

    Attributes
    ----------
    elements : int
    overflow, underflow, inexact : int
        How many of the elements: see `Events`.
    first : int
        The index, in C order, of the first element that overflowed.
    first_value : fractions.Fraction, float or None
        Its rounded value, or an infinity; needed only where the overflow mode is to raise.
    zero_divisors, zero_by_zero : int
        How many divisors were 0, and how many of their dividends as well.
    """

    elements: int
    overflow: int = 0
    underflow: int = 0
    inexact: int = 0
    first: int = 0
    first_value: Fraction | float | None = None
    zero_divisors: int = 0
    zero_by_zero: int = 0

    def joined(self, other: EventCounts) -> EventCounts:
        """The counts of two blocks together; `first` is an index in both."""
        earlier = other if other.overflow and not self.overflow else self
        if self.overflow and other.overflow:
            earlier = min(self, other, key=lambda counts: counts.first)
        return EventCounts(
            self.elements + other.elements,
            self.overflow + other.overflow,
            self.underflow + other.underflow,
            self.inexact + other.inexact,
            earlier.first,
            earlier.first_value,
            self.zero_divisors + other.zero_divisors,
            self.zero_by_zero + other.zero_by_zero,
        )

    def of_one_element(self) -> EventCounts:
        """The counts of several steps to one element, as of one."""
        once = {key: min(getattr(self, key), 1) for key in _COUNTED_ONCE}
        return self._replace(elements=1, first=0, **once)


_COUNTED_ONCE = ("overflow", "underflow", "inexact", "zero_divisors", "zero_by_zero")


class Events:
    """Counts of events, kept by `record`.

    Attributes
    ----------
    overflow, underflow, inexact, elements : int
        In all. *overflow*: the rounded value left the format's range. *inexact*: rounding lost
        something, whether or not the value overflowed then. *underflow*: rounding made zero of
        a non-zero value.
    by_operation : dict
        The operation's name to a dict of the same four counts.

    Examples
    --------
    >>> import fxtypes as fx
    >>> with fx.record() as events:
    ...     _ = fx.array([0.3, 100], fx.Format(8, 4)) / 100
    >>> events
    Events(overflow=1, underflow=1, inexact=3, elements=4)
    >>> events.by_operation["divide"]["underflow"]
    1
    """

    __module__ = "fxtypes"  # what pickles name

    _wants_all = True  # whether `_add` is called where there is neither overflow nor underflow

    def __init__(self, outer: Events | None = None) -> None:
        self.by_operation: dict[str, dict[str, int]] = {}
        self.overflow = self.underflow = self.inexact = self.elements = 0
        self._outer = outer

    def _add(self, name: str, overflow: int, underflow: int, inexact: int, elements: int) -> None:
        with LockGuard(_adding):
            totals = self.by_operation.get(name)
            if totals is None:
                totals = self.by_operation[name] = dict.fromkeys(_COUNTS, 0)
            if overflow:
                totals["overflow"] += overflow
                self.overflow += overflow
            if underflow:
                totals["underflow"] += underflow
                self.underflow += underflow
            if inexact:
                totals["inexact"] += inexact
                self.inexact += inexact
            totals["elements"] += elements
            self.elements += elements
        if self._outer is not None:
            self._outer._add(name, overflow, underflow, inexact, elements)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for key in _COUNTS:  # which earlier pickles don't have
            self.__dict__.setdefault(key, sum(c[key] for c in self.by_operation.values()))

    def __repr__(self) -> str:
        return f"Events({', '.join(f'{key}={getattr(self, key)}' for key in _COUNTS)})"


class Totals(Events):
    """Overflow and underflow alone, in all: nothing to do for an operation without them."""

    def __init__(self, outer: Events | None = None) -> None:
        super().__init__(outer)
        self._wants_all = outer is not None

    def _add(self, name: str, overflow: int, underflow: int, inexact: int, elements: int) -> None:
        if overflow or underflow:
            with LockGuard(_adding):
                self.overflow += overflow
                self.underflow += underflow
        if self._outer is not None:
            self._outer._add(name, overflow, underflow, inexact, elements)


# Threads may share a recorder: asyncio.to_thread runs them in a copy of the context.
_adding = allocate_lock()
_COUNTS = ("overflow", "underflow", "inexact", "elements")


def _after_fork():
    """In a forked child the thread that held the lock may be gone."""
    global _adding
    _adding = allocate_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def record() -> Scope[Events]:
    """A context that counts overflow, underflow and inexact results; yields `Events`.

    One count an output element; with ``accumulator=`` one a step. Blocks nest: an inner one's
    events count in the outer ones too. Threads started inside don't inherit it.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([100, 0.5], fx.Format(8, 0))
    >>> with fx.record() as events:
    ...     b = a + a
    >>> events.overflow, events.by_operation["add"]["elements"]
    (1, 2)
    """

    def enter(outer: Context) -> tuple[Context, Events]:
        events = Events(outer.recorder)
        return outer._replace(recorder=events), events

    return Scope(current, enter)


def settle(name: str, fmt: Format, shape: tuple[int, ...], counts: EventCounts) -> None:
    """Report one operation's counts to the recorder; raise where its result can't be.

    Inside a blocked operation they are kept for its own report.

    Parameters
    ----------
    name : str
        The operation's.
    fmt : Format
        The result's.
    shape : tuple of int
        The result's.
    counts : EventCounts
    """
    now = current_context()
    if now.blocked_operation is not None:
        now.blocked_operation.add(name, fmt, counts)
        return
    if counts.zero_divisors:
        _check_division(name, fmt, counts)
    if now.skipped:
        counts = counts._replace(elements=counts.elements - now.skipped)
    if now.reported_as is not None:
        name, shape = now.reported_as
    if now.recorder is not None:
        events = counts.overflow, counts.underflow, counts.inexact, counts.elements
        now.recorder._add(name, *events)
    if counts.overflow and fmt.overflow == "raise":
        raise FixedOverflowError(overflow_message(name, fmt, shape, counts))


def _check_division(name: str, fmt: Format, counts: EventCounts) -> None:
    """Raise ZeroDivisionError where a quotient by 0 is not a value of the format."""
    divisions = f"division by 0 in {counts.zero_divisors} of {counts.elements} elements"
    if name in ("remainder", "divmod"):
        raise ZeroDivisionError(f"{name}: {divisions}")
    if counts.zero_by_zero:
        raise ZeroDivisionError(
            f"{name}: 0 / 0 in {counts.zero_by_zero} of {counts.elements} elements"
        )
    if fmt.overflow in ("raise", "wrap"):
        raise ZeroDivisionError(
            f"{name}: {divisions}, which overflow mode {fmt.overflow.value!r} can't represent"
        )


def overflow_message(name: str, fmt: Format, shape: tuple[int, ...], counts: EventCounts) -> str:
    """The text for elements out of range: how many, and the first."""
    assert counts.first_value is not None  # as the overflow mode is to raise
    at = f" at index {unravel(counts.first, shape)}" if shape else ""
    return (
        f"{name}: {counts.overflow} of {counts.elements} "
        f"element{'s' if counts.elements != 1 else ''} overflowed "
        f"{fmt!r}, whose range is [{show(fmt.min)}, {show(fmt.max)}]; "
        f"the first{at} is {show(counts.first_value)}"
    )


def unravel(index: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The indices along the axes of element `index`, in C order, of an array of `shape`."""
    indices: list[int] = []
    for n in reversed(shape):
        indices.insert(0, index % n)
        index //= n
    return tuple(indices)
