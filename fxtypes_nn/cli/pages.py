"""``fxtypes-nn plot`` and ``report``: a run's pictures and its report, made again."""

from __future__ import annotations

import argparse
import os
from typing import Any

from ..runs.folder import REPORT, make_folder
from ..runs.pages import FORMATS, draw, write_report
from ..runs.record import make_record, read_run, siblings_of
from .terminal import Terminal


def add(commands: Any) -> None:
    """Add both commands to a parser's."""
    plot = commands.add_parser(
        "plot",
        help="make a run's pictures again",
        description="Make the pictures of a run from its folder, and from its data set where that "
        "is found.",
        allow_abbrev=False,
    )
    plot.set_defaults(run=_plot, parser=plot)
    _add_runs(plot)
    plot.add_argument(
        "--format",
        type=_formats,
        default=("png",),
        metavar="FORMAT,...",
        help=f"one or several of {', '.join(FORMATS)} (default: png)",
    )
    plot.add_argument("--out", metavar="FOLDER", help="where to (default: into RUN)")
    report = commands.add_parser(
        "report",
        help="make a run's report again",
        description="Make report.html of a run from its folder, and from its data set where that "
        "is found.",
        allow_abbrev=False,
    )
    report.set_defaults(run=_report, parser=report)
    _add_runs(report)
    report.add_argument(
        "--out", metavar="FILE", help=f"the file to write, or its folder (default: RUN/{REPORT})"
    )


def _add_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="RUN", help="the run's folder")
    parser.add_argument(
        "others",
        metavar="OTHER",
        nargs="*",
        default=[],  # without one it would be named among what is required
        help="runs of the same settings with other seeds: the curves get bands",
    )


def _formats(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",")))
    wrong = [name for name in found if name not in FORMATS]
    if wrong:
        raise argparse.ArgumentTypeError(
            f"must be one or several of {', '.join(FORMATS)}, with commas between, got {text!r}"
        )
    return found


def _record(options: argparse.Namespace, terminal: Terminal) -> Any:
    run = read_run(options.folder, terminal.warn)
    return make_record(run, siblings_of(run, options.others, terminal.warn))


def _plot(options: argparse.Namespace, terminal: Terminal) -> int:
    record = _record(options, terminal)
    folder = options.out or options.folder
    make_folder(folder)
    for path in draw(record, folder, options.format):
        terminal.say(path)
    return 0


def _report(options: argparse.Namespace, terminal: Terminal) -> int:
    record = _record(options, terminal)
    path = options.out or os.path.join(options.folder, REPORT)
    if os.path.isdir(path) and options.out:
        path = os.path.join(path, REPORT)
    write_report(record, path)
    terminal.say(path)
    return 0
