"""From an operation and its formats to the kernels' instructions: the one decider.

A plan is a `Step`: how operands are aligned, where the exact result's binary point lies, by how
much it is shifted into the result's format, and which intermediate type (level) holds every
value on the way. Ranges are exact Python integers here, so that a level is taken only if
nothing can leave it.
"""

from functools import lru_cache, reduce

from . import storage
from ._kernels.kernels import Step
from .errors import FormatError
from .format import Format

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
REDUCTIONS = {"sum": 0, "mean": 1, "min": 2, "max": 3, "squares": 4}
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
# What `full_precision` gives wider results, sums of products (see product_operations.py) aside.
GROWING = frozenset({"add", "subtract", "negative", "absolute", "multiply", "square"})

WIDEST = Format(128, 0)
TINY = Format(8, 0)  # of the constants in int8
_COUNTS = Format(64, 0)  # what the shift kernel reads its counts from

_KEEP = 4096  # plans kept; each is small


def guard_bits(fmt):
    """How many bits below a format's last one decide every rounding, once rounded to odd.

    Two: one for the tie, one for "anything beyond". Stochastic rounding looks at 64 bits of
    what is lost and whether there is more.
    """
    return 66 if fmt.rounding == "stochastic" else 2


def common_format(x, y):
    """The format of an operation on formats `x` and `y` when none is asked for.

    Raises
    ------
    FormatError
        If their modes disagree, or 128 bits don't hold both.
    """
    if x is y:
        return x
    _agree(x, y)
    signed = x.signed or y.signed
    frac_bits = max(x.frac_bits, y.frac_bits)
    int_bits = max(f.int_bits + (signed and not f.signed) for f in (x, y))
    try:
        return x.replace(width=int_bits + frac_bits, frac_bits=frac_bits, signed=signed)
    except FormatError:
        raise FormatError(
            f"{x!r} and {y!r} together need {int_bits + frac_bits} bits, more than 128; "
            "pass format= for the result"
        ) from None


def _agree(x, y):
    """`FormatError` if the modes of two operands differ."""
    if x.rounding != y.rounding or x.overflow != y.overflow:
        raise FormatError(f"the modes of {x!r} and {y!r} disagree; pass format= for the result")
    return x


def grown(name, formats, inner=()):
    """The format that holds every exact result; for `full_precision`.

    Parameters
    ----------
    name : str
        One of `GROWING`, or a sum of products such as "sum" and "matmul".
    formats : list of Format
        The operands'.
    inner : tuple of int
        How many terms are added up, for sums and sums of products.
    """
    if name in ("multiply", "square") or (inner and name != "sum"):
        x = reduce(_agree, formats)
        factors = formats * 2 if name == "square" else formats
        int_bits, frac_bits = sum(f.int_bits for f in factors), sum(f.frac_bits for f in factors)
        signed = name == "cross" or any(f.signed for f in factors)
    else:
        x = reduce(common_format, formats)
        int_bits, frac_bits = x.int_bits + (name != "sum"), x.frac_bits
        signed = x.signed or name in ("subtract", "negative")
    if inner:
        int_bits += (max(inner[0], 1) - 1).bit_length()
    try:
        return x.replace(width=int_bits + frac_bits, frac_bits=frac_bits, signed=signed)
    except FormatError as error:
        raise FormatError(
            f"{name} in full precision of {' and '.join(map(repr, formats))}: {error}; "
            "pass format= for the result"
        ) from None


@lru_cache(_KEEP)
def split(fmt):
    """The format of the raw integers, and the binary point apart; of None (Python ints) None, 0."""
    if fmt is None:
        return None, 0
    return exact(fmt).replace(frac_bits=0), fmt.frac_bits


@lru_cache(_KEEP)
def at_point(fmt, frac_bits):
    """What `split` has taken apart."""
    return fmt.replace(frac_bits=frac_bits)


def ordered(*formats):
    """Whether an element's place matters: for its draw, or in the message of an overflow."""
    return any(fmt.rounding == "stochastic" or fmt.overflow == "raise" for fmt in formats)


def exact(fmt):
    """A format of the same values for moving elements about: no draws, and nothing overflows."""
    return fmt.replace(rounding="floor", overflow="wrap")


@lru_cache(_KEEP)
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
    return _step(
        name or operation, OPERATIONS[operation], formats, lifts, point, low, high, result,
        lift_after=operation in ("floor_divide", "remainder"),
    )  # fmt: skip


@lru_cache(_KEEP)
def clip(formats, has_low, result):
    """The plan of clip with one bound (the lower one or the upper one) or both."""
    lifts, point, low, high = _aligned(formats)
    operation = OPERATIONS[("maximum" if has_low else "minimum") if len(formats) == 2 else "clip"]
    return _step("clip", operation, formats, lifts, point, low, high, result)


@lru_cache(_KEEP)
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
    return Step(name, COMPARISONS[name], _level(low, high), codes, lifts, (1, 1), 0, 0, None, same)


@lru_cache(_KEEP)
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
    return _step(
        "convert", OPERATIONS["convert"], (None,), (point,), point, -room, room, result,
        floor_level=1,
    )  # fmt: skip


