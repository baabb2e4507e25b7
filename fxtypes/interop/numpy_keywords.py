"""NumPy's keywords handed to functions of ours, or refused."""

import inspect

import numpy as np

from ..fixed_array import FixedArray
from ..format import Format
from . import numpy_names

# -- calls --------------------------------------------------------------------------------

# Values of keywords that change nothing, where our functions have no such keyword.
_WITHOUT_EFFECT = {
    "where": (True,),
    "casting": ("same_kind", "safe", "unsafe"),
    "order": ("K", "C", "A"),
    "subok": (True, False),
    "signature": (),
    "equal_nan": (True, False),
    "copy": (True,),
    "overwrite_input": (True, False),
    "keepdims": (False,),
    "density": (False,),
    "sorted": (True, False),
    "kind": ("introselect", "sort", "table"),
    "writeable": (False,),
    "device": ("cpu",),
    "reflect_type": ("even",),
    "end_values": (0,),
    "returned": (False,),
    "ndmin": (0,),
}
_RENAMED = {
    "a_min": "min",
    "a_max": "max",
    "newshape": "shape",
    "correction": "ddof",
    "prototype": "a",
}


def _is_default(key, value):
    if value is None or value is np._NoValue:
        return True
    return any(value is idle or (type(value) is type(idle) and value == idle)
               for idle in _WITHOUT_EFFECT.get(key, ()))  # fmt: skip


def _format(name, dtype):
    if isinstance(dtype, Format):
        return dtype
    raise TypeError(f"{name}: the dtype of a FixedArray is a Format, got {dtype!r}")


def call_with_keywords(name, function, args, kwargs, out=None):
    """Call a function of ours with NumPy's keywords; what it doesn't know is a TypeError."""
    accepted, open_ended = _parameters(function)
    passed = {}
    for key, value in kwargs.items():
        if key == "dtype":
            if value is None or value is np._NoValue:
                continue
            key, value = "format", _format(name, value)
        key = key if key in accepted else _RENAMED.get(key, key)
        if key in accepted or open_ended:
            if value is not np._NoValue:
                passed[key] = value
        elif not _is_default(key, value):
            why = numpy_names.REFUSED_KEYWORDS.get((name.removeprefix("np."), key))
            raise TypeError(f"{name} of FixedArrays takes no {key}={value!r:.60}"
                            + (f": {why}" if why else ""))  # fmt: skip
    if out is None:
        return function(*args, **passed)
    if "out" in accepted:
        return function(*args, **passed, out=out)
    if isinstance(out, FixedArray) and "format" in accepted:
        passed.setdefault("format", out.format)
        if passed["format"] is not out.format:
            raise TypeError(f"{name}: format= and out= must have one format")
    return _deliver(name, function(*args, **passed), out)


def _deliver(name, found, out):
    """Put a finished result into ``out=``."""
    if not isinstance(out, FixedArray | np.ndarray):
        raise TypeError(f"{name}: out= must be an array, got {type(out).__name__}")
    if np.shape(found) != np.shape(out):
        raise ValueError(f"{name}: out has shape {np.shape(out)}, the result {np.shape(found)}")
    if isinstance(found, FixedArray) != isinstance(out, FixedArray):
        raise TypeError(
            f"{name}: the result is of type {type(found).__name__}, out= of {type(out).__name__}"
        )
    if not isinstance(found, FixedArray) and not np.can_cast(found.dtype, out.dtype, "same_kind"):
        raise TypeError(f"{name}: a result of {found.dtype} doesn't go into out of {out.dtype}")
    out[...] = found
    return out


_parameter_cache: dict = {}


def _parameters(function):
    """The names of a function's parameters, and whether it takes any keyword."""
    found = _parameter_cache.get(function)
    if found is None:
        parameters = inspect.signature(function).parameters.values()
        names = frozenset(p.name for p in parameters if p.kind not in (p.VAR_KEYWORD,))
        found = names, any(p.kind is p.VAR_KEYWORD for p in parameters)
        _parameter_cache[function] = found
    return found
