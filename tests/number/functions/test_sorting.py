"""Sorting, searching, sets and order statistics: Python's own numbers are the reference."""

import bisect
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import exact_values, fixed, layouts, raw_list
from examples import ORDERED, repeated, repeated_raws
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.context import blocks

# -- sorting ------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
@pytest.mark.parametrize("axis", [-1, 0, 1, None])
def test_sort_and_argsort(fmt, axis):
    a, plain = repeated(fmt, (7, 9))
    wanted = np.sort(plain, axis=axis)
    for found in (fx.sort(a, axis), np.sort(a, axis=axis), np.sort(a, axis, kind="stable")):
        assert found.format is fmt
        assert found.shape == wanted.shape
        assert raw_list(found) == wanted.reshape(-1).tolist()
    order = np.argsort(plain, axis=axis, kind="stable")
    assert np.array_equal(np.argsort(a, axis=axis, kind="stable"), order)
    assert np.array_equal(fx.argsort(a, axis, stable=True), order)
    if axis is not None:
        found = fx.take_along_axis(a, fx.argsort(a, axis), axis)
        assert raw_list(found) == wanted.reshape(-1).tolist()
        assert raw_list(fx.sort(a, axis, descending=True)) == raw_list(
            fx.flip(fx.sort(a, axis), axis)
        )
    assert raw_list(a) == plain.reshape(-1).tolist()


@given(st.data(), strategies.formats(), strategies.shapes(2, 6), layouts)
def test_sort_of_any_format(data, fmt, shape, layout):
    raws = data.draw(strategies.raw_lists(fmt, shape))
    a = fixed(raws, fmt, shape, layout)
    if not shape:
        with pytest.raises(np.exceptions.AxisError):
            fx.sort(a)
        return
    assert raw_list(fx.sort(a, axis=None)) == sorted(raws)
    order = fx.argsort(a, axis=None, stable=True, descending=True)
    assert order.tolist() == sorted(range(len(raws)), key=lambda i: -raws[i])
    rows = [sorted(raws[i : i + shape[-1]]) for i in range(0, len(raws), shape[-1] or 1)]
    assert raw_list(fx.sort(a)) == [raw for row in rows for raw in row]


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
def test_partition_and_lexsort(fmt):
    a, plain = repeated(fmt, (5, 9))
    for kth in (0, 4, -1, [2, 5]):
        found = np.partition(a, kth, axis=1)
        wanted = np.sort(plain, axis=1)
        assert np.array_equal(fx.sort(found, 1).to_fractions(), fx.sort(a, 1).to_fractions())
        for k in np.atleast_1d(kth):
            assert raw_list(found[:, k]) == wanted[:, k].tolist()
        order = np.argpartition(a, kth, axis=1)
        chosen = fx.take_along_axis(a, order, 1)
        assert np.array_equal(fx.sort(chosen, 1).to_fractions(), fx.sort(a, 1).to_fractions())
        for k in np.atleast_1d(kth):
            assert raw_list(chosen[:, k]) == wanted[:, k].tolist()
    first = np.arange(9) % 3
    assert np.lexsort((a[0], first)).tolist() == np.lexsort((plain[0], first)).tolist()
    assert np.lexsort(a).tolist() == np.lexsort([*plain]).tolist()


# -- searching ----------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted(fmt, side):
    a, plain = repeated(fmt, (30,))
    v, probes = fixed(repeated_raws(fmt, 12, 3), fmt, (3, 4)), repeated_raws(fmt, 12, 3)
    ascending = sorted(plain.tolist())
    wanted = [getattr(bisect, f"bisect_{side}")(ascending, p) for p in probes]
    found = np.searchsorted(fx.sort(a), v, side=side)
    assert found.shape == (3, 4)
    assert found.reshape(-1).tolist() == wanted
    sorter = fx.argsort(a)
    assert np.searchsorted(a, v, side, sorter).reshape(-1).tolist() == wanted
    exact = [oracle.value(p, fmt) for p in probes]
    beside = [x + fmt.resolution / 3 for x in exact]  # between two neighbours
    ladder = [oracle.value(p, fmt) for p in ascending]
    wanted = [getattr(bisect, f"bisect_{side}")(ladder, p) for p in beside]
    assert fx.searchsorted(fx.sort(a), beside, side).tolist() == wanted


