"""Operations and memory traffic of passes, counted by hand."""

from collections import Counter

import pytest

import fxtypes as fx
from fxtypes_nn import (
    MLP,
    SGD,
    Adam,
    Cosine,
    Dense,
    Dropout,
    Layer,
    LeakyReLU,
    MeanSquaredError,
    PowersOfTwo,
    Precision,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    layers,
)
from fxtypes_nn.export.network import describe
from fxtypes_nn.studies.costs import Operation
from fxtypes_nn.studies.floats import FloatNetwork
from fxtypes_nn.studies.work import (
    Access,
    Lookup,
    Work,
    inference_work,
    is_power_of_two,
    training_work,
)
from fxtypes_nn.training.optimizers import Optimizer

# Every role has a width of its own, by which a test sees what was counted.
MIXED = Precision(
    weights=fx.Format(5, 2),
    activations=fx.Format(7, 2),
    gradients=fx.Format(11, 2),
    updates=fx.Format(13, 2),
    inputs=fx.Format(17, 2),
    pre_activations=fx.Format(19, 2),
    logits=fx.Format(23, 2),
    biases=fx.Format(6, 2),
    state=fx.Format(29, 2),
)


def products(first, second):
    return Operation("int", "multiply", *sorted((first, second)))


def sums(width):
    return Operation("int", "add", width, width)


def test_inference_by_hand():
    """3 inputs, 4 hidden, 2 outputs, 10 samples."""
    work = inference_work(MLP([3, 4, 2], precision=MIXED), samples=10)
    assert work.operations == Counter(
        {
            products(17, 5): 10 * 3 * 4,
            sums(17 + 5 + 2): 10 * 4 * 3,  # 3 products and a bias are 4 terms
            sums(19): 10 * 4 + 0,  # x > 0
            products(7, 5): 10 * 4 * 2,
            sums(7 + 5 + 3): 10 * 2 * 4,  # 5 terms
            sums(23): 10 * 1,  # which of two is larger
        }
    )
    assert not work.functions
    assert work.traffic == Counter(
        {
            Access("read", 17): 30,
            Access("read", 5): 12 + 8,
            Access("read", 6): 4 + 2,
            Access("write", 19): 40,
            Access("read", 19): 40,
            Access("write", 7): 40,
            Access("read", 7): 40,
            Access("write", 23): 20,
        }
    )
    bits = 30 * 17 + 20 * 5 + 6 * 6 + 2 * 40 * 19 + 2 * 40 * 7 + 20 * 23
    assert work.bytes_moved == bits / 8


def test_training_by_hand():
    """3 inputs, 4 hidden, 2 outputs, a batch of 8 and plain gradient descent."""
    work = training_work(MLP([3, 4, 2], precision=MIXED), 8, SGD(0.5))
    parameters = 3 * 4 + 4 + 4 * 2 + 2
    assert work.operations == Counter(
        {
            # forward
            products(17, 5): 8 * 3 * 4,
            sums(24): 8 * 4 * 3,
            sums(19): 8 * 4,
            products(7, 5): 8 * 4 * 2,
            sums(15): 8 * 2 * 4,
            # p - 1 where the class is; all others are p itself. A step by half the gradient, too,
            # is a sum as wide as the parameter: 13 bits
            sums(11): 8,
            sums(13): parameters,
            # backward, the second layer: gradients of weights, bias, inputs
            products(7, 11): 4 * 2 * 8,
            sums(7 + 11 + 3): 4 * 2 * 7,
            sums(11 + 3): 2 * 7 + 4 * 7,
            products(5, 11): 8 * 4 * 2,
            sums(5 + 11 + 1): 8 * 4 * 1,
            # the first one, of which nobody wants the inputs' gradient
            products(17, 11): 3 * 4 * 8,
            sums(17 + 11 + 3): 3 * 4 * 7,
        }
    )
    assert work.functions == Counter(softmax=8 * 2)


def test_a_rate_that_is_no_power_of_two_multiplies():
    model = MLP([3, 2], precision=MIXED)
    free, costly = (training_work(model, 8, SGD(rate)) for rate in (0.5, 0.1))
    parameters = 3 * 2 + 2
    assert costly.operations - free.operations == Counter(
        {products(24, 11): parameters, sums(35): parameters}
    )
    # A batch that is no power of two makes the mean's factor one that isn't, either.
    assert training_work(model, 7, SGD(0.5)).operations[products(24, 11)] == parameters
    shifts = training_work(model, 8, SGD(PowersOfTwo(0.1)))
    assert shifts.operations == free.operations
    assert training_work(model, 8, SGD(Cosine(1, 4)), step=3).count("multiply") == free.count(
        "multiply"
    )  # a half, at the middle


def test_momentum_and_decay_by_hand():
    model = MLP([3, 2], precision=MIXED)
    n = 3 * 2 + 2
    plain = training_work(model, 8, SGD(0.5)).operations
    momentum = training_work(model, 8, SGD(0.5, momentum=0.9)).operations
    # v' = .9 v + g, and p - .5 g - .45 v: each has a product and the sum is as wide as that
    assert momentum - plain == Counter({products(24, 29): 2 * n, sums(53): 3 * n})
    decay = training_work(model, 8, SGD(0.5, weight_decay=0.3)).operations
    assert decay - plain == Counter({products(24, 13): n, sums(37): 2 * n})


