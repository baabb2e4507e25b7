"""`sweep`: its tables and pages, its bits, how it goes on, one line an error."""

import json
import math
import os

import numpy as np
import pytest
from command_line import refused, run, stamps
from sweeping import SMALL, results_of, table, table_of, without_times

import fxtypes as fx
from fxtypes_nn import datasets, load_model
from fxtypes_nn.runs import execute
from fxtypes_nn.runs.folder import held_folder
from fxtypes_nn.runs.settings import resolve
from fxtypes_nn.studies import compare_pages, sweep_pages, tasks
from fxtypes_nn.studies.local_workers import LocalWorkers
from fxtypes_nn.studies.paired import mcnemar_test
from fxtypes_nn.studies.sweep import Failure, Sweep, knee
from fxtypes_nn.studies.sweep_board import Board, best_so_far
from fxtypes_nn.studies.sweep_plan import Network, Plan
from fxtypes_nn.studies.sweep_table import knees, rows


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def in_this_process(request, monkeypatch):
    """Processes take longer to begin than these trainings."""
    if "own_processes" not in request.fixturenames:
        monkeypatch.setattr(LocalWorkers, "run", run_here)


def run_here(self, jobs):
    for place, job in enumerate(jobs):
        yield place, tasks.perform(job)


@pytest.fixture
def own_processes():
    """Worker processes do the trainings."""


@pytest.fixture(autouse=True)
def without_pictures(request, monkeypatch):
    """Pictures take longer, too."""
    monkeypatch.setattr(execute, "draw", lambda *_: [])
    monkeypatch.setattr(execute, "write_report", lambda *_: None)
    monkeypatch.setattr(compare_pages, "_pictures", lambda *_: [])
    if "with_pictures" not in request.fixturenames:
        monkeypatch.setattr(sweep_pages, "draw_accuracy", lambda *_: None)
        monkeypatch.setattr(sweep_pages, "rendered", lambda *_: b"")


@pytest.fixture
def with_pictures():
    """They are drawn."""


def test_it_leaves_tables_a_picture_and_a_page(capsys, tmp_path, with_pictures):
    status, out, err = run(capsys, *SMALL, "--hidden", "relu,tanh", "--within", "40", "--out", "s")
    assert status == 0
    folder = tmp_path / "s"
    pages = {"sweep.md", "sweep.csv", "sweep.html", "accuracy-digits.png"}
    assert {p.name for p in folder.iterdir()} == pages | {"sweep.json", "results"}
    assert (folder / "accuracy-digits.png").read_bytes().startswith(b"\x89PNG")
    found = table_of(folder)
    assert [(r["hidden"], r["numbers"], r["width"], r["seed"]) for r in found] == [
        (hidden, numbers, width, seed)
        for hidden in ("relu", "tanh")
        for numbers, width in (("fixed", "8"), ("fixed", "12"), ("fixed", "16"), ("float64", ""))
        for seed in ("0", "1")
    ]
    text = (folder / "sweep.md").read_text(encoding="utf-8")
    for words in ("digits, 8 relu", "digits, 8 tanh", "loses at most 40 points", "2 seeds, 0 to 1"):
        assert words in text
    assert text.count("8 bits (knee)") == 2
    words = "--dataset digits --hidden relu,tanh --layers 8 --widths 8,12,16 --seeds 2 --epochs 3"
    assert f"Made by `fxtypes-nn sweep --within 40.0 {words}`" in text
    page = (folder / "sweep.html").read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml") == 1
    assert page.count('class="knee"') == 2
    assert "script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "the sweep is in s" in out
    assert err.count("\n") == 16  # a line a training
    assert "16/16: " in err


