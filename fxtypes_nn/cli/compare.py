"""``fxtypes-nn compare``: the same training in fixed point and in floating point."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from ..errors import SettingError
from ..runs.folder import free_folder, shown
from ..runs.settings import Settings
from ..studies.compare import FLOATS, Plan, compare
from ..studies.compare_pages import check_that_pages_can_be_made, write_pages
from ..studies.compare_table import sentences, short_table
from ..studies.costs import tables
from .options import add_settings, given_options, given_settings
from .terminal import PROGRAM, Terminal
from .train import stem

_SEEDS, _COSTS = 3, "horowitz-45nm"


def add(commands: Any) -> None:
    """Add the command to a parser's."""
    parser = commands.add_parser(
        "compare",
        help="train the same network in fixed point and in floating point",
        description="Train the same network from the same first weights on the same batches in "
        "fixed point and in floating point, and write a table (Markdown and CSV), pictures and a "
        "page of accuracy, time and energy, beside a run's folder for each seed.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        "--seeds",
        type=count,
        metavar="N",
        help=f"how many seeds, from --seed on (default: {_SEEDS})",
    )
    parser.add_argument(
        "--floats",
        type=_floats,
        metavar="KIND,...",
        help=f"beside which floats: {', '.join(FLOATS)} (default: all that are installed)",
    )
    priced = [name for name, each in tables().items() if each.energy]
    parser.add_argument(
        "--costs",
        choices=priced,
        metavar="TABLE",
        help=f"published energies an operation: {', '.join(priced)} (default: {_COSTS})",
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        help="where to (default: runs/DATASET-compare-1, or the next free number)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the comparison in --out, with its own settings: it was interrupted, or "
        "--seeds or --epochs ask for more",
    )
    add_settings(parser)


def count(text: str) -> int:
    """An option's number, at least 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be an integer of at least 1, got {text!r}")
    return int(text)


def _floats(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",")))
    if not set(found) <= set(FLOATS):
        raise argparse.ArgumentTypeError(
            f"must be one or several of {', '.join(FLOATS)}, with commas between, got {text!r}"
        )
    return found


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Compare, and return the exit status."""
    if options.resume and options.out is None:
        options.parser.error("--resume needs --out, the comparison to go on with")
    if options.out == "":
        options.parser.error("argument --out: must be a folder's name, got ''")
    check_that_pages_can_be_made()
    given = given_settings(options)
    path = options.out or free_folder(os.path.join("runs", f"{stem(given)}-compare"))
    comparison = compare(given, _plan(options), path, options.resume, _command(options), terminal)
    try:
        write_pages(comparison, path)
    except BaseException as error:
        error.add_note(
            f"the trainings are whole, and {PROGRAM} compare --resume --out {shown(path)} makes "
            "the pages again"
        )
        raise
    terminal.say(short_table(comparison))
    for sentence in sentences(comparison):
        terminal.say(sentence)
    terminal.say(
        f"the comparison is in {path}"
        if comparison.trained
        else f"the comparison in {path} is finished; more --seeds or --epochs go on"
    )
    for problem in comparison.problems:
        terminal.complain("warning", problem)
    return 1 if comparison.problems else 0


def _installed() -> tuple[str, ...]:
    return tuple(name for name in FLOATS if name != "torch" or find_spec("torch") is not None)


def _plan(options: argparse.Namespace) -> Callable[[Mapping[str, Any]], Plan]:
    def plan(before: Mapping[str, Any]) -> Plan:
        seeds = options.seeds or before.get("seeds") or _SEEDS
        floats = options.floats or tuple(before.get("floats") or _installed())
        costs = options.costs or before.get("costs") or _COSTS
        if type(seeds) is not int or not set(floats) <= set(FLOATS) or costs not in tables():
            raise SettingError("the comparison's plan is damaged; begin another with --out")
        return Plan(seeds, floats, costs)

    return plan


def _command(options: argparse.Namespace) -> Callable[[Settings], list[str]]:
    def command(settings: Settings) -> list[str]:
        words = [PROGRAM, "compare"]
        for option in ("seeds", "costs"):
            value = getattr(options, option)
            words += [] if value is None else [f"--{option}", str(value)]
        words += [] if options.floats is None else ["--floats", ",".join(options.floats)]
        for source in ("config", "recipe"):
            given = getattr(options, source)
            if given is not None:
                own = {*given_options(options), "seed"}
                return [*words, f"--{source}", given, *settings.command(own)]
        return words + settings.command()

    return command
