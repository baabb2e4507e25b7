"""What cutting bits has shown: sentences, a table, a CSV and a picture."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from typing import Any

from ..watch.plots.drawing import rendered
from ..watch.plots.style import COLOURS, MUTED, label_ticks, new_figure, styled
from .bit_cutting import ALL, FRACTION, INTEGER, SIGNIFICANT, Cuts, Step, first_changes
from .compare import write_bytes, write_text
from .tables import markdown_table

_SHOWN = (
    ("accuracy", "accuracy"),
    ("agreement", "same class"),
    ("top3", "same three highest"),
    ("tau", "Kendall's tau"),
)


def of(cuts: Cuts, layer: str, bits: str) -> list[Step]:
    """The steps of one kind, the most bits first."""
    return [step for step in cuts.steps if (step.layer, step.bits) == (layer, bits)]


def sentences(cuts: Cuts, within: float) -> list[str]:
    """What is safe and why, and where the order of the scores begins to change."""
    found = [f"uncut: accuracy {cuts.accuracy:.2%}"]
    for each in cuts.safe:
        found.append(
            f"{each.layer}: {each.text} keeps {each.accuracy:.2%}, within {within:g} points; "
            f"{each.reason}"
        )
    for bits in (FRACTION, INTEGER, SIGNIFICANT):
        steps = of(cuts, ALL, bits)
        if steps:
            found.append(_say_changes(bits, first_changes(steps)))
    return found


def _say_changes(bits: str, first: dict[str, int | None]) -> str:
    names = {"agreement": "predicted classes", "top3": "the three highest", "tau": "all scores"}
    parts = [
        f"{names[name]} at {kept} bits" if kept is not None else f"{names[name]} at none"
        for name, kept in first.items()
    ]
    return f"cutting {bits} bits in all layers first changes the order of {', '.join(parts)}"


def csv_text(cuts: Cuts) -> str:
    """A line a cut."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(Step._fields)
    writer.writerows(cuts.steps)
    return file.getvalue()


def markdown(cuts: Cuts, within: float) -> str:
    """The sentences, and a table of the cuts in all layers."""
    lines = ["# Bits that the weights need", ""]
    lines += [f"- {sentence}" for sentence in sentences(cuts, within)]
    for bits in (FRACTION, INTEGER, SIGNIFICANT):
        steps = of(cuts, ALL, bits)
        if not steps:
            continue
        heads = [f"{bits} bits", *(name for _, name in _SHOWN), "moved", "saturated"]
        rows = []
        for step in steps:
            shares = [f"{getattr(step, name):.4f}" for name, _ in _SHOWN]
            rows.append([str(step.kept), *shares, f"{step.moved:.2%}", f"{step.saturated:.2%}"])
        lines += ["", *markdown_table(heads, rows)]
    return "\n".join([*lines, ""])


def draw(cuts: Cuts, width: int = 2) -> Any:
    """Accuracy and order against the bits that are left, in all layers."""
    kinds = [bits for bits in (FRACTION, INTEGER, SIGNIFICANT) if of(cuts, ALL, bits)]
    with styled():
        figure = new_figure(width, 2.6)
        panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
        for axes, bits in zip(panels, kinds, strict=True):
            _draw_kind(axes, of(cuts, ALL, bits))
            axes.axhline(cuts.accuracy, color=MUTED, linewidth=0.8, linestyle=(0, (4, 1.5)))
            axes.set_xlabel(f"{bits} bits left")
        panels[0].set_ylim(min(-0.02, min(step.tau for step in cuts.steps) - 0.02), 1.02)
        label_ticks(panels[0].yaxis, lambda share: f"{100 * share:.3g}%")
        panels[0].legend(loc="lower right")
    return figure


def _draw_kind(axes: Any, steps: Sequence[Step]) -> None:
    kept = [step.kept for step in steps]
    for (name, label), colour in zip(_SHOWN, COLOURS, strict=False):
        axes.plot(
            kept, [getattr(s, name) for s in steps], "o-", color=colour, markersize=2.5, label=label
        )
    if len(kept) <= 12:
        axes.set_xticks(kept)


def write_pages(cuts: Cuts, folder: str, within: float) -> None:
    """Write ``precision.md``, ``precision.csv`` and ``precision.png``, each whole.

    Raises
    ------
    RunFolderError
        If one can't be written.
    ImportError
        If Matplotlib is not installed.
    """
    picture = rendered(draw(cuts), "png", "Bits that the weights need")
    write_text(os.path.join(folder, "precision.md"), markdown(cuts, within))
    write_text(os.path.join(folder, "precision.csv"), csv_text(cuts))
    write_bytes(os.path.join(folder, "precision.png"), picture)
