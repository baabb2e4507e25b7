"""Operands beside an array: Python's and NumPy's numbers, and what is none."""

import array
import collections
from decimal import Decimal
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import arrays, broadcast, check_stored, fixed, objects, raw_list
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle import ARITHMETIC, BINARY

import fxtypes as fx

symbols = st.sampled_from(list(ARITHMETIC))
Q = fx.Format(16, 8)


def check_number(data, name, fmt, number, value, name_of_count):
    """`number`, which counts as `value`, on either side of an array."""
    raws, x = data.draw(arrays(fmt, (4,)))
    values = [oracle.value(raw, fmt) for raw in raws]
    function = ARITHMETIC[name]
    if name != "divide" or value:
        exact = [function(v, value) for v in values]
        check_stored(lambda: function(x, number), exact, fmt, (4,), name_of_count)
    if name != "divide" or all(raws):
        exact = [function(value, v) for v in values]
        check_stored(lambda: function(number, x), exact, fmt, (4,), name_of_count)


@given(st.data(), symbols, strategies.formats(), strategies.big_integers)
def test_python_integers_are_exact(data, name, fmt, n):
    check_number(data, name, fmt, n, Fraction(n), name)


@given(
    st.data(),
    st.sampled_from(["minimum", "maximum"]),
    strategies.formats(),
    strategies.big_integers,
)
def test_extremes_with_python_integers(data, name, fmt, n):
    raws, x = data.draw(arrays(fmt, (4,)))
    exact = [BINARY[name](oracle.value(raw, fmt), Fraction(n)) for raw in raws]
    check_stored(lambda: getattr(fx, name)(x, n), exact, fmt, (4,), name)


@given(st.data(), symbols, strategies.formats(), strategies.formats(), strategies.big_integers)
def test_python_integers_into_a_format(data, name, fmt, target, n):
    assume(name != "divide" or n)
    raws, x = data.draw(arrays(fmt, (3,)))
    exact = [ARITHMETIC[name](oracle.value(raw, fmt), Fraction(n)) for raw in raws]
    check_stored(lambda: getattr(fx, name)(x, n, format=target), exact, target, (3,), name)


def test_doubling_where_two_does_not_fit():
    x = fx.array([0.125, -0.25, 0.75], fx.Format(8, 7))
    assert (x * 2).to_fractions().tolist() == [Fraction(1, 4), Fraction(-1, 2), Fraction(127, 128)]
    assert (x * True).to_fractions().tolist() == x.to_fractions().tolist()


@given(st.data(), symbols, strategies.formats())
def test_integer_arrays_are_exact(data, name, fmt):
    dtype = data.draw(
        st.sampled_from(["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4", ">u8", "?"])
    )
    if dtype == "?":
        elements = st.booleans()
    else:
        info = np.iinfo(dtype)
        edges = st.sampled_from([info.min, info.max, 0, 1])
        elements = st.one_of(edges, st.integers(int(info.min), int(info.max)))
    flat = data.draw(st.lists(elements, min_size=6, max_size=6))
    operand = np.array(flat, dtype).reshape(2, 3)[:, ::-1]
    raws, x = data.draw(arrays(fmt, (3,)))
    xs = broadcast(raws, fmt, (3,), (2, 3))
    ys = [Fraction(int(n)) for n in operand.ravel()]
    function = ARITHMETIC[name]
    if name != "divide" or all(ys):
        exact = [function(a, b) for a, b in zip(xs, ys, strict=True)]
        check_stored(lambda: function(x, operand), exact, fmt, (2, 3), name)
    if name != "divide" or all(raws):
        exact = [function(b, a) for a, b in zip(xs, ys, strict=True)]
        check_stored(lambda: function(operand, x), exact, fmt, (2, 3), name)


