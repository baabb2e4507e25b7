"""What holds of every target: the folder, the names, the report, the arrays."""

import json
import os

import numpy as np
import pytest
from export_checks import digits_model, digits_samples, random_model

from fxtypes_nn import MLP, Precision
from fxtypes_nn.export import TARGETS, ExportError, export
from fxtypes_nn.export.costs import estimate
from fxtypes_nn.export.names import legal_name
from fxtypes_nn.export.network import describe

safetensors = pytest.importorskip("safetensors.numpy")


def small(width=16):
    return MLP([4, 3], precision=Precision.preset(width), seed=3)


def test_an_unknown_target_is_refused(tmp_path):
    with pytest.raises(ExportError, match=r"there is no target 'gds'; there are npz, .*vhdl"):
        export(small(), "gds", tmp_path / "x")


@pytest.mark.parametrize("target", TARGETS)
def test_the_folder_is_whole_and_the_same_each_time(tmp_path, target):
    for name in ("a", "b"):
        done = export(small(), target, tmp_path / name)
        assert sorted(os.listdir(tmp_path / name)) == sorted(done.files)
    for name in done.files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_nothing_that_is_there_is_lost(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match=r"kept is there already.*--out"):
        export(small(), "c", tmp_path / "kept")
    with pytest.raises(ExportError, match=r"mine.txt is there already"):
        export(small(), "c", tmp_path / "kept" / "mine.txt")
    assert (tmp_path / "kept" / "mine.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    export(small(), "c", tmp_path / "empty")


def test_a_failure_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        export(small(), "c", tmp_path / "x")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("digits", "digits"),
        ("Digits-1", "digits_1"),
        ("2 layers", "net_2_layers"),
        ("signal", "net_signal"),
        ("Int", "net_int"),
        ("forever", "net_forever"),
        ("include", "net_include"),
        ("natural", "net_natural"),
        ("co-await", "net_co_await"),
        ("__a--b__", "a_b"),
        ("Größe", "grosse"),
        ('a"; $finish; //', "a_finish"),
    ],
)
def test_names_are_made_legal(given, made):
    assert legal_name(given) == made


@pytest.mark.parametrize("name", ["", "---", "网络", "x" * 41])
def test_names_of_which_nothing_is_left_are_refused(name):
    with pytest.raises(ExportError, match=r"the name .*name="):
        legal_name(name)


def test_the_report_tells_formats_outputs_and_costs(tmp_path):
    done = export(digits_model(16), "verilog", tmp_path / "v", digits_samples(3), "digits")
    text = (tmp_path / "v" / "README.txt").read_text()
    for part in (
        "inputs       64 of Format(16, 10)",
        "outputs      10 of Format(16, 10)",
        "softmax1, is left out: the outputs are the logits",
        "The class is the index of the largest output, the lowest of equal ones.",
        "samples that the test compares: 3",
        f"clock cycles a sample   {done.costs.cycles:12,}",
        "iverilog",
    ):
        assert part in text


def test_costs_of_a_worked_example():
    # docs/export.md works this out by hand.
    costs = estimate(describe(MLP([4, 3, 2], precision=Precision.preset(8)), "example"))
    assert costs.products == 4 * 3 + 3 * 2
    assert costs.cycles == (12 + 3) + (6 + 3)
    assert costs.multipliers == ((8, 8), (8, 8))
    assert costs.memory_bits == 8 * (4 + (12 + 3 + 3) + (6 + 2 + 2))


def raws(array, width, signed):
    """Integers of arrays as they are exported."""
    if width <= 64:
        return array.tolist()
    low, high = (array[..., i].astype(object) for i in (0, 1))
    found = low + (high << 64)
    sign = 1 << width - 1
    found = found & (1 << width) - 1
    return (
        np.where(found >= sign, found - (1 << width), found).tolist() if signed else found.tolist()
    )


@pytest.mark.parametrize("width", [8, 33, 128])
@pytest.mark.parametrize("target", ["npz", "safetensors"])
def test_arrays_are_the_models_raw_integers(tmp_path, target, width):
    model, samples = digits_model(width), digits_samples(4)
    export(model, target, tmp_path / "out", samples, "digits")
    path = tmp_path / "out" / f"digits.{target}"
    arrays = dict(np.load(path)) if target == "npz" else safetensors.load_file(path)
    parameters = model.parameters()
    for name, values in parameters.items():
        used = values.astype(model.precision.weights)  # biases' are the same
        assert raws(arrays[name], used.format.width, True) == used.raw.tolist()
    assert arrays["test.classes"].tolist() == model.predict(samples).tolist()
    logits = model.outputs(samples, 1)
    assert raws(arrays["test.outputs"], width, True) == logits.raw.tolist()
    text = json.loads((tmp_path / "out" / "network.json").read_text())
    kinds = [stage["kind"] for stage in text["stages"]]
    assert kinds == ["dense", "lines", "dense", "table", "dense"]
    assert text["output_format"]["width"] == width
    assert len(arrays["sigmoid1.table"]) == 1 << text["stages"][3]["address"]["format"]["width"]


def test_any_model_can_be_described_in_json(tmp_path):
    for seed in range(10):
        export(random_model(seed, seed % 2 == 0), "npz", tmp_path / str(seed))
