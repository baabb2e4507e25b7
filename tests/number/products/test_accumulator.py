"""The loops of `accumulator=`, each at its bounds, against the oracle and against each other."""

import itertools
import math
import random

import numpy as np
import oracle
import pytest
from checks import (
    LAYOUTS,
    SEED,
    broadcast,
    check_accumulated,
    fixed,
    raw_list,
    scaled,
    telling_raws,
)

import fxtypes as fx
from fxtypes.kernels.calls import Accumulation
from fxtypes.products import plan_products

# Operands, accumulator and result for each of the kernels' loops.
ANY, LANES32, LANES64_OF_32 = (
    Accumulation.ANY_FORMATS,
    Accumulation.LANES32,
    Accumulation.LANES64_OF_32,
)
LANES64, LIFTED64 = Accumulation.LANES64, Accumulation.LIFTED64
WORDS64, WORDS128 = Accumulation.WORDS64, Accumulation.WORDS128
WORDS256 = Accumulation.WORDS256
F = fx.Format
FORMATS = [
    (LANES32, F(16, 8), F(16, 8), F(16, 8), F(16, 8)),
    (LANES32, F(8, 4, False), F(7, 4), F(20, 6), F(32, 9)),
    (LANES32, F(16, 8, False), F(16, 3, False), F(24, 8, False), F(8, 4)),
    (LANES32, F(8, 30), F(8, 30), F(31, 29), F(31, 29)),  # 31 bits go
    (LANES64_OF_32, F(32, 16), F(32, 16), F(32, 16), F(32, 12)),
    (LANES64_OF_32, F(16, 12), F(16, 12), F(32, 24), F(16, 12)),
    (LANES64_OF_32, F(32, 31), F(32, 31), F(32, 0), F(32, 16)),
    (LANES64_OF_32, F(32, 40), F(31, 40), F(40, 17), F(128, 40)),  # 63 bits go
    (LANES64, F(40, 20), F(24, 10), F(50, 20), F(64, 20)),
    (LANES64, F(32, 16, False), F(32, 16, False), F(60, 16, False), F(32, 16, False)),
    (LANES64, F(32, 16, False), F(32, 16), F(61, 16), F(32, 16)),
    (LIFTED64, F(32, 8), F(32, 8), F(32, 24), F(32, 8)),
    (LIFTED64, F(16, 0), F(16, 8), F(61, 60), F(16, 4)),
    (LIFTED64, F(8, 0, False), F(8, 0, False), F(16, 200, False), F(16, 198)),
    (WORDS64, F(64, 32), F(64, 32), F(64, 32), F(64, 32)),
    (WORDS64, F(32, 16), F(32, 16), F(64, 32), F(32, 16)),
    (WORDS64, F(64, 62), F(64, 62), F(64, 30), F(64, 30)),
    (WORDS64, F(64, 80), F(64, 80), F(50, 35), F(50, 36)),  # 125 bits go
    (WORDS64, F(64, 63), F(64, 62), F(63, 61, False), F(63, 61)),
    (WORDS64, F(63, 31, False), F(63, 31, False), F(62, 50, False), F(62, 50)),
    (WORDS64, F(64, 16), F(64, 16), F(64, 48), F(64, 48)),
    (WORDS64, F(64, 0), F(64, 0), F(64, 65), F(64, 65)),
    (WORDS128, F(64, 32, False), F(64, 32), F(64, 32), F(64, 32)),
    (WORDS128, F(64, 32, False), F(64, 32, False), F(64, 32, False), F(64, 32, False)),
    (WORDS128, F(100, 32), F(28, 10), F(120, 30), F(128, 30)),
    (WORDS128, F(64, 10), F(60, 10), F(124, 60), F(64, 20)),
    (WORDS256, F(64, 32, False), F(64, 32, False), F(64, 63, False), F(64, 63)),
    (WORDS256, F(64, 32), F(64, 32), F(128, 64), F(64, 32)),
    (WORDS256, F(128, 64), F(128, 64), F(128, 64), F(128, 64)),
    (WORDS256, F(128, 63), F(128, 60), F(128, 60), F(128, 60)),
    (WORDS256, F(127, 100, False), F(128, 70), F(110, 81, False), F(128, 80)),
    (WORDS256, F(128, 127), F(128, 127), F(128, 127), F(128, 127)),  # 127 bits go
    (ANY, F(128, 128), F(128, 128), F(128, 128), F(128, 128)),
    (ANY, F(128, 32), F(128, 32), F(128, 65), F(128, 64)),
    (ANY, F(128, 64, False), F(128, 64), F(128, 64), F(128, 64)),
]
SHAPES = [(2, 3, 9), (9, 2, 2), (1, 7, 1), (3, 1, 3), (2, 0, 3)]