def test_exact_values_are_compared():
    q = fx.Format(128, 127)
    a = fx.FixedArray.from_raw([0, 2**100, 2**100 + 1], q)
    assert np.searchsorted(a, 2.0**-27, side="left") == 1
    assert np.searchsorted(a, 2.0**-27, side="right") == 2
    assert np.searchsorted([0.1, 0.2, np.inf], fx.array(["0.1", "0.2"], q)).tolist() == [0, 1]
    assert np.searchsorted(fx.array([1, 2], fx.Format(128, -100)), fx.array([1], q)).tolist() == [2]
    assert np.isin(fx.array([0.5], q), [0.5, 2**200]).tolist() == [True]
    assert np.isin(fx.array([0.5, 0.25], q), fx.array([0.25], fx.Format(8, 4))).tolist() == [
        False,
        True,
    ]
    with pytest.raises(ValueError, match="NaN"):
        np.searchsorted(a, np.nan)
    with pytest.raises(TypeError, match="FixedArray"):
        fx.searchsorted([1], [2])


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
@pytest.mark.parametrize("right", [False, True])
def test_digitize(fmt, right):
    a, plain = repeated(fmt, (4, 5))
    edges = sorted(set(repeated_raws(fmt, 6, 4)))
    ranks = {raw: i for i, raw in enumerate(sorted({*plain.reshape(-1), *edges}))}
    x = np.array([ranks[raw] for raw in plain.reshape(-1)]).reshape(4, 5)
    limits = np.array([ranks[raw] for raw in edges])
    for step in (1, -1):
        bins = fixed(edges[::step], fmt)
        assert np.array_equal(np.digitize(a, bins, right), np.digitize(x, limits[::step], right))
    with pytest.raises(ValueError, match="monotonic"):
        np.digitize(a, fixed([0, 1, 0], fmt))


@pytest.mark.parametrize("width", [8, 64, 65, 128])
def test_places_of_non_zeros(width):
    q = fx.Format(width, 2)
    raws = [0, 1, 0, 0, q.raw_max, q.raw_min]
    a, plain = fixed(raws, q, (2, 3)), np.array(raws, object).reshape(2, 3)
    for found, wanted in zip(np.nonzero(a), np.nonzero(plain), strict=True):
        assert np.array_equal(found, wanted)
    assert np.flatnonzero(a).tolist() == [1, 4, 5]
    assert np.argwhere(a).tolist() == [[0, 1], [1, 1], [1, 2]]
    assert fx.trim_zeros(fixed([0, 0, 3, 0, 1, 0], q)).tolist() == [0.75, 0, 0.25]
    assert np.trim_zeros(fixed([0, 0, 3, 0], q), "f").tolist() == [0.75, 0]
    assert np.trim_zeros(fixed([0, 0, 3, 0], q), "b").tolist() == [0, 0, 0.75]
    assert fx.trim_zeros(fixed([0, 0], q)).shape == (0,)
    assert fx.trim_zeros(a, axis=1).tolist() == a[:, 1:].tolist()
    assert np.shares_memory(fx.trim_zeros(a), a)


def test_equality_of_arrays():
    a, b = fx.array([1, 2], fx.Format(8, 4)), fx.array([1, 2], fx.Format(100, 60))
    assert np.array_equal(a, b) is True
    assert np.array_equal(a, [1, 2]) is True
    assert np.array_equal(a, [1, 2.001]) is False
    assert np.array_equal(a, a[:1]) is False
    assert np.array_equiv(a, fx.array([[1, 2], [1, 2]], fx.Format(9, 4))) is True
    assert np.array_equiv(a, [1, 2, 3]) is False


def test_closeness_is_exact():
    a = fx.array([1, -2, 0], fx.Format(128, 100))
    step = a.format.resolution
    assert np.isclose(a, a).all()
    assert np.isclose(a, a + step, rtol=0, atol=step).tolist() == [True] * 3
    assert np.isclose(a, a + step, rtol=0, atol=step / 2).tolist() == [False] * 3
    assert fx.isclose(a, [1.001, -2.001, 1e-9], rtol="0.0005").tolist() == [False, True, True]
    assert np.isclose(a, np.inf).tolist() == [False] * 3
    assert np.allclose(a, a.astype(fx.Format(8, 4))) is True
    assert np.allclose(a[:1], 1.1) is False
    assert bool(np.isclose(a[0], 1)) is True
    assert np.isclose(a, [1, np.nan, np.inf]).tolist() == [True, False, False]


