"""Bad input: each one clear message that names the offending value and the way out."""

import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from checks import fixed, message_of, raw_list

import fxtypes as fx

FMT = fx.Format(8, 4)

X = fx.array([1, 2, 3], FMT)

RAISING = fx.Format(8, 0, overflow="raise")


def test_kinds():
    assert issubclass(fx.FormatError, ValueError)
    assert issubclass(fx.FixedOverflowError, OverflowError)


# --- formats --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ((1, 0), ["width", "1", "2", "128"]),
        ((129, 0), ["width", "129", "2", "128"]),
        (("8", 0), ["width", "'8'"]),
        ((8.0, 0), ["width", "8.0"]),
        ((8, 257), ["frac_bits", "257", "-256", "256"]),
        ((8, -257), ["frac_bits", "-257"]),
        ((8, None), ["frac_bits", "None"]),
        ((8, 0, 2), ["signed", "2"]),
        ((8, 0, True, "nearest"), ["rounding", "'nearest'", "nearest_even", "stochastic"]),
        ((8, 0, True, "floor", "clamp"), ["overflow", "'clamp'", "saturate", "raise"]),
    ],
)
def test_bad_formats(fields, said):
    text = message_of(fx.FormatError, lambda: fx.Format(*fields))
    for part in said:
        assert part in text


@pytest.mark.parametrize(
    "operation", ["add", "subtract", "multiply", "divide", "minimum", "matmul"]
)
def test_formats_without_a_common_one(operation):
    function = getattr(fx, operation)
    rounding, overflow = FMT.replace(rounding="floor"), FMT.replace(overflow="wrap")
    for other in (rounding, overflow):
        y = fixed([1, 2, 3], other)
        text = message_of(fx.FormatError, lambda y=y: function(X, y))
        for part in (repr(FMT), repr(other), "format="):
            assert part in text
        assert function(X, y, format=FMT).format is FMT
    wide = fixed([1, 2, 3], fx.Format(128, 0))
    text = message_of(fx.FormatError, lambda: function(X, wide))
    for part in ("132", "128", "format="):
        assert part in text
    assert function(X, wide, format=FMT).format is FMT


def test_what_is_no_format():
    for bad in ("Q4.4", 8, None, (8, 4), np.int8):
        for function in (
            lambda f: fx.array([1], f),
            lambda f: X.astype(f),
            lambda f: X.view_as(f),
            lambda f: fx.zeros(3, format=f),
            lambda f: fx.FixedArray.from_raw([1], f),
        ):
            text = message_of(TypeError, lambda function=function, bad=bad: function(bad))
            assert repr(bad) in text or type(bad).__name__ in text
            assert "ormat" in text
    for bad in ("Q4.4", 8, (8, 4)):  # None means: by the rule
        for function in (fx.add, fx.divide, fx.matmul, fx.minimum):
            text = message_of(TypeError, lambda f=function, bad=bad: f(X, X, format=bad))
            assert repr(bad) in text or type(bad).__name__ in text
        for function in (fx.sum, fx.mean, fx.negative, fx.absolute):
            message_of(TypeError, lambda f=function, bad=bad: f(X, format=bad))


def test_view_as_another_width_or_signedness():
    for other in (fx.Format(9, 4), fx.Format(8, 4, False)):
        text = message_of(fx.FormatError, lambda other=other: X.view_as(other))
        assert repr(other) in text
        assert repr(FMT) in text


# --- overflow -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_overflow_says_how_many_and_shows_the_first(width):
    fmt = fx.Format(width, 0, overflow="raise")
    high = fmt.raw_max
    x = fixed([1, high, 2, high, high, 3], fmt, (2, 3))
    for name, function in {
        "add": lambda: x + x,
        "multiply": lambda: x * 2,
        "left_shift": lambda: x << 1,
    }.items():
        text = message_of(fx.FixedOverflowError, function)
        assert "3 of 6" in text
        assert "(0, 1)" in text
        assert name in text
        assert repr(fmt) in text
        assert raw_list(x) == [1, high, 2, high, high, 3]
    text = message_of(fx.FixedOverflowError, lambda: fx.array([1, 2 * high, 5], fmt))
    assert "convert" in text
    assert "(1,)" in text


