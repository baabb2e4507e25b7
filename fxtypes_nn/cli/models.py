"""MODEL, as commands take it that don't train: a run, a model of ours or of another tool's."""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .. import datasets
from ..datasets import Dataset, LazyArray
from ..errors import DatasetError, RunFolderError, SettingError
from ..imports import OTHERS, WIDE, fit_formats, read_model
from ..model import Sequential, load_model
from ..precision import Precision
from ..runs.build import load_data
from ..runs.config import settings_in
from ..runs.folder import CONFIG, MODEL, RunFolder
from ..runs.settings import Settings, option_of, resolve
from .options import setting_type

_DATA = ("dataset", "data_dir", "label", "test_share")
_SCALINGS = ("standardise", "divide_by")
_OTHERS = ("hidden", "output", "layers", "width", "frac_bits", *_SCALINGS)
_WIDTH = 32


class Given(NamedTuple):
    """What a command line names.

    Attributes
    ----------
    model : Sequential
    settings : Settings or None
        What its data follow from; None if none are named.
    data : Dataset or None
        With lazy elements, as the model takes them; None if none are named.
    """

    model: Sequential
    settings: Settings | None
    data: Dataset | None


def add_model(parser: argparse.ArgumentParser, use: str) -> None:
    """Add MODEL, its data, and what there is to say of another tool's."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        help=f"a run's folder, a model's .npz, or another tool's file: {', '.join(OTHERS)}",
    )
    data = parser.add_argument_group("data")
    data.add_argument(
        "--dataset",
        type=setting_type("dataset"),
        metavar="NAME|PATH",
        help=f"the data set whose test part {use}",
    )
    data.add_argument(
        "--data-dir",
        type=setting_type("data_dir"),
        metavar="FOLDER",
        help=f"where the named data sets lie (default: ${datasets.DATA_VARIABLE})",
    )
    data.add_argument(
        "--label",
        type=setting_type("label"),
        metavar="COLUMN",
        help="a table's column of labels, by name or number (default: the last)",
    )
    data.add_argument(
        "--test-share",
        type=setting_type("test_share"),
        metavar="SHARE",
        help="the share of a table's samples that test (default: 0.2)",
    )
    others = parser.add_argument_group("a model of another tool's")
    others.add_argument(
        "--hidden",
        metavar="NAME,...",
        help="what follows the hidden layers, one name or one a layer, where the file has weights "
        "alone (default: relu)",
    )
    others.add_argument(
        "--output",
        metavar="NAME",
        help="what follows the last layer: softmax, sigmoid, tanh, relu or identity (default: as "
        "in the file; of weights alone softmax, of a single output identity)",
    )
    others.add_argument(
        "--layers",
        metavar="NAME,...",
        help="the order of the layers in a file of PyTorch's or safetensors, by their names there",
    )
    others.add_argument(
        "--width",
        type=setting_type("width"),
        metavar="BITS",
        help=f"bits of a number; binary points are chosen by the data, without data they are "
        f"Precision.preset's (default: {_WIDTH})",
    )
    others.add_argument(
        "--frac-bits",
        type=setting_type("frac_bits"),
        metavar="BITS",
        help="bits after the binary point, for all numbers alike",
    )
    scaling = others.add_mutually_exclusive_group()
    scaling.add_argument(
        "--standardise",
        action="store_const",
        const=True,
        help="it was trained on features of mean 0 and deviation 1",
    )
    scaling.add_argument(
        "--divide-by",
        type=_divisor,
        metavar="NUMBER",
        help="it was trained on the data set's numbers divided by this, 1 for as they are "
        "(default: 255 of images, 16 of digits, else the largest magnitude)",
    )


def _divisor(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number above 0, got {text!r}")
    return value


def check_that_it_is_there(path: str) -> None:
    """RunFolderError if nothing is."""
    if not os.path.exists(path):
        raise RunFolderError(f"there is no run or model {path}")


def read_given(
    options: argparse.Namespace,
    exact: bool = False,
    without: Callable[[Exception], None] | None = None,
) -> Given:
    """The model, and the data that are named or a run's own.

    Parameters
    ----------
    options : argparse.Namespace
    exact : bool
        Whether another tool's model keeps its weights as they are, in `WIDE`.
    without : callable, optional
        Told why a run's own data aren't to be had, which is no error then.

    Raises
    ------
    SettingError
        If an option is for models of another kind, or says nothing without another.
    DatasetError
        If the data aren't there or damaged, or their samples aren't the model's.
    RunFolderError, ModelFileError
        If there is no such model, or it isn't whole.
    ValueError
        If another tool's can't be imported.
    """
    path = options.model
    asked = {name: value for name in _DATA if (value := getattr(options, name)) is not None}
    told = {name: value for name in _OTHERS if (value := getattr(options, name)) is not None}
    check_that_it_is_there(path)
    if os.path.isdir(path) or not path.lower().endswith(OTHERS):
        if told:
            raise SettingError(
                f"{option_of(next(iter(told)))} is for models of other tools: {path} tells that "
                "itself"
            )
        return _read_ours(path, asked, without)
    scaling = {name: told.pop(name) for name in _SCALINGS if name in told}
    if "dataset" not in asked:
        _check_data_named(asked | scaling)
        return Given(_read_other(path, told, WIDE if exact else None), None, None)
    settings = resolve(asked | {"standardise": scaling.get("standardise")})
    chosen = not exact and "frac_bits" not in told
    model = _read_other(path, told, WIDE if exact or chosen else None)
    data = load_data(settings)
    _check_samples(settings, data, model)
    data = dataclasses.replace(data, maximum=scaling.get("divide_by", data.maximum))
    model.standardisation = data.standardisation
    if chosen:
        if len(data.classes) > model.network.outputs:
            raise DatasetError(
                f"{settings.dataset} has {len(data.classes)} classes and the model "
                f"{model.network.outputs} outputs, by which no formats can be chosen; give its own "
                "data by --dataset, or --frac-bits"
            )
        taken = _as_taken(data, model)
        model = fit_formats(model, taken.x_train, taken.y_train, told.get("width", _WIDTH))
    return Given(model, settings, _as_taken(data, model))


def _read_ours(
    path: str, asked: dict[str, Any], without: Callable[[Exception], None] | None
) -> Given:
    own = None
    if os.path.isdir(path):
        model, own = _read_run(RunFolder(path))
    else:
        model = load_model(path)
    if "dataset" in asked:
        settings = resolve(asked)
    elif own is not None:
        settings = dataclasses.replace(own, **asked)
    else:
        _check_data_named(asked)
        return Given(model, None, None)
    try:
        data = load_data(settings)
        _check_samples(settings, data, model)
    except (ValueError, OSError) as error:
        if without is None or "dataset" in asked:
            if "--dataset" not in str(error):
                error.add_note("--dataset names the data where they lie now")
            raise
        without(error)
        return Given(model, settings, None)
    return Given(model, settings, _as_taken(data, model))


def _read_run(folder: RunFolder) -> tuple[Sequential, Settings]:
    settings = settings_in(folder.read_config(), folder.file(CONFIG))
    try:
        return load_model(folder.file(MODEL)), settings
    except FileNotFoundError:
        raise RunFolderError(
            f"{folder.file(MODEL)} is missing: the run isn't trained to its end"
        ) from None


def _read_other(path: str, told: Mapping[str, Any], precision: Precision | None) -> Sequential:
    """Another tool's model; in formats that the options tell, where none are given."""
    if precision is None:
        width, frac_bits = told.get("width", _WIDTH), told.get("frac_bits")
        precision = resolve({"width": width, "frac_bits": frac_bits}).formats()
    options = {name: told[name] for name in ("output",) if name in told}
    for name in ("hidden", "layers"):
        if name in told:
            names = told[name].split(",")
            options[name] = names if name == "layers" or len(names) > 1 else names[0]
    return read_model(path, precision, **options)


def _check_data_named(given: Mapping[str, Any]) -> None:
    if given:
        raise SettingError(f"{option_of(next(iter(given)))} is of data: name them by --dataset")


def _check_samples(settings: Settings, data: Dataset, model: Sequential) -> None:
    if data.x_test.shape[1:] != model.input_shape:
        raise DatasetError(
            f"{settings.dataset} has samples of shape {data.x_test.shape[1:]}, and the model takes "
            f"{model.input_shape}; give its data by --dataset"
        )


def _as_taken(data: Dataset, model: Sequential) -> Dataset:
    """The data with samples as the model takes them, whatever settings say of their scale."""

    def taken(x: Any) -> LazyArray:
        return LazyArray(x.stored, model.precision.inputs, data.maximum, model.standardisation)

    return dataclasses.replace(data, x_train=taken(data.x_train), x_test=taken(data.x_test))
