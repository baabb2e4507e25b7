"""What reviewers have found who had only the contract, or only the code, before them."""

import array
import collections
import copy
import decimal
import hashlib
import itertools
import json
import math
import os
import pickle
import random
import signal
import weakref
import zipfile
from fractions import Fraction

import checks
import numpy as np
import oracle
import pytest

import fxtypes as fx
from fxtypes.context import context

Q = fx.Format(16, 8)
ROUNDINGS = [str(mode) for mode in fx.Rounding]
WIDTHS = [8, 16, 32, 40, 64, 100, 128]


# -- bits lost ----------------------------------------------------------------------------


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("width", WIDTHS)
def test_quotients_that_lose_any_number_of_bits(width, rounding):
    chosen = random.Random(width)
    divisor, result = fx.Format(width, 0), fx.Format(width, 0, rounding=rounding)
    for lost in range(-3, 70):
        dividend = fx.Format(width, lost)
        x = checks.some_raws(chosen, dividend, 11)
        y = [raw or 1 for raw in checks.some_raws(chosen, divisor, 11)]
        x[:4], y[:4] = [6, 7, -7, -6], [3, 3, 3, 3]
        exact = [oracle.value(p, dividend) / q for p, q in zip(x, y, strict=True)]
        a, b = fx.FixedArray.from_raw(x, dividend), fx.FixedArray.from_raw(y, divisor)
        checks.check_stored(lambda a=a, b=b: fx.divide(a, b, format=result), exact, result, (11,))


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


# -- the value that an error shows --------------------------------------------------------


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


# -- what holds around an operation -------------------------------------------------------


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_leaves_nothing_in_force():
    class Interrupt(Exception):
        pass

    armed = False

    def interrupt(number, frame):
        if armed:  # another thread may have got the signal, and be late
            raise Interrupt

    a = fx.random.uniform((300, 100), fx.Format(32, 16), low=-1, high=1, seed=1)
    chosen, before = random.Random(1), signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(1000):
            try:
                armed = True
                signal.setitimer(signal.ITIMER_REAL, chosen.uniform(1e-5, 1e-3))
                for _ in range(20):  # an exception may get lost, in a collection of garbage say
                    with fx.record(), fx.seeded(1):
                        fx.sign(a)
            except Interrupt:
                pass
            finally:
                armed = False
                signal.setitimer(signal.ITIMER_REAL, 0)
            assert context.current.get() is context.DEFAULT
    finally:
        signal.signal(signal.SIGALRM, before)


# -- shared memory ------------------------------------------------------------------------


def test_an_einsum_over_axes_of_one_element_is_a_sum():
    fmt = fx.Format(8, 0, overflow="saturate_symmetric")
    a = fx.FixedArray.from_raw([[-128, 5, 6]], fmt)
    with fx.record() as events:
        found = fx.einsum("ij->j", a)
    assert found.raw.tolist() == [-127, 5, 6]
    assert events.elements == 3
    found[0] = 9
    assert a.raw.tolist() == [[-128, 5, 6]]
    assert np.shares_memory(fx.einsum("ij->ji", a), a)


def test_a_freed_array_is_dead_to_weak_references():
    a = fx.array([1, 2, 3], Q)
    seen = weakref.ref(a.raw.base)
    del a
    assert seen() is None


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


# -- assignment ---------------------------------------------------------------------------


@pytest.mark.parametrize("width", [16, 64, 66, 128])
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
@pytest.mark.parametrize("values", [[], [1], [1, 2], [[5, 6], [7, 8]]])
def test_one_element_takes_no_sequence(values, rounding, width):
    fmt = fx.Format(width, 0, rounding=rounding)
    a, alone = fx.full((3, 2), 7, fmt), fx.full((), 7, fmt)
    for value in (values, np.array(values), fx.array(values, fmt)):
        for target, key in (
            (a, (0, 1)),
            (a[0], 1),
            (a[0], np.array(1)),
            (a, (np.int64(1), -1)),
            (alone, ()),
        ):
            with pytest.raises(ValueError, match="sequence"):
                target[key] = value
    assert (a == 7).all()
    assert alone == 7
    a[..., 0, 0] = fx.array(3, fmt)
    assert a[0, 0] == 3


