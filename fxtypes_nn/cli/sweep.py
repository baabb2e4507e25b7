"""``fxtypes-nn sweep``: networks at several widths, on several processes or a cluster."""

from __future__ import annotations

import argparse
import os
import re
import shlex
from collections.abc import Callable
from typing import Any, NoReturn

from fxtypes.context.threads import get_num_threads

from ..runs.folder import free_folder, shown
from ..runs.readers import Wrong
from ..runs.settings import read_text, resolve
from ..studies.compare_pages import check_that_pages_can_be_made
from ..studies.dask_workers import DaskWorkers
from ..studies.local_workers import LocalWorkers
from ..studies.sweep import Sweep, Workers, sweep
from ..studies.sweep_board import Board
from ..studies.sweep_pages import write_pages
from ..studies.sweep_plan import WIDTHS, Asked, open_sweep
from ..studies.sweep_table import KNEES, knees, say_failures, sentences
from ..studies.tables import text_table
from ..studies.tasks import TWINS_WIDTH
from .compare import count
from .options import add_settings, given_options, given_settings
from .precision import points
from .terminal import PROGRAM, Terminal
from .train import stem

SEEDS = 3
LOCAL = "local"
_ADDRESS = re.compile(r"(?:(?:tcp|tls|wss?)://)?(?:\[[\da-fA-F:.]+\]|[^\s/:]+):\d{1,5}")


def add(commands: Any) -> None:
    """Add the command to a parser's."""
    parser = commands.add_parser(
        "sweep",
        help="train networks at several widths, and find where accuracy begins to fall",
        description="Train networks at several widths, each beside its twin in float64, on worker "
        "processes or a Dask cluster, and write a table (Markdown and CSV), pictures and a page "
        "of accuracy against width.",
        allow_abbrev=False,
        conflict_handler="resolve",
    )
    parser.set_defaults(run=run, parser=parser)
    add_study(parser, "sweep")
    parser.add_argument(
        "--widths",
        type=_widths,
        metavar="BITS,...",
        help=f"widths (default: {','.join(map(str, WIDTHS))})",
    )


def add_study(parser: argparse.ArgumentParser, name: str) -> None:
    """The options that this command and `find-width` share, `train`'s among them."""
    add_settings(parser)
    parser.add_argument("--width", type=_no_width, help=argparse.SUPPRESS)
    parser.add_argument(
        "--dataset",
        dest="datasets",
        action="append",
        type=_setting("dataset"),
        metavar="NAME|PATH",
        help="a data set, as train takes it; may be given several times (default: digits)",
    )
    parser.add_argument(
        "--layers",
        dest="layouts",
        action="append",
        type=_setting("layers"),
        metavar="UNITS,...",
        help="the hidden layers' units, as 128,64; may be given several times (default: 128,64)",
    )
    parser.add_argument(
        "--hidden",
        dest="hiddens",
        type=_hiddens,
        metavar="NAME,...",
        help="what follows a hidden layer, one or several of relu, sigmoid, tanh (default: relu)",
    )
    parser.add_argument(
        "--seeds",
        type=count,
        metavar="N",
        help=f"how many seeds, from --seed on (default: {SEEDS})",
    )
    parser.add_argument(
        "--within",
        type=points,
        default=0.5,
        metavar="POINTS",
        help="percentage points of float64's accuracy that may be lost (default: 0.5)",
    )
    parser.add_argument(
        "--scheduler",
        type=_scheduler,
        default=LOCAL,
        metavar="local|ADDRESS",
        help="who does the trainings: processes of its own, or the Dask cluster with this "
        "scheduler, as tcp://HOST:8786 (default: local)",
    )
    parser.add_argument(
        "--workers",
        type=count,
        metavar="N",
        help="how many processes of its own (default: as many as there are cores)",
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        help=f"where to (default: runs/DATASET-{name}-1, or the next free number)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with what is in --out, with its own settings; trainings that are finished "
        "are not done again",
    )


