"""Long elementwise work a block at a time, so that temporaries stay small.

The blocks are one operation: they share its step of the random stream, each element draws by its
place in the whole result, and events are reported, or raised, once.
"""

import functools
import itertools
import math

import numpy as np

from ..format import many_axes, storage
from . import blocked_operation

SIZE = 1 << 14  # elements: 256 KB of the widest storage, inside a second-level cache

OBJECTS = 1 << 11  # of Python's numbers, which take a hundred times the room


def run(compute, arrays, result, dtype=None, in_c_order=False, size=None):
    """``compute(*arrays)``, which is elementwise, in blocks where the result is large.

    Parameters
    ----------
    compute : callable
        It takes one operation's step and makes its report, or none at all.
    arrays : sequence of numpy.ndarray
        They broadcast. Those without axes are handed over as they are.
    result : Format or None
        The result's; None where `dtype` says what it is made of.
    dtype : numpy.dtype, optional
    in_c_order : bool
        Whether an element's place may be asked for, by an error.
    size : int, optional
        Elements of a block, at most `SIZE`.
    """
    size = min(size or SIZE, SIZE)
    if math.prod(x.size for x in arrays) <= size:
        return compute(*arrays)
    try:
        shape = many_axes.broadcast_shapes(*(x.shape for x in arrays))
    except ValueError:
        return compute(*arrays)  # it names the shapes
    if math.prod(shape) <= size:
        return compute(*arrays)
    arrays = [np.broadcast_to(x, shape) if x.ndim else x for x in arrays]
    order = tuple(range(len(shape)))
    if not (in_c_order or (result is not None and _places(result))):
        # Nobody asks for an element's place: in the order of memory, as NumPy does.
        strides = next(x.strides for x in arrays if x.ndim)
        order = tuple(sorted(order, key=lambda axis: -abs(strides[axis])))
    arrays = [x.transpose(order) if x.ndim else x for x in arrays]
    sizes = tuple(shape[axis] for axis in order)
    out = storage.allocate(sizes, dtype or storage.dtype(result))
    with blocked_operation.blocked(out.shape) as whole:
        for key in cut(out.shape, size):
            block = out[key]
            block[...] = compute(*(x[key] if x.ndim else x for x in arrays))
            whole.first += block.size
    return out.transpose(np.argsort(order))


def _places(fmt):
    """Whether elements of a format draw, or raise, by their place."""
    return fmt.rounding == "stochastic" or fmt.overflow in ("raise", "wrap")


def cut(shape, size=None):
    """Index tuples of the blocks of an array, in C order; each has at most `size` elements.

    They have a slice for each of the first axes, and an ellipsis. An empty array is one block.
    """
    size = size or SIZE
    axis, inner = len(shape), 1
    while axis and inner * shape[axis - 1] <= size:
        axis -= 1
        inner *= shape[axis]
    if axis == 0 or 0 in shape:
        yield (...,)
        return
    rows = size // inner
    singles = ([slice(i, i + 1) for i in range(n)] for n in shape[: axis - 1])
    for lead in itertools.product(*singles):
        for start in range(0, shape[axis - 1], rows):
            yield (*lead, slice(start, start + rows), ...)


def blockwise(compute, size=None):
    """Make an operation's function, ``compute(name, parts, result, **options)``, work in blocks."""

    @functools.wraps(compute)
    def run_in_blocks(name, parts, result, **options):
        formats = [fmt for _, fmt in parts]

        def work(*raws):
            return compute(name, list(zip(raws, formats, strict=True)), result, **options)

        return run(work, [raw for raw, _ in parts], result, size=size)

    return run_in_blocks
