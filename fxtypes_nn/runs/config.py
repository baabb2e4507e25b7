"""A run's configuration, as its folder's ``config.json`` holds it."""

from __future__ import annotations

import dataclasses
import platform
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import fxtypes as fx
from fxtypes.kernels.calls import KERNELS

from ..datasets import Dataset
from ..errors import RunFolderError, SettingError
from ..model import Sequential
from ..precision import ROLES
from .formats import parse_format, read_formats
from .readers import Wrong
from .settings import FIELDS, Settings, key_of, resolve

_FREE = ("epochs", "data_dir")  # what may be another when a run goes on
_LAYERS = "layers"


def make_config(
    settings: Settings, model: Sequential, data: Dataset, command: Sequence[str]
) -> dict[str, Any]:
    """All that is known of a run before it is trained, as JSON can hold it.

    Every setting by its name (`layers` with inputs and outputs), `precision` by role, `formats` by
    the prefix of the history's columns, `accumulator`, `versions`, `samples`, `classes`, and the
    `command` that makes the run again.
    """
    sizes = [data.x_train.shape[1], *settings.layers, len(data.classes)]
    accumulator = model.precision.accumulator
    return settings.stored() | {
        _LAYERS: sizes,
        "precision": {
            role.name: repr(fmt)
            for role in ROLES
            if (fmt := getattr(model.precision, role.name)) is not None
        },
        "accumulator": "exact" if accumulator is None else repr(accumulator),
        "formats": {name: repr(fmt) for name, fmt in formats_of(model).items()},
        "samples": {"train": len(data.x_train), "test": len(data.x_test)},
        "classes": list(data.classes),
        "versions": versions(),
        "command": shlex.join(command),
    }


def versions() -> dict[str, str]:
    """Of what the bits and the time follow from."""
    return {
        "fxtypes": fx.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "kernels": str(KERNELS),
    }


def formats_of(model: Sequential) -> dict[str, fx.Format]:
    """By the prefix of a history's columns, the format of what these columns are about."""
    found = {}
    inputs = model.precision.inputs
    for layer in model.layers:
        for name in layer.parameters:
            found[f"{layer.name}.{name}"] = layer.precision.updates
        for name in (*layer.parameters, "input"):
            found[f"{layer.name}.gradient.{name}"] = layer.precision.gradients
        found[f"{layer.name}.input"] = inputs
        found[f"{layer.name}.output"] = inputs = layer.output_format
    return found


def formats_in(config: Mapping[str, Any]) -> dict[str, fx.Format]:
    """The same from a configuration; empty where it has none.

    Raises
    ------
    ValueError
        If one is no format.
    """
    found = config.get("formats", {})
    if not isinstance(found, Mapping):
        raise ValueError(f"formats must be an object, got {found!r}")
    return {str(name): parse_format(str(text)) for name, text in found.items()}


def settings_in(config: Mapping[str, Any], path: str) -> Settings:
    """The settings that a configuration tells of.

    Raises
    ------
    RunFolderError
        If it is no run's; the message names what is wrong in the file `path`.
    """
    given: dict[str, Any] = {}
    for field in FIELDS:
        value = config.get(field.name)
        if field.name == _LAYERS:
            value = value[1:-1] if isinstance(value, list) else value
        if value is None:
            continue
        try:
            # The data may lie elsewhere by now, which only what reads them needs to know.
            given[field.name] = (
                value if field.name == "dataset" else field.metadata["reader"].from_value(value)
            )
        except Wrong as error:
            raise _no_configuration(path, f"{field.name} {error}") from None
    missing = [name for name in ("dataset", _LAYERS, "epochs", "width") if name not in given]
    if missing or not isinstance(given["dataset"], str):
        raise _no_configuration(path, f"it names no {', '.join(missing) or 'dataset'}")
    try:
        given["precision"] = read_formats(config.get("named_formats", {}))
        return resolve(given)
    except (Wrong, SettingError) as error:
        raise _no_configuration(path, str(error)) from None


def _no_configuration(path: str, what: str) -> RunFolderError:
    return RunFolderError(f"{path} is no run's configuration: {what}")


def settings_to_go_on(given: Mapping[str, Any], settings: Settings, folder: str) -> Settings:
    """A run's own settings with the epochs, and the place of the data, that are asked for now.

    Raises
    ------
    RunFolderError
        If anything else is given and is another than the run's.
    """
    asked = {name: value for name, value in given.items() if value is not None}
    changes = {name: asked.pop(name) for name in _FREE if name in asked}
    named = asked.pop("precision", None)
    if named is not None:
        whole = resolve(
            {"precision": named, "width": settings.width, "frac_bits": settings.frac_bits}
        )
        asked["precision"] = whole.precision
    changed = [
        f"{key_of(name)} is {_shown(value)} and was {_shown(getattr(settings, name))}"
        for name, value in asked.items()
        if value != getattr(settings, name)
    ]
    if changed:
        raise RunFolderError(
            f"the run in {folder} is another one: {'; '.join(changed)}; go on with its own "
            "options, or choose another folder with --out"
        )
    return dataclasses.replace(settings, **changes)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {fmt!r}" for name, fmt in value.items()) or "not named"
    return str(value)
