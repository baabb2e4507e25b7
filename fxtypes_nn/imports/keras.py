"""Keras' networks: lists of weights, and its files."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import ModelFileError
from ..extras import extra
from ..layers import Dropout
from ..model import Sequential
from ..precision import Precision
from .network import KNOWN, Array, Imported, Weights, by_number, one_line

_LAYERS = (
    "InputLayer",
    "Flatten",
    "Dense",
    "Activation",
    "Dropout",
    "ReLU",
    "LeakyReLU",
    "Softmax",
)


def from_keras(
    source: Any,
    precision: Precision | None = None,
    *,
    hidden: str | Iterable[str] | None = None,
    output: str | None = None,
    seed: int = 0,
) -> Sequential:
    """A network of Keras as one of ours, each weight rounded once.

    Parameters
    ----------
    source : sequence of arrays or path
        What ``model.get_weights()`` gives; or a file: ``.keras`` (Keras 3) with layers and their
        activations, ``.weights.h5`` or ``.h5`` with weights alone.
    precision : Precision, optional
        By default ``Precision.preset(32)``.
    hidden : str or sequence of str, optional
        What follows the hidden layers, of which weights alone tell nothing: "relu" (the default),
        "sigmoid", "tanh", "identity", or a name for each.
    output : str, optional
        What follows the last one: "softmax" (the default of weights alone; of a single output
        "identity"), "sigmoid", "tanh", "relu" or "identity". It may stand beside a ``.keras``
        file, too, which ends in its logits.
    seed : int
        What further training draws from.

    Returns
    -------
    Sequential
        Its samples are of one axis, as after `Flatten`.

    Raises
    ------
    ValueError
        If it has something else than dense layers, or a weight is out of its format's range.
    ModelFileError
        If a file is damaged.
    TypeError
        If it is nothing of these.
    OSError
        If a file can't be read.
    ImportError
        If h5py isn't installed, and it is a file.

    Examples
    --------
    >>> import numpy as np
    >>> from fxtypes_nn import from_keras
    >>> from_keras([np.eye(4, 3), np.zeros(3), np.eye(3, 2), np.zeros(2)], hidden="sigmoid")
    <Sequential dense1, sigmoid1, dense2, softmax1>
    """
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        found = Imported(name)
        with open(source, "rb") as file:  # what can't be read at all is an OSError
            content = file.read()
        try:
            if name.lower().endswith(".keras"):
                if hidden is not None:
                    raise ValueError("hidden= is of weights alone: a .keras file has its layers")
                _of_archive(found, content)
                if output is not None:
                    found.activation(output)
            elif name.lower().endswith(".h5"):
                found.weights(list(_of_h5(found, content)), hidden, output)
            else:
                raise ValueError(f"{name} must end in .keras or .h5; it tells the format")
        except ModelFileError as error:
            raise ModelFileError(
                f"{name} is not a whole file of Keras': {one_line(error)}; save it anew, or take "
                "a copy"
            ) from None
    else:
        if hasattr(source, "get_weights"):
            raise TypeError(
                "from_keras takes model.get_weights(), or a file that model.save wrote, got a model"
            )
        found = Imported("this list of weights")
        found.weights(_pairs(found, source), hidden, output)
    return found.build(precision, seed)


def _pairs(found: Imported, arrays: Any) -> list[Weights]:
    """Kernels, each with the bias that follows it, if one does."""
    if isinstance(arrays, np.ndarray) or not isinstance(arrays, Sequence):
        raise TypeError(
            "from_keras takes a list of arrays, as model.get_weights() gives it, or a path, got "
            f"{type(arrays).__name__}"
        )
    layers: list[Weights] = []
    for index, values in enumerate(map(np.asarray, arrays)):
        if values.ndim == 2:
            layers.append(Weights(f"array {index}", values))
        elif values.ndim == 1 and layers and layers[-1].bias is None:
            layers[-1] = layers[-1]._replace(bias=values)
        else:
            raise found.refused(
                f"array {index} has the shape {values.shape}; weights of two axes, each followed "
                "by its bias or by none, are those of dense layers"
            )
    return layers


def _of_archive(found: Imported, content: bytes) -> None:
    """A .keras file: a zip of the layers' settings in JSON, and of their weights in HDF5."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            config = json.loads(archive.read("config.json"))
            weights = archive.read("model.weights.h5")
    except Exception as error:  # of zipfile and zlib of many kinds
        raise ModelFileError(str(error)) from None
    try:
        kind, layers = config["class_name"], config["config"]["layers"]
        steps = [(each["class_name"], each["config"]) for each in layers]
        before = [_sources(each.get("inbound_nodes")) for each in layers]
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(f"its config.json has no layers: {error!r}") from None
    if kind not in ("Sequential", "Functional"):
        raise found.refused(
            f"it is a {kind}, whose code isn't in the file; model.get_weights() with hidden= and "
            "output= can be imported"
        )
    names = [settings.get("name") for _, settings in steps]
    for index, sources in enumerate(before):
        if kind == "Functional" and sources != names[index - 1 : index]:
            raise found.refused(
                f"{names[index]} takes {', '.join(sources) or 'nothing'}; a chain of layers can "
                "be imported"
            )
    for layer, settings in steps:
        if layer not in _LAYERS:
            raise found.refused(
                f"{settings.get('name')} is a {layer}; beside Dense it may have {KNOWN}"
            )
    dense = iter(list(_of_h5(found, weights)))
    for layer, settings in steps:
        try:
            _add(found, layer, settings, dense)
        except (KeyError, StopIteration) as error:
            what = error if isinstance(error, KeyError) else "weights"
            raise ModelFileError(f"{settings.get('name')} lacks {what}") from None


