"""The approximations, bit for bit as docs/approximations.md says them, and within its bounds.

The oracle computes each step from that page's text in fractions, one element at a time.
"""

import functools
import math
import random
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import oracle
import pytest
from checks import SEED, check_stored, exact_values, fixed, raw_list
from elementary_checks import some_arguments
from elementary_oracle import GUARD, Dyadic, evaluate

import fxtypes as fx
from fxtypes_nn.layers import approximations

HALF = Fraction(1, 2)
BOTH = ("table", "piecewise_linear")
LINES_ONLY = ("piecewise_linear", 10)
IN_FORMATS = [
    fx.Format(8, 4),
    fx.Format(8, 5, signed=False),
    fx.Format(16, 11, rounding="stochastic", overflow="raise"),
    fx.Format(12, 14),
    fx.Format(2, 0),
    fx.Format(32, 26, rounding="floor", overflow="wrap"),
    fx.Format(64, 40),
    fx.Format(128, 125),
    fx.Format(128, 126, signed=False),
    fx.Format(100, 20),
    fx.Format(128, 256),
    fx.Format(16, -3),
    fx.Format(16, -13),
    fx.Format(9, -256),
]
OUT_FORMATS = [
    fx.Format(8, 6),
    fx.Format(8, 7),
    fx.Format(16, 14, rounding="stochastic"),
    fx.Format(5, 0, signed=False),
    fx.Format(32, 30, rounding="ceil"),
    fx.Format(16, 16, signed=False, overflow="raise"),
    fx.Format(24, 23, overflow="wrap", rounding="toward_zero"),
    fx.Format(128, 126, rounding="nearest_zero"),
    fx.Format(64, 256),
    fx.Format(8, -2),
]


# --- the page's steps -----------------------------------------------------------------------


def to_odd(name, x, out_bits):
    """An elementary function of a dyadic fraction, rounded to odd far below `out_bits`.

    Every rounding into a format of so many fraction bits gives what the exact value gives.
    """
    bits = out_bits + GUARD
    frac_bits = x.denominator.bit_length() - 1
    odd = evaluate(name, (Dyadic(x.numerator, frac_bits),), bits)
    return odd * Fraction(2) ** -bits


def rounded(x, fmt):
    return oracle.value(oracle.quantize(x, fmt), fmt)


def fmt_of(width, frac_bits, signed=True, overflow="saturate"):
    return oracle.Fmt(width, frac_bits, signed, "nearest_even", overflow)


@functools.cache
def reach(name, frac_bits):
    """The page's k."""
    k = -1 if name == "tanh" else 0
    while True:
        x = -(Fraction(2) ** k)
        above_limit = to_odd(name, x, frac_bits + 1) + (name == "tanh")
        if above_limit < Fraction(2) ** -(frac_bits + 1):
            return k
        k += 1


def table(name, x, fmt, out, table_bits):
    int_bits = fmt.width - fmt.frac_bits - fmt.signed
    i = max(min(reach(name, out.frac_bits), int_bits), 1 - fmt.frac_bits)
    frac_bits = min(fmt.frac_bits, table_bits - 1 - i)
    address = fmt_of(1 + i + frac_bits, frac_bits)
    assert address.width <= table_bits
    return to_odd(name, rounded(x, address), out.frac_bits)


def plan(x):
    z = abs(x)
    if z >= 5:
        y = Fraction(1)
    elif z >= Fraction("2.375"):
        y = Fraction("0.03125") * z + Fraction("0.84375")
    elif z >= 1:
        y = Fraction("0.125") * z + Fraction("0.625")
    else:
        y = z / 4 + HALF
    return y if x >= 0 else 1 - y


LINEAR = {"sigmoid": plan, "tanh": lambda x: 2 * plan(2 * x) - 1}
LINES = ((232, 26), (187, 17), (157, 12), (136, 9))


def expected(name, x, fmt, out, approximation, table_bits):
    if approximation == "table":
        return table(name, x, fmt, out, table_bits)
    return LINEAR[name](x)


def linear_power(difference):
    t = -difference * Fraction(5909, 4096)
    w = math.floor(t)
    return (1 - (t - w) / 2) / 2 ** min(w, 1000)


def linear_reciprocal(m):
    start, slope = LINES[math.floor((m - 1) * 4)]
    return Fraction(start, 128) - Fraction(slope, 32) * m


def softmax_row(xs, fmt, approximation, table_bits):
    """The exact outputs of a row, before their rounding."""
    b = table_bits if approximation == "table" else 16
    g = (len(xs) - 1).bit_length()
    power = fmt_of(b + g, b + g - 1, signed=False)
    i = max(min(reach("exp", b + g - 1), fmt.width - fmt.frac_bits), 0, 1 - fmt.frac_bits)
    frac_bits = min(fmt.frac_bits, b - i)
    below = fmt_of(1 + i + frac_bits, frac_bits, overflow="saturate_symmetric")
    top = max(xs)
    differences = [rounded(x - top, below) for x in xs]
    near_one = fmt_of(b + 1, b, signed=False)
    if approximation == "table":
        powers = [rounded(to_odd("exp", d, power.frac_bits), power) for d in differences]
    else:
        powers = [rounded(linear_power(d), power) for d in differences]
    total = sum(powers)
    s = math.floor(total).bit_length() - 1
    m = rounded(total / 2**s, near_one)
    assert 1 <= m < 2
    r = rounded(1 / m if approximation == "table" else linear_reciprocal(m), near_one)
    return [e * r / 2**s for e in powers]


