"""cumsum, cumprod and prod: a running result, or the last of them."""

import itertools
import random

import numpy as np
import oracle
import pytest
import strategies
from checks import (
    SEED,
    along,
    arrays,
    check_stored,
    fixed,
    objects,
    random_word,
    raw_list,
    telling_raws,
)
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)

quiet = strategies.formats(overflow=strategies.non_raising_overflows)


def back(values, x, axis):
    """Lists along an axis as one flat list in C order."""
    if axis is None:
        return values[0]
    shape = [n for i, n in enumerate(x.shape) if i != axis % x.ndim] + [x.shape[axis]]
    stacked = objects(list(itertools.chain.from_iterable(values)), shape)
    return np.moveaxis(stacked, -1, axis).reshape(-1).tolist()


@given(st.data(), strategies.formats())
def test_cumsum(data, fmt):
    _, x = data.draw(arrays(fmt, shapes))
    axis, target = data.draw(strategies.axes(x.ndim)), data.draw(st.none() | strategies.formats())
    sums = [
        list(itertools.accumulate(oracle.value(raw, fmt) for raw in line))
        for line in along(objects(raw_list(x), x.shape), axis)[0]
    ]
    shape = x.shape if axis is not None else (x.size,)
    check_stored(
        lambda: fx.cumsum(x, axis, format=target),
        back(sums, x, axis), target or fmt, shape, "cumsum",
    )  # fmt: skip


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_long_cumsum(width):
    """More elements than a chunk of the kernels holds; sums leave the format and come back."""
    fmt = fx.Format(width, 4)
    raws = [fmt.raw_max, fmt.raw_max, fmt.raw_min, fmt.raw_min, 3] * 700
    exact = [oracle.value(v, fmt) for v in itertools.accumulate(raws)]
    check_stored(lambda: fixed(raws, fmt).cumsum(), exact, fmt, (3500,), "cumsum")
    x = fixed(raws, fmt, (5, 700)).T
    exact = [
        oracle.value(v, fmt) for v in np.cumsum(np.array(raws, object).reshape(5, 700).T, 0).flat
    ]
    check_stored(lambda: x.cumsum(0), exact, fmt, (700, 5), "cumsum")


@given(st.data(), quiet, st.booleans())
def test_cumprod(data, fmt, own):
    _, x = data.draw(arrays(fmt, shapes))
    axis, target = data.draw(strategies.axes(x.ndim)), fmt if own else data.draw(quiet)
    shape = x.shape if axis is not None else (x.size,)
    places = np.arange(x.size).reshape(x.shape)
    where = along(
        objects(
            raw_list(fx.array(places, fx.Format(32, 0))), fx.array(places, fx.Format(32, 0)).shape
        ),
        axis,
    )[0]
    expected, counts = [], dict.fromkeys(("overflow", "underflow", "inexact"), 0)
    for line, place in zip(along(objects(raw_list(x), x.shape), axis)[0], where, strict=True):

        def u(k, place=place):
            return random_word(SEED, 0, place[k], k)

        results, exacts = oracle.running_products(
            [oracle.value(raw, fmt) for raw in line], target, u
        )
        expected.append(results)
        for k, exact in enumerate(exacts):
            for key, count in oracle.events(exact, target, u(k)).items():
                counts[key] += count
    with fx.seeded(SEED), fx.record() as events:
        found = fx.cumprod(x, axis, format=None if own else target)
    assert found.format == target
    assert found.shape == shape
    assert raw_list(found) == back(expected, x, axis)
    assert events.by_operation["cumprod"] == {**counts, "elements": x.size}


@given(st.data(), quiet, st.booleans())
def test_prod(data, fmt, own):
    _, x = data.draw(arrays(fmt, shapes))
    axis, target = data.draw(strategies.axes(x.ndim)), fmt if own else data.draw(quiet)
    keepdims = data.draw(st.booleans())
    expected, counts = [], dict.fromkeys(("overflow", "underflow", "inexact"), 0)
    for index, line in enumerate(along(objects(raw_list(x), x.shape), axis)[0]):

        def u(k, index=index):
            return random_word(SEED, 0, index, k)

        results, exacts = oracle.running_products(
            [oracle.value(raw, fmt) for raw in line], target, u
        )
        expected.append(results[-1])
        steps = [oracle.events(exact, target, u(k)) for k, exact in enumerate(exacts)]
        for key in counts:  # an element counts once
            counts[key] += any(step[key] for step in steps)
    with fx.seeded(SEED):
        plain = fx.prod(x, axis, keepdims=keepdims, format=None if own else target)
    with fx.seeded(SEED), fx.record() as events:
        found = fx.prod(x, axis, keepdims=keepdims, format=None if own else target)
    shape = np.prod(np.zeros(x.shape), axis=axis, keepdims=keepdims).shape
    for result in (plain, found):
        assert result.format == target
        assert result.shape == shape
        assert raw_list(result) == expected
    assert events.by_operation["prod"] == {**counts, "elements": len(expected)}


