"""The twin in floating point: held against differences, another twin, and 96 fixed-point bits."""

import dataclasses
import sys
import tracemalloc

import numpy as np
import pytest
from float_reference import FloatMLP

import fxtypes as fx
from fxtypes_nn import (
    MLP,
    SGD,
    Adam,
    Cosine,
    Dense,
    Dropout,
    Layer,
    LeakyReLU,
    PowersOfTwo,
    Precision,
    ReLU,
    Sequential,
    Softmax,
    StepDecay,
    WarmUp,
    datasets,
)
from fxtypes_nn.datasets import LazyArray, Shift
from fxtypes_nn.studies.floats import FloatNetwork, FloatOptions
from fxtypes_nn.studies.floats_torch import TorchNetwork
from fxtypes_nn.training.optimizers import Optimizer

WIDE = Precision.uniform(120, 90)
RANDOM = np.random.default_rng(5)
X, Y = RANDOM.normal(size=(40, 6)), np.arange(40) % 3
HIDDEN = ("relu", "sigmoid", "tanh")


def twins(model, optimizer, other=None, **options):
    """The model and its twin, each trained; the histories too."""
    twin = FloatNetwork(model)
    mine = twin.fit(X, Y, FloatOptions(3, 7, other or optimizer, **options), (X, Y))
    validation = {"validation": (X, Y), "progress": False}
    theirs = model.fit(X, Y, 3, 7, optimizer=optimizer, **validation, **options)
    return twin, mine, theirs


def assert_alike(model, twin, tolerance=1e-6):
    for name, values in model.parameters().items():
        found = twin.parameters[name]
        np.testing.assert_allclose(found, values.to_numpy(), rtol=0, atol=tolerance)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("momentum", [0, 0.75])
def test_as_the_reference(hidden, momentum):
    """Two programs of the same mathematics, written apart."""
    model = MLP([6, 5, 4, 3], hidden=hidden, seed=2)
    reference, twin = FloatMLP.like(model), FloatNetwork(model)
    twin.fit(X, Y, FloatOptions(2, 7, SGD(0.25, momentum=momentum)))
    twin.fit(X, Y, FloatOptions(1, 7, SGD(0.25, momentum=momentum)))
    options = {"batch_size": 7, "learning_rate": 0.25, "momentum": momentum, "seed": 2}
    reference.fit(X, Y, epochs=3, **options)
    for mine, theirs in zip(twin.parameters.values(), reference.parameters, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12)
    assert twin.evaluate(X, Y)[1] == reference.accuracy(X, Y)


def layers():
    return [Dropout(0.25), Dense(7), LeakyReLU(0.1), Dropout(0.5), Dense(3), Softmax()]


def test_gradients_are_differences():
    """With dropout, whose masks are those of the iteration."""
    twin = FloatNetwork(Sequential(layers(), 6, seed=1))
    _, _, gradients = twin.gradients(X, Y, 3)
    step = 1e-6
    for name, values in twin.parameters.items():
        for index in np.ndindex(values.shape):
            kept, losses = values[index], []
            for end in (kept + step, kept - step):
                values[index] = end
                losses.append(twin.gradients(X, Y, 3)[0])
            values[index] = kept
            slope = (losses[0] - losses[1]) / (2 * step)
            assert gradients[name][index] == pytest.approx(slope, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.25),
        SGD(0.05, momentum=0.9, weight_decay=0.01),
        SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
        SGD(Cosine(0.5, 15, 3)),
        SGD(WarmUp(StepDecay(0.5, 0.5, 5), 4)),
        SGD(PowersOfTwo(0.3)),
        Adam(0.02),
        Adam(0.02, weight_decay=0.1),
    ],
    ids=str,
)
def test_120_bits_follow(hidden, optimizer):
    model = MLP([6, 5, 4, 3], hidden=hidden, precision=WIDE, seed=2)
    twin, mine, theirs = twins(model, optimizer)
    assert_alike(model, twin)
    for column in ("iteration", "epoch", "accuracy", "validation_accuracy"):
        assert mine[column] == theirs[column]
    for column in ("loss", "validation_loss", "dense1.weights.max", "dense2.bias.abs_max"):
        for found, expected in zip(mine[column], theirs[column], strict=True):
            assert found == (expected if expected is None else pytest.approx(expected, abs=1e-6))
    assert twin.predict(X).tolist() == model.predict(X).tolist()


def test_layers_of_all_kinds_follow():
    model = Sequential(layers(), 6, WIDE, seed=4)
    twin, _, _ = twins(model, SGD(0.1))
    assert_alike(model, twin)
    # Without a bias, and with the second dropout's own draws.
    model = Sequential([Dense(5, bias=False), ReLU(), Dropout(0.3), Dense(3), Softmax()], 6, WIDE)
    twin, _, _ = twins(model, SGD(0.1), validation_every=2, watch_every=3)
    assert_alike(model, twin)


def test_it_goes_on_from_a_trained_model():
    model = MLP([6, 5, 3], precision=WIDE, seed=2)
    model.fit(X, Y, 1, 7, optimizer=SGD(0.25), progress=False)
    twin, mine, _ = twins(model, SGD(0.25))
    assert_alike(model, twin)
    assert mine["iteration"][0] == 7
    assert mine["epoch"][0] == 2


