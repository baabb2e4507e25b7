"""MLP: gradients of the whole network, training, seeds, and what it refuses."""

import contextlib
import warnings

import numpy as np
import pytest
from float_reference import FloatMLP

import fxtypes as fx
from fxtypes_nn import (
    MLP,
    SGD,
    Adam,
    CrossEntropy,
    Cutoff,
    Dense,
    Dropout,
    EarlyStopping,
    LeakyReLU,
    MeanSquaredError,
    Precision,
    Sequential,
    Softmax,
    Tanh,
    Trainer,
    TrainingWarning,
    datasets,
)
from fxtypes_nn.layers import Context
from fxtypes_nn.training.samples import checked_samples

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
    logits, backward = model.run(fx.array(x, WIDE.inputs), Context(training=True), 1)
    found = backward(CrossEntropy().gradient(logits, y, model.network))
    assert float(CrossEntropy().total(logits, y)) / 60 == pytest.approx(loss, abs=1e-7)
    for index in range(len(sizes) - 1):
        for name, expected in (("weights", by_weights[index]), ("bias", by_bias[index])):
            gradient, scale = found[f"dense{index + 1}.{name}"]
            mean = gradient.to_numpy() * float(scale) / 60
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
        np.testing.assert_allclose(values.to_numpy(), floats, rtol=0, atol=1e-7)


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
    model.fit(
        x,
        y,
        epochs=4,
        batch_size=8,
        optimizer=SGD(0.05, momentum=0.9, weight_decay=1e-3),
        progress=False,
    )
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
    assert proba.format == model.precision.probabilities
    assert proba.shape == (1500, 3)
    assert proba[1024:].raw.tolist() == model.predict_proba(x[1024:]).raw.tolist()
    classes = model.predict(x)
    assert classes.dtype == np.int64
    logits = model.outputs(x, 1)
    assert classes.tolist() == logits.raw.argmax(axis=1).tolist()
    measured = model.evaluate(x, y)
    assert measured["accuracy"] == np.mean(classes == y)
    assert measured["loss"] == float(CrossEntropy().total(logits, y) / 1500)


def test_inputs_are_converted_value_for_value():
    model = MLP([3, 2], precision=Precision.uniform(16, 8))
    fixed = fx.array([[0, 1, 2], [3, 4, 120]], model.precision.inputs)
    for x in ([[0, 1, 2], [3, 4, 120]], np.array([[0, 1, 2], [3, 4, 120]], np.uint8), fixed):
        found = checked_samples(x, model)
        assert found.raw.tolist() == [[0, 256, 512], [768, 1024, 120 * 256]]
    wider = fx.array([[0, 1, 2]], fx.Format(32, 20))
    assert checked_samples(wider, model).raw.tolist() == [[0, 256, 512]]
    assert checked_samples(fixed, model) is fixed