@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
def test_each_element_that_is_assigned_counts(rounding):
    a = fx.zeros(12, fx.Format(8, 4, rounding=rounding))
    for key, value, count in (
        (slice(None), Fraction(1, 3), 12),
        (slice(None), [Fraction(1, 3)], 12),
        ([0, 1], Fraction(1, 3), 2),
        (0, Fraction(1, 3), 1),
        (slice(4), fx.array(1 / 3, fx.Format(32, 20)), 4),
    ):
        with fx.record() as events:
            a[key] = value
        assert (events.elements, events.inexact) == (count, count)


# -- formats ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "product"),
    [((64, 1), (63, 66), (127, 67)), ((100, -90), (20, 40), (120, -50))],
)
def test_exact_products_need_no_common_format(x, y, product):
    a, b = fx.ones(1, fx.Format(*x)), fx.ones(1, fx.Format(*y))
    with fx.full_precision():
        for function in (np.multiply, np.matmul, np.outer, np.kron, np.convolve, np.dot):
            assert function(a, b).format == fx.Format(*product)
        with pytest.raises(fx.FormatError, match="modes"):
            a * b.astype(b.format.replace(overflow="wrap"))


def test_plus_is_positive():
    lowest = fx.FixedArray.from_raw([-128], fx.Format(8, 0, overflow="saturate_symmetric"))
    with fx.record() as events:
        assert (+lowest).raw.tolist() == fx.positive(lowest).raw.tolist() == [-127]
    assert events.by_operation["positive"]["overflow"] == 2


def test_arguments_of_constructors_as_numpy_calls_them():
    assert fx.eye(2, Q).tolist() == fx.eye(N=2, M=2, format=Q).tolist() == np.eye(2).tolist()
    assert fx.eye(2, 3, 1, Q).tolist() == np.eye(2, 3, 1).tolist()
    for made in (fx.arange(3, Q), fx.arange(0, 3, Q), fx.arange(0, 3, 1, Q),
                 fx.arange(start=0, stop=3, format=Q), fx.arange(3, step=1, format=Q),
                 fx.linspace(0, 2, 3, Q), fx.linspace(0, 3, 3, False, Q)):  # fmt: skip
        assert made.format == Q
        assert made.tolist() == [0, 1, 2]
    assert fx.full((2,), fill_value=3, format=Q).tolist() == [3, 3]
    assert fx.full_like(fx.zeros(2, Q), fill_value=3, shape=3).tolist() == [3, 3, 3]
    assert fx.zeros_like(fx.zeros(2, Q), shape=(4,)).shape == (4,)
    for call in (lambda: fx.eye(2), lambda: fx.arange(2), lambda: fx.linspace(0, 1),
                 lambda: fx.arange(2, Q, format=Q), lambda: fx.arange(format=Q)):  # fmt: skip
        with pytest.raises(TypeError):
            call()


# -- what is no number --------------------------------------------------------------------


NAN = [
    decimal.Decimal("NaN"),
    decimal.Decimal("sNaN"),
    [math.nan, 5],
    (Fraction(1), decimal.Decimal("NaN")),
    np.array([math.nan, 1], object),
    np.array([math.nan, 1], np.float16),
    np.array([math.nan, 1], np.longdouble),
]


@pytest.mark.parametrize("other", NAN, ids=repr)
def test_nan_is_unequal_to_all_wherever_it_stands(other):
    a = fx.array([1, 2], Q)
    nan = ["nan" in str(v).lower() for v in np.broadcast_to(np.array(other, object), 2)]
    assert not (a == other)[nan].any()
    assert (a != other)[nan].all()
    assert not (a < other)[nan].any()
    assert not (a >= other)[nan].any()
    assert not np.isclose(a, other)[nan].any()
    with pytest.raises(ValueError, match="NaN"):
        a + other


