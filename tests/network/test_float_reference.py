"""The float64 twin is right, and the command that compares with it works."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from float_reference import HIDDEN, FloatMLP, compare

from fxtypes_nn import MLP, SGD, Precision, datasets

COMMAND = Path(__file__).resolve().parents[2] / "benchmarks" / "accuracy.py"
WIDE = Precision.uniform(96, 72)
RANDOM = np.random.default_rng(5)
X, Y = RANDOM.normal(size=(40, 6)), np.arange(40) % 3


@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradients_are_differences(hidden):
    sizes = [(6, 5), (5,), (5, 4), (4,), (4, 3), (3,)]
    twin = FloatMLP([RANDOM.normal(size=size) for size in sizes], hidden)
    _, by_weights, by_bias = twin.gradients(X, Y)
    gradients = [g for pair in zip(by_weights, by_bias, strict=True) for g in pair]
    step = 1e-6
    for parameter, gradient in zip(twin.parameters, gradients, strict=True):
        for index in np.ndindex(parameter.shape):
            kept, losses = parameter[index], []
            for end in (kept + step, kept - step):
                parameter[index] = end
                losses.append(twin.gradients(X, Y)[0])
            parameter[index] = kept
            slope = (losses[0] - losses[1]) / (2 * step)
            assert gradient[index] == pytest.approx(slope, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("momentum", [0, 0.75])
def test_training_at_96_bits_follows(hidden, momentum):
    """In calls for one epoch and for two, with batches that don't come out even."""
    model = MLP([6, 5, 4, 3], hidden=hidden, precision=WIDE, seed=2)
    twin = FloatMLP.like(model)
    for epochs in (1, 2):
        optimizer = SGD(0.25, momentum=momentum)
        model.fit(X, Y, epochs, 7, optimizer=optimizer, progress=False)
        options = {"learning_rate": 0.25, "momentum": momentum, "seed": 2}
        twin.fit(X, Y, epochs=epochs, batch_size=7, **options)
    for values, floats in zip(model.parameters().values(), twin.parameters, strict=True):
        np.testing.assert_allclose(values.to_numpy(), floats, rtol=0, atol=1e-6)


def test_compare_gives_both_accuracies_after_each_epoch():
    data = datasets.load("digits")
    model = MLP([64, 10], precision=WIDE, seed=1)
    fixed, twin = compare(model, data, epochs=3)
    assert fixed == twin
    assert len(fixed) == 3
    assert fixed[0] < fixed[-1]


@pytest.fixture
def folder(tmp_path):
    """MNIST and Fashion-MNIST of 60 images each."""
    for name in ("mnist", "fashion-mnist"):
        (tmp_path / name).mkdir()
        for part, count in (("train", 60), ("t10k", 30)):
            labels = np.arange(count) % 10
            images = RANDOM.integers(0, 100, (count, 28, 28)) + 10 * labels[:, None, None]
            for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
                head = bytes([0, 0, 8, array.ndim])
                head += b"".join(size.to_bytes(4, "big") for size in array.shape)
                path = tmp_path / name / f"{part}-{kind}-ubyte"
                path.write_bytes(head + array.astype(np.uint8).tobytes())
    return tmp_path


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        (("widths", "--widths", "16,8"), 4),
        (("ablation", "--widths", "8"), 20),
        (("original",), 4),
        (("narrow",), 4),
    ],
)
def test_the_command_prints_its_table(folder, command, rows):
    done = subprocess.run(
        [sys.executable, COMMAND, *command, "--seeds", "2", "--epochs", "1", "--data", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    assert len(lines) == rows + 2
    assert len({line.count("|") for line in lines}) == 1
    assert "2 seed" in done.stdout or command[0] == "widths"
    assert "of training, twins included" in done.stdout


def test_the_command_says_what_is_missing(tmp_path):
    done = subprocess.run(
        [sys.executable, COMMAND, "widths", "--data", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("accuracy: error: ")
