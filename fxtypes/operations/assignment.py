"""Values put into storage, each rounded once into its format.

A value is a part: (raw, Format), or (whatever else a user passed, None).
"""

import numpy as np

from ..format import read_numbers
from ..format.overlap import independent
from . import convert
from .element_moves import check_indices


def in_format(name, part, fmt):
    """A value as storage of a format, each element rounded once."""
    value, own = part
    if own is None:
        return convert.from_numbers(read_numbers.read(value), fmt, name)
    return value if own is fmt else convert.cast(value, own, fmt, name)


def cycled(part, count):
    """`count` elements of a value, again and again, to be assigned."""
    value, own = part
    if np.size(value) == count and isinstance(value, np.ndarray):
        return value.reshape(-1), own
    return np.resize(value if own is not None else read_numbers.read(value), count), own


def put(raw, fmt, indices, part, mode):
    """Set the elements of storage at `indices` in C order, in place."""
    if not np.size(part[0]) or not np.size(indices):
        return
    indices = check_indices("put", indices, raw.size, mode)
    np.take(np.broadcast_to(np.int8(0), raw.size), indices, mode=mode)  # no index out of range
    values = in_format("put", cycled(part, np.size(indices)), fmt)
    np.put(raw, independent(indices, raw), independent(values, raw), mode=mode)
