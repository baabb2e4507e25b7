"""The settings of a training: what each may be, from options, files and defaults."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Collection, Mapping
from typing import Any

import fxtypes as fx

from .. import datasets
from ..errors import SettingError
from ..model.mlp import HIDDEN
from ..precision import PRESET_WIDTHS, Precision
from ..recipes import names as recipes
from ..recipes import read as recipe_text
from ..training.hyperparameters import BELOW_ONE, NOT_NEGATIVE, POSITIVE, SHARE
from . import readers
from .formats import read_formats, whole_formats
from .readers import Reader, Wrong

OPTIMIZERS, SCHEDULES = ("sgd", "adam"), ("constant", "cosine", "step")
_EPOCHS, _EPOCHS_OTHERWISE = {"digits": 30}, 3
_RATES = {"sgd": 0.1, "adam": 0.001}
_PRECISION = "precision"  # the table of a TOML file


def _dataset() -> Reader:
    plain = readers.path()

    def value(given: Any) -> str:
        name: str = plain.value(given)
        if name not in datasets.names() and not os.path.exists(name):
            raise ValueError
        return name

    known = ", ".join(datasets.names())
    return Reader(f"one of {known}, or the path of a file or folder that is there", value, str)


def _setting(default: Any, group: str, reader: Reader, help: str, **more: Any) -> Any:
    metadata = {"reader": reader, "group": group, "help": help} | more
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class Settings:
    """A training's settings, checked and resolved.

    Each field is the option of its name, with dashes, and the key of a TOML file.
    None of those that follow from others stays None: see `resolve`.
    """

    dataset: str = _setting(
        "digits",
        "data",
        _dataset(),
        f"{', '.join(datasets.names())}, or the path of an .npz, a table of text or a folder of "
        "IDX files; digits is built in",
        metavar="NAME|PATH",
    )
    data_dir: str | None = _setting(
        None,
        "data",
        readers.path(),
        f"where the named data sets lie (default: ${datasets.DATA_VARIABLE})",
        metavar="FOLDER",
    )
    label: str | int | None = _setting(
        None,
        "data",
        readers.column(),
        "a table's column of labels, by name or number (default: the last)",
        metavar="COLUMN",
    )
    test_share: float | None = _setting(
        None,
        "data",
        readers.number(SHARE),
        "the share of a table's samples that test (default: 0.2)",
        metavar="SHARE",
    )
    standardise: bool = _setting(
        False, "data", readers.flag(), "bring features to mean 0 and deviation 1"
    )
    shifts: int = _setting(
        0,
        "data",
        readers.integer(0),
        "shift training images by up to so many pixels, at random",
        metavar="PIXELS",
    )
    flips: bool = _setting(
        False, "data", readers.flag(), "turn training images left to right, every second one"
    )

    layers: tuple[int, ...] = _setting(
        (128, 64), "network", readers.units(), "the hidden layers' units", metavar="UNITS,..."
    )
    hidden: str = _setting("relu", "network", readers.choice(HIDDEN), "what follows a hidden layer")
    dropout: float = _setting(
        0,
        "network",
        readers.number(BELOW_ONE),
        "the share of each hidden layer's outputs that is left out in training",
        metavar="SHARE",
    )
    input_dropout: float = _setting(
        0, "network", readers.number(BELOW_ONE), "the same of the inputs", metavar="SHARE"
    )
    width: int = _setting(
        32, "network", readers.integer(2, 128), "bits of a number", metavar="BITS"
    )
    frac_bits: int | None = _setting(
        None,
        "network",
        readers.integer(-256, 256),
        "bits after the binary point, for all numbers alike (default: Precision.preset)",
        metavar="BITS",
    )
    seed: int = _setting(
        0, "network", readers.integer(), "the same seed gives the same bits", metavar="N"
    )

    epochs: int = _setting(
        None,
        "training",
        readers.integer(1),
        f"passes over the data (default: {_EPOCHS['digits']} on digits, {_EPOCHS_OTHERWISE} on "
        "others)",
        metavar="N",
    )
    batch_size: int = _setting(32, "training", readers.integer(1), "samples of a step", metavar="N")
    optimizer: str = _setting(
        "sgd", "training", readers.choice(OPTIMIZERS), "how parameters follow from gradients"
    )
    learning_rate: float = _setting(
        None,
        "training",
        readers.number(POSITIVE),
        "the step's factor (default: {sgd} with sgd, {adam} with adam)".format(**_RATES),
        metavar="RATE",
    )
    momentum: float = _setting(
        0,
        "training",
        readers.number(BELOW_ONE),
        "of sgd",
        metavar="SHARE",
        only=("optimizer", "sgd"),
    )
    nesterov: bool = _setting(
        False, "training", readers.flag(), "Nesterov's momentum", only=("optimizer", "sgd")
    )
    weight_decay: float = _setting(
        0, "training", readers.number(NOT_NEGATIVE), "the penalty's factor", metavar="FACTOR"
    )
    schedule: str = _setting(
        "constant", "training", readers.choice(SCHEDULES), "how the learning rate goes on"
    )
    schedule_epochs: int | None = _setting(
        None,
        "training",
        readers.integer(1),
        "after how many epochs the cosine is at its end; they stay what they are when a run goes "
        "on for longer (default: the epochs)",
        metavar="N",
        only=("schedule", "cosine"),
    )
    final_rate: float | None = _setting(
        None,
        "training",
        readers.number(NOT_NEGATIVE),
        "the cosine's learning rate at its end (default: 0)",
        metavar="RATE",
        only=("schedule", "cosine"),
    )
    step_epochs: int | None = _setting(
        None,
        "training",
        readers.integer(1),
        "epochs between the steps (default: a third of the epochs)",
        metavar="N",
        only=("schedule", "step"),
    )
    step_factor: float | None = _setting(
        None,
        "training",
        readers.number(SHARE),
        "a step's factor (default: 0.1)",
        metavar="FACTOR",
        only=("schedule", "step"),
    )
    warm_up: float = _setting(
        0,
        "training",
        readers.number(NOT_NEGATIVE),
        "epochs, 0.5 for one, in which the learning rate rises evenly to its full height",
        metavar="EPOCHS",
    )
    powers_of_two: bool = _setting(
        False, "training", readers.flag(), "round learning rates down to powers of two: shifts"
    )

    validation_every: int | None = _setting(
        None,
        "watching",
        readers.integer(1),
        "iterations between measures on the test part (default: an epoch's end only)",
        metavar="N",
    )
    watch_every: int = _setting(
        10,
        "watching",
        readers.integer(1),
        "iterations between records of ranges and events",
        metavar="N",
    )
    watch_gradients: bool = _setting(
        False, "watching", readers.flag(), "record the ranges of gradients, too"
    )

    # By role what a file's table `precision` names; the others are `width`'s and `frac_bits`'.
    precision: Mapping[str, fx.Format] = dataclasses.field(default_factory=dict)

    def formats(self) -> Precision:
        """The formats of all roles."""
        return _base(self.width, self.frac_bits).replace(**self.precision)

    def stored(self) -> dict[str, Any]:
        """All of them, as JSON can hold them and `from_stored` reads them."""
        found = {field.name: getattr(self, field.name) for field in FIELDS}
        found["layers"] = list(self.layers)
        return found | {"named_formats": {role: repr(fmt) for role, fmt in self.precision.items()}}

    def command(self, names: Collection[str] | None = None) -> list[str]:
        """The options of the settings of these names; by default of all that aren't defaults.

        A file's formats have none, and where the data lie is of no account.
        """
        words = []
        for field in FIELDS:
            value = getattr(self, field.name)
            wanted = value != field.default if names is None else field.name in names
            if not wanted or value is None or field.name == "data_dir":
                continue
            if field.metadata["reader"].is_flag:
                words.append(option_of(field.name) if value else f"--no-{key_of(field.name)}")
            else:
                text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
                # A text that begins with a dash would be an option of its own.
                option = option_of(field.name)
                words += [f"{option}={text}"] if text.startswith("-") else [option, text]
        return words


FIELDS = tuple(field for field in dataclasses.fields(Settings) if field.metadata)
_BY_NAME = {field.name: field for field in FIELDS}


def option_of(name: str) -> str:
    """A field's option."""
    return f"--{key_of(name)}"


