"""The description of a network, followed in Python's integers, gives the model's bits."""

import pytest
from export_checks import (
    OVERFLOWS,
    ROUNDINGS,
    digits_model,
    digits_samples,
    oddly_named_model,
    random_model,
)

import fxtypes as fx
from fxtypes.kernels.python_rounding import bound, round_to
from fxtypes_nn import (
    MLP,
    Dense,
    MeanSquaredError,
    Precision,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    datasets,
)
from fxtypes_nn.errors import ExportError
from fxtypes_nn.export.network import DenseStage, Lines, describe, make_vectors, signed_bits
from fxtypes_nn.layers import Layer


def cast(by, value):
    """The value rounded, which must lie where the description says it does."""
    assert by.low <= value <= by.high
    fmt, shift = by.format, by.shift
    rounded = round_to(value, shift, fmt.rounding, 0) if shift > 0 else value << -shift
    assert by.can_overflow or fmt.raw_min <= rounded <= fmt.raw_max
    assert max(map(signed_bits, (value, rounded))) <= by.bits
    return bound(rounded, fmt)


def element(stage, x):
    assert stage.in_format.raw_min <= x <= stage.in_format.raw_max
    if isinstance(stage, Lines):
        line = sum(threshold <= x for threshold in stage.thresholds)
        return cast(stage.cast, stage.slopes[line] * x + stage.offsets[line])
    address = cast(stage.address, x)
    return stage.values[address & (1 << stage.address.format.width) - 1]


def dense(stage, xs):
    found = []
    for weights, bias in zip(stage.weights, stage.bias, strict=True):
        total = bias << stage.bias_shift
        for weight, x in zip(weights, xs, strict=True):
            total = (total << stage.sum_shift) + (weight * x << stage.product_shift)
            assert signed_bits(total) <= stage.sum_bits
            if stage.step is not None:
                total = cast(stage.step, total)
        found.append(cast(stage.cast, total))
    return found


def outputs(network, xs):
    for stage in network.stages:
        one = isinstance(stage, DenseStage)
        xs = dense(stage, xs) if one else [element(stage, x) for x in xs]
    return xs


def drawn(network):
    fmt = network.in_format
    count = 1 << fmt.width
    rows = [[fmt.raw_min + (31 * i + 7 * j * j) * 977 % count for j in range(5)] for i in range(40)]
    return fx.FixedArray.from_raw(rows, fmt)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("accumulator", [False, True])
def test_any_formats_and_modes(seed, accumulator):
    model = random_model(seed, accumulator)
    network = describe(model, "any")
    vectors = make_vectors(model, network, drawn(network))
    for xs, expected in zip(vectors.inputs, vectors.outputs, strict=True):
        assert outputs(network, xs) == expected


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("overflow", OVERFLOWS)
def test_each_mode(rounding, overflow):
    for seed in range(3):
        model = random_model(seed, False, rounding, overflow)
        network = describe(model, "any")
        vectors = make_vectors(model, network, drawn(network))
        assert [outputs(network, xs) for xs in vectors.inputs] == vectors.outputs


@pytest.mark.parametrize("width", [8, 33, 128])
def test_digits(width):
    model = digits_model(width)
    network = describe(model, "digits")
    vectors = make_vectors(model, network, digits_samples(10))
    assert [outputs(network, xs) for xs in vectors.inputs] == vectors.outputs
    assert vectors.classes == model.predict(digits_samples(10)).tolist()


def test_an_exact_function_of_few_bits_is_a_table_of_all():
    model = MLP([6, 4, 3], hidden="sigmoid", precision=Precision.preset(8))
    table = describe(model, "exact").stages[1]
    assert len(table.values) == 256
    x = fx.FixedArray.from_raw(range(-128, 128), table.in_format)
    expected = fx.sigmoid(x, format=table.out_format).raw.tolist()
    assert [element(table, raw) for raw in range(-128, 128)] == expected


def test_what_the_outputs_are_is_said():
    network = describe(MLP([6, 3]), "one")
    assert network.leave_out == 1
    assert any("softmax1, is left out" in note for note in network.notes)
    regression = describe(MLP([6, 1], output="identity"), "two")
    assert not regression.classifies


def refused(model, *words):
    with pytest.raises(ExportError) as caught:
        describe(model, "any")
    for word in words:
        assert word in str(caught.value)


def test_what_no_target_can_do_is_refused_with_the_way_out():
    exact = MLP([6, 4, 3], hidden="tanh", precision=Precision.preset(32))
    refused(exact, "tanh1", "32 bits", 'approximation="table"', "table_bits", "piecewise_linear")
    layers = [Dense(4), Softmax(), Dense(3), Softmax()]
    refused(Sequential(layers, 6), "softmax1")
    refused(Sequential([ReLU()], 6), "no Dense layer")


def test_draws_are_refused_where_they_would_round():
    precision = Precision.preset(16)
    drawing = precision.logits.replace(rounding="stochastic")
    model = MLP([6, 3], precision=precision.replace(logits=drawing))
    refused(model, "dense1", "stochastically", "set_precision")
    table = Sequential([Dense(3), Sigmoid("table")], 6, precision.replace(probabilities=drawing))
    refused(table, "sigmoid1", "stochastically")


def test_raising_is_refused_where_it_could():
    precision = Precision.preset(16)
    fmt = precision.logits.replace(overflow="raise")
    model = MLP([6, 3], precision=precision.replace(logits=fmt))
    refused(model, "dense1", 'overflow="raise"')
    wide = precision.replace(logits=fx.Format(60, 30, overflow="raise"))
    assert describe(MLP([6, 3], precision=wide), "any").out_format.width == 60


def test_classes_of_rounded_probabilities_are_refused():
    model = MLP([6, 3], precision=Precision.preset(16))
    x = [[0.1 * i] * 6 for i in range(4)]
    model.fit(x, [0, 1, 2, 0], loss=MeanSquaredError(), progress=False)
    refused(model, "softmax1", "MeanSquaredError", "CrossEntropy")


def test_a_layer_of_ones_own_is_refused_by_name():
    class Square(Layer):
        def forward(self, x, context):
            return fx.multiply(x, x, format=self.output_format), None

    refused(Sequential([Dense(3), Square(), Softmax()], 6), "square1", "Square")


def test_layers_of_ones_own_classes_have_names_that_nothing_else_has():
    network = describe(oddly_named_model(), "any")
    assert [stage.name for stage in network.stages] == [
        "layer_1_grosse1",
        "layer_2_grosse1",
        "layer_3_net_supply1",  # supply1 is a word of Verilog's
        "layer_4_y1",  # y1 is a function of C's
        "layer_5_values_1",
        "layer_6",  # of a name of 51 letters
    ]


def test_samples_are_standardised_as_the_model_does_it():
    data = datasets.load("digits").standardise()
    model = MLP([64, 10], precision=Precision.preset(32))
    lazy = data.lazy(model.precision.inputs)
    model.fit(lazy.x_train, lazy.y_train, progress=False)
    network = describe(model, "any")
    assert any("standardised" in note for note in network.notes)
    plain = datasets.load("digits").x_test[:5]
    vectors = make_vectors(model, network, plain)
    assert vectors.inputs == lazy.x_test[:5].raw.tolist()
    assert vectors.classes == model.predict(plain).tolist()
