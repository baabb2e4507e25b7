"""The published figures stand in the data file with their sources; widths between are priced."""

import itertools
import tomllib
from pathlib import Path

import pytest

import fxtypes_nn
from fxtypes_nn.studies.costs import Operation, table, tables

FILE = Path(fxtypes_nn.__file__).parent / "studies" / "costs.toml"

# Copied from the publications by hand, a line a figure: table, what, width, picojoules.
ENERGIES = """
horowitz-45nm int-add 8 .03
horowitz-45nm int-add 32 .1
horowitz-45nm int-multiply 8 .2
horowitz-45nm int-multiply 32 3.1
horowitz-45nm float-add 16 .4
horowitz-45nm float-add 32 .9
horowitz-45nm float-multiply 16 1.1
horowitz-45nm float-multiply 32 3.7
jouppi-45nm int-add 8 .03
jouppi-45nm int-add 32 .1
jouppi-45nm int-multiply 8 .2
jouppi-45nm int-multiply 32 3.1
jouppi-45nm float-add 16 .4
jouppi-45nm float-add 32 .9
jouppi-45nm float-multiply 16 1.1
jouppi-45nm float-multiply 32 3.7
jouppi-7nm int-add 8 .007
jouppi-7nm int-add 32 .03
jouppi-7nm int-multiply 8 .07
jouppi-7nm int-multiply 32 1.48
jouppi-7nm float-add 16 .16
jouppi-7nm float-add 32 .38
jouppi-7nm float-multiply 16 .34
jouppi-7nm float-multiply 32 1.31
jouppi-7nm bfloat-add 16 .11
jouppi-7nm bfloat-multiply 16 .21
qkeras-45nm float-add 16 .4
qkeras-45nm float-add 32 .9
qkeras-45nm float-multiply 16 1.1
qkeras-45nm float-multiply 32 3.7
"""
AREAS = """
dally-45nm int-add 8 36
dally-45nm int-add 32 137
dally-45nm int-multiply 8 282
dally-45nm int-multiply 32 3495
dally-45nm float-add 16 1360
dally-45nm float-add 32 4184
dally-45nm float-multiply 16 1640
dally-45nm float-multiply 32 7700
"""
MEMORIES = """
horowitz-45nm sram-8KB 10 10
horowitz-45nm sram-32KB 20 20
horowitz-45nm sram-1MB 100 100
horowitz-45nm dram 1300 2600
jouppi-45nm sram-8KB 10 10
jouppi-45nm sram-32KB 20 20
jouppi-45nm sram-1MB 100 100
jouppi-45nm dram 1300 1300
jouppi-7nm sram-8KB 7.5 7.5
jouppi-7nm sram-32KB 8.5 8.5
jouppi-7nm sram-1MB 14 14
jouppi-7nm dram 1300 1300
jouppi-7nm hbm2 250 450
jouppi-7nm gddr6 350 480
qkeras-45nm dram 1300 1300
"""


def lines(text):
    return [line.split() for line in text.strip().splitlines()]


def operation(key, width):
    kind, name = key.split("-")
    return Operation(kind, name, width, width)


@pytest.mark.parametrize(("name", "key", "width", "figure"), lines(ENERGIES))
def test_each_published_energy(name, key, width, figure):
    each = operation(key, int(width))
    assert tables()[name].energy[key][int(width)] == float(figure)
    assert tables()[name].picojoules(each) == float(figure)
    assert tables()[name].is_published(each)


@pytest.mark.parametrize(("name", "key", "width", "figure"), lines(AREAS))
def test_each_published_area(name, key, width, figure):
    assert tables()[name].square_micrometres(operation(key, int(width))) == float(figure)


@pytest.mark.parametrize(("name", "memory", "least", "most"), lines(MEMORIES))
def test_each_published_memory(name, memory, least, most):
    assert tables()[name].access(memory) == (float(least), float(most))


def test_there_are_no_other_figures():
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    for what, listed in (("energy", ENERGIES), ("area", AREAS)):
        there = {
            (name, key, width)
            for name, each in raw.items()
            for key, figures in each.get(what, {}).items()
            for width in figures
        }
        assert there == {tuple(line[:3]) for line in lines(listed)}
    memories = {(name, memory) for name, each in raw.items() for memory in each.get("memory", {})}
    assert memories == {tuple(line[:2]) for line in lines(MEMORIES)}


