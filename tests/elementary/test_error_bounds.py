"""The kernels' evaluations against arb: how far they are off is within the bound they state.

Arguments are aimed at where a bound is tightest: table indices at both ends, what remains after
them all ones or next to nothing, both ends of every range that arguments are reduced to.
"""

import itertools
import random
from fractions import Fraction

import pytest
from elementary_oracle import FUNCTIONS, Dyadic, outside_domain
from elementary_oracle.functions import precision
from flint import arb

from fxtypes.kernels.calls import KERNELS, ElementaryFunction
from fxtypes.kernels.elementary import approximation

NAMES = [name.lower() for name in vars(ElementaryFunction) if name.isupper()]
# With one limb so much of the bound is found at least, else 1/50 (tanh, sigmoid: 1/25).
LEAST = {
    "exp": 0.08, "exp2": 0.08, "log": 0.3, "log2": 0.25, "log10": 0.4, "softplus": 0.4, "sin": 0.08,
    "cos": 0.08, "sqrt": 0.5, "rsqrt": 0.4, "hypot": 0.2,
}  # fmt: skip
# The lengths: of 64-bit limbs, and below 0 of 52-bit ones, which some functions have on some CPUs.
OF_64, OF_52 = (1, 2, 3, 4), (-1, -2, -3)
BY_52 = ["exp", "log", "sin", "cos", "tanh", "sigmoid", "sqrt"] if KERNELS == "avx512ifma" else []
BITS = {1: 62, -1: 62}  # of an argument's magnitude, else 127


def constant(ball):
    with precision(2000):
        mantissa, exponent = ball().mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


LN2, PI = constant(arb.const_log2), constant(arb.pi)


# --- where bounds are tight ------------------------------------------------------------------


def tiny(chosen):
    """Next to 0, or 0."""
    return chosen.choice((0, 1, 1, -1, -1)) * Fraction(1, 1 << chosen.randint(20, 130))


def bytes_at_ends(chosen):
    """Between 0 and 1, its first bytes mostly at their ends."""
    first = [chosen.choice((0, 1, 127, 128, 254, 255, chosen.randrange(256))) for _ in range(4)]
    rest = chosen.choice((0, (1 << 96) - 1, chosen.getrandbits(96)))
    return Fraction(int.from_bytes(first) << 96 | rest, 1 << 128)


def of_exp(chosen):
    """k ln 2 + r, r near 0, near ln 2, or of extreme bytes."""
    k = chosen.choice((0, 0, 1, 2, 3, chosen.randrange(40)))
    r = chosen.choice((tiny(chosen), LN2 + tiny(chosen), bytes_at_ends(chosen) * LN2,
                       bytes_at_ends(chosen)))  # fmt: skip
    return chosen.choice((1, -1)) * (k * LN2 + r)


def of_exp2(chosen):
    return chosen.choice((1, -1)) * (
        chosen.randrange(40) + chosen.choice((tiny(chosen), bytes_at_ends(chosen)))
    )


