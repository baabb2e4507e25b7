"""cumsum, cumprod and prod: each step takes one more element, and products round at each."""

import itertools
import math

import numpy as np

from ..context import blocked_operation, blocks
from ..format import derived, storage
from ..kernels import calls, plan_reductions
from . import convert
from .reduced_axes import count_reduced, in_blocks_of_results, normalize_axes, result_shape


def product(name, operand, axis, keepdims, result):
    """The product of the elements, in C order, rounded at each step."""
    raw, fmt = operand
    axes = normalize_axes(axis, raw.ndim)
    if count_reduced(raw.shape, axes) == 0:
        return product_of_nothing(name, result_shape(raw.shape, axes, keepdims), result)

    def compute(arrays, axes, keepdims):
        return _product(name, arrays[0], fmt, axes, keepdims, result)

    if _is_uniform(raw, [a for a in range(raw.ndim) if a not in axes]) and _is_uniform(
        raw, sorted(axes)
    ):
        return compute([raw], axes, keepdims)  # no copy is made, so no blocks are needed
    return in_blocks_of_results(compute, [raw], axes, keepdims, result)


def _is_uniform(x, axes):
    """Whether some axes of an array lie in memory like one: merging them takes no copy."""
    sizes = [(x.shape[a], x.strides[a]) for a in axes if x.shape[a] != 1]
    return all(n * inner == outer for (_, outer), (n, inner) in itertools.pairwise(sizes))


def _product(name, raw, fmt, axes, keepdims, result):
    final = result_shape(raw.shape, axes, keepdims)
    kept = [a for a in range(raw.ndim) if a not in axes]
    moved = raw.transpose(*kept, *sorted(axes))
    outputs = math.prod(raw.shape[a] for a in kept)
    if outputs == 1:
        factors = (moved[key].reshape(-1) for key in blocks.cut(moved.shape))
        return one_product(name, factors, fmt, result, final)
    lines = moved.reshape(outputs, count_reduced(raw.shape, axes))
    return product_of_lines(name, lines, fmt, result, final)


def product_of_lines(name, lines, fmt, result, shape):
    """The product of each row of `lines`, in a result of `shape`."""
    first, rest = plan_reductions.running_product(name, fmt, result)
    lines = lines.reshape(1, *lines.shape).swapaxes(1, 2)  # the outputs lie innermost
    return calls.scan(first, rest, lines, False, shape).reshape(shape)


def one_product(name, factors, fmt, result, shape):
    """The product that is a result's only element.

    Parameters
    ----------
    name : str
    factors : iterable of numpy.ndarray
        The factors, in parts of one axis each.
    fmt, result : Format
        The factors' and the result's.
    shape : tuple of int
        The result's.
    """
    first, rest = plan_reductions.running_product(name, fmt, result)
    out, done = storage.allocate((1, 1), storage.dtype(result)), 0
    with blocked_operation.one_element(shape):
        for part in factors:
            if part.size:
                calls.scan(first, rest, part.reshape(1, -1, 1), False, shape, out, done)
                done += part.size
    return out.reshape(shape) if done else product_of_nothing(name, shape, result)


def product_of_nothing(name, shape, result):
    """Ones, rounded and overflowed as any product."""
    one = np.broadcast_to(np.ones((), np.int8), shape)
    return convert.cast(one, derived.TINY, result, name)


def running(name, operand, axis, keepdims, result):
    """cumsum and cumprod, along one axis or, without one, of all elements in C order."""
    raw, fmt = operand
    if axis is None or not (raw.ndim or normalize_axes(axis, 0)):
        raw, axis = raw.reshape(-1), 0
    axes = normalize_axes(axis, raw.ndim)
    if len(axes) != 1:
        raise TypeError(f"{name} takes one axis or None, got {axis!r}")
    (axis,) = axes
    shape = raw.shape
    lines = raw.reshape(math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]))
    if name == "cumsum":
        most_terms = 1 << max(shape[axis] - 1, 0).bit_length()
        first, rest = plan_reductions.prefix_sums(fmt, result, most_terms), None
    else:
        first, rest = plan_reductions.running_product(name, fmt, result)
    return calls.scan(first, rest, lines, True, shape).reshape(shape)
