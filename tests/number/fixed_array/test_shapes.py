"""Arrays of no elements, of no axes and of too many; shapes that don't broadcast."""

from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
from checks import message_of

import fxtypes as fx

WIDTHS = [6, 8, 16, 24, 32, 64, 65, 128]
Q = fx.Format(8, 4)
X = fx.array([1, 2, 3], Q)


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_empty_arrays(shape):
    for width in WIDTHS:
        fmt = fx.Format(width, 2)
        x = fx.zeros(shape, format=fmt)
        assert "[]" in repr(x)
        assert repr(fmt) in repr(x)
        assert str(x)
        assert x.size == 0
        assert (x + x).shape == (x * 2).shape == (-x).shape == shape
        assert (x == x).shape == shape
        assert x.T.shape == shape[::-1]
        assert x.astype(fx.Format(9, 1)).shape == shape
        assert x.tolist() == np.zeros(shape).tolist()
        assert x.raw.shape == x.to_bits().shape == shape
        assert x.copy().shape == shape


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 2)])
def test_functions_of_empty_arrays(shape):
    for x in (fx.zeros(shape, Q), fx.array(np.zeros(shape), Q), fx.zeros(shape, fx.Format(128, 4))):
        for made in (x + x, x / 2, -x, x.copy(), fx.exp(x), x.astype(Q), x << 1, abs(x), x**2):
            assert made.shape == shape
        assert (x == x).shape == shape
        assert x.sum().item() == 0
        assert x.prod().item() == 1
        assert fx.sort(x).shape == shape
        assert fx.unique(x).shape == (0,)
        assert str(x)
        for name in ("min", "max", "mean", "argmin", "argmax", "var", "std", "ptp"):
            text = message_of(ValueError, getattr(fx, name), x)
            assert name in text
            assert str(shape) in text or "0 elements" in text
    for obj in ([], [[]], [[], []], ()):
        assert fx.array(obj, Q).shape == np.array(obj).shape
        assert fx.FixedArray.from_raw(obj, Q).shape == np.array(obj).shape


def test_zero_dimensions():
    x = fx.array(1.5, Q)
    assert (x.shape, x.ndim, x.size, x.T.shape) == ((), 0, 1, ())
    assert (x + x).shape == (x * X[:0].sum()).shape == ()
    assert (x + X).shape == (3,)
    assert x[()].item() == x[...].item() == x.item() == Fraction(3, 2)
    assert x[None].shape == (1,)
    assert x.sum().item() == x.mean().item() == x.cumsum()[0].item() == x.item()
    x[...] = 2
    x[()] += 1
    assert (bool(x), int(x), float(x), x.tolist()) == (True, 3, 3.0, 3.0)
    for function, said in ((len, "0-d"), (list, "0-d"), (fx.diff, "0-d"), (fx.sort, "axis")):
        with pytest.raises((TypeError, ValueError), match=said):
            function(x)
    with pytest.raises(IndexError):
        x[0]


def nested(value, depth):
    return reduce(lambda inner, _: [inner], range(depth), value)


def test_64_dimensions():
    for value in (1, 1.5):
        assert fx.array(nested(value, 64), Q).shape == (1,) * 64
    assert fx.zeros((1,) * 64, Q).ndim == 64


@pytest.mark.parametrize("depth", [65, 66, 500, 5000])
def test_65_dimensions(depth):
    for value in (1, 1.5, "0.5", Fraction(1, 2), np.ones(1), fx.ones(1, Q)):
        for make in (fx.array, fx.FixedArray.from_raw, fx.from_bits):
            if make is fx.array or type(value) is int:
                assert "64 axes" in message_of(ValueError, make, nested(value, depth), Q)
    for function in (
        lambda shape: fx.zeros(shape, Q),
        lambda shape: fx.full(shape, 2, Q),
        lambda shape: X[:1].reshape(shape),
        lambda shape: fx.broadcast_to(X[0], shape),
        lambda shape: fx.random.uniform(shape, Q),
    ):
        assert "64" in message_of(ValueError, function, (1,) * depth)


def test_a_list_that_holds_itself():
    endless = []
    endless.append(endless)
    for make in (fx.array, fx.FixedArray.from_raw, fx.from_bits):
        assert "64 axes" in message_of(ValueError, make, endless, Q)


def test_arrays_of_65_dimensions_by_an_operation():
    x = fx.zeros((1,) * 64, Q)
    for function in (lambda: x[None], lambda: fx.expand_dims(x, 0), lambda: fx.stack([x])):
        with pytest.raises((IndexError, ValueError), match="64"):
            function()


@pytest.mark.parametrize(
    "name",
    ["add", "subtract", "multiply", "divide", "floor_divide", "remainder", "divmod", "maximum",
     "minimum", "bitwise_and", "equal", "less", "matmul", "dot", "left_shift", "power"],
)  # fmt: skip
def test_shapes_that_do_not_broadcast(name):
    other = np.ones((2, 2), int)
    others = [other] if name in ("left_shift", "power") else [other, fx.array(other, Q)]
    for y in others:
        for a, b in ((X, y), (y, X)):
            if isinstance(a, np.ndarray) and len(others) == 1:
                continue
            text = message_of(ValueError, getattr(fx, name), a, b)
            assert "(3,)" in text
            assert "(2, 2)" in text
