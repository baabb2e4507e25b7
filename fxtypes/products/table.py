"""The products of two and more arrays, by name: most of them one contraction each.

``compute(name, operands, result, **options)`` gives storage of the format `result`, and
``grown(operands, **options)`` what `full_precision` must know: see `Operation`.
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
from ..kernels import calls, plan
from ..operations import convert, sums_and_extremes
from ..operations.operand import Operand
from . import convolution, matrix_product, subscripts
from .contraction import contract, difference, reported_as, rounded
from .exact_products import defer, exact_product
from .terms import Term, labelled, magnitude_bits


def _matmul(name, operands, result, accumulator=None, initial=None):
    if None in _formats(operands):
        raise OverflowError(
            f"{name}: an operand's integers need more than 128 bits; use fx.array with a format "
            "to scale them"
        )
    return matrix_product.matmul(*operands, result, accumulator, initial)


def _dot(name, operands, result, accumulator=None):
    (x, x_format), (y, y_format) = operands
    axes = _dot_axes(x, y)
    if not (x.ndim and y.ndim) or x.ndim > 2 or y.ndim > 2 or None in (x_format, y_format):
        return _tensordot(name, operands, result, axes, accumulator)
    _check_lengths(name, (x.shape, y.shape), axes)
    with reported_as(name, x.shape[:-1] + y.shape[1:], result, accumulator):
        return matrix_product.matmul(*operands, result, accumulator)


def _dot_axes(x, y):
    return ((-1,), (-min(y.ndim, 2),)) if x.ndim and y.ndim else ((), ())


def _inner(name, operands, result):
    (x, _), (y, _) = operands
    axes = ((-1,), (-1,)) if x.ndim and y.ndim else ((), ())
    return _tensordot(name, operands, result, axes)


def _vdot(name, operands, result, accumulator=None):
    (x, _), (y, _) = operands
    if x.size != y.size:
        raise ValueError(f"{name}: {x.size} and {y.size} elements; shapes {x.shape} and {y.shape}")
    return _dot(name, [Operand(raw.reshape(-1), fmt) for raw, fmt in operands], result, accumulator)


def _tensordot(name, operands, result, axes, accumulator=None):
    (x, x_format), y = operands
    shapes = [raw.shape for raw, _ in operands]
    summed = _axes(name, axes, shapes)
    _check_lengths(name, shapes, summed)
    # The first operand's axes are their own labels; the second's too, counted from the end.
    x_labels = list(range(len(shapes[0])))
    y_labels = list(range(-len(shapes[1]), 0))
    for i, j in zip(*summed, strict=True):
        y_labels[j] = i
    out = [i for i in x_labels if i not in summed[0]] + [j for j in y_labels if j < 0]
    # The summed labels come first, in the order of `axes`: an accumulator's loop takes it.
    order = [*summed[0], *(i for i in x_labels if i not in summed[0])]
    operands = [Operand(x.transpose(order), x_format), y]
    inputs = [tuple(order), tuple(y_labels)]
    return contract(name, operands, (inputs, tuple(out)), result, accumulator)


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


# Subscripts, and how many last axes of each operand are not the stack's.
_STACKED = {
    "vecdot": ("...i,...i->...", 1, 1),
    "matvec": ("...ij,...j->...i", 2, 1),
    "vecmat": ("...i,...ij->...j", 1, 2),
}


def _stacked(name, operands, result, axis=-1):
    text, *axes = _STACKED[name]
    if axis != -1:
        operands = [Operand(np.moveaxis(raw, axis, -1), fmt) for raw, fmt in operands]
    shapes = [raw.shape for raw, _ in operands]
    if any(len(shape) < n for shape, n in zip(shapes, axes, strict=True)):
        raise ValueError(f"{name}: shapes {shapes[0]} and {shapes[1]} have too few axes; it takes "
                         f"{axes[0]} and {axes[1]}")  # fmt: skip
    _check_lengths(name, shapes, ((-1,), (-axes[1],)))
    return contract(name, operands, subscripts.labels(text, tuple(shapes)), result)


def _outer(name, operands, result):
    flat = [Operand(raw.reshape(-1), fmt) for raw, fmt in operands]
    return contract(name, flat, ([(0,), (1,)], (0, 1)), result)


def _kron(name, operands, result):
    ndim = max(raw.ndim for raw, _ in operands)
    padded = [
        Operand(raw.reshape((1,) * (ndim - raw.ndim) + raw.shape), fmt) for raw, fmt in operands
    ]
    first, second = (raw.shape for raw, _ in padded)
    inputs = [tuple(range(0, 2 * ndim, 2)), tuple(range(1, 2 * ndim, 2))]
    shape = tuple(m * n for m, n in zip(first, second, strict=True))
    return contract(name, padded, (inputs, tuple(range(2 * ndim))), result, shape=shape)


_TWO_STEPS = 62  # bits of a product up to which products and differences take less time


def _cross(name, operands, result, axes):
    """The cross product; `axes`: the vectors' in both operands and in the result."""
    vectors = []
    for (raw, fmt), axis in zip(operands, axes, strict=False):
        if not raw.ndim or raw.shape[normalize_axis_index(axis, raw.ndim)] != 3:
            raise ValueError(f"{name} is of vectors of 3 elements, not along axis {axis} of the "
                             f"shape {raw.shape}")  # fmt: skip
        vectors.append(Operand(np.moveaxis(raw, axis, -1), fmt))
    (x, x_format), (y, y_format) = vectors
    shape = list(many_axes.broadcast_shapes(x.shape, y.shape))
    axis = normalize_axis_index(axes[2], len(shape))
    shape.insert(axis, shape.pop())
    with reported_as(name, tuple(shape), result):
        if derived.depends_on_index(result) and axis != len(shape) - 1:
            # Blocks of vectors don't know their elements' indices in such a result.
            return _cross_along_last(name, *vectors, result, axis)
        python = None in (x_format, y_format)
        found = blocks.run(
            lambda x, y: _cross_along_last(name, (x, x_format), (y, y_format), result, -1),
            [x, y],
            result,
            in_c_order=True,
            size=blocks.OBJECTS if python else None,
        )
    return np.moveaxis(found, -1, axis)