@pytest.mark.parametrize("standardise", [False, True])
def test_data_sets_and_augmentation(standardise):
    digits = datasets.load("digits")
    digits = dataclasses.replace(digits, x_train=digits.x_train[:100], y_train=digits.y_train[:100])
    lazy = (digits.standardise() if standardise else digits).lazy(WIDE.inputs)
    model = MLP([64, 8, 10], precision=WIDE, seed=3)
    twin, shift = FloatNetwork(model), Shift(1)
    optimizer = SGD(0.1)
    twin.fit(lazy.x_train, lazy.y_train, FloatOptions(2, 32, optimizer, shift))
    model.fit(lazy.x_train, lazy.y_train, 2, 32, optimizer=optimizer, augment=shift, progress=False)
    assert_alike(model, twin)
    rows = np.array([3, 1])
    expected = lazy.x_train[rows].to_numpy()
    np.testing.assert_allclose(twin.samples(lazy.x_train, rows), expected, atol=1e-12)
    fixed = lazy.x_train[:]
    np.testing.assert_allclose(twin.samples(fixed), fixed.to_numpy(), atol=1e-12)


def test_a_constant_feature_is_0():
    numbers = np.array([[1.0, 7], [3, 7], [5, 7]])
    by = datasets.Standardisation.of(numbers)
    twin = FloatNetwork(MLP([2, 2]))
    found = twin.samples(LazyArray(numbers, fx.Format(16, 8), standardisation=by))
    assert found[:, 1].tolist() == [0, 0, 0]
    assert found[:, 0].tolist() == pytest.approx([-1.22474487, 0, 1.22474487])


def test_float32_stays_float32():
    model = MLP([6, 5, 3], seed=2)
    for optimizer in (SGD(0.25, momentum=0.5, weight_decay=0.1), Adam(weight_decay=0.1)):
        single, double = FloatNetwork(model, np.float32), FloatNetwork(model)
        for twin in (single, double):
            twin.fit(X, Y, FloatOptions(2, 7, optimizer))
        for name, values in single.parameters.items():
            assert values.dtype == np.float32
            assert np.abs(values - double.parameters[name]).max() < 1e-4
            assert (values != double.parameters[name]).any()
        assert single.outputs(X).dtype == np.float32
    assert single.seconds > 0


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.1),
        SGD(Cosine(0.1, 15, 3), momentum=0.9, weight_decay=0.01),
        SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
        Adam(0.02, weight_decay=0.1),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [*HIDDEN, "dropout"])
def test_torch_follows(kind, optimizer):
    """Its own gradients and optimisers, which nobody here wrote."""
    pytest.importorskip("torch")
    model = Sequential(layers(), 6) if kind == "dropout" else MLP([6, 5, 4, 3], hidden=kind)
    ours, theirs = FloatNetwork(model, np.float32), TorchNetwork(model)
    mine, other = (twin.fit(X, Y, FloatOptions(3, 7, optimizer), (X, Y)) for twin in (ours, theirs))
    for name, values in ours.parameters.items():
        np.testing.assert_allclose(values, theirs.parameters[name], rtol=0, atol=2e-4)
    np.testing.assert_allclose(mine["loss"], other["loss"], atol=2e-4)
    assert mine["accuracy"] == other["accuracy"]
    assert mine.last("validation_accuracy") == other.last("validation_accuracy")
    np.testing.assert_allclose(ours.outputs(X), theirs.outputs(X), atol=1e-3)


def test_without_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="torch is needed for --floats torch: pip install torch"):
        TorchNetwork(MLP([6, 3]))


def test_one_that_diverges_says_so_and_warns_of_nothing():
    twin = FloatNetwork(MLP([6, 5, 3], seed=2))
    history = twin.fit(1e3 * X, Y, FloatOptions(3, 7, SGD(1e30)), (X, Y))
    assert not np.isfinite(history["loss"][-1])
    assert len(history) == 18


def test_what_has_no_twin_is_named():
    class Own(Layer):
        def forward(self, x, context):
            return x, lambda gradient: (gradient, {})

    class OwnSteps(Optimizer):
        pass

    with pytest.raises(ValueError, match="own1, a Own, has no twin"):
        FloatNetwork(Sequential([Dense(3), Own(), Softmax()], 6))
    with pytest.raises(ValueError, match=r"ends in a Softmax, got Sigmoid\(.*"):
        FloatNetwork(MLP([6, 3], output="sigmoid"))
    with pytest.raises(ValueError, match="OwnSteps has no twin"):
        FloatNetwork(MLP([6, 3])).fit(X, Y, FloatOptions(1, 7, OwnSteps()))


def test_samples_are_converted_a_batch_at_a_time():
    """Of a large array only the rows that are asked for, with the same numbers."""
    x = fx.array(RANDOM.normal(size=(50_000, 6)), fx.Format(16, 12))
    twin, rows = FloatNetwork(MLP([6, 3])), np.array([4, 40_000, 7])
    whole = x.to_numpy()
    tracemalloc.start()
    try:
        found = twin.samples(x, rows)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.tolist() == whole[rows].tolist()
    assert peak < whole.nbytes / 20
    assert twin.samples(x).tolist() == whole.tolist()
