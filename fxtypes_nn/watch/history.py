"""History: a columnar log of a training, a row an iteration."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import re
import time
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral, Real
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


class _Column:
    """The values that were recorded, and the rows that they stand in, in order.

    So a row costs a column nothing where it holds no value.
    """

    __slots__ = ("rows", "values")

    def __init__(self) -> None:
        self.rows: array[int] = array("I")
        self.values: array[Any] = array("q")  # of floats ("d") from the first float on

    def append(self, name: str, value: float, row: int) -> None:
        """Add a row's value; the column's name is for messages."""
        try:
            self.values.append(value)
        except (TypeError, OverflowError) as error:
            self.append_float(name, value, error)
        self.rows.append(row)

    def append_float(self, name: str, value: float, error: Exception) -> None:
        """Add to the values what they refused by an error; it must be a float."""
        if not isinstance(value, Real) or isinstance(value, Integral):
            raise type(error)(
                f"column {name!r} takes 64-bit integers and floats, got {value!r}"
            ) from None
        self.to_floats()
        self.values.append(value)

    def to_floats(self) -> None:
        if self.values.typecode == "q":
            self.values = array("d", self.values)

    def cut(self, rows: int) -> None:
        """Keep what stands in the first `rows` rows, also where a signal broke off `append`."""
        count = bisect_left(self.rows, rows)
        del self.rows[count:], self.values[count:]

    def block(self, start: int, stop: int) -> list[Any]:
        """The values of the rows from `start` to `stop`, None where there is none."""
        first, last = (bisect_left(self.rows, row) for row in (start, stop))
        if last - first == stop - start:
            return self.values[first:last].tolist()
        found: list[Any] = [None] * (stop - start)
        for row, value in zip(self.rows[first:last], self.values[first:last], strict=True):
            found[row - start] = value
        return found


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
    take memory (12 bytes each), not the places where there is none.

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
        self._columns = {name: _Column() for name in (*COLUMNS, *columns)}
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
        return self._column(name).block(0, self._length)

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
        return self._column(name).values[-n:].tolist()

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
        self._settle()
        self._unfinished = True
        columns, number = self._columns, self._length
        for name, value in row.items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = _Column()
            if value is not None:
                try:
                    column.values.append(value)
                except (TypeError, OverflowError) as error:
                    column.append_float(name, value, error)
                column.rows.append(number)
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
        column = self._columns.setdefault(name, _Column())
        if not self._length or (column.rows and column.rows[-1] == self._length - 1):
            raise ValueError(f"the last row has a value of {name!r} already, or there is no row")
        self._unfinished = True
        column.append(name, value, self._length - 1)
        self._unfinished = False

    def extend(self, other: History) -> None:
        """Add all rows of another one, `other`, its columns as well."""
        offset, columns = self._length, {name: other._column(name) for name in other._columns}
        self._settle()
        self._unfinished = True
        for name, more in columns.items():
            column = self._columns.setdefault(name, _Column())
            values = more.values[:]
            if "d" in (values.typecode, column.values.typecode):
                column.to_floats()
                values = array("d", values)
            column.values.extend(values)
            column.rows.extend(array("I", [offset + row for row in more.rows]))
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
            columns = list(history._columns.items())
            for number, line in enumerate(lines):
                if len(line) != len(columns):
                    raise ValueError(
                        f"line {lines.line_num} has {len(line)} values, and there are "
                        f"{len(columns)} columns"
                    )
                for (name, column), text in zip(columns, line, strict=True):
                    if text:
                        try:
                            column.append(name, _number(text), number)
                        except (ValueError, OverflowError):
                            raise ValueError(
                                f"line {lines.line_num} has {text[:80]!r} as {name}"
                            ) from None
                history._length += 1
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
                column = history._columns[name]
                for number, value in enumerate(values):
                    if value is not None:
                        if isinstance(value, bool) or not isinstance(value, (int, float)):
                            raise ValueError(f"row {number + 1} has {value!r} as {name}")
                        column.append(name, value, number)
            history._length = len(found[COLUMNS[0]])
        return history

    @classmethod
    def _with_columns(cls, names: Iterable[str]) -> Self:
        """An empty history of a file's columns, in its order."""
        names = list(names)
        if len(set(names)) != len(names) or not set(COLUMNS) <= set(names):
            raise ValueError(f"it lacks the columns {', '.join(COLUMNS)}, or has one twice")
        history = cls()
        history._columns = {name: _Column() for name in names}
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
        columns = [self._column(name) for name in self._columns]
        integral = [column.values.typecode == "q" for column in columns]

        def joined(parts: Iterable[array[Any]], dtype: type) -> npt.NDArray[Any]:
            return np.concatenate([np.array(part, dtype) for part in (*parts, array("q"))])

        chosen = list(zip(columns, integral, strict=True))
        return {
            "length": np.array(self._length, np.int64),
            "columns": np.array(self.columns),
            "integral": np.array(integral),
            "entries": np.array([len(column.rows) for column in columns], np.int64),
            "rows": joined((column.rows for column in columns), np.uint32),
            "integers": joined((c.values for c, whole in chosen if whole), np.int64),
            "floats": joined((c.values for c, whole in chosen if not whole), np.float64),
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

            def taken(name: str, typecode: str, count: int) -> array[Any]:
                start = left[name]
                left[name] += count
                part = arrays[name][start : start + count]
                if part.ndim != 1 or len(part) != count:
                    raise ValueError(f"{name!r} ends early")
                return array(typecode, part.tolist())

            names = [str(name) for name in arrays["columns"]]
            if len(set(names)) != len(names) or not set(COLUMNS) <= set(names):
                raise ValueError(f"its columns are {names}")
            history._columns = {name: _Column() for name in names}
            for column, integral, count in zip(
                history._columns.values(), arrays["integral"], arrays["entries"], strict=True
            ):
                column.rows = taken("rows", "I", int(count))
                values = ("integers", "q") if integral else ("floats", "d")
                column.values = taken(*values, int(count))
                if (np.diff([*column.rows, length]) < 1).any():
                    raise ValueError("its rows are out of order")
            for name, count in left.items():
                if count != len(arrays[name]):
                    raise ValueError(f"{name!r} holds more than its columns")
        except (KeyError, TypeError, OverflowError, ValueError) as error:
            raise ValueError(f"these arrays are no history: {error}") from None
        history._length = length
        return history

    def _column(self, name: str) -> _Column:
        self._settle()
        try:
            return self._columns[name]
        except KeyError:
            raise KeyError(f"no column {name!r}; .columns names those there are") from None

    def _settle(self) -> None:
        """Drop what a row that was never finished has left."""
        if self._unfinished:
            for column in self._columns.values():
                column.cut(self._length)
            self._unfinished = False

    def _csv_blocks(self, start: int) -> Iterator[str]:
        """The rows from `start` on as text, a few at a time."""
        columns = [self._column(name) for name in self._columns]
        for first in range(start, self._length, _BLOCK):
            stop = min(first + _BLOCK, self._length)
            yield _csv(zip(*(column.block(first, stop) for column in columns), strict=True))


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
    """An integer as such, as the column holds it."""
    return int(text) if _INTEGER.fullmatch(text) else float(text)


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
