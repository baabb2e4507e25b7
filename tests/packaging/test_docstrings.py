"""The examples in the installed packages' docstrings and in the README, run as tests."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

PACKAGES = ("fxtypes", "fxtypes_nn")
README = Path(__file__).resolve().parents[2] / "README.md"
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def modules():
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def examples():
    """The docstrings with examples, each once: Cython lists those of methods a second time."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    seen = set()
    for module in modules():
        found = finder.find(module, module.__name__)
        for test in sorted(found, key=lambda test: "__test__" in test.name):
            sources = tuple(example.source for example in test.examples)
            if sources and sources not in seen:
                seen.add(sources)
                yield pytest.param(test, id=test.name)


def check(test):
    report = []
    result = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.append)
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("example", list(examples()))
def test_docstring(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check(example)


def test_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = README.read_text(encoding="utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, "README", str(README), 0)
    assert test.examples
    check(test)
