"""What NumPy's own functions do with FixedArrays: handled, or refused by name.

Nothing falls back to objects or floats silently. The names are in numpy_names.py.
"""

import inspect
import math

import numpy as np

from . import (
    blocks,
    creation,
    dimensions,
    functions,
    joining,
    numpy_names,
    ordering,
    placing,
    products,
    reductions,
    segments,
    sets,
    shaping,
    sorting,
    statistics,
)
from .fixed_array import FixedArray
from .format import Format
from .numpy_own import OWN, OWN_UFUNCS
from .operands import is_operand, knows_ufuncs, mask
from .shaping import fixed, wrap

_MODULES = (
    *(creation, functions, products, shaping, joining, placing, ordering, sets),
    statistics,
)


def _ours(name):
    for module in _MODULES:
        if name in module.__all__:
            return getattr(module, name)
    raise LookupError(f"fxtypes has no function {name!r}")


def numpys(name):
    """NumPy's function of a name such as ``linalg.norm``; None where this NumPy has none."""
    found = np
    for part in name.split("."):
        if part.startswith("_") or not hasattr(found, part):
            return None
        found = getattr(found, part)
    return found


# -- ufuncs -------------------------------------------------------------------------------


def run_ufunc(ufunc, method, operands, kwargs):
    """What FixedArray.__array_ufunc__ does."""
    name, out = ufunc.__name__, kwargs.get("out") or ()
    if any(not isinstance(x, FixedArray) and knows_ufuncs(x) for x in (*operands, *out)):
        return NotImplemented  # theirs to say
    if ufunc in LOGICAL or ufunc in NUMBER:
        return _truth(ufunc, method, operands, kwargs)
    if ufunc not in UFUNCS:
        reason = REFUSED_UFUNCS.get(ufunc, "it is not supported")
        raise TypeError(f"np.{name} refuses FixedArrays: {reason}")
    run = _METHODS.get(method)
    if run is None:
        raise TypeError(f"np.{name}.{method} is not supported for FixedArrays")
    out = kwargs.pop("out", None)
    if isinstance(out, tuple) and len(out) == 1:
        (out,) = out
    return run(ufunc, operands, out, kwargs)


def _call(ufunc, operands, out, kwargs):
    name = ufunc.__name__
    shifts = name in ("left_shift", "right_shift", "ldexp")
    if shifts and not isinstance(operands[0], FixedArray):
        raise TypeError(f"np.{name}: a shift count is an integer, not a FixedArray")
    if ufunc is np.power and isinstance(operands[1], FixedArray):
        raise TypeError("np.power refuses FixedArrays as exponents: not there yet; use integers")
    return _run(f"np.{name}", UFUNCS[ufunc], operands, kwargs, out)


def _reduce(ufunc, operands, out, kwargs):
    name = f"np.{ufunc.__name__}.reduce"
    if ufunc not in _REDUCE:
        raise TypeError(f"{name} is not supported for FixedArrays")
    (a,), kwargs = operands[:1], _with_axis(operands, kwargs)
    return _run(name, _REDUCE[ufunc], (fixed(name, a),), kwargs, out)


def _accumulate(ufunc, operands, out, kwargs):
    name = f"np.{ufunc.__name__}.accumulate"
    (a,), kwargs = operands[:1], _with_axis(operands, kwargs)
    a = fixed(name, a)
    if ufunc in _ACCUMULATE:
        return _run(name, _ACCUMULATE[ufunc], (a,), kwargs, out)
    if ufunc not in _EXTREMES:
        raise TypeError(f"{name} is not supported for FixedArrays")
    found = sorting.running_extreme(ufunc, a._storage, a.format, kwargs.pop("axis"))
    return _run(name, functions.positive, (wrap(found, a.format),), kwargs, out)


def _with_axis(operands, kwargs):
    """ufunc.reduce(a, axis=0, dtype, out, ...): NumPy hands the rest over by keyword."""
    return {"axis": operands[1] if len(operands) > 1 else 0, **kwargs}


def _reduceat(ufunc, operands, out, kwargs):
    name = f"np.{ufunc.__name__}.reduceat"
    if ufunc not in _REDUCE:
        raise TypeError(f"{name} is not supported for FixedArrays")
    a, indices = operands[:2]
    given = {"axis": 0, **dict(zip(("axis", "dtype"), operands[2:], strict=False)), **kwargs}
    ours = numpy_names.REDUCE[ufunc.__name__]
    return _run(name, segments.reduceat, (ours, fixed(name, a), indices), given, out)


