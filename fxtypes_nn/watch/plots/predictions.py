"""What the trained network takes for what: the confusion matrix, and images it gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..record import Record
from .picture import Picture
from .style import COLOURS, FAINT, INK, WIDTHS, label_ticks, new_figure, percent

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Counts = npt.NDArray[np.int64]

_DARK, _LIGHT = "#202020", "#fefefe"  # on cells, which stay as they are on a dark page
_NUMBERED = 12  # with more classes there is no room for numbers
_CLASSES = 40  # of more, those most often mistaken
_ACROSS = {1: 6, 2: 12}
_DOWN = {1: 4, 2: 2}
_LABELS = 0.27  # inches under an image
_NAME = 12  # characters of a class that are shown


class Confusion:
    """Counts of what was taken for what, made without a matrix of all classes.

    A label that is another for each sample makes as many classes as there are samples.

    Parameters
    ----------
    record : Record
        With a test part.

    Attributes
    ----------
    classes : int
        How many there are.
    samples, right : ndarray of int
        By class, how many samples there are, and how many were recognised.
    """

    def __init__(self, record: Record) -> None:
        self._labels, self._predicted = record.labels, record.predicted
        self._is_right = self._labels == self._predicted
        most = int(max(self._labels.max(), self._predicted.max()))
        self.classes = max(len(record.classes), most + 1)
        self.samples = self._count(self._labels)
        self.right = self._count(self._labels[self._is_right])

    def _count(self, numbers: Counts) -> Counts:
        return np.bincount(numbers, minlength=self.classes)

    def most_mistaken(self, most: int) -> Counts:
        """The numbers of at most so many classes, those most often mistaken, in order."""
        wrong = ~self._is_right
        mistakes = self._count(self._labels[wrong]) + self._count(self._predicted[wrong])
        return np.sort(np.argsort(-mistakes, kind="stable")[:most])

    def matrix(self, shown: Counts) -> Counts:
        """How many samples of each of these classes (rows) were taken for which (columns)."""
        place = np.full(self.classes, -1)
        place[shown] = np.arange(len(shown))
        rows, columns = place[self._labels], place[self._predicted]
        both = (rows >= 0) & (columns >= 0)
        counts = np.zeros((len(shown), len(shown)), np.int64)
        np.add.at(counts, (rows[both], columns[both]), 1)
        return counts

    def commonest_mistake(self) -> tuple[int, int, int]:
        """A class, what it was taken for most often, and how often; 0 times if never."""
        wrong = ~self._is_right
        pairs = self._labels[wrong] * self.classes + self._predicted[wrong]
        if not len(pairs):
            return 0, 0, 0
        found, counts = np.unique(pairs, return_counts=True)
        true, taken = divmod(int(found[counts.argmax()]), self.classes)
        return true, taken, int(counts.max())


def class_name(record: Record, number: int) -> str:
    """A class' name, shortened where it is long; its number if it has none."""
    name = str(record.classes[number]) if number < len(record.classes) else str(number)
    name = " ".join(name.split())
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _draw_confusion(record: Record, width: int) -> Figure | None:
    if not len(record.labels):
        return None
    found = Confusion(record)
    shown = found.most_mistaken(_CLASSES)
    counts = found.matrix(shown)
    shares = counts / np.maximum(found.samples[shown, np.newaxis], 1)
    size, diagonal = len(shown), np.eye(len(shown), dtype=bool)
    right = np.where(diagonal, shares, np.nan)
    wrong = np.where(diagonal | (shares == 0), np.nan, shares)
    top = float(np.nan_to_num(wrong).max()) or 1.0
    figure = new_figure(1, 3.1) if width == 1 or size <= _NUMBERED else new_figure(2, 6.2)
    axes = figure.subplots()
    # Two scales: beside the right answers the wrong ones would all look like nothing.
    axes.pcolormesh(right, cmap="Greys", vmin=0, vmax=3, edgecolors="w", linewidth=0.5)
    mesh = axes.pcolormesh(wrong, cmap="Oranges", vmin=0, vmax=top, edgecolors="w", linewidth=0.5)
    if size <= _NUMBERED:
        _number_cells(axes, counts, wrong / top)
    _name_classes(axes, [class_name(record, int(number)) for number in shown])
    axes.set(xlabel="taken for", ylabel="class", xlim=(0, size), ylim=(size, 0), aspect="equal")
    axes.grid(False)
    axes.set_facecolor(FAINT)
    if size < found.classes:
        axes.set_title(f"{size} of {found.classes:,} classes, those most often mistaken")
    if np.isfinite(wrong).any():
        bar = figure.colorbar(mesh, ax=axes, aspect=30, pad=0.02)
        bar.set_label("share of the class taken for another")
        label_ticks(bar.ax.yaxis, percent)
    return figure


