"""put, place, putmask, copyto, fill_diagonal and insert."""

import numpy as np
import pytest
from examples import MOVED, agree, numbered

import fxtypes as fx


@pytest.mark.parametrize("fmt", MOVED, ids=str)
def test_in_place(fmt):
    b, y = numbered(fmt, (5,), 5)
    mask = np.arange(12).reshape(3, 4) % 3 == 0
    calls = [
        (np.put, ([0, -1, 5], "values"), {}),
        (np.put, ([13, -14], "values"), {"mode": "wrap"}),
        (np.put, ([13, -14], "values"), {"mode": "clip"}),
        (np.place, (mask, "values"), {}),
        (np.putmask, (mask, "values"), {}),
        (np.fill_diagonal, ("values",), {}),
    ]
    for function, args, kwargs in calls:
        a, x = numbered(fmt, (3, 4))
        values = b[:3] if function is np.fill_diagonal else b
        plain = y[:3] if function is np.fill_diagonal else y
        function(a, *(values if arg is args[-1] else arg for arg in args), **kwargs)
        function(x, *(plain if arg is args[-1] else arg for arg in args), **kwargs)
        agree(a, x, fmt)
    a, x = numbered(fmt, (3, 4))
    np.put_along_axis(a, np.array([[0], [3], [2]]), b[:3].reshape(3, 1), axis=1)
    np.put_along_axis(x, np.array([[0], [3], [2]]), y[:3].reshape(3, 1), axis=1)
    agree(a, x, fmt)
    np.copyto(a, b[:4], where=mask)
    np.copyto(x, y[:4], where=mask)
    agree(a, x, fmt)
    np.copyto(a, b[0])
    agree(a, np.full((3, 4), y[0], object), fmt)
    tall, plain = numbered(fmt, (7, 2))
    np.fill_diagonal(tall, b[1], wrap=True)
    np.fill_diagonal(plain, y[1], wrap=True)
    agree(tall, plain, fmt)


def test_in_place_reaches_through_views():
    q = fx.Format(100, 4)
    base = fx.zeros((3, 4), q)
    np.put(base.T, [1, 2], [5, 6])  # the second and third element of the first column
    assert base.tolist() == [[0, 0, 0, 0], [5, 0, 0, 0], [6, 0, 0, 0]]


def test_a_rejected_value_leaves_the_array_as_it_was():
    q = fx.Format(8, 4, overflow="raise")
    a = fx.array([1, 2, 3], q)
    for call in (
        lambda: np.put(a, [0, 1], [1.5, 100]),
        lambda: np.putmask(a, [True, True, False], [1.5, 100]),
        lambda: np.place(a, [True, True, False], [1.5, 100]),
        lambda: np.copyto(a, [1, 1, 100]),
        lambda: np.fill_diagonal(a.reshape(1, 3), 100),
        lambda: np.insert(a, 0, 100),
        lambda: np.pad(a, 1, constant_values=100),
    ):
        with pytest.raises(fx.FixedOverflowError):
            call()
    with pytest.raises(IndexError):
        np.put(a, [0, 3], 0)
    assert a.tolist() == [1, 2, 3]
