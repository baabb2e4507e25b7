"""Tables of all results of an elementary function for a format of at most 16 bits."""

from functools import lru_cache

import numpy as np

from ..context import context
from ..format import derived, storage
from ..kernels import calls, plan, python_rounding
from . import by_kernel
from .registry import FUNCTIONS

_WIDEST = 16  # bits of the argument
_PAYS = 16  # a table is made for arrays of at least 1/16 of its entries


def pays(fmt, elements):
    """Whether a table of a function's results for a format serves so many elements."""
    return fmt.width <= _WIDEST and elements * _PAYS >= 1 << fmt.width


def is_final(result):
    """Whether a table can hold results: nothing is drawn, counted, or raised.

    A table can't raise: of all its arguments only the elements of a call may.
    """
    return (
        result.rounding != "stochastic"
        and result.overflow not in ("raise", "wrap")
        and context.current_context().recorder is None
    )


@lru_cache(64)
def final_table(name, fmt, result):
    """The results in storage of the format `result`; 0 for arguments outside the domain."""
    function = FUNCTIONS[name]
    if function.kernel is not None:
        raws = np.arange(fmt.raw_min, fmt.raw_max + 1)
        lowest, highest = fmt.raw_min, fmt.raw_max
        if function.domain is not None:
            lowest, highest = function.domain.raw_ends(fmt)
        inside = (lowest <= raws) & (raws <= highest)
        raws = raws.astype(storage.dtype(fmt))
        return by_kernel.evaluate(name, (raws,), (fmt,), result, inside)
    guard = derived.guard_bits(result)
    odd = odd_table(name, fmt, result.frac_bits + guard)
    if odd.dtype != object:
        return calls.elementwise(plan.rounded_to_odd(name, result), (odd,))
    return python_rounding.finish(odd, guard, result, name, odd.shape)


@lru_cache(64)
def odd_table(name, fmt, out_bits):
    """f(x) * 2**out_bits to odd; 0 for arguments outside the domain.

    In 128-bit storage, or an object array where that doesn't hold them all.
    """
    function = FUNCTIONS[name]
    lowest, highest = fmt.raw_min, fmt.raw_max
    if function.domain is not None:
        lowest, highest = function.domain.raw_ends(fmt)
    values = np.empty(fmt.raw_max - fmt.raw_min + 1, object)
    values[:] = [
        function.to_odd(raw, fmt.frac_bits, out_bits) if lowest <= raw <= highest else 0
        for raw in range(fmt.raw_min, fmt.raw_max + 1)
    ]
    limit = 1 << 127
    if all(-limit <= v < limit for v in values):
        return storage.from_integers(values, derived.WIDEST)
    return values
