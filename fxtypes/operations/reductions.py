"""Reductions by name."""

import math

from ..context import context
from ..format import derived
from ..kernels import calls, plan
from .reduced_axes import normalize_axes, reduced_length
from .running import prod, running
from .sums_and_extremes import reduce_by_kernel
from .variance import _variance


def evaluate(name, raw, fmt, axis, keepdims, format, **options):
    """A reduction of storage: (storage, its format); `format` None: as the operand's.

    Parameters
    ----------
    name : str
        A key of `_REDUCTIONS`.
    """
    result = format
    if result is None:
        result = fmt
        if name in ("sum", "cumsum") and context.current.get().full_precision:
            n = math.prod(raw.shape[a] for a in normalize_axes(axis, raw.ndim))
            result = derived.grown("sum", [fmt], (n,))
    return _REDUCTIONS[name](name, raw, fmt, axis, keepdims, result, **options), result


def _ptp(name, raw, fmt, axis, keepdims, result):
    reduced_length(name, raw, axis, normalize_axes(axis, raw.ndim))
    exact = derived.floor_wrap(fmt)
    high, low = (
        reduce_by_kernel(extreme, raw, exact, axis, keepdims, exact, "move")
        for extreme in ("max", "min")
    )
    step = plan.elementwise("subtract", (exact, exact), result, name)
    return calls.elementwise(step, (high, low))


_REDUCTIONS = {
    **{name: reduce_by_kernel for name in ("sum", "mean", "min", "max")},
    "prod": prod,
    "cumsum": running,
    "cumprod": running,
    "ptp": _ptp,
    "var": _variance,
    "std": _variance,
}
