"""The products of two and more arrays, each as one contraction: see contraction.py.

``compute(name, parts, result, **options)`` gives storage of the format `result`, and
``grown(parts, **options)`` what `full_precision` must know.
"""

import itertools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..context import blocks
from ..format import derived, many_axes
from ..operations import convert, sums_and_extremes
from . import convolution, matrix_product, subscripts
from .contraction import Term, bits, contract, difference, exact_product, rounded, shown, term

# -- pairs --------------------------------------------------------------------------------


def _matmul(name, parts, result, accumulator=None):
    (x, x_format), (y, y_format) = parts
    if x_format is None or y_format is None:
        raise OverflowError(
            f"{name}: an operand's integers need more than 128 bits; use fx.array with a format "
            "to scale them"
        )
    return matrix_product.matmul(x, x_format, y, y_format, result, accumulator)


def _dot(name, parts, result, accumulator=None):
    (x, x_format), (y, y_format) = parts
    axes = _dot_axes(x, y)
    if not (x.ndim and y.ndim) or x.ndim > 2 or y.ndim > 2 or None in (x_format, y_format):
        return _tensordot(name, parts, result, axes, accumulator)
    _check_lengths(name, (x.shape, y.shape), axes)
    with shown(name, x.shape[:-1] + y.shape[1:], result, accumulator):
        return matrix_product.matmul(x, x_format, y, y_format, result, accumulator)


def _dot_axes(x, y):
    return ((-1,), (-min(y.ndim, 2),)) if x.ndim and y.ndim else ((), ())


def _inner(name, parts, result):
    (x, _), (y, _) = parts
    axes = ((-1,), (-1,)) if x.ndim and y.ndim else ((), ())
    return _tensordot(name, parts, result, axes)


def _vdot(name, parts, result, accumulator=None):
    (x, _), (y, _) = parts
    if x.size != y.size:
        raise ValueError(f"{name}: {x.size} and {y.size} elements; shapes {x.shape} and {y.shape}")
    return _dot(name, [(raw.reshape(-1), fmt) for raw, fmt in parts], result, accumulator)


def _tensordot(name, parts, result, axes, accumulator=None):
    shapes = [raw.shape for raw, _ in parts]
    summed = _axes(name, axes, shapes)
    _check_lengths(name, shapes, summed)
    first = list(range(len(shapes[0])))
    second = list(range(-len(shapes[1]), 0))
    for i, j in zip(*summed, strict=True):
        second[j] = i
    out = [i for i in first if i not in summed[0]] + [j for j in second if j < 0]
    # The summed labels come first, in the order of `axes`: an accumulator's loop takes it.
    order = [*summed[0], *(i for i in first if i not in summed[0])]
    parts = [(parts[0][0].transpose(order), parts[0][1]), parts[1]]
    return contract(name, parts, [tuple(order), tuple(second)], tuple(out), result, accumulator)


def _axes(name, axes, shapes):
    """The axes that tensordot sums over, of either operand, counted from 0."""
    if not isinstance(axes, list | tuple | np.ndarray):
        n = operator.index(axes)
        if not 0 <= n <= min(map(len, shapes)):
            raise ValueError(f"{name}: {n} axes of the shapes {shapes[0]} and {shapes[1]}")
        return tuple(range(len(shapes[0]) - n, len(shapes[0]))), tuple(range(n))
    if len(axes) != 2:
        raise ValueError(f"{name}: axes are a number, or those of both operands; got {axes!r}")
    found = tuple(
        normalize_axis_tuple(given, len(shape), f"{name}: axes")
        for given, shape in zip(axes, shapes, strict=True)
    )
    if len(found[0]) != len(found[1]):
        raise ValueError(f"{name}: as many axes of either operand, got {axes!r}")
    return found


def _check_lengths(name, shapes, axes):
    """Axes that are summed over must be as long in both operands."""
    lengths = [[shape[i] for i in given] for shape, given in zip(shapes, axes, strict=True)]
    if lengths[0] != lengths[1]:
        first, second = (n[0] if len(n) == 1 else n for n in lengths)
        raise ValueError(
            f"{name}: axes of lengths {first} and {second} are summed over; "
            f"shapes {shapes[0]} and {shapes[1]}"
        )


# Subscripts, and how many axes of the operands are no stack's.
_STACKED = {
    "vecdot": ("...i,...i->...", 1, 1),
    "matvec": ("...ij,...j->...i", 2, 1),
    "vecmat": ("...i,...ij->...j", 1, 2),
}


