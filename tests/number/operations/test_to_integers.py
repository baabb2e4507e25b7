"""floor, ceil, trunc and round."""

import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import arrays, check_stored, exact_values
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

TO_INTEGERS = {"floor": math.floor, "ceil": math.ceil, "trunc": math.trunc}
Q = fx.Format(16, 8)


@given(st.data(), st.sampled_from(list(TO_INTEGERS)), strategies.formats())
def test_floor_ceil_trunc(data, name, fmt):
    _, x = data.draw(arrays(fmt, (5,)))
    target = data.draw(st.none() | strategies.formats())
    exact = [Fraction(TO_INTEGERS[name](value)) for value in exact_values(x)]
    check_stored(lambda: getattr(fx, name)(x, format=target), exact, target or fmt, (5,), name)


@given(st.data(), strategies.formats(), st.integers(-12, 12) | st.integers(-90, 90))
def test_round(data, fmt, decimals):
    _, x = data.draw(arrays(fmt, (5,)))
    target = data.draw(st.none() | strategies.formats())
    exact = [oracle.exact_round(value, decimals) for value in exact_values(x)]
    result = target or fmt
    check_stored(lambda: fx.round(x, decimals, format=target), exact, result, (5,), "round")


def test_round_ties_to_even():
    x = fx.array([0.5, 1.5, 2.5, -0.5, -1.5, 2.125], fx.Format(16, 8))
    assert fx.round(x).tolist() == [0, 2, 2, 0, -2, 2]
    assert x.round(2).to_fractions()[-1] == Fraction(round(Fraction(212, 100) * 256), 256)
    assert np.round(x).tolist() == [0, 2, 2, 0, -2, 2]
    assert not fx.round(x, -(10**9)).any()
    assert fx.round(x, 10**9).tolist() == x.tolist()
    with pytest.raises(TypeError):
        fx.round(x, 1.5)


def test_the_integers_of_one_element():
    x = fx.array(Fraction(2**60) - Fraction(1, 16), fx.Format(100, 8))
    assert [int(x), math.floor(x), math.ceil(x), math.trunc(x), round(x)] == [
        2**60 - 1, 2**60 - 1, 2**60, 2**60 - 1, 2**60]  # fmt: skip
    assert round(fx.array([1.25], Q), 1).format == Q
    with pytest.raises(ValueError, match="one element"):
        math.floor(fx.zeros(2, Q))
