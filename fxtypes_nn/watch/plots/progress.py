"""Error, accuracy and loss over the iterations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...extras import extra
from ..record import Record
from ..series import Series, columns, running_mean, thinned, window
from .picture import Picture
from .style import COLOURS, MUTED, label_ticks, log_scale, new_figure, number, ordinal, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKED = 40  # more points of the validation are a line
_DOTS = 200  # of batches


class Measure(NamedTuple):
    """Something that is measured on batches and on validation data.

    Attributes
    ----------
    label : str
        What stands beside its axis.
    column : str
        The history's, of the batches; ``validation_`` before it gives the other.
    rest_of_one : bool
        Whether 1 less the column is shown.
    log : bool
        Whether on a log axis.
    """

    label: str
    column: str
    rest_of_one: bool = False
    log: bool = False

    def of(self, curves: Mapping[str, Series]) -> tuple[Series | None, Series | None]:
        """The batches' series and the validation's, None where there is none."""

        def shown(name: str) -> Series | None:
            series = curves.get(name)
            if series is None or not self.rest_of_one:
                return series
            return Series(series.x, 1 - series.y)

        return shown(self.column), shown(f"validation_{self.column}")


ERROR = Measure("error", "accuracy", rest_of_one=True, log=True)
ACCURACY = Measure("accuracy", "accuracy")
LOSS = Measure("loss", "loss", log=True)


def draw_progress(axes: Axes, record: Record, measure: Measure) -> None:
    """Draw a measure's batches, their running mean and the validation.

    Bands say where the same run with other seeds went; the float64 run lies behind.
    """
    batches, validation = measure.of(record.curves)
    siblings = [measure.of(columns(history)) for history in record.siblings]
    lines: list[Series] = []
    if record.twin is not None:
        _draw_twin(axes, measure.of(columns(record.twin)), validation is not None, lines)
    if batches is not None:
        _draw_batches(axes, batches, [pair[0] for pair in siblings], lines)
    if validation is not None:
        _draw_validation(axes, validation, [pair[1] for pair in siblings], lines)
    _scale(axes, measure, np.concatenate([line.y for line in lines]) if lines else np.ones(1))
    axes.set_ylabel(measure.label)
    axes.legend(loc="best")


def _draw_twin(
    axes: Axes,
    measured: tuple[Series | None, Series | None],
    validated: bool,
    lines: list[Series],
) -> None:
    batches, validation = measured
    shown = validation if validated else batches and running_mean(batches, window(batches))
    if shown is None:
        return
    bins = thinned(shown)
    what = "validation" if validated else "batches"
    axes.plot(bins.x, bins.mean, color=MUTED, linestyle=(0, (4, 1.5)), label=f"float64, {what}")
    lines.append(Series(bins.x, bins.mean))


def _draw_batches(
    axes: Axes, batches: Series, siblings: Sequence[Series | None], lines: list[Series]
) -> None:
    several, colour = window(batches), COLOURS[0]
    every = -(-len(batches.x) // _DOTS)
    some = Series(batches.x[::every], batches.y[::every])
    label = "batches" if every == 1 else f"every {ordinal(every)} batch"
    axes.plot(*some, ".", color=colour, alpha=0.5, markersize=2.5, markeredgewidth=0, label=label)
    mean = running_mean(batches, several)
    means = [None if s is None else running_mean(s, several) for s in siblings]
    _draw_band(axes, mean, means, colour)
    bins = thinned(mean)
    marker = "o" if len(bins.x) == 1 else ""
    label = f"mean of {several} batches"
    axes.plot(bins.x, bins.mean, color=colour, marker=marker, markersize=2.5, label=label)
    lines.append(Series(bins.x, bins.mean))


def _draw_validation(
    axes: Axes, validation: Series, siblings: Sequence[Series | None], lines: list[Series]
) -> None:
    _draw_band(axes, validation, siblings, COLOURS[1], "validation")
    bins = thinned(validation)
    marker = "o" if len(bins.x) <= _MARKED else ""
    axes.plot(
        bins.x, bins.mean, color=COLOURS[1], marker=marker, markersize=2.5, label="validation"
    )
    lines.append(Series(bins.x, bins.mean))


def _draw_band(
    axes: Axes, own: Series, siblings: Sequence[Series | None], colour: str, name: str = ""
) -> None:
    others = [series for series in siblings if series is not None]
    if not others:
        return
    x = thinned(own).x
    curves = [np.interp(x, *series, left=np.nan, right=np.nan) for series in (own, *others)]
    low, high = np.fmin.reduce(curves), np.fmax.reduce(curves)
    label = f"{name}, {len(curves)} seeds" if name else None
    axes.fill_between(x, low, high, color=colour, alpha=0.3, linewidth=0, label=label)


def _scale(axes: Axes, measure: Measure, drawn: np.ndarray) -> None:
    """Scale the y axis to what the lines need, not to single batches."""
    if not measure.log:
        axes.set_ylim(0, 1.02)
        label_ticks(axes.yaxis, percent)
        return
    positive = drawn[drawn > 0]
    if not len(positive):
        axes.set_ylim(0, 1)  # never wrong: nothing that a log axis could show
        return
    low, high = positive.min() / 1.5, drawn.max() * 1.3
    for line in axes.lines:  # what is 0 lies on the lower edge
        line.set_ydata(np.maximum(line.get_ydata(), low))
    if measure.rest_of_one:
        log_scale(axes, low, min(high, 1.0), percent)
    else:
        log_scale(axes, low, high, number)


def label_iterations(axes: Axes, record: Record) -> None:
    """Say what stands under an axis of iterations, and how many make an epoch."""
    ticker = extra("matplotlib.ticker", "the plots")
    axes.xaxis.set_major_locator(ticker.MaxNLocator("auto", integer=True))
    axes.set_xlabel(_iterations(record))


def _iterations(record: Record) -> str:
    epochs = record.curves.get("epoch")
    if epochs is None or epochs.y[-1] == epochs.y[0]:
        return "iteration"
    return f"iteration ({np.argmax(epochs.y != epochs.y[0]):,} an epoch)"


def _alone(measure: Measure) -> Picture:
    def draw(record: Record, width: int) -> Figure | None:
        if measure.of(record.curves) == (None, None):
            return None
        figure = new_figure(width, 2.5)
        axes = figure.subplots()
        draw_progress(axes, record, measure)
        label_iterations(axes, record)
        return figure

    return Picture("Loss", "Training", draw, _say_loss)


def _say_loss(record: Record) -> str:
    batches, validation = LOSS.of(record.curves)
    parts = []
    if batches is not None:
        several = min(window(batches), len(batches.y))
        first, last = batches.y[:several].mean(), batches.y[-several:].mean()
        parts.append(
            f"The loss went from {number(first)} in the first {several} batches to {number(last)} "
            f"in the last {several}."
        )
    if validation is not None:
        best = int(validation.y.argmin())
        parts.append(
            f"In validation it was lowest, {number(validation.y[best])}, after iteration "
            f"{int(validation.x[best]):,}"
        )
        if best == len(validation.y) - 1:
            parts[-1] += ", its last."
        else:
            parts[-1] += f", and {number(validation.y[-1])} at the end."
    return " ".join(parts)


def say_accuracy(record: Record) -> str:
    """How accurate it became, and when."""
    batches, validation = ACCURACY.of(record.curves)
    parts = []
    if validation is not None:
        last, best = validation.y[-1], int(validation.y.argmax())
        text = f"Validation ends at {last:.2%}"
        if validation.y[best] > last:
            text += (
                f"; it was best, {validation.y[best]:.2%}, after iteration "
                f"{int(validation.x[best]):,}"
            )
        parts.append(text + ".")
    if batches is not None:
        several = min(window(batches), len(batches.y))
        mean = batches.y[-several:].mean()
        text = f"The last {several} batches were right in {mean:.2%}"
        if validation is not None and mean - validation.y[-1] > 0.02:
            text += (
                f", {100 * (mean - validation.y[-1]):.1f} points more than what wasn't trained on"
            )
        parts.append(text + ".")
    return " ".join(parts)


LOSS_PICTURE = _alone(LOSS)