def test_inputs_beyond_the_format_overflow_with_one_warning():
    model = MLP([2, 2], precision=Precision.preset(16))
    pixels = np.array([[0, 255], [31, 31]] * 50)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(pixels, [0, 1] * 50, epochs=2, progress=False)
    beyond = [str(w.message) for w in caught if "inputs' format" in str(w.message)]
    assert len(beyond) == 1
    assert "25.0% of the values" in beyond[0]
    assert "from -32 to 31.999" in beyond[0]
    assert {w.filename for w in caught} == {__file__}
    assert not [w for w in caught if "learning wants" in str(w.message)]  # the same, again


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
    for word in ("dense1", "relu1", "softmax1", "updates", "Q2.13 stochastic"):
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
        ({"hidden": "tan"}, ValueError, "hidden must be one of relu, sigmoid, tanh, got 'tan'"),
        (
            {"output": None},
            ValueError,
            "output must be one of softmax, sigmoid, identity, got None",
        ),
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
        (np.full((4, 6), np.nan), [0] * 4, {}, ValueError, r"nan at index \[0, 0\]"),
        (np.full((4, 6), np.inf), [0] * 4, {}, ValueError, r"inf at index \[0, 0\]"),
        (np.full((4, 6), "3"), [0] * 4, {}, TypeError, "numbers, got one of <U1"),
        (np.full((4, 6), None), [0] * 4, {}, TypeError, "numbers, got one of object"),
        (np.ones((4, 6)), ["a"] * 4, {}, TypeError, "integer dtype, got <U1"),
        (np.ones((4, 6)), [0] * 4, {"optimizer": "sgd"}, TypeError, r"as SGD\(0\.1\), got 'sgd'"),
        (np.ones((4, 6)), [0] * 4, {"optimizer": SGD}, TypeError, "call it"),
        (np.ones((4, 6)), [0] * 4, {"loss": CrossEntropy}, TypeError, "call it"),
        (np.ones((4, 6)), [0] * 4, {"callbacks": None}, TypeError, "must be a sequence of objects"),
        (np.ones((4, 6)), [0] * 4, {"callbacks": [EarlyStopping]}, TypeError, "EarlyStop.*; call"),
        (np.ones((4, 6)), [0] * 4, {"validation": np.float32(2)}, ValueError, "between 0 and 1"),
        (np.ones((4, 6)), [0] * 4, {"watch_every": 0}, ValueError, "watch_every .* got 0"),
        (np.ones((4, 6)), [0] * 4, {"augment": 3}, TypeError, "augment must be a function"),
        (np.ones((4, 6)), [0] * 4, {"augment": len}, ValueError, "images of bytes"),
        (
            np.ones((4, 6)),
            [0] * 4,
            {"callbacks": [print]},
            TypeError,
            "print.* is a function",
        ),
        (np.ones((4, 6)), [0] * 4, {"checkpoint": ""}, TypeError, "a folder's path, got ''"),
        (np.ones((4, 6)), [0] * 4, {"checkpoint": 5}, TypeError, "a folder's path, got 5"),
        (np.ones((4, 6)), [0] * 4, {"checkpoint": b"r"}, TypeError, "a folder's path, got b'r'"),
        (np.ones((4, 6)), [0] * 4, {"resume": True}, ValueError, "needs checkpoint="),
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


def test_nothing_depends_on_the_callers_context():
    x, y = blobs()
    found = []
    for surroundings in (contextlib.nullcontext, fx.full_precision, fx.record):
        model = MLP([6, 5, 3], hidden="sigmoid", precision=Precision.preset(12))
        with surroundings(), fx.seeded(3):
            history = model.fit(x, y, epochs=2, optimizer=Adam(), validation=0.2, progress=False)
            measured = model.evaluate(x, y), model.predict_proba(x).raw.tolist()
        found.append((raws(model), history["loss"], measured))
    assert found[0] == found[1] == found[2]


def test_a_callers_recorder_counts_the_same_whatever_is_watched():
    x, y = blobs()
    counts = []
    for watch_every in (1, 1000):
        model = MLP([6, 5, 3], precision=Precision.preset(8))
        with fx.record() as events:
            model.fit(x, y, batch_size=8, watch_every=watch_every, progress=False)
        counts.append(events.by_operation)
    assert counts[0] == counts[1]


def test_a_typical_step_is_that_of_a_watched_iteration_just_done():
    x, y = blobs()
    trainer = Trainer(MLP([6, 3], precision=Precision.preset(16)))
    assert trainer.typical_step("dense1.weights") is None
    trainer.step(x, y, watched=True)
    assert trainer.typical_step("dense1.weights") > 0
    assert trainer.typical_step("dense2.weights") is None
    trainer.step(x, y)
    assert trainer.typical_step("dense1.weights") is None


def test_events_of_the_softmax_that_the_loss_stands_for_are_counted():
    x, y = blobs()
    narrow = fx.Format(6, 5)  # ends below 1
    precision = Precision.uniform(16, 10).replace(probabilities=narrow)
    model = MLP([6, 3], precision=precision)
    model.set_parameters({"dense1.weights": model.parameters()["dense1.weights"].to_numpy() * 9})
    with fx.record() as events:
        found = fx.softmax(model.outputs(x, leave_out=1), axis=-1, format=narrow)
    history = model.fit(x, y, batch_size=60, progress=False)
    assert events.overflow > 0
    assert events.underflow > 0
    counts = {"overflow": events.overflow, "underflow": events.underflow}
    counts["saturation"] = int(np.isin(found.raw, [narrow.raw_min, narrow.raw_max]).sum())
    assert {what: history[f"softmax1.forward.{what}"][0] for what in counts} == counts


