"""Bits cut off weights: the measures, what is safe, and the command."""

import csv
import itertools
import math

import numpy as np
import pytest
from command_line import config_of, refused, run

import fxtypes as fx
from fxtypes_nn import (
    MLP,
    SGD,
    Dense,
    Precision,
    ReLU,
    Sequential,
    datasets,
    from_sklearn,
    load_model,
)
from fxtypes_nn.runs import execute
from fxtypes_nn.runs.settings import resolve
from fxtypes_nn.studies.bit_cutting import (
    ALL,
    Step,
    cut_bits,
    cut_significant,
    first_changes,
    kendall_tau,
    same_top,
    significant,
)
from fxtypes_nn.studies.bit_cutting_pages import draw
from fxtypes_nn.studies.retraining import retrain

RANDOM = np.random.default_rng(3)


def tau_b(a, b):
    """By its definition, pair by pair."""
    agree = first = second = 0
    for i, j in itertools.combinations(range(len(a)), 2):
        left, right = np.sign(a[i] - a[j]), np.sign(b[i] - b[j])
        agree += left * right
        first += left != 0
        second += right != 0
    return agree / math.sqrt(first * second)


def test_kendall_tau():
    for values in (RANDOM.normal(size=(2, 50, 6)), RANDOM.integers(0, 3, (2, 50, 6))):
        varied = [i for i in range(50) if np.ptp(values[0][i]) and np.ptp(values[1][i])]
        a, b = (each[varied].astype(float) for each in values)
        expected = [tau_b(x, y) for x, y in zip(a, b, strict=True)]
        np.testing.assert_allclose(kendall_tau(a, b), expected)
    rows = np.arange(5.0)[None]
    assert kendall_tau(rows, rows) == kendall_tau(0 * rows, 0 * rows) == [1]
    assert kendall_tau(rows, -rows) == [-1]
    assert kendall_tau(rows, 0 * rows) == [0]
    many = RANDOM.normal(size=(9000, 3))
    assert (kendall_tau(many, many) == 1).all()


def test_same_top():
    a = np.array([[3.0, 2, 1, 0], [3, 2, 1, 0]])
    b = np.array([[3.0, 2, 0, 1], [2, 3, 1, 0]])
    assert [same_top(a, b, count) for count in (1, 2, 3)] == [0.5, 0.5, 0]


@pytest.mark.parametrize("bits", [1, 2, 7, 24, 53])
def test_significant_bits(bits):
    values = np.concatenate([RANDOM.normal(size=100), [0, 1, -1, 2.0**-40, 3, 5, 7]])
    for value, found in zip(values, significant(values, bits), strict=True):
        if not value:
            assert found == 0
            continue
        unit = 2.0 ** (math.floor(math.log2(abs(value))) + 1 - bits)
        assert found / unit == round(value / unit)  # ties to even, too
    assert (significant(values.astype(np.float32), 24) == values.astype(np.float32)).all()


@pytest.fixture(scope="module")
def trained():
    digits = datasets.load("digits")
    model = MLP([64, 12, 10], precision=Precision.preset(16), seed=1)
    lazy = digits.lazy(model.precision.inputs)
    model.fit(lazy.x_train, lazy.y_train, 8, 32, optimizer=SGD(0.1), progress=False)
    return model, lazy.x_test, lazy.y_test


