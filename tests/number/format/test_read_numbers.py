"""Numbers into FixedArrays: exact by value, rounded once."""

import math
import re
from decimal import Decimal
from fractions import Fraction

import checks
import numpy as np
import oracle
import pytest
import strategies
from checks import check_stored, fixed, layouts, objects, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

WIDE = [fx.Format(width, frac) for width in (64, 65, 127, 128) for frac in (0, 63, 120, 140)]

finite = st.floats(allow_nan=False, allow_infinity=False)

fractions = st.builds(Fraction, st.integers(-(2**200), 2**200), st.integers(1, 2**200))

narrow_values = st.builds(
    lambda n, e: math.ldexp(n, e), st.integers(-999, 999), st.integers(-20, 5)
)


def check_array(obj, exacts, fmt, shape):
    check_stored(lambda: fx.array(obj, fmt), exacts, fmt, shape, "convert")


@given(st.data(), strategies.formats())
def test_integers(data, fmt):
    edge = st.sampled_from([fmt.raw_min, fmt.raw_max, fmt.raw_max + 1, 2**63, -(2**63), 2**64])
    size = st.one_of(st.integers(-9, 9), st.integers(-(2**200), 2**200), edge)
    numbers = data.draw(st.lists(size, max_size=5))
    check_array(numbers, map(Fraction, numbers), fmt, (len(numbers),))
    for number in numbers[:1]:
        check_array(number, [Fraction(number)], fmt, ())


@given(st.data(), strategies.formats())
def test_integers_near_what_the_format_holds(data, fmt):
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=1, max_size=4))
    numbers = [math.floor(oracle.value(raw, fmt)) + data.draw(st.integers(-1, 1)) for raw in raws]
    check_array(numbers, map(Fraction, numbers), fmt, (len(numbers),))


@pytest.mark.parametrize(
    "dtype", ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i2", ">u8"]
)
@given(data=st.data(), fmt=strategies.formats())
def test_integer_arrays(dtype, data, fmt):
    if dtype == "?":
        values = [True, False, True]
    else:
        info = np.iinfo(dtype)
        values = [
            int(info.min),
            int(info.max),
            data.draw(st.integers(int(info.min), int(info.max))),
        ]
    array = np.array(values, dtype)
    check_array(array, map(Fraction, values), fmt, (3,))
    check_array(array[::-1].reshape(3, 1), map(Fraction, values[::-1]), fmt, (3, 1))
    check_array(array[0], [Fraction(values[0])], fmt, ())


@given(strategies.formats(), st.lists(st.one_of(finite, narrow_values), max_size=4))
def test_floats(fmt, floats):
    exact = [Fraction(f) for f in floats]
    check_array(floats, exact, fmt, (len(floats),))
    check_array(np.array(floats), exact, fmt, (len(floats),))
    for f in floats[:1]:
        check_array(f, exact[:1], fmt, ())
        check_array(np.float64(f), exact[:1], fmt, ())


@given(st.data(), strategies.formats())
def test_floats_near_what_the_format_holds(data, fmt):
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=1, max_size=4))
    eighths = [data.draw(st.integers(-8, 8)) for _ in raws]
    floats = [
        float((raw + Fraction(n, 8)) * fmt.resolution) for raw, n in zip(raws, eighths, strict=True)
    ]
    check_array(np.array(floats), map(Fraction, floats), fmt, (len(floats),))


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f4", "f8", ">f8"])
@given(data=st.data(), fmt=strategies.formats())
def test_float_dtypes(dtype, data, fmt):
    width = 8 * np.dtype(dtype).itemsize
    elements = st.floats(width=width, allow_nan=False, allow_infinity=False)
    floats = data.draw(st.lists(elements, min_size=3, max_size=3))
    array = np.array(floats, dtype)
    exact = [Fraction(f) for f in floats]
    check_array(array, exact, fmt, (3,))
    check_array(array[::-1], exact[::-1], fmt, (3,))
    check_array(list(array), exact, fmt, (3,))


@pytest.mark.parametrize("fmt", [*WIDE, fx.Format(16, 12)])
def test_long_doubles(fmt):
    numbers = [
        np.longdouble("0.1"),
        np.longdouble(1) / 3,
        -(np.longdouble("1.7") ** 5),
        np.ldexp(np.longdouble("0.7"), -60),
    ]
    exact = [Fraction(*n.as_integer_ratio()) for n in numbers]
    check_array(np.array(numbers), exact, fmt, (4,))
    check_array(numbers, exact, fmt, (4,))
    check_array(numbers[0], exact[:1], fmt, ())


