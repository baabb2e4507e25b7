"""Runs of the command line that are broken off go on to the same bits; nothing is lost."""

import errno
import fcntl
import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from command_line import (
    QUICK,
    WHOLE,
    assert_same_run,
    command,
    config_of,
    environment,
    ran,
    refused,
    run,
)

from fxtypes_nn import Trainer, load_model
from fxtypes_nn.runs import execute
from fxtypes_nn.watch.history import HistoryFile

FOUR = (*QUICK, "--epochs", "4")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FXTYPES_DATA", raising=False)


@pytest.fixture
def without_pages(monkeypatch):
    """Pictures take longer than these trainings."""
    monkeypatch.setattr(execute, "draw", lambda *_: [])
    monkeypatch.setattr(execute, "write_report", lambda *_: None)


@pytest.fixture
def whole(capsys, tmp_path, without_pages):
    """A run that was left alone."""
    assert run(capsys, *FOUR, "--out", "whole")[0] == 0
    return tmp_path / "whole"


def interrupted_at(monkeypatch, iteration, number=signal.SIGTERM):
    """A signal comes in this iteration, once."""
    step, left = Trainer.iterate, [iteration]

    def iterate(self, *arguments):
        left[0] -= 1
        if left[0] == 0:
            signal.raise_signal(number)
        return step(self, *arguments)

    monkeypatch.setattr(Trainer, "iterate", iterate)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupted_run_goes_on_to_the_same_model(capsys, tmp_path, monkeypatch, whole, name):
    with monkeypatch.context() as patched:
        interrupted_at(patched, 60, getattr(signal, name))
        status, _, err = run(capsys, *FOUR, "--out", "r")
    assert status == 1
    assert err.splitlines()[-1] == (
        "fxtypes-nn: error: interrupted; fxtypes-nn train --resume --out r goes on after "
        "iteration 59 of 180"
    )
    there = config_of(tmp_path / "r")
    assert (there["iterations"], there["epochs_trained"]) == (59, 1)
    rows = (tmp_path / "r" / "history.csv").read_text().splitlines()
    assert len(rows) == 60
    refused(capsys, ["already holds a run", "--resume"], *FOUR, "--out", "r")
    other = [*FOUR, "--out", "r", "--resume", "--width", "12", "--layers", "9"]
    refused(capsys, ["layers is 9 and was 8; width is 12 and was 16"], *other)
    status, _, err = run(capsys, "train", "--resume", "--out", "r")  # with its own settings
    assert status == 0
    assert err.startswith("epoch 2/4: ")
    assert_same_run(tmp_path / "r", whole)
    assert config_of(tmp_path / "r")["training_seconds"] > there["training_seconds"]


def test_a_finished_run_says_so_and_a_longer_one_goes_on(capsys, tmp_path, whole):
    before = {p: p.read_bytes() for p in whole.rglob("*.*")}
    for more in ([], ["--epochs", "2"], ["--epochs", "4", "--layers", "8"]):
        status, out, err = run(capsys, "train", "--out", "whole", "--resume", *more)
        assert (status, err) == (0, "")
        assert out.startswith("the run in whole is finished: test accuracy ")
    assert {p: p.read_bytes() for p in whole.rglob("*.*")} == before
    assert run(capsys, *QUICK, "--epochs", "6", "--out", "longer")[0] == 0
    assert run(capsys, "train", "--out", "whole", "--resume", "--epochs", "6")[0] == 0
    there = config_of(whole)
    assert there["epochs"] == 6
    assert run(capsys, *there["command"].split()[1:], "--out", "again")[0] == 0
    for name in WHOLE:
        for other in ("longer", "again"):
            assert (whole / name).read_bytes() == (tmp_path / other / name).read_bytes()


