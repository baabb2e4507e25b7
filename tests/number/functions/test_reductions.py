"""What all reductions share: parameters, axes, out=, nothing to reduce; and argmax."""

import inspect
from fractions import Fraction

import numpy as np
import pytest
import strategies
from checks import exact_values, fixed, layouts, objects, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

SOME = ("prod", "ptp", "var", "std", "cumsum", "cumprod", "any", "all", "count_nonzero")
Q = fx.Format(16, 8)


@given(st.data(), strategies.formats(), st.booleans())
def test_argmax(data, fmt, keepdims):
    shape = data.draw(strategies.shapes().filter(lambda shape: 0 not in shape))
    raws = data.draw(strategies.raw_lists(fmt, shape))
    # Equal maxima are likely: the first one counts.
    x = fixed(raws, fmt, shape, data.draw(layouts))
    array = objects(raws, shape)
    some = st.integers(-len(shape), len(shape) - 1) if shape else st.nothing()
    axis = data.draw(st.one_of(st.none(), some))
    expected = np.argmax(array, axis=axis, keepdims=keepdims)
    for result in (
        fx.argmax(x, axis=axis, keepdims=keepdims),
        x.argmax(axis=axis, keepdims=keepdims),
    ):
        assert np.shape(result) == np.shape(expected)
        assert np.ravel(result).tolist() == np.ravel(expected).tolist()
        assert np.asarray(result).dtype == np.int64


@pytest.mark.parametrize("fmt", [fx.Format(16, 8), fx.Format(128, 64)], ids=str)
def test_nothing(fmt):
    x = fx.zeros((0, 3), fmt)
    assert x.prod().item() == 1
    assert x.prod(axis=0).tolist() == [1, 1, 1]
    assert x.prod(axis=1, keepdims=True).shape == (0, 1)
    assert x.cumsum(axis=0).shape == x.cumprod(axis=0).shape == (0, 3)
    assert x.cumsum().shape == x.cumprod().shape == (0,)
    assert not x.any()
    assert x.all()
    for name in ("ptp", "var", "std"):
        with pytest.raises(ValueError, match=name):
            getattr(x, name)()
        with pytest.raises(ValueError, match=name):
            getattr(x, name)(axis=0)
    assert x.ptp(axis=1).shape == x.var(axis=1).shape == x.std(axis=1).shape == (0,)
    one = fx.ones(1, fmt)
    for name in ("var", "std"):
        with pytest.raises(ValueError, match="ddof"):
            getattr(one, name)(ddof=1)


@pytest.mark.parametrize("name", SOME)
def test_bad_axes(name):
    x = fx.ones((2, 3), fx.Format(16, 8))
    function = getattr(fx, name)
    for axis in (2, -3):
        with pytest.raises(np.exceptions.AxisError):
            function(x, axis)
    for axis in (0.5, "0"):
        with pytest.raises(TypeError):
            function(x, axis)
    if name.startswith("cum"):
        with pytest.raises(TypeError, match="one axis"):
            function(x, (0, 1))
    else:
        with pytest.raises(ValueError, match="twice"):
            function(x, (0, 0))
    with pytest.raises(TypeError):
        function([1, 2])


def test_out_of_reductions():
    fmt, wide = fx.Format(16, 8), fx.Format(32, 20)
    x = fx.array([[1.5, 2], [3, -0.25]], fmt)
    for name in ("sum", "mean", "prod", "min", "max", "ptp", "var", "std"):
        out = fx.zeros(2, wide)
        assert getattr(fx, name)(x, 0, out=out) is out
        assert raw_list(out) == raw_list(getattr(fx, name)(x, 0, format=wide))
    for name in ("cumsum", "cumprod"):
        expected = raw_list(getattr(fx, name)(x, 0))
        y = x.copy()
        assert getattr(fx, name)(y, 0, out=y) is y
        assert raw_list(y) == expected
    with pytest.raises(TypeError, match="float64"):
        fx.sum(x, 0, out=np.zeros(2))
    with pytest.raises(ValueError, match="shape"):
        fx.sum(x, 0, out=fx.zeros(3, fmt))
    with pytest.raises(fx.FormatError):
        fx.sum(x, 0, format=fmt, out=fx.zeros(2, wide))


def test_out_and_keepdims():
    x = fx.array([[1, 2], [3, 4]], Q)
    out = fx.zeros((1, 2), fx.Format(32, 4))
    mask = [[True, False], [True, True]]
    assert fx.sum(x, 0, out=out, keepdims=True, initial=0.5, where=mask) is out
    assert exact_values(out) == [Fraction(9, 2), Fraction(9, 2)]
    assert np.add.reduce(x, 0, None, out, True, 0.5, mask) is out
    assert exact_values(out) == [Fraction(9, 2), Fraction(9, 2)]
    places = np.zeros(2, np.intp)
    assert x.argmax(0, places) is places
    for wrong in ([0, 0], 5, "out", fx.zeros(2, Q)):
        with pytest.raises(TypeError, match="out= must be"):
            fx.argmax(x, 0, out=wrong)
        with pytest.raises(TypeError, match="out= must be"):
            fx.any(x, 0, out=wrong)
    with pytest.raises(TypeError, match="out= must be"):
        fx.sum(x, 0, out=np.zeros(2))


# What ours have that NumPy's don't, and what NumPy's have that is refused by name.
@pytest.mark.parametrize(
    "name",
    ["sum", "prod", "min", "max", "mean", "var", "std", "any", "all", "cumsum", "cumprod", "ptp",
     "argmax", "argmin"],
)  # fmt: skip
def test_parameters_are_numpys_in_numpys_order(name):
    numpys = [p for p in inspect.signature(getattr(np, name)).parameters if p != "kwargs"]
    numpys = ["format" if p == "dtype" else p for p in numpys if p not in ("mean", "correction")]
    ours = [p for p in inspect.signature(getattr(fx, name)).parameters]
    if "format" not in numpys and "format" in ours:
        ours.remove("format")
    assert ours == numpys


def test_refused_keywords_say_why():
    x = fx.ones(3, Q)
    with pytest.raises(TypeError, match=r"np\.var of FixedArrays takes no mean=.*exact mean"):
        np.var(x, mean=1)
    assert np.var(x, correction=1).item() == 0
