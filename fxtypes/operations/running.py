"""cumsum, cumprod and prod."""

import itertools
import math

import numpy as np

from ..context import blocked_operation, blocks
from ..format import derived, storage
from ..kernels import calls, plan_reductions
from . import convert
from .reduced_axes import by_results, normalize_axes, result_shape


def prod(name, raw, fmt, axis, keepdims, result):
    axes = normalize_axes(axis, raw.ndim)
    final = result_shape(raw.shape, axes, keepdims)
    if math.prod(raw.shape[a] for a in axes) == 0:
        return product_of_nothing(name, final, result)

    def products(arrays, axes, keepdims):
        return _products(name, arrays[0], fmt, axes, keepdims, result)

    if _joined(raw, [a for a in range(raw.ndim) if a not in axes]) and _joined(raw, sorted(axes)):
        return products([raw], axes, keepdims)
    return by_results(products, [raw], axes, keepdims, result)


def _joined(x, axes):
    """Whether some axes of an array lie in memory as one."""
    sizes = [(x.shape[a], x.strides[a]) for a in axes if x.shape[a] != 1]
    return all(n * inner == outer for (_, outer), (n, inner) in itertools.pairwise(sizes))


def _products(name, raw, fmt, axes, keepdims, result):
    final = result_shape(raw.shape, axes, keepdims)
    kept = [a for a in range(raw.ndim) if a not in axes]
    moved = raw.transpose(*kept, *sorted(axes))
    outputs = math.prod(raw.shape[a] for a in kept)
    if outputs == 1:
        factors = (moved[key].reshape(-1) for key in blocks.cut(moved.shape))
        return one_product(name, factors, fmt, result, final)
    n = math.prod(raw.shape[a] for a in axes)
    lines = moved.reshape(1, outputs, n).swapaxes(1, 2)  # the outputs lie innermost
    first, rest = plan_reductions.running_product(name, fmt, result)
    return calls.scan(first, rest, lines, False, final).reshape(final)


def one_product(name, factors, fmt, result, shape):
    """The only element of a prod; its factors come in arrays of one axis."""
    first, rest = plan_reductions.running_product(name, fmt, result)
    out, done = storage.allocate((1, 1), storage.dtype(result)), 0
    with blocked_operation.one_element(shape):
        for some in factors:
            if some.size:
                calls.scan(first, rest, some.reshape(1, -1, 1), False, shape, out, done)
                done += some.size
    return out.reshape(shape) if done else product_of_nothing(name, shape, result)


def product_of_nothing(name, shape, result):
    """Ones, rounded and overflowed as any product."""
    one = np.broadcast_to(np.ones((), np.int8), shape)
    return convert.cast(one, derived.TINY, result, name)


def running(name, raw, fmt, axis, keepdims, result):
    """cumsum and cumprod, along one axis or, without one, all elements in C order."""
    if axis is None or not (raw.ndim or normalize_axes(axis, 0)):
        raw, axis = raw.reshape(-1), 0
    axes = normalize_axes(axis, raw.ndim)
    if len(axes) != 1:
        raise TypeError(f"{name} takes one axis or None, got {axis!r}")
    (axis,) = axes
    shape = raw.shape
    lines = raw.reshape(math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]))
    if name == "cumsum":
        total = 1 << max(shape[axis] - 1, 0).bit_length()
        first, rest = plan_reductions.prefix_sums(fmt, result, total), None
    else:
        first, rest = plan_reductions.running_product(name, fmt, result)
    return calls.scan(first, rest, lines, True, shape).reshape(shape)
