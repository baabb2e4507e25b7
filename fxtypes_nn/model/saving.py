"""Models written to files; `loading` reads them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from fxtypes.interop.archive import write_archive

from ..layers import LAYERS
from ..training.stored_state import stored

if TYPE_CHECKING:
    from ..layers import Layer
    from .sequential import Sequential

KIND, VERSION = "fxtypes_nn model", 2
_PLAIN = (int, float, str, bool, type(None))


def save_model(model: Sequential, path: str | os.PathLike[str]) -> None:
    """Write a model to one file; see `Sequential.save`."""
    header, arrays = model_header(model), dict(model.parameters())
    header["training"], more = stored(model.training)
    write_archive(path, KIND, VERSION, header, arrays | more)


def model_header(model: Sequential) -> dict[str, Any]:
    """All of a model but its parameters and its training, as JSON can hold it.

    Raises
    ------
    ValueError
        If a layer can't be made anew from it.
    """
    header: dict[str, Any] = {
        "layers": [_stored_layer(layer) for layer in model.layers],
        "input_shape": list(model.input_shape),
        "precision": model.precision.to_dict(),
        "seed": model.seed,
    }
    if model.standardisation is not None:
        header["standardisation"] = model.standardisation.to_lists()
    if model.mlp_arguments is not None:
        header["mlp"] = model.mlp_arguments
    return header


def _stored_layer(layer: Layer) -> list[Any]:
    kind = type(layer).__name__
    if LAYERS.get(kind) is not type(layer):
        raise ValueError(
            f"{layer.name} can't be saved: its class {kind} isn't registered; decorate it with "
            "@fxtypes_nn.register_layer"
        )
    settings = layer.settings()
    for name, value in settings.items():
        if callable(value) and name == "initializer":
            settings[name] = None  # it has done its work
        elif not _is_plain(value):
            raise ValueError(
                f"{layer.name} can't be saved: its {name} is {value!r}, and a file holds numbers, "
                "strings, booleans, None and lists of them"
            )
    return [kind, settings]


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, _PLAIN)
