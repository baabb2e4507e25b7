"""Long elementwise work a block at a time, so that temporaries stay small."""

import itertools
import math

import numpy as np

from ..format import many_axes, storage
from . import blocked_operation

SIZE = 1 << 14  # elements: 256 KB of the widest storage, inside a second-level cache

OBJECTS = 1 << 11  # elements as Python's numbers, which take a hundred times the memory


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


def are_one_block(arrays, size=None):
    """Whether elementwise work on arrays is little enough to be done in one go: see `run`."""
    together = 1
    for x in arrays:
        together *= x.size
    return together <= (min(size, SIZE) if size else SIZE)


def run(compute, arrays, result, dtype=None, in_c_order=False, size=None):
    """``compute(*arrays)``, which is elementwise, in blocks where the result is large.

    The blocks are one operation: they share its step of the random stream, each element draws by
    its index in the entire result, and events are reported, or raised, once.

    Parameters
    ----------
    compute : callable
        It takes one operation's step and makes its report, or none at all.
    arrays : sequence of numpy.ndarray
        They broadcast. Those without axes are handed over as they are.
    result : Format or None
        The result's; None where `dtype` says what its elements are.
    dtype : numpy.dtype, optional
        The result's, where it is not storage of a format.
    in_c_order : bool
        Whether `compute` may ask for an element's index, for a message.
    size : int, optional
        Elements of a block, at most `SIZE`.
    """
    if are_one_block(arrays, size):
        return compute(*arrays)
    size = min(size or SIZE, SIZE)
    try:
        shape = many_axes.broadcast_shapes(*(x.shape for x in arrays))
    except ValueError:
        return compute(*arrays)  # it names the shapes
    if math.prod(shape) <= size:
        return compute(*arrays)
    arrays = [np.broadcast_to(x, shape) if x.ndim else x for x in arrays]
    order = tuple(range(len(shape)))
    if not (in_c_order or (result is not None and _needs_indices(result))):
        # Nothing depends on an element's index: in the order of memory, as NumPy does.
        strides = next(x.strides for x in arrays if x.ndim)
        order = tuple(sorted(order, key=lambda axis: -abs(strides[axis])))
    arrays = [x.transpose(order) if x.ndim else x for x in arrays]
    sizes = tuple(shape[axis] for axis in order)
    out = storage.allocate(sizes, dtype or storage.dtype(result))
    with blocked_operation.blocked(out.shape) as operation:
        for key, block in operation.blocks(out, cut(out.shape, size)):
            block[...] = compute(*(x[key] if x.ndim else x for x in arrays))
    return out.transpose(np.argsort(order))


def _needs_indices(fmt):
    """Whether a draw, or a message of an element that raises, depends on its index."""
    return fmt.rounding == "stochastic" or fmt.overflow in ("raise", "wrap")
