"""Picture: one of the pictures of a training, and the sentence that belongs under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from ..record import Record
from .style import WIDTHS, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Chapter = Literal["Training", "Precision", "Test"]
CHAPTERS: tuple[Chapter, ...] = get_args(Chapter)


@dataclass(frozen=True)
class Picture:
    """One of the pictures of a training.

    Parameters
    ----------
    title : str
        What it shows, in a few words.
    chapter : {"Training", "Precision", "Test"}
        Where it stands in a report.
    drawing : callable
        Takes a `Record` and the number of a paper's columns, 1 or 2; returns a Figure, or None
        where the record has nothing to show.
    says : callable
        Takes a `Record` with something to show; returns what is to be seen in it, a sentence or
        two.
    wide : bool
        Whether it spans a report's page where there is room.
    """

    title: str
    chapter: Chapter
    drawing: Callable[[Record, int], Figure | None]
    says: Callable[[Record], str]
    wide: bool = False

    def __call__(self, record: Record, columns: int = 2) -> Figure | None:
        """Draw it.

        Parameters
        ----------
        record : Record
        columns : {1, 2}
            Of a paper: 3.5 or 7.16 inches.

        Returns
        -------
        matplotlib.figure.Figure or None
            None where the record has nothing to show.

        Raises
        ------
        ValueError
            If `columns` is something else.
        ImportError
            If there is no Matplotlib.
        """
        if columns not in WIDTHS:
            raise ValueError(f"columns must be 1 or 2, got {columns!r}")
        with styled():
            return self.drawing(record, columns)
