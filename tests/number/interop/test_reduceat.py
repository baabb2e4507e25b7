"""ufunc.reduceat."""

import random

import numpy as np
import oracle
import pytest
import strategies
from checks import (
    LAYOUTS,
    SEED,
    check_stored,
    fixed,
    layouts,
    random_word,
    raw_list,
    some_format,
)
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.context import blocks
from fxtypes.interop import reduceat

Q = fx.Format(16, 8)

REDUCEAT = {"add": "sum", "multiply": "prod", "minimum": "min", "maximum": "max"}


@given(st.data(), strategies.formats(overflow=strategies.non_raising_overflows),
       st.sampled_from(list(REDUCEAT)))  # fmt: skip
def test_reduceat(data, fmt, name):
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple))
    x = fixed(data.draw(strategies.raw_lists(fmt, shape)), fmt, shape, data.draw(layouts))
    axis = data.draw(st.integers(0, len(shape) - 1))
    n = shape[axis]
    indices = data.draw(st.lists(st.integers(0, n - 1), max_size=5))
    target = data.draw(strategies.formats(overflow=strategies.non_raising_overflows))
    values = np.moveaxis(x.to_fractions(), axis, -1)
    segments = [
        slice(start, max(end, start + 1))
        for start, end in zip(indices, [*indices[1:], n], strict=False)
    ]
    result_shape = tuple(len(indices) if a == axis else m for a, m in enumerate(shape))
    parts = np.empty((*values.shape[:-1], len(indices)), object)
    for place in np.ndindex(values.shape[:-1]):
        for i, segment in enumerate(segments):
            parts[(*place, i)] = values[place][segment].tolist()
    parts = list(np.moveaxis(parts, -1, axis).flat)

    def compute():
        return getattr(np, name).reduceat(x, indices, axis, target)

    if name != "multiply":
        fold = {"add": sum, "minimum": min, "maximum": max}[name]
        check_stored(compute, [fold(p) for p in parts], target, result_shape, REDUCEAT[name])
        return
    expected = []
    for index, part in enumerate(parts):
        raws, _ = oracle.running_products(
            part, target, lambda k, i=index: random_word(SEED, 0, i, k)
        )
        expected.append(raws[-1])
    if (
        oracle.format_of_all([fmt, fx.Format(2, 0)]) is None
        and len({len(part) for part in parts}) > 1
    ):
        with pytest.raises(fx.FormatError, match="no format of 128 bits holds"):
            compute()
        return
    with fx.seeded(SEED):
        found = compute()
    assert found.shape == result_shape
    assert raw_list(found) == expected


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(("width", "frac_bits"), [(8, 4), (32, 16), (62, 0), (63, 9), (64, 64),
                                                  (65, 8), (128, 100), (128, -160), (128, -161),
                                                  (128, -256)])  # fmt: skip
def test_reduceat_sums_exactly_at_the_ends_of_a_format(width, frac_bits, signed):
    fmt = fx.Format(width, frac_bits, signed)
    raws = [fmt.raw_min, fmt.raw_max] * 3 + [fmt.raw_max] * 5 + [fmt.raw_min] * 5
    coarse = fx.Format(128, max(frac_bits - 8, -256), signed)
    sums = [sum(raws[:6]), sum(raws[6:11]), sum(raws[11:])]
    found = np.add.reduceat(fx.FixedArray.from_raw(raws, fmt), [0, 6, 11], 0, coarse)
    unit = oracle.value(1, fmt)
    assert raw_list(found) == [oracle.quantize(unit * s, coarse) for s in sums]


@pytest.mark.parametrize("name", ["add", "multiply", "minimum", "maximum"])
@pytest.mark.parametrize("width", [16, 64, 128])
@pytest.mark.parametrize("mode", ["saturate", "raise"])
def test_reduceat_in_parts_makes_no_difference(monkeypatch, width, mode, name):
    fmt = fx.Format(width, 4)
    x = fx.random.uniform((20, 13, 3), fmt, low=-1000, high=1000, seed=5)
    target = fx.Format(12, 1, rounding="stochastic", overflow=mode)

    def outcome(axis, indices):
        with fx.seeded(SEED), fx.record() as events:
            try:
                found = raw_list(getattr(np, name).reduceat(x, indices, axis, target))
            except fx.FixedOverflowError as error:
                found = str(error)
        return found, events.by_operation

    calls = [
        (axis, indices)
        for axis in (0, 1)
        for indices in ([0], [7, 3, 3, 10, 1, 12, 0], [*range(13)], [*range(12, -1, -1)], [])
    ]
    expected = [outcome(*call) for call in calls]
    for size in (1, 50, 700):
        monkeypatch.setattr(reduceat, "_BUFFER", 2 * size)
        monkeypatch.setattr(blocks, "SIZE", size)
        assert [outcome(*call) for call in calls] == expected