@given(st.data(), strategies.formats())
def test_object_arrays_of_integers(data, fmt):
    flat = data.draw(st.lists(strategies.big_integers, min_size=4, max_size=4))
    operand = objects(flat, (4,))
    raws, x = data.draw(arrays(fmt, (4,)))
    exact = [oracle.value(raw, fmt) * n for raw, n in zip(raws, flat, strict=True)]
    check_stored(lambda: x * operand, exact, fmt, (4,), "multiply")


@pytest.mark.parametrize("number", [np.int8(-3), np.uint64(2**64 - 1), np.int64(5), np.True_])
@pytest.mark.parametrize("name", ARITHMETIC)
def test_numpy_integer_scalars(number, name):
    fmt = fx.Format(24, 6, rounding="nearest_up", overflow="wrap")
    raws = [-8388608, -77, 1, 63, 8388607]
    x, value = fixed(raws, fmt), Fraction(int(number))
    values = [oracle.value(raw, fmt) for raw in raws]
    function = ARITHMETIC[name]
    check_stored(lambda: function(x, number), [function(v, value) for v in values], fmt, (5,), name)
    check_stored(lambda: function(number, x), [function(value, v) for v in values], fmt, (5,), name)


def met(value, fmt):
    """A float, Fraction or Decimal as an array of the format `fmt` meets it; None: too large."""
    rounding = "nearest_even" if fmt.rounding == "stochastic" else fmt.rounding
    raw = oracle.round_value(value, fmt.replace(rounding=rounding))
    low, high = oracle.result_limits(fmt)
    return oracle.value(raw, fmt) if low <= raw <= high else None


@given(st.data(), symbols, strategies.formats())
def test_real_operands_are_rounded_first(data, name, fmt):
    number, value = data.draw(strategies.real_numbers(fmt))
    value = met(value, fmt)
    if value is None:
        x = fixed([1], fmt)
        with pytest.raises(fx.FixedOverflowError):
            ARITHMETIC[name](x, number)
        with pytest.raises(fx.FixedOverflowError):
            ARITHMETIC[name](number, x)
        return
    check_number(data, name, fmt, number, value, name)


@given(st.data(), symbols, strategies.formats())
def test_float_arrays_are_rounded_first(data, name, fmt):
    near_values = [data.draw(strategies.raws(fmt)) for _ in range(3)]
    floats = np.array([float(oracle.value(raw, fmt) * Fraction(3, 4)) for raw in near_values])
    values = [met(Fraction(v), fmt) for v in floats.tolist()]
    raws, x = data.draw(arrays(fmt, (3,)))
    assume(None not in values)
    assume(name != "divide" or all(values))
    xs = [oracle.value(raw, fmt) for raw in raws]
    exact = [ARITHMETIC[name](a, b) for a, b in zip(xs, values, strict=True)]
    check_stored(lambda: ARITHMETIC[name](x, floats), exact, fmt, (3,), name)


@pytest.mark.parametrize("overflow", list(fx.Overflow))
@pytest.mark.parametrize(
    "number", [128.0, -128.51, 1e300, Fraction(1000), Decimal("-1e9"), np.float32(500), np.inf]
)
def test_real_operands_out_of_range(overflow, number):
    x = fx.array([1, 2], fx.Format(8, 0, overflow=overflow))
    for compute in (lambda: x + number, lambda: number - x, lambda: fx.multiply(x, number)):
        with pytest.raises(fx.FixedOverflowError):
            compute()


def test_the_lowest_of_a_symmetric_format_is_out_of_range():
    """Storage may hold it, but no operation gives it: neither does the operand's rounding."""
    for width in (2, 8, 32, 128):
        fmt = fx.Format(width, 0, overflow="saturate_symmetric")
        x = fixed([0, 1], fmt)
        for number in (float(fmt.raw_min), Fraction(fmt.raw_min), np.array([float(fmt.raw_min)])):
            with pytest.raises(fx.FixedOverflowError):
                x + number
        assert raw_list(x + fmt.raw_min) == [-fmt.raw_max, 1 + fmt.raw_min]


