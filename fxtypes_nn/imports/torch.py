"""PyTorch's networks: modules, state dicts, and files of them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ModelFileError
from ..extras import extra
from ..layers import Dropout, Softmax
from ..model import Sequential
from ..precision import Precision
from .network import KNOWN, Imported, Weights, by_number, one_line
from .safetensors import read_safetensors

_PLAIN = {"ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Identity": "identity"}
_INSIDE = ("state_dict", "model_state_dict", "model")  # where checkpoints keep the weights


def from_torch(
    source: Any,
    precision: Precision | None = None,
    *,
    hidden: str | Iterable[str] | None = None,
    output: str | None = None,
    layers: Sequence[str] | None = None,
    seed: int = 0,
) -> Sequential:
    """A network of PyTorch as one of ours, each weight rounded once.

    Parameters
    ----------
    source : torch.nn.Sequential, dict or path
        A `Sequential` of `Linear` and what may follow it (`ReLU`, `LeakyReLU`, `Sigmoid`, `Tanh`,
        `Softmax`, `Dropout`; `Flatten` at the beginning, `Identity`); a state dict; a file of one,
        ``.safetensors``, or ``.pt`` or ``.pth``, of which weights alone are loaded.
    precision : Precision, optional
        By default ``Precision.preset(32)``.
    hidden : str or sequence of str, optional
        What follows the hidden layers, of which a state dict tells nothing: "relu" (the default),
        "sigmoid", "tanh", "identity", or a name for each.
    output : str, optional
        What follows the last one: "softmax" (a state dict's default; of a single output
        "identity"), "sigmoid", "tanh", "relu" or "identity". It may stand beside a module, too,
        which ends in its logits.
    layers : sequence of str, optional
        A state dict's layers in their order, as ``["fc1", "fc2"]``; by default that of the dict,
        of a safetensors file that of their names (``fc2`` before ``fc10``).
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
        If a file is damaged or holds more than weights.
    TypeError
        If it is nothing of these.
    OSError
        If a file can't be read.

    Examples
    --------
    >>> import numpy as np
    >>> from fxtypes_nn import from_torch
    >>> state = {"fc1.weight": np.eye(3, 4), "fc1.bias": np.zeros(3), "fc2.weight": np.eye(2, 3)}
    >>> from_torch(state, hidden="tanh")
    <Sequential dense1, tanh1, dense2, softmax1>
    """
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        weights = _of_file(source)
        ordered = not name.lower().endswith(".safetensors")
        found = Imported(name)
        found.weights(_layers(found, weights, layers, ordered), hidden, output)
    elif isinstance(source, Mapping):
        found = Imported("this state dict")
        found.weights(_layers(found, source, layers, True), hidden, output)
    elif hasattr(source, "state_dict"):
        if hidden is not None or layers is not None:
            raise ValueError(
                "hidden= and layers= are of state dicts: a module has its layers itself; pass "
                "module.state_dict() with them"
            )
        found = Imported(f"this {type(source).__name__}")
        for place, module in _modules(found, source):
            _add(found, place, module)
        if output is not None:
            found.activation(output)
    else:
        raise TypeError(
            "from_torch takes a torch.nn.Sequential, a state dict or the path of one, got "
            f"{type(source).__name__}"
        )
    return found.build(precision, seed)


def _modules(found: Imported, module: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    kind = type(module).__name__
    if kind == "Sequential":
        for key, inner in module.named_children():
            yield from _modules(found, inner, f"{name}.{key}".lstrip("."))
    elif not name and kind != "Linear":
        raise found.refused(
            "only of a torch.nn.Sequential the order of layers is known; pass module.state_dict() "
            "with hidden= and output=, what follows its layers"
        )
    else:
        yield name or "it", module


def _add(found: Imported, name: str, module: Any) -> None:
    kind = type(module).__name__
    if kind == "Linear":
        found.dense(
            name, _array(module.weight).T, None if module.bias is None else _array(module.bias)
        )
    elif kind in _PLAIN:
        found.activation(_PLAIN[kind])
    elif kind == "LeakyReLU":
        found.leaky_relu(name, module.negative_slope)
    elif kind == "Dropout":
        found.layer(Dropout(module.p))
    elif kind == "Softmax" and module.dim in (None, 1, -1):
        found.layer(Softmax())
    elif kind == "Flatten" and found.inputs is None and module.start_dim == 1:
        pass  # our samples come so
    elif kind == "LogSoftmax":
        raise found.refused(f"{name} is a LogSoftmax; put a Softmax in its place")
    elif kind == "BatchNorm1d":
        raise found.refused(
            f"{name} is a BatchNorm1d; torch.nn.utils.fusion.fuse_linear_bn_eval makes it a part "
            "of the Linear before it"
        )
    else:
        raise found.refused(f"{name} is a {module}; beside Linear it may have {KNOWN}")


def _of_file(path: str | os.PathLike[str]) -> Mapping[str, Any]:
    name = os.fspath(path)
    if name.lower().endswith(".safetensors"):
        return read_safetensors(path)
    if not name.lower().endswith((".pt", ".pth")):
        raise ValueError(f"{name} must end in .safetensors, .pt or .pth; it tells the format")
    torch: Any = extra("torch", "files of PyTorch", "torch")
    with open(path, "rb"):
        pass  # what can't be read at all is an OSError
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of many kinds: what is in the file decides
        raise ModelFileError(
            f"{name} holds no weights alone, or is damaged: {one_line(error)[:200]}; save "
            "model.state_dict(), or a safetensors file"
        ) from None
    for key in _INSIDE:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping):
        raise ModelFileError(
            f"{name} holds a {type(content).__name__} and no state dict; save model.state_dict()"
        )
    return content


def _layers(
    found: Imported, state: Mapping[str, Any], names: Sequence[str] | None, ordered: bool
) -> list[Weights]:
    """The dense layers of a state dict, in order."""
    parts: dict[str, dict[str, Any]] = {}
    for key, value in state.items():
        owner, _, name = str(key).rpartition(".")
        parts.setdefault(owner, {})[name] = value
    for owner, values in parts.items():
        unknown = [name for name in values if name not in ("weight", "bias")]
        label = owner or "it"
        if unknown or "weight" not in values:
            has = f"{owner}.{(unknown or list(values))[0]}".lstrip(".")
            raise found.refused(
                f"{label} is no dense layer: it has {has}; only layers of a weight and a bias can "
                "be imported"
            )
        shape = tuple(values["weight"].shape)
        if len(shape) != 2:
            raise found.refused(
                f"{label}.weight has the shape {shape}; only dense layers, whose weights have two "
                "axes, can be imported"
            )
    order = list(parts) if ordered else sorted(parts, key=by_number)
    if names is not None:
        order = list(names)
        if sorted(order) != sorted(parts):
            raise found.refused(f"layers={order} must name each of {', '.join(sorted(parts))} once")
    layers = [
        Weights(owner or "it", _array(parts[owner]["weight"]).T, _bias(parts[owner]))
        for owner in order
    ]
    for one, other in itertools.pairwise(layers):
        if one.weights.shape[1] != other.weights.shape[0]:
            raise found.refused(
                f"{other.name} takes {other.weights.shape[0]} inputs and {one.name} gives "
                f"{one.weights.shape[1]}; layers= names them in their order, as layers={order}"
            )
    return layers


def _bias(values: Mapping[str, Any]) -> Any:
    return _array(values["bias"]) if "bias" in values else None


def _array(values: Any) -> Any:
    """A tensor's numbers; float64 holds those of every float of PyTorch's."""
    if hasattr(values, "detach"):
        return values.detach().cpu().double().numpy()
    return np.asarray(values)
