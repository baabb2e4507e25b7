"""Search arguments whose results lie nearest to a representable value or a tie.

    python tests/elementary/search_hard_cases.py > tests/number/elementary/hard_cases.txt

On an interval around an argument that is short enough a function is a line a + b k in units of half
the result's last bit, k the number of steps from the interval's start, its curvature below the
distance that is looked for. The least k with a + b k within d of an integer follows from b's
continued fraction, in a few divisions however long the interval is; d is halved until there is
none. An interval of n steps has one within about 1 / n; the best of many intervals are kept.
(V. Lefevre, "New results on the distance between a segment and Z**2", 2005: the same for double
precision.)

Lines: function, width and fraction bits of the arguments, raw arguments, width and fraction bits
of the result, and -log2 of the distance in units of its last bit, from the nearest representable
value ("=") or tie ("/").
"""

import argparse
import random
import sys
from fractions import Fraction
from pathlib import Path

from flint import arb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from elementary_oracle.functions import FUNCTIONS, Dyadic, precision

BITS = 900  # of every evaluation here
KEPT = 3  # a function, formats, and kind of distance
INTERVALS = 1000  # default

# (width, fraction bits) of the arguments and of the result, all signed.
FORMATS = [
    ((16, 10), (16, 8)),
    ((32, 20), (32, 16)),
    ((32, 16), (32, 16)),
    ((32, 28), (32, 20)),
    ((64, 32), (64, 32)),
    ((64, 40), (64, 32)),
    ((64, 58), (64, 44)),
    ((64, 61), (32, 24)),
    ((96, 60), (96, 48)),
    ((96, 90), (96, 70)),
    ((128, 64), (128, 64)),
    ((128, 80), (128, 64)),
    ((128, 122), (128, 96)),
    ((128, 124), (64, 48)),
]

# Where arguments begin: from, to. Of two arguments the first is searched, the second drawn.
RANGES = {
    "sqrt": (0.01, 100), "rsqrt": (0.01, 100), "reciprocal": (0.05, 30), "cbrt": (0.01, 100),
    "exp": (-7, 7), "exp2": (-7, 7), "expm1": (-7, 7), "log": (0.01, 100), "log2": (0.01, 100),
    "log10": (0.01, 100), "log1p": (-0.9, 30), "sin": (-8, 8), "cos": (-8, 8), "tan": (-8, 8),
    "arcsin": (-0.99, 0.99), "arccos": (-0.99, 0.99), "arctan": (-9, 9), "sinh": (-7, 7),
    "cosh": (-7, 7), "tanh": (-5, 5), "arcsinh": (-9, 9), "arccosh": (1.01, 30),
    "arctanh": (-0.99, 0.99), "sigmoid": (-9, 9), "softplus": (-9, 9), "erf": (-3, 3),
    "gelu": (-4, 4), "silu": (-8, 8), "arctan2": (-8, 8), "hypot": (-8, 8), "logaddexp": (-8, 8),
    "logaddexp2": (-8, 8), "power": (0.1, 8),
}  # fmt: skip


