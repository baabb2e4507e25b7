"""The functions that compute elementwise operations: most of them one kernel's work."""

from functools import lru_cache

import numpy as np

from ..format import Format, derived, storage
from ..kernels import calls, plan
from ..kernels.plan import PLANS_KEPT
from . import beyond_128_bits, convert, integer_arguments
from .operand import blockwise

_SIGNS = Format(2, 0, overflow="saturate_symmetric")


@lru_cache(PLANS_KEPT)
def constant(value, fmt):
    """A raw value as 0-d storage; None: all bits set."""
    raw = value if value is not None else -1 if fmt.signed else fmt.raw_max
    found = storage.from_integers(np.array(raw, object), fmt)
    found.flags.writeable = False  # it is shared
    return found


def combine(name, operands, result, shown=None):
    """An operation that one kernel computes; operands too large for it go one by one.

    Parameters
    ----------
    name : str
        The kernels' operation.
    operands : list of Operand
    result : Format
    shown : str, optional
        What events and messages call it, where that is not `name`.
    """
    formats = tuple([fmt for _, fmt in operands])
    if None in formats:
        return beyond_128_bits.combine(name, operands, result, shown=shown)
    step = plan.elementwise(name, formats, result, shown)
    return calls.elementwise(step, tuple([raw for raw, _ in operands]))


def square(name, operands, result):
    ((raw, fmt),) = operands
    return calls.elementwise(plan.elementwise("multiply", (fmt, fmt), result, name), (raw, raw))


def invert(name, operands, result):
    """Each bit of the raw integer inverted: its exclusive or with all bits set."""
    ((raw, fmt),) = operands
    step = plan.elementwise("bitwise_xor", (fmt, fmt), result, name)
    return calls.elementwise(step, (raw, constant(None, fmt)))


def quotient(name, operands, result):
    """The first result of divmod."""
    return combine("floor_divide", operands, result, name)


def remainder(name, operands, result):
    """The second result of divmod."""
    return combine("remainder", operands, result, name)


@blockwise
def sign(name, operands, result):
    """The raw integer clamped to -1, 0 and 1, all that its format has, and rounded once."""
    ((raw, fmt),) = operands
    integers, _ = derived.split_frac_bits(fmt)
    return convert.cast(convert.cast(raw, integers, _SIGNS, "move"), _SIGNS, result, name)


def shift(name, operands, result):
    """raw * 2**count, or 2**-count for ``right_shift``, rounded and overflowed once."""
    (raw, fmt), (counts, _) = operands
    right = name == "right_shift"
    counts = integer_arguments.bounded(counts)
    if counts.ndim == 0 and abs(int(counts)) <= plan.ONE_SHIFT:
        n = int(counts)
        return calls.elementwise(plan.one_shift(name, fmt, -n if right else n, result), (raw,))
    ends = None
    if not plan.shifts_by_any_count(fmt, result):
        low, high = int(counts.min(initial=0)), int(counts.max(initial=0))
        low, high = (-high, -low) if right else (low, high)
        ends = -(1 << (-low).bit_length()), 1 << high.bit_length()  # so that few plans are kept
    step = plan.shift(name, fmt, counts.dtype, result, ends)
    return calls.elementwise(step, (raw, counts))


def clip(name, operands, result):
    """clip to two bounds; ``clip_low`` and ``clip_high`` to one."""
    has_low = name != "clip_high"
    formats = tuple([fmt for _, fmt in operands])
    if None in formats:
        return beyond_128_bits.clip(name, operands, result)
    return calls.elementwise(
        plan.clip(formats, has_low, result), tuple([raw for raw, _ in operands])
    )


def elementary(name, operands, result, mask=None):
    """exp, log and kin: see the elementary functions' own package."""
    from ..elementary import evaluate  # late, as many programs need none of them

    return evaluate.evaluate(name, operands, result, mask)
