"""From an operation and its formats to the kernels' instructions, a `Step`.

A plan decides how operands are aligned, how many fraction bits the exact result has, by how much
it is shifted into the result's format, and which integer type (level) holds every value on the
way. Ranges are exact Python integers here, so that a level is taken only if nothing can leave it.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..format import Format, storage
from ..format.derived import guard_bits, raw_range, signed_bits
from .calls import Comparison, Level, Limits, Operation, Step, Storage, Target
from .plan_fused import combination_storage, fused_storage, shift_storage

# Bits of the largest exact value: what the widest type holds once guard bits, a rounding constant
# and the loader's 2**(bits - 3) for infinities are taken away.
_LARGEST = Level.BITS[Level.I1024] - 4

COMPARISONS = {
    "equal": Comparison.EQ,
    "not_equal": Comparison.NE,
    "less": Comparison.LT,
    "less_equal": Comparison.LE,
    "greater": Comparison.GT,
    "greater_equal": Comparison.GE,
}
OPERATIONS = {
    "convert": Operation.COPY,
    "move": Operation.COPY,  # into another form of the same value: not counted
    "matmul": Operation.COPY,  # the conversion at the end of an accumulator's loop
    # functions that move elements, where those have to be brought into the result's format
    **dict.fromkeys(
        (
            *("append", "block", "choose", "column_stack", "concatenate", "dstack", "hstack"),
            *("ediff1d", "insert", "pad", "select", "setxor1d", "stack", "union1d", "vstack"),
            "where",
        ),
        Operation.COPY,
    ),
    "positive": Operation.COPY,
    "negative": Operation.NEGATE,
    "absolute": Operation.ABS,
    "add": Operation.ADD,
    "subtract": Operation.SUBTRACT,
    "multiply": Operation.MULTIPLY,
    "minimum": Operation.MINIMUM,
    "maximum": Operation.MAXIMUM,
    "divide": Operation.DIVIDE,
    "left_shift": Operation.LEFT_SHIFT,
    "right_shift": Operation.RIGHT_SHIFT,
    "linear_combination": Operation.COMBINE,
    "clip": Operation.CLIP,
    "floor_divide": Operation.FLOOR_DIVIDE,
    "remainder": Operation.REMAINDER,
    "bitwise_and": Operation.AND,
    "bitwise_or": Operation.OR,
    "bitwise_xor": Operation.XOR,
    "power": Operation.INTEGER_POWER,
    "cross": Operation.DIFFERENCE_OF_PRODUCTS,
}
# Those of two arrays that are one kernel's work.
PAIRWISE = frozenset(
    (
        *("add", "subtract", "multiply", "minimum", "maximum", "divide", "floor_divide"),
        *("remainder", "bitwise_and", "bitwise_or", "bitwise_xor"),
    )
)
# What the shift kernels read their counts from.
COUNTS = {
    np.dtype(f"{kind}{size}"): Format(8 * size, 0, signed=kind == "i")
    for kind in "iu"
    for size in (1, 2, 4, 8)
}

PLANS_KEPT = 4096  # plans kept; each is small


class Exact(NamedTuple):
    """The exact result of an operation, and how operands are aligned for it.

    Attributes
    ----------
    lifts : tuple of int
        By how many bits each operand is shifted left.
    frac_bits : int
        The result's: its last bit counts 2**-frac_bits.
    low, high : int
        Its range, in units of its last bit; no value on the way is beyond it.
    """

    lifts: tuple
    frac_bits: int
    low: int
    high: int


@lru_cache(PLANS_KEPT)
def elementwise(operation, formats, result, name=None):
    """The plan of one elementwise operation that needs nothing but its operands' formats.

    Parameters
    ----------
    operation : str
        A key of `OPERATIONS`.
    formats : tuple of Format
        The operands'.
    result : Format
    name : str, optional
        What events and messages call it, where that is not `operation`.
    """
    exact = _EXACT.get(operation, _copied)(formats, result)
    return make_step(name or operation, OPERATIONS[operation], formats, exact, result)


@lru_cache(PLANS_KEPT)
def clip(formats, has_low, result):
    """The plan of clip with one bound (the lower one or the upper one) or both."""
    operation = OPERATIONS[("maximum" if has_low else "minimum") if len(formats) == 2 else "clip"]
    return make_step("clip", operation, formats, _aligned(formats), result)


@lru_cache(PLANS_KEPT)
def comparison(name, x, y):
    """The plan of an exact comparison; y None: a float64 operand."""
    if y is None:  # rounded to odd at two bits below x's last one, it compares as it was
        lifts, codes = (2, x.frac_bits + 2), (storage.code(x), Storage.DOUBLE)
        high = 1 << max(40, x.width + 7)  # the loader of float64 knows no 32-bit level
        low = -high
    else:
        lifts, _, low, high = _aligned((x, y))
        codes = (storage.code(x), storage.code(y))
    same = codes[0] == codes[1] and not any(lifts)
    level = level_for(low, high)
    operands = tuple(zip(codes, lifts, strict=True))
    return Step(name, COMPARISONS[name], level, operands, None, same_storage=same)


@lru_cache(PLANS_KEPT)
def from_double(result, beyond):
    """The plan that rounds float64 into a format.

    Parameters
    ----------
    beyond : bool
        Whether finite values of 2**60 raw units and more may be among them: the overflow mode
        `wrap` needs their low bits. In other modes it is enough that they overflow.
    """
    guard = guard_bits(result)
    # The loader turns what is too large into 2**(bits - 3), which must still overflow.
    room = 1 << (_LARGEST if beyond else result.width + guard + 4)
    frac_bits = result.frac_bits + guard
    exact = Exact((frac_bits,), frac_bits, -room, room)
    return make_step("convert", Operation.COPY, (None,), exact, result)


@lru_cache(PLANS_KEPT)
def shift(name, x, counts, result, ends=None):
    """The plan of a shift by a count an element.

    Parameters
    ----------
    name : str
        "left_shift" or "right_shift".
    x : Format
    counts : numpy.dtype
        A key of `COUNTS`.
    result : Format
    ends : tuple of (int, int), optional
        Between which left shifts' counts lie, 0 among them. Needed where the general loop may have
        to do it, as its type would be too wide otherwise: see `shifts_by_any_count`.
    """
    # The count at which raws of x are those of the result; those at which all bits are lost, or
    # all values but 0 overflow. Counts further away give the same.
    same_raws = x.frac_bits - result.frac_bits
    lowest = min(same_raws - signed_bits(x) - guard_bits(result), 0)
    highest = same_raws + result.width + 1
    if ends is not None:
        least, most = ends
        if result.overflow == "raise" and most > highest:  # the error shows the exact value
            highest = lowest + _LARGEST - signed_bits(x)
        else:
            lowest = max(lowest, least)
        highest = max(min(highest, most), lowest)
    low, high = raw_range(x)
    scale = 1 << (highest - lowest)
    exact = Exact((0, 0), x.frac_bits - lowest, low * scale, high * scale)
    formats = (x, COUNTS[counts])
    step = make_step(name, OPERATIONS[name], formats, exact, result, coefficients=(lowest, highest))
    if step.fused_storage != Storage.NONE and result.overflow != "raise":
        return step.replace(level=min(step.level, Level.I128))  # no other loop is needed
    return step


def shifts_by_any_count(x, result):
    """Whether `shift` needs no `ends`."""
    return result.overflow != "raise" and shift_storage(x, result) != Storage.NONE


@lru_cache(PLANS_KEPT)
def integer_power(name, x, n, result):
    """The plan of x**n, n 2 or more; None: beyond the widest type."""
    if n * x.width > _LARGEST:
        return None
    low, high = raw_range(x)
    ends = [low**n, high**n]
    exact = Exact((0,), x.frac_bits * n, min(*ends, 0), max(ends))
    try:
        return make_step(name, OPERATIONS["power"], (x,), exact, result, coefficients=(n,))
    except OverflowError:
        return None


@lru_cache(PLANS_KEPT)
def difference_of_products(formats, result, name):
    """The plan of a * b - c * d; both products have as many fraction bits."""
    products = [_multiplied(formats[i : i + 2], result) for i in (0, 2)]
    largest = sum(max(-product.low, product.high) for product in products)
    exact = Exact((0,) * 4, products[0].frac_bits, -largest, largest)
    return make_step(name, OPERATIONS["cross"], formats, exact, result)


@lru_cache(PLANS_KEPT)
def ratio(name, factors, frac_bits, order, result):
    """The plan of a * b / (c * d) * 2**-frac_bits, or its root; None: beyond the kernel.

    Parameters
    ----------
    name : str
        What events and messages call it.
    factors : tuple of tuple of Format
        Of the integers a, b, c, d: each is a sum of operands of such formats, or of none, then 1.
    frac_bits : int
    order : int
        2: the square root.
    result : Format
    """
    if not factors[2]:  # the kernel has no fourth factor without a third
        factors = (*factors[:2], factors[3], ())
    # Rounded to odd, with guard bits at least.
    missing = order * (result.frac_bits + guard_bits(result)) - frac_bits
    up = max(missing, missing % order)
    a, b, c, d = (
        sum(max(map(abs, raw_range(fmt))) << -fmt.frac_bits for fmt in parts) if parts else 1
        for parts in factors
    )
    largest, divisor = a * b << up, c * d
    if order == 1 and divisor.bit_length() > 128:
        return None
    if order == 2:  # what the loop computes on its way
        largest = max(largest, divisor) << 3
    operands = [(fmt, i) for i, parts in enumerate(factors) for fmt in parts]
    lifts = [-fmt.frac_bits + (up if i == 0 else 0) for fmt, i in operands]
    exact = Exact(lifts, (frac_bits + up) // order, -largest, max(largest, divisor))
    formats = tuple([fmt for fmt, _ in operands])
    coefficients = [i for _, i in operands]
    return _general_step(name, Operation.RATIO, formats, exact, result, coefficients, divisor=order)


ONE_SHIFT = 256  # the largest count, left or right, of `one_shift`


@lru_cache(PLANS_KEPT)
def one_shift(name, x, count, result):
    """The plan of raw * 2**count: a conversion from a format with other fraction bits."""
    exact = Exact((0,), x.frac_bits - count, *raw_range(x))
    return make_step(name, Operation.COPY, (x,), exact, result)


@lru_cache(PLANS_KEPT)
def linear_combination(coefficients, formats, result, name="linear_combination"):
    """The plan of sum(mantissa * 2**exponent * operand), coefficients as such pairs."""
    pairs = list(zip(coefficients, formats, strict=True))
    # An operand times 0 needs no fraction bits and no shift.
    frac_bits = max((f.frac_bits - e for (m, e), f in pairs if m), default=result.frac_bits)
    lifts = tuple(frac_bits - f.frac_bits + e if m else 0 for (m, e), f in pairs)
    low = high = 0
    for ((mantissa, _), fmt), lift in zip(pairs, lifts, strict=True):
        ends = [mantissa * end << lift for end in raw_range(fmt)]
        low, high = low + min(*ends, 0), high + max(*ends, 0)
    lifts, _, target, level = align(formats, Exact(lifts, frac_bits, low, high), result)
    factors = tuple(m for m, _ in coefficients)
    aligning = tuple(factor << lift for factor, lift in zip(factors, lifts, strict=True))
    fused = Storage.NONE
    if all(factor.bit_length() <= 63 for factor in aligning):
        factors, lifts = aligning, (0,) * len(formats)
        fused = combination_storage(formats, factors, target.shift, result)
    return Step(
        name,
        Operation.COMBINE,
        level,
        aligned_operands(formats, lifts),
        target,
        fused_storage=fused,
        coefficients=factors,
    )


@lru_cache(PLANS_KEPT)
def root_of_squares(coefficients, formats, result):
    """The plan of sqrt(sum(mantissa * 2**exponent * operand**2)); None: beyond the kernel.

    Coefficients are such pairs.
    """
    pairs = list(zip(coefficients, formats, strict=True))
    # The root's last bit is the result's: the sum has an even number of bits more than twice that.
    frac_bits = max([2 * result.frac_bits, *(2 * f.frac_bits - e for (m, e), f in pairs if m)])
    frac_bits += frac_bits % 2
    right = frac_bits - 2 * result.frac_bits
    factors = tuple(m << frac_bits - 2 * f.frac_bits + e if m else 0 for (m, e), f in pairs)
    largest = sum(
        c * max(map(abs, raw_range(f))) ** 2 for c, f in zip(factors, formats, strict=True)
    )
    needed = max(map(signed_bits, formats))
    if (
        min(factors) < 0
        or max(factors) >= 1 << 63
        or max(needed, signed_bits(result)) > 64
        or right > Limits.ROOT_SHIFT
        or largest.bit_length() > Limits.COMBINE_SUM[64 if needed <= 32 else 128]
    ):
        return _general_root_of_squares(pairs, result)
    return Step(
        "root_of_squares",
        Operation.ROOT,
        Level.I128,
        aligned_operands(formats, (0,) * len(formats)),
        Target(result, right),
        fused_storage=Storage.S32 if needed <= 32 else Storage.S64,
        coefficients=factors,
    )


def _general_root_of_squares(pairs, result):
    """`root_of_squares` by the general loop."""
    factors, formats = [m for (m, _), _ in pairs], tuple([fmt for _, fmt in pairs])
    if min(factors) < 0 or max(factors) >= 1 << 63:
        return None
    # The root is rounded to odd, with guard bits.
    frac_bits = max(
        [2 * (result.frac_bits + guard_bits(result))]
        + [2 * f.frac_bits - e for (m, e), f in pairs if m]
    )
    frac_bits += frac_bits % 2
    lifts = [frac_bits - 2 * f.frac_bits + e if m else 0 for (m, e), f in pairs]
    largest = sum(
        m * max(map(abs, raw_range(f))) ** 2 << lift
        for m, f, lift in zip(factors, formats, lifts, strict=True)
    )
    # The loop needs three bits more.
    exact = Exact(lifts, frac_bits // 2, 0, largest << 3)
    return _general_step("root_of_squares", Operation.ROOT, formats, exact, result, factors)


def _general_step(name, operation, formats, exact, result, coefficients, **fields):
    """A step of values rounded to odd, at least 128 bits wide; None: beyond what kernels do."""
    if len(formats) > Limits.OPERANDS:
        return None
    try:
        lifts, _, target, level = align(formats, exact, result)
    except OverflowError:
        return None
    return Step(
        name,
        operation,
        max(level, Level.I128),
        aligned_operands(formats, lifts),
        target,
        coefficients=coefficients,
        **fields,
    )


@lru_cache(PLANS_KEPT)
def combination_with_quotient(coefficients, formats, result):
    """The plan of a sum and a quotient; None where that leaves the kernel's bounds.

    Parameters
    ----------
    coefficients : tuple of (int, int)
        Each mantissa * 2**exponent: the terms', the numerator's, and what is added to the divisor.
    formats : tuple of Format
        The terms', the numerator's and the divisor's.
    result : Format
    """
    *factors, (numerator, up), (offset, offset_up) = coefficients
    *terms, over, under = formats
    pairs = list(zip(factors, terms, strict=True))
    divisor_bits = max(under.frac_bits, -offset_up if offset else under.frac_bits)
    divisor_lift = divisor_bits - under.frac_bits
    offset <<= max(divisor_bits + offset_up, 0)
    # Two bits more than the result has; and the quotient's integer part is the sum's last bit.
    quotient_bits = over.frac_bits - up - divisor_bits
    frac_bits = max([result.frac_bits + 2, *(f.frac_bits - e for (m, e), f in pairs if m)])
    if numerator:
        frac_bits = max(frac_bits, quotient_bits)
    numerator_lift = frac_bits - quotient_bits if numerator else 0
    right = frac_bits - result.frac_bits
    factors = [m << frac_bits - f.frac_bits + e if m else 0 for (m, e), f in pairs]
    largest = sum(abs(c) * max(map(abs, raw_range(f))) for c, f in zip(factors, terms, strict=True))
    top = abs(numerator) * max(map(abs, raw_range(over))) << numerator_lift
    quotient = top // ((1 << divisor_lift) + offset)
    needed = top.bit_length(), ((max(under.raw_max, 1) << divisor_lift) + offset).bit_length()
    narrow, wide = (
        all(n <= most for n, most in zip(needed, bits, strict=True))
        for bits in (Limits.QUOTIENT_NARROW, Limits.QUOTIENT_WIDE)
    )
    if (
        not wide
        or max(map(abs, (*factors, numerator, offset))) >= 1 << 63
        or max(map(signed_bits, (*formats, result))) > 64
        or right > Limits.QUOTIENT_SHIFT
        or max(largest, quotient).bit_length() > Limits.QUOTIENT_SUM
    ):
        return _general_combination_with_quotient(coefficients, formats, result)
    return Step(
        "combination_with_quotient",
        Operation.QUOTIENT,
        Level.I128 if narrow else Level.I320,
        aligned_operands(formats, (*(0,) * len(terms), numerator_lift, divisor_lift)),
        Target(result, right),
        fused_storage=Storage.S64,
        coefficients=(*factors, numerator, offset),
    )


def _general_combination_with_quotient(coefficients, formats, result):
    """`combination_with_quotient` by the general loop."""
    *factors, (numerator, up), (offset, offset_up) = coefficients
    *terms, over, under = formats
    pairs = list(zip(factors, terms, strict=True))
    divisor_bits = max(under.frac_bits, -offset_up if offset else under.frac_bits)
    divisor_lift = divisor_bits - under.frac_bits
    offset_lift = divisor_bits + offset_up if offset else 0
    quotient_bits = over.frac_bits - up - divisor_bits
    # The quotient is rounded to odd, with guard bits; so the terms' last bit lies above its own.
    frac_bits = max(
        [result.frac_bits + guard_bits(result)]
        + [f.frac_bits - e + 1 for (m, e), f in pairs if m]
        + [quotient_bits] * (numerator != 0)
    )
    lifts = [frac_bits - f.frac_bits + e if m else 0 for (m, e), f in pairs]
    numerator_lift = frac_bits - quotient_bits if numerator else 0
    coefficients = [*(m for m, _ in factors), numerator, offset]
    sums = sum(
        abs(m) * max(map(abs, raw_range(f))) << lift
        for (m, _), f, lift in zip(factors, terms, lifts, strict=True)
    )
    top = abs(numerator) * max(map(abs, raw_range(over))) << numerator_lift
    divisor = (max(under.raw_max, 1) << divisor_lift) + (offset << offset_lift)
    if max(map(abs, coefficients)) >= 1 << 63 or divisor.bit_length() > 128:
        return None
    largest = max(sums + top, divisor)
    exact = Exact((*lifts, numerator_lift, divisor_lift), frac_bits, -largest, largest)
    name = "combination_with_quotient"
    return _general_step(
        name, Operation.QUOTIENT, formats, exact, result, coefficients, divisor=offset_lift
    )


def _copied(formats, result):
    (x,) = formats
    return Exact((0,), x.frac_bits, *raw_range(x))


def _negated(formats, result):
    (x,) = formats
    low, high = raw_range(x)
    return Exact((0,), x.frac_bits, min(-high, low), max(-low, high))


def _aligned(formats):
    frac_bits = max(f.frac_bits for f in formats)
    lifts = tuple(frac_bits - f.frac_bits for f in formats)
    ranges = [[end << lift for end in raw_range(f)] for f, lift in zip(formats, lifts, strict=True)]
    return Exact(lifts, frac_bits, min(r[0] for r in ranges), max(r[1] for r in ranges))


def _selected(formats, result):
    return _aligned(formats)


def _summed(formats, result):
    aligned = _aligned(formats)
    largest = max(-aligned.low, aligned.high)
    return aligned._replace(low=-2 * largest, high=2 * largest)


def _multiplied(formats, result):
    x, y = formats
    ends = [a * b for a in raw_range(x) for b in raw_range(y)]
    return Exact((0, 0), x.frac_bits + y.frac_bits, min(ends), max(ends))


def _divided(formats, result):
    x, y = formats
    lift = max(0, result.frac_bits + guard_bits(result) - (x.frac_bits - y.frac_bits))
    frac_bits = x.frac_bits - y.frac_bits + lift
    low, high = (end << lift for end in raw_range(x))
    # x / 0 is 2^(width + shift + 1), and the divisor must fit too.
    infinity = 1 << (result.width + frac_bits - result.frac_bits + 1)
    largest = max(-low, high, infinity, *map(abs, raw_range(y)))
    return Exact((lift, 0), frac_bits, -largest, largest)


def _floor_divided(formats, result):
    x, y = formats
    lift, divisor_lift = _aligned(formats).lifts
    # All of x is below 2**bits, so that a divisor lifted further gives the same quotients.
    divisor_lift = min(divisor_lift, signed_bits(x))
    infinity = 1 << result.width + max(0, -result.frac_bits) + 1  # for x // 0
    # The kernel shifts x right instead, by less than its type's bits.
    largest = max(
        *(abs(end) << lift for end in raw_range(x)),
        *map(abs, raw_range(y)),
        infinity,
        1 << divisor_lift,
    )
    return Exact((lift, divisor_lift), 0, -largest, largest)


def _remainder(formats, result):
    aligned = _aligned(formats)
    largest = max(-aligned.low, aligned.high)
    return aligned._replace(low=-largest, high=largest)


def _bitwise(formats, result):
    aligned = _aligned(formats)
    bits = max(aligned.low.bit_length(), aligned.high.bit_length())
    return aligned._replace(low=-(1 << bits), high=(1 << bits) - 1)


_EXACT = {
    "negative": _negated,
    "absolute": _negated,
    "add": _summed,
    "subtract": _summed,
    "minimum": _selected,
    "maximum": _selected,
    "multiply": _multiplied,
    "divide": _divided,
    "floor_divide": _floor_divided,
    "remainder": _remainder,
    "bitwise_and": _bitwise,
    "bitwise_or": _bitwise,
    "bitwise_xor": _bitwise,
}


def align(formats, exact, result, lifts_result=False):
    """Align an exact result with the result's format.

    Parameters
    ----------
    formats : tuple of Format or None
        The operands'; None: float64.
    exact : Exact
    result : Format
    lifts_result : bool
        Whether a left shift is that of the result itself, instead of being added to the
        operands' lifts.

    Returns
    -------
    lifts : tuple of int
        The operands' left shifts.
    result_lift : int
        The result's.
    target : Target
    level : int
    """
    lifts, frac_bits, low, high = exact
    bits = max(high.bit_length(), low.bit_length())
    right, missing_lift, result_lift = frac_bits - result.frac_bits, 0, 0
    if right < 0:
        # By more than the width makes no difference: all but 0 overflows, and wraps to 0. But an
        # error shows the value: there the type's room is the limit, and Target tells the rest.
        left = min(-right, _LARGEST - bits if result.overflow == "raise" else result.width + 1)
        missing_lift = -right - left
        if lifts_result:
            result_lift = left
        else:
            lifts = tuple(lift + left for lift in lifts)
        low, high, right = low << left, high << left, 0
    else:
        # Further to the right nothing but the sign is left: a shorter shift rounds to the same.
        right = min(right, bits + 1 + guard_bits(result))
    room = 1 << right if right else 0  # what the rounding constants may add
    level = level_for(min(low, result.raw_min), max(high + room, result.raw_max))
    if None in formats:
        level = max(level, Level.I64)  # the loader of float64 knows no narrower type
    return lifts, result_lift, Target(result, right, missing_lift), level


def make_step(name, operation, formats, exact, result, **fields):
    """The step of an elementwise operation, from its exact result: see `align`, and `Step`."""
    lifts_result = operation in (Operation.FLOOR_DIVIDE, Operation.REMAINDER)
    same = operation in _BITWISE and all(_same_values(fmt, result) for fmt in formats)
    lifts, result_lift, target, level = align(formats, exact, result, lifts_result)
    return Step(
        name,
        operation,
        level,
        aligned_operands(formats, lifts),
        target,
        fused_storage=fused_storage(operation, formats, lifts, target.shift, level, result),
        result_lift=result_lift,
        same_storage=same and result.overflow != "saturate_symmetric",  # which has one value less
        **fields,
    )


_BITWISE = (Operation.AND, Operation.OR, Operation.XOR)


def _same_values(x, y):
    """Whether raw integers of two formats stand for the same values."""
    return (x.width, x.frac_bits, x.signed) == (y.width, y.frac_bits, y.signed)


def aligned_operands(formats, lifts):
    """Each operand's storage code and left shift, as `Step` takes them."""
    codes = (Storage.DOUBLE if fmt is None else storage.code(fmt) for fmt in formats)
    return tuple(zip(codes, lifts, strict=True))


def level_for(low, high):
    """The narrowest level whose type holds a range."""
    for level, bits in enumerate(Level.BITS):
        if -(1 << bits - 1) <= low and high < 1 << bits - 1:
            return level
    raise OverflowError(f"values of {max(low.bit_length(), high.bit_length())} bits")