def first_in_range(a, m, low, high):
    """The least k >= 0 with low <= a k mod m <= high, or None.

    0 <= low <= high < m, 0 <= a < m.
    """
    if low == 0:
        return 0
    if a == 0:
        return None
    k = -(-low // a)
    if a * k <= high:
        return k
    y = first_in_range(m % a, a, -high % a, -low % a)
    return None if y is None else -(-(low + m * y) // a)


def nearest(start, slope, steps):
    """k < steps for which start + slope k, in units of 2**-BITS, is nearest to an integer."""
    unit = 1 << BITS
    start, slope, found = start % unit, slope % unit, None
    distance = unit // 4
    while distance:
        low, high = (-start - distance) % unit, (-start + distance) % unit
        k = 0 if low > high else first_in_range(slope, unit, low, high)
        if k is None or k >= steps:
            return found
        found, distance = k, distance // 2
    return found


def scaled(name, arguments, frac_bits):
    """The result in units of 2**-frac_bits / 2, as an integer times 2**-BITS."""
    with precision(BITS + 400):
        value = FUNCTIONS[name].ball(*(argument.ball for argument in arguments))
        return int((value * arb((1, frac_bits + 1 + BITS))).mid().floor().unique_fmpz())


def distance_of(name, arguments, frac_bits):
    """(-log2 of the distance in last bits, whether it is a tie); None: exact, or next to 0."""
    half = scaled(name, arguments, frac_bits)
    near = (half + (1 << BITS - 1)) >> BITS
    far = abs(half - (near << BITS))
    if far < 1 << 100 or near == 0:
        return None
    return BITS - far.bit_length() + 2, bool(near & 1)


def straight(first, second, third, n):
    """For how many steps a function of these values at 0, n and 2 n steps is a line.

    Their second difference is n**2 times the curvature c; after m steps that makes c m**2 / 2,
    which shall be less than a quarter of the distance 1 / m that is looked for.
    """
    curve = Fraction(abs(first - 2 * second + third), n * n << BITS)
    steps = 1
    while 4 * curve * steps**3 < 1 and steps < 1 << 100:
        steps *= 2
    return steps


def candidates(name, formats, result, chosen, intervals):
    """Arguments worth a look, one from each interval."""
    width, places = formats
    limit = (1 << width - 1) - 1
    low, high = (max(min(int(end * 2**places), limit), -limit) for end in RANGES[name])
    n = 1 << max(places // 4, 1)
    for _ in range(intervals):
        others = ()
        if FUNCTIONS[name].arity == 2:
            most = min(8 << places, limit)
            others = (Dyadic(chosen.randint(-most, most), places),)

        def value(raw, others=others):
            return scaled(name, (Dyadic(raw, places), *others), result[1])

        raw = chosen.randint(low + 2 * n, high - 2 * n)
        values = [value(raw + i * n) for i in (0, 1, 2)]
        steps = straight(*values, n)
        slope = Fraction(values[1] - values[0], n)
        if abs(slope) * steps < 1 << BITS:  # the line crosses no boundary: go to the next one
            for _ in range(9):
                off = (value(raw) + (1 << BITS - 1)) % (1 << BITS) - (1 << BITS - 1)
                raw = min(max(raw - round(off / slope), low), high)
        steps = min(steps, high - raw)
        raw = max(raw - steps // 2, low)
        if steps > 1:
            ends = [value(raw + i) for i in (0, steps - 1)]
            k = nearest(ends[0], (ends[1] - ends[0]) // (steps - 1), steps)
            if k is not None:
                yield (Dyadic(raw + k, places), *others)


def overflows(name, arguments, result):
    width, _ = result
    return scaled(name, arguments, result[1]).bit_length() > width + BITS


def search(name, formats, result, intervals):
    """The lines of the best arguments."""
    chosen = random.Random(f"{name} {formats} {result}")
    found = {False: set(), True: set()}
    for arguments in candidates(name, formats, result, chosen, intervals):
        distance = distance_of(name, arguments, result[1])
        if distance is not None and not overflows(name, arguments, result):
            found[distance[1]].add((distance[0], arguments))
    for tie, cases in found.items():
        for bits, arguments in sorted(cases, reverse=True)[:KEPT]:
            raws = ",".join(str(argument.raw) for argument in arguments)
            of, to = (f"{width},{places}" for width, places in (formats, result))
            yield f"{name} {of} {raws} {to} {bits}{'=/'[tie]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--intervals", type=int, default=INTERVALS, help="default: %(default)s")
    parser.add_argument("--only", choices=list(FUNCTIONS), nargs="*", default=list(FUNCTIONS))
    options = parser.parse_args()
    for name in options.only:
        for formats, result in FORMATS:
            for line in search(name, formats, result, options.intervals):
                print(line, flush=True)


if __name__ == "__main__":
    main()
