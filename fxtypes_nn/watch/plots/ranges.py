"""The ranges of parameters and activations, held against their formats."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import fxtypes as fx

from ...extras import extra
from ..record import Record
from ..series import Series, thinned
from .picture import Picture
from .progress import label_iterations
from .style import (
    LIMIT,
    MUTED,
    line_style,
    number,
    panel_grid,
    power_of_two,
    signed_powers,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LAYERS = 6  # whose bands can be told apart in one panel
PANELS = 12  # of more layers, those nearest to their limits are drawn
_FAR = 2.0**12  # limits further than so many times the values would press them flat
_OCTAVES = 12  # of an axis, below its largest magnitude
_LIMIT: dict[str, Any] = {"linewidth": 0.8, "linestyle": (0, (5, 2))}
_INNER: dict[str, Any] = {"linewidth": 0.9, "linestyle": (0, (1, 1))}


class Range(NamedTuple):
    """What a tensor's values reached over the training.

    Attributes
    ----------
    name : str
        The prefix of its columns, ``dense1.weights``.
    low, high : Series
        Of the same iterations.
    int_bits : int or None
        The most that it needed.
    format : fxtypes.Format or None
    inner : tuple of Series
        Where nine tenths of the values lie, below and above; empty where that isn't recorded.
    """

    name: str
    low: Series
    high: Series
    int_bits: int | None
    format: fx.Format | None
    inner: tuple[Series, ...] = ()

    @property
    def layer(self) -> str:
        """The layer's name."""
        return self.name.rpartition(".")[0]

    @property
    def kind(self) -> str:
        """What it is of its layer: ``weights``, ``output``."""
        return self.name.rpartition(".")[2]

    @property
    def reach(self) -> float:
        """The largest magnitude."""
        return float(max(-self.low.y.min(), self.high.y.max(), 0.0))

    @property
    def end(self) -> float:
        """The largest magnitude at the end of the training."""
        return float(max(-self.low.y[-1], self.high.y[-1], 0.0))

    @property
    def limit(self) -> float:
        """The largest magnitude that the format's larger side holds; infinite without one."""
        if self.format is None:
            return math.inf
        return max(-float(self.format.min), float(self.format.max))

    @property
    def unused_bits(self) -> int:
        """How many of the format's integer bits were never needed."""
        return self.format_bits - max(self.int_bits or 0, 0)

    @property
    def format_bits(self) -> int:
        """The format's integer bits, the sign's included; 0 without a format."""
        return 0 if self.format is None else self.format.width - self.format.frac_bits


def ranges(record: Record, wanted: Callable[[str], bool]) -> list[Range]:
    """The ranges in a record's history whose names are wanted, in its order."""
    curves, found = record.curves, []
    for column in record.history.columns:
        name = column.removesuffix(".abs_max")
        if name == column or not wanted(name):
            continue
        low, high = curves.get(f"{name}.min"), curves.get(f"{name}.max")
        if low is None or high is None:
            continue
        if not np.array_equal(low.x, high.x):  # a value that isn't finite is left out with both
            both = np.intersect1d(low.x, high.x)
            low, high = (Series(both, s.y[np.isin(s.x, both)]) for s in (low, high))
            if not len(both):
                continue
        bits = curves.get(f"{name}.int_bits")
        most = None if bits is None else int(bits.y.max())
        inner = tuple(curves[n] for n in (f"{name}.q05", f"{name}.q95") if n in curves)
        found.append(Range(name, low, high, most, record.formats.get(name), inner))
    return found


def parameter_ranges(record: Record) -> list[Range]:
    """The ranges of all parameters."""
    return ranges(record, set(record.history.parameters).__contains__)


def all_ranges(record: Record) -> list[Range]:
    """The ranges of activations, parameters and gradients: all that a history tells of."""
    return [*activation_ranges(record), *parameter_ranges(record), *gradient_ranges(record)]


def weight_ranges(record: Record) -> list[Range]:
    """The ranges of the layers' weights; of all parameters where none are called so."""
    names = record.history.parameters
    weights = [name for name in names if name.endswith(".weights")] or names
    return ranges(record, set(weights).__contains__)


