"""Elementary functions of storage, each element evaluated: by a kernel or by the reference."""

import itertools

import numpy as np

from ..context import blocks
from ..format import derived, many_axes, storage
from ..kernels import calls, plan, python_rounding
from . import by_kernel
from .registry import FUNCTIONS


def evaluate(name, raws, formats, result, mask=None):
    """f(x), or f(x, y), for every element; what `mask` leaves out is an exact 0.

    Parameters
    ----------
    name : str
        A key of `FUNCTIONS`.
    raws : sequence of numpy.ndarray
        The arguments, in the function's domain but for what `mask` leaves out; they broadcast.
    formats : sequence of Format or None
        Of their storage; None: an object array of Python's integers.
    result : Format
    mask : numpy.ndarray of bool, optional
        Where to evaluate, of the result's shape.
    """
    if name == "reciprocal":
        return _by_division(name, raws, formats, result, mask)
    if FUNCTIONS[name].kernel is not None and None not in formats:
        return by_kernel.evaluate(name, raws, formats, result, mask)
    if mask is not None:
        return _by_reference(name, raws, formats, result, mask)
    return blocks.run(lambda *raws: _by_reference(name, raws, formats, result), raws, result)


def _by_reference(name, raws, formats, result, mask=None):
    """One element after another; what `mask` leaves out is an exact 0."""
    guard = derived.guard_bits(result)
    to_odd, out_bits = FUNCTIONS[name].to_odd, result.frac_bits + guard
    shape = many_axes.broadcast_shapes(*(raw.shape for raw in raws))
    columns = [
        storage.integers(np.broadcast_to(raw, shape), fmt)
        for raw, fmt in zip(raws, formats, strict=True)
    ]
    if mask is not None:
        columns = [itertools.compress(column, many_axes.flat(mask)) for column in columns]
    points = [0 if fmt is None else fmt.frac_bits for fmt in formats]
    if len(points) == 1:
        (column,), (point,) = columns, points
        found = (to_odd(v, point, out_bits) for v in column)
    else:
        point, other = points
        found = (to_odd(v, point, w, other, out_bits) for v, w in zip(*columns, strict=True))
    values = found if mask is None else (next(found) if u else 0 for u in many_axes.flat(mask))
    return python_rounding.finish(values, guard, result, name, shape)


def _by_division(name, raws, formats, result, mask):
    """1 / x, which the kernels' division knows; 0 / 1 where the mask leaves elements out."""
    (raw,), (fmt,) = raws, formats
    one = np.ones((), np.int8)
    if mask is not None:
        raw = np.where(mask, raw, storage.from_integers(np.array(1, object), fmt))
        one = mask.astype(np.int8)
    step = plan.elementwise("divide", (derived.TINY, fmt), result, name)
    return calls.elementwise(step, (one, raw))
