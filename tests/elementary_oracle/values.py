"""One result: rounded to odd, an infinity, or a domain error."""

import functools
import math
from fractions import Fraction

import oracle
from flint import arb

from .functions import FUNCTIONS, Dyadic, precision

FIRST = 64  # bits beyond the result's, where an evaluation begins
LAST = 1 << 15  # where it gives up: some exact result was forgotten


class OutsideDomain(ValueError):
    """A domain error is due."""


def to_odd(value, out_bits):
    return oracle.round_value(value, oracle.Fmt(2, out_bits, rounding="odd"))


def decide(enclosure, out_bits, bits):
    """The number in `enclosure()`, which is not dyadic, times 2**out_bits and rounded to odd.

    Between two even integers every number is rounded to the odd one: half the number has one
    floor throughout the ball, or the precision grows.
    """
    while bits < LAST:
        with precision(bits):
            half = (enclosure() * arb((1, out_bits - 1))).floor().unique_fmpz()
        if half is not None:
            return 2 * int(half) + 1
        bits *= 2
    raise AssertionError("the oracle did not decide: is this result exact?")


def beside(base, direction, bits, out_bits):
    """A number within 2**-bits of `base`, on the side of `direction`, to odd; None if that is far.

    Near is less than a sixteenth of what lies between a fraction of this denominator and the next
    multiple of 2**-out_bits.
    """
    points = max(out_bits, 0) + base.denominator.bit_length() + 4
    if bits < points:
        return None
    return to_odd(base + direction * Fraction(1, 1 << points), out_bits)


@functools.lru_cache(1 << 16)
def evaluate(name, arguments, out_bits):
    """The result times 2**out_bits, rounded to odd, or an infinity as a float.

    Parameters
    ----------
    name : str
        A key of `FUNCTIONS`.
    arguments : tuple of Dyadic

    Raises
    ------
    OutsideDomain
    """
    function = FUNCTIONS[name]
    numbers = [argument.fraction for argument in arguments]
    if function.outside(*numbers):
        raise OutsideDomain(f"{name} of {numbers}")
    infinite = function.infinite(*numbers)
    if infinite:
        return infinite * math.inf
    exact = function.exact(*numbers)
    if exact is not None:
        return to_odd(exact, out_bits)
    tail = function.tail(*numbers)
    if tail is not None:
        found = beside(*tail, out_bits)
        if found is not None:
            return found
    balls = [argument.ball for argument in arguments]
    if function.grows is not None:
        size = function.grows(*numbers)
    else:
        size = max(x.numerator.bit_length() - x.denominator.bit_length() for x in numbers)
    start = FIRST + max(out_bits, 0) + max(size, 0)
    return decide(lambda: function.ball(*balls), out_bits, start)


def expected(name, raw, frac_bits, out_bits):
    """A function of one argument, raw * 2**-frac_bits; see `evaluate`."""
    return evaluate(name, (Dyadic(raw, frac_bits),), out_bits)


def is_pole(name, arguments):
    """Whether the infinity there is a division by zero."""
    return bool(FUNCTIONS[name].pole(*(argument.fraction for argument in arguments)))


def outside_domain(name, arguments):
    return bool(FUNCTIONS[name].outside(*(argument.fraction for argument in arguments)))
