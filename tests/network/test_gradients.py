"""Ranges of gradients: what the layers made, recorded where it is asked for, and drawn."""

import numpy as np
from command_line import QUICK, config_of, run
from made_up_runs import FORMAT, record

import fxtypes as fx
from fxtypes_nn import Dense, Gradients, History, Precision, ReLU, Sequential, Softmax, datasets
from fxtypes_nn.watch.plots import PICTURES
from fxtypes_nn.watch.plots.ranges import gradient_ranges

RANGES = ("min", "max", "abs_max", "int_bits")


class Kept(Dense):
    """A Dense that keeps what its last backward pass was given, and what it made."""

    def forward(self, x, context):
        y, backward = super().forward(x, context)

        def kept(gradient):
            self.given, self.made = gradient, backward(gradient)
            return self.made

        return y, kept


def fit(*callbacks, width=16, **options):
    digits = datasets.load("digits")
    layers = [Kept(8), ReLU(), Kept(10), Softmax()]
    model = Sequential(layers, 64, Precision.preset(width), seed=2)
    settings = {"batch_size": 32, "progress": False, "callbacks": callbacks} | options
    return model, model.fit(digits.x_train / 16, digits.y_train, **settings)


def wanted(values):
    """By Python's integers."""
    raw = [int(value) for value in np.ravel(values.raw)]
    low, high = min(raw), max(raw)
    step, bits = 2.0**-values.format.frac_bits, 1
    while not -(2 ** (bits - 1)) <= low <= high < 2 ** (bits - 1):
        bits += 1
    return (low * step, high * step, max(-low, high) * step, bits - values.format.frac_bits)


def test_they_are_the_ranges_of_what_the_layers_made():
    for width in (10, 16, 100):
        model, history = fit(Gradients(), width=width)
        first, second = model.layers[0], model.layers[2]
        made = {
            "kept1.gradient.weights": first.made[1]["weights"][0],
            "kept1.gradient.bias": first.made[1]["bias"][0],
            "relu1.gradient.input": first.given,
            "kept2.gradient.weights": second.made[1]["weights"][0],
            "kept2.gradient.bias": second.made[1]["bias"][0],
            "kept2.gradient.input": second.made[0],
            "softmax1.gradient.input": second.given,
        }
        for name, values in made.items():
            found = tuple(history[f"{name}.{what}"][-1] for what in RANGES)
            assert found == wanted(values), (width, name)
            assert values.format.width == width
        assert {c.rpartition(".")[0] for c in history.columns if ".gradient." in c} == made.keys()


def test_where_nobody_asks_nothing_is_recorded_and_no_bit_is_another():
    model, history = fit(Gradients(), epochs=2)
    plain, other = fit(epochs=2)
    assert not [name for name in other.columns if ".gradient." in name]
    assert other.columns == [name for name in history.columns if ".gradient." not in name]
    assert all(history[name] == other[name] for name in other.columns)
    for name, values in plain.parameters().items():
        assert (model.parameters()[name] == values).all()
    recorded = [i for i, v in enumerate(history["kept2.gradient.input.max"], 1) if v is not None]
    assert recorded == [i for i in range(1, 91) if i % 10 == 1 or i in (45, 90)]


def test_a_resumed_run_records_as_if_never_interrupted(tmp_path):
    _, whole = fit(Gradients(), epochs=3)
    fit(Gradients(), epochs=1, checkpoint=tmp_path)
    _, resumed = fit(Gradients(), epochs=3, checkpoint=tmp_path, resume=True)
    assert resumed == whole


def test_a_picture_shows_them_from_the_first_layer_on():
    made = record(layers=("dense1", "dense2"))
    assert PICTURES["gradients"](made) is None
    names = ("dense2.gradient.weights", "dense2.gradient.input", "dense1.gradient.weights")
    for name in names:
        for what, value in zip(RANGES, (-0.5, 3.5, 3.5, 3), strict=True):
            made.history.amend(f"{name}.{what}", value)
    made = record(
        history=made.history, formats=dict.fromkeys(names, FORMAT), layers=("dense1", "dense2")
    )
    assert [r.name for r in gradient_ranges(made)] == [names[2], *names[:2]]
    figure = PICTURES["gradients"](made)
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]
    assert titles == ["dense1.gradient", "dense2.gradient"]
    assert {-0.5, 3.5} <= {line.get_ydata()[0] for line in figure.axes[0].lines}
    assert PICTURES["gradients"].says(made).startswith("dense1.gradient.weights came nearest")
    rows = [text.get_text() for text in PICTURES["bits"](made).axes[0].get_yticklabels()]
    assert rows == [names[2], *names[:2]]


def test_the_command_line_records_and_draws_them(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    precision = tmp_path / "s.toml"
    precision.write_text("watch-gradients = true\n[precision]\ngradients = 'Format(12, 10)'")
    assert run(capsys, *QUICK, "--config", precision, "--out", "r")[0] == 0
    assert (tmp_path / "r" / "gradients.png").exists()
    history = History.from_json(tmp_path / "r" / "history.json")
    names = {c.rpartition(".")[0] for c in history.columns if ".gradient." in c}
    assert "dense1.gradient.weights" in names
    formats = config_of(tmp_path / "r")["formats"]
    assert {formats[name] for name in names} == {repr(fx.Format(12, 10))}
