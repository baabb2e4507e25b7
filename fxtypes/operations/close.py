"""Whether elements are close: an exact comparison, by kernels where formats hold what it needs."""

from functools import lru_cache

import numpy as np

from ..context import blocks
from ..errors import FormatError
from ..format import Format, derived
from ..kernels import calls, plan

_STEPS_KEPT = 256


def by_kernels(x, y, relative, absolute):
    """Where ``abs(x - y) <= absolute + relative * abs(y)``: booleans; None: kernels can't tell.

    Parameters
    ----------
    x, y : Operand
    relative, absolute : int, Fraction
    """
    steps = _steps(x.format, y.format, relative, absolute)
    if steps is None:
        return None
    subtract, absolute_of, negative, minimum, tolerance, compare = steps
    one = np.ones((), np.int8)

    def work(x, y):
        distance = calls.elementwise(absolute_of, (calls.elementwise(subtract, (x, y)),))
        # -abs(y), which has a raw integer where abs(y) has none.
        y = calls.elementwise(minimum, (y, calls.elementwise(negative, (y,))))
        return calls.elementwise(compare, (distance, calls.elementwise(tolerance, (y, one))))

    return blocks.run(work, [x.raw, y.raw], None, np.dtype(bool))


@lru_cache(_STEPS_KEPT)
def _steps(x, y, relative, absolute):
    """The kernels' steps for two formats.

    The distance is a whole number of the common format's units: it is at most the tolerance where
    it is at most the tolerance rounded down to such units. Both are clamped to a format that holds
    either all tolerances and one unit more, or all distances.
    """
    factors = [_dyadic(value) for value in (-relative, absolute)]
    if None in factors or min(relative, absolute) < 0:
        return None
    try:
        signed = [_clamping(f.width + (not f.signed), f.frac_bits) for f in (x, y)]
        common = derived.common_format(*signed)
        largest = absolute + relative * max(-y.min, y.max)
        more = 0 if largest < common.max else 2
        distance, y_signed = _clamping(common.width + more, common.frac_bits), signed[1]
        return (
            plan.elementwise("subtract", (x, y), distance, "move"),
            plan.elementwise("absolute", (distance,), distance, "move"),
            plan.elementwise("negative", (y,), y_signed, "move"),
            plan.elementwise("minimum", (y, y_signed), y_signed, "move"),
            plan.linear_combination(tuple(factors), (y_signed, derived.TINY), distance, "move"),
            plan.comparison("less_equal", distance, distance),
        )
    except (FormatError, OverflowError):  # 128 bits hold no distance, or no level a tolerance
        return None


def _clamping(width, frac_bits):
    return Format(width, frac_bits, True, "floor", "saturate")


def _dyadic(value):
    """(mantissa, exponent) of a value, mantissa * 2**exponent; None: it is no such one."""
    numerator, denominator = value.as_integer_ratio()
    zeros = (numerator & -numerator).bit_length() - 1 if numerator else 0
    mantissa = numerator >> zeros
    if denominator & denominator - 1 or mantissa.bit_length() > 63:
        return None
    return mantissa, zeros - denominator.bit_length() + 1
