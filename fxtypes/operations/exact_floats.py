"""Numbers as operands with their exact values, floats among them."""

import numpy as np

from ..format import Format, many_axes
from ..format.format import MAX_FRAC_BITS
from ..kernels import plan
from . import convert, read_operands
from .operand import Operand


def exact_operand(numbers):
    """What `read_numbers.read` returned, in the narrowest signed format that holds all of it.

    Without a format, `numbers` as they are, if 128 bits don't hold them, or one isn't finite.
    """
    if numbers.dtype.kind == "f":
        return _exact_floats(numbers)
    if numbers.dtype.kind == "O" and any(isinstance(v, float) for v in many_axes.flat(numbers)):
        return Operand(numbers, None)
    return read_operands.exact(numbers)


def _exact_floats(numbers):
    if not np.isfinite(numbers).all():
        return Operand(numbers, None)
    mantissas, exponents = np.frexp(numbers.astype(np.float64))
    mantissas = np.ldexp(mantissas, 53).astype(np.int64)
    used = exponents[mantissas != 0]
    last_bits = np.frexp((mantissas & -mantissas).astype(np.float64))[1] + exponents - 54
    places = max(-int(last_bits[mantissas != 0].min(initial=1 << 30)), -MAX_FRAC_BITS)
    width = max(2, int(used.max(initial=-(1 << 30))) + 1 + places)
    if not used.size:
        width, places = 2, 0
    if width > 128 or places > MAX_FRAC_BITS:
        return Operand(numbers, None)
    fmt = Format(width, places)
    return Operand(convert.by_doubles(plan.from_double(fmt, False), fmt, numbers), fmt)
