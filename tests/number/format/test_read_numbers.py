"""Numbers into FixedArrays and back: exact by value, rounded once."""

import math
import re
from decimal import Decimal
from fractions import Fraction

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


# --- in: fx.array ---------------------------------------------------------------------------


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


# --- in: raw integers and bits --------------------------------------------------------------


@given(st.data(), strategies.formats(), strategies.shapes())
def test_raw_round_trip(data, fmt, shape):
    raws = data.draw(strategies.raw_lists(fmt, shape))
    x = fixed(raws, fmt, shape, data.draw(layouts))
    assert raw_list(x) == raws
    assert x.shape == shape
    again = fx.FixedArray.from_raw(x.raw, fmt)
    assert raw_list(again) == raws
    bits = x.to_bits()
    assert [int(b) for b in bits.reshape(-1)] == [raw % 2**fmt.width for raw in raws]
    back = fx.from_bits(bits, fmt)
    assert (back.format, back.shape, raw_list(back)) == (fmt, shape, raws)
    assert raw_list(fx.array(x.to_fractions(), fmt.replace(overflow="wrap"))) == raws


@given(strategies.formats())
def test_raw_limits(fmt):
    for low, high, make in (
        (fmt.raw_min, fmt.raw_max, fx.FixedArray.from_raw),
        (0, 2**fmt.width - 1, fx.from_bits),
    ):
        for number in (low, high):
            assert make(number, fmt).shape == ()
        for number in (low - 1, high + 1, 2**200, -(2**200)):
            for obj in (number, [0, number], np.array([0, number], object)):
                with pytest.raises((OverflowError, ValueError), match=str(number)):
                    make(obj, fmt)


@pytest.mark.parametrize("width", [2, 7, 8, 12, 16, 31, 32, 64, 65, 128])
@pytest.mark.parametrize("dtype", ["i1", "i8", "u1", "u8", ">i4"])
def test_raw_of_native_dtypes(width, dtype):
    for signed in (True, False):
        fmt = fx.Format(width, 1, signed, "stochastic", "saturate_symmetric")
        info = np.iinfo(dtype)
        for number in {0, int(info.min), int(info.max)}:
            array = np.array([0, number], dtype)
            if fmt.raw_min <= number <= fmt.raw_max:
                assert raw_list(fx.FixedArray.from_raw(array, fmt)) == [0, number]
            else:
                with pytest.raises((OverflowError, ValueError), match=str(number)):
                    fx.FixedArray.from_raw(array, fmt)


@pytest.mark.parametrize("width", [8, 64, 65, 128])
def test_raw_takes_no_step_and_counts_nothing(width):
    fmt = fx.Format(width, 3, rounding="stochastic")
    half = fx.Format(8, 0, rounding="stochastic")
    halves = [0.5] * 40
    with fx.seeded(5):
        expected = raw_list(fx.array(halves, half))
    with fx.seeded(5), fx.record() as events:
        x = fx.FixedArray.from_raw(np.arange(4), fmt)
        y = fx.from_bits(np.arange(4), fmt)
        x.to_bits(), x.raw, x.words, x.to_numpy(), x.tolist(), x.to_fractions(), repr(x)
        assert raw_list(x) == raw_list(y) == [0, 1, 2, 3]
        assert events.elements == 0
        assert raw_list(fx.array(halves, half)) == expected


@pytest.mark.parametrize("make", [fx.FixedArray.from_raw, fx.from_bits])
@pytest.mark.parametrize(
    "obj", [0.5, [1.0], "1", None, np.array([1.0]), [Fraction(1)], [[1], [2, 3]]]
)
def test_raw_of_what_is_no_integer(make, obj):
    with pytest.raises((TypeError, ValueError)):
        make(obj, fx.Format(8, 0))


def test_from_raw_copies():
    integers = np.array([1, 2, 3], np.int8)
    x = fx.FixedArray.from_raw(integers, fx.Format(8, 0))
    integers[0] = 100
    assert raw_list(x) == [1, 2, 3]
    y = fx.from_bits(integers.view(np.uint8), fx.Format(8, 0))
    integers[1] = 100
    assert raw_list(y) == [100, 2, 3]


