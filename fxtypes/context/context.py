"""The settings in force around an operation, in one context variable.

So nested blocks, threads and asynchronous tasks don't see each other's.
"""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

from ..signal_safe import TemporaryValue

T = TypeVar("T")


class Context(NamedTuple):
    """The settings in force.

    Attributes
    ----------
    stream : Stream or None
        Of random draws. None: the process' stream.
    recorder : Events or None
        What counts events. None: nothing does.
    full_precision : bool
        Whether results are wide enough that + - * and sums are exact.
    skipped : int
        How many elements ``where=`` leaves out: they don't count as elements of the operation.
    reported_as : (str, tuple) or None
        The name and the result's shape that events and messages use, where the code that computes
        an operation works under another name or on another shape.
    blocked_operation : BlockedOperation or None
        The operation of which a block is being computed.
    """

    # The classes lie in files that import this one.
    stream: Any = None
    recorder: Any = None
    full_precision: bool = False
    skipped: int = 0
    reported_as: tuple[str, tuple[int, ...]] | None = None
    blocked_operation: Any = None


DEFAULT = Context()  # this very object, so that compiled code knows it by identity
current = ContextVar("fxtypes", default=DEFAULT)
current_context = current.get  # the settings in force, as a `Context`


class Scope(TemporaryValue[T], contextlib.ContextDecorator):
    """A context manager, or decorator, with a value of the context variable of its own."""


def _scope(**changes: Any) -> Scope[None]:
    return Scope(current, lambda outer: (outer._replace(**changes), None))


def full_precision() -> Scope[None]:
    """A context in which results are wide enough that + - * and sums are exact.

    Without ``format=`` or ``out=`` the result's format is, for operands of the common format c:

    =================  ===================================================================
    `add`              c and 1 integer bit
    `subtract`, ``-a`` c and 1 integer bit, signed
    `absolute`         c and 1 integer bit
    `multiply`         integer bits and fraction bits added up, signed if either is
    sum of n           c and bitlen(n - 1) integer bits
    `matmul`           the product's format and bitlen(k - 1) integer bits, k the inner length;
                       with `initial`: as `add` of that and the initial terms' format
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
    return _scope(full_precision=True)


def skipping(count: int) -> Scope[None]:
    """A context in which an operation counts so many elements less."""
    return _scope(skipped=count)


def reported_as(name: str, shape: tuple[int, ...]) -> Scope[None]:
    """A context in which events and messages have another name and shape."""
    return _scope(reported_as=(name, shape))


def uncounted() -> contextlib.AbstractContextManager[None]:
    """A context in which nothing is counted: of what is only a step to a result."""
    return contextlib.nullcontext() if current_context().recorder is None else _scope(recorder=None)
