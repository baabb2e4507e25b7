"""The accuracy, and beside it each layer's range of weights: linear, as such studies show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..record import Record
from ..series import thinned
from .picture import Picture
from .progress import ACCURACY, draw_progress, label_iterations, say_accuracy
from .ranges import LAYERS, Range, nearest_to_limits, weight_ranges
from .style import line_style, new_figure, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _draw(record: Record, width: int) -> Figure | None:
    found = nearest_to_limits(weight_ranges(record), LAYERS)
    if ACCURACY.of(record.curves) == (None, None) or not found:
        return None
    figure = new_figure(width, 2.5 if width == 2 else 4.4)
    left, right = figure.subplots(*((1, 2) if width == 2 else (2, 1)), sharex=True)
    draw_progress(left, record, ACCURACY)
    for index, each in enumerate(found):
        style = line_style(index)
        low, high = thinned(each.low), thinned(each.high)
        marker = "." if len(low.x) == 1 else ""
        right.plot(low.x, low.low, marker=marker, **style)
        right.plot(high.x, high.high, marker=marker, label=each.name, **style)
    right.axhline(0, color="0.6", linewidth=0.6)
    right.set_ylabel("lowest and highest weight")
    # Above the lines, which leave no room of many layers.
    right.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, columnspacing=1)
    for axes in (left, right) if width == 2 else (right,):
        label_iterations(axes, record)
    return figure


def _say(record: Record) -> str:
    return f"{say_accuracy(record)} {_say_growth(weight_ranges(record))}".strip()


def _say_growth(found: list[Range]) -> str:
    """Which layer's weights spread most."""

    def growth(each: Range) -> float:
        first = max(-each.low.y[0], each.high.y[0])
        return each.end / first if first > 0 else 0.0

    most = max(found, key=growth)
    factor = growth(most)
    if factor <= 0:
        return ""
    return (
        f"{most.name} spread most, to {number(factor)} times the magnitude of its first "
        f"weights: from {number(most.low.y[-1])} to {number(most.high.y[-1])}."
    )


ORIGINAL = Picture("Accuracy and each layer's weights", "Training", _draw, _say)
