"""NaN, infinities, huge numbers, text, what is no number: the error says which and the way out."""

import time
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from checks import message_of, raw_list

import fxtypes as fx

Q = fx.Format(8, 4)

RAISING = Q.replace(overflow="raise")

X = fx.array([1, 2, 3], Q)

NAN = float("nan")
Q8 = fx.Format(16, 8)


@pytest.mark.parametrize(
    "nan",
    [NAN, np.float32(NAN), [1, NAN], np.array([NAN]), np.array([NAN], object), Decimal("NaN"),
     "nan", ["1", "-NaN"], np.longdouble(NAN), Decimal("sNaN")],
    ids=repr,
)  # fmt: skip
def test_nan(nan):
    for overflow in fx.Overflow:
        text = message_of(ValueError, fx.array, nan, Q.replace(overflow=overflow))
        assert "NaN has no" in text or "NaN at index" in text
        assert "numpy.nan_to_num" in text
    if not isinstance(nan, str | list):
        assert "NaN" in message_of(ValueError, fx.add, X, nan)


@pytest.mark.parametrize(
    "infinity",
    [float("inf"), np.float32("inf"), "inf", Decimal("Infinity"), "1e999999", Decimal("1e999999"),
     np.longdouble("inf"), [[float("inf")]], np.array([np.inf], object)],
    ids=repr,
)  # fmt: skip
def test_infinities(infinity):
    assert raw_list(fx.array(infinity, Q)) == [Q.raw_max]
    assert raw_list(fx.array(infinity, Q.replace(overflow="saturate_zero"))) == [0]
    for overflow in ("raise", "wrap"):
        fmt = Q.replace(overflow=overflow)
        text = message_of(fx.FixedOverflowError, fx.array, infinity, fmt)
        for part in ("inf", repr(fmt), "range"):
            assert part in text
    if not isinstance(infinity, str):
        text = message_of(fx.FixedOverflowError, fx.multiply, X, infinity)
        assert "inf" in text
        assert "wider_format" in text


@pytest.mark.parametrize(
    ("number", "shown"),
    [(1e308, "1e+308"), (10**400, "about 2**1328"), (10**5000, "about 2**16609"), (9.0, "is 9")],
    ids=["1e308", "10**400", "10**5000", "9"],
)
def test_huge_numbers(number, shown):
    assert raw_list(fx.array([number, -number], Q)) == [Q.raw_max, Q.raw_min]
    text = message_of(fx.FixedOverflowError, fx.array, [0, number], RAISING)
    for part in ("1 of 2", "(1,)", repr(RAISING), "[-8, 7.9375]", shown):
        assert part in text
    # Integers are exact operands of any size, others must fit.
    assert raw_list(X * 10**5000) == [Q.raw_max] * 3
    text = message_of(fx.FixedOverflowError, fx.add, X, 1e308)
    assert "1e+308" in text
    assert "wider_format" in text


@pytest.mark.parametrize(
    "text", ["0x", "0x10", "", "abc", "1,5", "1e", "e5", "1/3", "--1", "1e99999999999999999999x"]
)
def test_text_that_is_no_number(text):
    for obj in (text, [text], ["1", [text][0]], np.array([text])):
        assert f"not a decimal number: {text!r}" in message_of(ValueError, fx.array, obj, Q)


@pytest.mark.parametrize("exponent", [400, 999999, 10**9, 10**17, 10**18, 10**30])
def test_extreme_exponents_at_once(exponent):
    before = time.perf_counter()
    up = Q.replace(rounding="ceil")
    for tiny, huge in (
        (f"1e-{exponent}", f"1e{exponent}"),
        (f" 0.05E-{exponent} ", f"+500.e+{exponent}"),
    ):
        assert raw_list(fx.array([tiny, f"-{tiny.strip()}"], up)) == [1, 0]
        assert raw_list(fx.array([huge, f"-{huge.strip(' +')}"], Q)) == [Q.raw_max, Q.raw_min]
        assert raw_list(fx.array([tiny, huge], Q.replace(overflow="saturate_zero"))) == [0, 0]
        with pytest.raises(fx.FixedOverflowError, match="inf"):
            fx.array(huge, RAISING)
        assert fx.array([f"0e{exponent}", f"-0e-{exponent}"], up).tolist() == [0, 0]
        assert raw_list(fx.linspace(0, tiny, 3, format=up)) == [0, 1, 1]
        for refused in (
            lambda huge=huge: fx.arange(huge, format=Q),
            lambda huge=huge: fx.linspace(0, huge, format=Q),
            lambda huge=huge: fx.random.uniform(3, Q, 0, huge),
            lambda huge=huge: fx.Format.for_range(0, huge, 8),
            lambda tiny=tiny: fx.arange(0, 1, tiny, format=Q),
        ):
            with pytest.raises(ValueError, match=r"finite|elements"):
                refused()
    if exponent < 10**17:
        tiny, huge = Decimal(f"1e-{exponent}"), Decimal(f"1e{exponent}")
        x = X.astype(up)
        assert (x > tiny).all()
        assert (x < huge).all()
        assert (x != tiny).all()
        assert raw_list(x + tiny) == [17, 33, 49]
    assert time.perf_counter() - before < 2


