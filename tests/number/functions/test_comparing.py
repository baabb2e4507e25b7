"""array_equal, array_equiv, isclose and allclose."""

from fractions import Fraction

import numpy as np
import pytest

import fxtypes as fx


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


FORMATS = [
    fx.Format(width, frac_bits, signed)
    for width, frac_bits in ((2, 0), (8, 4), (16, 20), (32, 16), (64, 32), (127, 100), (128, -60))
    for signed in (True, False)
]
TOLERANCES = [(1e-5, 1e-8), (0, 0), (0.5, "0.1"), (0, 2), (1e-3, 0), (-1, 3), (1, 0), (3, 1e-300)]


def some_values(fmt, seed):
    """The ends, what is beside 0, and others."""
    words = np.random.default_rng(seed).integers(0, 1 << 62, (8, 3)).tolist()
    span = fmt.raw_max - fmt.raw_min + 1
    raws = [fmt.raw_min + (a << 124 | b << 62 | c) % span for a, b, c in words]
    raws[:5] = fmt.raw_min, fmt.raw_max, 0, 1, max(fmt.raw_min, -1)
    return fx.FixedArray.from_raw(np.array(raws, object), fmt)


def near(p, q, rtol, atol):
    return abs(p - q) <= Fraction(atol) + Fraction(rtol) * abs(q)


@pytest.mark.parametrize("x", FORMATS, ids=str)
def test_closeness_is_that_of_fractions(x):
    a = some_values(x, 0)
    for y in FORMATS:
        for b in (some_values(y, 1), a.astype(y)):
            pairs = list(zip(a.to_fractions(), b.to_fractions(), strict=True))
            for rtol, atol in TOLERANCES:
                expected = [near(p, q, rtol, atol) for p, q in pairs]
                assert fx.isclose(a, b, rtol, atol).tolist() == expected, (y, rtol, atol)


@pytest.mark.parametrize(
    "values",
    [
        [1.0, np.inf, -np.inf, np.nan, 0.1, 1e-300, 0, 3],
        [0.1, 0.2, 0.3, 0, -0.5, 1e5, 2, -32768.5],
        [0.0] * 8,
        [2.0**200] * 8,
        np.array([1, 2, 3, 4, 5, 6, 7, 0.1], np.float32),
        np.arange(8),
        [Fraction(1, 3)] * 8,
        [float("inf"), Fraction(1, 2), 1, 2, 3, 4, 5, 6],
    ],
    ids=str,
)
def test_closeness_to_numbers(values):
    a = some_values(fx.Format(32, 16), 0)
    for rtol, atol in ((1e-5, 10000.0), (1e-5, 0), (0, 40000)):
        pairs = list(zip(a.to_fractions(), values, strict=True))
        finite = [(p, Fraction(q) if isinstance(q, Fraction) else Fraction(float(q)))
                  if np.isfinite(float(q)) else None for p, q in pairs]  # fmt: skip
        expected = [f is not None and near(*f, rtol, atol) for f in finite]
        assert fx.isclose(a, values, rtol, atol).tolist() == expected
        expected = [f is not None and near(*f[::-1], rtol, atol) for f in finite]
        assert fx.isclose(values, a, rtol, atol).tolist() == expected


def test_closeness_counts_and_draws_nothing():
    fmt = fx.Format(16, 8, rounding="stochastic", overflow="raise")
    a = fx.array([1, -128, 127], fmt)
    with fx.seeded(1):
        with fx.record() as events:
            assert fx.isclose(a, a[::-1], atol=300).all()
        drawn = fx.random.uniform(3, fmt)
    with fx.seeded(1):
        assert fx.array_equal(drawn, fx.random.uniform(3, fmt))
    assert events.by_operation == {}
