"""Sorting, searching and sets: exact comparisons, and the elements' own bits in the results.

Arrays of different formats, and numbers beside them, are compared by their exact values.
"""

from functools import reduce

import numpy as np

from . import (
    blocks,
    dimensions,
    inputs,
    operands,
    plan,
    reductions,
    shaping,
    sorting,
    storage,
)
from .convert import cast, to_fractions
from .errors import FormatError
from .fixed_array import FixedArray
from .functions import equal
from .shaping import fixed, wrap

__all__ = [
    "allclose",
    "argpartition",
    "argsort",
    "argwhere",
    "array_equal",
    "array_equiv",
    "digitize",
    "flatnonzero",
    "isclose",
    "lexsort",
    "nonzero",
    "partition",
    "searchsorted",
    "sort",
    "trim_zeros",
]

_KINDS = (None, "quicksort", "heapsort", "mergesort", "stable")


# -- sorting ------------------------------------------------------------------------------


def sort(a, axis=-1, kind=None, *, stable=None, descending=False):
    """A sorted copy.

    Parameters
    ----------
    a : FixedArray
    axis : int or None
        None sorts all elements, read in C order.
    kind : {None, "quicksort", "heapsort", "mergesort", "stable"}
        Equal elements are the same bits: it changes nothing but the time.
    stable : bool, optional
    descending : bool
        From the highest down.

    Returns
    -------
    FixedArray
        In the format of `a`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sort(fx.array([3, -1, 0.5], fx.Format(8, 4)))
    FixedArray([-1. ,  0.5,  3. ], format=Format(8, 4))
    """
    a, axis = _along("sort", a, axis)
    steady = _stable("sort", kind, stable)
    return wrap(sorting.sort(a._storage, a.format, axis, steady, descending), a.format)


def argsort(a, axis=-1, kind=None, *, stable=None, descending=False):
    """The indices that sort `a` along `axis`, NumPy's int64; parameters as for `sort`.

    With `stable` or a stable `kind` equal elements keep their order, descending too.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argsort(fx.array([3, -1, 0.5], fx.Format(8, 4)))
    array([1, 2, 0])
    """
    a, axis = _along("argsort", a, axis)
    return sorting.argsort(a._storage, a.format, axis, _stable("argsort", kind, stable), descending)


def partition(a, kth, axis=-1):
    """A copy in which the elements at `kth` are those of the sorted array.

    Before each stand elements that are not higher, after it such that are not lower.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.partition(fx.array([4, 1, 3, 2], fx.Format(8, 4)), 1)[1]
    FixedArray(2., format=Format(8, 4))
    """
    a, axis = _along("partition", a, axis)
    return wrap(sorting.partition(a._storage, a.format, kth, axis), a.format)


def argpartition(a, kth, axis=-1):
    """The indices that partition `a`; see `partition`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([4, 1, 3, 2], fx.Format(8, 4))
    >>> a[fx.argpartition(a, 0)[:1]]
    FixedArray([1.], format=Format(8, 4))
    """
    a, axis = _along("argpartition", a, axis)
    return sorting.argpartition(a._storage, a.format, kth, axis)


def lexsort(keys, axis=-1):
    """The indices that sort by several keys, the last one first in rank, equal ones in order.

    Parameters
    ----------
    keys : sequence of FixedArray or numpy.ndarray, or one FixedArray whose rows are the keys

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.lexsort([fx.array([1, 0.5, 0], q), fx.array([2, 2, 1], q)])
    array([2, 1, 0])
    """
    columns = [
        sorting.keys(k._storage, k.format) if isinstance(k, FixedArray) else np.asarray(k)
        for k in keys
    ]
    if not columns or len({column.shape for column in columns}) > 1:
        return np.lexsort(columns, axis)  # NumPy says what is wrong
    return dimensions.along(lambda *given: np.lexsort(given[:-1], given[-1]), columns, axis)


def _along(name, a, axis):
    a = fixed(name, a)
    if axis is None:
        return shaping.ravel(a), 0
    if not a.ndim:
        raise np.exceptions.AxisError(axis, 0)
    return a, axis


def _stable(name, kind, stable):
    if kind not in _KINDS:
        raise ValueError(f"{name}: kind is one of {', '.join(map(str, _KINDS))}, got {kind!r}")
    return bool(stable) or kind in ("stable", "mergesort")


# -- exact keys ---------------------------------------------------------------------------


