"""One operation computed block by block: one step of the stream, one report of events.

A kernel knows only the block that it works on. What it needs to know of the entire operation, for
the draws of stochastic rounding and for messages, stands in the context variable meanwhile: which
element of the result the block begins with, the step that all blocks share, and what they reported.
"""

import math

from ..errors import FixedOverflowError
from .context import Scope, current, current_context
from .events import settle, unravel


class BlockedOperation:
    """An operation whose result is computed block by block.

    Attributes
    ----------
    shape : tuple of int
        Of the entire result.
    start : int
        The index, in C order of the entire result, of the first element of the block that is being
        computed. Only this class sets it; the kernels read it.
    step : tuple or None
        The step of the stream that all blocks share, once one of them has needed it.
    """

    __slots__ = ("_report", "shape", "start", "step")

    def __init__(self, shape):
        self.shape, self.start, self.step, self._report = shape, 0, None, None

    def blocks(self, out, keys):
        """Yield (key, ``out[key]``) for blocks that follow each other in C order of the result.

        Parameters
        ----------
        out : numpy.ndarray
            Storage for the entire result, in its C order.
        keys : iterable of tuple
            See `blocks.cut`.
        """
        self.start = 0
        for key in keys:
            block = out[key]
            yield key, block
            self.start += block.size

    def start_at(self, index):
        """Say that what is computed next begins with element `index` (in C order) of the result.

        For blocks that aren't consecutive.
        """
        self.start = index

    def add(self, name, fmt, counts):
        """Take the report of one block: `counts.first` is an index in it."""
        counts = counts._replace(first=self.start + counts.first)
        if self._report is not None:
            counts = self._report[2].joined(counts)
        self._report = name, fmt, counts

    def settle(self):
        """Report the events of all blocks, as one operation's."""
        if self._report is not None:
            name, fmt, counts = self._report
            settle(name, fmt, self.shape, counts._replace(elements=math.prod(self.shape)))


def blocked(shape):
    """A context in which blocks of a result of `shape` are computed; yields the operation."""
    operation = BlockedOperation(shape)
    return Scope(
        current,
        lambda outer: (outer._replace(blocked_operation=operation), operation),
        operation.settle,
    )


class _OneElement(BlockedOperation):
    """An element that is made in several steps: what happens in any of them counts once."""

    __slots__ = ()

    def settle(self):
        if self._report is not None:
            name, fmt, counts = self._report
            settle(name, fmt, self.shape, counts.of_one_element())


def one_element(shape):
    """A context in which the only element of a result, or of a block, is made in several steps."""
    operation = _OneElement(shape)

    def enter(outer):
        if outer.blocked_operation is not None:
            operation.start = outer.blocked_operation.start
            operation.step = outer.blocked_operation.step
        return outer._replace(blocked_operation=operation), None

    def leave():
        outer = current_context().blocked_operation
        if outer is not None:
            outer.step = operation.step
        operation.settle()

    return Scope(current, enter, leave)


def start_of_block():
    """The index of the block's first element in C order of the entire result; 0 without blocks."""
    operation = current_context().blocked_operation
    return 0 if operation is None else operation.start


def entire_shape(shape):
    """The shape of the entire result of which a block, or all, has the shape `shape`."""
    operation = current_context().blocked_operation
    return shape if operation is None else operation.shape


def index_in_result(index, shape):
    """The indices, in the entire result, of element `index` (in C order) of a block of `shape`."""
    return unravel(start_of_block() + index, entire_shape(shape))


def infinity_error(name, fmt, shape, index, sign):
    """The error for an infinity that the format can't bound: element `index` of a block."""
    indices = index_in_result(index, shape)
    return FixedOverflowError(
        f"{name}: {'' if sign > 0 else '-'}inf (or 2**1024 and more)"
        f"{f' at index {indices}' if indices else ''} is out of the range of {fmt!r}; "
        "overflow='saturate' bounds it"
    )
