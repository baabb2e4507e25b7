"""What all tests share: the package under test is a compiled one, and says where it lies."""

import importlib
import os
import signal
import sys
from importlib.machinery import EXTENSION_SUFFIXES, PathFinder
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]


def uncover_installed_package():
    """Take the source tree off the path where it hides an installed package.

    ``python -m pytest`` puts the working directory first. There lie the sources, which can't be
    imported unless they are compiled in place, as an editable installation does.
    """
    if any(any((ROOT / "fxtypes").rglob(f"*{suffix}")) for suffix in EXTENSION_SUFFIXES):
        return
    others = [entry for entry in sys.path if Path(entry).resolve() != ROOT]
    found = PathFinder.find_spec("fxtypes", others)
    if found is not None and found.has_location:
        sys.path[:] = others


uncover_installed_package()

# No deadline: shared machines stall. In CI the examples are the same in every run.
settings.register_profile("fxtypes", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("fxtypes")


def pytest_report_header():
    try:
        fxtypes = importlib.import_module("fxtypes")
        kernels = importlib.import_module("fxtypes.kernels.calls")
    except ImportError as error:
        return f"fxtypes: {error}; install it with: pip install '.[test]'"
    return f"fxtypes: {fxtypes.__version__}, {kernels.KERNELS} kernels, in {fxtypes.__path__[0]}"


@pytest.fixture
def heard():
    """No signal is ignored, as nohup and a shell's background would have it."""
    numbers = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in numbers.items():
        signal.signal(number, handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
