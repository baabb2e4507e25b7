"""Published costs of arithmetic, by table: a publication at one process node."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from math import log, sqrt
from typing import NamedTuple

_FILE = "costs.toml"
_SRAMS = {"sram-8KB": 8 << 10, "sram-32KB": 32 << 10, "sram-1MB": 1 << 20}  # bytes
ACCESS = 64  # bits of the accesses that tables price
_ALL_WIDTHS = ("int",)  # kinds of numbers that come in every width


class Operation(NamedTuple):
    """An addition or a multiplication, by its operands.

    Attributes
    ----------
    kind : {"int", "float", "bfloat"}
    name : {"add", "multiply"}
    first, second : int
        The operands' widths in bits.
    """

    kind: str
    name: str
    first: int
    second: int

    @property
    def width(self) -> float:
        """One width for both operands.

        A multiplier grows with the product of the two, so it is their geometric mean; an adder is
        as wide as the wider one.
        """
        if self.name == "multiply":
            return sqrt(self.first * self.second)
        return max(self.first, self.second)

    def __str__(self) -> str:
        what = {"add": "+", "multiply": "x"}[self.name]
        return f"{self.kind}{self.first} {what} {self.kind}{self.second}"


Figures = Mapping[int, float]  # by width


@dataclass(frozen=True)
class CostTable:
    """What a publication says at one process node.

    Attributes
    ----------
    name, title, source, address, process : str
    node : int
        In nanometres; tables of different nodes are never added up.
    energy, area : mapping of str to mapping of int to float
        By kind and operation (``int-add``), published picojoules and square micrometres by width.
    polynomials : mapping of str to list of float
        Where the publication gives energies as a polynomial of the width, highest power first.
    memory : mapping of str to (float, float)
        By kind of memory, picojoules of a 64-bit access, least and most.

    Examples
    --------
    >>> from fxtypes_nn.studies.costs import Operation, table
    >>> horowitz = table("horowitz-45nm")
    >>> horowitz.picojoules(Operation("int", "multiply", 32, 32))
    3.1
    >>> horowitz.picojoules(Operation("float", "multiply", 64, 64)) is None
    True
    """

    name: str
    title: str
    source: str
    address: str
    process: str
    node: int
    energy: Mapping[str, Figures] = field(default_factory=dict)
    area: Mapping[str, Figures] = field(default_factory=dict)
    polynomials: Mapping[str, list[float]] = field(default_factory=dict)
    memory: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def picojoules(self, operation: Operation) -> float | None:
        """The energy of an operation; None where the publication has none of this kind.

        A width that is published has its figure. Integers between and beyond have the power of
        the width that goes through both figures, or the publication's own polynomial. Floating
        point is priced at the published widths only.
        """
        key = f"{operation.kind}-{operation.name}"
        if key in self.polynomials:
            total = 0.0
            for coefficient in self.polynomials[key]:
                total = total * operation.width + coefficient
            return total
        return _at(self.energy.get(key, {}), operation)

    def square_micrometres(self, operation: Operation) -> float | None:
        """The area of what does an operation; None where the publication has none."""
        return _at(self.area.get(f"{operation.kind}-{operation.name}", {}), operation)

    def is_published(self, operation: Operation) -> bool:
        """Whether the figure is the publication's own, and not between or beyond its figures."""
        key = f"{operation.kind}-{operation.name}"
        figures = self.energy.get(key) or self.area.get(key, {})
        return key in self.polynomials or operation.width in figures

    def look_up(self, entries: int, width: int) -> float | None:
        """Picojoules of reading an element of a table, in the smallest SRAM that holds it.

        Parameters
        ----------
        entries, width : int
            Of the table, and bits of one of them; each 64 are an access.

        Returns
        -------
        float or None
            None where the publication has no SRAM of that size.
        """
        held = [
            self.memory[name][1]
            for name, size in _SRAMS.items()
            if name in self.memory and entries * width <= 8 * size
        ]
        return min(held) * -(-width // ACCESS) if held else None

    def access(self, memory: str) -> tuple[float, float]:
        """Picojoules of a 64-bit access, least and most.

        Raises
        ------
        ValueError
            If the publication has no such memory.
        """
        try:
            return self.memory[memory]
        except KeyError:
            known = ", ".join(self.memory) or "none"
            raise ValueError(
                f"{self.name} has no memory {memory!r}; its memories are: {known}"
            ) from None


def _at(figures: Figures, operation: Operation) -> float | None:
    width = operation.width
    for published, figure in figures.items():
        if published == width:
            return figure
    if operation.kind not in _ALL_WIDTHS or len(figures) < 2:
        return None
    low, high = min(figures), max(figures)
    exponent = log(figures[high] / figures[low]) / log(high / low)
    return float(figures[high] * (width / high) ** exponent)


@lru_cache(1)
def tables() -> Mapping[str, CostTable]:
    """All tables by name.

    Examples
    --------
    >>> from fxtypes_nn.studies.costs import tables
    >>> list(tables())
    ['horowitz-45nm', 'dally-45nm', 'qkeras-45nm', 'jouppi-45nm', 'jouppi-7nm']
    """
    text = resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    found = {}
    for name, given in tomllib.loads(text).items():
        energy, area = (_by_width(given.pop(what, {})) for what in ("energy", "area"))
        memory = {kind: (float(a), float(b)) for kind, (a, b) in given.pop("memory", {}).items()}
        found[name] = CostTable(name=name, energy=energy, area=area, memory=memory, **given)
    return found


def _by_width(given: Mapping[str, Mapping[str, float]]) -> dict[str, Figures]:
    return {
        operation: {int(width): float(figure) for width, figure in figures.items()}
        for operation, figures in given.items()
    }


def table(name: str) -> CostTable:
    """A table by its name.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    try:
        return tables()[name]
    except KeyError:
        known = ", ".join(tables())
        raise ValueError(f"there is no table of costs {name!r}; there are {known}") from None
