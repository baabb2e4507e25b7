"""FixedArray as a container: indexing, assignment, views, constructors, printing."""

import copy
import re
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import check_stored, exact_values, fixed, objects, raw_list
from examples import example, same
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.context import blocks

WIDTHS = [6, 8, 16, 24, 32, 64, 65, 128]
KEYS = [
    0,
    -1,
    (1, 2),
    (1, -1, 0),
    np.int64(1),
    slice(None),
    slice(None, None, -1),
    slice(1, None, 2),
    slice(5, 1),
    (slice(None), 1),
    (slice(None, None, -2), slice(1, 3)),
    (Ellipsis, 0),
    (0, Ellipsis),
    Ellipsis,
    (),
    None,
    (None, 1, None),
    (slice(None), None, Ellipsis, slice(None, None, -1)),
    [0, 2, 0],
    np.array([[0, 1], [2, 1]]),
    ([0, 1], [1, 2]),
    (slice(None), [2, 0]),
    ([1], slice(None), [0]),
    np.array([True, False, True]),
    (slice(None), np.array([True, False, True, True])),
    (np.array([True, False, True]), 0, [1, 0]),
    [True, True, False],
    [],
    True,
    False,
]


# --- attributes -----------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_attributes(width):
    x, _ = example(width)
    itemsize = {6: 1, 8: 1, 16: 2, 24: 4, 32: 4, 64: 8, 65: 16, 128: 16}[width]
    assert x.format is x.dtype is fx.Format(width, 2)
    assert (x.shape, x.ndim, x.size, x.nbytes) == ((3, 4, 2), 3, 24, 24 * itemsize)
    assert type(x.size) is int
    assert x.T.shape == (2, 4, 3)
    assert len(x) == 3
    with pytest.raises(TypeError):
        len(x[0, 0, 0])
    with pytest.raises(AttributeError):
        x.format = fx.Format(8, 8)


def test_unhashable():
    with pytest.raises(TypeError, match="unhashable"):
        hash(fx.zeros((), format=fx.Format(8, 0)))


def test_not_made_by_its_class():
    with pytest.raises(TypeError, match=r"array"):
        fx.FixedArray([1, 2], fx.Format(8, 0))


@pytest.mark.parametrize("width", WIDTHS)
def test_iteration(width):
    x, plain = example(width)
    rows = list(x)
    assert len(rows) == 3
    for row, expected in zip(rows, plain, strict=True):
        same(row, expected)
    same(rows[0][1][0], plain[0, 1, 0])
    assert list(fx.zeros(0, format=x.format)) == []
    with pytest.raises(TypeError):
        iter(x[0, 0, 0])


# --- indexing -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_indexing(width, key):
    x, plain = example(width)
    expected = plain[key]
    same(x[key], expected)
    same(x[:, :, ::-1][:, :, ::-1][key], expected)
    probe = np.zeros((3, 4, 2))
    views = isinstance(probe[key], np.ndarray) and np.shares_memory(probe[key], probe)
    assert np.shares_memory(x[key].words, x.words) == views


@pytest.mark.parametrize("width", WIDTHS)
def test_an_element_has_its_own_data(width):
    x = fixed([1, 2, 3], fx.Format(width, 0))
    first = x[0]
    assert first.shape == ()
    x[0] = 7
    assert raw_list(first) == [1]
    first[...] = 9
    assert raw_list(x) == [7, 2, 3]


@pytest.mark.parametrize("key", [3, -4, (0, 4), (0, 0, 0, 0), [0, 3], np.array([True, False])])
def test_indices_out_of_range(key):
    x, _ = example(16)
    with pytest.raises(IndexError):
        x[key]
    with pytest.raises(IndexError):
        x[key] = 0


@pytest.mark.parametrize("key", ["a", 1.0, (0, 1.5), None.__class__])
def test_bad_indices(key):
    x, _ = example(16)
    with pytest.raises((IndexError, TypeError)):
        x[key]


