"""The sdist and the wheel: both build, hold what they should, and work where installed."""

import os
import shutil
import subprocess
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
MADE_BY_BUILDS = shutil.ignore_patterns(
    "build", "dist", ".*", "*.so", "*.egg-info", "__pycache__", "runs", "*.cpp"
)

USE = """
import fxtypes as fx
import fxtypes_nn
assert fx.__version__ == {version!r}, fx.__version__
fmt = fx.Format(16, 8)
total = fx.array([1.5, -2.25], fmt) * fx.array([2, 4], fmt)
assert total.tolist() == [3.0, -9.0], total
assert fxtypes_nn.datasets.load("digits").x_train.shape == (1437, 64)
print(fx.__file__)
"""


def run(*command, **options):
    """Run a command; a failure shows all it printed."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{command} gave {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def environment(folder, *packages):
    """A new virtual environment's python, with these packages."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if packages:
        run(python, "-m", "pip", "install", "--quiet", *packages)
    return python


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A copy of the source tree without what earlier builds left in it."""
    folder = tmp_path_factory.mktemp("sources") / "fxtypes"
    shutil.copytree(ROOT, folder, ignore=MADE_BY_BUILDS)
    return folder


@pytest.fixture(scope="module")
def distributions(sources, tmp_path_factory):
    """The sdist and the wheel made from it."""
    folder = tmp_path_factory.mktemp("distributions")
    python = environment(folder / "builder", "build")
    run(python, "-m", "build", "--outdir", folder / "dist", sources)
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    return {"sdist": sdist, "wheel": wheel}


def version_of(distribution):
    return distribution.name.removesuffix(".tar.gz").split("-")[1]


@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_installs_and_works_in_an_empty_environment(kind, distributions, tmp_path):
    distribution = distributions[kind]
    python = environment(tmp_path / "empty", f"{distribution}[nn]")
    use = USE.format(version=version_of(distribution))
    imported = run(python, "-c", use, cwd=tmp_path)
    assert Path(imported.strip()).is_relative_to(tmp_path / "empty")
    assert "train" in run(python.parent / "fxtypes-nn", "--help", cwd=tmp_path)


def test_fxtypes_alone_needs_nothing_but_numpy(distributions, tmp_path):
    python = environment(tmp_path / "empty", distributions["wheel"])
    names = run(python, "-m", "pip", "list", "--format=freeze")
    installed = {line.split("==")[0] for line in names.split()} - {"pip", "setuptools"}
    assert installed == {"fxtypes", "numpy"}
    run(python, "-c", "import fxtypes", cwd=tmp_path)


def test_the_wheel_holds_what_running_needs(distributions):
    with zipfile.ZipFile(distributions["wheel"]) as wheel:
        names = set(wheel.namelist())
    metadata = f"fxtypes-{version_of(distributions['wheel'])}.dist-info"
    wanted = {"fxtypes/py.typed", "fxtypes_nn/py.typed", f"{metadata}/licenses/LICENSE"}
    for folder in ("fxtypes", "fxtypes_nn"):
        for kind in ("*.py", "*.pyi", "*.pxd", "data/*", "*.toml", "*.jinja"):
            found = (ROOT / folder).rglob(kind)
            wanted |= {str(path.relative_to(ROOT)) for path in found if path.is_file()}
    assert wanted - names == set()
    folders = {name.split("/")[0] for name in names}
    assert folders == {"fxtypes", "fxtypes_nn", metadata}
    sources = {name for name in names if name.endswith((".pyx", ".cpp", ".cc", ".hh", ".o"))}
    assert sources == set()


def test_the_sdist_holds_what_building_and_testing_need(distributions):
    with tarfile.open(distributions["sdist"]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    folders = [ROOT / name for name in ("fxtypes", "fxtypes_nn", "tests", "benchmarks")]
    kinds = (".py", ".pyx", ".pxd", ".pyi", ".hh", ".cc", ".typed")
    wanted = {"setup.py", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"}
    for folder in folders:
        found = (path for path in folder.rglob("*") if path.suffix in kinds)
        wanted |= {str(path.relative_to(ROOT)) for path in found}
    assert wanted - names == set()
    assert {name for name in names if name.endswith((".cpp", ".so", ".o", ".pyc"))} == set()


def test_without_a_compiler_one_line_says_what_to_install(sources, tmp_path):
    python = environment(tmp_path / "builder", "setuptools>=77", "cython>=3", "numpy>=2.0")
    missing = dict.fromkeys(("CC", "CXX"), str(tmp_path / "no-such-compiler"))
    done = subprocess.run(
        [python, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", sources],
        env=os.environ | missing,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    said = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
    assert any(line.startswith("fxtypes needs a C++ compiler") for line in said), said
    assert "Traceback (most recent call last):" not in said


@pytest.mark.skipif(
    not shutil.which("aarch64-linux-gnu-g++"), reason="no cross-compiler is at hand"
)
@pytest.mark.parametrize(
    "macros", [["-DFX_VARIANT=fx_portable"], ["-DFX_VARIANT=fx_wide", "-DFX_WIDE"]]
)
def test_the_portable_kernels_compile_for_aarch64(tmp_path, macros):
    """Compiled, not run: Debian's package g++-aarch64-linux-gnu."""
    source = ROOT / "fxtypes" / "kernels" / "src" / "table.cc"
    flags = ["-std=c++17", "-fwrapv", "-Werror=all", '-DFX_NAME="portable"', *macros]
    command = [
        "aarch64-linux-gnu-g++",
        *flags,
        f"-I{source.parent}",
        "-c",
        str(source),
        "-o",
        str(tmp_path / "kernels.o"),
    ]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