def moded(formats, rounding, overflow):
    return [f.replace(rounding=rounding, overflow=overflow) for f in formats]


def loop_of(x, y, accumulator, result):
    return plan_products.accumulation(x, y, accumulator, result)[0].accumulation


def check_shape(chosen, formats, shape, layouts=("contiguous",)):
    x, y, accumulator, result = formats
    rows, inner, columns = shape
    a_raws = telling_raws(chosen, x, rows * inner)
    b_raws = telling_raws(chosen, y, inner * columns)
    a = fixed(a_raws, x, (rows, inner), chosen.choice(layouts))
    b = fixed(b_raws, y, (inner, columns), chosen.choice(layouts))
    check_accumulated(
        lambda: fx.matmul(a, b, format=result, accumulator=accumulator),
        scaled(oracle.matmul_terms(a_raws, b_raws, shape), (x, y)),
        result,
        accumulator,
    )


@pytest.mark.parametrize(("loop", "x", "y", "accumulator", "result"), FORMATS)
def test_formats_are_of_the_loop(loop, x, y, accumulator, result):
    assert loop_of(x, y, accumulator, result) == loop
    stochastic = accumulator.replace(rounding="stochastic")
    lost = x.frac_bits + y.frac_bits - accumulator.frac_bits
    most = 0 if loop == WORDS256 else 32
    assert loop_of(x, y, stochastic, result) == (ANY if lost > most else loop)


@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_every_loop_in_every_mode(rounding, overflow):
    chosen = random.Random(f"{rounding} {overflow}")
    for _, *formats in FORMATS:
        check_shape(chosen, moded(formats, rounding, overflow), (2, 3, 9))


@pytest.mark.parametrize(("loop", "x", "y", "accumulator", "result"), FORMATS)
def test_every_loop_in_every_shape(loop, x, y, accumulator, result):
    chosen = random.Random(f"{x} {y} {accumulator}")
    for shape in SHAPES:
        for overflow in ("saturate", "wrap"):
            rounding = chosen.choice(list(fx.Rounding))
            formats = moded((x, y, accumulator, result), rounding, overflow)
            check_shape(chosen, formats, shape, LAYOUTS)


@pytest.mark.parametrize(("loop", "x", "y", "accumulator", "result"), FORMATS)
def test_ends_of_the_formats(loop, x, y, accumulator, result):
    """The largest products of either sign, on an accumulator at either of its ends."""
    ends = [(f.raw_min, f.raw_max) for f in (x, y)]
    for a0, b0, a1, b1 in itertools.product(*ends, *ends):
        for rounding in ("floor", "ceil", "away_from_zero", "nearest_even", "nearest_odd", "odd"):
            formats = moded((x, y, accumulator, result), rounding, "saturate")
            a, b = fixed([a0, a1, a1], x, (1, 3)), fixed([b0, b1, b1], y, (3, 1))
            check_accumulated(
                lambda a=a, b=b, f=formats: fx.matmul(a, b, format=f[3], accumulator=f[2]),
                scaled(oracle.matmul_terms([a0, a1, a1], [b0, b1, b1], (1, 3, 1)), (x, y)),
                formats[3],
                formats[2],
            )


@pytest.mark.parametrize("seed", range(40))
def test_mixed_widths(seed):
    """Binary points near and far, so that each loop is asked at and beyond its bounds."""
    chosen = random.Random(seed)
    for _ in range(12):
        widths = [chosen.choice([chosen.randint(2, 128), 8, 16, 31, 32, 33, 63, 64]) for _ in "xyz"]
        points = [chosen.randint(-4, width + 4) for width in widths]
        signs = [chosen.random() < 0.7 for _ in widths]
        x, y, result = (F(*f) for f in zip(widths, points, signs, strict=True))
        width = min(max(chosen.choice(widths) + chosen.randint(-3, 3), 2), 128)
        point = x.frac_bits + y.frac_bits - chosen.choice([chosen.randint(-8, 130), 0, 31, 32, 64])
        accumulator = F(width, max(min(point, 256), -256), chosen.random() < 0.7)
        mode = chosen.choice(list(fx.Rounding)), chosen.choice(list(fx.Overflow)[:4])
        check_shape(chosen, moded((x, y, accumulator, result), *mode), (2, 3, 2))


