"""Tables from NumPy's functions to ours, made from the names in numpy_names.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from ..functions import (
    assignment,
    choosing,
    comparing,
    covariance,
    creation,
    differences,
    elementary,
    elementwise,
    indexing,
    interpolation,
    joining,
    linear_combination,
    lookup,
    manipulation,
    norms,
    padding,
    products,
    rearranging,
    reductions,
    searching,
    sets,
    softmax,
    sorting,
    splitting,
    statistics,
)

_MODULES = (
    *(assignment, choosing, comparing, covariance, creation, differences, elementary, elementwise),
    *(indexing, interpolation, joining, linear_combination, lookup, manipulation, norms, padding),
    products,
    *(rearranging, reductions, searching, sets, softmax, sorting, splitting, statistics),
)


Value = TypeVar("Value")


def our_function(name: str) -> Callable[..., Any]:
    """The public function of fxtypes of this name."""
    for module in _MODULES:
        if name in module.__all__:
            return getattr(module, name)
    raise LookupError(f"fxtypes has no function {name!r}")


def numpy_function(name: str) -> Any:
    """NumPy's function of a name such as ``linalg.norm``; None where this NumPy has none."""
    found: Any = np
    for part in name.split("."):
        if part.startswith("_") or not hasattr(found, part):
            return None
        found = getattr(found, part)
    return found


def by_function(values: Mapping[str, Value]) -> dict[Any, Value]:
    """The values by NumPy's functions instead of their names; those that this NumPy has."""
    found = {numpy_function(name): value for name, value in values.items()}
    found.pop(None, None)
    return found


def functions_of_ours(names: Mapping[str, str]) -> dict[str, Callable[..., Any]]:
    """The functions of fxtypes that some of NumPy's names stand for."""
    return {name: our_function(ours) for name, ours in names.items()}