def test_the_first_value_is_shown():
    x = fx.array([1, 100, 120], RAISING)
    assert "200" in message_of(fx.FixedOverflowError, lambda: x + x)
    assert "-1000" in message_of(fx.FixedOverflowError, lambda: fx.array(-1000, RAISING))
    assert "1 of 1" in message_of(fx.FixedOverflowError, lambda: fx.array(-1000, RAISING))
    text = message_of(fx.FixedOverflowError, lambda: x.astype(RAISING.replace(width=4)))
    assert "100" in text
    assert "2 of 3" in text
    text = message_of(fx.FixedOverflowError, lambda: x.sum())
    assert "221" in text
    text = message_of(fx.FixedOverflowError, lambda: fx.array(10**4000, RAISING))
    assert len(text) < 300


@pytest.mark.parametrize("name", ["astype", "add", "multiply", "floor_divide"])
def test_the_first_value_is_exact_far_out_of_range(name):
    """The kernels shift no farther than they must to see that it overflows."""
    a = fx.FixedArray.from_raw([0, 3], fx.Format(8, -20))
    target = fx.Format(3, 3, overflow="raise")
    calls = {
        "astype": lambda: a.astype(target),
        "add": lambda: fx.add(a, a, format=target),
        "multiply": lambda: fx.multiply(a, a, format=target),
        "floor_divide": lambda: fx.floor_divide(
            a, fx.array([1, 1], fx.Format(8, 0)), format=target
        ),
    }
    value = {"astype": 3 << 20, "add": 6 << 20, "multiply": 9 << 40, "floor_divide": 3 << 20}[name]
    with pytest.raises(fx.FixedOverflowError, match=rf"\(1,\) is {value}$"):
        calls[name]()


def test_infinities():
    for overflow in ("raise", "wrap"):
        fmt = FMT.replace(overflow=overflow)
        text = message_of(fx.FixedOverflowError, lambda f=fmt: fx.array([1.0, float("-inf")], f))
        assert "-inf" in text
        assert repr(fmt) in text
    text = message_of(fx.FixedOverflowError, lambda: X + float("inf"))
    assert "inf" in text


def test_nan():
    text = message_of(ValueError, lambda: fx.array([[1.0, 2.0], [3.0, float("nan")]], FMT))
    assert "nan" in text.lower()
    assert "(1, 1)" in text
    assert "nan" in message_of(ValueError, lambda: X * float("nan")).lower()


@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_real_operands_out_of_range(overflow):
    x = fixed([1, 2], FMT.replace(overflow=overflow))
    for number, shown in ((100.5, "100.5"), (Fraction(-201, 2), "-100.5"), (Decimal(99), "99")):
        text = message_of(fx.FixedOverflowError, lambda n=number: x * n)
        assert shown in text
        assert "8, 4" in text


# --- raw integers, numbers ------------------------------------------------------------------


def test_raw_out_of_range():
    for number in (128, -129, 2**100, -(2**64)):
        text = message_of(
            fx.FixedOverflowError, lambda n=number: fx.FixedArray.from_raw([0, n], FMT)
        )
        for part in (str(number), "-128", "127"):
            assert part in text
    for number in (-1, 256, 2**70):
        text = message_of(fx.FixedOverflowError, lambda n=number: fx.from_bits([0, n], FMT))
        for part in (str(number), "255"):
            assert part in text
    for obj, shown in ((0.5, "0.5"), ("1", "1"), (None, "None")):
        assert shown in message_of(TypeError, lambda o=obj: fx.FixedArray.from_raw(o, FMT))


def test_what_is_no_number():
    for obj, shown in (
        ("abc", "'abc'"),
        (["1", "2,5"], "'2,5'"),
        ([[1, 2], [3]], "ragged"),
    ):
        assert shown in message_of(ValueError, lambda o=obj: fx.array(o, FMT))
    for obj, shown in (
        (None, "None"),
        (1j, "1j"),
        (np.array([1j]), "complex"),
        (np.array(["2020-01-01"], "M8[D]"), "datetime64"),
        (np.ma.masked_array([1, 2], [True, False]), "mask"),
        ({"a": 1}, "dict"),
    ):
        text = message_of(TypeError, lambda o=obj: fx.array(o, FMT))
        assert shown in text or repr(obj) in text


def test_operands_that_are_no_numbers():
    for function in (fx.add, fx.multiply, fx.maximum):
        for other, shown in (("1", "'1'"), (None, "None"), (1j, "1j")):
            text = message_of(TypeError, lambda f=function, o=other: f(X, o))
            assert shown in text or type(other).__name__ in text
    with pytest.raises(TypeError, match=r"(?i)fixedarray"):
        fx.add(1, 2)
    with pytest.raises(TypeError, match=r"(?i)fixedarray"):
        fx.sum([1, 2])


# --- poles, shapes, axes --------------------------------------------------------------------


