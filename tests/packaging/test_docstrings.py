"""The examples in the installed packages' docstrings, README and docs, run as tests."""

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import fxtypes as fx

PACKAGES = ("fxtypes", "fxtypes_nn")
ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
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


def test_no_module_hides_a_public_function():
    for _ in modules():  # a module imported late becomes an attribute of its package
        pass
    assert [name for name in fx.__all__ if inspect.ismodule(getattr(fx, name))] == ["random"]


def public():
    """(name, object, its class) of all that a user of the number may call or read."""
    for module in (fx, fx.random):
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.ismodule(found):
                continue
            yield name, found, None
            if inspect.isclass(found):
                for member, value in vars(found).items():
                    if not member.startswith("_") and not isinstance(value, str):
                        yield f"{name}.{member}", value, found


def has_example(found):
    return bool(doctest.DocTestParser().get_examples(inspect.getdoc(found) or ""))


@pytest.mark.parametrize(("name", "found", "owner"), [pytest.param(*p, id=p[0]) for p in public()])
def test_every_public_name_has_an_example(name, found, owner):
    doc = inspect.getdoc(found) or ""
    if inspect.isdatadescriptor(found) and (not doc or doc.startswith("Alias for field")):
        # A bare attribute: it stands among the attributes or parameters of its class.
        lines = inspect.getdoc(owner).splitlines()
        fields = [line for line in lines if " : " in line]
        assert any(name.rpartition(".")[2] in field.split(" : ")[0] for field in fields)
    else:
        assert has_example(found)


def test_the_walk_sees_every_kind_of_public_name():
    walked = {name for name, _, _ in public()}
    assert {"add", "array", "Format", "Format.min", "FixedArray.sum", "FixedArray.T"} <= walked
    assert {"FixedArray.from_raw", "Format.parse", "uniform", "seeded", "FileError"} <= walked
    assert not has_example(fx)  # one without an example is seen as such


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8").replace("```", "")
    check(doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0))


def test_readme_has_examples():
    assert doctest.DocTestParser().get_examples(PAGES[0].read_text(encoding="utf-8"))
