"""Functions that bring values into an array's places, each rounded once into its format.

A value that the format's mode rejects leaves the array as it was.
"""

import math
import operator

import numpy as np

from . import context, convert, dimensions, inputs, sorting, storage
from .fixed_array import FixedArray
from .ordering import exact_values
from .shaping import fixed, index_array, wrap, wrapped

__all__ = [
    "copyto",
    "fill_diagonal",
    "insert",
    "pad",
    "place",
    "put",
    "put_along_axis",
    "putmask",
]


def _into(name, value, format):
    """Values that go into an array's places, as storage of its format, each rounded once."""
    if isinstance(value, FixedArray):
        if value.format is format:
            return value._storage
        return convert.cast(value._storage, value.format, format, name)
    return convert.from_numbers(inputs.read(value), format, name)


def insert(arr, obj, values, axis=None):
    """A new array with `values`, rounded once into its format, before the places `obj`.

    Parameters
    ----------
    arr : FixedArray
    obj : int, slice or sequence of int or bool
        Places in `arr` as it was; booleans are true at them.
    values : number, FixedArray or array
        Their shape broadcasts to the part that is inserted.
    axis : int, optional
        Without it `arr` is read in C order first.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.insert(fx.array([1, 2], fx.Format(8, 4)), 1, [7, 0.5])
    FixedArray([1. , 7. , 0.5, 2. ], format=Format(8, 4))
    """
    arr = fixed("insert", arr)
    if not isinstance(obj, slice):
        places = np.asarray(obj)
        if places.dtype.kind not in "iub" and places.size:
            raise TypeError(f"insert: places are integers, got {obj!r:.60}")
        if places.dtype.kind == "b":  # NumPy 2.0 takes them for 0 and 1
            if places.ndim != 1:
                raise ValueError(f"insert: booleans as places have one axis, got {obj!r:.60}")
            places = np.flatnonzero(places)
        obj = places.astype(np.intp)
    try:
        return _moved_in("insert", arr, values, lambda raw, new: np.insert(raw, obj, new, axis))
    except RuntimeError as error:  # NumPy 2.0's, of more than 32 axes
        raise ValueError(f"insert into shape {arr.shape}: {error}") from None


def _moved_in(name, a, values, move):
    """A new array of the elements of `a` and of values, as ``move(a, values)`` places them.

    Where elements draw or count each does for itself: exact values move, and are rounded then.
    """
    seen = a.format.rounding == "stochastic" or context.current.get().recorder is not None
    if not seen or _same_format(a, values):
        return wrap(move(a._storage, _into(name, values, a.format)), a.format)
    moved = move(a.to_fractions(), exact_values(values, infinite=True))
    return wrap(convert.from_numbers(moved, a.format, name), a.format)


def _cycled(value, count):
    """`count` values, the given ones again and again, to be assigned."""
    if np.size(value) == count and isinstance(value, FixedArray | np.ndarray):
        return value.reshape(-1)
    if isinstance(value, FixedArray):
        return wrap(np.resize(value._storage, count), value.format)
    return np.resize(inputs.read(value), count)


def put(a, ind, v, mode="raise"):
    """Set the elements at the places `ind` of the array in C order, in place.

    `v` is rounded once into the format of `a`, and repeated if it is shorter. A value that
    `raise` rejects, or an index out of range, leaves the array as it was.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros(4, fx.Format(8, 4))
    >>> fx.put(a, [0, -1], [1, 2.5])
    >>> a
    FixedArray([1. , 0. , 0. , 2.5], format=Format(8, 4))
    """
    a = fixed("put", a)
    if not np.size(v) or not np.size(ind):
        return
    ind = wrapped("put", ind, a.size, mode)
    np.take(np.broadcast_to(np.int8(0), a.size), ind, mode=mode)  # no index out of range
    raw = _into("put", _cycled(v, np.size(ind)), a.format)
    np.put(a._storage, ind, raw, mode=mode)


def _same_format(a, value):
    """Whether values only move into an array."""
    return isinstance(value, FixedArray) and value.format is a.format


def _set(a, places, values):
    """Set the elements at these places of the array in C order."""
    view = dimensions.without_ones(a)
    view[np.unravel_index(places.reshape(-1), view.shape)] = values.reshape(-1)


