"""From an operation and its formats to the kernels' instructions: the one decider.

A plan is a `Step`: how operands are aligned, where the exact result's binary point lies, by how
much it is shifted into the result's format, and which intermediate type (level) holds every
value on the way. Ranges are exact Python integers here, so that a level is taken only if
nothing can leave it.
"""

from functools import lru_cache

from ..format import Format, storage
from ..format.derived import WIDEST, guard_bits, raw_range, signed_bits
from .calls import Step
from .plan_fused import fused_storage

LEVELS = (32, 64, 128, 320, 1024)  # bits of the intermediate types
_LONGEST = 1020  # bits of what the widest of them holds

COMPARISONS = {
    "equal": 0,
    "not_equal": 1,
    "less": 2,
    "less_equal": 3,
    "greater": 4,
    "greater_equal": 5,
}
OPERATIONS = {
    "convert": 0,
    "move": 0,  # into another form of the same value: not counted
    "matmul": 0,  # the conversion at the end of an accumulator's loop
    # functions that move elements, where those have to be brought into the result's format
    **dict.fromkeys(
        (
            *("append", "block", "choose", "column_stack", "concatenate", "dstack", "hstack"),
            *("ediff1d", "insert", "pad", "select", "setxor1d", "stack", "union1d", "vstack"),
            "where",
        ),
        0,
    ),
    "positive": 0,
    "negative": 1,
    "absolute": 2,
    "add": 3,
    "subtract": 4,
    "multiply": 5,
    "minimum": 6,
    "maximum": 7,
    "divide": 8,
    "left_shift": 9,
    "right_shift": 9,
    "linear_combination": 10,
    "clip": 11,
    "floor_divide": 12,
    "remainder": 13,
    "bitwise_and": 14,
    "bitwise_or": 15,
    "bitwise_xor": 16,
}
_COUNTS = Format(64, 0)  # what the shift kernel reads its counts from

PLANS_KEPT = 4096  # plans kept; each is small


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
    lifts, point, low, high = _EXACT.get(operation, _copied)(formats, result)
    return make_step(
        name or operation, OPERATIONS[operation], formats, lifts, point, low, high, result,
        lift_after=operation in ("floor_divide", "remainder"),
    )  # fmt: skip


@lru_cache(PLANS_KEPT)
def clip(formats, has_low, result):
    """The plan of clip with one bound (the lower one or the upper one) or both."""
    lifts, point, low, high = _aligned(formats)
    operation = OPERATIONS[("maximum" if has_low else "minimum") if len(formats) == 2 else "clip"]
    return make_step("clip", operation, formats, lifts, point, low, high, result)


@lru_cache(PLANS_KEPT)
def comparison(name, x, y):
    """The plan of an exact comparison; y None: a float64 operand."""
    if y is None:  # to odd two bits below x's last one keeps every order
        lifts, codes = (2, x.frac_bits + 2), (storage.code(x), storage.DOUBLE)
        high = 1 << max(40, x.width + 7)  # the loader knows no 32-bit level
        low = -high
    else:
        lifts, _, low, high = _aligned((x, y))
        codes = (storage.code(x), storage.code(y))
    same = codes[0] == codes[1] and not any(lifts)
    return Step(
        name, COMPARISONS[name], level_for(low, high), codes, lifts, (1, 1), 0, 0, None, same
    )


@lru_cache(PLANS_KEPT)
def from_double(result, beyond):
    """The plan that rounds float64 into a format.

    Parameters
    ----------
    beyond : bool
        Whether finite values of 2**60 raw units and more may be among them: `wrap` needs
        their low bits. Elsewhere they just overflow.
    """
    guard = guard_bits(result)
    # The loader turns what is too large into 2**(bits - 3), which must still overflow.
    room = 1 << (1020 if beyond else result.width + guard + 4)
    point = result.frac_bits + guard
    return make_step(
        "convert", OPERATIONS["convert"], (None,), (point,), point, -room, room, result,
        floor_level=1,
    )  # fmt: skip


@lru_cache(PLANS_KEPT)
def rounded_to_odd(name, result):
    """The plan that rounds values of 128-bit storage, to odd with `guard_bits`, into a format."""
    guard = guard_bits(result)
    low, high = raw_range(WIDEST)
    return make_step(
        name, OPERATIONS["convert"], (WIDEST,), (0,), result.frac_bits + guard, low, high, result
    )


@lru_cache(PLANS_KEPT)
def shift(name, x, result, far=False):
    """The plan of a shift by a count an element, and the two ends that counts are clamped to.

    The kernel shifts left only: counts enter with `-lowest` added, and the binary point moves
    by as much. A count below `lowest` can't be told from it, nor one above `highest`, except
    that an error would show another value: `far` is for that.
    """
    # Counts at which the binary points meet, and all bits go or leave the range.
    meeting = x.frac_bits - result.frac_bits
    lowest = min(meeting - signed_bits(x) - guard_bits(result), 0)
    highest = meeting + result.width + 1
    if far:
        highest = lowest + _LONGEST - signed_bits(x)
    low, high = raw_range(x)
    scale = 1 << (highest - lowest)
    step = make_step(
        name,
        OPERATIONS[name],
        (x, _COUNTS),
        (0, 0),
        x.frac_bits - lowest,
        low * scale,
        high * scale,
        result,
    )
    return step, lowest, highest


ONE_SHIFT = 256  # as far as the plan of one count for all elements goes


@lru_cache(PLANS_KEPT)
def one_shift(name, x, count, result):
    """The plan of raw * 2**count: a conversion from another binary point."""
    low, high = raw_range(x)
    return make_step(
        name, OPERATIONS["convert"], (x,), (0,), x.frac_bits - count, low, high, result
    )


