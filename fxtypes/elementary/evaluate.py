"""Elementary functions of whole arrays: each result rounded once from its exact value.

Formats of up to 16 bits go through a table, made once a pair of formats; wider ones are
evaluated element by element.
"""

import numpy as np

from ..context import blocks, context
from ..format import derived, many_axes, storage
from ..kernels import calls, plan, python_rounding
from .registry import FUNCTIONS, as_float, check_domain
from .tables import TABLE_PAYS, TABLE_WIDTH, final_table, odd_table


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
    check_domain(name, raw, fmt, mask)
    if mask is not None:
        return _evaluate_some(name, raw, fmt, result, mask)
    tabled = fmt.width <= TABLE_WIDTH and raw.size * TABLE_PAYS >= 1 << fmt.width
    return blocks.run(lambda raw: _evaluate_all(name, raw, fmt, result, tabled), [raw], result)


def _evaluate_all(name, raw, fmt, result, tabled):
    guard = derived.guard_bits(result)
    if tabled:
        index = raw.astype(np.int64) - fmt.raw_min
        quiet = context.current.get().recorder is None and result.overflow != "raise"
        if quiet and result.rounding != "stochastic":
            return final_table(name, fmt, result)[index]
        table = odd_table(name, fmt, result.frac_bits + guard)
        if table.dtype != object:
            return calls.elementwise(plan.rounded_to_odd(name, result), (table[index],))
        values = table[index].reshape(-1)
    else:
        function, point = FUNCTIONS[name], result.frac_bits + guard
        values = (as_float(function(v, fmt.frac_bits, point)) for v in storage.integers(raw, fmt))
    return python_rounding.finish(values, guard, result, name, raw.shape)


def _evaluate_some(name, raw, fmt, result, mask):
    """What `mask` leaves out is an exact 0."""
    function, guard = FUNCTIONS[name], derived.guard_bits(result)
    values = (
        as_float(function(v, fmt.frac_bits, result.frac_bits + guard)) if wanted else 0
        for v, wanted in zip(storage.integers(raw, fmt), many_axes.flat(mask), strict=True)
    )
    return python_rounding.finish(values, guard, result, name, raw.shape)
