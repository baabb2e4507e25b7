"""``fxtypes-nn precision``: how many bits a trained model's weights need."""

from __future__ import annotations

import argparse
import os
from typing import Any

from ..errors import DatasetError, RunFolderError, SettingError
from ..studies.bit_cutting import cut_bits, cut_significant
from ..studies.bit_cutting_pages import sentences, write_pages
from ..studies.retraining import check_loss, retrain
from .compare import count
from .models import add_model, check_that_it_is_there, read_given
from .terminal import Terminal

RETRAINED = "retrained.npz"


def add(commands: Any) -> None:
    """Add the command to a parser's."""
    parser = commands.add_parser(
        "precision",
        help="find out how many bits a trained model's weights need",
        description="Cut integer and fraction bits off a trained model's weights, of all layers "
        "and of each alone, and show where accuracy and the order of the output scores begin to "
        "change, and the smallest format that keeps the accuracy.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, parser=parser)
    add_model(parser, "is recognised (default: the run's)")
    parser.add_argument(
        "--within",
        type=points,
        default=0.5,
        metavar="POINTS",
        help="percentage points of accuracy that may be lost (default: 0.5)",
    )
    parser.add_argument(
        "--significant",
        action="store_true",
        help="compute in float64, and cut the weights to so many significant bits",
    )
    parser.add_argument(
        "--retrain",
        type=count,
        metavar="EPOCHS",
        help="train on with the weights used in the smallest safe format, at a tenth of the "
        "learning rate, and write retrained.npz",
    )
    parser.add_argument(
        "--out", metavar="FOLDER", help="where to (default: MODEL/precision, MODEL-precision)"
    )


def points(text: str) -> float:
    """An option's percentage points."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 100, got {text!r}")
    return value


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Cut, and return the exit status."""
    if options.out == "":
        options.parser.error("argument --out: must be a folder's name, got ''")
    if options.retrain and options.significant:
        options.parser.error("--retrain trains in fixed point, and --significant is of floats")
    check_that_it_is_there(options.model)
    if options.dataset is None and not os.path.isdir(options.model):
        raise SettingError(f"{options.model} is no run's folder: give its data by --dataset")
    model, settings, data = read_given(options, exact=options.significant)
    assert settings is not None  # only where no data are named either
    assert data is not None
    if len(data.classes) > model.network.outputs:
        raise DatasetError(
            f"{settings.dataset} has {len(data.classes)} classes, and the model tells "
            f"{model.network.outputs} apart; give its data by --dataset"
        )
    if options.retrain:
        check_loss(model)
    cutting = cut_significant if options.significant else cut_bits
    cuts = cutting(model, data.x_test, data.y_test, options.within)
    folder = options.out or _beside(options.model)
    write_pages(cuts, folder, options.within)
    for sentence in sentences(cuts, options.within):
        terminal.say(sentence)
    terminal.say(f"{len(cuts.steps)} cuts are in {folder}")
    weights = cuts.safe[0].format
    if options.retrain and weights is not None:
        accuracy = retrain(model, weights, data, settings, options.retrain)
        path = os.path.join(folder, RETRAINED)
        try:
            model.save(path)
        except OSError as error:
            raise RunFolderError(f"{path} can't be written: {error.strerror or error}") from None
        terminal.say(f"trained on with weights in {weights!r}: accuracy {accuracy:.2%}, in {path}")
    return 0


def _beside(model: str) -> str:
    if os.path.isdir(model):
        return os.path.join(model, "precision")
    return f"{os.path.splitext(model)[0]}-precision"
