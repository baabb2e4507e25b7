"""What `fit` takes: lazy data, augmentation, validation within epochs, pictures; threads, paths."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import (
    MLP,
    SGD,
    Dense,
    Layer,
    Precision,
    ReLU,
    Sequential,
    Softmax,
    TrainingWarning,
    datasets,
)
from fxtypes_nn.datasets import Flip


def raws(model):
    return {name: values.raw.tolist() for name, values in model.parameters().items()}


def digits():
    return datasets.load("digits")


@pytest.mark.parametrize("width", [8, 16, 65])
def test_lazy_data_train_to_the_same_bits(width):
    precision, data, found = Precision.preset(width), digits(), []
    for part in (data.to_fixed(precision.inputs), data.lazy(precision.inputs)):
        model = MLP([64, 12, 10], precision=precision)
        history = model.fit(part.x_train, part.y_train, validation=0.1, progress=False)
        measured = model.evaluate(part.x_test, part.y_test)
        found.append((raws(model), history["loss"], history["validation_loss"], measured))
        assert model.predict(part.x_test).tolist() == model.predict(part.x_test).tolist()
    assert found[0] == found[1]


def test_lazy_data_of_another_format_are_converted():
    precision, data = Precision.preset(16), digits()
    finer = data.lazy(fx.Format(32, 24))
    model = MLP([64, 10], precision=precision)
    x = finer.x_test[:50]
    expected = model.predict_proba(x.astype(precision.inputs)).raw.tolist()
    assert model.predict_proba(finer.x_test)[:50].raw.tolist() == expected


@pytest.mark.parametrize("lazy", [True, False])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_samples_beyond_the_format_are_warned_of_once(lazy, dtype):
    """Pixels that nobody scaled, for one; what is lazy is no exception."""
    precision = Precision.preset(16)
    pixels = np.arange(360).reshape(60, 6) % 256
    x, y = pixels.astype(dtype), np.arange(60) % 3
    share = f"{np.mean(pixels > precision.inputs.max):.1%}"
    if lazy:
        x = datasets.LazyArray(x, fx.Format(40, 20), 1)
    model = MLP([6, 3], precision=precision)
    message = f"{share} of the values in x lie beyond the inputs' format .* from -32 to 31.999"
    for call in (
        lambda: model.predict(x),
        lambda: model.evaluate(x, y),
        lambda: model.fit(x, y, validation=(x, y), optimizer=SGD(1e-3), progress=False),
    ):
        with pytest.warns(UserWarning, match=message) as warned:
            call()
        assert [str(one.message) for one in warned if "chance" not in str(one.message)] == [
            str(warned[0].message)
        ]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_lazy_data_have_to_be_finite(value):
    stored = np.zeros((60, 6))
    stored[3, 2] = value
    x = datasets.LazyArray(stored, fx.Format(16, 8), 1)
    model = MLP([6, 3])
    for call in (lambda: model.predict(x), lambda: model.fit(x, np.zeros(60, int))):
        with pytest.raises(ValueError, match=rf"value {value} at index \[3, 2\]"):
            call()


def test_augmented_batches_follow_from_the_seed_and_the_iteration():
    precision, data = Precision.preset(16), digits().lazy(Precision.preset(16).inputs)
    seen = []

    def augment(images, generator):
        assert images.dtype == np.uint8
        changed = Flip()(images, generator)
        seen.append(changed.copy())
        return changed

    found = []
    for epochs in ((2,), (1, 1)):
        seen.clear()
        model = MLP([64, 10], precision=precision)
        for count in epochs:
            model.fit(data.x_train, data.y_train, epochs=count, augment=augment, progress=False)
        found.append((raws(model), [batch.tolist() for batch in seen]))
    assert found[0] == found[1]
    assert len(seen) == 46
    plain = MLP([64, 10], precision=precision)
    plain.fit(data.x_train, data.y_train, epochs=2, progress=False)
    assert raws(plain) != found[0][0]
    before = data.x_train.stored.copy()

    def spoils(images, generator):
        images[:] = 7
        return images

    with pytest.warns(TrainingWarning, match="at chance"):
        model.fit(data.x_train, data.y_train, augment=spoils, progress=False)
    assert (data.x_train.stored == before).all()
    for wrong in (lambda x, g: x[:3], lambda x, g: x.astype(float), lambda x, g: None):
        with pytest.raises(ValueError, match=r"augment must return an array of the shape"):
            model.fit(data.x_train, data.y_train, augment=wrong, progress=False)


def test_augmentation_with_a_checkpoint_resumes(tmp_path):
    precision, data = Precision.preset(16), digits().lazy(Precision.preset(16).inputs)
    models = [MLP([64, 10], precision=precision) for _ in range(2)]
    options = {"augment": Flip(), "progress": False}
    models[0].fit(data.x_train, data.y_train, epochs=2, **options)
    for resume, epochs in ((False, 1), (True, 2)):
        options |= {"checkpoint": tmp_path, "resume": resume}
        models[1].fit(data.x_train, data.y_train, epochs=epochs, **options)
    assert raws(models[0]) == raws(models[1])
    with pytest.raises(ValueError, match=r"augment is None and was Flip"):
        models[1].fit(data.x_train, data.y_train, checkpoint=tmp_path, resume=True, progress=False)


def test_validation_within_epochs_equals_evaluate_and_changes_no_bit():
    precision = Precision.preset(8).replace(activations=fx.Format(8, 4, rounding="stochastic"))
    data = digits().to_fixed(precision.inputs)
    measured = []

    class Evaluates:
        def on_iteration_end(self, trainer):
            if trainer.iteration % 7 == 0:
                found = trainer.model.evaluate(data.x_test, data.y_test)
                measured.append((trainer.iteration, found["loss"], found["accuracy"]))

    models = [MLP([64, 10], precision=precision) for _ in range(2)]
    held = {"validation": (data.x_test, data.y_test), "validation_every": 7}
    for model, options in zip(models, ({}, held), strict=True):
        callbacks = [Evaluates()] if options else []
        history = model.fit(
            data.x_train, data.y_train, epochs=2, callbacks=callbacks, progress=False, **options
        )
    assert raws(models[0]) == raws(models[1])
    rows = zip(
        history["iteration"], history["validation_loss"], history["validation_accuracy"],
        strict=True,
    )  # fmt: skip
    recorded = [row for row in rows if row[1] is not None]
    assert [row[0] for row in recorded] == [7, 14, 21, 23, 28, 35, 42, 46]
    assert [row for row in recorded if row[0] % 7 == 0] == measured


@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
def test_a_shares_validation_equals_evaluate_on_its_samples(rounding):
    precision = Precision.preset(12).replace(inputs=fx.Format(8, 3, rounding=rounding))
    random = np.random.default_rng(3)
    x, y = random.normal(size=(60, 6)), random.integers(0, 3, 60)
    x[-1, 0] = 99
    for samples in (x, x.tolist(), fx.array(x, fx.Format(40, 30))):
        model = MLP([6, 3], precision=precision)
        with pytest.warns(UserWarning, match=r"0\.3% of the values in x lie beyond") as warned:
            history = model.fit(samples, y, validation=0.2, progress=False)
        assert len(warned) == 1
        with pytest.warns(UserWarning, match=r"1\.4% of the values in x lie beyond"):
            measured = model.evaluate(samples[-12:], y[-12:])
        assert measured["loss"] == history["validation_loss"][-1]
        assert measured["accuracy"] == history["validation_accuracy"][-1]


def test_ranges_are_recorded_at_the_interval_and_at_an_epochs_end():
    precision = Precision.preset(16)
    data = digits().to_fixed(precision.inputs)
    history = MLP([64, 10], precision=precision).fit(
        data.x_train, data.y_train, epochs=2, progress=False
    )
    rows = [
        n for n, value in zip(history["iteration"], history["dense1.weights.max"], strict=True)
        if value is not None
    ]  # fmt: skip
    assert rows == [1, 11, 21, 23, 31, 41, 46]
    assert None not in history["loss"] + history["accuracy"]


class Flatten(Layer):
    """A user's layer that changes the shape: pictures can come in."""

    def build(self, input_shape):
        return (int(np.prod(input_shape)),)

    def forward(self, x, context):
        return x.reshape(len(x), -1), lambda gradient: (gradient.reshape(x.shape), {})


