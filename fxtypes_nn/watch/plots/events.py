"""Overflow, underflow and saturation by layer and pass; lost updates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...extras import extra
from ..observer import COUNTS, PASSES
from ..record import Record
from ..series import Series, running_mean, thinned, window
from .picture import Picture
from .progress import label_iterations
from .style import GRID, MUTED, label_ticks, line_style, new_figure, number, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..series import Floats

_ROWS = {1: 8, 2: 24}  # a layer and pass each; of more, those with the most events
_BINS = 100  # of iterations
_CURVES = 7
_NAMED = {
    "overflow": "results beyond the range of their format",
    "underflow": "results that were rounded to 0",
    "saturation": "elements at an end of their format",
}


class _Events(NamedTuple):
    """How often something happened in each watched iteration.

    Attributes
    ----------
    where : str
        ``dense1, forward``.
    what : str
        One of `COUNTS`.
    counts : Series
    """

    where: str
    what: str
    counts: Series


def _events(record: Record) -> list[_Events]:
    """All that happened at least once, by layer and pass, in the history's order."""
    curves, found = record.curves, []
    for name, series in curves.items():
        layer_and_pass, _, what = name.rpartition(".")
        layer, _, way = layer_and_pass.rpartition(".")
        if layer and way in PASSES and what in COUNTS and series.y.any():
            found.append(_Events(f"{layer}, {way}", what, series))
    return found


def _draw_events(record: Record, width: int) -> Figure | None:
    found = _events(record)
    if not found:
        return None
    totals: dict[str, float] = {}
    for each in found:
        totals[each.where] = totals.get(each.where, 0.0) + float(each.counts.y.sum())
    most = sorted(totals, key=lambda where: -totals[where])[: _ROWS[width]]
    rows = [where for where in totals if where in most]
    kinds = [what for what in COUNTS if any(each.what == what for each in found)]
    down = len(kinds) if width == 1 else 1
    figure = new_figure(width, down * max(0.75 + 0.16 * len(rows), 1.9))
    grid = figure.subplots(down, len(kinds) // down, sharex=True, sharey=True, squeeze=False)
    longest = max((each.counts.x for each in found), key=len)
    bins = min(_BINS, len(longest) // 2 + 1)  # so that none is without a watched iteration
    edges = np.linspace(longest[0] - 0.5, longest[-1] + 0.5, bins + 1)
    top = max(float(each.counts.y.max()) for each in found)
    norm = extra("matplotlib.colors", "the plots").LogNorm(0.1, top)
    places = np.arange(len(rows) + 1)
    for axes, what in zip(grid.flat, kinds, strict=True):
        cells = np.full((len(rows), bins), np.nan)
        for each in found:
            if each.what == what and each.where in rows:
                cells[rows.index(each.where)] = _binned(each.counts, edges)
        axes.pcolormesh(edges, places, cells, norm=norm, cmap="viridis", rasterized=True)
        axes.set_title(what)
        axes.grid(False)
        axes.set_yticks(places[:-1] + 0.5, rows)
        axes.hlines(places[1:-1], edges[0], edges[-1], color=GRID, linewidth=0.4)
        axes.set_ylim(len(rows), 0)
    for axes in grid[-1]:
        label_iterations(axes, record)
    if len(rows) < len(totals):
        note = f"{len(rows)} of {len(totals)} layers and passes, those with the most events"
        figure.suptitle(note, fontsize=7, color=MUTED)
    bar = figure.colorbar(grid[0, 0].collections[0], ax=grid, aspect=30, pad=0.02)
    bar.set_label("events in a watched iteration")
    label_ticks(bar.ax.yaxis, number)
    return figure


def _binned(series: Series, edges: Floats) -> Floats:
    """The mean in each bin; NaN where there is nothing but 0."""
    place = np.clip(np.searchsorted(edges, series.x, side="right") - 1, 0, len(edges) - 2)
    counted = np.bincount(place, minlength=len(edges) - 1)
    sums = np.bincount(place, series.y, minlength=len(edges) - 1)
    found: Floats = np.where(sums > 0, sums / np.maximum(counted, 1), np.nan)
    return found


def _say_events(record: Record) -> str:
    found = _events(record)
    parts = []
    for what in COUNTS:
        those = [each for each in found if each.what == what]
        if not those:
            parts.append(f"No {what} was seen.")
            continue
        most = max(those, key=lambda each: each.counts.y.sum())
        watched = len(most.counts.y)
        parts.append(
            f"{what.capitalize()}, {_NAMED[what]}, is most frequent in {most.where}: "
            f"{number(most.counts.y.sum() / watched)} in a watched iteration, in "
            f"{percent(np.count_nonzero(most.counts.y) / watched)} of these."
        )
    lost = _lost(record)
    if lost and not any(series.y.any() for series in lost.values()):
        parts.append("No update was lost.")
    return " ".join(parts)


def _lost(record: Record) -> dict[str, Series]:
    """By parameter, the share of its updates that moved nothing."""
    curves = record.curves
    names = record.history.parameters
    return {name: curves[f"{name}.lost"] for name in names if f"{name}.lost" in curves}


def _draw_lost(record: Record, width: int) -> Figure | None:
    found = _lost(record)
    if not any(series.y.any() for series in found.values()):
        return None
    figure = new_figure(width, 2.5)
    axes = figure.subplots()
    most = sorted(found, key=lambda name: -found[name].y.mean())[:_CURVES]
    shown = [name for name in found if name in most]
    for index, name in enumerate(shown):
        series = found[name]
        bins = thinned(running_mean(series, max(5, window(series) // 4)))
        axes.plot(bins.x, bins.mean, label=name, **line_style(index))
    others = len(found) - len(shown)
    if others:
        axes.plot([], [], color=MUTED, label=f"{others} others lost less")
    axes.set_ylim(0, None)
    label_ticks(axes.yaxis, percent)
    axes.set_ylabel("updates lost")
    label_iterations(axes, record)
    figure.legend(loc="outside upper center", ncols=4 if width == 2 else 2)
    return figure


def _say_lost(record: Record) -> str:
    found = _lost(record)
    name = max(found, key=lambda name: found[name].y.mean())
    mean, end = found[name].y.mean(), found[name].y[-5:].mean()
    return (
        f"On average {percent(mean)} of the steps of {name} rounded to nothing, at the end "
        f"{percent(end)}; no parameter lost more."
    )


EVENTS = Picture("Overflow, underflow and saturation", "Precision", _draw_events, _say_events)
LOST = Picture("Lost updates", "Precision", _draw_lost, _say_lost)
