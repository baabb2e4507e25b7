"""SGD: each step exact and rounded once, hyperparameters at full precision."""

from fractions import Fraction

import numpy as np
import oracle
import pytest

import fxtypes as fx
from fxtypes_nn import SGD

UPDATES, GRADIENTS = fx.Format(16, 12), fx.Format(12, 9)
SCALE = Fraction(64, 50)


def arrays(seed=0):
    generator = np.random.default_rng(seed)
    parameter = fx.FixedArray.from_raw(generator.integers(-9000, 9000, (5, 4)), UPDATES)
    gradient = fx.FixedArray.from_raw(generator.integers(-2048, 2048, (5, 4)), GRADIENTS)
    return parameter, gradient


def rounded(values, fmt):
    return [[oracle.quantize(v, fmt) for v in row] for row in values]


@pytest.mark.parametrize("momentum", [0, 0.9])
@pytest.mark.parametrize("decay", [0, 1e-3])
def test_steps_are_exact_and_rounded_once(momentum, decay):
    rate = 0.3
    optimizer = SGD(rate, momentum, decay)
    parameter, _ = arrays()
    p, v = parameter.to_fractions(), np.full((5, 4), Fraction(0), dtype=object)
    state = optimizer.start()
    for step in range(4):
        _, gradient = arrays(step)
        parameter = optimizer.step("w", parameter, gradient, SCALE, state)
        terms = [
            (SCALE, gradient.to_fractions()),
            (Fraction(decay), p),
            (Fraction(momentum), v),
        ]
        move = sum(Fraction(float(Fraction(rate) * factor)) * array for factor, array in terms)
        velocity = sum(Fraction(float(factor)) * array for factor, array in terms)
        assert parameter.format == UPDATES
        assert parameter.raw.tolist() == rounded(p - move, UPDATES)
        if momentum:
            assert state["w"].format == UPDATES
            assert state["w"].raw.tolist() == rounded(velocity, UPDATES)
            v = state["w"].to_fractions()
        p = parameter.to_fractions()


def test_a_learning_rate_below_the_formats_step_still_counts():
    # 2**-20 is far below 2**-6, but times a gradient of 2**13 it moves the parameter.
    parameter = fx.zeros((1,), fx.Format(16, 7))
    gradient = fx.array([2.0**13], fx.Format(16, 0))
    moved = SGD(2.0**-20).step("w", parameter, gradient, Fraction(1), {})
    assert moved.tolist() == [-(2.0**-7)]


def test_stochastic_updates_move_by_the_exact_mean():
    updates = fx.Format(16, 8, rounding="stochastic")
    parameter = fx.zeros((20000,), updates)
    gradient = fx.full((20000,), 0.25, GRADIENTS)
    with fx.seeded(1):
        moved = SGD(2.0**-8).step("w", parameter, gradient, Fraction(1), {})
    assert moved.to_numpy().mean() * 2**8 == pytest.approx(-0.25, abs=0.015)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": 0}, "learning_rate must be a finite number, more than 0, got 0"),
        ({"learning_rate": float("nan")}, "got nan"),
        ({"learning_rate": float("inf")}, "got inf"),
        ({"learning_rate": "0.1"}, "got '0.1'"),
        ({"learning_rate": 0.1, "momentum": 1}, "momentum must be .* less than 1, got 1"),
        ({"learning_rate": 0.1, "momentum": -0.1}, "momentum .* got -0.1"),
        ({"learning_rate": 0.1, "weight_decay": -1}, "weight_decay .* got -1"),
    ],
)
def test_refuses_hyperparameters_out_of_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        SGD(**arguments)
