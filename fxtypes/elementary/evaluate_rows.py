"""Elementary functions of whole arrays: each result rounded once from its exact value.

Formats of up to 16 bits go through a table, made once a pair of formats; wider ones are
evaluated element by element.
"""

import itertools
import math

import numpy as np

from ..context import blocked_operation, blocks
from ..format import derived, storage
from ..kernels import python_rounding
from .softmax_rows import logsumexp, softmax


def evaluate_rows(name, raw, fmt, axis, result):
    """softmax (same shape) or logsumexp (without `axis`) over one axis."""
    function = softmax if name == "softmax" else logsumexp
    guard = derived.guard_bits(result)
    point = result.frac_bits + guard

    def found(rows):
        for place in np.ndindex(rows.shape[:-1]):
            yield function(list(storage.integers(rows[place], fmt)), fmt.frac_bits, point)

    rows = np.moveaxis(raw, axis, -1)
    if name == "logsumexp":
        return python_rounding.finish(found(rows), guard, result, name, rows.shape[:-1])
    if axis == raw.ndim - 1 or 0 in rows.shape[:-1]:
        values = itertools.chain.from_iterable(found(rows))
        return python_rounding.finish(values, guard, result, name, raw.shape)
    return _in_columns(name, found, raw, axis, result)


_ROWS = 8  # at a time at least, however long: to evaluate one takes the room of some results


def _in_columns(name, found, raw, axis, result):
    """`evaluate_rows` of rows that don't lie along the last axis: some at a time.

    The results of one row count far apart, in C order, but those at one place in neighbouring rows
    follow each other.
    """
    guard = derived.guard_bits(result)
    out = storage.allocate(raw.shape, storage.dtype(result))
    n, others = raw.shape[axis], raw.shape[axis + 1 :]
    line = math.prod(others)
    with blocked_operation.blocked(raw.shape) as whole:
        for lead in np.ndindex(raw.shape[:axis]):
            start = whole.first
            for key in blocks.cut(others, max(blocks.OBJECTS // max(n, 1), _ROWS)):
                places = (*lead, slice(None), *key)
                columns = zip(*found(np.moveaxis(raw[places], 0, -1)), strict=True)
                block, whole.first = out[places], start
                if block.size == n * line or not derived.depends_on_index(result):
                    values = itertools.chain.from_iterable(columns)
                    block[...] = python_rounding.finish(values, guard, result, name, block.shape)
                else:
                    for strip, values in zip(block, columns, strict=True):
                        strip[...] = python_rounding.finish(
                            values, guard, result, name, strip.shape
                        )
                        whole.first += line
                start += block.size // n
            whole.first = start + line * (n - 1)
    return out
