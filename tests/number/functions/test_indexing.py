"""take, delete, diag, tril and kin; and the indices of all functions."""

import numpy as np
import pytest
from checks import message_of
from examples import move_tests

import fxtypes as fx

# (name, shape, arguments after the array, keywords)
MOVES = [
    ("take", (3, 4), (5,), {}),
    ("take", (3, 4), ([[0, -1], [2, 2]],), {"axis": 0}),
    ("take", (3, 4), ([0, 7, -9],), {"axis": 1, "mode": "wrap"}),
    ("take", (3, 4), ([0, 7],), {"axis": 1, "mode": "clip"}),
    ("take_along_axis", (3, 4), (np.array([[0, 3], [1, 1], [2, 0]]), 1), {}),
    ("take_along_axis", (3, 4), (np.array([0, 11]), None), {}),
    ("delete", (3, 4), (1,), {}),
    ("delete", (3, 4), (slice(0, 3, 2),), {"axis": 1}),
    ("delete", (3, 4), ([0, 2],), {"axis": 0}),
    ("diag", (4,), (), {}),
    ("diag", (4,), (-1,), {}),
    ("diag", (3, 4), (1,), {}),
    ("diagflat", (2, 2), (1,), {}),
    ("diagonal", (3, 4), (), {}),
    ("diagonal", (2, 3, 4), (1, 1, 2), {}),
    ("tril", (3, 4), (), {}),
    ("tril", (2, 3, 4), (-1,), {}),
    ("triu", (3, 4), (1,), {}),
]
test_moves, test_views_are_numpys = move_tests(MOVES)
Q = fx.Format(8, 4)
X = fx.array([1, 2, 3], Q)
WIDE = fx.Format(100, 4)


def test_indices_of_functions():
    for function in (
        lambda: fx.take(X, [5]),
        lambda: fx.put(X.copy(), [5], 1),
        lambda: fx.insert(X, 9, 1),
        lambda: fx.delete(X, 9),
        lambda: fx.take_along_axis(X, np.array([9]), 0),
    ):
        assert "out of bounds" in message_of(IndexError, function)
    nothing = X[:0, np.newaxis][:, :0]
    text = message_of(IndexError, fx.take, nothing, 0, axis=0, mode="wrap")  # NumPy hangs
    assert "no element for an index to wrap to" in text
    assert fx.take(nothing, [], axis=0, mode="wrap").shape == (0, 0)
    assert fx.insert(X, np.arange(X.size) == 1, 0).tolist() == fx.insert(X, [1], 0).tolist()
    assert "got True" in message_of(ValueError, fx.insert, X, True, 0)
    nothing = fx.ones((2, 0), X.format)  # NumPy copies nothing 2**62 times
    assert fx.repeat(nothing, (1 << 62, 4), 0).shape == ((1 << 62) + 4, 0)
    assert fx.repeat(nothing, 1 << 61, -2).shape == (1 << 62, 0)
    message_of(ValueError, fx.repeat, nothing, (1 << 62, -1), 0)
    message_of(ValueError, fx.repeat, nothing, (1 << 62, 1, 1), 0)
    for function in (fx.sum, fx.sort, fx.cumsum, fx.flip, fx.argmax):
        text = message_of(np.exceptions.AxisError, function, X, axis=3)
        assert "axis 3 is out of bounds" in text
    assert "got '0'" in message_of(TypeError, fx.sum, X, axis="0")


@pytest.mark.parametrize("indices", [{1}, 0.5, None])
def test_indices_along_an_axis_are_integers(indices):
    a = fx.zeros(3, fx.Format(8, 4))
    with pytest.raises(TypeError, match="take_along_axis: indices"):
        fx.take_along_axis(a, indices, 0)
    with pytest.raises(TypeError, match="put_along_axis: indices"):
        fx.put_along_axis(a, indices, 0, 0)
    assert fx.take_along_axis(a, [0, 1], 0).shape == (2,)


@pytest.mark.parametrize("fmt", [Q, WIDE])
def test_indices_that_wrap_at_once(fmt):
    a = fx.array([1, 2, 3], fmt)
    indices = [2**62, -(2**62), 2**63 - 1, -(2**63), 4, -1]
    expected = [1.0 + i % 3 for i in indices]
    assert fx.take(a, indices, mode="wrap").tolist() == expected
    assert np.take(a, np.array(indices), mode="wrap").tolist() == expected
    assert fx.take(a, np.uint64(2**64 - 1), mode="wrap") == 1 + (2**64 - 1) % 3
    assert fx.take(a, np.int8(-128), mode="wrap") == 1 + -128 % 3
    assert fx.choose(indices, [a[0], a[1], a[2]], mode="wrap").tolist() == expected
    fx.put(a, [2**62], [5], mode="wrap")
    assert a[2**62 % 3] == 5
    long = fx.zeros((300, 1), fmt)
    assert fx.take(long, np.int8(-1), 0, mode="wrap").shape == (1,)


def test_indices_out_of_range_and_no_integers():
    a = fx.array([1, 2, 3], Q)
    with pytest.raises(IndexError):
        fx.take(a, np.uint64(2**64 - 1))
    assert fx.take(a, np.uint64(2**64 - 1), mode="clip") == 3
    assert fx.take(a, []).shape == (0,)
    for function in (
        lambda i: fx.take(a, i),
        lambda i: fx.put(a, i, 1),
        lambda i: fx.choose(i, [a]),
    ):
        for indices in ([1.5], a, [a[0]], "a", [2**70]):
            with pytest.raises(TypeError, match="integers"):
                function(indices)
    with pytest.raises(ValueError, match="mode is"):
        fx.take(a, 0, mode="warp")
