"""Comparisons are exact by value, whatever stands on the other side."""

import datetime
import decimal
import functools
import math
import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import COMPARISONS, arrays, broadcast, fixed, raws_of_words
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

Q = fx.Format(16, 8)


@given(st.data(), strategies.formats(), strategies.formats())
def test_comparisons(data, x_fmt, y_fmt):
    drawn = data.draw(strategies.shape_pairs)
    x_shape, y_shape = drawn.input_shapes
    x_raws, x = data.draw(arrays(x_fmt, x_shape))
    y_raws, y = data.draw(arrays(y_fmt, y_shape))
    xs = broadcast(x_raws, x_fmt, x_shape, drawn.result_shape)
    ys = broadcast(y_raws, y_fmt, y_shape, drawn.result_shape)
    for compare in COMPARISONS:
        result = compare(x, y)
        assert np.asarray(result).dtype == bool
        assert result.shape == drawn.result_shape
        assert np.ravel(result).tolist() == [compare(a, b) for a, b in zip(xs, ys, strict=True)]


@given(st.data(), strategies.formats())
def test_comparisons_of_neighbours(data, x_fmt):
    """Values one unit apart in formats of different points: where aligning them may go wrong."""
    y_fmt = data.draw(strategies.formats(frac_bits=strategies.near(x_fmt)))
    y_raws, y = data.draw(arrays(y_fmt, (5,)))
    x_raws = []
    for raw in y_raws:
        nearest = oracle.round_value(oracle.value(raw, y_fmt), fx.Format(2, x_fmt.frac_bits))
        x_raws.append(min(max(nearest, x_fmt.raw_min), x_fmt.raw_max))
    x = fixed(x_raws, x_fmt)
    for compare in COMPARISONS:
        expected = [
            compare(oracle.value(a, x_fmt), oracle.value(b, y_fmt))
            for a, b in zip(x_raws, y_raws, strict=True)
        ]
        assert compare(x, y).tolist() == expected


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("size", [1, 15, 16, 17, 40, 300])
def test_comparisons_of_two_words(size, signed):
    fmt = fx.Format(128, 0, signed)
    clip = functools.partial(oracle.overflow, fmt=fmt)
    xs, ys = ([clip(r) for r in raws_of_words(fmt, size, seed)] for seed in "xy")
    ys[::3] = xs[::3]
    x, y = fixed(xs, fmt), fixed(ys, fmt)
    for compare in COMPARISONS:
        expected = [compare(a, b) for a, b in zip(xs, ys, strict=True)]
        assert compare(x, y).tolist() == expected
        assert compare(x[::-1], y[::-1]).tolist() == expected[::-1]


@given(st.data(), strategies.formats())
def test_comparison_with_numbers(data, fmt):
    raws, x = data.draw(arrays(fmt, (4,)))
    values = [oracle.value(raw, fmt) for raw in raws]
    number, value = data.draw(
        st.one_of(
            strategies.real_numbers(fmt), strategies.big_integers.map(lambda n: (n, Fraction(n)))
        )
    )
    for compare in COMPARISONS:
        assert compare(x, number).tolist() == [compare(v, value) for v in values]
        assert compare(number, x).tolist() == [compare(value, v) for v in values]


@pytest.mark.parametrize("width", [2, 8, 16, 33, 64, 128])
@pytest.mark.parametrize("overflow", ["saturate", "saturate_symmetric"])
@pytest.mark.parametrize("signed", [True, False])
def test_comparison_with_numbers_beside_elements(width, overflow, signed):
    """At each of these places, half a unit and a hair off it, both ends and beyond among them."""
    fmt = fx.Format(width, 2, signed, overflow=overflow)
    places = sorted({fmt.raw_min, fmt.raw_min + 1, -1, 0, 1, fmt.raw_max - 1, fmt.raw_max})
    places = [raw for raw in places if fmt.min <= oracle.value(raw, fmt) <= fmt.max]
    values, x = [oracle.value(raw, fmt) for raw in places], fixed(places, fmt)
    hairs = (0, Fraction(1, 2), Fraction(1, 2**200), 1)
    for value in [*values, fmt.min - fmt.resolution]:
        for number in (value + sign * hair for hair in hairs for sign in (1, -1)):
            numbers = [number]
            if Fraction(float(number)) == number:
                numbers += [float(number), np.float64(number)]
            for compare in COMPARISONS:
                expected = [compare(v, number) for v in values]
                for each in numbers:
                    assert compare(x, each).tolist() == expected


@given(st.data(), strategies.formats())
def test_comparison_with_float_arrays(data, fmt):
    raws, x = data.draw(arrays(fmt, (4,)))
    values = [oracle.value(raw, fmt) for raw in raws]
    floats = np.array([float(v) for v in values])
    floats[1] = np.nextafter(floats[1], np.inf)
    floats[2] = data.draw(st.floats(allow_nan=False, allow_infinity=False))
    for compare in COMPARISONS:
        expected = [compare(v, Fraction(f)) for v, f in zip(values, floats.tolist(), strict=True)]
        assert compare(x, floats).tolist() == expected
        assert compare(x, floats.tolist()).tolist() == expected
        # Many are compared otherwise.
        assert compare(fx.tile(x, 300), np.tile(floats, 300)).tolist() == expected * 300


