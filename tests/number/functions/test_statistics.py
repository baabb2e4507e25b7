"""quantile, percentile, median and histogram."""

import itertools
import random
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import check_stored, exact_values, fixed, raw_list, some_arrays, some_format
from examples import ORDERED, repeated

import fxtypes as fx

METHODS = (
    *("linear", "lower", "higher", "midpoint", "nearest", "inverted_cdf"),
    *("averaged_inverted_cdf", "interpolated_inverted_cdf", "hazen", "weibull"),
    *("median_unbiased", "normal_unbiased"),
)
Q = fx.Format(16, 8)
NARROW = fx.Format(8, 4)
WIDE = fx.Format(100, 4)


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


def test_quantiles_of_kept_axes_without_elements():
    empty = fx.zeros((0, 3), Q)
    assert np.median(empty, axis=1).shape == fx.logsumexp(empty, axis=1).shape == (0,)
    assert np.quantile(empty, [0.1, 0.2], axis=1).shape == (2, 0)


@pytest.mark.parametrize("overflow", ["wrap", "raise", "saturate_zero", "saturate_symmetric"])
def test_edges_of_bins_ascend_in_every_mode(overflow):
    low = fx.Format(8, 4, signed=False, overflow=overflow)
    assert fx.histogram(fx.zeros(5, low), bins=4)[0].sum() == 5
    top = fx.full(5, Fraction(127, 16), fx.Format(8, 4, overflow=overflow))
    assert fx.histogram(top, bins=4)[0].tolist() == [0, 0, 0, 5]
    a = fx.array([0, 1, 2, 3, 3, 3], fx.Format(8, 0, rounding="stochastic", overflow=overflow))
    counts, edges = fx.histogram(a, bins=20)
    assert counts.min() == 0
    assert counts.sum() == 6
    assert (np.diff(edges) >= 0).all()
    assert fx.histogram(a, bins=4, range=(0, 500))[0].tolist() == [6, 0, 0, 0]


@pytest.mark.parametrize("fmt", [NARROW, WIDE])
@pytest.mark.parametrize("rounding", ["floor", "stochastic"])
def test_quantiles_that_are_elements(fmt, rounding):
    a = fx.array([[3, -1.5, 0.25, 7, 2], [0, 1, 2, 3, 4]], fmt)
    result = fx.Format(8, 0, rounding=rounding)
    shares = [[0.25, 0.5], [0, 1]]
    for method in ("lower", "linear"):  # of five, the quarters are elements
        with fx.record() as events, fx.seeded(3):
            found = fx.quantile(a, shares, 1, method, keepdims=True, format=result)
        sorted_ = fx.sort(a, 1)
        expected = fx.stack([fx.stack([sorted_[:, [i]] for i in row]) for row in ((1, 2), (0, 4))])
        with fx.seeded(3):
            assert (found == expected.astype(result)).all()
        assert found.shape == (2, 2, 2, 1)
        assert events.by_operation["quantile"]["elements"] == 8
    many = fx.random.uniform((1, 2000), fmt, seed=1)
    assert fx.quantile(many, np.linspace(0, 1, 2000), 0, "nearest").shape == (2000, 2000)


@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
@pytest.mark.parametrize("signed", [True, False])
def test_sums_of_weights_all_over_their_format(width, signed):
    chosen = random.Random(f"{width} {signed}")
    values, edges = [chosen.randint(-5, 5) for _ in range(40)], [-4, -1, 2, 2, 4]
    a = fx.array(values, fx.Format(chosen.choice([8, 128]), 2))
    for rounding in fx.Rounding:
        fmt = some_format(chosen, width, signed=signed)
        result = some_format(chosen, chosen.choice([16, 128]), rounding=rounding)
        ((weights,), _) = some_arrays(chosen, [(40,)], [fmt])
        exact = [
            sum(w for v, w in zip(values, weights.to_fractions(), strict=True)
                if low <= v < high or v == high == edges[-1])
            for low, high in itertools.pairwise(edges)
        ]  # fmt: skip
        check_stored(
            lambda weights=weights, result=result: fx.histogram(
                a, edges, weights=weights, format=result
            )[0],
            *(exact, result, (4,), "histogram"),
        )


@pytest.mark.parametrize("width", [16, 100])
def test_weighted_histograms_and_densities(width):
    q = fx.Format(width, 4, rounding="ceil")
    values = np.random.default_rng(3).integers(-60, 60, 40) / 16
    a, edges = fx.array(values, q), [-3, -1, 0.5, 3]
    weights = np.array([Fraction(i % 7, 3) for i in range(40)], object)
    result = fx.Format(40, 20, rounding="floor")
    exact = [
        sum((w for v, w in zip(values, weights, strict=True)
             if low <= v < high or v == high == edges[-1]), Fraction(0))
        for low, high in itertools.pairwise(edges)
    ]  # fmt: skip
    found, given = fx.histogram(a, edges, weights=weights, format=result)
    assert given.tolist() == edges
    assert [int(v) for v in found.raw] == [oracle.quantize(v, result) for v in exact]
    shares = [
        v / sum(exact) / Fraction(h - low)
        for v, low, h in zip(exact, edges, edges[1:], strict=False)
    ]
    found, _ = fx.histogram(a, edges, weights=weights, density=True, format=result)
    assert [int(v) for v in found.raw] == [oracle.quantize(v, result) for v in shares]
    counts, _ = np.histogram(values, edges)
    shares = [Fraction(int(n), int(counts.sum())) / Fraction(h - low)
              for n, low, h in zip(counts, edges, edges[1:], strict=False)]  # fmt: skip
    found, _ = np.histogram(a, edges, density=True)
    assert found.format is q
    assert [int(v) for v in found.raw] == [oracle.quantize(v, q) for v in shares]
    own = fx.array(np.arange(40) / 2, fx.Format(24, 8))
    found, _ = np.histogram(a, 5, range=(-2, 2), weights=own)
    assert found.format is own.format
    assert (
        found.tolist()
        == np.histogram(values, 5, range=(-2, 2), weights=np.arange(40) / 2)[0].tolist()
    )
    with pytest.raises(ValueError, match="weights of shape"):
        np.histogram(a, weights=[1, 2])
    with pytest.raises(ZeroDivisionError):
        np.histogram(a[:0], density=True)
