"""Matrix products: exact and rounded once, or step by step in an accumulator."""

import math
import random
import re

import numpy as np
import oracle
import pytest
import strategies
from checks import (
    LAYOUTS,
    check_accumulated,
    check_message,
    check_stored,
    fixed,
    raw_list,
    scaled,
    some_raws,
    sums,
    telling_raws,
)
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

SHAPES = [  # rows, inner, columns
    (1, 1, 1),
    (2, 3, 4),
    (5, 7, 3),
    (1, 17, 1),
    (3, 1, 3),
    (2, 0, 3),
    (0, 3, 2),
    (2, 3, 0),
    (0, 0, 0),
    (7, 31, 9),
    (4, 67, 17),
    (17, 8, 33),
]


# --- exact ----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mode", ["saturate", "raise", "wrap"])
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
@pytest.mark.parametrize("width", [8, 32, 64, 128])
def test_stacks(width, rounding, mode, layout):
    """Stacks that broadcast in both operands; what happened in any of their products counts."""
    fmt = fx.Format(width, width // 2)
    target = fx.Format(width, width // 2 - 1, rounding=rounding, overflow=mode)
    rows, inner, columns = 4, 5, 3
    chosen = random.Random(width)
    a_raws, b_raws = some_raws(chosen, fmt, 2 * 20), some_raws(chosen, fmt, 3 * 15)
    a = fixed(a_raws, fmt, (2, 1, rows, inner), layout)
    b = fixed(b_raws, fmt, (3, inner, columns), layout)
    exacts = []
    for i in range(2):
        for j in range(3):
            parts = a_raws[i * 20 : i * 20 + 20], b_raws[j * 15 : j * 15 + 15]
            exacts += sums(oracle.matmul_terms(*parts, (rows, inner, columns)), (fmt, fmt))
    check_stored(
        lambda: fx.matmul(a, b, format=target), exacts, target, (2, 3, rows, columns), "matmul"
    )
    exacts = exacts[: rows * columns] + exacts[3 * rows * columns : 4 * rows * columns]
    check_stored(
        lambda: fx.matmul(a[:, 0], b[0], format=target), exacts, target, (2, rows, columns)
    )
    check_stored(
        lambda: fx.matmul(a[0, 0, 1], b[0, :, 2], format=target), [exacts[columns + 2]], target, ()
    )


@pytest.mark.parametrize("lost", [0, 1, 16, 31, 62, 63, 64, 65, 79, 100])
@pytest.mark.parametrize("width", [16, 40, 64, 65, 128])
def test_sums_of_two_words(width, lost):
    """More than 64 bits, rounded and bounded in every mode, in more than one block of them."""
    fmt, (rows, inner, columns) = fx.Format(40, 40), (12, 5, 11)
    chosen = random.Random(f"{width} {lost}")
    small = [chosen.randint(-3, 3) << chosen.choice((0, 0, lost // 2)) for _ in range(60)]
    a_raws, b_raws = some_raws(chosen, fmt, rows * inner), some_raws(chosen, fmt, inner * columns)
    small = [oracle.overflow(raw, fmt) for raw in small]
    for left in (a_raws, small):
        exact = sums(oracle.matmul_terms(left, b_raws, (rows, inner, columns)), (fmt, fmt))
        a, b = fixed(left, fmt, (rows, inner)), fixed(b_raws, fmt, (inner, columns))
        for number, rounding in enumerate(fx.Rounding):
            overflow = list(fx.Overflow)[number % 4]
            target = fx.Format(width, 80 - lost, number % 5 != 4, rounding, overflow)
            check_stored(
                lambda a=a, b=b, target=target: fx.matmul(a, b, format=target),
                exact,
                target,
                (rows, columns),
                "matmul",
            )


@pytest.mark.parametrize("rounding", ["stochastic", "nearest_even", "toward_zero"])
@pytest.mark.parametrize("lost", [0, 5, 16, 17, 40, 100])
@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_products_that_are_no_small_ones(width, lost, rounding):
    """Transposed operands and initial terms, as in a step of training; in range and beyond."""
    chosen = random.Random(f"{width} {lost} {rounding}")
    fmt, (rows, inner, columns) = fx.Format(width, 0), (27, 37, 19)
    a_raws = some_raws(chosen, fmt, rows * inner)
    b_raws = [chosen.randint(-3, 3) for _ in range(inner * columns)]
    more = some_raws(chosen, fmt, columns)
    exact = sums(oracle.matmul_terms(a_raws, b_raws, (rows, inner, columns)), (fmt, fmt))
    exact = [x + more[i % columns] for i, x in enumerate(exact)]
    target = fx.Format(width, -lost, True, rounding, list(fx.Overflow)[lost % 2])
    initial = fixed(more, fmt)
    for a_layout, b_layout in (("transposed", "contiguous"), ("contiguous", "transposed")):
        a = fixed(a_raws, fmt, (rows, inner), a_layout)
        b = fixed(b_raws, fmt, (inner, columns), b_layout)
        check_stored(
            lambda a=a, b=b: fx.matmul(a, b, format=target, initial=initial),
            exact,
            target,
            (rows, columns),
            "matmul",
        )


@pytest.mark.parametrize("accumulator", [None, fx.Format(32, 0)])
def test_the_first_overflow_is_shown_by_its_place_in_the_result(accumulator):
    fmt, target = fx.Format(32, 0), fx.Format(8, 0, overflow="raise")
    a = fx.broadcast_to(fx.array([[1, 2], [3, 4], [100, 100]], fmt), (4, 3, 2)).copy()
    ones = fx.ones((2, 2), fmt)
    for x, y, index in [(a, ones, (0, 2, 0)), (a[0], ones, (2, 0)), (a[0, 2], ones, (0,)),
                        (a, ones[0], (0, 2)), (a[0, 2], ones[0], None)]:  # fmt: skip
        text = f"the first at index {index} is 200" if index else "the first is 200"
        with pytest.raises(fx.FixedOverflowError, match=re.escape(text)):
            fx.matmul(x, y, target, accumulator)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("width", strategies.EDGE_WIDTHS)
def test_exact_products(width, shape):
    rows, inner, columns = shape
    chosen = random.Random(f"{width} {shape}")
    for signed in (True, False):
        rounding, overflow = chosen.choice(list(fx.Rounding)), chosen.choice(list(fx.Overflow)[:4])
        fmt = fx.Format(width, width // 2, signed, rounding, overflow)
        a_raws, b_raws = (
            some_raws(chosen, fmt, rows * inner),
            some_raws(chosen, fmt, inner * columns),
        )
        a = fixed(a_raws, fmt, (rows, inner), chosen.choice(LAYOUTS))
        b = fixed(b_raws, fmt, (inner, columns), chosen.choice(LAYOUTS))
        exact = sums(oracle.matmul_terms(a_raws, b_raws, shape), (fmt, fmt))
        check_stored(lambda a=a, b=b: a @ b, exact, fmt, (rows, columns), "matmul")
        wide = fx.Format(128, 128 if width == 2 else 0, signed, rounding, "wrap")
        check_stored(
            lambda a=a, b=b, f=wide: fx.matmul(a, b, format=f),
            exact,
            wide,
            (rows, columns),
            "matmul",
        )


# More rows or columns than the loops take at a time, one of them alone, and one left over.
LONG_SHAPES = [(2, 5, 257), (1, 3, 513), (270, 4, 1), (1, 4, 270), (3, 2, 1025), (1, 600, 3)]


@pytest.mark.parametrize("shape", LONG_SHAPES)
@pytest.mark.parametrize("width", [8, 16, 32, 33, 64, 128])
def test_loops_over_many_rows_and_columns(width, shape, monkeypatch):
    monkeypatch.setenv("FXTYPES_GEMM", "loops")
    rows, inner, columns = shape
    chosen = random.Random(f"{width} {shape}")
    fmt, own = fx.Format(width, width // 2), fx.Format(width, width // 2 - 1)
    modes = [("stochastic", "saturate"), ("nearest_even", "raise"), ("ceil", "wrap")]
    a_raws = telling_raws(chosen, fmt, rows * inner)
    b_raws = telling_raws(chosen, own, inner * columns)
    more = some_raws(chosen, fmt, columns)
    exact = sums(oracle.matmul_terms(a_raws, b_raws, shape), (fmt, own))
    exact = [x + oracle.value(more[i % columns], fmt) for i, x in enumerate(exact)]
    initial = fixed(more, fmt)
    for b_layout, (rounding, overflow) in zip(
        ("contiguous", "transposed", "contiguous"), modes, strict=True
    ):
        a = fixed(a_raws, fmt, (rows, inner), chosen.choice(LAYOUTS))
        b = fixed(b_raws, own, (inner, columns), b_layout)
        target = fx.Format(width, width // 2 - 3, rounding=rounding, overflow=overflow)
        check_stored(
            lambda a=a, b=b, f=target: fx.matmul(a, b, format=f, initial=initial),
            exact,
            target,
            (rows, columns),
            "matmul",
        )


@given(
    st.data(), strategies.formats(), strategies.formats(), strategies.formats(), st.integers(0, 9)
)
def test_any_three_formats(data, a_fmt, b_fmt, fmt, inner):
    a_raws = data.draw(strategies.raw_lists(a_fmt, (2, inner)))
    b_raws = data.draw(strategies.raw_lists(b_fmt, (inner, 3)))
    a, b = fixed(a_raws, a_fmt, (2, inner)), fixed(b_raws, b_fmt, (inner, 3))
    exact = sums(oracle.matmul_terms(a_raws, b_raws, (2, inner, 3)), (a_fmt, b_fmt))
    check_stored(lambda: fx.matmul(a, b, format=fmt), exact, fmt, (2, 3), "matmul")


@pytest.mark.parametrize("a_width", [2, 8, 16, 31, 32, 33, 64, 65, 128])
@pytest.mark.parametrize("b_width", [2, 8, 17, 32, 63, 64, 100, 128])
def test_mixed_widths(a_width, b_width):
    chosen = random.Random(f"{a_width} {b_width}")
    a_fmt = fx.Format(a_width, a_width // 2, chosen.random() < 0.5, "nearest_away", "wrap")
    b_fmt = fx.Format(b_width, b_width // 2, chosen.random() < 0.5, "nearest_away", "wrap")
    shape = rows, inner, columns = 3, 13, 5
    a_raws, b_raws = (
        some_raws(chosen, a_fmt, rows * inner),
        some_raws(chosen, b_fmt, inner * columns),
    )
    a, b = fixed(a_raws, a_fmt, (rows, inner)), fixed(b_raws, b_fmt, (inner, columns))
    exact = sums(oracle.matmul_terms(a_raws, b_raws, shape), (a_fmt, b_fmt))
    try:
        fmt = fx.Format(*oracle.common_format(a_fmt, b_fmt))
    except oracle.OracleFormatError:
        with pytest.raises(fx.FormatError, match="format="):
            a @ b
        fmt = b_fmt
        check_stored(lambda: fx.matmul(a, b, format=fmt), exact, fmt, (rows, columns))
    else:
        check_stored(lambda: a @ b, exact, fmt, (rows, columns))


@pytest.mark.parametrize("width", [8, 16, 24, 32, 48, 64, 96, 128])
def test_small_values_in_wide_formats(width):
    """What the data needs decides how it is computed, not the format."""
    fmt = fx.Format(width, 3)
    for reach in (1, 2**6, 2 ** (width // 2), 2 ** (width - 1) - 1):
        chosen = random.Random(reach)
        a_raws = [chosen.randint(-reach, reach) for _ in range(4 * 33)]
        b_raws = [chosen.randint(-reach, reach) for _ in range(33 * 5)]
        a, b = fixed(a_raws, fmt, (4, 33)), fixed(b_raws, fmt, (33, 5))
        wide = fx.Format(128, 6, overflow="wrap")
        exact = sums(oracle.matmul_terms(a_raws, b_raws, (4, 33, 5)), (fmt, fmt))
        check_stored(lambda a=a, b=b, f=wide: fx.matmul(a, b, format=f), exact, wide, (4, 5))


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("signed", [True, False])
def test_sums_of_the_largest_products(width, signed):
    """A thousand times the largest product: no intermediate type may be left."""
    fmt, inner = fx.Format(width, 0, signed), 1024
    wide = fx.Format(128, 0, signed, overflow="wrap")
    for x, y in [
        (fmt.raw_min, fmt.raw_min),
        (fmt.raw_max, fmt.raw_max),
        (fmt.raw_min, fmt.raw_max),
    ]:
        a, b = fixed([x] * inner, fmt, (1, inner)), fixed([y] * inner, fmt, (inner, 1))
        exact = [x * y * inner]
        check_stored(lambda a=a, b=b: fx.matmul(a, b, format=wide), exact, wide, (1, 1))
        check_stored(lambda a=a, b=b: a @ b, exact, fmt, (1, 1))


def test_cancelling_sums():
    """Huge products that cancel leave the small ones: the sum is exact in any order."""
    fmt = fx.Format(64, 32)
    big = fmt.raw_max
    a_raws, b_raws = [big, 3, -big, 5], [big, 2**31, big, 2**31]
    a, b = fixed(a_raws, fmt, (1, 4)), fixed(b_raws, fmt, (4, 1))
    check_stored(lambda: a @ b, [oracle.value(8 * 2**31, fx.Format(2, 64))], fmt, (1, 1))


def test_overflow_is_raised_with_the_first():
    fmt = fx.Format(8, 0, overflow="raise")
    a = fx.array([[1, 2], [100, 100], [100, -100]], fmt)
    b = fx.array([[1, 0, 2], [1, 0, 1]], fmt)
    with pytest.raises(fx.FixedOverflowError) as info:
        a @ b
    check_message(str(info.value), 2, 3, (3, 3))
    assert raw_list(a) == [1, 2, 100, 100, 100, -100]


# --- shapes and layouts ---------------------------------------------------------------------

BROADCASTS = [
    ((3,), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3,)),
    ((4, 2, 3), (3,)),
    ((3,), (4, 3, 2)),
    ((4, 2, 3), (3, 5)),
    ((2, 3), (4, 3, 5)),
    ((4, 2, 3), (4, 3, 5)),
    ((1, 2, 3), (4, 3, 5)),
    ((2, 1, 2, 3), (4, 3, 5)),
    ((0, 2, 3), (3, 5)),
    ((2, 0), (0,)),
    ((0,), (0,)),
    ((4, 2, 0), (0, 3)),
]


@pytest.mark.parametrize(("a_shape", "b_shape"), BROADCASTS)
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
@pytest.mark.parametrize("width", [8, 32, 100])
def test_shapes_as_in_numpy(a_shape, b_shape, rounding, width):
    fmt = fx.Format(width, 5, rounding=rounding)
    chosen = random.Random(f"{a_shape} {b_shape}")
    a_raws = [chosen.randint(-128, 127) for _ in range(math.prod(a_shape))]
    b_raws = [chosen.randint(-128, 127) for _ in range(math.prod(b_shape))]
    exact = np.matmul(
        np.array(a_raws, np.int64).reshape(a_shape), np.array(b_raws, np.int64).reshape(b_shape)
    )
    values = [oracle.value(raw, fx.Format(2, 10)) for raw in np.ravel(exact).tolist()]
    for layout in LAYOUTS:
        a, b = fixed(a_raws, fmt, a_shape, layout), fixed(b_raws, fmt, b_shape, layout)
        check_stored(lambda a=a, b=b: a @ b, values, fmt, np.shape(exact))


def test_operands_that_are_slices_and_broadcasts():
    fmt = fx.Format(16, 4)
    raws = list(range(-60, 60))
    x = fixed(raws, fmt, (10, 12))
    plain = np.array(raws).reshape(10, 12)
    for rows, columns in [
        ((slice(None, None, 3), slice(1, None, 2)), (slice(None, None, -1), slice(2, 8))),
        ((slice(None, None, -2), slice(None, None, -3)), (slice(0, 8), slice(None, None, 4))),
    ]:
        a, b = x[rows], x[columns]
        inner = min(a.shape[1], b.shape[0])
        a, b = a[:, :inner], b[:inner]
        exact = plain[rows][:, :inner] @ plain[columns][:inner]
        values = [oracle.value(raw, fx.Format(2, 8)) for raw in exact.ravel().tolist()]
        check_stored(lambda a=a, b=b: a @ b, values, fmt, exact.shape)
    square = x[:10, :10]
    exact = plain[:10, :10] @ plain[:10, :10].T
    values = [oracle.value(raw, fx.Format(2, 8)) for raw in exact.ravel().tolist()]
    check_stored(lambda: square @ square.T, values, fmt, (10, 10))


def test_python_and_numpy_operands():
    fmt = fx.Format(16, 4)
    a = fixed([1, 2, 3, 4, 5, 6], fmt, (2, 3))
    integers = np.array([[1, 2], [3, 4], [500, 6]])
    exact = np.array([[1, 2, 3], [4, 5, 6]]) @ integers
    values = [oracle.value(raw, fmt) for raw in exact.ravel().tolist()]
    check_stored(lambda: a @ integers, values, fmt, (2, 2), "matmul")
    check_stored(lambda: a @ integers.tolist(), values, fmt, (2, 2), "matmul")
    check_stored(lambda: integers.T @ a.T, [values[i] for i in (0, 2, 1, 3)], fmt, (2, 2), "matmul")
    check_stored(lambda: a @ (integers / 16), [v / 16 for v in values], fmt, (2, 2), "matmul")
    with pytest.raises(fx.FixedOverflowError):
        a @ (integers * 1e9)


def test_in_place_matmul():
    fmt = fx.Format(16, 0)
    a, b = fixed([1, 2, 3, 4], fmt, (2, 2)), fixed([0, 1, 1, 0], fmt, (2, 2))
    same = a
    a @= b
    assert a is same
    assert raw_list(a) == [2, 1, 4, 3]


def test_bad_shapes():
    fmt = fx.Format(8, 0)

    def zeros(*shape):
        return fx.zeros(shape, format=fmt)

    for a, b in [((2, 3), (2, 3)), ((3,), (4,)), ((2, 2, 3), (3, 3, 3)), ((), (3,)), ((3,), ())]:
        both = f"{re.escape(str(a))}.*{re.escape(str(b))}"
        with pytest.raises(ValueError, match=both):
            zeros(*a) @ zeros(*b)
    for accumulator in ("Q8.8", 32):
        with pytest.raises(TypeError):
            fx.matmul(zeros(2, 2), zeros(2, 2), accumulator=accumulator)


# --- with an accumulator --------------------------------------------------------------------


@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_accumulator_in_every_mode(rounding, overflow):
    chosen = random.Random(f"{rounding} {overflow}")
    for width, acc_width, inner in [
        (8, 10, 7),
        (16, 20, 5),
        (32, 40, 4),
        (64, 70, 3),
        (128, 128, 3),
    ]:
        a_fmt = fx.Format(width, width // 2)
        acc = fx.Format(acc_width, width // 2 - 1, True, rounding, overflow)
        target = fx.Format(width, width // 2 - 2, True, rounding, "saturate")
        reach = a_fmt.raw_max if overflow != "raise" else 2 ** (3 * width // 4 - 2)
        a_raws = [chosen.randint(-reach, reach) for _ in range(3 * inner)]
        b_raws = [chosen.randint(-reach, reach) for _ in range(inner * 2)]
        a, b = fixed(a_raws, a_fmt, (3, inner)), fixed(b_raws, a_fmt, (inner, 2))
        check_accumulated(
            lambda a=a, b=b, t=target, acc=acc: fx.matmul(a, b, format=t, accumulator=acc),
            scaled(oracle.matmul_terms(a_raws, b_raws, (3, inner, 2)), (a_fmt, a_fmt)),
            target,
            acc,
        )


@given(st.data(), *[strategies.formats()] * 4, st.integers(1, 6))
def test_accumulator_of_any_format(data, a_fmt, b_fmt, fmt, accumulator, inner):
    a_raws = data.draw(strategies.raw_lists(a_fmt, (2, inner)))
    b_raws = data.draw(strategies.raw_lists(b_fmt, (inner, 3)))
    a, b = fixed(a_raws, a_fmt, (2, inner)), fixed(b_raws, b_fmt, (inner, 3))
    check_accumulated(
        lambda: fx.matmul(a, b, format=fmt, accumulator=accumulator),
        scaled(oracle.matmul_terms(a_raws, b_raws, (2, inner, 3)), (a_fmt, b_fmt)),
        fmt,
        accumulator,
    )


@given(st.data(), strategies.formats(), st.integers(-3, 3), st.integers(1, 9))
def test_accumulator_near_the_products(data, fmt, offset, inner):
    frac_bits = max(-256, min(256, 2 * fmt.frac_bits + offset))
    accumulator = data.draw(strategies.formats(frac_bits=st.just(frac_bits)))
    a_raws = data.draw(strategies.raw_lists(fmt, (1, inner)))
    b_raws = data.draw(strategies.raw_lists(fmt, (inner, 2)))
    a, b = fixed(a_raws, fmt, (1, inner)), fixed(b_raws, fmt, (inner, 2))
    check_accumulated(
        lambda: fx.matmul(a, b, accumulator=accumulator),
        scaled(oracle.matmul_terms(a_raws, b_raws, (1, inner, 2)), (fmt, fmt)),
        fmt,
        accumulator,
    )


@pytest.mark.parametrize("width", [8, 32, 128])
def test_accumulator_in_a_stack(width):
    """The draws' index runs through the whole stack."""
    fmt = fx.Format(width, 4, rounding="stochastic")
    accumulator = fx.Format(width, 3, rounding="stochastic")
    chosen = random.Random(width)
    a_raws = [chosen.randint(-60, 60) for _ in range(2 * 3 * 5)]
    b_raws = [chosen.randint(-60, 60) for _ in range(5 * 2)]
    terms = oracle.matmul_terms(a_raws, b_raws, (6, 5, 2))  # one matrix below the other
    lines, _ = scaled(terms, (fmt, fmt))
    for layout in LAYOUTS:
        a, b = fixed(a_raws, fmt, (2, 3, 5), layout), fixed(b_raws, fmt, (5, 2), layout)
        check_accumulated(
            lambda a=a, b=b: fx.matmul(a, b, accumulator=accumulator),
            (lines, (2, 3, 2)),
            fmt,
            accumulator,
        )


def test_accumulator_of_nothing():
    fmt = fx.Format(8, 4)
    empty = fx.matmul(
        fx.zeros((2, 0), format=fmt), fx.zeros((0, 3), format=fmt), accumulator=fx.Format(20, 8)
    )
    assert raw_list(empty) == [0] * 6
    assert fx.matmul(
        fx.zeros((0, 2), format=fmt), fx.zeros((2, 3), format=fmt), accumulator=fmt
    ).shape == (0, 3)


def test_accumulator_saturates_on_the_way():
    """Hardware saturates at each step: +100 +100 -100 ends at 27, not at 100."""
    fmt = fx.Format(8, 0)
    ones = fx.ones((3, 1), format=fmt)
    x = fx.array([[100, 100, -100]], fmt)
    with fx.record() as events:
        assert raw_list(fx.matmul(x, ones, accumulator=fmt)) == [27]
    assert events.overflow == 1
    assert raw_list(x @ ones) == [100]


@pytest.mark.long
@pytest.mark.parametrize("width", [8, 12, 16, 24, 32, 64, 128])
def test_large_products(width):
    """Beyond any blocking, against Python integers."""
    fmt = fx.Format(width, width // 2, rounding="nearest_even")
    chosen = random.Random(width)
    shape = rows, inner, columns = 37, 523, 41
    a_raws, b_raws = some_raws(chosen, fmt, rows * inner), some_raws(chosen, fmt, inner * columns)
    a, b = fixed(a_raws, fmt, (rows, inner)), fixed(b_raws, fmt, (inner, columns))
    exact = sums(oracle.matmul_terms(a_raws, b_raws, shape), (fmt, fmt))
    wide = fx.Format(128, fmt.frac_bits, overflow="wrap")
    check_stored(lambda: a @ b, exact, fmt, (rows, columns))
    check_stored(lambda: fx.matmul(a, b, format=wide), exact, wide, (rows, columns))


@given(st.data(), strategies.formats(widths=st.sampled_from([8, 16, 32, 64, 100, 128])))
def test_small_vectors_and_matrices(data, fmt):
    """Without anything else asked for they go a short way; with `format=` a longer one."""
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=18, max_size=18))
    a, b, m = fixed(raws[:3], fmt), fixed(raws[3:6], fmt), fixed(raws[6:], fmt, (4, 3))
    calls = [
        *((function, a, b) for function in (fx.matmul, fx.dot, fx.vdot, fx.inner, fx.vecdot)),
        *((function, m, a) for function in (fx.matmul, fx.dot, fx.matvec)),
        *((function, a, m.T) for function in (fx.matmul, fx.dot, fx.vecmat)),
    ]
    for function, x, y in calls:
        with fx.seeded(1):
            outcome = outcome_of(lambda f=function, x=x, y=y: f(x, y))
        with fx.seeded(1):
            assert outcome == outcome_of(lambda f=function, x=x, y=y: f(x, y, format=fmt))
    with fx.seeded(1):
        outcome = outcome_of(lambda: m.dot(b))
    with fx.seeded(1):
        assert outcome == outcome_of(lambda: m @ b)


def outcome_of(call):
    """Shape and raw integers, or which error."""
    try:
        found = call()
    except fx.FixedOverflowError as error:
        return str(error).split(":", 1)[1]
    return found.shape, raw_list(found)