def test_nan_is_among_nothing():
    a = fx.array([1, 2], Q)
    assert fx.isin(a, [math.nan, 1]).tolist() == [True, False]
    assert not np.array_equal(a, [1, math.nan])


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


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("fmt", "skipped"), [(fx.Format(32, 16), 32768), (fx.Format(32, 8), 1)])
def test_operands_that_where_skips_are_harmless(fmt, skipped, dtype):
    a = fx.array([1, 2], fmt)
    found = fx.add(a, np.array([skipped, 1], dtype), where=np.array([False, True]))
    assert found.tolist() == [0, 3]


# -- NumPy's ways -------------------------------------------------------------------------


def test_methods_take_an_order():
    a, like = fx.arange(6, Q).reshape(2, 3), np.arange(6.0).reshape(2, 3)
    assert a.ravel("F").tolist() == like.ravel("F").tolist()
    assert a.flatten(order="F").tolist() == like.flatten("F").tolist()
    assert a.reshape(3, -1, order="F").tolist() == like.reshape(3, -1, order="F").tolist()
    assert not np.shares_memory(a.reshape((3, 2), copy=True), a)
    assert a.copy(order="F").words.flags.f_contiguous
    out = fx.zeros((2, 3), Q)
    assert a.clip(2, 4, out=out) is out
    assert out.tolist() == like.clip(2, 4).tolist()


@pytest.mark.parametrize("fmt", [Q, fx.Format(100, 8)])
def test_item_of_a_place(fmt):
    a = fx.arange(6, fmt).reshape(2, 3)
    assert [a.item(3), a.item(1, 2), a.item((0, 1)), a.item(-1)] == [3, 5, 1, 5]
    for wrong in (6, (2, 0), (0, 0, 0)):
        with pytest.raises((IndexError, ValueError)):
            a.item(wrong)


def test_conditions_that_are_fixed_arrays():
    a = fx.array([0, 2], Q)
    assert np.where(a, 1, 2).tolist() == [2, 1]
    assert np.compress(a, a).tolist() == a.compress(a).tolist() == [2]
    assert np.compress(a, [1, 2]).tolist() == [2]
    with pytest.raises(TypeError, match="compress: expected"):
        fx.compress([True], 3)


def test_along_an_axis_a_sequence_becomes_an_array():
    a = fx.arange(6, Q).reshape(2, 3)
    found = np.apply_along_axis(lambda row: [row[1], row[0]], 1, a)
    assert found.format == Q
    assert found.tolist() == [[1, 0], [4, 3]]
    assert np.apply_along_axis(lambda row: [1, 2], 1, a).tolist() == [[1, 2], [1, 2]]


def test_keywords_that_change_nothing_or_little():
    a = fx.array([1, 2], Q)
    assert np.nan_to_num(a, nan=1).tolist() == [1, 2]
    assert np.nan_to_num(a, copy=False) is a
    assert np.shares_memory(np.real(a), a)
    assert fx.clip(a, a_min=2).tolist() == fx.clip(a, a_max=3, a_min=2).tolist() == [2, 2]
    with fx.record() as events:
        fx.ediff1d(a)
        fx.histogram(a)
    assert list(events.by_operation) == ["ediff1d", "convert"]


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="NumPy 2.1 is the first with it")
def test_cumulative_sums_from_nothing():
    a = fx.array([[1, 2], [3, 4]], Q)
    assert np.cumulative_sum(a, axis=1, include_initial=True).tolist() == [[0, 1, 3], [0, 3, 7]]
    assert np.cumulative_prod(a, axis=0, include_initial=True).tolist() == [[1, 1], [1, 2], [3, 8]]
    out = fx.zeros((2, 3), Q)
    assert np.cumulative_sum(a, axis=-1, include_initial=True, out=out) is out
    assert out.tolist() == [[0, 1, 3], [0, 3, 7]]


def test_namespaces_are_copied_and_pickled():
    xp = fx.zeros(1, Q).__array_namespace__()
    assert copy.copy(xp) is copy.deepcopy(xp) is pickle.loads(pickle.dumps(xp)) is xp
    with pytest.raises(ValueError, match="kind"):
        xp.isdtype(Q, "foo")


