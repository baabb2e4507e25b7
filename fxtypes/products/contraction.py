"""Sums of products over labelled axes: exact, and rounded once.

Each operand becomes a term, an array of integers with a label an axis. Two terms are multiplied and
summed over the labels that nothing needs any more by one matrix product, or by an elementwise one
where nothing is summed. Of more terms all products but the last are exact; the last one rounds.
"""

import contextlib
import math
from fractions import Fraction

import numpy as np

from ..context import blocked_operation, blocks, context
from ..errors import FormatError
from ..format import derived, storage
from ..kernels import calls, plan
from ..kernels.calls import Limits
from ..operations import convert
from ..operations.operand import Operand
from ..operations.sums_and_extremes import reduce_by_kernel
from . import subscripts
from .exact_products import computed_without, defer, exact_product, sum_bits, summed_to
from .pair_products import MOST_FRAC_BITS, is_in_order, multiply, with_formats
from .terms import (
    DeferredProduct,
    Term,
    cut,
    labelled,
    lengths,
    log2_ceil,
    magnitude_bits,
    size,
    to_python,
    with_axes,
)

_BLOCK = blocks.SIZE  # elements of a result made in pieces at a time


def contract(name, operands, labels, result, accumulator=None, optimize=True, shape=None):
    """The sum of the operands' products over all labels that are not the output's.

    Parameters
    ----------
    name : str
        What events and messages call it.
    operands : list of Operand
    labels : (list of tuple, tuple)
        The labels of each operand's axes, and of the result's.
    result : Format
    accumulator : Format, optional
        Take the loop over the summed labels, the one outermost that comes first in `labels`.
    optimize : bool, str or sequence
        In which order more than two operands are multiplied: see `numpy.einsum_path`.
    shape : tuple, optional
        The result's, where its axes are then merged.

    Returns
    -------
    numpy.ndarray
        Storage of `result`. A view, where one operand of that format is only looked at otherwise.
    """
    inputs, output = labels
    sizes = subscripts.sizes(name, inputs, [raw.shape for raw, _ in operands])
    if shape is None:
        shape = tuple(sizes[label] for label in output)
    terms = [labelled(*pair) for pair in zip(operands, inputs, strict=True)]
    out = tuple(label for label in output if sizes[label] != 1)
    with reported_as(name, shape, result, accumulator):
        if accumulator is not None:
            every = dict.fromkeys(label for given in inputs for label in given)
            summed = tuple(label for label in every if sizes[label] != 1 and label not in out)
            x, y = _two_for_accumulator(name, terms, {*out, *summed})
            found = multiply(name, x, y, out, result, accumulator, summed)
        elif len(terms) == 1 and set(inputs[0]) == set(output) and operands[0][1] is result:
            found = with_axes(terms[0], out)
        else:
            found = rounded(name, _multiplied_to_two(terms, out, optimize), out, result)
    return found.reshape(shape)


def reported_as(name, shape, result, accumulator=None):
    """A context in which the matrix product counts, and fails, under another name and shape."""
    raises = "raise" in (result.overflow, accumulator is not None and accumulator.overflow)
    if context.current_context().recorder is None and not raises:
        return contextlib.nullcontext()  # nothing will be reported
    return context.reported_as(name, shape)


def _multiplied_to_two(terms, out, optimize):
    """Multiply terms exactly until two are left."""
    if len(terms) <= 2:
        return terms
    for indices in [*_path(terms, out, optimize), range(len(terms))]:
        chosen = [terms.pop(i) for i in sorted(indices, reverse=True) if i < len(terms)]
        while len(chosen) > 1 and len(terms) + len(chosen) > 2:
            x, y = chosen.pop(), chosen.pop()
            chosen.append(defer(x, y, set(out).union(*(t.labels for t in terms + chosen))))
        terms += chosen
    return terms


