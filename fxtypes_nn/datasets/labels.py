"""Labels, whatever they are, as class numbers."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError, warn

_MOST_NUMBERED = 1 << 16
_FEW = 50  # classes; more than that for half as many samples are no classes, most likely


class Labels(NamedTuple):
    """The labels of one file or array, and how an error says where one stands."""

    values: NDArray[Any]
    source: str
    where: Callable[[int], str]

    def error(self, index: int, what: str) -> DatasetError:
        value = self.values[index].item()
        return DatasetError(f"{self.source}: label {value!r} {self.where(index)} {what}")


def class_numbers(
    parts: Sequence[Labels], names: tuple[str, ...] | None = None
) -> tuple[list[NDArray[np.int64]], tuple[str, ...]]:
    """Return each part's class numbers, and the classes' names.

    With `names` labels are numbers of theirs. Without, whole numbers from 0 on are class numbers
    as they are; other ones, and texts, are numbered in their sorted order. A warning tells of more
    classes than anything could be learnt of.
    """
    values = [_whole_or_text(part) for part in parts]
    if names is not None:
        for part, numbers in zip(parts, values, strict=True):
            outside = (
                np.ones(len(numbers), bool)
                if numbers.dtype.kind == "U"
                else (numbers < 0) | (numbers >= len(names))
            )
            if outside.any():
                index = int(outside.argmax())
                raise part.error(
                    index, f"is out of range, the classes are 0 to {len(names) - 1}; mend the file"
                )
        return values, names
    if len({part.dtype.kind for part in values}) > 1:
        raise DatasetError(
            f"{parts[0].source}: training and test labels must both be numbers or both be text"
        )
    found, numbers = np.unique(np.concatenate(values), return_inverse=True)
    as_they_are = found.dtype.kind != "U" and found[0] == 0 and found[-1] < _MOST_NUMBERED
    _warn_of_many(parts[0].source, int(found[-1]) + 1 if as_they_are else len(found), len(numbers))
    if as_they_are:
        return values, tuple(map(str, range(int(found[-1]) + 1)))
    ends = np.cumsum([len(part) for part in values])[:-1]
    split = np.split(numbers.reshape(-1).astype(np.int64), ends)
    return list(split), tuple(str(value) for value in found.tolist())


def _warn_of_many(source: str, classes: int, samples: int) -> None:
    if classes > max(_FEW, samples // 2):
        warn(
            f"{source}: the labels of {samples:,} samples make {classes:,} classes, as many "
            "outputs of a network; are they measured values, or numbers of the samples?"
        )


def _whole_or_text(labels: Labels) -> NDArray[Any]:
    values = labels.values
    if values.dtype.kind == "U":
        return values
    if values.dtype.kind not in "biuf":
        raise DatasetError(
            f"{labels.source}: labels must be whole numbers or text, they are {values.dtype}"
        )
    if values.dtype.kind == "f":  # NaN isn't below anything
        wrong = ~((np.abs(values.astype(np.float64)) < 2.0**63) & (values == np.trunc(values)))
    else:
        wrong = values > np.iinfo(np.int64).max
    if wrong.any():
        raise labels.error(
            int(wrong.argmax()), "is not a whole number; classes are whole numbers or names"
        )
    return values.astype(np.int64)