def _cross_along_last(name, x, y, result, axis):
    """x[1] y[2] - x[2] y[1] and so on, of vectors along the last axes.

    In the result the vectors lie along `axis`.
    """
    shape = list(many_axes.broadcast_shapes(x[0].shape, y[0].shape))
    labels = list(range(-len(shape), 0))
    for items in (shape, labels):
        items.insert(axis % len(shape), items.pop())
    out = tuple(label for label, n in zip(labels, shape, strict=True) if n != 1)
    # Each vector's components 1, 2, 0 and 2, 0, 1.
    orders = [1, 2, 0], [2, 0, 1]
    formats = x[1], y[1]
    if None not in formats and sum(fmt.width for fmt in formats) > _TWO_STEPS:
        step = plan.difference_of_products((*formats, *formats), result, name)
        last = (*many_axes.broadcast_shapes(x[0].shape, y[0].shape),)
        x_120, x_201, y_120, y_201 = (
            np.moveaxis(np.broadcast_to(raw, last)[..., order], -1, axis)
            for raw, _ in (x, y)
            for order in orders
        )
        return calls.elementwise(step, (x_120, y_201, x_201, y_120))
    (x_120, x_201), (y_120, y_201) = [
        [labelled(Operand(raw[..., order], fmt), range(-raw.ndim, 0)) for order in orders]
        for raw, fmt in (x, y)
    ]
    minuend, subtrahend = (
        exact_product(*pair, set(out)) for pair in ((x_120, y_201), (x_201, y_120))
    )
    return difference(name, minuend, subtrahend, out, result).reshape(shape)


def _einsum(name, operands, result, text, optimize=True, accumulator=None):
    labels = subscripts.labels(text, tuple(raw.shape for raw, _ in operands))
    return contract(name, operands, labels, result, accumulator, optimize)


def _multi_dot(name, operands, result):
    inputs = _chain_labels(name, operands)
    ends = {0: inputs[0], len(operands): inputs[-1]}
    output = tuple(end for end, labels in ends.items() if end in labels)
    sizes = subscripts.sizes(name, inputs, [raw.shape for raw, _ in operands])
    shape = tuple(sizes[label] for label in output)
    terms = [labelled(*pair) for pair in zip(operands, inputs, strict=True)]
    splits = _best_splits([sizes.get(label, 1) for label in range(len(terms) + 1)])

    def product(first, last):
        if last - first == 1:
            return terms[first]
        middle = splits[first, last]
        return defer(product(first, middle), product(middle, last), {first, last})

    middle = splits[0, len(terms)]
    out = tuple(label for label in output if sizes[label] != 1)
    with reported_as(name, shape, result):
        factors = [product(0, middle), product(middle, len(terms))]
        return rounded(name, factors, out, result).reshape(shape)