def place(arr, mask, vals):
    """Set the elements where `mask` is true to `vals`, one after the other, in place.

    Raises
    ------
    ValueError
        If there are elements to set and no values.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros(4, fx.Format(8, 4))
    >>> fx.place(a, [True, False, True, True], [1, 2])
    >>> a
    FixedArray([1., 0., 2., 1.], format=Format(8, 4))
    """
    arr = fixed("place", arr)
    mask = np.asarray(mask, dtype=bool).reshape(arr.shape)
    count = int(np.count_nonzero(mask))
    if count and not np.size(vals):
        raise ValueError("place: no values for the elements that the mask names")
    if count and _same_format(arr, vals):
        np.place(arr._storage, mask, vals._storage)
    elif count:
        arr[mask] = _cycled(vals, count)


def putmask(a, mask, values):
    """Set the elements where `mask` is true to those of `values` at the same places, in place.

    Values of another size are repeated over the whole array first.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros(4, fx.Format(8, 4))
    >>> fx.putmask(a, [True, False, True, True], [1, 2])
    >>> a
    FixedArray([1., 0., 1., 2.], format=Format(8, 4))
    """
    a = fixed("putmask", a)
    mask = np.asarray(mask, dtype=bool).reshape(a.shape)
    if _same_format(a, values):
        np.putmask(a._storage, mask, values._storage)
    elif np.size(values) and mask.any():
        chosen = np.flatnonzero(mask) % np.size(values)
        flat = np.ravel(values) if isinstance(values, FixedArray) else inputs.read(values).ravel()
        a[mask] = flat[chosen]


def put_along_axis(arr, indices, values, axis):
    """Set one element for each index along `axis`, in place; see `take_along_axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[3, 1], [2, 4]], fx.Format(8, 4))
    >>> fx.put_along_axis(a, fx.argmax(a, axis=1, keepdims=True), 0, axis=1)
    >>> a
    FixedArray([[0., 1.],
                [2., 0.]], format=Format(8, 4))
    """
    arr = fixed("put_along_axis", arr)
    if axis is not None and _aligned(indices, arr.shape, operator.index(axis)):
        raw = _into("put_along_axis", _spread(values, np.shape(indices)), arr.format)
        np.put_along_axis(arr._storage, index_array("put_along_axis", indices), raw, axis)
        return
    target = arr._storage if axis is not None else arr._storage.reshape(-1)
    places = np.arange(arr.size).reshape(target.shape)
    found = index_array("put_along_axis", indices)
    chosen = dimensions.take_along_axis(places, found, 0 if axis is None else axis)
    value = _spread(values, chosen.shape)
    _set(arr, chosen, value)


def _aligned(indices, shape, axis):
    """Whether indices have an array's shape but along an axis, and NumPy takes so many axes."""
    given = list(np.shape(indices))
    if not len(given) == len(shape) <= 32 or not -len(shape) <= axis < len(shape):
        return False
    given[axis] = shape[axis]
    return tuple(given) == shape


def _spread(value, shape):
    if isinstance(value, FixedArray):
        return wrap(dimensions.spread(value._storage, shape), value.format)
    return dimensions.spread(inputs.read(value), shape)


def copyto(dst, src, where=True):
    """Set `dst` to `src`, rounded once into its format, where `where` is true; in place.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros(2, fx.Format(8, 1))
    >>> fx.copyto(a, [1.25, 2], where=[True, False])
    >>> a
    FixedArray([1., 0.], format=Format(8, 1))
    """
    dst = fixed("copyto", dst)
    mask = np.broadcast_to(np.asarray(where, dtype=bool), dst.shape)
    value = _spread(src, dst.shape)
    if _same_format(dst, value):
        np.copyto(dst._storage, value._storage, where=mask)
    elif mask.all():
        dst[...] = value
    elif mask.any():
        dst[mask] = value[mask]


def fill_diagonal(a, val, wrap=False):
    """Set the main diagonal of `a` to `val`, rounded once into its format, in place.

    Parameters
    ----------
    a : FixedArray
        Of two axes, or of more of equal length.
    val : number, FixedArray or array
        Repeated along the diagonal if it is shorter.
    wrap : bool
        Begin a new diagonal where a tall matrix leaves its first one.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.zeros((2, 2), fx.Format(8, 4))
    >>> fx.fill_diagonal(a, [1, 2])
    >>> a
    FixedArray([[1., 0.],
                [0., 2.]], format=Format(8, 4))
    """
    shape = fixed("fill_diagonal", a).shape
    if len(shape) < 2 or (len(shape) > 2 and len(set(shape)) > 1):
        raise ValueError(f"fill_diagonal: two axes, or more of one length, not shape {shape}")
    mask = np.zeros(shape, dtype=bool)
    # From one element of the diagonal to the next, in C order.
    step = sum(math.prod(shape[axis:]) for axis in range(1, len(shape))) + 1
    end = shape[1] ** 2 if len(shape) == 2 and not wrap else None
    mask.reshape(-1)[:end:step] = True
    place(a, mask, val)