def test_pictures_can_come_in():
    precision = Precision.preset(32)  # without draws, as a layer more takes more of these
    data = digits().to_fixed(precision.inputs)
    flat = Sequential([Dense(12), ReLU(), Dense(10), Softmax()], 64, precision)
    pictures = Sequential([Flatten(), Dense(12), ReLU(), Dense(10), Softmax()], (8, 8), precision)
    pictures.set_parameters(flat.parameters())
    flat.fit(data.x_train, data.y_train, progress=False)
    images = data.x_train.reshape(-1, 8, 8)
    pictures.fit(images, data.y_train, progress=False)
    assert raws(pictures) == raws(flat)
    assert pictures.predict(images[:5]).tolist() == flat.predict(data.x_train[:5]).tolist()
    with pytest.raises(ValueError, match=r"shape \(samples, 8, 8\) .* got \(1437, 64\)"):
        pictures.fit(data.x_train, data.y_train, progress=False)


TRAINING = textwrap.dedent(
    """
    import hashlib
    import fxtypes as fx
    from fxtypes_nn import MLP, Adam, SGD, Precision, datasets

    for width in (8, 16, 32, 64, 128):
        precision = Precision.preset(width)
        data = datasets.load("digits").lazy(precision.inputs)
        for hidden, optimizer in (("relu", SGD(0.1, momentum=0.9)), ("sigmoid", Adam(0.01))):
            model = MLP([64, 16, 10], hidden=hidden, precision=precision)
            model.fit(data.x_train[:200], data.y_train[:200], optimizer=optimizer, progress=False)
            digest = hashlib.sha256()
            for values in model.parameters().values():
                digest.update(values.words.tobytes())
            print(width, hidden, digest.hexdigest())
    """
)


def test_the_same_bits_for_any_threads_and_paths():
    """Once with the matrix paths forced to integers, once with two threads. The kernels of every
    CPU level are compared in tests/number."""
    found = []
    for name, value in (("FXTYPES_NUM_THREADS", "1"), ("FXTYPES_NUM_THREADS", "2"),
                        ("FXTYPES_GEMM", "integer")):  # fmt: skip
        found.append(
            subprocess.run(
                [sys.executable, "-P", "-c", TRAINING], env={**os.environ, name: value},
                capture_output=True, text=True, check=True,
            ).stdout
        )  # fmt: skip
    assert len(found[0].splitlines()) == 10
    assert found[0] == found[1] == found[2]


def test_memory_stays_that_of_bytes():
    """Samples that are lazy are never there as a whole in fixed point."""
    import tracemalloc

    precision = Precision.preset(128)
    stored = np.random.default_rng(0).integers(0, 256, (20000, 100), dtype=np.uint8)
    x = datasets.LazyArray(stored, precision.inputs, 255)
    y = np.arange(20000) % 10
    model = MLP([100, 10], precision=precision)
    tracemalloc.start()
    with pytest.warns(TrainingWarning, match="at chance"):  # y is nothing that x tells
        model.fit(x, y, batch_size=2000, optimizer=SGD(0.01), progress=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20000 * 100 * 16 / 2  # 128-bit elements of all samples would take twice that
