"""FollowRange: binary points that follow the largest magnitudes."""

import math
from fractions import Fraction

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import MLP, SGD, FollowRange, Precision, datasets, load_model
from fxtypes_nn.training.ranges import holding

F = fx.Format
WIDE = Precision.preset(16)
NARROW = WIDE.replace(weights=F(4, 0), biases=WIDE.updates)
DIGITS = datasets.load("digits").lazy(NARROW.inputs)
X, Y = DIGITS.x_train[:256], DIGITS.y_train[:256]


def model_of(precision=NARROW, hidden="relu"):
    return MLP([64, 12, 10], hidden=hidden, precision=precision, seed=4)


@pytest.mark.parametrize("fmt", [F(8, 0), F(3, 5), F(8, 0, signed=False), F(2, -4)])
def test_holding_is_the_finest_that_holds(fmt):
    for limit in [Fraction(n, d) for n in range(1, 40) for d in (1, 3, 7, 8, 64)]:
        found = holding(limit, fmt)
        assert found.replace(frac_bits=fmt.frac_bits) == fmt
        power = (
            2 ** (Fraction(fmt.width - fmt.signed - found.frac_bits)).numerator
            if fmt.width - fmt.signed >= found.frac_bits
            else Fraction(1, 2 ** (found.frac_bits - fmt.width + fmt.signed))
        )
        assert limit <= power < 2 * limit
    assert holding(Fraction(0), fmt) == fmt
    assert holding(Fraction(1, 10**200), fmt).frac_bits == 256
    assert holding(Fraction(10**200), fmt).frac_bits == -256


class Spy:
    """What each epoch was computed in, and what weights went into it."""

    def __init__(self):
        self.formats, self.weights = [], []

    def note(self, trainer):
        layers = [layer for layer in trainer.model.layers if layer.parameters]
        self.formats.append([layer.precision.weights for layer in layers])
        self.weights.append([layer.parameters["weights"] for layer in layers])

    on_fit_begin = note

    def on_iteration_end(self, trainer):
        if trainer.iteration % 4 == 1:  # of the 4 of an epoch
            self.note(trainer)


@pytest.mark.parametrize("share", [1, 0.5, Fraction(1, 3)])
def test_weights_follow_their_maximum(share):
    model, spy = model_of(hidden="sigmoid"), Spy()
    model.fit(X, Y, 5, optimizer=SGD(4), callbacks=[FollowRange(share), spy], progress=False)
    assert len(spy.formats) == 6
    for formats, weights in zip(spy.formats, spy.weights, strict=True):
        for fmt, values in zip(formats, weights, strict=True):
            most = abs(values.to_numpy()).max()
            assert fmt == F(4, 3 - math.ceil(math.log2(most * share)))
    assert len({tuple(formats) for formats in spy.formats}) > 1  # they moved
    assert {layer.precision.biases for layer in model.layers} == {WIDE.updates}
    assert {layer.precision.updates for layer in model.layers} == {WIDE.updates}


def test_activations_follow_the_outputs_of_their_epoch():
    precision = WIDE.replace(
        activations=F(6, 9, signed=False),
        inputs=WIDE.inputs,
        pre_activations=F(16, 10),
        logits=F(16, 10),
    )
    model, found = model_of(precision), []

    class Note:
        def on_iteration_end(self, trainer):
            found.append(trainer.model.layers[1].output_format)

    history = model.fit(
        X, Y, 7, callbacks=[FollowRange(None, 1), Note()], progress=False, watch_every=1
    )
    fmt = precision.activations
    assert found[:4] == [fmt] * 4  # nothing was seen before the first epoch
    for epoch in range(1, 7):
        rows = [i for i, e in enumerate(history["epoch"]) if e == epoch]
        most = max(history["relu1.output.abs_max"][i] for i in rows)
        # At the format's end nobody knows how much larger they would be.
        goal = 2 * most if most >= fmt.max else most
        fmt = fmt.replace(frac_bits=6 - math.ceil(math.log2(goal)))
        assert found[4 * epoch : 4 * epoch + 4] == [fmt] * 4
    assert found[-1].max > precision.activations.max * 8
    assert model.layers[1].precision.inputs == precision.inputs
    assert model.precision.activations == precision.activations
    assert model.layers[3].output_format == precision.probabilities


def run(checkpoint, epochs, **options):
    model = model_of()
    callbacks = [FollowRange(activations=0.5), *options.pop("callbacks", ())]
    options |= {"optimizer": SGD(0.5), "callbacks": callbacks, "progress": False}
    model.fit(X, Y, epochs, 32, checkpoint=checkpoint, **options)
    return model


def test_a_resumed_run_has_the_same_points_and_bits(tmp_path):
    class Cut:
        def on_iteration_end(self, trainer):
            if trainer.iteration == 19:  # within the third epoch
                raise KeyboardInterrupt

    whole = run(tmp_path / "a", 4)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "b", 4, callbacks=[Cut()])
    resumed = run(tmp_path / "b", 4, resume=True)
    assert resumed.precision == whole.precision != NARROW
    for name, values in resumed.parameters().items():
        np.testing.assert_array_equal(values.raw, whole.parameters()[name].raw)


@pytest.mark.parametrize("more", [1, 2])
def test_a_run_that_goes_on_between_two_epochs_has_the_same_bits(tmp_path, more):
    whole = run(None, 2 + more)
    assert run(tmp_path, 2).precision != whole.precision
    resumed = run(tmp_path, 2 + more, resume=True)
    assert resumed.precision == whole.precision
    for name, values in resumed.parameters().items():
        np.testing.assert_array_equal(values.raw, whole.parameters()[name].raw)


def test_a_saved_model_goes_on_with_its_points(tmp_path):
    model = run(None, 2)
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    for each in (model, loaded):
        each.fit(X, Y, 2, callbacks=[FollowRange()], progress=False)
    assert loaded.precision == model.precision
    for name, values in loaded.parameters().items():
        np.testing.assert_array_equal(values.raw, model.parameters()[name].raw)


def test_refuses_wrong_shares():
    with pytest.raises(ValueError, match=r"needs a share of weights=, of activations="):
        FollowRange(None)
    for wrong in (0, -1, 2, math.nan):
        with pytest.raises(ValueError, match=f"weights must be above 0 and at most 1, got {wrong}"):
            FollowRange(wrong)
    for wrong in ("1/2", True, 1j):
        with pytest.raises(ValueError, match="activations must be a number above 0"):
            FollowRange(activations=wrong)