def exact_keys(name, *values):
    """Integers that NumPy orders as the exact values of FixedArrays and numbers together."""
    formats = {v.format for v in values if isinstance(v, FixedArray)}
    if not formats:
        raise TypeError(f"{name} needs a FixedArray among its operands; make one by fx.array")
    parts = [_exact_part(v) for v in values]
    formats = {fmt for _, fmt in parts}
    try:
        if None in formats:
            raise FormatError
        meeting = reduce(plan.common_format, map(plan.exact, formats))
    except FormatError:
        return _object_keys(parts)
    raws = [
        raw if fmt is meeting or fmts_alike(fmt, meeting) else cast(raw, fmt, meeting, "move")
        for raw, fmt in parts
    ]
    if storage.dtype(meeting).itemsize < 16:
        return raws
    joint = sorting.ranks(np.concatenate([raw.reshape(-1) for raw in raws]), meeting)
    return _divided(joint, raws)


def fmts_alike(x, y):
    """Whether raw integers of two formats stand for the same values."""
    return (x.width, x.frac_bits, x.signed) == (y.width, y.frac_bits, y.signed)


def _exact_part(value):
    if isinstance(value, FixedArray):
        return value._storage, value.format
    numbers = inputs.read(value)
    if numbers.dtype.kind in "iu":
        return operands.operand(numbers, None)
    return exact_values(numbers, infinite=True), None


def _object_keys(parts):
    values = [raw if fmt is None else to_fractions(raw, fmt) for raw, fmt in parts]
    flat = [v for part in values for v in part.reshape(-1)]
    order = {v: i for i, v in enumerate(sorted(set(flat)))}
    return _divided(np.array([order[v] for v in flat], dtype=np.intp), values)


def _divided(joint, like):
    sizes = np.cumsum([part.size for part in like])[:-1]
    return [
        part.reshape(model.shape) for part, model in zip(np.split(joint, sizes), like, strict=True)
    ]


def exact_values(obj, infinite=False, one=inputs.exact):
    """Numbers or a FixedArray as an object array of exact values; infinities if allowed.

    `one` reads an element: see `inputs.read`.
    """
    if isinstance(obj, FixedArray):
        return obj.to_fractions()
    numbers = inputs.read(obj, one)
    exact = np.empty(numbers.shape, object)
    exact.reshape(-1)[:] = [one(v) for v in numbers.reshape(-1)]
    for value in dimensions.flat(exact):
        if isinstance(value, float) and not infinite:
            raise ValueError(f"expected finite numbers, got {value!r}")
    return exact


# -- searching ----------------------------------------------------------------------------


def searchsorted(a, v, side="left", sorter=None):
    """Where elements of `v` would have to go in the sorted `a` to keep it sorted.

    Parameters
    ----------
    a : FixedArray or array
        One axis, ascending, or in the order that `sorter` names. One of `a` and `v` must be a
        FixedArray; exact values are compared.
    v : FixedArray, number or array
    side : {"left", "right"}
        Before or after elements that are equal.
    sorter : array of int, optional
        As `argsort` gives it.

    Returns
    -------
    numpy.ndarray of int64
        Of the shape of `v`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.searchsorted(fx.array([1, 2, 3], fx.Format(8, 4)), [0.99, 2, 2.01])
    array([0, 1, 2])
    """
    if isinstance(a, FixedArray) and isinstance(v, FixedArray) and a.format is v.format:
        return sorting.searchsorted(a._storage, v._storage, a.format, side, sorter)
    x, y = exact_keys("searchsorted", a, v)
    return np.searchsorted(x, y, side=side, sorter=sorter)


def digitize(x, bins, right=False):
    """The number of the bin of each element: i where ``bins[i-1] <= x < bins[i]``.

    With `right`, where ``bins[i-1] < x <= bins[i]``. Descending bins count the other way, as
    in NumPy. Exact values are compared; the result is NumPy's int64.

    Raises
    ------
    ValueError
        If the bins are neither ascending nor descending.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.digitize(fx.array([0.5, 1, 7], fx.Format(8, 4)), [0, 1, 2.5])
    array([1, 2, 3])
    """
    if np.size(x) <= blocks.SIZE:
        return np.digitize(*exact_keys("digitize", x, bins), right=right)
    places = x if isinstance(x, FixedArray) else np.asarray(x)
    found, size = np.empty(places.size, np.intp), max(blocks.SIZE, np.size(bins))
    places = places.reshape(-1)
    for start in range(0, found.size, size):
        keys = exact_keys("digitize", places[start : start + size], bins)
        found[start : start + size] = np.digitize(*keys, right=right)
    return found.reshape(np.shape(x))


def nonzero(a):
    """The places of the elements that are not 0: a tuple of index arrays, one an axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.nonzero(fx.array([0, 1, 0, -1], fx.Format(8, 4)))
    (array([1, 3]),)
    """
    return np.nonzero(_mask(fixed("nonzero", a)))


def flatnonzero(a):
    """The places of the elements that are not 0, counted in C order.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.flatnonzero(fx.array([[0, 1], [0, -1]], fx.Format(8, 4)))
    array([1, 3])
    """
    return np.flatnonzero(_mask(fixed("flatnonzero", a)))


