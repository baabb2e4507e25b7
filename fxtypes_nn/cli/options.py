"""The options that every command that trains has: one for each setting."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from typing import Any

from .. import recipes
from ..runs.readers import Wrong
from ..runs.settings import FIELDS, option_of, read_file, read_recipe, read_text

_TITLES = {
    "data": "data",
    "network": "network",
    "training": "training",
    "watching": "what is recorded",
}


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add an option for each setting, and those that name a file of them."""
    files = parser.add_mutually_exclusive_group()
    files.add_argument(
        "--config",
        metavar="FILE.toml",
        help="settings in a TOML file, each by its option's name; options go before them",
    )
    files.add_argument(
        "--recipe",
        metavar="NAME",
        help="the settings of a recipe that comes with the package: " + ", ".join(recipes.names()),
    )
    groups = {name: parser.add_argument_group(title) for name, title in _TITLES.items()}
    for field in FIELDS:
        _add(groups[field.metadata["group"]], field)


def _add(group: Any, field: dataclasses.Field[Any]) -> None:
    reader, text = field.metadata["reader"], field.metadata["help"].replace("%", "%%")
    common = {"dest": field.name, "default": argparse.SUPPRESS}
    if reader.is_flag:
        group.add_argument(
            option_of(field.name), action=argparse.BooleanOptionalAction, help=text, **common
        )
        return
    default = field.default
    if default not in (None, 0) or field.name == "seed":
        shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
        text += f" (default: {shown})"
    metavar = field.metadata.get("metavar") or f"{{{','.join(reader.choices)}}}"
    group.add_argument(
        option_of(field.name), type=setting_type(field.name), metavar=metavar, help=text, **common
    )


def setting_type(name: str) -> Callable[[str], Any]:
    """How a setting's option is read, as argparse takes it."""

    def convert(text: str) -> Any:
        try:
            return read_text(name, text)
        except Wrong as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def given_settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given, those of a file and the options before them.

    Raises
    ------
    SettingError
        If the file or the recipe isn't there, or has something that is no setting.
    """
    found: dict[str, Any] = {}
    if options.config is not None:
        found = read_file(options.config)
    elif options.recipe is not None:
        found = read_recipe(options.recipe)
    return found | given_options(options)


def given_options(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given as options."""
    return {field.name: vars(options)[field.name] for field in FIELDS if field.name in options}
