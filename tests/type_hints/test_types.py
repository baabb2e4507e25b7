"""The types that a user's type checker sees: they fit a user's code, and what the package does."""

import importlib
import os
import pkgutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

import fxtypes as fx

HERE = Path(__file__).resolve().parent
PACKAGES = Path(fx.__file__).resolve().parents[1]


def check(*command):
    """Run a checker where only the package that is imported here can be found."""
    environment = dict(os.environ)
    if Path(sysconfig.get_path("platlib")).resolve() != PACKAGES:  # editable: mypy has to be told
        environment["MYPYPATH"] = str(PACKAGES)
    with tempfile.TemporaryDirectory() as elsewhere:
        found = subprocess.run(
            [sys.executable, "-P", "-m", *command],
            cwd=elsewhere, env=environment, capture_output=True, text=True,
        )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("name", ["user_code.py", "star_import.py"])
def test_types_fit_code_of_users(name):
    cache = Path(tempfile.gettempdir()) / f"fxtypes-mypy-{os.getuid()}"
    options = ("--strict", "--follow-imports=silent", "--cache-dir", str(cache))
    check("mypy", *options, str(HERE / name))


def test_types_fit_the_package():
    allowed = ("--allowlist", str(HERE / "stubtest.allow"), "--ignore-unused-allowlist")
    check("mypy.stubtest", "fxtypes", *allowed)


def test_the_package_names_what_its_modules_make_public():
    modules = pkgutil.iter_modules(fx.functions.__path__, "fxtypes.functions.")
    found = [importlib.import_module(module.name) for module in modules]
    names = {name for module in found for name in getattr(module, "__all__", ())}
    assert names <= set(fx.__all__)
    assert all(hasattr(fx, name) for name in fx.__all__)
    assert set(fx.__all__) <= set(dir(fx))


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="module 'fxtypes' has no attribute 'median_of'"):
        _ = fx.median_of
