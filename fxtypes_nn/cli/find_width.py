"""``fxtypes-nn find-width``: the smallest width that keeps float64's accuracy."""

from __future__ import annotations

import argparse
import dataclasses
import shlex
from typing import Any

from ..runs.folder import shown
from ..studies.find_width import find_width
from ..studies.find_width_table import line, sentences, write_pages
from ..studies.sweep_plan import open_sweep
from .sweep import SEEDS, add_study, asked, folder_of, workers_of
from .terminal import PROGRAM, Terminal


def add(commands: Any) -> None:
    """Add the command to a parser's."""
    parser = commands.add_parser(
        "find-width",
        help="find the smallest width that keeps float64's accuracy",
        description="Train a network at few widths, each beside its twin in float64, to find the "
        "smallest that keeps the accuracy within so many points, and show the path.",
        allow_abbrev=False,
        conflict_handler="resolve",
    )
    parser.set_defaults(run=run, parser=parser)
    add_study(parser, "find-width")
    parser.add_argument(
        "--per-layer",
        action="store_true",
        help="then narrow each layer, one after the other, while the others keep their widths",
    )


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Search, and return the exit status."""
    path = folder_of(options, "find-width")
    folder, plan = open_sweep(path, options.resume, asked(options), (SEEDS, ()), terminal)
    own = [PROGRAM, "find-width", "--within", str(options.within)]
    own += ["--per-layer"] if options.per_layer else []
    found = find_width(
        folder,
        plan,
        (options.within, options.per_layer),
        workers_of(options, terminal),
        own,
        lambda tried: terminal.say(line(tried)),
    )
    try:
        words = dataclasses.replace(plan, widths=()).command()
        write_pages(found, path, shlex.join(own + words))
    except BaseException as error:
        error.add_note(
            f"the trainings are whole, and {shlex.join(own)} --resume --out {shown(path)} "
            "makes the pages again"
        )
        raise
    for sentence in sentences(found):
        terminal.say(sentence)
    terminal.say(
        f"the path is in {path}"
        if any(search.trained for search in found)
        else f"the search in {path} is finished; more --seeds, or another --within, go on"
    )
    return 0
