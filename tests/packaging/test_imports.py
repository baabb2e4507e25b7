"""Every import in a package goes to a lower room, or within its own room in no circle.

Counted are those inside functions too, of Python and of Cython; not those for type checkers alone.
Nothing but a package's own ``__init__`` imports by a name that it makes.
"""

import collections
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {
    "fxtypes": "errors signal_safe format context kernels elementary operations products"
    " fixed_array functions random interop modes explain array_api __init__",
    "fxtypes_nn": "errors extras held seeds precision datasets layers watch training model imports"
    " sklearn recipes runs studies export cli __main__ __init__",
}
FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+.*\n|\n)*", re.M)
IMPORT = re.compile(r"^[ \t]*(?:from +(\.*)([\w.]*) +)?c?import +(\([^)]*\)|[^#\n]*)", re.M)


def faults(package, module="", planted=""):
    """(importer, imported) of each import upward, and of those of a circle."""
    sources = collections.defaultdict(str, {module: planted} if module else {})
    for path in (ROOT / package).rglob("*.p*"):
        if path.suffix in (".py", ".pyx", ".pxd"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            sources[name] += "\n" + path.read_text(encoding="utf-8")
    imports = {name: set() for name in sources}
    for name, text in sources.items():
        for dots, base, names in IMPORT.findall(FOR_TYPES.sub("", text)):
            start = [*name.split(".")[: -len(dots)], base] if dots else [base]
            base = ".".join(filter(None, start))
            for each in re.findall(r"([\w.*]+)(?:\s+as\s+\w+)?", names):
                found = f"{base}.{each}".lstrip(".")
                places = (found, f"{found}.__init__", base, f"{base}.__init__")
                imports[name] |= {*[p for p in places if p in sources and p != name][:1]}
    pairs = {(name, found) for name in imports for found in imports[name]}
    rooms = ROOMS[package].split()
    room = {name: rooms.index(name.split(".")[1]) for name in sources}
    wrong = {(a, b) for a, b in pairs if room[b] > room[a]}
    hidden = re.compile("import_module|__import__")
    # `extras` imports other libraries by name.
    free = ("__init__", "extras")
    wrong |= {(a, "?") for a in sources if hidden.search(sources[a]) and rooms[room[a]] not in free}
    for name in imports:
        within, found = {name}, set()
        while within:
            found |= within
            within = {b for a in within for b in imports[a]} - found
        wrong |= {(a, name) for a in found if name in imports[a]}  # a circle
    return wrong


@pytest.mark.parametrize("package", ROOMS)
def test_imports_run_downward(package):
    assert faults(package) == set()


def test_it_can_fail():
    for module, planted, imported in (
        ("format.text", "from ..interop import archive as a", "interop.archive"),
        ("kernels.calls", "  from fxtypes.fixed_array cimport (\n  x, array)", "fixed_array.array"),
        ("format.modes", "    from . import format", "format.format"),  # a circle
    ):
        found = faults("fxtypes", f"fxtypes.{module}", planted)
        assert (f"fxtypes.{module}", f"fxtypes.{imported}") in found
