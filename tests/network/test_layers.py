"""Layers: forward against their definition, backward against exact differences."""

from fractions import Fraction

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import Dense, Precision, ReLU, Sigmoid, Softmax, glorot_uniform

WIDE = Precision.uniform(100, 80)
STEP = Fraction(1, 2**20)


def built(layer, inputs, precision=WIDE):
    layer.build(inputs, precision, glorot_uniform, seed=3)
    return layer


def samples(shape, precision=WIDE, seed=0):
    values = np.random.default_rng(seed).normal(size=shape)
    return fx.array(values, precision.activations)


def weighted_sum(layer, x, weights):
    """The exact sum of weights * layer(x)."""
    y = layer.forward(x)[0]
    return float(np.sum(y.to_fractions() * weights.to_fractions()))


def difference(function, x, set_x):
    """Central differences of `function` by every element of `x`."""
    found = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        ends = []
        for sign in (1, -1):
            moved = x.copy()
            moved[index] = moved[index] + fx.array(sign * STEP, moved.format)
            ends.append(function(set_x(moved)))
        found[index] = (ends[0] - ends[1]) / float(2 * STEP)
    return found


@pytest.mark.parametrize("layer", [ReLU(), Sigmoid(), Softmax(), Dense(3)])
def test_gradient_by_the_input(layer):
    built(layer, 4)
    x = samples((5, 4))
    y, backward = layer.forward(x)
    weights = samples(y.shape, seed=1)
    expected = difference(lambda moved: weighted_sum(layer, moved, weights), x, lambda moved: moved)
    found = backward(weights)[0]
    assert found.format == WIDE.gradients
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ["weights", "bias"])
def test_gradient_by_the_parameters_is_the_sum_over_a_power_of_two(name):
    layer = built(Dense(3), 4)
    x = samples((5, 4))
    y, backward = layer.forward(x)
    weights = samples(y.shape, seed=1)
    kept = layer.parameters[name]

    def total(moved):
        layer.set(name, moved)
        return weighted_sum(layer, x, weights)

    expected = difference(total, kept, lambda moved: moved)
    layer.set(name, kept)
    found = backward(weights, input_gradient=False)
    assert found[0] is None
    np.testing.assert_allclose(8 * found[1][name].to_numpy(), expected, rtol=1e-6, atol=1e-9)


def test_dense_rounds_product_and_sum_once_each():
    precision = Precision(
        weights=fx.Format(12, 9),
        activations=fx.Format(10, 5),
        gradients=fx.Format(10, 8),
        updates=fx.Format(16, 13),
    )
    layer = built(Dense(3), 4, precision)
    layer.set("bias", fx.array([0.3, -0.7, 1.1], precision.updates))
    x = samples((6, 4), precision)
    kept = layer.parameters["weights"].to_fractions()
    used = np.vectorize(lambda v: Fraction(round(v * 2**9), 2**9), otypes=[object])(kept)
    bias = [Fraction(round(v * 2**9), 2**9) for v in layer.parameters["bias"].to_fractions()]
    product = x.to_fractions() @ used
    expected = np.vectorize(lambda v: round(v * 2**5), otypes=[object])(product)
    expected = [[round(v + b * 2**5) for v, b in zip(row, bias, strict=True)] for row in expected]
    assert layer.forward(x)[0].raw.tolist() == expected


def test_dense_keeps_one_copy_where_formats_are_equal():
    layer = built(Dense(3), 4)
    assert layer.used("weights") is layer.parameters["weights"]
    precision = Precision(
        fx.Format(8, 6, rounding="stochastic"), fx.Format(8, 4), fx.Format(8, 6), fx.Format(16, 14)
    )
    layer = built(Dense(3), 4, precision)
    first = layer.used("weights")
    assert first.format == precision.weights
    layer.set("weights", layer.parameters["weights"])
    assert layer.used("weights").raw.tolist() == first.raw.tolist()


def test_dense_without_bias():
    layer = built(Dense(3, bias=False), 4)
    x = samples((2, 4))
    y, backward = layer.forward(x)
    assert list(layer.parameters) == ["weights"]
    assert list(backward(y)[1]) == ["weights"]
    assert y.raw.tolist() == fx.matmul(x, layer.parameters["weights"]).raw.tolist()


def test_dense_takes_the_accumulator():
    narrow = fx.Format(12, 4, rounding="floor", overflow="wrap")
    one = fx.Format(16, 8)
    precision = Precision(one, one, one, one, accumulator=narrow)
    layer = built(Dense(3, bias=False), 6, precision)
    x = samples((4, 6), precision)
    expected = fx.matmul(x, layer.parameters["weights"], format=one, accumulator=narrow)
    assert layer.forward(x)[0].raw.tolist() == expected.raw.tolist()


def test_relu_is_exact_and_its_gradient_at_0_is_0():
    precision = Precision.uniform(8, 4)
    layer = built(ReLU(), 3, precision)
    y, backward = layer.forward(fx.array([[-1, 0, 1.5]], precision.activations))
    assert y.tolist() == [[0, 0, 1.5]]
    assert backward(fx.array([[2, 3, -4]], precision.gradients))[0].tolist() == [[0, 0, -4]]


@pytest.mark.parametrize("units", [0, -1, 2.5, "3", None, True])
def test_units_must_be_a_positive_integer(units):
    with pytest.raises(ValueError, match="at least 1"):
        Dense(units)
