"""What holds around an operation: the stream of random draws and who counts events.

Both live in one context variable, so that nested blocks, threads and asynchronous tasks don't
see each other's.
"""

import contextlib
import math
import operator
import os
import threading
from contextvars import ContextVar
from typing import NamedTuple

from .errors import FixedOverflowError
from .inputs import show
from .within import Within


class Stream:
    """A seed and the number of steps taken from it; see `seed`."""

    __slots__ = ("_lock", "_step", "key")

    def __init__(self, seed):
        self.key = (seed & (1 << 64) - 1, seed >> 64)
        self._step = 0
        self._lock = threading.Lock()

    def take(self):
        """Return (key word, key word, step) and go on to the next step."""
        with self._lock:
            step = self._step
            self._step += 1
        return (*self.key, step)


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


class Context(NamedTuple):
    """What is in force.

    Attributes
    ----------
    stream : Stream or None
        None: the process' stream.
    recorder : Events or None
        None: nobody counts.
    full_precision : bool
    skipped : int
        How many of an operation's elements ``where=`` skips: they count as none.
    shown : (str, tuple) or None
        An operation's name and its result's shape, where what computes it knows others.
    whole : Whole or None
        The operation of which a block is being computed: see blocks.py.
    """

    stream: Stream | None = None
    recorder: Events | None = None
    full_precision: bool = False
    skipped: int = 0
    shown: tuple | None = None
    whole: "Whole | None" = None


IDLE = Context()  # this very object, so that the kernels' wrappers know it by identity
current = ContextVar("fxtypes", default=IDLE)
_process_stream = Stream(int.from_bytes(os.urandom(16)))


def draws():
    """Take one step of the stream in force: (key word, key word, step).

    The blocks of one operation share its step.
    """
    whole = current.get().whole
    if whole is None:
        return _take()
    if whole.draws is None:
        whole.draws = _take()
    return whole.draws


def _take():
    stream = current.get().stream
    return (_process_stream if stream is None else stream).take()


def seed(n):
    """Start the process' stream of random draws anew from the seed `n`.

    Stochastic rounding draws u from Philox4x32-10 [1]_, a counter-based generator. In step s,
    its key and the upper half of its counter come from the first two words of Philox4x64-10
    with the key ``(n % 2**64, n // 2**64)`` and the counter ``(s, 0, 0, 0)``: ``key`` and
    ``base``. The draw of the element at `index` (in C order) of a result, for its k-th
    rounding within one operation, has word ``index % 4`` of the block with the counter
    ``(index // 4, base + k)`` as its upper 32 bits, and the same word of the block with the
    counter ``(2**63 + index // 4, base + k)`` as its lower 32. Each operation that makes elements
    in a stochastic format is one step, exact or not; so is each call of `fxtypes.random` without
    a seed.

    Parameters
    ----------
    n : int
        From 0 to 2**128 - 1.

    Raises
    ------
    ValueError
        If `n` is outside that range.

    References
    ----------
    .. [1] J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as
       easy as 1, 2, 3", SC 2011.

    Examples
    --------
    >>> import fxtypes as fx
    >>> coarse = fx.Format(8, 0, rounding="stochastic")
    >>> fx.seed(7)
    >>> first = fx.array([0.5] * 8, coarse)
    >>> fx.seed(7)
    >>> bool((fx.array([0.5] * 8, coarse) == first).all())
    True
    """
    global _process_stream
    _process_stream = Stream(check_seed(n))


class _Within(Within, contextlib.ContextDecorator):
    """What is in force, otherwise for a while."""


def _within(**changes):
    return _Within(current, lambda outer: (outer._replace(**changes), None))


def seeded(n):
    """A context with a stream of its own from the seed `n`; see `seed`.

    The outer stream goes on afterwards where it was. Threads started inside don't inherit it.

    Raises
    ------
    ValueError
        If `n` is outside 0 to 2**128 - 1.

    Examples
    --------
    >>> import fxtypes as fx
    >>> with fx.seeded(1):
    ...     a = fx.array(0.5, fx.Format(8, 0, rounding="stochastic"))
    """
    n = check_seed(n)
    return _Within(current, lambda outer: (outer._replace(stream=Stream(n)), None))


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

    return _Within(current, enter)


