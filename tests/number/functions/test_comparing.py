"""array_equal, array_equiv, isclose and allclose."""

import numpy as np

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
