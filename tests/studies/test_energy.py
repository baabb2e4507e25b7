"""Estimates: work times prices, EBOPs, hardware, and the page's worked example."""

import re
import shutil
from pathlib import Path

import pytest

import fxtypes as fx
from fxtypes_nn import MLP, SGD, Dense, Dropout, Precision, ReLU, Sequential, Sigmoid, Softmax
from fxtypes_nn.export import export
from fxtypes_nn.studies.costs import Operation, table
from fxtypes_nn.studies.energy import ebops, energy, hardware, in_units, total_of
from fxtypes_nn.studies.gates import count_design_gates, count_gates
from fxtypes_nn.studies.joules import Meter
from fxtypes_nn.studies.work import Work, inference_work, training_work

PAGE = Path(__file__).resolve().parents[2] / "docs" / "energy.md"


def page():
    return PAGE.read_text(encoding="utf-8")


def test_the_worked_example_on_the_page():
    """Its operations, its sums, and its result are the code's."""
    model = MLP([2, 2], precision=Precision.uniform(8, 4))
    work = inference_work(model)
    rows = re.findall(r"^\| ([\w +]+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", page(), re.M)
    costs = table("qkeras-45nm")
    assert len(rows) == len(work.operations) == 3
    for (what, number, price, product), (each, counted) in zip(
        rows, work.operations.items(), strict=True
    ):
        assert what == str(each)
        assert int(number) == counted
        assert float(price) == pytest.approx(costs.picojoules(each), abs=1e-9)
        assert float(product) == pytest.approx(float(price) * int(number), abs=1e-12)
    total = float(re.search(r"arithmetic: ([\d.]+) pJ", page())[1])
    found = energy(work, costs, "dram")
    assert found.arithmetic == pytest.approx(total, abs=1e-9)
    moved = float(re.search(r"moves ([\d.]+) bytes", page())[1])
    assert work.bytes_moved == moved
    memory = float(re.search(r"memory: ([\d.]+) pJ", page())[1])
    assert found.memory == (pytest.approx(memory), pytest.approx(memory))
    assert found.total == (pytest.approx(total + memory), pytest.approx(total + memory))


def test_an_estimate_is_a_sum():
    work = Work()
    work.multiply(10, 8, 8)
    work.add(5, 32)
    work.read(16, fx.Format(8, 4))
    found = energy(work, "horowitz-45nm", "dram")
    assert found.arithmetic == pytest.approx(10 * 0.2 + 5 * 0.1)
    assert found.memory == (2 * 1300, 2 * 2600)
    assert found.total == (pytest.approx(2602.5), pytest.approx(5202.5))
    assert found.between == found.unpriced == ()
    work.multiply(1, 16, 16)
    assert energy(work, "horowitz-45nm").between == ("int16 x int16",)
    assert energy(work, "horowitz-45nm").total is None  # no memory was named


def test_what_has_no_price_makes_no_sum():
    work = training_work(MLP([3, 2]), 8).in_floats(64)
    found = energy(work, "horowitz-45nm", "dram")
    assert found.arithmetic is None
    assert set(found.unpriced) == {"float64 + float64", "float64 x float64"}
    assert found.functions == {"softmax": 16}  # which no table prices
    assert found.left_out == "16 x softmax"
    with pytest.raises(ValueError, match="lacks the price of float64"):
        total_of([found])


def test_functions_that_are_tables_are_memories():
    """Four 16-bit look-ups in 512 elements, 1 KB: by Horowitz 10 pJ an access of 8 KB."""
    precision = Precision.uniform(16, 10)

    def work(*approximation):
        layers = [Dense(4), Sigmoid(*approximation), Dense(2)]
        return inference_work(Sequential(layers, 3, precision))

    found = energy(work("table", 9), "horowitz-45nm", "dram")
    assert found.lookups == 4 * 10
    assert found.functions == {}
    assert found.total == tuple(found.arithmetic + 40 + each for each in found.memory)
    exact = energy(work(), "horowitz-45nm")
    assert (exact.lookups, exact.left_out) == (0, "4 x sigmoid")
    assert exact.arithmetic == found.arithmetic
    # PLAN is sums and comparisons, six an element.
    lines = work("piecewise_linear").operations - work().operations
    assert lines == {Operation("int", "add", 16, 16): 6 * 4}
    # No SRAM at all in QKeras' table.
    unknown = energy(work("table", 9), "qkeras-45nm", "dram")
    assert unknown.lookups is unknown.total is None
    with pytest.raises(ValueError, match="qkeras-45nm lacks the price of functions' tables"):
        total_of([unknown])


