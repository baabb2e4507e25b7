"""What tests of sweeps share: a small one, its table, and the worker processes that do it."""

import csv
import io
import json
import time
from pathlib import Path

SMALL = ("sweep", "--layers", "8", "--epochs", "3", "--widths", "8,12,16", "--seeds", "2")


def table(folder):
    return (Path(folder) / "sweep.csv").read_text(encoding="utf-8")


def table_of(folder):
    return list(csv.DictReader(io.StringIO(table(folder))))


def results_of(folder):
    return sorted((Path(folder) / "results").glob("*.json"))


def without_times(path):
    found = json.loads(path.read_text(encoding="utf-8"))
    del found["result"]["seconds"]
    return found


def workers_of(process):
    """The worker processes that a process has started."""
    found = []
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += map(int, children.read_text().split())
        except OSError:  # the thread is gone
            continue
    return [pid for pid in found if is_worker(pid)]


def is_worker(pid):
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return b"fxtypes_nn.studies.worker" in words and state != "Z"


def wait_for(condition, seconds=60):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.01)
