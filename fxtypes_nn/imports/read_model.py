"""A model's file, whichever tool wrote it."""

from __future__ import annotations

import os
from typing import Any

from ..model import Sequential, load_model
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
        If it ends in nothing of these, or can't be imported.
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
    ending = os.path.splitext(os.fspath(path))[1].lower()
    if ending == ".npz":
        model = load_model(path)
        return model if precision is None else model.with_precision(precision)
    if ending not in _READERS:
        raise ValueError(
            f"{os.fspath(path)} must be a model's file, ending in .npz, {', '.join(_READERS)}"
        )
    found: Sequential = _READERS[ending](path, precision, **options)
    return found