def test_a_training_is_that_of_train(capsys, tmp_path):
    """The same bits, whoever does it; and float64 begins with the widest network's weights."""
    assert run(capsys, *SMALL, "--seed", "5", "--momentum", "0.5", "--out", "s")[0] == 0
    row = next(r for r in table_of("s") if (r["width"], r["seed"]) == ("12", "6"))
    arguments = ("--layers", "8", "--epochs", "3", "--width", "12", "--seed", "6")
    assert run(capsys, "train", *arguments, "--momentum", "0.5", "--out", "r")[0] == 0
    config = json.loads((tmp_path / "r" / "config.json").read_text())
    assert float(row["test_accuracy"]) == config["test_accuracy"]
    assert float(row["test_loss"]) == config["test_loss"]
    model = load_model("r/model.npz")
    arrays = {name: values.words for name, values in model.parameters().items()}
    assert row["digest"] == tasks._digest_of(arrays)
    x = datasets.load("digits").lazy(model.precision.inputs)
    right = np.asarray(model.predict(x.x_test) == x.y_test)
    path = next(p for p in results_of("s") if "12bits-seed6" in p.name)
    stored = json.loads(path.read_text())["result"]
    assert bytes.fromhex(stored["right"]) == np.packbits(right).tobytes()
    arguments = ("--layers", "8", "--epochs", "3", "--width", "128", "--seed", "6")
    arguments += ("--momentum", "0.5", "--seeds", "1", "--floats", "float64", "--out", "c")
    assert run(capsys, "compare", *arguments)[0] == 0
    theirs = json.loads((tmp_path / "c" / "float64" / "seed-6" / "result.json").read_text())
    twin = next(r for r in table_of("s") if (r["numbers"], r["seed"]) == ("float64", "6"))
    assert float(twin["test_accuracy"]) == theirs["test_accuracy"]
    assert float(twin["test_loss"]) == pytest.approx(theirs["test_loss"], rel=1e-9)


def test_several_workers_give_the_bits_of_one(capsys, own_processes):
    for count in (1, 3):
        assert run(capsys, *SMALL, "--workers", count, "--out", f"w{count}")[0] == 0
    assert table("w1") == table("w3")
    one, three = results_of("w1"), results_of("w3")
    assert [p.name for p in one] == [p.name for p in three]
    assert list(map(without_times, one)) == list(map(without_times, three))


def test_what_is_there_is_used(capsys, tmp_path, monkeypatch):
    arguments = (*SMALL[:-4], "--widths", "8", "--seeds", "1")
    assert run(capsys, *arguments, "--out", "s")[0] == 0
    before = {path: path.read_bytes() for path in results_of("s")}
    more = ("--widths", "8,12", "--seeds", "2")
    status, out, err = run(capsys, "sweep", "--resume", "--out", "s", *more)
    assert status == 0
    assert err.count("\n") == 4  # of six
    assert {path: path.read_bytes() for path in before} == before
    assert run(capsys, *SMALL[:-4], *more, "--out", "whole")[0] == 0
    assert table("s") == table("whole")
    texts = [(tmp_path / name / "sweep.md").read_text() for name in ("s", "whole")]
    assert texts[0] == texts[1]
    # All of it is there now.
    monkeypatch.setattr(tasks, "perform", None)
    assert out.startswith("network")
    assert out.endswith("the sweep is in s\n")
    whole = stamps(tmp_path / "s")
    for name in (None, "sweep.html", "sweep.csv"):
        if name is not None:
            (tmp_path / "s" / name).unlink()
        status, out, _ = run(capsys, "sweep", "--resume", "--out", "s")
        assert status == 0
        assert out.endswith("the sweep in s is finished; more --seeds or --widths go on\n")
        found = stamps(tmp_path / "s")
        assert found.keys() == whole.keys()
        assert {p.name for p in found if found[p] != whole[p]} == {name} - {None}
        whole = found
    assert table("s") == table("whole")


def test_two_processes_never_work_in_one_folder(capsys, tmp_path):
    assert run(capsys, *SMALL[:-4], "--widths", "8", "--seeds", "1", "--out", "s")[0] == 0
    before = stamps(tmp_path / "s")
    with held_folder("s"):
        for name in ("sweep", "find-width"):
            words = ["another process is at work in s", "--out"]
            refused(capsys, words, name, "--resume", "--seeds", "2", "--out", "s")
    assert stamps(tmp_path / "s") == before
    assert run(capsys, "sweep", "--resume", "--seeds", "2", "--out", "s")[0] == 0


def test_a_damaged_result_is_made_anew(capsys):
    arguments = (*SMALL[:-4], "--widths", "8", "--seeds", "1")
    assert run(capsys, *arguments, "--out", "s")[0] == 0
    whole, path = table("s"), results_of("s")[0]
    content = json.loads(path.read_text())
    wrong = content | {"result": content["result"] | {"test_accuracy": 0.25}}
    other = content | {"task": content["task"] | {"version": "0"}}
    for text in ("{", "[]", "{}", json.dumps(wrong), json.dumps(other)):
        path.write_text(text)
        status, _, err = run(capsys, "sweep", "--resume", "--out", "s")
        assert status == 0
        assert "is damaged" in err
        assert "it is trained anew" in err
        assert table("s") == whole
    path.unlink()
    path.mkdir()
    status, _, err = run(capsys, "sweep", "--resume", "--out", "s")
    assert status == 1
    assert f"{path} is damaged (Is a directory): it is trained anew" in err
    assert "and can't be replaced; fxtypes-nn sweep --resume --out s goes on" in err


