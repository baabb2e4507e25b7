"""Matrix products: the exact sum of products rounded once, or the accumulator's loop."""

import contextlib
import itertools
from fractions import Fraction
from functools import lru_cache

import numpy as np

from ..context import blocked_operation, threads
from ..format import storage
from ..kernels import products
from ..kernels.calls import Limits
from ..kernels.plan import PLANS_KEPT
from ..kernels.zeros import without_zeros
from ..operations import convert, wide_integers
from ..operations.operand import Operand
from . import blas, paths, plan_products

# A second thread is worth its start where that saves so many nanoseconds.
WORTH_A_THREAD = 1_000_000.0
# With 24 moduli the sums of such a block take 25 MB, the most of all paths.
BLOCK_ROWS, BLOCK_COLUMNS = 512, Limits.BLOCK_COLUMNS
_BLAS = ("blas", "slices")
_PART = 1 << 14  # products of Python ints made at a time


def matmul(a, b, result, accumulator=None, initial=None):
    """The product of two stacks of matrices (or vectors) in storage; shapes as in np.matmul.

    Parameters
    ----------
    a, b : Operand
    result : Format
    accumulator : Format, optional
        Take the accumulator's loop.
    initial : Operand, optional
        One more term of each sum, or what the accumulator's loop begins from; it broadcasts to the
        result.

    Returns
    -------
    numpy.ndarray
        Storage of the format `result`.
    """
    (left, x_format), (right, y_format) = a, b
    if accumulator is None and left.ndim == right.ndim == 2 and left.shape[1] == right.shape[0]:
        more, initial_format = (None, None) if initial is None else initial
        if more is not None:
            more = _broadcast_initial(more, (left.shape[0], right.shape[1]))
        formats = (x_format, y_format, result, initial_format)
        found = products.one_thread(left, right, formats, more, plan_of_one_thread)
        if found is not None:
            return found
    left, right = as_matrices(left, right)
    matrices = shape = (*left.shape[:-1], right.shape[-1])
    if b.raw.ndim == 1:
        shape = shape[:-1]
    if a.raw.ndim == 1:
        shape = (*shape[:-2], *shape[-1:]) if b.raw.ndim > 1 else shape[:-1]
    if initial is not None:
        raw = _broadcast_initial(initial.raw, shape).reshape(matrices)  # only axes of length 1 more
        initial = initial._replace(raw=raw)
    operands = Operand(left, a.format), Operand(right, b.format)
    return _product(*operands, result, accumulator, initial, shape).reshape(shape)


@lru_cache(PLANS_KEPT)
def plan_of_one_thread(bits, lengths, formats, wish, most_threads):
    """The scheme and the step of a product that one thread does without a BLAS, or None.

    And the rows and columns of a block.

    `bits` are the operands' magnitudes', `lengths` are m, k and n, `formats` the operands', the
    result's and the initial terms' or None; `wish` and `most_threads` are what is in force.
    """
    (m, k, n), (x_format, y_format, result, initial_format) = lengths, formats
    found = _choose(*bits, m, k, n, wish)
    if found.path in _BLAS or thread_count(found) > 1:
        return None
    with contextlib.suppress(OverflowError):  # no level holds the sums
        step = plan_products.product(x_format, y_format, result, *bits, k, initial_format)
        return found.scheme, step, _block_shape((m, n), 1)
    return None


def _broadcast_initial(raw, shape):
    try:
        return np.broadcast_to(raw, shape)
    except ValueError:
        raise ValueError(f"matmul: initial of shape {raw.shape} doesn't broadcast to the result's "
                         f"{shape}") from None  # fmt: skip


def as_matrices(a, b):
    """Two operands as stacks of matrices, broadcast to the same leading axes."""
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError(f"matmul: a 0-d operand; shapes {a.shape} and {b.shape}; use * instead")
    left = a[np.newaxis] if a.ndim == 1 else a
    right = b[:, np.newaxis] if b.ndim == 1 else b
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"matmul: inner lengths of shapes {a.shape} and {b.shape} differ")
    if left.ndim == right.ndim == 2:
        return left, right
    stack = _broadcast_shapes(left.shape[:-2], right.shape[:-2])
    if stack is None:
        raise ValueError(f"matmul: stacks of shapes {a.shape} and {b.shape} don't broadcast")
    return (
        np.broadcast_to(left, stack + left.shape[-2:]),
        np.broadcast_to(right, stack + right.shape[-2:]),
    )


def _broadcast_shapes(x, y):
    """The shape that two broadcast to, or None; np.broadcast_shapes stops at 32 axes."""
    longer, shorter = (x, y) if len(x) >= len(y) else (y, x)
    start = len(longer) - len(shorter)
    pairs = list(zip(longer[start:], shorter, strict=True))
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        return None
    return longer[:start] + tuple(n if m == 1 else m for m, n in pairs)


def choice(left, a_format, right, b_format):
    """How the product of two (stacks of) matrices is computed, and their magnitudes' bits."""
    m, k, n = left.shape[-2], left.shape[-1], right.shape[-1]
    # The operands' actual magnitudes, not their formats, decide how wide the sums must be.
    p = products.magnitude_bits(left, storage.code(a_format))
    q = products.magnitude_bits(right, storage.code(b_format))
    return _choose(p, q, m, k, n, products.wish()), p, q