# --- assignment -----------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_assignment(width, key):
    x, plain = example(width)
    x[key] = 3
    plain[key] = 12
    same(x, plain)
    shape = np.shape(plain[key])
    raws = list(range(-5, int(np.prod(shape, dtype=int)) - 5))
    x[key] = fixed(raws, x.format, shape)
    plain[key] = objects(raws, shape) if shape else raws[0]
    same(x, plain)


@given(
    st.data(), strategies.formats(overflow=strategies.non_raising_overflows), strategies.formats()
)
def test_assignment_rounds_once(data, fmt, source):
    raws = data.draw(strategies.raw_lists(fmt, (6,)))
    x = fixed(raws, fmt)
    given_raws = data.draw(strategies.raw_lists(source, (3,)))
    values = [oracle.value(raw, source) for raw in given_raws]

    def compute():
        y = x.copy()
        y[::-2] = fixed(given_raws, source)
        assert raw_list(y)[::2] == raws[::2]
        return y[::-2]

    if source is fmt:  # elements move, nothing is rounded
        assert raw_list(compute()) == given_raws
    else:
        check_stored(compute, values, fmt, (3,))


@pytest.mark.parametrize(
    "value",
    [0.3, Fraction(1, 3), "0.3", np.array([0.1, 0.2, 0.3]), [0.1, "0.2", 3], np.float32(0.3), 1000],
    ids=repr,
)
def test_assignment_of_numbers(value):
    fmt = fx.Format(16, 8, rounding="ceil")
    x = fx.zeros((2, 3), format=fmt)
    x[1] = value
    same(x[1], np.broadcast_to(fx.array(value, fmt).raw, 3))
    assert raw_list(x[0]) == [0, 0, 0]


@pytest.mark.parametrize("width", [8, 32, 128])
def test_failed_assignment_leaves_the_array_unchanged(width):
    fmt = fx.Format(width, 0, overflow="raise")
    x = fixed([1, 2, 3], fmt)
    too_large = 2**width
    for value in (
        [5, too_large, 6],
        too_large,
        1e300,
        float("inf"),
        fx.array([5, 0, 2.0**200], fx.Format(128, -100)),
    ):
        with pytest.raises(fx.FixedOverflowError):
            x[:] = value
        assert raw_list(x) == [1, 2, 3]
    for value in (float("nan"), [1, 2], "x", None, [5, "nan", 1]):
        with pytest.raises((ValueError, TypeError), match=r"."):
            x[:] = value
        assert raw_list(x) == [1, 2, 3]
    with pytest.raises(fx.FixedOverflowError):
        x += too_large
    with pytest.raises(fx.FixedOverflowError):
        x *= fixed([1, 1, fmt.raw_max], fmt)
    assert raw_list(x) == [1, 2, 3]


def test_assignment_to_itself():
    for width in (8, 64, 128):
        x = fixed(list(range(10)), fx.Format(width, 0))
        x[1:] = x[:-1]
        assert raw_list(x) == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
        x[:] = x[::-1]
        assert raw_list(x) == [8, 7, 6, 5, 4, 3, 2, 1, 0, 0]


def test_assignment_must_broadcast():
    x = fx.zeros((2, 3), format=fx.Format(8, 0))
    with pytest.raises(ValueError, match=r"\(2,\)"):
        x[...] = fx.ones(2, format=fx.Format(8, 0))
    with pytest.raises(ValueError, match=r"\(3,\)"):
        x[:, 0] = [1, 2, 3]


# --- views and copies -----------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_views_share_memory(width):
    x, plain = example(width)
    for view, expected in (
        (x.T, plain.T),
        (x[1:, ::2], plain[1:, ::2]),
        (x.reshape(4, 6), plain.reshape(4, 6)),
        (x.reshape((2, -1)), plain.reshape(2, -1)),
        (x[None], plain[None]),
        (x.T.T, plain),
    ):
        same(view, expected)
        assert np.shares_memory(view.words, x.words)
    x.T[0, 0, 0] = 5
    x.reshape(-1)[1] = 6
    assert raw_list(x)[:2] == [20, 24]
    for other in (x.copy(), copy.copy(x), copy.deepcopy(x), x.T.reshape(-1), x.astype(x.format)):
        assert not np.shares_memory(other.words, x.words)
    same(x.T.reshape(-1), np.array(raw_list(x), object).reshape(3, 4, 2).T.reshape(-1))
    assert x.copy().format is x.format
    with pytest.raises(ValueError, match=r"24|\(3, 4, 2\)"):
        x.reshape(5, 5)