_COMPUTED = ("linear_ramp", "mean", "median")
_PADDED = ("constant", "edge", "reflect", "symmetric", "wrap", "empty", "minimum", "maximum")


def pad(array, pad_width, mode="constant", *, constant_values=None, stat_length=None):
    """A larger array around `array`.

    Parameters
    ----------
    array : FixedArray
    pad_width : int, (before, after), a pair for each axis, or a dict of axes
    mode : str
        ``constant``: `constant_values`, by default 0, rounded once into the format. ``edge``,
        ``reflect``, ``symmetric``, ``wrap``, ``minimum``, ``maximum``: as in `numpy.pad`.
        ``empty``: zeros, as storage never holds anything else by chance.
    constant_values : number, or as `pad_width`
    stat_length : int, or as `pad_width`
        How many elements ``minimum`` and ``maximum`` look at; without it all.

    Returns
    -------
    FixedArray
        A new array in the format of `array`.

    Raises
    ------
    TypeError
        For NumPy's modes that compute new values (``mean``, ``median``, ``linear_ramp``).
    ValueError
        For a mode that is none, and for arguments that a mode doesn't take.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.pad(fx.array([1, 2], fx.Format(8, 4)), 1, constant_values=0.5)
    FixedArray([0.5, 1. , 2. , 0.5], format=Format(8, 4))
    """
    a = fixed("pad", array)
    if not isinstance(mode, str) or mode in _COMPUTED:
        raise TypeError(f"pad takes mode {', '.join(_PADDED)}; {mode!r} is not supported")
    if mode not in _PADDED:
        raise ValueError(f"pad takes mode {', '.join(_PADDED)}, got {mode!r}")
    if constant_values is not None and mode != "constant":
        raise ValueError(f"pad: mode {mode!r} takes no constant_values")
    if stat_length is not None and mode not in ("minimum", "maximum"):
        raise ValueError(f"pad: mode {mode!r} takes no stat_length")
    widths = _pad_widths(pad_width, a.ndim)
    if mode in ("constant", "empty"):
        if constant_values is None:
            zero = np.zeros((), a._storage.dtype)
            return wrap(_framed(a._storage, widths, zero), a.format)
        return _moved_in("pad", a, constant_values, lambda raw, given: _framed(raw, widths, given))
    if mode in ("minimum", "maximum") and a.itemsize < 16:
        return wrap(np.pad(a._storage, widths, mode=mode, stat_length=stat_length), a.format)
    if mode in ("minimum", "maximum"):  # by their ranks: NumPy can't order wide storage
        order = sorting.ranks(a._storage, a.format)
        found = np.pad(order, widths, mode=mode, stat_length=stat_length)
        representatives = np.empty(int(order.max(initial=-1)) + 1, a._storage.dtype)
        representatives[order.reshape(-1)] = a._storage.reshape(-1)
        return wrap(representatives[found], a.format)
    return wrap(np.pad(a._storage, widths, mode=mode), a.format)


def _pad_widths(pad_width, ndim):
    if isinstance(pad_width, dict):
        pairs = [(0, 0)] * ndim
        for axis, pair in pad_width.items():
            pairs[operator.index(axis)] = pair if np.ndim(pair) else (pair, pair)
        pad_width = pairs
    pairs = np.asarray(pad_width)
    if pairs.dtype.kind not in "iu" and pairs.size:
        raise TypeError(f"pad: widths are integers, got {pad_width!r}")
    pairs = np.broadcast_to(pairs, (ndim, 2)).astype(np.intp)
    if (pairs < 0).any():
        raise ValueError(f"pad: widths can't be negative, got {pad_width!r}")
    return [tuple(int(n) for n in pair) for pair in pairs]


def _framed(raw, widths, values):
    """`raw` in a frame; where two sides meet the later axis decides, as in NumPy."""
    values = np.broadcast_to(values, (raw.ndim, 2))
    shape = tuple(n + sum(pair) for n, pair in zip(raw.shape, widths, strict=True))
    out = storage.allocate(shape, raw.dtype, np.zeros)
    inside = tuple(slice(b, b + n) for (b, _), n in zip(widths, raw.shape, strict=True))
    out[(*inside, ...)] = raw  # of no axes, an array of objects would hold `raw` itself
    for axis, (before, after) in enumerate(widths):
        lead = (slice(None),) * axis
        out[(*lead, slice(before))] = values[axis, 0]
        out[(*lead, slice(shape[axis] - after, None))] = values[axis, 1]
    return out
