"""Warnings about a training that goes wrong: each comes, once, and not where all is well."""

import re
import warnings
from fractions import Fraction

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn.watch.advice import (
    Advisor,
    TrainingWarning,
    about_inputs,
    typical_magnitude,
)
from fxtypes_nn.watch.history import History
from fxtypes_nn.watch.observer import Observer, lost_share, watched_columns

ACTIVATIONS, UPDATES = fx.Format(16, 10), fx.Format(16, 13)
LAYERS = [
    ("dense1", "Dense", ACTIVATIONS),
    ("relu1", "ReLU", ACTIVATIONS),
    ("dense2", "Dense", ACTIVATIONS),
    ("softmax1", "Softmax", fx.Format(16, 14)),
]
PARAMETERS = {"dense1": ["weights", "bias"], "relu1": [], "dense2": ["weights"], "softmax1": []}
NAMES = ["dense1.weights", "dense1.bias", "dense2.weights"]
HEALTHY = {
    "epoch": 1,
    "loss": 1.5,
    "accuracy": 0.5,
    "dense1.input.abs_max": 1.0,
    "relu1.input.max": 3.0,
    "relu1.output.abs_max": 3.0,
    "dense1.forward.saturation": 3,
    "dense2.forward.saturation": 3,
    **{f"{name}.lost": 0.2 for name in NAMES},
}


class Run:
    """Rows shown to an advisor, and what it says."""

    def __init__(self, layers=LAYERS, updates=UPDATES, **options):
        self.advisor = Advisor(
            layers, dict.fromkeys(NAMES, updates), **{"batch_size": 64, "classes": 10} | options
        )
        self.history = History(watched_columns(PARAMETERS))

    def row(self, **changes):
        """Show a row; return what is said."""
        row = HEALTHY | {"iteration": len(self.history) + 1}
        row |= {name.replace("__", "."): value for name, value in changes.items()}
        self.history.append(row)
        return self.said(lambda: self.advisor.after_iteration(row, self.history))

    def rows(self, count, **changes):
        return [self.row(**changes) for _ in range(count)]

    def epoch(self):
        return self.said(lambda: self.advisor.after_epoch(self.history))

    @staticmethod
    def said(look):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            look()
        assert all(warning.category is TrainingWarning for warning in caught)
        return [str(warning.message) for warning in caught]


def all_lost(share):
    return {f"{name.replace('.', '__')}__lost": share for name in NAMES}


def test_a_healthy_run_is_left_alone():
    run = Run()
    assert run.rows(30) == [[]] * 30
    assert run.epoch() == []
    assert issubclass(TrainingWarning, UserWarning)


def test_unscaled_inputs():
    run = Run()
    assert run.rows(5, dense1__input__abs_max=16.0) == [[]] * 5
    (text,) = run.row(dense1__input__abs_max=255.0)
    assert "inputs reach 255" in text
    assert "divide them by their maximum (images by 255)" in text
    assert run.rows(3, dense1__input__abs_max=255.0) == [[]] * 3


def test_inputs_that_saturate_the_first_layer():
    run = Run(batch_size=64)
    assert run.rows(9, dense1__input__abs_max=1.0, dense1__forward__saturation=64) == [[]] * 9
    run = Run(batch_size=64)
    assert run.rows(9, dense1__input__abs_max=16.0, dense1__forward__saturation=31) == [[]] * 9
    assert run.row(dense1__input__abs_max=16.0, dense1__forward__saturation=33) == []
    (text,) = run.row(dense1__input__abs_max=16.0, dense1__forward__saturation=32)
    assert text.startswith("inputs reach 16 and dense1 saturates, and learning wants them about 1")


def test_what_is_put_in_said_is_not_said():
    run = Run()
    run.advisor.said.add("inputs")
    assert run.rows(3, dense1__input__abs_max=255.0) == [[]] * 3


def test_rows_that_are_not_watched_say_nothing():
    run = Run()
    row = {"iteration": 1, "epoch": 1, "loss": 2.5, "accuracy": 0.1}
    run.history.append(row)
    assert run.said(lambda: run.advisor.after_iteration(row, run.history)) == []


