"""The command line as tests call it, in this process and in others."""

import json
import os
import subprocess
import sys

from fxtypes_nn import cli

QUICK = ("train", "--epochs", "1", "--layers", "8", "--width", "16")
# What a run is about; the time in its configuration is another each time.
WHOLE = ("model.npz", "history.csv", "history.json")
TIMES = ("training_seconds", "epoch_seconds")


def run(capsys, *arguments):
    """Exit status, output and error output of the command."""
    try:
        status = cli.main([str(argument) for argument in arguments])
    except SystemExit as stopped:
        status = stopped.code
    return status, *capsys.readouterr()


def refused(capsys, words, *arguments):
    """The command fails with one line that has the words, and says nothing else."""
    status, out, err = run(capsys, *arguments)
    assert status == 1
    assert out == ""  # nothing was trained
    assert err.count("\n") == 1, err
    assert err.startswith("fxtypes-nn: error: ")
    for word in words:
        assert word in err


def command(*arguments):
    """What runs it in a process of its own."""
    return [sys.executable, "-P", "-m", "fxtypes_nn", *map(str, arguments)]


def environment(**more):
    """For such a process, wherever it starts."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | more


def ran(*arguments, **options):
    """A process that is done."""
    options = {"capture_output": True, "text": True, "check": False} | options
    return subprocess.run(command(*arguments), env=environment(), **options)


def stamps(folder):
    """What lies in a folder, and when each file of it was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def config_of(folder):
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))


def assert_same_run(folder, other):
    """Two runs' folders hold the same bits, and the same configuration but for times."""
    for name in WHOLE:
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name
    mine, theirs = config_of(folder), config_of(other)
    for name in TIMES:
        assert mine.pop(name) is not None
        assert theirs.pop(name) is not None
    assert mine == theirs
