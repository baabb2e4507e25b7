"""<< and >> by numbers and by arrays."""

import itertools
import operator
import random
from fractions import Fraction

import checks
import numpy as np
import oracle
import pytest
import strategies
from checks import arrays, broadcast, check_stored, fixed
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

counts = st.one_of(
    st.integers(-140, 140), st.sampled_from([0, 1, -1, 63, 64, -64, 127, 128, -128, 400, -400])
)
WIDTHS = [8, 16, 32, 40, 64, 100, 128]


@given(st.data(), strategies.formats(), counts)
def test_shift_by_a_number(data, fmt, n):
    raws, x = data.draw(arrays(fmt, (6,)))
    exact = [oracle.value(raw, fmt) * Fraction(2) ** n for raw in raws]
    check_stored(lambda: x << n, exact, fmt, (6,))
    check_stored(lambda: x >> -n, exact, fmt, (6,))


@given(st.data(), strategies.formats(), st.sampled_from([np.int8, np.int64, np.uint8]))
def test_shift_by_an_array(data, fmt, dtype):
    drawn = data.draw(strategies.shape_pairs)
    x_shape, n_shape = drawn.input_shapes
    raws, x = data.draw(arrays(fmt, x_shape))
    size = int(np.prod(n_shape, dtype=int))
    low = 0 if dtype is np.uint8 else -120
    flat = data.draw(st.lists(st.integers(low, 120), min_size=size, max_size=size))
    n = np.array(flat, dtype).reshape(n_shape)
    xs = broadcast(raws, fmt, x_shape, drawn.result_shape)
    ns = np.broadcast_to(n, drawn.result_shape).ravel().tolist()
    left = [v * Fraction(2) ** k for v, k in zip(xs, ns, strict=True)]
    right = [v * Fraction(2) ** -k for v, k in zip(xs, ns, strict=True)]
    check_stored(lambda: x << n, left, fmt, drawn.result_shape)
    check_stored(lambda: x >> n, right, fmt, drawn.result_shape)


@pytest.mark.parametrize("overflow", ["saturate", "wrap", "saturate_zero"])
def test_shift_by_huge_numbers(overflow):
    fmt = fx.Format(16, 8, overflow=overflow)
    x = fixed([-5, -1, 0, 1, 7], fmt)
    values = [oracle.value(raw, fmt) for raw in (-5, -1, 0, 1, 7)]
    for n in (5000, -5000):
        check_stored(lambda n=n: x << n, [v * Fraction(2) ** n for v in values], fmt, (5,))
    most = np.iinfo(np.int64)
    for n in (np.int64(most.max), np.int64(most.min), 2**70, -(2**70)):
        limit = 3000 if n > 0 else -3000  # as good as any
        exact = [v * Fraction(2) ** limit for v in values]
        check_stored(lambda n=n: x << n, exact, fmt, (5,))


def test_shift_counts_are_integers():
    x = fixed([1, 2], fx.Format(16, 8))
    for n in (1.0, 0.5, "1", None, Fraction(1), x):
        with pytest.raises(TypeError):
            x << n
        with pytest.raises(TypeError):
            x >> n


