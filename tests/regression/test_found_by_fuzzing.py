"""What tests/fuzz has found."""

import pickle

import pytest

import fxtypes as fx

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