def _path(terms, out, optimize):
    """The order of multiplications: for each the indices in a list that results are appended to."""
    number = {}
    for t in terms:
        for label in t.labels:
            number.setdefault(label, len(number))
    if len(number) > len(subscripts.LETTERS):  # more than NumPy can name
        return []
    operands = []
    for t in terms:
        operands += [np.broadcast_to(np.int8(0), t.raw.shape), [number[i] for i in t.labels]]
    out = [number[i] for i in out if i in number]
    optimize = "greedy" if optimize is False else optimize
    try:
        path, _ = np.einsum_path(*operands, out, optimize=optimize)
    except (KeyError, IndexError, RuntimeError):
        raise ValueError(f"einsum: optimize is a boolean, 'greedy', 'optimal' or a path, got "
                         f"{optimize!r}") from None  # fmt: skip
    return path[1:]


def _two_for_accumulator(name, terms, labels):
    """Two terms for the accumulator's loop: all but the last one multiplied exactly."""
    x, *others = terms
    if not others:
        others = [Term(np.ones((), np.int8), *derived.split_frac_bits(derived.TINY), ())]
    *more, y = others
    for factor in more:
        x = exact_product(x, factor, labels)
    check_terms(name, x, y)
    return with_formats(x, y)


def check_terms(name, *terms):
    """Raise FormatError where an accumulator's loop can't read its operands."""
    frac_bits = sum(t.frac_bits for t in terms)
    if any(t.format is None for t in terms) or abs(frac_bits) > 2 * MOST_FRAC_BITS:
        raise FormatError(
            f"{name}: with accumulator= each operand, and the exact product of all but the last, "
            "must fit 128 bits; multiply or scale some of them first"
        )


def rounded(name, terms, out, result):
    """The sum of the products of one or two terms, rounded once, with axes as in `out`."""
    if len(terms) == 1:
        return _sum_rounded(name, terms[0], out, result)
    x, y = terms
    x, y = summed_to(x, set(out).union(y.labels)), summed_to(y, set(out).union(x.labels))
    if None in (x.format, y.format):
        found = _rounded_in_pieces(name, x, y, out, result)
        return _rounded_in_blocks(name, x, y, out, result) if found is None else found
    far = abs(x.frac_bits + y.frac_bits) > 2 * MOST_FRAC_BITS  # beyond what the kernels align
    if far or not is_in_order(x, y, out, result):
        return _sum_rounded(name, exact_product(x, y, set(out)), out, result)
    return multiply(name, *with_formats(x, y), out, result)


def _sum_rounded(name, x, out, result):
    """One term, summed over what is not in `out` and rounded."""
    if x.format is None or abs(x.frac_bits) > MOST_FRAC_BITS:
        x = summed_to(x, set(out))
        numbers = with_axes(x._replace(raw=to_python(x)), out)
        return _round_python(name, numbers, x.frac_bits, result)
    summed = tuple(label for label in x.labels if label not in out)
    raw = with_axes(x, (*out, *summed))
    fmt = derived.with_frac_bits(x.format, x.frac_bits)
    if not summed:
        return convert.cast(raw, fmt, result, name)
    axes = tuple(range(len(out), raw.ndim))
    return reduce_by_kernel("sum", Operand(raw, fmt), axes, False, result, name)