@pytest.mark.parametrize("rounding", ["nearest_even", "ceil", "odd", "stochastic"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("function", [fx.left_shift, fx.right_shift])
def test_shifts_by_any_count_into_any_binary_point(function, width, rounding):
    chosen = random.Random(width)
    for x_point, point in itertools.product([-256, -20, 0, 7, 256], repeat=2):
        fmt = fx.Format(chosen.choice(WIDTHS), x_point)
        overflow = chosen.choice(["saturate", "wrap", "saturate_zero", "raise"])
        result = fx.Format(width, point, rounding=rounding, overflow=overflow)
        # Around where the binary points meet, and far from there.
        meeting = x_point - point
        counts = [meeting + chosen.randint(-200, 200) for _ in range(9)] + [-9000, 700]
        x = checks.some_raws(chosen, fmt, 11)
        exact = [oracle.value(p, fmt) * Fraction(2) ** n for p, n in zip(x, counts, strict=True)]
        counts = np.array(counts) if function is fx.left_shift else -np.array(counts)
        a = fx.FixedArray.from_raw(x, fmt)

        def compute(a=a, counts=counts, result=result):
            return function(a, counts, format=result)

        checks.check_stored(compute, exact, result, (11,))


@pytest.mark.parametrize("count", [257, 293, 1000, -257, -300])
def test_shifts_of_all_by_a_large_count(count):
    fmt, result = fx.Format(94, -1), fx.Format(18, 122)
    raws = [0, 1, -1, fmt.raw_max]
    exact = [oracle.value(raw, fmt) * Fraction(2) ** count for raw in raws]
    a = fx.FixedArray.from_raw(raws, fmt)
    checks.check_stored(lambda: fx.left_shift(a, count, format=result), exact, result, (4,))


def some_counts(chosen, dtype, meeting, size):
    """Counts of a dtype: its extremes, and others around `meeting`."""
    limits = np.iinfo(dtype)
    near = [meeting + chosen.randint(-210, 210) for _ in range(size)]
    small = [meeting + chosen.randint(-9, 9) for _ in range(size)]
    drawn = [chosen.choice([a, b, b, b]) for a, b in zip(near, small, strict=True)]
    drawn[::17] = [chosen.choice([limits.min, limits.max]) for _ in drawn[::17]]
    return np.array([min(max(n, limits.min), limits.max) for n in drawn], dtype)


def shifted_exactly(raws, fmt, counts, right):
    """Shifts by counts, those far beyond any width made shorter, which gives the same elements."""
    signs = [-int(n) if right else int(n) for n in counts]
    exponents = [min(max(n, -900), 900) for n in signs]
    return [oracle.value(p, fmt) * Fraction(2) ** n for p, n in zip(raws, exponents, strict=True)]


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
def test_shifts_by_an_array_in_every_mode(width, signed, right):
    """In the format itself and into another one; enough elements for vectors, and a rest."""
    chosen = random.Random(f"{width} {signed} {right}")
    shift = operator.rshift if right else operator.lshift
    function = fx.right_shift if right else fx.left_shift
    for rounding, overflow in itertools.product(fx.Rounding, fx.Overflow):
        fmt = fx.Format(width, 5, signed=signed, rounding=rounding, overflow=overflow)
        other = fx.Format(chosen.choice([7, 12, 32, 40, 64, 100, 128]), chosen.choice([-3, 5, 30]))
        size = 37
        for x, result in ((fmt, fmt), (other, fmt)):
            raws = checks.some_raws(chosen, x, size)
            a = fixed(raws, x, layout=chosen.choice(["contiguous", "strided", "reversed"]))
            dtype = chosen.choice(["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i8", ">u2"])
            meeting = x.frac_bits - result.frac_bits
            counts = some_counts(chosen, np.dtype(dtype), -meeting if right else meeting, size)
            exact = shifted_exactly(raws, x, counts, right)
            options = {} if x is result else {"format": result}

            def compute(f=function if options else shift, a=a, n=counts, options=options):
                return f(a, n, **options)

            check_stored(compute, exact, fmt, (size,))


def test_a_shift_that_loses_more_than_all_bits_of_the_lowest_element():
    """It is a quarter: no tie, as a shift by one bit less is."""
    for width, rounding in itertools.product([8, 32, 64, 128], fx.Rounding):
        fmt = fx.Format(width, 0, rounding=rounding)
        raws, counts = [fmt.raw_min] * 3, np.array([width, width + 1, width + 2])
        exact = [oracle.value(fmt.raw_min, fmt) / (1 << n) for n in counts.tolist()]
        x = fixed(raws, fmt)
        check_stored(lambda x=x, counts=counts: x >> counts, exact, fmt, (3,))


def test_shifts_by_an_array_in_other_calls():
    fmt = fx.Format(16, 8)
    x = fixed([3, -5, 1000, -1000], fmt)
    counts = np.array([1, -1, 3, -2])
    expected = [6, -2, 8000, -250]
    mixed = np.arange(12).reshape(3, 4)
    for n in (counts, counts.tolist(), counts.astype(object), np.repeat(counts, 2)[::2]):
        assert checks.raw_list(x << n) == expected
        assert checks.raw_list(fx.left_shift(x, n)) == expected
        assert checks.raw_list(np.left_shift(x, n)) == expected
        assert checks.raw_list(fx.left_shift(x, n, out=fx.zeros(4, fmt))) == expected
    y = x.copy()
    y <<= counts
    assert checks.raw_list(y) == expected
    assert checks.raw_list(x << np.array(2)) == [12, -20, 4000, -4000]
    assert (x << mixed).shape == (3, 4)
    assert checks.raw_list((x << mixed)[1]) == [48, -160, 32767, -32768]
    assert checks.raw_list(x >> np.array([True, False, True, False])) == [2, -5, 500, -1000]
    with pytest.raises(ValueError, match="left_shift: shapes"):
        x << np.arange(3)
    with pytest.raises(TypeError, match="a shift count is an integer"):
        x << np.array([1.0, 2.0, 3.0, 4.0])
