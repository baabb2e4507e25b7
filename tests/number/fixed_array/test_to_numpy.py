"""Values out: to_numpy, to_fractions, tolist, item, float, int."""

import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import fixed, layouts, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

Q = fx.Format(16, 8)


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


@pytest.mark.parametrize("fmt", [Q, fx.Format(100, 8)])
def test_item_of_a_place(fmt):
    a = fx.arange(6, fmt).reshape(2, 3)
    assert [a.item(3), a.item(1, 2), a.item((0, 1)), a.item(-1)] == [3, 5, 1, 5]
    for wrong in (6, (2, 0), (0, 0, 0)):
        with pytest.raises((IndexError, ValueError)):
            a.item(wrong)


@given(st.data(), strategies.formats())
def test_single_elements(data, fmt):
    raw = data.draw(strategies.raws(fmt))
    value = oracle.value(raw, fmt)
    for one in (fixed([raw], fmt), fixed([raw, raw], fmt)[1], fixed([raw], fmt, (1, 1, 1))):
        assert one.item() == value
        assert type(one.item()) is Fraction
        assert (float(one), complex(one)) == (float(value), complex(float(value)))
        for function in (int, bool, math.floor, math.ceil, math.trunc, round):
            assert function(one) == function(value)
            assert type(function(one)) is type(function(value))


@given(st.data(), strategies.formats(overflow=st.just("saturate")))
def test_numbers_assigned_twice(data, fmt):
    """The second time it is known what a number becomes; but not where that draws."""
    a, b = fx.zeros(4, fmt), fx.zeros(4, fmt)
    number = data.draw(st.one_of(st.integers(-300, 300), st.floats(-300, 300)))
    for seed in (0, 1):
        with fx.seeded(seed):
            a[1], a[2:] = number, number
        with fx.seeded(seed):
            b[1], b[2:] = fx.array(number, fmt), fx.array([number, number], fmt)
        assert raw_list(a) == raw_list(b)
    with fx.record() as events:
        a[3] = number
    assert events.elements == 1
