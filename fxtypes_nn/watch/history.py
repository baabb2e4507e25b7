"""History: a columnar log of a training, a row an iteration."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import re
import struct
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from numbers import Integral, Real
from operator import itemgetter
from types import NoneType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fxtypes import FileError
from fxtypes.interop.atomic_write import atomic_write

if TYPE_CHECKING:
    import numpy.typing as npt

COLUMNS = (
    "iteration",
    "epoch",
    "loss",
    "accuracy",
    "validation_loss",
    "validation_accuracy",
)
_LOST = ".lost"  # what only parameters have
_INTEGER = re.compile(r"-?[0-9]+")
_BLOCK = 1024  # rows that are made into text at once


class _Group:
    """Columns that have values in the same rows, which are kept once; a row's stand side by side.

    So a row costs a column nothing where it holds no value, and little where it holds one.
    """

    __slots__ = ("codes", "places", "rows", "values")

    def __init__(self, names: Iterable[str], codes: str) -> None:
        self.places = {name: place for place, name in enumerate(names)}
        self.codes = codes  # by place: of integers "q", of floats "d" from the first float on
        self.rows: array[int] = array("I")
        self.values = bytearray()  # 8 bytes each

    @classmethod
    def of(cls, rows: array[int], columns: Mapping[str, npt.NDArray[Any]]) -> Self:
        """A group of columns of int64 and float64."""
        found = cls(columns, "".join("qd"[v.dtype.kind == "f"] for v in columns.values()))
        found.rows = rows[:]
        found.values += np.column_stack([v.view(np.int64) for v in columns.values()]).tobytes()
        return found

    def code(self, name: str) -> str:
        return self.codes[self.places[name]]

    def numbers(self, name: str) -> memoryview[Any]:
        """A column's values, in place: nothing can be added while this is there."""
        place = self.places[name]
        code: Any = self.codes[place]
        if not self.rows:
            return memoryview(array(code))
        return memoryview(self.values).cast(code)[place :: len(self.codes)]

    def block(self, name: str, start: int, stop: int) -> list[Any]:
        """The values of the rows from `start` to `stop`, None where there is none."""
        first, last = (bisect_left(self.rows, row) for row in (start, stop))
        values = self.numbers(name)[first:last].tolist()
        if last - first == stop - start:
            return values
        found: list[Any] = [None] * (stop - start)
        for row, value in zip(self.rows[first:last], values, strict=True):
            found[row - start] = value
        return found

    def part(self, codes: Mapping[str, str]) -> _Group:
        """A group of some of the columns, by name what they are to be, with their values."""
        columns = {name: np.array(self.numbers(name), code) for name, code in codes.items()}
        return _Group.of(self.rows, columns)

    def cut(self, rows: int) -> None:
        """Keep what stands in the first `rows` rows, also where a signal broke off a row."""
        count = bisect_left(self.rows, rows)
        del self.rows[count:], self.values[8 * len(self.codes) * count :]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the values of a row go that has those of certain columns."""

    names: tuple[str, ...]
    order: Callable[[Sequence[Any]], Sequence[Any]] | None  # by group; None: it is so already
    codes: str  # in this order
    groups: list[tuple[_Group, slice]]  # and which of the row's bytes are theirs

    def pack(self, values: Sequence[float]) -> bytes:
        """A row's values as bytes; struct.error if one has another type."""
        return struct.pack(self.codes, *(self.order(values) if self.order else values))


