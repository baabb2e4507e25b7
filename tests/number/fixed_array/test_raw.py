"""Raw integers and bit patterns in and out: from_raw, from_bits, raw, words, to_bits."""

from fractions import Fraction

import numpy as np
import pytest
import strategies
from checks import fixed, layouts, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx


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
