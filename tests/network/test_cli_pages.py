"""`plot` and `report`: a run's pages from its folder, and from what is left of it."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from command_line import QUICK, command, config_of, environment, refused, run

from fxtypes_nn import History, cli
from fxtypes_nn.cli import pages
from fxtypes_nn.runs import execute
from fxtypes_nn.runs.record import make_record, read_run, siblings_of
from fxtypes_nn.watch import plots


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run's folder without its pages, of a table of one's own."""
    folder = tmp_path_factory.mktemp("trained")
    generator = np.random.default_rng(0)
    x = generator.normal(size=(80, 3))
    rows = [f"{','.join(map(str, row))},{'ab'[int(row[0] > 0)]}" for row in x]
    (folder / "table.csv").write_text("\n".join(rows))
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setattr(execute, "draw", lambda *_: [])
        patched.setattr(execute, "write_report", lambda *_: None)
        arguments = [*QUICK, "--frac-bits", "9", "--dataset", "table.csv", "--out", "r"]
        assert cli.main(arguments) == 0
    return folder


@pytest.fixture
def here(trained, tmp_path, monkeypatch):
    """A copy of it, where the command runs."""
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FXTYPES_DATA", raising=False)
    return tmp_path


@pytest.fixture
def drawn(monkeypatch):
    """The records that pages are asked to be made of; nothing is drawn."""
    records = []

    def kept(record, *_):
        records.append(record)
        return []

    monkeypatch.setattr(pages, "draw", kept)
    monkeypatch.setattr(pages, "write_report", kept)
    return records


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_pictures_and_report_are_made_again(capsys, here):
    before = contents(here / "r")
    status, out, err = run(capsys, "plot", "r", "--format", "pdf,svg,png")
    assert (status, err) == (0, "")
    made = {line.partition("/")[2] for line in out.splitlines()}
    assert {"training.pdf", "training.svg", "training.png"} <= made
    assert {name.rpartition(".")[0] for name in made} <= set(plots.PICTURES)
    after = contents(here / "r")
    assert after.keys() - before.keys() == made
    assert {name: after[name] for name in before} == before
    assert after["training.pdf"].startswith(b"%PDF")
    assert b"<svg" in after["training.svg"]
    status, out, err = run(capsys, "report", "r")
    assert (status, out, err) == (0, "r/report.html\n", "")
    assert "table.csv, 3-8-2 relu, 16 bits: test accuracy " in (
        here / "r" / "report.html"
    ).read_text(encoding="utf-8")


def test_pages_go_where_they_are_wanted(capsys, here):
    (here / "site").mkdir()
    before = contents(here / "r")
    for arguments, file in (
        (["plot", "r", "--out", "new/pictures"], "new/pictures/training.png"),
        (["report", "r", "--out", "site"], "site/report.html"),
        (["report", "r", "--out", "site/mine.html"], "site/mine.html"),
    ):
        status, out, _ = run(capsys, *arguments)
        assert status == 0
        assert file in out.splitlines()
        assert (here / file).stat().st_size > 1000
    assert contents(here / "r") == before


def test_a_record_holds_the_run(here, drawn, capsys):
    assert run(capsys, "plot", "r")[0] == 0
    (record,) = drawn
    assert record.title.startswith("table.csv, 3-8-2 relu, 16 bits: test accuracy ")
    assert record.config == config_of(here / "r")
    assert record.history == History.from_csv(here / "r" / "history.csv")
    assert list(record.parameters) == [
        "dense1.weights", "dense1.bias", "dense2.weights", "dense2.bias",
    ]  # fmt: skip
    assert record.formats["dense1.weights"] == record.parameters["dense1.weights"].format
    assert record.classes == ["a", "b"]
    assert np.mean(record.labels == record.predicted) == record.config["test_accuracy"]
    assert (record.images, record.image_shape) == (None, None)
    assert "dense1" in record.summary
    assert record.command == record.config["command"]
    assert record.warnings == record.config["warnings"]


