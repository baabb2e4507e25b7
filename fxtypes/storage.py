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


def from_words(words, fmt):
    """Storage from what `words` once gave, in any byte order: a new array.

    Raises
    ------
    ValueError
        If it is no array of the format's words, or one holds a value outside the format.
    """
    kind = dtype(fmt)
    expected = np.dtype(np.uint64) if kind.itemsize == 16 else kind
    if type(words) is not np.ndarray or words.dtype.newbyteorder("=") != expected:
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
        high = words(raw)[..., 1].view(np.int64) >> np.int64(fmt.width - 65)
        return bool(np.isin(high, (0, -1)).all())
    return fmt.width == 128 or not (words(raw)[..., 1] >> np.uint64(fmt.width - 64)).any()