@pytest.mark.parametrize(("loop", "x", "y", "accumulator", "result"), FORMATS)
def test_blocks(loop, x, y, accumulator, result, monkeypatch):
    """More rows and columns than a block has: as the general loop, one row or column a time."""
    chosen = np.random.default_rng(loop)
    for m, k, n in [(70, 5, 530), (530, 4, 70), (1, 9, 1100), (130, 3, 9), (67, 6, 5)]:
        formats = moded((x, y, accumulator, result), "nearest_even", "saturate_zero")
        a, b = (
            fx.FixedArray.from_raw(
                chosen.integers(max(-1000, f.raw_min), min(1000, f.raw_max), shape), f
            )
            for f, shape in zip(formats[:2], [(m, k), (k, n)], strict=True)
        )
        with fx.record() as events:
            whole = fx.matmul(a, b, format=formats[3], accumulator=formats[2])
        with monkeypatch.context() as patch, fx.record() as expected:
            patch.setattr(plan_products, "_accumulation_loop", lambda *_: ANY)
            plan_products.accumulation.cache_clear()
            parts = [
                fx.matmul(a[i : i + 1], b, format=formats[3], accumulator=formats[2])
                for i in range(m)
            ]
        plan_products.accumulation.cache_clear()
        assert raw_list(whole) == [raw for part in parts for raw in raw_list(part)]
        assert events.by_operation == expected.by_operation


