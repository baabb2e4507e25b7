"""Functions of one array that only move its elements: the same bits in other places.

Names, parameters and views are NumPy's. Nothing is rounded, counted or drawn.
"""

import itertools
import operator

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from . import dimensions, storage
from .fixed_array import FixedArray

__all__ = [
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_to",
    "compress",
    "copy",
    "delete",
    "diag",
    "diagflat",
    "diagonal",
    "dsplit",
    "expand_dims",
    "extract",
    "flip",
    "fliplr",
    "flipud",
    "hsplit",
    "matrix_transpose",
    "meshgrid",
    "moveaxis",
    "permute_dims",
    "ravel",
    "repeat",
    "reshape",
    "resize",
    "roll",
    "rollaxis",
    "rot90",
    "sliding_window_view",
    "split",
    "squeeze",
    "swapaxes",
    "take",
    "take_along_axis",
    "tile",
    "transpose",
    "tril",
    "triu",
    "unstack",
    "vsplit",
]


_VIEW = 300  # bytes: a view, and where it stands in a list
_COPY = 1 << 23  # elements copied at once where Ctrl-C is to be heard


def fixed(name, a):
    """Return `a`, which must be a FixedArray."""
    if not isinstance(a, FixedArray):
        raise TypeError(
            f"{name}: expected a FixedArray, got {type(a).__name__}; make one by fx.array"
        )
    return a


def wrap(raw, format):
    """A FixedArray over what a NumPy function made of storage: an array or a scalar."""
    return FixedArray._from_storage(np.asarray(raw), format)


def _asked(function, *args, **kwargs):
    """What NumPy's function makes of storage."""
    try:
        return function(*args, **kwargs)
    except ArithmeticError as error:  # some Decimals can't even be compared with 0
        raise TypeError(
            f"{function.__name__}: axes, shapes and counts are integers ({error!r})"
        ) from None


def _moved(function, a, *args, **kwargs):
    a = fixed(function.__name__, a)
    return wrap(_asked(function, a._storage, *args, **kwargs), a.format)


def _parts(function, a, sections, *args):
    a = fixed(function.__name__, a)
    try:
        storage.reserve(operator.index(sections), _VIEW, "arrays")
    except TypeError:
        if not np.iterable(sections):  # places to split at
            raise TypeError(
                f"{function.__name__}: a number of sections, or places to split at, are integers, "
                f"got {sections!r:.60}"
            ) from None
    return [wrap(part, a.format) for part in _asked(function, a._storage, sections, *args)]


# -- axes ---------------------------------------------------------------------------------


def reshape(a, shape, order="C", *, copy=None):
    """The same elements in another shape; a view wherever NumPy's is one.

    Parameters
    ----------
    a : FixedArray
    shape : int or tuple of int
        One of them may be -1: what is left.
    order : {"C", "F", "A"}
        In which order elements are read and placed.
    copy : bool, optional
        True: always a copy. False: `ValueError` where a view is impossible.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.reshape(fx.arange(4, format=fx.Format(8, 4)), (2, 2))
    FixedArray([[0., 1.],
                [2., 3.]], format=Format(8, 4))
    """
    if copy is None:
        return _moved(np.reshape, a, shape, order=order)
    a = fixed("reshape", a)
    found = np.reshape(a._storage.copy() if copy else a._storage, shape, order=order)
    if copy is False and not np.shares_memory(found, a._storage) and a.size:
        raise ValueError(f"reshape of shape {a.shape} to {shape}: no view is possible (copy=False)")
    return wrap(found, a.format)


def ravel(a, order="C"):
    """The elements in one axis; a view where possible.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.ravel(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([1., 2., 3., 4.], format=Format(8, 4))
    """
    return _moved(np.ravel, a, order=order)


def transpose(a, axes=None):
    """A view with the axes permuted, by default reversed.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.transpose(fx.zeros((2, 3, 4), fx.Format(8, 4)), (1, 2, 0)).shape
    (3, 4, 2)
    """
    return _moved(np.transpose, a, axes)


permute_dims = transpose


def matrix_transpose(x):
    """A view with the last two axes exchanged; `ValueError` with fewer than two.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.matrix_transpose(fx.zeros((2, 3, 4), fx.Format(8, 4))).shape
    (2, 4, 3)
    """
    if fixed("matrix_transpose", x).ndim < 2:
        raise ValueError(f"matrix_transpose needs at least two axes, the shape is {x.shape}")
    return _moved(np.swapaxes, x, -1, -2)


