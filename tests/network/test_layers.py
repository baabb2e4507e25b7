"""Layers: forward against their definition, backward against exact differences."""

from fractions import Fraction

import numpy as np
import oracle
import pytest

import fxtypes as fx
from fxtypes_nn import (
    Dense,
    Dropout,
    Layer,
    LeakyReLU,
    Precision,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    register_layer,
)
from fxtypes_nn.layers import LAYERS, Context
from fxtypes_nn.layers.layer import Place, without_saturated

WIDE = Precision.uniform(100, 80)
STEP = Fraction(1, 2**20)


def built(layer, inputs, precision=WIDE, role=None):
    place = Place("layer1", precision, role or layer.output_role, 3, "glorot_uniform")
    layer.enter(place, (inputs,))
    return layer


def forward(layer, x, **context):
    return layer.forward(x, Context(**context))


def sum_over_batch(gradient):
    """A parameter's gradient as the layer returned it, times its scale."""
    values, scale = gradient if isinstance(gradient, tuple) else (gradient, 1)
    return values.to_fractions() * scale


def samples(shape, precision=WIDE, seed=0):
    values = np.random.default_rng(seed).normal(size=shape)
    return fx.array(values, precision.activations)


def weighted_sum(layer, x, weights):
    """The exact sum of weights * layer(x)."""
    y = forward(layer, x)[0]
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


@pytest.mark.parametrize(
    "make",
    [
        ReLU,
        Sigmoid,
        Tanh,
        Softmax,
        lambda: LeakyReLU(0.25),
        lambda: Dense(3),
        lambda: Dropout(0.5),
    ],
)
def test_gradient_by_the_input(make):
    layer = built(make(), 4)
    x = samples((5, 4))
    y, backward = forward(layer, x)
    weights = samples(y.shape, seed=1)
    expected = difference(lambda moved: weighted_sum(layer, moved, weights), x, lambda moved: moved)
    found = backward(weights)[0]
    assert found.format == WIDE.gradients
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ["weights", "bias"])
def test_gradient_by_the_parameters_is_the_sum_over_a_power_of_two(name):
    layer = built(Dense(3), 4)
    x = samples((5, 4))
    y, backward = forward(layer, x)
    weights = samples(y.shape, seed=1)
    kept = layer.parameters[name]

    def total(moved):
        layer.set(name, moved)
        return weighted_sum(layer, x, weights)

    expected = difference(total, kept, lambda moved: moved)
    layer.set(name, kept)
    assert forward(layer, x, input_gradient=False)[1](weights)[0] is None
    found = sum_over_batch(backward(weights)[1][name]).astype(float)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_dense_rounds_the_sum_with_the_bias_once():
    precision = Precision(
        weights=fx.Format(12, 9),
        activations=fx.Format(10, 5),
        gradients=fx.Format(10, 8),
        updates=fx.Format(16, 13),
        biases=fx.Format(10, 4),
    )
    layer = built(Dense(3), 4, precision)
    layer.set("bias", fx.array([0.3, -0.7, 1.1], precision.updates))
    x = samples((6, 4), precision)

    def rounded(values, bits):
        each = np.vectorize(lambda v: Fraction(round(v * 2**bits), 2**bits), otypes=[object])
        return each(values.to_fractions())

    total = x.to_fractions() @ rounded(layer.parameters["weights"], 9)
    total = total + rounded(layer.parameters["bias"], 4)
    expected = np.vectorize(lambda v: round(v * 2**5), otypes=[object])(total)
    assert forward(layer, x)[0].raw.tolist() == expected.tolist()


def test_a_bias_joins_the_sum_before_it_saturates():
    q = fx.Format(8, 4)
    layer = built(Dense(1), 3, Precision(q, q, q, q))
    layer.set("weights", fx.array([[3], [3], [3]], q))
    layer.set("bias", fx.array([-4], q))
    assert forward(layer, fx.array([[1, 1, 1]], q))[0].tolist() == [[5.0]]