# --- bit for bit ----------------------------------------------------------------------------


def near_everything(fmt, size):
    """Raw integers: of all magnitudes, and around every place where a line or a tail begins."""
    chosen = random.Random(repr(fmt))
    found = some_arguments(chosen, fmt, size)
    for point in ("0.5", "1", "1.1875", "2", "2.375", "2.5", "4", "5", "8", "10.4", "16"):
        raw = math.floor(Fraction(point) / fmt.resolution)
        found += [sign * raw + d for sign in (1, -1) for d in (-1, 0, 1)]
    return [raw for raw in found if fmt.raw_min <= raw <= fmt.raw_max]


@pytest.mark.parametrize("out", OUT_FORMATS, ids=repr)
@pytest.mark.parametrize("fmt", IN_FORMATS, ids=repr)
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_each_output_is_what_the_page_says(name, fmt, out):
    raws = near_everything(fmt, 20)
    x = fixed(raws, fmt, layout="reversed")
    for way in (LINES_ONLY, ("table", 2), ("table", 7), ("table", 16)):
        exacts = [expected(name, value, fmt, out, *way) for value in exact_values(x.copy())]
        compute = functools.partial(getattr(approximations, name), x, out, *way)
        check_stored(compute, exacts, out, x.shape)


@pytest.mark.parametrize("fmt", [fx.Format(10, 6), fx.Format(9, 9), fx.Format(10, 5, signed=False)])
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_every_argument_of_a_narrow_format(name, fmt):
    out = fx.Format(12, 10)
    x = fx.FixedArray.from_raw(np.arange(fmt.raw_min, fmt.raw_max + 1), fmt)
    for way in (LINES_ONLY, ("table", 6), ("table", 9)):
        found = getattr(approximations, name)(x, out, *way)
        assert raw_list(found) == [
            oracle.quantize(expected(name, value, fmt, out, *way), out) for value in exact_values(x)
        ]


@pytest.mark.parametrize("out", OUT_FORMATS, ids=repr)
@pytest.mark.parametrize("fmt", IN_FORMATS, ids=repr)
def test_each_row_is_what_the_page_says(fmt, out):
    chosen = random.Random(repr((fmt, out)))
    for size in (1, 2, 3, 10, 33):
        raws = some_arguments(chosen, fmt, 4 * size, near=chosen.choice([0.5, 3, 12]))
        raws[:size] = [raws[0]] * size
        x = fixed(raws, fmt, (2, 2, size), layout="transposed")
        values = exact_values(x.copy())
        rows = [values[i : i + size] for i in range(0, 4 * size, size)]
        for way in (LINES_ONLY, ("table", 2), ("table", 9), ("table", 16)):
            exacts = [y for row in rows for y in softmax_row(row, fmt, *way)]
            compute = functools.partial(approximations.softmax, x, out, *way)
            check_stored(compute, exacts, out, x.shape)


@pytest.mark.parametrize("approximation", BOTH)
def test_a_long_row(approximation):
    fmt, out = fx.Format(12, 8), fx.Format(24, 23)
    raws = some_arguments(random.Random(1), fmt, 5000, near=3)
    found = approximations.softmax(fixed(raws, fmt), out, approximation, 8)
    exacts = softmax_row([oracle.value(raw, fmt) for raw in raws], fmt, approximation, 8)
    assert raw_list(found) == [oracle.quantize(y, out) for y in exacts]


def test_the_reach_is_the_least_power_of_two():
    for name in ("sigmoid", "exp"):
        for frac_bits in (-256, -1, 0, 1, 2, 4, 5, 10, 11, 22, 23, 45, 46, 91, 183, 184, 256):
            assert approximations.reach(name, frac_bits) == reach(name, frac_bits)


# --- shapes, contexts, errors ---------------------------------------------------------------


@pytest.mark.parametrize("approximation", BOTH)
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softmax"])
def test_shapes(name, approximation):
    fmt = fx.Format(16, 12)
    function = getattr(approximations, name)
    for shape in ((0, 3), (2, 0, 3), (1,), (2, 3, 4)):
        x = fx.full(shape, Fraction(3, 4), fmt)
        assert function(x, fmt, approximation, 10).shape == shape
    if name == "softmax":
        for shape in ((), (0,), (3, 0)):
            with pytest.raises(ValueError, match="softmax"):
                function(fx.zeros(shape, fmt), fmt, approximation, 10)
    else:
        assert function(fx.zeros((), fmt), fmt, approximation, 10).shape == ()


