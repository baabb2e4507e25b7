"""Sums of products over labelled axes: exact, and rounded once.

A term is an array of integers with a label an axis. Two terms are multiplied and summed over the
labels that nobody needs any more by one matrix product (`matmul`), or by an elementwise one where
nothing is summed. Of more terms all products but the last are exact: in formats as wide as the
data need, up to 128 bits, and in Python's integers beyond. The last one rounds.
"""

import contextlib
import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..context import blocked_operation, blocks, context
from ..errors import FormatError
from ..format import Format, derived, storage
from ..kernels import calls, plan, products
from ..operations import convert, sums_and_extremes
from . import subscripts
from .matrix_product import matmul

_INTEGER = 60  # bytes of a Python int beyond 64 bits, and of where it stands
_POINT = 256  # the farthest binary point of a format
# A stack of so many products of matrices, each of so few multiplications, is multiplied element by
# element and summed, so many elements at a time: a call for each of them would take longer.
_STACK, _SMALL, _BLOCK = 8, 512, 1 << 18
_PART = 1 << 16  # products of Python ints computed at a time, between which Ctrl-C is heard


class Term(NamedTuple):
    """Integers times 2**-point.

    Attributes
    ----------
    raw : numpy.ndarray
        Storage of the format `fmt`, or Python ints where that is None.
    fmt : Format or None
        With its binary point at 0.
    point : int
    labels : tuple
        One an axis, all different.
    """

    raw: np.ndarray
    fmt: Format | None
    point: int
    labels: tuple


class Pair(NamedTuple):
    """An exact product past 128 bits that is not made yet, as it takes the room of Python ints.

    Attributes
    ----------
    x, y : Term or Pair
    point : int
    labels : tuple
        Of the product's axes.
    fmt : None
    """

    x: "Term | Pair"
    y: "Term | Pair"
    point: int
    labels: tuple
    fmt: None = None


def term(part, labels):
    """An operand, (raw, Format) or (Python ints, None), as a term.

    Of axes with one label the diagonal is taken; axes of length 1 are dropped, as they broadcast.
    """
    raw, fmt = part
    labels = list(labels)
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            i = labels.index(label)
            j = labels.index(label, i + 1)
            raw = raw.diagonal(0, i, j)
            labels = [*labels[:i], *labels[i + 1 : j], *labels[j + 1 :], label]
    labels = tuple(label for label, n in zip(labels, raw.shape, strict=True) if n != 1)
    raw = raw.squeeze() if raw.ndim else raw
    return Term(raw, *derived.split_frac_bits(fmt), labels)


def contract(name, parts, inputs, output, result, accumulator=None, optimize=True, shape=None):
    """The sum of the operands' products over all labels that are not the output's.

    Parameters
    ----------
    name : str
        What events and messages call it.
    parts : list of (raw, Format) or (Python ints, None)
    inputs : list of tuple
        The labels of each operand's axes.
    output : tuple
        The result's, in its order.
    result : Format
    accumulator : Format, optional
        Take the loop over the summed labels, the first that comes in `inputs` outermost.
    optimize : bool, str or sequence
        In which order more than two operands are multiplied: see `numpy.einsum_path`.
    shape : tuple, optional
        The result's, where its axes are then merged.

    Returns
    -------
    numpy.ndarray
        Storage of `result`. A view, where one operand of that format is only looked at otherwise.
    """
    sizes = subscripts.sizes(name, inputs, [raw.shape for raw, _ in parts])
    if shape is None:
        shape = tuple(sizes[label] for label in output)
    terms = [term(part, labels) for part, labels in zip(parts, inputs, strict=True)]
    kept = tuple(label for label in output if sizes[label] != 1)
    with shown(name, shape, result, accumulator):
        if accumulator is not None:
            every = dict.fromkeys(label for labels in inputs for label in labels)
            summed = tuple(i for i in every if sizes[i] != 1 and i not in kept)
            found = _accumulated(name, terms, kept, summed, result, accumulator)
        elif len(terms) == 1 and set(inputs[0]) == set(output) and parts[0][1] is result:
            found = broadcast_to_labels(terms[0], kept)
        else:
            found = rounded(name, _until_two(terms, kept, optimize), kept, result)
    return found.reshape(shape)


