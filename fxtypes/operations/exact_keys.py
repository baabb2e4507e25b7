"""Sort keys: integers that NumPy orders as the exact values of operands in any formats."""

from functools import reduce

import numpy as np

from ..errors import FormatError
from ..format import derived, many_axes, read_numbers, storage
from . import read_operands, sort_order
from .convert import cast, to_fractions
from .operand import Operand


def exact_keys(operands):
    """For each operand an array of keys; all of them together are ordered as the exact values.

    Parameters
    ----------
    operands : list of Operand
        Those that are no FixedArray are not read yet.
    """
    operands = [_read(*operand) for operand in operands]
    formats = {fmt for _, fmt in operands}
    try:
        if None in formats:
            raise FormatError
        common = reduce(derived.common_format, map(derived.floor_wrap, formats))
    except FormatError:
        return _ranks_of_objects(operands)
    raws = [
        raw if _same_values(fmt, common) else cast(raw, fmt, common, "move")
        for raw, fmt in operands
    ]
    if storage.dtype(common).itemsize < 16:
        return raws
    ranks = sort_order.ranks(np.concatenate([raw.reshape(-1) for raw in raws]), common)
    return _split_like(raws, ranks)


def _same_values(x, y):
    """Whether raw integers of two formats stand for the same values."""
    return (x.width, x.frac_bits, x.signed) == (y.width, y.frac_bits, y.signed)


def _read(value, fmt):
    if fmt is not None:
        return Operand(value, fmt)
    numbers = read_numbers.read(value)
    if numbers.dtype.kind in "iu":
        return read_operands.read(numbers, None)
    return Operand(exact_values(numbers, infinite=True), None)


def _ranks_of_objects(operands):
    values = [raw if fmt is None else to_fractions(raw, fmt) for raw, fmt in operands]
    flat = [v for array in values for v in array.reshape(-1)]
    rank = {v: i for i, v in enumerate(sorted(set(flat)))}
    return _split_like(values, np.array([rank[v] for v in flat], dtype=np.intp))


def _split_like(arrays, flat):
    """Cut `flat` into arrays of the sizes and shapes of `arrays`."""
    ends = np.cumsum([array.size for array in arrays])[:-1]
    return [
        part.reshape(array.shape) for part, array in zip(np.split(flat, ends), arrays, strict=True)
    ]


def exact_values(obj, infinite=False, one=read_numbers.exact_value):
    """Numbers as an object array of exact values; infinities if allowed.

    `one` reads an element: see `read_numbers.read`.
    """
    numbers = read_numbers.read(obj, one)
    exact = np.empty(numbers.shape, object)
    exact.reshape(-1)[:] = [one(v) for v in numbers.reshape(-1)]
    for value in many_axes.flat(exact):
        if isinstance(value, float) and not infinite:
            raise ValueError(f"expected finite numbers, got {value!r}")
    return exact
