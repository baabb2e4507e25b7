"""The command that times every public function knows all of them, and its page shows them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "benchmarks" / "every_function.py"
PAGE = ROOT / "docs" / "every-function.md"
MARK = re.compile("<!-- benchmarks/every_function.py: (?:begin|end) -->")


def evaluate(code):
    """What a program prints as JSON that has imported the command, in a process of its own.

    Importing it sets how many threads everything uses.
    """
    code = f"import sys, json; sys.path.insert(0, {str(COMMAND.parent)!r}); " + (
        f"import every_function as e; import numpy as np; np.seterr(all='ignore')\n{code}"
    )
    # -P: from a clean checkout the sources would hide the package that is installed.
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_public_name_has_a_call_or_a_reason():
    names, calls, untimed = evaluate(
        "print(json.dumps([sorted(e.public_names()), list(e.CALLS), list(e.UNTIMED)]))"
    )
    assert len(names) > 300
    assert {"isclose", ".astype", ".__add__", ".raw", "random.normal"} <= set(names)
    assert set(calls) | set(untimed) == set(names)
    assert not set(calls) & set(untimed)


def test_a_forgotten_name_ends_it():
    found = evaluate(
        "del e.CALLS['add']; sys.argv = ['e', '--only', 'nothing']\n"
        "e.begin_anew = lambda settings: None\n"
        "try: e.main()\n"
        "except SystemExit as error: print(json.dumps(str(error)))"
    )
    assert found == "no call for add: see CALLS and UNTIMED"


@pytest.mark.parametrize("width", [8, 64, 128])
def test_every_call_works(width):
    failed = evaluate(f"""
failed = []
spaces = e.operands("small", {width}), e.operands("small", None)
for pair in e.statements().items():
    for statement, space in zip(pair, spaces):
        try:
            exec(statement, space)
        except Exception as error:
            failed.append(f"{{statement}}: {{error!r}}")
print(json.dumps(failed))""")
    assert failed == []


def test_exceptions_name_calls():
    exceptions, statements = evaluate("print(json.dumps([e.EXCEPTIONS, list(e.statements())]))")
    assert exceptions.keys() <= set(statements)
    assert all(sizes and reason for sizes, _, reason in exceptions.values())


def test_what_is_over_its_limit():
    """Up to 64 bits it is 10, at 128 bits 40; of few elements 15; a reason excuses its places."""
    worst = evaluate("""
e.EXCEPTIONS.clear()
e.EXCEPTIONS["a.raw"] = ("large",), 128, "a reason"
cases = [("a + b", "large", 64, 11), ("a + b", "large", 128, 39), ("a + b", "small", 8, 16),
         ("a.raw", "large", 128, 1000), ("a.raw", "large", 64, 11), ("a.raw", "small", 128, 16)]
long = 1.0
print(json.dumps([e.excess(m, {(s, w): (r, long)})[1] > 1 for m, s, w, r in cases]))""")
    assert worst == [True, False, True, False, True, True]


def test_the_command_writes_its_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    options = ["--only", "m.append", "--bits", "16", "--repetitions", "1", "--write", page]
    done = subprocess.run(
        [sys.executable, COMMAND, *options], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1)
    assert done.returncode == 0 or done.stderr.startswith("over its limit without a reason: ")
    old, new = (MARK.split(path.read_text(encoding="utf-8")) for path in (PAGE, page))
    assert len(new) == 3
    assert (new[0], new[2]) == (old[0], old[2])
    assert re.search(r"^\| `m\.append\(a, b\)` \| \**[\d.]+\** \| \**[\d.]+\** \|$", new[1], re.M)


def test_the_page_has_all():
    rows = re.findall(r"^\| `(.*?)` \|", PAGE.read_text(encoding="utf-8"), re.M)
    statements = evaluate("print(json.dumps(list(e.statements())))")
    assert sorted(row.replace("\\|", "|") for row in rows) == sorted(statements)
