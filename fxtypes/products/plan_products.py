"""Plans of matrix products and of an accumulator's loop; see kernels/plan.py."""

import contextlib
from functools import lru_cache

from ..format import storage
from ..format.derived import guard_bits, raw_range
from ..kernels.calls import Accumulation, Level, Limits, Operation, Storage
from ..kernels.plan import PLANS_KEPT, Exact, elementwise, make_step


@lru_cache(PLANS_KEPT)
def product(x, y, result, x_bits, y_bits, inner, initial=None):
    """The plan of an exact matrix product.

    Parameters
    ----------
    x, y, result : Format
    x_bits, y_bits : int
        What the operands' magnitudes really need.
    inner : int
        The inner length, or more.
    initial : Format, optional
        Of one more term of each sum.

    Raises
    ------
    OverflowError
        If an initial term, the products and the result have binary points so far apart that no
        level holds the sums.
    """
    # A sum of nothing is shifted as well: the type must hold that.
    limit = max(inner, 1) << (x_bits + y_bits)
    frac_bits = x.frac_bits + y.frac_bits
    if initial is None:
        exact = Exact((0, 0), frac_bits, -limit, limit)
        return make_step("matmul", Operation.COPY, (x, y), exact, result)
    terms = ((frac_bits, (-limit, limit)), (initial.frac_bits, raw_range(initial)))
    points = (frac_bits, initial.frac_bits)
    # Let one term, and all values between which rounding decides, be multiples of 2**-u. Rounded to
    # odd at 2**-(u + 1), the other term moves between two multiples of 2**-u only, so that the sum
    # lies where it lay: on one of these, or between the same two.
    u = max(min(points), result.frac_bits + guard_bits(result))
    steps = []
    for point in dict.fromkeys((max(points), min(max(points), u + 1))):
        lift, initial_lift, low, high = _aligned(terms, point)
        exact = Exact((lift, 0, initial_lift), point, low, high)
        with contextlib.suppress(OverflowError):
            steps.append(make_step("matmul", Operation.COPY, (x, y, initial), exact, result))
    if not steps:
        raise OverflowError(f"sums of {x!r} times {y!r} and {initial!r} into {result!r}")
    return min(steps, key=lambda step: step.level)  # of two the first, which doesn't round to odd


def _aligned(terms, point):
    """The lifts that give two terms `point` fraction bits, and the range of the sum and on the way.

    A term is its fraction bits and its range. A negative lift rounds to odd.
    """
    lifts, low, high = [], 0, 0
    for frac_bits, ends in terms:
        # Past all of a term's bits rounding to odd leaves 0 or one odd unit of its sign.
        lift = max(point - frac_bits, -max(end.bit_length() for end in ends))
        # A type holds a term before it is shifted to the right; afterwards it is no larger.
        start, stop = ends if lift < 0 else (end << lift for end in ends)
        lifts.append(lift)
        low, high = low + start, high + stop
    return *lifts, low, high


@lru_cache(PLANS_KEPT)
def accumulation(x, y, accumulator, result, initial=None):
    """The plans of ``acc = acc + a*b``, of the conversion at its end, and of its beginning.

    The last is None where there is no format `initial`: the loop begins from 0.
    """
    ends = [a * b for a in raw_range(x) for b in raw_range(y)]
    bits = max(max(ends).bit_length(), min(ends).bit_length()) + 1
    # A product of less than half the accumulator's last bit (for stochastic rounding, of less
    # than 2**-64 of it) counts by its sign alone: it may be shifted right by less. One far above
    # the accumulator's range overflows, and is 0 in all the bits that wrap keeps: it may be
    # shifted left by less.
    gap = x.frac_bits + y.frac_bits - accumulator.frac_bits
    lift = min(max(gap, 0), bits + guard_bits(accumulator) - 2)
    reach = 640 if accumulator.overflow == "raise" else accumulator.width + 1
    product_lift = min(max(-gap, 0), reach)
    low, high = (end << lift for end in raw_range(accumulator))
    low += min(ends) << product_lift
    high += max(ends) << product_lift
    exact = Exact((lift, product_lift), accumulator.frac_bits + lift, low, high)
    step = make_step("matmul", Operation.COPY, (x, y), exact, accumulator)
    last = elementwise("matmul", (accumulator,), result)
    start = None if initial is None else elementwise("matmul", (initial,), accumulator)
    level = max(step.level, last.level, Level.I64, *([start.level] if start else []))
    loop = _accumulation_loop((x, y), (min(ends), max(ends)), accumulator, lift, product_lift)
    return (
        step.replace(level=level, accumulation=loop),
        last.replace(level=level),
        start and start.replace(level=level),
    )


def _accumulation_loop(formats, products, accumulator, right, left):
    """The narrowest loop that can do an accumulator's steps; accumulate.hh states its bounds.

    Parameters
    ----------
    formats : tuple of Format
        The operands'.
    products : (int, int)
        The least and the greatest product.
    right, left : int
        By how much products are shifted into the accumulator.
    """
    if right > Limits.HALF_DRAW and accumulator.rounding == "stochastic":
        return Accumulation.ANY_FORMATS  # the loops make half of a draw only
    if left > accumulator.width + 1:
        return Accumulation.ANY_FORMATS  # for the value that an error shows
    x, y = formats
    low, high = products
    operands = (*raw_range(x), *raw_range(y))
    start, stop = raw_range(accumulator)
    unsigned = not (x.signed or y.signed)

    def hold(bits, *values):
        return all(-(1 << bits - 1) <= v < 1 << bits - 1 for v in values)

    def steps(bits, most_right):
        """Whether products and sums stay within so many bits.

        Products of unsigned operands need no sign.
        """
        return (
            right <= most_right
            and (hold(bits, low, high) or (unsigned and high < 1 << bits and right <= 63))
            and hold(bits, start + (low >> right), stop + (high >> right) + 1)
        )

    if left:
        if hold(64, *operands, low, high) and accumulator.width <= Limits.LIFTED64_WIDTH:
            return Accumulation.LIFTED64
    elif hold(32, *operands) and steps(32, 31):
        return Accumulation.LANES32
    elif hold(64, *operands) and steps(64, 63):
        small = (Storage.S8, Storage.U8, Storage.S16, Storage.U16, Storage.S32)  # fit int32
        narrow = all(storage.code(fmt) in small for fmt in formats)
        return Accumulation.LANES64_OF_32 if narrow else Accumulation.LANES64
    if hold(64, *operands, start, stop) and right <= Limits.WORDS_SHIFT:
        return Accumulation.WORDS64
    if (
        hold(128, *operands)
        and accumulator.width <= Limits.WORDS128_WIDTH
        and steps(128, Limits.WORDS_SHIFT)
    ):
        return Accumulation.WORDS128
    if (
        not left
        and hold(128, *operands, start, stop)
        and right <= Limits.WORDS256_SHIFT
        and not (right and accumulator.rounding == "stochastic")
    ):
        return Accumulation.WORDS256
    return Accumulation.ANY_FORMATS