def test_process_nodes_are_never_mixed():
    work = inference_work(MLP([3, 2], precision=Precision.uniform(8, 4)))
    old, new = (energy(work, name, "dram") for name in ("horowitz-45nm", "jouppi-7nm"))
    assert total_of([old, old])[0] == pytest.approx(2 * old.total[0])
    with pytest.raises(ValueError, match="horowitz-45nm and jouppi-7nm are of different process"):
        total_of([old, new])


def test_a_table_of_areas_has_no_energies():
    with pytest.raises(ValueError, match="dally-45nm has areas only"):
        energy(Work(), "dally-45nm")


@pytest.mark.parametrize("name", ["horowitz-45nm", "qkeras-45nm", "jouppi-7nm"])
def test_64_bits_cost_more_than_32_bit_floats(name):
    """The arithmetic of a whole network, and the memory too."""
    work = inference_work(MLP([64, 32, 10], precision=Precision.preset(64)))
    wide, floats = energy(work, name), energy(work.in_floats(32), name)
    assert wide.arithmetic > floats.arithmetic
    assert work.bytes_moved == 2 * work.in_floats(32).bytes_moved
    narrow = inference_work(MLP([64, 32, 10], precision=Precision.preset(16)))
    assert energy(narrow, name).arithmetic < floats.arithmetic / 2


def test_ebops_by_hand():
    """Weights' bits from the highest to the lowest, inputs' by their format."""
    precision = Precision.uniform(8, 4).replace(inputs=fx.Format(6, 4, signed=False))
    layers = [Dense(1, bias=False), ReLU(), Dropout(0.5), Dense(1), Softmax()]
    model = Sequential(layers, 3, precision)
    # 1, 2**-4 and 5/16, with one bit, one and three, by 6 bits; then 7/8: three, by 7 after ReLU
    model.set_parameters(
        {"dense1.weights": [[1], [0.0625], [-0.3125]], "dense2.weights": [[0.875]]}
    )
    assert ebops(model) == 6 * (1 + 1 + 3) + 7 * 3


def test_ebops_of_wide_weights():
    model = MLP([1, 2], precision=Precision.uniform(100, 80))
    model.set_parameters({"dense1.weights": [[1 + 2**-40, 0]]})
    assert ebops(model) == 100 * 41


def test_hardware():
    precision = Precision.uniform(8, 4).replace(
        layers={"dense2": Precision.uniform(32, 16).replace(accumulator=fx.Format(32, 16))}
    )
    first, second = hardware(MLP([9, 4, 2], precision=precision))
    assert first.multiplications == 36
    assert str(first.multiplier) == "int8 x int8"
    assert str(first.adder) == "int20 + int20"  # 10 terms
    assert first.register_bits == 8 + 8 + 20
    assert first.memory_bits == 40 * 8
    areas = table("dally-45nm")
    adder = areas.square_micrometres(Operation("int", "add", 20, 20))
    assert 36 < adder < 137
    assert first.square_micrometres == pytest.approx(282 + adder)
    assert str(second.multiplier) == "int8 x int32"
    assert str(second.adder) == "int32 + int32"
    assert second.memory_bits == 10 * 32
    assert hardware(MLP([9, 2]), "horowitz-45nm")[0].square_micrometres is None


def test_units():
    assert [in_units(value) for value in (999, 1000, 12.34e15)] == ["999 pJ", "1 nJ", "1.23e+04 J"]