def test_a_file_of_settings(capsys, tmp_path):
    """Formats that it names are those of every width, and gone over to one that goes on."""
    (tmp_path / "mine.toml").write_text(
        'layers = [8]\nwidth = 16\nepochs = 1\n[precision]\ninputs = "UQ4.12"\n'
        '[precision.weights]\nrounding = "floor"\n'
    )
    arguments = ("sweep", "--config", "mine.toml", "--seeds", "1", "--widths", "8,12")
    assert run(capsys, *arguments, "--out", "s")[0] == 0
    (tmp_path / "mine.toml").unlink()
    assert run(capsys, "sweep", "--resume", "--out", "s", "--seeds", "2")[0] == 0
    named = {}
    for path in results_of("s"):
        settings = json.loads(path.read_text())["task"]["settings"]
        named.setdefault(settings["width"], []).append(settings["named_formats"])
    for width in (8, 12):
        weights = fx.Format(width, width - (2 if width == 8 else 3), rounding="floor")
        expected = {"inputs": "Format(16, 12, signed=False)", "weights": repr(weights)}
        assert named[width] == [expected] * 2
    assert named[128] == [{}] * 2  # float64's
    assert "--config mine.toml" in (tmp_path / "s" / "sweep.md").read_text()


def test_data_by_path(capsys, tmp_path):
    digits = datasets.load("digits")
    parts = {n: getattr(digits, n)[:200] for n in ("x_train", "y_train", "x_test", "y_test")}
    np.savez("mine.npz", **parts)
    arguments = (*SMALL, "--widths", "8", "--seeds", "1", "--dataset", "digits")
    assert run(capsys, *arguments, "--dataset", "mine.npz", "--out", "s")[0] == 0
    assert [r["dataset"] for r in table_of("s")] == ["digits", "digits", "mine", "mine"]
    assert len(list((tmp_path / "s").glob("accuracy-*.png"))) == 2
    # Other data under the same name are other trainings.
    names = {path.name for path in results_of("s")}
    np.savez("mine.npz", **(parts | {"y_test": parts["y_test"][::-1]}))
    assert run(capsys, "sweep", "--resume", "--out", "s")[0] == 0
    assert len({path.name for path in results_of("s")} - names) == 2


def test_a_worker_with_other_data_or_another_version():
    settings = resolve({"layers": (4,), "epochs": 1, "width": 8})
    job = tasks.Task("fixed", settings, "0" * 64).job()
    assert tasks.perform(job) == {"error": "digits holds other data than where the sweep was begun"}
    job["task"]["version"] = "0.0"
    assert tasks.perform(job) == {"unfit": f"it has fxtypes {fx.__version__} and not 0.0"}


def test_a_worker_that_is_unfit_ends_it(capsys, monkeypatch):
    def answers(self, jobs):
        yield 0, {"unfit": "it has fxtypes 7"}

    monkeypatch.setattr(LocalWorkers, "run", answers)
    status, _, err = run(capsys, *SMALL, "--out", "s")
    assert status == 1
    assert err == "fxtypes-nn: error: a worker can't be used: it has fxtypes 7\n"
    assert not os.path.exists("s")


def test_a_training_that_fails_leaves_the_others(capsys, tmp_path, monkeypatch):
    plain = tasks.perform

    def perform(job):
        return {"error": "no way"} if job["task"]["settings"]["width"] == 12 else plain(job)

    with monkeypatch.context() as patched:
        patched.setattr(tasks, "perform", perform)
        status, _, err = run(capsys, *SMALL, "--out", "s")
    assert status == 1
    assert err.splitlines()[-1] == (
        "fxtypes-nn: error: 2 trainings failed (2 times: no way); fxtypes-nn sweep --resume "
        "--out s tries again"
    )
    text = (tmp_path / "s" / "sweep.md").read_text()
    assert "trainings are missing" in text
    assert "2 trainings failed (2 times: no way): they are left out of the tables." in text
    assert len(table_of("s")) == 6
    assert run(capsys, "sweep", "--resume", "--out", "s")[0] == 0
    assert run(capsys, *SMALL, "--out", "whole")[0] == 0
    assert table("s") == table("whole")


