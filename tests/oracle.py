"""The oracle: what fxtypes must compute, in Python integers and fractions, slow and obvious.

Nothing here is shared with the package. A format is any object with the attributes ``width``,
``frac_bits``, ``signed``, ``rounding`` and ``overflow``, the modes being strings; a number is
its raw integer and its format, or a ``Fraction``. ``u`` is always the 64-bit random integer
that stochastic rounding draws.
"""

import itertools
import operator
from collections import namedtuple
from fractions import Fraction
from math import floor, isqrt, prod

Fmt = namedtuple(
    "Fmt",
    ["width", "frac_bits", "signed", "rounding", "overflow"],
    defaults=[True, "nearest_even", "saturate"],
)


class OracleOverflow(Exception):
    """A value left the range of a format whose overflow mode is ``raise``."""


class OracleFormatError(Exception):
    """Two formats have no common one."""


# --- one number -----------------------------------------------------------------------------


def raw_limits(fmt):
    """The least and the greatest raw integer that the format can store."""
    if fmt.signed:
        return -(2 ** (fmt.width - 1)), 2 ** (fmt.width - 1) - 1
    return 0, 2**fmt.width - 1


def result_limits(fmt):
    """The least and the greatest raw integer that an operation leaves as it is."""
    lowest, highest = raw_limits(fmt)
    if fmt.overflow == "saturate_symmetric" and fmt.signed:
        lowest = -highest
    return lowest, highest


def value(raw, fmt):
    """The exact value of a raw integer."""
    if fmt.frac_bits > 0:
        return Fraction(raw, 2**fmt.frac_bits)
    return Fraction(raw * 2**-fmt.frac_bits)


def round_value(exact, fmt, u=None):
    """The raw integer, of any size, that `exact` rounds to."""
    over, under = exact.as_integer_ratio()
    if fmt.frac_bits > 0:
        over *= 2**fmt.frac_bits
    else:
        under *= 2**-fmt.frac_bits
    below, lost = divmod(over, under)  # lost / under of a unit
    if lost == 0:
        return below
    above = below + 1
    toward_zero, away = (below, above) if over > 0 else (above, below)
    even, odd = (below, above) if below % 2 == 0 else (above, below)
    mode = str(fmt.rounding)
    if mode == "floor":
        return below
    if mode == "ceil":
        return above
    if mode == "toward_zero":
        return toward_zero
    if mode == "away_from_zero":
        return away
    if mode == "odd":
        return odd
    if mode == "stochastic":
        return above if lost * 2**64 // under + u >= 2**64 else below
    tie = {
        "nearest_even": even,
        "nearest_odd": odd,
        "nearest_away": away,
        "nearest_zero": toward_zero,
        "nearest_up": above,
        "nearest_down": below,
    }[mode]
    if 2 * lost == under:
        return tie
    return above if 2 * lost > under else below


def overflow(raw, fmt):
    """The raw integer that is stored where rounding gave `raw`."""
    lowest, highest = result_limits(fmt)
    if lowest <= raw <= highest:
        return raw
    mode = str(fmt.overflow)
    if mode in ("saturate", "saturate_symmetric"):
        return highest if raw > highest else lowest
    if mode == "saturate_zero":
        return 0
    if mode == "wrap":
        low_bits = raw % 2**fmt.width
        return low_bits - 2**fmt.width if low_bits > highest else low_bits
    if mode == "raise":
        raise OracleOverflow(raw)
    raise AssertionError(mode)


def quantize(exact, fmt, u=None):
    """The raw integer that stores `exact`: rounded once, then overflowed."""
    return overflow(round_value(exact, fmt, u), fmt)


def quantize_infinity(sign, fmt):
    """The raw integer that stores an infinity of the sign of `sign`."""
    mode = str(fmt.overflow)
    lowest, highest = result_limits(fmt)
    if mode in ("saturate", "saturate_symmetric"):
        return highest if sign > 0 else lowest
    if mode == "saturate_zero":
        return 0
    raise OracleOverflow("infinity")


def events(exact, fmt, u=None):
    """What storing `exact` counts, each 0 or 1.

    ``overflow``: the rounded value left the range. ``inexact``: rounding lost something,
    whatever overflow then did. ``underflow``: rounding made zero of a non-zero value.
    """
    return events_of(round_value(exact, fmt, u), exact, fmt)


