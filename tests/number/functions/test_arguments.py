"""Arguments that functions refuse as NumPy's do, and their parameters' names."""

import inspect
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import fxtypes as fx

ERRORS = [
    (lambda a: fx.reshape(a, (5,)), ValueError, "reshape"),
    (lambda a: fx.reshape(a.T, (12,), copy=False), ValueError, "copy=False"),
    (lambda a: fx.transpose(a, (0, 0)), ValueError, "axis"),
    (lambda a: fx.squeeze(a, 0), ValueError, "squeeze"),
    (lambda a: fx.split(a, 5), ValueError, "division"),
    (lambda a: fx.take(a, 12), IndexError, "12"),
    (lambda a: fx.concatenate([a, a[0]]), ValueError, "dimension"),
    (lambda a: fx.concatenate([]), ValueError, "at least one"),
    (lambda a: fx.concatenate([np.ones(2)]), TypeError, "FixedArray"),
    (lambda a: fx.flip(np.ones(2)), TypeError, "fx.array"),
    (lambda a: fx.stack([a, a[0]]), ValueError, "shape"),
    (lambda a: fx.select([a > 0], [a, a]), ValueError, "conditions"),
    (lambda a: fx.choose(a, [a, a]), TypeError, "integers"),
    (lambda a: fx.choose([2], [a[0], a[0]]), ValueError, "choice"),
    (lambda a: fx.place(a, a > -1, []), ValueError, "no values"),
    (lambda a: fx.matrix_transpose(a[0]), ValueError, "two axes"),
    (lambda a: fx.unstack(a[0, 0]), ValueError, "0-d"),
    (lambda a: fx.where(a > 0, a), ValueError, "both"),
    (lambda a: fx.insert(a, 99, 1), IndexError, "99"),
    (lambda a: np.flip(a, 2), np.exceptions.AxisError, "2"),
    (lambda a: np.append(a, "1"), TypeError, "number"),
]
Q = fx.Format(16, 8)
NARROW = fx.Format(8, 4)


@pytest.mark.parametrize(("call", "error", "match"), ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, match):
    a = fx.arange(12, format=fx.Format(16, 4)).reshape(3, 4)
    with pytest.raises(error, match=match):
        call(a)


MOVES = (
    *[
        "reshape",
        "ravel",
        "transpose",
        "moveaxis",
        "rollaxis",
        "swapaxes",
        "squeeze",
        "expand_dims",
        "broadcast_to",
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
    ],
    *["flip", "fliplr", "flipud", "rot90", "roll", "tile", "repeat", "resize", "copy"],
    *["take", "take_along_axis", "delete", "diag", "diagflat", "diagonal", "tril", "triu"],
    *["split", "array_split", "hsplit", "vsplit", "dsplit"],
    *["pad"],
    *("concatenate", "stack", "insert", "put", "place"),
)


def test_parameters_have_numpys_names():
    """What works by keyword with NumPy works with ours."""
    for name in MOVES:
        try:
            theirs = list(inspect.signature(getattr(np, name)).parameters)
        except ValueError:  # NumPy 2.0 has some in C
            continue
        ours = list(inspect.signature(getattr(fx, name)).parameters)
        theirs = ["shape" if p == "newshape" else p for p in theirs if p not in ("subok", "out")]
        shared = [p for p in ours if p in theirs]
        assert ours[0] == theirs[0], name
        assert shared == [p for p in theirs if p in shared], name


def test_empty_and_mixed_arguments():
    q = fx.Format(100, 4)
    a, none = fx.arange(3, format=q), fx.zeros(0, q)
    np.put(a, [], 5)
    np.put(none, [], [])
    assert a.tolist() == [0, 1, 2]
    x, y = np.meshgrid(a, np.arange(2))
    assert isinstance(x, fx.FixedArray)
    assert y.dtype == np.arange(2).dtype
    assert np.pad(none, 2).tolist() == [0] * 4
    assert np.resize(none, (2, 2)).tolist() == [[0, 0], [0, 0]]
    assert np.concatenate([a, none]).tolist() == a.tolist()
    assert np.insert(a, 1, 5).tolist() == [0, 5, 1, 2]
    assert np.take(a, []).shape == (0,)
    assert fx.stack([a[0], a[1]]).tolist() == [0, 1]


def test_arguments_that_numpy_refuses():
    a, square = fx.array([1, 2, 3], Q), fx.zeros((2, 2), Q)
    for error, call in (
        (ValueError, lambda: np.pad(a, 1, "edge", constant_values=3)),
        (ValueError, lambda: np.pad(a, 1, "reflect", stat_length=1)),
        (ValueError, lambda: np.pad(a, 1, "foo")),
        (ValueError, lambda: np.pad(a, 1, "mean", end_values=1)),
        (TypeError, lambda: np.repeat(a, fx.array([1.5, 2.75, 0.5], Q))),
        (TypeError, lambda: square.sort(axis=None)),
        (ValueError, lambda: np.size(square, (0, 0))),
        (np.exceptions.AxisError, lambda: np.size(square, 5)),
        (ValueError, lambda: a.fill([1])),
    ):
        with pytest.raises(error):
            call()
    assert np.size(square, 0) == 2
    target = fx.zeros(3, Q)
    np.copyto(target, a[None])
    assert target.tolist() == [1, 2, 3]
    np.copyto(target[0:1].reshape(()), [Fraction(1, 2)])
    assert target[0] == 0.5


def test_odd_parameters_by_name():
    a = fx.array([1, 2, 3], NARROW)
    for place in ("x", None, 1.5, (1.5,), {}, [None]):
        with pytest.raises(TypeError, match="insert: indices are integers"):
            fx.insert(a, place, 1)
    assert fx.insert(a, [], []).tolist() == [1, 2, 3]
    assert fx.insert(a, [True, False, True], 5).tolist() == [5, 1, 2, 5, 3]
    with pytest.raises(TypeError, match="Format"):
        fx.diff(a, 1, format=np.array([]))
    with pytest.raises(TypeError, match="integers"):
        fx.split(a, Decimal("1e-40"))
