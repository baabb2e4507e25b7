"""What an operation takes, and how one works through it in blocks."""

import functools
from typing import Any, NamedTuple

from ..context import blocks
from ..format import Format


class Operand(NamedTuple):
    """An operand of an operation.

    Attributes
    ----------
    raw : numpy.ndarray
        Storage of the format; an object array of exact values where that is None. Before operands
        are read: whatever a user has passed.
    format : Format or None
        None: no format of 128 bits holds the values, or they are not read yet.
    """

    raw: Any
    format: Format | None


def with_raws(operands, raws):
    """Operands of the same formats, with other elements."""
    return [Operand(raw, fmt) for raw, (_, fmt) in zip(raws, operands, strict=True)]


def blockwise(compute, size=None):
    """Make the function of an operation work in blocks.

    Parameters
    ----------
    compute : callable
        ``compute(name, operands, result, **options)``, elementwise; its result is storage of the
        format `result`. It takes one step of the stream and makes one report, or none.
    size : int, optional
        Elements of a block: see `blocks.run`.
    """

    @functools.wraps(compute)
    def run_in_blocks(name, operands, result, **options):
        raws = [raw for raw, _ in operands]
        if blocks.are_one_block(raws, size):
            return compute(name, operands, result, **options)

        def work(*raws):
            return compute(name, with_raws(operands, raws), result, **options)

        return blocks.run(work, raws, result, size=size)

    return run_in_blocks
