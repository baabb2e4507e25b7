"""The command that makes tables of docs/elementary-functions.md works, and they are all there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import fxtypes as fx
from fxtypes.elementary.registry import FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "benchmarks" / "elementary.py"
PAGE = ROOT / "docs" / "elementary-functions.md"
NAMES = {*FUNCTIONS, "softmax", "log_softmax", "logsumexp"}
WIDTHS = (16, 32, 64, 128)
MARK = re.compile("<!-- benchmarks/elementary.py: (?:begin|end) -->")


def run(*options):
    return subprocess.run(
        [sys.executable, COMMAND, *options], capture_output=True, text=True, check=False
    )


def tables(text):
    """{the head's first cell: {a row's first cell: its other cells, by the head's}}."""
    found = {}
    for block in text.split("\n\n"):
        if not block.startswith("| "):
            continue
        head, _, *rows = ([c.strip() for c in line.split("|")[1:-1]] for line in block.splitlines())
        found[head[0]] = {
            row[0].strip("`"): dict(zip(head[1:], row[1:], strict=True)) for row in rows
        }
    return found


def check(text):
    """Every function stands there at every width, with an error of at most half a unit."""
    found = tables(text)
    for width in WIDTHS:
        rows = found[f"{width} bits"]
        assert rows.keys() == NAMES
        for name, row in rows.items():
            assert re.fullmatch(r"0\.5( - [\de.-]+)?|0(\.\d+)?", row["largest error, ulp"]), name
            assert int(row["tried"].replace(",", "")) > 0
            for cell in ("ns", "/ NumPy", "MPFR, ns", "arb, ns"):
                assert float(row[cell].replace(",", "")) > 0, (name, cell)
            has_kernel = name not in FUNCTIONS or FUNCTIONS[name].kernel is not None
            assert (row["more limbs"] != "-") == has_kernel, name
    ratios = found["time / NumPy's"]
    assert {"exp", "softmax"} <= ratios.keys()
    assert list(ratios["exp"]) == [f"{width} bits" for width in WIDTHS]


def test_the_page_has_all():
    check(PAGE.read_text())
    assert {name for name in NAMES if not callable(getattr(fx, name))} == set()


def test_the_command_writes_its_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text())
    done = run("--quick", "--write", page)
    assert done.returncode == 0, done.stderr
    old, new = (MARK.split(path.read_text()) for path in (PAGE, page))
    assert len(new) == 3
    assert (new[0], new[2]) == (old[0], old[2])
    assert new[1] != old[1]
    check(new[1])


@pytest.mark.parametrize("name", ["exp", "softmax", "power"])
def test_a_wrong_result_ends_it(name):
    """The command compares what `fx` returns with the oracle, here one unit beside it."""
    code = f"""
import sys
sys.path.insert(0, {str(COMMAND.parent)!r})
import elementary, fxtypes as fx
right = fx.{name}
def wrong(*a, **k):
    r = right(*a, **k)
    return fx.FixedArray.from_raw(r.raw + (r.raw < r.format.raw_max), r.format)
fx.{name} = wrong
arguments = elementary.uniform_arguments({name!r}, 32, 20)
elementary.largest_error(arguments)
"""
    # -P: from a clean checkout the sources would hide the package that is installed.
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert re.search(rf"^{name}, .*: result \d+ is -?\d+, off by [\d.]+ ulp$", done.stderr, re.M)


def test_a_page_without_marks_is_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing\n")
    done = run("--quick", "--functions", "exp", "--bits", "32", "--write", page)
    assert done.returncode == 1
    assert "has no place for tables" in done.stderr
    assert page.read_text() == "nothing\n"