@pytest.mark.parametrize("size", [1, 9, 1000, 1001])  # up to 1000 are read by compiled code
@pytest.mark.parametrize(
    "fmt",
    [
        Q,
        fx.Format(128, 100, rounding="odd"),
        fx.Format(9, 3, False, "ceil", "wrap"),
        fx.Format(40, -3, overflow="saturate_symmetric"),
        fx.Format(16, 2, overflow="raise"),
    ],
    ids=str,
)
def test_few_floats_and_many(fmt, size):
    values = [0.0, 3.7, 5.0625, 2.0**-40, 5e-324, 63.8, 0.125, *([] if not fmt.signed else [-2.6])]
    floats = np.resize(values, size)
    expected = [oracle.overflow(oracle.round_value(Fraction(v), fmt), fmt) for v in floats.tolist()]
    for given_floats in (floats, np.repeat(floats, 2)[::2], floats.astype(">f8")):
        a = fx.zeros(size, fmt)
        a[...] = given_floats
        assert raw_list(a) == expected
        assert raw_list(fx.array(given_floats, fmt)) == expected
        assert raw_list(given_floats + fx.zeros(size, fmt)) == expected
    floats[-1] = np.nan
    a = fx.zeros(size, fmt)
    for call in (
        lambda: a + floats,
        lambda: fx.array(floats, fmt),
        lambda: a.__setitem__(..., floats),
    ):
        with pytest.raises(ValueError, match=rf"NaN at index \({size - 1},\)"):
            call()
    assert not a.any()


def test_nan_operands():
    x = fx.array([1, 2], fx.Format(8, 0))
    for nan in (float("nan"), np.float32("nan"), Decimal("nan"), np.array([1, np.nan])):
        with pytest.raises(ValueError, match=r"(?i)nan"):
            x + nan


@pytest.mark.parametrize("other", ["1", None, [object()], 1j, b"1"])
def test_operands_that_are_no_numbers(other):
    x = fx.array([1, 2], fx.Format(8, 0))
    for function in ARITHMETIC.values():
        with pytest.raises(TypeError):
            function(x, other)
        with pytest.raises(TypeError):
            function(other, x)


@pytest.mark.parametrize("fmt", [fx.Format(8, 4), fx.Format(64, 4), fx.Format(128, 70)], ids=str)
def test_a_number_again_and_in_other_company(fmt):
    x = fx.array([1.5, -2], fmt)
    for _ in range(2):
        for one, two in ((1, 1.0), (True, 1), (0, -0.0), (2, 2.0)):
            for number in (one, two):
                assert (x + number).tolist() == [1.5 + number, -2 + number]
                assert (number - x).tolist() == [number - 1.5, number + 2]
                assert (x < number).tolist() == [number > 1.5, True]
        with fx.record() as events:
            x * 2
            x * 0.5
        assert events.by_operation["convert"]["elements"] == 1
        assert events.by_operation["multiply"]["elements"] == 4
        if fmt.width < 100:
            with fx.full_precision():
                assert (x + 1).format.width == fmt.width + 1
                assert (-x).format.width == abs(x).format.width == fmt.width + 1
        assert (x + 1).format is (-x).format is fmt
        with pytest.raises(ValueError, match="NaN"):
            x + float("nan")
        with pytest.raises(fx.FixedOverflowError):
            x + float("inf")
        with pytest.raises(ZeroDivisionError):
            (x - x) / 0
        assert (x == float("nan")).tolist() == [False, False]
        assert (x < float("inf")).all()
        assert (x < 10**60).all()
        y = x.copy()
        y += 1
        y *= 0.5
        assert y.tolist() == [1.25, -0.5]
        with pytest.raises(ValueError, match="shape"):
            y[0] += fx.ones((2, 2), fmt)


