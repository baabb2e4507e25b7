"""Precision.auto: formats from what a network's tensors reach."""

import math
from fractions import Fraction

import numpy as np
import pytest
from float_reference import FloatMLP

import fxtypes as fx
from fxtypes_nn import (
    MLP,
    SGD,
    CrossEntropy,
    Dense,
    Dropout,
    LeakyReLU,
    MeanSquaredError,
    Precision,
    Sequential,
    Softmax,
    Tanh,
    datasets,
)
from fxtypes_nn.model.auto import Seen

DIGITS = datasets.load("digits")
COMPUTED = (
    "weights",
    "biases",
    "inputs",
    "pre_activations",
    "activations",
    "logits",
    "probabilities",
    "gradients",
)


def clusters(scale, samples=600, features=12, classes=5):
    """Samples around a centre for each class, by `scale` away from 0, either sign."""
    random = np.random.default_rng(7)
    y = np.arange(samples) % classes
    centres = random.normal(size=(classes, features))
    return scale * (centres[y] + 0.6 * random.normal(size=(samples, features))), y


@pytest.fixture(scope="module")
def trained():
    """Its weights are final: nothing is trained to see what they reach."""
    model = MLP([64, 16, 10], hidden="sigmoid", precision=Precision.preset(64), seed=3)
    lazy = DIGITS.lazy(model.precision.inputs)
    model.fit(lazy.x_train, lazy.y_train, epochs=10, optimizer=SGD(0.5), progress=False)
    return model


def draw():
    return fx.array([0.3] * 40, fx.Format(8, 0, rounding="stochastic")).raw.tolist()


def bits_for(magnitude):
    """The least k so that it is at most 2**k."""
    return math.ceil(math.log2(magnitude))


