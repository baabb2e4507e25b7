"""A run's pictures and its report, made in one place by whoever wants them."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ..errors import reason
from ..extras import extra
from ..watch import plots, report
from ..watch.record import Record

FORMATS = ("png", "pdf", "svg")


def check_that_pictures_can_be_made() -> None:
    """ImportError if a library isn't there: better missed before a training than after it."""
    extra("matplotlib.figure", "the plots")
    extra("jinja2", "the report")


def names_of_pictures(formats: Iterable[str] = ("png",)) -> list[str]:
    """The files that `draw` may write."""
    return [f"{name}.{kind}" for kind in formats for name in plots.PICTURES]


def draw(record: Record, folder: str, formats: Iterable[str] = ("png",)) -> list[str]:
    """Write a record's pictures into a folder; return their paths.

    Raises
    ------
    PagesError
        If one of them can't be made; the others are.
    """
    os.makedirs(folder, exist_ok=True)
    try:
        return plots.draw(record, folder, tuple(formats))
    except ImportError:
        raise
    except Exception as error:  # whatever Matplotlib finds wrong with its own settings
        raise PagesError(reason(error)) from error


def write_report(record: Record, path: str) -> None:
    """Write a record's report.

    Raises
    ------
    PagesError
        If it can't be made.
    """
    try:
        report.write(record, path)
    except ImportError:
        raise
    except Exception as error:
        raise PagesError(f"{path}: {reason(error)}") from error


class PagesError(RuntimeError):
    """Pictures or a report that couldn't be made."""
