"""Terms of a sum of products: arrays of integers with a label an axis."""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..format import Format, derived, storage
from ..kernels import products
from ..operations import wide_integers
from ..operations.operand import Operand


class Term(NamedTuple):
    """Integers times 2**-frac_bits.

    Attributes
    ----------
    raw : numpy.ndarray
        Storage of the format `format`, or Python ints where that is None.
    format : Format or None
        Of the integers: its own `frac_bits` are 0, and its modes `floor` and `wrap`.
    frac_bits : int
        Unbounded, unlike a format's.
    labels : tuple
        One an axis, all different.
    """

    raw: np.ndarray
    format: Format | None
    frac_bits: int
    labels: tuple


class DeferredProduct(NamedTuple):
    """An exact product past 128 bits, not computed yet: Python ints would take much memory.

    Attributes
    ----------
    x, y : Term or DeferredProduct
    frac_bits : int
    labels : tuple
        Of the product's axes.
    format : None
    """

    x: "Term | DeferredProduct"
    y: "Term | DeferredProduct"
    frac_bits: int
    labels: tuple
    format: None = None


def labelled(operand, labels):
    """An `Operand` as a term.

    Of axes with one label the diagonal is taken; axes of length 1 are dropped, as they broadcast.
    """
    raw, fmt = operand
    labels = list(labels)
    for label in dict.fromkeys(labels) if len(set(labels)) < len(labels) else ():
        while labels.count(label) > 1:
            i = labels.index(label)
            j = labels.index(label, i + 1)
            raw = raw.diagonal(0, i, j)
            labels = [*labels[:i], *labels[i + 1 : j], *labels[j + 1 :], label]
    labels = tuple(label for label, n in zip(labels, raw.shape, strict=True) if n != 1)
    raw = raw.squeeze() if raw.ndim else raw
    return Term(raw, *derived.split_frac_bits(fmt), labels)


def term(operand, labels):
    """An `Operand` as a term, each axis with a label of its own; all axes stay."""
    raw, fmt = operand
    return Term(raw, *derived.split_frac_bits(fmt), labels)


def lengths(*terms):
    """The length of each label's axis, of all terms together, in their order."""
    found = {}
    for x in terms:
        if isinstance(x, DeferredProduct):
            factors = lengths(x.x, x.y)
            found.update((label, factors[label]) for label in x.labels)
        else:
            found.update(zip(x.labels, x.raw.shape, strict=True))
    return found


def size(x):
    """How many elements a term has, or will have."""
    return math.prod(lengths(x).values())


def all_labels(x, y):
    """The labels of two terms, each once, in their order."""
    return tuple(dict.fromkeys(x.labels + y.labels))


def cut(x, label, part):
    """A slice of a term along a label, if it has that."""
    if isinstance(x, DeferredProduct):
        return x._replace(x=cut(x.x, label, part), y=cut(x.y, label, part))
    if label not in x.labels:
        return x
    lead = (slice(None),) * x.labels.index(label)
    return x._replace(raw=x.raw[(*lead, part)])


def with_axes(x, labels):
    """A view of a term's array with these axes; those that it doesn't have get length 1."""
    if labels == x.labels:
        return x.raw
    raw = x.raw.transpose([x.labels.index(label) for label in labels if label in x.labels])
    axes = [slice(None) if label in x.labels else np.newaxis for label in labels]
    return raw[(*axes, Ellipsis)]  # which keeps NumPy from unwrapping a single element


def magnitude_bits(x):
    """b with |v| <= 2**b for each integer v of a term in storage."""
    # Of what is broadcast each element once.
    once = tuple(slice(None) if stride else slice(1) for stride in x.raw.strides)
    return products.magnitude_bits(x.raw[(*once, Ellipsis)], storage.code(x.format))


def product_bits(x, y):
    """The bits of the exact product of an integer of either term, the sign included."""
    # |v w| <= 2**b for b = magnitude_bits(x) + magnitude_bits(y): b + 1 bits hold all but 2**b.
    return magnitude_bits(x) + magnitude_bits(y) + 2


def to_python(x):
    """A term's integers as Python ints."""
    return x.raw if x.format is None else wide_integers.to_python(x.raw, x.format)


def term_pieces(x):
    """A term's integers, as `wide_integers.pieces` has them."""
    return wide_integers.split(x.raw) if x.format is None else (Operand(x.raw, x.format),)


def exact_numbers(x):
    """A term's values as Python's integers or Fractions."""
    return np.asarray(to_python(x) * Fraction(2) ** -x.frac_bits, object)


def log2_ceil(count):
    """The least n with count <= 2**n."""
    return max(count - 1, 0).bit_length()
