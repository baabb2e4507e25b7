"""What NumPy's other functions do with FixedArrays: handled, or refused by name."""

import inspect

import numpy as np

from ..fixed_array import FixedArray
from . import numpy_names
from .counterparts import our_function, table
from .numpy_handlers import OWN
from .numpy_keywords import call_with_keywords

# -- functions ----------------------------------------------------------------------------


def run_function(function, types, args, kwargs):
    """What FixedArray.__array_function__ does."""
    if any(kind is not FixedArray and not issubclass(kind, np.ndarray) for kind in types):
        return NotImplemented  # theirs to say
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
    lead = []
    for key in order[: _LEADING.get(name, 1)]:  # arrays, which ours may call otherwise
        if key in given:
            lead.append(given.pop(key))
    return call_with_keywords(f"np.{name}", ours, lead, given, out)


def _full_name(function):
    module = function.__module__ or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


# Functions of any number of arrays, and how many lead where it isn't one.
_VARIADIC = (
    "apply_along_axis",
    "apply_over_axes",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "einsum",
    "einsum_path",
    "meshgrid",
)
_LEADING = dict.fromkeys(
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
_position_cache: dict = {}


def _positions(name, function):
    """The names of NumPy's positional parameters, in order."""
    found = _C_POSITIONS.get(name) or _position_cache.get(name)
    if found is None:
        parameters = inspect.signature(function).parameters.values()
        found = tuple(
            p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        )
        _position_cache[name] = found
    return found


_HANDLERS = (
    {name: our_function(name) for name in numpy_names.SAME_NAME}
    | {name: our_function(ours) for name, ours in numpy_names.OTHER_NAME.items()}
    | OWN
)
FUNCTIONS = table(_HANDLERS, list(_HANDLERS.items()))
REFUSED = table(numpy_names.REFUSED, numpy_names.REFUSED.values())
