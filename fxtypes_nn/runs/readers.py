"""How a setting's value is read, from an option's text and from a TOML file alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..training.hyperparameters import Range, read

_WHOLE = re.compile(r"[+-]?\d+")


@dataclass(frozen=True)
class Reader:
    """What a setting may be.

    Attributes
    ----------
    legal : str
        What is legal, as it goes on behind "must be".
    value : callable
        A value of TOML's types to the setting's; ValueError where it isn't legal.
    text : callable
        An option's text to what `value` takes; ValueError as well.
    choices : tuple of str
        All that is legal, where that is a list.
    is_flag : bool
        Whether it is true or false: an option without a value.
    """

    legal: str
    value: Callable[[Any], Any]
    text: Callable[[str], Any]
    choices: tuple[str, ...] = ()
    is_flag: bool = False

    def from_text(self, text: str) -> Any:
        """An option's value; ValueError that says what it must be."""
        return self._read(lambda: self.value(self.text(text)), text)

    def from_value(self, value: Any) -> Any:
        """A TOML file's value; ValueError that says what it must be."""
        return self._read(lambda: self.value(value), value)

    def _read(self, read: Callable[[], Any], given: Any) -> Any:
        try:
            return read()
        except Wrong:
            raise
        except (ValueError, TypeError, OverflowError):
            raise Wrong(f"must be {self.legal}, got {_short(given)}") from None


class Wrong(ValueError):
    """A value that isn't legal; the message says all but which setting it is."""


def integer(least: int | None = None, most: int | None = None) -> Reader:
    """A whole number within bounds."""
    legal = "an integer"
    if least is not None:
        legal += f" of at least {least}" if most is None else f" from {least} to {most}"

    def value(given: Any) -> int:
        if isinstance(given, bool) or not isinstance(given, int):
            raise ValueError
        if (least is not None and given < least) or (most is not None and given > most):
            raise ValueError
        return given

    return Reader(legal, value, int)


def number(legal: Range, text: str | None = None) -> Reader:
    """A finite number of a hyperparameter's range."""

    def value(given: Any) -> Any:
        return read("it", given, legal)

    def parse(given: str) -> int | float:
        return int(given) if _WHOLE.fullmatch(given) else float(given)

    return Reader(text or f"a finite number, {legal.text}", value, parse)


def choice(names: Iterable[str]) -> Reader:
    """One of some names."""
    found = tuple(names)

    def value(given: Any) -> str:
        if not isinstance(given, str) or given not in found:
            raise ValueError
        return given

    return Reader(f"one of {', '.join(found)}", value, str, choices=found)


def flag() -> Reader:
    """True or false."""

    def value(given: Any) -> bool:
        if not isinstance(given, bool):
            raise ValueError
        return given

    return Reader("true or false", value, str, is_flag=True)


def path() -> Reader:
    """The name of a file or folder."""

    def value(given: Any) -> str:
        if not isinstance(given, str) or not given or "\0" in given:
            raise ValueError
        return given

    return Reader("a path", value, str)


def column() -> Reader:
    """A table's column: a name, or a number from 0 or from -1 backwards."""

    def value(given: Any) -> str | int:
        if isinstance(given, bool) or not isinstance(given, (int, str)) or given == "":
            raise ValueError
        return given

    def parse(given: str) -> str | int:
        return int(given) if _WHOLE.fullmatch(given) else given

    return Reader("a column's name or number", value, parse)


def units() -> Reader:
    """Hidden layers' units: a list, or its text with commas between."""

    def value(given: Any) -> tuple[int, ...]:
        sizes = given.split(",") if isinstance(given, str) else given
        if not isinstance(sizes, list) or not sizes:
            raise ValueError
        return tuple(_units(size, given) for size in sizes)

    return Reader("integers of at least 1, as 128,64 or [128, 64]", value, str)


def _units(size: Any, given: Any) -> int:
    if isinstance(size, str):
        found = int(size) if _WHOLE.fullmatch(size.strip()) else 0
    else:
        found = size if isinstance(size, int) and not isinstance(size, bool) else 0
    if found < 1:
        raise Wrong(
            f"{size!r} in {_short(given)} is no number of units: give integers of at least 1 with "
            "commas between, as 128,64"
        )
    return found


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