def events_of(rounded, exact, fmt):
    """The same where rounding has given `rounded`."""
    lowest, highest = result_limits(fmt)
    return {
        "overflow": int(not lowest <= rounded <= highest),
        "underflow": int(rounded == 0 and exact != 0),
        "inexact": int(value(rounded, fmt) != exact),
    }


# --- formats --------------------------------------------------------------------------------


def common_format(a, b):
    """The format of a result of operands in the formats `a` and `b`, as an `Fmt`."""
    a, b = (Fmt(f.width, f.frac_bits, f.signed, str(f.rounding), str(f.overflow)) for f in (a, b))
    if a == b:
        return a
    if (a.rounding, a.overflow) != (b.rounding, b.overflow):
        raise OracleFormatError("modes differ")
    signed = a.signed or b.signed
    int_bits = max(f.width - f.frac_bits + (signed and not f.signed) for f in (a, b))
    frac_bits = max(a.frac_bits, b.frac_bits)
    if int_bits + frac_bits > 128:
        raise OracleFormatError("more than 128 bits")
    return Fmt(int_bits + frac_bits, frac_bits, signed, a.rounding, a.overflow)


def format_of_all(formats):
    """The format that holds the values of several, whatever their modes; None past 128 bits."""
    found, *others = (Fmt(f.width, f.frac_bits, f.signed) for f in formats)
    try:
        for fmt in others:
            found = common_format(found, fmt)
    except OracleFormatError:
        return None
    return found


# --- operations on exact values ---------------------------------------------------------------

ARITHMETIC = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}
BINARY = {**ARITHMETIC, "minimum": min, "maximum": max}


# --- operations on one element; without `fmt`, the result's format follows the rule ---------


def add(a, a_fmt, b, b_fmt, fmt=None, u=None):
    """a + b."""
    fmt = fmt or common_format(a_fmt, b_fmt)
    return quantize(value(a, a_fmt) + value(b, b_fmt), fmt, u)


def sub(a, a_fmt, b, b_fmt, fmt=None, u=None):
    """a - b."""
    fmt = fmt or common_format(a_fmt, b_fmt)
    return quantize(value(a, a_fmt) - value(b, b_fmt), fmt, u)


def mul(a, a_fmt, b, b_fmt, fmt=None, u=None):
    """a * b."""
    fmt = fmt or common_format(a_fmt, b_fmt)
    return quantize(value(a, a_fmt) * value(b, b_fmt), fmt, u)


def _quotient(exact, a, a_fmt, b, b_fmt, fmt, u):
    fmt = fmt or common_format(a_fmt, b_fmt)
    if b == 0:
        if a == 0 or str(fmt.overflow) in ("raise", "wrap"):
            raise ZeroDivisionError
        return quantize_infinity(a, fmt)
    return quantize(exact(value(a, a_fmt), value(b, b_fmt)), fmt, u)


def div(a, a_fmt, b, b_fmt, fmt=None, u=None):
    """a / b; ``ZeroDivisionError`` for 0 / 0, and for x / 0 under ``raise`` and ``wrap``."""
    return _quotient(operator.truediv, a, a_fmt, b, b_fmt, fmt, u)


def neg(a, a_fmt, fmt=None, u=None):
    """-a."""
    return quantize(-value(a, a_fmt), fmt or a_fmt, u)


def absolute(a, a_fmt, fmt=None, u=None):
    """The magnitude of a."""
    return quantize(abs(value(a, a_fmt)), fmt or a_fmt, u)


def shift(a, a_fmt, n, fmt=None, u=None):
    """a * 2**n: to the left where n is positive, else to the right."""
    return quantize(value(a, a_fmt) * Fraction(2) ** n, fmt or a_fmt, u)


def convert(a, a_fmt, fmt, u=None):
    """a in another format, as ``astype`` gives it."""
    return quantize(value(a, a_fmt), fmt, u)


def floor_divide(a, a_fmt, b, b_fmt, fmt=None, u=None):
    """floor(a / b); poles as for `div`."""
    return _quotient(exact_floor_divide, a, a_fmt, b, b_fmt, fmt, u)


def exact_floor_divide(x, y):
    """floor(x / y), a Fraction."""
    return Fraction(floor(x / y))


def exact_remainder(x, y):
    """x - y * floor(x / y)."""
    return x - y * floor(x / y)