def key_of(name: str) -> str:
    """A field's key in a TOML file."""
    return name.replace("_", "-")


def resolve(given: Mapping[str, Any]) -> Settings:
    """Settings with defaults where nothing is given.

    Parameters
    ----------
    given : mapping of str to object
        Values by field's name, each as its reader makes them; None counts as not given.
        ``precision`` as `formats.read_formats` reads it.

    Raises
    ------
    SettingError
        If some of them don't go together.
    """
    found = {name: value for name, value in given.items() if value is not None}
    wrong = next((name for name in found if name not in {*_BY_NAME, _PRECISION}), None)
    if wrong is not None:
        raise SettingError(f"there is no setting {wrong!r}")
    named = found.pop(_PRECISION, {})
    plain = Settings(**found)
    for name, value in found.items():
        needed = name in _BY_NAME and _BY_NAME[name].metadata.get("only")
        if needed and value != _BY_NAME[name].default and getattr(plain, needed[0]) != needed[1]:
            raise SettingError(
                f"{option_of(name)} is for --{needed[0]} {needed[1]}, and the {needed[0]} is "
                f"{getattr(plain, needed[0])}"
            )
    if plain.nesterov and not plain.momentum:
        raise SettingError("--nesterov needs a --momentum of more than 0, such as 0.9")
    low, high = PRESET_WIDTHS
    if plain.frac_bits is None and not low <= plain.width <= high:
        raise SettingError(
            f"--width {plain.width} has no preset formats, those go from {low} to {high}; give "
            "--frac-bits too"
        )
    epochs = plain.epochs or _EPOCHS.get(plain.dataset, _EPOCHS_OTHERWISE)
    changes: dict[str, Any] = {
        "precision": _named_formats(plain, named),
        "epochs": epochs,
        "learning_rate": plain.learning_rate or _RATES[plain.optimizer],
    }
    if plain.schedule == "cosine":
        changes["schedule_epochs"] = plain.schedule_epochs or epochs
        changes["final_rate"] = plain.final_rate or 0
    if plain.schedule == "step":
        changes["step_epochs"] = plain.step_epochs or max(1, round(epochs / 3))
        changes["step_factor"] = plain.step_factor or 0.1
    return dataclasses.replace(plain, **changes)


