"""sum, mean, min, max, argmax over axes; clip, where, concatenate."""

from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import along, broadcast, check_stored, fixed, layouts, objects, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

FOLDS = {
    "sum": lambda values: sum(values, Fraction(0)),
    "mean": lambda values: sum(values, Fraction(0)) / len(values),
    "min": min,
    "max": max,
}


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
    if name != "sum" and 0 in reduced_sides(shape, axis):
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


# --- positions ------------------------------------------------------------------------------


@given(st.data(), strategies.formats(), st.booleans())
def test_argmax(data, fmt, keepdims):
    shape = data.draw(strategies.shapes().filter(lambda shape: 0 not in shape))
    raws = data.draw(strategies.raw_lists(fmt, shape))
    # Equal maxima are likely: the first one counts.
    x = fixed(raws, fmt, shape, data.draw(layouts))
    array = objects(raws, shape)
    some = st.integers(-len(shape), len(shape) - 1) if shape else st.nothing()
    axis = data.draw(st.one_of(st.none(), some))
    expected = np.argmax(array, axis=axis, keepdims=keepdims)
    for result in (
        fx.argmax(x, axis=axis, keepdims=keepdims),
        x.argmax(axis=axis, keepdims=keepdims),
    ):
        assert np.shape(result) == np.shape(expected)
        assert np.ravel(result).tolist() == np.ravel(expected).tolist()
        assert np.asarray(result).dtype == np.int64


# --- clip -----------------------------------------------------------------------------------


@given(st.data(), strategies.formats())
def test_clip_between_arrays(data, fmt):
    raws, low, high = (data.draw(strategies.raw_lists(fmt, (4,))) for _ in range(3))
    x = fixed(raws, fmt, layout=data.draw(layouts))
    exact = [
        min(max(oracle.value(a, fmt), oracle.value(b, fmt)), oracle.value(c, fmt))
        for a, b, c in zip(raws, low, high, strict=True)
    ]
    low, high = fixed(low, fmt), fixed(high, fmt)
    check_stored(lambda: fx.clip(x, low, high), exact, fmt, (4,), "clip")
    check_stored(lambda: x.clip(low, high), exact, fmt, (4,), "clip")


@given(st.data(), strategies.formats(), st.integers(-(2**140), 2**140), st.integers(-300, 300))
def test_clip_between_integers(data, fmt, low, high):
    raws = data.draw(strategies.raw_lists(fmt, (4,)))
    x = fixed(raws, fmt)
    values = [oracle.value(raw, fmt) for raw in raws]
    exact = [min(max(v, Fraction(low)), Fraction(high)) for v in values]
    check_stored(lambda: fx.clip(x, low, high), exact, fmt, (4,))
    exact = [max(v, Fraction(low)) for v in values]
    check_stored(lambda: fx.clip(x, low, None), exact, fmt, (4,))
    exact = [min(v, Fraction(high)) for v in values]
    check_stored(lambda: fx.clip(x, None, high), exact, fmt, (4,))


def test_clip_into_a_format_and_with_floats():
    x = fx.array([-2, -0.75, 0.3125, 5], fx.Format(12, 6))
    assert (fx.clip(x, -0.5, 0.25)).to_fractions().tolist() == [
        Fraction(-1, 2),
        Fraction(-1, 2),
        Fraction(1, 4),
        Fraction(1, 4),
    ]
    target = fx.Format(8, 1)
    exact = [Fraction(-3, 4), Fraction(-3, 4), Fraction(5, 16), Fraction(3, 4)]
    check_stored(lambda: fx.clip(x, -0.75, 0.75, format=target), exact, target, (4,), "clip")
    with pytest.raises(fx.FixedOverflowError):
        fx.clip(x, -1000.0, 0)


# --- where, concatenate ---------------------------------------------------------------------


@given(st.data(), strategies.formats())
def test_where(data, fmt):
    other = data.draw(
        strategies.formats(rounding=st.just(fmt.rounding), overflow=st.just(fmt.overflow))
    )
    try:
        target = fx.Format(*oracle.common_format(fmt, other))
    except oracle.OracleFormatError:
        with pytest.raises(fx.FormatError, match="format="):
            fx.where(np.array([True]), fixed([0], fmt), fixed([0], other))
        return
    x_raws = data.draw(strategies.raw_lists(fmt, (2, 3)))
    y_raws = data.draw(strategies.raw_lists(other, (3,)))
    choice = data.draw(st.lists(st.booleans(), min_size=2, max_size=2))
    condition = np.array(choice).reshape(2, 1)
    x, y = fixed(x_raws, fmt, (2, 3), data.draw(layouts)), fixed(y_raws, other)
    xs = [oracle.value(raw, fmt) for raw in x_raws]
    ys = broadcast(y_raws, other, (3,), (2, 3))
    chosen = np.broadcast_to(condition, (2, 3)).ravel().tolist()
    exact = [a if yes else b for yes, a, b in zip(chosen, xs, ys, strict=True)]
    if fmt is other:  # moves elements, changes none: also not the lowest of a symmetric format
        assert raw_list(fx.where(condition, x, y)) == [
            a if yes else b for yes, a, b in zip(chosen, x_raws, y_raws * 2, strict=True)
        ]
    else:
        check_stored(lambda: fx.where(condition, x, y), exact, target, (2, 3))


