"""root_of_squares and combination_with_quotient: by fused loops, by the general one, by Python."""

import itertools
import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import LAYOUTS, SEED, check_message, check_stored, fixed, message_of, raw_list, words
from hypothesis import given
from hypothesis import strategies as st
from strategies import formats

import fxtypes as fx
from fxtypes.kernels import calls, plan
from fxtypes.kernels.calls import Level, Limits, Storage

OVERFLOWS = ("saturate", "saturate_symmetric", "saturate_zero", "wrap", "raise")
WIDTHS = (6, 16, 32, 48, 64, 128)
ONE = Fraction(1)


def raws_of_every_magnitude(fmt, generator, size):
    raws = [fmt.raw_min, fmt.raw_max, 0, 1, -1 if fmt.signed else 1]
    while len(raws) < size:
        bits = int(generator.integers(1, fmt.width + 1))
        raw = int.from_bytes(generator.bytes(16), "little") % 2**bits
        raws.append(-raw if fmt.signed and generator.integers(2) else raw)
    raws = [min(max(raw, fmt.raw_min), fmt.raw_max) for raw in raws[:size]]
    generator.shuffle(raws)
    return raws


def coefficient(generator, bits=24, lowest=-12, highest=2):
    mantissa = 1 + int.from_bytes(generator.bytes(16), "little") % (2**bits - 1)
    return Fraction(mantissa) * Fraction(2) ** int(generator.integers(lowest, highest) - bits)


def check_roots(coefficients, columns, operands, fmt, shape):
    """Compare with roots of exact sums."""
    squares = [
        sum(
            (c * oracle.value(raw, x.format) ** 2
             for c, raw, x in zip(coefficients, raws, operands, strict=True)), Fraction(0)
        )
        for raws in zip(*columns, strict=True)
    ]  # fmt: skip
    # A root that is no multiple of 2**-70 units lies between two of them, and every number there
    # rounds as it does: draws and halves are multiples, too.
    exacts = []
    for square in squares:
        scaled = square * Fraction(4) ** (fmt.frac_bits + 70)
        grid = math.isqrt(math.floor(scaled))
        units = Fraction(grid) if grid * grid == scaled else grid + ONE / 2
        exacts.append(units * Fraction(2) ** -(fmt.frac_bits + 70))
    check_stored(
        lambda: fx.root_of_squares(coefficients, operands, fmt), exacts, fmt, shape,
        "root_of_squares",
    )  # fmt: skip


def check_quotients(coefficients, columns, operands, fmt, shape):
    *factors, factor, offset = coefficients
    *terms, over, under = operands

    def exact(raws):
        values = [oracle.value(raw, x.format) for raw, x in zip(raws, operands, strict=True)]
        total = sum((c * v for c, v in zip(factors, values, strict=False)), Fraction(0))
        return total + factor * values[-2] / (
            max(values[-1], Fraction(under.format.resolution)) + offset
        )

    exacts = [exact(raws) for raws in zip(*columns, strict=True)]
    check_stored(
        lambda: fx.combination_with_quotient(factors, terms, factor, over, under, offset, fmt),
        exacts, fmt, shape, "combination_with_quotient",
    )  # fmt: skip


def columns_of(kinds, generator, size):
    return [raws_of_every_magnitude(kind, generator, size) for kind in kinds]


@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("width", WIDTHS)
def test_every_mode(width, rounding, overflow):
    """Adam's two steps, of formats near each other."""
    generator = np.random.default_rng(width)
    point = width * 3 // 4
    fmt = fx.Format(width, point, True, rounding, overflow)
    for shift in (0, 3):
        kinds = [fx.Format(width, point), fx.Format(width, point + shift)]
        columns = columns_of(kinds, generator, 37)
        operands = [fixed(raws, kind) for raws, kind in zip(columns, kinds, strict=True)]
        check_roots([Fraction(16760439, 2**24), Fraction(16777, 2**24)], columns, operands, fmt,
                    (37,))  # fmt: skip
        kinds = [fx.Format(width, point), fx.Format(width, point + 2), kinds[1]]
        columns = columns_of(kinds, generator, 37)
        operands = [fixed(raws, kind) for raws, kind in zip(columns, kinds, strict=True)]
        check_quotients([ONE, -coefficient(generator), coefficient(generator, 24, -30, -20)],
                        columns, operands, fmt, (37,))  # fmt: skip


