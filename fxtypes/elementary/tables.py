"""Elementary functions of whole arrays: each result rounded once from its exact value.

Formats of up to 16 bits go through a table, made once a pair of formats; wider ones are
evaluated element by element.
"""

from functools import lru_cache

import numpy as np

from ..format import derived, storage
from ..kernels import calls, plan, python_rounding
from .registry import DOMAINS, FUNCTIONS, as_float

TABLE_WIDTH = 16
TABLE_PAYS = 16  # a table is made for arrays of at least 1/16 of its entries


@lru_cache(64)
def final_table(name, fmt, result):
    """The results for all arguments of a format; 0 where the function has none."""
    odd = odd_table(name, fmt, result.frac_bits + derived.guard_bits(result))
    if odd.dtype != object:
        return calls.elementwise(plan.rounded_to_odd(name, result), (odd,))
    return python_rounding.finish(odd, derived.guard_bits(result), result, name, odd.shape)


@lru_cache(64)
def odd_table(name, fmt, point):
    """f(x) * 2**point to odd, for all arguments of a format: 128-bit storage, or objects."""
    function, (lowest, _) = FUNCTIONS[name], DOMAINS.get(name, (fmt.raw_min, ""))
    values = np.empty(fmt.raw_max - fmt.raw_min + 1, object)
    values[:] = [
        as_float(function(raw, fmt.frac_bits, point)) if raw >= lowest else 0
        for raw in range(fmt.raw_min, fmt.raw_max + 1)
    ]
    limit = 1 << 127
    if all(-limit <= v < limit for v in values):
        return storage.from_integers(values, derived.WIDEST)
    return values
