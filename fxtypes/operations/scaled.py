"""Integers in storage times an exact number, rounded once."""

import numpy as np

from ..format import derived
from ..format.format import MAX_FRAC_BITS
from ..kernels import calls, plan
from . import convert, read_operands


def scaled(name, operand, factor, result):
    """An operand times a Fraction that isn't 0, in storage of `result`; None: no kernel does it.

    Kernels do it for numbers n * 2**k and 2**k / n with n of at most 64 bits.
    """
    raw, fmt = operand
    places = (factor.denominator & -factor.denominator).bit_length() - 1
    zeros = (factor.numerator & -factor.numerator).bit_length() - 1
    frac_bits = fmt.frac_bits + places - zeros
    numerator, denominator = factor.numerator >> zeros, factor.denominator >> places
    if denominator == 1:
        other, operation = numerator, "multiply"
    elif abs(numerator) == 1:
        other, operation = numerator * denominator, "divide"
    else:
        return None
    if abs(frac_bits) > MAX_FRAC_BITS or other.bit_length() > 63:
        return None
    fmt = derived.with_frac_bits(fmt, frac_bits)
    if other == 1:
        return convert.cast(raw, fmt, result, name)
    number = read_operands.exact(np.array(other, object))
    step = plan.elementwise(operation, (fmt, number.format), result, name)
    return calls.elementwise(step, (raw, number.raw))