def _outer(ufunc, operands, out, kwargs):
    if ufunc.nin != 2 or ufunc.signature is not None:
        raise TypeError(f"np.{ufunc.__name__}.outer is not supported for FixedArrays")
    x, y = operands
    x = x if isinstance(x, FixedArray) else np.asarray(x)
    x = x.reshape((*x.shape, *(1,) * np.ndim(y)))
    return _call(ufunc, (x, y), out, kwargs)


def _at(ufunc, operands, out, kwargs):
    """a[indices] = ufunc(a[indices], b), again for an index that comes again, in order."""
    name = f"np.{ufunc.__name__}.at"
    if ufunc.nout != 1 or ufunc.signature is not None or ufunc in _COMPARISONS or kwargs:
        raise TypeError(f"{name} is not supported for FixedArrays")
    a, indices, *others = operands
    if not isinstance(a, FixedArray):
        raise TypeError(f"{name}: the array that changes is no FixedArray; its type would change")
    keys = _integers(indices)
    if keys is None:  # slices, masks, new axes: whatever NumPy takes them to choose
        places = np.arange(a.size).reshape(a.shape)[indices]
        keys, lead, rest = [places.reshape(-1)], (a.size,), ()
        others = [_broadcast(b, places.shape).reshape(-1) for b in others]
    else:
        lead, rest = a.shape[: len(keys)], a.shape[len(keys) :]
        if len(keys) > a.ndim:
            raise IndexError(f"{name}: {len(keys)} indices for an array of {a.ndim} axes")
    keys = np.broadcast_arrays(*keys)
    shape = keys[0].shape
    others = [_broadcast(b, (*shape, *rest)) for b in others]
    rows = a.copy().reshape(math.prod(lead), math.prod(rest))
    count, size = math.prod(shape), max(blocks.SIZE // max(math.prod(rest), 1), 1)
    for start in range(0, count, size):
        now = np.unravel_index(np.arange(start, min(start + size, count)), shape)
        place = np.ravel_multi_index(
            [_in_range(name, key[now], n) for key, n in zip(keys, lead, strict=True)], lead
        )
        given = [b[now].reshape(place.size, -1) for b in others]
        for turn in _turns(place):
            found = UFUNCS[ufunc](rows[place[turn]], *(b[turn] for b in given), format=a.format)
            rows[place[turn]] = found
    a[...] = rows.reshape(a.shape)  # whole or, where an overflow is an error, not at all


def _integers(indices):
    """Indices as arrays of integers, one an axis; None: they are others too."""
    keys = indices if isinstance(indices, tuple) else (indices,)
    if not keys or any(key is None or isinstance(key, slice | FixedArray) for key in keys):
        return None
    try:
        found = [np.atleast_1d(key) for key in keys]
    except ValueError:
        return None
    return found if all(key.dtype.kind in "iu" for key in found) else None


def _in_range(name, key, n):
    wrong = (key < -n) | (key >= n)
    if wrong.any():
        raise IndexError(f"{name}: index {key[wrong][0]} is out of range for an axis of {n}")
    key = key.astype(np.intp)
    return np.where(key < 0, key + n, key)


def _turns(places):
    """Masks of places that come for the first time, for the second one and so on."""
    order = np.argsort(places, kind="stable")
    first = np.searchsorted(places[order], places[order], side="left")
    turn = np.empty(places.size, np.intp)
    turn[order] = np.arange(places.size) - first  # how often the place came before
    return (turn == k for k in range(int(turn.max(initial=-1)) + 1))


def _broadcast(b, shape):
    if isinstance(b, FixedArray):
        return shaping.broadcast_to(b, shape)
    return np.broadcast_to(np.asarray(b), shape)


_METHODS = {
    "__call__": _call,
    "reduce": _reduce,
    "reduceat": _reduceat,
    "accumulate": _accumulate,
    "outer": _outer,
    "at": _at,
}


def _truth(ufunc, method, operands, kwargs):
    """ufuncs of truth values and of kinds of numbers: NumPy's, on booleans."""
    name = f"np.{ufunc.__name__}"
    out = kwargs.get("out", ())
    if any(isinstance(x, FixedArray) for x in out) or method == "at":
        raise TypeError(f"{name} gives booleans, which a FixedArray can't hold")
    if ufunc in NUMBER and method != "__call__":
        raise TypeError(f"{name}.{method} is not supported for FixedArrays")
    where = kwargs.pop("where", True)
    if where is not True:
        kwargs["where"] = mask(name, where)
    first, *others = operands
    if ufunc in NUMBER:
        first = np.asarray(first < 0).view(np.int8)
        np.negative(first, out=first)  # 0 and -1 in the array's places
    else:
        first = _truth_values(name, first)
        if method in ("__call__", "outer"):
            others = [_truth_values(name, x) for x in others]
    if method == "__call__" and where is not True and not out:
        arrays = (first, *others, kwargs["where"])
        shape = dimensions.broadcast_shapes(*(x.shape for x in arrays))
        kwargs["out"] = (np.zeros(shape, bool),)  # False where nothing is computed
    if method == "reduce" and out and out[0] is not None and out[0].dtype.hasobject:
        del kwargs["out"]
        return reductions.into_objects(name, out[0], ufunc.reduce(first, *others, **kwargs))
    return getattr(ufunc, method)(first, *others, **kwargs)


def _truth_values(name, x):
    """An operand of a logical ufunc as booleans; what is no real number is a `TypeError`."""
    if isinstance(x, FixedArray):
        return np.asarray(x != 0)
    array = np.asarray(x)
    numbers = array.dtype.kind in "biuf" or (
        array.dtype.kind == "O" and all(is_operand(v) and not isinstance(v, complex)
                                        for v in dimensions.flat(array)))  # fmt: skip
    if not numbers or isinstance(x, np.ma.MaskedArray):
        kind = f"an array of {array.dtype}" if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"{name} of a FixedArray takes real numbers, got {kind}")
    return array.astype(bool)