def test_digits_without_end():
    third = fx.array(1, Q) / 3
    text = format(third, ".100000f")
    assert text == "0.33203125" + "0" * (100_000 - 8)
    assert format(third, ".1000e").endswith("000e-01")
    assert format(third, ">12") == "  0.33203125"
    assert format(-third, "<12") == "-0.33203125 "
    with pytest.raises(ValueError, match="more than"):
        format(third, ".10000000000f")


# -- arrays of other kinds ----------------------------------------------------------------


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


def test_dates_and_matrices():
    for value in ([np.timedelta64(5, "ns")], np.array([np.timedelta64(5, "s")], object)):
        with pytest.raises(TypeError):
            fx.array(value, Q)
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.5, 2]], dtype=np.longdouble)
    assert fx.array(matrix, Q).tolist() == [[1.5, 2]]


def test_the_integers_of_one_element():
    x = fx.array(Fraction(2**60) - Fraction(1, 16), fx.Format(100, 8))
    assert [int(x), math.floor(x), math.ceil(x), math.trunc(x), round(x)] == [
        2**60 - 1, 2**60 - 1, 2**60, 2**60 - 1, 2**60]  # fmt: skip
    assert round(fx.array([1.25], Q), 1).format == Q
    with pytest.raises(ValueError, match="one element"):
        math.floor(fx.zeros(2, Q))


def test_membership():
    a = fx.arange(12, Q).reshape(3, 4)
    assert 5 in a
    assert a[0] in a
    assert 99 not in a
    assert None not in a
    assert 5 in fx.array(5, Q)
    assert 5 not in fx.zeros((3, 0), Q)


# -- ufuncs of a few lines ----------------------------------------------------------------


def test_heaviside_rounds_once():
    fine = fx.Format(8, 8, overflow="raise")
    assert np.heaviside(fx.array([-0.25, 0], fine), 0.25).tolist() == [0, 0.25]
    assert np.heaviside(fx.array([0.5], fx.Format(8, 7, overflow="wrap")), 0.25).tolist() == [-1]
    assert np.heaviside([1, -2, 0], fx.array([1, 2, 0.5], Q)).tolist() == [1, 0, 0.5]
    dithered = fx.array([-1, 0, 2], Q.replace(rounding="stochastic"))
    with fx.record() as events:
        np.heaviside(dithered, dithered)
    assert events.elements == 3


def test_modf_stores_both_or_none():
    a, narrow = fx.array([100.5, 7], Q), fx.zeros(2, fx.Format(2, 1, overflow="raise"))
    with pytest.raises(fx.FixedOverflowError):
        np.modf(a, out=(a, narrow))
    assert a.tolist() == [100.5, 7]
    lowest = fx.FixedArray.from_raw([-128], fx.Format(8, 0, overflow="saturate_symmetric"))
    assert [part.raw.tolist() for part in np.modf(lowest)] == [[0], [-127]]
    with fx.record() as events:
        np.modf(a)
    assert events.elements == 4


def test_copysign_of_anything():
    a = fx.array([1, 2], Q)
    assert np.copysign(2, fx.array([1, -2], Q)).tolist() == [2, -2]
    assert np.copysign(a, -1, where=[True, False]).tolist() == [-1, 0]
    assert np.copysign(a, -(10**30)).tolist() == [-1, -2]
    assert np.copysign(a, [Fraction(-1, 2), 1]).tolist() == [-1, 2]
    assert np.copysign(a, np.array([-0.0, 0.0])).tolist() == [-1, 2]
    lowest = fx.FixedArray.from_raw([-128], fx.Format(8, 0, overflow="saturate_symmetric"))
    assert np.copysign(lowest, -1).raw.tolist() == [-127]


# -- edges of functions -------------------------------------------------------------------


def test_quantiles_of_kept_axes_without_elements():
    empty = fx.zeros((0, 3), Q)
    assert np.median(empty, axis=1).shape == fx.logsumexp(empty, axis=1).shape == (0,)
    assert np.quantile(empty, [0.1, 0.2], axis=1).shape == (2, 0)