@pytest.mark.parametrize("each", tables().values(), ids=tables())
def test_every_table_names_its_source_and_its_process(each):
    assert len(each.source) > 40
    assert each.address.startswith("https://")
    assert each.process.endswith("V") or each.process.endswith("nm")
    assert f"{each.node} nm" in each.process
    assert each.name.endswith(f"-{each.node}nm")


def test_qkeras_fits_as_published():
    """In parts of a 32-bit float's multiplication, and of its multiply-add."""
    qkeras = table("qkeras-45nm")
    one = qkeras.picojoules(Operation("float", "multiply", 32, 32))
    both = one + qkeras.picojoules(Operation("float", "add", 32, 32))
    for width, multiply, multiply_add in ((64, 3.3, 2.7), (32, 0.84, 0.7), (16, 0.21, 0.18)):
        product = qkeras.picojoules(Operation("int", "multiply", width, width))
        total = product + qkeras.picojoules(Operation("int", "add", width, width))
        assert product / one == pytest.approx(multiply, rel=0.02)
        assert total / both == pytest.approx(multiply_add, rel=0.02)
    # The polynomials go through Horowitz' figures.
    horowitz = table("horowitz-45nm")
    for width in (8, 32):
        each = Operation("int", "multiply", width, width)
        assert qkeras.picojoules(each) == pytest.approx(horowitz.picojoules(each), rel=1e-6)


@pytest.mark.parametrize("name", ["horowitz-45nm", "jouppi-7nm", "qkeras-45nm"])
def test_a_wide_integer_costs_more_than_a_narrower_float(name):
    costs = table(name)
    wide = costs.picojoules(Operation("int", "multiply", 64, 64))
    assert wide > costs.picojoules(Operation("float", "multiply", 32, 32))


def test_at_7_nm_even_a_32_bit_integer_multiplication_costs_more_than_a_float_one():
    costs = table("jouppi-7nm")
    integer = costs.picojoules(Operation("int", "multiply", 32, 32))
    assert integer > costs.picojoules(Operation("float", "multiply", 32, 32))


@pytest.mark.parametrize("name", ["horowitz-45nm", "jouppi-7nm", "dally-45nm"])
@pytest.mark.parametrize("what", ["add", "multiply"])
def test_prices_grow_with_the_width(name, what):
    costs = table(name)
    price = costs.square_micrometres if costs.area else costs.picojoules
    prices = [price(Operation("int", what, width, width)) for width in range(2, 300)]
    assert prices[0] > 0
    assert all(a < b for a, b in itertools.pairwise(prices))


def test_operands_of_two_widths():
    costs = table("horowitz-45nm")
    mixed = costs.picojoules(Operation("int", "multiply", 8, 32))
    assert mixed == costs.picojoules(Operation("int", "multiply", 16, 16))
    assert costs.picojoules(Operation("int", "add", 8, 32)) == 0.1
    assert not costs.is_published(Operation("int", "multiply", 8, 32))


def test_floats_of_other_widths_have_no_price():
    assert table("horowitz-45nm").picojoules(Operation("float", "add", 64, 64)) is None
    assert table("horowitz-45nm").picojoules(Operation("bfloat", "add", 16, 16)) is None
    assert table("horowitz-45nm").square_micrometres(Operation("int", "add", 8, 8)) is None


def test_what_is_not_there_is_named():
    with pytest.raises(ValueError, match="no table of costs 'mine'; there are horowitz-45nm"):
        table("mine")
    with pytest.raises(ValueError, match="has no memory 'hbm2'; its memories are: sram-8KB"):
        table("horowitz-45nm").access("hbm2")


@pytest.mark.parametrize(
    ("entries", "width", "picojoules"),
    [
        (2**12, 16, 10),  # 8 KB
        (2**12, 17, 20),
        (2**16, 16, 100),  # 128 KB
        (2**9, 128, 20),  # 8 KB, and two accesses an element
        (2**16, 128, 200),  # 1 MB
        (2**16, 129, None),
    ],
)
def test_tables_lie_in_the_smallest_memory(entries, width, picojoules):
    assert table("horowitz-45nm").look_up(entries, width) == picojoules
    assert table("qkeras-45nm").look_up(entries, width) is None
