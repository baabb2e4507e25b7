"""unique, isin and the operations on sets."""

import math

import numpy as np
import pytest
from checks import fixed, raw_list
from examples import ORDERED, repeated, repeated_raws

import fxtypes as fx

Q = fx.Format(16, 8)


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


def test_nan_is_among_nothing():
    a = fx.array([1, 2], Q)
    assert fx.isin(a, [math.nan, 1]).tolist() == [True, False]
    assert not np.array_equal(a, [1, math.nan])