@pytest.mark.parametrize("optimizer", [lambda: SGD(0.1, momentum=0.9), lambda: Adam(0.01)])
def test_the_optimizers_state_goes_on_with_the_next_fit(optimizer):
    x, y = blobs()
    once, twice, other = (MLP([6, 5, 3], precision=Precision.preset(16)) for _ in range(3))
    once.fit(x, y, epochs=2, optimizer=optimizer(), progress=False)
    for model, reset in ((twice, False), (other, True)):
        model.fit(x, y, optimizer=optimizer(), progress=False)
        if reset:
            model.reset_optimizer()
        model.fit(x, y, optimizer=optimizer(), progress=False)
    assert raws(once) == raws(twice)
    assert raws(once) != raws(other)
    assert (once.training.steps, other.training.steps, other.training.iterations) == (2, 1, 2)


def test_another_optimizers_state_begins_anew():
    x, y = blobs()
    models = [MLP([6, 5, 3], precision=Precision.preset(16)) for _ in range(2)]
    for model, first in zip(models, (SGD(0.1, momentum=0.9), SGD(0.1)), strict=True):
        model.fit(x, y, optimizer=first, progress=False)
        assert (model.training.optimizer, model.training.steps) == ("SGD", 1)
        model.fit(x, y, optimizer=Adam(), progress=False)
        assert (model.training.optimizer, model.training.steps) == ("Adam", 1)


def test_an_exception_leaves_the_model_as_after_its_last_whole_iteration():
    x, y = blobs()

    class Interrupt:
        def __init__(self, after):
            self.left = after

        def on_iteration_end(self, trainer):
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt

    model = MLP([6, 5, 3], precision=Precision.preset(16))
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, epochs=3, batch_size=8, callbacks=[Interrupt(11)], progress=False)
    # The iteration whose callback raised isn't whole.
    assert (model.training.iterations, model.epochs_trained, model.training.orders) == (10, 1, 2)
    bits = raws(model)
    twin = MLP([6, 5, 3], precision=Precision.preset(16))
    trainer = Trainer(twin)
    for _ in range(2):
        for rows in trainer.batches(len(x), 8):
            if trainer.iteration < 10:
                trainer.step(x[rows], y[rows])
        trainer.end_epoch()
    assert raws(twin) == bits
    history = model.fit(x, y, batch_size=8, progress=False)
    assert history["iteration"][0] == 11
    assert history["epoch"][0] == 2
    assert model.training.orders == 3


def test_own_loops_and_fit_give_the_same_bits():
    x, y = blobs()
    model, own = (MLP([6, 5, 3], precision=Precision.preset(16), seed=7) for _ in range(2))
    history = model.fit(x, y, epochs=2, batch_size=16, progress=False)
    trainer = Trainer(own)
    for _ in range(2):
        for rows in trainer.batches(len(x), 16):
            trainer.step(x[rows], y[rows])
            own.evaluate(x, y)  # draws nothing of the training's
        trainer.end_epoch()
    assert raws(own) == raws(model)
    assert trainer.history["loss"] == history["loss"]


def test_callbacks_are_called_and_may_stop():
    x, y = blobs()
    calls = []

    class Counts:
        def on_fit_begin(self, trainer):
            calls.append(("begin", trainer.epoch, trainer.iteration))

        def on_iteration_end(self, trainer):
            calls.append((trainer.epoch, trainer.iteration, len(trainer.history)))
            if trainer.iteration == 5:
                trainer.stop()

        def on_epoch_end(self, trainer):
            calls.append(("epoch", trainer.epoch))

        def on_fit_end(self, trainer):
            calls.append("end")

    model = MLP([6, 3], precision=Precision.preset(16))
    model.fit(x, y, epochs=9, batch_size=20, callbacks=[Counts(), object()], progress=False)
    assert calls == [
        ("begin", 1, 0), (1, 1, 1), (1, 2, 2), (1, 3, 3), ("epoch", 1), (2, 4, 4), (2, 5, 5), "end",
    ]  # fmt: skip
    assert model.epochs_trained == 1


