"""average, cov, corrcoef, against Fractions from their definitions."""

import itertools
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import check_stored, fixed, message_of, raw_list

import fxtypes as fx

FORMATS = [fx.Format(12, 4, rounding="floor"), fx.Format(32, 20), fx.Format(128, 60)]
RESULT = fx.Format(40, 30, rounding="nearest_away")


def rows(fmt, count=3, n=5):
    rng = np.random.default_rng(fmt.width)
    return fx.FixedArray.from_raw(rng.integers(-900, 900, (count, n)), fmt)


def covariance(x, y, weights, ddof):
    total = sum(weights)
    mean_x, mean_y = (sum(w * v for w, v in zip(weights, z, strict=True)) / total for z in (x, y))
    terms = (w * (p - mean_x) * (q - mean_y) for w, p, q in zip(weights, x, y, strict=True))
    return sum(terms) / (total - ddof)


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_cov(fmt):
    a = rows(fmt)
    exact = a.to_fractions().tolist()
    ones = [Fraction(1)] * 5
    f, w = [1, 2, 1, 3, 1], [0.5, 1, Fraction(1, 3), 2, 1]
    both = [Fraction(p) * Fraction(q) for p, q in zip(f, w, strict=True)]
    spread = sum(b * Fraction(q) for b, q in zip(both, w, strict=True)) / sum(both)
    for keywords, weights, ddof in [
        ({}, ones, 1),
        ({"bias": True}, ones, 0),
        ({"ddof": 2}, ones, 2),
        ({"fweights": f}, [Fraction(v) for v in f], 1),
        ({"fweights": f, "aweights": np.array(w, object)}, both, spread),
    ]:
        expected = [
            oracle.quantize(covariance(x, y, weights, ddof), RESULT) for x in exact for y in exact
        ]
        found = fx.cov(a, format=RESULT, **keywords)
        assert found.shape == (3, 3)
        assert raw_list(found) == expected
        assert raw_list(np.cov(a.T, rowvar=False, dtype=RESULT, **keywords)) == expected
    assert np.cov(a).format is fmt
    assert np.cov(a[0]).shape == ()
    joined = np.cov(a[0], a[1], dtype=RESULT)
    assert (joined == fx.cov(a[:2], format=RESULT)).all()


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@pytest.mark.parametrize("rounding", ["floor", "ceil", "nearest_even", "odd"])
def test_corrcoef_is_correctly_rounded(fmt, rounding):
    a, result = rows(fmt), fx.Format(24, 20, rounding=rounding)
    exact = a.to_fractions().tolist()
    found = fx.corrcoef(a, format=result).raw
    for i, x in enumerate(exact):
        for j, y in enumerate(exact):
            p, q, r = (covariance(u, v, [Fraction(1)] * 5, 0) for u, v in ((x, y), (x, x), (y, y)))
            square = p * p / (q * r)
            # More bits than decide it: its root of 400 bits, the last one sticky.
            root = Fraction(isqrt_to_odd(square, 400), 1 << 400) * (-1 if p < 0 else 1)
            assert int(found[i, j]) == oracle.quantize(root, result)
    assert (np.corrcoef(a[0], a[1]) == fx.corrcoef(a[:2])).all()


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
def test_extremes(width, signed):
    """Rows of the ends, of few values and of any: results, events, draws and messages."""
    own = fx.Format(width, width // 2, signed)
    rng = np.random.default_rng(width)
    low, high = own.raw_min, own.raw_max
    lines = [[low, high] * 3, [low] * 5 + [high], [high] * 5 + [low + 1], [0, 1, 0, 0, 1, 1]]
    lines += [
        [low + int.from_bytes(rng.bytes(17), "little") % (high - low + 1) for _ in range(6)]
        for _ in range(2)
    ]
    a = fixed([raw for line in lines for raw in line], own, (6, 6))
    exact = [[oracle.value(raw, own) for raw in line] for line in lines]
    ones = [Fraction(1)] * 6
    covariances = [covariance(x, y, ones, 1) for x in exact for y in exact]
    choices = zip(itertools.cycle(("saturate", "wrap", "raise")), fx.Rounding, strict=False)
    for overflow, rounding in choices:
        fmt = fx.Format(width, width // 2, True, rounding, overflow)
        check_stored(lambda f=fmt: fx.cov(a, format=f), covariances, fmt, (6, 6), "cov")
        fmt = fx.Format(width, width - 2, True, rounding, overflow)
        correlations = [
            oracle.stand_in_for_root(c * c / (covariances[7 * i] * covariances[7 * j]), fmt)
            * (-1 if c < 0 else 1)
            for (i, j), c in zip(itertools.product(range(6), repeat=2), covariances, strict=True)
        ]
        check_stored(lambda f=fmt: fx.corrcoef(a, format=f), correlations, fmt, (6, 6), "corrcoef")
        weights = fixed(lines[5], own)
        if sum(exact[5]):
            means = [sum(v * w for v, w in zip(x, exact[5], strict=True)) / sum(exact[5])
                     for x in exact]  # fmt: skip
            check_stored(lambda f=fmt, w=weights: fx.average(a, 1, w, format=f),
                         means, fmt, (6,), "average")  # fmt: skip


def test_a_constant_variable_is_named():
    a = fixed([1, 2, 3, 5, 5, 5, 1, 0, 1], fx.Format(128, 60), (3, 3))
    assert "variable 1 is constant" in message_of(ZeroDivisionError, fx.corrcoef, a)


def isqrt_to_odd(square, bits):
    scaled = square * 4**bits
    low, high = 0, 1 << (bits + 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle * middle <= scaled else (low, middle)
    return low if low * low == scaled else low | 1


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_weighted_average(fmt):
    a = rows(fmt)
    exact = a.to_fractions()
    w = [0.5, 1, Fraction(1, 3), -2, 1]
    exact_w = np.array([Fraction(v) for v in w], object)
    expected = [oracle.quantize(v, RESULT) for v in (exact * exact_w).sum(1) / exact_w.sum()]
    found, sums = fx.average(a, 1, np.array(w, object), True, format=RESULT)
    assert raw_list(found) == expected
    assert sums.tolist() == [float(exact_w.sum())] * 3
    assert np.average(a.T, axis=0, weights=fx.array([1, 2, 3, 4, 5], fmt)).format is fmt
    kept = np.average(a, axis=1, weights=[1, 2, 3, 4, 5], keepdims=True)
    assert kept.shape == (3, 1)
    with pytest.raises(ZeroDivisionError, match="sum to 0"):
        np.average(a, axis=1, weights=[1, -1, 0, 0, 0])
    with pytest.raises(TypeError, match="axis="):
        np.average(a, weights=[1, 2])
    with pytest.raises(ValueError, match="shape"):
        np.average(a, axis=0, weights=[1, 2])
    cube = np.arange(24.0).reshape(2, 3, 4)
    weights = np.arange(1.0, 9).reshape(4, 2)
    ours = np.average(fx.array(cube, fx.Format(40, 24)), axis=(2, 0), weights=weights)
    assert np.abs(ours.to_numpy() - np.average(cube, axis=(2, 0), weights=weights)).max() < 1e-7


def test_errors():
    a = rows(FORMATS[0])
    with pytest.raises(ValueError, match="more than ddof"):
        np.cov(a[:, :1])
    with pytest.raises(ValueError, match="no observations"):
        np.cov(a[:, :0])
    with pytest.raises(ValueError, match="negative"):
        np.cov(a, aweights=[1, 1, 1, 1, -1])
    with pytest.raises(TypeError, match="integers"):
        np.cov(a, fweights=[1, 1, 1, 1, 0.5])
    with pytest.raises(ZeroDivisionError, match="constant"):
        np.corrcoef(a[:2] * 0)
    with pytest.raises(ValueError, match="at most 2 axes"):
        np.cov(a.reshape(1, 3, 5))