def test_no_axis_reduced_along_the_first():
    x = fx.array(2.5, Q)
    for found in (np.add.reduce(x), np.maximum.reduce(x), x.sum(axis=0), x.max(axis=-1)):
        assert found == 2.5
    assert x.argmax(axis=0) == 0
    assert x.cumsum(axis=-1).tolist() == [2.5]
    for axis in (1, (0, 0)):
        with pytest.raises((np.exceptions.AxisError, ValueError)):
            x.sum(axis=axis)


@pytest.mark.parametrize("overflow", ["wrap", "raise", "saturate_zero", "saturate_symmetric"])
def test_edges_of_bins_ascend_in_every_mode(overflow):
    low = fx.Format(8, 4, signed=False, overflow=overflow)
    assert fx.histogram(fx.zeros(5, low), bins=4)[0].sum() == 5
    top = fx.full(5, Fraction(127, 16), fx.Format(8, 4, overflow=overflow))
    assert fx.histogram(top, bins=4)[0].tolist() == [0, 0, 0, 5]
    a = fx.array([0, 1, 2, 3, 3, 3], fx.Format(8, 0, rounding="stochastic", overflow=overflow))
    counts, edges = fx.histogram(a, bins=20)
    assert counts.min() == 0
    assert counts.sum() == 6
    assert (np.diff(edges) >= 0).all()
    assert fx.histogram(a, bins=4, range=(0, 500))[0].tolist() == [6, 0, 0, 0]


def test_the_lowest_value_is_none_of_a_symmetric_range():
    made = fx.Format.for_range(-128, 0, 8, overflow="saturate_symmetric")
    assert made.frac_bits == -1
    assert fx.array(-128, made) == -128


def test_what_is_made_draws_and_counts_once():
    dithered = fx.Format(8, 0, rounding="stochastic")
    a = fx.array([1, 2, 4], dithered)
    for call, size in (
        (lambda: fx.ediff1d(a, to_begin=0), 3),
        (lambda: fx.insert(a, [0, 1, 1], 0.5), 6),
        (lambda: fx.pad(a, 2, constant_values=Fraction(1, 3)), 7),
    ):
        with fx.seeded(1), fx.record() as events:
            call()
            second = fx.full(64, 0.5, dithered)
        with fx.seeded(1):
            fx.zeros(1, dithered) + 1
            assert np.array_equal(second, fx.full(64, 0.5, dithered))  # one step later
        assert events.elements == size + 64
    assert fx.pad(a[0], 0, constant_values=0.5) == 1
    with fx.record() as events:
        fx.pad(a, 2, mode="empty")
    assert events.elements == 0
    with fx.seeded(1):
        assert 0 < fx.sum(fx.insert(fx.zeros(64, dithered), range(64), 0.5)) < 64


@pytest.mark.parametrize("width", [8, 64, 127, 128])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("overflow", ["saturate", "wrap", "raise"])
def test_differences_beside_ends(overflow, signed, width):
    fmt = fx.Format(width, 0, signed, overflow=overflow)
    a = fx.FixedArray.from_raw([fmt.raw_max, 0, 5, 7], fmt)
    exact = [1, 2, -fmt.raw_max, 5, 2, 3, 4]
    if overflow == "raise" and not signed:
        with pytest.raises(fx.FixedOverflowError, match="ediff1d: 1 of"):
            fx.ediff1d(a, to_begin=[1, 2], to_end=[3, 4])
        return
    found = fx.ediff1d(a, to_begin=[1, 2], to_end=[3, 4])
    assert checks.raw_list(found) == [oracle.quantize(x, fmt) for x in exact]


def test_an_empty_einsum_is_a_step():
    wide = fx.Format(128, 0, rounding="stochastic")
    x = fx.full(2, wide.max, wide)
    with fx.record() as events:
        fx.einsum("i,i,j->j", x, x, fx.zeros(0, wide))
    assert events.by_operation["einsum"]["elements"] == 0


