"""a[key] and a[key] = value."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import check_stored, fixed, message_of, objects, raw_list
from examples import example, same
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

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
Q = fx.Format(8, 4)
X = fx.array([1, 2, 3], Q)


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


@pytest.mark.parametrize(
    "key",
    [3, -4, (0, 0), [3], [-4], np.array([5]), np.array([True, False]), 1.5, "a", np.array([1.5]),
     (Ellipsis, Ellipsis), X, object()],
    ids=repr,
)  # fmt: skip
def test_indices(key):
    x = X.copy()
    before = raw_list(x)
    text = message_of(IndexError, x.__getitem__, key)
    if key is not X:
        assert text == message_of(IndexError, np.zeros(3).__getitem__, key)
    for value in (1, 0.5, X[0]):
        assert message_of(IndexError, x.__setitem__, key, value) == text
    assert raw_list(x) == before


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
def test_assignment_of_what_does_not_fit_leaves_the_array_as_it_was(width, rounding):
    fmt = fx.Format(width, 1, rounding=rounding, overflow="raise")
    x = fixed([2, 4, 6, 8], fmt, (2, 2))
    too_large = 2**width
    wide = fx.Format(128, -100)
    for key, value in (
        (..., too_large),
        (..., [1, too_large]),
        (..., [[1, 1], [1, float("inf")]]),
        (0, [1, float(too_large)]),
        (slice(None), fx.array([0, 2.0**200], wide)),
        ((0, 1), Fraction(too_large)),
        ([[0, 1], [1, 0]], [1, str(too_large)]),
        (np.array([[True, False], [True, True]]), [1, 1, -too_large]),
        ((slice(None), 0), Decimal(too_large)),
    ):
        with pytest.raises(fx.FixedOverflowError, match=r"overflowed|out of the range"):
            x[key] = value
        assert raw_list(x) == [2, 4, 6, 8]
    for function in (
        lambda: x.fill(too_large),
        lambda: x.put([0, 1], [1, too_large]),
        lambda: fx.put(x, [0, 1], [1, too_large]),
        lambda: fx.place(x, np.ones((2, 2), bool), [1, too_large]),
        lambda: fx.putmask(x, np.ones((2, 2), bool), [1, too_large]),
        lambda: fx.copyto(x, fx.full((2, 2), 2.0**200, wide)),
        lambda: fx.fill_diagonal(x, too_large),
        lambda: fx.put_along_axis(x, np.zeros((1, 2), int), too_large, 0),
    ):
        with pytest.raises(fx.FixedOverflowError):
            function()
        assert raw_list(x) == [2, 4, 6, 8]


@pytest.mark.parametrize("rounding", ["floor", "stochastic"])
def test_assigned_values_broadcast_as_numpys(rounding):
    for shape, given_shape in (
        ((3,), (1, 1, 3)), ((3,), (1,)), ((2, 3), (1, 2, 1)), ((), (1, 1)), ((3,), (2,)),
        ((3,), (2, 3)), ((0,), (1, 0)), ((2, 3), (2,)),
    ):  # fmt: skip
        x, plain = fx.zeros(shape, Q.replace(rounding=rounding)), np.zeros(shape)
        values = np.arange(np.prod(given_shape, dtype=int)).reshape(given_shape)
        try:
            plain[...] = values
        except ValueError:
            for value in (values, fx.array(values, Q)):
                text = message_of(ValueError, x.__setitem__, ..., value)
                assert str(given_shape).replace(" ", "") in text.replace(" ", "")
        else:
            for value in (values, fx.array(values, Q), values.tolist()):
                x[...] = value
                assert x.tolist() == plain.tolist()


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


def test_elements_can_not_be_deleted():
    a = fx.ones(3, fx.Format(8, 4))
    with pytest.raises(ValueError, match=r"fx\.delete"):
        del a[0]
    assert a.shape == (3,)
