"""A sweep whose workers, or which itself, are killed, and one without room: the same table."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading

import pytest
from command_line import command, environment, run
from sweeping import SMALL, is_worker, results_of, table, wait_for, workers_of

from fxtypes_nn.studies import local_workers, sweep_pages

# Long enough to be killed in.
ARGUMENTS = ("sweep", "--layers", "64", "--epochs", "10", "--widths", "8,12,16", "--seeds", "2")

pytestmark = pytest.mark.skipif(
    not os.path.isdir("/proc/self/task"), reason="finds processes in Linux' /proc"
)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep_pages, "draw_accuracy", lambda *_: None)
    monkeypatch.setattr(sweep_pages, "rendered", lambda *_: b"")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The table of the sweep that nothing happens to."""
    folder = tmp_path_factory.mktemp("undisturbed") / "s"
    arguments = (*ARGUMENTS, "--workers", "2", "--out", folder)
    subprocess.run(command(*arguments), env=environment(), check=True, capture_output=True)
    assert len(results_of(folder)) == 8
    return table(folder)


def test_workers_that_are_killed_at_random(capsys, undisturbed):
    """Fewer times than any training may cost workers."""
    chosen, killed, done = random.Random(1), [], threading.Event()

    def kill():
        while len(killed) < local_workers.DEATHS - 1 and not done.wait(chosen.uniform(0.1, 0.4)):
            alive = workers_of(os.getpid())
            if alive:
                killed.append(chosen.choice(alive))
                os.kill(killed[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    status, _, err = run(capsys, *ARGUMENTS, "--workers", "2", "--out", "s")
    done.set()
    killer.join()
    assert killed
    assert status == 0, err
    assert table("s") == undisturbed
    assert workers_of(os.getpid()) == []


def started(*arguments):
    return subprocess.Popen(
        command(*ARGUMENTS, "--workers", "2", *arguments),
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_one_that_is_ended_leaves_no_worker_and_goes_on(capsys, undisturbed, number):
    process = started("--out", "s")
    wait_for(lambda: len(results_of("s")) >= 2)
    workers = workers_of(process.pid)
    assert workers
    process.send_signal(number)
    err = process.communicate()[1]
    assert process.returncode == (-number if number == signal.SIGKILL else 1)
    wait_for(lambda: not any(map(is_worker, workers)))
    if number != signal.SIGKILL:
        assert err.endswith(
            "fxtypes-nn: error: interrupted; fxtypes-nn sweep --resume --out s goes on\n"
        )
    there = {path: path.read_bytes() for path in results_of("s")}
    assert 2 <= len(there) < 8
    assert not os.path.exists("s/sweep.csv")
    assert run(capsys, "sweep", "--resume", "--out", "s")[0] == 0
    assert {path: path.read_bytes() for path in there} == there
    assert table("s") == undisturbed


def test_nothing_is_left_of_what_never_began(tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(local_workers.LocalWorkers, "run", interrupted)
    status, _, err = run(capsys, *ARGUMENTS, "--out", "new/s")
    assert status == 1
    assert err.endswith("interrupted; nothing was written\n")
    assert list(tmp_path.iterdir()) == []


DEADLY = textwrap.dedent(
    """
    import os, signal
    from fxtypes_nn.studies import worker
    plain = worker.perform
    def perform(job):
        if job["task"]["settings"]["width"] == 12:
            os.kill(os.getpid(), signal.SIGKILL)
        return plain(job)
    worker.perform = perform
    worker.main()
    """
)


def test_a_training_that_kills_its_workers_is_given_up(capsys, monkeypatch):
    arguments = (*SMALL, "--workers", "2")
    with monkeypatch.context() as patched:
        patched.setattr(local_workers, "COMMAND", [sys.executable, "-P", "-c", DEADLY])
        status, _, err = run(capsys, *arguments, "--out", "s")
    assert status == 1
    assert err.splitlines()[-1] == (
        "fxtypes-nn: error: 2 trainings failed (2 times: 4 workers died on it, the last one by "
        "SIGKILL); fxtypes-nn sweep --resume --out s tries again"
    )
    assert len(results_of("s")) == 6
    assert run(capsys, "sweep", "--resume", "--out", "s")[0] == 0
    assert run(capsys, *arguments, "--out", "whole")[0] == 0
    assert table("s") == table("whole")


def test_workers_that_cannot_begin(capsys, monkeypatch):
    monkeypatch.setattr(local_workers, "COMMAND", [sys.executable, "-c", "raise SystemExit(3)"])
    status, _, err = run(capsys, *SMALL, "--out", "s")
    assert status == 1
    assert "8 trainings failed (8 times: 4 workers died on it, the last one with exit" in err
    assert "Traceback" not in err


def test_workers_that_cannot_be_started(capsys, monkeypatch):
    monkeypatch.setattr(local_workers, "COMMAND", ["/nowhere"])
    status, _, err = run(capsys, *SMALL, "--workers", "2", "--out", "s")
    assert status == 1
    assert err == (
        "fxtypes-nn: error: a worker can't be used: it can't be started: No such file or "
        "directory\n"
    )
    assert not os.path.exists("s")


LIMITED = textwrap.dedent(
    """
    import os, resource, sys
    from fxtypes_nn.cli import main
    from fxtypes_nn.studies import sweep_plan
    def limit(path, text, plain=sweep_plan.write_text):
        if len(os.listdir("s/results")) == 2 if os.path.isdir("s/results") else False:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        plain(path, text)
    sweep_plan.write_text = limit
    sys.exit(main(sys.argv[1:]))
    """
)


def test_a_full_disk_is_one_line_and_it_goes_on(capsys, undisturbed):
    """As on a full disk: from the third result on a file ends after a hundred bytes."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", LIMITED, *ARGUMENTS, "--out", "s"],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("fxtypes-nn: error: s/results/digits-relu-")
    assert last.endswith(
        ".json can't be written: File too large; fxtypes-nn sweep --resume --out s goes on"
    )
    assert "Traceback" not in done.stderr
    assert len(results_of("s")) == 2
    assert len(os.listdir("s/results")) == 2
    assert run(capsys, "sweep", "--resume", "--out", "s")[0] == 0
    assert table("s") == undisturbed


def test_no_room_for_the_pages(capsys, monkeypatch):
    def full(path, *_):
        raise OSError(28, "No space left on device", path)

    with monkeypatch.context() as patched:
        patched.setattr(sweep_pages, "write_text", full)
        status, _, err = run(capsys, *SMALL, "--out", "s")
    assert status == 1
    assert "the trainings are whole, and fxtypes-nn sweep --resume --out s makes" in err
    assert run(capsys, "sweep", "--resume", "--out", "s")[0] == 0


def test_what_a_killed_write_left_is_removed(capsys, tmp_path):
    arguments = (*SMALL, "--widths", "8", "--seeds", "1")
    assert run(capsys, *arguments, "--out", "s")[0] == 0
    left = tmp_path / "s" / "results" / ".fxtypes-0123456789abcdef.tmp"
    left.write_text("{")
    assert run(capsys, "sweep", "--resume", "--out", "s")[0] == 0
    assert not left.exists()
