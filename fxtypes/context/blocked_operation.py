"""One operation done in blocks or steps: one step of the stream, one report."""

import math

from .context import Changed, current
from .events import settle, unravel


class BlockedOperation:
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


def blocked(shape):
    """A context in which blocks of a result of `shape` are computed; yields the `Whole`."""
    whole = BlockedOperation(shape)
    return Changed(current, lambda outer: (outer._replace(whole=whole), whole), whole.settle)


def one_element(shape):
    """A context in which a result's, or block's, only element is made in steps: it counts once."""
    whole = BlockedOperation(shape)

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

    return Changed(current, enter, leave)


def index_in_result(index, shape):
    """The indices of element `index` (in C order) of a result of `shape`, or of its whole."""
    whole = current.get().whole
    if whole is not None:
        index, shape = whole.first + index, whole.shape
    return unravel(index, shape)
