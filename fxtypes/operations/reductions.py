"""Reductions of all elements along axes, by name; `masked_reductions` has those of some."""

from ..context import context
from ..format import derived
from ..kernels import calls, plan
from . import reduced_axes, running
from .operand import Operand
from .sums_and_extremes import reduce_by_kernel
from .variance import variance


def evaluate(name, operand, axis, keepdims, format, **options):
    """A reduction of storage, and of what goes on like one: (storage, its format).

    Parameters
    ----------
    name : str
        A key of `_REDUCTIONS`.
    operand : Operand
    axis : None, int or tuple of int
    keepdims : bool
    format : Format or None
        The result's; None: the operand's, or a wider one in full precision.
    **options
        The reduction's own, such as `ddof`.
    """
    raw, fmt = operand
    if name in ("mean", "var", "std"):
        reduced_axes.check_axis_of_scalar(axis, raw.ndim)
    result = format
    if result is None:
        result = fmt
        if name in ("sum", "cumsum") and context.current_context().full_precision:
            axes = reduced_axes.normalize_axes(axis, raw.ndim)
            result = derived.grown("sum", [fmt], (reduced_axes.count_reduced(raw.shape, axes),))
    return _REDUCTIONS[name](name, operand, axis, keepdims, result, **options), result


def _ptp(name, operand, axis, keepdims, result):
    """The highest element less the lowest."""
    raw, fmt = operand
    reduced_axes.check_not_empty(name, raw.shape, axis)
    floor_wrap = derived.floor_wrap(fmt)
    high, low = (
        reduce_by_kernel(extreme, Operand(raw, floor_wrap), axis, keepdims, floor_wrap, "move")
        for extreme in ("max", "min")
    )
    step = plan.elementwise("subtract", (floor_wrap, floor_wrap), result, name)
    return calls.elementwise(step, (high, low))


_REDUCTIONS = {
    **{name: reduce_by_kernel for name in ("sum", "mean", "min", "max")},
    "prod": running.product,
    "cumsum": running.running,
    "cumprod": running.running,
    "ptp": _ptp,
    "var": variance,
    "std": variance,
}
