"""interp."""

import random
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import check_stored, fixed, raw_list, some_format, some_raws
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx


def test_interp():
    q = fx.Format(64, 30)
    x = fx.linspace(-1, 5, 60, format=q)
    points, heights = [0, 0.5, 1.75, 4], [1, -3, 2, 2.5]
    found = np.interp(x, points, heights)
    assert found.format is q
    assert np.abs(found.to_numpy() - np.interp(x.to_numpy(), points, heights)).max() < 1e-8
    third = fx.interp(fx.array([1], fx.Format(8, 0)), [0, 3], [0, 1], format=fx.Format(8, 6))
    assert raw_list(third) == [21]
    assert np.interp(x[:1], points, heights, left=0.25).tolist() == [0.25]
    assert np.interp(x[-1:], points, heights, right=-0.25).tolist() == [-0.25]
    assert np.interp([0.25], points, fx.array(heights, q)).tolist() == [-1]
    with pytest.raises(ValueError, match="ascend"):
        np.interp(x, [0, 0], [1, 2])
    with pytest.raises(ValueError, match="length"):
        np.interp(x, [0, 1], [1])
    with pytest.raises(TypeError, match="period"):
        np.interp(x, points, heights, period=2)


def interpolated(x, points, heights, left=None, right=None):
    """The exact value at x, of Fractions."""
    if x < points[0]:
        return heights[0] if left is None else Fraction(left)
    if x > points[-1]:
        return heights[-1] if right is None else Fraction(right)
    i = max(i for i, point in enumerate(points) if point <= x)
    if i == len(points) - 1:
        return heights[i]
    slope = (heights[i + 1] - heights[i]) / (points[i + 1] - points[i])
    return heights[i] + slope * (x - points[i])


CURVES = [
    ([-1, 0, 1], [1, 0.5, 2]),
    ([0], [3]),
    ([-3.5, 0.1, 2.0**40], [0.1, 7, -3]),
    ([Fraction(1, 3), 2], [1, 2]),
    ([0, 3, 7], [Fraction(1, 3), 1, 2]),
    ([0, 1, 2**70], [0, 5, 1]),
    ([-1, 0.1, 1], [1, 0.5, 2]),
    ([-5, 0, 4, 9], [3, Fraction(-7, 3), Fraction(1, 10), 5]),
]


@given(st.data(), strategies.formats(), strategies.formats(), st.sampled_from(CURVES))
def test_interp_is_rounded_once(data, fmt, result, curve):
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=6, max_size=6))
    ends = data.draw(st.sampled_from([{}, {"left": 7, "right": 0.25}]))
    points, heights = ([Fraction(v) for v in values] for values in curve)
    x = fixed(raws, fmt, (2, 3))
    exacts = [interpolated(oracle.value(raw, fmt), points, heights, **ends) for raw in raws]
    check_stored(
        lambda: fx.interp(x, *curve, **ends, format=result), exacts, result, (2, 3), "interp"
    )


@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
@pytest.mark.parametrize("curve", CURVES)
def test_interp_at_every_width(width, curve):
    """Of elements all over the format, and of few bits about the knots, which are some of them."""
    chosen = random.Random(f"{width} {curve}")
    points, heights = ([Fraction(v) for v in values] for values in curve)
    for rounding in fx.Rounding:
        fmt = some_format(chosen, width)
        result = some_format(chosen, chosen.choice([8, 64, 128]), rounding=rounding)
        near = [round(p / fmt.resolution) + chosen.randint(-2, 2) for p in points * 2]
        raws = [v for v in near if fmt.raw_min <= v <= fmt.raw_max]
        if chosen.random() < 0.5:
            raws += some_raws(chosen, fmt, 5)
        ends = chosen.choice([{}, {"left": 7}, {"right": Fraction(1, 7)}])
        exacts = [interpolated(oracle.value(raw, fmt), points, heights, **ends) for raw in raws]
        x = fixed(raws, fmt)
        check_stored(
            lambda x=x, ends=ends, result=result: fx.interp(x, *curve, **ends, format=result),
            *(exacts, result, (len(raws),), "interp"),
        )


@pytest.mark.parametrize("knots", [[-1, 0, 2], [-1, Fraction(1, 3), 2]])
def test_interp_of_many_wide_ones(knots):
    """More than a block, in a layout of its own, draws among them: as each by itself."""
    fmt = fx.Format(128, 120, rounding="stochastic")
    x = fx.random.uniform((200, 150), fmt.replace(rounding="floor"), -4, 4, seed=1)
    with fx.seeded(5):
        found = fx.interp(x.T, knots, [0, 1, 1.1], format=fmt)
    heights = [Fraction(v) for v in (0, 1, 1.1)]
    for row in (0, 109, 149):
        exact = [interpolated(v, knots, heights) for v in x.T[row].to_fractions().tolist()]
        draws = [oracle.u(5, 0, row * 200 + i, 0) for i in range(200)]
        expected = [oracle.quantize(v, fmt, u) for v, u in zip(exact, draws, strict=True)]
        assert raw_list(found[row]) == expected


def test_equal_curves_of_other_types():
    """A plan that is kept is not taken for what only compares equal."""
    x = fx.array([0.25, 0.5], fx.Format(16, 8))
    for _ in range(2):
        assert fx.interp(x, [0, 1], [0, 1]).tolist() == [0.25, 0.5]
        assert fx.interp(x, np.array([0.0, 1.0]), np.array([0, 1])).tolist() == [0.25, 0.5]
        assert fx.interp(x, [0, 1], [0, 1], right=3, format=fx.Format(8, 1)).tolist() == [0, 0.5]
        with pytest.raises(TypeError):
            fx.interp(x, [0, 1], [0, 1 + 0j])
        with pytest.raises(ValueError, match="NaN"):
            fx.interp(x, [0, 1], [0, float("nan")])
        assert fx.interp(x, [0, 1], [0, np.float32(0.1)], format=fx.Format(64, 60)).tolist() == [
            *(fx.array(np.float32(0.1), fx.Format(64, 60)) * [0.25, 0.5]).tolist()
        ]


def test_interp_of_many():
    """More elements than a block, of any layout."""
    fmt = fx.Format(32, 16, rounding="stochastic")
    x = fx.random.uniform((300, 200), fmt.replace(rounding="floor"), -4, 4, seed=1)
    with fx.seeded(5):
        once = fx.interp(x, [-1, 0, 2], [0, 1, 1.1], format=fmt)
    parts = np.array([[float(v) for v in row] for row in x[:2].to_fractions()])
    for transposed in (x.T, x[::-1, ::-1]):
        with fx.seeded(5):
            found = fx.interp(transposed.copy(), [-1, 0, 2], [0, 1, 1.1], format=fmt)
        with fx.seeded(5):
            assert fx.array_equal(found, fx.interp(transposed, [-1, 0, 2], [0, 1, 1.1], format=fmt))
    assert np.abs(once[:2].to_numpy() - np.interp(parts, [-1, 0, 2], [0, 1, 1.1])).max() < 2**-15


@pytest.mark.parametrize("width", [8, 64, 128])
def test_interp_of_one_and_of_none(width):
    a = fx.array([1, 0.5, -2], fx.Format(width, width // 2))
    assert fx.interp(a[0], [-1, 0, 1.5], [1, 0.5, 2]).item() == Fraction(3, 2)
    assert fx.interp(a[0], [-1, 0, 1.5], [1, 0.5, 2]).shape == ()
    assert fx.interp(a[:0], [0, 1], [1, 2]).shape == (0,)
    assert fx.interp(a.reshape(1, 3, 1), [0, 3], [1, 2]).shape == (1, 3, 1)