def moveaxis(a, source, destination):
    """A view with some axes at other places; the others keep their order.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.moveaxis(fx.zeros((2, 3, 4), fx.Format(8, 4)), 0, -1).shape
    (3, 4, 2)
    """
    return _moved(np.moveaxis, a, source, destination)


def rollaxis(a, axis, start=0):
    """A view with `axis` moved back to stand before `start`; `moveaxis` is clearer.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.rollaxis(fx.zeros((2, 3, 4), fx.Format(8, 4)), 2).shape
    (4, 2, 3)
    """
    return _moved(np.rollaxis, a, axis, start)


def swapaxes(a, axis1, axis2):
    """A view with two axes exchanged.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.swapaxes(fx.zeros((2, 3, 4), fx.Format(8, 4)), 0, 2).shape
    (4, 3, 2)
    """
    return _moved(np.swapaxes, a, axis1, axis2)


def squeeze(a, axis=None):
    """A view without axes of length 1 (or those in `axis`, which must be of length 1).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.squeeze(fx.zeros((1, 3, 1), fx.Format(8, 4))).shape
    (3,)
    """
    return _moved(np.squeeze, a, axis)


def expand_dims(a, axis):
    """A view with new axes of length 1 at the places `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.expand_dims(fx.zeros(3, fx.Format(8, 4)), 0).shape
    (1, 3)
    """
    return _moved(np.expand_dims, a, axis)


def broadcast_to(array, shape):
    """A read-only view of `array` repeated to `shape`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.broadcast_to(fx.array([1, 2], fx.Format(8, 4)), (2, 2))
    FixedArray([[1., 2.],
                [1., 2.]], format=Format(8, 4))
    """
    return _moved(np.broadcast_to, array, shape)


def broadcast_arrays(*args):
    """Read-only views of the arrays in their common shape; each keeps its format.

    Arrays that are no FixedArrays come back as NumPy arrays.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a, b = fx.broadcast_arrays(fx.zeros((2, 1), fx.Format(8, 4)), fx.zeros(3, fx.Format(16, 8)))
    >>> a.shape, b.shape, b.format
    ((2, 3), (2, 3), Format(16, 8))
    """
    shape = dimensions.broadcast_shapes(*(np.shape(a) for a in args))
    return tuple(
        broadcast_to(a, shape) if isinstance(a, FixedArray) else np.broadcast_to(a, shape)
        for a in args
    )


def atleast_1d(*arys):
    """The array with at least one axis; of several arrays, a tuple of them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.atleast_1d(fx.array(1.5, fx.Format(8, 4)))
    FixedArray([1.5], format=Format(8, 4))
    """
    return _each(np.atleast_1d, arys)


def atleast_2d(*arys):
    """The array with at least two axes; new ones come first.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.atleast_2d(fx.array([1, 2], fx.Format(8, 4))).shape
    (1, 2)
    """
    return _each(np.atleast_2d, arys)


def atleast_3d(*arys):
    """The array with at least three axes, placed as `numpy.atleast_3d` places them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.atleast_3d(fx.array([1, 2], fx.Format(8, 4))).shape
    (1, 2, 1)
    """
    return _each(np.atleast_3d, arys)


def _each(function, arrays):
    found = tuple(_moved(function, a) if isinstance(a, FixedArray) else function(a) for a in arrays)
    return found[0] if len(found) == 1 else found


