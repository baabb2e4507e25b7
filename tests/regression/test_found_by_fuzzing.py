"""What tests/fuzz has found."""

import contextlib
import itertools
import os
import pickle
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import fxtypes as fx
from fxtypes.kernels import plan
from fxtypes.products import plan_products

Q = fx.Format(8, 4)
WIDE = fx.Format(100, 4)


@pytest.mark.parametrize("fmt", [Q, WIDE])
def test_one_random_number(fmt):
    assert fx.random.uniform((), fmt).shape == ()
    assert fx.random.normal((), fmt).shape == ()


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (0, 3)])
@pytest.mark.parametrize("fmt", [Q, WIDE])
def test_pickles_of_no_axes_and_of_nothing(fmt, shape):
    assert pickle.loads(pickle.dumps(fx.zeros(shape, fmt))).shape == shape


def test_an_array_made_without_its_makers_is_empty():
    assert fx.FixedArray.__new__(fx.FixedArray).tolist() == []


def test_matmul_of_more_axes_than_numpys_broadcasting_knows():
    a = fx.ones((1,) * 38 + (2, 3), Q)
    assert fx.matmul(a, a.reshape((1,) * 38 + (3, 2))).shape == (1,) * 38 + (2, 2)


@pytest.mark.parametrize("indices", [{1}, 0.5, None])
def test_indices_along_an_axis_are_integers(indices):
    a = fx.zeros(3, fx.Format(8, 4))
    with pytest.raises(TypeError, match="take_along_axis: indices"):
        fx.take_along_axis(a, indices, 0)
    with pytest.raises(TypeError, match="put_along_axis: indices"):
        fx.put_along_axis(a, indices, 0, 0)
    assert fx.take_along_axis(a, [0, 1], 0).shape == (2,)


def test_what_trim_zeros_trims_is_text():
    with pytest.raises(ValueError, match="trim is"):
        fx.trim_zeros(fx.zeros(3, fx.Format(8, 4)), 1.5)


def test_repeat_counts_whose_sum_wraps():
    a = fx.array([1, 2, 3], fx.Format(128, 64))
    with pytest.raises(MemoryError, match="needs about"):
        fx.repeat(a, [2**62, 2**62, 2**63 - 1])
    with pytest.raises(MemoryError, match="needs about"):
        fx.repeat(a, 2**62, 0)


def test_tiles_whose_number_wraps():
    for fmt in (Q, WIDE):
        a = fx.ones((4, 2), fmt)
        for reps in ((2**62, 4), (4, 2**62), 2**61, (2**60, 0), (2**70, 1)):
            with pytest.raises(MemoryError, match="needs about"):
                fx.tile(a, reps)
        assert fx.tile(a, (np.int8(100), np.int8(100))).shape == (400, 200)
        assert fx.tile(a, iter([1, 3])).shape == (4, 6)
    with pytest.raises(TypeError, match="tile: reps are integers"):
        fx.tile(a, (2, 1.5))
    with pytest.raises(ValueError, match="negative"):
        fx.tile(a, (2, -1))


def test_axes_that_cannot_be_compared():
    with pytest.raises(TypeError, match="integers"):
        fx.sliding_window_view(fx.array([1, 2], fx.Format(8, 4)), Decimal("sNaN"))


@pytest.mark.parametrize("overflow", ["wrap", "saturate_zero", "saturate"])
def test_floats_that_need_less_than_their_wide_format(overflow):
    for width in (53, 64, 65, 126, 128):
        fmt = fx.Format(width, 4, overflow=overflow)
        with fx.record() as events:
            assert fx.array([1.5, -2.25, 0], fmt).tolist() == [1.5, -2.25, 0]
        assert events.overflow == 0


@pytest.mark.parametrize("width", [31, 63, 100, 126, 127, 128])
def test_floor_division_by_a_number_far_above(width):
    x = fx.FixedArray.from_raw(1, fx.Format(width, width + 1, signed=False))
    y = fx.FixedArray.from_raw(1, fx.Format(2, 0, signed=False))
    assert fx.floor_divide(x, y, format=y.format) == 0
    assert fx.remainder(x, y, format=x.format) == x


@pytest.mark.parametrize("name", ["split", "array_split", "vsplit"])
def test_more_sections_than_there_is_memory_for(name):
    with pytest.raises(MemoryError, match="needs about"):
        getattr(fx, name)(fx.zeros((0, 3), Q), np.array(1 << 45))


@pytest.mark.parametrize("fmt", [Q, WIDE])
def test_more_differences_than_elements(fmt):
    assert fx.diff(fx.ones((2, 3), fmt), 10**30).shape == (2, 0)
    assert fx.diff(fx.zeros((2, 0), fmt), 10**30).shape == (2, 0)


