"""Histograms of the trained parameters, held against the limits and the step of their format."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

import fxtypes as fx

from ..record import Record
from .picture import Picture
from .style import COLOURS, LIMIT, MUTED, label_ticks, new_figure, number, percent, power_of_two

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..series import Floats

_ROWS = {1: 4, 2: 6}  # parameters; of more, those of most elements
_BARS = 60


def _draw(record: Record, width: int) -> Figure | None:
    found = {name: values for name, values in record.parameters.items() if values.size}
    if not found:
        return None
    most = sorted(found, key=lambda name: -found[name].size)[: _ROWS[width]]
    shown = [name for name in found if name in most]
    figure = new_figure(width, 0.5 + 1.15 * len(shown))
    panels = figure.subplots(len(shown), 2, squeeze=False)
    for (left, right), name in zip(panels, shown, strict=True):
        values = found[name].to_numpy().ravel()
        left.set_title(name)
        _draw_values(left, values, found[name].format)
        _draw_magnitudes(right, values, found[name].format)
    panels[-1, 0].set_xlabel("value")
    panels[-1, 1].set_xlabel("magnitude")
    if len(shown) < len(found):
        figure.suptitle(
            f"{len(shown)} of {len(found)} parameters, the largest", fontsize=7, color=MUTED
        )
    return figure


def _draw_values(axes: Axes, values: Floats, fmt: fx.Format) -> None:
    """How many there are of each value, on a log axis: tails matter."""
    low, high = values.min(), values.max()
    # Of a wide format, whose step would be lost beside the values, a bar is wider.
    bar = max(float(fmt.resolution), 4 * np.spacing(max(abs(low), abs(high))))
    if (high - low) / bar < _BARS:  # a bar a value: the format's steps are seen
        edges = np.arange(low - bar / 2, high + bar, bar)
    else:
        edges = np.linspace(low, high, _BARS + 1)
    counts, edges = np.histogram(values, edges)
    axes.stairs(counts, edges, fill=True, color=COLOURS[0], alpha=0.75)
    axes.set_yscale("log", nonpositive="clip")
    axes.set_ylim(0.7, max(counts.max() * 1.6, 2))
    label_ticks(axes.yaxis, number)
    span = edges[-1] - edges[0]
    for end in (float(fmt.min), float(fmt.max)):
        if edges[0] - span / 2 <= end <= edges[-1] + span / 2:
            axes.axvline(end, color=LIMIT, linewidth=0.9, linestyle=(0, (5, 2)))


def _draw_magnitudes(axes: Axes, values: Floats, fmt: fx.Format) -> None:
    """What share needs how many bits: a bar between each two powers of two."""
    magnitudes = np.abs(values[values != 0])
    step, limit = -fmt.frac_bits, _limit_bits(fmt)
    zeros = 1 - len(magnitudes) / len(values)
    if len(magnitudes):
        # Every value is a multiple of the step, and frexp is exact.
        exponents = np.frexp(magnitudes)[1] - 1
        places, counts = np.unique(exponents, return_counts=True)
        axes.bar(places + 0.5, counts / len(values), width=0.9, color=COLOURS[0], alpha=0.75)
    else:
        places = np.array([step])
    low, high = max(step, places.min() - 6), min(limit, places.max() + 6)
    axes.set_xlim(min(low, places.min()) - 0.8, max(high, places.max() + 1) + 0.8)
    if low == step:
        axes.axvline(step, color=MUTED, linewidth=0.9, linestyle=(0, (1, 1)))
    if high == limit:
        axes.axvline(limit, color=LIMIT, linewidth=0.9, linestyle=(0, (5, 2)))
    every = max(1, math.ceil((axes.get_xlim()[1] - axes.get_xlim()[0]) / 6))
    ticks = np.arange(math.ceil(axes.get_xlim()[0]), axes.get_xlim()[1], every).astype(int)
    axes.set_xticks(ticks, [power_of_two(int(tick)) for tick in ticks])
    label_ticks(axes.yaxis, percent)
    text = f"step {power_of_two(step)}, limit {power_of_two(limit)}"
    axes.set_title(f"{text}; {percent(zeros)} are 0" if zeros else text, loc="right", size=6.5)


def _limit_bits(fmt: fx.Format) -> int:
    """The exponent of the power of two that no magnitude of the format exceeds."""
    return fmt.width - fmt.frac_bits - fmt.signed


def _say(record: Record) -> str:
    parts = []
    total = sum(values.size for values in record.parameters.values())
    zeros = {
        name: np.count_nonzero(values.to_numpy() == 0) for name, values in record.parameters.items()
    }
    parts.append(f"{percent(sum(zeros.values()) / total)} of all {total:,} parameters are 0.")
    name = max(record.parameters, key=lambda name: record.parameters[name].size)
    values = record.parameters[name]
    low, high = np.quantile(values.to_numpy(), [0.05, 0.95])
    fmt = values.format
    parts.append(
        f"Nine tenths of {name} lie between {number(low)} and {number(high)}, "
        f"{number((high - low) / float(fmt.resolution))} steps of {fmt!r}, whose limits are "
        f"{number(float(fmt.min))} and {number(float(fmt.max))}."
    )
    return " ".join(parts)


WEIGHTS = Picture("The trained parameters", "Precision", _draw, _say)
