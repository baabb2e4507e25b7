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


def confusion(record: Record) -> Counts:
    """How many samples of each class (rows) were taken for which (columns)."""
    classes = max(len(record.classes), int(max(record.labels.max(), record.predicted.max())) + 1)
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (record.labels, record.predicted), 1)
    return counts


def class_name(record: Record, number: int) -> str:
    """A class' name, shortened where it is long; its number if it has none."""
    name = str(record.classes[number]) if number < len(record.classes) else str(number)
    name = " ".join(name.split())
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _draw_confusion(record: Record, width: int) -> Figure | None:
    if not len(record.labels):
        return None
    counts = confusion(record)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shown = _most_mistaken(counts)
    counts, shares = counts[np.ix_(shown, shown)], shares[np.ix_(shown, shown)]
    size, diagonal = len(shown), np.eye(len(shown), dtype=bool)
    right = np.where(diagonal, shares, np.nan)
    wrong = np.where(diagonal | (shares == 0), np.nan, shares)
    top = max(float(np.nan_to_num(wrong).max()), 1e-9)
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
    if size < len(record.classes):
        axes.set_title(f"{size} of {len(record.classes):,} classes, those most often mistaken")
    bar = figure.colorbar(mesh, ax=axes, aspect=30, pad=0.02)
    bar.set_label("share of the class taken for another")
    label_ticks(bar.ax.yaxis, percent)
    return figure


def _most_mistaken(counts: Counts) -> npt.NDArray[np.intp]:
    """The numbers of the classes that are shown, in order."""
    mistakes = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    return np.sort(np.argsort(-mistakes, kind="stable")[:_CLASSES])


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
    counts = confusion(record)
    total, right = int(counts.sum()), int(np.trace(counts))
    parts = [f"{right:,} of {total:,} test samples were recognised ({right / total:.2%})."]
    samples = counts.sum(axis=1)
    there = np.flatnonzero(samples)
    recalls = counts.diagonal()[there] / samples[there]
    worst = int(there[recalls.argmin()])
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    if wrong.any():
        true, taken = (int(i) for i in np.unravel_index(wrong.argmax(), wrong.shape))
        parts.append(
            f"Hardest is {class_name(record, worst)}, of which {recalls.min():.1%} were right. The "
            f"most frequent mistake: {class_name(record, true)} taken for "
            f"{class_name(record, taken)}, {_times(int(wrong[true, taken]))}."
        )
    return " ".join(parts)


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
