"""Losses: values, gradients and targets against exact ones."""

from fractions import Fraction

import mpmath
import numpy as np
import oracle
import pytest

import fxtypes as fx
from fxtypes_nn import (
    MLP,
    CrossEntropy,
    Dense,
    MeanSquaredError,
    Precision,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
)

CLASSES = [0, 1, 2, 3, 4, 0, 1]


def logits(fmt, shape=(7, 5)):
    return fx.array(np.random.default_rng(2).normal(scale=4, size=shape), fmt)


def softmax_network(logits, precision=None, **changes):
    """What `CrossEntropy` is told of a network with such logits."""
    precision = precision or Precision.uniform(24, 16)
    precision = precision.replace(logits=logits.format, **changes)
    return Sequential([Dense(logits.shape[1]), Softmax()], 3, precision).network


def exact_shares(z):
    """softmax by row, to 200 bits."""
    with mpmath.workprec(400):
        found = []
        for row in z.to_fractions():
            powers = [mpmath.exp(mpmath.mpf(v.numerator) / v.denominator) for v in row]
            total = mpmath.fsum(powers)
            found.append([Fraction(int(mpmath.floor(p / total * 2**200)), 2**200) for p in powers])
    return found


def one_hot(classes, count):
    return [[int(j == chosen) for j in range(count)] for chosen in classes]


@pytest.mark.parametrize("fmt", [fx.Format(24, 16), fx.Format(16, 10), fx.Format(128, 100)])
def test_cross_entropy_is_logsumexp_minus_the_chosen_logit(fmt):
    z = logits(fmt)
    with mpmath.workprec(300):
        expected = mpmath.mpf(0)
        for row, chosen in zip(z.to_fractions(), CLASSES, strict=True):
            values = [mpmath.mpf(v.numerator) / v.denominator for v in row]
            expected += mpmath.log(mpmath.fsum(mpmath.exp(v) for v in values)) - values[chosen]
    found = CrossEntropy().total(z, CLASSES)
    assert abs(float(found) - float(expected)) <= 7 * 2 * 2.0**-24


@pytest.mark.parametrize("fmt", [fx.Format(8, 4), fx.Format(128, 1), fx.Format(16, -4)])
def test_the_largest_loss_fits(fmt):
    z = fx.FixedArray.from_raw(np.array([[fmt.raw_min, fmt.raw_max]], object), fmt)
    expected = (fmt.raw_max - fmt.raw_min) * fmt.resolution
    assert CrossEntropy().total(z, [0]) == pytest.approx(expected, rel=1e-30, abs=1e-3)


@pytest.mark.parametrize("frac_bits", [-60, -100, -128, -256])
def test_a_loss_is_exact_in_formats_too_coarse_to_hold_it(frac_bits):
    """What the format could hold would leave it no fraction bits; what is there does."""
    zeros = fx.zeros((7, 5), fx.Format(16, frac_bits))
    assert float(CrossEntropy().total(zeros, CLASSES)) == pytest.approx(7 * np.log(5), abs=1e-5)
    assert MeanSquaredError().total(zeros, CLASSES) == Fraction(7, 5)


MODES = [mode.value for mode in fx.Rounding]


@pytest.mark.parametrize("rounding", MODES)
@pytest.mark.parametrize(
    ("width", "frac_bits"), [(16, 0), (16, 5), (16, 14), (16, 17), (128, 124), (128, 127)]
)
def test_its_gradient_is_rounded_once_in_every_mode(rounding, width, frac_bits):
    """Also where the format doesn't hold 1: 16 bits with 17 behind the point end at 1/4."""
    z = logits(fx.Format(24, 16))
    fmt = fx.Format(width, frac_bits, rounding=rounding)
    network = softmax_network(z, gradients=fmt)
    shares = exact_shares(z)
    with fx.seeded(9):
        found = CrossEntropy().gradient(z, np.array(CLASSES), network)
    assert found.format == fmt
    for i, row in enumerate(one_hot(CLASSES, 5)):
        for j, one in enumerate(row):
            u = oracle.u(9, 0, 5 * i + j) if rounding == "stochastic" else None
            expected = oracle.quantize(shares[i][j] - one, fmt, u)
            if rounding == "stochastic":  # which step draws is no promise
                low = oracle.quantize(shares[i][j] - one, fmt.replace(rounding="floor"))
                high = oracle.quantize(shares[i][j] - one, fmt.replace(rounding="ceil"))
                assert low <= found.raw[i, j] <= high
            else:
                assert found.raw[i, j] == expected, (i, j)


