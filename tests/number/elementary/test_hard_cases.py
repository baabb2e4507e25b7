"""Arguments that are hard to round: next to ties, to exact results, and at formats' ends.

hard_cases.txt was made by tests/elementary/search_hard_cases.py.
"""

import itertools
import random
from fractions import Fraction
from pathlib import Path

import pytest
from elementary_checks import Case
from elementary_oracle import BINARY, FUNCTIONS, GUARD, UNARY
from flint import arb, ctx

import fxtypes as fx

FOUND = Path(__file__).with_name("hard_cases.txt")


def a_format(text):
    return fx.Format(*map(int, text.split(",")))


def found_cases():
    """{function: {(formats of arguments and result): lists of raw arguments}}."""
    cases = {name: {} for name in FUNCTIONS}
    for line in FOUND.read_text().splitlines():
        name, fmt, raws, result, _ = line.split()
        group = cases[name].setdefault((a_format(fmt), a_format(result)), [])
        group.append([int(raw) for raw in raws.split(",")])
    return cases


FOUND_CASES = found_cases()


def check_modes(name, operands, result):
    """Every rounding mode, and as many overflow modes."""
    case = Case(name, operands, result.frac_bits)
    for number, rounding in enumerate(fx.Rounding):
        overflow = list(fx.Overflow)[number % 5]
        stored = result.replace(rounding=rounding, overflow=overflow)
        case.check(stored, counted=number % 2 == 0)


def within(raws, fmt):
    return sorted({raw for raw in raws if fmt.raw_min <= raw <= fmt.raw_max})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_found_cases(name):
    assert len(FOUND_CASES[name]) >= 10
    for (fmt, result), rows in FOUND_CASES[name].items():
        columns = [list(column) for column in zip(*rows, strict=True)]
        check_modes(name, [(column, fmt) for column in columns], result)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_found_cases_at_the_top(name):
    """Formats that just hold the result, which the first evaluation leaves open."""
    for (fmt, result), rows in FOUND_CASES[name].items():
        for raws in rows:
            operands = [([raw], fmt) for raw in raws]
            (odd,) = Case(name, operands, result.frac_bits).odd
            width = max(abs(odd >> GUARD).bit_length() + 1, 2)
            if width <= 128:
                tight = fx.Format(width, result.frac_bits)
                for mode in ("nearest_even", "floor", "stochastic"):
                    stored = tight.replace(rounding=mode)
                    Case(name, operands, result.frac_bits).check(stored, counted=False)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("frac_bits", [30, 60, 100, 127, 200, 256])
def test_tiny_arguments(name, frac_bits):
    """Results that hug a polynomial: of the argument itself, 1 or 1/2, or far from anything."""
    for width in (16, 32, 64, 128):
        fmt = fx.Format(width, frac_bits)
        ends = [1, 2, 3, 1 << width // 2, 1 << width - 2]
        raws = within([sign * raw for sign in (1, -1) for raw in ends], fmt)
        for places in (20, frac_bits, min(2 * frac_bits, 256)):
            check_modes(name, [(raws, fmt)], fx.Format(chosen_width(width, places), places))


def chosen_width(width, places):
    return max(width, min(places + 4, 128))


@pytest.mark.parametrize(
    "name", ["log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal", "arccosh", "arccos",
             "arcsin", "arctanh", "exp2", "cbrt"]
)  # fmt: skip
@pytest.mark.parametrize("width", [8, 16, 32, 64, 96, 128])
def test_next_to_one(name, width):
    for places in (width // 2, width - 2, width - 1):
        fmt = fx.Format(width, places, signed=places < width - 1)
        one = 1 << places
        steps = [0, 1, 2, 3, 1 << width // 4, 1 << width // 3]
        raws = within(
            [sign * one + d * step for sign in (1, -1) for d in (1, -1) for step in steps], fmt
        )
        for result in (fx.Format(width, width - 2), fx.Format(128, 126), fx.Format(64, 100)):
            check_modes(name, [(raws, fmt)], result)


def multiples_of_half_pi(width, frac_bits):
    """Raw integers as near to multiples of pi/2 as they get, by the continued fraction of pi/2."""
    before, ctx.prec = ctx.prec, 2000
    try:
        scale = arb((1, frac_bits - 1))
        man, exponent = (arb.pi() * scale).mid().man_exp()
    finally:
        ctx.prec = before
    rest = Fraction(int(man)) * Fraction(2) ** int(exponent)
    (p, q), (p0, q0) = (int(rest // 1), 1), (1, 0)
    found = []
    while abs(p) < 1 << width - 1:
        found.append(p)
        if rest % 1 == 0 or q.bit_length() > 900:
            break
        rest = 1 / (rest % 1)
        a = int(rest // 1)
        (p, q), (p0, q0) = (a * p + p0, a * q + q0), (p, q)
    return [raw for raw in found if raw]


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
@pytest.mark.parametrize("width", [8, 16, 32, 64, 96, 128])
def test_next_to_multiples_of_half_pi(name, width):
    for places in (-256, -3, 0, width // 2, width - 3):
        fmt = fx.Format(width, places)
        near = multiples_of_half_pi(width, places)[-8:]
        assert near or places == -256
        ends = [fmt.raw_min, fmt.raw_max]
        raws = within([s * raw * n for s in (1, -1) for raw in near for n in (1, 2, 3)] + ends, fmt)
        for result in (fx.Format(width, width - 2), fx.Format(128, 100)):
            check_modes(name, [(raws, fmt)], result)


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_ends_of_every_format(name):
    """Every width, and a binary point each within it, at its ends and beyond it."""
    chosen = random.Random(name)
    modes = itertools.cycle(itertools.product(fx.Rounding, fx.Overflow))
    for width in range(2, 129):
        fmt, result = (
            fx.Format(
                width,
                chosen.choice((0, width // 2, width, width - 2, -7, chosen.randint(-256, 256))),
                signed=chosen.random() < 0.7,
            )
            for _ in range(2)
        )
        edges = within([fmt.raw_min, fmt.raw_min + 1, -1, 0, 1, fmt.raw_max - 1, fmt.raw_max], fmt)
        pairs = [(raw,) for raw in edges]
        if FUNCTIONS[name].arity == 2:
            pairs = chosen.sample(list(itertools.product(edges, edges)), min(8, len(edges) ** 2))
        case = Case(
            name, [(list(raws), fmt) for raws in zip(*pairs, strict=True)], result.frac_bits
        )
        rounding, overflow = next(modes)
        stored = result.replace(rounding=rounding, overflow=overflow)
        case.check(stored, counted=chosen.random() < 0.5)
