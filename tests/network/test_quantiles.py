"""Quantiles of the parameters, recorded in a training and drawn within the extremes."""

import numpy as np
import pytest
from made_up_runs import record

from fxtypes_nn import MLP, Precision, datasets
from fxtypes_nn.watch.plots import PICTURES
from fxtypes_nn.watch.quantiles import QUANTILES, Quantiles


def fit(callback, **options):
    digits, model = datasets.load("digits"), MLP([64, 8, 10], precision=Precision.preset(16))
    settings = {"batch_size": 32, "progress": False, "callbacks": [callback]} | options
    return model, model.fit(digits.x_train / 16, digits.y_train, **settings)


def recorded(history):
    return [i for i, v in enumerate(history["dense2.bias.q05"], 1) if v is not None]


def test_they_are_the_parameters_quantiles_after_the_update():
    seen = []

    class Look(Quantiles):
        def on_iteration_end(self, trainer):
            super().on_iteration_end(trainer)
            seen.append(trainer.model.parameters()["dense1.weights"].to_numpy())

    _, history = fit(Look(every=1))
    assert recorded(history) == [1, 11, 21, 31, 41, 45]  # the iterations that are watched
    for what, share in QUANTILES.items():
        assert history[f"dense1.weights.{what}"][20] == np.quantile(seen[20], share)


def test_no_more_often_than_asked_for_and_no_other_bits():
    model, history = fit(Quantiles(every=25), epochs=2)
    assert recorded(history) == [1, 31, 61, 90]
    plain, _ = fit(object(), epochs=2)
    for name, values in plain.parameters().items():
        assert (model.parameters()[name] == values).all()


def test_a_resumed_run_records_as_if_never_interrupted(tmp_path):
    _, whole = fit(Quantiles(every=25), epochs=3)
    fit(Quantiles(every=25), epochs=1, checkpoint=tmp_path)
    _, resumed = fit(Quantiles(every=25), epochs=3, checkpoint=tmp_path, resume=True)
    assert resumed == whole


def test_they_are_drawn_within_the_extremes():
    digits = record()
    for name in ("dense1.weights.q05", "dense1.weights.q95"):
        digits.history.amend(name, -0.75 if name.endswith("05") else 0.5)
    figure = PICTURES["parameters"](digits)
    assert {-0.75, 0.5} <= {line.get_ydata()[0] for line in figure.axes[0].lines}
    assert not {-0.75, 0.5} & {line.get_ydata()[0] for line in figure.axes[1].lines}
    assert "90% lie between" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_fewer_than_every_iteration_is_refused():
    with pytest.raises(ValueError, match="every must be at least 1, got 0"):
        Quantiles(every=0)
