"""Exact products of terms: in formats as wide as the data need, in Python's integers past 128 bits.

A product past 128 bits is deferred at first: what needs only a part of it computes only that.
"""

import math

import numpy as np

from ..context import context
from ..format import Format
from ..operations import wide_integers
from ..operations.operand import Operand
from ..operations.sums_and_extremes import reduce_by_kernel
from .pair_products import multiply
from .terms import (
    DeferredProduct,
    Term,
    all_labels,
    cut,
    lengths,
    log2_ceil,
    magnitude_bits,
    product_bits,
    term_pieces,
    to_python,
)

_PART = 1 << 16  # products of Python ints computed at a time, between which Ctrl-C is heard


def exact_product(x, y, out):
    """The exact product of two terms, summed over all labels that are not in the set `out`."""
    return computed(defer(x, y, out))


def product_in_pieces(x, y, out):
    """As `exact_product`: its integers, as `wide_integers.pieces` has them."""
    product = defer(x, y, out)
    if isinstance(product, Term) or None in (product.x.format, product.y.format):
        return term_pieces(computed(product))
    with context.uncounted():
        return wide_integers.pieces(sum_bits(product), _multiplying(product))


def defer(x, y, out):
    """As `exact_product`; past 128 bits a `DeferredProduct`."""
    x, y = summed_to(x, out.union(y.labels)), summed_to(y, out.union(x.labels))
    labels = tuple(label for label in all_labels(x, y) if label in out)
    product = DeferredProduct(x, y, x.frac_bits + y.frac_bits, labels)
    fits = None not in (x.format, y.format) and sum_bits(product) <= 128
    return computed(product) if fits else product


def computed(x):
    """A term, computed where it is not yet."""
    if isinstance(x, Term):
        return x
    product = x._replace(x=computed(x.x), y=computed(x.y))
    x, y, frac_bits, labels, _ = product
    if None in (x.format, y.format):
        return Term(_multiply_python(x, y, labels), None, frac_bits, labels)
    return in_pieces(sum_bits(product), frac_bits, labels, _multiplying(product))


def _multiplying(product):
    """What `in_pieces` asks for, of a product of terms in storage."""
    return lambda target: multiply("move", product.x, product.y, product.labels, target)


def computed_without(x, label):
    """A term of which all factors are computed that don't have this label."""
    if isinstance(x, Term):
        return x
    if label not in x.labels:
        return computed(x)
    return x._replace(x=computed_without(x.x, label), y=computed_without(x.y, label))


def sum_bits(product):
    """The bits of an exact product of terms in storage, the sign included."""
    x, y = product.x, product.y
    count = math.prod(n for label, n in lengths(x).items() if label not in product.labels)
    # A sum is at most count * 2**(product_bits - 2).
    return product_bits(x, y) + log2_ceil(count)


def _multiply_python(x, y, labels):
    """The product of two terms in Python ints; halved until a part takes little time and memory."""
    sizes = lengths(x, y)
    if math.prod(sizes.values()) <= _PART:
        number = {label: i for i, label in enumerate(sizes)}
        lists = [[number[label] for label in found] for found in (x.labels, y.labels, labels)]
        found = np.einsum(to_python(x), lists[0], to_python(y), lists[1], lists[2])
        return np.asarray(found, dtype=object)
    longest = max(sizes, key=sizes.__getitem__)
    half = sizes[longest] // 2
    parts = [
        _multiply_python(*(cut(t, longest, part) for t in (x, y)), labels)
        for part in (slice(None, half), slice(half, None))
    ]
    if longest in labels:
        return np.concatenate(parts, labels.index(longest))
    return np.asarray(parts[0] + parts[1], dtype=object)


def in_pieces(width, frac_bits, labels, compute):
    """A term of integers of `width` bits: in storage up to 128 bits, else Python ints.

    Parameters
    ----------
    width, frac_bits : int
    labels : tuple
    compute : callable
        ``compute(format)`` gives the exact values in storage of a format with `floor` and `wrap`;
        past 128 bits 128 of their bits, as `wide_integers.from_pieces` asks for them.
    """
    with context.uncounted():
        if width <= 128:
            fmt = Format(max(width, 2), 0, rounding="floor", overflow="wrap")
            return Term(compute(fmt), fmt, frac_bits, labels)
        return Term(wide_integers.from_pieces(width, compute), None, frac_bits, labels)


def summed_to(x, out):
    """A term summed exactly over the labels that are not in the set `out`."""
    axes = tuple(i for i, label in enumerate(x.labels) if label not in out)
    if not axes:
        return x
    labels = tuple(label for label in x.labels if label in out)
    if x.format is None:
        return Term(np.asarray(np.sum(x.raw, axis=axes), object), None, x.frac_bits, labels)
    width = magnitude_bits(x) + log2_ceil(math.prod(x.raw.shape[i] for i in axes)) + 2
    operand = Operand(x.raw, x.format)
    return in_pieces(
        width,
        x.frac_bits,
        labels,
        lambda target: reduce_by_kernel("sum", operand, axes, False, target, "move"),
    )
