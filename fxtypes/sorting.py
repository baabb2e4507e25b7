"""The order of storage: NumPy orders native integers, and 128 bits by two words or by ranks."""

from functools import partial

import numpy as np

from . import dimensions, storage

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
    if not _is_wide(raw):
        return (raw,)
    return storage.halves(raw, fmt.signed)


def argsort(raw, fmt, axis, stable=False, descending=False):
    """The indices that sort storage along an axis, equal elements in their order if `stable`.

    Descending and stable: from the highest down, equal elements in their order.
    """
    columns = _columns(raw, fmt)
    if descending:
        # NOT reverses the order of two's complement and of unsigned words alike.
        columns = [~column for column in columns]
    if len(columns) > 1:  # stable: the low words, then the high
        return dimensions.along(lambda *keys: np.lexsort(keys[:-1], keys[-1]), columns, axis)
    kind = "stable" if stable or descending else None
    return dimensions.along(partial(np.argsort, kind=kind), columns, axis)


def sort(raw, fmt, axis, stable=False, descending=False):
    """A sorted copy of storage."""
    if _is_wide(raw) or descending:
        return dimensions.take_along_axis(raw, argsort(raw, fmt, axis, stable, descending), axis)
    return dimensions.along(partial(np.sort, kind="stable" if stable else None), [raw], axis)


def argpartition(raw, fmt, kth, axis):
    """The indices that partition storage along an axis."""
    return dimensions.along(lambda x, axis: np.argpartition(x, kth, axis), [keys(raw, fmt)], axis)


def ranks(raw, fmt):
    """Integers from 0 up, without a gap, equal and ordered as the elements are."""
    if not _is_wide(raw):
        return np.unique(raw, return_inverse=True)[1].reshape(raw.shape)
    flat = raw.reshape(-1)
    order = argsort(flat, fmt, 0)
    new = np.zeros(flat.size, np.intp)
    for half in storage.halves(flat[order]):
        new[1:] |= half[1:] != half[:-1]
    found = np.empty(flat.size, np.intp)
    found[order] = np.cumsum(new)
    return found.reshape(raw.shape)


def keys(raw, fmt):
    """Integers that NumPy orders as the elements: storage itself, or ranks where it is wide."""
    return ranks(raw, fmt) if _is_wide(raw) else raw


def _is_wide(raw):
    return raw.dtype.itemsize == 16