def _rounded_in_pieces(name, x, y, out, result):
    """`rounded`, one factor cut into pieces so narrow that 128 bits hold their products.

    None: neither factor is a product of two terms in storage, or that takes too many pieces.
    """
    if isinstance(y, DeferredProduct):
        x, y = y, x
    if not isinstance(x, DeferredProduct) or None in (x.x.format, x.y.format, y.format):
        return None
    sizes = lengths(x, y)
    shape = tuple(sizes[label] for label in out)
    if size(x) > max(math.prod(shape), *map(size, (x.x, x.y, y))):
        return None  # much memory
    inner = math.prod(n for label, n in sizes.items() if label not in out)
    width = 126 - magnitude_bits(y) - log2_ceil(inner)  # of a piece, without a sign
    frac_bits = x.frac_bits + y.frac_bits
    formats = _formats_of_pieces(sum_bits(x), width, frac_bits)
    if formats is None:
        return None
    wide = derived.floor_wrap(derived.WIDEST)
    totals = tuple([derived.with_frac_bits(wide, fmt.frac_bits + frac_bits) for fmt in formats])
    step = plan.linear_combination(((1, 0),) * len(totals), totals, result, name)
    y = y._replace(frac_bits=0)

    def pieces(x):
        with context.uncounted():
            raws = [multiply("move", x.x, x.y, x.labels, fmt) for fmt in formats]
        return [Term(raw, derived.with_frac_bits(fmt, 0), 0, x.labels)
                for raw, fmt in zip(raws, formats, strict=True)]  # fmt: skip

    def sums(factors, y):
        with context.uncounted():
            found = [multiply("move", factor, y, out, wide) for factor in factors]
        return calls.elementwise(step, tuple(found))

    if not out:
        return sums(pieces(x), y)
    first = out[0]
    factors = None if first in x.labels else pieces(x)
    rows = max(_BLOCK // max(math.prod(shape[1:]), 1), 1)
    keys = [(slice(i, i + rows),) for i in range(0, shape[0], rows)]
    found = storage.allocate(shape, storage.dtype(result))
    with blocked_operation.blocked(shape) as operation:
        for (part,), block in operation.blocks(found, keys):
            block[...] = sums(factors or pieces(cut(x, first, part)), cut(y, first, part))
    return found


def _formats_of_pieces(bits, width, frac_bits):
    """Formats of integers of `bits` bits cut into pieces of `width`; None: no kernel adds them."""
    lowest = range(0, bits, width) if width > 1 else ()
    if not 0 < len(lowest) <= Limits.OPERANDS:
        return None
    if max(lowest[-1], abs(frac_bits), abs(frac_bits - lowest[-1])) > MOST_FRAC_BITS:
        return None
    wide = derived.floor_wrap(derived.WIDEST)
    *others, last = lowest
    return [
        *(wide.replace(width=width, frac_bits=-low, signed=False) for low in others),
        wide.replace(width=max(bits - last, 2), frac_bits=-last),
    ]


def _rounded_in_blocks(name, x, y, out, result):
    """`rounded` in Python ints: a part of the result at a time, along one of its axes."""
    sizes = lengths(x, y)
    shape = tuple(sizes[label] for label in out)
    # A factor that is larger, and not computed yet, is computed in parts as well if it can be.
    most, choice = math.prod(shape), out
    deferred = [t for t in (x, y) if isinstance(t, DeferredProduct)]
    large = max(deferred, key=size, default=None)
    if large is not None and size(large) > most:
        most, choice = size(large), [label for label in out if label in large.labels] or out
    label = max(choice, key=sizes.__getitem__, default=None)
    if label is None or 0 in shape:
        return _sum_rounded(name, exact_product(x, y, set(out)), out, result)
    x, y = computed_without(x, label), computed_without(y, label)
    axis, n = out.index(label), sizes[label]
    step = max(blocks.OBJECTS * n // max(most, 1), 1)
    distance = math.prod(shape[axis + 1 :])  # in C order, of neighbours along the axis
    found = storage.allocate(shape, storage.dtype(result))
    with blocked_operation.blocked(shape) as operation:
        for start in range(0, n, step):
            part = slice(start, start + step)
            product = exact_product(cut(x, label, part), cut(y, label, part), set(out))
            numbers = with_axes(product._replace(raw=to_python(product)), out)
            for i, lead in enumerate(np.ndindex(shape[:axis])):
                # Elements that are consecutive in the result's C order.
                operation.start_at((i * n + start) * distance)
                strip = _round_python(name, numbers[lead], product.frac_bits, result)
                found[(*lead, part)] = strip
    return found


def _round_python(name, numbers, frac_bits, result):
    """Python ints times 2**-frac_bits, rounded once."""
    values = np.asarray(numbers * Fraction(2) ** -frac_bits, dtype=object)
    return convert.from_numbers(values, result, name)


def difference(name, x, y, out, result):
    """x - y, rounded once, with axes as in `out`; both have the same `frac_bits`."""
    if None not in (x.format, y.format) and abs(x.frac_bits) <= MOST_FRAC_BITS:
        formats = tuple(derived.with_frac_bits(t.format, x.frac_bits) for t in (x, y))
        step = plan.elementwise("subtract", formats, result, name)
        return calls.elementwise(step, (with_axes(x, out), with_axes(y, out)))
    minuend, subtrahend = (with_axes(t._replace(raw=to_python(t)), out) for t in (x, y))
    return _round_python(name, minuend - subtrahend, x.frac_bits, result)
