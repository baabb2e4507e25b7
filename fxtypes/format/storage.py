"""How raw integers lie in memory: one NumPy array, 1, 2, 4, 8 or 16 bytes an element."""

import math

import numpy as np

from . import many_axes

# Indexed by the storage code: 2 * log2(bytes) + unsigned. NumPy has no 128-bit integer: one lies in
# 16 plain bytes (void), which NumPy moves but never interprets. (A structured dtype could be
# sorted and compared, but takes twice as long to allocate.)
DTYPES = tuple(
    np.dtype(name) for name in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "V16", "V16")
)
DOUBLE = 10  # the code of a float64 operand

_CHUNK = 4096  # elements that are Python's integers at a time

_CLASS = tuple((max(width, 8) - 1).bit_length() - 3 for width in range(129))


def code(fmt):
    """The kernels' storage code of a format."""
    return 2 * _CLASS[fmt.width] + (not fmt.signed)


def dtype(fmt):
    """The dtype of a format's storage."""
    return DTYPES[code(fmt)]


def allocate(shape, dtype, fill=np.empty):
    """A new array; `fill` is np.empty or np.zeros.

    Raises
    ------
    MemoryError
        If there is no room; it says how much was wanted.
    """
    try:
        return fill(shape, dtype)
    except (MemoryError, ValueError) as error:
        sizes = shape if isinstance(shape, tuple | list) else (shape,)
        raise refusal(sizes, np.dtype(dtype).itemsize, error) from None


def shape_of(shape):
    """A shape as NumPy reads it: a tuple of ints."""
    try:
        return np.broadcast_to(np.int8(0), shape).shape
    except ValueError as error:
        sizes = shape if isinstance(shape, tuple | list) else (shape,)
        raise refusal(sizes, 1, error) from None


def refusal(shape, itemsize, error):
    """What to raise for an array that NumPy doesn't allocate: `MemoryError` if for its size."""
    sizes = [int(n) for n in shape]
    if isinstance(error, ValueError) and not all(0 <= n < 1 << 63 for n in sizes):
        return error  # no shape
    wanted = math.prod(sizes) * itemsize
    if isinstance(error, ValueError) and wanted < 1 << 63:
        return error  # too many axes
    return MemoryError(f"fxtypes needs {wanted} bytes for an array of shape {tuple(sizes)}: "
                       f"{str(error) or 'there is no room'}")  # fmt: skip


def reserve(count, size, what):
    """Raise MemoryError if there is no room for `count` Python objects of about `size` bytes."""
    try:
        np.empty(max(count, 0) * size, np.uint8)
    except (MemoryError, ValueError):
        raise MemoryError(f"fxtypes needs about {count * size} bytes for {count} {what}") from None


def integers(raw, fmt):
    """Yield the raw integers in C order as Python ints."""
    flat = many_axes.flat(raw)
    for start in range(0, raw.size, _CHUNK):
        yield from to_integers(np.asarray(flat[start : start + _CHUNK]), fmt).tolist()


def words(raw):
    """A view of 16-byte storage as (..., 2) uint64, low word first; other storage as it is."""
    if raw.dtype.itemsize < 16:
        return raw
    if raw.ndim == 64:
        raise ValueError("the two words of an element need an axis, and there are 64 already")
    return raw[..., np.newaxis].view(np.uint64)


_HALVES = {
    signed: np.dtype([("low", "u8"), ("high", "i8" if signed else "u8")])
    for signed in (False, True)
}


def halves(raw, signed=False):
    """The low (uint64) and the high words of 16-byte storage: two views of its shape."""
    pairs = raw.view(_HALVES[signed])
    return pairs["low"], pairs["high"]


def to_integers(raw, fmt):
    """Raw integers as NumPy integers up to 64 bits, above as an object array of Python ints."""
    if raw.dtype.itemsize < 16:
        return raw
    low, high = halves(raw, fmt.signed)
    found = np.empty(raw.shape, object)
    flat = found.reshape(-1)
    parts = many_axes.flat(high), many_axes.flat(low)
    for start in range(0, raw.size, _CHUNK):  # Python's integers take more memory than the words
        end = start + _CHUNK
        high, low = (np.asarray(part[start:end]).astype(object) for part in parts)
        flat[start:end] = high * (1 << 64) + low
    return found


def truth(raw):
    """Which elements are not 0: booleans, or integers that are as true."""
    return np.asarray(np.logical_or(*halves(raw))) if raw.dtype.itemsize == 16 else raw


def from_integers(integers, fmt):
    """Storage from Python ints, which the caller has checked to be in the format's range.

    Parameters
    ----------
    integers : numpy.ndarray
        Of dtype object.
    """
    kind = dtype(fmt)
    if kind.itemsize < 16:
        return integers.astype(kind)
    raw = np.empty(integers.shape, kind)
    low, high = (half.reshape(-1) for half in halves(raw))
    flat, mask = integers.reshape(-1), (1 << 64) - 1
    for start in range(0, raw.size, _CHUNK):
        part = flat[start : start + _CHUNK]
        low[start : start + _CHUNK] = (part & mask).astype(np.uint64)
        high[start : start + _CHUNK] = (part >> 64 & mask).astype(np.uint64)
    return raw


def from_words(words, fmt):
    """Storage from what `words` once gave, in any byte order: a new array.

    Raises
    ------
    ValueError
        If it is no array of the format's words, or one holds a value outside the format.
    """
    kind = dtype(fmt)
    expected = np.dtype(np.uint64) if kind.itemsize == 16 else kind
    # joblib maps large arrays into memory, those inside of pickles too.
    plain = type(words) in (np.ndarray, np.memmap)
    if not plain or words.dtype.newbyteorder("=") != expected:
        shown = words.dtype if isinstance(words, np.ndarray) else type(words).__name__
        raise ValueError(f"expected words of {expected} for {fmt!r}, got {shown}")
    raw = np.array(words, expected, order="C")
    if kind.itemsize == 16:
        if not raw.ndim or raw.shape[-1] != 2:
            raise ValueError(f"expected two words an element for {fmt!r}, got shape {raw.shape}")
        # An empty array's last axis can't be seen as another dtype's.
        raw = raw.view(kind)[..., 0] if raw.size else np.empty(raw.shape[:-1], kind)
    if not _in_range(raw, fmt):
        raise ValueError(f"a value is outside of {fmt!r}")
    return raw


def _in_range(raw, fmt):
    if not raw.size:
        return True
    if raw.dtype.itemsize < 16:
        return bool(fmt.raw_min <= raw.min() and raw.max() <= fmt.raw_max)
    if fmt.signed:  # the sign, repeated from bit width - 1 upwards
        high = halves(raw, True)[1] >> np.int64(fmt.width - 65)
        return not (high ^ (high >> np.int64(63))).any()
    return fmt.width == 128 or not (halves(raw)[1] >> np.uint64(fmt.width - 64)).any()
