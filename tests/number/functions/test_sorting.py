"""sort, argsort, partition and lexsort: Python's own numbers are the reference."""

import numpy as np
import pytest
import strategies
from checks import fixed, layouts, raw_list
from examples import ORDERED, repeated
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx


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


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
@pytest.mark.parametrize("axis", [None, 0])
def test_every_other_element(fmt, axis):
    a, plain = repeated(fmt, (40,))
    a, plain = a[::-2], plain[::-2]
    ascending = np.sort(plain).tolist()
    assert raw_list(fx.sort(a, axis)) == ascending
    assert fx.argsort(a, axis, stable=True).tolist() == np.argsort(plain, kind="stable").tolist()
    assert fx.argmax(a, axis) == np.argmax(plain)
    assert fx.argmin(a, axis) == np.argmin(plain)
    assert sorted(raw_list(fx.partition(a, 7, axis))) == ascending
    assert raw_list(fx.partition(a, 7, axis))[7] == ascending[7]
    assert fx.lexsort([a]).tolist() == np.argsort(plain, kind="stable").tolist()
    assert raw_list(fx.unique(a)) == sorted(set(ascending))
    found = np.searchsorted(fx.sort(a), a)
    assert found.tolist() == np.searchsorted(np.sort(plain), plain).tolist()


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
