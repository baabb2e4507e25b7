"""A comparison's files: table, CSV, pictures and page."""

from __future__ import annotations

import base64
import dataclasses
import os
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from ..extras import extra
from ..runs.record import make_record, read_run, title_of
from ..watch.page import render
from ..watch.plots import PICTURES, Picture
from ..watch.plots.drawing import rendered
from ..watch.plots.style import COLOURS, label_ticks, new_figure
from ..watch.record import Record
from .compare import DRAWN, FIXED, Comparison, write_bytes, write_text
from .compare_table import COLUMNS, csv_text, label, markdown, rows, sentences

_TEMPLATE = "compare.html.jinja"


class _Shown(NamedTuple):
    data: str  # an SVG as an address
    text: str


def check_that_pages_can_be_made() -> None:
    """ImportError if a library isn't there."""
    extra("matplotlib.figure", "the plots")
    extra("jinja2", "the page")


def title_of_comparison(comparison: Comparison) -> str:
    """A line that says what is compared."""
    name = title_of(comparison.settings, comparison.config)
    return f"{name} beside {', '.join(comparison.plan.floats)}"


def write_pages(comparison: Comparison, folder: str) -> None:
    """Write ``compare.md``, ``compare.csv``, pictures and ``compare.html``, each whole.

    Raises
    ------
    RunFolderError
        If one can't be written.
    ImportError
        If Matplotlib or Jinja is not installed.
    """
    title = title_of_comparison(comparison)
    write_text(os.path.join(folder, "compare.md"), markdown(comparison, title))
    write_text(os.path.join(folder, "compare.csv"), csv_text(comparison))
    shown = []
    for name, picture, record in _pictures(comparison, folder):
        figure = picture(record)
        if figure is None:
            continue
        write_bytes(os.path.join(folder, f"{name}.png"), rendered(figure, "png", title))
        made = base64.b64encode(rendered(figure, "svg", title)).decode("ascii")
        text = f"{picture.title}. {picture.says(record)}"
        shown.append(_Shown(f"data:image/svg+xml;base64,{made}", text))
    page = render(
        resources.files(__package__).joinpath(_TEMPLATE).read_text(encoding="utf-8"),
        title,
        columns=COLUMNS,
        rows=rows(comparison),
        sentences=sentences(comparison),
        pictures=shown,
        command=comparison.config["command"],
    )
    write_text(os.path.join(folder, "compare.html"), page)


def _pictures(comparison: Comparison, folder: str) -> list[tuple[str, Picture, Record]]:
    """The first seed's run, the others as bands, its float64 twin behind."""
    first, *others = comparison.seeds
    outcomes = comparison.outcomes[FIXED]
    run = read_run(os.path.join(folder, FIXED, f"seed-{first}"), lambda text: None)
    record = make_record(run, [outcomes[seed].history for seed in others])
    twin = comparison.outcomes.get("float64")
    record = dataclasses.replace(record, twin=None if twin is None else twin[first].history)
    seeds = Picture(
        "Seed by seed",
        "Test",
        lambda _, width: _draw_seeds(comparison, width),
        lambda _: "The same seed has the same first weights and the same batches.",
    )
    found = [("seeds", seeds, record)]
    return found + [(name, PICTURES[name], record) for name in DRAWN]


def _draw_seeds(comparison: Comparison, width: int) -> Any:
    """Each seed's accuracy by kind of numbers, joined by a line."""
    figure = new_figure(width, 2.6)
    axes = figure.subplots()
    names = list(comparison.outcomes)
    places = np.arange(len(names))
    for index, seed in enumerate(comparison.seeds):
        values = [comparison.outcomes[name][seed].accuracy for name in names]
        colour = COLOURS[index % len(COLOURS)]
        few = index < 2 * len(COLOURS)
        axes.plot(
            places, values, "o-", color=colour, markersize=4, label=f"seed {seed}" if few else None
        )
    axes.set_xticks(places, [label(comparison, name) for name in names])
    axes.set_xlim(-0.3, len(names) - 0.7)
    axes.grid(False, axis="x")
    axes.set_ylabel("test accuracy")
    label_ticks(axes.yaxis, lambda share: f"{100 * share:.5g}%")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
