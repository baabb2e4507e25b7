"""Which bits of each format were in use: the whole network on one scale of powers of two."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...extras import extra
from ..record import Record
from .picture import Picture
from .ranges import Range, all_ranges, nearest_to_limits
from .style import COLOURS, GRID, INK, LIMIT, listed, new_figure, power_of_two

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS = 24


def _known(record: Record) -> list[Range]:
    """The ranges whose format is known."""
    return [r for r in all_ranges(record) if r.format is not None and r.int_bits is not None]


def _draw(record: Record, width: int) -> Figure | None:
    known = _known(record)
    if not known:
        return None
    shown = nearest_to_limits(known, _ROWS)
    figure = new_figure(width, 1.0 + 0.17 * len(shown))
    axes = figure.subplots()
    for row, each in enumerate(shown):
        _draw_row(axes, row, each, record)
    axes.set_yticks(range(len(shown)), [r.name for r in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.grid(False, axis="y")
    low = min(-r.format.frac_bits for r in shown if r.format is not None) - 0.5
    high = max(math.log2(r.limit) for r in shown) + 0.5
    axes.set_xlim(low, high)
    every = max(1, math.ceil((high - low) / (12 if width == 2 else 6)))
    places = range(math.ceil(low / every) * every, math.floor(high) + 1, every)
    axes.set_xticks(places, [power_of_two(place) for place in places])
    axes.set_xlabel("magnitude")
    bits = axes.secondary_xaxis("top")
    bits.set_xticks(places, [str(place + 1) for place in places])
    bits.set_xlabel("integer bits, sign included")
    _add_legend(figure, len(shown), len(known), record)
    return figure


def _draw_row(axes: Axes, row: int, each: Range, record: Record) -> None:
    assert each.format is not None
    # The bits beside the sign lie between the powers of two of the format's step and its limit.
    step, limit = -each.format.frac_bits, math.log2(each.limit)
    axes.barh(row, limit - step, left=step, height=0.62, color=GRID)
    if each.reach > 0:
        reached = math.log2(each.reach)
        axes.barh(row, reached - step, left=step, height=0.62, color=COLOURS[5])
        mark = INK if each.unused_bits > 0 else LIMIT
        axes.plot(reached, row, "|", color=mark, markersize=7, markeredgewidth=1.4)
    values = record.parameters.get(each.name)
    if values is None:
        return
    magnitudes = np.abs(values.to_numpy())
    magnitudes = magnitudes[magnitudes > 0]
    if len(magnitudes):
        low, middle, high = np.log2(np.quantile(magnitudes, [0.05, 0.5, 0.95]))
        axes.plot([low, high], [row, row], color=COLOURS[0], linewidth=1.6, solid_capstyle="butt")
        axes.plot(middle, row, "o", color=COLOURS[0], markersize=3)


def _add_legend(figure: Figure, shown: int, known: int, record: Record) -> None:
    Line = extra("matplotlib.lines", "the plots").Line2D
    Patch = extra("matplotlib.patches", "the plots").Patch
    handles = [
        Patch(color=GRID, label="the format, from its step to its limit"),
        Patch(color=COLOURS[5], label="of it in use over the training"),
    ]
    if record.parameters:
        bar = {"marker": "o", "markersize": 3, "linewidth": 1.6, "color": COLOURS[0]}
        handles.append(Line([], [], label="90% of the trained magnitudes, median", **bar))
    title = f"{shown} of {known}, those nearest to their limits" if shown < known else None
    across = 3 if figure.get_figwidth() > 5 else 1
    figure.legend(handles=handles, loc="outside upper center", ncols=across, title=title)


def _say(record: Record) -> str:
    known = _known(record)
    free = {r.name: r.unused_bits for r in known}
    full = [name for name, bits in free.items() if bits <= 0]
    parts = []
    if full:
        parts.append(
            f"{listed(full)} used every integer bit of their formats."
            if len(full) > 1
            else f"{full[0]} used every integer bit of its format."
        )
    widest = max(free, key=free.__getitem__)
    if free[widest] > 0:
        unused = "1 integer bit was" if free[widest] == 1 else f"{free[widest]} integer bits were"
        others = [name for name, bits in free.items() if bits == free[widest]]
        parts.append(f"Most to spare had {listed(others)}: {unused} never used.")
    return " ".join(parts)


BITS = Picture("Bits in use", "Precision", _draw, _say)