def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """Coordinate matrices from vectors of coordinates, a tuple; each keeps its format.

    Vectors that are no FixedArrays give NumPy arrays.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> x, y = fx.meshgrid(fx.array([1, 2], q), fx.array([3, 4], q))
    >>> y
    FixedArray([[3., 3.],
                [4., 4.]], format=Format(8, 4))
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', got {indexing!r}")
    places = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        places[:2] = 1, 0
    raws = [x._storage if isinstance(x, FixedArray) else np.asarray(x) for x in xi]
    grids = [
        raw.reshape(-1, *(1,) * (len(xi) - place - 1))[(np.newaxis,) * place]
        for raw, place in zip(raws, places, strict=True)
    ]
    if not sparse:
        shape = dimensions.broadcast_shapes(*(grid.shape for grid in grids))
        grids = [np.broadcast_to(grid, shape) for grid in grids]
    if copy:
        grids = [grid.copy() for grid in grids]
    return tuple(
        wrap(grid, x.format) if isinstance(x, FixedArray) else grid
        for grid, x in zip(grids, xi, strict=True)
    )


# -- order and repetition -----------------------------------------------------------------


def flip(m, axis=None):
    """A view with the elements in reverse order along `axis` (without it, along all).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.flip(fx.array([1, 2, 3], fx.Format(8, 4)))
    FixedArray([3., 2., 1.], format=Format(8, 4))
    """
    return _moved(np.flip, m, axis)


def fliplr(m):
    """A view with the second axis reversed.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.fliplr(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([[2., 1.],
                [4., 3.]], format=Format(8, 4))
    """
    return _moved(np.fliplr, m)


def flipud(m):
    """A view with the first axis reversed.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.flipud(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([[3., 4.],
                [1., 2.]], format=Format(8, 4))
    """
    return _moved(np.flipud, m)


def rot90(m, k=1, axes=(0, 1)):
    """A view turned by k times 90 degrees, from the first of `axes` toward the second.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.rot90(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([[2., 4.],
                [1., 3.]], format=Format(8, 4))
    """
    return _moved(np.rot90, m, operator.index(k), axes)


def roll(a, shift, axis=None):
    """Elements moved round along `axis` (without it, along the array read in C order).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.roll(fx.array([1, 2, 3], fx.Format(8, 4)), 1)
    FixedArray([3., 1., 2.], format=Format(8, 4))
    """
    for name, given in (("shift", shift), ("axis", axis)):
        if np.ndim(given) > 1:
            raise ValueError(f"roll: {name} is an integer or a tuple of them, got {given!r:.60}")
    return _moved(np.roll, a, shift, axis)


def tile(A, reps):
    """The whole array again and again, `reps` times along each axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.tile(fx.array([1, 2], fx.Format(8, 4)), 2)
    FixedArray([1., 2., 1., 2.], format=Format(8, 4))
    """
    a = fixed("tile", A)
    try:
        counts = [operator.index(n) for n in (reps if np.iterable(reps) else (reps,))]
    except TypeError:
        raise TypeError(f"tile: reps are integers, got {reps!r:.60}") from None
    # NumPy repeats along one axis after the other; where a size wraps, it writes beyond its result.
    sizes = itertools.accumulate(counts, operator.mul, initial=a.size)
    storage.reserve(max(sizes), a._storage.itemsize, "elements")
    return _moved(np.tile, a, counts)


def repeat(a, repeats, axis=None):
    """Each element `repeats` times, along `axis` or in one axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.repeat(fx.array([1, 2], fx.Format(8, 4)), [1, 3])
    FixedArray([1., 2., 2., 2.], format=Format(8, 4))
    """
    if isinstance(repeats, FixedArray):
        raise TypeError("repeat: counts are integers, not a FixedArray")
    a, counts = fixed("repeat", a), np.asarray(repeats)
    if counts.dtype.kind in "iu" and counts.size and counts.max() > 1 << 16:
        # NumPy's own sum of the counts may wrap, and it then writes beyond its result.
        length = a.size if axis is None else a.shape[normalize_axis_index(axis, a.ndim)]
        total = sum(counts.reshape(-1).tolist()) * (length if counts.size == 1 else 1)
        others = 1 if axis is None or not length else a.size // length
        storage.reserve(others * total, a._storage.itemsize, "elements")
        if length and not others:  # NumPy would copy nothing as many times
            shape = _moved(np.repeat, a, np.minimum(counts, 1), axis).shape  # it checks the counts
            axis = normalize_axis_index(axis, a.ndim)
            shape = (*shape[:axis], total, *shape[axis + 1 :])
            return wrap(storage.allocate(shape, a._storage.dtype), a.format)
    return _moved(np.repeat, a, repeats, axis)


def resize(a, new_shape):
    """A new array of another shape, filled with the elements of `a` again and again.

    From an array without elements it makes zeros.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.resize(fx.array([1, 2], fx.Format(8, 4)), 5)
    FixedArray([1., 2., 1., 2., 1.], format=Format(8, 4))
    """
    raw = fixed("resize", a)._storage.reshape(-1)
    out = storage.allocate(new_shape, raw.dtype, np.empty if raw.size else np.zeros)
    flat, done = out.reshape(-1), min(raw.size, out.size)
    flat[:done] = raw[:done]
    while raw.size and done < out.size:
        # What is there is a whole number of `raw`; Ctrl-C is heard between the copies.
        more = min(done, out.size - done, max(_COPY // raw.size, 1) * raw.size)
        flat[done : done + more] = flat[:more]
        done += more
    return wrap(out, a.format)


def copy(a, order="K"):
    """A new array of the same elements; `order` is that of the memory, as in NumPy.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> b = fx.copy(a)
    >>> b[0] = 7
    >>> a
    FixedArray([1., 2.], format=Format(8, 4))
    """
    return _moved(np.copy, a, order)


# -- selection ----------------------------------------------------------------------------


def take(a, indices, axis=None, mode="raise"):
    """The elements at `indices`, integers along `axis` or into the array in C order.

    Parameters
    ----------
    a : FixedArray
    indices : int or array of int
        Their shape takes the place of `axis`.
    axis : int, optional
    mode : {"raise", "wrap", "clip"}
        What an index out of range does: `IndexError`, counting on from the other end, or the
        nearest element.

    Returns
    -------
    FixedArray
        A new array in the format of `a`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.take(fx.array([1, 2, 3], fx.Format(8, 4)), [2, 0, -1])
    FixedArray([3., 1., 3.], format=Format(8, 4))
    """
    a = fixed("take", a)
    n = a.size if axis is None else a.shape[normalize_axis_index(axis, a.ndim)]
    return _moved(np.take, a, wrapped("take", indices, n, mode), axis, mode=mode)


def wrapped(name, indices, n, mode):
    """Indices into n elements as an array for NumPy, which wraps by adding n again and again.

    Raises
    ------
    IndexError
        If they should wrap around no elements.
    TypeError
        If they are no integers.
    ValueError
        If there is no such mode.
    """
    array = np.asarray(indices)
    if array.dtype.kind not in "iub" and array.size:
        raise TypeError(f"{name}: indices are integers, got {indices!r:.60}")
    if not isinstance(mode, str) or mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"{name}: mode is 'raise', 'wrap' or 'clip', got {mode!r:.60}")
    if mode == "wrap" and array.size:
        if not n:  # NumPy would add 0 for ever
            raise IndexError(f"{name}: there is no element for an index to wrap to")
        array = array % array.dtype.type(n) if array.dtype == np.uint64 else array % np.intp(n)
    elif array.dtype == np.uint64:  # what intp can't hold is out of range, too
        array = np.minimum(array, np.uint64(np.iinfo(np.intp).max))
    return array.astype(np.intp, copy=False)


def take_along_axis(arr, indices, axis=-1):
    """One element for each index along `axis`, as `argsort` and `argmax` give them.

    `indices` has as many axes as `arr`; None as `axis` reads `arr` in C order.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[3, 1], [2, 4]], fx.Format(8, 4))
    >>> fx.take_along_axis(a, fx.argmax(a, axis=1, keepdims=True), axis=1)
    FixedArray([[3.],
                [4.]], format=Format(8, 4))
    """
    return _moved(dimensions.take_along_axis, arr, index_array("take_along_axis", indices), axis)


def index_array(name, indices):
    """Indices as an integer array, or a `TypeError` that names the operation."""
    array = indices if isinstance(indices, np.ndarray) else np.array(indices)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name}: indices must be an array of integers, got {indices!r:.60}")
    return array


def compress(condition, a, axis=None):
    """The slices along `axis` (or elements in C order) whose condition is true.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.compress([True, False, True], fx.array([1, 2, 3], fx.Format(8, 4)))
    FixedArray([1., 3.], format=Format(8, 4))
    """
    if isinstance(condition, FixedArray):
        condition = np.asarray(condition != 0)
        if not isinstance(a, FixedArray):
            return np.compress(condition, a, axis)
    a = fixed("compress", a)
    return wrap(np.compress(condition, a._storage, axis), a.format)


def extract(condition, arr):
    """The elements whose condition is true, in one axis, in C order.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[1, -2], [3, -4]], fx.Format(8, 4))
    >>> fx.extract(a > 0, a)
    FixedArray([1., 3.], format=Format(8, 4))
    """
    chosen = np.nonzero(np.ravel(condition))[0]
    return take(fixed("extract", arr), chosen)


def delete(arr, obj, axis=None):
    """A new array without the parts at `obj` (an index, a slice or indices) along `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.delete(fx.array([1, 2, 3], fx.Format(8, 4)), 1)
    FixedArray([1., 3.], format=Format(8, 4))
    """
    return _moved(np.delete, arr, obj, axis)


def diag(v, k=0):
    """The k-th diagonal of a matrix (a read-only view), or the matrix with a vector on it.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.diag(fx.array([1, 2], fx.Format(8, 4)))
    FixedArray([[1., 0.],
                [0., 2.]], format=Format(8, 4))
    """
    return _moved(np.diag, v, k)


def diagflat(v, k=0):
    """The square matrix with all elements of `v` on its k-th diagonal, zeros elsewhere.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.diagflat(fx.array([1, 2], fx.Format(8, 4)))
    FixedArray([[1., 0.],
                [0., 2.]], format=Format(8, 4))
    """
    return _moved(np.diagflat, v, k)


def diagonal(a, offset=0, axis1=0, axis2=1):
    """A read-only view of the diagonals of two axes, which become the last axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.diagonal(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([1., 4.], format=Format(8, 4))
    """
    return _moved(np.diagonal, a, offset, axis1, axis2)


def tril(m, k=0):
    """A copy with zeros above the k-th diagonal of the last two axes.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.tril(fx.ones((2, 2), fx.Format(8, 4)))
    FixedArray([[1., 0.],
                [1., 1.]], format=Format(8, 4))
    """
    return _moved(np.tril, m, k)


def triu(m, k=0):
    """A copy with zeros below the k-th diagonal of the last two axes.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.triu(fx.ones((2, 2), fx.Format(8, 4)))
    FixedArray([[1., 1.],
                [0., 1.]], format=Format(8, 4))
    """
    return _moved(np.triu, m, k)


def sliding_window_view(x, window_shape, axis=None):
    """A read-only view of all windows of a shape, on new axes at the end.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.sliding_window_view(fx.array([1, 2, 3], fx.Format(8, 4)), 2)
    FixedArray([[1., 2.],
                [2., 3.]], format=Format(8, 4))
    """
    return _moved(np.lib.stride_tricks.sliding_window_view, x, window_shape, axis)


# -- cutting into parts -------------------------------------------------------------------


def split(ary, indices_or_sections, axis=0):
    """A list of views: so many equal parts, or cut at these indices.

    Raises
    ------
    ValueError
        If a number of parts doesn't divide the axis; `array_split` takes any.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.split(fx.array([1, 2, 3], fx.Format(8, 4)), [1])
    [FixedArray([1.], format=Format(8, 4)), FixedArray([2., 3.], format=Format(8, 4))]
    """
    return _parts(np.split, ary, indices_or_sections, axis)


def array_split(ary, indices_or_sections, axis=0):
    """As `split`; where the parts can't be equal, the first ones are longer by one.

    Examples
    --------
    >>> import fxtypes as fx
    >>> [part.tolist() for part in fx.array_split(fx.array([1, 2, 3], fx.Format(8, 4)), 2)]
    [[1.0, 2.0], [3.0]]
    """
    return _parts(np.array_split, ary, indices_or_sections, axis)


def hsplit(ary, indices_or_sections):
    """As `split`, along the second axis (of a vector, its only one).

    Examples
    --------
    >>> import fxtypes as fx
    >>> [part.tolist() for part in fx.hsplit(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)), 2)]
    [[[1.0], [3.0]], [[2.0], [4.0]]]
    """
    return _parts(np.hsplit, ary, indices_or_sections)


def vsplit(ary, indices_or_sections):
    """As `split`, along the first axis of an array of two or more.

    Examples
    --------
    >>> import fxtypes as fx
    >>> [part.tolist() for part in fx.vsplit(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)), 2)]
    [[[1.0, 2.0]], [[3.0, 4.0]]]
    """
    return _parts(np.vsplit, ary, indices_or_sections)


def dsplit(ary, indices_or_sections):
    """As `split`, along the third axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> [part.shape for part in fx.dsplit(fx.zeros((2, 3, 4), fx.Format(8, 4)), 2)]
    [(2, 3, 2), (2, 3, 2)]
    """
    return _parts(np.dsplit, ary, indices_or_sections)


def unstack(x, *, axis=0):
    """A tuple of views, one for each place along `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.unstack(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))[1]
    FixedArray([3., 4.], format=Format(8, 4))
    """
    if fixed("unstack", x).ndim == 0:
        raise ValueError("unstack: a 0-d array has no axis to take apart")
    rows = np.moveaxis(x._storage, axis, 0)
    return tuple(wrap(rows[i, ...], x.format) for i in range(len(rows)))