class History:
    """A columnar log, one row an iteration.

    Its columns are ``iteration`` and ``epoch`` (both count on from the model's), ``loss`` and
    ``accuracy`` of the iteration's batch before its update, ``validation_loss`` and
    ``validation_accuracy``, and, in every `watch_every`-th row and an epoch's last, None
    elsewhere:

    =================================================  =======================================
    ``<parameter>.min``, ``.max``, ``.abs_max``        floats, after the update
    ``<parameter>.int_bits``                           the integer bits, sign included, that
                                                       its values need; less than 1 where they
                                                       need only fraction bits
    ``<parameter>.lost``                               the share of its elements with a step
                                                       other than 0 that didn't move
    ``<layer>.input.min``, ...              the same of what goes into a layer
    ``<layer>.output.min``, ...              and of what comes out
    ``<layer>.gradient.<parameter>.min``, ...          and of gradients, where `Gradients` asks;
                                                       ``.gradient.input.min``, ... too
    ``<layer>.forward.overflow``, ``.underflow``       events of the pass, as `fxtypes.record`
                                                       counts them; also of ``backward`` and
                                                       ``update``
    ``<layer>.forward.saturation``                     elements at an end of their format:
                                                       outputs (``backward``: the gradients
                                                       made, ``update``: the new parameters)
    =================================================  =======================================

    Integers and floats are kept as what they are; a column of both holds floats. Only values
    take memory (8 bytes each, and 4 for each row of columns that come together), not the places
    where there is none.

    Parameters
    ----------
    columns : iterable of str, optional
        Columns beside the first six, known before their first value; others appear with
        theirs, and hold None in the rows before.

    Examples
    --------
    >>> from fxtypes_nn.watch.history import History
    >>> history = History()
    >>> history.append({"iteration": 1, "epoch": 1, "loss": 2.5})
    >>> history.append({"iteration": 2, "epoch": 1, "loss": 1.5, "dense1.weights.max": 0.25})
    >>> len(history), history["loss"], history["dense1.weights.max"]
    (2, [2.5, 1.5], [None, 0.25])
    >>> history.mean_of_last("loss", 20)
    2.0
    """

    def __init__(self, columns: Iterable[str] = ()) -> None:
        self._columns: dict[str, _Group] = {}
        self._add_columns((*COLUMNS, *columns))
        # Of the last row of so many columns; of single ones, which are amended, of each.
        self._layouts: dict[int | tuple[str, ...], _Layout] = {}
        self._length = 0
        self.profile: Any = None  # of the training, where it was asked for
        self._unfinished = False  # whether a row may be half there
        self._cuts = 0  # how often rows were taken away

    @property
    def columns(self) -> list[str]:
        """The columns' names, in order."""
        return list(self._columns)

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters watched, in order."""
        return [name.removesuffix(_LOST) for name in self._columns if name.endswith(_LOST)]

    def __len__(self) -> int:
        return self._length

    def __contains__(self, name: object) -> bool:
        """Whether there is a column of this name."""
        return name in self._columns

    def __getitem__(self, name: str) -> list[Any]:
        """Return a column as a list with a value or None a row; KeyError if there is none."""
        return self._group(name).block(name, 0, self._length)

    def __eq__(self, other: object) -> bool:
        """Whether the columns, their order and all values are the same."""
        if not isinstance(other, History):
            return NotImplemented
        return (
            len(self) == len(other)
            and self.columns == other.columns
            and all(self[name] == other[name] for name in self._columns)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<History of {self._length} rows, {len(self._columns)} columns>"

    def last(self, name: str) -> Any:
        """Return a column's last value that is not None, or None."""
        return next(iter(self.last_recorded(name, 1)), None)

    def last_recorded(self, name: str, n: int) -> list[Any]:
        """Return the last `n` values that are not None, or fewer; takes time for `n` only."""
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        return self._group(name).numbers(name)[-n:].tolist()

    def mean_of_last(self, name: str, n: int) -> float | None:
        """Return the mean of the last `n` values that are not None; None without any."""
        values = self.last_recorded(name, n)
        return math.fsum(values) / len(values) if values else None

    def append(self, row: Mapping[str, float | None]) -> None:
        """Add a row.

        Parameters
        ----------
        row : mapping of str to int, float or None
            Values by column, ``iteration`` and ``epoch`` among them; a column that is not
            named holds None.

        Raises
        ------
        TypeError
            If a value is no number. The row isn't added then, nor where a signal interrupts.
        OverflowError
            If an integer needs more than 64 bits.
        """
        if self._unfinished:
            self._settle()
        names = tuple(row)
        values = [value for value in row.values() if value is not None]
        if len(values) < len(names):
            self._add_columns(names)
            names = tuple([name for name, value in row.items() if value is not None])
        self._write(names, values, self._length)
        self._length += 1
        self._unfinished = False

    def amend(self, name: str, value: float) -> None:
        """Record a value of the last row, in a column that holds None there.

        Raises
        ------
        ValueError
            If there is no row, or the column holds a value there.
        """
        self._settle()
        group = self._columns.get(name)
        if not self._length or (group and group.rows[-1:] == array("I", [self._length - 1])):
            raise ValueError(f"the last row has a value of {name!r} already, or there is no row")
        self._write((name,), [value], self._length - 1)
        self._unfinished = False

    def extend(self, other: History) -> None:
        """Add all rows of another one, `other`, its columns as well."""
        self._settle()
        offset = self._length
        self._add_columns(other._columns)
        for group in other._groups():
            names, rows = tuple(group.places), group.rows[:]
            values = struct.iter_unpack(group.codes, bytes(group.values))
            for row, found in zip(rows, values, strict=True):
                self._write(names, found, offset + row)
        self._length += len(other)
        self._unfinished = False

    def truncate(self, rows: int) -> None:
        """Keep the first `rows` rows only; ValueError if there aren't that many."""
        if not 0 <= rows <= self._length:
            raise ValueError(f"rows must be from 0 to {self._length}, got {rows}")
        self._length, self._unfinished, self._cuts = rows, True, self._cuts + 1
        self._settle()

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write a header line and one line a row, None as nothing; whole or not at all."""
        with atomic_write(path, text=True) as file:
            file.write(_csv([self.columns]))
            file.writelines(self._csv_blocks(0))

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Write an object of columns, each an array of numbers or null; whole or not at all."""
        with atomic_write(path, text=True) as file:
            for index, name in enumerate(self._columns):
                file.write(f"{', ' if index else '{'}{json.dumps(name)}: ")
                file.write(json.dumps(self[name]))
            file.write("}")

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `to_csv` has written, or a `HistoryFile`.

        A last line that was broken off, as by a kill, is left out.

        Raises
        ------
        fxtypes.FileError
            If it is anything else; the message names the file and the line.
        OSError
            If it can't be read.
        """
        with _reading(path), open(path, encoding="utf-8", newline="") as file:
            lines = csv.reader(_whole_lines(file), strict=True)
            history = cls._with_columns(next(lines, []))
            columns = history.columns
            for line in lines:
                if len(line) != len(columns):
                    raise ValueError(
                        f"line {lines.line_num} has {len(line)} values, and there are "
                        f"{len(columns)} columns"
                    )
                row: dict[str, float] = {}
                for name, text in zip(columns, line, strict=True):
                    if text:
                        try:
                            row[name] = _number(text)
                        except (ValueError, OverflowError):
                            raise ValueError(
                                f"line {lines.line_num} has {text[:80]!r} as {name}"
                            ) from None
                history.append(row)
        return history

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `to_json` has written.

        Raises
        ------
        fxtypes.FileError
            If it is anything else; the message names the file.
        OSError
            If it can't be read.
        """
        with _reading(path), open(path, encoding="utf-8") as file:
            found = json.load(file)
            if not isinstance(found, dict):
                raise ValueError("it holds no object")
            history = cls._with_columns(found)
            for name, values in found.items():
                if not isinstance(values, list) or len(values) != len(found[COLUMNS[0]]):
                    raise ValueError(f"its column {name} is no list as long as {COLUMNS[0]}")
                for number, value in enumerate(values):
                    if isinstance(value, bool) or not isinstance(value, (int, float, NoneType)):
                        raise ValueError(f"row {number + 1} has {value!r} as {name}")
            for row in zip(*found.values(), strict=True):
                history.append(dict(zip(found, row, strict=True)))
        return history

    @classmethod
    def _with_columns(cls, names: Iterable[str]) -> Self:
        """An empty history of a file's columns, in its order."""
        names = list(names)
        if len(set(names)) != len(names) or not set(COLUMNS) <= set(names):
            raise ValueError(f"it lacks the columns {', '.join(COLUMNS)}, or has one twice")
        history = cls()
        history._columns = {}
        history._add_columns(names)
        return history

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all that it holds as arrays of numbers and text, none of objects.

        Returns
        -------
        dict
            ``length``, the rows, shape (); by column ``columns`` (names), ``integral``
            (whether its values are integers) and ``entries`` (how many); and one column after
            the other ``rows`` (where they stand), ``integers`` and ``floats``.
        """
        self._settle()
        columns = self._columns.items()
        integral = [group.code(name) == "q" for name, group in columns]

        def joined(parts: Iterable[Any], dtype: type) -> npt.NDArray[Any]:
            return np.concatenate([np.array(part, dtype) for part in ([], *parts)])

        # Copies: what a traceback of Ctrl-C holds must not keep rows from being cut.
        values = [np.array(group.numbers(name)) for name, group in columns]
        return {
            "length": np.array(self._length, np.int64),
            "columns": np.array(self.columns),
            "integral": np.array(integral),
            "entries": np.array([len(group.rows) for _, group in columns], np.int64),
            "rows": joined((group.rows for _, group in columns), np.uint32),
            "integers": joined(compress(values, integral), np.int64),
            "floats": joined(compress(values, np.logical_not(integral)), np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Return the history whose `to_arrays` gave these.

        Raises
        ------
        ValueError
            If they don't go together.
        """
        history = cls()
        try:
            length = int(arrays["length"])
            left = {"rows": 0, "integers": 0, "floats": 0}

            def taken(name: str, dtype: type, count: int) -> npt.NDArray[Any]:
                start = left[name]
                left[name] += count
                part = arrays[name][start : start + count]
                if part.ndim != 1 or len(part) != count:
                    raise ValueError(f"{name!r} ends early")
                return part.astype(dtype, casting="safe")

            names = [str(name) for name in arrays["columns"]]
            if len(set(names)) != len(names) or not set(COLUMNS) <= set(names):
                raise ValueError(f"its columns are {names}")
            history._columns = {}
            history._add_columns(names)
            together: dict[bytes, dict[str, npt.NDArray[Any]]] = {}  # columns by their rows
            for name, integral, count in zip(
                names, arrays["integral"], arrays["entries"], strict=True
            ):
                rows = taken("rows", np.uint32, int(count))
                kind: tuple[str, type] = (
                    ("integers", np.int64) if integral else ("floats", np.float64)
                )
                if (np.diff([*rows.tolist(), length]) < 1).any():
                    raise ValueError("its rows are out of order")
                together.setdefault(rows.tobytes(), {})[name] = taken(*kind, int(count))
            for numbers, columns in together.items():
                group = _Group.of(array("I", numbers), columns)
                history._columns |= dict.fromkeys(columns, group)
            for name, count in left.items():
                if count != len(arrays[name]):
                    raise ValueError(f"{name!r} holds more than its columns")
        except (KeyError, TypeError, OverflowError, ValueError) as error:
            raise ValueError(f"these arrays are no history: {error}") from None
        history._length = length
        return history

    def _group(self, name: str) -> _Group:
        if self._unfinished:
            self._settle()
        try:
            return self._columns[name]
        except KeyError:
            raise KeyError(f"no column {name!r}; .columns names those there are") from None

    def _groups(self) -> list[_Group]:
        self._settle()
        return list(dict.fromkeys(self._columns.values()))

    def _add_columns(self, names: Iterable[str]) -> None:
        """Make those that aren't there, without values."""
        new = [name for name in names if name not in self._columns]
        self._columns |= dict.fromkeys(new, _Group(new, "q" * len(new)))

    def _settle(self) -> None:
        """Drop what a row that was never finished has left."""
        if self._unfinished:
            for group in self._columns.values():
                group.cut(self._length)
            self._unfinished = False

    def _write(self, names: tuple[str, ...], values: Sequence[float], number: int) -> None:
        """Put values into a row, the last one so far of the columns that are named.

        It is unfinished until the caller says otherwise.
        """
        kind = names if len(names) == 1 else len(names)
        layout = self._layouts.get(kind)
        if layout is None or layout.names != names:
            layout = self._layouts[kind] = self._lay_out(names, values)
        try:
            packed = layout.pack(values)
        except struct.error:  # a first float among integers, or no number
            layout = self._layouts[kind] = self._lay_out(names, values)
            packed = layout.pack(values)
        self._unfinished = True
        for group, part in layout.groups:
            group.values += packed[part]
            group.rows.append(number)

    def _lay_out(self, names: tuple[str, ...], values: Sequence[float]) -> _Layout:
        """Where such values go: groups are parted, and integers become floats, as they ask."""
        self._add_columns(names)
        columns = self._columns
        codes = {
            name: _code(name, value, columns[name].code(name))
            for name, value in zip(names, values, strict=True)
        }
        for group in dict.fromkeys(columns[name] for name in names):
            here = {name: codes[name] for name in group.places if name in codes}
            rest = {name: group.code(name) for name in group.places if name not in codes}
            if rest or "".join(here.values()) != group.codes:
                self._layouts.clear()  # which name this group
                parts = [group.part(part) for part in (here, rest) if part]
                columns |= {name: part for part in parts for name in part.places}
        groups = list(dict.fromkeys(columns[name] for name in names))
        order = [names.index(name) for group in groups for name in group.places]
        sliced, stop = [], 0
        for group in groups:
            start, stop = stop, stop + 8 * len(group.codes)
            sliced.append((group, slice(start, stop)))
        return _Layout(
            names,
            None if order == sorted(order) else itemgetter(*order),
            "".join(group.codes for group in groups),
            sliced,
        )

    def _csv_blocks(self, start: int) -> Iterator[str]:
        """The rows from `start` on as text, a few at a time."""
        self._settle()
        columns = list(self._columns.items())
        for first in range(start, self._length, _BLOCK):
            stop = min(first + _BLOCK, self._length)
            blocks = (group.block(name, first, stop) for name, group in columns)
            yield _csv(zip(*blocks, strict=True))


