"""The command line: what a run leaves, exit statuses, one line an error."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from fxtypes_nn import Trainer, cli, load_model

QUICK = ["train", "--epochs", "1", "--layers", "8", "--width", "16"]
FILES = ["checkpoints", "config.json", "history.csv", "history.json", "model.npz", "training.png"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FXTYPES_DATA", raising=False)


def run(capsys, *arguments):
    """Exit status, output and error output of the command."""
    try:
        status = cli.main(list(arguments))
    except SystemExit as stopped:
        status = stopped.code
    return status, *capsys.readouterr()


def test_train_writes_a_run(capsys, tmp_path):
    status, out, err = run(capsys, *QUICK, "--out", "there/run", "--seed", "3")
    assert status == 0
    assert "test accuracy" in out
    assert "there/run" in out
    assert "45/45" in err
    assert "loss" in err
    assert "accuracy" in err
    folder = tmp_path / "there" / "run"
    assert sorted(p.name for p in folder.iterdir()) == FILES
    config = json.loads((folder / "config.json").read_text())
    assert config["layers"] == [64, 8, 10]
    assert config["seed"] == 3
    history = json.loads((folder / "history.json").read_text())
    assert len(history["loss"]) == 45
    assert history["validation_accuracy"][-1] == config["test_accuracy"]
    from fxtypes_nn import datasets

    model = load_model(folder / "model.npz")
    digits = datasets.load("digits").to_fixed(model.precision.activations)
    measured = model.evaluate(digits.x_test, digits.y_test)
    assert measured == {"loss": config["test_loss"], "accuracy": config["test_accuracy"]}


def test_same_seed_same_bits_in_another_process(capsys, tmp_path):
    status, _, _ = run(capsys, *QUICK)
    assert status == 0
    done = subprocess.run(
        [sys.executable, "-m", "fxtypes_nn", *QUICK],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode == 0, done.stderr
    first, second = (tmp_path / "runs" / f"digits-{n}" for n in (1, 2))
    for name in ("model.npz", "history.csv", "config.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_frac_bits_give_one_format(capsys, tmp_path):
    status, _, err = run(capsys, *QUICK, "--frac-bits", "9", "--hidden", "sigmoid", "--out", "r")
    assert status == 0
    advice = [line for line in err.splitlines() if "fxtypes-nn: warning: " in line]
    assert len(advice) == 1
    assert "updates of dense1.weights round to nothing" in advice[0]
    config = json.loads((tmp_path / "r" / "config.json").read_text())
    assert set(config["precision"].values()) == {"Format(16, 9)"}


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


def refused(capsys, words, *arguments):
    status, out, err = run(capsys, *QUICK, *arguments)
    assert status == 1
    assert out == ""  # nothing was trained
    assert err.count("\n") == 1
    assert err.startswith("fxtypes-nn: error: ")
    for word in words:
        assert word in err


def test_a_data_set_that_is_not_there_is_status_1(capsys, tmp_path, monkeypatch):
    refused(capsys, ["FXTYPES_DATA", "mnist"], "--dataset", "mnist")
    monkeypatch.setenv("FXTYPES_DATA", str(tmp_path))
    refused(capsys, ["train-images-idx3-ubyte.gz is missing"], "--dataset", "mnist")
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(b"junk")
    refused(capsys, ["train-images-idx3-ubyte.gz is damaged"], "--dataset", "mnist")


def test_a_run_folder_that_cannot_be_written_is_refused_before_training(
    capsys, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("in the way")
    refused(capsys, ["run folder", "file", "--out"], "--out", "file")
    refused(capsys, ["run folder", "file/run", "--out"], "--out", "file/run")

    def no_file(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("fxtypes_nn.runs.atomic_write", no_file)
    refused(capsys, ["run folder", "Permission denied", "--out"], "--out", "run")


def test_an_earlier_run_is_never_overwritten(capsys, tmp_path):
    assert run(capsys, *QUICK, "--out", "r")[0] == 0
    before = {p: p.read_bytes() for p in (tmp_path / "r").rglob("*.*")}
    refused(capsys, ["already holds a run", "--out"], "--out", "r")
    assert {p: p.read_bytes() for p in (tmp_path / "r").rglob("*.*")} == before


def test_missing_matplotlib_is_told_before_training(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    refused(capsys, ["matplotlib", "pip install"])


def test_interruption_and_lack_of_memory_are_one_line(capsys, monkeypatch):
    for error, word in ((KeyboardInterrupt, "interrupted"), (MemoryError, "--batch-size")):

        def stop(*_, error=error, **__):
            raise error

        monkeypatch.setattr("fxtypes_nn.training.trainer.permutation", stop)
        status, _, err = run(capsys, *QUICK)
        assert status == 1
        assert word in err.splitlines()[-1]
        assert "Traceback" not in err


def test_an_interrupted_run_goes_on_to_the_same_model(capsys, tmp_path, monkeypatch):
    assert run(capsys, *QUICK, "--epochs", "4", "--out", "whole")[0] == 0
    step, left = Trainer.iterate, [60]

    def interrupted(self, *arguments):
        left[0] -= 1
        if left[0] == 0:
            signal.raise_signal(signal.SIGTERM)
        return step(self, *arguments)

    monkeypatch.setattr(Trainer, "iterate", interrupted)
    status, _, err = run(capsys, *QUICK, "--epochs", "4", "--out", "r")
    assert status == 1
    assert err.splitlines()[-1] == (
        "fxtypes-nn: error: interrupted after iteration 59; the same command with --resume goes on"
    )
    rows = (tmp_path / "r" / "history.csv").read_text().splitlines()
    assert rows[0].startswith("iteration,epoch,loss,accuracy")
    refused(capsys, ["already holds a run", "--resume"], "--out", "r")
    refused(capsys, ["width is 12 and was 16"], "--out", "r", "--resume", "--width", "12")
    assert run(capsys, *QUICK, "--epochs", "4", "--out", "r", "--resume")[0] == 0
    for name in ("model.npz", "history.csv", "history.json", "config.json"):
        assert (tmp_path / "r" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    status, out, _ = run(capsys, *QUICK, "--epochs", "4", "--out", "r", "--resume")
    assert status == 0
    assert out.startswith("the run in r is finished: test accuracy ")
    assert run(capsys, *QUICK, "--epochs", "5", "--out", "r", "--resume")[0] == 0
    assert json.loads((tmp_path / "r" / "config.json").read_text())["epochs"] == 5


def test_help_shows_options_and_defaults(capsys):
    status, out, _ = run(capsys, "train", "--help")
    assert status == 0
    for word in ("--dataset", "--frac-bits", "--learning-rate", "default: 128,64", "runs/DATASET"):
        assert word in out
    assert "SUPPRESS" not in out


def test_pixels_reach_the_network_scaled(capsys, tmp_path):
    run(capsys, *QUICK, "--out", "r")
    history = json.loads((tmp_path / "r" / "history.json").read_text())
    # Unscaled pixels of up to 16 would saturate the logits at once.
    assert np.mean(history["loss"][:3]) < 4
