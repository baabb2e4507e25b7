"""A sweep's files: table, CSV, pictures and page."""

from __future__ import annotations

import base64
import os
from importlib import resources
from typing import Any, NamedTuple

from ..watch.page import render
from ..watch.plots.drawing import rendered
from ..watch.plots.style import COLOURS, INK, label_ticks, new_figure, styled
from .compare import write_bytes, write_text
from .paired import spread
from .sweep import Sweep
from .sweep_plan import Network
from .sweep_table import (
    COLUMNS,
    KNEES,
    csv_text,
    knees,
    markdown,
    rows,
    sentences,
    title_of_sweep,
)
from .tasks import name_of

_TEMPLATE = "sweep.html.jinja"


class _Part(NamedTuple):
    """A data set's picture and its networks' tables, as the page has them."""

    title: str
    picture: str  # an SVG as an address
    tables: list[tuple[str, list[tuple[str, ...]]]]


def write_pages(sweep: Sweep, folder: str) -> None:
    """Write ``sweep.md``, ``sweep.csv``, a picture a data set, and ``sweep.html``, each whole.

    Raises
    ------
    RunFolderError
        If one can't be written.
    ImportError
        If Matplotlib or Jinja is not installed.
    """
    write_text(os.path.join(folder, "sweep.md"), markdown(sweep))
    write_text(os.path.join(folder, "sweep.csv"), csv_text(sweep))
    title, parts = title_of_sweep(sweep), []
    for number, dataset in enumerate(dict.fromkeys(each.dataset for each in sweep.plan.networks)):
        networks = [each for each in sweep.plan.networks if each.dataset == dataset]
        name = name_of(dataset)
        with styled():
            figure = draw_accuracy(sweep, networks)
        # Two paths may end alike.
        taken = [name_of(each.dataset) for each in sweep.plan.networks if each.dataset != dataset]
        stem = f"accuracy-{name}-{number + 1}" if name in taken else f"accuracy-{name}"
        write_bytes(os.path.join(folder, f"{stem}.png"), rendered(figure, "png", title))
        made = base64.b64encode(rendered(figure, "svg", title)).decode("ascii")
        tables = [(network.label, rows(sweep, network)) for network in networks]
        parts.append(_Part(name, f"data:image/svg+xml;base64,{made}", tables))
    page = render(
        resources.files(__package__).joinpath(_TEMPLATE).read_text(encoding="utf-8"),
        title,
        knee_columns=KNEES,
        knees=knees(sweep),
        columns=COLUMNS,
        sentences=sentences(sweep),
        parts=parts,
        command=sweep.command,
    )
    write_text(os.path.join(folder, "sweep.html"), page)


def draw_accuracy(sweep: Sweep, networks: list[Network]) -> Any:
    """Accuracy against width, with float64's band and the knee, a colour a network."""
    figure = new_figure(2, 3.0)
    axes = figure.subplots()
    for index, network in enumerate(networks):
        colour = COLOURS[index % len(COLOURS)]
        label = network.label.partition(", ")[2]
        _draw_float(axes, sweep, network, colour, label)
        means, deviations = {}, {}
        for width in sweep.plan.widths:
            found = [mine.accuracy for mine, _ in sweep.pairs(network, width)]
            if found:
                means[width], deviation = spread(found)
                deviations[width] = deviation or 0.0
        axes.errorbar(
            list(means),
            list(means.values()),
            list(deviations.values()),
            fmt="o-",
            color=colour,
            markersize=4,
            capsize=2.5,
            label=f"{label}, fixed",
        )
        knee = sweep.knee(network) if sweep.is_whole(network) else None
        if knee is not None:
            axes.plot(
                [knee],
                [means[knee]],
                "o",
                markersize=10,
                markerfacecolor="none",
                markeredgecolor=colour if len(networks) > 1 else INK,
                markeredgewidth=1.4,
                label=f"the knee: {knee} bits",
            )
    axes.set_xscale("log", base=2)
    widths = list(sweep.plan.widths)
    axes.set_xticks(widths, [str(width) for width in widths])
    axes.minorticks_off()
    axes.set_xlabel("bits")
    axes.set_ylabel("test accuracy")
    label_ticks(axes.yaxis, lambda share: f"{100 * share:.5g}%")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _draw_float(axes: Any, sweep: Sweep, network: Network, colour: str, label: str) -> None:
    """Float64's mean, and a deviation to both sides of it."""
    seeds = sweep.plan.seed_numbers()
    found = [sweep.floats[network, s].accuracy for s in seeds if (network, s) in sweep.floats]
    if found:
        mean, deviation = spread(found)
        axes.axhline(mean, color=colour, linestyle=(0, (4, 1.5)), label=f"{label}, float64")
        if deviation:
            axes.axhspan(mean - deviation, mean + deviation, color=colour, alpha=0.12, linewidth=0)