def test_adam_by_hand():
    model = MLP([3, 2], precision=MIXED)
    n = 3 * 2 + 2
    work = training_work(model, 8, Adam())
    update = work.operations - training_work(model, 8, SGD(0.5)).operations
    assert update == Counter(
        {
            products(24, 29): n + n,  # beta1 m, and a times the quotient
            products(24, 11): n,
            sums(53): n,
            products(29, 29): n,
            products(11, 11): n,
            products(24, 58): n,
            products(24, 22): n,
            sums(82): n,
            sums(29): 3 * n,  # max, + e, p + step
        }
    )
    assert work.functions - Counter(softmax=16) == Counter({"square root": n, "divide": n})


@pytest.mark.parametrize(
    ("layer", "functions", "multiplications"),
    [
        (ReLU(), {}, 0),
        (LeakyReLU(0.125), {}, 0),
        (LeakyReLU(0.1), {}, 2 * 32),
        (Sigmoid(), {"sigmoid": 32}, 2 * 32),
        (Tanh("table"), {}, 2 * 32),
        (Tanh("piecewise_linear"), {}, 2 * 32),
        (Softmax(), {"softmax": 32}, 2 * 32),
        (Dropout(0.5), {"divide": 64}, 0),
    ],
)
def test_layers(layer, functions, multiplications):
    """4 units between two layers, a batch of 8, forward and back."""
    model = Sequential([Dense(4), layer, Dense(2), Softmax()], 3, MIXED)
    plain = Sequential([Dense(4), Dense(2), Softmax()], 3, MIXED)
    work, without = training_work(model, 8, SGD(0.5)), training_work(plain, 8, SGD(0.5))
    assert work.functions - without.functions == Counter(functions)
    assert work.count("multiply") - without.count("multiply") == multiplications


def test_dropout_does_nothing_when_it_does_not_train():
    model = Sequential([Dense(4), Dropout(0.5), Dense(2), Softmax()], 3, Precision.uniform(8, 4))
    plain = Sequential([Dense(4), Dense(2), Softmax()], 3, Precision.uniform(8, 4))
    assert inference_work(model) == inference_work(plain)


def test_mean_squared_error():
    model = MLP([3, 2], output="sigmoid", precision=MIXED)
    work = training_work(model, 8, SGD(0.5), MeanSquaredError())
    assert work.functions == Counter(sigmoid=16)  # 2 / 2 outputs is no division
    model = MLP([3, 5], output="sigmoid", precision=MIXED)
    work = training_work(model, 8, SGD(0.5), MeanSquaredError())
    assert work.functions == Counter(sigmoid=40, divide=40)


def test_an_accumulator_is_as_wide_as_it_is():
    precision = MIXED.replace(accumulator=fx.Format(31, 4))
    work = inference_work(MLP([3, 2], precision=precision))
    assert work.operations[sums(31)] == 2 * 3


def test_layers_have_formats_of_their_own():
    precision = MIXED.replace(layers={"dense2": Precision.uniform(9, 4)})
    work = training_work(MLP([3, 4, 2], precision=precision), 8, SGD(0.5))
    assert work.operations[products(7, 9)] == 8 * 4 * 2  # forward
    assert work.operations[products(9, 11)] == 8 * 4 * 2  # the gradient by its inputs


def test_sums_and_multiples():
    one = inference_work(MLP([3, 2], precision=MIXED))
    assert one.times(3) == one + one + one
    assert (one + Work()) == one


def test_tables_are_looked_up():
    """Forward only. From -2 to 2 in quarters: beyond, tanh is 1 to two fraction bits."""
    layers = [Dense(4), Tanh("table", 6), Dense(2), Softmax()]
    work = training_work(Sequential(layers, 3, MIXED), 8, SGD(0.5))
    width = MIXED.activations.width
    assert work.lookups == Counter({Lookup(16, width): 32})
    assert (work + work).lookups == work.times(2).lookups == Counter({Lookup(16, width): 64})
    assert work.in_floats(32).lookups == Counter({Lookup(16, 32): 32})


def test_in_floats():
    work = training_work(MLP([3, 4, 2], precision=MIXED), 8, Adam())
    floats = work.in_floats(32)
    assert floats.count("add") == work.count("add")
    assert floats.count("multiply") == work.count("multiply")
    assert set(floats.operations) == {
        Operation("float", "add", 32, 32),
        Operation("float", "multiply", 32, 32),
    }
    assert floats.bytes_moved == 4 * sum(work.traffic.values())
    assert floats.functions == work.functions


def test_powers_of_two():
    assert all(map(is_power_of_two, (1, -2, fx.array(0.125, fx.Format(8, 4)).item())))
    assert not any(map(is_power_of_two, (0, 3, -6)))


def test_every_layer_is_known():
    """To the estimates, to the twin in floating point and to the exports."""
    names = [getattr(layers, name) for name in layers.__all__]
    kinds = {each for each in names if isinstance(each, type) and issubclass(each, Layer)}
    assert len(kinds) > 6
    for kind in kinds - {Layer, Dense, Softmax}:
        made = kind(*({LeakyReLU: [0.25], Dropout: [0.5]}.get(kind, [])))
        model = Sequential([Dense(4), made, Dense(2), Softmax()], 3, Precision.preset(8))
        training_work(model, 8, SGD(0.5))
        FloatNetwork(model)
        assert describe(model, "any").outputs == 2


def test_what_is_not_known_is_named():
    class Own(Layer):
        def forward(self, x, context):
            return x, lambda gradient: (gradient, {})

    class OwnSteps(Optimizer):
        pass

    model = Sequential([Dense(4), Own(), Dense(2), Softmax()], 3, MIXED)
    with pytest.raises(ValueError, match="work of own1, a Own, isn't known; that of Dense, ReLU"):
        inference_work(model)
    with pytest.raises(ValueError, match="work of OwnSteps isn't known; that of SGD and Adam is"):
        training_work(MLP([3, 2]), 8, OwnSteps())