@pytest.mark.parametrize("approximation", BOTH)
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softmax"])
def test_no_context_of_the_callers_matters_but_the_last_rounding(name, approximation):
    fmt = fx.Format(16, 12, rounding="stochastic", overflow="raise")
    x = fx.random.uniform((20, 5), fmt, low=-8, high=8, seed=1)
    function = getattr(approximations, name)
    draws = fx.Format(8, 0, rounding="stochastic")
    for out, steps in ((fx.Format(16, 14), 0), (fmt.replace(frac_bits=14), 1)):
        with fx.seeded(SEED):
            plain = function(x, out, approximation, 8)
            after = fx.full(64, 0.5, draws)
        with fx.seeded(SEED):
            for _ in range(steps):
                fx.full(64, 0.5, draws)
            assert raw_list(fx.full(64, 0.5, draws)) == raw_list(after)
        fx.seed(SEED)
        with fx.seeded(SEED):
            function(x, out, approximation, 8)
        aside = fx.full(64, 0.5, draws)
        fx.seed(SEED)
        assert raw_list(fx.full(64, 0.5, draws)) == raw_list(aside)  # the process' stream
        approximations.reach.cache_clear()  # or what only a first call does isn't seen
        with fx.seeded(SEED), fx.full_precision(), fx.record() as events:
            within = function(x, out, approximation, 8)
        assert (events.elements, events.overflow) == (100, 0)
        assert within.format == out
        assert raw_list(within) == raw_list(plain)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softmax"])
def test_refused(name):
    fmt = fx.Format(16, 12)
    x, function = fx.zeros((2, 2), fmt), getattr(approximations, name)
    for approximation in ("tables", None, 1):
        with pytest.raises(ValueError, match=f"approximation.*{approximation}"):
            function(x, fmt, approximation, 10)
    for table_bits in (1, 17, 8.0, "8", True, None):
        with pytest.raises(ValueError, match=f"table_bits.*2 to 16.*{table_bits}"):
            function(x, fmt, "table", table_bits)


def test_what_a_layer_keeps():
    kept = approximations.check_approximation("table", np.int8(9))
    assert kept == ("table", 9)
    assert type(kept[1]) is int
    assert approximations.check_approximation(None) == (None, 10)


# --- the page's bounds ----------------------------------------------------------------------


def largest_error(name, x, out, approximation, table_bits):
    wide = fx.Format(64, 60)
    found = getattr(approximations, name)(x, out, approximation, table_bits)
    difference = fx.subtract(found, getattr(fx, name)(x, format=wide), format=wide)
    return abs(difference).max().item()


LARGEST = {
    "sigmoid": Fraction("0.0190"),
    "tanh": Fraction("0.0380"),
    "softmax": Fraction("0.0215"),
}
STEPS = {"sigmoid": Fraction(1, 4), "tanh": Fraction(1), "softmax": Fraction(1, 2)}


def step_of(name, fmt, out, table_bits, guard):
    if name == "softmax":
        i = min(reach("exp", table_bits + guard - 1), fmt.int_bits)
        return Fraction(2) ** -min(fmt.frac_bits, table_bits - i)
    i = min(reach(name, out.frac_bits), fmt.int_bits - fmt.signed)
    return Fraction(2) ** -min(fmt.frac_bits, table_bits - 1 - i)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softmax"])
@pytest.mark.parametrize("fmt", [fx.Format(16, 11), fx.Format(12, 11), fx.Format(14, 14)])
@pytest.mark.parametrize("out", [fx.Format(8, 6), fx.Format(24, 22)])
def test_no_error_is_beyond_the_pages_bounds(name, fmt, out):
    x = fx.FixedArray.from_raw(np.arange(fmt.raw_min, fmt.raw_max + 1), fmt)
    inputs = [(x, 0)]
    if name == "softmax":
        # One element at 0 and the others at x, two at 0: any number of classes.
        ends = fx.zeros_like(x)
        inputs = [
            (fx.stack([ends] * tops + [x] * others, axis=-1), (tops + others - 1).bit_length())
            for tops, others in ((1, 1), (1, 2), (2, 1), (1, 9))
        ]
    half_unit = out.resolution / 2
    for values, guard in inputs:
        error = largest_error(name, values, out, "piecewise_linear", 10)
        assert error <= LARGEST[name] + half_unit
        for table_bits in (4, 8, 10, 13, 16):
            bound = STEPS[name] * step_of(name, fmt, out, table_bits, guard) + half_unit
            if name == "softmax":
                bound += Fraction(4, 2**table_bits)
            assert largest_error(name, values, out, "table", table_bits) <= bound


def test_piecewise_linear_errors_are_those_stated():
    """The bounds are near: PLAN's worst argument is 1, tanh's 1/2."""
    fmt, out = fx.Format(16, 11), fx.Format(32, 30)
    for name, at, stated in (("sigmoid", 1, "0.0189"), ("tanh", HALF, "0.0378")):
        error = largest_error(name, fx.array([at], fmt), out, "piecewise_linear", 10)
        assert Fraction(stated) < error < LARGEST[name]


def test_the_pages_table_is_what_its_command_prints():
    root = Path(__file__).parents[2]
    command = [sys.executable, root / "benchmarks" / "approximations.py"]
    printed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert f"\n{printed.stdout}\n" in (root / "docs" / "approximations.md").read_text()