@pytest.mark.parametrize("scale", [1, 4, 64])
def test_a_scale_makes_the_gradient_so_many_times_larger(scale):
    z, fmt = logits(fx.Format(24, 16)), fx.Format(32, 20)
    network = softmax_network(z, gradients=fmt)
    found = CrossEntropy(scale).gradient(z, np.array(CLASSES), network)
    shares = exact_shares(z)
    for i, row in enumerate(one_hot(CLASSES, 5)):
        expected = [oracle.quantize(scale * (shares[i][j] - one), fmt) for j, one in enumerate(row)]
        assert found.raw[i].tolist() == expected


def test_probabilities_that_are_named_are_rounded_first():
    z = logits(fx.Format(24, 16))
    named, fmt = fx.Format(5, 4, signed=False), fx.Format(16, 12)
    network = softmax_network(z, gradients=fmt, probabilities=named)
    found = CrossEntropy().gradient(z, np.array(CLASSES), network)
    shares = exact_shares(z)
    for i, row in enumerate(one_hot(CLASSES, 5)):
        for j, one in enumerate(row):
            p = oracle.quantize(shares[i][j], named) * named.resolution
            assert found.raw[i, j] == oracle.quantize(p - one, fmt)


def test_an_approximated_softmax_gives_the_gradient_from_its_own_output():
    z, fmt = logits(fx.Format(24, 16)), fx.Format(16, 12)
    precision = Precision.uniform(24, 16).replace(gradients=fmt)
    model = Sequential([Dense(5), Softmax("piecewise_linear")], 3, precision)
    found = CrossEntropy().gradient(z, np.array(CLASSES), model.network)
    p = model.layers[-1].probabilities(z, precision.probabilities).to_fractions()
    expected = [
        [oracle.quantize(p[i][j] - one, fmt) for j, one in enumerate(row)]
        for i, row in enumerate(one_hot(CLASSES, 5))
    ]
    assert found.raw.tolist() == expected


@pytest.mark.parametrize("scale", [0, 3, -2, 2.0, True, "2"])
def test_scale_must_be_a_power_of_two(scale):
    with pytest.raises(ValueError, match="scale must be a power of two"):
        CrossEntropy(scale)


def test_cross_entropy_needs_a_softmax():
    x, y = np.zeros((4, 3)), [0, 1, 0, 1]
    for model in (
        Sequential([Dense(10), ReLU()], 3),
        Sequential([Dense(10)], 3),
        Sequential([Softmax()], 3),
        MLP([3, 2], output="sigmoid"),
    ):
        with pytest.raises(ValueError, match="CrossEntropy needs a Softmax after"):
            model.fit(x, y, progress=False)


def outputs_of(network_precision, values):
    return fx.array(values, network_precision.logits)


@pytest.mark.parametrize("width", [8, 16, 64, 128])
@pytest.mark.parametrize("rounding", ["nearest_even", "floor"])
def test_squared_error_and_its_gradient_are_rounded_once(width, rounding):
    gradients = fx.Format(width, width - 3, rounding=rounding)
    precision = Precision.uniform(width, width - 4).replace(gradients=gradients)
    network = Sequential([Dense(3)], 2, precision).network
    random = np.random.default_rng(0)
    y = outputs_of(precision, random.uniform(-8, 8, (6, 3)))
    loss = MeanSquaredError()
    targets = loss.targets(random.uniform(-8, 8, (6, 3)), 6, network)
    difference = y.to_fractions() - targets.to_fractions()
    found = loss.gradient(y, targets, network)
    expected = [[oracle.quantize(2 * v / 3, gradients) for v in row] for row in difference]
    assert found.raw.tolist() == expected
    exact = sum(v * v for v in difference.ravel()) / 3
    assert abs(float(loss.total(y, targets) - exact)) <= 18 / 3 * 2.0**-25


