"""MLP: gradients of the whole network, training, seeds, and what it refuses."""

import numpy as np
import pytest
from float_reference import FloatMLP

import fxtypes as fx
from fxtypes_nn import MLP, SGD, CrossEntropy, Precision, datasets

WIDE = Precision.uniform(64, 40)


def blobs(samples=60, features=6, classes=3, seed=0):
    """A small problem: points around one centre a class, and their classes."""
    generator = np.random.default_rng(seed)
    y = generator.integers(0, classes, samples)
    centres = np.random.default_rng(99).normal(size=(classes, features))
    return centres[y] + 0.2 * generator.normal(size=(samples, features)), y


def raws(model):
    return {name: values.raw.tolist() for name, values in model.parameters().items()}


@pytest.mark.parametrize("hidden", ["relu", "sigmoid"])
@pytest.mark.parametrize("sizes", [[6, 3], [6, 5, 3], [6, 5, 4, 3]])
def test_gradients_agree_with_float64(hidden, sizes):
    model = MLP(sizes, hidden=hidden, precision=WIDE, seed=1)
    x, y = blobs()
    loss, by_weights, by_bias = FloatMLP.like(model).gradients(x, y)
    logits, backward = model._logits(fx.array(x, WIDE.activations))
    found = backward(CrossEntropy().gradient(logits, y, WIDE.gradients))
    assert CrossEntropy().values(logits, y).to_numpy().mean() == pytest.approx(loss, abs=1e-10)
    for index in range(len(sizes) - 1):
        for name, expected in (("weights", by_weights[index]), ("bias", by_bias[index])):
            mean = found[f"dense{index + 1}.{name}"].to_numpy() * 64 / 60
            np.testing.assert_allclose(mean, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("hidden", ["relu", "sigmoid"])
def test_training_at_64_bits_follows_float64(hidden):
    model = MLP([6, 5, 3], hidden=hidden, precision=WIDE, seed=4)
    twin = FloatMLP.like(model)
    x, y = blobs()
    model.fit(x, y, epochs=3, batch_size=8, optimizer=SGD(0.1), progress=False)
    twin.fit(x, y, epochs=3, batch_size=8, learning_rate=0.1, seed=4)
    expected = [a for pair in zip(twin.weights, twin.biases, strict=True) for a in pair]
    for values, floats in zip(model.parameters().values(), expected, strict=True):
        np.testing.assert_allclose(values.to_numpy(), floats, rtol=0, atol=1e-9)


@pytest.mark.parametrize("width", [8, 9, 10, 12, 16, 24, 32, 65, 128])
def test_every_preset_learns(width):
    model = MLP([6, 8, 3], precision=Precision.preset(width), seed=2)
    x, y = blobs(120)
    history = model.fit(x, y, epochs=8, batch_size=8, progress=False)
    assert model.evaluate(*blobs(60, seed=1))["accuracy"] > 0.9
    assert np.mean(history["loss"][-10:]) < np.mean(history["loss"][:10]) / 2
    for values in model.parameters().values():
        assert values.format == model.precision.updates


def test_momentum_and_weight_decay_train():
    model = MLP([6, 8, 3], precision=Precision.preset(16), seed=2)
    x, y = blobs(120)
    model.fit(x, y, epochs=4, batch_size=8, optimizer=SGD(0.05, 0.9, 1e-3), progress=False)
    assert model.evaluate(*blobs(60, seed=1))["accuracy"] > 0.9


def test_a_seed_gives_the_same_bits_and_leaves_the_process_stream_alone():
    x, y = blobs()
    coarse = fx.Format(8, 0, rounding="stochastic")
    found = []
    for seed in (3, 3, 4):
        fx.seed(11)
        model = MLP([6, 5, 3], precision=Precision.preset(12), seed=seed)
        history = model.fit(x, y, epochs=2, validation=0.2, progress=False)
        model.evaluate(x, y)
        model.predict_proba(x)
        after = fx.array([0.5] * 64, coarse).raw.tolist()
        found.append((raws(model), history["loss"], history["validation_accuracy"], after))
    fx.seed(11)
    assert fx.array([0.5] * 64, coarse).raw.tolist() == found[0][3] == found[2][3]
    assert found[0] == found[1]
    assert found[0][0] != found[2][0]


def test_validation_and_evaluation_change_no_bit():
    x, y = blobs()
    bits = []
    for validation in (None, (x, y)):
        model = MLP([6, 5, 3], precision=Precision.preset(12))
        model.fit(x, y, epochs=2, batch_size=16, validation=validation, progress=False)
        bits.append(raws(model))
    assert bits[0] == bits[1]


def test_two_fits_of_one_epoch_are_one_fit_of_two():
    x, y = blobs()
    once, twice = (MLP([6, 5, 3], precision=Precision.preset(12)) for _ in range(2))
    once.fit(x, y, epochs=2, progress=False)
    twice.fit(x, y, progress=False)
    twice.fit(x, y, progress=False)
    assert raws(once) == raws(twice)
    assert once.epochs_trained == twice.epochs_trained == 2


def test_inference_does_not_depend_on_batches():
    x, y = blobs(1500)
    model = MLP([6, 5, 3], precision=Precision.preset(16))
    model.fit(x, y, progress=False)
    proba = model.predict_proba(x)
    assert proba.format == model.precision.activations
    assert proba.shape == (1500, 3)
    assert proba[1024:].raw.tolist() == model.predict_proba(x[1024:]).raw.tolist()
    classes = model.predict(x)
    assert classes.dtype == np.int64
    logits = model._logits(fx.array(x, model.precision.activations))[0]
    assert classes.tolist() == logits.raw.argmax(axis=1).tolist()
    measured = model.evaluate(x, y)
    assert measured["accuracy"] == np.mean(classes == y)
    losses = CrossEntropy().values(logits, y)
    assert measured["loss"] == pytest.approx(losses.to_numpy().mean(), rel=1e-12)


def test_inputs_are_converted_value_for_value():
    model = MLP([3, 2], precision=Precision.uniform(16, 8))
    fixed = fx.array([[0, 1, 2], [3, 4, 250]], model.precision.activations)
    for x in ([[0, 1, 2], [3, 4, 250]], np.array([[0, 1, 2], [3, 4, 250]], np.uint8), fixed):
        assert model._inputs(x).raw.tolist() == [[0, 256, 512], [768, 1024, 32767]]
    wider = fx.array([[0, 1, 2]], fx.Format(32, 20))
    assert model._inputs(wider).raw.tolist() == [[0, 256, 512]]
    assert model._inputs(fixed) is fixed


def test_parameters_are_copies():
    model = MLP([3, 2])
    model.parameters()["dense1.bias"][0] = 1
    assert model.parameters()["dense1.bias"].tolist() == [0, 0]


def test_digits_are_learned_at_16_bits():
    precision = Precision.preset(16)
    digits = datasets.load("digits").to_fixed(precision.activations)
    model = MLP([64, 32, 10], precision=precision)
    model.fit(digits.x_train, digits.y_train, epochs=6, batch_size=32, progress=False)
    assert model.evaluate(digits.x_test, digits.y_test)["accuracy"] > 0.85


def test_summary_names_layers_and_formats():
    text = MLP([6, 5, 3], precision=Precision.preset(16)).summary()
    assert "53 parameters in all" in text
    for word in ("Dense", "ReLU", "Softmax", "updates", "Q2.13 stochastic"):
        assert word in text


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([6, 0, 3], "layer 1 of layer_sizes .* at least 1 .*, got 0"),
        ([6, 5, -2], "layer 2 .* got -2"),
        ([2.5, 3], "layer 0 .* got 2.5"),
        ([6], r"at least, got \[6\]"),
        ([], r"at least, got \[\]"),
    ],
)
def test_refuses_layer_sizes(sizes, message):
    with pytest.raises(ValueError, match=message):
        MLP(sizes)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"hidden": "tan"}, ValueError, "hidden must be one of relu, sigmoid, got 'tan'"),
        ({"output": None}, ValueError, "output must be one of softmax, got None"),
        ({"precision": 16}, TypeError, "precision must be a Precision, got 16"),
        ({"seed": "a"}, TypeError, "seed must be an integer, got 'a'"),
    ],
)
def test_refuses_options(arguments, kind, message):
    with pytest.raises(kind, match=message):
        MLP([6, 3], **arguments)