def of_log(chosen):
    """m 2^k, m next to 1, 2, j / 256, or to where the second table's index changes."""
    j = chosen.choice((0, 1, 127, 128, 254, 255, chosen.randrange(256)))
    step = chosen.choice((0, 1, 254, 255, chosen.randrange(256)))
    c = -(-1024 * 256 // (256 + j))  # the first table's reciprocal
    m = chosen.choice((
        1 + Fraction(j, 256) + tiny(chosen),
        2 + tiny(chosen),
        Fraction(1024, c) * (1 + Fraction(step, 1 << 15) + tiny(chosen)),
        1 + bytes_at_ends(chosen),
    ))  # fmt: skip
    return m * Fraction(2) ** chosen.choice((0, 0, -1, 1, chosen.randint(-30, 30)))


def of_log1p(chosen):
    return of_log(chosen) - 1


def of_sine(chosen):
    """Next to the table's angles, and to the ends of quadrants."""
    angle = Fraction(chosen.choice((0, 1, 511, 512, 1023, chosen.randrange(1024))), 1024)
    angle += chosen.choice((tiny(chosen), bytes_at_ends(chosen) / 1024))
    turns = chosen.randrange(4) + 4 * chosen.choice((0, 0, 1, chosen.getrandbits(20)))
    return chosen.choice((1, -1)) * (turns + angle) * PI / 2


def of_arctan(chosen):
    """Ratios next to j / 256 and to 1, and their inverses."""
    ratio = Fraction(chosen.choice((0, 1, 2, 127, 128, 255, 256, chosen.randrange(256))), 256)
    ratio = abs(ratio + chosen.choice((tiny(chosen), bytes_at_ends(chosen) / 256)))
    if ratio and chosen.random() < 0.5:
        ratio = 1 / ratio
    return chosen.choice((1, -1)) * ratio


def of_root(chosen):
    """m 4^k, m next to 1/4, 1/2 and 1, above and below."""
    m = chosen.choice((Fraction(1, 4), Fraction(1, 2), Fraction(1))) + tiny(chosen)
    if chosen.random() < 0.4:
        m = Fraction(1, 4) + bytes_at_ends(chosen) * Fraction(3, 4)
    return m * Fraction(4) ** chosen.randint(-12, 12)


AIMED = {
    "exp2": of_exp2, "log": of_log, "log2": of_log, "log10": of_log, "log1p": of_log1p,
    "sin": of_sine, "cos": of_sine, "tan": of_sine, "arctan": of_arctan, "sqrt": of_root,
    "rsqrt": of_root, "hypot": of_root,
}  # fmt: skip


def aimed(name, chosen):
    """Arguments as fractions."""
    if name == "arctan2":
        x = of_root(chosen)
        return of_arctan(chosen) * x, chosen.choice((1, -1)) * x
    if name == "hypot":
        return of_root(chosen), of_root(chosen)
    if name == "power":  # x^y with y log2 x next to a whole number or of extreme bytes
        x = abs(of_log(chosen))
        with precision(300):
            log2 = constant(lambda: arb(x.numerator).log() - arb(x.denominator).log()) / LN2
        return x, (of_exp2(chosen) / log2 if log2 else of_exp2(chosen))
    argument = AIMED.get(name, of_exp)(chosen)
    return (argument / 2 if name == "tanh" else argument,)


def anywhere(chosen):
    """Of any magnitude from 2^-40 to 2^10."""
    return (
        chosen.choice((1, -1))
        * Fraction(chosen.getrandbits(128) | 1, 1 << 118)
        / (1 << chosen.randrange(50))
    )


def as_raw(value, bits, chosen):
    """The raw integer and fraction bits of a number near `value`: all bits used, or some."""
    size = value.numerator.bit_length() - value.denominator.bit_length()
    places = min(bits - 1 - size, 256)
    if chosen.random() < 0.2:
        places -= chosen.randrange(bits // 2)
    if chosen.random() < 0.1:
        places = min(places, bits // 2)
    return round(value * Fraction(2) ** places), places


def arguments(name, limbs, count):
    chosen = random.Random(f"{name} {limbs}")
    for number in range(count):
        values = aimed(name, chosen) if number % 4 else [anywhere(chosen) for _ in range(2)]
        arity = FUNCTIONS[name].arity
        found = [as_raw(value, BITS.get(limbs, 127), chosen) for value in values[:arity]]
        numbers = tuple(Dyadic(*each) for each in found)
        if (
            not outside_domain(name, numbers)
            and FUNCTIONS[name].infinite(*(n.fraction for n in numbers)) is None
        ):
            yield numbers


# --- how far off -----------------------------------------------------------------------------


def distance(name, numbers, found):
    """||f(x)| 2^point - y| / error, and whether the sign is right where it must be: y > error."""
    bits = max(found.point, 0) + 128
    while True:
        with precision(bits):
            value = FUNCTIONS[name].ball(*(number.ball for number in numbers))
            off = abs(abs(value) * arb((1, found.point)) - found.y) / found.error
            if off.rad() < 1e-6:
                sign_is_open = found.y < found.error
                return float(off.upper()), sign_is_open or bool(value * found.sign > 0)
        bits *= 2
        assert bits < 1 << 16


@pytest.mark.parametrize(
    ("name", "limbs"),
    [*itertools.product(NAMES, OF_64), *itertools.product(BY_52, OF_52)],
)
@pytest.mark.parametrize(
    "count", [pytest.param(200, id="some"), pytest.param(20_000, id="many", marks=pytest.mark.long)]
)
def test_bound(name, limbs, count, capsys):
    code = getattr(ElementaryFunction, name.upper())
    largest, tried, declined = 0, 0, 0
    for numbers in arguments(name, limbs, count):
        raws, places = zip(*numbers, strict=True)
        found = approximation(code, raws, places, limbs)
        if found is None:
            declined += 1
            continue
        tried += 1
        assert 0 < found.error < 1 << 62
        off, sign_is_right = distance(name, numbers, found)
        assert off < 1, (numbers, found)
        assert sign_is_right, (numbers, found)
        largest = max(largest, off)
    assert tried > count / 2
    if limbs == 1:  # the others stop at PRECISION<N>, which leaves most of the bound unused
        assert largest > LEAST.get(name, 0.02)
    if limbs == -1:
        assert largest > 0.05
    if count > 1000:
        with capsys.disabled():
            tries = f"{tried} tried, {declined} declined"
            print(f"\n{name}, {limbs} limbs: {largest:.4f} of the bound; {tries}")


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="too large for 1 limbs"):
        approximation(ElementaryFunction.EXP, (1 << 63,), (60,), 1)
    with pytest.raises(ValueError, match="limbs is 1 to 4, or -1 to -3, got 5"):
        approximation(ElementaryFunction.EXP, (1,), (60,), 5)
