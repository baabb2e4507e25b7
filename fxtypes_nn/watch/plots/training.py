"""The error and the ranges of the weights over a training, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..record import Record
from .picture import Picture
from .progress import ERROR, LOSS, draw_progress, label_iterations, say_accuracy
from .ranges import LAYERS, draw_ranges, nearest_to_limits, say_ranges, styles, weight_ranges
from .style import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _draw(record: Record, width: int) -> Figure | None:
    measure = next((m for m in (ERROR, LOSS) if m.of(record.curves) != (None, None)), None)
    found = nearest_to_limits(weight_ranges(record), LAYERS)
    if measure is None or not found:
        return None
    figure = new_figure(width, 2.5 if width == 2 else 4.4)
    left, right = figure.subplots(*((1, 2) if width == 2 else (2, 1)), sharex=True)
    draw_progress(left, record, measure)
    looks = styles(r.name for r in found)
    draw_ranges([(right, found)], [0], lambda r: looks[r.name])
    for name, style in looks.items():
        right.plot([], [], label=name, **style)
    right.set_ylabel("lowest and highest")
    right.legend(loc="center")
    for axes in (left, right) if width == 2 else (right,):
        label_iterations(axes, record)
    return figure


def _say(record: Record) -> str:
    return f"{say_accuracy(record)} {say_ranges(weight_ranges(record))}".strip()


TRAINING = Picture("Error and weights", "Training", _draw, _say, wide=True)
