"""FixedArray as a container: attributes, iteration, memory."""

import operator
import weakref

import numpy as np
import pytest
from checks import fixed, raw_list
from examples import example, same

import fxtypes as fx

WIDTHS = [6, 8, 16, 24, 32, 64, 65, 128]
Q = fx.Format(16, 8)


@pytest.mark.parametrize("width", WIDTHS)
def test_attributes(width):
    x, _ = example(width)
    itemsize = {6: 1, 8: 1, 16: 2, 24: 4, 32: 4, 64: 8, 65: 16, 128: 16}[width]
    assert x.format is x.dtype is fx.Format(width, 2)
    assert (x.shape, x.ndim, x.size, x.nbytes) == ((3, 4, 2), 3, 24, 24 * itemsize)
    assert type(x.size) is int
    assert x.T.shape == (2, 4, 3)
    assert len(x) == 3
    with pytest.raises(TypeError):
        len(x[0, 0, 0])
    with pytest.raises(AttributeError):
        x.format = fx.Format(8, 8)


def test_unhashable():
    with pytest.raises(TypeError, match="unhashable"):
        hash(fx.zeros((), format=fx.Format(8, 0)))


def test_not_made_by_its_class():
    with pytest.raises(TypeError, match=r"array"):
        fx.FixedArray([1, 2], fx.Format(8, 0))


@pytest.mark.parametrize("width", WIDTHS)
def test_iteration(width):
    x, plain = example(width)
    rows = list(x)
    assert len(rows) == 3
    for row, expected in zip(rows, plain, strict=True):
        same(row, expected)
    same(rows[0][1][0], plain[0, 1, 0])
    assert list(fx.zeros(0, format=x.format)) == []
    with pytest.raises(TypeError):
        iter(x[0, 0, 0])


@pytest.mark.parametrize("width", WIDTHS)
def test_read_only_memory_is_respected(width):
    """What NumPy broadcasts is many elements in one place: results never lie there."""
    x = fixed([1], fx.Format(width, 0), (1,))
    y = fx.zeros((3, 1), format=x.format) + x
    y[0] = 5
    assert raw_list(y) == [5, 1, 1]
    assert raw_list(x) == [1]


@pytest.mark.parametrize("width", WIDTHS)
def test_memory_of_a_freed_array_is_reused_only_where_nobody_sees_it(width):
    """Results take the memory of small arrays that were freed: never what a view still shows."""
    fmt = fx.Format(width, 0)
    x, one = fixed(range(3, 10), fmt), fixed([1] * 7, fmt)

    def churn():
        kept = [x - one for _ in range(20)]
        for _ in range(20):
            assert raw_list(x - one - one) == list(range(1, 8))
        assert all(raw_list(k) == list(range(2, 9)) for k in kept)

    views = {
        "slice": lambda r: r[1:3],
        "all": lambda r: r[:],
        "reshaped": lambda r: r.reshape(7, 1)[1:3, 0],
        "words": lambda r: r.words[1:3],
        "bytes": lambda r: memoryview(r.words)[1:3],
    }
    for view in views.values():
        seen = view(x + one)
        before = np.array(seen.words if isinstance(seen, fx.FixedArray) else seen)
        churn()
        assert np.array_equal(
            np.array(seen.words if isinstance(seen, fx.FixedArray) else seen), before
        )


def test_operators_of_python_see_sequences():
    a = fx.array([1, 2, 3], fx.Format(8, 4))
    assert operator.length_hint(a) == 3
    assert [float(x) for x in reversed(a)] == [3, 2, 1]


def test_a_freed_array_is_dead_to_weak_references():
    a = fx.array([1, 2, 3], Q)
    seen = weakref.ref(a.raw.base)
    del a
    assert seen() is None


def test_membership():
    a = fx.arange(12, Q).reshape(3, 4)
    assert 5 in a
    assert a[0] in a
    assert 99 not in a
    assert None not in a
    assert 5 in fx.array(5, Q)
    assert 5 not in fx.zeros((3, 0), Q)


def test_an_array_made_without_its_makers_is_empty():
    assert fx.FixedArray.__new__(fx.FixedArray).tolist() == []