def exact_power(x, n):
    """x**n; ``OverflowError`` from a magnitude of 2**1024 on."""
    result = Fraction(x) ** n
    if abs(result) >= 2**1024:
        raise OverflowError
    return result


def exact_bitwise(name, a, a_fmt, b, b_fmt):
    """and, or, xor of two's complement numbers whose binary points stand below each other."""
    point = max(a_fmt.frac_bits, b_fmt.frac_bits)
    x, y = (int(value(r, f) * Fraction(2) ** point) for r, f in ((a, a_fmt), (b, b_fmt)))
    bits = max(abs(x), abs(y)).bit_length() + 2
    total = 0
    for i in range(bits):
        p, q = x // 2**i % 2, y // 2**i % 2
        bit = {"and": p * q, "or": max(p, q), "xor": (p + q) % 2}[name]
        total += bit * 2**i * (-1 if i == bits - 1 else 1)
    return Fraction(total) * Fraction(2) ** -point


def invert(a, a_fmt):
    """The raw integer with every bit flipped."""
    lowest, highest = raw_limits(a_fmt)
    return lowest + highest - a


def exact_round(x, decimals=0):
    """The nearest multiple of 10**-decimals, ties to the even one."""
    scaled = x * Fraction(10) ** decimals
    below = floor(scaled)
    lost = scaled - below
    up = lost > Fraction(1, 2) or (lost == Fraction(1, 2) and below % 2 == 1)
    return Fraction(below + up) / Fraction(10) ** decimals


def exact_variance(values, ddof=0):
    """The sum of squared deviations from the mean over n - ddof."""
    mean = sum(values, Fraction(0)) / len(values)
    return sum(((x - mean) ** 2 for x in values), Fraction(0)) / (len(values) - Fraction(ddof))


def stand_in_for_root(x, fmt):
    """A Fraction that rounds into `fmt` as the square root of x does, in every mode.

    Where the root is not rational it is cut well below all that rounding looks at, and half a
    unit is added, which no exact result or tie has.
    """
    top, bottom = isqrt(x.numerator), isqrt(x.denominator)
    if top**2 == x.numerator and bottom**2 == x.denominator:
        return Fraction(top, bottom)
    point = max(fmt.frac_bits, 0) + 80
    return (isqrt(floor(x * 4**point)) + Fraction(1, 2)) / 2**point


def running_products(factors, fmt, u=None):
    """The running products of exact factors, every step rounded, and each step's exact value.

    ``u(k)`` gives the random integer of step k.
    """
    results, exacts = [], []
    for k, factor in enumerate(factors):
        exact = factor * (value(results[-1], fmt) if results else 1)
        exacts.append(exact)
        results.append(quantize(exact, fmt, u(k) if u else None))
    return results, exacts


def compare(a, a_fmt, b, b_fmt):
    """-1, 0 or 1 as a is less than, equal to or greater than b."""
    x, y = value(a, a_fmt), value(b, b_fmt)
    return (x > y) - (x < y)


# --- operations on many elements, given as lists of raw integers ----------------------------


def total(raws, a_fmt, fmt=None, u=None):
    """The exact sum, rounded once; 0 of nothing."""
    return quantize(sum((value(a, a_fmt) for a in raws), Fraction(0)), fmt or a_fmt, u)


def mean(raws, a_fmt, fmt=None, u=None):
    """The exact mean, rounded once; ``ValueError`` of nothing."""
    if not raws:
        raise ValueError("the mean of nothing")
    exact = sum((value(a, a_fmt) for a in raws), Fraction(0)) / len(raws)
    return quantize(exact, fmt or a_fmt, u)


def accumulate(products, accumulator, fmt, u=None, initial=None):
    """A sum of exact products in an accumulator's format, and the events that it counts.

    It is ``acc = acc + product`` from 0 in order, every step rounded and overflowed into the
    accumulator's format, then one conversion into the result's; each step counts its events, and
    so does the conversion. ``u(k)`` gives the random integers: k is the step's number from 0, then
    that of the products for the conversion. With `initial`, an exact value, the first step stores
    that instead of adding a product to 0, and all others come one later.
    """
    counts = {"overflow": 0, "underflow": 0, "inexact": 0}

    def store(exact, target, k):
        random = u(k) if str(target.rounding) == "stochastic" else None
        rounded = round_value(exact, target, random)
        for name, count in events_of(rounded, exact, target).items():
            counts[name] += count
        return overflow(rounded, target)

    acc, terms = 0, list(products) if initial is None else [initial, *products]
    for k, term in enumerate(terms):
        acc = store(value(acc, accumulator) + term, accumulator, k)
    return store(value(acc, accumulator), fmt, len(terms)), counts