def _stacked(name, parts, result, axis=-1):
    text, *axes = _STACKED[name]
    if axis != -1:
        parts = [(np.moveaxis(raw, axis, -1), fmt) for raw, fmt in parts]
    shapes = [raw.shape for raw, _ in parts]
    if any(len(shape) < n for shape, n in zip(shapes, axes, strict=True)):
        raise ValueError(f"{name}: shapes {shapes[0]} and {shapes[1]} have too few axes; it takes "
                         f"{axes[0]} and {axes[1]}")  # fmt: skip
    _check_lengths(name, shapes, ((-1,), (-axes[1],)))
    return contract(name, parts, *subscripts.labels(text, tuple(shapes)), result)


def _outer(name, parts, result):
    flat = [(raw.reshape(-1), fmt) for raw, fmt in parts]
    return contract(name, flat, [(0,), (1,)], (0, 1), result)


def _kron(name, parts, result):
    ndim = max(raw.ndim for raw, _ in parts)
    padded = [(raw.reshape((1,) * (ndim - raw.ndim) + raw.shape), fmt) for raw, fmt in parts]
    first, second = (raw.shape for raw, _ in padded)
    inputs = [tuple(range(0, 2 * ndim, 2)), tuple(range(1, 2 * ndim, 2))]
    shape = tuple(m * n for m, n in zip(first, second, strict=True))
    return contract(name, padded, inputs, tuple(range(2 * ndim)), result, shape=shape)


def _cross(name, parts, result, axes):
    """a[1] b[2] - a[2] b[1] and so on; `axes`: the vectors' in both operands and the result."""
    vectors = []
    for (raw, fmt), axis in zip(parts, axes, strict=False):
        if not raw.ndim or raw.shape[normalize_axis_index(axis, raw.ndim)] != 3:
            raise ValueError(f"{name} is of vectors of 3 elements, not along axis {axis} of the "
                             f"shape {raw.shape}")  # fmt: skip
        vectors.append((np.moveaxis(raw, axis, -1), fmt))
    (x, x_format), (y, y_format) = vectors
    shape = list(many_axes.broadcast_shapes(x.shape, y.shape))
    place = normalize_axis_index(axes[2], len(shape))
    shape.insert(place, shape.pop())
    with shown(name, tuple(shape), result):
        if derived.depends_on_index(result) and place != len(shape) - 1:
            # Blocks of vectors don't know their elements' places in such a result.
            return _crossed(name, x, x_format, y, y_format, result, place)
        # Beyond 128 bits the products in between are Python's integers.
        wide = None in (x_format, y_format) or x_format.width + y_format.width > 126
        found = blocks.run(
            lambda x, y: _crossed(name, x, x_format, y, y_format, result, -1),
            [x, y],
            result,
            in_c_order=True,
            size=blocks.OBJECTS if wide else None,
        )
    return np.moveaxis(found, -1, place)


def _crossed(name, x, x_format, y, y_format, result, place):
    """Products of vectors along the last axes; the result's lie along the axis `place`."""
    shape = list(many_axes.broadcast_shapes(x.shape, y.shape))
    labels = list(range(-len(shape), 0))
    for items in (shape, labels):
        items.insert(place % len(shape), items.pop())
    out = tuple(label for label, n in zip(labels, shape, strict=True) if n != 1)
    first, second = [
        [term((v[..., order], fmt), range(-v.ndim, 0)) for order in ([1, 2, 0], [2, 0, 1])]
        for v, fmt in ((x, x_format), (y, y_format))
    ]
    above, below = (
        exact_product(*pair, set(out)) for pair in zip(first, second[::-1], strict=True)
    )
    return difference(name, above, below, out, result).reshape(shape)


# -- several ------------------------------------------------------------------------------


def _einsum(name, parts, result, text, optimize=True, accumulator=None):
    inputs, output = subscripts.labels(text, tuple(raw.shape for raw, _ in parts))
    return contract(name, parts, inputs, output, result, accumulator, optimize)


def _multi_dot(name, parts, result):
    inputs = _chain_labels(name, parts)
    ends = {0: inputs[0], len(parts): inputs[-1]}
    output = tuple(end for end, labels in ends.items() if end in labels)
    return contract(name, parts, inputs, output, result)


def _chain_labels(name, parts):
    """The labels of a chain of matrices, which a vector may begin and another one end."""
    shapes = [raw.shape for raw, _ in parts]
    if len(shapes) < 2:
        raise ValueError(f"{name} takes at least two arrays, got {len(shapes)}")
    inputs = [(i, i + 1) for i in range(len(shapes))]
    for end, label in ((0, 1), (-1, len(shapes) - 1)):
        if len(shapes[end]) == 1:
            inputs[end] = (label,)
    if any(len(shape) != len(labels) for shape, labels in zip(shapes, inputs, strict=True)):
        raise ValueError(f"{name} takes matrices, and vectors at the ends; got shapes "
                         f"{' and '.join(map(str, shapes))}")  # fmt: skip
    for pair in itertools.pairwise(shapes):
        _check_lengths(name, pair, ((-1,), (0,)))
    return inputs


