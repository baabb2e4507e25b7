"""where, select and choose."""

import numpy as np
import oracle
import pytest
import strategies
from checks import broadcast, check_stored, fixed, layouts, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

Q = fx.Format(16, 8)


@given(st.data(), strategies.formats())
def test_where(data, fmt):
    other = data.draw(
        strategies.formats(rounding=st.just(fmt.rounding), overflow=st.just(fmt.overflow))
    )
    try:
        target = fx.Format(*oracle.common_format(fmt, other))
    except oracle.OracleFormatError:
        with pytest.raises(fx.FormatError, match="format="):
            fx.where(np.array([True]), fixed([0], fmt), fixed([0], other))
        return
    x_raws = data.draw(strategies.raw_lists(fmt, (2, 3)))
    y_raws = data.draw(strategies.raw_lists(other, (3,)))
    choice = data.draw(st.lists(st.booleans(), min_size=2, max_size=2))
    condition = np.array(choice).reshape(2, 1)
    x, y = fixed(x_raws, fmt, (2, 3), data.draw(layouts)), fixed(y_raws, other)
    xs = [oracle.value(raw, fmt) for raw in x_raws]
    ys = broadcast(y_raws, other, (3,), (2, 3))
    chosen = np.broadcast_to(condition, (2, 3)).ravel().tolist()
    exact = [a if yes else b for yes, a, b in zip(chosen, xs, ys, strict=True)]
    if fmt is other:  # moves elements, changes none: also not the lowest of a symmetric format
        assert raw_list(fx.where(condition, x, y)) == [
            a if yes else b for yes, a, b in zip(chosen, x_raws, y_raws * 2, strict=True)
        ]
    else:
        check_stored(lambda: fx.where(condition, x, y), exact, target, (2, 3))


def test_where_with_numbers():
    fmt = fx.Format(8, 2)
    x = fx.array([1, 2, 3], fmt)
    condition = np.array([True, False, True])
    assert raw_list(fx.where(condition, x, 0)) == [4, 0, 12]
    assert raw_list(fx.where(condition, 100, x)) == [127, 8, 127]
    assert raw_list(fx.where(condition, 0.3, x)) == [1, 8, 1]
    assert raw_list(fx.where(x > 1, x, -x)) == [-4, 8, 12]
    with pytest.raises(fx.FixedOverflowError):
        fx.where(condition, 100.0, x)
    target = fx.Format(8, 0)
    doubled = x * 2
    check_stored(lambda: fx.where(condition, x, doubled, format=target), [1, 4, 3], target, (3,))


def test_where_without_choices():
    a = fx.array([[0, 1], [2, 0]], fx.Format(128, 4))
    assert [part.tolist() for part in np.where(a)] == [[0, 1], [1, 0]]
    assert [part.tolist() for part in fx.where(a > 1)] == [[1], [0]]


def test_conditions_that_are_fixed_arrays():
    a = fx.array([0, 2], Q)
    assert np.where(a, 1, 2).tolist() == [2, 1]
    assert np.compress(a, a).tolist() == a.compress(a).tolist() == [2]
    assert np.compress(a, [1, 2]).tolist() == [2]
    with pytest.raises(TypeError, match="compress: expected"):
        fx.compress([True], 3)
