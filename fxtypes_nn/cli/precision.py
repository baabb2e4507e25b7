"""``fxtypes-nn precision``: how many bits a trained model's weights need."""

from __future__ import annotations

import argparse
import dataclasses
import os
from typing import Any

from ..datasets import LazyArray
from ..errors import DatasetError, RunFolderError, SettingError
from ..model import Sequential, load_model
from ..runs.build import load_data
from ..runs.config import settings_in
from ..runs.folder import CONFIG, MODEL, RunFolder
from ..runs.readers import Wrong
from ..runs.settings import Settings, read_text, resolve
from ..studies.bit_cutting import cut_bits, cut_significant
from ..studies.bit_cutting_pages import sentences, write_pages
from ..studies.retraining import retrain
from .compare import count
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
    parser.add_argument("model", metavar="MODEL", help="a run's folder, or a model's .npz")
    parser.add_argument(
        "--dataset",
        type=_dataset,
        metavar="NAME|PATH",
        help="whose test part is recognised (default: the run's)",
    )
    parser.add_argument("--data-dir", metavar="FOLDER", help="where the named data sets lie")
    parser.add_argument(
        "--within",
        type=_points,
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


def _points(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 100, got {text!r}")
    return value


def _dataset(text: str) -> str:
    try:
        found: str = read_text("dataset", text)
    except Wrong as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return found


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Cut, and return the exit status."""
    if options.out == "":
        options.parser.error("argument --out: must be a folder's name, got ''")
    if options.retrain and options.significant:
        options.parser.error("--retrain trains in fixed point, and --significant is of floats")
    model, settings = _read(options)
    data = load_data(settings)
    if data.x_test.shape[1:] != model.input_shape or len(data.classes) > model.network.outputs:
        raise DatasetError(
            f"{settings.dataset} has samples of shape {data.x_test.shape[1:]} in "
            f"{len(data.classes)} classes, and the model takes {model.input_shape} and tells "
            f"{model.network.outputs} apart; give its data by --dataset"
        )
    data = dataclasses.replace(
        data, x_train=_as_taken(data.x_train, model), x_test=_as_taken(data.x_test, model)
    )
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


def _as_taken(x: Any, model: Sequential) -> LazyArray:
    """Samples as the model takes them, whatever the settings say of their scale."""
    return LazyArray(x.stored, model.precision.inputs, x.maximum, model.standardisation)


def _read(options: argparse.Namespace) -> tuple[Sequential, Settings]:
    """The model, and the settings that its data follow from."""
    asked = {"dataset": options.dataset, "data_dir": options.data_dir}
    if not os.path.isdir(options.model):
        if options.dataset is None:
            raise SettingError(f"{options.model} is no run's folder: give its data by --dataset")
        try:
            model = load_model(options.model)
        except FileNotFoundError:
            raise RunFolderError(f"there is no run or model {options.model}") from None
        return model, resolve(asked)
    folder = RunFolder(options.model)
    settings = settings_in(folder.read_config(), folder.file(CONFIG))
    try:
        model = load_model(folder.file(MODEL))
    except FileNotFoundError:
        raise RunFolderError(
            f"{folder.file(MODEL)} is missing: the run isn't trained to its end"
        ) from None
    if options.dataset is not None:
        settings = resolve(asked)
    elif options.data_dir is not None:
        settings = dataclasses.replace(settings, data_dir=options.data_dir)
    return model, settings


def _beside(model: str) -> str:
    if os.path.isdir(model):
        return os.path.join(model, "precision")
    return f"{os.path.splitext(model)[0]}-precision"
