"""where, select and choose."""

import numpy as np
import oracle
import pytest
import strategies
from checks import broadcast, check_stored, fixed, layouts, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

Q = fx.Format(16, 8)


@given(st.data(), strategies.formats())
def test_where(data, fmt):
    other = data.draw(
        strategies.formats(rounding=st.just(fmt.rounding), overflow=st.just(fmt.overflow))
    )
    try:
        target = fx.Format(*oracle.common_format(fmt, other))
    except oracle.OracleFormatError:
        with pytest.raises(fx.FormatError, match="format="):
            fx.where(np.array([True]), fixed([0], fmt), fixed([0], other))
        return
    x_raws = data.draw(strategies.raw_lists(fmt, (2, 3)))
    y_raws = data.draw(strategies.raw_lists(other, (3,)))
    choice = data.draw(st.lists(st.booleans(), min_size=2, max_size=2))
    condition = np.array(choice).reshape(2, 1)
    x, y = fixed(x_raws, fmt, (2, 3), data.draw(layouts)), fixed(y_raws, other)
    xs = [oracle.value(raw, fmt) for raw in x_raws]
    ys = broadcast(y_raws, other, (3,), (2, 3))
    chosen = np.broadcast_to(condition, (2, 3)).ravel().tolist()
    exact = [a if yes else b for yes, a, b in zip(chosen, xs, ys, strict=True)]
    if fmt is other:  # moves elements, changes none: also not the lowest of a symmetric format
        assert raw_list(fx.where(condition, x, y)) == [
            a if yes else b for yes, a, b in zip(chosen, x_raws, y_raws * 2, strict=True)
        ]
    else:
        check_stored(lambda: fx.where(condition, x, y), exact, target, (2, 3))


def test_where_with_numbers():
    fmt = fx.Format(8, 2)
    x = fx.array([1, 2, 3], fmt)
    condition = np.array([True, False, True])
    assert raw_list(fx.where(condition, x, 0)) == [4, 0, 12]
    assert raw_list(fx.where(condition, 100, x)) == [127, 8, 127]
    assert raw_list(fx.where(condition, 0.3, x)) == [1, 8, 1]
    assert raw_list(fx.where(x > 1, x, -x)) == [-4, 8, 12]
    with pytest.raises(fx.FixedOverflowError):
        fx.where(condition, 100.0, x)
    target = fx.Format(8, 0)
    doubled = x * 2
    check_stored(lambda: fx.where(condition, x, doubled, format=target), [1, 4, 3], target, (3,))


@pytest.mark.parametrize("width", [5, 8, 16, 17, 32, 64, 65, 128])
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
def test_where_chooses_in_every_storage(width, rounding):
    """Arrays and numbers that their format holds exactly, in all layouts."""
    fmt = fx.Format(width, 3, True, rounding, "saturate_symmetric")
    shape, size = (5, 7), 35
    generator = np.random.default_rng(width)
    condition = generator.random(shape) < 0.5
    x_raws = [int(n) for n in generator.integers(-15, 16, size)]
    y_raws = [fmt.raw_min, fmt.raw_max] * 17 + [0]  # the lowest moves as it is
    chosen = condition.ravel().tolist()

    def pick(xs, ys):
        return [a if yes else b for yes, a, b in zip(chosen, xs, ys, strict=True)]

    for layout in ("contiguous", "transposed", "reversed"):
        x, y = fixed(x_raws, fmt, shape, layout), fixed(y_raws, fmt, shape)
        for mask in (condition, np.asfortranarray(condition)):
            for explicit in (None, fmt):
                for left, right, expected in (
                    (x, y, pick(x_raws, y_raws)),
                    (x, 0, pick(x_raws, [0] * size)),
                    (0.125, y, pick([1] * size, y_raws)),
                    (x, y[2:3, 1:2], pick(x_raws, [y_raws[15]] * size)),
                ):
                    found = fx.where(mask, left, right, format=explicit)
                    assert found.format is fmt
                    assert raw_list(found) == expected
    with fx.record() as events:
        fx.where(condition, x, 0)
    assert events.elements == size


def test_an_integer_among_the_choices_is_a_step_of_draws_whoever_looks_on():
    """Once it was one where events were recorded, and none elsewhere."""
    coin = fx.Format(8, 0, rounding="stochastic")
    x = fx.array([1.0, 2.0], fx.Format(16, 8, rounding="stochastic"))

    def after(*operations):
        for operation in operations:
            operation()
        return raw_list(fx.array([0.5] * 40, coin))

    with fx.seeded(1):
        expected = [after() for _ in range(2)]
    for operation, steps in (
        (lambda: fx.where(x > 1, x, 0), 1),
        (lambda: fx.where(x > 1, 0.25, x), 0),  # it is rounded into x's format, then moves
        (lambda: fx.where(x > 1, 0.3, x), 0),
        (lambda: fx.where(x > 1, x, x), 0),
    ):
        with fx.seeded(1):
            assert after(operation) == expected[steps]
        with fx.seeded(1), fx.record():
            assert after(operation) == expected[steps]
        fx.seed(1)
        assert after(operation) == expected[steps]


def test_where_without_choices():
    a = fx.array([[0, 1], [2, 0]], fx.Format(128, 4))
    assert [part.tolist() for part in np.where(a)] == [[0, 1], [1, 0]]
    assert [part.tolist() for part in fx.where(a > 1)] == [[1], [0]]


def test_conditions_that_are_fixed_arrays():
    a = fx.array([0, 2], Q)
    assert np.where(a, 1, 2).tolist() == [2, 1]
    assert np.compress(a, a).tolist() == a.compress(a).tolist() == [2]
    assert np.compress(a, [1, 2]).tolist() == [2]
    with pytest.raises(TypeError, match="compress: expected"):
        fx.compress([True], 3)
