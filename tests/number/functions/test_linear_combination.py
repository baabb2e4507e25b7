"""linear_combination."""

import itertools
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import LAYOUTS, SEED, check_stored, fixed
from hypothesis import given
from hypothesis import strategies as st
from strategies import formats

import fxtypes as fx
from fxtypes.kernels import calls, plan
from fxtypes.kernels.calls import Limits, Storage

OVERFLOWS = ("saturate", "saturate_symmetric", "saturate_zero", "wrap", "raise")


@pytest.mark.parametrize("width", [8, 17, 33, 64, 128])
def test_a_linear_combination_with_nothing_of_one(width):
    x, y = fx.ones(3, fx.Format(width, -54)) + 2**54, fx.ones(3, fx.Format(width, 7))
    for result in (fx.Format(32, 13), fx.Format(8, 256), fx.Format(128, -256)):
        assert (fx.linear_combination([0.0], [x], result) == 0).all()
        expected = y.astype(result)
        assert (fx.linear_combination([0.0, 1], [x, y], result) == expected).all()
        assert (fx.linear_combination([1, 0], [y, x], result) == expected).all()


@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
@pytest.mark.parametrize("width", [16, 32, 64, 128])
def test_where_all_but_the_first_are_zeros(width, rounding, overflow):
    """Stretches of a sparse gradient; also where the first is out of range, or not as it is."""
    generator = np.random.default_rng(width)
    fmt = fx.Format(width - 2, width // 2, True, rounding, overflow)
    within = [fx.Format(width - 2, width // 2), fx.Format(width - 3, width // 2, False)]
    others = [fx.Format(width, width // 2), fx.Format(width, width // 2 + 1)]
    for kind, factor in [(x, 1) for x in (*within, *others)] + [(within[0], Fraction(3, 2))]:
        kinds = [kind, fx.Format(width, width // 2 + 2), fx.Format(8, 3)]
        raws = [raws_of_every_magnitude(each, generator, 800) for each in kinds]
        for column in raws:
            generator.shuffle(column)
        for column in raws[1:]:
            column[30:790] = [0] * 760
        operands = [fixed(column, each) for column, each in zip(raws, kinds, strict=True)]
        factors = [Fraction(factor), coefficient(generator), coefficient(generator)]
        check(factors, raws, operands, fmt, (800,))


def raws_of_every_magnitude(fmt, generator, size):
    raws = [fmt.raw_min, fmt.raw_max, 0, 1, -1 if fmt.signed else 1]
    while len(raws) < size:
        bits = int(generator.integers(1, fmt.width + 1))
        raw = int.from_bytes(generator.bytes(16), "little") % 2**bits
        raws.append(-raw if fmt.signed and generator.integers(2) else raw)
    return [min(max(raw, fmt.raw_min), fmt.raw_max) for raw in raws[:size]]


def coefficient(generator, bits=24, lowest=-20, highest=2):
    mantissa = int(generator.integers(0, 2**bits)) * (1 - 2 * int(generator.integers(2)))
    return Fraction(mantissa) * Fraction(2) ** int(generator.integers(lowest, highest) - bits)


def check(coefficients, raws, operands, fmt, shape):
    """Compare with the sum of exact products, element by element."""
    columns = [
        [c * oracle.value(raw, x.format) for raw in column]
        for c, column, x in zip(coefficients, raws, operands, strict=True)
    ]
    exacts = [sum(terms, Fraction(0)) for terms in zip(*columns, strict=True)]
    check_stored(
        lambda: fx.linear_combination(coefficients, operands, fmt), exacts, fmt, shape,
        "linear_combination",
    )  # fmt: skip


@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("width", [8, 16, 27, 32, 64, 100, 128])
def test_every_mode(width, rounding, overflow):
    """An optimiser's step: the parameter, and others of other binary points times small numbers."""
    generator = np.random.default_rng(width)
    fmt = fx.Format(width, width // 2, True, rounding, overflow)
    for terms in (1, 3, 8):
        kinds = [fx.Format(width, width // 2 + 3 * k, not k or generator.integers(3) > 0)
                 for k in range(terms)]  # fmt: skip
        raws = [raws_of_every_magnitude(kind, generator, 35) for kind in kinds]
        for column in raws:
            generator.shuffle(column)
        operands = [fixed(column, kind) for column, kind in zip(raws, kinds, strict=True)]
        factors = [Fraction(1), *(coefficient(generator) for _ in kinds[1:])]
        check(factors, raws, operands, fmt, (35,))


@given(st.data())
def test_any_formats_and_coefficients(data):
    terms = data.draw(st.integers(1, 8))
    kinds = [data.draw(formats()) for _ in range(terms)]
    fmt = data.draw(formats())
    seed = data.draw(st.integers(0, 2**32))
    generator = np.random.default_rng(seed)
    bits = data.draw(st.sampled_from([1, 24, 24, 53, 63]))
    factors = [coefficient(generator, bits, -30, 10) for _ in kinds]
    raws = [raws_of_every_magnitude(kind, generator, 6) for kind in kinds]
    for column in raws:
        generator.shuffle(column)
    operands = [fixed(column, kind) for column, kind in zip(raws, kinds, strict=True)]
    check(factors, raws, operands, fmt, (6,))


@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
@pytest.mark.parametrize("width", [16, 32, 64, 128])
def test_layouts_and_broadcasting(width, rounding):
    generator = np.random.default_rng(width)
    fmt = fx.Format(width, width // 2, True, rounding)
    kinds = [fx.Format(width, width // 2), fx.Format(width // 2, 5), fx.Format(width, width - 2)]
    raws = [raws_of_every_magnitude(kind, generator, 42) for kind in kinds]
    factors = [coefficient(generator) for _ in kinds]
    for layouts in itertools.product(LAYOUTS, LAYOUTS[:2], LAYOUTS[1:3]):
        operands = [fixed(column, kind, (6, 7), layout)
                    for column, kind, layout in zip(raws, kinds, layouts, strict=True)]  # fmt: skip
        check(factors, raws, operands, fmt, (6, 7))
    operands = [fixed(raws[0], kinds[0], (6, 7)), fixed(raws[1][:7], kinds[1]),
                fixed(raws[2][:6], kinds[2], (6, 1))]  # fmt: skip
    spread = [raws[0], raws[1][:7] * 6, [raw for raw in raws[2][:6] for _ in range(7)]]
    columns = [[c * oracle.value(raw, kind) for raw in column]
               for c, column, kind in zip(factors, spread, kinds, strict=True)]  # fmt: skip
    exacts = [sum(terms) for terms in zip(*columns, strict=True)]
    check_stored(lambda: fx.linear_combination(factors, operands, fmt), exacts, fmt, (6, 7))


# --- the fused loops, against the general one -----------------------------------------------


def plans_of(width, fmt, generator):
    """Plans of three terms and their operands' storage, ever farther shifted."""
    kinds = [fx.Format(width, 0), fx.Format(width, 5), fx.Format(width, 9, False)]
    if width in (32, 64, 128):
        kinds[2] = fx.Format(width, 9)
    operands = tuple(
        fixed(raws_of_every_magnitude(kind, generator, 1100), kind)._storage for kind in kinds
    )
    for exponent in range(-9, 63, 7):
        factors = ((1, exponent), (-12345677, -20), (3, 0))
        step = plan.linear_combination(factors, tuple(kinds), fmt)
        yield step, operands


@pytest.mark.parametrize("rounding", ["nearest_even", "nearest_away", "odd", "ceil", "stochastic"])
@pytest.mark.parametrize("width", [8, 16, 31, 32, 48, 64, 127, 128])
def test_the_general_loop_gives_the_same(width, rounding):
    """Many elements: chunks, and draws of which the first 16 bits don't decide."""
    generator = np.random.default_rng(width)
    fused = 0
    for frac_bits, overflow in ((-2, "wrap"), (0, "saturate"), (width // 2, "wrap")):
        fmt = fx.Format(width, frac_bits, True, rounding, overflow)
        for step, operands in plans_of(width, fmt, generator):
            fused += step.fused_storage != Storage.NONE
            with fx.seeded(SEED):
                expected = calls.elementwise(step.replace(fused_storage=Storage.NONE), operands)
            with fx.seeded(SEED):
                found = calls.elementwise(step, operands)
            assert found.tobytes() == expected.tobytes()
    assert fused >= 15


@pytest.mark.parametrize(("width", "bits"), [(16, 15), (32, 31), (64, 31), (128, 62)])
def test_where_the_first_bits_of_a_draw_do_not_decide(width, bits):
    """Fractions that, added to the draw, just carry or just don't: half of them after 16 ones."""
    count, shift = 5000, 2 * bits  # the fraction's two halves are an operand each
    draws = calls.draws((SEED % 2**64, SEED >> 64, 0), 0, count).tolist()
    fractions = []
    for i, u in enumerate(draws):
        least = -(-((1 << 64) - u) >> max(64 - shift, 0)) << max(shift - 64, 0)  # that carries
        if i % 2:  # a first half that leaves it open
            least = (least >> shift - 16 << shift - 16) | (1 << shift - 16) - 1 - i
        fractions.append(min(max(least - i // 2 % 2, 0), (1 << shift) - 1))
    fmt, half = fx.Format(width, 0, True, "stochastic"), fx.Format(width, 0)
    operands = [
        fixed([n >> bits for n in fractions], half),
        fixed([n & (1 << bits) - 1 for n in fractions], half),
    ]
    factors = (Fraction(1, 1 << bits), Fraction(1, 1 << shift))
    step = plan.linear_combination(((1, -bits), (1, -shift)), (half, half), fmt)
    assert step.fused_storage == {16: Storage.S32, 32: Storage.S32, 64: Storage.S64}.get(
        width, Storage.S128
    )
    exacts = [Fraction(n, 1 << shift) for n in fractions]
    check_stored(lambda: fx.linear_combination(factors, operands, fmt), exacts, fmt, (count,))


@pytest.mark.parametrize("bits", [32, 64, 128])
def test_at_the_largest_shift(bits):
    fmt = fx.Format(bits, 0)
    own = {32: Storage.S32, 64: Storage.S64, 128: Storage.S128}[bits]
    most = Limits.COMBINE_SHIFT[bits]
    raws = raws_of_every_magnitude(fmt, np.random.default_rng(bits), 400)
    operands = (fixed(raws, fmt)._storage, fixed(raws[::-1], fmt)._storage)
    for shift in (most, most + 1):
        factors = ((3, {32: 32, 64: 50, 128: 60}[bits] - shift), (1, -shift))
        step = plan.linear_combination(factors, (fmt, fmt), fmt)
        assert (step.fused_storage == own) == (shift == most)
        expected = calls.elementwise(step.replace(fused_storage=Storage.NONE), operands)
        assert calls.elementwise(step, operands).tobytes() == expected.tobytes()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
@pytest.mark.parametrize("bits", [32, 64, 128])
def test_at_the_largest_coefficients_and_sums(bits, overflow, sign):
    """As many of the largest terms as the bounds allow, and one bit more."""
    fmt = fx.Format(bits, 0, True, "nearest_even", overflow)
    own = {32: Storage.S32, 64: Storage.S64, 128: Storage.S128}[bits]
    generator = np.random.default_rng(bits)
    for terms, coefficient_bits, shift in itertools.product(
        (1, 2, 8), (57, 58, 59, 61, 62, 63), (28, 30, 60, 62)
    ):
        factor = sign * ((1 << coefficient_bits) - 1)
        step = plan.linear_combination(((factor, -shift),) * terms, (fmt,) * terms, fmt)
        largest = (abs(factor) * terms << bits - 1).bit_length()
        fits = largest <= Limits.COMBINE_SUM[bits] and shift <= Limits.COMBINE_SHIFT[bits]
        fits = fits and (bits > 32 or coefficient_bits <= Limits.COMBINE_FACTOR)
        assert (step.fused_storage == own) == fits
        raws = [raws_of_every_magnitude(fmt, generator, 60) for _ in range(terms)]
        operands = tuple(fixed(column, fmt)._storage for column in raws)
        expected = calls.elementwise(step.replace(fused_storage=Storage.NONE), operands)
        assert calls.elementwise(step, operands).tobytes() == expected.tobytes()


@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
@pytest.mark.parametrize("terms", [2, 3, 5])
def test_sums_of_16_bits_at_the_bounds_of_one_word(terms, overflow, rounding):
    """Magnitudes of the coefficients that add up to 2**47, and to more; of 32 bits, and to more."""
    fmt = fx.Format(16, 0, True, rounding, overflow)
    generator = np.random.default_rng(terms)
    operands = tuple(
        fixed(raws_of_every_magnitude(fmt, generator, 1000), fmt)._storage for _ in range(terms)
    )
    for most, shift in itertools.product((1 << 31, 1 << 32, 1 << 47, (1 << 47) + 2), (28, 44, 62)):
        for sign in (1, -1):
            factors = [sign, -5, *([3] * terms)][:terms]
            factors[-1] = most - sum(map(abs, factors[:-1]))
            pairs = tuple((factor, -shift) for factor in factors)
            step = plan.linear_combination(pairs, (fmt,) * terms, fmt)
            assert step.fused_storage == Storage.S32
            with fx.seeded(SEED):
                expected = calls.elementwise(step.replace(fused_storage=Storage.NONE), operands)
            with fx.seeded(SEED):
                assert calls.elementwise(step, operands).tobytes() == expected.tobytes()
