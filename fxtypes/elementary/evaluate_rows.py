"""softmax and kin of storage along an axis: each result rounded once from its exact value."""

import itertools
import math
from functools import lru_cache

import numpy as np

from ..context import blocked_operation, blocks
from ..format import derived, storage
from ..kernels import elementary, python_rounding
from ..kernels.calls import RowFunction
from .softmax_rows import log_softmax, logsumexp, softmax

_FUNCTIONS = {
    "softmax": (softmax, RowFunction.SOFTMAX),
    "log_softmax": (log_softmax, RowFunction.LOG_SOFTMAX),
    "logsumexp": (logsumexp, RowFunction.LOGSUMEXP),
}

_FEWEST_ROWS = 8  # evaluated at a time, however long: one row takes the memory of some results


def evaluate_rows(name, raw, fmt, axis, result):
    """softmax, log_softmax (of the same shape) or logsumexp (without `axis`) over one axis."""
    if raw.shape[axis]:
        limbs = _limbs(result, raw.shape[axis])
        return elementary.evaluate_rows(_step(name, fmt, result, limbs), raw, axis)
    return by_reference(name, raw, fmt, axis, result)


_limbs = lru_cache(512)(elementary.limbs_of_rows)


@lru_cache(512)
def _step(name, fmt, result, limbs):
    reference, code = _FUNCTIONS[name]
    return elementary.RowStep(name, code, fmt, result, limbs, reference)


def by_reference(name, raw, fmt, axis, result):
    """The same, row by row: an error where rows are empty."""
    function, _ = _FUNCTIONS[name]
    guard = derived.guard_bits(result)
    out_bits = result.frac_bits + guard

    def evaluate(rows):
        """The results to odd of each row along the last axis: lists of them but for logsumexp."""
        for index in np.ndindex(rows.shape[:-1]):
            yield function(list(storage.integers(rows[index], fmt)), fmt.frac_bits, out_bits)

    rows = np.moveaxis(raw, axis, -1)
    if name == "logsumexp":
        return python_rounding.finish(evaluate(rows), guard, result, name, rows.shape[:-1])
    if axis == raw.ndim - 1 or 0 in rows.shape[:-1]:
        values = itertools.chain.from_iterable(evaluate(rows))
        return python_rounding.finish(values, guard, result, name, raw.shape)
    return _along_inner_axis(name, evaluate, raw, axis, result)


def _along_inner_axis(name, evaluate, raw, axis, result):
    """`evaluate_rows` over an axis that isn't the last: some rows at a time.

    In C order the results of one row are far apart; those of neighbouring rows at the same index
    along `axis` are neighbours.
    """
    guard = derived.guard_bits(result)
    out = storage.allocate(raw.shape, storage.dtype(result))
    n, inner = raw.shape[axis], raw.shape[axis + 1 :]
    distance = math.prod(inner)  # of the results of a row, in C order
    size = max(blocks.OBJECTS // max(n, 1), _FEWEST_ROWS)
    with blocked_operation.blocked(raw.shape) as operation:
        for i, lead in enumerate(np.ndindex(raw.shape[:axis])):
            start = i * n * distance
            for key in blocks.cut(inner, size):
                indices = (*lead, slice(None), *key)
                block = out[indices]
                by_index = zip(*evaluate(np.moveaxis(raw[indices], 0, -1)), strict=True)
                if block.size == n * distance or not derived.depends_on_index(result):
                    operation.start_at(start)
                    values = itertools.chain.from_iterable(by_index)
                    block[...] = python_rounding.finish(values, guard, result, name, block.shape)
                else:
                    for j, (strip, values) in enumerate(zip(block, by_index, strict=True)):
                        operation.start_at(start + j * distance)
                        strip[...] = python_rounding.finish(
                            values, guard, result, name, strip.shape
                        )
                start += block.size // n
    return out
