"""prod, cumsum, cumprod, ptp, var, std, any, all, count_nonzero against the oracle."""

import itertools
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import (
    SEED,
    along,
    arrays,
    check_stored,
    exact_values,
    fixed,
    objects,
    random_word,
    raw_list,
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


# --- sums -----------------------------------------------------------------------------------


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


# --- products -------------------------------------------------------------------------------


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


# --- spread ---------------------------------------------------------------------------------


@given(st.data(), strategies.formats(), st.sampled_from([0, 1, 0.5, Fraction(-1, 3)]))
def test_var_and_std(data, fmt, ddof):
    _, x = data.draw(arrays(fmt, shapes))
    axis, target = data.draw(strategies.axes(x.ndim)), data.draw(st.none() | strategies.formats())
    result = target or fmt
    groups = [
        [oracle.value(raw, fmt) for raw in line]
        for line in along(objects(raw_list(x), x.shape), axis)[0]
    ]
    shape = np.sum(np.zeros(x.shape), axis=axis).shape
    if len(groups[0]) <= ddof:
        for function in (fx.var, fx.std):
            with pytest.raises(ValueError, match="ddof"):
                function(x, axis, ddof=ddof)
        return
    exact = [oracle.exact_variance(group, ddof) for group in groups]
    check_stored(lambda: fx.var(x, axis, ddof=ddof, format=target), exact, result, shape, "var")
    roots = [oracle.stand_in_for_root(v, result) for v in exact]
    check_stored(lambda: fx.std(x, axis, ddof=ddof, format=target), roots, result, shape, "std")


@given(st.data(), strategies.formats())
def test_ptp(data, fmt):
    _, x = data.draw(arrays(fmt, shapes))
    axis, target = data.draw(strategies.axes(x.ndim)), data.draw(st.none() | strategies.formats())
    groups = [
        [oracle.value(raw, fmt) for raw in line]
        for line in along(objects(raw_list(x), x.shape), axis)[0]
    ]
    exact = [max(group) - min(group) for group in groups]
    shape = np.sum(np.zeros(x.shape), axis=axis).shape
    check_stored(lambda: fx.ptp(x, axis, format=target), exact, target or fmt, shape, "ptp")


@pytest.mark.parametrize("width", [8, 64, 128])
def test_variance_of_extremes(width):
    fmt = fx.Format(width, 0)
    raws = [fmt.raw_min, fmt.raw_max] * 500
    wide = fx.Format(128, 100 - 2 * width)
    exact = oracle.exact_variance([Fraction(raw) for raw in raws])
    check_stored(lambda: fixed(raws, fmt).var(format=wide), [exact], wide, (), "var")


# --- truth ----------------------------------------------------------------------------------


@given(st.data(), strategies.formats())
def test_any_all_count_nonzero(data, fmt):
    _, x = data.draw(arrays(fmt, shapes))
    axis, keepdims = data.draw(strategies.axes(x.ndim)), data.draw(st.booleans())
    truth = np.array([v != 0 for v in exact_values(x)]).reshape(x.shape)
    for name in ("any", "all", "count_nonzero"):
        expected = getattr(np, name)(truth, axis=axis, keepdims=keepdims)
        found = getattr(fx, name)(x, axis, keepdims=keepdims)
        assert type(found) is type(expected)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(getattr(np, name)(x, axis=axis, keepdims=keepdims), expected)
    assert x.any(axis, keepdims=keepdims).shape == x.all(axis, keepdims=keepdims).shape


# --- nothing, and bad axes ------------------------------------------------------------------

SOME = ("prod", "ptp", "var", "std", "cumsum", "cumprod", "any", "all", "count_nonzero")


@pytest.mark.parametrize("fmt", [fx.Format(16, 8), fx.Format(128, 64)], ids=str)
def test_nothing(fmt):
    x = fx.zeros((0, 3), fmt)
    assert x.prod().item() == 1
    assert x.prod(axis=0).tolist() == [1, 1, 1]
    assert x.prod(axis=1, keepdims=True).shape == (0, 1)
    assert x.cumsum(axis=0).shape == x.cumprod(axis=0).shape == (0, 3)
    assert x.cumsum().shape == x.cumprod().shape == (0,)
    assert not x.any()
    assert x.all()
    for name in ("ptp", "var", "std"):
        with pytest.raises(ValueError, match=name):
            getattr(x, name)()
        with pytest.raises(ValueError, match=name):
            getattr(x, name)(axis=0)
    assert x.ptp(axis=1).shape == x.var(axis=1).shape == x.std(axis=1).shape == (0,)
    one = fx.ones(1, fmt)
    for name in ("var", "std"):
        with pytest.raises(ValueError, match="ddof"):
            getattr(one, name)(ddof=1)


@pytest.mark.parametrize("name", SOME)
def test_bad_axes(name):
    x = fx.ones((2, 3), fx.Format(16, 8))
    function = getattr(fx, name)
    for axis in (2, -3):
        with pytest.raises(np.exceptions.AxisError):
            function(x, axis)
    for axis in (0.5, "0"):
        with pytest.raises(TypeError):
            function(x, axis)
    if name.startswith("cum"):
        with pytest.raises(TypeError, match="one axis"):
            function(x, (0, 1))
    else:
        with pytest.raises(ValueError, match="twice"):
            function(x, (0, 0))
    with pytest.raises(TypeError):
        function([1, 2])


def test_out_of_reductions():
    fmt, wide = fx.Format(16, 8), fx.Format(32, 20)
    x = fx.array([[1.5, 2], [3, -0.25]], fmt)
    for name in ("sum", "mean", "prod", "min", "max", "ptp", "var", "std"):
        out = fx.zeros(2, wide)
        assert getattr(fx, name)(x, 0, out=out) is out
        assert raw_list(out) == raw_list(getattr(fx, name)(x, 0, format=wide))
    for name in ("cumsum", "cumprod"):
        expected = raw_list(getattr(fx, name)(x, 0))
        y = x.copy()
        assert getattr(fx, name)(y, 0, out=y) is y
        assert raw_list(y) == expected
    with pytest.raises(TypeError, match="float64"):
        fx.sum(x, 0, out=np.zeros(2))
    with pytest.raises(ValueError, match="shape"):
        fx.sum(x, 0, out=fx.zeros(3, fmt))
    with pytest.raises(fx.FormatError):
        fx.sum(x, 0, format=fmt, out=fx.zeros(2, wide))
