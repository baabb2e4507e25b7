"""``fxtypes-nn datasets``: which data sets there are, and where they were found."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from typing import Any

from fxtypes.interop.atomic_write import atomic_write

from .. import datasets
from ..runs.build import check_data_dir
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
    parser.add_argument("--out", metavar="FILE", help="write the list into a file")


def _list(options: argparse.Namespace, terminal: Terminal) -> int:
    check_data_dir(options.data_dir)
    text = "\n".join(_lines(options.data_dir))
    if options.out is None:
        terminal.say(text)
        return 0
    try:
        with atomic_write(options.out, text=True) as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise OSError(f"{options.out} can't be written: {error.strerror or error}") from None
    terminal.say(options.out)
    return 0


def _lines(data_dir: str | None) -> Iterator[str]:
    for found in datasets.available(data_dir):
        yield f"{found.name}: {found.about}"
        if found.folder is None:
            yield "    not found"
        for file in found.files:
            yield f"    {file.path}: {_STATES[file.state]}{_checksum(file)}"
        if found.advice:
            yield f"    {found.advice}"
    yield "one's own: the path of an .npz, a table of text or a folder of IDX files, with --dataset"


def _checksum(file: datasets.FoundFile) -> str:
    try:
        with open(file.path, "rb") as data:
            return f", SHA-256 {hashlib.file_digest(data, 'sha256').hexdigest()}"
    except OSError:
        return ""