@pytest.mark.parametrize(
    "fmt",
    [
        fx.Format(128, 100),
        fx.Format(128, 140),
        fx.Format(128, -256),
        fx.Format(100, 80, signed=False),
        fx.Format(128, 127, signed=False),
    ],
)
@pytest.mark.parametrize("size", [1, 0.25])
@pytest.mark.parametrize("classes", [False, True])
def test_the_difference_is_exact_in_formats_that_leave_it_no_room(fmt, size, classes):
    random = np.random.default_rng(5)
    raws = [[int(v * size * fmt.raw_max) for v in random.uniform(-1, 1, 6)] for _ in range(2)]
    raws = [[(raw if fmt.signed else abs(raw)) | 1 for raw in row] for row in raws]
    y, t = (fx.FixedArray.from_raw(np.array(row, object).reshape(2, 3), fmt) for row in raws)
    precision = Precision.uniform(128, 100).replace(probabilities=fmt)
    network = Sequential([Dense(3), Sigmoid()], 2, precision).network
    targets = np.array([2, 0]) if classes else t
    exact = np.array(one_hot([2, 0], 3)) if classes else t.to_fractions()
    difference = y.to_fractions() - exact
    loss = MeanSquaredError()
    found = loss.gradient(y, targets, network)
    expected = [[oracle.quantize(2 * v / 3, found.format) for v in row] for row in difference]
    assert found.raw.tolist() == expected
    expected = sum(v * v for v in difference.ravel()) / 3
    assert loss.total(y, targets) == pytest.approx(expected, rel=1e-6, abs=18 * 2.0**-25)


def test_class_numbers_become_ones_and_zeros():
    precision = Precision.uniform(16, 8)
    network = Sequential([Dense(3)], 2, precision).network
    y = outputs_of(precision, [[0.5, 0, 1], [1, 1, 1]])
    loss = MeanSquaredError()
    classes = loss.targets([2, 0], 2, network)
    assert loss.total(y, classes) == (Fraction(1, 4) + 2) / 3
    assert loss.right(y, classes) == 2
    gradient = loss.gradient(y, classes, network).to_fractions()
    expected = [[oracle.quantize(Fraction(2 * v, 3), precision.gradients) for v in (0, 1, 1)]]
    assert (gradient[1] * 2**8).tolist() == expected[0]


@pytest.mark.parametrize(
    ("outputs", "y", "kind", "message"),
    [
        (3, np.zeros((4, 2)), ValueError, r"\(4, 3\) or class numbers of the shape \(4,\)"),
        (3, [0, 1, 2, 3], ValueError, "label 3 at index 3"),
        (3, [0.0, 1, 2, 1], TypeError, "integer dtype, got float64"),
        (1, [[1, 2]] * 4, ValueError, r"real targets of the shape \(4, 1\), got"),
        (1, ["a"] * 4, TypeError, "must be numbers"),
        (2, [[0, np.inf]] + [[0, 0]] * 3, ValueError, r"target inf at index \[0, 1\]"),
    ],
)
def test_targets_are_checked(outputs, y, kind, message):
    model = MLP([3, outputs], output="identity")
    with pytest.raises(kind, match=message):
        model.fit(np.zeros((4, 3)), y, loss=MeanSquaredError(), progress=False)


def test_a_single_output_takes_real_targets_of_either_shape():
    network = MLP([3, 1], output="identity").network
    for y in ([1, 2, 3], [[1], [2], [3]]):
        targets = MeanSquaredError().targets(y, 3, network)
        assert targets.tolist() == [[1], [2], [3]]


@pytest.mark.parametrize("rounding", ["floor", "nearest_away", "odd", "stochastic"])
def test_real_targets_are_rounded_as_the_outputs_format_says(rounding):
    fmt = fx.Format(8, 3, rounding=rounding)
    network = MLP([2, 2], output="identity", precision=Precision.uniform(8, 3).replace(logits=fmt))
    y = np.array([[0.3, -0.3], [0.0625, -0.0625], [99, -99]])
    expected = fmt.replace(rounding="nearest_even") if rounding == "stochastic" else fmt
    found = MeanSquaredError().targets(y, 3, network.network)
    assert found.format == fmt
    exact = [[oracle.quantize(Fraction(v), expected) for v in row] for row in y.tolist()]
    assert found.raw.tolist() == exact