@pytest.mark.parametrize(
    ("x", "y", "options", "kind", "message"),
    [
        (np.ones((4, 5)), [0] * 4, {}, ValueError, r"\(samples, 6\) .* got \(4, 5\)"),
        (np.ones(6), [0], {}, ValueError, r"got \(6,\)"),
        (np.ones((0, 6)), [], {}, ValueError, "at least one sample"),
        (np.full((4, 6), np.nan), [0] * 4, {}, ValueError, "(?i)nan"),
        (np.ones((4, 6)), [0] * 3, {}, ValueError, r"shape \(4,\), got \(3,\)"),
        (np.ones((4, 6)), [0, 1, 3, 0], {}, ValueError, "label 3 at index 2 .* 3 classes, 0 to 2"),
        (np.ones((4, 6)), [0, -1, 0, 0], {}, ValueError, "label -1 at index 1"),
        (np.ones((4, 6)), [0.0, 1, 0, 0], {}, TypeError, "integer dtype, got float64"),
        (np.ones((4, 6)), [0] * 4, {"epochs": 0}, ValueError, "epochs .* got 0"),
        (np.ones((4, 6)), [0] * 4, {"batch_size": 2.5}, ValueError, "batch_size .* got 2.5"),
        (np.ones((4, 6)), [0] * 4, {"validation": 1.5}, ValueError, "validation=1.5"),
        (np.ones((4, 6)), [0] * 4, {"validation": 0.01}, ValueError, "4 samples"),
        (np.ones((4, 6)), [0] * 4, {"validation": [1]}, TypeError, "pair"),
        (
            np.ones((4, 6)),
            [0] * 4,
            {"validation": (np.ones((1, 6)), [7])},
            ValueError,
            "label 7 at index 0",
        ),
    ],
)
def test_fit_refuses(x, y, options, kind, message):
    model = MLP([6, 3], precision=Precision.preset(16))
    before = raws(model)
    with pytest.raises(kind, match=message):
        model.fit(x, y, progress=False, **options)
    assert raws(model) == before
    assert model.epochs_trained == 0


def test_overflow_that_should_raise_stops_training():
    one = fx.Format(16, 12, overflow="raise")
    model = MLP([6, 3], precision=Precision(one, one, one, one))
    with pytest.raises(fx.FixedOverflowError):
        model.fit(100 * np.ones((4, 6)), [0] * 4, progress=False)
