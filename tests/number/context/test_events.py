"""record(): what is counted, under which name, and how recorders nest."""

import itertools
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import SEED, fixed, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.context import events, random_stream

KEYS = ("overflow", "underflow", "inexact", "elements")


def counts(events):
    return {key: getattr(events, key) for key in KEYS}


@given(st.data(), strategies.formats(overflow=strategies.non_raising_overflows))
def test_counts(data, fmt):
    """Several operations in one block, each counted under its name and in all."""
    source = data.draw(strategies.formats(frac_bits=st.just(fmt.frac_bits)))
    raws = data.draw(strategies.raw_lists(source, (5,)))
    x = fixed(raws, source)
    values = [oracle.value(raw, source) for raw in raws]
    expected = {}

    def expect(name, exacts, step):
        tally = expected.setdefault(name, dict.fromkeys(KEYS, 0))
        for index, exact in enumerate(exacts):
            u = oracle.u(SEED, step, index) if fmt.rounding == "stochastic" else None
            for key, count in oracle.events(exact, fmt, u).items():
                tally[key] += count
            tally["elements"] += 1

    with fx.seeded(SEED), fx.record() as events:
        fx.multiply(x, x, format=fmt)
        expect("multiply", [v * v for v in values], 0)
        fx.add(x, x, format=fmt)
        expect("add", [v + v for v in values], 1)
        fx.subtract(x, x[::-1], format=fmt)
        expect("subtract", [a - b for a, b in zip(values, values[::-1], strict=True)], 2)
        fx.multiply(x, 3, format=fmt)
        expect("multiply", [v * 3 for v in values], 3)
        fx.mean(x, format=fmt)
        expect("mean", [sum(values) / 5], 4)
        fx.matmul(x, x, format=fmt)
        expect("matmul", [sum(v * v for v in values)], 5)
    assert events.by_operation == expected
    assert counts(events) == {key: sum(tally[key] for tally in expected.values()) for key in KEYS}


def test_conversions_count_as_convert():
    fmt = fx.Format(8, 2)
    with fx.record() as events:
        x = fx.array([0.1, 100, 1, 0.125], fmt)
    assert events.by_operation == {
        "convert": {"overflow": 1, "underflow": 2, "inexact": 2, "elements": 4}
    }
    with fx.record() as events:
        x.astype(fx.Format(8, 0))
        fx.array(x, fx.Format(8, 0))
        fx.zeros(4, format=fmt)[:] = x
    assert set(events.by_operation) == {"convert"}
    with fx.record() as events:
        x + 0.3
    assert events.by_operation == {
        "convert": {"overflow": 0, "underflow": 0, "inexact": 1, "elements": 1},
        "add": {"overflow": 1, "underflow": 0, "inexact": 0, "elements": 4},
    }


def test_names_are_those_of_the_functions():
    fmt = fx.Format(8, 2)
    x = fixed([1, 2, 3], fmt)
    mask = np.array([True, False, True])
    other = fixed([1, 2, 3], fx.Format(9, 3))
    operations = {
        "add": lambda: x + x,
        "subtract": lambda: 1 - x,
        "multiply": lambda: x * 2,
        "divide": lambda: x / x,
        "negative": lambda: -x,
        "absolute": lambda: abs(x),
        "left_shift": lambda: x << 1,
        "right_shift": lambda: x >> 1,
        "minimum": lambda: fx.minimum(x, 1),
        "maximum": lambda: fx.maximum(x, x),
        "clip": lambda: x.clip(0, 1),
        "sum": lambda: x.sum(),
        "mean": lambda: x.mean(),
        "min": lambda: x.min(),
        "max": lambda: x.max(),
        "matmul": lambda: x @ x,
    }
    for name, function in operations.items():
        with fx.record() as events:
            function()
        assert set(events.by_operation) == {name}, name
        assert callable(getattr(fx, name))
        elements = {"sum": 1, "mean": 1, "min": 1, "max": 1, "matmul": 1}
        assert events.elements == elements.get(name, 3), name
    with fx.record() as events:
        fx.where(mask, x, other)
    assert events.elements == 3
    with fx.record() as events:
        fx.concatenate([x, other])
    assert events.elements == 6
    with fx.record() as events:
        y = x.copy()
        y += x
        y <<= 1
    assert set(events.by_operation) == {"add", "left_shift"}


