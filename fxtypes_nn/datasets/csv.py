"""Tables of text."""

import csv
import io
import itertools
import numbers
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError
from ..seeds import derive, permutation
from .dataset import Dataset
from .files import name_of, open_packed, reading
from .labels import Labels, class_numbers
from .magnitude import largest_magnitude

_OTHERS = "is it an .npz, or an IDX file, of which the folder is named?"
_LINES = 1024  # that are parsed before they are packed into an array


def load_csv(path: str, label: str | int, test_share: float) -> Dataset:
    """Read a table, packed or not, and draw its test part."""
    x, labels = read_table(path, label)
    (y,), classes = class_numbers([labels])
    count = len(x)
    if not isinstance(test_share, numbers.Real) or not 0 < test_share < 1:
        raise ValueError(f"test_share must be a number between 0 and 1, got {test_share!r}")
    if count < 2:
        raise DatasetError(
            f"{path} has one sample; at least one to train and one to test is needed"
        )
    tests = min(max(1, round(count * Fraction(float(test_share)))), count - 1)
    order = permutation(count, derive(0, "test share"))
    test, train = np.sort(order[:tests]), np.sort(order[tests:])
    x_train = x[train]
    maximum = largest_magnitude(x_train)
    return Dataset(name_of(path), x_train, y[train], x[test], y[test], classes, maximum)


def read_table(path: str, label: str | int) -> tuple[NDArray[Any], Labels]:
    """Return the features and the labels of all lines.

    Features are uint8 if all are whole numbers from 0 to 255, int64 if all are whole numbers,
    else float64.
    """
    with (
        reading(path),
        open_packed(path) as file,
        io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text,
    ):
        try:
            first = text.readline()
            if "\0" in first:
                raise DatasetError(f"{path} is not text: it holds zero bytes; {_OTHERS}")
            delimiter = max(",;\t", key=first.count)  # the comma where none occurs
            lines = csv.reader(itertools.chain([first], text), delimiter=delimiter, strict=True)
            try:
                table = _Table(path, lines, label)
                table.read()
            except csv.Error as error:
                raise DatasetError(f"{path}, line {lines.line_num}: {error}") from None
        except UnicodeDecodeError as error:
            raise DatasetError(
                f"{path} is not text: {error}; save a table as UTF-8; or {_OTHERS}"
            ) from None
    return table.features(), table.labels()


class _Table:
    """A table as it is read, line by line."""

    def __init__(self, path: str, lines: Any, label: str | int) -> None:
        self.path, self.lines = path, lines
        self.number: Callable[[str], int | float] = int  # float from the first that is no integer
        self.rows: list[list[int | float]] = []
        self.packed: list[NDArray[Any]] = []
        self.texts: list[str] = []  # the labels
        self.places: list[int] = []  # their lines
        first = next((row for row in lines if row), None)
        if first is None:
            raise DatasetError(f"{path} is empty")
        if len(first) < 2:
            raise DatasetError(
                f"{path}, line {lines.line_num} has one value; features and a label are needed, "
                "with commas, semicolons or tabs between"
            )
        self.names = [cell.strip() for cell in first]
        self.first_line, self.column = lines.line_num, self._label_column(label)
        features = self._features(first)
        self.header = isinstance(label, str) or any(
            cell.strip() and not _is_number(cell) for cell in features
        )
        self.waiting = [] if self.header else [first]

    def _label_column(self, label: str | int) -> int:
        count = len(self.names)
        if isinstance(label, str):
            if self.names.count(label) == 1:
                return self.names.index(label)
            shown = ", ".join(self.names[:20]) + (", ..." if count > 20 else "")
            several = "several columns" if label in self.names else "no column"
            raise DatasetError(f"{self.path} has {several} {label!r}; its first line is {shown}")
        if not -count <= label < count:
            raise DatasetError(
                f"{self.path} has {count} columns: the label's must be from {-count} to "
                f"{count - 1}, or a name, got {label}"
            )
        return label % count

    def _features(self, row: Sequence[str]) -> list[str]:
        return [*row[: self.column], *row[self.column + 1 :]]

    def read(self) -> None:
        for row in itertools.chain(self.waiting, self.lines):
            if row:
                self._add(row)
        self._pack()
        # Columns may be named by numbers: the label's name then gives the header away.
        first, *others = self.texts or [""]
        if not self.header and others and not _is_number(first) and all(map(_is_number, others)):
            del self.texts[0], self.places[0]
            self.packed[0] = self.packed[0][1:]
        if not self.texts:
            raise DatasetError(f"{self.path} has no samples, only a header")

    def _add(self, row: list[str]) -> None:
        line = self.lines.line_num
        if len(row) != len(self.names):
            raise DatasetError(
                f"{self.path}, line {line} has {len(row)} values, line {self.first_line} has "
                f"{len(self.names)}"
            )
        text = row[self.column].strip()
        if not text:
            raise DatasetError(f"{self._cell(line, self.column)}, the label, is empty")
        self.texts.append(text)
        self.places.append(line)
        cells = self._features(row)
        try:
            self.rows.append(list(map(self.number, cells)))
        except ValueError:
            self.number = float
            self.rows.append([self._parsed(line, place, cell) for place, cell in enumerate(cells)])
        if len(self.rows) == _LINES:
            self._pack()

    def _parsed(self, line: int, place: int, cell: str) -> float:
        try:
            return float(cell)
        except ValueError:
            what = f"{cell!r}, not a number" if cell.strip() else "empty"
            if _is_number(cell.replace(",", ".")):
                what += ": decimals have a point"
            elif cell.strip():
                what += "; if it is the label, name its column: label= (--label)"
            raise DatasetError(f"{self._feature(line, place)} is {what}") from None

    def _pack(self) -> None:
        if not self.rows:
            return
        try:
            found: NDArray[Any] = np.array(self.rows, float if self.number is float else np.int64)
        except OverflowError:
            self.number = float
            found = np.array([[_as_float(v) for v in row] for row in self.rows])
        if found.dtype.kind == "f" and not (finite := np.isfinite(found)).all():
            at, place = np.unravel_index(int(finite.argmin()), found.shape)
            line = self.places[len(self.places) - len(self.rows) + int(at)]
            raise DatasetError(
                f"{self._feature(line, int(place))} is {found[at, place]}; features must be finite"
            )
        if found.dtype.kind == "i" and found.min() >= 0 and found.max() <= 255:
            found = found.astype(np.uint8)
        self.packed.append(found)
        self.rows = []

    def _feature(self, line: int, place: int) -> str:
        return self._cell(line, place + (place >= self.column))

    def _cell(self, line: int, column: int) -> str:
        name = f" ({self.names[column]})" if self.header else ""
        return f"{self.path}, line {line}, column {column + 1}{name}"

    def features(self) -> NDArray[Any]:
        return np.concatenate(self.packed)

    def labels(self) -> Labels:
        places = self.places
        return Labels(_numbers_or_text(self.texts), self.path, lambda i: f"on line {places[i]}")


def _numbers_or_text(texts: Iterable[str]) -> NDArray[Any]:
    for dtype, number in ((np.int64, int), (np.float64, float)):
        try:
            return np.array(list(map(number, texts)), dtype)
        except (ValueError, OverflowError):
            continue
    return np.array(texts, dtype=np.str_)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _as_float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
