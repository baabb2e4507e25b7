"""<< and >> by numbers and by arrays."""

import itertools
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
