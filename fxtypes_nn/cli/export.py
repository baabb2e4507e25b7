"""``fxtypes-nn export``: a trained model for another tool."""

from __future__ import annotations

import argparse
import os
from typing import Any

from ..errors import SettingError, said
from ..export import TARGETS, approximated, export
from ..layers.approximations import (
    APPROXIMATIONS,
    LEAST_TABLE_BITS,
    MOST_TABLE_BITS,
    TABLE_BITS,
)
from .models import add_model, read_given
from .terminal import Terminal

_SAMPLES = 100


def add(commands: Any) -> None:
    """Add the command to a parser's."""
    parser = commands.add_parser(
        "export",
        help="write a trained model for another tool",
        description="Write a model's inference as arrays, C or a hardware description, with a "
        "test that compares it bit by bit with the model's own outputs.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=_run, parser=parser)
    add_model(
        parser,
        "gives the exported test's samples (default: the run's; without a run they are drawn)",
    )
    parser.add_argument("--to", required=True, choices=TARGETS, help="what to write")
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        help="where to, a new folder (default: RUN/export-TARGET, or export-TARGET)",
    )
    parser.add_argument(
        "--samples",
        type=_count,
        default=_SAMPLES,
        metavar="N",
        help=f"how many samples at most (default: {_SAMPLES})",
    )
    parser.add_argument(
        "--name",
        help="what the network is called in the files (default: as the run or the file)",
    )
    parser.add_argument(
        "--approximation",
        choices=APPROXIMATIONS,
        help="in place of exact sigmoids and tanhs, which targets don't do beyond 16 bits; the "
        "exported test is the model's with it",
    )
    parser.add_argument(
        "--table-bits",
        type=_count,
        metavar="BITS",
        help=f"of a table's argument, {LEAST_TABLE_BITS} to {MOST_TABLE_BITS} (default: "
        f"{TABLE_BITS})",
    )


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be an integer of at least 1, got {text!r}")
    return number


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    if options.table_bits is not None and options.approximation != "table":
        raise SettingError("--table-bits is for --approximation table")

    def without(error: Exception) -> None:
        terminal.complain("warning", f"{said(error)}; the test's samples are drawn instead")

    model, _, data = read_given(options, without=without)
    if options.approximation is not None:
        bits = TABLE_BITS if options.table_bits is None else options.table_bits
        model = approximated(model, options.approximation, bits)
    is_run = os.path.isdir(options.model)
    stem = os.path.basename(os.path.abspath(options.model))
    name = options.name or (stem if is_run else os.path.splitext(stem)[0])
    out = f"export-{options.to}" if options.out is None else options.out
    if is_run and options.out is None:
        out = os.path.join(options.model, out)
    samples = None if data is None else data.x_test[: options.samples]
    done = export(model, options.to, out, samples, name)
    terminal.say(
        f"{len(done.files)} files in {done.folder}; README.txt says how to test them "
        f"({done.samples} samples)"
    )
    return 0
