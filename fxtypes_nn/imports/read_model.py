"""A model's file, whichever tool wrote it."""

from __future__ import annotations

import inspect
import os
from typing import Any

import fxtypes as fx

from ..model import Sequential, load_model
from ..model.auto import choose
from ..precision import Precision
from .keras import from_keras
from .onnx import from_onnx
from .torch import from_torch

_READERS: dict[str, Any] = {
    ".onnx": from_onnx,
    ".safetensors": from_torch,
    ".pt": from_torch,
    ".pth": from_torch,
    ".keras": from_keras,
    ".h5": from_keras,
}
OTHERS = tuple(_READERS)  # endings of other tools' files
# Holds a float32's bits but for numbers below 2**-66.
WIDE = Precision.uniform(128, 90)


def read_model(
    path: str | os.PathLike[str], precision: Precision | None = None, **options: Any
) -> Sequential:
    """The network in a file, by how its name ends.

    Parameters
    ----------
    path : str or os.PathLike
        ``.npz``, ours; ``.onnx``, ``.safetensors``, ``.pt``, ``.pth``, ``.keras`` or ``.h5``.
    precision : Precision, optional
        Its formats; by default a model of ours keeps its own, others have
        ``Precision.preset(32)``.
    **options
        Of the function that reads such files: `hidden`, `output`, `layers`, `seed`.

    Raises
    ------
    ValueError
        If it ends in nothing of these, can't be imported, or tells itself what an option says.
    ModelFileError
        If it is damaged.
    OSError
        If it can't be read.

    Examples
    --------
    >>> from fxtypes_nn import MLP
    >>> from fxtypes_nn.imports import read_model
    >>> MLP([4, 2]).save("model.npz")
    >>> read_model("model.npz")
    <MLP dense1, softmax1>
    """
    name = os.fspath(path)
    ending = os.path.splitext(name)[1].lower()
    if ending != ".npz" and ending not in _READERS:
        raise ValueError(f"{name} must be a model's file, ending in .npz, {', '.join(_READERS)}")
    known = inspect.signature(_READERS[ending]).parameters if ending in _READERS else {}
    unknown = [option for option in options if option not in known]
    if unknown:
        raise ValueError(f"{unknown[0]}= is not of {ending} files: {name} tells that itself")
    if ending == ".npz":
        model = load_model(path)
        return model if precision is None else model.with_precision(precision)
    found: Sequential = _READERS[ending](path, precision, **options)
    return found


def fit_formats(model: Sequential, x: Any, y: Any, width: int) -> Sequential:
    """The same network in formats of a width, chosen from what its tensors reach on data.

    Its weights count as trained: `Precision.auto` leaves nothing to grow. Those few that are
    beyond the range, where bits are few, saturate.

    Parameters
    ----------
    model : Sequential
        As it was read into `WIDE`; its own weights saturate, too.
    x, y : array
        As `Sequential.fit` takes them.
    width : int
        2 to 128.

    Raises
    ------
    ValueError, TypeError
        If the data don't fit the network, or there is no such width.
    """
    precision = choose(model, x, y, width, trained=True)
    held = {}
    for name, values in model.parameters().items():
        fmt = precision.for_layer(name.partition(".")[0]).updates
        held[name] = fx.clip(values, fmt.min, fmt.max)
    model.set_parameters(held)
    return model.with_precision(precision)