@given(st.data())
def test_any_formats_and_coefficients(data):
    terms = data.draw(st.integers(1, 6))
    kinds = [data.draw(formats()) for _ in range(terms + 2)]
    fmt = data.draw(formats())
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    bits = data.draw(st.sampled_from([1, 24, 24, 53, 63]))
    factors = [coefficient(generator, bits, -30, 10) for _ in kinds]
    columns = columns_of(kinds, generator, 6)
    operands = [fixed(raws, kind) for raws, kind in zip(columns, kinds, strict=True)]
    check_roots(factors[2:], columns[2:], operands[2:], fmt, (6,))
    signs = [1 - 2 * int(generator.integers(2)) for _ in kinds[1:]]
    factors = [c * s for c, s in zip(factors, [*signs, 1], strict=True)]
    check_quotients(factors, columns, operands, fmt, (6,))


@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
@pytest.mark.parametrize("width", [16, 32, 64, 128])
def test_layouts_and_broadcasting(width, rounding):
    generator = np.random.default_rng(width)
    fmt = fx.Format(width, width // 2, True, rounding)
    kinds = [fx.Format(width, width // 2), fx.Format(width // 2, 5), fx.Format(width, width - 2)]
    columns = columns_of(kinds, generator, 42)
    factors = [coefficient(generator) for _ in kinds]
    for layouts in itertools.product(LAYOUTS, LAYOUTS[:2], LAYOUTS[1:3]):
        operands = [
            fixed(raws, kind, (6, 7), layout)
            for raws, kind, layout in zip(columns, kinds, layouts, strict=True)
        ]
        check_roots(factors, columns, operands, fmt, (6, 7))
        check_quotients(factors, columns, operands, fmt, (6, 7))
    operands = [fixed(columns[0], kinds[0], (6, 7)), fixed(columns[1][:7], kinds[1]),
                fixed(columns[2][:6], kinds[2], (6, 1))]  # fmt: skip
    spread = [columns[0], columns[1][:7] * 6, [raw for raw in columns[2][:6] for _ in range(7)]]
    check_roots(factors, spread, operands, fmt, (6, 7))
    check_quotients(factors, spread, operands, fmt, (6, 7))


# --- the kernel against Python's integers ---------------------------------------------------


@pytest.fixture
def both(monkeypatch):
    """A function that returns a call's raw integers and events, by the kernel and by Python."""

    def run(name, call):
        found = []
        for kernel in (True, False):
            with monkeypatch.context() as patch:
                if not kernel:
                    patch.setattr(plan, name, lambda *arguments: None)
                with fx.seeded(SEED), fx.record() as events:
                    found.append((raw_list(call()), events.by_operation))
        return found

    return run


def is_fused(step):
    return step.fused_storage != Storage.NONE


@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("width", [16, 32, 64, 128])
def test_the_kernel_and_python_agree(both, width, rounding):
    """Many elements of every magnitude, so that chunks begin anywhere."""
    generator = np.random.default_rng(width)
    fmt = fx.Format(width, width * 3 // 4, True, rounding)
    p, m, r = (
        fixed(raws_of_every_magnitude(kind, generator, 3 * 301), kind, (3, 301))
        for kind in [fx.Format(width, width * 3 // 4 + n) for n in (0, 2, -3)]
    )
    one, other = coefficient(generator), coefficient(generator)
    for offset in (2.0**-30, 2.0**-55):  # of 64 bits: divisors of two words
        kinds = p.format, m.format, r.format
        steps = [
            plan.root_of_squares(((1, -3), (12345677, -24)), kinds[1:], fmt),
            plan.combination_with_quotient(((1, 0), (1, -4), (1, -55)), kinds, fmt),
        ]
        assert [is_fused(step) for step in steps] == [width < 128] * 2
        found, expected = both(
            "root_of_squares", lambda: fx.root_of_squares([one, other], [m, r[1]], fmt)
        )
        assert found == expected
        found, expected = both(
            "combination_with_quotient",
            lambda offset=offset: fx.combination_with_quotient(
                [1], [p.T], -other, m.T, r.T, offset, fmt
            ),
        )
        assert found == expected


@pytest.mark.parametrize("width", [16, 32, 64, 65, 128])
def test_roots_of_squares_and_next_to_them(width):
    """Exact roots, ties, and sums one unit off either, up to the largest."""
    generator = np.random.default_rng(width)
    wide = fx.Format(width, 0)
    roots = [abs(raw) for raw in raws_of_every_magnitude(wide, generator, 600)]
    exact, ulp = fixed([min(r, wide.raw_max) for r in roots], wide), fixed([1], wide)
    for rounding in ("nearest_even", "nearest_odd", "nearest_zero", "ceil", "floor", "odd",
                     "stochastic"):  # fmt: skip
        for frac_bits in (0, -1, -3, 2):
            fmt = fx.Format(width, frac_bits, True, rounding)
            columns = [raw_list(exact), [1] * 600]
            for small in (Fraction(0), Fraction(1), Fraction(1, 4)):
                check_roots([ONE, small], columns, [exact, ulp], fmt, (600,))


def test_random_roots_of_every_size():
    """Of the integer root: 2**127 - 1 and squares, more and less one, at every number of bits."""
    fmt, generator = fx.Format(64, 0), np.random.default_rng(1)
    raws = []
    for bits in range(1, 64):
        raws += [2**bits - 1, 2 ** (bits - 1), int(generator.integers(1, 2**bits, dtype=np.uint64))]
    x = fixed(raws, fmt)
    one = fixed([1], fmt)
    columns = [raws, [1] * len(raws)]
    step = plan.root_of_squares(((1, 0), (1, 0)), (fmt, fmt), fmt)
    assert is_fused(step)
    for coefficients in ([ONE, ONE], [ONE, Fraction(0)], [Fraction(3, 4), ONE]):
        check_roots(coefficients, columns, [x, one], fmt.replace(rounding="ceil"), x.shape)
        check_roots(coefficients, columns, [x, one], fmt.replace(rounding="floor"), x.shape)


@pytest.mark.parametrize("width", [16, 64, 127])
def test_quotients_next_to_a_tie_or_a_draw(width):
    """Quotients by odd divisors that just carry, or don't, with the draw added."""
    fmt = fx.Format(width, 0, True, "stochastic")
    half = fx.Format(width, 0)
    top = half.raw_max
    draws = calls.draws((SEED % 2**64, SEED >> 64, 0), 0, 2000).tolist()
    # numerator / divisor, nearest to 1 - u / 2**64 from below and above
    under = [top - 2 * (i % 50) for i in range(2000)]
    over = [min((((1 << 64) - u) * d >> 64) + i % 2, top)
            for i, (u, d) in enumerate(zip(draws, under, strict=True))]  # fmt: skip
    columns = [[0] * 2000, over, under]
    operands = [fixed(raws, half) for raws in columns]
    check_quotients([ONE, ONE, Fraction(0)], columns, operands, fmt, (2000,))
    check_quotients([ONE, -ONE, Fraction(0)], columns, operands, fmt, (2000,))
    for rounding in ("nearest_even", "nearest_odd", "nearest_away", "toward_zero"):
        even = [2 * (d // 2) or 2 for d in under]
        ties = [[0] * 2000, [d // 2 + i % 3 - 1 for i, d in enumerate(even)], even]
        operands = [fixed(raws, half) for raws in ties]
        for factor in (ONE, -ONE):
            check_quotients([ONE, factor, Fraction(0)], ties, operands,
                            half.replace(rounding=rounding), (2000,))  # fmt: skip


def test_bounds_of_the_kernels():
    """At the largest sums, numerators and divisors that plans allow, and one bit more."""
    fmt = fx.Format(64, 0, overflow="wrap")
    generator = np.random.default_rng(3)
    columns = columns_of([fmt] * 3, generator, 90)
    operands = [fixed(raws, fmt) for raws in columns]
    taken = {}
    for bits in range(55, 64):
        factor = Fraction(2**bits - 1)
        pair = (2**bits - 1, 0)
        steps = (
            plan.root_of_squares((pair,), (fmt,), fmt),
            plan.combination_with_quotient((pair, (1, 0), (0, 0)), (fmt,) * 3, fmt),
            plan.combination_with_quotient(((1, 0), pair, (0, 0)), (fmt,) * 3, fmt),
        )
        taken[bits] = [is_fused(step) for step in steps]
        check_roots([factor], columns[:1], operands[:1], fmt, (90,))
        check_quotients([factor, ONE, Fraction(0)], columns, operands, fmt, (90,))
        check_quotients([ONE, factor, Fraction(0)], columns, operands, fmt, (90,))
    assert taken[55] == [True] * 3
    assert taken[63][1:] == [False] * 2
    assert Limits.QUOTIENT_SUM == 125
    narrow = fx.Format(32, 0)
    for bits, level in ((62, Level.I128), (63, Level.I128)):
        offset = (2**bits - 1, 0)
        step = plan.combination_with_quotient(((1, 0), (1, 0), offset), (narrow,) * 3, fmt)
        assert step.level == level
        small = [[raw % 2**31 for raw in column] for column in columns]
        check_quotients([ONE, Fraction(2**40), Fraction(offset[0])], small,
                        [fixed(raws, narrow) for raws in small], fmt, (90,))  # fmt: skip


@pytest.mark.parametrize("rounding", ["nearest_even", "floor", "stochastic"])
@pytest.mark.parametrize("lift", [0, 1, 20, 63, 64])
def test_divisors_of_one_word_and_of_two(lift, rounding):
    """The divisor lifted to more than 64 bits, up to the bound."""
    fmt = fx.Format(64, 20, True, rounding, "wrap")
    generator = np.random.default_rng(lift)
    kinds = [fx.Format(64, 20), fx.Format(64, 10), fx.Format(64, 25)]
    columns = columns_of(kinds, generator, 200)
    operands = [fixed(raws, kind) for raws, kind in zip(columns, kinds, strict=True)]
    offset = Fraction(3, 2 ** (25 + lift))
    step = plan.combination_with_quotient(((1, 0), (5, -9), (3, -25 - lift)), tuple(kinds), fmt)
    if lift <= 63:
        assert step.level == (Level.I320 if lift > 0 else Level.I128)
    else:
        assert not is_fused(step)
    check_quotients([ONE, Fraction(5, 512), offset], columns, operands, fmt, (200,))
    check_quotients([ONE, -Fraction(5, 512), offset], columns, operands, fmt, (200,))


def test_divisors_of_no_more_than_a_unit():
    fmt = fx.Format(16, 8)
    r = fixed([-300, -1, 0, 1, 2], fmt)
    one = fx.ones(5, fmt)
    found = fx.combination_with_quotient([0], [one], 2**-8, one, r, 0, fmt)
    assert raw_list(found) == [256, 256, 256, 256, 128]


def test_the_first_overflow_is_named():
    fmt = fx.Format(16, 8, overflow="raise")
    raws = [1] * 700 + [32767] + [5] * 40 + [32767]
    x = fixed(raws, fx.Format(16, 8))
    with pytest.raises(fx.FixedOverflowError) as info:
        fx.root_of_squares([4], [x], fmt)
    check_message(str(info.value), 2, 700, (742,))
    assert "255.98" in str(info.value) or "255.99" in str(info.value)
    with pytest.raises(fx.FixedOverflowError) as info:
        fx.combination_with_quotient([4], [x], 1, x, x, 0, fmt)
    check_message(str(info.value), 2, 700, (742,))


def test_errors():
    x = fx.ones(3, fx.Format(8, 4))
    message = message_of(ValueError, fx.root_of_squares, [1, -2], [x, x], x.format)
    assert "-1" in message
    assert "(0,)" in message
    assert "offset" in message_of(
        ValueError, fx.combination_with_quotient, [1], [x], 1, x, x, -0.5, x.format
    )
    for arrays in ([], [x] * 7):
        with pytest.raises(ValueError, match="1 to 6 arrays"):
            fx.combination_with_quotient([1] * len(arrays), arrays, 1, x, x, 0, x.format)
    with pytest.raises(ValueError, match="1 to 8 arrays"):
        fx.root_of_squares([], [], x.format)
    with pytest.raises(TypeError, match="FixedArrays"):
        fx.root_of_squares([1], [2.0], x.format)
    assert words(x.format, 1) == [None]