def _number_cells(axes: Axes, counts: Counts, strength: npt.NDArray[np.float64]) -> None:
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = strength[row, column] > 0.6  # no comparison holds for the diagonal's NaN
            style: dict[str, Any] = {"color": _LIGHT if dark else _DARK, "size": 6}
            axes.text(column + 0.5, row + 0.5, f"{count}", ha="center", va="center", **style)


def _name_classes(axes: Axes, names: Sequence[str]) -> None:
    centres = np.arange(len(names)) + 0.5
    axes.set_xticks(centres, names, rotation=90 if max(map(len, names)) > 2 else 0)
    axes.set_yticks(centres, names)
    axes.tick_params(length=0, labelsize=7 if len(names) <= 20 else 5)


def _say_confusion(record: Record) -> str:
    found = Confusion(record)
    total, right = int(found.samples.sum()), int(found.right.sum())
    text = f"{right:,} of {total:,} test samples were recognised ({right / total:.2%})."
    true, taken, times = found.commonest_mistake()
    if not times:
        return text
    there = np.flatnonzero(found.samples)
    recalls = found.right[there] / found.samples[there]
    worst = class_name(record, int(there[recalls.argmin()]))
    return (
        f"{text} Hardest is {worst}, of which {recalls.min():.1%} were right. The most frequent "
        f"mistake: {class_name(record, true)} taken for {class_name(record, taken)}, "
        f"{_times(times)}."
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _draw_mistakes(record: Record, width: int) -> Figure | None:
    wrong = _some_wrong(record, _ACROSS[width] * _DOWN[width])
    if record.images is None or record.image_shape is None or not len(wrong):
        return None
    across = min(_ACROSS[width], len(wrong))
    down = -(-len(wrong) // across)
    rows, cols = record.image_shape
    cell = WIDTHS[width] / _ACROSS[width]  # in inches: an image and its gap
    gap = 0.08 * cols
    below = _LABELS / cell * (cols + gap)
    figure = new_figure(width, down * cell * (rows + below + gap) / (cols + gap))
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    shown = np.asarray(record.images)[wrong]
    shades = {"vmin": shown.min(), "vmax": shown.max(), "cmap": "gray_r"}
    for place, sample in enumerate(wrong):
        left = (place % across) * (cols + gap) + gap / 2
        top = (place // across) * (rows + below + gap) + gap / 2
        image = shown[place].astype(np.float64).reshape(rows, cols)
        extent = (left, left + cols, top + rows, top)
        axes.imshow(image, extent=extent, interpolation="none", **shades)
        true = class_name(record, int(record.labels[sample]))
        taken = class_name(record, int(record.predicted[sample]))
        size = 6 if max(len(true), len(taken)) < 6 else 4.5
        top += rows + 0.1 * below
        axes.text(left, top, true, color=INK, size=size, va="top")
        axes.text(left, top + 0.45 * below, f"{taken}?", color=COLOURS[1], size=size, va="top")
    axes.set(xlim=(0, _ACROSS[width] * (cols + gap)), aspect="equal")
    axes.set_ylim(down * (rows + below + gap), 0)
    axes.axis("off")
    return figure


def _some_wrong(record: Record, most: int) -> npt.NDArray[np.intp]:
    """The numbers of samples that were taken for another class: of each kind of mistake the
    first, the most frequent kinds first, then of each the second, and so on."""
    wrong = np.flatnonzero(record.labels != record.predicted)
    if not len(wrong):
        return wrong
    kinds: dict[tuple[int, int], list[int]] = {}
    for sample in wrong.tolist():
        kinds.setdefault((int(record.labels[sample]), int(record.predicted[sample])), []).append(
            sample
        )
    ordered = sorted(kinds.values(), key=len, reverse=True)
    rounds = [kind[turn] for turn in range(most) for kind in ordered if turn < len(kind)]
    return np.array(rounds[:most], np.intp)


def _say_mistakes(record: Record) -> str:
    wrong = int(np.count_nonzero(record.labels != record.predicted))
    shown = min(wrong, _ACROSS[2] * _DOWN[2])
    return (
        f"{shown} of the {wrong:,} test images that were not recognised, most frequent mistakes "
        "first: what each is, and below it what it was taken for."
    )


CONFUSION = Picture("What was taken for what", "Test", _draw_confusion, _say_confusion)
MISTAKES = Picture("Not recognised", "Test", _draw_mistakes, _say_mistakes)