def shown(name, shape, result, accumulator=None):
    """A context in which the matrix product counts, and fails, under another name and shape."""
    fails = "raise" in (result.overflow, accumulator is not None and accumulator.overflow)
    if context.current.get().recorder is None and not fails:
        return contextlib.nullcontext()
    return context.reported_as(name, shape)


# -- exact --------------------------------------------------------------------------------


def _until_two(terms, out, optimize):
    """Multiply terms exactly until two are left."""
    if len(terms) <= 2:
        return terms
    for places in [*_path(terms, out, optimize), range(len(terms))]:
        chosen = [terms.pop(i) for i in sorted(places, reverse=True) if i < len(terms)]
        while len(chosen) > 1 and len(terms) + len(chosen) > 2:
            x, y = chosen.pop(), chosen.pop()
            chosen.append(_noted(x, y, set(out).union(*(t.labels for t in terms + chosen))))
        terms += chosen
    return terms


def _path(terms, out, optimize):
    """The order of multiplications, as places in a list that results are appended to."""
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


def exact_product(x, y, kept):
    """The exact product of two terms, summed over all labels that are not `kept`."""
    return _made(_noted(x, y, kept))


def _noted(x, y, kept):
    """As `exact`; past 128 bits a `Pair`."""
    x, y = _reduced(x, kept.union(y.labels)), _reduced(y, kept.union(x.labels))
    every = dict.fromkeys(x.labels + y.labels)
    pair = Pair(x, y, x.point + y.point, tuple(label for label in every if label in kept))
    return pair if None in (x.fmt, y.fmt) or _needed(pair) > 128 else _made(pair)


def _made(x):
    """A term, made where it is not yet."""
    if isinstance(x, Term):
        return x
    pair = x._replace(x=_made(x.x), y=_made(x.y))
    x, y, point, labels, _ = pair
    if None in (x.fmt, y.fmt):
        return Term(_of_integers(x, y, labels), None, point, labels)
    return in_pieces(
        _needed(pair), point, labels, lambda target: _multiplied("move", x, y, labels, target)
    )


def _needed(pair):
    """The bits of an exact product of terms in storage."""
    x, y = pair.x, pair.y
    count = math.prod(n for label, n in _lengths(x).items() if label not in pair.labels)
    # |v| <= 2**bits(x) for each v of x, and so for y: a sum is at most 2**(needed - 2), for which
    # `needed` bits have room, the sign included.
    return bits(x) + bits(y) + _log2(count) + 2


def _lengths(x):
    """The length of each of a term's axes."""
    if isinstance(x, Pair):
        lengths = _lengths(x.x) | _lengths(x.y)
        return {label: lengths[label] for label in x.labels}
    return dict(zip(x.labels, x.raw.shape, strict=True))


def _of_integers(x, y, labels):
    """The product of two terms in Python ints; halved until a part takes no time, and no room."""
    sizes = _sizes(x, y)
    if math.prod(sizes.values()) <= _PART:
        number = {label: i for i, label in enumerate(sizes)}
        lists = [[number[label] for label in found] for found in (x.labels, y.labels, labels)]
        found = np.einsum(integers(x), lists[0], integers(y), lists[1], lists[2])
        return np.asarray(found, dtype=object)
    longest = max(sizes, key=sizes.__getitem__)
    half = sizes[longest] // 2
    parts = [
        _of_integers(*(_cut(t, longest, places) for t in (x, y)), labels)
        for places in (slice(None, half), slice(half, None))
    ]
    if longest in labels:
        return np.concatenate(parts, labels.index(longest))
    return np.asarray(parts[0] + parts[1], dtype=object)


def _cut(x, label, places):
    """A part of a term along a label, if it has that."""
    if isinstance(x, Pair):
        return x._replace(x=_cut(x.x, label, places), y=_cut(x.y, label, places))
    if label not in x.labels:
        return x
    lead = (slice(None),) * x.labels.index(label)
    return x._replace(raw=x.raw[(*lead, places)])