# -- calls --------------------------------------------------------------------------------

# Values of keywords that change nothing, where our functions have no such keyword.
_IDLE = {
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
               for idle in _IDLE.get(key, ()))  # fmt: skip


def _format(name, dtype):
    if isinstance(dtype, Format):
        return dtype
    raise TypeError(f"{name}: the dtype of a FixedArray is a Format, got {dtype!r}")


def _run(name, function, args, kwargs, out=None):
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
        return _run(f"np.{name}", ours, args, kwargs)
    order = _positions(name, function)
    if len(args) > len(order):
        raise TypeError(f"np.{name} takes at most {len(order)} arguments, got {len(args)}")
    given = dict(zip(order, args, strict=False)) | kwargs
    out = given.pop("out", None)
    lead = []
    for key in order[: _LEADING.get(name, 1)]:  # arrays, which ours may call otherwise
        if key in given:
            lead.append(given.pop(key))
    return _run(f"np.{name}", ours, lead, given, out)


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


# -- the tables ---------------------------------------------------------------------------


def _table(names, values):
    """NumPy's own function of each name, where this NumPy has it, and the value."""
    pairs = ((numpys(name), value) for name, value in zip(names, values, strict=True))
    return {key: value for key, value in pairs if key is not None}


def _handled(names):
    """NumPy's function and ours for each pair of names."""
    return _table(names, [_ours(ours) for ours in names.values()])


UFUNCS = _handled(numpy_names.UFUNCS) | _table(OWN_UFUNCS, OWN_UFUNCS.values())
_REDUCE = _handled(numpy_names.REDUCE)
_ACCUMULATE = _handled(numpy_names.ACCUMULATE)
LOGICAL = frozenset(getattr(np, name) for name in numpy_names.LOGICAL_UFUNCS)
NUMBER = frozenset(getattr(np, name) for name in numpy_names.NUMBER_UFUNCS)
REFUSED_UFUNCS = _table(numpy_names.REFUSED_UFUNCS, numpy_names.REFUSED_UFUNCS.values())
_EXTREMES = frozenset({np.minimum, np.maximum, np.fmin, np.fmax})
_COMPARISONS = frozenset(
    {np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal}
)

_HANDLERS = (
    {name: _ours(name) for name in numpy_names.SAME_NAME}
    | {name: _ours(ours) for name, ours in numpy_names.OTHER_NAME.items()}
    | OWN
)
FUNCTIONS = _table(_HANDLERS, list(_HANDLERS.items()))
REFUSED = _table(numpy_names.REFUSED, numpy_names.REFUSED.values())