# --- out ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "signed", "dtype"),
    [
        (2, True, "i1"),
        (8, False, "u1"),
        (9, True, "i2"),
        (16, False, "u2"),
        (17, True, "i4"),
        (32, False, "u4"),
        (33, True, "i8"),
        (64, True, "i8"),
        (64, False, "u8"),
        (65, True, "O"),
        (128, False, "O"),
    ],
)
def test_raw_dtype(width, signed, dtype):
    x = fx.zeros((2, 3), format=fx.Format(width, 3, signed))
    assert x.raw.dtype == np.dtype(dtype)
    assert x.to_bits().dtype == np.dtype("O" if width > 64 else dtype.replace("i", "u"))
    assert x.raw.shape == x.to_bits().shape == (2, 3)
    if width > 64:
        assert type(x.raw[0, 0]) is int
    else:
        assert np.shares_memory(x.raw, x.words)
        with pytest.raises(ValueError, match="read-only"):
            x.raw[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        x.words[0, 0] = 1


@given(st.data(), strategies.widths, st.booleans())
def test_words(data, width, signed):
    fmt = fx.Format(width, 0, signed)
    raws = data.draw(strategies.raw_lists(fmt, (2, 3)))
    x = fixed(raws, fmt, (2, 3), data.draw(layouts))
    assert np.shares_memory(x.words, x.words)
    if width <= 64:
        assert x.words.dtype == x.raw.dtype
        assert x.words.reshape(-1).tolist() == raws
        return
    assert x.words.dtype == np.uint64
    assert x.words.shape == (2, 3, 2)
    joined = [int(low) | int(high) << 64 for low, high in x.words.reshape(-1, 2).tolist()]
    assert joined == [raw % 2**128 for raw in raws]  # extended by the sign or by zeros


def nearest_float(exact, dtype):
    """The nearest value of a float dtype, ties to even, found with integers alone."""
    info = np.finfo(dtype)
    bits, least = info.nmant + 1, int(info.minexp) - info.nmant
    if not exact:
        return Fraction(0)
    exponent = exact.numerator.bit_length() - exact.denominator.bit_length()
    if abs(exact) < Fraction(2) ** exponent:
        exponent -= 1
    unit = max(exponent - bits + 1, least)
    raw = oracle.round_value(exact, oracle.Fmt(2, -unit))
    value = raw * Fraction(2) ** unit
    if abs(value) >= Fraction(2) ** int(info.maxexp):
        return math.copysign(math.inf, value)
    return value


def as_exact(number):
    return float(number) if np.isinf(number) else Fraction(*number.as_integer_ratio())


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.longdouble])
@given(data=st.data(), fmt=strategies.formats())
def test_to_floats(dtype, data, fmt):
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=2, max_size=4))
    x = fixed(raws, fmt, layout=data.draw(layouts))
    result = x.to_numpy(dtype)
    assert result.dtype == dtype
    expected = [nearest_float(oracle.value(raw, fmt), dtype) for raw in raws]
    assert [as_exact(f) for f in result] == expected


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.longdouble])
@pytest.mark.parametrize("frac_bits", [-5, 0, 100, 127, 256])
def test_floats_are_rounded_once(dtype, frac_bits):
    """Ties of each float's last bit, and a trace beside them at the far end of 128 bits."""
    bits = np.finfo(dtype).nmant + 1
    for width in (65, 100, 127, 128):
        fmt = fx.Format(width, frac_bits)
        top = 1 << (width - 2)
        half = top >> bits  # half a unit in the last place of numbers from `top`
        raws = []
        for trace in (-1, 0, 1):
            for odd in (0, 1):
                raw = top + odd * 2 * half + half + trace
                raws += [raw, -raw]
        raws += [fmt.raw_max, fmt.raw_min, fmt.raw_max - 1]
        result = fixed(raws, fmt).to_numpy(dtype)
        expected = [nearest_float(oracle.value(raw, fmt), dtype) for raw in raws]
        assert [as_exact(f) for f in result] == expected


