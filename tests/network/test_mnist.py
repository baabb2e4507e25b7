"""MNIST and Fashion-MNIST in fixed point beside NumPy float64, from the same weights in the same
order; benchmarks/accuracy.py measures more of it."""

import os

import numpy as np
import pytest
from float_reference import compare

from fxtypes_nn import MLP, Precision, datasets

pytestmark = pytest.mark.long


@pytest.mark.skipif("FXTYPES_DATA" not in os.environ, reason="FXTYPES_DATA names no folder")
@pytest.mark.parametrize(("name", "hidden"), [("mnist", "relu"), ("fashion-mnist", "sigmoid")])
@pytest.mark.parametrize(
    ("width", "points"), [(32, 0.15), (16, 0.15), (12, 0.3), (10, 0.5), (8, 0.2)]
)
def test_accuracy_is_that_of_float64(name, hidden, width, points):
    data, precision = datasets.load(name), Precision.preset(width)
    gaps = []
    for seed in (0, 1, 2):
        model = MLP([784, 128, 10], hidden=hidden, precision=precision, seed=seed)
        fixed, twin = compare(model, data, epochs=5)
        assert twin[-1] > 0.8
        gaps.append(100 * (fixed[-1] - twin[-1]))
    # By three seeds alone: two standard errors more, of at least 0.1 points each.
    error = max(np.std(gaps, ddof=1) / np.sqrt(3), 0.1)
    assert -np.mean(gaps) <= points + 2 * error, gaps


def test_two_layers_of_sigmoid_at_8_bits():
    """The command line's defaults, on the digits; 5 seeds."""
    data, gaps = datasets.load("digits"), []
    for seed in range(5):
        model = MLP([64, 128, 64, 10], "sigmoid", precision=Precision.preset(8), seed=seed)
        fixed, twin = compare(model, data, epochs=30, batch_size=32)
        gaps.append(100 * (fixed[-1] - twin[-1]))
    assert -np.mean(gaps) <= 1.5, gaps