def _choose(p, q, m, k, n, wish):
    if wish not in paths.WISHES:
        raise ValueError(f"FXTYPES_GEMM is one of {', '.join(paths.WISHES)}, got {wish!r}")
    if m * k * n <= products.SMALL and wish == "auto":
        return paths.loops(p, q, m, k, n)
    found = paths.choose(p, q, m, k, n, wish)
    if found.path in _BLAS and not blas.is_exact():
        found = paths.choose(p, q, m, k, n, wish, blas=False)
    return found


def _product(x, y, result, accumulator, initial, shape):
    """The product of two stacks of matrices; `shape` is the result's, in which it is reported."""
    (left, x_format), (right, y_format) = x, y
    stack, (m, k), n = left.shape[:-2], left.shape[-2:], right.shape[-1]
    more, initial_format = (None, None) if initial is None else initial
    if (
        stack
        and left.size
        and not any(right.strides[:-2])
        and _is_tall(left)
        and (more is None or _is_tall(more))
    ):  # one right operand for all
        x, y = Operand(left.reshape(-1, k), x_format), Operand(right[(0,) * len(stack)], y_format)
        if more is not None:
            initial = Operand(more.reshape(-1, n), initial_format)
        return _product(x, y, result, accumulator, initial, shape)
    place = None
    if accumulator is None:
        if not stack:
            left, right, place = without_zeros(left, right, initial is None)
        found, p, q = choice(left, x_format, right, y_format)
        try:
            step = plan_products.product(x_format, y_format, result, p, q, k, initial_format)
        except OverflowError:  # no level holds the sums
            return _by_python(x, y, result, initial, shape)
        product = products.Product(step, (*stack, m, n), initial=more, place=place)
    else:
        step, last, start = plan_products.accumulation(
            x_format, y_format, accumulator, result, initial_format
        )
        found = paths.accumulator(step, m, k, n)
        product = products.Product(step, (*stack, m, n), last, k, more, start)
    one = _block_shape((m, n), thread_count(found)) == (m, n)
    if not product.out.size:
        pass
    elif stack and one and found.path not in _BLAS:
        product.stack(found.scheme, left, right)
    else:
        for i, index in enumerate(np.ndindex(stack)):
            _run(product, found, left[index], right[index], product.out[index], i * m * n)
    return product.settle(shape)


def _by_python(x, y, result, initial, shape):
    """`_product` in Python ints: slow, for binary points that lie hundreds of bits apart."""
    scale = Fraction(2) ** -(x.format.frac_bits + y.format.frac_bits)
    unit = Fraction(2) ** -initial.format.frac_bits
    k, n = y.raw.shape[-2:]
    columns = max(_PART // max(k, 1), 1)
    found = storage.allocate(initial.raw.shape, storage.dtype(result))
    with blocked_operation.blocked(shape) as operation:
        for i, index in enumerate(np.ndindex(initial.raw.shape[:-1])):
            row = wide_integers.to_python(x.raw[index], x.format)
            for j in range(0, n, columns):
                part = slice(j, j + columns)
                matrix = wide_integers.to_python(y.raw[index[:-1]][:, part], y.format)
                terms = wide_integers.to_python(initial.raw[index][part], initial.format)
                values = (row[:, np.newaxis] * matrix).sum(axis=0) * scale + terms * unit
                operation.start_at(i * n + j)
                found[index][part] = convert.from_numbers(values, result, "matmul")
    return found


def _is_tall(x):
    """Whether a stack of matrices lies in memory like one matrix of all their rows."""
    axes = [(n, by) for n, by in zip(x.shape[:-1], x.strides[:-1], strict=True) if n != 1]
    return all(by == n * inner for (_, by), (n, inner) in itertools.pairwise(axes))


def thread_count(found):
    """How many of our threads a product is split between."""
    if found.path in _BLAS:
        return 1
    return min(threads.get_num_threads(), max(int(found.cost / WORTH_A_THREAD), 1))


def _run(product, found, a, b, out, first):
    """Compute all blocks of out = a b, 2-D; `first` is its first element's index in C order."""
    m, n = a.shape[0], b.shape[1]
    if found.path in _BLAS:
        for block in blas.blocks(product, found, a, b, out, first):
            block()
        return
    threads_used = thread_count(found)
    rows, columns = _block_shape((m, n), threads_used)
    blocks = [(i, j) for i in range(0, m, rows) for j in range(0, n, columns)]

    def block(i, j):
        part = a[i : i + rows], b[:, j : j + columns]
        product.block(found.scheme, *part, out, first, (i, j))

    if threads_used == 1 or len(blocks) == 1:
        for corners in blocks:
            block(*corners)
    else:
        threads.run([lambda corners=corners: block(*corners) for corners in blocks], product.stop)


def _block_shape(shape, parts):
    """Rows and columns of a block, so that there are at least `parts` blocks, one a thread."""
    m, n = shape
    rows, columns = min(m, BLOCK_ROWS), min(n, BLOCK_COLUMNS)
    if parts > 1:  # the longer side is cut: each thread packs the other operand once more
        if m > n:
            rows = min(rows, _round_up(-(-m // parts), 6))
        else:
            columns = min(columns, _round_up(-(-n // parts), 16))
    return max(rows, 1), max(columns, 1)


def _round_up(n, to):
    return -(-n // to) * to