def test_dense_keeps_one_copy_where_formats_are_equal():
    layer = built(Dense(3), 4)
    assert layer.used("weights", Context()) is layer.parameters["weights"]


def test_stochastic_weights_are_drawn_anew_in_training_only():
    precision = Precision(
        fx.Format(8, 6, rounding="stochastic"), fx.Format(8, 4), fx.Format(8, 6), fx.Format(16, 14)
    )
    layer = built(Dense(30), 40, precision)
    kept = layer.parameters["weights"].to_fractions()
    still = layer.used("weights", Context())
    assert still.format == precision.weights
    layer.set("weights", layer.parameters["weights"])
    assert layer.used("weights", Context(seed=5)).raw.tolist() == still.raw.tolist()
    drawn = [layer.used("weights", Context(training=True, seed=n)) for n in range(200)]
    again = layer.used("weights", Context(training=True, seed=7))
    assert again.raw.tolist() == drawn[7].raw.tolist()
    assert drawn[0].raw.tolist() != drawn[1].raw.tolist()
    mean = sum(values.to_fractions() for values in drawn) / 200
    assert float(abs(mean - kept).max()) < 0.3 / 64  # one rounding is off by up to a unit, 1/64


def test_saturated_outputs_send_no_gradient_outwards():
    q = fx.Format(8, 4)
    layer = built(Dense(3, bias=False), 1, Precision(q, q, q, q))
    layer.set("weights", fx.array([[7, -7.5, 1]], q))
    y, backward = forward(layer, fx.array([[3]], q))
    assert y.tolist() == [[7.9375, -8, 3]]
    for gradient, kept in (([-1, 1, 1], [0, 0, 1]), ([1, -1, -1], [1, -1, -1])):
        by_weights, scale = backward(fx.array([gradient], q))[1]["weights"]
        assert (by_weights.to_fractions() * scale).tolist() == [[3 * v for v in kept]]


def test_dense_without_bias():
    layer = built(Dense(3, bias=False), 4)
    x = samples((2, 4))
    y, backward = forward(layer, x)
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
    assert forward(layer, x)[0].raw.tolist() == expected.raw.tolist()


def test_relu_is_exact_and_its_gradient_at_0_is_0():
    precision = Precision.uniform(8, 4)
    layer = built(ReLU(), 3, precision)
    y, backward = forward(layer, fx.array([[-1, 0, 1.5]], precision.activations))
    assert y.tolist() == [[0, 0, 1.5]]
    assert backward(fx.array([[2, 3, -4]], precision.gradients))[0].tolist() == [[0, 0, -4]]


def test_saturated_outputs_can_be_ignored():
    q = fx.Format(8, 4)
    layer = built(Dense(1, bias=False, stop_saturated=False), 1, Precision(q, q, q, q))
    layer.set("weights", fx.array([[7]], q))
    y, backward = forward(layer, fx.array([[3]], q))
    by_weights, scale = backward(fx.array([[-1]], q))[1]["weights"]
    assert (y.tolist(), (by_weights.to_fractions() * scale).tolist()) == ([[7.9375]], [[-3]])


def test_a_relu_into_a_narrower_format_stops_gradients_that_push_it_out():
    q, narrow = fx.Format(8, 4), fx.Format(6, 4)
    layer = built(ReLU(), 3, Precision(q, narrow, q, q, pre_activations=q))
    y, backward = forward(layer, fx.array([[3, 3, 1]], q))
    assert y.tolist() == [[1.9375, 1.9375, 1]]
    assert backward(fx.array([[-1, 1, -1]], q))[0].tolist() == [[0, 1, -1]]


def test_leaky_relu_rounds_once_and_keeps_what_is_above():
    precision = Precision.uniform(8, 4)
    layer = built(LeakyReLU(0.3), 3, precision)
    y, backward = forward(layer, fx.array([[-1, 0, 1.5]], precision.activations))
    assert y.raw.tolist() == [[round(-16 * Fraction(0.3)), 0, 24]]
    assert backward(fx.array([[2, 2, 2]], precision.gradients))[0].raw.tolist() == [[10, 10, 32]]


