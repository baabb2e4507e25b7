"""What NumPy's ufuncs do with FixedArrays."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..context import blocks
from ..fixed_array import FixedArray
from ..format import many_axes, read_numbers
from ..functions import elementwise, manipulation
from ..functions.arguments import check_fixed, wrap
from ..operations import masks, sort_order, truth
from ..operations.read_operands import is_operand, knows_ufuncs, refuse_lazy
from ..operations.reduced_axes import normalize_axes
from . import numpy_names, reduceat
from .function_tables import by_function, functions_of_ours
from .numpy_handlers import OWN_UFUNCS
from .numpy_keywords import call_with_keywords
from .numpy_names import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What pandas has operators for.
_PANDAS = words(
    """
    add subtract multiply divide floor_divide remainder power divmod matmul bitwise_and bitwise_or
    bitwise_xor equal not_equal less less_equal greater greater_equal
    """
)


def run_ufunc(ufunc: np.ufunc, method: str, operands: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What FixedArray.__array_ufunc__ does."""
    name, out = ufunc.__name__, kwargs.get("out") or ()
    for other in (*operands, *out):
        if not isinstance(other, FixedArray) and knows_ufuncs(other):
            refuse_lazy(type(other))
            if read_numbers.library(type(other)) == "pandas" and name not in _PANDAS:
                raise TypeError(
                    f"np.{name} of a FixedArray beside pandas' arrays: pass their .to_numpy()"
                )
            return NotImplemented  # the other type may know what to do
    if ufunc in LOGICAL or ufunc in NUMBER:
        return _on_booleans(ufunc, method, operands, kwargs)
    if ufunc not in UFUNCS:
        reason = REFUSED_UFUNCS.get(ufunc, "it is not supported")
        raise TypeError(f"np.{name} refuses FixedArrays: {reason}")
    if not any(isinstance(x, FixedArray) for x in operands):
        raise TypeError(
            f"np.{name}: no FixedArray among its operands, only as out=; "
            "fx.array(operand, format) makes one"
        )
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
    axes = normalize_axes(kwargs["axis"], a.ndim)
    if not a.ndim:
        raise TypeError(f"{name}: a 0-d array has no axis to accumulate along")
    if len(axes) != 1:
        raise ValueError(f"{name} takes one axis, got {kwargs['axis']!r} for shape {a.shape}")
    kwargs["axis"] = axes[0]
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
    """``a[indices] = ufunc(a[indices], b)``, in order, an index that is repeated each time."""
    name = f"np.{ufunc.__name__}.at"
    if ufunc.nout != 1 or ufunc.signature is not None or ufunc in _COMPARISONS or kwargs:
        raise TypeError(f"{name} is not supported for FixedArrays")
    a, indices, *others = operands
    if not isinstance(a, FixedArray):
        raise TypeError(f"{name}: the array that changes is no FixedArray; its type would change")
    keys = _integer_arrays(indices)
    if keys is None:  # slices, masks, new axes: NumPy says which elements they choose
        chosen = np.arange(a.size).reshape(a.shape)[indices]
        keys, lead, rest = [chosen.reshape(-1)], (a.size,), ()
        others = [_broadcast(b, chosen.shape).reshape(-1) for b in others]
    else:
        lead, rest = a.shape[: len(keys)], a.shape[len(keys) :]
        if len(keys) > a.ndim:
            raise IndexError(f"{name}: {len(keys)} indices for an array of {a.ndim} axes")
    # A row: the elements that one index tuple chooses.
    keys = np.broadcast_arrays(*keys)
    shape = keys[0].shape
    others = [_broadcast(b, (*shape, *rest)) for b in others]
    rows = a.copy().reshape(math.prod(lead), math.prod(rest))
    count, size = math.prod(shape), max(blocks.SIZE // max(math.prod(rest), 1), 1)
    for start in range(0, count, size):
        block = np.unravel_index(np.arange(start, min(start + size, count)), shape)
        row = np.ravel_multi_index(
            [_in_range(name, key[block], n) for key, n in zip(keys, lead, strict=True)], lead
        )
        given = [b[block].reshape(row.size, -1) for b in others]
        for turn in _occurrences(row):
            found = UFUNCS[ufunc](rows[row[turn]], *(b[turn] for b in given), format=a.format)
            rows[row[turn]] = found
    a[...] = rows.reshape(a.shape)  # at the end, as an overflow may have been an error


def _integer_arrays(indices: Any) -> list[NDArray[Any]] | None:
    """Indices as arrays of integers, one an axis; None if there are others among them."""
    keys = indices if isinstance(indices, tuple) else (indices,)
    if not keys or any(key is None or isinstance(key, slice | FixedArray) for key in keys):
        return None
    try:
        found = [np.atleast_1d(key) for key in keys]
    except ValueError:
        return None
    return found if all(key.dtype.kind in "iu" for key in found) else None


def _in_range(name: str, key: NDArray[Any], n: int) -> NDArray[np.intp]:
    """Indices into an axis of n elements, counted from its start."""
    wrong = (key < -n) | (key >= n)
    if wrong.any():
        raise IndexError(f"{name}: index {key[wrong][0]} is out of range for an axis of {n}")
    key = key.astype(np.intp)
    return np.where(key < 0, key + n, key)


def _occurrences(numbers: NDArray[np.intp]) -> Iterator[NDArray[np.bool_]]:
    """Masks of each number's first occurrence, of its second one and so on."""
    order = np.argsort(numbers, kind="stable")
    first = np.searchsorted(numbers[order], numbers[order], side="left")
    before = np.empty(numbers.size, np.intp)
    before[order] = np.arange(numbers.size) - first  # how often the number occurred before
    return (before == k for k in range(int(before.max(initial=-1)) + 1))


def _broadcast(b: Any, shape: tuple[int, ...]) -> Any:
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


def _on_booleans(ufunc, method, operands, kwargs):
    """A ufunc of truth values, or one that asks what kind of number an element is: NumPy's own."""
    name = f"np.{ufunc.__name__}"
    out = kwargs.get("out", ())
    if any(isinstance(x, FixedArray) for x in out) or method == "at":
        raise TypeError(f"{name} gives booleans, which a FixedArray can't hold")
    if ufunc in NUMBER and method != "__call__":
        raise TypeError(f"{name}.{method} is not supported for FixedArrays")
    where = kwargs.pop("where", True)
    if where is not True:
        kwargs["where"] = masks.read(name, where)
    first, *others = operands
    if ufunc is np.signbit and where is True and not out and not kwargs:
        return first < 0  # at once: NumPy would make half-precision floats of integers
    if ufunc in NUMBER:
        first = np.asarray(first < 0).view(np.int8)
        np.negative(first, out=first)  # -1 for negative elements, 0 for others
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


def _truth_values(name: str, x: Any) -> NDArray[np.bool_]:
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


UFUNCS = by_function(functions_of_ours(numpy_names.UFUNCS) | OWN_UFUNCS)
_REDUCE = by_function(functions_of_ours(numpy_names.REDUCE))
_ACCUMULATE = by_function(functions_of_ours(numpy_names.ACCUMULATE))
LOGICAL = frozenset(getattr(np, name) for name in numpy_names.LOGICAL_UFUNCS)
NUMBER = frozenset(getattr(np, name) for name in numpy_names.NUMBER_UFUNCS)
REFUSED_UFUNCS = by_function(numpy_names.REFUSED_UFUNCS)
_EXTREMES = frozenset({np.minimum, np.maximum, np.fmin, np.fmax})
_COMPARISONS = frozenset(
    {np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal}
)
