"""NumPy's functions on FixedArrays that have no counterpart of the same name here."""

import numpy as np
import pytest

import fxtypes as fx

Q = fx.Format(16, 8)


def test_keywords_that_are_not_there():
    a = fx.array([1, 2, 3], Q)
    for call in (
        lambda: np.sum(a, dtype=np.float64),
        lambda: np.zeros_like(a, dtype=float),
        lambda: np.mean(a, dtype=np.float32),
        lambda: np.concatenate([a, a], dtype=np.int8),
    ):
        with pytest.raises(TypeError):
            call()
    assert np.sum(a, dtype=None, keepdims=np._NoValue).tolist() == 6
    assert np.sum(a, None, None, None, True).tolist() == [6]
    assert np.sum(a, dtype=fx.Format(32, 4)).format == fx.Format(32, 4)
    assert np.unique(a, equal_nan=False).tolist() == [1, 2, 3]


def test_functions_of_our_own():
    a = fx.array([[1, 2, 3], [4, 5, 6]], Q)
    assert np.shape(a) == (2, 3)
    assert np.ndim(a) == 2
    assert np.size(a) == 6
    assert np.size(a, 1) == 3
    assert np.zeros_like(a).tolist() == [[0] * 3] * 2
    assert np.ones_like(a, dtype=fx.Format(8, 0)).format == fx.Format(8, 0)
    assert np.full_like(a, 1.5, shape=(2,)).tolist() == [1.5, 1.5]
    assert np.empty_like(a).tolist() == [[0] * 3] * 2
    assert np.imag(a).tolist() == [[0] * 3] * 2
    assert np.real(a).tolist() == a.tolist()
    assert np.isreal(a).all()
    assert not np.iscomplex(a).any()
    assert np.isrealobj(a)
    assert not np.iscomplexobj(a)
    assert np.isposinf(a).tolist() == [[False] * 3] * 2
    assert np.linalg.diagonal(a).tolist() == [1, 5]
    assert np.shares_memory(a, a[0])
    assert not np.shares_memory(a, a.copy())
    assert np.may_share_memory(a, a.T)
    assert np.nan_to_num(a).tolist() == a.tolist()
    assert np.array_str(a) == str(a) == np.array2string(a)
    assert np.array_repr(a) == repr(a)
    assert np.nanmax(a).tolist() == 6
    assert np.average(a, axis=1).tolist() == [2, 5]
    assert np.triu_indices_from(a, k=1)[1].tolist() == [1, 2, 2]
    assert np.tril_indices_from(a[:, :2])[0].tolist() == [0, 1, 1]
    assert np.diag_indices_from(a[:, :2])[0].tolist() == [0, 1]
    if hasattr(np, "cumulative_sum"):
        assert np.cumulative_sum(a, axis=1).tolist() == [[1, 3, 6], [4, 9, 15]]
        assert np.cumulative_prod(a[0]).tolist() == [1, 2, 6]
    assert np.astype(a, fx.Format(8, 0)).format == fx.Format(8, 0) if hasattr(np, "astype") else 1
    assert np.array_str(a[0] / 7, precision=2) == "[0.14 0.29 0.43]"


@pytest.mark.parametrize("width", [16, 100])
def test_functions_that_apply_others(width):
    plain = np.arange(24.0).reshape(2, 3, 4)
    a = fx.array(plain, fx.Format(width, 4))
    for axis in range(-3, 3):
        for numpys in (np.sum, np.flip, np.diag, np.argmax):
            found = np.apply_along_axis(numpys, axis, a)
            assert np.array_equal(np.asarray(found), np.apply_along_axis(numpys, axis, plain))
            assert isinstance(found, fx.FixedArray) == (numpys is not np.argmax)
    found = np.apply_over_axes(np.sum, a, [0, -1])
    assert found.format is a.format
    assert found.tolist() == np.apply_over_axes(np.sum, plain, [0, -1]).tolist()
    with pytest.raises(ValueError, match="no vector"):
        np.apply_along_axis(np.sum, 1, a[:0])


def test_along_an_axis_a_sequence_becomes_an_array():
    a = fx.arange(6, Q).reshape(2, 3)
    found = np.apply_along_axis(lambda row: [row[1], row[0]], 1, a)
    assert found.format == Q
    assert found.tolist() == [[1, 0], [4, 3]]
    assert np.apply_along_axis(lambda row: [1, 2], 1, a).tolist() == [[1, 2], [1, 2]]


def test_keywords_that_change_nothing_or_little():
    a = fx.array([1, 2], Q)
    assert np.nan_to_num(a, nan=1).tolist() == [1, 2]
    assert np.nan_to_num(a, copy=False) is a
    assert np.shares_memory(np.real(a), a)
    assert fx.clip(a, a_min=2).tolist() == fx.clip(a, a_max=3, a_min=2).tolist() == [2, 2]
    with fx.record() as events:
        fx.ediff1d(a)
        fx.histogram(a)
    assert list(events.by_operation) == ["ediff1d", "convert"]


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="NumPy 2.1 is the first with it")
def test_cumulative_sums_from_nothing():
    a = fx.array([[1, 2], [3, 4]], Q)
    assert np.cumulative_sum(a, axis=1, include_initial=True).tolist() == [[0, 1, 3], [0, 3, 7]]
    assert np.cumulative_prod(a, axis=0, include_initial=True).tolist() == [[1, 1], [1, 2], [3, 8]]
    out = fx.zeros((2, 3), Q)
    assert np.cumulative_sum(a, axis=-1, include_initial=True, out=out) is out
    assert out.tolist() == [[0, 1, 3], [0, 3, 7]]