@pytest.mark.parametrize("step", [None, Fraction(1, 2**17), 2.0**-17, Fraction(3, 2**18), 2.0**-14])
def test_every_update_rounds_to_nothing(step):
    run = Run(step=lambda name: {"dense1.weights": step}[name])
    (text,) = run.row(**all_lost(1.0))
    assert text.startswith("every update rounds to nothing: ")
    assert 'round `updates` with "stochastic", or give `updates`' in text
    assert text.endswith("or raise the learning rate")
    if step is None:
        assert "more fraction bits" in text
    else:
        # The fewest bits with which such a step is more than half a unit: only this moves.
        bits = int(re.search(r"(\d+) fraction bits? (?:is|are) missing", text)[1])
        assert f"give `updates` {bits} more fraction bit" in text
        more = eval(re.search(r"Format\(16, 13\).*(Format\(.*?\))", text)[1], vars(fx))
        assert more == fx.Format(16 + bits, 13 + bits)
        for fmt, moves in ((more, True), (fx.Format(15 + bits, 12 + bits), False)):
            p = fx.array([0.5, -0.25], fmt)
            exact = fx.array([step, step], fx.Format(128, 100))
            assert (fx.add(p, exact, format=fmt) != p).all() == moves
    assert run.rows(5, **all_lost(1.0)) == [[]] * 5


def test_one_parameter_that_moves_is_enough():
    run = Run()
    assert run.rows(2, **all_lost(1.0) | {"dense1__bias__lost": 0.99}) == [[]] * 2


def test_without_room_for_more_bits_no_format_is_named():
    run = Run(updates=fx.Format(126, 100), step=lambda name: Fraction(1, 2**110))
    (text,) = run.row(**all_lost(1.0))
    assert "give `updates` 10 more fraction bits, or raise" in text


def test_stochastic_updates_that_move_nothing_for_long():
    run = Run(updates=UPDATES.replace(rounding="stochastic"), step=lambda name: 2.0**-20)
    assert run.rows(2, **all_lost(1.0)) == [[]] * 2
    ((text,),) = run.rows(1, **all_lost(1.0))
    assert "7 fraction bits are missing" in text
    assert "round `updates`" not in text


def test_half_the_updates_lost():
    run = Run(step=lambda name: {"dense1.bias": 2.0**-15}[name])
    assert run.rows(9, dense1__bias__lost=0.5) == [[]] * 9
    assert run.row(dense1__bias__lost=0.25) == []
    (text,) = run.row(dense1__bias__lost=0.9)
    assert text.startswith("55% of the updates of dense1.bias round to nothing: ")
    assert "2 fraction bits are missing" in text
    assert run.rows(3, dense1__bias__lost=0.9) == [[]] * 3


def test_stochastic_updates_may_lose_most():
    run = Run(updates=UPDATES.replace(rounding="stochastic"))
    assert run.rows(20, **all_lost(0.98)) == [[]] * 20


def test_what_is_lost_wholly_is_not_said_twice():
    run = Run()
    assert [len(said) for said in run.rows(6, **all_lost(1.0))] == [1, 0, 0, 0, 0, 0]


def test_a_dead_layer():
    dead = {"relu1__output__abs_max": 0.0, "relu1__input__max": -0.5}
    run = Run()
    assert run.rows(2, **dead) == [[]] * 2
    assert run.row() == []
    assert run.rows(2, **dead) == [[]] * 2
    (text,) = run.row(**dead)
    assert text.startswith("relu1 is dead: in the last 3 watched batches all its outputs were 0")
    assert "lower the learning rate, or use LeakyReLU" in text
    assert run.rows(3, **dead) == [[]] * 3


@pytest.mark.parametrize(("kind", "most"), [("ReLU", 1e-5), ("LeakyReLU", -0.01)])
def test_a_layer_whose_outputs_round_to_nothing(kind, most):
    layers = [(name, kind if name == "relu1" else k, fmt) for name, k, fmt in LAYERS]
    run = Run(layers=layers)
    *_, (text,) = run.rows(3, relu1__output__abs_max=0.0, relu1__input__max=most)
    assert "Format(16, 10) rounds all that is small to 0" in text
    assert "more fraction bits" in text


def test_a_sigmoid_may_give_0():
    layers = [(name, "Sigmoid" if name == "relu1" else k, fmt) for name, k, fmt in LAYERS]
    assert Run(layers=layers).rows(5, relu1__output__abs_max=0.0) == [[]] * 5


