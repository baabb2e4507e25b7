"""Plans of matrix products and of an accumulator's loop; see kernels/plan.py."""

from functools import lru_cache

from ..format import Format, storage
from ..format.derived import guard_bits, raw_range
from ..kernels.plan import PLANS_KEPT, elementwise, make_step


@lru_cache(PLANS_KEPT)
def product(x, y, result, x_bits, y_bits, inner):
    """The plan of an exact matrix product: `x_bits`, `y_bits` are the magnitudes' real needs.

    `inner` is the inner length, or more.
    """
    # A sum of nothing is shifted as well: the type must hold that.
    limit = max(inner, 1) << (x_bits + y_bits)
    point = x.frac_bits + y.frac_bits
    return make_step("matmul", 0, (x, y), (0, 0), point, -limit, limit, result)


@lru_cache(PLANS_KEPT)
def accumulation(x, y, accumulator, result):
    """The plans of ``acc = acc + a*b`` and of the conversion at its end."""
    point = x.frac_bits + y.frac_bits
    ends = [a * b for a in raw_range(x) for b in raw_range(y)]
    bits = max(max(ends).bit_length(), min(ends).bit_length()) + 1
    # A product of less than half the accumulator's last bit (for stochastic rounding, of less
    # than 2**-64 of it) is told by its sign alone; one far above the first overflows (and is
    # zero in all the bits that wrap keeps).
    gap = point - accumulator.frac_bits
    lift = min(max(gap, 0), bits + guard_bits(accumulator) - 2)
    reach = 640 if accumulator.overflow == "raise" else accumulator.width + 1
    product_lift = min(max(-gap, 0), reach)
    low, high = (end << lift for end in raw_range(accumulator))
    low += min(ends) << product_lift
    high += max(ends) << product_lift
    step = make_step(
        "matmul",
        0,
        (x, y),
        (lift, product_lift),
        accumulator.frac_bits + lift,
        low,
        high,
        accumulator,
    )
    last = elementwise("matmul", (accumulator,), result)
    level = max(step.level, last.level, 1)
    loop = _accumulation_loop(x, y, accumulator, lift, product_lift, min(ends), max(ends))
    return step.at_level(level, loop), last.at_level(level)


# accumulate.hh's loops.
_ANY_FORMATS, _LANES32, _LANES64_OF_32, _LANES64, _LIFTED64, _WORDS64, _WORDS128 = range(7)


def _accumulation_loop(x, y, accumulator, right, left, low, high):
    """The narrowest loop that can do an accumulator's steps; there stand their bounds.

    right, left: by how much products, low to high, are shifted into the accumulator.
    """
    if right > 32 and accumulator.rounding == "stochastic":
        return _ANY_FORMATS  # the loops make half of a draw only
    if left > accumulator.width + 1:
        return _ANY_FORMATS  # for the value that an error shows
    operands = (*raw_range(x), *raw_range(y))
    start, stop = raw_range(accumulator)
    unsigned = not (x.signed or y.signed)

    def hold(bits, *values):
        return all(-(1 << bits - 1) <= v < 1 << bits - 1 for v in values)

    def steps(bits, most_right):
        """Whether steps stay within so many bits; products of unsigned operands need no sign."""
        return (
            right <= most_right
            and (hold(bits, low, high) or (unsigned and high < 1 << bits and right <= 63))
            and hold(bits, start + (low >> right), stop + (high >> right) + 1)
        )

    if left:
        if hold(64, *operands, low, high) and accumulator.width <= 61:
            return _LIFTED64
    elif hold(32, *operands) and steps(32, 31):
        return _LANES32
    elif hold(64, *operands) and steps(64, 63):
        narrow = max(storage.code(x), storage.code(y)) <= storage.code(Format(32, 0))
        return _LANES64_OF_32 if narrow else _LANES64
    if hold(64, *operands, start, stop) and right <= 125:
        return _WORDS64
    if hold(128, *operands) and accumulator.width <= 124 and steps(128, 125):
        return _WORDS128
    return _ANY_FORMATS
