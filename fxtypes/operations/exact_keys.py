"""Keys that NumPy orders as the exact values of any operands."""

from functools import reduce

import numpy as np

from ..errors import FormatError
from ..format import derived, many_axes, read_numbers, storage
from . import operands, sort_order
from .convert import cast, to_fractions


def exact_keys(parts):
    """Integers that NumPy orders as the exact values of all parts together.

    Parameters
    ----------
    parts : list of (raw, Format) or (value, None)
    """
    parts = [_exact_part(*part) for part in parts]
    formats = {fmt for _, fmt in parts}
    try:
        if None in formats:
            raise FormatError
        meeting = reduce(derived.common_format, map(derived.floor_wrap, formats))
    except FormatError:
        return _object_keys(parts)
    raws = [
        raw if fmt is meeting or fmts_alike(fmt, meeting) else cast(raw, fmt, meeting, "move")
        for raw, fmt in parts
    ]
    if storage.dtype(meeting).itemsize < 16:
        return raws
    joint = sort_order.ranks(np.concatenate([raw.reshape(-1) for raw in raws]), meeting)
    return _divided(joint, raws)


def fmts_alike(x, y):
    """Whether raw integers of two formats stand for the same values."""
    return (x.width, x.frac_bits, x.signed) == (y.width, y.frac_bits, y.signed)


def _exact_part(value, fmt):
    if fmt is not None:
        return value, fmt
    numbers = read_numbers.read(value)
    if numbers.dtype.kind in "iu":
        return operands.operand(numbers, None)
    return exact_values(numbers, infinite=True), None


def _object_keys(parts):
    values = [raw if fmt is None else to_fractions(raw, fmt) for raw, fmt in parts]
    flat = [v for part in values for v in part.reshape(-1)]
    order = {v: i for i, v in enumerate(sorted(set(flat)))}
    return _divided(np.array([order[v] for v in flat], dtype=np.intp), values)


def _divided(joint, like):
    sizes = np.cumsum([part.size for part in like])[:-1]
    return [
        part.reshape(model.shape) for part, model in zip(np.split(joint, sizes), like, strict=True)
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
