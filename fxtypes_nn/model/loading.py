"""Models read from files, which `saving` wrote."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import fxtypes as fx
from fxtypes.interop.archive import read_archive

from ..datasets import Standardisation
from ..errors import ModelFileError
from ..layers import LAYERS
from ..precision import Precision
from ..training.stored_state import training_from
from .mlp import MLP
from .saving import KIND, VERSION
from .sequential import Sequential

if TYPE_CHECKING:
    from ..layers import Layer


def load_model(path: str | os.PathLike[str]) -> Sequential:
    """Read a model that `Sequential.save` wrote; it has the same bits and predicts the same.

    Files of fxtypes_nn's first version load, too.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    Sequential
        The model, an `MLP` where it was one; trained on, it goes on as the saved one would.

    Raises
    ------
    ModelFileError
        If the file is no such model, is truncated or altered, was written by a newer version, or
        has layers of classes that aren't registered.
    OSError
        If it can't be read.
    """
    path = os.fspath(path)  # a number would be an open file's
    try:
        version, header, arrays = _read(path)
        return model_from(header if version == VERSION else _converted(header), arrays)
    except ModelFileError as error:
        raise ModelFileError(f"{path} can't be loaded: {error}") from None
    except (ValueError, TypeError, KeyError, OverflowError, MemoryError, AttributeError) as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ModelFileError(
            f"{path} is not a whole model file: {what}; save the model anew, or take a copy"
        ) from None


def model_from(header: Mapping[str, Any], arrays: Mapping[str, fx.FixedArray]) -> Sequential:
    """The model that `model_header` tells of, with parameters and the state of its training."""
    precision = Precision.from_dict(header["precision"])
    model: Sequential
    if "mlp" in header:
        model = MLP(**header["mlp"], precision=precision, seed=header["seed"])
    else:
        layers = [_made(kind, settings) for kind, settings in header["layers"]]
        model = Sequential(layers, tuple(header["input_shape"]), precision, header["seed"])
    own = dict(model.parameters())
    missing = [name for name in own if name not in arrays]
    if missing:
        raise ModelFileError(f"it should hold {missing[0]} and doesn't")
    for name, like in own.items():
        found = arrays[name]
        if found.format != like.format or found.shape != like.shape:
            raise ModelFileError(
                f"{name} should be {like.format} {like.shape} and is {found.format} {found.shape}"
            )
        layer, parameter = model.layer_of(name)
        layer.set(parameter, found)
    if "standardisation" in header:
        model.standardisation = Standardisation(*header["standardisation"])
    rest = {name: values for name, values in arrays.items() if name not in own}
    model.training = training_from(header["training"], rest)
    return model


def _read(
    path: str | os.PathLike[str],
) -> tuple[int, dict[str, Any], dict[str, fx.FixedArray]]:
    """The newest version that the file has, and what it holds."""
    try:
        return VERSION, *read_archive(path, KIND, VERSION)
    except fx.FileError as error:
        try:
            return 1, *read_archive(path, KIND, 1)
        except fx.FileError:
            pass
        newer = re.search(rf"{KIND!r} version (\d+)", str(error))
        if newer and int(newer[1]) > VERSION:
            raise ModelFileError(
                f"a newer fxtypes_nn wrote it, as version {newer[1]} of model files, and this one "
                f"reads up to {VERSION}: update fxtypes"
            ) from None
        raise


def _converted(header: Mapping[str, Any]) -> dict[str, Any]:
    """A header of version 1, which knew an MLP of five formats."""
    epochs = header["epochs_trained"]
    if type(epochs) is not int or epochs < 0:
        raise ModelFileError(f"it counts {epochs!r} epochs trained")
    mlp = {name: header[name] for name in ("layer_sizes", "hidden", "output")}
    training = {"epochs": epochs, "orders": epochs}
    return {
        "mlp": mlp,
        "precision": header["precision"],
        "seed": header["seed"],
        "training": training,
    }


def _made(kind: str, settings: Mapping[str, Any]) -> Layer:
    if kind not in LAYERS:
        raise ModelFileError(
            f"it has a layer of the class {kind}, which isn't registered; import the module that "
            "decorates it with @fxtypes_nn.register_layer first"
        )
    return LAYERS[kind](**settings)
