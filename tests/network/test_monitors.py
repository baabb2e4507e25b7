"""History and its files, and the PNG."""

import csv
import json
from fractions import Fraction

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import MLP, History, Precision
from fxtypes_nn.plots import training_png


def trained(width=16, validation=0.2):
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(50, 4)), generator.integers(0, 3, 50)
    model = MLP([4, 5, 3], precision=Precision.preset(width))
    history = model.fit(x, y, epochs=3, batch_size=16, validation=validation, progress=False)
    return model, history


@pytest.mark.parametrize("width", [16, 32, 128])
def test_a_row_an_iteration(width):
    model, history = trained(width)
    assert len(history) == 9
    assert history["iteration"] == list(range(1, 10))
    assert history["epoch"] == [1] * 3 + [2] * 3 + [3] * 3
    assert [v is None for v in history["validation_loss"]] == [True, True, False] * 3
    assert all(0 <= v <= 1 for v in history["accuracy"])
    assert history.parameters == list(model.parameters())
    for name, values in model.parameters().items():
        exact = values.to_fractions()
        assert history[f"{name}.min"][-1] == float(exact.min())
        assert history[f"{name}.max"][-1] == float(exact.max())
        assert history[f"{name}.abs_max"][-1] == float(abs(exact).max())


def test_last_is_the_last_value_there_is():
    _, history = trained(validation=None)
    assert history.last("validation_loss") is None
    _, history = trained()
    assert history.last("validation_loss") == history["validation_loss"][-1]


@pytest.mark.parametrize("fmt", [fx.Format(8, 5), fx.Format(8, -3), fx.Format(8, 12)])
def test_integer_bits_are_the_fewest_that_hold_the_range(fmt):
    def holds(int_bits, values):
        # With as many fraction bits as the format has.
        width = int_bits + fmt.frac_bits
        half = Fraction(2) ** (int_bits - 1)
        return width >= 1 and all(-half <= v < half for v in values)

    for raws in ([0, 0], [-1, 0], [0, 1], [-128, 127], [3, 64], [-64, 63], [-65, 2], [5, 9]):
        history = History()
        array = fx.FixedArray.from_raw(raws, fmt)
        history.append(epoch=1, loss=0.0, accuracy=1.0, parameters=[("a.w", array)])
        (found,) = history["a.w.int_bits"]
        assert holds(found, array.to_fractions())
        assert not holds(found - 1, array.to_fractions())


def test_csv_and_json_hold_every_value(tmp_path):
    _, history = trained()
    history.to_csv(tmp_path / "h.csv")
    history.to_json(tmp_path / "h.json")
    with open(tmp_path / "h.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = json.loads((tmp_path / "h.json").read_text(encoding="utf-8"))
    assert list(columns) == history.columns == list(rows[0])
    for name in history.columns:
        assert columns[name] == history[name]
        assert [float(r[name]) if r[name] else None for r in rows] == history[name]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["h.csv", "h.json"]


@pytest.mark.parametrize("validation", [None, 0.2])
def test_png(tmp_path, validation):
    _, history = trained(validation=validation)
    training_png(history, tmp_path / "t.png", "title")
    data = (tmp_path / "t.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(data) > 10_000
    assert [p.name for p in tmp_path.iterdir()] == ["t.png"]
