"""Ranges, events and saturation of one iteration, against plain Python."""

import random
from fractions import Fraction

import numpy as np
import pytest

import fxtypes as fx
from fxtypes.fixed_array.array import extremes
from fxtypes_nn.watch.history import History
from fxtypes_nn.watch.observer import (
    NO_OBSERVER,
    Observer,
    lost_share,
    watched_columns,
)

FORMATS = [
    fx.Format(width, frac_bits, signed, overflow=overflow)
    for width in (2, 7, 8, 16, 31, 64, 65, 100, 128)
    for frac_bits in (-3, 4, 140)
    for signed in (True, False)
    for overflow in ("saturate", "saturate_symmetric", "wrap")
]


def edges(fmt, count, seed=0):
    """Raw integers of a format: its ends and their neighbours, 0 and 1, and some between."""
    draw = random.Random(seed)
    special = [fmt.raw_min, fmt.raw_min + 1, fmt.raw_max, fmt.raw_max - 1, 0, 1]
    return [
        draw.choice(special) if draw.random() < 0.4 else draw.randint(fmt.raw_min, fmt.raw_max)
        for _ in range(count)
    ]


def observer(*layers):
    return Observer(layers, fx.Events())


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_ranges_are_the_exact_values_as_floats(fmt):
    for count, seed in ((1, 1), (1, 2), (2, 3), (60, 4)):
        raws = edges(fmt, count, seed)
        values = fx.FixedArray.from_raw(raws, fmt)
        assert extremes(values) == (min(raws), max(raws))
        exact = values.to_fractions().tolist()
        watched = observer("a")
        watched.tensor("a", "input", values)
        watched.parameter("a", "w", values)
        for name in ("a.input", "a.w"):
            assert watched.row[f"{name}.min"] == float(min(exact))
            assert watched.row[f"{name}.max"] == float(max(exact))
            assert watched.row[f"{name}.abs_max"] == float(max(abs(v) for v in exact))
            assert all(
                type(watched.row[f"{name}.{what}"]) is float for what in ("min", "max", "abs_max")
            )