def test_images_are_there_as_stored(here, drawn, capsys, monkeypatch):
    monkeypatch.setattr(execute, "draw", lambda *_: [])
    monkeypatch.setattr(execute, "write_report", lambda *_: None)
    assert run(capsys, *QUICK, "--out", "d")[0] == 0
    assert run(capsys, "report", "d")[0] == 0
    assert drawn[0].images.shape == (360, 64)
    assert drawn[0].images.dtype == np.uint8
    assert drawn[0].image_shape == (8, 8)


def test_without_the_data_the_rest_is_made(capsys, here, drawn):
    (here / "table.csv").unlink()
    status, _, err = run(capsys, "plot", "r")
    assert status == 0
    assert err.count("\n") == 1
    assert err.startswith("fxtypes-nn: warning: ")
    assert "table.csv" in err
    assert "what shows the test part is left out" in err
    assert drawn[0].labels.size == 0
    assert drawn[0].parameters


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [line.replace(",", ",0,", 1) for line in lines],  # a feature more
        lambda lines: [*lines, "1,2,3,c"],  # a class more
        lambda lines: lines[:-5],
    ],
)
def test_data_that_are_others_by_now_are_left_out(capsys, here, drawn, change):
    table = here / "table.csv"
    table.write_text("\n".join(change(table.read_text().splitlines())))
    status, _, err = run(capsys, "plot", "r")
    assert status == 0
    assert err.count("\n") == 1
    assert "table.csv isn't the data set any more that the run was trained on; what" in err
    assert drawn[0].labels.size == 0


def test_a_model_of_fewer_epochs_is_left_out(capsys, here, drawn):
    """As of a run that was finished, and then broken off in more epochs."""
    change_config(here, epochs_trained=3)
    status, _, err = run(capsys, "report", "r")
    assert status == 0
    assert err.count("\n") == 1
    assert "r/model.npz has 1 epochs behind it, and the run 3; what shows" in err
    assert not drawn[0].parameters


def test_nothing_is_downloaded_for_pictures(capsys, here, drawn, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(here / "cache"))
    monkeypatch.setattr("fxtypes_nn.datasets.catalogue.download", lambda *_: 1 / 0)
    monkeypatch.setattr("fxtypes_nn.datasets.places.cache_folder", lambda _: str(here / "cache"))
    change_config(here, dataset="mnist")
    status, _, err = run(capsys, "plot", "r")
    assert status == 0
    assert "mnist is not found: " in err
    assert err.count("\n") == 1


def change_config(here, **changes):
    path = here / "r" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("damage", ["missing", "cut", "empty"])
@pytest.mark.parametrize("name", ["model.npz", "history.json"])
def test_what_is_damaged_is_left_out_in_one_line(capsys, here, drawn, name, damage):
    path = here / "r" / name
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"")
    status, _, err = run(capsys, "plot", "r")
    assert status == 0
    if (name, damage) == ("history.json", "missing"):  # as of a run that is under way
        assert err == ""
    else:
        assert err.count("\n") == 1
        assert name in err
        assert ("left out" if name == "model.npz" else "other file of the history") in err
    assert len(drawn[0].history) == 2
    assert bool(drawn[0].parameters) == (name != "model.npz")
    # Its formats are known from the configuration, too.
    assert drawn[0].formats["dense1.weights"].width == 16


def test_an_unfinished_run_has_pictures_too(capsys, here):
    (here / "r" / "model.npz").unlink()
    (here / "r" / "history.json").unlink()
    with open(here / "r" / "history.csv", "a") as file:
        file.write("3,1,0.5")  # where it was killed
    status, out, err = run(capsys, "plot", "r")
    assert status == 0
    assert "r/training.png" in out.splitlines()
    assert err.count("\n") == 1
    assert run(capsys, "report", "r")[0] == 0


