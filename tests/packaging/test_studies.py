"""The commands that make docs/findings.md and README's table of the three aims work."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
FINDINGS, README = ROOT / "docs" / "findings.md", ROOT / "README.md"
MARK = re.compile("<!-- benchmarks/((?:findings|aims).py.*): (?:begin|end) -->")
PICTURE = re.compile(r"images/findings-([\w-]+)\.png")
LARGEST_PICTURE = 60_000  # bytes
ACCURACY = re.compile(r"\d+\.\d\d( ± \d+\.\d\d)?")

sys.path.insert(0, str(BENCHMARKS))
import aims  # noqa: E402
import findings  # noqa: E402

sys.path.remove(str(BENCHMARKS))  # its modules would hide the tests' own


def run(command, *options):
    words = [sys.executable, BENCHMARKS / command, *options]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def tables(text):
    """By a table's mark: all its rows, each a dict by the head's cells."""
    parts, found = MARK.split(text), {}
    for mark, block in zip(parts[1::4], parts[2::4], strict=True):
        found[mark] = []
        for each in block.strip().split("\n\n"):
            lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in each.splitlines()]
            found[mark] += [dict(zip(lines[0], row, strict=True)) for row in lines[2:]]
    return found


def without_tables(text):
    return MARK.split(text)[::4]


def check_findings(text, sets, images):
    found = tables(text)
    assert list(found) == [f"findings.py {part}" for part in findings.PARTS]
    kinds = {name: set() for name in sets}
    for row in found["findings.py range"]:
        kinds[row["data"]].add(row.get("numbers"))
    numbers = {None, "64 bits, 48 of fraction", "float64", "32 bits, preset", "16 bits, preset"}
    assert kinds == dict.fromkeys(sets, numbers)
    bits = [(row["data"], row["bits"]) for row in found["findings.py order"]]
    assert bits == [(name, b) for name in sets for b in ("fraction", "integer", "significant")]
    relu = found["findings.py relu"]
    assert [row.pop("what is wrong") for row in relu] == list(findings.CASES)
    assert all(ACCURACY.fullmatch(cell) for row in relu for cell in row.values())
    functions = found["findings.py functions"]
    assert len(functions) == 3 * len(sets)
    assert [row["images of another class"] for row in functions[::3]] == ["0"] * len(sets)
    for name in (f"{part}-{data}" for part in ("range", "order") for data in sets):
        picture = (images / f"findings-{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < LARGEST_PICTURE


def check_aims(text, widths):
    rows = tables(text)["aims.py"]
    names = [row["numbers"] for row in rows]
    assert names == [*(f"fixed, {width} bits" for width in widths), *aims.FLOATS]
    for row in rows:
        assert ACCURACY.fullmatch(row["test accuracy"])
        assert float(row["time of a step"]) > 0
    times = {row["numbers"]: row["time of a step"] for row in rows}
    assert times["float64"] == "1.00"
    energies = {row["numbers"]: row["energy of a sample"] for row in rows}
    units = {"nJ": 1, "µJ": 1000}
    assert energies.pop("float64") == "not published"
    cells = {numbers: cell.split() for numbers, cell in energies.items()}
    nanojoules = {numbers: float(value) * units[unit] for numbers, (value, unit) in cells.items()}
    assert nanojoules["fixed, 8 bits"] < nanojoules["float32"] < nanojoules["fixed, 64 bits"]


def test_the_page_has_all_tables_and_pictures():
    text = FINDINGS.read_text()
    sets = findings.Plan().sets
    check_findings(text, sets, FINDINGS.parent / "images")
    shown = [f"{part}-{name}" for part in ("range", "order") for name in sets]
    assert PICTURE.findall(text) == shown


def test_the_findings_are_made_anew_and_go_on(tmp_path):
    page, runs = tmp_path / "page.md", tmp_path / "runs"
    page.write_text(FINDINGS.read_text())
    done = run("findings.py", "--quick", "--runs", runs, "--write", page)
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert without_tables(text) == without_tables(FINDINGS.read_text())
    check_findings(text, ("digits",), tmp_path / "images")
    lines = (runs / "relu.jsonl").read_text().splitlines(keepends=True)
    (runs / "relu.jsonl").write_text("".join(lines[3:]))
    done = run("findings.py", "relu", "--quick", "--runs", runs, "--write", page)
    assert done.returncode == 0, done.stderr
    assert page.read_text() == text
    assert sorted((runs / "relu.jsonl").read_text().splitlines(keepends=True)) == sorted(lines)


def test_a_part_that_there_is_not(tmp_path):
    done = run("findings.py", "colour", "--runs", tmp_path)
    assert done.returncode == 2
    assert "there is no part colour; there are range, order, relu, functions" in done.stderr


def test_the_aims():
    check_aims(README.read_text(), aims.WIDTHS)


def test_the_aims_are_made_anew(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(README.read_text())
    options = ("--quick", "--rounds", "1", "--runs", tmp_path / "runs", "--write", page)
    done = run("aims.py", *options)
    assert done.returncode == 0, done.stderr
    assert without_tables(page.read_text()) == without_tables(README.read_text())
    check_aims(page.read_text(), aims.QUICK_WIDTHS)


@pytest.mark.parametrize(
    ("values", "epoch"), [([1, 6, 2, 6, 6], 4), ([6, 6], 1), ([6, 2], None), ([6], 1)]
)
def test_from_when_on_it_holds(values, epoch):
    """Not when it does for the first time."""
    assert findings.holds_from(values, lambda value: value > 5) == epoch


def test_most_of_a_gain():
    assert findings.most_from([10, 18, 19, 18, 19, 20]) == 5
    assert findings.most_from([3, 3]) == 1


def test_means_of_what_came_before():
    assert findings.smooth([5, 7, 6, 6, 1, 0]) == [5, 6, 6, 6, 5, 4]


def test_growth_of_the_range():
    epochs = [
        findings.Epoch(0.9, ends, None, None) for ends in ((-1, 2), (-3, 2), (-3.5, 2.5), (-2, 4))
    ]
    assert findings.growth(epochs, 1, 4) == pytest.approx(2 / 3)
    assert findings.summary(epochs, 2)[3:] == ["-2.00 to 4.00", 4, "+0.750", "+0.500"]


def test_the_fewest_bits_before_the_first_that_fails():
    def step(kept, tau):
        return findings.Step("all layers", "fraction", kept, 1, 1, 1, tau, 0, 0)

    steps = [step(5, 1), step(4, 0.999), step(3, 0.98), step(2, 1)]
    assert findings.fewest(steps, lambda each: each.tau >= 0.99) == 4
    assert findings.fewest(steps, lambda each: each.tau > 1) is None


def test_a_gap_is_of_pairs():
    mine = {"0": {"test_accuracy": "0.90"}, "1": {"test_accuracy": "0.80"}}
    twin = {"0": {"test_accuracy": "0.91"}, "1": {"test_accuracy": "0.78"}}
    assert aims.gap(mine, twin) == "+0.50 (-1.00 to +2.00)"
