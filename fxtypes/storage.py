"""How raw integers lie in memory: one NumPy array, 1, 2, 4, 8 or 16 bytes an element."""

import numpy as np

# Indexed by the kernels' storage code: 2 * class + unsigned. NumPy has no 128-bit integer: its
# carrier is 16 plain bytes, which NumPy moves but never interprets. (A structured dtype would
# sort and compare too, but costs twice as much to allocate.)
DTYPES = tuple(
    np.dtype(name) for name in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "V16", "V16")
)
DOUBLE = 10  # the code of a float64 operand

_CLASS = {8: 0, 16: 1, 32: 2, 64: 3, 128: 4}


def code(fmt):
    """The kernels' storage code of a format."""
    size = max(8, 1 << (fmt.width - 1).bit_length())
    return 2 * _CLASS[size] + (not fmt.signed)


def dtype(fmt):
    """The dtype of a format's storage."""
    return DTYPES[code(fmt)]


def words(raw):
    """A view of 16-byte storage as (..., 2) uint64, low word first; other storage as it is."""
    if raw.dtype.itemsize < 16:
        return raw
    return raw[..., np.newaxis].view(np.uint64)


def to_integers(raw, fmt):
    """Raw integers as NumPy integers up to 64 bits, above as an object array of Python ints."""
    if raw.dtype.itemsize < 16:
        return raw
    pairs = words(raw)
    high = pairs[..., 1].view(np.int64) if fmt.signed else pairs[..., 1]
    # np.array keeps 0-d results arrays: object arithmetic would unwrap them.
    return np.array(high.astype(object) * (1 << 64) + pairs[..., 0].astype(object), dtype=object)


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
    pairs = words(raw)
    mask = (1 << 64) - 1
    pairs[..., 0] = np.array(integers & mask, dtype=object).astype(np.uint64)
    pairs[..., 1] = np.array(integers >> 64 & mask, dtype=object).astype(np.uint64)
    return raw