_MOST_BITS = 1 << 16  # of an element of an exact power


def _matrix_power(name, parts, result, n):
    ((raw, fmt),) = parts
    if n == 0:
        one = np.broadcast_to(np.eye(raw.shape[-1], dtype=np.int8), raw.shape)
        return convert.cast(one, derived.TINY, result, name)
    if n == 1:
        return convert.cast(raw, fmt, result, name)
    lead = tuple(range(-raw.ndim, -2))
    base = Term(raw, *derived.split_frac_bits(fmt), (*lead, "i", "j"))
    needed = n * max(bits(base) + raw.shape[-1].bit_length(), abs(fmt.frac_bits))
    if needed > _MOST_BITS:
        raise ValueError(f"{name}: the exact power {n} takes about {needed} bits an element, more "
                         f"than {_MOST_BITS}; multiply in steps, which round")  # fmt: skip
    out = (*lead, "i", "k")

    def follow(x):
        return x._replace(labels=(*lead, "j", "k"))

    def power(n):
        if n == 1:
            return base
        half = power(n // 2)
        whole = exact_product(half, follow(half), set(out))
        if n % 2:
            whole = exact_product(whole._replace(labels=base.labels), follow(base), set(out))
        return whole._replace(labels=base.labels)

    with shown(name, raw.shape, result):
        return rounded(name, [power(n // 2), follow(power(n - n // 2))], out, result)


def _trace(name, parts, result, offset=0, axis1=0, axis2=1):
    ((raw, fmt),) = parts
    diagonals = raw.diagonal(offset, axis1, axis2)
    return sums_and_extremes.reduce_by_kernel("sum", diagonals, fmt, -1, False, result, name)


# -- the table ----------------------------------------------------------------------------


def _formats(parts):
    return [fmt for _, fmt in parts]


def _grown_by(count):
    """`grown` for a product whose number of terms `count` tells."""
    return lambda parts, **options: (_formats(parts), count(*(raw.shape for raw, _ in parts)))


def _along_first(x, *others):
    return x[-1] if x and all(others) else 1


def _grown_tensordot(parts, axes, **options):
    shapes = [raw.shape for raw, _ in parts]
    summed, _ = _axes("tensordot", axes, shapes)
    return _formats(parts), math.prod(shapes[0][i] for i in summed)


def _grown_einsum(parts, text, **options):
    shapes = [raw.shape for raw, _ in parts]
    inputs, output = subscripts.labels(text, tuple(shapes))
    found = subscripts.sizes("einsum", inputs, shapes)
    return _formats(parts), math.prod(n for label, n in found.items() if label not in output)


def _grown_vecdot(parts, axis):
    return _formats(parts), parts[0][0].shape[axis] if parts[0][0].ndim else 1


def _grown_multi_dot(parts):
    return _formats(parts), math.prod(raw.shape[0] for raw, _ in parts[1:])


def _grown_power(parts, n):
    ((raw, fmt),) = parts
    n = min(max(n, 1), 65)  # more factors fit no format
    return [fmt] * n, raw.shape[-1] ** (n - 1)


def _grown_trace(parts, **axes):
    return _formats(parts), parts[0][0].diagonal(**axes).shape[-1]


PRODUCTS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "matmul": (_matmul, _grown_by(_along_first)),
    "dot": (_dot, _grown_by(_along_first)),
    "inner": (_inner, _grown_by(_along_first)),
    "vdot": (_vdot, _grown_by(lambda x, y: math.prod(x))),
    "tensordot": (_tensordot, _grown_tensordot),
    "vecdot": (_stacked, _grown_vecdot),
    "matvec": (_stacked, _grown_by(_along_first)),
    "vecmat": (_stacked, _grown_by(_along_first)),
    "outer": (_outer, _grown_by(lambda *shapes: 1)),
    "kron": (_kron, _grown_by(lambda *shapes: 1)),
    "cross": (_cross, _grown_by(lambda *shapes: 2)),
    "convolve": (convolution.convolve, _grown_by(lambda x, y: min(*x, *y, 1 << 62))),
    "correlate": (convolution.correlate, _grown_by(lambda x, y: min(*x, *y, 1 << 62))),
    "einsum": (_einsum, _grown_einsum),
    "multi_dot": (_multi_dot, _grown_multi_dot),
    "matrix_power": (_matrix_power, _grown_power),
    "trace": (_trace, _grown_trace),
}
