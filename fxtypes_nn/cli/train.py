"""``fxtypes-nn train``: train a network and write a run's folder."""

from __future__ import annotations

import argparse
import os
from typing import Any

from ..runs.execute import train
from ..runs.folder import RunFolder, free_folder
from ..runs.settings import Settings
from ..training.progress import shown_loss
from .options import add_settings, given_options, given_settings
from .terminal import PROGRAM, Terminal


def add(commands: Any) -> None:
    """Add the command to a parser's."""
    parser = commands.add_parser(
        "train",
        help="train a network and write a run folder",
        description="Train a multilayer perceptron and write RUN/: config.json, history.csv, "
        "history.json, model.npz, pictures, report.html, and checkpoints/ to go on from.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        "--out",
        metavar="RUN",
        help="the run folder (default: runs/DATASET-1, or the next free number)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the run in --out, with its own settings: it was interrupted, or --epochs "
        "asks for more",
    )
    add_settings(parser)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Train, and return the exit status."""
    if options.resume and options.out is None:
        options.parser.error("--resume needs --out, the run to go on with")
    if options.out == "":
        options.parser.error("argument --out: must be a folder's name, got ''")
    given = given_settings(options)
    folder = RunFolder(options.out or free_folder(os.path.join("runs", stem(given))))

    def command(settings: Settings) -> list[str]:
        words = [PROGRAM, "train"]
        for name in ("config", "recipe"):
            source = getattr(options, name)
            if source is not None:
                own = settings.command(given_options(options))
                return [*words, f"--{name}", source, *own]
        return words + settings.command()

    result = train(given, folder, options.resume, command, terminal)
    config = result.config
    accuracy, loss = config["test_accuracy"], config["test_loss"]
    if not result.trained:
        terminal.say(
            f"the run in {folder.path} is finished: test accuracy {accuracy:.2%} after "
            f"{config['epochs_trained']} epochs; more --epochs go on"
        )
        return 0
    terminal.say(
        f"test accuracy {accuracy:.2%}, test loss {shown_loss(loss)}; the run is in {folder.path}"
    )
    if result.problem is not None:
        terminal.complain("warning", result.problem)
        return 1
    return 0


def stem(given: dict[str, Any]) -> str:
    """A run's name by its data: a file's or folder's without endings."""
    name = os.path.basename(os.path.normpath(given.get("dataset", "digits")))
    return name.split(".")[0] or "run"