def _no_width(text: str) -> NoReturn:
    raise argparse.ArgumentTypeError("this command finds or takes several: see --widths of sweep")


def _scheduler(text: str) -> str:
    if text != LOCAL and not _ADDRESS.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"must be {LOCAL} or an address as tcp://HOST:8786, got {text!r}"
        )
    return text


def _setting(name: str) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            return read_text(name, text)
        except Wrong as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _hiddens(text: str) -> tuple[str, ...]:
    read = _setting("hidden")
    return tuple(dict.fromkeys(read(part.strip().lower()) for part in text.split(",")))


def _widths(text: str) -> tuple[int, ...]:
    read = _setting("width")
    return tuple(sorted({read(part.strip()) for part in text.split(",")}))


def asked(options: argparse.Namespace) -> Asked:
    """What the options say."""
    given = given_settings(options)
    if options.width is None:
        given.pop("width", None)  # a file's or a recipe's
    source: list[str] = []
    for name in ("config", "recipe"):
        if getattr(options, name) is not None:
            source = [f"--{name}", getattr(options, name)]
    settings = resolve({**given, "width": TWINS_WIDTH})
    words = [*source, *settings.command({*given_options(options)} - {"width"})]
    axes = {
        "dataset": options.datasets and tuple(options.datasets),
        "hidden": options.hiddens,
        "layers": options.layouts and tuple(options.layouts),
    }
    return Asked(given, axes, options.seeds, vars(options).get("widths"), tuple(words))


def folder_of(options: argparse.Namespace, name: str) -> str:
    """Where to; a usage error where that can't be."""
    if options.resume and options.out is None:
        options.parser.error("--resume needs --out, the sweep to go on with")
    if options.out == "":
        options.parser.error("argument --out: must be a folder's name, got ''")
    if options.workers is not None and options.scheduler != LOCAL:
        options.parser.error("--workers is for --scheduler local; a cluster has its own")
    data = {"dataset": options.datasets[0]} if options.datasets else given_settings(options)
    return options.out or free_folder(os.path.join("runs", f"{stem(data)}-{name}"))


def workers_of(options: argparse.Namespace, terminal: Terminal) -> Callable[[], Workers]:
    """What makes the workers that are asked for."""

    def make() -> Workers:
        if options.scheduler == LOCAL:
            return LocalWorkers(options.workers or get_num_threads())
        workers = DaskWorkers(options.scheduler)
        there = f"{workers.count} workers" if workers.count else "no workers yet"
        terminal.say(f"the scheduler at {options.scheduler} has {there}")
        return workers

    return make


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Sweep, and return the exit status."""
    path = folder_of(options, "sweep")
    check_that_pages_can_be_made()
    folder, plan = open_sweep(path, options.resume, asked(options), (SEEDS, WIDTHS), terminal)
    own = [PROGRAM, "sweep"]
    if options.within != options.parser.get_default("within"):
        own += ["--within", str(options.within)]
    found = Sweep(plan, options.within, shlex.join(own + plan.command()))
    total = len(plan.networks) * plan.seeds * (len(plan.widths) + 1)
    with Board(found, total) as board:
        sweep(folder, found, workers_of(options, terminal), own, board.show)
    try:
        write_pages(found, path)
    except BaseException as error:
        error.add_note(
            f"the trainings are whole, and {shlex.join(own)} --resume --out {shown(path)} makes "
            "the pages again"
        )
        raise
    terminal.say(text_table(KNEES, knees(found)))
    for sentence in sentences(found):
        terminal.say(sentence)
    terminal.say(
        f"the sweep is in {path}"
        if found.trained
        else f"the sweep in {path} is finished; more --seeds or --widths go on"
    )
    if found.failures:
        message = (
            f"{say_failures(found)}; {shlex.join(own)} --resume --out {shown(path)} tries again"
        )
        terminal.complain("error", message)
        return 1
    return 0