def test_early_stopping_waits_for_its_patience():
    x, y = blobs()
    model = MLP([6, 3], precision=Precision.preset(16))
    flat = SGD(1e-9)  # moves nothing at 16 bits
    stopping = EarlyStopping(3, "validation_loss")
    options = {"epochs": 50, "validation": 0.2, "callbacks": [stopping], "progress": False}
    with pytest.warns(TrainingWarning, match=r"every update rounds to nothing: .* 19 fraction"):
        history = model.fit(x, y, optimizer=flat, **options)
    assert model.epochs_trained in (4, 5, 6, 7)
    assert len(history) == model.epochs_trained
    with pytest.raises(ValueError, match="no validation_loss; pass validation="):
        model.fit(x, y, callbacks=[stopping], progress=False)


def test_a_cutoff_clips_and_records_its_share():
    x, y = blobs(120)
    model = MLP([6, 8, 3], precision=Precision.preset(16))
    limit = 0.3
    history = model.fit(
        x, y, epochs=4, batch_size=8, callbacks=[Cutoff(limit)], watch_every=1, progress=False
    )
    for name, values in model.parameters().items():
        if name.endswith("weights"):
            assert float(abs(values).max()) <= round(limit * 2**13) / 2**13
            share = history[f"{name}.clipped"]
            assert len(share) == len(history)
            assert max(share) > 0
    for wrong in (0, -1, float("nan"), float("inf"), "1", True):
        with pytest.raises(ValueError, match="limit must be a"):
            Cutoff(wrong)


def test_what_callbacks_compute_is_part_of_the_run():
    """It depends on nothing of the caller's, and leaves the caller's stream as it was."""
    x, y = blobs()

    class Noise:
        def on_iteration_end(self, trainer):
            layer = trainer.model.layers[0]
            values = layer.parameters["weights"]
            noise = fx.random.uniform(values.shape, values.format, low=-0.01, high=0.01)
            layer.set("weights", values + noise - noise * 2 + noise)

    def trained(callback):
        model = MLP([6, 5, 3], precision=Precision.preset(12))
        model.fit(x, y, epochs=3, batch_size=8, callbacks=[callback], progress=False)
        return raws(model)

    for made in (Noise, lambda: Cutoff(0.3, biases=True)):
        expected = trained(made())
        with fx.seeded(3):
            next_draw = fx.random.uniform((4,), fx.Format(16, 15)).raw.tolist()
        with fx.seeded(3):
            assert trained(made()) == expected
            assert fx.random.uniform((4,), fx.Format(16, 15)).raw.tolist() == next_draw
        with fx.full_precision():
            assert trained(made()) == expected


@pytest.mark.parametrize("output", ["identity", "sigmoid"])
def test_regression_is_trained_and_predicts_its_outputs(output):
    random = np.random.default_rng(1)
    x = random.uniform(-1, 1, (200, 2))
    y = np.stack([x[:, 0] * 0.5 + 0.4, 0.5 - x[:, 1] * 0.3], axis=1)
    model = MLP([2, 16, 2], hidden="tanh", output=output, precision=Precision.preset(24))
    loss = MeanSquaredError()
    history = model.fit(
        x, y, epochs=40, batch_size=8, optimizer=SGD(0.2), loss=loss, validation=(x, y),
        progress=False,
    )  # fmt: skip
    assert history["accuracy"] == [None] * len(history)
    measured = model.evaluate(x, y)
    assert set(measured) == {"loss"}
    assert measured["loss"] == history.last("validation_loss") < 0.01
    found = model.predict(x)
    assert isinstance(found, fx.FixedArray)
    role = "logits" if output == "identity" else "probabilities"
    assert found.format == getattr(model.precision, role)
    assert np.mean((found.to_numpy() - y) ** 2) == pytest.approx(measured["loss"], rel=1e-3)
    if output == "identity":
        with pytest.raises(ValueError, match="makes no probabilities"):
            model.predict_proba(x)
    else:
        assert model.predict_proba(x).raw.tolist() == found.raw.tolist()