@pytest.mark.parametrize("shape", [(3, 3, 40), (40, 3, 3), (2, 2, 300), (70, 2, 2)])
@pytest.mark.parametrize("width", [16, 32, 64, 128])
def test_draws_by_place_and_step(width, shape):
    """Both the steps and the conversion draw: by the element's index and the step's number."""
    chosen = random.Random(width)
    operand, accumulator = F(width, width // 2), F(width, width // 2, rounding="stochastic")
    coarse = F(width, width // 2 - 2, rounding="stochastic")
    for formats in [(operand, operand, accumulator, coarse), (operand, operand, operand, coarse)]:
        check_shape(chosen, formats, shape)


def test_broadcast_operands():
    """Strides of 0: a stack of one matrix, rows and columns that are all the same."""
    fmt = F(32, 16)
    a = fx.random.uniform((3, 1, 6), fmt, -4, 4, seed=1)
    b = fx.random.uniform((6, 1), fmt, -4, 4, seed=2)
    wide_a = fx.broadcast_to(a, (3, 5, 6))
    wide_b = fx.broadcast_to(b, (6, 7))
    expected = raw_list(fx.matmul(a, b, accumulator=fmt))
    got = fx.matmul(wide_a, wide_b, accumulator=fmt)
    assert got.shape == (3, 5, 7)
    assert raw_list(got) == [raw for raw in expected for _ in range(35)]


@pytest.mark.parametrize("width", [16, 32, 64])
def test_message_of_what_overflowed(width):
    """The first element in C order is shown, at the step where it first left the range."""
    fmt = F(width, 0, overflow="raise")
    a = np.zeros((3, 4), object)
    a[1, 3] = a[1, 2] = a[2, 0] = fmt.raw_max
    b = np.zeros((4, 300), object)
    b[3, 280], b[2, 280], b[3, 290], b[0, 7] = 3, 2, 2, 2
    with pytest.raises(fx.FixedOverflowError) as info:
        fx.matmul(fx.FixedArray.from_raw(a, fmt), fx.FixedArray.from_raw(b, fmt), accumulator=fmt)
    message = str(info.value)
    assert "(1, 280)" in message, message
    assert str(oracle.value(2 * fmt.raw_max, fmt)) in message, message
    assert "4 " in message, message


def test_conversion_that_overflows():
    """The conversion raises by its own format's mode, and counts apart from the steps."""
    fmt, narrow = F(32, 0), F(8, 0, overflow="raise")
    a = fx.array([[1, 2], [100, 100]], fmt)
    with pytest.raises(fx.FixedOverflowError, match=r"\(1, 0\)"):
        fx.matmul(a, fx.ones((2, 1), format=fmt), format=narrow, accumulator=fmt)
    with fx.seeded(SEED), fx.record() as events:
        narrow = narrow.replace(overflow="wrap")
        got = fx.matmul(a, fx.ones((2, 1), format=fmt), format=narrow, accumulator=fmt)
    assert raw_list(got) == [3, 200 - 256]
    assert events.overflow == 1


# -- from an initial term -----------------------------------------------------------------

STARTS = [F(16, 8), F(8, -3), F(128, 100), F(128, 64, False), F(4, 250)]


def check_loop(chosen, formats, more, shape, layouts=("contiguous",)):
    x, y, accumulator, result = formats
    m, k, n = shape
    a_raws, b_raws = telling_raws(chosen, x, m * k), telling_raws(chosen, y, k * n)
    initial_shape = chosen.choice([(n,), (m, n), (m, 1)])
    c_raws = telling_raws(chosen, more, math.prod(initial_shape))
    a = fixed(a_raws, x, (m, k), chosen.choice(layouts))
    b = fixed(b_raws, y, (k, n), chosen.choice(layouts))
    c = fixed(c_raws, more, initial_shape, chosen.choice(layouts))
    check_accumulated(
        lambda: fx.matmul(a, b, result, accumulator, initial=c),
        scaled(oracle.matmul_terms(a_raws, b_raws, shape), (x, y)),
        result,
        accumulator,
        initial=broadcast(c_raws, more, initial_shape, (m, n)),
    )


@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_loops_from_initial_terms_in_every_mode(rounding, overflow):
    chosen = random.Random(f"{rounding} {overflow}")
    for _, *formats in FORMATS:
        for more in (formats[2], chosen.choice(STARTS)):
            check_loop(chosen, moded(formats, rounding, overflow), more, (2, 3, 3))


@pytest.mark.parametrize(("loop", "x", "y", "accumulator", "result"), FORMATS)
def test_loops_from_initial_terms_in_every_shape(loop, x, y, accumulator, result):
    chosen = random.Random(f"{x} {y} {accumulator}")
    for shape in [(2, 3, 9), (9, 2, 2), (1, 7, 1), (2, 0, 3), (3, 2, 40)]:
        rounding, overflow = chosen.choice(list(fx.Rounding)), chosen.choice(list(fx.Overflow))
        formats = moded((x, y, accumulator, result), rounding, overflow)
        check_loop(chosen, formats, chosen.choice([accumulator, *STARTS]), shape, LAYOUTS)


@pytest.mark.parametrize("width", [16, 32, 64, 128])
@pytest.mark.parametrize("shape", [(70, 5, 530), (530, 4, 70)])
def test_blocks_from_initial_terms(width, shape):
    """Rows and columns beyond a block: as one row at a time."""
    m, k, n = shape
    fmt, more = F(width, width // 2), F(24, 12)
    rng = np.random.default_rng(width)
    a, b, c = (
        fx.FixedArray.from_raw(rng.integers(-1000, 1000, s), f)
        for s, f in [((m, k), fmt), ((k, n), fmt), ((m, n), more)]
    )
    whole = fx.matmul(a, b, accumulator=fmt, initial=c)
    parts = [fx.matmul(a[i], b, accumulator=fmt, initial=c[i]) for i in range(m)]
    assert raw_list(whole) == [raw for part in parts for raw in raw_list(part)]


def test_beginnings_that_overflow():
    """The beginning counts, and raises, by the accumulator's mode: in C order with the steps."""
    acc, wide = F(8, 0, overflow="raise"), F(16, 0)
    a, b = fx.array([[1], [100]], wide), fx.ones((1, 3), wide)
    for initial, text in [
        ([[0, 0, 0], [0, 28, 200]], r"3 of 12 elements .* the first at index \(1, 1\) is 128"),
        ([[0, 200, 0], [0, 0, 0]], r"2 of 12 elements .* the first at index \(0, 1\) is 200"),
    ]:
        with pytest.raises(fx.FixedOverflowError, match=text):
            fx.matmul(a, b, wide, acc, initial=fx.array(initial, wide))