def test_another_sweeps_folder(capsys, tmp_path):
    arguments = (*SMALL, "--widths", "8", "--seeds", "1")
    assert run(capsys, *arguments, "--out", "s")[0] == 0
    there = {p: p.read_bytes() for p in (tmp_path / "s").rglob("*") if p.is_file()}
    refused(capsys, ["s already holds sweep.json", "--out", "--resume"], *arguments, "--out", "s")
    for name, value, words in (
        ("--hidden", "tanh", "the sweep in s is another one: it has other hidden"),
        ("--layers", "9", "it has other layers"),
        ("--epochs", "9", "it has other epochs"),
        ("--momentum", "0.9", "momentum is 0.9 and was 0"),
        ("--seed", "3", "seed is 3 and was 0"),
    ):
        refused(capsys, [words, "--out"], "sweep", "--resume", "--out", "s", name, value)
    assert {p: p.read_bytes() for p in (tmp_path / "s").rglob("*") if p.is_file()} == there
    state = json.loads((tmp_path / "s" / "sweep.json").read_text())
    for content, words in (
        ("{", "sweep.json is damaged"),
        ("[]", "it describes no sweep"),
        (json.dumps(state | {"seeds": "3"}), "'3' seeds"),
        (json.dumps(state | {"widths": [0]}), "damaged"),
        (json.dumps(state | {"networks": [["digits", "relu"]]}), "damaged"),
        (json.dumps(state | {"given": {"epochs": 0}}), "damaged"),
        (json.dumps(state | {"given": {"epoch": 0}}), "damaged"),
        (json.dumps({k: v for k, v in state.items() if k != "words"}), "damaged"),
    ):
        (tmp_path / "s" / "sweep.json").write_text(content)
        refused(capsys, [words], "sweep", "--resume", "--out", "s")
    (tmp_path / "file").write_text("")
    refused(capsys, ["file can't be written: it is no folder"], *arguments, "--out", "file")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--resume",), "--resume needs --out"),
        (("--out", ""), "--out: must be a folder's name"),
        (("--seeds", "0"), "--seeds: must be an integer of at least 1, got '0'"),
        (("--widths", "8,x"), "--widths: must be an integer from 2 to 128, got 'x'"),
        (("--widths", "4"), "has no preset formats"),
        (("--width", "8"), "--widths"),
        (("--hidden", "relu,gelu"), "must be one of relu, sigmoid, tanh, got 'gelu'"),
        (("--layers", "0"), "is no number of units"),
        (("--dataset", "nowhere"), "--dataset: must be one of"),
        (("--within", "-1"), "--within: must be a number from 0 to 100"),
        (("--workers", "0"), "--workers"),
        (("--workers", "2", "--scheduler", "tcp://x:1"), "--workers is for --scheduler local"),
        (("--scheduler", "127.0.0.1:x"), "must be local or an address as tcp://HOST:8786"),
        (("--scheduler", "dask"), "must be local or an address"),
        (("--scheduler", "nowhere://x:1"), "must be local or an address"),
        (("--momentum", "0.9", "--optimizer", "adam"), "--momentum is for --optimizer sgd"),
        (("--shifts", "1", "--dataset", "digits.npz"), "--shifts is for images"),
    ],
)
def test_usage_errors(capsys, tmp_path, arguments, words):
    digits = datasets.load("digits")
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez("digits.npz", **{name: getattr(digits, name) for name in names})
    status, out, err = run(capsys, "sweep", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["digits.npz"]


def test_a_free_folder_and_resume_where_there_is_nothing(capsys, tmp_path):
    arguments = (*SMALL, "--widths", "8", "--seeds", "1")
    assert run(capsys, *arguments)[0] == 0
    status, out, _ = run(capsys, *arguments, "--out", "runs/digits-sweep-2", "--resume")
    assert status == 0
    assert "there is no sweep in runs/digits-sweep-2 yet: it begins" in out
    assert run(capsys, *arguments)[0] == 0
    names = {path.name for path in (tmp_path / "runs").iterdir()}
    assert names == {f"digits-sweep-{n}" for n in (1, 2, 3)}


def made_up(right, loss=1.0):
    right = np.array(right, bool)
    return tasks.Result(float(right.mean()), loss, right, (-1.0, 1.0), "d", [])


def made_up_sweep(fixed, floats, within=0.5):
    """Of right samples by width and seed, of ten each."""
    network = Network("digits", "relu", (4,))
    seeds = len(floats)
    plan = Plan({}, (network,), seeds, tuple(fixed))
    found = Sweep(plan, within, "c")
    ten = np.arange(10)
    for seed, count in enumerate(floats):
        found.floats[network, seed] = made_up(ten < count)
    for width, counts in fixed.items():
        for seed, count in enumerate(counts):
            found.fixed[network, width, seed] = made_up(ten < count)
    return found, network


def test_the_table_of_made_up_trainings():
    found, network = made_up_sweep({8: [5, 7], 12: [8, 9], 16: [9, 8]}, [8, 9], within=5)
    assert [row[:4] for row in rows(found, network)] == [
        ("8 bits", "60.00 ± 14.14 %", "+25.00 ± 7.07", "0.5"),
        ("12 bits (knee)", "85.00 ± 7.07 %", "+0.00 ± 0.00", "1"),
        ("16 bits", "85.00 ± 7.07 %", "+0.00 ± 14.14", "1"),
        ("float64", "85.00 ± 7.07 %", "", ""),
    ]
    assert knees(found)[0][2:] == ("12 bits", "85.00 ± 7.07 %", "+0.00 ± 0.00")
    del found.fixed[network, 12, 1]
    assert knees(found)[0][2] == "trainings are missing"
    assert rows(found, network)[1][-1] == "1"
    assert mcnemar_test(0, 3) == 0.25


@pytest.mark.parametrize(
    ("fixed", "within", "expected"),
    [
        ({8: [9], 12: [9], 16: [9]}, 0, 8),
        ({8: [9], 12: [8], 16: [9]}, 0, 16),  # a smaller one holds by chance
        ({8: [8], 12: [8], 16: [8]}, 10, 8),  # to the point
        ({8: [8], 12: [8], 16: [8]}, 9.999, None),
        ({8: [10], 12: [10], 16: [10]}, 0, 8),  # more accurate than float64
    ],
)
def test_the_knee(fixed, within, expected):
    found, network = made_up_sweep(fixed, [9], within)
    assert found.knee(network) == expected
    losses = {width: found.lost(network, width) for width in fixed}
    assert knee(losses, within) == expected


def test_what_is_best_so_far():
    found, network = made_up_sweep({8: [5, 7], 12: [8], 16: []}, [8, 9])
    assert best_so_far(found, network) == (
        "digits, 4 relu", "5/8", "85.00%", "80.00% at 12 bits", "12 bits",
    )  # fmt: skip
    nothing, network = made_up_sweep({8: [5]}, [8])
    nothing.floats.clear()
    assert best_so_far(nothing, network)[1:] == ("1/2", "-", "-", "-")


def test_the_board_in_a_terminal_and_elsewhere(capsys, monkeypatch):
    found, network = made_up_sweep({8: [5, 7], 12: [8, 9]}, [8, 9])
    task = found.plan.task((network, 0, "x"), 12)
    with Board(found, 6) as board:
        board.show(task, found.fixed[network, 12, 0], known=True)
        board.show(task, found.fixed[network, 12, 0], known=False)
        board.show(task, Failure("no way"), known=False)
    assert capsys.readouterr().err.splitlines() == [
        "2/6: digits, 4 relu, 12 bits, seed 0: test accuracy 80.00% (so far: float64 85.00%, "
        "best 85.00% at 12 bits, knee 12 bits)",
        "3/6: digits, 4 relu, 12 bits, seed 0: failed: no way (so far: float64 85.00%, "
        "best 85.00% at 12 bits, knee 12 bits)",
    ]
    monkeypatch.setattr("fxtypes_nn.studies.sweep_board.is_terminal", lambda stream: True)
    with Board(found, 6) as board:
        board.show(task, found.fixed[network, 12, 0], known=False)
    text = capsys.readouterr().err
    for words in ("1/6", "best width", "85.00% at 12 bits", "\x1b["):
        assert words in text


def test_a_result_is_stored_bit_for_bit():
    found = made_up([True] * 3 + [False] * 10, math.nan)
    again = tasks.Result.from_stored(json.loads(json.dumps(found.stored())))
    assert again.right.tolist() == found.right.tolist()
    assert math.isnan(again.loss)
    assert again.stored() == found.stored()