def test_a_schedule_keeps_its_length_when_a_run_goes_on_for_longer(capsys, tmp_path, without_pages):
    cosine = (*QUICK, "--schedule", "cosine", "--epochs")
    assert run(capsys, *cosine, "2", "--out", "r")[0] == 0
    status, _, err = run(capsys, *cosine, "3", "--out", "r", "--resume")
    assert status == 0
    assert (
        "warning: the schedule ends after 2 of 3 epochs; from then on the learning rate is 0\n"
        in err
    )
    assert run(capsys, *cosine, "3", "--schedule-epochs", "2", "--out", "other")[0] == 0
    assert config_of(tmp_path / "r")["command"].endswith(" --epochs 3 --schedule-epochs 2")
    for name in WHOLE:
        assert (tmp_path / "r" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_run_from_a_file_goes_on_without_it(capsys, tmp_path, monkeypatch, without_pages):
    (tmp_path / "s.toml").write_text("layers = [8]\nwidth = 16\n[precision]\nlogits = 'Q6.9'")
    words = ("train", "--config", "s.toml", "--epochs", "4")
    assert run(capsys, *words, "--out", "whole")[0] == 0
    with monkeypatch.context() as patched:
        interrupted_at(patched, 60)
        assert run(capsys, *words, "--out", "r")[0] == 1
    (tmp_path / "s.toml").unlink()
    assert run(capsys, "train", "--out", "r", "--resume")[0] == 0
    assert_same_run(tmp_path / "r", tmp_path / "whole")
    assert config_of(tmp_path / "r")["named_formats"] == {"logits": "Format(16, 9)"}
    assert config_of(tmp_path / "r")["command"] == "fxtypes-nn train --config s.toml --epochs 4"


def test_to_go_on_with_nothing_begins(capsys, tmp_path, without_pages):
    status, out, _ = run(capsys, *QUICK, "--out", "r", "--resume")
    assert status == 0
    assert out.startswith("there is no run in r yet: it begins\n")
    assert run(capsys, *QUICK, "--out", "other")[0] == 0
    assert_same_run(tmp_path / "r", tmp_path / "other")


def test_a_run_without_checkpoints_begins_anew(capsys, tmp_path, whole):
    before = {name: (whole / name).read_bytes() for name in WHOLE}
    for path in (whole / "checkpoints").iterdir():
        path.unlink()
    assert "is finished" in run(capsys, "train", "--out", "whole", "--resume")[1]
    (whole / "history.json").unlink()
    status, out, err = run(capsys, "train", "--out", "whole", "--resume")
    assert status == 0
    assert out.startswith("there is no checkpoint in whole: the run begins anew\n")
    assert err.startswith("epoch 1/4: ")
    assert {name: (whole / name).read_bytes() for name in WHOLE} == before


def test_an_interruption_while_pictures_are_made_loses_none_of_the_rest(
    capsys, tmp_path, monkeypatch
):
    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(execute, "draw", stop)
        status, _, err = run(capsys, *QUICK, "--out", "a run")
    assert status == 1
    assert err.splitlines()[-1] == (
        "fxtypes-nn: error: interrupted; the run in a run is whole, and fxtypes-nn plot 'a run' "
        "and fxtypes-nn report 'a run' make its pages"
    )
    assert config_of(tmp_path / "a run")["test_accuracy"] > 0
    status, out, _ = run(capsys, "train", "--resume", "--out", "a run")
    assert status == 0
    assert "is finished" in out
    assert run(capsys, "plot", "a run")[0] == 0
    assert (tmp_path / "a run" / "training.png").exists()


@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_a_lost_configuration_is_written_anew(capsys, tmp_path, monkeypatch, whole, damage):
    with monkeypatch.context() as patched:
        interrupted_at(patched, 100)
        run(capsys, *FOUR, "--out", "r")
    config = tmp_path / "r" / "config.json"
    if damage == "missing":
        config.unlink()
    else:
        config.write_text(config.read_text()[:100] if damage == "cut" else "[]")
    status, _, err = run(capsys, "train", "--resume", "--out", "r", "--epochs", "4")
    assert status == 1  # these are the defaults, and no options of the run
    assert "are another run's: layers is " in err.splitlines()[-1]
    assert err.endswith("; give the options that the run was begun with\n")
    status, _, err = run(capsys, *FOUR, "--resume", "--out", "r")
    assert status == 0
    for name in WHOLE:
        assert (tmp_path / "r" / name).read_bytes() == (whole / name).read_bytes()
    assert config_of(tmp_path / "r")["test_accuracy"] == config_of(whole)["test_accuracy"]


def test_a_damaged_checkpoint_is_passed_over(capsys, tmp_path, monkeypatch, whole):
    with monkeypatch.context() as patched:
        interrupted_at(patched, 100)
        run(capsys, *FOUR, "--out", "r")
    checkpoints = tmp_path / "r" / "checkpoints"
    newest = checkpoints / "checkpoint-99.npz"
    newest.write_bytes(newest.read_bytes()[:-50])
    status, _, err = run(capsys, "train", "--resume", "--out", "r")
    assert status == 0
    line = next(line for line in err.splitlines() if "warning" in line)
    assert "checkpoint-99.npz is damaged: " in line
    assert line.endswith("the run goes on from checkpoint-90.npz")
    for name in WHOLE:
        assert (tmp_path / "r" / name).read_bytes() == (whole / name).read_bytes()
    for path in checkpoints.iterdir():
        path.write_bytes(b"nothing")
    (tmp_path / "r" / "model.npz").unlink()
    status, _, err = run(capsys, "train", "--resume", "--out", "r")
    assert status == 1
    assert err.count("\n") == 1
    assert "is damaged" in err
    assert "no other is whole: begin the run anew elsewhere" in err
    assert (tmp_path / "r" / "history.csv").read_bytes() == (whole / "history.csv").read_bytes()


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_missing_of_a_finished_run_is_written_again(capsys, tmp_path, whole, name):
    before = (whole / name).read_bytes()
    (whole / name).unlink()
    assert run(capsys, "train", "--resume", "--out", "whole")[0] == 0
    assert (whole / name).read_bytes() == before


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_damaged_of_a_finished_run_is_written_again(capsys, tmp_path, whole, name):
    before = (whole / name).read_bytes()
    (whole / name).write_bytes(before[: len(before) // 2])
    status, _, err = run(capsys, "train", "--resume", "--out", "whole")
    assert status == 0
    assert name in err
    assert "to be written anew" in err
    assert (whole / name).read_bytes() == before


def no_room(*_, **__):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("place", "file"),
    [
        ("fxtypes_nn.model.saving.write_archive", "model.npz"),
        ("fxtypes_nn.watch.history.History.to_json", "history.json"),
        ("fxtypes_nn.watch.history.HistoryFile.close", "history.csv"),
    ],
)
def test_a_disk_that_is_full_at_the_end(capsys, tmp_path, monkeypatch, whole, place, file):
    with monkeypatch.context() as patched:
        patched.setattr(place, no_room)
        status, _, err = run(capsys, *FOUR, "--out", "r")
    assert status == 1
    path = os.path.join("r", file)
    assert err.splitlines()[-1] == (
        f"fxtypes-nn: error: {path} can't be written: No space left on device; "
        "fxtypes-nn train --resume --out r goes on after iteration 180 of 180"
    )
    assert "test_accuracy" not in config_of(tmp_path / "r")
    assert run(capsys, "train", "--resume", "--out", "r")[0] == 0
    assert_same_run(tmp_path / "r", whole)


def test_a_disk_that_is_full_for_a_while_ends_nothing(capsys, tmp_path, monkeypatch, whole):
    monkeypatch.setattr(execute, "_BETWEEN", 0)
    plain, calls = HistoryFile.write, []

    def write(self):
        calls.append(None)
        return no_room() if 5 < len(calls) < 20 else plain(self)

    monkeypatch.setattr(HistoryFile, "write", write)
    status, _, err = run(capsys, *FOUR, "--out", "r")
    assert status == 0
    told = [line for line in err.splitlines() if "warning" in line]
    path = os.path.join("r", "history.csv")
    assert told == [
        f"fxtypes-nn: warning: {path} can't be written: No space left on device; the training "
        "goes on, and it is tried again"
    ]
    for name in WHOLE:
        assert (tmp_path / "r" / name).read_bytes() == (whole / name).read_bytes()


LIMITED = textwrap.dedent(
    """
    import resource, sys
    from fxtypes_nn.cli import main
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
    sys.exit(main(sys.argv[2:]))
    """
)


@pytest.mark.skipif(os.name != "posix", reason="limits of file sizes are POSIX'")
def test_no_file_can_grow(capsys, tmp_path, whole):
    """As on a full disk: a file ends after so many bytes."""

    def limited(size, *arguments):
        return subprocess.run(
            [sys.executable, "-P", "-c", LIMITED, str(size), *arguments],
            env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    done = limited(100, *FOUR, "--out", "a/r")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "config.json can't be written: File too large" in done.stderr
    assert not (tmp_path / "a").exists()
    first = limited(5000, *FOUR, "--out", "a/r")  # a configuration fits, a checkpoint doesn't
    assert first.returncode == 1
    assert "Traceback" not in first.stderr
    assert first.stderr.endswith("checkpoint-45.npz can't be written: File too large; make room\n")
    assert not (tmp_path / "a").exists()
    assert run(capsys, *FOUR[:-1], "2", "--out", "r")[0] == 0
    there = {p: p.read_bytes() for p in (tmp_path / "r" / "checkpoints").iterdir()}
    second = limited(5000, "train", "--resume", "--out", "r", "--epochs", "4")
    assert second.returncode == 1
    last = second.stderr.splitlines()[-1]
    assert "can't be written: File too large" in last
    assert last.endswith("; fxtypes-nn train --resume --out r goes on after iteration 90 of 180")
    assert {p: p.read_bytes() for p in (tmp_path / "r" / "checkpoints").iterdir()} == there
    assert run(capsys, "train", "--resume", "--out", "r")[0] == 0
    for name in WHOLE:
        assert (tmp_path / "r" / name).read_bytes() == (whole / name).read_bytes()


LONGER = ("train", "--epochs", "30", "--layers", "24", "--width", "16", "--optimizer", "adam",
          "--learning-rate", "0.01", "--batch-size", "16", "--schedule", "cosine")  # fmt: skip


def test_ten_sigkills_at_any_moment_change_no_bit(tmp_path):
    assert ran(*LONGER, "--out", "whole").returncode == 0
    epoch = config_of(tmp_path / "whole")["epoch_seconds"]
    generator, checkpoints = random.Random(5), tmp_path / "r" / "checkpoints"
    words = command(*LONGER, "--out", "r", "--resume")
    for _ in range(10):
        before = set(checkpoints.glob("*.npz"))
        process = subprocess.Popen(
            words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not set(checkpoints.glob("*.npz")) - before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(generator.uniform(0, 2) * epoch)
        assert process.poll() is None  # a test that kills nothing shows nothing
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = ran("train", "--out", "r", "--resume")
    assert done.returncode == 0, done.stderr
    for name in WHOLE:
        assert (tmp_path / "r" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not list((tmp_path / "r").rglob("*.tmp"))


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_from_outside_ends_with_a_checkpoint(tmp_path, name):
    process = subprocess.Popen(
        command(*LONGER, "--epochs", "1000", "--out", "r"),
        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in process.stderr:
        if line.startswith("epoch 2/"):
            break
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    last = err.splitlines()[-1]
    assert last.startswith("fxtypes-nn: error: interrupted; fxtypes-nn train --resume --out r ")
    iteration = int(last.split()[-3])
    assert (tmp_path / "r" / "checkpoints" / f"checkpoint-{iteration}.npz").exists()
    assert config_of(tmp_path / "r")["iterations"] == iteration
    rows = (tmp_path / "r" / "history.csv").read_text().splitlines()
    assert len(rows) == iteration + 1


@pytest.mark.parametrize("more", [[], ["--resume"]])
def test_a_picture_that_fails_is_one_warning(capsys, tmp_path, more):
    (tmp_path / "r" / "training.png").mkdir(parents=True)
    status, out, err = run(capsys, *QUICK, "--out", "r", *more)
    assert status == 1
    assert "the run is in r" in out
    told = [line for line in err.splitlines() if "fxtypes-nn: " in line]
    assert len(told) == 1
    assert told[0].startswith("fxtypes-nn: warning: ")
    for word in ("training.png", "the run itself is whole", "fxtypes-nn plot r"):
        assert word in told[0]
    assert "test_accuracy" in config_of(tmp_path / "r")
    assert load_model(tmp_path / "r" / "model.npz").epochs_trained == 1
    assert (tmp_path / "r" / "loss.png").exists()
    assert (tmp_path / "r" / "report.html").exists()


@pytest.mark.parametrize("error", [RuntimeError("latex could\nnot be found"), OSError(28, "Full")])
def test_whatever_fails_when_pictures_are_made_is_one_warning(capsys, tmp_path, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("fxtypes_nn.watch.plots.draw", fail)
    status, _, err = run(capsys, *QUICK, "--out", "r")
    assert status == 1
    assert err.splitlines()[-1].startswith("fxtypes-nn: warning: ")
    assert err.splitlines()[-1].count("fxtypes-nn plot r") == 1
    assert "test_accuracy" in config_of(tmp_path / "r")
    assert (tmp_path / "r" / "report.html").exists()


def test_two_processes_never_work_in_one_folder(capsys, tmp_path, monkeypatch, whole):
    """While one is at work, however it ends."""
    busy = ["another process is at work in r", "--out"]
    step, left = Trainer.iterate, [60]

    def iterate(self, *arguments):
        left[0] -= 1
        if left[0] == 0:
            before = {p.name: p.read_bytes() for p in (tmp_path / "r").iterdir() if p.is_file()}
            for more in (["--resume"], []):
                done = ran(*FOUR, "--out", "r", *more)
                assert (done.returncode, done.stdout) == (1, "")
                assert done.stderr.count("\n") == 1, done.stderr
                for words in busy:
                    assert words in done.stderr
            assert {name: (tmp_path / "r" / name).read_bytes() for name in before} == before
        return step(self, *arguments)

    monkeypatch.setattr(Trainer, "iterate", iterate)
    assert run(capsys, *FOUR, "--out", "r")[0] == 0
    assert left[0] < 0
    assert_same_run(tmp_path / "r", whole)
    assert run(capsys, "train", "--out", "r", "--resume", "--epochs", "5")[0] == 0  # it let go


def test_a_lock_that_was_killed_needs_no_hands(capsys, tmp_path, whole):
    """SIGKILL, and a file system that has no locks."""
    holds = "from fxtypes_nn.runs.folder import held_folder; import os, time; os.mkdir('r')\n"
    holds += "with held_folder('r'): print('held', flush=True); time.sleep(600)"
    words = [sys.executable, "-P", "-c", holds]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout.readline() == b"held\n"
        refused(capsys, ["another process is at work in r"], *FOUR, "--out", "r")
        process.kill()
    assert run(capsys, *FOUR, "--out", "r")[0] == 0
    assert_same_run(tmp_path / "r", whole)


def test_a_file_system_without_locks(capsys, monkeypatch, without_pages):
    def flock(*_):
        raise OSError(errno.EBADF, "Bad file descriptor")  # as over NFS

    monkeypatch.setattr(fcntl, "flock", flock)
    assert run(capsys, *QUICK, "--out", "r")[0] == 0