def test_what_counts_nothing():
    x = fixed([1, 2, 3], fx.Format(8, 2))
    with fx.record() as events:
        x[1:], x[[0, 1]], x.copy(), x.T, x.reshape(3, 1), x < x, x.argmax(), repr(x), x.tolist()
        x.view_as(fx.Format(8, 3)), x.to_numpy(), list(x)
    assert counts(events) == dict.fromkeys(KEYS, 0)
    assert events.by_operation == {}


def test_recorders_nest():
    x = fx.array([100, 1], fx.Format(8, 0))
    with fx.record() as outer:
        x + x
        with fx.record() as inner:
            x + x
            x * 0
        x - x
    x + x  # after the block
    assert inner.elements == 4
    assert outer.elements == 8
    assert inner.overflow == 1
    assert outer.overflow == 2
    assert set(inner.by_operation) == {"add", "multiply"}
    assert set(outer.by_operation) == {"add", "multiply", "subtract"}
    assert "overflow=2" in repr(outer)


def test_totals_are_those_of_overflow_and_underflow_and_outer_recorders_count_all():
    fmt = fx.Format(8, 4, rounding="stochastic")

    def work(first):
        """Overflow, underflow, inexact results, and an operation with none of them."""
        a = fx.array(first, fmt)
        return raw_list(fx.array([100, 0.01, 0.3, 1], fmt) + a) + raw_list(a / 100)

    with fx.seeded(SEED), fx.record() as outer:
        expected = [work([1, 7, 0.01, -8]) for _ in range(3)]
    with fx.record() as around:
        totals = events.Totals(around)
        with random_stream.isolated(SEED, totals):
            found = [work([1, 7, 0.01, -8]) for _ in range(3)]
        with fx.record() as alone, random_stream.isolated(SEED, apart := events.Totals()):
            assert work([1, 7, 0.01, -8]) == expected[0]
    assert found == expected
    assert around.by_operation == outer.by_operation
    assert (totals.overflow, totals.underflow) == (outer.overflow, outer.underflow)
    assert min(totals.overflow, totals.underflow, apart.overflow, apart.underflow) > 0
    assert counts(alone) == dict.fromkeys(KEYS, 0)


def test_recorded_overflow_under_raise():
    x = fx.array([100, 1], fx.Format(8, 0, overflow="raise"))
    with fx.record() as events, pytest.raises(fx.FixedOverflowError):
        x + x
    assert events.overflow == 1
    x + 1
    assert events.overflow == 1


def test_overflow_then_inexact():
    """Overflow and rounding count apart."""
    fmt = fx.Format(4, 0)
    with fx.record() as events:
        fx.array([100, 100.5, 0.25, -0.25, 1, 0], fmt)
    assert counts(events) == {"overflow": 2, "underflow": 2, "inexact": 3, "elements": 6}


def test_recording_changes_no_result():
    x = fixed(list(range(-128, 128)), fx.Format(8, 4, overflow="wrap"))
    plain = raw_list(x * x)
    with fx.record():
        assert raw_list(x * x) == plain


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


@pytest.mark.parametrize("overflow", ["saturate", "saturate_symmetric", "wrap"])
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
@pytest.mark.parametrize("width", [8, 16, 64, 100])
def test_an_integer_counts_as_an_array_of_it_does(width, rounding, overflow):
    fmt = fx.Format(width, 4, rounding=rounding, overflow=overflow)
    x = fixed([fmt.raw_min, fmt.raw_max, 0, 1, -3, fmt.raw_max // 3], fmt)
    names = "add subtract multiply divide floor_divide remainder maximum minimum"
    for name, number in itertools.product(names.split(), (1, -1, 3, -100, 2**40)):
        numbers = fx.array([number] * 6, fx.Format(64, 0))
        found = []
        for a, b in ((x, number), (number, x)), ((x, numbers), (numbers, x)):
            for left, right in (a, b):
                with fx.seeded(SEED), fx.record() as events:
                    try:
                        result = raw_list(getattr(fx, name)(left, right, format=fmt))
                    except ZeroDivisionError:
                        result = "division by 0"
                found.append((result, events.by_operation, counts(events)))
        assert found[:2] == found[2:], (name, number)
