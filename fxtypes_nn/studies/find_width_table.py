"""What `find-width` found, in words and numbers."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence

from .compare import write_text
from .find_width import ALL, Search, Tried
from .tables import markdown_table
from .tasks import name_of

COLUMNS = ("network", "layers", "bits", "test accuracy", "lost points", "holds")


def row(tried: Tried) -> tuple[str, ...]:
    """Of the table of all widths that were tried, with `COLUMNS`."""
    lost = f"{float(tried.lost):+.2f}"
    if tried.deviation is not None:
        lost += f" ± {tried.deviation:.2f}"
    holds = "yes" if tried.holds else "no"
    accuracy = f"{tried.accuracy:.2%}"
    return (tried.network.label, tried.part, str(tried.width), accuracy, lost, holds)


def line(tried: Tried) -> str:
    """The same for a terminal."""
    network, part, width, accuracy, lost, _ = row(tried)
    where = "" if tried.part == ALL else f", {part}"
    verdict = "holds" if tried.holds else "loses too much"
    return f"{network}{where}: {width} bits: {accuracy}, {lost} points lost: {verdict}"


def sentences(searches: Sequence[Search]) -> list[str]:
    """What came of it."""
    found = []
    for search in searches:
        label, within = search.network.label, f"{search.within:g} points"
        floats = f"float64's {search.floats:.2%}"
        if search.width is None:
            widest = max(each.width for each in search.of(ALL))
            found.append(f"{label}: no width keeps {floats} within {within}, {widest} bits neither")
            continue
        text = f"{label}: {search.width} bits keep {floats} within {within}"
        below = [each for each in search.of(ALL) if each.width == search.width - 1]
        if below:
            text += f"; {below[0].width} bits lose {float(below[0].lost):.2f}"
        else:
            text += "; there is no smaller preset"
        found.append(text + _exceptions(search, ALL, search.width))
        if search.layers:
            widths = ", ".join(f"{name} {width} bits" for name, width in search.layers.items())
            text = f"{label}, layer by layer: {widths}"
            found.append(
                text + "".join(_exceptions(search, *each) for each in search.layers.items())
            )
    return found


def _exceptions(search: Search, part: str, found: int) -> str:
    widths = search.exceptions(part, found)
    if not widths:
        return ""
    where = "" if part == ALL else f" of {part}"
    hold = ", ".join(map(str, widths))
    return f"; it isn't monotone: {hold} bits{where} hold, though more bits don't"


def write_pages(searches: Sequence[Search], folder: str, command: str) -> None:
    """Write ``find-width.md`` and ``find-width.csv``, each whole; RunFolderError if it can't be."""
    tried = [each for search in searches for each in search.tried]
    lines = ["# The smallest width that keeps float64's accuracy"]
    for sentence in sentences(searches):
        lines += ["", f"{sentence}."]
    lines += ["", *markdown_table(COLUMNS, [row(each) for each in tried])]
    lines += [
        "",
        "In the order in which they were tried. Lost points are float64's test accuracy minus "
        "fixed point's, the mean of pairs with its standard deviation over seeds.",
        "",
        f"Made by `{command}`.",
        "",
    ]
    write_text(os.path.join(folder, "find-width.md"), "\n".join(lines))
    write_text(os.path.join(folder, "find-width.csv"), _csv_text(tried))


def _csv_text(tried: Sequence[Tried]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        ["dataset", "hidden", "layers", "part", "width", "test_accuracy", "lost_points", "holds"]
    )
    for each in tried:
        network = each.network
        units = "-".join(map(str, network.layers))
        names = (name_of(network.dataset), network.hidden, units, each.part)
        writer.writerow([*names, each.width, each.accuracy, float(each.lost), int(each.holds)])
    return file.getvalue()
