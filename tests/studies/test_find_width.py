"""`find-width`: its answer beside a full sweep's, its path, each layer, one line an error."""

import csv
import io
import json
import shutil
from fractions import Fraction

import pytest
from command_line import refused, run, stamps
from sweeping import results_of, table_of

from fxtypes_nn import cli
from fxtypes_nn.precision import Precision
from fxtypes_nn.studies import sweep_pages, tasks
from fxtypes_nn.studies.find_width import ALL, Search, Tried, smallest
from fxtypes_nn.studies.find_width_table import sentences
from fxtypes_nn.studies.local_workers import LocalWorkers
from fxtypes_nn.studies.sweep_plan import Network

# A network that needs more than 8 bits for so few points.
NETWORK = ("--layers", "8", "--hidden", "sigmoid", "--epochs", "4", "--seeds", "2")


def run_here(self, jobs):
    for place, job in enumerate(jobs):
        yield place, tasks.perform(job)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    """And in this process: others take longer to begin than these trainings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(LocalWorkers, "run", run_here)
    monkeypatch.setattr(sweep_pages, "draw_accuracy", lambda *_: None)
    monkeypatch.setattr(sweep_pages, "rendered", lambda *_: b"")


def path_of(folder):
    text = (folder / "find-width.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def by_hand(rows, within):
    """The knee of a sweep's table, from its accuracies: points by 360 test samples."""
    right = {}
    for row in rows:
        numbers = int(row["width"]) if row["width"] else "float64"
        right[numbers] = right.get(numbers, 0) + round(360 * float(row["test_accuracy"]))
    found = None
    for width in sorted((w for w in right if w != "float64"), reverse=True):
        if Fraction(100 * (right["float64"] - right[width]), 360 * 2) > Fraction(within):
            break
        found = width
    return found


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A sweep of every width that a search may try."""
    folder = tmp_path_factory.mktemp("full") / "s"
    widths = ",".join(map(str, [*range(8, 19), 32]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sweep_pages, "draw_accuracy", lambda *_: None)
        patched.setattr(sweep_pages, "rendered", lambda *_: b"")
        patched.setattr(LocalWorkers, "run", run_here)
        assert cli.main(["sweep", *NETWORK, "--widths", widths, "--out", str(folder)]) == 0
    return folder


# Within so few points some of these widths hold by chance, and larger ones don't.
@pytest.mark.parametrize("within", ["0.1", "0.9", "1", "3"])
def test_its_answer_is_the_full_sweeps(capsys, tmp_path, full, within):
    expected = by_hand(table_of(full), within)
    status, out, _ = run(capsys, "find-width", *NETWORK, "--within", within, "--out", "f")
    assert status == 0
    assert f": {expected} bits keep float64's" in out
    lost = {}
    for row in table_of(full):
        if row["width"]:
            lost.setdefault(int(row["width"]), []).append(float(row["lost_points"]))
    path = path_of(tmp_path / "f")
    assert len(path) < len(lost)
    for row in path:
        seeds = lost[int(row["width"])]
        assert float(row["lost_points"]) == pytest.approx(sum(seeds) / len(seeds))
        assert row["holds"] == str(int(float(row["lost_points"]) <= float(within)))
    by_chance = [r["width"] for r in path if r["holds"] == "1" and int(r["width"]) < expected]
    assert ("it isn't monotone" in out) == bool(by_chance)
    # In the sweep's folder it is the same, and nothing is trained again.
    shutil.copytree(full, "s")
    there = {path.name for path in results_of("s")}
    status, out, _ = run(capsys, "find-width", "--within", within, "--resume", "--out", "s")
    assert status == 0
    assert f": {expected} bits keep float64's" in out
    assert {path.name for path in results_of("s")} == there
    assert out.endswith("the search in s is finished; more --seeds, or another --within, go on\n")
    whole = stamps(tmp_path / "s")
    assert run(capsys, "find-width", "--within", within, "--resume", "--out", "s")[0] == 0
    assert stamps(tmp_path / "s") == whole


def test_a_sweep_goes_on_from_it(capsys, tmp_path):
    assert run(capsys, "find-width", *NETWORK, "--within", "20", "--out", "f")[0] == 0
    there = {path.name: path.read_bytes() for path in results_of("f")}
    assert run(capsys, "sweep", "--resume", "--out", "f")[0] == 0
    assert {row["width"] for row in table_of("f")} == {"8", "12", "16", "24", "32", "64", "128", ""}
    assert {name: (tmp_path / "f" / "results" / name).read_bytes() for name in there} == there


def test_each_layer(capsys, tmp_path):
    arguments = ("find-width", *NETWORK, "--within", "1", "--per-layer", "--out", "f")
    status, out, _ = run(capsys, *arguments)
    assert status == 0
    path = path_of(tmp_path / "f")
    parts = [row["part"] for row in path]
    assert list(dict.fromkeys(parts)) == ["all layers", "dense1", "dense2"]
    whole = next(int(w) for w in out.split() if w.isdigit() and f": {w} bits keep" in out)
    widths = {}
    for part in ("dense1", "dense2"):
        own = {int(row["width"]): float(row["lost_points"]) for row in path if row["part"] == part}
        kept = [w for w in own if all(lost <= 1 for v, lost in own.items() if v >= w)]
        widths[part] = min([*kept, whole])
    said = f"layer by layer: dense1 {widths['dense1']} bits, dense2 {widths['dense2']} bits"
    assert said in out
    # What was trained last for dense2 has dense1 as found, the hidden function with it.
    stored = [json.loads(p.read_text())["task"] for p in results_of("f")]
    layered = [task for task in stored if "layers" in task]
    assert {task["settings"]["width"] for task in layered} == {whole}
    tried = {tuple(sorted(task["layers"])) for task in layered}
    first = ("dense1", "sigmoid1")
    second = ("dense2", "softmax1")
    both = (*sorted((*first, *second)),)
    assert tried <= {first, second, both}
    if widths["dense1"] < whole:
        narrowed = Precision.preset(widths["dense1"]).to_dict()
        assert all(t["layers"]["dense1"] == narrowed for t in layered if "dense2" in t["layers"])
        assert all(t["layers"]["sigmoid1"] == narrowed for t in layered if "dense2" in t["layers"])


def test_the_same_again_trains_nothing(capsys, tmp_path, monkeypatch):
    arguments = ("find-width", "--layers", "4", "--epochs", "1", "--seeds", "1", "--within", "5")
    assert run(capsys, *arguments, "--out", "f")[0] == 0
    text = (tmp_path / "f" / "find-width.md").read_text()
    assert "fxtypes-nn find-width --within 5.0 --dataset digits" in text
    monkeypatch.setattr(tasks, "perform", None)
    again = ("find-width", "--within", "5", "--resume", "--out", "f")
    assert run(capsys, *again)[0] == 0
    assert (tmp_path / "f" / "find-width.md").read_text() == text
    refused(capsys, ["f already holds sweep.json"], *arguments, "--out", "f")


def test_a_training_that_fails_ends_it(capsys, monkeypatch):
    monkeypatch.setattr(tasks, "perform", lambda job: {"error": "no way"})
    status, _, err = run(capsys, "find-width", *NETWORK, "--out", "f")
    assert status == 1
    assert err == "fxtypes-nn: error: the training of float64, seed 0, failed: no way\n"


def search_for(losses, within=0.5, known=(), ends=(8, 128)):
    asked = []

    def loses(width):
        asked.append(width)
        return Fraction(losses(width))

    start = {width: Fraction(losses(width)) for width in known}
    return smallest(loses, start, ends, within), asked


@pytest.mark.parametrize("knee", range(8, 129))
def test_where_more_bits_lose_less_it_finds_the_knee(knee):
    found, asked = search_for(lambda width: max(0, knee - width))
    assert found == knee
    assert len(asked) == len(set(asked)) <= 13
    known = (8, 12, 16, 24, 32, 64, 128)
    found, asked = search_for(lambda width: max(0, knee - width), known=known)
    assert found == knee
    assert not set(asked) & set(known)


def test_where_nothing_holds_or_all_does():
    found, asked = search_for(lambda width: 1)
    assert (found, asked) == (None, [8, 16, 32, 64, 128])
    found, asked = search_for(lambda width: 0)
    assert (found, asked) == (8, [8, 9])
    found, asked = search_for(lambda width: width < 3, ends=(2, 128))
    assert (found, asked) == (3, [2, 4, 3])
    assert search_for(lambda width: 0, known=(12,), ends=(8, 12)) == (8, [9, 8])


def test_where_it_is_not_monotone():
    """A larger one that fails is gone beyond; a smaller one that holds is told of."""
    found, asked = search_for(lambda width: width in (8, 11, 14))
    assert 14 in asked or found < 14
    assert found is not None
    assert all(width not in (8, 11, 14) for width in asked if width >= found)
    found, asked = search_for(lambda width: width < 8 or width in (8, 9, 13))
    assert found > 9
    network = Network("digits", "relu", (4,))
    search = Search(network, 0.5, 0.9, width=16)
    for width, holds in ((8, False), (16, True), (12, True), (15, False)):
        search.tried.append(Tried(network, ALL, width, 0.9, Fraction(not holds), None, holds))
    (text,) = sentences([search])
    assert "16 bits keep float64's 90.00% within 0.5 points; 15 bits lose 1.00" in text
    assert "it isn't monotone: 12 bits hold, though more bits don't" in text


def test_where_no_width_holds_it_says_so():
    network = Network("digits", "relu", (4,))
    search = Search(network, 0.5, 0.9)
    search.tried.append(Tried(network, ALL, 128, 0.5, Fraction(40), None, False))
    (text,) = sentences([search])
    assert text.endswith("no width keeps float64's 90.00% within 0.5 points, 128 bits neither")


def test_usage_errors(capsys, tmp_path):
    for arguments, words in (
        (("--resume",), "--resume needs --out"),
        (("--widths", "8"), "unrecognized arguments: --widths"),
        (("--width", "8"), "argument --width"),
        (("--within", "x"), "--within: must be a number from 0 to 100, got 'x'"),
    ):
        status, out, err = run(capsys, "find-width", *arguments)
        assert (status, out) == (2, "")
        assert words in err
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