@pytest.mark.parametrize("output", ["identity", "sigmoid"])
def test_a_single_output_is_for_real_targets_before_it_was_trained(output):
    x, y = blobs()
    model = MLP([6, 1], output=output, precision=Precision.preset(16))
    found = model.predict(x)
    assert isinstance(found, fx.FixedArray)
    assert found.shape == (60, 1)
    for targets in (y / 4, y[:, None] / 4):
        measured = model.evaluate(x, targets)
        assert set(measured) == {"loss"}
        expected = np.mean((found.to_numpy()[:, 0] - y / 4) ** 2)
        assert measured["loss"] == pytest.approx(expected, rel=1e-5)


def test_a_network_of_all_layers_learns():
    x, y = blobs(120)
    layers = [Dense(12), LeakyReLU(0.1), Dropout(0.1), Dense(8), Tanh(), Dense(3), Softmax("table")]
    model = Sequential(layers, 6, Precision.preset(16), seed=1)
    history = model.fit(x, y, epochs=15, batch_size=8, progress=False)
    assert model.evaluate(*blobs(60, seed=1))["accuracy"] > 0.9
    assert history.last("dropout1.output.max") is not None


def test_formats_by_layer():
    coarse = Precision.uniform(8, 4)
    precision = Precision.preset(16).replace(layers={"dense2": coarse})
    model = MLP([6, 5, 3], precision=precision)
    formats = {name: values.format for name, values in model.parameters().items()}
    assert formats["dense2.weights"] == formats["dense2.bias"] == coarse.updates
    assert formats["dense1.weights"] == precision.updates
    assert model.layers[2].output_format == coarse.logits
    x, y = blobs()
    model.fit(x, y, optimizer=SGD(0.1, momentum=0.5), progress=False)
    assert model.training.slots["dense2.weights"].format == coarse.state
    assert "dense2: weights" in model.summary()
    with pytest.raises(ValueError, match=r"names a layer 'dense9' that isn't there; .* dense1"):
        MLP([6, 3], precision=precision.replace(layers={"dense9": coarse}))


def test_set_parameters_takes_floats_lists_and_fixed_arrays():
    model = MLP([2, 3, 2], precision=Precision.preset(16))
    random = np.random.default_rng(0)
    shapes = [values.shape for values in model.parameters().values()]
    arrays = [random.normal(size=shape) for shape in shapes]
    model.set_parameters(arrays)
    for array, values in zip(arrays, model.parameters().values(), strict=True):
        assert values.raw.tolist() == np.round(array * 2**13).tolist()
    model.set_parameters({"dense2.bias": [1, -0.5]})
    assert model.parameters()["dense2.bias"].tolist() == [1, -0.5]
    before = raws(model)
    for parameters, kind, message in (
        ({"dense2.bias": [1, 9]}, ValueError, r"dense2\.bias doesn't fit .* -4 to 3\.99988"),
        ({"dense2.bias": [1, np.nan]}, ValueError, r"dense2\.bias doesn't fit"),
        ({"dense1.bias": [0] * 3, "dense2.bias": [1]}, ValueError, r"shape \(2,\), got \(1,\)"),
        ({"dense3.bias": [1]}, ValueError, "there is no parameter 'dense3.bias'; there are dense1"),
        ({"dense2.bias": ["1", "2"]}, TypeError, r"dense2\.bias must be an array of numbers"),
        (arrays[:3], ValueError, "got 3 arrays"),
        (3, TypeError, "a dict of arrays by name, or all of them in order, got 3"),
    ):
        with pytest.raises(kind, match=message):
            model.set_parameters(parameters)
        assert raws(model) == before


def test_profile_tells_where_the_time_went():
    x, y = blobs()
    model = MLP([6, 5, 3])
    profile = model.fit(x, y, batch_size=8, profile=True, progress=False).profile
    assert profile.calls["dense2", "backward"] == 8
    text = str(profile)
    assert text.splitlines()[0].split()[:2] == ["layer", "operation"]
    assert MLP([6, 5, 3]).fit(x, y, progress=False).profile is None
