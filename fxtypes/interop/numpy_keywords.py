"""Calls of our functions with NumPy's keywords, which are passed on, left out, or refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..fixed_array import FixedArray
from ..format import Format
from . import numpy_names

# Values of NumPy's keywords that ask for what happens anyway. They are left out where our function
# has no such keyword.
_WITHOUT_EFFECT: dict[str, tuple[Any, ...]] = {
    "where": (True,),
    "casting": ("same_kind", "safe", "unsafe"),
    "order": ("K", "C", "A"),
    "subok": (True, False),
    "signature": (),
    "equal_nan": (True, False),
    "copy": (True,),
    "overwrite_input": (True, False),
    "keepdims": (False,),
    "sorted": (True, False),
    "kind": ("introselect", "sort", "table"),
    "writeable": (False,),
    "device": ("cpu",),
    "returned": (False,),
    "ndmin": (0,),
}
# NumPy's names of parameters that ours call otherwise.
_RENAMED = {
    "a_min": "min",
    "a_max": "max",
    "newshape": "shape",
    "correction": "ddof",
    "prototype": "a",
}


def call_with_keywords(
    name: str,
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    out: Any = None,
) -> Any:
    """Call a function of ours with NumPy's keywords; one that it doesn't know is a `TypeError`.

    Parameters
    ----------
    name : str
        What a message calls NumPy's function.
    out : FixedArray, numpy.ndarray or tuple, optional
        NumPy's ``out=``. A function without this keyword gets the format of `out`, if it takes one,
        and what it returns is stored in `out`.
    """
    accepted, takes_any = _parameters(function)
    passed: dict[str, Any] = {}
    for key, value in kwargs.items():
        if key == "dtype":
            if value is None or value is np._NoValue:
                continue
            key, value = "format", _check_dtype(name, value)
        key = key if key in accepted else _RENAMED.get(key, key)
        if key in accepted or takes_any:
            if value is not np._NoValue:
                passed[key] = value
        elif not _has_no_effect(key, value):
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
    return _store(name, function(*args, **passed), out)


def _has_no_effect(key: str, value: Any) -> bool:
    """Whether a keyword of NumPy's asks for what happens anyway."""
    if value is None or value is np._NoValue:
        return True
    return any(value is usual or (type(value) is type(usual) and value == usual)
               for usual in _WITHOUT_EFFECT.get(key, ()))  # fmt: skip


def _check_dtype(name: str, dtype: Any) -> Format:
    """NumPy's ``dtype=``, which is our ``format=``."""
    if isinstance(dtype, Format):
        return dtype
    raise TypeError(f"{name}: the dtype of a FixedArray is a Format, got {dtype!r}")


def _store(name: str, found: Any, out: Any) -> Any:
    """Put a finished result into ``out=``."""
    if not isinstance(out, FixedArray | np.ndarray):
        raise TypeError(f"{name}: out= must be an array, got {type(out).__name__}")
    if np.shape(found) != np.shape(out):
        raise ValueError(f"{name}: out has shape {np.shape(out)}, the result {np.shape(found)}")
    if isinstance(found, FixedArray) != isinstance(out, FixedArray):
        raise TypeError(
            f"{name}: the result is of type {type(found).__name__}, out= of {type(out).__name__}"
        )
    if isinstance(out, np.ndarray) and not np.can_cast(found.dtype, out.dtype, "same_kind"):
        raise TypeError(f"{name}: a result of {found.dtype} doesn't go into out of {out.dtype}")
    out[...] = found
    return out


_parameter_cache: dict[Callable[..., Any], tuple[frozenset[str], bool]] = {}


def _parameters(function: Callable[..., Any]) -> tuple[frozenset[str], bool]:
    """The names of a function's parameters, and whether it takes any keyword."""
    found = _parameter_cache.get(function)
    if found is None:
        parameters = inspect.signature(function).parameters.values()
        names = frozenset(p.name for p in parameters if p.kind not in (p.VAR_KEYWORD,))
        found = names, any(p.kind is p.VAR_KEYWORD for p in parameters)
        _parameter_cache[function] = found
    return found
