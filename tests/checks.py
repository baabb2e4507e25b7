"""Comparing fxtypes with the oracle, raw integer by raw integer."""

import functools
import math
import re

import numpy as np
import oracle
import pytest
from hypothesis import strategies as st

import fxtypes as fx

SEED = 0x0123456789ABCDEF_FEDCBA9876543210
LAYOUTS = ("contiguous", "strided", "reversed", "transposed")
layouts = st.sampled_from(LAYOUTS)

random_word = functools.lru_cache(1 << 16)(oracle.u)


def fixed(raws, fmt, shape=None, layout="contiguous"):
    """A FixedArray of a flat list of raw integers, lying in memory as `layout` says."""
    values = np.empty(len(raws), object)
    values[:] = raws
    values = values.reshape((len(raws),) if shape is None else shape)
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
    for exact, u in zip(exacts, random, strict=True):
        for key, count in oracle.events(exact, fmt, u).items():
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
    values = np.empty(len(raws), object)
    values[:] = [oracle.value(raw, fmt) for raw in raws]
    return np.broadcast_to(values.reshape(shape), result_shape).reshape(-1).tolist()


def some_raws(chosen, fmt, size):
    """Raw integers of a format, lowest and highest among them."""
    edges = [fmt.raw_min, fmt.raw_max, 0, 1, fmt.raw_max - 1]
    return [
        chosen.choice(edges) if chosen.random() < 0.3 else chosen.randint(fmt.raw_min, fmt.raw_max)
        for _ in range(size)
    ]


def nested(raws, rows, columns):
    return [raws[i * columns : (i + 1) * columns] for i in range(rows)]


def check_accumulated(compute, a, b, fmt, accumulator, columns=None):
    """Compare with the oracle's loop; `a`, `b` are (raws as rows, format).

    columns: of `b`, where it has no rows to show them.
    """
    try:
        rows, counts = oracle.matmul(
            *a,
            *b,
            fmt,
            accumulator,
            u=lambda i, k: random_word(SEED, 0, i, k),
            columns=columns or len(b[0][0]),
        )
    except oracle.OracleOverflow:
        with fx.seeded(SEED), pytest.raises(fx.FixedOverflowError):
            compute()
        return
    with fx.seeded(SEED), fx.record() as events:
        result = compute()
    assert result.format == fmt
    assert raw_list(result) == [raw for row in rows for raw in row]
    seen = events.by_operation["matmul"]
    assert {key: seen[key] for key in counts} == counts