def activation_ranges(record: Record) -> list[Range]:
    """The ranges of the samples and of the layers' outputs."""
    first = next((c for c in record.history.columns if c.endswith(".input.abs_max")), "")
    samples = first.removesuffix(".abs_max")
    return ranges(record, lambda name: name == samples or name.endswith(".output"))


def gradient_ranges(record: Record) -> list[Range]:
    """The ranges of the gradients, where they are recorded, from the first layer on."""
    found = ranges(record, lambda name: ".gradient." in name)
    columns = record.history.columns
    layers = {c.partition(".")[0]: i for i, c in enumerate(columns) if c.endswith(".output.max")}
    return sorted(found, key=lambda r: layers.get(r.name.partition(".")[0], 0))


def nearest_to_limits(found: Sequence[Range], most: int) -> list[Range]:
    """At most so many, those that fill their formats most, in order."""
    by_share = sorted(found, key=lambda r: r.reach / min(r.limit, 1e300), reverse=True)
    kept = {r.name for r in by_share[:most]}
    return [r for r in found if r.name in kept]


def styles(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """A style for each name, by its place among them."""
    return {name: line_style(index) for index, name in enumerate(dict.fromkeys(names))}


def draw_ranges(
    panels: Sequence[tuple[Axes, Sequence[Range]]],
    right: Iterable[int],
    style_of: Callable[[Range], Mapping[str, Any]],
) -> None:
    """Draw ranges as bands, with their formats' limits, all panels on one scale.

    Parameters
    ----------
    panels : sequence of (Axes, ranges)
    right : iterable of int
        The panels that have the labels of the integer bits.
    style_of : callable
        A range's colour and dashes.
    """
    every = [each for _, found in panels for each in found]
    reach = max((r.reach for r in every), default=0.0) or 1.0
    near = [r.format for r in every if r.format is not None and r.limit <= _FAR * reach]
    low = min([0.0, *(r.low.y.min() for r in every), *(float(fmt.min) for fmt in near)])
    high = max([0.0, *(r.high.y.max() for r in every), *(float(fmt.max) for fmt in near)])
    smallest = min((r.reach for r in every if r.reach), default=reach)
    least = max(smallest / 8, max(-low, high) / 2**_OCTAVES)
    right = set(right)
    for index, (axes, found) in enumerate(panels):
        for each in found:
            _draw_band(axes, each, style_of(each))
        _draw_limits(axes, found, reach)
        bits = signed_powers(axes, least, low, high)
        if index in right:
            bits.set_ylabel("integer bits")
        else:
            bits.tick_params(labelright=False)


def _draw_band(axes: Axes, each: Range, style: Mapping[str, Any]) -> None:
    low, high = thinned(each.low), thinned(each.high)
    axes.fill_between(low.x, low.low, high.high, color=style["color"], alpha=0.12, linewidth=0)
    marker = "." if len(low.x) == 1 else ""
    for x, edge in ((low.x, low.low), (high.x, high.high)):
        axes.plot(x, edge, linewidth=0.9, marker=marker, **style)
    for series in each.inner:
        bins = thinned(series)
        axes.plot(bins.x, bins.mean, color=style["color"], **_INNER)


def _draw_limits(axes: Axes, found: Sequence[Range], reach: float) -> None:
    near = {r.format for r in found if r.format is not None and r.limit <= _FAR * reach}
    for place in sorted({float(end) for fmt in near for end in (fmt.min, fmt.max)} - {0.0}):
        axes.axhline(place, color=LIMIT, **_LIMIT)
    far = sorted({r.limit for r in found if _FAR * reach < r.limit < math.inf})
    if far:
        exponent = math.ceil(math.log2(far[0]))
        text = f"limits at {power_of_two(exponent)}"
        style: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": 6.5, "color": LIMIT}
        axes.text(0.97, 0.38, text, transform=axes.transAxes, **style)


def say_ranges(found: Sequence[Range]) -> str:
    """Which of the ranges came nearest to its limits, and how many integer bits that takes."""
    limited = [r for r in found if r.format is not None and r.int_bits is not None]
    if not limited:
        return ""
    most = max(limited, key=lambda r: r.reach / r.limit)
    text = (
        f"{most.name} came nearest to its limits: it reached {number(most.reach)} of "
        f"{number(most.limit)}, which takes {most.int_bits} of its {most.format_bits} integer bits."
    )
    spare = [r.unused_bits for r in limited if r is not most]
    if spare and min(spare) > 0:
        bits = "1 integer bit" if min(spare) == 1 else f"{min(spare)} integer bits"
        text += f" All others leave at least {bits} unused."
    return text


def _panels_of(ranges_of: Callable[[Record], list[Range]]) -> Callable[..., Any]:
    """The drawing of ranges, a panel a layer."""

    def draw(record: Record, width: int) -> Figure | None:
        found = ranges_of(record)
        layers = list(dict.fromkeys(r.layer for r in found))
        if not layers:
            return None
        shown = _nearest_layers(found, layers)
        figure, places, across = panel_grid(width, len(shown), 1.45)
        panels = [
            (axes, [r for r in found if r.layer == layer])
            for axes, layer in zip(places, shown, strict=True)
        ]
        looks = styles(r.kind for r in found)
        draw_ranges(panels, range(across - 1, len(shown), across), lambda r: looks[r.kind])
        for axes, group in panels:
            for each in group:
                _draw_quantiles(axes, each, record, list(looks).index(each.kind))
        for index, (axes, _) in enumerate(panels):
            axes.set_title(shown[index])
            axes.tick_params(labelleft=index % across == 0)
        note = ""
        if len(shown) < len(layers):
            note = f"{len(shown)} of {len(layers)} layers, those nearest to their limits"
        figure.legend(
            handles=_entries(found, looks, record),
            loc="outside upper center",
            ncols=int(figure.get_figwidth() // 1.7),
            title=note or None,
        )
        for axes in places[-across:]:
            label_iterations(axes, record)
        return figure

    return draw


def _nearest_layers(found: Sequence[Range], layers: Sequence[str]) -> list[str]:
    share = dict.fromkeys(layers, 0.0)
    for each in found:
        share[each.layer] = max(share[each.layer], each.reach / min(each.limit, 1e300))
    kept = sorted(layers, key=lambda layer: -share[layer])[:PANELS]
    return [layer for layer in layers if layer in kept]


def _entries(
    found: Sequence[Range], looks: Mapping[str, Mapping[str, Any]], record: Record
) -> list[Any]:
    """The legend's, of all that is drawn."""
    Line = extra("matplotlib.lines", "the plots").Line2D
    entries = [Line([], [], label=kind, **style) for kind, style in looks.items()]
    if any(each.format is not None for each in found):
        entries.append(Line([], [], color=LIMIT, label="limits of the format", **_LIMIT))
    if any(each.inner for each in found):
        entries.append(Line([], [], color=MUTED, label="90% lie between", **_INNER))
    if any(each.name in record.parameters for each in found):
        bar = {"marker": "o", "markersize": 2.5, "markeredgecolor": "w", "color": MUTED}
        entries.append(Line([], [], linewidth=2.5, label="90% at the end, median", **bar))
    return entries


def _draw_quantiles(axes: Axes, each: Range, record: Record, position: int) -> None:
    """Beside the bands' ends: where nine tenths of the trained values lie, and their median."""
    values = record.parameters.get(each.name)
    if values is None or not values.size:
        return
    low, middle, high = np.quantile(values.to_numpy(), [0.05, 0.5, 0.95])
    first, last = each.low.x[0], each.low.x[-1]
    place = last + 0.04 * (1 + position) * max(last - first, 1)
    colour = line_style(position)["color"]
    axes.plot([place, place], [low, high], color=colour, linewidth=2.5, solid_capstyle="butt")
    axes.plot([place], [middle], "o", color=colour, markersize=2.5, markeredgecolor="w")


def _say_parameters(record: Record) -> str:
    return say_ranges(parameter_ranges(record))


def _say_activations(record: Record) -> str:
    return say_ranges(activation_ranges(record))


PARAMETERS = Picture(
    "Ranges of the parameters", "Precision", _panels_of(parameter_ranges), _say_parameters
)


def _say_gradients(record: Record) -> str:
    return say_ranges(gradient_ranges(record))


ACTIVATIONS = Picture(
    "Ranges of the activations", "Precision", _panels_of(activation_ranges), _say_activations
)
GRADIENTS = Picture(
    "Ranges of the gradients", "Precision", _panels_of(gradient_ranges), _say_gradients
)