@pytest.mark.parametrize("fmt", [f for f in FORMATS if f.overflow == "wrap"], ids=str)
def test_integer_bits_are_the_fewest_that_hold_the_range(fmt):
    def holds(int_bits, values):
        """Whether so many integer bits and the format's fraction bits do."""
        if int_bits + fmt.frac_bits < fmt.signed:
            return False
        if not fmt.signed:
            return all(v < Fraction(2) ** int_bits for v in values)
        half = Fraction(2) ** (int_bits - 1)
        return all(-half <= v < half for v in values)

    for seed in range(8):
        values = fx.FixedArray.from_raw(edges(fmt, 1 + seed // 2, seed), fmt)
        watched = observer("a")
        watched.tensor("a", "output", values)
        found = watched.row["a.output.int_bits"]
        assert type(found) is int
        assert holds(found, values.to_fractions().tolist())
        assert not holds(found - 1, values.to_fractions().tolist())


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@pytest.mark.parametrize("way", ["forward", "backward", "update"])
def test_saturation_counts_elements_at_an_end(fmt, way):
    ends = {fmt.raw_min, fmt.raw_max}
    if fmt.signed and fmt.overflow == "saturate_symmetric":
        ends.add(-fmt.raw_max)
    watched, expected = observer("a", "b"), 0
    for count, seed in ((1, 1), (7, 2), (40, 3)):
        raws = edges(fmt, count, seed)
        expected += sum(raw in ends for raw in raws)
        watched.saturated("a", way, fx.FixedArray.from_raw(raws, fmt))
        inside = [raw for raw in raws if raw not in ends] or [fmt.raw_max // 2 or fmt.raw_max]
        if not ends & set(inside):
            watched.saturated("b", way, fx.FixedArray.from_raw(inside, fmt))
    both = [
        fx.FixedArray.from_raw([fmt.raw_max, fmt.raw_min], fmt).reshape(shape)
        for shape in ((2, 1), (2,))
    ]
    watched.saturated("a", way, *both)
    assert watched.row[f"a.{way}.saturation"] == expected + 4
    assert sum(watched.row.values()) == expected + 4


def test_forward_and_parameter_count_saturation_too():
    fmt = fx.Format(8, 4)
    x, y = fx.array([[1, -8]], fmt), fx.array([[8, 9, 1]], fmt)
    watched = observer("a")
    watched.forward("a", x, y)
    watched.parameter("a", "w", x, lost=0.25)
    watched.parameter("a", "b", y)
    row = watched.row
    assert [row[f"a.{way}.saturation"] for way in ("forward", "backward", "update")] == [2, 0, 3]
    assert [row["a.input.min"], row["a.output.max"], row["a.w.lost"]] == [-8, 7.9375, 0.25]
    assert "a.b.lost" not in row


@pytest.mark.parametrize("fmt", [fx.Format(16, 9), fx.Format(100, 90)], ids=str)
def test_views_are_measured_as_what_they_show(fmt):
    raws = edges(fmt, 60)
    values = fx.FixedArray.from_raw(raws, fmt).reshape(6, 10)
    assert extremes(values.T) == (min(raws), max(raws))
    part = [raws[10 * i + j] for i in range(1, 6, 2) for j in range(9, -1, -3)]
    assert extremes(values[1::2, ::-3]) == (min(part), max(part))
    assert extremes(values[2, 3]) == (raws[23], raws[23])


def test_an_array_that_changed_in_place_is_measured_anew_by_the_next_observer():
    values = fx.array([1, 2], fx.Format(8, 3))
    first, second = observer("a"), observer("a")
    first.tensor("a", "input", values)
    values[0] = -4
    second.tensor("a", "input", values)
    assert (first.row["a.input.min"], second.row["a.input.min"]) == (1, -4)


def operations(fmt):
    """Something that overflows twice, something that underflows once."""
    a = fx.array([7, 3, -7, 0.25], fmt)
    return lambda: a + a, lambda: fx.array([0.25, 1], fmt) / 8


def test_events_are_those_of_the_operations_inside():
    overflowing, underflowing = operations(fx.Format(8, 4))
    with fx.record() as events:
        watched = Observer(["a", "b"], events)
        overflowing()  # in no layer
        with watched.operations("a", "forward"):
            overflowing()
        with watched.operations("b", "forward"):
            pass
        with watched.operations("b", "backward"):
            underflowing()
            overflowing()
        with watched.operations("b", "backward"):
            underflowing()
        underflowing()
        with watched.operations("a", "update"):
            overflowing()
            overflowing()
    counted = {name: count for name, count in watched.row.items() if count}
    assert counted == {
        "a.forward.overflow": 2,
        "b.backward.overflow": 2,
        "b.backward.underflow": 2,
        "a.update.overflow": 4,
    }
    assert events.overflow == 10
    assert events.underflow == 3


def test_a_block_that_fails_has_counted_what_was_done():
    overflowing, _ = operations(fx.Format(8, 4))
    with fx.record() as events:
        watched = Observer(["a"], events)

        def fails():
            with watched.operations("a", "forward"):
                overflowing()
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fails()
    assert watched.row["a.forward.overflow"] == 2


@pytest.mark.parametrize("width", [8, 100])
def test_a_callers_recorder_and_stream_see_the_work_and_nothing_else(width):
    fmt = fx.Format(width, 4, rounding="stochastic")

    def work(make):
        """Events by operation, and the draws after, of the work with and without an observer."""
        with fx.seeded(3), fx.record() as outer:
            with fx.record() as events:
                watched = make(events)
                x = fx.array([1.3, 2.7, 100], fmt)
                with watched.operations("a", "forward"):
                    y = x * x
                watched.forward("a", x, y)
                watched.saturated("a", "backward", x, y)
                watched.parameter("a", "w", y, lost=lost_share(x, y, x))
            return outer.by_operation, (x * x).raw.tolist()

    with_observer, without = (
        work(lambda events: Observer(["a"], events)),
        work(lambda events: NO_OBSERVER),
    )
    assert with_observer == without
    assert without[0]["multiply"]["elements"] == 6


def test_no_observer_measures_nothing():
    values = fx.array([1], fx.Format(8, 4))
    with NO_OBSERVER.operations("a", "forward"):
        NO_OBSERVER.forward("a", values, values)
    NO_OBSERVER.tensor("a", "input", values)
    NO_OBSERVER.saturated("a", "update", values)
    NO_OBSERVER.parameter("a", "w", values, 0.5)
    assert NO_OBSERVER.row == {}
    assert not NO_OBSERVER.active
    assert observer("a").active


def test_columns_are_those_that_an_observer_fills():
    layers = {"dense1": ["weights", "bias"], "relu1": [], "dense2": ["weights"]}
    fmt = fx.Format(8, 4)
    values = fx.array([1, 2], fmt)
    watched = observer(*layers)
    for layer, parameters in layers.items():
        watched.forward(layer, values, values)
        for name in parameters:
            watched.parameter(layer, name, values, 0.0)
    columns = watched_columns(layers)
    assert sorted(columns) == sorted(watched.row)
    assert columns[:5] == [
        f"dense1.weights.{what}" for what in ("min", "max", "abs_max", "int_bits", "lost")
    ]
    assert len(set(columns)) == 3 * 5 + 3 * 2 * 4 + 3 * 3 * 3
    history = History(columns)
    history.append(watched.row)
    assert history.parameters == ["dense1.weights", "dense1.bias", "dense2.weights"]
    assert history["relu1.backward.underflow"] == [0]


@pytest.mark.parametrize("width", [8, 31, 64, 65, 128])
def test_lost_is_the_share_of_steps_that_moved_nothing(width):
    draw = random.Random(width)
    fmt, fine = fx.Format(width, 4), fx.Format(128, 100)
    for count in (1, 2, 50):
        before = [draw.randint(-40, 40) for _ in range(count)]
        after = [raw + draw.choice([0, 0, 1, -1]) for raw in before]
        steps = [
            draw.choice([0, 1, -(2**64), 2**64]) if new == old else new - old
            for old, new in zip(before, after, strict=True)
        ]
        lost = [
            old == new for old, new, step in zip(before, after, steps, strict=True) if step != 0
        ]
        found = lost_share(
            fx.FixedArray.from_raw(before, fmt),
            fx.FixedArray.from_raw(after, fmt),
            fx.FixedArray.from_raw(steps, fine),
        )
        assert found == (sum(lost) / len(lost) if lost else 0.0)
        assert type(found) is float


def test_lost_of_high_words_alone():
    fmt = fx.Format(128, 4)
    raws = [[5, 5], [5 + 2**64, 5]]
    before, after = (fx.FixedArray.from_raw(r, fmt) for r in raws)
    assert lost_share(before, after, fx.FixedArray.from_raw([2**64, 2**64], fmt)) == 0.5


def test_no_step_loses_nothing():
    p = fx.array([1, 2], fx.Format(8, 4))
    assert lost_share(p, p, fx.zeros((2,), fx.Format(16, 4))) == 0.0


def test_lost_refuses_what_are_not_one_parameter():
    p = fx.array([1, 2], fx.Format(8, 4))
    for before, after, step in (
        (p, p.astype(fx.Format(8, 5)), p),
        (p, p[:1], p),
        (p, p, p.reshape(2, 1)),
    ):
        with pytest.raises(ValueError, match="can't have become"):
            lost_share(before, after, step)


@pytest.mark.parametrize("width", [2, 3, 8])
def test_saturation_at_both_ends_of_a_symmetric_format(width):
    fmt = fx.Format(width, 0, overflow="saturate_symmetric")
    values = fx.FixedArray.from_raw(np.array([fmt.raw_max, 0, -fmt.raw_max]), fmt)
    with fx.record() as events:
        observer = Observer(["dense1"], events)
        observer.saturated("dense1", "forward", values)
        observer.saturated("dense1", "backward", values[2:])
    assert observer.row["dense1.forward.saturation"] == 2
    assert observer.row["dense1.backward.saturation"] == 1
