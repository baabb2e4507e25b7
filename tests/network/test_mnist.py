"""MNIST in fixed point beside NumPy float64, from the same weights in the same order."""

import os

import numpy as np
import pytest
from float_reference import compare

from fxtypes_nn import MLP, Precision, datasets


@pytest.mark.long
@pytest.mark.skipif("FXTYPES_DATA" not in os.environ, reason="FXTYPES_DATA names no data folder")
@pytest.mark.parametrize(
    ("hidden", "width", "points"), [("relu", 32, 0.5), ("relu", 16, 1), ("sigmoid", 16, 1)]
)
def test_accuracy_is_that_of_float64(hidden, width, points):
    precision = Precision.preset(width)
    data = datasets.load("mnist")
    fixed_data = data.to_fixed(precision.activations)
    pairs = [
        compare(
            MLP([784, 128, 10], hidden=hidden, precision=precision, seed=seed),
            data,
            fixed_data=fixed_data,
        )
        for seed in (0, 1, 2)
    ]
    fixed, float64 = 100 * np.mean(pairs, axis=0)
    assert float64 > 90
    assert abs(fixed - float64) <= points, pairs
