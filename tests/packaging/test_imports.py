"""Every import in the package goes to a lower room, or within its own room in no circle.

Counted are those inside functions too, of Python and of Cython; not those for type checkers alone.
Nothing but the package's own ``__init__`` imports by a name that it makes.
"""

import collections
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = "errors signal_safe format context kernels elementary operations products fixed_array"
ROOMS += " functions random interop modes explain array_api __init__"
ROOMS = ROOMS.split()
FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+.*\n|\n)*", re.M)
IMPORT = re.compile(r"^[ \t]*(?:from +(\.*)([\w.]*) +)?c?import +(\([^)]*\)|[^#\n]*)", re.M)


def faults(module="", planted=""):
    """(importer, imported) of each import upward, and of those of a circle."""
    sources = collections.defaultdict(str, {module: planted} if module else {})
    for path in (ROOT / "fxtypes").rglob("*.p*"):
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
    room = {name: ROOMS.index(name.split(".")[1]) for name in sources}
    wrong = {(a, b) for a, b in pairs if room[b] > room[a]}
    hidden = re.compile("import_module|__import__")
    wrong |= {(a, "?") for a in sources if hidden.search(sources[a]) and room[a] < len(ROOMS) - 1}
    for name in imports:
        within, found = {name}, set()
        while within:
            found |= within
            within = {b for a in within for b in imports[a]} - found
        wrong |= {(a, name) for a in found if name in imports[a]}  # a circle
    return wrong


def test_imports_run_downward():
    assert faults() == set()


def test_it_can_fail():
    for module, planted, imported in (
        ("format.text", "from ..interop import archive as a", "interop.archive"),
        ("kernels.calls", "  from fxtypes.fixed_array cimport (\n  x, array)", "fixed_array.array"),
        ("format.modes", "    from . import format", "format.format"),  # a circle
    ):
        assert (f"fxtypes.{module}", f"fxtypes.{imported}") in faults(f"fxtypes.{module}", planted)