@lru_cache(PLANS_KEPT)
def linear_combination(coefficients, formats, result, name="linear_combination"):
    """The plan of sum(mantissa * 2**exponent * operand), coefficients as such pairs."""
    pairs = list(zip(coefficients, formats, strict=True))
    # Times 0, an operand asks for no place and no shift.
    point = max((f.frac_bits - e for (m, e), f in pairs if m), default=result.frac_bits)
    lifts = tuple(point - f.frac_bits + e if m else 0 for (m, e), f in pairs)
    low = high = 0
    for ((mantissa, _), fmt), lift in zip(pairs, lifts, strict=True):
        ends = [mantissa * end << lift for end in raw_range(fmt)]
        low, high = low + min(*ends, 0), high + max(*ends, 0)
    return make_step(
        name,
        OPERATIONS["linear_combination"],
        formats,
        lifts,
        point,
        low,
        high,
        result,
        tuple(m for m, _ in coefficients),
    )


def _copied(formats, result):
    (x,) = formats
    return (0,), x.frac_bits, *raw_range(x)


def _negated(formats, result):
    (x,) = formats
    low, high = raw_range(x)
    return (0,), x.frac_bits, min(-high, low), max(-low, high)


def _aligned(formats):
    point = max(f.frac_bits for f in formats)
    lifts = tuple(point - f.frac_bits for f in formats)
    ranges = [[end << lift for end in raw_range(f)] for f, lift in zip(formats, lifts, strict=True)]
    return lifts, point, min(r[0] for r in ranges), max(r[1] for r in ranges)


def _chosen(formats, result):
    return _aligned(formats)


def _summed(formats, result):
    lifts, point, low, high = _aligned(formats)
    reach = max(-low, high)
    return lifts, point, -2 * reach, 2 * reach


def _multiplied(formats, result):
    x, y = formats
    ends = [a * b for a in raw_range(x) for b in raw_range(y)]
    return (0, 0), x.frac_bits + y.frac_bits, min(ends), max(ends)


def _divided(formats, result):
    x, y = formats
    lift = max(0, result.frac_bits + guard_bits(result) - (x.frac_bits - y.frac_bits))
    point = x.frac_bits - y.frac_bits + lift
    low, high = (end << lift for end in raw_range(x))
    # x / 0 is 2^(width + shift + 1), and the divisor must fit too.
    beyond = 1 << (result.width + point - result.frac_bits + 1)
    reach = max(-low, high, beyond, *map(abs, raw_range(y)))
    return (lift, 0), point, -reach, reach


def _floor_divided(formats, result):
    x, y = formats
    lift, after = _aligned(formats)[0]
    # All of x is below 2**bits, so that a divisor lifted further gives the same quotients.
    after = min(after, signed_bits(x))
    beyond = 1 << result.width + max(0, -result.frac_bits) + 1  # for x // 0
    # The kernel shifts x right by `after`, which must be less than its type's bits.
    reach = max(
        *(abs(end) << lift for end in raw_range(x)), *map(abs, raw_range(y)), beyond, 1 << after
    )
    return (lift, after), 0, -reach, reach


def _remainder(formats, result):
    lifts, point, low, high = _aligned(formats)
    reach = max(-low, high)
    return lifts, point, -reach, reach


def _bitwise(formats, result):
    lifts, point, low, high = _aligned(formats)
    bits = max(low.bit_length(), high.bit_length())
    return lifts, point, -(1 << bits), (1 << bits) - 1


_EXACT = {
    "negative": _negated,
    "absolute": _negated,
    "add": _summed,
    "subtract": _summed,
    "minimum": _chosen,
    "maximum": _chosen,
    "multiply": _multiplied,
    "divide": _divided,
    "floor_divide": _floor_divided,
    "remainder": _remainder,
    "bitwise_and": _bitwise,
    "bitwise_or": _bitwise,
    "bitwise_xor": _bitwise,
}


def make_step(
    name, operation, formats, lifts, point, low, high, result, coefficients=None, floor_level=0,
    lift_after=False,
):  # fmt: skip
    """Align an exact result, whose last bit is 2**-point, with the result's format.

    `lift_after`: what the result must be shifted left by is told by coefficient 0, instead of
    being added to the operands' lifts.
    """
    right, beyond = point - result.frac_bits, 0
    if right < 0:
        # Beyond the width every non-zero value overflows, and wraps to 0. An error shows it.
        reach = _LONGEST - max(high.bit_length(), low.bit_length())
        left = min(-right, reach if result.overflow == "raise" else result.width + 1)
        beyond = -right - left
        if lift_after:
            coefficients = (left, 0)
        else:
            lifts = tuple(lift + left for lift in lifts)
        low, high, right = low << left, high << left, 0
    else:
        # So far down, nothing but the sign can be told: less of a shift does the same.
        bits = max(high.bit_length(), low.bit_length()) + 1
        right = min(right, bits + guard_bits(result))
        if lift_after:
            coefficients = (0, 0)
    codes = tuple(storage.DOUBLE if f is None else storage.code(f) for f in formats)
    room = 1 << right if right else 0  # what the rounding constants may add
    level = max(floor_level, level_for(min(low, result.raw_min), max(high + room, result.raw_max)))
    fused = fused_storage(operation, formats, lifts, right, level, result)
    return Step(
        name,
        operation,
        level,
        codes,
        lifts,
        coefficients or (1,) * len(formats),
        right,
        storage.code(result),
        result,
        fused,
        beyond,
    )


def level_for(low, high):
    for level, bits in enumerate(LEVELS):
        if -(1 << bits - 1) <= low and high < 1 << bits - 1:
            return level
    raise OverflowError(f"values of {max(low.bit_length(), high.bit_length())} bits")
