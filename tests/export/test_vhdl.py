"""The exported VHDL, simulated by GHDL, gives the model's bits."""

import pytest
from export_checks import (
    digits_model,
    digits_samples,
    needs,
    oddly_named_model,
    random_model,
    run_vhdl,
    succeeds,
)

from fxtypes_nn import MLP, Precision
from fxtypes_nn.export import export

pytestmark = needs("ghdl")


# GHDL takes a tenth of a second for a sample of 33 bits: the long tier has all 360.
@pytest.mark.parametrize(
    ("width", "count"),
    [(8, 360), (16, 360), (33, 60), pytest.param(33, 360, marks=pytest.mark.long)],
)
def test_digits(tmp_path, width, count):
    samples = digits_samples(count)
    done = export(digits_model(width), "vhdl", tmp_path / "v", samples, "digits")
    status, output = run_vhdl(tmp_path / "v", "digits")
    assert status == 0, output
    expected = f"passed: {count} samples, no bit differs; {done.costs.cycles} cycles each\n"
    assert output.endswith(expected)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("accumulator", [False, True])
def test_any_formats_and_modes(tmp_path, seed, accumulator):
    export(random_model(seed, accumulator), "vhdl", tmp_path / "v")
    status, output = run_vhdl(tmp_path / "v")
    assert status == 0, output
    assert "passed: 16 samples, no bit differs;" in output


@pytest.mark.parametrize("what", ["expected", "classes"])
def test_one_bit_less_is_noticed(tmp_path, what):
    export(MLP([4, 3], precision=Precision.preset(16), seed=3), "vhdl", tmp_path / "v")
    path = tmp_path / "v" / "network_test.vhd"
    start = f"constant {what} : {what}_memory := (\n"
    before, after = path.read_text().split(start)
    line, rest = after.split("\n", 1)
    digit = line.rindex('"') - 1
    flipped = line[:digit] + str(1 - int(line[digit])) + line[digit + 1 :]
    path.write_text(f"{before}{start}{flipped}\n{rest}")
    status, output = run_vhdl(tmp_path / "v")
    assert status == 1
    assert "FAILED: sample 0" in output


@pytest.mark.parametrize("sizes", [[3, 1], [1, 1, 1], [2, 5]])
def test_a_regression_has_no_class(tmp_path, sizes):
    model = MLP(sizes, output="identity", precision=Precision.preset(16), seed=4)
    done = export(model, "vhdl", tmp_path / "out")
    status, output = run_vhdl(tmp_path / "out")
    assert status == 0, output
    assert "passed: 16 samples, no bit differs" in output
    assert "class" not in (tmp_path / "out" / done.files[0]).read_text()


@pytest.mark.parametrize("name", ["Signal", "natural", "rising_edge", "resize"])
def test_names_are_made_legal(tmp_path, name):
    """Words of VHDL, and what its standard packages call so."""
    export(oddly_named_model(), "vhdl", tmp_path / "v", name=name)
    entity = f"net_{name.lower()}"
    parts = sorted(path.name for path in (tmp_path / "v").glob(f"{entity}_layer_*.vhd"))
    succeeds(tmp_path / "v", "ghdl", "-a", *parts, f"{entity}.vhd", f"{entity}_test.vhd")
    succeeds(tmp_path / "v", "ghdl", "-e", f"{entity}_test")
    output = succeeds(tmp_path / "v", "ghdl", "-r", f"{entity}_test")
    assert "passed: 16 samples, no bit differs;" in output