def _base(width: int, frac_bits: int | None) -> Precision:
    return Precision.preset(width) if frac_bits is None else Precision.uniform(width, frac_bits)


def _named_formats(settings: Settings, named: Mapping[str, Any]) -> dict[str, fx.Format]:
    base = _base(settings.width, settings.frac_bits)
    try:
        found = whole_formats(base, named)
        base.replace(**found)
    except (ValueError, TypeError) as error:
        raise SettingError(f"{_PRECISION}: {error}") from None
    return found


def read_text(name: str, text: str) -> Any:
    """An option's value, by its field's name; ValueError that says what it must be."""
    return _BY_NAME[name].metadata["reader"].from_text(text)


def read_file(path: str) -> dict[str, Any]:
    """The settings that a TOML file gives, by field's name.

    Raises
    ------
    SettingError
        If it can't be read, is no TOML, or has a key or value that is none; with its name.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise SettingError(f"{path} can't be read: {error.strerror or error}") from None
    return _read(path, data)


def read_recipe(name: str) -> dict[str, Any]:
    """The settings of a recipe that comes with the package; SettingError if there is none."""
    if name not in recipes():
        raise SettingError(f"there is no recipe {name!r}; there are {', '.join(recipes())}")
    return _read(f"the recipe {name}", recipe_text(name).encode())


def _read(path: str, data: bytes) -> dict[str, Any]:
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))  # some editors begin with a mark
    except UnicodeDecodeError as error:
        raise SettingError(f"{path} is no TOML: {error}; save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingError(f"{path} is no TOML: {error}") from None
    keys = [key_of(field.name) for field in FIELDS]
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        try:
            if key == _PRECISION:
                found[name] = read_formats(value)
            elif key in keys:
                found[name] = _BY_NAME[name].metadata["reader"].from_value(value)
            else:
                raise SettingError(
                    f"{path}: {key} is no setting; there are {', '.join(keys)} and the table "
                    f"[{_PRECISION}]"
                )
        except Wrong as error:
            raise SettingError(f"{path}: {key} {error}") from None
    return found