def test_a_number_beside_stochastic_rounding_is_read_once_and_takes_no_draws():
    fmt = fx.Format(16, 2, rounding="stochastic")
    x = fx.array([1, 2], fmt)
    for _ in range(2):
        fx.seed(3)
        first = raw_list(x * 0.3), raw_list(x / 3)
        fx.seed(3)
        assert (raw_list(x * 0.25), raw_list(x / 3)) == first  # 0.3 ties to even: 0.25


@pytest.mark.parametrize("dtype", ["i2", "i4", "u8", "f4", "f8"])
def test_numbers_that_are_not_aligned(dtype):
    size = np.dtype(dtype).itemsize
    packed = np.zeros(size * 40 + 1, np.uint8)[1:].view(dtype)
    packed[:] = np.arange(40)
    assert not packed.flags.aligned
    for fmt in (Q, fx.Format(100, 8)):
        assert fx.array(packed, fmt).tolist() == list(range(40))
        assert (fx.zeros(40, fmt) + packed).tolist() == list(range(40))
        assert (fx.zeros(40, fmt) <= packed).all()
        if np.dtype(dtype).kind in "iu":
            assert fx.FixedArray.from_raw(packed, fmt).raw.tolist() == list(range(40))


@pytest.mark.parametrize(
    "other", [["1", "2"], np.array(["1", "2"]), ["a", 1], [None, 1], np.array([b"1", b"2"])],
    ids=repr,
)  # fmt: skip
def test_text_and_none_among_operands(other):
    a = fx.array([1, 2], Q)
    assert (a == other).tolist() == [False, False]
    assert (a != other).tolist() == [True, True]
    for function in (np.less, np.add, np.multiply, np.matmul):
        with pytest.raises(TypeError):
            function(a, other)


def test_a_range_is_an_operand():
    assert (fx.array([1, 2], Q) + range(2)).tolist() == [1, 3]
    assert (fx.array([1, 2], Q) == range(1, 3)).all()


class ArrayLike:
    def __array__(self, dtype=None, copy=None):
        return np.array([1.5, 2, 3])


class Foreign:
    """What NumPy leaves operations to."""

    def __array_ufunc__(self, *args, **kwargs):
        return "theirs"

    def __array_function__(self, *args):
        return "theirs"


class Apart:
    __array_ufunc__ = None
    __hash__ = None

    def __eq__(self, other):
        return "theirs"

    def __radd__(self, other):
        return "theirs"


@pytest.mark.parametrize(
    "like",
    [ArrayLike(), array.array("d", [1.5, 2, 3]), memoryview(np.array([1.5, 2, 3])),
     collections.deque([1.5, 2, 3])],
    ids=lambda v: type(v).__name__,
)  # fmt: skip
def test_what_numpy_reads_is_an_operand(like):
    a = fx.array([1.5, 2, 3], Q)
    assert np.array_equal(fx.array(like, Q), a)
    assert (a == like).all()
    assert np.equal(a, like).all()
    assert not (a < like).any()
    assert (a + like).tolist() == (like + a).tolist() == [3, 4, 6]
    assert np.array_equal(a, like)


def test_operations_that_are_left_to_others():
    a = fx.ones(3, Q)
    for found in (np.add(a, Foreign()), np.equal(a, Foreign()), np.concatenate([a, Foreign()])):
        assert found == "theirs"
    assert (a == Apart()) == (a + Apart()) == "theirs"
    assert (a == object()).tolist() == [False] * 3


@pytest.mark.parametrize("number", [1.0, 12.0, -20.0, 3, 12])
def test_a_divisor_of_coarse_units(number):
    """A float is rounded into the array's format first; an integer is what it is."""
    fmt = fx.Format(8, -3, rounding="floor")  # units of 8
    x = fx.array([-16, 8, 64, 800], fmt)
    operand = Fraction(number) if isinstance(number, int) else Fraction(number // 8 * 8)
    expected = [oracle.quantize(operand / value, fmt) for value in x.to_fractions().tolist()]
    assert (number / x).raw.tolist() == expected
    with fx.record():
        assert (number / x).raw.tolist() == expected