@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
@pytest.mark.parametrize("bits", [5, 40, 59, 61, 62, 90, 124, 125, 126, 128])
def test_sums_of_elements_that_need_fewer_bits(width, bits):
    """As many as the format has, and fewer, so that 64 or 128 bits just hold sums, or don't."""
    chosen = random.Random(f"{width} {bits}")
    for rounding in fx.Rounding:
        fmt, result = some_format(chosen, width), some_format(chosen, 128, rounding=rounding)
        ends = (max(fmt.raw_min, -(1 << bits - 1)), min(fmt.raw_max, (1 << bits - 1) - 1))
        raws = [chosen.choice([*ends, chosen.randint(*ends)]) for _ in range(2 * 3 * 2)]
        a = fixed(raws, fmt, (2, 3, 2), chosen.choice(LAYOUTS))
        values = a.to_fractions()
        exact = np.stack(
            [values[:, 0:2].sum(1), values[:, 2], values[:, 0], values[:, 0:].sum(1)], 1
        )
        check_stored(
            lambda a=a, result=result: np.add.reduceat(a, [0, 2, 0, 0], 1, result),
            *(exact.reshape(-1).tolist(), result, exact.shape, "sum"),
        )


@pytest.mark.parametrize("width", [8, 63, 64, 65, 128])
@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3), (2, 0, 3)])
def test_reduceat_of_no_elements(width, shape):
    a = fx.zeros(shape, fx.Format(width, 4))
    for axis, n in enumerate(shape):
        for indices in ([], [0, 1], [2, 0]) if n else ([],):
            if all(i < n for i in indices):
                expected = np.add.reduceat(np.zeros(shape), np.array(indices, int), axis)
                assert np.add.reduceat(a, indices, axis).shape == expected.shape


def test_reduceat_of_truth_values_and_of_others():
    x = fx.array([0, 1, 0, 0], Q)
    for name in ("logical_or", "logical_and", "logical_xor"):
        ufunc = getattr(np, name)
        expected = ufunc.reduceat([False, True, False, False], [0, 2, 1])
        np.testing.assert_array_equal(ufunc.reduceat(x, [0, 2, 1]), expected)
    for name in ("subtract", "divide", "power", "less", "bitwise_and", "hypot"):
        with pytest.raises(TypeError, match=rf"{name}.*(reduceat|refuses)"):
            getattr(np, name).reduceat(x, [0])


@pytest.mark.parametrize("name", REDUCEAT)
def test_bad_calls_of_reduceat(name):
    ufunc, x = getattr(np, name), fx.ones((3, 2), Q)
    for index in (3, -1, 1 << 70):
        with pytest.raises((IndexError, TypeError, OverflowError)):
            ufunc.reduceat(x, [0, index])
    with pytest.raises(TypeError, match="indices"):
        ufunc.reduceat(x, [0.5])
    with pytest.raises(TypeError, match="indices"):
        ufunc.reduceat(x, fx.zeros(1, Q))
    with pytest.raises(ValueError, match="one axis"):
        ufunc.reduceat(x, [[0]])
    with pytest.raises(np.exceptions.AxisError):
        ufunc.reduceat(x, [0], axis=2)
    with pytest.raises(TypeError, match=r"no FixedArray|expected a FixedArray"):
        ufunc.reduceat(np.ones(3), [0], out=fx.zeros(1, Q))
    assert ufunc.reduceat(x, [], axis=1).shape == (3, 0)
    out = fx.zeros((2, 2), fx.Format(32, 4))
    assert ufunc.reduceat(x, [0, 1], 0, None, out) is out
    assert out[0, 0].item() == 1