def test_prod_over_several_axes_is_in_c_order():
    fmt = fx.Format(16, 4, rounding="floor")
    x = fx.array(np.arange(1, 25).reshape(2, 3, 4) / 8 - 1, fmt)
    for axes in ((0, 1), (0, 2), (2, 0), (-1, 1), (0, 1, 2)):
        kept = [i for i in range(3) if i not in [a % 3 for a in axes]]
        gone = sorted(a % 3 for a in axes)
        flat = x.transpose(*kept, *gone).reshape(*[x.shape[i] for i in kept], -1)
        assert raw_list(x.prod(axis=axes)) == raw_list(flat.prod(axis=-1))
        assert x.prod(axis=axes, keepdims=True).shape == tuple(
            1 if i in gone else n for i, n in enumerate(x.shape)
        )


def test_prod_under_raise_shows_the_first_element():
    fmt = fx.Format(8, 0, overflow="raise")
    x = fx.array([[1, 2, 3], [100, 2, 0], [1, 1, 127], [-128, 2, 1]], fmt)
    with pytest.raises(fx.FixedOverflowError, match=r"prod: 2 of 4 .*index \(1,\) is 200"):
        x.prod(axis=1)
    out = fx.array([5, 6, 7, 8], fmt)
    with pytest.raises(fx.FixedOverflowError):
        x.prod(axis=1, out=out)
    assert raw_list(out) == [5, 6, 7, 8]
    with pytest.raises(fx.FixedOverflowError, match=r"cumprod: 2 of 12 .*index \(1, 1\) is 200"):
        fx.cumprod(x, 1, format=fx.Format(8, 0, overflow="raise")).sum()


@pytest.mark.parametrize("function", [fx.cumsum, fx.cumprod])
@pytest.mark.parametrize("width", [8, 16, 64, 128])
def test_the_first_overflow_along_many_lines(width, function):
    x = fx.full((3, 5000), 0 if function is fx.cumsum else 1, fx.Format(width, 0))
    x[0, 4999] = 2  # the first result out of range, and the last line
    x[1, 0] = 3
    with pytest.raises(fx.FixedOverflowError, match=r"the first at index \(0, 4999\) is 2"):
        function(x, 0, format=fx.Format(2, 0, overflow="raise"))


@pytest.mark.parametrize("width", [8, 16, 32, 64, 100, 128])
@pytest.mark.parametrize("overflow", ["saturate", "wrap", "saturate_zero"])
def test_products_of_many_lines_beside_each_other(width, overflow):
    """Each step of all lines is one product of two arrays, by its own loop."""
    chosen = random.Random(f"{width} {overflow}")
    for rounding in ("nearest_even", "floor", "odd", "away_from_zero"):
        fmt = fx.Format(width, width // 2, rounding=rounding, overflow=overflow)
        raws = telling_raws(chosen, fmt, 5 * 20)
        x = fixed(raws, fmt, (5, 20))
        for result in (fmt, fmt.replace(frac_bits=width // 3), fx.Format(40, 20, False)):
            expected = []
            for column in range(20):
                first, *others = raws[column::20]
                product = oracle.quantize(oracle.value(first, fmt), result)
                for raw in others:
                    exact = oracle.value(product, result) * oracle.value(raw, fmt)
                    product = oracle.quantize(exact, result)
                expected.append(product)
            for lines, axis in ((x, 0), (x.T, 1), (x.T.copy(), 1), (x[:, ::-1], 0)):
                found = raw_list(fx.prod(lines, axis, format=result))
                assert found == (expected[::-1] if lines.shape == x.shape and lines is not x
                                 else expected), (result, axis)  # fmt: skip


@pytest.mark.parametrize("width", [8, 16, 32, 64, 100, 128])
@pytest.mark.parametrize("overflow", ["saturate", "saturate_symmetric", "wrap", "saturate_zero"])
def test_products_of_few_long_lines(width, overflow):
    """One step after the other, with the lines' elements beside each other or apart."""
    chosen = random.Random(f"{width} {overflow}")
    rounding = chosen.choice(["nearest_even", "odd", "away_from_zero", "nearest_up"])
    fmt = fx.Format(width, width // 2, rounding=rounding, overflow=overflow)
    one = 1 << width // 2
    near = [one, -one, one + 1, one - 1, one + one // 4, one - one // 4, 2 * one, one // 2]
    raws = [chosen.choice(near) for _ in range(2 * 1100)]
    x = fixed(raws, fmt, (1100, 2))
    for result in (fmt, fmt.replace(frac_bits=width // 3)):
        expected = []
        for line in (raws[::2], raws[1::2]):
            product = oracle.quantize(oracle.value(line[0], fmt), result)
            for raw in line[1:]:
                exact = oracle.value(product, result) * oracle.value(raw, fmt)
                product = oracle.quantize(exact, result)
            expected.append(product)
        assert raw_list(fx.prod(x, 0, format=result)) == expected
        assert raw_list(fx.prod(x.T.copy(), 1, format=result)) == expected
        assert raw_list(fx.prod(x[:, 1], format=result)) == expected[1:]