@given(st.data(), strategies.formats(), st.sampled_from(["i1", "i8", "u8", "O"]))
def test_comparison_with_integer_arrays(data, fmt, dtype):
    raws, x = data.draw(arrays(fmt, (4,)))
    values = [oracle.value(raw, fmt) for raw in raws]
    if dtype == "O":
        low, high = -(2**200), 2**200
    else:
        low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    flat = [min(max(int(v), low), high) for v in values]
    operand = np.array(flat, dtype)
    for compare in COMPARISONS:
        expected = [compare(v, n) for v, n in zip(values, flat, strict=True)]
        assert compare(x, operand).tolist() == expected


@pytest.mark.parametrize("width", [4, 16, 40, 64, 100, 128])
def test_comparison_with_infinities_and_nan(width):
    x = fixed([-8, 0, 7], fx.Format(width, 2))
    inf, nan = float("inf"), float("nan")
    yes, no = [True] * 3, [False] * 3
    for kind in (float, np.float32, np.longdouble, Decimal):
        assert (x < kind("inf")).tolist() == yes
        assert (x > kind("-inf")).tolist() == yes
        assert (x == kind("inf")).tolist() == no
        assert (x >= kind("inf")).tolist() == no
    for compare in COMPARISONS:
        expected = yes if compare is operator.ne else no
        assert compare(x, nan).tolist() == expected
        assert compare(nan, x).tolist() == expected
    for times in (1, 400):
        many, floats = fx.tile(x, times), np.tile([inf, -inf, nan], times)
        assert (many < floats).tolist() == [True, False, False] * times
        assert (many != floats).tolist() == yes * times


def test_comparison_with_what_is_no_number():
    x = fixed([1, 2], fx.Format(8, 0))
    for other in (None, "1"):
        assert (x == other).tolist() == [False, False]
        assert (x != other).tolist() == [True, True]
        for compare in (operator.lt, operator.le, operator.gt, operator.ge):
            with pytest.raises(TypeError):
                compare(x, other)


NAN = [
    decimal.Decimal("NaN"),
    decimal.Decimal("sNaN"),
    [math.nan, 5],
    (Fraction(1), decimal.Decimal("NaN")),
    np.array([math.nan, 1], object),
    np.array([math.nan, 1], np.float16),
    np.array([math.nan, 1], np.longdouble),
]


@pytest.mark.parametrize("other", NAN, ids=repr)
def test_nan_is_unequal_to_all_wherever_it_stands(other):
    a = fx.array([1, 2], Q)
    nan = ["nan" in str(v).lower() for v in np.broadcast_to(np.array(other, object), 2)]
    assert not (a == other)[nan].any()
    assert (a != other)[nan].all()
    assert not (a < other)[nan].any()
    assert not (a >= other)[nan].any()
    assert not np.isclose(a, other)[nan].any()
    with pytest.raises(ValueError, match="NaN"):
        a + other


def test_with_what_is_no_real_number():
    """Complex numbers by their value; anything else is unequal, and has no order."""
    x = fx.array([1.5, -2, 0.25], fx.Format(16, 8))
    nothing = [False] * 3
    others = [None, "x", b"x", object(), {1}, datetime.date(2020, 1, 1), 1 + 1j, np.complex64(1j)]
    others += [np.datetime64("2020-01-01"), np.timedelta64(1, "s"), np.void(b"x"), np.str_("x")]
    others += [["a", None, {}], np.array(["x", "y", "z"]), np.array([1j, 2, object()], object)]
    others += [np.array(["2020-01-01"] * 3, "M8[D]"), np.zeros(3, "m8[s]"), np.zeros(3, "V2")]
    for other in others:
        for equal in (x == other, np.equal(x, other), fx.equal(x, other)):
            assert equal.tolist() == nothing, other
        assert (x != other).tolist() == [True] * 3
        for less in (lambda o=other: x < o, lambda o=other: x >= o, lambda o=other: fx.less(x, o)):
            with pytest.raises(TypeError):
                less()
    for other in (
        1.5 + 0j,
        np.complex64(1.5),
        [1.5 + 0j, 1j, 0.25],
        np.array([1.5, 1j, 0.25 - 1j]),
    ):
        same = np.asarray(x) == np.asarray(other)
        assert (x == other).tolist() == same.tolist()
        with pytest.raises(TypeError, match="complex"):
            x < other  # noqa: B015
    huge = fx.array([2**53 + 1], fx.Format(64, 0))
    assert (huge == complex(2**53)).tolist() == [False]
    assert (x == complex(math.nan)).tolist() == nothing
    assert (x == complex(math.inf)).tolist() == nothing
    assert (x == [np.datetime64("2020"), 1.5, Fraction(1, 4)]).tolist() == [False, False, True]


def test_pandas_na_is_left_to_pandas():
    pandas = pytest.importorskip("pandas")
    x = fx.array([1.5, -2], fx.Format(16, 8))
    assert x.__eq__(pandas.NA) is NotImplemented
    assert x.__lt__(pandas.NA) is NotImplemented
