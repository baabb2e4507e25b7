"""sum, mean, min, max and ptp over axes."""

from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import along, arrays, check_stored, fixed, layouts, objects, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

FOLDS = {
    "sum": lambda values: sum(values, Fraction(0)),
    "mean": lambda values: sum(values, Fraction(0)) / len(values),
    "min": min,
    "max": max,
}
shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)
Q = fx.Format(16, 8)


@st.composite
def reducible(draw, max_dims=3):
    """(shape, axis) with axis None, an integer or a tuple."""
    shape = draw(strategies.shapes(max_dims))
    axes = list(range(-len(shape), len(shape)))
    choices = [st.none()]
    if axes:
        choices.append(st.sampled_from(axes))
    some = st.sampled_from(axes) if axes else st.nothing()
    tuples = st.lists(some, unique_by=lambda a: a % len(shape))
    choices.append(tuples.map(tuple))
    return shape, draw(st.one_of(choices))


def check_reduction(data, name, fmt, target, shape, axis, keepdims):
    raws = data.draw(strategies.raw_lists(fmt, shape))
    x = fixed(raws, fmt, shape, data.draw(layouts))
    values = [oracle.value(raw, fmt) for raw in raws]
    parts, _ = along(objects(values, shape), axis)
    out_shape = np.zeros(shape).sum(axis, keepdims=keepdims).shape
    # A mean of no elements is an error only where there is one.
    refused = name in ("min", "max") or (name == "mean" and 0 not in out_shape)
    if refused and 0 in reduced_sides(shape, axis):
        with pytest.raises(ValueError, match=name):
            getattr(fx, name)(x, axis=axis, keepdims=keepdims)
        return
    exact = [FOLDS[name](part) for part in parts]

    def function():
        return getattr(fx, name)(x, axis=axis, keepdims=keepdims, format=target)

    def method():
        return getattr(x, name)(axis=axis, keepdims=keepdims, format=target)

    check_stored(function, exact, target or fmt, out_shape, name)
    check_stored(method, exact, target or fmt, out_shape, name)


def reduced_sides(shape, axis):
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return [shape[a] for a in axes]


@pytest.mark.parametrize("name", FOLDS)
@given(st.data(), strategies.formats(), reducible(), st.booleans())
def test_reductions(name, data, fmt, reducible, keepdims):
    check_reduction(data, name, fmt, None, *reducible, keepdims)


@pytest.mark.parametrize("name", FOLDS)
@given(st.data(), strategies.formats(), strategies.formats(), reducible(), st.booleans())
def test_reductions_into_a_format(name, data, fmt, target, reducible, keepdims):
    check_reduction(data, name, fmt, target, *reducible, keepdims)


@pytest.mark.parametrize("width", strategies.EDGE_WIDTHS)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("name", FOLDS)
def test_long_reductions(width, signed, name):
    """Many equal extremes: the exact sum is far longer than the format."""
    fmt = fx.Format(width, width // 2, signed, "nearest_even", "wrap")
    for n in (7, 64, 1001):
        low, high = fmt.raw_min, fmt.raw_max
        for raws in ([low] * n, [high] * n, [high] * (n - 1) + [low]):
            in_units = Fraction(sum(raws), n) if name == "mean" else FOLDS[name](raws)
            exact = in_units * fmt.resolution
            x = fixed(raws, fmt)
            check_stored(lambda x=x: getattr(x, name)(), [exact], fmt, ())
            wide = fx.Format(128, fmt.frac_bits, signed)
            check_stored(lambda x=x, f=wide: getattr(x, name)(format=f), [exact], wide, ())


def test_reductions_along_long_rows():
    fmt = fx.Format(16, 4, rounding="stochastic")
    raws = [(7919 * i) % 65536 - 32768 for i in range(6 * 300)]
    x = fixed(raws, fmt, (6, 300))
    values = objects([oracle.value(raw, fmt) for raw in raws], (6, 300))
    columns = values.T.tolist()
    check_stored(lambda: x.mean(axis=1), [FOLDS["mean"](r) for r in values.tolist()], fmt, (6,))
    check_stored(lambda: x.mean(axis=0), [FOLDS["mean"](c) for c in columns], fmt, (300,))
    check_stored(lambda: x.T.sum(axis=0), [sum(r) for r in values.tolist()], fmt, (6,))


def test_sum_of_nothing():
    fmt = fx.Format(8, 4)
    assert raw_list(fx.zeros(0, format=fmt).sum()) == [0]
    assert raw_list(fx.zeros((0, 3), format=fmt).sum(axis=0)) == [0, 0, 0]
    assert fx.zeros((0, 3), format=fmt).sum(axis=1).shape == (0,)
    assert fx.zeros((0, 3), format=fmt).mean(axis=1).shape == (0,)
    for name in ("mean", "min", "max", "argmax"):
        with pytest.raises(ValueError, match=name):
            getattr(fx, name)(fx.zeros((0, 3), format=fmt), axis=0)


def test_bad_axes():
    x = fx.zeros((2, 3), format=fx.Format(8, 4))
    for name in (*FOLDS, "argmax"):
        function = getattr(fx, name)
        with pytest.raises(np.exceptions.AxisError, match="2"):
            function(x, axis=2)
        with pytest.raises(np.exceptions.AxisError, match="-3"):
            function(x, axis=-3)
        with pytest.raises(TypeError, match=r"1\.5"):
            function(x, axis=1.5)
    for name in FOLDS:
        with pytest.raises(ValueError, match=r"\(0, -2\)"):
            getattr(fx, name)(x, axis=(0, -2))


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


def test_no_axis_reduced_along_the_first():
    x = fx.array(2.5, Q)
    for found in (np.add.reduce(x), np.maximum.reduce(x), x.sum(axis=0), x.max(axis=-1)):
        assert found == 2.5
    assert x.argmax(axis=0) == 0
    assert x.cumsum(axis=-1).tolist() == [2.5]
    for axis in (1, (0, 0)):
        with pytest.raises((np.exceptions.AxisError, ValueError)):
            x.sum(axis=axis)
