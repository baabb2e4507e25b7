"""Bit operations, and floor, ceil, trunc, round, sign, square, diff."""

import itertools
import math
import operator
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import arrays, check_stored, exact_values, fixed, raw_list
from hypothesis import assume, given
from hypothesis import strategies as st

import fxtypes as fx

BITWISE = {"and": operator.and_, "or": operator.or_, "xor": operator.xor}
IN_PLACE = {"and": operator.iand, "or": operator.ior, "xor": operator.ixor}
WHOLE = {"floor": math.floor, "ceil": math.ceil, "trunc": math.trunc}


# --- bits -----------------------------------------------------------------------------------


@given(st.data(), st.sampled_from(list(BITWISE)), strategies.formats(), strategies.formats())
def test_bitwise(data, name, x_fmt, y_fmt):
    target = data.draw(st.none() | strategies.formats())
    if target is None:
        y_fmt = y_fmt.replace(rounding=x_fmt.rounding, overflow=x_fmt.overflow)
        try:
            result = fx.Format(*oracle.common_format(x_fmt, y_fmt))
        except oracle.OracleFormatError:
            assume(False)
    (_, x), (_, y) = data.draw(arrays(x_fmt, (5,))), data.draw(arrays(y_fmt, (5,)))
    exact = [
        oracle.exact_bitwise(name, a, x_fmt, b, y_fmt)
        for a, b in zip(raw_list(x), raw_list(y), strict=True)
    ]

    def compute():
        if target is None:
            return BITWISE[name](x, y)
        return getattr(fx, f"bitwise_{name}")(x, y, format=target)

    check_stored(compute, exact, target or result, (5,), f"bitwise_{name}")


@pytest.mark.parametrize("name", BITWISE)
@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_bitwise_on_raw_integers(name, width):
    fmt = fx.Format(width, 3)
    raws = [fmt.raw_min, -1, 0, 5, fmt.raw_max]
    x, y = fixed(raws, fmt), fixed(raws[::-1], fmt)
    expected = [BITWISE[name](a, b) for a, b in zip(raws, raws[::-1], strict=True)]
    assert raw_list(BITWISE[name](x, y)) == expected
    z = x.copy()
    same = z
    z = IN_PLACE[name](z, y)
    assert z is same
    assert raw_list(z) == expected


@pytest.mark.parametrize("name", BITWISE)
@pytest.mark.parametrize("other", [1, -2, 12, 10**60, np.int16(7), np.arange(5), True])
def test_bitwise_with_integers(name, other):
    """An integer stands for its value: 1 is the bit of weight 1."""
    fmt = fx.Format(16, 4)
    x = fixed([-300, -1, 0, 77, 32767], fmt)
    whole = fx.Format(8, 0)
    others = np.broadcast_to(np.array(other, object), 5)
    wide = oracle.Fmt(400, 0)
    exact = [
        oracle.exact_bitwise(name, raw, fmt, int(b), wide)
        for raw, b in zip(raw_list(x), others, strict=True)
    ]
    assert whole.frac_bits == 0
    check_stored(lambda: BITWISE[name](x, other), exact, fmt, (5,), f"bitwise_{name}")
    check_stored(lambda: BITWISE[name](other, x), exact, fmt, (5,), f"bitwise_{name}")


@given(st.data(), strategies.formats())
def test_invert(data, fmt):
    _, x = data.draw(arrays(fmt, (5,)))
    target = data.draw(st.none() | strategies.formats())
    exact = [oracle.value(oracle.invert(raw, fmt), fmt) for raw in raw_list(x)]
    compute = (lambda: ~x) if target is None else lambda: fx.invert(x, format=target)
    check_stored(compute, exact, target or fmt, (5,), "invert")


# --- whole numbers --------------------------------------------------------------------------


@given(st.data(), st.sampled_from(list(WHOLE)), strategies.formats())
def test_floor_ceil_trunc(data, name, fmt):
    _, x = data.draw(arrays(fmt, (5,)))
    target = data.draw(st.none() | strategies.formats())
    exact = [Fraction(WHOLE[name](value)) for value in exact_values(x)]
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


@given(st.data(), strategies.formats())
def test_sign_and_square(data, fmt):
    _, x = data.draw(arrays(fmt, (5,)))
    target = data.draw(st.none() | strategies.formats())
    values, result = exact_values(x), target or fmt
    signs = [Fraction((v > 0) - (v < 0)) for v in values]
    check_stored(lambda: fx.sign(x, format=target), signs, result, (5,), "sign")
    squares = [v * v for v in values]
    check_stored(lambda: fx.square(x, format=target), squares, result, (5,), "square")


# --- diff -----------------------------------------------------------------------------------


@given(st.data(), strategies.formats(), st.integers(0, 6) | st.integers(7, 20))
def test_diff(data, fmt, n):
    _, x = data.draw(arrays(fmt, (n + 3,)))
    target = data.draw(st.none() | strategies.formats())
    exact = exact_values(x)
    for _ in range(n):
        exact = [b - a for a, b in itertools.pairwise(exact)]
    result = target or fmt
    check_stored(lambda: fx.diff(x, n, format=target), exact, result, (len(exact),), "diff")


def test_diff_along_axes_and_with_ends():
    values = np.arange(12).reshape(3, 4) ** 2 / 4
    x = fx.array(values, fx.Format(16, 4))
    for axis in (0, 1, -1):
        for n in (1, 2, 3):
            np.testing.assert_array_equal(fx.diff(x, n, axis), np.diff(values, n, axis))
        for ends in ({"prepend": 0}, {"append": 2.5}, {"prepend": 1, "append": x}):
            floats = {k: values if isinstance(v, fx.FixedArray) else v for k, v in ends.items()}
            np.testing.assert_array_equal(
                fx.diff(x, axis=axis, **ends), np.diff(values, axis=axis, **floats)
            )
    with pytest.raises(ValueError, match="negative"):
        fx.diff(x, -1)
    with pytest.raises(ValueError, match="0-d"):
        fx.diff(x[0, 0])
    with pytest.raises(np.exceptions.AxisError):
        fx.diff(x, axis=2)