def matmul_terms(a, b, shape):
    """The products that each element of a matrix product adds up, and the result's shape.

    The operands are flat lists of integers; `shape` is (rows, inner, columns).
    """
    rows, inner, columns = shape
    lines = [
        [a[i * inner + k] * b[k * columns + j] for k in range(inner)]
        for i in range(rows)
        for j in range(columns)
    ]
    return lines, (rows, columns)


def einsum_terms(text, arrays):
    """The products that each element of an einsum without ellipses adds up, by its definition.

    Every combination of labels, one by one, in the order in which the labels first stand; of
    elements in C order. The arrays hold integers and may be of any type with `shape` that a tuple
    indexes. Returns (lists of products, the result's shape).
    """
    given, wanted = text.split("->")
    terms = given.split(",")
    sizes = {}
    for term, array in zip(terms, arrays, strict=True):
        for label, n in zip(term, array.shape, strict=True):
            sizes.setdefault(label, set()).add(n)
    sizes = {label: 0 if 0 in found else max(found) for label, found in sizes.items()}
    summed = [label for label in sizes if label not in wanted]
    lines = []
    for place in itertools.product(*(range(sizes[label]) for label in wanted)):
        lines.append([])
        for rest in itertools.product(*(range(sizes[label]) for label in summed)):
            at = dict(zip(wanted, place, strict=True)) | dict(zip(summed, rest, strict=True))
            factors = (
                array[tuple(at[i] if n > 1 else 0 for i, n in zip(t, array.shape, strict=True))]
                for t, array in zip(terms, arrays, strict=True)
            )
            lines[-1].append(prod(factors))
    return lines, tuple(sizes[label] for label in wanted)


def convolve(x, y, mode):
    """The sums of products of two lists, of all overlaps or those that `mode` keeps."""
    full = [
        sum(x[m] * y[n - m] for m in range(len(x)) if 0 <= n - m < len(y))
        for n in range(len(x) + len(y) - 1)
    ]
    longer, shorter = max(len(x), len(y)), min(len(x), len(y))
    start, count = {
        "full": (0, len(full)),
        "same": ((shorter - 1) // 2, longer),
        "valid": (shorter - 1, longer - shorter + 1),
    }[mode]
    return full[start : start + count]


# --- the published random generator ---------------------------------------------------------


def _philox4x(counter, key, rounds, bits, multipliers, increments):
    """J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
    1, 2, 3", SC'11: so many rounds on four words of so many bits.
    """
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(rounds):
        high0, low0 = divmod(multipliers[0] * x0, 2**bits)
        high1, low1 = divmod(multipliers[1] * x2, 2**bits)
        x0, x1, x2, x3 = high1 ^ x1 ^ k0, low1, high0 ^ x3 ^ k1, low0
        k0 = (k0 + increments[0]) % 2**bits
        k1 = (k1 + increments[1]) % 2**bits
    return x0, x1, x2, x3


def philox4x64(counter, key, rounds=10):
    """Four 64-bit words from four counter words and two key words."""
    multipliers = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
    return _philox4x(
        counter, key, rounds, 64, multipliers, (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
    )


def philox4x32(counter, key, rounds=7):
    """Four 32-bit words from four counter words and two key words."""
    return _philox4x(counter, key, rounds, 32, (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85))


def u(seed, step, index, k=0):
    """The 64-bit random integer of one rounding: 0 <= seed < 2**128."""
    key, base, _, _ = philox4x64((step, 0, 0, 0), (seed % 2**64, seed >> 64))
    high = (base + k) % 2**64

    def words(block):
        counter = (block % 2**32, block >> 32, high % 2**32, high >> 32)
        return philox4x32(counter, (key % 2**32, key >> 32))

    first, second = (
        words(block)[index % 8 // 2] >> 16 * (index % 2) & 0xFFFF
        for block in (index // 8, 2**62 + index // 8)
    )
    return first << 48 | second << 32 | words(2**63 + index // 4)[index % 4]
