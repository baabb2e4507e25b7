"""``fxtypes-nn datasets``: which data sets there are, and where they were found."""

from __future__ import annotations

import argparse
from typing import Any

from .. import datasets
from .terminal import Terminal


def add(commands: Any) -> None:
    """Add the command to a parser's."""
    parser = commands.add_parser(
        "datasets",
        help="list the data sets, and where each was found",
        description="List the data sets, where each was found, and whether its files are as they "
        "were published.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=_list, parser=parser)
    parser.add_argument(
        "--data-dir",
        metavar="FOLDER",
        help=f"where they lie (default: ${datasets.DATA_VARIABLE})",
    )


def _list(options: argparse.Namespace, terminal: Terminal) -> int:
    for name in datasets.names():
        terminal.say(name)
    return 0