def full_precision():
    """A context in which results are wide enough that + - * and sums are exact.

    Without ``format=`` or ``out=`` the result's format is, for operands of the common format c:

    =================  ===================================================================
    `add`              c and 1 integer bit
    `subtract`, ``-a`` c and 1 integer bit, signed
    `absolute`         c and 1 integer bit
    `multiply`         integer bits and fraction bits added up, signed if either is
    sum of n           c and bitlen(n - 1) integer bits
    `matmul`           the product's format and bitlen(k - 1) integer bits, k the inner length
    `einsum` and kin   the same, of all operands; k the number of products added up
    =================  ===================================================================

    A Python integer counts as the smallest signed integer format that holds it, a NumPy
    integer array as its dtype's; floats are first rounded into the array's format, as always.
    In-place operators and other operations keep their formats. Blocks nest; threads started
    inside don't inherit it.

    Raises
    ------
    FormatError
        By an operation inside, where the format would need more than 128 bits.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([7.5, -8], fx.Format(8, 4))
    >>> with fx.full_precision():
    ...     a * a
    FixedArray([56.25, 64.  ], format=Format(16, 8))
    """
    return _within(full_precision=True)


def skipping(count):
    """A context in which an operation counts so many elements less."""
    return _within(skipped=count)


def shown_as(name, shape):
    """A context in which events and messages have another name and shape."""
    return _within(shown=(name, shape))


def unseen():
    """A context in which nothing is counted: of what is only a step to a result."""
    return contextlib.nullcontext() if current.get().recorder is None else _within(recorder=None)


class Whole:
    """An operation that is computed block by block: one step of the stream, one report.

    Attributes
    ----------
    shape : tuple of int
        Of the whole result.
    first : int
        Where, in C order of the whole, the block stands that is being computed.
    """

    __slots__ = ("draws", "first", "report", "shape")

    def __init__(self, shape):
        self.shape, self.first, self.draws, self.report = shape, 0, None, None

    def add(self, name, fmt, counts, first, first_value):
        if self.report is None:
            self.report = name, fmt, (0,) * len(counts), 0, None
        _, _, so_far, *found = self.report
        if counts[0] and (not so_far[0] or self.first + first < found[0]):
            found = self.first + first, first_value
        total = tuple(map(sum, zip(so_far, counts, strict=True)))
        self.report = (name, fmt, total, *found)

    def settle(self):
        """Report it, as one operation."""
        if self.report is not None:
            name, fmt, counts, first, value = self.report
            size = math.prod(self.shape)
            settle(name, fmt, self.shape, size, *counts[:3], first, value, *counts[3:])


def one_operation(shape):
    """A context in which blocks of a result of `shape` are computed; yields the `Whole`."""
    whole = Whole(shape)
    return _Within(current, lambda outer: (outer._replace(whole=whole), whole), whole.settle)


def one_element(shape):
    """A context in which a result's, or block's, only element is made in steps: it counts once."""
    whole = Whole(shape)

    def enter(outer):
        if outer.whole is not None:
            whole.first, whole.draws = outer.whole.first, outer.whole.draws
        return outer._replace(whole=whole), None

    def leave():
        outer = current.get().whole
        if outer is not None:
            outer.draws = whole.draws
        if whole.report is not None:
            name, fmt, counts, _, value = whole.report
            whole.report = name, fmt, tuple(min(n, 1) for n in counts), 0, value
            whole.settle()

    return _Within(current, enter, leave)


def place(index, shape):
    """The indices of element `index` (in C order) of a result of `shape`, or of its whole."""
    whole = current.get().whole
    if whole is not None:
        index, shape = whole.first + index, whole.shape
    return _unravelled(index, shape)


def _unravelled(index, shape):
    found = []
    for n in reversed(shape):
        found.insert(0, index % n)
        index //= n
    return tuple(found)


def check_seed(n):
    """Return a seed as a Python int, or say what is wrong with it."""
    try:
        number = operator.index(n)
    except TypeError:
        raise TypeError(f"a seed is an integer from 0 to 2**128 - 1, got {n!r}") from None
    if not 0 <= number < 1 << 128:
        raise ValueError(f"a seed is an integer from 0 to 2**128 - 1, got {number}")
    return number


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
    at = f" at index {_unravelled(first, shape)}" if shape else ""
    return (
        f"{name}: {overflow} of {elements} element{'s' if elements != 1 else ''} overflowed "
        f"{fmt!r}, whose range is [{show(fmt.min)}, {show(fmt.max)}]; "
        f"the first{at} is {show(value)}"
    )