class HistoryFile:
    """A CSV file that follows a `History`, so that a run that is killed leaves its rows.

    The rows that the history holds are written at once, whole or not at all. From then on
    `write` appends those that are new, at most once a second, and `close` the rest. Where
    columns have appeared meanwhile, or rows are gone, the file is written anew.

    Parameters
    ----------
    history : History
        What is followed.
    path : str or os.PathLike
        The file; one that is there is replaced.
    interval : float
        The seconds between two writes.

    Raises
    ------
    OSError
        If the file can't be written; by `write` and `close` as well.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from fxtypes_nn.watch.history import History, HistoryFile
    >>> history, folder = History(), tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "history.csv"
    >>> with HistoryFile(history, path) as file:
    ...     history.append({"iteration": 1, "epoch": 1, "loss": 2.5, "accuracy": 0.25})
    ...     file.write()
    >>> print(path.read_text(), end="")
    iteration,epoch,loss,accuracy,validation_loss,validation_accuracy
    1,1,2.5,0.25,,
    >>> folder.cleanup()
    """

    def __init__(
        self, history: History, path: str | os.PathLike[str], interval: float = 1.0
    ) -> None:
        self._history, self._path, self._interval = history, path, interval
        self._state: tuple[int, list[str]] | None = None  # of the history, as the file knows it
        self._rows = 0
        self._write()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self) -> None:
        """Append the rows that are new, unless the last time was less than a second ago."""
        if time.monotonic() >= self._next:
            self._write()

    def close(self) -> None:
        """Append the rows that are new; the file is whole then."""
        self._write()

    def _write(self) -> None:
        state = (self._history._cuts, self._history.columns)
        if state != self._state:
            self._history.to_csv(self._path)
        elif len(self._history) > self._rows:
            self._state = None  # what is broken off is written anew
            with open(self._path, "a", encoding="utf-8", newline="\n") as file:
                file.writelines(self._history._csv_blocks(self._rows))
        self._state, self._rows = state, len(self._history)
        self._next = time.monotonic() + self._interval


@contextlib.contextmanager
def _reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what is wrong with a file's contents into a FileError that names it."""
    try:
        yield
    except (ValueError, TypeError, OverflowError, csv.Error, RecursionError) as error:
        raise FileError(f"{os.fspath(path)} is damaged, or no history: {error}") from None


def _whole_lines(file: Iterable[str]) -> Iterator[str]:
    return (line for line in file if line.endswith("\n"))


def _number(text: str) -> float:
    """An integer as such, as the column holds it; OverflowError if it needs over 64 bits."""
    return array("q", [int(text)])[0] if _INTEGER.fullmatch(text) else float(text)


def _code(name: str, value: float, code: str) -> str:
    """How a column holds a value, that is of a code so far; its name is for messages.

    TypeError or OverflowError if it can't.
    """
    try:
        array(code, [value])
    except (TypeError, OverflowError) as error:
        if not isinstance(value, Real) or isinstance(value, Integral):
            raise type(error)(
                f"column {name!r} takes 64-bit integers and floats, got {value!r}"
            ) from None
        return "d"
    return code


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