def _best_splits(sides):
    """Where to split a chain of matrices, and each part of it, so that fewest products are made.

    Matrix i is sides[i] x sides[i + 1]; of those from i to j - 1, {(i, j): the split}.
    """
    count = len(sides) - 1
    costs, splits = dict.fromkeys(((i, i + 1) for i in range(count)), 0), {}
    for length in range(2, count + 1):
        for i in range(count - length + 1):
            j = i + length
            costs[i, j], splits[i, j] = min(
                (costs[i, k] + costs[k, j] + sides[i] * sides[k] * sides[j], k)
                for k in range(i + 1, j)
            )
    return splits


def _chain_labels(name, operands):
    """The labels of a chain of matrices, which a vector may begin and another one end."""
    shapes = [raw.shape for raw, _ in operands]
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


def _matrix_power(name, operands, result, n):
    ((raw, fmt),) = operands
    if n == 0:
        one = np.broadcast_to(np.eye(raw.shape[-1], dtype=np.int8), raw.shape)
        return convert.cast(one, derived.TINY, result, name)
    if n == 1:
        return convert.cast(raw, fmt, result, name)
    lead = tuple(range(-raw.ndim, -2))
    base = Term(raw, *derived.split_frac_bits(fmt), (*lead, "i", "j"))
    needed = n * max(magnitude_bits(base) + raw.shape[-1].bit_length(), abs(fmt.frac_bits))
    if needed > _MOST_BITS:
        raise ValueError(f"{name}: the exact power {n} takes about {needed} bits an element, more "
                         f"than {_MOST_BITS}; multiply in steps, which round")  # fmt: skip
    out = (*lead, "i", "k")

    def right(x):
        """A power as the right factor of a product."""
        return x._replace(labels=(*lead, "j", "k"))

    def exact_power(n):
        if n == 1:
            return base
        half = exact_power(n // 2)
        product = exact_product(half, right(half), set(out))
        if n % 2:
            product = exact_product(product._replace(labels=base.labels), right(base), set(out))
        return product._replace(labels=base.labels)

    with reported_as(name, raw.shape, result):
        factors = [exact_power(n // 2), right(exact_power(n - n // 2))]
        return rounded(name, factors, out, result)


def _trace(name, operands, result, offset=0, axis1=0, axis2=1):
    ((raw, fmt),) = operands
    diagonals = Operand(raw.diagonal(offset, axis1, axis2), fmt)
    return sums_and_extremes.reduce_by_kernel("sum", diagonals, -1, False, result, name)


def _formats(operands):
    return [fmt for _, fmt in operands]


def _grown_by(count):
    """`grown` for a product; `count` tells the number of terms from the operands' shapes."""

    def grown(operands, **options):
        return _formats(operands), count(*(raw.shape for raw, _ in operands))

    return grown


def _first_length(x, *others):
    """The length of the first operand's last axis; 1 where an operand has no axes."""
    return x[-1] if x and all(others) else 1


def _grown_tensordot(operands, axes, **options):
    shapes = [raw.shape for raw, _ in operands]
    summed, _ = _axes("tensordot", axes, shapes)
    return _formats(operands), math.prod(shapes[0][i] for i in summed)


def _grown_einsum(operands, text, **options):
    shapes = [raw.shape for raw, _ in operands]
    inputs, output = subscripts.labels(text, tuple(shapes))
    found = subscripts.sizes("einsum", inputs, shapes)
    return _formats(operands), math.prod(n for label, n in found.items() if label not in output)


def _grown_vecdot(operands, axis):
    return _formats(operands), operands[0][0].shape[axis] if operands[0][0].ndim else 1


def _grown_multi_dot(operands):
    return _formats(operands), math.prod(raw.shape[0] for raw, _ in operands[1:])


def _grown_power(operands, n):
    ((raw, fmt),) = operands
    n = min(max(n, 1), 65)  # more factors fit no format
    return [fmt] * n, raw.shape[-1] ** (n - 1)


def _grown_trace(operands, **axes):
    return _formats(operands), operands[0][0].diagonal(**axes).shape[-1]


PRODUCTS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "matmul": (_matmul, _grown_by(_first_length)),
    "dot": (_dot, _grown_by(_first_length)),
    "inner": (_inner, _grown_by(_first_length)),
    "vdot": (_vdot, _grown_by(lambda x, y: math.prod(x))),
    "tensordot": (_tensordot, _grown_tensordot),
    "vecdot": (_stacked, _grown_vecdot),
    "matvec": (_stacked, _grown_by(_first_length)),
    "vecmat": (_stacked, _grown_by(_first_length)),
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