@pytest.mark.parametrize("width", WIDTHS)
def test_view_as(width):
    x, plain = example(width)
    other = fx.Format(width, -3, rounding="odd", overflow="wrap")
    view = x.view_as(other)
    same(view, plain)
    assert view.format is other
    assert np.shares_memory(view.words, x.words)
    for bad in (fx.Format(width + 1 if width < 128 else 2, 2), fx.Format(width, 2, signed=False)):
        with pytest.raises(ValueError, match=re.escape(repr(bad))):
            x.view_as(bad)


def test_astype_of_its_own_format_clamps_the_symmetric_range():
    fmt = fx.Format(4, 0, overflow="saturate_symmetric")
    x = fx.FixedArray.from_raw([-8, -7, 7], fmt)
    assert raw_list(x) == [-8, -7, 7]
    assert raw_list(x.astype(fmt)) == [-7, -7, 7]
    assert raw_list(fx.array(x, fmt)) == [-7, -7, 7]
    assert raw_list(x.copy()) == raw_list(x[:]) == [-8, -7, 7]
    assert raw_list(x + 0) == [-7, -7, 7]


# --- constructors ---------------------------------------------------------------------------


@pytest.mark.parametrize("overflow", list(fx.Overflow))
@pytest.mark.parametrize("width", [2, 9, 40, 100])
@pytest.mark.parametrize("signed", [True, False])
def test_filled_arrays(overflow, width, signed):
    fmt = fx.Format(width, 3, signed, "away_from_zero", overflow)
    number = Fraction(1, 3)
    for shape in ((), 3, (2, 3), (0,), (2, 0), [2, 2]):
        side = (shape,) if isinstance(shape, int) else tuple(shape)
        size = int(np.prod(side))
        for make in (fx.zeros, fx.empty):
            same(make(shape, format=fmt), np.zeros(side, int))
        check_stored(lambda s=shape: fx.ones(s, format=fmt), [1] * size, fmt, side)
        check_stored(lambda s=shape: fx.full(s, number, format=fmt), [number] * size, fmt, side)
        x = fx.zeros(side, format=fmt)
        for make in (fx.zeros_like, fx.empty_like):
            assert make(x).format is fmt
            same(make(x), np.zeros(side, int))
        check_stored(lambda x=x: fx.ones_like(x), [1] * size, fmt, side)
        check_stored(lambda x=x: fx.full_like(x, number), [number] * size, fmt, side)
    other = fx.Format(16, 4)
    assert fx.zeros_like(fx.ones(2, format=other), format=fmt).format is fmt


def test_full_in_a_stochastic_format_is_one_step():
    fmt = fx.Format(8, 0, rounding="stochastic")
    check_stored(lambda: fx.full((40,), 0.5, format=fmt), [Fraction(1, 2)] * 40, fmt, (40,))
    check_stored(
        lambda: fx.full_like(fx.zeros(40, format=fx.Format(8, 8)), 0.5, format=fmt),
        [Fraction(1, 2)] * 40,
        fmt,
        (40,),
    )


@pytest.mark.parametrize(
    ("n", "m", "k"), [(3, None, 0), (2, 4, 1), (4, 2, -1), (0, None, 0), (3, 3, 7)]
)
def test_eye(n, m, k):
    fmt = fx.Format(70, 3)
    result = fx.eye(n, m, k, format=fmt)
    same(result, np.eye(n, m, k, dtype=int) * 8)