@pytest.mark.parametrize("command", ["plot", "report"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: shutil.rmtree(r), ["there is no run folder r"]),
        (lambda r: (r / "config.json").unlink(), ["r/config.json is missing", "no run's folder"]),
        (lambda r: (r / "config.json").write_text("{"), ["r/config.json is damaged: "]),
        (lambda r: (r / "config.json").write_text("[" * 100000), ["r/config.json is damaged"]),
        (lambda r: (r / "config.json").write_bytes(b"\xff"), ["r/config.json is damaged"]),
        (lambda r: (r / "config.json").write_text("3"), ["config.json is damaged", "no object"]),
        (lambda r: (r / "config.json").write_text("{}"), ["r/config.json is no run's config"]),
        (lambda r: cut_both(r), ["history.json is damaged", "history.csv is damaged"]),
        (lambda r: lose_both(r), ["history.csv is missing"]),
    ],
)
def test_what_no_page_can_do_without(capsys, here, drawn, command, change, words):
    change(here / "r")
    refused(capsys, words, command, "r")
    assert drawn == []


def cut_both(folder):
    for name in ("history.json", "history.csv"):
        (folder / name).write_text("iteration,epoch\n1,2\n")


def lose_both(folder):
    for name in ("history.json", "history.csv"):
        (folder / name).unlink()


def test_formats_that_are_none(capsys, here, drawn):
    (here / "r" / "model.npz").unlink()
    change_config(here, formats={"dense1.weights": "Format(1, 2)"})
    status, _, err = run(capsys, "plot", "r")
    assert status == 1
    assert "config.json is damaged: 'Format(1, 2)' is no format" in err.splitlines()[-1]


def test_other_seeds_make_bands(capsys, here, monkeypatch):
    monkeypatch.setattr(execute, "draw", lambda *_: [])
    monkeypatch.setattr(execute, "write_report", lambda *_: None)
    same = [*QUICK, "--frac-bits", "9", "--dataset", "table.csv"]
    assert run(capsys, *same, "--seed", "1", "--out", "s")[0] == 0
    assert run(capsys, *same, "--seed", "2", "--momentum", "0.5", "--out", "t")[0] == 0
    first = read_run("r", print)
    record = make_record(first, siblings_of(first, ["s"], print))
    assert record.siblings == (History.from_json(here / "s" / "history.json"),)
    refused(capsys, ["run in t has another momentum", "not only another seed"], "plot", "r", "t")
    twice = "the run in s has the seed 1, as one before it: give each seed once"
    refused(capsys, [twice], "report", "r", "s", "s")
    refused(capsys, ["has the seed 0"], "plot", "r", "r")
    status, out, err = run(capsys, "plot", "r", "s", "--out", "bands")
    assert (status, err) == (0, "")
    assert "bands/training.png" in out.splitlines()


def test_where_nothing_can_be_written(capsys, here, monkeypatch):
    (here / "file").write_text("")
    refused(capsys, ["file/x can't be written: Not a directory"], "plot", "r", "--out", "file/x")
    refused(capsys, ["file can't be written: it is no folder"], "plot", "r", "--out", "file")
    refused(
        capsys, ["nowhere/x.html", "there is no folder"], "report", "r", "--out", "nowhere/x.html"
    )
    for name in plots.PICTURES.keys() - {"training", "loss"}:
        monkeypatch.delitem(plots.PICTURES, name)
    (here / "r" / "training.png").mkdir()
    status, _, err = run(capsys, "plot", "r")
    assert status == 1
    assert err.count("\n") == 1
    assert "training.png" in err
    assert (here / "r" / "loss.png").exists()


def test_no_display_and_no_latex_are_needed(here):
    (here / "matplotlibrc").write_text("backend: tkagg\n")
    done = subprocess.run(
        command("plot", "r"), env=environment(DISPLAY="", MPLCONFIGDIR=str(here)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