@given(strategies.formats(), st.lists(fractions, max_size=3))
def test_fractions(fmt, numbers):
    check_array(numbers, numbers, fmt, (len(numbers),))
    array = objects(numbers, (len(numbers),))
    check_array(array, numbers, fmt, (len(numbers),))


@given(st.data(), strategies.formats())
def test_fractions_beside_ties(data, fmt):
    """Half a unit and a trace more or less: a second rounding anywhere would show."""
    raw = data.draw(strategies.raws(fmt))
    trace = data.draw(st.sampled_from([0, 1, -1])) * Fraction(
        1, 3 * 2 ** data.draw(st.integers(1, 500))
    )
    value = (raw + Fraction(1, 2) + trace) * fmt.resolution
    check_array(value, [value], fmt, ())


decimals = st.one_of(
    st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False, places=40),
    st.decimals(allow_nan=False, allow_infinity=False).filter(lambda d: abs(d.adjusted()) < 300),
)


@given(strategies.formats(), decimals)
def test_decimals(fmt, number):
    exact = Fraction(number)
    check_array(number, [exact], fmt, ())
    check_array(str(number), [exact], fmt, ())
    check_array([str(number), number], [exact, exact], fmt, (2,))
    check_array(np.array([str(number)]), [exact], fmt, (1,))


@pytest.mark.parametrize("rounding", list(fx.Rounding))
def test_decimal_strings_are_not_read_through_float64(rounding):
    fmt = fx.Format(128, 120, rounding=rounding)
    tie = Fraction(1, 2**121)
    texts = [
        "0.1",
        "-0.1",
        "1e-3",
        " 2.5 ",
        "+1.25",
        "0.000",
        "-7e0",
        "3.14159265358979323846264338",
    ]
    check_array(texts, [Fraction(t) for t in texts], fmt, (8,))
    for n in (1, 3, -1, -5):
        for trace in (0, 1, -1):
            # The decimal digits of n * 2**-121, and 40 places on a trace more or less.
            digits = str(abs(n) * 5**121 * 10**40 + trace).rjust(161, "0")
            text = f"{'-' if n < 0 else ''}0.{digits}"
            exact = Fraction(text)
            assert (trace != 0) == (exact != n * tie)
            check_array(text, [exact], fmt, ())


@pytest.mark.parametrize("text", ["", "1,5", "abc", "1/3", "0x10", "1e", "--1"])
def test_strings_that_are_no_numbers(text):
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        fx.array(text, fx.Format(8, 0))


def test_extreme_decimals():
    for overflow in ("saturate", "saturate_zero"):
        fmt = fx.Format(16, 8, overflow=overflow)
        big = fmt.raw_max if overflow == "saturate" else 0
        low = fmt.raw_min if overflow == "saturate" else 0
        texts = ["1e400", "-1e400", "1e999999999", "-1e999999", "1e-400", "-1e-999999999", "1e308"]
        assert raw_list(fx.array(texts, fmt)) == [big, low, big, low, 0, 0, big]
        assert raw_list(fx.array([Decimal(t) for t in texts], fmt)) == [
            big,
            low,
            big,
            low,
            0,
            0,
            big,
        ]
    wrap = fx.Format(16, 8, overflow="wrap")
    limit = 2**1024
    for text in (str(limit), f"-{limit}", "1e400", "1e999999999"):
        for number in (text, Decimal(text)):
            with pytest.raises(fx.FixedOverflowError):
                fx.array(number, wrap)
    # Below the limit a decimal wraps as any number; integers are exact at every size.
    check_array(str(limit - 1), [Fraction(limit - 1)], wrap, ())
    check_array(limit + 3, [Fraction(limit + 3)], wrap, ())
    up = fx.Format(16, 8, rounding="ceil")
    assert raw_list(fx.array(["1e-999999999", "-1e-999999999"], up)) == [1, 0]
    down = fx.Format(16, 8, rounding="away_from_zero")
    assert raw_list(fx.array(["1e-5000", "-1e-5000", "0e-5000"], down)) == [1, -1, 0]


@pytest.mark.parametrize("overflow", list(fx.Overflow))
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", [8, 40, 128])
def test_infinities(overflow, signed, width):
    fmt = fx.Format(width, 4, signed, overflow=overflow)
    inf = float("inf")
    for obj in (
        [inf, -inf, 1.0],
        np.array([inf, -inf, 1.0]),
        np.array([inf, -inf, 1.0], np.float32),
        np.array([inf, -inf, 1.0], np.longdouble),
        [Decimal("inf"), Decimal("-inf"), Decimal(1)],
        ["inf", "-Infinity", "1"],
        [inf, -inf, Fraction(1)],
    ):
        if overflow in ("raise", "wrap"):
            with pytest.raises(fx.FixedOverflowError, match=r"(?i)inf"):
                fx.array(obj, fmt)
            continue
        expected = [oracle.quantize_infinity(1, fmt), oracle.quantize_infinity(-1, fmt), 16]
        with fx.record() as events:
            assert raw_list(fx.array(obj, fmt)) == expected
        assert events.overflow == 2
        assert events.elements == 3