@pytest.mark.parametrize(
    ("layer", "slope"),
    [(Sigmoid, lambda y: y * (1 - y)), (Tanh, lambda y: 1 - y * y)],
)
@pytest.mark.parametrize("width", [8, 16, 32])
def test_slopes_are_those_of_the_rounded_output_and_rounded_once(layer, slope, width):
    precision = Precision.uniform(width, width - 4)
    x = samples((20, 5), precision)
    y, backward = forward(built(layer(), 5, precision), x)
    function = fx.sigmoid if layer is Sigmoid else fx.tanh
    assert y.raw.tolist() == function(x, format=precision.activations).raw.tolist()
    gradient = samples((20, 5), precision, seed=4)
    exact = gradient.to_fractions() * slope(y.to_fractions())
    expected = np.vectorize(lambda v: round(v * 2 ** (width - 4)), otypes=[object])(exact)
    assert backward(gradient)[0].raw.tolist() == expected.tolist()


def test_a_last_sigmoid_has_the_format_of_probabilities():
    named = fx.Format(10, 9, signed=False)
    precision = Precision.preset(16).replace(probabilities=named)
    model = Sequential([Dense(3), Sigmoid(), Dense(2), Sigmoid()], 4, precision)
    formats = [layer.output_format for layer in model.layers]
    logits = precision.logits
    assert formats == [precision.pre_activations, precision.activations, logits, named]


def test_dropout_leaves_out_the_same_units_at_every_width_and_scales_the_rest():
    kept = []
    for width in (8, 16, 100):
        precision = Precision.uniform(width, width - 4)
        x = fx.ones((200, 50), precision.activations)
        y, backward = forward(built(Dropout(0.2), 50, precision), x, training=True, seed=6)
        mask = y.to_numpy() != 0
        kept.append(mask.tolist())
        unit = 2.0 ** (4 - width)
        assert abs(y.to_numpy()[mask] - 1.25).max() <= unit + 1e-6
        assert (backward(x)[0].to_numpy() != 0).tolist() == mask.tolist()
        assert 0.78 < mask.mean() < 0.82
    assert kept[0] == kept[1] == kept[2]
    other = forward(built(Dropout(0.2), 50, precision), x, training=True, seed=7)[0]
    assert (other.to_numpy() != 0).tolist() != kept[0]
    still = forward(built(Dropout(0.2), 50, precision), x)[0]
    assert still.raw.tolist() == x.raw.tolist()


@pytest.mark.parametrize("rate", [0.2, 0.5, 1 / 3, 1 - 2**-32])
@pytest.mark.parametrize("rounding", ["nearest_even", "floor", "nearest_zero"])
def test_dropout_rounds_the_quotient_once(rate, rounding):
    """It once multiplied by the quotient's first 24 bits."""
    precision = Precision.uniform(100, 80)
    fmt = precision.activations.replace(rounding=rounding)
    precision = precision.replace(activations=fmt, inputs=fmt, pre_activations=fmt, logits=fmt)
    x = samples((40, 5), precision)
    y, _ = forward(built(Dropout(rate), 5, precision), x, training=True, seed=1)
    stay = 1 - Fraction(round(Fraction(rate) * 2**32), 2**32)
    for found, value in zip(y.raw.ravel(), x.to_fractions().ravel(), strict=True):
        assert found in (0, oracle.quantize(value / stay, fmt))
    assert np.count_nonzero(y.raw) or rate > 0.9


@pytest.mark.parametrize("rate", [-0.1, 1, 1 - 2**-40, 2, "0.5", None, float("nan"), True])
def test_dropout_refuses_other_rates(rate):
    with pytest.raises(ValueError, match="rate must be a number from 0 to less than 1"):
        Dropout(rate)