def test_odd_parameters_by_name():
    a = fx.array([1, 2, 3], Q)
    for place in ("x", None, 1.5, (1.5,), {}, [None]):
        with pytest.raises(TypeError, match="insert: places are integers"):
            fx.insert(a, place, 1)
    assert fx.insert(a, [], []).tolist() == [1, 2, 3]
    assert fx.insert(a, [True, False, True], 5).tolist() == [5, 1, 2, 5, 3]
    with pytest.raises(TypeError, match="Format"):
        fx.diff(a, 1, format=np.array([]))
    with pytest.raises(TypeError, match="integers"):
        fx.split(a, Decimal("1e-40"))


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


@pytest.mark.parametrize("name", ["split", "array_split", "hsplit", "vsplit"])
def test_sections_of_a_million_digits(name):
    for sections in (Decimal("1e999999"), 1.5, None):
        with pytest.raises(TypeError, match=f"{name}: .* integers"):
            getattr(fx, name)(fx.zeros((2, 4), Q), sections)


def test_no_shift_beyond_the_type(monkeypatch):
    # Undefined, in C++: even of an operand that is taken times 0, and of a sum of nothing.
    steps = []
    monkeypatch.setattr(plan, "Step", lambda *arguments: steps.append(arguments))
    results = [fx.Format(32, 13), fx.Format(8, 256), fx.Format(128, -256)]
    formats = [fx.Format(width, point) for width in (8, 17, 64, 128) for point in (-54, 13, 200)]
    for result, x, y in itertools.product(results, formats, formats):
        for coefficients in (((0, 0),), ((0, 0), (3, 1)), ((3, -60), (0, 9)), ((0, 0), (0, -1))):
            with contextlib.suppress(fx.FormatError):  # too far apart
                plan.linear_combination.__wrapped__(
                    coefficients, (x, y)[: len(coefficients)], result
                )
        for inner, bits in itertools.product((0, 1, 100), (0, 1, 8)):
            with contextlib.suppress(fx.FormatError):
                plan_products.product.__wrapped__(x, y, result, bits, bits, inner)
    assert len(steps) > 500
    for _, _, level, _, lifts, *_ in steps:
        assert max(lifts) < (32, 64, 128, 320, 1024)[level]


@pytest.mark.parametrize("width", [8, 17, 33, 64, 128])
def test_a_linear_combination_with_nothing_of_one(width):
    x, y = fx.ones(3, fx.Format(width, -54)) + 2**54, fx.ones(3, fx.Format(width, 7))
    for result in (fx.Format(32, 13), fx.Format(8, 256), fx.Format(128, -256)):
        assert (fx.linear_combination([0.0], [x], result) == 0).all()
        expected = y.astype(result)
        assert (fx.linear_combination([0.0, 1], [x, y], result) == expected).all()
        assert (fx.linear_combination([1, 0], [y, x], result) == expected).all()


def test_what_is_no_array_beside_out():
    a = fx.array([1, 2], Q)
    if hasattr(np, "cumulative_sum"):  # since 2.1
        with pytest.raises(TypeError, match="expected a FixedArray"):
            np.cumulative_sum([5], out=a)
    for function in (np.isneginf, np.isposinf):
        with pytest.raises(TypeError, match=f"{function.__name__}: expected a FixedArray"):
            function(5, out=a)
        assert function(a).tolist() == [False, False]
    with pytest.raises(TypeError, match="out= must be an array"):
        np.isneginf(a, out=Q)


@pytest.mark.parametrize("fmt", [Q, WIDE])
@pytest.mark.parametrize("rounding", ["floor", "stochastic"])
def test_quantiles_that_are_elements(fmt, rounding):
    a = fx.array([[3, -1.5, 0.25, 7, 2], [0, 1, 2, 3, 4]], fmt)
    result = fx.Format(8, 0, rounding=rounding)
    shares = [[0.25, 0.5], [0, 1]]
    for method in ("lower", "linear"):  # of five, the quarters are elements
        with fx.record() as events, fx.seeded(3):
            found = fx.quantile(a, shares, 1, method, keepdims=True, format=result)
        sorted_ = fx.sort(a, 1)
        expected = fx.stack([fx.stack([sorted_[:, [i]] for i in row]) for row in ((1, 2), (0, 4))])
        with fx.seeded(3):
            assert (found == expected.astype(result)).all()
        assert found.shape == (2, 2, 2, 1)
        assert events.by_operation["quantile"]["elements"] == 8
    many = fx.random.uniform((1, 2000), fmt, seed=1)
    assert fx.quantile(many, np.linspace(0, 1, 2000), 0, "nearest").shape == (2000, 2000)