@given(st.data(), strategies.formats(), st.sampled_from(["i1", "i2", "i4", "i8", "u1", "u8"]))
def test_to_integers(data, fmt, dtype):
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=1, max_size=4))
    x, info = fixed(raws, fmt), np.iinfo(dtype)
    expected = [math.trunc(oracle.value(raw, fmt)) for raw in raws]
    beyond = [n for n in expected if not info.min <= n <= info.max]
    if beyond:
        with pytest.raises((OverflowError, ValueError)):
            x.to_numpy(dtype)
    else:
        result = x.to_numpy(dtype)
        assert result.dtype == np.dtype(dtype)
        assert result.tolist() == expected
    for raw, number in zip(raws, expected, strict=True):
        assert int(fixed([raw], fmt, ())) == number
        assert type(int(fixed([raw], fmt))) is int


@pytest.mark.parametrize("dtype", ["complex128", "S3", "datetime64[s]"])
def test_to_other_dtypes(dtype):
    with pytest.raises(TypeError):
        fx.ones(2, format=fx.Format(8, 0)).to_numpy(dtype)


@given(st.data(), strategies.formats(), strategies.shapes())
def test_to_python(data, fmt, shape):
    raws = data.draw(strategies.raw_lists(fmt, shape))
    x = fixed(raws, fmt, shape, data.draw(layouts))
    exact = [oracle.value(raw, fmt) for raw in raws]
    result = x.to_fractions()
    assert np.shape(result) == shape
    assert np.ravel(np.asarray(result, object)).tolist() == exact
    assert all(type(v) is Fraction for v in np.ravel(np.asarray(result, object)))
    floats = np.array([float(v) for v in exact]).reshape(shape)
    assert x.tolist() == floats.tolist()
    np.testing.assert_array_equal(np.asarray(x), floats, strict=True)
    np.testing.assert_array_equal(x.to_numpy(), floats, strict=True)


@given(st.data(), strategies.formats())
def test_one_element(data, fmt):
    raw = data.draw(strategies.raws(fmt))
    exact = oracle.value(raw, fmt)
    for shape in ((), (1,), (1, 1)):
        x = fixed([raw], fmt, shape)
        assert x.item() == exact
        assert type(x.item()) is Fraction
        assert bool(x) is bool(raw)
        assert float(x) == float(exact)
        assert type(float(x)) is float


@pytest.mark.parametrize("shape", [(2,), (0,), (2, 2)])
def test_more_than_one_element(shape):
    x = fx.zeros(shape, format=fx.Format(8, 0))
    for function in (bool, int, float, lambda x: x.item()):
        with pytest.raises((TypeError, ValueError)) as info:
            function(x)
        assert str(shape) in str(info.value) or str(x.size) in str(info.value)


def test_to_numpy_is_a_copy():
    x = fx.zeros(3, format=fx.Format(32, 0))
    for dtype in (np.float64, np.int32):
        values = x.to_numpy(dtype)
        values[0] = 5
        assert raw_list(x) == [0, 0, 0]


@pytest.mark.parametrize("width", [16, 64, 128])
def test_float64_lies_in_memory_as_the_operand_does(width):
    a = fx.arange(-30, 75, format=fx.Format(width, 4)).reshape(5, 7, 3)
    numbers = np.arange(-30, 75.0).reshape(5, 7, 3)
    for view in (
        lambda x: x,
        lambda x: x.T,
        lambda x: x[::-1, ::2].transpose(1, 2, 0),
        lambda x: x[:0].T,
        lambda x: x[2:3].T,
    ):
        made, expected = view(a).to_numpy(), view(numbers).astype(np.float64)
        np.testing.assert_array_equal(made, expected)
        assert made.flags.f_contiguous == expected.flags.f_contiguous
        assert made.flags.c_contiguous == expected.flags.c_contiguous
        assert made.flags.writeable
