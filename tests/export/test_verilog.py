"""The exported Verilog, simulated by Icarus Verilog, gives the model's bits; lint and synthesis."""

import pytest
from export_checks import (
    digits_model,
    digits_samples,
    needs,
    oddly_named_model,
    random_model,
    run_verilog,
    succeeds,
)

import fxtypes as fx
from fxtypes_nn import MLP, Precision
from fxtypes_nn.export import export


def design(folder):
    return sorted(path.name for path in folder.glob("*.v") if not path.stem.endswith("_test"))


@needs("iverilog", "vvp")
@pytest.mark.parametrize("width", [8, 16, 33])
def test_digits(tmp_path, width):
    done = export(digits_model(width), "verilog", tmp_path / "v", digits_samples(), "digits")
    status, output = run_verilog(tmp_path / "v")
    assert status == 0
    cycles = done.costs.cycles
    assert output == f"passed: 360 samples, no bit differs; {cycles} cycles each\n"


@needs("iverilog", "vvp")
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("accumulator", [False, True])
def test_any_formats_and_modes(tmp_path, seed, accumulator):
    export(random_model(seed, accumulator), "verilog", tmp_path / "v")
    status, output = run_verilog(tmp_path / "v")
    assert status == 0, output
    assert output.startswith("passed: 16 samples, no bit differs;")


@needs("verilator")
@pytest.mark.parametrize("seed", range(3))
def test_lint_of_any_formats(tmp_path, seed):
    export(random_model(seed, seed == 0), "verilog", tmp_path / "v")
    lint = ["verilator", "--lint-only", "-Wall", "--top-module", "network"]
    assert succeeds(tmp_path / "v", *lint, *design(tmp_path / "v")) == ""


@needs("verilator")
@pytest.mark.parametrize("width", [8, 33])
def test_lint(tmp_path, width):
    export(digits_model(width), "verilog", tmp_path / "v", digits_samples(1), "digits")
    lint = ["verilator", "--lint-only", "-Wall", "--top-module", "digits"]
    assert succeeds(tmp_path / "v", *lint, *design(tmp_path / "v")) == ""


@needs("iverilog", "vvp")
@pytest.mark.parametrize("file", ["outputs", "classes", "inputs"])
def test_one_bit_less_is_noticed(tmp_path, file):
    export(MLP([4, 3], precision=Precision.preset(16), seed=3), "verilog", tmp_path / "v")
    path = tmp_path / "v" / f"network_test_{file}.hex"
    title, first, *rest = path.read_text().split("\n")
    flipped = int(first, 16) ^ (1 << 10 if file == "inputs" else 1)
    path.write_text("\n".join([title, f"{flipped:0{len(first)}x}", *rest]))
    status, output = run_verilog(tmp_path / "v")
    assert status == 1
    assert output.startswith("FAILED: sample 0")


@needs("iverilog", "vvp")
def test_an_altered_weight_is_noticed(tmp_path):
    export(MLP([4, 3], precision=Precision.preset(16), seed=3), "verilog", tmp_path / "v")
    path = tmp_path / "v" / "network_dense1_weights.hex"
    title, first, *rest = path.read_text().split("\n")
    path.write_text("\n".join([title, f"{int(first, 16) ^ 1 << 12:04x}", *rest]))
    status, output = run_verilog(tmp_path / "v")
    assert status == 1
    assert "FAILED" in output


def test_memories_are_what_from_mem_reads(tmp_path):
    model = MLP([4, 3], precision=Precision.preset(16), seed=3)
    export(model, "verilog", tmp_path / "v")
    weights = model.parameters()["dense1.weights"]
    found = fx.from_mem(tmp_path / "v" / "network_dense1_weights.hex", weights.format)
    assert found.raw.tolist() == weights.T.raw.reshape(-1).tolist()


@needs("yosys")
def test_synthesis(tmp_path):
    export(MLP([3, 2], precision=Precision.preset(8)), "verilog", tmp_path / "v")
    reading = f"read_verilog {' '.join(design(tmp_path / 'v'))}"
    succeeds(
        tmp_path / "v", "yosys", "-q", "-p", f"{reading}; synth -top network; tee -o stat stat"
    )
    text = (tmp_path / "v" / "stat").read_text()
    cells = [int(line.split(":")[1]) for line in text.split("\n") if "Number of cells" in line]
    assert cells[-1] > 100
    assert "$_DFF" in text
    # No latch, and nothing that was left for a simulator.
    assert "DLATCH" not in text
    assert "$print" not in text


@needs("iverilog", "vvp")
@pytest.mark.parametrize("name", ["Module", "include", "natural"])
def test_names_are_made_legal(tmp_path, name):
    export(oddly_named_model(), "verilog", tmp_path / "v", name=name)
    status, output = run_verilog(tmp_path / "v")
    assert status == 0, output
    assert "passed: 16 samples" in output
    legal = f"net_{name.lower()}"
    assert f"module {legal} (" in (tmp_path / "v" / f"{legal}.v").read_text()


@needs("iverilog", "vvp")
@pytest.mark.parametrize("sizes", [[3, 1], [1, 1, 1], [2, 5]])
def test_a_regression_has_no_class(tmp_path, sizes):
    model = MLP(sizes, output="identity", precision=Precision.preset(16), seed=4)
    done = export(model, "verilog", tmp_path / "out")
    status, output = run_verilog(tmp_path / "out")
    assert status == 0, output
    assert "passed: 16 samples, no bit differs" in output
    assert "class" not in (tmp_path / "out" / done.files[0]).read_text()