# -- sets ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
def test_unique(fmt):
    a, plain = repeated(fmt, (5, 8))
    wanted = np.unique(plain, return_index=True, return_inverse=True, return_counts=True)
    found = np.unique(a, return_index=True, return_inverse=True, return_counts=True)
    assert found[0].format is fmt
    assert raw_list(found[0]) == wanted[0].tolist()
    for f, w in zip(found[1:], wanted[1:], strict=True):
        assert np.array_equal(f, w)
    assert raw_list(np.unique(a)) == wanted[0].tolist()
    everything = np.unique_all(a)
    assert raw_list(everything.values) == wanted[0].tolist()
    assert everything.inverse_indices.shape == a.shape
    assert raw_list(everything.values[everything.inverse_indices]) == raw_list(a)
    assert np.array_equal(np.unique_counts(a).counts, wanted[3])
    assert np.array_equal(np.unique_inverse(a).inverse_indices, everything.inverse_indices)
    assert raw_list(np.unique_values(a)) == wanted[0].tolist()
    twice = fx.concatenate([a[:2], a])
    rows = np.unique(twice, axis=0)
    order = sorted({tuple(row) for row in plain.tolist()})
    assert raw_list(rows) == [raw for row in order for raw in row]


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
def test_sets(fmt):
    first, second = repeated_raws(fmt, 20, 9), [*repeated_raws(fmt, 15, 9)[::-1], fmt.raw_max]
    a, b = fixed(first, fmt, (4, 5)), fixed(second, fmt)
    x, y = set(first), set(second)
    assert raw_list(np.union1d(a, b)) == sorted(x | y)
    assert raw_list(np.intersect1d(a, b)) == sorted(x & y)
    assert raw_list(np.setdiff1d(a, b)) == sorted(x - y)
    assert raw_list(np.setxor1d(a, b)) == sorted(x ^ y)
    assert np.isin(a, b).tolist() == np.reshape([raw in y for raw in first], (4, 5)).tolist()
    assert np.isin(a, b, invert=True).tolist() == (~np.isin(a, b)).tolist()
    common, i, j = np.intersect1d(a, b, return_indices=True)
    assert [first[k] for k in i] == raw_list(common)
    assert [second[k] for k in j] == raw_list(common)


def test_sets_of_two_formats():
    a, b = fx.array([1, 1.5, -2], fx.Format(8, 4)), fx.array([1.5, 1.0625, 3], fx.Format(9, 5))
    assert np.intersect1d(a, b).format == (a + b).format
    assert np.intersect1d(a, b).tolist() == [1.5]
    assert np.intersect1d(a, [1, 1.5, 1.51]).format is a.format
    assert np.intersect1d([1, 1.5, 1.51], a).tolist() == [1, 1.5]
    assert np.union1d(a, b).tolist() == [-2, 1, 1.0625, 1.5, 3]
    assert np.setxor1d(a, b).tolist() == [-2, 1, 1.0625, 3]
    assert np.setdiff1d(a, [1.5, 1.001]).tolist() == [-2, 1]


def test_ediff1d():
    a = fx.array([1, 2.5, 7, -7.5], fx.Format(8, 4))
    assert np.ediff1d(a).tolist() == [1.5, 4.5, -8.0]
    assert np.ediff1d(a.reshape(2, 2), to_begin=0.5, to_end=[1, 2]).tolist() == [
        *[0.5, 1.5, 4.5, -8, 1, 2]
    ]


# -- order statistics ---------------------------------------------------------------------

METHODS = (
    *("linear", "lower", "higher", "midpoint", "nearest", "inverted_cdf"),
    *("averaged_inverted_cdf", "interpolated_inverted_cdf", "hazen", "weibull"),
    *("median_unbiased", "normal_unbiased"),
)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_quantiles_are_numpys(method, n):
    """Compared with float64, in a format that holds what float64 gets wrong."""
    raws = [(37 * i * i) % 256 - 128 for i in range(n)]
    a = fixed(raws, fx.Format(8, 0))
    shares = np.arange(33) / 32
    found = np.quantile(a, shares, method=method)
    assert found.format is a.format
    fine = fx.quantile(a, shares, method=method, format=fx.Format(64, 40))
    wanted = np.quantile(np.array(raws, float), shares, method=method)
    assert np.abs(fine.to_numpy() - wanted).max() < 1e-9
    assert raw_list(found) == [oracle.quantize(x, a.format) for x in _exact(fine, found)]
    assert np.array_equal(np.percentile(a, shares * 100, method=method).raw, found.raw)


