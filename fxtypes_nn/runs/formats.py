"""Formats in text: in a TOML file's table of roles, and in a run's configuration."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import fxtypes as fx

from ..precision import ROLES, Precision
from .readers import Wrong

_FIELDS = ("width", "frac_bits", "signed", "rounding", "overflow")
_NAMES = tuple(role.name for role in ROLES)
_HELP = (
    "as 'Q2.13', 'ap_fixed<16,3>' or \"Format(16, 13, rounding='stochastic')\", or a table of "
    "width, frac-bits, signed, rounding, overflow"
)


def parse_format(text: str) -> fx.Format:
    """A format of its repr, or of any notation that `Format.parse` reads.

    Raises
    ------
    ValueError
        If it is neither; nothing of the text is ever run.

    Examples
    --------
    >>> from fxtypes_nn.runs.formats import parse_format
    >>> parse_format("Format(16, 13, rounding='stochastic')")
    Format(16, 13, rounding='stochastic')
    >>> parse_format("Q2.13")
    Format(16, 13)
    """
    text = text.strip()
    if not text.startswith("Format("):
        return fx.Format.parse(text)
    try:
        call = ast.parse(text, mode="eval").body
        if not isinstance(call, ast.Call):
            raise ValueError("it is no call")
        arguments = [ast.literal_eval(argument) for argument in call.args]
        named = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
        return fx.Format(*arguments, **named)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError(f"{text[:80]!r} is no format: {error}") from None


def read_formats(table: Any) -> dict[str, Any]:
    """A table of roles: each a whole format, or a dict of the fields that are to be others.

    Raises
    ------
    Wrong
        If a role is none, or what stands there is no format; the message names it.
    """
    if not isinstance(table, Mapping):
        raise Wrong(f"must be a table of formats by role, got {table!r}")
    found: dict[str, Any] = {}
    for key, value in table.items():
        role = key.replace("-", "_")
        if role not in _NAMES:
            raise Wrong(f"has {key!r}, which is no role; roles are {', '.join(_NAMES)}")
        try:
            found[role] = _format_or_fields(value)
        except (ValueError, TypeError) as error:
            raise Wrong(f"has {key}, which is no format: {error}; write one {_HELP}") from None
    return found


def _format_or_fields(value: Any) -> Any:
    if isinstance(value, fx.Format):
        return value
    if isinstance(value, str):
        return parse_format(value)
    if not isinstance(value, Mapping):
        raise ValueError(f"got {value!r}")
    fields = {key.replace("-", "_"): given for key, given in value.items()}
    unknown = [key for key in fields if key not in _FIELDS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no field")
    if {"width", "frac_bits"} <= fields.keys():
        return fx.Format(**fields)
    return fields


def whole_formats(base: Precision, named: Mapping[str, Any]) -> dict[str, fx.Format]:
    """The roles that `read_formats` read, each with its whole format.

    Fields that a role doesn't name are the base's, with the other roles' formats in it.

    Raises
    ------
    ValueError, TypeError
        If there is no such format.
    """
    whole = {role: fmt for role, fmt in named.items() if isinstance(fmt, fx.Format)}
    base = base.replace(**whole)
    for role, fields in named.items():
        if role in whole:
            continue
        before = getattr(base, role)
        if before is None:
            raise ValueError(f"{role} has no format that could be changed: name width, frac-bits")
        whole[role] = before.replace(**fields)
    return whole
