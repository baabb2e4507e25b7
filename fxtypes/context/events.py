"""Counted events: overflow, underflow and inexact results, and what is raised for them."""

import os
import threading

from ..errors import FixedOverflowError
from ..format.read_numbers import show
from .context import Changed, current


class Events:
    """Counts of what went wrong: see `record`.

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

    def __init__(self, outer=None):
        self.by_operation = {}
        self._outer = outer

    def _add(self, name, elements, overflow, underflow, inexact):
        added = (overflow, underflow, inexact, elements)
        with _counting:
            counts = self.by_operation.setdefault(name, dict.fromkeys(_COUNTS, 0))
            for key, number in zip(_COUNTS, added, strict=True):
                counts[key] += number
        if self._outer is not None:
            self._outer._add(name, elements, overflow, underflow, inexact)

    def _total(self, key):
        return sum(counts[key] for counts in [*self.by_operation.values()])

    overflow = property(lambda self: self._total("overflow"))
    underflow = property(lambda self: self._total("underflow"))
    inexact = property(lambda self: self._total("inexact"))
    elements = property(lambda self: self._total("elements"))

    def __repr__(self):
        return f"Events({', '.join(f'{key}={self._total(key)}' for key in _COUNTS)})"


# Threads may share a recorder: asyncio.to_thread runs them in a copy of the context.
_counting = threading.Lock()
_COUNTS = ("overflow", "underflow", "inexact", "elements")


def _after_fork():
    """In a forked child the thread that held the lock may be gone."""
    global _counting
    _counting = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def record():
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

    def enter(outer):
        events = Events(outer.recorder)
        return outer._replace(recorder=events), events

    return Changed(current, enter)


def unravel(index, shape):
    found = []
    for n in reversed(shape):
        found.insert(0, index % n)
        index //= n
    return tuple(found)


def settle(
    name, fmt, shape, elements, overflow, underflow, inexact, first, first_value,
    zero_divisors=0, zero_by_zero=0,
):  # fmt: skip
    """Report one operation's counts; raise where its result can't be.

    Parameters
    ----------
    first : int
        The index in C order of the first element that overflowed.
    first_value : fractions.Fraction or None
        Its value; needed only where the mode is to raise.
    zero_divisors, zero_by_zero : int
        How many divisors were 0, and how many of their dividends.
    """
    now = current.get()
    if now.whole is not None:
        counts = overflow, underflow, inexact, zero_divisors, zero_by_zero
        now.whole.add(name, fmt, counts, first, first_value)
        return
    if zero_divisors:
        _check_division(name, fmt, elements, zero_divisors, zero_by_zero)
    recorder = now.recorder
    elements -= now.skipped
    if now.shown is not None:
        name, shape = now.shown
    if recorder is not None:
        recorder._add(name, elements, overflow, underflow, inexact)
    if overflow and fmt.overflow == "raise":
        raise FixedOverflowError(
            overflow_message(name, fmt, shape, elements, overflow, first, first_value)
        )


def _check_division(name, fmt, elements, zero_divisors, zero_by_zero):
    if name in ("remainder", "divmod"):
        raise ZeroDivisionError(f"{name}: division by 0 in {zero_divisors} of {elements} elements")
    if zero_by_zero:
        raise ZeroDivisionError(f"{name}: 0 / 0 in {zero_by_zero} of {elements} elements")
    if fmt.overflow in ("raise", "wrap"):
        raise ZeroDivisionError(
            f"{name}: division by 0 in {zero_divisors} of {elements} elements, which overflow "
            f"mode {fmt.overflow.value!r} can't represent"
        )


def overflow_message(name, fmt, shape, elements, overflow, first, value):
    """The text for elements out of range: how many, and the first."""
    at = f" at index {unravel(first, shape)}" if shape else ""
    return (
        f"{name}: {overflow} of {elements} element{'s' if elements != 1 else ''} overflowed "
        f"{fmt!r}, whose range is [{show(fmt.min)}, {show(fmt.max)}]; "
        f"the first{at} is {show(value)}"
    )