def _sources(nodes: Any) -> list[str]:
    """The names of the layers that a layer's input comes from."""
    if isinstance(nodes, dict):
        history = nodes.get("keras_history")
        if history:
            return [str(history[0])]
        return [name for value in nodes.values() for name in _sources(value)]
    if isinstance(nodes, list):
        return [name for value in nodes for name in _sources(value)]
    return []


def _add(found: Imported, kind: str, settings: Any, dense: Iterator[Weights]) -> None:
    name = str(settings.get("name"))
    if kind == "Dense":
        _, weights, bias = next(dense)
        if settings["use_bias"] != (bias is not None) or settings["units"] != weights.shape[-1]:
            raise ModelFileError(f"the weights of {name} aren't those of its settings")
        found.dense(name, weights, bias)
        _activate(found, name, settings["activation"])
    elif kind == "Activation":
        _activate(found, name, settings["activation"])
    elif kind == "Dropout":
        found.layer(Dropout(settings["rate"]))
    elif kind in ("ReLU", "LeakyReLU"):
        slope = settings.get("negative_slope", settings.get("alpha", 0.0))
        if settings.get("max_value") is not None or settings.get("threshold"):
            raise found.refused(f"{name} is a ReLU with a bound, which has no counterpart")
        if slope:
            found.leaky_relu(name, slope)
        else:
            found.activation("relu")
    elif kind == "Softmax" and settings.get("axis", -1) in (-1, 1):
        found.activation("softmax")
    elif kind != "InputLayer" and not (kind == "Flatten" and found.inputs is None):
        raise found.refused(f"{name} is a {kind} over another axis than the outputs'")


def _activate(found: Imported, name: str, activation: Any) -> None:
    if not isinstance(activation, str):
        raise found.refused(f"the activation of {name}, {activation!r}, has no counterpart")
    found.activation(activation)


def _of_h5(found: Imported, content: bytes) -> Iterator[Weights]:
    """The dense layers of an HDF5 file of weights, in order."""
    parts: list[tuple[str, dict[str, Array]]]
    h5py: Any = extra("h5py", "files of Keras", "imports")
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            root = file.get("model_weights", file)
            if "layer_names" in root.attrs:
                parts = list(_old(root))
            else:
                groups: dict[str, dict[str, Array]] = {}
                root.visititems(lambda name, item: _note(groups, name, item, h5py))
                parts = [(name, groups[name]) for name in sorted(groups, key=by_number)]
    except Exception as error:  # h5py's are of many kinds: what is in the file decides
        raise ModelFileError(str(error) or type(error).__name__) from None
    for name, arrays in parts:
        if not arrays.keys() <= {"0", "1"} or "0" not in arrays:
            raise found.refused(
                f"{name} has {len(arrays)} arrays of weights, and a dense layer has one or two"
            )
        yield Weights(name.rpartition("/")[2], arrays["0"], arrays.get("1"))


def _note(groups: dict[str, dict[str, Array]], name: str, item: Any, h5py: Any) -> None:
    """Keras 3: ``layers/dense_1/vars/0`` is the kernel of the second dense layer, 1 its bias."""
    owner, _, rest = name.partition("/vars/")
    state = owner.startswith("optimizer") or owner.endswith("seed_generator")
    if isinstance(item, h5py.Dataset) and rest and not state:
        groups.setdefault(owner, {})[rest] = item[()]


def _old(root: Any) -> Iterator[tuple[str, dict[str, Array]]]:
    """Keras 2: attributes name the layers and their weights, in order."""
    for layer in root.attrs["layer_names"]:
        group = root[layer]
        arrays = {str(i): group[name][()] for i, name in enumerate(group.attrs["weight_names"])}
        if arrays:
            yield _text(layer), arrays


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