@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_nan(overflow):
    fmt = fx.Format(8, 4, overflow=overflow)
    nan = float("nan")
    for obj in (
        nan,
        [1.0, nan],
        np.array([nan]),
        np.float32("nan"),
        np.array([np.longdouble("nan")]),
        Decimal("nan"),
        Decimal("snan"),
        "nan",
        [Fraction(1), nan],
    ):
        with pytest.raises(ValueError, match=r"(?i)nan"):
            fx.array(obj, fmt)


def test_nested_and_mixed():
    fmt = fx.Format(70, 60)
    mixed = [[1, 0.5, True], [Fraction(1, 3), "0.1", Decimal("0.25")]]
    exact = [1, Fraction(1, 2), 1, Fraction(1, 3), Fraction(1, 10), Fraction(1, 4)]
    check_array(mixed, map(Fraction, exact), fmt, (2, 3))
    check_array(((1, 2), (3, 4)), map(Fraction, (1, 2, 3, 4)), fmt, (2, 2))
    check_array(range(3), map(Fraction, range(3)), fmt, (3,))
    check_array([np.array([1, 2]), [0.5, 3]], [1, 2, Fraction(1, 2), 3], fmt, (2, 2))
    # An integer beside a float isn't squeezed through float64.
    check_array([2**60 + 1, 0.5], [Fraction(2**60 + 1), Fraction(1, 2)], fx.Format(80, 2), (2,))
    check_array([2**64, -1], [Fraction(2**64), Fraction(-1)], fx.Format(80, 2), (2,))
    check_array([[]], [], fmt, (1, 0))
    check_array([], [], fmt, (0,))
    rows = [fx.array([1, 2], fmt), fx.array([3, 0.5], fx.Format(8, 1))]
    check_array(rows, [1, 2, 3, Fraction(1, 2)], fmt, (2, 2))


def test_ragged():
    for obj in ([[1, 2], [3]], [1, [2]], [[1.0], [2.0, 3.0]], [["1"], []]):
        with pytest.raises(ValueError, match=r"(?i)ragged|shape|inhomogeneous"):
            fx.array(obj, fx.Format(8, 0))


@pytest.mark.parametrize("obj", [None, 1j, object(), b"1", {1}, {}, [None], np.array([1j])])
def test_what_is_no_number(obj):
    with pytest.raises(TypeError):
        fx.array(obj, fx.Format(8, 0))


@given(st.data(), strategies.formats(), strategies.formats())
def test_from_a_fixed_array(data, source, fmt):
    raws = data.draw(strategies.raw_lists(source, (2, 2)))
    x = fixed(raws, source, (2, 2), data.draw(layouts))
    exact = [oracle.value(raw, source) for raw in raws]
    result = check_stored(lambda: fx.array(x, fmt), exact, fmt, (2, 2))
    if result is not None:
        assert not np.shares_memory(result.words, x.words)


@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
@pytest.mark.parametrize("rounding", fx.Rounding)
def test_floats_next_to_ties(rounding, overflow):
    ties = [0.5, 1.0, 1.5, 2.5, 3.0, 1e-300, 2.0**51 + 0.5]
    near = [np.nextafter(tie, way) for tie in ties for way in (0, tie, 9e99)]
    for frac_bits in (0, 4, -3):
        values = np.array([*near, *(-v for v in near)]) * 2.0**-frac_bits
        for fmt in (
            fx.Format(32, frac_bits),
            fx.Format(8, frac_bits, False),
            fx.Format(100, frac_bits),
        ):
            fmt = fmt.replace(rounding=rounding, overflow=overflow)
            exact = [Fraction(float(v)) for v in values]
            checks.check_stored(lambda f=fmt, v=values: fx.array(v, f), exact, fmt, values.shape)


@pytest.mark.parametrize("overflow", ["wrap", "saturate_zero", "saturate"])
def test_floats_that_need_less_than_their_wide_format(overflow):
    for width in (53, 64, 65, 126, 128):
        fmt = fx.Format(width, 4, overflow=overflow)
        with fx.record() as events:
            assert fx.array([1.5, -2.25, 0], fmt).tolist() == [1.5, -2.25, 0]
        assert events.overflow == 0