def test_decimals_of_many_digits():
    """Reading takes no more than the digits' number; a last digit still counts."""
    before = time.perf_counter()
    zeros, nines = "0" * 10**6, "9" * 10**6
    tie = "0.03125"  # halfway from 0 to Q.resolution
    texts = [f"{tie}{zeros}", f"{tie}{zeros}1", f"0.03124{nines}", f"-{tie}{zeros}1"]
    assert raw_list(fx.array(texts, Q)) == [0, 1, 0, -1]
    assert raw_list(fx.array([nines, f"-{nines}"], Q)) == [Q.raw_max, Q.raw_min]
    assert time.perf_counter() - before < 5


@pytest.mark.parametrize(
    ("obj", "shapes"),
    [([[1, 2], [3]], "[(1,), (2,)]"), ([1, [2]], "[(), (1,)]"), ([[], [1]], "[(0,), (1,)]"),
     ([[1], ["2", 3]], "[(1,), (2,)]"), ([np.zeros(2), np.zeros(3)], "[(2,), (3,)]"),
     ([X, 1.5], "[(), (3,)]")],
    ids=repr,
)  # fmt: skip
def test_ragged_lists(obj, shapes):
    text = message_of(ValueError, fx.array, obj, Q)
    assert "ragged" in text
    assert shapes in text


@pytest.mark.parametrize(
    ("obj", "shown"),
    [
        (1j, "1j"),
        ([1, 2 + 1j], "(2+1j)"),
        (np.complex64(1), "np.complex64(1+0j)"),
        (np.array([1j]), "complex128"),
        (datetime(2026, 1, 2), "datetime.datetime(2026, 1, 2, 0, 0)"),
        ([date(2026, 1, 2)], "datetime.date(2026, 1, 2)"),
        (timedelta(1), "datetime.timedelta(days=1)"),
        (np.datetime64("2026-01-02"), "np.datetime64('2026-01-02')"),
        (np.array(["2026"], "M8[Y]"), "datetime64[Y]"),
        (np.timedelta64(1, "s"), "np.timedelta64(1,'s')"),
        (None, "None"),
        ([1, None], "None"),
        (np.array([None]), "None"),
        (b"1", "b'1'"),
        (np.array([b"1"]), "S1"),
        ({"a": 1}, "{'a': 1}"),
        ({1}, "{1}"),
        (np.zeros(2, "i4,f4"), "f0"),
        (object, "<class 'object'>"),
        (np.ma.masked_array([1, 2], [True, False]), "masked array"),
        (np.ma.masked_array([1, 2]), "masked array"),
        (np.ma.masked, "masked array"),
        ([np.ma.masked_array([1, 2], [True, False])], "masked"),
    ],
    ids=repr,
)
def test_what_is_no_number(obj, shown):
    for function in (
        lambda: fx.array(obj, Q),
        lambda: fx.full((2, 2), obj, Q),
        lambda: X.copy().__setitem__(slice(None), obj),
    ):
        assert shown in message_of(TypeError, function)
    for function in (fx.add, fx.maximum, fx.divide, fx.left_shift, fx.power):
        with pytest.raises(TypeError):
            function(X, obj)


def test_the_way_out_of_masks_and_complex_numbers():
    assert ".filled(" in message_of(TypeError, fx.array, np.ma.masked_array([1, 2], [0, 1]), Q)
    assert ".real" in message_of(TypeError, fx.array, np.array([1j]), Q)
    assert "fx.array('1', format)" in message_of(TypeError, fx.add, X, "1")


def test_masked_arrays_are_refused_wherever_numbers_or_conditions_are_taken():
    masked = np.ma.masked_array([1, 2, 3], [True, False, False])
    for obj in (masked, [masked], (1, [masked, 2])):
        for function in (
            lambda obj: fx.array(obj, Q),
            lambda obj: fx.FixedArray.from_raw(obj, Q),
            lambda obj: fx.from_bits(obj, Q),
            lambda obj: X + obj,
            lambda obj: np.add(X, obj),
            lambda obj: X << obj,
            lambda obj: X**obj,
            lambda obj: fx.less(X, obj),
            lambda obj: fx.searchsorted(X, obj),
        ):
            with pytest.raises(TypeError, match="masked"):
                function(obj)
    condition = masked > 1
    for function in (
        lambda: fx.where(condition, X, X),
        lambda: fx.add(X, X, where=condition),
        lambda: fx.less(X, X, where=condition),
    ):
        assert ".filled(" in message_of(TypeError, function)


def test_text_beside_an_array():
    for other in ("1", "0.5", b"1"):
        with pytest.raises(TypeError, match="unsupported operand"):
            X + other
        assert repr(other) in message_of(TypeError, fx.multiply, X, other)
        assert not fx.equal(X, other).any()


def test_dates_and_matrices():
    for value in ([np.timedelta64(5, "ns")], np.array([np.timedelta64(5, "s")], object)):
        with pytest.raises(TypeError):
            fx.array(value, Q8)
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.5, 2]], dtype=np.longdouble)
    assert fx.array(matrix, Q8).tolist() == [[1.5, 2]]