@pytest.mark.parametrize("units", [0, -1, 2.5, "3", None, True])
def test_units_must_be_a_positive_integer(units):
    with pytest.raises(ValueError, match="at least 1"):
        Dense(units)


class Bias(Layer):
    """A user's layer: adds a parameter, and returns its gradient without a scale."""

    def build(self, input_shape):
        self.parameters = {"shift": fx.zeros(input_shape, self.precision.updates)}
        return input_shape

    def forward(self, x, context):
        gradients = self.precision.gradients
        y = fx.add(x, self.used("shift", context), format=self.output_format)
        return y, lambda g: (g, {"shift": g.sum(axis=0, format=gradients)})


def test_a_layer_of_ones_own_learns_at_the_right_speed():
    """It once learned 64 times too fast: its gradient had no scale, and one was taken out."""
    precision = Precision.uniform(64, 40)
    x = samples((8, 4), precision)
    y = np.arange(8) % 3
    models = [
        Sequential([Dense(3, bias=bias), *more, Softmax()], 4, precision, seed=1)
        for bias, more in ((True, []), (False, [Bias()]))
    ]
    for model in models:
        model.fit(x, y, epochs=3, batch_size=8, progress=False)
    own, built_in = models[1].parameters()["bias1.shift"], models[0].parameters()["dense1.bias"]
    np.testing.assert_allclose(own.to_numpy(), built_in.to_numpy(), rtol=1e-7)


def test_layers_are_refused_at_the_door():
    dense = Dense(3)
    Sequential([dense, Softmax()], 4)
    with pytest.raises(ValueError, match="part of a network already, as dense1"):
        Sequential([dense, Softmax()], 4)
    again = Dense(3)
    with pytest.raises(ValueError, match="part of a network already, as dense1"):
        Sequential([again, ReLU(), again], 3)
    with pytest.raises(TypeError, match=r"got <class .*Dense.*>; call it"):
        Sequential([Dense], 3)
    with pytest.raises(TypeError, match=r"a sequence of layers, got Dense\(units=3"):
        Sequential(Dense(3), 3)
    with pytest.raises(ValueError, match="at least one layer"):
        Sequential([], 3)
    with pytest.raises(ValueError, match="he_norml"):
        Dense(3, initializer="he_norml")


def test_a_layer_that_failed_to_build_can_be_used_again():
    dense = Dense(3)
    with pytest.raises(ValueError, match=r"one axis, got the shape \(2, 2\)"):
        Sequential([dense], (2, 2))
    assert Sequential([dense], 4).parameters()["dense1.weights"].shape == (4, 3)


def test_set_refuses_other_formats_shapes_and_names():
    layer = built(Dense(3), 4, Precision.uniform(16, 8))
    with pytest.raises(ValueError, match="updates' format"):
        layer.set("bias", fx.zeros(3, fx.Format(16, 9)))
    with pytest.raises(ValueError, match=r"shape \(3,\), got \(4,\)"):
        layer.set("bias", fx.zeros(4, fx.Format(16, 8)))
    with pytest.raises(TypeError, match="must be a FixedArray, got list"):
        layer.set("bias", [0, 0, 0])
    with pytest.raises(ValueError, match="no parameter 'biass'; it has weights, bias"):
        layer.set("biass", fx.zeros(3, fx.Format(16, 8)))