def test_where_with_numbers():
    fmt = fx.Format(8, 2)
    x = fx.array([1, 2, 3], fmt)
    condition = np.array([True, False, True])
    assert raw_list(fx.where(condition, x, 0)) == [4, 0, 12]
    assert raw_list(fx.where(condition, 100, x)) == [127, 8, 127]
    assert raw_list(fx.where(condition, 0.3, x)) == [1, 8, 1]
    assert raw_list(fx.where(x > 1, x, -x)) == [-4, 8, 12]
    with pytest.raises(fx.FixedOverflowError):
        fx.where(condition, 100.0, x)
    target = fx.Format(8, 0)
    doubled = x * 2
    check_stored(lambda: fx.where(condition, x, doubled, format=target), [1, 4, 3], target, (3,))


@given(st.data(), strategies.formats())
def test_concatenate(data, fmt):
    layout = data.draw(layouts)
    raws = [data.draw(strategies.raw_lists(fmt, (2, n))) for n in (3, 0, 2)]
    parts = [fixed(r, fmt, (2, n), layout) for r, n in zip(raws, (3, 0, 2), strict=True)]
    result = fx.concatenate(parts, axis=1)
    assert result.format is fmt
    assert result.shape == (2, 5)
    assert raw_list(result) == [*raws[0][:3], *raws[2][:2], *raws[0][3:], *raws[2][2:]]
    assert raw_list(fx.concatenate(parts, axis=None)) == [*raws[0], *raws[2]]
    assert raw_list(fx.concatenate([p.T for p in parts])) == [
        raw for p in parts for raw in raw_list(p.T)
    ]


def test_what_is_counted_changes_no_element():
    """The lowest raw value of a symmetric format, beside another format."""
    narrow, wide = (fx.Format(w, 0, overflow="saturate_symmetric") for w in (2, 7))
    x, y = fixed([-2], narrow), fixed([-64, 5], wide)
    assert raw_list(fx.concatenate([x, y])) == [-2, -63, 5]
    with fx.record() as events:
        assert raw_list(fx.concatenate([x, y])) == [-2, -63, 5]
    assert events.overflow == 1


@given(st.data(), strategies.formats(), st.integers(-5, 5), strategies.widths)
def test_concatenate_mixed_formats(data, fmt, offset, width):
    frac_bits = max(-256, min(256, fmt.frac_bits + offset))
    other = fmt.replace(width=width, frac_bits=frac_bits)
    x_raws = data.draw(strategies.raw_lists(fmt, (3,)))
    y_raws = data.draw(strategies.raw_lists(other, (2,)))
    x, y = fixed(x_raws, fmt), fixed(y_raws, other)
    exact = [oracle.value(raw, fmt) for raw in x_raws]
    exact += [oracle.value(raw, other) for raw in y_raws]
    try:
        target = fx.Format(*oracle.common_format(fmt, other))
    except oracle.OracleFormatError:
        with pytest.raises(fx.FormatError, match="format="):
            fx.concatenate([x, y])
    else:
        if target is not fmt:
            check_stored(lambda: fx.concatenate([x, y]), exact, target, (5,))
    narrow = fx.Format(9, frac_bits, rounding="stochastic")
    check_stored(lambda: fx.concatenate([x, y], format=narrow), exact, narrow, (5,))


def test_concatenate_errors():
    fmt = fx.Format(8, 2)
    with pytest.raises(ValueError, match="at least one"):
        fx.concatenate([])
    with pytest.raises(ValueError, match=r"(?s)\b2\b.*\b3\b"):
        fx.concatenate([fx.zeros((1, 2), format=fmt), fx.zeros((1, 3), format=fmt)], axis=0)
    with pytest.raises(np.exceptions.AxisError):
        fx.concatenate([fx.zeros(2, format=fmt)], axis=1)
    with pytest.raises(fx.FormatError, match="format="):
        fx.concatenate([fx.zeros(2, format=fmt), fx.zeros(2, format=fmt.replace(rounding="odd"))])
