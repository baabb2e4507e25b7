"""``fxtypes-nn datasets``: which data sets there are, and where they were found."""

from __future__ import annotations

import argparse
import hashlib
from typing import Any

from .. import datasets
from .terminal import Terminal

_STATES = {
    "right": "as published",
    "wrong": "not as published, or damaged",
    "missing": "missing",
}


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
    for found in datasets.available(options.data_dir):
        terminal.say(f"{found.name}: {found.about}")
        if found.folder is None:
            terminal.say("    not found")
        for file in found.files:
            terminal.say(f"    {file.path}: {_STATES[file.state]}{_checksum(file)}")
        if found.advice:
            terminal.say(f"    {found.advice}")
    terminal.say(
        "one's own: the path of an .npz, a table of text or a folder of IDX files, with --dataset"
    )
    return 0


def _checksum(file: datasets.FoundFile) -> str:
    try:
        with open(file.path, "rb") as data:
            return f", SHA-256 {hashlib.file_digest(data, 'sha256').hexdigest()}"
    except OSError:
        return ""