@pytest.mark.parametrize(
    "args",
    [
        (5,),
        (0,),
        (-3,),
        (2, 5),
        (5, 2),
        (0, 1, 0.1),
        (0, 1, Fraction(1, 10)),
        (0, 1, Fraction(1, 3)),
        (1, -1, Fraction(-2, 7)),
        (0.5, 3),
        (Fraction(1, 3), 3, 1),
        (-(2**70), -(2**70) + 3),
        (0, Fraction(3, 2), Fraction(1, 2)),
    ],
)
@pytest.mark.parametrize("rounding", list(fx.Rounding))
def test_arange(args, rounding):
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    start, stop, step = Fraction(start), Fraction(stop), Fraction(step)
    exact = []
    while (start + len(exact) * step < stop) if step > 0 else (start + len(exact) * step > stop):
        exact.append(start + len(exact) * step)
    for fmt in (fx.Format(128, 50, rounding=rounding), fx.Format(7, 4, rounding=rounding)):
        check_stored(lambda f=fmt: fx.arange(*args, format=f), exact, fmt, (len(exact),))


@pytest.mark.parametrize("num", [0, 1, 2, 7, 50])
@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("rounding", ["nearest_even", "ceil", "odd", "stochastic"])
def test_linspace(num, endpoint, rounding):
    fmt = fx.Format(100, 90, rounding=rounding)
    for start, stop in ((0, 1), (-1, 0.1), (Fraction(1, 3), Fraction(-5, 7)), (2, 2)):
        gaps = max(num - 1 if endpoint else num, 1)
        step = (Fraction(stop) - Fraction(start)) / gaps
        exact = [Fraction(start) + i * step for i in range(num)]
        check_stored(
            lambda a=start, b=stop: fx.linspace(a, b, num, endpoint=endpoint, format=fmt),
            exact,
            fmt,
            (num,),
        )


# Some in the kernels' exact numbers, the last two of more than 128 bits.
@pytest.mark.parametrize(
    ("start", "step"),
    [
        (0, 1),
        (Fraction(-5, 4), Fraction(1, 16)),
        (100, Fraction(-22, 7)),
        (Fraction(1, 3), Fraction(1, 10)),
        (-(2**70), Fraction(2**62 + 1, 2**9)),
        (Fraction(-1, 2**70), Fraction(3, 2**60)),
        (0, 0),
        (1, Fraction(1, 10**40)),
        (0, 2**64 + 1),
    ],
)
@pytest.mark.parametrize("rounding", ["nearest_even", "floor", "odd", "stochastic"])
@pytest.mark.parametrize("overflow", fx.Overflow)
def test_long_series(start, step, rounding, overflow):
    exact = [start + i * Fraction(step) for i in range(300)]
    shape, stop = (300,), start + 300 * Fraction(step)
    for fmt in (
        fx.Format(16, 5, True, rounding, overflow),
        fx.Format(9, 3, False, rounding, overflow),
        fx.Format(128, 66, True, rounding, overflow),
    ):
        if step:
            check_stored(lambda f=fmt: fx.arange(start, stop, step, f), exact, fmt, shape)
        check_stored(lambda f=fmt: fx.linspace(start, stop, 300, False, f), exact, fmt, shape)


def test_series_of_several_blocks():
    fmt = fx.Format(24, 10, True, "stochastic", "wrap")
    count = 2 * blocks.SIZE + 77
    exact = [Fraction(i, 2700) - 3 for i in range(count)]
    check_stored(
        lambda: fx.arange(-3, Fraction(count, 2700) - 3, Fraction(1, 2700), fmt),
        exact,
        fmt,
        (count,),
    )
    with pytest.raises(fx.FixedOverflowError, match=r"\(32768,\)"):
        fx.arange(count, format=fx.Format(16, 0, overflow="raise"))


def test_bad_constructor_arguments():
    fmt = fx.Format(8, 0)
    with pytest.raises(ValueError, match="step"):
        fx.arange(0, 1, 0, format=fmt)
    with pytest.raises(ValueError, match="-1"):
        fx.linspace(0, 1, -1, format=fmt)
    with pytest.raises(ValueError, match=r"(?i)nan"):
        fx.arange(float("nan"), format=fmt)
    with pytest.raises(ValueError, match=r"(?i)inf"):
        fx.linspace(0, float("inf"), 3, format=fmt)
    with pytest.raises(ValueError, match="negative"):
        fx.zeros((-1, 2), format=fmt)
    for make in (
        lambda f: fx.zeros(3, format=f),
        lambda f: fx.array([1], f),
        lambda f: fx.FixedArray.from_raw([1], f),
        lambda f: fx.from_bits([1], f),
        lambda f: fx.eye(2, format=f),
        lambda f: fx.arange(2, format=f),
        lambda f: fx.zeros(2, format=fmt).astype(f),
        lambda f: fx.zeros(2, format=fmt).view_as(f),
    ):
        for bad in ("Q8.8", 8, np.float64):
            with pytest.raises(TypeError, match=r"(?i)format"):
                make(bad)


