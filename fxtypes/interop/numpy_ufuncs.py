"""What NumPy's ufuncs do with FixedArrays."""

import math

import numpy as np

from ..context import blocks
from ..fixed_array import FixedArray
from ..format import many_axes
from ..functions import elementwise, manipulation
from ..functions.arguments import check_fixed, wrap
from ..operations import sort_order, truth
from ..operations.operands import is_operand, knows_ufuncs, mask
from . import numpy_names, reduceat
from .counterparts import handled, table
from .numpy_handlers import OWN_UFUNCS
from .numpy_keywords import call_with_keywords

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
    return call_with_keywords(f"np.{name}", UFUNCS[ufunc], operands, kwargs, out)


def _reduce(ufunc, operands, out, kwargs):
    name = f"np.{ufunc.__name__}.reduce"
    if ufunc not in _REDUCE:
        raise TypeError(f"{name} is not supported for FixedArrays")
    (a,), kwargs = operands[:1], _with_axis(operands, kwargs)
    return call_with_keywords(name, _REDUCE[ufunc], (check_fixed(name, a),), kwargs, out)


def _accumulate(ufunc, operands, out, kwargs):
    name = f"np.{ufunc.__name__}.accumulate"
    (a,), kwargs = operands[:1], _with_axis(operands, kwargs)
    a = check_fixed(name, a)
    if ufunc in _ACCUMULATE:
        return call_with_keywords(name, _ACCUMULATE[ufunc], (a,), kwargs, out)
    if ufunc not in _EXTREMES:
        raise TypeError(f"{name} is not supported for FixedArrays")
    found = sort_order.running_extreme(ufunc, a._storage, a.format, kwargs.pop("axis"))
    return call_with_keywords(name, elementwise.positive, (wrap(found, a.format),), kwargs, out)


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
    return call_with_keywords(
        name, reduceat.reduceat, (ours, check_fixed(name, a), indices), given, out
    )


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
        return manipulation.broadcast_to(b, shape)
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
        shape = many_axes.broadcast_shapes(*(x.shape for x in arrays))
        kwargs["out"] = (np.zeros(shape, bool),)  # False where nothing is computed
    if method == "reduce" and out and out[0] is not None and out[0].dtype.hasobject:
        del kwargs["out"]
        return truth.into_objects(name, out[0], ufunc.reduce(first, *others, **kwargs))
    return getattr(ufunc, method)(first, *others, **kwargs)


def _truth_values(name, x):
    """An operand of a logical ufunc as booleans; what is no real number is a `TypeError`."""
    if isinstance(x, FixedArray):
        return np.asarray(x != 0)
    array = np.asarray(x)
    numbers = array.dtype.kind in "biuf" or (
        array.dtype.kind == "O" and all(is_operand(v) and not isinstance(v, complex)
                                        for v in many_axes.flat(array)))  # fmt: skip
    if not numbers or isinstance(x, np.ma.MaskedArray):
        kind = f"an array of {array.dtype}" if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"{name} of a FixedArray takes real numbers, got {kind}")
    return array.astype(bool)


UFUNCS = handled(numpy_names.UFUNCS) | table(OWN_UFUNCS, OWN_UFUNCS.values())
_REDUCE = handled(numpy_names.REDUCE)
_ACCUMULATE = handled(numpy_names.ACCUMULATE)
LOGICAL = frozenset(getattr(np, name) for name in numpy_names.LOGICAL_UFUNCS)
NUMBER = frozenset(getattr(np, name) for name in numpy_names.NUMBER_UFUNCS)
REFUSED_UFUNCS = table(numpy_names.REFUSED_UFUNCS, numpy_names.REFUSED_UFUNCS.values())
_EXTREMES = frozenset({np.minimum, np.maximum, np.fmin, np.fmax})
_COMPARISONS = frozenset(
    {np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal}
)
