"""What the studies' tables share: means with their spread, and a table's lines."""

from __future__ import annotations

from collections.abc import Sequence

from .paired import spread


def percent(shares: Sequence[float]) -> str:
    """The mean and the deviation of shares; nothing of none."""
    if not shares:
        return ""
    mean, deviation = spread(shares)
    return f"{mean:.2%}" if deviation is None else f"{100 * mean:.2f} ± {100 * deviation:.2f} %"


def with_spread(values: Sequence[float], form: str) -> str:
    """The mean in a format, and the deviation in two digits."""
    mean, deviation = spread(values)
    text = format(mean, form)
    return text if deviation is None else f"{text} ± {deviation:.2g}"


def markdown_table(columns: Sequence[str], found: Sequence[Sequence[str]]) -> list[str]:
    """A table's lines in Markdown."""
    return [_row(columns), _row(["---"] * len(columns)), *map(_row, found)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', ' ') for cell in cells)} |"


def text_table(columns: Sequence[str], found: Sequence[Sequence[str]]) -> str:
    """A table for a terminal."""
    lines = [columns, *found]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