# --- printing -------------------------------------------------------------------------------


def numbers_in(text):
    return [Fraction(n) for n in re.findall(r"-?\d+\.?\d*", text)]


@given(st.data(), strategies.formats())
def test_str_has_exact_digits(data, fmt):
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=1, max_size=5))
    x = fixed(raws, fmt)
    assert numbers_in(str(x)) == exact_values(x)
    assert numbers_in(str(x[0])) == exact_values(x)[:1]
    text = repr(x)
    assert text.startswith("FixedArray(")
    assert repr(fmt) in text
    assert numbers_in(text.replace(repr(fmt), "")) == exact_values(x)


def test_repr_looks_as_numpy_prints():
    fmt = fx.Format(8, 4)
    assert repr(fx.array([0.5, -1.25], fmt)) == "FixedArray([ 0.5 , -1.25], format=Format(8, 4))"
    assert repr(fx.array(0.5, fmt)) == "FixedArray(0.5, format=Format(8, 4))"
    assert str(fx.array([[1, 2], [3, 4]], fmt)).count("\n") == 1
    assert str(fx.array([1, 2], fmt)).startswith("[")


def test_printing_is_summarised():
    x = fx.zeros(5000, format=fx.Format(128, 100))
    x[-1] = 0.5
    assert "..." in str(x)
    assert len(str(x)) < 300
    assert numbers_in(str(x).replace("...", " "))[-1] == Fraction(1, 2)


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_empty_arrays(shape):
    for width in WIDTHS:
        fmt = fx.Format(width, 2)
        x = fx.zeros(shape, format=fmt)
        assert "[]" in repr(x)
        assert repr(fmt) in repr(x)
        assert str(x)
        assert x.size == 0
        assert (x + x).shape == (x * 2).shape == (-x).shape == shape
        assert (x == x).shape == shape
        assert x.T.shape == shape[::-1]
        assert x.astype(fx.Format(9, 1)).shape == shape
        assert x.tolist() == np.zeros(shape).tolist()
        assert x.raw.shape == x.to_bits().shape == shape
        assert x.copy().shape == shape


@pytest.mark.parametrize("width", WIDTHS)
def test_read_only_memory_is_respected(width):
    """What NumPy broadcasts is many elements in one place: results never lie there."""
    x = fixed([1], fx.Format(width, 0), (1,))
    y = fx.zeros((3, 1), format=x.format) + x
    y[0] = 5
    assert raw_list(y) == [5, 1, 1]
    assert raw_list(x) == [1]


@pytest.mark.parametrize("width", WIDTHS)
def test_memory_of_a_freed_array_is_reused_only_where_nobody_sees_it(width):
    """Results take the memory of small arrays that were freed: never what a view still shows."""
    fmt = fx.Format(width, 0)
    x, one = fixed(range(3, 10), fmt), fixed([1] * 7, fmt)

    def churn():
        kept = [x - one for _ in range(20)]
        for _ in range(20):
            assert raw_list(x - one - one) == list(range(1, 8))
        assert all(raw_list(k) == list(range(2, 9)) for k in kept)

    views = {
        "slice": lambda r: r[1:3],
        "all": lambda r: r[:],
        "reshaped": lambda r: r.reshape(7, 1)[1:3, 0],
        "words": lambda r: r.words[1:3],
        "bytes": lambda r: memoryview(r.words)[1:3],
    }
    for view in views.values():
        seen = view(x + one)
        before = np.array(seen.words if isinstance(seen, fx.FixedArray) else seen)
        churn()
        assert np.array_equal(
            np.array(seen.words if isinstance(seen, fx.FixedArray) else seen), before
        )
