"""The order of storage: NumPy orders native integers, and 128 bits by two words or by ranks."""

import numpy as np

from . import storage

# 16 bytes seen as two words, the high one first: NumPy compares the fields in this order.
_HIGH_LOW = {
    signed: np.dtype(
        {
            "names": ["high", "low"],
            "formats": ["i8" if signed else "u8", "u8"],
            "offsets": [8, 0],
            "itemsize": 16,
        }
    )
    for signed in (True, False)
}


def comparable(raw, fmt):
    """A view of storage that NumPy orders; slow for 128 bits, so use it for few comparisons."""
    return raw.view(_HIGH_LOW[fmt.signed]) if raw.dtype.itemsize == 16 else raw


def _columns(raw, fmt):
    pairs = storage.words(raw)
    high = pairs[..., 1].view(np.int64) if fmt.signed else pairs[..., 1]
    return pairs[..., 0], high


def argsort(raw, fmt, axis, stable=False, descending=False):
    """The indices that sort storage along an axis, equal elements in their order if `stable`.

    Descending and stable: from the highest down, equal elements in their order.
    """
    if descending:
        # NOT reverses the order of two's complement and of unsigned words alike.
        raw = (~storage.words(raw)).view(raw.dtype)[..., 0] if _is_wide(raw) else ~raw
    if _is_wide(raw):
        return np.lexsort(_columns(raw, fmt), axis=axis)  # stable: the low words, then the high
    return np.argsort(raw, axis=axis, kind="stable" if stable or descending else None)


def sort(raw, fmt, axis, stable=False, descending=False):
    """A sorted copy of storage."""
    if _is_wide(raw) or descending:
        return np.take_along_axis(raw, argsort(raw, fmt, axis, stable, descending), axis)
    return np.sort(raw, axis=axis, kind="stable" if stable else None)


def ranks(raw, fmt):
    """Integers from 0 up, without a gap, equal and ordered as the elements are."""
    if not _is_wide(raw):
        return np.unique(raw, return_inverse=True)[1].reshape(raw.shape)
    flat = raw.reshape(-1)
    order = argsort(flat, fmt, 0)
    words = storage.words(flat[order])
    new = np.zeros(flat.size, np.intp)
    new[1:] = (words[1:] != words[:-1]).any(axis=1)
    found = np.empty(flat.size, np.intp)
    found[order] = np.cumsum(new)
    return found.reshape(raw.shape)


def keys(raw, fmt):
    """Integers that NumPy orders as the elements: storage itself, or ranks where it is wide."""
    return ranks(raw, fmt) if _is_wide(raw) else raw


def _is_wide(raw):
    return raw.dtype.itemsize == 16