def _exact(fine, rounded):
    """Exact values from finer ones: what the rounding of a tie would need is within reach."""
    return [round(x * 2**8) / Fraction(2**8) if abs(x * 2**8 - round(x * 2**8)) < Fraction(1, 2**20)
            else x for x in exact_values(fine)]  # fmt: skip


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
def test_median(fmt):
    a, plain = repeated(fmt, (6, 5))
    q = fmt.replace(overflow="saturate")
    a = a.view_as(q)

    def middle(raws):
        raws, n = sorted(raws), len(raws)
        exact = Fraction(raws[(n - 1) // 2] + raws[n // 2], 2) * q.resolution
        return oracle.quantize(exact, q)

    assert raw_list(np.median(a, axis=0)) == [middle(plain[:, j]) for j in range(5)]
    assert raw_list(np.median(a, axis=1)) == [middle(plain[i]) for i in range(6)]
    assert raw_list(np.median(a)) == [middle(plain.reshape(-1))]
    assert np.median(a, axis=(0, 1), keepdims=True).shape == (1, 1)
    assert raw_list(np.nanmedian(a)) == raw_list(np.median(a))


def test_quantile_shapes_and_errors():
    a = fx.arange(24, format=fx.Format(16, 4)).reshape(2, 3, 4)
    assert np.quantile(a, [[0.5, 1]], axis=(0, 2)).shape == (1, 2, 3)
    assert np.quantile(a, 0.5, axis=1, keepdims=True).shape == (2, 1, 4)
    assert fx.quantile(a, "0.1").tolist() == 2.3125
    assert fx.percentile(a, fx.array([50], fx.Format(8, 0))).tolist() == [11.5]
    with pytest.raises(ValueError, match="from 0 to 1"):
        np.quantile(a, 1.5)
    with pytest.raises(ValueError, match="method"):
        np.quantile(a, 0.5, method="best")
    with pytest.raises(ValueError, match="no elements"):
        np.median(a[:0])
    with pytest.raises(TypeError, match="weights"):
        np.quantile(a, 0.5, weights=np.ones(24), method="inverted_cdf")


def test_quantiles_draw_and_count_as_one_step():
    q = fx.Format(8, 0, rounding="stochastic")
    a = fx.array([0, 1], q)
    with fx.seeded(1):
        found = {float(np.median(a)) for _ in range(40)}
    assert found == {0, 1}
    with fx.record() as events:
        fx.median(a.view_as(fx.Format(8, 0)))
    assert events.by_operation["median"]["inexact"] == 1


# -- histograms, interpolation ------------------------------------------------------------


@pytest.mark.parametrize("width", [16, 64, 100])
def test_histogram(width):
    q = fx.Format(width, 8)
    data = np.random.default_rng(1).integers(-500, 500, 200) / 64
    a = fx.array(data, q)
    for bins, limits in [(8, None), (4, (-4, 4)), (8, (0, 2)), ([-8, -1, 0, 0.5, 8], None)]:
        counts, edges = np.histogram(a, bins, limits)
        want_counts, want_edges = np.histogram(data, edges.to_numpy())
        assert edges.format is q
        assert np.array_equal(counts, want_counts)
        assert np.array_equal(edges.to_numpy(), want_edges)
        if limits is not None:
            assert edges.tolist() == np.linspace(*limits, bins + 1).tolist()
    assert np.histogram(a[:0], 2)[1].tolist() == [0, 0.5, 1]
    assert np.histogram_bin_edges(fx.array([2, 2], q), 1).tolist() == [1.5, 2.5]
    with pytest.raises(ValueError, match="ascend"):
        np.histogram(a, [1, 0])
    with pytest.raises(ValueError, match="integer from 1"):
        np.histogram(a, 0)
    with pytest.raises(TypeError, match="auto"):
        np.histogram(a, "auto")
    with pytest.raises(TypeError, match="density"):
        np.histogram(a, density=True)


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


def test_errors():
    a = fx.arange(4, format=fx.Format(16, 4))
    with pytest.raises(ValueError, match="kind"):
        fx.sort(a, kind="bogo")
    with pytest.raises(np.exceptions.AxisError):
        fx.argsort(a, 1)
    with pytest.raises(TypeError, match=r"fx\.array"):
        fx.sort([1, 2])
    with pytest.raises(TypeError, match="order"):
        np.sort(a, order="x")


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_zeros_are_trimmed_in_blocks(monkeypatch, size):
    monkeypatch.setattr(blocks, "SIZE", size)
    rng = np.random.default_rng(size)
    for n in range(12):
        values = (rng.random(n) < 0.2) * 1.0
        x = fx.array(values, fx.Format(100, 4))
        for trim in ("f", "b", "fb"):
            assert fx.trim_zeros(x, trim).tolist() == np.trim_zeros(values, trim).tolist()