def test_division_by_zero():
    zero = fx.zeros(3, format=FMT)
    for function in (lambda: X[:0].sum() / zero, lambda: zero / 0, lambda: 0 / zero):
        text = message_of(ZeroDivisionError, function)
        assert "0 / 0" in text
    for overflow in ("raise", "wrap"):
        fmt = FMT.replace(overflow=overflow)
        x = fixed([5, 6], fmt)
        text = message_of(ZeroDivisionError, lambda x=x: x / 0)
        assert "divide" in text or "/ 0" in text


def test_shapes():
    y = fx.zeros((2, 2), format=FMT)
    for function in (
        lambda: X + y,
        lambda: operator.lt(X, y),
        lambda: X @ y,
        lambda: fx.where(np.array([True, False, True]), X, y),
    ):
        text = message_of(ValueError, function).replace(" ", "")
        assert "(3,)" in text
        assert "(2,2)" in text
    assert "(2,)" in message_of(ValueError, lambda: X.__setitem__(slice(None), y[0]))
    assert "7" in message_of(ValueError, lambda: X.reshape(7))


def test_reductions_of_nothing():
    empty = fx.zeros((0, 2), format=FMT)
    for name in ("mean", "min", "max", "argmax"):
        for axis in (None, 0):
            text = message_of(ValueError, lambda n=name, a=axis: getattr(fx, n)(empty, axis=a))
            assert name in text
            assert "(0, 2)" in text


def test_one_element_only():
    for function in (bool, int, float, lambda x: x.item()):
        assert "(3,)" in message_of((TypeError, ValueError), lambda f=function: f(X))
    message_of((TypeError, ValueError), lambda: bool(X == 1))


def test_shift_counts():
    for count in (0.5, "1", None, [1.5]):
        text = message_of(TypeError, lambda n=count: fx.left_shift(X, n))
        assert repr(count) in text or "float" in text or type(count).__name__ in text


def test_to_numpy():
    x = fx.array([1, 300, 400], fx.Format(16, 4))
    text = message_of(fx.FixedOverflowError, lambda: x.to_numpy(np.uint8))
    assert "300" in text
    assert "uint8" in text or "255" in text
    assert "complex" in message_of(TypeError, lambda: x.to_numpy(complex))


def test_unhashable_and_immutable():
    assert "unhashable" in message_of(TypeError, lambda: {X: 1})
    for name in ("format", "shape", "raw", "words"):
        with pytest.raises(AttributeError):
            setattr(X, name, None)


def shown(function, *args, **kwargs):
    with pytest.raises(fx.FixedOverflowError) as info:
        function(*args, **kwargs)
    return str(info.value).rpartition(" is ")[2]


def test_an_overflow_far_beyond_the_range_is_shown_exactly():
    coarse = fx.FixedArray.from_raw([100, 117, 1], fx.Format(8, -10, overflow="raise"))
    for function in (fx.prod, fx.cumprod, lambda a: np.multiply.reduceat(a, [0])):
        assert shown(function, coarse) == str(100 * 117 * 2**20)
    four = fx.array([4], fx.Format(8, 0, overflow="raise"))
    assert shown(fx.left_shift, four, [20]) == shown(fx.left_shift, four, 20) == str(4 << 20)
    one, fine = fx.array([[1]], fx.Format(8, 0)), fx.Format(8, 20, overflow="raise")
    assert shown(fx.matmul, one, one, accumulator=fine, format=one.format) == "1"


@pytest.mark.parametrize("columns", [4, 10_000])
def test_the_place_of_an_overflow_has_the_axes_that_are_kept(columns):
    a = fx.full((6, columns), 100, fx.Format(8, 0))
    a[:, ::2] = -100
    with pytest.raises(fx.FixedOverflowError, match=r"index \(0, 0\)"):
        a.var(axis=1, keepdims=True, format=fx.Format(8, 0, overflow="raise"))


def test_numbers_in_messages_are_exact_or_cut_off():
    half = fx.Format(64, 32, overflow="raise")
    text = message_of(fx.FixedOverflowError, lambda: fx.array(2.0**31, half))
    assert "[-2147483648, 2147483647.99999999976716935634613037109375]" in text
    wide = fx.Format(128, 120, overflow="raise")
    assert "127.99999999999999...]" in message_of(
        fx.FixedOverflowError, lambda: fx.array(128, wide)
    )
    text = message_of(fx.FixedOverflowError, lambda: fx.array(2**1000000, half))
    assert "about 2**1000000" in text
    assert "1.0000000000000002" not in message_of(
        ValueError, lambda: fx.quantile(X, Fraction(10**30 + 1, 10**30))
    )