def test_arguments_that_numpy_refuses():
    a, square = fx.array([1, 2, 3], Q), fx.zeros((2, 2), Q)
    for error, call in (
        (ValueError, lambda: np.pad(a, 1, "edge", constant_values=3)),
        (ValueError, lambda: np.pad(a, 1, "reflect", stat_length=1)),
        (ValueError, lambda: np.pad(a, 1, "foo")),
        (TypeError, lambda: np.pad(a, 1, "mean")),
        (TypeError, lambda: np.repeat(a, fx.array([1.5, 2.75, 0.5], Q))),
        (TypeError, lambda: square.sort(axis=None)),
        (ValueError, lambda: np.size(square, (0, 0))),
        (np.exceptions.AxisError, lambda: np.size(square, 5)),
        (ValueError, lambda: a.fill([1])),
    ):
        with pytest.raises(error):
            call()
    assert np.size(square, 0) == 2
    target = fx.zeros(3, Q)
    np.copyto(target, a[None])
    assert target.tolist() == [1, 2, 3]
    np.copyto(target[0:1].reshape(()), [Fraction(1, 2)])
    assert target[0] == 0.5


# -- contexts and files -------------------------------------------------------------------


def test_a_context_is_in_use_once():
    exact = fx.full_precision()
    with exact, pytest.raises(RuntimeError, match="in use"), exact:
        pass
    with exact:
        assert (fx.ones(1, Q) * 1).format != Q
    assert context.current.get() is context.DEFAULT

    @fx.seeded(3)
    def draw(depth):
        return fx.array([0.5] * 9, fx.Format(8, 0, rounding="stochastic")).tolist(), (
            draw(depth - 1) if depth else None
        )

    assert draw(1)[0] == draw(0)[0]


def test_saving_keeps_modes_links_and_devices(tmp_path):
    path, link = tmp_path / ("a" * 250), tmp_path / "link"
    fx.save(path, a=fx.ones(1, Q))
    path.chmod(0o600)
    link.symlink_to(path)
    fx.save(link, a=fx.zeros(1, Q))
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert fx.load(path)["a"] == 0
    with pytest.raises(OSError, match="regular file"):
        fx.save(os.devnull, a=fx.ones(1, Q))
    with pytest.raises(ValueError, match="name an array"):
        fx.save(path, **{"a" * 65533: fx.ones(1, Q)})


@pytest.mark.parametrize("text", [b"{'descr': (", b"'''", b"(((("])
def test_headers_that_no_tokenizer_reads(tmp_path, text):
    path = tmp_path / "a.npz"
    head = {"kind": "fxtypes arrays", "version": 1, "formats": {"a": [8, 0, True, "floor", "wrap"]}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps(head))
        part = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
        archive.writestr("a.npy", part)
        archive.comment = bytes(64)
    seal(path, path.read_bytes()[:-64])
    with pytest.raises(fx.FileError):
        fx.load(path)


def test_parts_that_overlap(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", bytes(1000))
        archive.comment = bytes(64)
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 18), (b"PK\x01\x02", 20)):  # sizes in both headers
        at = data.index(signature) + place
        data[at : at + 8] = (5000).to_bytes(4, "little") * 2
    seal(path, data[:-64])
    with pytest.raises(fx.FileError, match="overlap"):
        fx.load(path)


def test_titles_of_memory_images(tmp_path):
    path = tmp_path / "a.mem"
    path.write_text(f"// {'9' * 5000} words of 8 bits, hex, written by fxtypes\n00\n")
    assert fx.from_mem(path, fx.Format(8, 0)).tolist() == [0]  # no title of ours: a comment
    fx.to_mem(path, fx.zeros(5, Q))
    image = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(image)
    assert fx.from_mem(path, Q).tolist() == [0] * 5
    path.write_bytes(image[:-12])
    with pytest.raises(fx.FileError):
        fx.from_mem(path, Q)
    path.write_bytes(image)
    with pytest.raises(fx.FileError):
        fx.from_mem(path, fx.Format(100, 8))


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