def argwhere(a):
    """The places of the elements that are not 0, one row of indices each.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.argwhere(fx.array([[0, 1], [0, -1]], fx.Format(8, 4)))
    array([[0, 1],
           [1, 1]])
    """
    return np.argwhere(_mask(fixed("argwhere", a)))


def _mask(a):
    return np.asarray(a != 0)


def trim_zeros(filt, trim="fb", axis=None):
    """A view without the zeros at the front (``f``) and back (``b``) of the axes.

    Parameters
    ----------
    filt : FixedArray
    trim : str
        ``"f"``, ``"b"`` or ``"fb"``, in any case.
    axis : int or tuple of int, optional
        The axes to trim; without it all.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.trim_zeros(fx.array([0, 1, 0, 2, 0, 0], fx.Format(8, 4)))
    FixedArray([1., 0., 2.], format=Format(8, 4))
    """
    filt = fixed("trim_zeros", filt)
    if not isinstance(trim, str) or not trim or set(trim.lower()) - set("fb"):
        raise ValueError(f"trim_zeros: trim is 'f', 'b' or 'fb', got {trim!r}")
    if axis is not None and not isinstance(axis, tuple) and np.ndim(axis):
        axis = tuple(axis)
    axes = reductions.normalize_axes(axis, filt.ndim)
    filled = np.asarray(storage.truth(filt._storage)) != 0
    window = [slice(None)] * filt.ndim
    for i in axes:
        others = tuple(axis for axis in range(filt.ndim) if axis != i)
        line = filled.any(axis=others) if others else filled
        if not line.any():
            # As in NumPy, nothing but zeros leaves nothing.
            window[i] = slice(0, 0)
            continue
        start = int(line.argmax()) if "f" in trim.lower() else 0
        stop = _end(line) if "b" in trim.lower() else len(line)
        window[i] = slice(start, stop)
    return filt[tuple(window)]


def _end(line):
    """The place after the last true one; from the end, as `argmax` copies what is reversed."""
    for stop in range(len(line), 0, -blocks.SIZE):
        part = line[max(stop - blocks.SIZE, 0) : stop]
        if part.any():
            return stop - int(part[::-1].argmax())
    return 0


def array_equal(a1, a2):
    """Whether two arrays have one shape and equal exact values, a bool.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.array_equal(fx.array([0.5, 1], fx.Format(8, 4)), fx.array([0.5, 1], fx.Format(16, 8)))
    True
    """
    return np.shape(a1) == np.shape(a2) and bool(np.all(equal(a1, a2)))


def array_equiv(a1, a2):
    """Whether two arrays broadcast to one shape and are equal there, a bool.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.array_equiv(fx.ones(3, fx.Format(8, 4)), 1)
    True
    """
    try:
        dimensions.broadcast_shapes(np.shape(a1), np.shape(a2))
    except ValueError:
        return False
    return bool(np.all(equal(a1, a2)))


def isclose(a, b, rtol=1e-05, atol=1e-08):
    """Whether ``abs(a - b) <= atol + rtol * abs(b)``, elementwise and exactly: booleans.

    Parameters
    ----------
    a, b : FixedArray, number or array
        They broadcast. An infinity is close to no fixed-point number.
    rtol, atol : number
        Taken exactly: 1e-05 is that float's binary value, "1e-05" the decimal one.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.isclose(fx.array([0.5, 1], fx.Format(8, 4)), [0.51, 1.2], atol=0.1)
    array([ True, False])
    """
    relative, absolute = (exact_values(v).item() for v in (rtol, atol))

    def near(p, q):
        if isinstance(p, float) or isinstance(q, float):
            return p == q
        return abs(p - q) <= absolute + relative * abs(q)

    parts = [(v._storage, v.format) if isinstance(v, FixedArray)
             else (inputs.read(v, inputs.with_nan), None) for v in (a, b)]  # fmt: skip

    def work(*raws):
        x, y = (
            exact_values(raw, True, inputs.with_nan) if fmt is None else to_fractions(raw, fmt)
            for raw, (_, fmt) in zip(raws, parts, strict=True)
        )
        return np.asarray(np.frompyfunc(near, 2, 1)(x, y), dtype=bool)

    found = blocks.run(work, [raw for raw, _ in parts], None, np.dtype(bool), size=blocks.OBJECTS)
    return found if found.ndim else found[()]


def allclose(a, b, rtol=1e-05, atol=1e-08):
    """Whether all elements are close, a bool; see `isclose`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.allclose(fx.array([0.5, 1], fx.Format(8, 4)), [0.51, 1], atol=0.1)
    True
    """
    return bool(np.all(isclose(a, b, rtol, atol)))
