"""The command line: what a run leaves, exit statuses, one line an error."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import (
    QUICK,
    WHOLE,
    assert_same_run,
    command,
    config_of,
    environment,
    refused,
    run,
)

import fxtypes as fx
from fxtypes_nn import History, cli, datasets, load_model
from fxtypes_nn.runs import build, execute
from fxtypes_nn.watch import plots

FILES = {"checkpoints", "config.json", "history.csv", "history.json", "model.npz", "report.html"}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FXTYPES_DATA", raising=False)


@pytest.fixture
def without_pages(monkeypatch):
    """Pictures take longer than these trainings."""
    monkeypatch.setattr(execute, "draw", lambda *_: [])
    monkeypatch.setattr(execute, "write_report", lambda *_: None)


def test_train_writes_a_run(capsys, tmp_path):
    status, out, err = run(capsys, *QUICK, "--out", "there/run", "--seed", "3")
    assert status == 0
    assert "test accuracy" in out
    assert "there/run" in out
    assert "epoch 1/1: loss" in err
    assert "accuracy" in err
    folder = tmp_path / "there" / "run"
    names = {path.name for path in folder.iterdir()}
    assert names >= FILES
    pictures = names - FILES
    assert "training.png" in pictures
    assert pictures <= {f"{name}.png" for name in plots.PICTURES}
    for name in pictures:
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
    config = config_of(folder)
    assert config["layers"] == [64, 8, 10]
    assert config["seed"] == 3
    assert config["samples"] == {"train": 1437, "test": 360}
    assert config["accumulator"] == "exact"
    assert config["formats"]["dense1.input"] == config["precision"]["inputs"] == "Format(16, 10)"
    assert config["versions"]["fxtypes"] == fx.__version__
    assert config["versions"]["numpy"] == np.__version__
    assert config["training_seconds"] == pytest.approx(config["epoch_seconds"], abs=0.01)
    assert (config["epochs_trained"], config["iterations"]) == (1, 45)
    assert config["warnings"] == []
    history = json.loads((folder / "history.json").read_text())
    assert len(history["loss"]) == 45
    assert history["validation_accuracy"][-1] == config["test_accuracy"]
    assert History.from_csv(folder / "history.csv") == History.from_json(folder / "history.json")
    model = load_model(folder / "model.npz")
    digits = datasets.load("digits").to_fixed(model.precision.activations)
    measured = model.evaluate(digits.x_test, digits.y_test)
    assert measured == {"loss": config["test_loss"], "accuracy": config["test_accuracy"]}


def test_same_seed_same_bits_in_another_process(capsys, tmp_path, without_pages):
    assert run(capsys, *QUICK)[0] == 0
    done = subprocess.run(
        [sys.executable, "-m", "fxtypes_nn", *QUICK],
        capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert_same_run(tmp_path / "runs" / "digits-1", tmp_path / "runs" / "digits-2")


def test_the_command_that_is_kept_makes_the_same_run(capsys, tmp_path, without_pages):
    (tmp_path / "s.toml").write_text("layers = [8]\nwidth = 16\nmomentum = 0.5\nepochs = 3\n")
    assert run(capsys, "train", "--config", "s.toml", "--epochs", "1", "--out", "a")[0] == 0
    kept = config_of(tmp_path / "a")["command"]
    assert kept == "fxtypes-nn train --config s.toml --epochs 1"
    assert run(capsys, *kept.split()[1:], "--out", "b")[0] == 0
    assert_same_run(tmp_path / "a", tmp_path / "b")
    assert run(capsys, *QUICK, "--seed", "-1", "--momentum", "0.5", "--nesterov")[0] == 0
    kept = config_of(tmp_path / "runs" / "digits-1")["command"]
    assert "--seed=-1" in kept
    assert run(capsys, *kept.split()[1:])[0] == 0
    assert_same_run(tmp_path / "runs" / "digits-1", tmp_path / "runs" / "digits-2")


def test_frac_bits_give_one_format(capsys, tmp_path, without_pages):
    status, _, err = run(capsys, *QUICK, "--frac-bits", "9", "--hidden", "sigmoid", "--out", "r")
    assert status == 0
    advice = [line for line in err.splitlines() if "fxtypes-nn: warning: " in line]
    assert len(advice) == 1
    assert "updates of dense1.weights round to nothing" in advice[0]
    config = config_of(tmp_path / "r")
    assert set(config["precision"].values()) == {"Format(16, 9)"}
    assert config["warnings"] == [advice[0].removeprefix("fxtypes-nn: warning: ")]


@pytest.mark.parametrize("frac_bits", [256, 100, -1, -100, -256])
def test_formats_that_hold_nothing_show_the_loss_that_is(
    capsys, tmp_path, frac_bits, without_pages
):
    """All logits are about 0: the loss is ln 10, and the reason is told."""
    status, out, err = run(capsys, *QUICK, f"--frac-bits={frac_bits}", "--out", "r")
    assert status == 0
    assert "test loss 2.3026" in out
    assert "epoch 1/1: loss 2.3026, accuracy " in err
    why = "most first values of dense1.weights are at an end" if frac_bits > 0 else "round to 0"
    assert why in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["COMMAND"]),
        (["trian"], ["trian", "train"]),
        (["train", "--layers", "128,0"], ["--layers", "'0'", "at least 1"]),
        (["train", "--layers", ""], ["--layers", "''"]),
        (["train", "--dataset", "minst"], ["minst", "digits", "fashion-mnist"]),
        (["train", "--hidden", "tan"], ["tan", "relu", "sigmoid", "tanh"]),
        (["train", "--width", "1"], ["--width", "2 to 128", "'1'"]),
        (["train", "--width", "7"], ["--width", "7", "--frac-bits"]),
        (["train", "--frac-bits", "257"], ["--frac-bits", "'257'"]),
        (["train", "--epochs", "0"], ["--epochs", "at least 1", "'0'"]),
        (["train", "--batch-size", "x"], ["--batch-size", "'x'"]),
        (["train", "--learning-rate", "-1"], ["--learning-rate", "'-1'", "more than 0"]),
        (["train", "--learning-rate", "nan"], ["--learning-rate", "'nan'"]),
        (["train", "--seed", "1.5"], ["--seed", "'1.5'"]),
        (["train", "--resume"], ["--resume needs --out"]),
        (["train", "--out", ""], ["--out", "''"]),
        (["train", "--nesterov"], ["--nesterov needs a --momentum"]),
        (["train", "--shifts", "9"], ["--shifts 9", "8 x 8"]),
        (["train", "--label", "x"], ["label", "tables of text"]),
        (["train", "--config", "missing.toml"], ["missing.toml can't be read: No such file"]),
        (["train", "--recipe", "none-such"], ["no recipe 'none-such'"]),
        (["train", "--recipe", "a", "--config", "b"], ["--config", "not allowed", "--recipe"]),
        (["plot"], ["required: RUN (see"]),
        (["plot", "r", "--format", "png,gif"], ["png, pdf, svg", "'png,gif'"]),
        (["report", "--format", "pdf", "r"], ["--format"]),
        (["datasets", "digits"], ["digits"]),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(capsys, tmp_path, arguments, words):
    status, out, err = run(capsys, *arguments)
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    for word in words:
        assert word in err
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_file_of_settings_is_wrong_usage(capsys, tmp_path):
    (tmp_path / "s.toml").write_text("epoch = 3")
    status, out, err = run(capsys, "train", "--config", "s.toml")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "s.toml: epoch is no setting; there are dataset, " in err


def test_a_data_set_that_is_not_there_is_status_1(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("FXTYPES_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    (tmp_path / "data" / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(b"junk")
    refused(capsys, ["train-images-idx3-ubyte.gz is damaged"], *QUICK, "--dataset", "mnist")
    assert not (tmp_path / "runs").exists()


def test_a_table_of_ones_own(capsys, tmp_path, without_pages):
    generator = np.random.default_rng(0)
    lines = ["length,width,kind"]
    for row in generator.normal(size=(60, 2)):
        lines.append(f"{row[0]},{row[1]},{'left' if row[0] < 0 else 'right'}")
    (tmp_path / "my things.csv").write_text("\n".join(lines))
    status, out, _ = run(capsys, *QUICK, "--dataset", "my things.csv", "--label", "kind")
    assert status == 0
    assert "48 samples train, 12 test" in out
    config = config_of(tmp_path / "runs" / "my things-1")
    assert config["classes"] == ["left", "right"]
    assert config["layers"] == [2, 8, 2]
    assert "--dataset 'my things.csv' --label kind" in config["command"]


def test_features_that_would_vanish_are_warned_of(capsys, tmp_path, without_pages):
    table = tmp_path / "sizes.csv"
    for small, large, warned in ((1, 255, False), (100, 6400, False), (100, -6500, True)):
        table.write_text(f"{small},{large},a\n{small},1,b\n" * 5)
        words = ("train", "--dataset", table, "--epochs", "1", "--out", f"r{large}")
        status, _, err = run(capsys, *words)
        assert status == 0
        assert ("feature 0 goes up to 100 and feature 1 to 6500" in err) == warned
    status, _, err = run(capsys, *words[:-1], "s", "--standardise")
    assert (status, "warning" in err) == (0, False)


def test_one_class_is_refused_by_what_the_user_gave(capsys, tmp_path):
    table = tmp_path / "same.csv"
    table.write_text("a,kind\n" + "1,warm\n2,warm\n" * 5)
    words = [f"{table} has one class only, 'warm'", "--label"]
    refused(capsys, words, "train", "--dataset", str(table), "--out", "r")
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("layers", ["10000000000", "10,10000000000,10"])
def test_a_network_without_room_is_refused_before_it_is_made(capsys, tmp_path, layers):
    status, out, err = run(capsys, *QUICK, "--layers", layers, "--out", "r")
    assert (status, out, err.count("\n")) == (2, "", 1)
    for words in (f"64-{layers.replace(',', '-')}-10 has ", "GB of memory", "smaller --layers"):
        assert words in err
    assert not (tmp_path / "r").exists()


def test_a_network_that_leaves_little_room_is_warned_of(capsys, monkeypatch, without_pages):
    """64 * 8 + 8 + 8 * 10 + 10 parameters of 2 bytes, six times; 10 outputs of 1,024 samples."""
    needed = 2 * (6 * 610 + 1024 * 10)
    refused_by, warned_by = "smaller --layers", "610 parameters"
    for memory, words in ((needed - 1, refused_by), (needed, warned_by), (None, "")):
        monkeypatch.setattr(build, "_memory", lambda memory=memory: memory)
        status, _, err = run(capsys, *QUICK, "--out", f"r{memory}")
        assert status == (2 if memory == needed - 1 else 0)
        assert words in err
        assert ("GB of this machine's" in err) == bool(words)


def test_a_run_folder_that_cannot_be_written_is_refused_before_training(
    capsys, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("in the way")
    refused(capsys, ["run folder", "file", "--out"], *QUICK, "--out", "file")
    refused(capsys, ["run folder", "file/run", "--out"], *QUICK, "--out", "file/run")

    def no_file(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("fxtypes_nn.runs.folder.atomic_write", no_file)
    refused(capsys, ["run/config.json can't be written: Permission"], *QUICK, "--out", "new/run")
    monkeypatch.setattr("os.mkdir", no_file)
    refused(capsys, ["run folder new/run can't be", "denied"], *QUICK, "--out", "new/run")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_an_earlier_run_is_never_overwritten(capsys, tmp_path, without_pages):
    assert run(capsys, *QUICK, "--out", "r")[0] == 0
    before = {p: p.read_bytes() for p in (tmp_path / "r").rglob("*.*")}
    refused(capsys, ["already holds a run", "--out"], *QUICK, "--out", "r")
    assert {p: p.read_bytes() for p in (tmp_path / "r").rglob("*.*")} == before


@pytest.mark.parametrize("name", [*WHOLE, "config.json", "report.html", "training.png"])
def test_a_users_file_of_such_a_name_is_left_alone(capsys, tmp_path, name):
    (tmp_path / name).write_text("mine")
    refused(capsys, ["already holds a run"], *QUICK, "--out", ".")
    assert run(capsys, *QUICK, "--out", ".", "--resume")[0] == 1
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [(name, "mine")]


def test_missing_libraries_are_told_before_training(capsys, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "matplotlib.figure", None)
        refused(capsys, ["matplotlib", "pip install"], *QUICK)
    monkeypatch.setitem(sys.modules, "rich", None)
    status, _, err = run(capsys, *QUICK)
    assert status == 1
    assert "rich is needed for the progress bar: pip install" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyboardInterrupt(), "interrupted; nothing was written"),
        (MemoryError(), "--batch-size"),
        (ArithmeticError("what went\nwrong"), "what went wrong"),
        (KeyError("key"), "KeyError: 'key'; this is a fault of fxtypes-nn's own, and python -X"),
    ],
)
def test_what_ends_before_it_has_begun_leaves_nothing(capsys, tmp_path, monkeypatch, error, words):
    def stop(*_, **__):
        raise error

    monkeypatch.setattr("fxtypes_nn.training.trainer.permutation", stop)
    (tmp_path / "mine").mkdir()
    for out in ([], ["--out", "a/b/c"], ["--out", "mine"]):
        status, _, err = run(capsys, *QUICK, *out)
        assert status == 1
        assert words in err.splitlines()[-1]
        assert "Traceback" not in err
        assert [p.name for p in tmp_path.iterdir()] == ["mine"]
    assert list((tmp_path / "mine").iterdir()) == []


def test_help_shows_options_and_defaults(capsys):
    status, out, _ = run(capsys, "train", "--help")
    assert status == 0
    for word in (
        "--dataset", "--frac-bits", "--learning-rate", "default: 128,64", "runs/DATASET",
        "--config FILE.toml", "--recipe", "--no-nesterov", "{constant,cosine,step}",
    ):  # fmt: skip
        assert word in out
    assert "SUPPRESS" not in out


def test_version(capsys):
    status, out, _ = run(capsys, "--version")
    assert (status, out) == (0, f"fxtypes-nn {fx.__version__}\n")


def test_datasets_are_listed(capsys, tmp_path):
    status, out, err = run(capsys, "datasets")
    assert (status, err) == (0, "")
    for name in datasets.names():
        assert re.search(rf"^{name}: .+", out, re.M)
    digits = datasets.available()[0].files[0].path
    checksum = hashlib.sha256(Path(digits).read_bytes()).hexdigest()
    assert f"    {digits}: as published, SHA-256 {checksum}\n" in out
    folder = tmp_path / "mnist"
    folder.mkdir()
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"junk")
    found = run(capsys, "datasets", "--data-dir", tmp_path)[1]
    assert re.search(
        r"t10k-labels-idx1-ubyte.gz: not as published, .*SHA-256 [0-9a-f]{64}$", found, re.M
    )
    assert "train-images-idx3-ubyte.gz: missing" in found
    assert run(capsys, "datasets", "--out", "list.txt")[:2] == (0, "list.txt\n")
    assert (tmp_path / "list.txt").read_text(encoding="utf-8") == out
    refused(capsys, ["nowhere/list.txt can't be written"], "datasets", "--out", "nowhere/list.txt")
    words = ["there is no folder none, where --data-dir says that data sets lie"]
    refused(capsys, words, "datasets", "--data-dir", "none")
    refused(capsys, words, "train", "--dataset", "mnist", "--data-dir", "none")


def test_pixels_reach_the_network_scaled(capsys, tmp_path, without_pages):
    run(capsys, *QUICK, "--out", "r")
    history = json.loads((tmp_path / "r" / "history.json").read_text())
    # Unscaled pixels of up to 16 would saturate the logits at once.
    assert np.mean(history["loss"][:3]) < 4


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_closed_pipe_loses_nothing(tmp_path):
    """As `fxtypes-nn train | head -0` has it."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command(*QUICK, "--out", "r"), stdout=writer, stderr=subprocess.PIPE, text=True,
        env=environment(), check=False,
    )  # fmt: skip
    os.close(writer)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last == "fxtypes-nn: error: the output can't be written: Broken pipe"
    assert "Traceback" not in done.stderr
    assert (tmp_path / "r" / "report.html").exists()


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_closed_error_stream_loses_nothing(tmp_path):
    for number, closed in enumerate(("pipe", "none")):
        reader, writer = os.pipe()
        os.close(reader)
        words = command(*QUICK, "--frac-bits", "9", "--hidden", "sigmoid", "--out", f"r{number}")
        if closed == "none":
            words = ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *words]
        done = subprocess.run(
            words, stdout=subprocess.PIPE, stderr=writer, text=True, env=environment(), check=False
        )
        os.close(writer)
        assert done.returncode == 0
        assert f"the run is in r{number}" in done.stdout
        assert config_of(tmp_path / f"r{number}")["warnings"] != []


def test_one_command_is_one_program():
    assert cli.PROGRAM == "fxtypes-nn"
