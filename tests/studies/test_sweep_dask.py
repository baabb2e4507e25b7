"""A sweep on a Dask cluster: the table of local workers, whatever happens to the cluster."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from command_line import environment, ran, refused
from sweeping import results_of, table, wait_for

pytest.importorskip("distributed", reason="dask.distributed isn't installed")

ARGUMENTS = ("sweep", "--layers", "64", "--epochs", "10", "--widths", "8,12", "--seeds", "2")
ABSENT = "import sys\nsys.modules['fxtypes_nn'] = None\n"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


class Cluster:
    """A scheduler and workers, each a process of its own, at one address of this machine."""

    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = found.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.folder = folder
        self.processes = []

    def _started(self, name, *arguments):
        words = [sys.executable, "-P", "-m", f"distributed.cli.dask_{name}", *arguments]
        process = subprocess.Popen(
            [*words, "--no-dashboard"],
            env=environment(), cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def scheduler(self):
        process = self._started("scheduler", "--host", "127.0.0.1", "--port", str(self.port))
        wait_for(self._answers)
        return process

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def worker(self, *more):
        return self._started("worker", self.address, "--nthreads", "1", "--no-nanny", *more)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    found = Cluster(tmp_path)
    yield found
    found.end()


def begun(process, count):
    """Wait until a sweep has so many results."""
    wait_for(lambda: len(results_of("s")) >= count or process.poll() is not None, 120)
    assert process.poll() is None, process.communicate()


def started(*arguments):
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "fxtypes_nn", *ARGUMENTS, *arguments],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_killed_workers_a_killed_scheduler_and_the_table_of_local_ones(cluster):
    local = ran(*ARGUMENTS, "--workers", "1", "--out", "local")
    assert local.returncode == 0, local.stderr
    scheduler, first, _ = cluster.scheduler(), cluster.worker(), cluster.worker()
    on_it = ("--scheduler", cluster.address, "--out", "s")
    process = started(*on_it)
    begun(process, 1)
    first.kill()  # the other one does its work
    begun(process, 2)
    scheduler.kill()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f"the scheduler at {cluster.address} has " in out
    assert err.splitlines()[-1] == (
        f"fxtypes-nn: error: the Dask scheduler at {cluster.address} is gone; fxtypes-nn sweep "
        "--resume --out s goes on"
    )
    assert "Traceback" not in err
    there = {path: path.read_bytes() for path in results_of("s")}
    assert 2 <= len(there) < 6
    cluster.scheduler()
    cluster.worker()
    again = ran(*ARGUMENTS, "--resume", *on_it)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("test accuracy") == 6 - len(there)
    assert {path: path.read_bytes() for path in there} == there
    assert table("s") == table("local")


def test_a_killed_sweep_leaves_the_cluster_and_goes_on(cluster):

    cluster.scheduler()
    cluster.worker()
    on_it = ("--scheduler", cluster.address, "--out", "s")
    process = started(*on_it)
    begun(process, 1)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    there = len(results_of("s"))
    again = ran(*ARGUMENTS, "--resume", *on_it)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("test accuracy") == 6 - there


def test_a_worker_without_the_package(cluster, tmp_path):
    (tmp_path / "absent.py").write_text(ABSENT)
    cluster.scheduler()
    cluster.worker("--preload", str(tmp_path / "absent.py"))
    done = ran(*ARGUMENTS, "--scheduler", cluster.address, "--out", "s")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("fxtypes-nn: error: a worker can't be used: ")
    assert "fxtypes_nn" in last
    assert "pip install 'fxtypes[nn]'" in last
    assert not os.path.exists("s")


def test_no_scheduler_at_the_address():
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    began = time.monotonic()
    done = ran(*ARGUMENTS, "--scheduler", address, "--out", "s")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith(f"fxtypes-nn: error: no Dask scheduler answers at {address} (")
    assert time.monotonic() - began < 60
    assert not os.path.exists("s")


def test_without_the_library(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = ["distributed is needed for a scheduler's address: pip install 'fxtypes[dask]'"]
    refused(capsys, words, *ARGUMENTS, "--scheduler", "tcp://127.0.0.1:9", "--out", "s")
    assert not os.path.exists("s")
