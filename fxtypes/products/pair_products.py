"""The sum of products of two terms, rounded once: by one matrix product, or element by element.

The axes of two terms fall into four groups: those of both that the result has too (a stack of
matrices), those of the first alone (rows), those of the second alone (columns), and those that are
summed over.
"""

import math

import numpy as np

from ..format import Format, derived, storage
from ..kernels import calls, plan
from ..operations.operand import Operand
from ..operations.sums_and_extremes import reduce_by_kernel
from .matrix_product import matmul
from .terms import Term, all_labels, cut, lengths, product_bits, with_axes

MOST_FRAC_BITS = 256  # of a format

# A stack of at least so many products of matrices, each of at most so many multiplications, is
# multiplied element by element and summed, so many elements at a time: one call of a kernel for
# each of them would take longer.
_STACK, _SMALL, _BLOCK = 8, 512, 1 << 18


def with_formats(x, y):
    """Two terms whose formats have the `frac_bits` that their product's add up from."""
    total, most = x.frac_bits + y.frac_bits, MOST_FRAC_BITS
    first = max(min(x.frac_bits, total + most, most), total - most, -most)
    return (
        Term(x.raw, derived.with_frac_bits(x.format, first), x.frac_bits, x.labels),
        Term(y.raw, derived.with_frac_bits(y.format, total - first), y.frac_bits, y.labels),
    )


def summed_labels(x, y, out):
    """The labels that are summed over."""
    return tuple([label for label in all_labels(x, y) if label not in out])


def is_in_order(x, y, out, result):
    """Whether `multiply` makes elements in one go and in C order, where draws depend on that."""
    if not derived.depends_on_index(result) or not summed_labels(x, y, out):
        return True
    if _is_small_stack(x, y, out):
        return math.prod(lengths(x, y).values()) <= _BLOCK
    return any(sum(_groups(*pair, out), ()) == out for pair in ((x, y), (y, x)))


def multiply(name, x, y, out, target, accumulator=None, summed=None):
    """The sum of products of two terms.

    Parameters
    ----------
    name : str
        What events and messages call it.
    x, y : Term
        In storage, their formats as `with_formats` gives them.
    out : tuple
        The labels of the result's axes.
    target : Format
        The result's.
    accumulator : Format, optional
        Take the accumulator's loop.
    summed : tuple, optional
        The labels that are summed over, in the order of that loop, the first outermost.

    Returns
    -------
    numpy.ndarray
        Storage of the format `target`.
    """
    if summed is None:
        summed = summed_labels(x, y, out)
    if not summed and accumulator is None:
        step = plan.elementwise("multiply", (x.format, y.format), target, name)
        return calls.elementwise(step, (with_axes(x, out), with_axes(y, out)))
    if accumulator is None and _is_small_stack(x, y, out):
        return _elementwise_and_sum(name, x, y, out, target)
    groups = stack, rows, columns = _groups(x, y, out)
    if sum(groups, ()) != out:
        if sum(_groups(y, x, out), ()) == out:
            return multiply(name, y, x, out, target, accumulator, summed)
        if accumulator is not None and derived.depends_on_index(target, accumulator):
            groups = stack, rows, columns = out, (), ()
    sizes = lengths(x, y)
    inner = tuple([sizes[label] for label in summed])
    left = _as_matrices(x, stack, rows, summed, inner).swapaxes(-1, -2)
    right = _as_matrices(y, stack, columns, summed, inner)
    found = matmul(Operand(left, x.format), Operand(right, y.format), target, accumulator)
    axes = sum(groups, ())
    found = found.reshape([sizes[label] for label in axes])
    return found.transpose([axes.index(label) for label in out])


def _groups(x, y, out):
    """The labels of the stack, the rows and the columns of a matrix product."""
    return (tuple([label for label in out if label in x.labels and label in y.labels]),
            tuple([label for label in out if label not in y.labels]),
            tuple([label for label in out if label not in x.labels]))  # fmt: skip


def _as_matrices(x, stack, others, summed, inner):
    """A stack of matrices: the summed axes, of lengths `inner`, merged into one, and the others."""
    raw = with_axes(x, (*stack, *summed, *others))
    lead, last = raw.shape[: len(stack)], raw.shape[len(stack) + len(summed) :]
    if not set(summed) <= set(x.labels):
        raw = np.broadcast_to(raw, (*lead, *inner, *last))
    return raw.reshape(*lead, math.prod(inner), math.prod(last))


def _is_small_stack(x, y, out):
    """Whether it is a stack of small products, which a format holds."""
    labels = _groups(x, y, out)[0]
    if not labels:
        return False
    sizes = lengths(x, y)
    stack = math.prod([sizes[label] for label in labels])
    return (
        stack >= _STACK
        and math.prod(sizes.values()) <= _SMALL * stack
        and abs(x.frac_bits + y.frac_bits) <= MOST_FRAC_BITS
        and product_bits(x, y) <= 128
    )


def _elementwise_and_sum(name, x, y, out, target):
    """`multiply` for a small stack: exact products element by element, and their sums."""
    sizes = lengths(x, y)
    axes = (*out, *summed_labels(x, y, out))
    frac_bits = x.format.frac_bits + y.format.frac_bits
    wide = Format(product_bits(x, y), frac_bits, rounding="floor", overflow="wrap")
    step = plan.elementwise("multiply", (x.format, y.format), wide, "move")
    found = storage.allocate(tuple(sizes[label] for label in out), storage.dtype(target))
    longest = max(out, key=sizes.__getitem__)
    rows = max(_BLOCK * sizes[longest] // max(math.prod(sizes.values()), 1), 1)
    lead, last = (slice(None),) * out.index(longest), tuple(range(len(out), len(axes)))
    for start in range(0, sizes[longest], rows):
        part = slice(start, start + rows)
        factors = tuple(with_axes(cut(t, longest, part), axes) for t in (x, y))
        products = Operand(calls.elementwise(step, factors), wide)
        found[(*lead, part)] = reduce_by_kernel("sum", products, last, False, target, name)
    return found
