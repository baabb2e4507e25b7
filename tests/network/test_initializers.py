"""Initial weights: range, deviation, and the same bits for a seed."""

import math

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import glorot_uniform, he_normal

FORMATS = [fx.Format(16, 13), fx.Format(16, 13, rounding="stochastic"), fx.Format(100, 90)]


@pytest.mark.parametrize("make", [glorot_uniform, he_normal])
@pytest.mark.parametrize("fmt", FORMATS)
def test_a_seed_gives_the_same_bits_and_takes_no_step(make, fmt):
    first = make(20, 30, fmt, seed=5)
    fx.seed(1)
    again = make(20, 30, fmt, seed=5)
    after = fx.array([0.5] * 64, fx.Format(8, 0, rounding="stochastic")).raw.tolist()
    fx.seed(1)
    assert fx.array([0.5] * 64, fx.Format(8, 0, rounding="stochastic")).raw.tolist() == after
    assert first.format == fmt
    assert first.shape == (20, 30)
    assert first.raw.tolist() == again.raw.tolist()
    assert first.raw.tolist() != make(20, 30, fmt, seed=6).raw.tolist()


def test_glorot_uniform_fills_its_range():
    values = glorot_uniform(100, 200, fx.Format(32, 28), seed=1).to_numpy()
    limit = math.sqrt(6 / 300)
    assert np.abs(values).max() <= limit
    assert np.abs(values).max() > 0.99 * limit
    assert abs(values.mean()) < 0.01 * limit
    assert values.std() == pytest.approx(limit / math.sqrt(3), rel=0.02)


def test_he_normal_has_its_deviation():
    values = he_normal(200, 100, fx.Format(32, 28), seed=1).to_numpy()
    assert values.std() == pytest.approx(0.1, rel=0.02)
    assert abs(values.mean()) < 0.003
    assert np.abs(values).max() > 0.3
