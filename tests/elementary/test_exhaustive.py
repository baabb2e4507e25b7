"""Every argument of narrow formats, in every mode."""

import itertools
import random

import pytest
from elementary_checks import Case
from elementary_oracle import BINARY, UNARY

import fxtypes as fx

DETERMINISTIC = [mode for mode in fx.Rounding if mode != "stochastic"]
WIDE = [fx.Format(16, 8), fx.Format(16, 13), fx.Format(16, 16, signed=False)]


def every(fmt):
    return range(fmt.raw_min, fmt.raw_max + 1)


def modes(few=False):
    """Pairs of a deterministic rounding and an overflow mode: all, or each of either."""
    if few:
        return zip(DETERMINISTIC, itertools.cycle(fx.Overflow), strict=False)
    return itertools.product(DETERMINISTIC, fx.Overflow)


def check_all(case, fmt, few=False, sample=60):
    """Every mode of a result's format, few of them once; the stochastic one on a sample."""
    for number, (rounding, overflow) in enumerate(modes(few)):
        counted = number % 2 == 0 if few else None
        case.check(fmt.replace(rounding=rounding, overflow=overflow), counted=counted)
    some = case.part(
        sorted(random.Random(1).sample(range(len(case.odd)), min(sample, len(case.odd))))
    )
    for overflow in fx.Overflow:
        some.check(fmt.replace(rounding="stochastic", overflow=overflow))


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("width", [8, 10, 12])
def test_every_argument(name, width):
    for frac_bits in (0, width // 2, width):
        fmt = fx.Format(width, frac_bits)
        check_all(Case(name, [(every(fmt), fmt)], frac_bits), fmt, few=width > 8)


@pytest.mark.parametrize("name", UNARY)
def test_every_argument_of_unsigned_formats(name):
    for frac_bits in (0, 4, 8):
        fmt = fx.Format(8, frac_bits, signed=False)
        check_all(Case(name, [(every(fmt), fmt)], frac_bits), fmt, few=True)


@pytest.mark.parametrize("name", UNARY)
def test_every_format_of_five_bits(name):
    """Binary points from all far left to far right, on either side."""
    turns = itertools.cycle(itertools.product(fx.Rounding, fx.Overflow))
    for places, result_places in itertools.product((-20, -3, 2, 7, 60), (-9, 0, 3, 6, 40)):
        fmt = fx.Format(5, places)
        case = Case(name, [(every(fmt), fmt)], result_places)
        for rounding, overflow in itertools.islice(turns, 7):
            case.check(fx.Format(6, result_places, True, rounding, overflow))


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("fmt", WIDE, ids=str)
@pytest.mark.parametrize(
    "step", [pytest.param(41, id="some"), pytest.param(1, id="all", marks=pytest.mark.long)]
)
def test_every_argument_of_16_bits(name, fmt, step):
    raws = every(fmt)[random.Random(name).randrange(step) :: step]
    check_all(Case(name, [(raws, fmt)], fmt.frac_bits), fmt, few=True, sample=1000)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(
    "formats",
    [
        [fx.Format(6, 3), fx.Format(6, 3)],
        [fx.Format(6, 0), fx.Format(5, 5, signed=False)],
        [fx.Format(4, -2), fx.Format(6, 6)],
        [fx.Format(6, 7, signed=False), fx.Format(6, 2, signed=False)],
    ],
    ids=lambda formats: " ".join(map(str, formats)),
)
def test_every_pair(name, formats):
    pairs = list(itertools.product(*map(every, formats)))
    operands = [
        (list(raws), fmt) for raws, fmt in zip(zip(*pairs, strict=True), formats, strict=True)
    ]
    for result in (fx.Format(6, 3), fx.Format(9, 4, rounding="floor", overflow="wrap")):
        case = Case(name, operands, result.frac_bits)
        case.check(result, counted=True)
        some = random.Random(name).sample(range(len(case.odd)), 200)
        check_all(case.part(sorted(some)), result, few=True)