def test_a_cut_is_the_model_with_such_weights(trained):
    model, x, y = trained
    before = {name: values.copy() for name, values in model.parameters().items()}
    cuts = cut_bits(model, x, y)
    for name, values in model.parameters().items():
        assert (values == before[name]).all()  # as it was
    assert cuts.accuracy == model.evaluate(x, y)["accuracy"]
    fmt = model.precision.weights
    scores = model.outputs(x, 1).to_numpy()
    for step in cuts.steps[:: len(cuts.steps) // 12]:
        other = MLP([64, 12, 10], precision=model.precision, seed=1)
        int_bits, frac_bits = fmt.int_bits, fmt.frac_bits
        if step.bits == "fraction":
            frac_bits = step.kept
        else:
            int_bits = step.kept
        cut_format = fx.Format(int_bits + frac_bits, frac_bits)
        cut = {
            name: values.astype(cut_format) if step.layer in (ALL, name.split(".")[0]) else values
            for name, values in before.items()
        }
        other.set_parameters(cut)
        assert step.accuracy == other.evaluate(x, y)["accuracy"]
        now = other.outputs(x, 1).to_numpy()
        assert step.agreement == (now.argmax(axis=1) == scores.argmax(axis=1)).mean()
        assert step.tau == pytest.approx(np.mean(kendall_tau(scores, now)))
        own = [n for n in before if step.layer in (ALL, n.split(".")[0])]
        moved = sum(np.count_nonzero(cut[n] != before[n]) for n in own)
        assert step.moved == moved / sum(before[n].size for n in own)
        beyond = sum(np.count_nonzero(abs(before[n]) > -cut_format.min) for n in own)
        assert step.saturated == pytest.approx(beyond / sum(before[n].size for n in own), abs=1e-2)


@pytest.mark.parametrize("within", [0, 0.5, 5])
def test_what_is_safe(trained, within):
    model, x, y = trained
    cuts = cut_bits(model, x, y, within)
    assert [each.layer for each in cuts.safe] == [ALL, "dense1", "dense2"]
    for each in cuts.safe:
        assert each.accuracy >= cuts.accuracy - within / 100 - 1e-9
        fmt = eval(each.text, {"Format": fx.Format})
        assert fmt.width <= 16
        # With a bit less of either, one of the cuts down to it loses more.
        for bits, kept, lost in (
            ("fraction", fmt.frac_bits, "fraction"),
            ("integer", fmt.int_bits, "integer"),
        ):
            steps = [s for s in cuts.steps if (s.layer, s.bits) == (each.layer, bits)]
            assert [s.kept for s in steps] == list(range(steps[0].kept, steps[-1].kept - 1, -1))
            wrong = [s.kept for s in steps if s.accuracy < cuts.accuracy - within / 100 - 1e-9]
            if wrong and "are kept" not in each.reason:
                assert max(wrong) == kept - 1
                verb = "bit loses" if kept == 2 else "bits lose"
                assert f"{kept - 1} {lost} {verb} " in each.reason


def test_both_cuts_together_may_be_too_much():
    """7/8 needs three fraction bits; with one integer bit 1 becomes the largest, 7/8 with three."""
    model = Sequential([Dense(2, bias=False)], 2, Precision.uniform(8, 4))
    model.set_parameters({"dense1.weights": [[0.875, 1], [0, 0]]})
    cuts = cut_bits(model, np.array([[1.0, 0]] * 4), np.ones(4, int))
    assert len(cuts.safe) == 1  # one layer is all layers
    assert cuts.safe[0].text == "Format(5, 4)"
    assert cuts.safe[0].accuracy == cuts.accuracy == 1
    assert cuts.safe[0].reason == (
        "2 fraction bits lose 100.00 points; 0 integer bits lose 100.00 points (50.00% of the "
        "parameters saturate); both cuts together lose more than each alone, so 4 fraction bits "
        "are kept"
    )


def test_no_weights():
    with pytest.raises(ValueError, match="no Dense layer"):
        cut_bits(Sequential([ReLU()], 3), np.ones((2, 3)), np.zeros(2, int))


def test_significant_cuts(trained):
    model, x, y = trained
    cuts = cut_significant(model, x, y)
    own = [s for s in cuts.steps if s.layer == ALL]
    assert [s.kept for s in own] == list(range(24, 0, -1))
    assert own[0].moved == 0  # 16 bits are exact in 24
    assert own[0].tau == own[0].agreement == own[0].top3 == 1
    assert own[-1].accuracy < cuts.accuracy
    assert own[-1].tau < own[10].tau
    kept = int(cuts.safe[0].text.split()[0])
    assert next(s for s in own if s.kept == kept).accuracy == cuts.safe[0].accuracy


def test_a_model_of_scikit_learns():
    """Its accuracy before any cut is the estimator's own."""
    linear = pytest.importorskip("sklearn.linear_model")
    digits = datasets.load("digits")
    x, y = digits.x_test / 16, digits.y_test
    estimator = linear.LogisticRegression(max_iter=200).fit(digits.x_train / 16, digits.y_train)
    accuracy = float(np.mean(estimator.predict(x) == y))
    assert cut_bits(from_sklearn(estimator), x, y).accuracy == accuracy
    assert cut_significant(from_sklearn(estimator), x, y).accuracy == accuracy


def test_first_changes():
    def step(kept, agreement, top3, tau):
        return Step(ALL, "fraction", kept, 1, agreement, top3, tau, 0, 0)

    steps = [step(5, 1, 1, 1), step(4, 1, 1, 0.99), step(3, 1, 0.9, 0.9), step(2, 1, 1, 0.9)]
    assert first_changes(steps) == {"agreement": None, "top3": 3, "tau": 4}


# The command


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(execute, "draw", lambda *_: [])
    monkeypatch.setattr(execute, "write_report", lambda *_: None)
    return tmp_path


def quick(capsys, *more):
    arguments = ("train", "--epochs", "1", "--layers", "8", "--width", "12", "--out", "r", *more)
    assert run(capsys, *arguments)[0] == 0


def test_the_command(capsys, here):
    quick(capsys)
    status, out, _ = run(capsys, "precision", "r")
    assert status == 0
    assert {p.name for p in (here / "r" / "precision").iterdir()} == {
        "precision.md",
        "precision.csv",
        "precision.png",
    }
    assert "all layers: Format(" in out
    assert "order of predicted classes" in out
    table = (here / "r" / "precision" / "precision.csv").read_text()
    rows = list(csv.DictReader(table.splitlines()))
    assert rows[0].keys() == set(Step._fields)
    model = load_model(here / "r" / "model.npz")
    digits = datasets.load("digits").lazy(model.precision.inputs)
    accuracy = model.evaluate(digits.x_test, digits.y_test)["accuracy"]
    assert f"uncut: accuracy {accuracy:.2%}" in out
    assert (here / "r" / "precision" / "precision.png").read_bytes().startswith(b"\x89PNG")
    # The same of the model's file, which doesn't know its data.
    (here / "m.npz").write_bytes((here / "r" / "model.npz").read_bytes())
    status, again, _ = run(capsys, "precision", "m.npz", "--dataset", "digits", "--within", "2")
    assert status == 0
    assert (here / "m-precision" / "precision.csv").read_text() == (
        here / "r" / "precision" / "precision.csv"
    ).read_text()
    assert "within 2 points" in again
    status, out, _ = run(capsys, "precision", "r", "--significant", "--out", "s")
    assert status == 0
    assert "significant bits keeps" in out
    assert "significant bits" in (here / "s" / "precision.md").read_text()


@pytest.mark.parametrize("more", [(), ("--schedule", "cosine", "--warm-up", "0.5")])
def test_retraining(capsys, here, more):
    """On with the run's own weights, used in fewer bits and kept in as many as before."""
    quick(capsys, *more)
    status, out, _ = run(capsys, "precision", "r", "--within", "20", "--retrain", "3")
    assert status == 0
    before, after = (
        load_model(here / "r" / "model.npz"),
        load_model(here / "r" / "precision" / "retrained.npz"),
    )
    assert after.epochs_trained == before.epochs_trained + 3
    weights = after.precision.weights
    assert weights.width < before.precision.weights.width
    assert after.precision.biases == weights
    assert f"all layers: {weights!r} keeps" in out
    assert after.precision.updates == before.precision.updates
    digits = datasets.load("digits").lazy(after.precision.inputs)
    accuracy = after.evaluate(digits.x_test, digits.y_test)["accuracy"]
    assert f"trained on with weights in {weights!r}: accuracy {accuracy:.2%}" in out
    assert accuracy > before.evaluate(digits.x_test, digits.y_test)["accuracy"] - 0.2


def test_retraining_narrows_every_layer(trained):
    """Those with formats of their own, too."""
    own = Precision.uniform(28, 22)
    precision = Precision.uniform(32, 24).replace(layers={"dense2": own})
    model = MLP([64, 12, 10], precision=precision)
    digits = datasets.load("digits").lazy(precision.inputs)
    weights = fx.Format(6, 4)
    retrain(model, weights, digits, resolve({}), 1)
    assert model.precision.weights == weights
    assert model.precision.layers["dense2"].weights == weights
    assert model.precision.layers["dense2"].activations == own.activations


def test_standardised_data(capsys, here):
    """As the model takes them, also where the data are named anew."""
    quick(capsys, "--standardise")
    first = run(capsys, "precision", "r", "--out", "a")[1]
    second = run(capsys, "precision", "r", "--out", "a", "--dataset", "digits")[1]
    assert first == second
    assert f"uncut: accuracy {config_of(here / 'r')['test_accuracy']:.2%}" in first


def test_errors_are_one_line(capsys, here):
    quick(capsys)
    for data in ((), ("--dataset", "digits")):
        refused(capsys, ["there is no run or model m.npz"], "precision", "m.npz", *data)
    (here / "table.csv").write_text("\n".join(f"{i},{i % 3},{'ab'[i % 2]}" for i in range(40)))
    words = ["table.csv has samples of shape (2,)", "the model takes (64,)", "--dataset"]
    refused(capsys, words, "precision", "r", "--dataset", "table.csv")
    config = here / "r" / "config.json"
    whole = config.read_text()
    config.write_text(whole.replace('"dataset": "digits"', '"dataset": "gone.csv"'))
    refused(capsys, ["file 'gone.csv'", "--dataset names the data"], "precision", "r")
    config.write_text(whole)
    (here / "file").write_text("")
    refused(capsys, ["file can't be written: it is no folder"], "precision", "r", "--out", "file")
    (here / "r" / "model.npz").write_bytes(b"PK")
    refused(capsys, ["model.npz"], "precision", "r")
    (here / "r" / "model.npz").unlink()
    refused(capsys, ["isn't trained to its end"], "precision", "r")
    (here / "empty").mkdir()
    refused(capsys, ["config.json is missing"], "precision", "empty")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("r/model.npz",), "r/model.npz is no run's folder: give its data by --dataset"),
        (("r", "--within", "-1"), "--within: must be a number from 0 to 100, got '-1'"),
        (("r", "--within", "nan"), "got 'nan'"),
        (("r", "--dataset", "nothing"), "--dataset"),
        (("r", "--retrain", "0"), "--retrain: must be an integer of at least 1, got '0'"),
        (("r", "--retrain", "1", "--significant"), "--retrain trains in fixed point"),
        (("r", "--out", ""), "--out: must be a folder's name"),
    ],
)
def test_usage_errors(capsys, here, arguments, words):
    (here / "r").mkdir()
    (here / "r" / "model.npz").touch()
    status, out, err = run(capsys, "precision", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_the_picture_has_a_panel_a_kind(trained):
    model, x, y = trained
    assert len(draw(cut_bits(model, x, y)).axes) == 2
    assert len(draw(cut_significant(model, x, y), 1).axes) == 1