def test_saturated_logits():
    run = Run(batch_size=64)
    assert run.rows(9, dense2__forward__saturation=31) == [[]] * 9
    assert run.row(dense2__forward__saturation=33) == []
    (text,) = run.row(dense2__forward__saturation=32)
    assert text.startswith("the softmax is saturated: in the last 3 watched batches 96 logits")
    assert "Format(16, 10), which holds [-32, 31.999]" in text
    assert "more integer bits" in text
    assert run.rows(3, dense2__forward__saturation=64) == [[]] * 3


def test_a_loss_of_0():
    run = Run()
    assert run.rows(9, loss=0.0) == [[]] * 9
    (text,) = run.row(loss=0.0)
    assert "the loss was 0 in the last 10 iterations" in text
    assert "stop earlier" in text


def test_only_a_softmax_saturates():
    layers = [*LAYERS[:3], ("sigmoid1", "Sigmoid", fx.Format(16, 14))]
    run = Run(layers=layers)
    assert run.rows(12, loss=0.0, dense2__forward__saturation=640) == [[]] * 12


@pytest.mark.parametrize(
    ("accuracy", "classes", "warned"),
    [
        (0.09, 10, True),
        (0.114, 10, True),  # the commonest digit of MNIST, always
        (0.15, 10, False),
        (0.505, 2, True),
        (0.58, 2, False),
        (0.01, 100, True),
        (0.04, 100, False),
        (0.0, None, False),
        (1.0, 1, False),
        (None, 10, False),
    ],
)
def test_accuracy_at_chance(accuracy, classes, warned):
    run = Run(classes=classes)
    run.rows(200, epoch=1, accuracy=accuracy)
    said = run.epoch()
    assert len(said) == warned
    if warned:
        assert f"after epoch 1: {100 * accuracy:.3g}%, where guessing one of {classes}" in said[0]
        assert "learning rate ten times smaller or larger" in said[0]
    assert run.epoch() == []


def test_only_the_second_half_of_the_last_epoch_is_judged():
    run = Run()
    run.rows(100, epoch=1, accuracy=0.1)
    run.rows(50, epoch=2, accuracy=0.1)
    run.rows(50, epoch=2, accuracy=0.5)
    assert run.epoch() == []
    run.rows(50, epoch=3, accuracy=0.5)
    run.rows(50, epoch=3, accuracy=0.1)
    assert "after epoch 3" in run.epoch()[0]


def test_few_samples_say_nothing():
    run = Run()
    run.rows(14, accuracy=0.1)
    assert run.epoch() == []
    run.rows(1, accuracy=0.1)
    assert len(run.epoch()) == 1


def test_about_inputs():
    fmt = fx.Format(16, 10)
    assert about_inputs(0.0, 0, 255, fmt) is None
    text = about_inputs(0.25, 0, 255, fmt)
    assert "25% of the inputs, which range from 0 to 255, are beyond Format(16, 10)" in text
    assert "holds [-32, 31.999]" in text
    assert "divide them by their maximum (images by 255)" in text
    assert "9 integer bits" in text  # sign included: [-256, 256)
    assert "8 integer bits" in about_inputs(1e-5, 0, 255, fx.Format(8, 4, signed=False))
    assert "0.001% of" in about_inputs(1e-5, 0, 255, fmt)
    assert "integer bits" not in about_inputs(0.1, -1, 2, fx.Format(8, 7, signed=False))


