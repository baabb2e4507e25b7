"""What NumPy's functions that are no ufuncs do with FixedArrays: handled, or refused by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..fixed_array import FixedArray
from ..operations.read_operands import refuse_lazy
from . import numpy_names
from .function_tables import by_function, functions_of_ours
from .numpy_handlers import OWN
from .numpy_keywords import call_with_keywords


def run_function(function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
    """What FixedArray.__array_function__ does."""
    others = [kind for kind in types if kind is not FixedArray and not issubclass(kind, np.ndarray)]
    for kind in others:
        refuse_lazy(kind)
    if others:
        return NotImplemented  # the other type may know what to do
    handler = FUNCTIONS.get(function)
    if handler is None:
        name = _full_name(function)
        raise TypeError(f"{name} refuses FixedArrays: {REFUSED.get(function, 'not supported')}")
    name, ours = handler
    if name in _VARIADIC:
        return call_with_keywords(f"np.{name}", ours, args, kwargs)
    order = _positions(name, function)
    if len(args) > len(order):
        raise TypeError(f"np.{name} takes at most {len(order)} arguments, got {len(args)}")
    given = dict(zip(order, args, strict=False)) | kwargs
    out = given.pop("out", None)
    # By position, as our function may call these parameters otherwise.
    by_position = [given.pop(key) for key in order[: _BY_POSITION.get(name, 1)] if key in given]
    return call_with_keywords(f"np.{name}", ours, by_position, given, out)


def _full_name(function: Callable[..., Any]) -> str:
    module = function.__module__ or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


# Functions that take any number of positional arguments: all are passed as they are.
_VARIADIC = (
    "apply_along_axis",
    "apply_over_axes",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "gradient",
    "einsum",
    "einsum_path",
    "meshgrid",
)
# How many first parameters are passed by position, where it isn't one.
_BY_POSITION = dict.fromkeys(
    numpy_names.words(
        """
        append array_equal array_equiv broadcast_to choose clip compress digitize
        dot ediff1d extract in1d intersect1d isin isneginf isposinf may_share_memory
        place putmask searchsorted setdiff1d setxor1d shares_memory union1d
        full_like copyto convolve correlate cross inner kron outer tensordot vdot
        linalg.cross linalg.matmul linalg.outer linalg.tensordot linalg.vecdot
        linalg.matrix_power
        """
    ),
    2,
) | dict.fromkeys(["interp", "where"], 3)  # fmt: skip

# NumPy 2.0 doesn't tell the signatures of functions that it has in C.
_C_POSITIONS = {
    "concatenate": ("arrays", "axis", "out"),
    "copyto": ("dst", "src", "casting", "where"),
    "dot": ("a", "b", "out"),
    "inner": ("a", "b"),
    "vdot": ("a", "b"),
    "empty_like": ("prototype", "dtype", "order", "subok", "shape"),
    "lexsort": ("keys", "axis"),
    "may_share_memory": ("a", "b", "max_work"),
    "putmask": ("a", "mask", "values"),
    "shares_memory": ("a", "b", "max_work"),
    "where": ("condition", "x", "y"),
}
_position_cache: dict[str, tuple[str, ...]] = {}


def _positions(name: str, function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of NumPy's positional parameters, in order."""
    found = _C_POSITIONS.get(name) or _position_cache.get(name)
    if found is None:
        parameters = inspect.signature(function).parameters.values()
        found = tuple(
            p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        )
        _position_cache[name] = found
    return found


_OURS = functions_of_ours({name: name for name in numpy_names.SAME_NAME} | numpy_names.OTHER_NAME)
FUNCTIONS = by_function({name: (name, function) for name, function in (_OURS | OWN).items()})
REFUSED = by_function(numpy_names.REFUSED)
