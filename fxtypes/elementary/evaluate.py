"""Elementary functions of storage: each result rounded once from its exact value.

`evaluate` is the one place that chooses how: by a table, or by the reference, element by element.
"""

import numpy as np

from ..context import blocked_operation, blocks, context
from ..format import derived, many_axes, read_numbers, storage
from ..kernels import calls, plan, python_rounding
from . import tables
from .registry import FUNCTIONS


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
        return _by_reference(name, raw, fmt, result, mask)
    compute = _by_table if tables.pays(fmt, raw.size) else _by_reference
    return blocks.run(lambda raw: compute(name, raw, fmt, result), [raw], result)


def _by_table(name, raw, fmt, result):
    """What a table says: final results where no event counts and nothing is drawn."""
    index = raw.astype(np.int64) - fmt.raw_min
    uncounted = context.current_context().recorder is None and result.overflow != "raise"
    if uncounted and result.rounding != "stochastic":
        return tables.final_table(name, fmt, result)[index]
    guard = derived.guard_bits(result)
    table = tables.odd_table(name, fmt, result.frac_bits + guard)
    if table.dtype != object:
        return calls.elementwise(plan.rounded_to_odd(name, result), (table[index],))
    return python_rounding.finish(table[index].reshape(-1), guard, result, name, raw.shape)


def _by_reference(name, raw, fmt, result, mask=None):
    """One element after another; what `mask` leaves out is an exact 0."""
    guard = derived.guard_bits(result)
    to_odd, frac_bits, out_bits = FUNCTIONS[name].to_odd, fmt.frac_bits, result.frac_bits + guard
    integers = storage.integers(raw, fmt)
    if mask is None:
        values = (to_odd(v, frac_bits, out_bits) for v in integers)
    else:
        values = (
            to_odd(v, frac_bits, out_bits) if used else 0
            for v, used in zip(integers, many_axes.flat(mask), strict=True)
        )
    return python_rounding.finish(values, guard, result, name, raw.shape)


def _check_domain(name, raw, fmt, mask):
    """ValueError if an element that the mask doesn't leave out is outside the domain."""
    domain = FUNCTIONS[name].domain
    if domain is None:
        return
    step = plan.comparison("less", derived.floor_wrap(fmt).replace(frac_bits=0), derived.TINY)
    outside = calls.elementwise(step, (raw, np.array(domain.lowest, np.int8)))
    if mask is not None:
        outside &= mask
    if outside.any():
        first = int(np.argmax(outside))
        index = np.unravel_index(first, raw.shape)
        value = read_numbers.show(next(storage.integers(raw[(*index, ...)], fmt)) * fmt.resolution)
        index = blocked_operation.index_in_result(first, raw.shape)
        raise ValueError(f"{domain.outside}: the element {value} at index {index}")