@lru_cache(_KEEP)
def rounded_to_odd(name, result):
    """The plan that rounds values of 128-bit storage, to odd with `guard_bits`, into a format."""
    guard = guard_bits(result)
    low, high = _range(WIDEST)
    return _step(
        name, OPERATIONS["convert"], (WIDEST,), (0,), result.frac_bits + guard, low, high, result
    )


@lru_cache(_KEEP)
def shift(name, x, result, far=False):
    """The plan of a shift by a count an element, and the two ends that counts are clamped to.

    The kernel shifts left only: counts enter with `-lowest` added, and the binary point moves
    by as much. A count below `lowest` can't be told from it, nor one above `highest`, except
    that an error would show another value: `far` is for that.
    """
    # Counts at which the binary points meet, and all bits go or leave the range.
    meeting = x.frac_bits - result.frac_bits
    lowest = min(meeting - _bits(x) - guard_bits(result), 0)
    highest = meeting + result.width + 1
    if far:
        highest = lowest + _LONGEST - _bits(x)
    low, high = _range(x)
    scale = 1 << (highest - lowest)
    step = _step(
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


@lru_cache(_KEEP)
def one_shift(name, x, count, result):
    """The plan of raw * 2**count: a conversion from another binary point."""
    low, high = _range(x)
    return _step(name, OPERATIONS["convert"], (x,), (0,), x.frac_bits - count, low, high, result)


@lru_cache(_KEEP)
def linear_combination(coefficients, formats, result, name="linear_combination"):
    """The plan of sum(mantissa * 2**exponent * operand), coefficients as such pairs."""
    pairs = list(zip(coefficients, formats, strict=True))
    # Times 0, an operand asks for no place and no shift.
    point = max((f.frac_bits - e for (m, e), f in pairs if m), default=result.frac_bits)
    lifts = tuple(point - f.frac_bits + e if m else 0 for (m, e), f in pairs)
    low = high = 0
    for ((mantissa, _), fmt), lift in zip(pairs, lifts, strict=True):
        ends = [mantissa * end << lift for end in _range(fmt)]
        low, high = low + min(*ends, 0), high + max(*ends, 0)
    return _step(
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


@lru_cache(_KEEP)
def reduction(reduction, x, result, n, total, name=None):
    """The plan of a reduction of `n` elements (for sums: at most `total`).

    `name`: what events and messages call it, where that is not `reduction`.
    """
    low, high = _range(x)
    point, lift = x.frac_bits, 0
    if reduction in ("sum", "mean"):
        low, high = low * total, high * total
    elif reduction == "squares":
        low, high, point = 0, max(low * low, high * high) * total, 2 * point
    else:
        low, high = 2 * low - 1, 2 * high + 1  # the fold starts from +-2^(bits - 2)
    if reduction == "mean":
        lift = max(0, result.frac_bits + guard_bits(result) - point)
        point += lift
        low, high = low << lift, high << lift
    return _step(
        name or reduction,
        REDUCTIONS[reduction],
        (x,),
        (lift,),
        point,
        min(low, -n),
        max(high, n),
        result,
        (n,),
    )


@lru_cache(_KEEP)
def prefix_sums(x, result, total, name="cumsum"):
    """The plan of cumsum along an axis of at most `total` elements."""
    low, high = _range(x)
    return _step(name, 0, (x,), (0,), x.frac_bits, low * total, high * total, result)


@lru_cache(_KEEP)
def running_product(name, x, result):
    """The plans of a product's first step, into `result`, and of its others."""
    first = elementwise("convert", (x,), result, name)
    rest = elementwise("multiply", (result, x), result, name)
    level = max(first.level, rest.level)
    return first.at_level(level), rest.at_level(level)


@lru_cache(_KEEP)
def product(x, y, result, x_bits, y_bits, inner):
    """The plan of an exact matrix product: `x_bits`, `y_bits` are the magnitudes' real needs.

    `inner` is the inner length, or more.
    """
    # A sum of nothing is shifted as well: the type must hold that.
    limit = max(inner, 1) << (x_bits + y_bits)
    point = x.frac_bits + y.frac_bits
    return _step("matmul", 0, (x, y), (0, 0), point, -limit, limit, result)


@lru_cache(_KEEP)
def accumulation(x, y, accumulator, result):
    """The plans of ``acc = acc + a*b`` and of the conversion at its end."""
    point = x.frac_bits + y.frac_bits
    ends = [a * b for a in _range(x) for b in _range(y)]
    bits = max(max(ends).bit_length(), min(ends).bit_length()) + 1
    # A product of less than half the accumulator's last bit (for stochastic rounding, of less
    # than 2**-64 of it) is told by its sign alone; one far above the first overflows (and is
    # zero in all the bits that wrap keeps).
    gap = point - accumulator.frac_bits
    lift = min(max(gap, 0), bits + guard_bits(accumulator) - 2)
    reach = 640 if accumulator.overflow == "raise" else accumulator.width + 1
    product_lift = min(max(-gap, 0), reach)
    low, high = (end << lift for end in _range(accumulator))
    low += min(ends) << product_lift
    high += max(ends) << product_lift
    step = _step(
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
    operands = (*_range(x), *_range(y))
    start, stop = _range(accumulator)
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


def _copied(formats, result):
    (x,) = formats
    return (0,), x.frac_bits, *_range(x)


def _negated(formats, result):
    (x,) = formats
    low, high = _range(x)
    return (0,), x.frac_bits, min(-high, low), max(-low, high)


def _aligned(formats):
    point = max(f.frac_bits for f in formats)
    lifts = tuple(point - f.frac_bits for f in formats)
    ranges = [[end << lift for end in _range(f)] for f, lift in zip(formats, lifts, strict=True)]
    return lifts, point, min(r[0] for r in ranges), max(r[1] for r in ranges)


def _chosen(formats, result):
    return _aligned(formats)


def _summed(formats, result):
    lifts, point, low, high = _aligned(formats)
    reach = max(-low, high)
    return lifts, point, -2 * reach, 2 * reach


def _multiplied(formats, result):
    x, y = formats
    ends = [a * b for a in _range(x) for b in _range(y)]
    return (0, 0), x.frac_bits + y.frac_bits, min(ends), max(ends)


def _divided(formats, result):
    x, y = formats
    lift = max(0, result.frac_bits + guard_bits(result) - (x.frac_bits - y.frac_bits))
    point = x.frac_bits - y.frac_bits + lift
    low, high = (end << lift for end in _range(x))
    # x / 0 is 2^(width + shift + 1), and the divisor must fit too.
    beyond = 1 << (result.width + point - result.frac_bits + 1)
    reach = max(-low, high, beyond, *map(abs, _range(y)))
    return (lift, 0), point, -reach, reach


def _floor_divided(formats, result):
    x, y = formats
    lift, after = _aligned(formats)[0]
    # All of x is below 2**bits, so that a divisor lifted further gives the same quotients.
    after = min(after, _bits(x))
    beyond = 1 << result.width + max(0, -result.frac_bits) + 1  # for x // 0
    # The kernel shifts x right by `after`, which must be less than its type's bits.
    reach = max(*(abs(end) << lift for end in _range(x)), *map(abs, _range(y)), beyond, 1 << after)
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


def _range(fmt):
    return fmt.raw_min, fmt.raw_max


def _bits(fmt):
    return fmt.width + (not fmt.signed)


def _step(
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
    level = max(floor_level, _level(min(low, result.raw_min), max(high + room, result.raw_max)))
    fused = _fused(operation, formats, lifts, right, level, result)
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


def _fused(operation, formats, lifts, right, level, result):
    """1 + the code of the storage that a fused loop works in, or 0 where there is none.

    There, in fused.hh and what it includes, stand the bounds that are kept here.
    """
    code = storage.code(result)
    if formats == (None,):  # float64
        able = 0 <= lifts[0] - right <= 900 and (code % 2 == 0 or result.width <= 16)
        return 1 + code if able else 0
    aligned = operation in (3, 4, 6, 7)  # the operands, before all else
    alike = {storage.code(fmt) for fmt in formats} == {code} and not (aligned and any(lifts))
    unsigned = (1, 3) if operation != 5 else (1,)  # that have loops of their own
    alike = alike and (code % 2 == 0 or code in unsigned)
    if not alike:
        shifts = lifts if aligned else [0] * len(lifts)
        needed = max(_bits(result), *(_bits(f) + n for f, n in zip(formats, shifts, strict=True)))
        code = next((2 * k for k in range(5) if needed <= 8 << k), None)
        if code is None:
            return 0
    return 1 + code if _fusible(operation, code, alike, lifts, right, level, result) else 0


def _fusible(operation, code, alike, lifts, right, level, result):
    bits = 8 << code // 2
    dithers = right and result.rounding == "stochastic"
    match operation:
        case 1 | 2:  # negate, absolute
            return bits >= 64 and not any(lifts) and right == 0
        case 3 | 4 | 6 | 7:  # add, subtract, minimum, maximum
            return right == 0
        case 5:  # multiply
            if any(lifts) or (dithers and bits <= 32 and right > 32):
                return False
            if bits <= 32:
                return level <= (bits > 16)
            return right < (64 if bits == 64 else 190)
        case 8:  # divide
            if not alike or code % 2:
                return False
            reach = {8: 43, 16: 35, 32: 21, 64: 63, 128: 120}[bits]  # of the lift
            if dithers:  # without the guard bits, which only the general loop needs
                return bits <= 64 and 0 <= lifts[0] - right <= reach
            highest = {8: 0, 16: 0, 32: 1, 64: 2, 128: 3}[bits]
            return lifts[0] <= reach and level <= highest and right < 63
        case 0:  # a conversion
            return right < (128 if bits == 128 else min(bits, 63)) and lifts[0] < bits
    return False


def _level(low, high):
    for level, bits in enumerate(LEVELS):
        if -(1 << bits - 1) <= low and high < 1 << bits - 1:
            return level
    raise OverflowError(f"values of {max(low.bit_length(), high.bit_length())} bits")