def in_pieces(width, point, labels, compute):
    """A term of integers of so many bits: storage to 128 bits, else Python ints, from pieces.

    Parameters
    ----------
    compute : callable
        ``compute(format)`` gives the exact values in storage of a format with `floor` and `wrap`.
    """
    with context.uncounted():
        if width <= 128:
            fmt = Format(max(width, 2), 0, rounding="floor", overflow="wrap")
            return Term(compute(fmt), fmt, point, labels)
        total = np.zeros((), object)
        for place in range(0, width, 128):  # 128 bits at a time, the last ones with the sign
            piece = derived.WIDEST.replace(
                frac_bits=-place, signed=place + 128 >= width, rounding="floor", overflow="wrap"
            )
            raw = compute(piece)
            storage.reserve(raw.size, _INTEGER, "integers")
            more = storage.to_integers(raw, piece) * (1 << place)
            total = np.asarray(total + more, dtype=object)
    return Term(total, None, point, labels)


def _reduced(x, kept):
    """A term summed exactly over the labels that are not kept."""
    axes = tuple(i for i, label in enumerate(x.labels) if label not in kept)
    if not axes:
        return x
    labels = tuple(label for label in x.labels if label in kept)
    if x.fmt is None:
        return Term(np.asarray(np.sum(x.raw, axis=axes), object), None, x.point, labels)
    width = bits(x) + _log2(math.prod(x.raw.shape[i] for i in axes)) + 2
    return in_pieces(
        width,
        x.point,
        labels,
        lambda target: sums_and_extremes.reduce_by_kernel(
            "sum", x.raw, x.fmt, axes, False, target, "move"
        ),
    )


def _log2(count):
    """The least n with count <= 2**n."""
    return max(count - 1, 0).bit_length()


def bits(x):
    """b with |v| <= 2**b for each integer v of a term in storage."""
    # Of what is broadcast each element once.
    once = tuple(slice(None) if stride else slice(1) for stride in x.raw.strides)
    return products.magnitude_bits(x.raw[(*once, Ellipsis)], storage.code(x.fmt))


def integers(x):
    """A term's integers as Python ints."""
    if x.fmt is None:
        return x.raw
    storage.reserve(x.raw.size, _INTEGER, "integers")
    return storage.to_integers(x.raw, x.fmt).astype(object)


def from_integers(name, numbers, point, result):
    """Python ints times 2**-point, rounded once."""
    exact_values = np.asarray(numbers * Fraction(2) ** -point, dtype=object)
    return convert.from_numbers(exact_values, result, name)


# -- rounded ------------------------------------------------------------------------------


def rounded(name, terms, out, result):
    """The sum of the products of one or two terms, rounded once, in the order of `out`."""
    if len(terms) == 1:
        return _single(name, terms[0], out, result)
    x, y = terms
    x, y = _reduced(x, set(out).union(y.labels)), _reduced(y, set(out).union(x.labels))
    point = x.point + y.point
    if None in (x.fmt, y.fmt):
        return _in_blocks(name, x, y, out, result)
    if abs(point) > 2 * _POINT or not _follows(x, y, out, result):
        return _single(name, exact_product(x, y, set(out)), out, result)
    return _multiplied(name, *pointed(x, y), out, result)


