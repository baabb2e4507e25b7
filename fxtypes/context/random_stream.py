"""The stream of random draws: seeds, and the steps taken from them."""

from __future__ import annotations

import operator
import os
from typing import TYPE_CHECKING, SupportsIndex

from .context import Context, Scope, current, current_context
from .stream import Stream

if TYPE_CHECKING:
    from .events import Events

_process_stream = Stream(None)


def _after_fork() -> None:
    """A forked child's draws are its own."""
    global _process_stream
    if not _process_stream.is_seeded:
        _process_stream = Stream(None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def next_step() -> tuple[int, int, int]:
    """Take one step of the stream in force: (key word, key word, step).

    The blocks of one operation share its step.
    """
    now = current_context()
    stream, operation = now.stream, now.blocked_operation
    if stream is None:
        stream = _process_stream
    if operation is None:
        return stream.take()
    if operation.step is None:
        operation.step = stream.take()
    return operation.step


def seed(n: SupportsIndex | None) -> None:
    """Start the process' stream of random draws anew from the seed `n`.

    Stochastic rounding draws u from Philox4x32-7 [1]_, a counter-based generator. In step s,
    its key and the upper half of its counter come from the first two words of Philox4x64-10
    with the key ``(n % 2**64, n // 2**64)`` and the counter ``(s, 0, 0, 0)``: ``key`` and
    ``base``. The draw of the element at `index` (in C order) of a result, for its k-th
    rounding within one operation, has as its upper 16 bits word ``index % 8`` (of 16 bits, the
    lower half of each of 32 first) of the block with the counter ``(index // 8, base + k)``, as
    its next 16 the same word of the block with the counter ``(2**62 + index // 8, base + k)``,
    and as its lower 32 word ``index % 4`` of the block with the
    counter ``(2**63 + index // 4, base + k)`` as its lower 32. Each operation that makes elements
    in a stochastic format is one step, exact or not; so is each call of `fxtypes.random` without
    a seed. A child process made by `os.fork` goes on with its parent's stream if that was seeded;
    else it has one of its own.

    Parameters
    ----------
    n : int or None
        From 0 to 2**128 - 1. None: a seed from the system, as before the first call.

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
    _process_stream = Stream(None if n is None else check_seed(n))


def seeded(n: SupportsIndex) -> Scope[None]:
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
    number = check_seed(n)
    return Scope(current, lambda outer: (outer._replace(stream=Stream(number)), None))


def isolated(n: SupportsIndex, recorder: Events | None = None) -> Scope[None]:
    """As `seeded`, and nothing else of the outer settings holds but its recorder.

    What a library computes inside gives the same bits whatever surrounds a call of it. A `recorder`
    counts in the outer one's place.
    """
    number = check_seed(n)

    def inner(outer: Context) -> tuple[Context, None]:
        counting = outer.recorder if recorder is None else recorder
        return Context(Stream(number), counting), None

    return Scope(current, inner)


def check_seed(n: SupportsIndex) -> int:
    """Return a seed as a Python int, or say what is wrong with it."""
    try:
        number = operator.index(n)
    except TypeError:
        raise TypeError(f"a seed is an integer from 0 to 2**128 - 1, got {n!r}") from None
    if not 0 <= number < 1 << 128:
        raise ValueError(f"a seed is an integer from 0 to 2**128 - 1, got {number}")
    return number
