"""Elementary functions of whole arrays: each result rounded once from its exact value.

Formats of up to 16 bits go through a table, made once a pair of formats; wider ones are
evaluated element by element.
"""

import itertools
import math
from functools import lru_cache

import numpy as np

from .. import blocks, context, dimensions, inputs, plan, scalar, storage
from .._kernels import kernels
from . import INFINITY, exp, log, logsumexp, sigmoid, softmax, sqrt, tanh

FUNCTIONS = {"exp": exp, "log": log, "sqrt": sqrt, "tanh": tanh, "sigmoid": sigmoid}

# The lowest raw argument of each function that has one, and why.
_DOMAINS = {"log": (1, "log of 0 or less"), "sqrt": (0, "sqrt of a negative number")}

TABLE_WIDTH = 16
_TABLE_PAYS = 16  # a table is made for arrays of at least 1/16 of its entries


def evaluate(name, raw, fmt, result, mask=None):
    """f(x) for every element.

    Parameters
    ----------
    name : str
        A key of `FUNCTIONS`.
    raw : numpy.ndarray
        Storage of the format `fmt`.
    result : Format
        The result's.
    mask : numpy.ndarray of bool, optional
        Where to evaluate; elsewhere the result is 0.

    Returns
    -------
    numpy.ndarray
        Storage of `result`.

    Raises
    ------
    ValueError
        If an element is outside the function's domain.
    """
    _check_domain(name, raw, fmt, mask)
    if mask is not None:
        return _evaluate_some(name, raw, fmt, result, mask)
    tabled = fmt.width <= TABLE_WIDTH and raw.size * _TABLE_PAYS >= 1 << fmt.width
    return blocks.run(lambda raw: _evaluate_all(name, raw, fmt, result, tabled), [raw], result)


def _evaluate_all(name, raw, fmt, result, tabled):
    guard = plan.guard_bits(result)
    if tabled:
        index = raw.astype(np.int64) - fmt.raw_min
        quiet = context.current.get().recorder is None and result.overflow != "raise"
        if quiet and result.rounding != "stochastic":
            return _final_table(name, fmt, result)[index]
        table = _odd_table(name, fmt, result.frac_bits + guard)
        if table.dtype != object:
            return kernels.elementwise(plan.rounded_to_odd(name, result), (table[index],))
        values = table[index].reshape(-1)
    else:
        function, point = FUNCTIONS[name], result.frac_bits + guard
        values = (_plain(function(v, fmt.frac_bits, point)) for v in storage.integers(raw, fmt))
    return scalar.finish(values, guard, result, name, raw.shape)


def _evaluate_some(name, raw, fmt, result, mask):
    """What `mask` leaves out is an exact 0."""
    function, guard = FUNCTIONS[name], plan.guard_bits(result)
    values = (
        _plain(function(v, fmt.frac_bits, result.frac_bits + guard)) if wanted else 0
        for v, wanted in zip(storage.integers(raw, fmt), dimensions.flat(mask), strict=True)
    )
    return scalar.finish(values, guard, result, name, raw.shape)


def evaluate_rows(name, raw, fmt, axis, result):
    """softmax (same shape) or logsumexp (without `axis`) over one axis."""
    function = softmax if name == "softmax" else logsumexp
    guard = plan.guard_bits(result)
    point = result.frac_bits + guard

    def found(rows):
        for place in np.ndindex(rows.shape[:-1]):
            yield function(list(storage.integers(rows[place], fmt)), fmt.frac_bits, point)

    rows = np.moveaxis(raw, axis, -1)
    if name == "logsumexp":
        return scalar.finish(found(rows), guard, result, name, rows.shape[:-1])
    if axis == raw.ndim - 1 or 0 in rows.shape[:-1]:
        values = itertools.chain.from_iterable(found(rows))
        return scalar.finish(values, guard, result, name, raw.shape)
    return _in_columns(name, found, raw, axis, result)


_ROWS = 8  # at a time at least, however long: to evaluate one takes the room of some results


def _in_columns(name, found, raw, axis, result):
    """`evaluate_rows` of rows that don't lie along the last axis: some at a time.

    The results of one row count far apart, in C order, but those at one place in neighbouring rows
    follow each other.
    """
    guard = plan.guard_bits(result)
    out = storage.allocate(raw.shape, storage.dtype(result))
    n, others = raw.shape[axis], raw.shape[axis + 1 :]
    line = math.prod(others)
    with context.one_operation(raw.shape) as whole:
        for lead in np.ndindex(raw.shape[:axis]):
            start = whole.first
            for key in blocks.cut(others, max(blocks.OBJECTS // max(n, 1), _ROWS)):
                places = (*lead, slice(None), *key)
                columns = zip(*found(np.moveaxis(raw[places], 0, -1)), strict=True)
                block, whole.first = out[places], start
                if block.size == n * line or not plan.ordered(result):
                    values = itertools.chain.from_iterable(columns)
                    block[...] = scalar.finish(values, guard, result, name, block.shape)
                else:
                    for strip, values in zip(block, columns, strict=True):
                        strip[...] = scalar.finish(values, guard, result, name, strip.shape)
                        whole.first += line
                start += block.size // n
            whole.first = start + line * (n - 1)
    return out


@lru_cache(64)
def _final_table(name, fmt, result):
    """The results for all arguments of a format; 0 where the function has none."""
    odd = _odd_table(name, fmt, result.frac_bits + plan.guard_bits(result))
    if odd.dtype != object:
        return kernels.elementwise(plan.rounded_to_odd(name, result), (odd,))
    return scalar.finish(odd, plan.guard_bits(result), result, name, odd.shape)


@lru_cache(64)
def _odd_table(name, fmt, point):
    """f(x) * 2**point to odd, for all arguments of a format: 128-bit storage, or objects."""
    function, (lowest, _) = FUNCTIONS[name], _DOMAINS.get(name, (fmt.raw_min, ""))
    values = np.empty(fmt.raw_max - fmt.raw_min + 1, object)
    values[:] = [
        _plain(function(raw, fmt.frac_bits, point)) if raw >= lowest else 0
        for raw in range(fmt.raw_min, fmt.raw_max + 1)
    ]
    limit = 1 << 127
    if all(-limit <= v < limit for v in values):
        return storage.from_integers(values, plan.WIDEST)
    return values


def _check_domain(name, raw, fmt, mask):
    if name not in _DOMAINS:
        return
    lowest, text = _DOMAINS[name]
    step = plan.comparison("less", plan.exact(fmt).replace(frac_bits=0), plan.TINY)
    outside = kernels.elementwise(step, (raw, np.array(lowest, np.int8)))
    if mask is not None:
        outside &= mask
    if outside.any():
        first = int(np.argmax(outside))
        index = np.unravel_index(first, raw.shape)
        value = inputs.show(next(storage.integers(raw[(*index, ...)], fmt)) * fmt.resolution)
        index = context.place(first, raw.shape)
        raise ValueError(f"{text}: the element {value} at index {index}")


def _plain(value):
    return math.inf if value is INFINITY else value
