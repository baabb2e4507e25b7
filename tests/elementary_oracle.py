"""What the elementary functions must compute, by mpmath; nothing is shared with the package.

mpmath's value is widened to an interval, and both ends are rounded to odd as fractions, with
growing precision until they agree. Exact results, which no precision decides, are listed one by
one.
"""

import functools
import math
from fractions import Fraction

import mpmath
import oracle


def to_odd(value, out_bits):
    return oracle.round_value(value, oracle.Fmt(2, out_bits, rounding="odd"))


def interval(value, precision):
    """Fractions around an mpf whose relative error is below 2**(10 - precision)."""
    sign, man, exponent, _ = value._mpf_
    fraction = Fraction(-man if sign else man) * Fraction(2) ** exponent
    error = abs(fraction) / 2 ** (precision - 10)
    return fraction - error, fraction + error


def positive_interval(value, precision, out_bits):
    """The same for a positive mpf; what is far below 2**-out_bits is just small."""
    small = max(out_bits, 0) + 400
    if value < mpmath.ldexp(1, -small):
        return Fraction(1, 2 ** (small + 400)), Fraction(1, 2**small)
    return interval(value, precision)


def exact_value(name, x):
    """The result where it is rational, else None."""
    if name == "sqrt":
        top, bottom = math.isqrt(x.numerator), math.isqrt(x.denominator)
        root = Fraction(top, bottom)
        return root if root * root == x else None
    exact = {"exp": (0, 1), "log": (1, 0), "tanh": (0, 0), "sigmoid": (0, Fraction(1, 2))}
    argument, result = exact[name]
    return Fraction(result) if x == argument else None


def enclosure(name, x, out_bits, precision):
    """Fractions around the result, by mpmath."""
    with mpmath.workprec(precision):
        argument = mpmath.mpf(x.numerator) / x.denominator  # exact: see `expected`
        if name == "exp":
            return positive_interval(mpmath.exp(argument), precision, out_bits)
        if name in ("log", "sqrt"):
            return interval(getattr(mpmath, name)(argument), precision)
        if name == "tanh" and abs(x) < 1:
            return interval(mpmath.tanh(argument), precision)
        # The distance from the asymptote, which may be far below the precision.
        power = mpmath.exp(-abs(argument) * (2 if name == "tanh" else 1))
        low, high = positive_interval(power / (1 + power), precision, out_bits)
        if name == "tanh":
            low, high = 1 - 2 * high, 1 - 2 * low
            return (low, high) if x > 0 else (-high, -low)
        return (1 - high, 1 - low) if x > 0 else (low, high)


def decide(enclose, out_bits, precision):
    """What both ends of the enclosure round to, once it is narrow enough."""
    while precision < 20000:
        low, high = enclose(precision)
        assert low < high
        result = to_odd(low, out_bits)
        if result % 2 and result == to_odd(high, out_bits):
            return result
        precision *= 2
    raise AssertionError("the oracle did not decide")


@functools.lru_cache(1 << 16)
def expected(name, raw, frac_bits, out_bits):
    """f(raw / 2**frac_bits) * 2**out_bits, rounded to odd; an infinity from 2**1024 on."""
    x = Fraction(raw) / Fraction(2) ** frac_bits
    exact = exact_value(name, x)
    if exact is not None:
        return to_odd(exact, out_bits)
    if name == "exp" and x > 700:
        with mpmath.workprec(1000):
            if mpmath.mpf(x.numerator) / x.denominator >= 1024 * mpmath.ln2:
                return math.inf
    start = 80 + max(out_bits, 0) + (abs(raw)).bit_length()
    return decide(lambda precision: enclosure(name, x, out_bits, precision), out_bits, start)


def powers(raws, frac_bits, out_bits, precision):
    """Fractions around e**(x - max) of each element."""
    top = max(raws)
    with mpmath.workprec(precision):
        for raw in raws:
            if raw == top:
                yield Fraction(1), Fraction(1)
            else:
                power = mpmath.exp(mpmath.ldexp(mpmath.mpf(raw - top), -frac_bits))
                yield positive_interval(power, precision, out_bits)


def start_of_row(raws, out_bits):
    return 100 + max(out_bits, 0) + (max(raws) - min(raws)).bit_length()


def expected_softmax(raws, frac_bits, out_bits):
    """The softmax of a row, each element times 2**out_bits and rounded to odd."""
    if len(set(raws)) == 1:
        return [to_odd(Fraction(1, len(raws)), out_bits)] * len(raws)

    def enclose(i):
        def ends(precision):
            each = list(powers(raws, frac_bits, out_bits, precision))
            low, high = each[i]
            return low / sum(e[1] for e in each), high / sum(e[0] for e in each)

        return ends

    start = start_of_row(raws, out_bits)
    return [decide(enclose(i), out_bits, start) for i in range(len(raws))]


def expected_logsumexp(raws, frac_bits, out_bits):
    """log(sum(exp(x))) of a row, times 2**out_bits and rounded to odd."""
    top = Fraction(max(raws)) / Fraction(2) ** frac_bits
    if len(raws) == 1:
        return to_odd(top, out_bits)

    def ends(precision):
        each = list(powers(raws, frac_bits, out_bits, precision))
        with mpmath.workprec(precision):
            logs = []
            for more in (sum(e[0] for e in each) - 1, sum(e[1] for e in each) - 1):
                logs.append(mpmath.log1p(mpmath.mpf(more.numerator) / more.denominator))
            return top + interval(logs[0], precision)[0], top + interval(logs[1], precision)[1]

    return decide(ends, out_bits, start_of_row(raws, out_bits))