def _in_blocks(name, x, y, out, result):
    """`rounded` in Python ints: a part of the result at a time, along one of its axes."""
    lengths = _lengths(x) | _lengths(y)
    shape = tuple(lengths[label] for label in out)
    # A factor that is larger, and not made yet, is made in parts as well if it has that axis.
    large = max([t for t in (x, y) if isinstance(t, Pair)], key=_size, default=None)
    most = math.prod(shape)
    choice = out
    if large is not None and _size(large) > most:
        most, choice = _size(large), [label for label in out if label in large.labels] or out
    label = max(choice, key=lengths.__getitem__, default=None)
    if label is None or 0 in shape:
        return _single(name, exact_product(x, y, set(out)), out, result)
    x, y = _ready(x, label), _ready(y, label)
    axis, n = out.index(label), lengths[label]
    step = max(blocks.OBJECTS * n // max(most, 1), 1)
    found = storage.allocate(shape, storage.dtype(result))
    with blocked_operation.blocked(shape) as whole:
        for start in range(0, n, step):
            places = slice(start, start + step)
            part = exact_product(_cut(x, label, places), _cut(y, label, places), set(out))
            numbers = broadcast_to_labels(part._replace(raw=integers(part)), out)
            for i, lead in enumerate(np.ndindex(shape[:axis])):
                # Elements that follow each other in the result.
                whole.first = (i * n + start) * math.prod(shape[axis + 1 :])
                strip = from_integers(name, numbers[lead], part.point, result)
                found[(*lead, places)] = strip
    return found


def _size(x):
    return math.prod(_lengths(x).values())


def _ready(x, label):
    """A term, of which all is made that has not this label."""
    if isinstance(x, Term):
        return x
    if label not in x.labels:
        return _made(x)
    return x._replace(x=_ready(x.x, label), y=_ready(x.y, label))


def pointed(x, y):
    """Two terms whose formats tell the binary point of their product."""
    total = x.point + y.point
    first = max(min(x.point, total + _POINT, _POINT), total - _POINT, -_POINT)
    return (x._replace(fmt=derived.with_frac_bits(x.fmt, first)),
            y._replace(fmt=derived.with_frac_bits(y.fmt, total - first)))  # fmt: skip


def _single(name, x, out, result):
    """One term, summed over what is not in `out` and rounded."""
    if x.fmt is None or abs(x.point) > _POINT:
        x = _reduced(x, set(out))
        numbers = broadcast_to_labels(x._replace(raw=integers(x)), out)
        return from_integers(name, numbers, x.point, result)
    summed = tuple(label for label in x.labels if label not in out)
    raw, fmt = broadcast_to_labels(x, (*out, *summed)), derived.with_frac_bits(x.fmt, x.point)
    if not summed:
        return convert.cast(raw, fmt, result, name)
    axes = tuple(range(len(out), raw.ndim))
    return sums_and_extremes.reduce_by_kernel("sum", raw, fmt, axes, False, result, name)


def _follows(x, y, out, result):
    """Whether `_multiplied` makes elements in one go and in order: for their draws and places."""
    summed = _summed(x, y, out)
    if not derived.depends_on_index(result) or not summed:
        return True
    if _small_ones(x, y, out):
        return math.prod(_sizes(x, y).values()) <= _BLOCK
    return any(sum(_groups(*pair, out), ()) == out for pair in ((x, y), (y, x)))


def broadcast_to_labels(x, labels):
    """A view of a term's array with these axes; those that it hasn't got have length 1."""
    raw = x.raw.transpose([x.labels.index(label) for label in labels if label in x.labels])
    axes = (slice(None) if label in x.labels else np.newaxis for label in labels)
    return raw[(*axes, Ellipsis)]  # which keeps NumPy from unwrapping a single element


def _sizes(x, y):
    return dict(zip(x.labels + y.labels, x.raw.shape + y.raw.shape, strict=True))


def _summed(x, y, out):
    return tuple(label for label in dict.fromkeys(x.labels + y.labels) if label not in out)


def _groups(x, y, out):
    """The labels of the stack, the rows and the columns of a matrix product."""
    return (tuple(label for label in out if label in x.labels and label in y.labels),
            tuple(label for label in out if label not in y.labels),
            tuple(label for label in out if label not in x.labels))  # fmt: skip


def _multiplied(name, x, y, out, target, accumulator=None, summed=None):
    """The product of two terms with axes as in `out`, in storage of the format `target`."""
    if summed is None:
        summed = _summed(x, y, out)
    if not summed and accumulator is None:
        step = plan.elementwise("multiply", (x.fmt, y.fmt), target, name)
        return calls.elementwise(step, (broadcast_to_labels(x, out), broadcast_to_labels(y, out)))
    if accumulator is None and _small_ones(x, y, out):
        return _added_up(name, x, y, out, summed, target)
    groups = stack, rows, columns = _groups(x, y, out)
    if sum(groups, ()) != out:
        if sum(_groups(y, x, out), ()) == out:
            return _multiplied(name, y, x, out, target, accumulator, summed)
        if accumulator is not None and derived.depends_on_index(target, accumulator):
            groups = stack, rows, columns = out, (), ()
    sizes = _sizes(x, y)
    inner = tuple(sizes[label] for label in summed)
    left = _merged(x, stack, rows, summed, inner).swapaxes(-1, -2)
    right = _merged(y, stack, columns, summed, inner)
    found = matmul(left, x.fmt, right, y.fmt, target, accumulator)
    made = sum(groups, ())
    found = found.reshape([sizes[label] for label in made])
    return found.transpose([made.index(label) for label in out])


def _small_ones(x, y, out):
    """Whether it is a stack of small products, which a format holds."""
    sizes = _sizes(x, y)
    stack = math.prod(sizes[label] for label in _groups(x, y, out)[0])
    return (
        stack >= _STACK
        and math.prod(sizes.values()) <= _SMALL * stack
        and abs(x.point + y.point) <= _POINT
        and bits(x) + bits(y) + 2 <= 128
    )


def _added_up(name, x, y, out, summed, target):
    """Exact products element by element, and their sums: `_multiplied` for `_small_ones`."""
    sizes, axes = _sizes(x, y), (*out, *summed)
    point = x.fmt.frac_bits + y.fmt.frac_bits
    each = Format(bits(x) + bits(y) + 2, point, rounding="floor", overflow="wrap")
    multiply = plan.elementwise("multiply", (x.fmt, y.fmt), each, "move")
    found = storage.allocate(tuple(sizes[label] for label in out), storage.dtype(target))
    longest = max(out, key=sizes.__getitem__)
    rows = max(_BLOCK * sizes[longest] // max(math.prod(sizes.values()), 1), 1)
    lead, last = (slice(None),) * out.index(longest), tuple(range(len(out), len(axes)))
    for start in range(0, sizes[longest], rows):
        places = slice(start, start + rows)
        parts = tuple(broadcast_to_labels(_cut(t, longest, places), axes) for t in (x, y))
        raw = calls.elementwise(multiply, parts)
        sums = sums_and_extremes.reduce_by_kernel("sum", raw, each, last, False, target, name)
        found[(*lead, places)] = sums
    return found


def _merged(x, stack, others, summed, inner):
    """A stack of matrices: the summed axes, merged into one, and the others."""
    raw = broadcast_to_labels(x, (*stack, *summed, *others))
    lead, last = raw.shape[: len(stack)], raw.shape[len(stack) + len(summed) :]
    if any(label not in x.labels for label in summed):
        raw = np.broadcast_to(raw, (*lead, *inner, *last))
    return raw.reshape(*lead, math.prod(inner), math.prod(last))


def _accumulated(name, terms, out, summed, result, accumulator):
    """The accumulator's loop over the labels `summed`, the first one outermost."""
    x, *others = terms
    y = (
        others.pop()
        if others
        else Term(np.ones((), np.int8), *derived.split_frac_bits(derived.TINY), ())
    )
    for more in others:
        x = exact_product(x, more, {*out, *summed})
    check_terms(name, x, y)
    return _multiplied(name, *pointed(x, y), out, result, accumulator, summed)


def check_terms(name, *terms):
    """Raise FormatError where an accumulator's loop can't read its operands."""
    if any(t.fmt is None for t in terms) or abs(sum(t.point for t in terms)) > 2 * _POINT:
        raise FormatError(
            f"{name}: with accumulator= each operand, and the exact product of all but the last, "
            "must fit 128 bits; multiply or scale some of them first"
        )


def difference(name, x, y, out, result):
    """x - y, rounded once, with axes as in `out`; both have the same binary point."""
    if None not in (x.fmt, y.fmt) and abs(x.point) <= _POINT:
        formats = tuple(derived.with_frac_bits(t.fmt, x.point) for t in (x, y))
        step = plan.elementwise("subtract", formats, result, name)
        return calls.elementwise(step, (broadcast_to_labels(x, out), broadcast_to_labels(y, out)))
    above, below = (broadcast_to_labels(t._replace(raw=integers(t)), out) for t in (x, y))
    return from_integers(name, above - below, x.point, result)