def test_registered_names_are_unique():
    assert LAYERS["Dense"] is Dense
    other = type("Dense", (Layer,), {})
    with pytest.raises(ValueError, match="another layer is registered as 'Dense'"):
        register_layer(other)
    with pytest.raises(TypeError, match="subclass of Layer"):
        register_layer(3)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (lambda g: (g, np.int64(1)), None, None),
        (lambda g: (g, Fraction(1)), None, None),
        (lambda g: (g, 1.0), None, None),
        (lambda g: (g, "1"), TypeError, "the scale of a layer's gradient .* got '1'"),
        (lambda g: (g, float("nan")), TypeError, "the scale of a layer's gradient .* got nan"),
        (lambda g: g[:1], ValueError, r"must have its shape, \(3,\), got \(1,\)"),
        (lambda g: [g, 1], TypeError, r"the gradient of scaled1\.shift must be a FixedArray"),
        (lambda g: g.to_numpy(), TypeError, r"the gradient of scaled1\.shift must be a FixedArray"),
    ],
)
def test_gradients_of_ones_own_are_checked(change, kind, message):
    class Scaled(Bias):
        def forward(self, x, context):
            y, backward = super().forward(x, context)
            return y, lambda g: (g, {"shift": change(backward(g)[1]["shift"])})

    def trained(layer):
        model = Sequential([layer, Dense(2), Softmax()], 3, WIDE)
        x = np.random.default_rng(0).normal(size=(4, 3))
        model.fit(x, [0, 1, 0, 1], progress=False)
        return next(iter(model.parameters().values())).raw.tolist()

    if kind is None:
        assert trained(Scaled()) == trained(Bias())
        return
    with pytest.raises(kind, match=message):
        trained(Scaled())


class Ends(Bias):
    """A user's layer that gives no gradient by its input."""

    def forward(self, x, context):
        y, backward = super().forward(x, context)
        return y, lambda gradient: (None, backward(gradient)[1])


def test_none_as_a_gradient_ends_the_way_back_where_nothing_needs_it():
    x = np.random.default_rng(0).normal(size=(4, 3))
    model = Sequential([Dropout(0.5), LeakyReLU(0.5), Ends(), Dense(2), Softmax()], 3, WIDE)
    before = model.parameters()["ends1.shift"].raw.tolist()
    model.fit(x, [0, 1, 0, 1], progress=False)
    assert model.parameters()["ends1.shift"].raw.tolist() != before
    model = Sequential([Dense(3), Ends(), Dense(2), Softmax()], 3, WIDE)
    with pytest.raises(ValueError, match="the layer after dense1 returned None"):
        model.fit(x, [0, 1, 0, 1], progress=False)


class Drawn(Bias):
    """A user's layer that draws its parameter, from whatever stream is in force."""

    def build(self, input_shape):
        drawn = fx.random.uniform(input_shape, self.precision.updates)
        self.parameters["bias"] = drawn + drawn
        return input_shape


def test_what_a_layer_of_ones_own_draws_follows_from_the_seed():
    def made():
        return Sequential([Drawn(), Dense(3)], 4, WIDE, seed=3).parameters()["drawn1.bias"].raw

    expected = made().tolist()
    with fx.seeded(3):
        next_draw = fx.random.uniform((4,), WIDE.updates).raw.tolist()
    with fx.seeded(3), fx.full_precision():
        assert made().tolist() == expected
        assert fx.random.uniform((4,), WIDE.updates).raw.tolist() == next_draw
    assert made().tolist() == expected


def test_a_layer_of_ones_own_has_to_give_a_shape():
    class Forgets(Layer):
        def build(self, input_shape):
            pass

    with pytest.raises(TypeError, match=r"build of forgets1 must return the shape .* got None"):
        Sequential([Forgets(), Dense(3)], 4)


@pytest.mark.parametrize("width", [2, 3, 8, 128])
@pytest.mark.parametrize("overflow", ["saturate", "saturate_symmetric"])
def test_gradients_that_push_beyond_an_end_are_0(width, overflow):
    fmt = fx.Format(width, 0, overflow=overflow)
    low = fmt.raw_min + (overflow == "saturate_symmetric")
    y = fx.FixedArray.from_raw(np.array([low, low, 0, fmt.raw_max, fmt.raw_max], object), fmt)
    gradient = fx.array([1, -1, 1, 1, -1], fx.Format(8, 4))
    assert without_saturated(gradient, y).tolist() == [0, -1, 1, 1, 0]