def documented_gates():
    return re.findall(r"^\| (\d+) \| ([\d,]+) \| (\d+) \|", page(), re.M)


def test_the_page_has_gates_of_all_widths():
    assert [row[0] for row in documented_gates()] == ["8", "16", "32", "64"]


@pytest.mark.skipif(shutil.which("yosys") is None, reason="Yosys isn't installed")
@pytest.mark.parametrize(("width", "logic", "registers"), documented_gates())
def test_gates_by_yosys(width, logic, registers):
    """The page's counts, to a tenth: other versions of Yosys find other gates."""
    found = count_gates(int(width))
    assert found.logic == pytest.approx(int(logic.replace(",", "")), rel=0.1)
    assert found.registers == int(registers) == 2 * int(width) + 8


def documented_networks():
    row = r"^\| 64-32-10, (\d+) bits \| ([\d,]+) \| (\d+) \| ([\d,]+) \|$"
    return re.findall(row, page(), re.M)


def test_the_page_has_gates_of_networks():
    assert [row[0] for row in documented_networks()] == ["8", "16"]


@pytest.mark.skipif(shutil.which("yosys") is None, reason="Yosys isn't installed")
@pytest.mark.parametrize(("width", "logic", "registers", "memory"), documented_networks())
def test_gates_of_an_exported_network(tmp_path, width, logic, registers, memory):
    model = MLP([64, 32, 10], precision=Precision.preset(int(width)))
    export(model, "verilog", tmp_path)
    found = count_design_gates(tmp_path)
    assert found.logic == pytest.approx(int(logic.replace(",", "")), rel=0.1)
    assert found.registers == pytest.approx(int(registers), rel=0.1)
    assert re.search(rf"memory bits +{memory}\b", (tmp_path / "README.txt").read_text())


def test_gates_of_no_design(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no mine\.v in .*export the model there"):
        count_design_gates(tmp_path, "mine")


def test_without_yosys(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="apt-get install yosys"):
        count_gates(8)


def test_a_yosys_that_fails(monkeypatch, tmp_path):
    fake = tmp_path / "yosys"
    fake.write_text("#!/bin/sh\necho 'ERROR: no such thing' >&2\nexit 3\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(RuntimeError, match="yosys failed: ERROR: no such thing"):
        count_gates(8)


def counters(folder, **microjoules):
    for name, value in microjoules.items():
        package = folder / name.replace("_", ":")
        package.mkdir(exist_ok=True)
        (package / "energy_uj").write_text(f"{value}\n")
        (package / "max_energy_range_uj").write_text("1000000\n")


def test_joules(tmp_path):
    # The part of a package and a controller's folder are no packages.
    counters(tmp_path, rapl_0=900_000, rapl_1=5, rapl_0_0=0)
    (tmp_path / "intel-rapl").mkdir()
    meter = Meter(tmp_path)
    assert meter.problem is None
    assert meter.read() == 0
    counters(tmp_path, rapl_0=950_000, rapl_1=7, rapl_0_0=10**6)
    assert meter.read() == pytest.approx(0.050002)
    counters(tmp_path, rapl_0=50_000)  # began anew
    assert meter.read() == pytest.approx(0.150002)
    (tmp_path / "rapl:1" / "energy_uj").unlink()
    assert meter.read() is None
    assert "can't be read any more" in meter.problem


def test_joules_that_nobody_may_read(tmp_path):
    (tmp_path / "intel-rapl:0").mkdir()
    meter = Meter(tmp_path)
    assert meter.read() is None
    assert "can't be read (No such file or directory)" in meter.problem


def test_the_page_says_how_often_a_step_multiplies():
    """Of the network that `fxtypes-nn train` has without options."""
    model = MLP([64, 128, 64, 10], precision=Precision.preset(32))
    work = training_work(model, 32, SGD(0.1))
    assert f"{work.count('multiply'):,} multiplications" in page()
    assert f"{work.count('add'):,} additions" in page()
