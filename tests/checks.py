"""Comparing fxtypes with the oracle, raw integer by raw integer."""

import functools
import math
import operator
import random
import re
import sys
import threading
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from hypothesis import strategies as st

import fxtypes as fx

SEED = 0x0123456789ABCDEF_FEDCBA9876543210
LAYOUTS = ("contiguous", "strided", "reversed", "transposed")
COMPARISONS = [getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")]

layouts = st.sampled_from(LAYOUTS)

random_word = functools.lru_cache(1 << 16)(oracle.u)


def objects(values, shape):
    """Python's numbers, given flat, in an object array of a shape."""
    found = np.empty(len(values), object)
    found[:] = values
    return found.reshape(shape)


def fixed(raws, fmt, shape=None, layout="contiguous"):
    """A FixedArray of a flat list of raw integers, lying in memory as `layout` says."""
    values = objects(raws, (len(raws),) if shape is None else shape)
    if not values.ndim or layout == "contiguous":
        return fx.FixedArray.from_raw(values, fmt)
    if layout == "transposed":
        return fx.FixedArray.from_raw(values.T, fmt).T
    if layout == "reversed":
        flipped = fx.FixedArray.from_raw(
            values[::-1, ..., ::-1] if values.ndim > 1 else values[::-1], fmt
        )
        return flipped[::-1, ..., ::-1] if values.ndim > 1 else flipped[::-1]
    # Between the elements lie others that nobody may touch.
    wide = np.full((*values.shape[:-1], 2 * values.shape[-1] + 1), fmt.raw_max, object)
    wide[..., 1::2] = values
    return fx.FixedArray.from_raw(wide, fmt)[..., 1::2]


def raw_list(array):
    """The raw integers in C order, as Python integers."""
    assert isinstance(array, fx.FixedArray)
    return [int(raw) for raw in array.raw.reshape(-1).tolist()]


def exact_values(array):
    """The values in C order, as fractions."""
    return [oracle.value(raw, array.format) for raw in raw_list(array)]


def words(fmt, size, step=0, k=0, seed=SEED):
    """The random integers of one step where the format rounds stochastically, else None."""
    if fmt.rounding != "stochastic":
        return [None] * size
    return [random_word(seed, step, index, k) for index in range(size)]


def check_stored(compute, exacts, fmt, shape, name=None, step=0):
    """Assert that ``compute()`` stores the exact values `exacts`, in C order, in `fmt`.

    Checked are format, shape, raw integers, event counts (under `name` if given), and
    FixedOverflowError with how many and the first where the format's mode is to raise.
    Returns the result, None where it raised.
    """
    exacts = list(exacts)
    assert len(exacts) == math.prod(shape)
    random = words(fmt, len(exacts), step)
    low, high = oracle.result_limits(fmt)
    rounded = [oracle.round_value(x, fmt, u) for x, u in zip(exacts, random, strict=True)]
    beyond = [i for i, raw in enumerate(rounded) if not low <= raw <= high]
    with fx.seeded(SEED), fx.record() as events:
        if beyond and fmt.overflow == "raise":
            with pytest.raises(fx.FixedOverflowError) as info:
                compute()
            check_message(str(info.value), len(beyond), beyond[0], shape)
            return None
        result = compute()
    assert isinstance(result, fx.FixedArray)
    assert result.format == fmt
    assert result.shape == shape
    assert raw_list(result) == [oracle.overflow(raw, fmt) for raw in rounded]
    with fx.seeded(SEED):
        assert raw_list(compute()) == raw_list(result)  # other loops, where nobody counts
    counts = {"overflow": 0, "underflow": 0, "inexact": 0, "elements": len(exacts)}
    for exact, raw in zip(exacts, rounded, strict=True):
        for key, count in oracle.events_of(raw, exact, fmt).items():
            counts[key] += count
    if name is None:
        assert {key: getattr(events, key) for key in counts} == counts
    else:
        assert events.by_operation.get(name, dict.fromkeys(counts, 0)) == counts
    return result


def check_message(message, count, first, shape):
    """An overflow's message: how many elements, and the place of the first."""
    assert re.search(rf"(?<![\d.]){count}(?![\d.])", message), message
    if shape:
        index = tuple(int(i) for i in np.unravel_index(first, shape))
        assert str(index) in message, message


def broadcast(raws, fmt, shape, result_shape):
    """The exact values of an operand, in C order, broadcast to the result's shape."""
    values = objects([oracle.value(raw, fmt) for raw in raws], shape)
    return np.broadcast_to(values, result_shape).reshape(-1).tolist()


def along(values, axis):
    """What each output of a reduction is made of, in C order, and the outputs' shape.

    `values` is an array; `axis` None, a number, or a tuple of them.
    """
    axes = range(values.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = {a % values.ndim for a in axes} if values.ndim else set()
    kept = [n for n in range(values.ndim) if n not in axes]
    moved = values.transpose(*kept, *sorted(axes))
    shape = moved.shape[: len(kept)]
    return moved.reshape(math.prod(shape), math.prod(moved.shape[len(kept) :])).tolist(), shape


def some_raws(chosen, fmt, size):
    """Raw integers of a format, lowest and highest among them."""
    edges = [fmt.raw_min, fmt.raw_max, 0, 1, fmt.raw_max - 1]
    return [
        chosen.choice(edges) if chosen.random() < 0.3 else chosen.randint(fmt.raw_min, fmt.raw_max)
        for _ in range(size)
    ]


def telling_raws(chosen, fmt, size):
    """Lowest and highest values, but also some that don't overflow at every step."""
    small = max(fmt.raw_max >> chosen.choice([4, 8, 16, fmt.width // 2]), 1)
    return [
        raw if chosen.random() < 0.4 else chosen.randint(-small if fmt.signed else 0, small)
        for raw in some_raws(chosen, fmt, size)
    ]


def message_of(error, function, *args, **kwargs):
    """The message of the error that a call raises, which must be of that very type: one line."""
    with pytest.raises(error) as info:
        function(*args, **kwargs)
    assert type(info.value) in (error if isinstance(error, tuple) else (error,))
    text = str(info.value)
    assert 10 < len(text) < 500
    assert text.isprintable()
    return text


def cross(x, y, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """np.cross, which in NumPy 2.0 can't multiply objects that broadcast."""
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    x, y = np.moveaxis(x, axisa, 0), np.moveaxis(y, axisb, 0)
    turns = [(1, 2), (2, 0), (0, 1)]
    found = [np.subtract(x[j] * y[k], x[k] * y[j], dtype=object) for j, k in turns]
    return np.moveaxis(np.stack(found), 0, axisc)


def scaled(terms, formats):
    """Lists of products of raw integers of the formats as exact products, and their shape."""
    unit = math.prod((oracle.value(1, f) for f in formats), start=Fraction(1))
    lines, shape = terms
    return [[unit * product for product in line] for line in lines], shape


def sums(terms, formats):
    """The exact sums of such lists."""
    unit = math.prod((oracle.value(1, f) for f in formats), start=Fraction(1))
    return [unit * sum(line) for line in terms[0]]


def check_accumulated(compute, terms, fmt, accumulator, name="matmul", initial=None):
    """Compare with the oracle's loop; `terms`: the exact products of each element, and the shape.

    `initial`: the exact values that the loops begin from, one an element.

    Checked are raw integers, shape, events and, where an overflow raises, the name.
    """
    lines, shape = terms
    counts = {"overflow": 0, "underflow": 0, "inexact": 0}
    raws, raises = [], False
    starts = [None] * len(lines) if initial is None else initial
    for index, (line, start) in enumerate(zip(lines, starts, strict=True)):
        try:
            raw, counted = oracle.accumulate(
                line, accumulator, fmt, lambda k, i=index: random_word(SEED, 0, i, k), start
            )
        except oracle.OracleOverflow:
            raises = True
            continue
        raws.append(raw)
        for key, count in counted.items():
            counts[key] += count
    with fx.seeded(SEED), fx.record() as events:
        if raises:
            with pytest.raises(fx.FixedOverflowError, match=name):
                compute()
            return
        result = compute()
    assert result.format == fmt
    assert result.shape == shape
    assert raw_list(result) == raws
    if raws:
        counts["elements"] = sum(len(line) + 1 + (initial is not None) for line in lines)
        assert events.by_operation == {name: counts}


@st.composite
def arrays(draw, fmt, shape):
    """(flat raw integers, FixedArray) in any layout; `shape` is one, or a strategy."""
    shape = shape if isinstance(shape, tuple) else draw(shape)
    raws = draw(strategies.raw_lists(fmt, shape))
    return raws, fixed(raws, fmt, shape, draw(layouts))


def nonzero(raws):
    return [raw or 1 for raw in raws]


WORDS = [0, 1, 2, 1 << 62, 1 << 63, (1 << 64) - 1, 1 << 64, (1 << 64) + 1, 1 << 126, (1 << 127) - 1]


def raws_of_words(fmt, size, seed):
    """Values whose high words are alike while the low ones differ, and the other way round."""
    chosen = random.Random(seed)
    ends = [fmt.raw_min, fmt.raw_max, *WORDS, *((-w for w in WORDS) if fmt.signed else ())]
    return [chosen.choice(ends) + chosen.choice((0, 0, 5)) for _ in range(size)]


def some_format(chosen, width, **fields):
    """A format of a width with modes by chance; those in `fields` as given."""
    fields = {
        "signed": chosen.random() < 0.7,
        "rounding": chosen.choice(list(fx.Rounding)),
        "overflow": chosen.choice(list(fx.Overflow)),
        **fields,
    }
    return fx.Format(width, chosen.choice([0, width // 2, width + 3, -5]), **fields)


def some_arrays(chosen, shapes, formats):
    """FixedArrays in layouts by chance, and their raw integers as arrays of Python integers."""
    raws = [
        some_raws(chosen, fmt, math.prod(shape)) for shape, fmt in zip(shapes, formats, strict=True)
    ]
    arrays = [
        fixed(r, f, s, chosen.choice(LAYOUTS))
        for r, f, s in zip(raws, formats, shapes, strict=True)
    ]
    return arrays, [objects(r, s) for r, s in zip(raws, shapes, strict=True)]


def check_sums(compute, integers, formats, fmt, name):
    """Compare with exact integers, the sums of products of the raw integers."""
    integers = np.asarray(integers, dtype=object)
    lines = [[int(v)] for v in integers.reshape(-1)]
    return check_stored(compute, sums((lines, ...), formats), fmt, integers.shape, name)


def run_together(work, arguments):
    """Call work(argument) in a thread for each argument, all starting at once."""
    barrier = threading.Barrier(len(arguments))
    results, errors = [None] * len(arguments), []

    def one(place, argument):
        barrier.wait()
        try:
            results[place] = work(argument)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(arguments)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    if errors:
        raise errors[0]
    return results