@pytest.mark.parametrize("scale", [1, 40, 2**31 - 1])
def test_counts_by_power_of_two(scale):
    random = np.random.default_rng(scale)
    values = (random.normal(size=5000) ** 3 * scale).clip(1 - 2**31, 2**31 - 1)
    values[:50] = 0
    values[50:60] = 2.0 ** np.arange(10)
    values = np.round(values * 2.0**20) / 2.0**20  # exact in 64 bits
    seen = Seen()
    for part in np.split(values, 5):
        seen.add(fx.array(part, fx.Format(64, 32)))
    magnitudes = sorted(abs(Fraction(value)) for value in values.tolist() if value)
    rest = magnitudes[: len(magnitudes) - len(magnitudes) // 1000]
    assert seen.reach() == bits_for(magnitudes[-1])
    assert seen.usual() == bits_for(rest[-1])
    assert seen.most == magnitudes[-1] * 2**32


def test_points_are_where_float64_says(trained):
    """At 10 bits nothing is added to what a trained network reaches."""
    x = DIGITS.x_train / 16
    found = Precision.auto(trained, x, DIGITS.y_train, 10)
    twin = FloatMLP.like(trained)
    inputs, logits = twin.forward(x)
    for index, name in enumerate(("dense1", "dense2")):
        both = (twin.weights[index], twin.biases[index])
        reach = max(bits_for(np.abs(values).max()) for values in both)
        own = found.for_layer(name)
        assert own.weights == own.updates == fx.Format(10, 9 - reach, rounding="stochastic")
    assert found.for_layer("dense2").logits == fx.Format(10, 9 - bits_for(np.abs(logits).max()))
    before = np.abs(inputs[0] @ twin.weights[0] + twin.biases[0]).max()
    # Where a sigmoid follows, what is beyond 8 makes no difference.
    expected = fx.Format(10, 9 - min(bits_for(before), 3))
    assert found.for_layer("dense1").pre_activations == expected
    assert found.for_layer("sigmoid1").activations == fx.Format(10, 10, signed=False)
    assert found.inputs == fx.Format(10, 9, signed=False)  # 1 is one of the values
    assert found.probabilities.max >= 1


def test_gradients_get_points_of_their_own(trained):
    found = Precision.auto(trained, DIGITS.x_train / 16, DIGITS.y_train, 8)
    frac_bits = {
        name: found.for_layer(name).gradients.frac_bits
        for name in ("dense1", "sigmoid1", "dense2", "softmax1")
    }
    assert frac_bits["softmax1"] == 7  # p - onehot, from -1 to 1
    assert frac_bits["dense1"] > frac_bits["sigmoid1"] > frac_bits["dense2"]


@pytest.mark.parametrize("width", [2, 4, 8, 9, 10, 12, 16, 24, 33, 64, 128])
def test_nothing_is_stored_wider_but_updates_below_10_bits(width):
    x, y = clusters(1)
    model = MLP([12, 8, 5], seed=1)
    found = Precision.auto(model, x, y, width)
    for own in (found, *found.layers.values()):
        for role in COMPUTED:
            assert getattr(own, role).width == width, role
        assert own.updates.width == own.state.width == (16 if width < 10 else width)
        assert own.accumulator is None
        assert not own.names_probabilities
        stochastic = own.updates.rounding == own.gradients.rounding == "stochastic"
        assert stochastic == (width < 24)
    MLP([12, 8, 5], precision=found, seed=1).fit(x, y, progress=False)


@pytest.mark.parametrize("scale", [1 / 64, 1, 30])
@pytest.mark.filterwarnings("ignore:inputs reach", "ignore:the softmax is saturated")
@pytest.mark.parametrize("hidden", ["relu", "sigmoid", "tanh"])
def test_learns_from_data_of_any_scale(hidden, scale):
    """As well as float64 from the same weights, within what 200 test samples tell."""
    x, y = clusters(scale, 800)
    sizes = [12, 16, 5]
    found = Precision.auto(MLP(sizes, hidden=hidden, seed=1), x[:600], y[:600], 8)
    model = MLP(sizes, hidden=hidden, precision=found, seed=1)
    twin = FloatMLP.like(model)
    rate = min(0.1, 1 / scale**2) if hidden == "relu" else 0.1
    fixed = fx.array(x, found.inputs)  # of the last 200 samples some saturate, without a warning
    model.fit(fixed[:600], y[:600], 15, 16, optimizer=SGD(rate), progress=False)
    twin.fit(x[:600], y[:600], epochs=15, batch_size=16, learning_rate=rate, seed=1)
    accuracy = model.evaluate(fixed[600:], y[600:])["accuracy"]
    assert accuracy >= twin.accuracy(x[600:], y[600:]) - 0.05


@pytest.mark.parametrize("scale", [1 / 16, 30])
@pytest.mark.filterwarnings("ignore:inputs reach")
def test_beats_the_preset_where_values_are_tiny_or_large(scale):
    x, y = clusters(scale)
    rate = max(0.1, 1 / 16 / scale)
    accuracies = []
    for precision in (
        Precision.preset(8),
        Precision.auto(MLP([12, 16, 5], hidden="sigmoid"), x, y, 8),
    ):
        model = MLP([12, 16, 5], hidden="sigmoid", precision=precision)
        inputs = fx.array(x, precision.inputs)  # without the warning
        model.fit(inputs, y, 10, 16, optimizer=SGD(rate), progress=False)
        accuracies.append(model.evaluate(inputs, y)["accuracy"])
    assert accuracies[1] > accuracies[0], accuracies


@pytest.mark.filterwarnings("ignore:inputs reach")
def test_inputs_hold_every_sample():
    x, y = clusters(1)
    x[-1, 3] = 37.5  # in none of the rows that a small trial would look at first
    found = Precision.auto(MLP([12, 5]), x, y, 8)
    assert found.inputs == fx.Format(8, 1)
    MLP([12, 5], precision=found).fit(x, y, progress=False)  # a warning would be an error


@pytest.mark.parametrize("kind", ["lazy", "fixed", "floats", "integers"])
def test_takes_samples_as_fit_does(kind):
    model = MLP([64, 10], seed=2)
    x = {
        "lazy": DIGITS.lazy(fx.Format(8, 1)).x_train,  # its own format doesn't matter
        "fixed": DIGITS.to_fixed(fx.Format(16, 10)).x_train,
        "floats": DIGITS.x_train / 16,
        "integers": DIGITS.x_train,
    }[kind]
    found = Precision.auto(model, x, DIGITS.y_train, 16)
    assert found.inputs == fx.Format(16, 11 if kind == "integers" else 15, signed=False)
    if kind != "integers":
        assert found == Precision.auto(model, DIGITS.x_train / 16, DIGITS.y_train, 16)


def test_the_model_and_the_callers_context_stay_as_they_are(trained):
    x, y = DIGITS.x_train / 16, DIGITS.y_train
    for model in (trained, MLP([64, 8, 10], precision=Precision.preset(8))):
        before, state = model.parameters(), model.training
        expected = Precision.auto(model, x, y, 8)
        with fx.seeded(5):
            alone = draw()
        with fx.seeded(5), fx.full_precision(), fx.record() as events:
            assert Precision.auto(model, x, y, 8) == expected
            after = draw()
        assert alone == after
        assert events.overflow == 0
        assert model.training is state
        for name, values in model.parameters().items():
            np.testing.assert_array_equal(values.raw, before[name].raw)
            assert values.format == before[name].format


def test_the_report_names_all_and_is_no_part_of_the_formats():
    model = Sequential(
        [Dense(16), Tanh(), Dropout(0.2), Dense(8), LeakyReLU(0.25), Dense(10), Softmax()], 64
    )
    found = Precision.auto(model, DIGITS.x_train / 16, DIGITS.y_train, 8)
    lines = found.report.splitlines()
    assert "256 steps of SGD(0.1)" in lines[0]
    starts = [line.split()[:2] for line in lines]
    assert ["inputs", "(8,"] in starts
    for layer in model.layers:
        wanted = {layer.role if layer.role != "probabilities" else "activations", "gradients"}
        wanted |= {"weights", "biases", "updates"} if layer.parameters else set()
        for role in wanted:
            assert [layer.name, role] in starts, (layer.name, role)
    missing = lines[lines.index("not inferred:") :]
    assert any(line.strip().startswith("state: ") for line in missing)
    assert any(line.strip().startswith("accumulator: ") for line in missing)
    bare = Precision.from_dict(found.to_dict())
    assert bare == found
    assert hash(bare) == hash(found)
    assert bare.report is None
    assert "SGD" not in repr(found)
    assert found.replace().report is None
    assert Precision.preset(8).report is None


def test_names_what_it_could_not_infer():
    """A layer whose output and gradients are all 0 tells nothing."""
    model = MLP([4, 3, 2], precision=Precision.preset(32))
    zeros = {name: np.zeros(values.shape) for name, values in model.parameters().items()}
    model.set_parameters(zeros)
    found = Precision.auto(model, np.zeros((8, 4)), np.arange(8) % 2, 12)
    missing = found.report.partition("not inferred:")[2]
    for name in ("weights of dense1", "pre_activations of dense1", "gradients of relu1"):
        assert name in missing
    assert found.pre_activations == Precision.preset(12).pre_activations


def test_says_that_training_diverges():
    random = np.random.default_rng(0)
    x = random.uniform(0, 30000, (200, 6))
    y = random.normal(size=(200, 2)) * 1000
    found = Precision.auto(MLP([6, 8, 2], output="identity"), x, y, 16)
    assert "diverges" in found.report


def test_regression_and_a_last_sigmoid():
    x, y = clusters(1)
    found = Precision.auto(MLP([12, 8, 2], output="identity"), x, x[:, :2] * 10, 16)
    assert found.for_layer("dense2").logits.max >= np.abs(x[:, :2] * 10).max() / 2
    found = Precision.auto(MLP([12, 5], output="sigmoid"), x, y, 8)
    assert found.for_layer("sigmoid1").probabilities == fx.Format(8, 7, signed=False)


def test_follows_the_last_fits_loss():
    x, y = clusters(1)
    model = MLP([12, 5], output="sigmoid")
    model.fit(x, y, loss=MeanSquaredError(), progress=False)
    assert Precision.auto(model, x, y, 8).report.startswith(
        "Precision.auto at 8 bits, from the model's own weights"
    )
    model = MLP([12, 5])
    model.fit(x, y, loss=CrossEntropy(), progress=False)
    Precision.auto(model, x, y, 8)


@pytest.mark.parametrize("width", [1, 129, 0, 8.0, "8", True, None])
def test_refuses_other_widths(width):
    x, y = clusters(1)
    with pytest.raises(ValueError, match=r"from 2 to 128, got"):
        Precision.auto(MLP([12, 5]), x, y, width)


def test_refuses_what_does_not_fit():
    x, y = clusters(1)
    with pytest.raises(TypeError, match="model must be a Sequential or an MLP, got 3"):
        Precision.auto(3, x, y, 8)
    with pytest.raises(ValueError, match=r"\(samples, 13\)"):
        Precision.auto(MLP([13, 5]), x, y, 8)
    with pytest.raises(ValueError, match=r"label 4 .* 0 to 3"):
        Precision.auto(MLP([12, 4]), x, y, 8)
    with pytest.raises(TypeError, match="numbers"):
        Precision.auto(MLP([12, 5]), np.full((3, 12), "a"), y[:3], 8)
    x[5, 5] = np.nan
    with pytest.raises(ValueError, match="finite"):
        Precision.auto(MLP([12, 5]), x, y, 8)
