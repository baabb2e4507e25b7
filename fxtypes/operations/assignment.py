"""Values put into storage, each rounded once into its format.

A value is an `Operand`: of a FixedArray its storage and format, else what a user has passed and
None.
"""

import numpy as np

from ..format import read_numbers
from ..format.overlap import independent
from . import convert
from .element_moves import check_indices
from .operand import Operand


def in_format(name, value, fmt):
    """A value as storage of a format, each element rounded once."""
    raw, source = value
    if source is None:
        return convert.from_numbers(read_numbers.read(raw), fmt, name)
    return raw if source is fmt else convert.cast(raw, source, fmt, name)


def cycled(value, count):
    """`count` elements of a value, repeated from the start as often as needed."""
    raw, fmt = value
    if isinstance(raw, np.ndarray) and raw.size == count:
        return value if raw.ndim == 1 else Operand(raw.reshape(-1), fmt)
    values = raw if fmt is not None else read_numbers.read(raw)
    if values.size == 1:
        return Operand(values.reshape(-1).repeat(count), fmt)
    return Operand(np.resize(values, count), fmt)


def first_of(value, count):
    """The first `count` elements of a value in C order; from its start again where it has less."""
    raw, fmt = value
    raw = np.asarray(raw if fmt is not None else read_numbers.read(raw)).reshape(-1)
    return cycled(Operand(raw[:count], fmt), count)


def put(raw, fmt, indices, value, mode):
    """Set the elements of storage at `indices` in C order, in place."""
    if not np.size(value[0]) or not np.size(indices):
        return
    indices = check_indices("put", indices, raw.size, mode)
    raw.take(indices, mode=mode)  # raises if one is out of range
    values = in_format("put", cycled(value, indices.size), fmt)
    raw.put(independent(indices, raw), independent(values, raw), mode)
