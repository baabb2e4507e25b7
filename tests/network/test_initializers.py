"""Initial weights: their distribution, the same at all widths, and the same bits for a seed."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import SEED, raw_list

import fxtypes as fx
from fxtypes_nn.layers import initializers
from fxtypes_nn.layers.initializers import INITIALIZERS, initial_weights, initializer_of

DRAWN = fx.Format(128, 120)
RANDOM = ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal"]
# What the root is of, for 20 inputs and 30 units.
SQUARES = {
    "glorot_uniform": Fraction(6, 50),
    "glorot_normal": Fraction(2, 50),
    "he_uniform": Fraction(6, 20),
    "he_normal": Fraction(2, 20),
}
FORMATS = [
    fx.Format(width, width - 2, rounding=rounding, overflow=overflow)
    for width in (2, 3, 8, 12, 16, 24, 32, 33, 64, 65, 128)
    for rounding, overflow in (("nearest_even", "saturate"), ("stochastic", "wrap"))
] + [fx.Format(12, 20), fx.Format(16, 13, rounding="floor"), fx.Format(16, 16, signed=False)]


@pytest.mark.parametrize("name", RANDOM)
def test_weights_are_drawn_once_in_128_bits(name):
    """From the integers and deviates that fx.random draws, by way of fractions."""
    with localcontext(prec=60):
        square = SQUARES[name]
        root = (Decimal(square.numerator) / square.denominator).sqrt()
        factor = Fraction(math.floor(root * 2**61), 2**61)
    if name.endswith("uniform"):
        drawn = fx.random.uniform((20, 30), fx.Format(64, 63), low=-1, high=1, seed=7)
    else:
        drawn = fx.random.normal((20, 30), fx.Format(128, 112), seed=7)
    found = INITIALIZERS[name](20, 30, DRAWN, 7)
    assert found.format == DRAWN
    assert raw_list(found) == [
        oracle.quantize(factor * value, DRAWN) for value in drawn.to_fractions().reshape(-1)
    ]


@pytest.mark.parametrize("fmt", FORMATS, ids=repr)
@pytest.mark.parametrize("name", RANDOM)
def test_narrower_weights_are_these_rounded_once_to_nearest(name, fmt):
    wide = INITIALIZERS[name](9, 4, DRAWN, 3)
    narrow = INITIALIZERS[name](9, 4, fmt, 3)
    nearest = fmt.replace(rounding="nearest_even")
    assert narrow.format == fmt
    assert narrow.shape == (9, 4)
    assert raw_list(narrow) == [
        oracle.quantize(value, nearest) for value in wide.to_fractions().reshape(-1)
    ]


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("fmt", [fx.Format(16, 13, rounding="stochastic"), fx.Format(100, 90)])
def test_a_seed_gives_the_same_bits_and_takes_no_step(name, fmt):
    make, draws = INITIALIZERS[name], fx.Format(8, 0, rounding="stochastic")
    first = make(20, 30, fmt, 5)
    with fx.seeded(SEED), fx.full_precision():
        again = make(20, 30, fmt, 5)
        after = raw_list(fx.full(64, 0.5, draws))
    with fx.seeded(SEED):
        assert raw_list(fx.full(64, 0.5, draws)) == after
    assert first.format == again.format == fmt
    assert raw_list(first) == raw_list(again)
    assert (name == "zeros") == (raw_list(first) == raw_list(make(20, 30, fmt, 6)))


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("glorot_uniform", math.sqrt(6 / 500)),
        ("glorot_normal", math.sqrt(2 / 500)),
        ("he_uniform", math.sqrt(6 / 200)),
        ("he_normal", math.sqrt(2 / 200)),
    ],
)
def test_distributions(name, root):
    values = INITIALIZERS[name](200, 300, fx.Format(32, 28), 1).to_numpy()
    if name.endswith("uniform"):
        assert 0.999 * root < np.abs(values).max() <= root
        # A quarter of them in each quarter.
        counts, _ = np.histogram(values, bins=4, range=(-root, root))
        assert np.abs(counts / values.size - 0.25).max() < 0.01
        deviation = root / math.sqrt(3)
    else:
        assert 4 * root < np.abs(values).max() < 6 * root
        deviation = root
    assert values.std() == pytest.approx(deviation, rel=0.01)
    assert abs(values.mean()) < 0.01 * root


def test_zeros():
    assert raw_list(initializers.zeros(2, 3, fx.Format(8, 4), 0)) == [0] * 6


def test_one_weight():
    """The largest limits there are fit the format that weights are drawn in."""
    for name in RANDOM:
        values = [INITIALIZERS[name](1, 1, DRAWN, seed).item() for seed in range(20)]
        assert len(set(values)) == 20
        assert max(map(abs, values)) < 8


def test_a_format_that_raises_says_so():
    fmt = fx.Format(8, 12, overflow="raise")
    with pytest.raises(fx.FixedOverflowError, match=r"Format\(8, 12"):
        INITIALIZERS["he_normal"](10, 10, fmt, 0)


def test_names():
    assert list(INITIALIZERS) == [*RANDOM, "zeros"]
    for name, function in INITIALIZERS.items():
        assert initializer_of(name) == initializer_of(function) == (name, function)

    def own(inputs, units, format, seed):
        return fx.ones((inputs, units), format)

    assert initializer_of(own) == ("custom", own)
    with pytest.raises(ValueError, match=r"'he'.*'glorot_uniform'.*'he_normal'"):
        initializer_of("he")
    for wrong in (None, 3, [own]):
        with pytest.raises(TypeError, match=r"name or a function \(inputs, units, format, seed\)"):
            initializer_of(wrong)


def test_weights_by_a_function_of_ones_own():
    fmt = fx.Format(8, 4, rounding="stochastic")
    wide = fx.random.uniform((2, 3), fx.Format(40, 36), low=-2, high=2, seed=1)
    assert raw_list(initial_weights(lambda *_: wide, 2, 3, fmt, 0)) == [
        oracle.quantize(value, fmt.replace(rounding="nearest_even"))
        for value in wide.to_fractions().reshape(-1)
    ]
    floats = initial_weights(lambda *_: np.full((2, 3), 0.09375), 2, 3, fmt, 0)
    assert floats.format == fmt
    assert raw_list(floats) == [2] * 6  # a tie, to even

    def drawing(inputs, units, format, seed):
        return fx.random.uniform((inputs, units), format)

    for seed, same in ((4, True), (5, False)):
        fx.seed(9)
        made = [initial_weights(drawing, 2, 30, fmt, given) for given in (4, seed)]
        assert (raw_list(made[0]) == raw_list(made[1])) == same
    assert initial_weights("he_normal", 2, 3, fmt, 4).shape == (2, 3)


def test_refused_weights():
    fmt = fx.Format(8, 4)

    def turned(inputs, units, format, seed):
        return fx.zeros((units, inputs), format)

    with pytest.raises(ValueError, match=r"turned made weights of shape \(3, 2\).*\(2, 3\)"):
        initial_weights(turned, 2, 3, fmt, 0)
    with pytest.raises(ValueError, match="nan"):
        initial_weights(lambda *_: np.full((2, 3), np.nan), 2, 3, fmt, 0)