@pytest.mark.parametrize("fmt", [fx.Format(8, 4), fx.Format(64, 3), fx.Format(128, 140)], ids=str)
def test_typical_magnitude_is_the_median_of_what_is_not_0(fmt):
    for raws in ([0, 0, -5], [1, -2, 3, 0], [4, -4, 9, 127, -128], [[7, 0], [-6, 2]]):
        values = fx.FixedArray.from_raw(raws, fmt)
        magnitudes = sorted(abs(v) for v in values.to_fractions().ravel() if v)
        assert typical_magnitude(values) == magnitudes[(len(magnitudes) - 1) // 2]
    assert typical_magnitude(fx.zeros((3,), fmt)) is None


def train(updates, activations, rate=2**-4, scale=1, epochs=6, shuffled=False):
    """Train a small network with `fx` alone, watched in every second iteration.

    Returns what was said and the last epoch's accuracy.
    """
    generator = np.random.default_rng(0)
    y = generator.integers(0, 10, 1280)
    centres = generator.normal(size=(10, 12))
    x = (centres[y] + generator.normal(size=(1280, 12)) / 4) / 4 * scale
    if shuffled:
        generator.shuffle(y)
    gradients = fx.Format(24, 20)
    x = fx.array(x, activations)
    parameters = {
        "dense1.weights": fx.array(generator.normal(size=(12, 24)) / 3, updates),
        "dense1.bias": fx.zeros((24,), updates),
        "dense2.weights": fx.array(generator.normal(size=(24, 10)) / 3, updates),
    }
    steps = {}
    layers = [(name, kind, activations) for name, kind, _ in LAYERS]
    history = History(watched_columns(PARAMETERS))
    advisor = Advisor(
        layers,
        dict.fromkeys(parameters, updates),
        batch_size=64,
        classes=10,
        step=lambda name: typical_magnitude(steps[name]) * Fraction(rate),
    )

    def iteration(x, y):
        one_hot = fx.array(np.eye(10, dtype=int)[y], gradients)
        with fx.record() as events:
            watched = Observer(PARAMETERS, events)
            w1, b1, w2 = (parameters[name] for name in NAMES)
            with watched.operations("dense1", "forward"):
                z = fx.matmul(x, w1, format=activations, initial=b1)
            watched.forward("dense1", x, z)
            h = fx.maximum(z, 0)
            watched.forward("relu1", z, h)
            with watched.operations("dense2", "forward"):
                logits = fx.matmul(h, w2, format=activations)
            watched.forward("dense2", h, logits)
            losses = fx.logsumexp(logits, axis=-1, format=fx.Format(64, 40))
            p = fx.softmax(logits, axis=-1, format=gradients)
            g = (p - one_hot) >> 6
            back = fx.where(z > 0, fx.matmul(g, w2.T, format=gradients), fx.zeros((), gradients))
            steps.update(
                zip(
                    NAMES,
                    (
                        fx.matmul(x.T, back, format=gradients),
                        back.sum(axis=0),
                        fx.matmul(h.T, g, format=gradients),
                    ),
                    strict=True,
                )
            )
            for name in NAMES:
                layer, _, parameter = name.partition(".")
                before = parameters[name]
                with watched.operations(layer, "update"):
                    after = fx.linear_combination([1, -rate], [before, steps[name]], updates)
                watched.parameter(layer, parameter, after, lost_share(before, after, steps[name]))
                parameters[name] = after
        true = [float(logits[i, c]) for i, c in enumerate(y)]
        loss = float(losses.to_fractions().mean()) - sum(true) / len(true)
        return {"loss": loss, "accuracy": np.mean(logits.argmax(axis=-1) == y)} | watched.row

    def run():
        for epoch in range(epochs):
            for start in range(0, 1280, 64):
                row = iteration(x[start : start + 64], y[start : start + 64])
                row |= {"iteration": len(history) + 1, "epoch": epoch + 1}
                history.append(row)
                if not len(history) % 2:
                    advisor.after_iteration(row, history)
            advisor.after_epoch(history)

    with fx.seeded(1):
        said = Run.said(run)
    return said, history.mean_of_last("accuracy", 20)


@pytest.mark.parametrize("width", [12, 16, 24, 32, 64])
def test_training_that_learns_is_left_alone(width):
    rounding = "stochastic" if width < 24 else "nearest_even"
    updates = fx.Format(width, width - 3, rounding=rounding)
    said, accuracy = train(updates, fx.Format(width, width - 6), rate=0.5)
    assert said == []
    assert accuracy > 0.9


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"scale": 100}, "inputs reach"),
        ({"updates": fx.Format(8, 5)}, "every update rounds to nothing"),
        ({"updates": fx.Format(11, 8)}, "of the updates of"),
        ({"shuffled": True, "epochs": 1}, "accuracy is at chance"),
    ],
)
def test_training_that_does_not_learn_is_told_why(options, expected):
    said, _ = train(**{"updates": UPDATES, "activations": ACTIVATIONS} | options)
    assert any(expected in message for message in said), said
