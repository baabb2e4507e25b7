"""How many elements had a step, and how many of these moved, against Python's integers."""

import random

import pytest

import fxtypes as fx
from fxtypes.fixed_array.array import count_moves

WIDTHS = (2, 8, 16, 31, 64, 65, 128)


def example(fmt, steps_fmt, count, seed):
    """Raw integers before and after, and of steps, with many equal ones and many zeros."""
    draw = random.Random(seed)
    before = [draw.randint(fmt.raw_min, fmt.raw_max) for _ in range(count)]
    after = [
        raw ^ (draw.random() < 0.4 and 1 << draw.randrange(fmt.width - fmt.signed))
        for raw in before
    ]
    steps = [
        draw.random() < 0.5 and draw.choice([1, steps_fmt.raw_max, steps_fmt.raw_max // 2 + 1])
        for _ in range(count)
    ]
    return before, after, [int(step) for step in steps]


def expected(before, after, steps):
    moved = [old != new for old, new, step in zip(before, after, steps, strict=True) if step]
    return len(moved), sum(moved)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("steps_width", WIDTHS)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_pair_of_widths_and_layout(width, steps_width, signed):
    fmt, steps_fmt = fx.Format(width, 3, signed), fx.Format(steps_width, 0, signed)
    for count in (1, 7, 64, 255, 256, 700):
        raws = example(fmt, steps_fmt, count, count)
        arrays = [
            fx.FixedArray.from_raw(raw, f)
            for raw, f in zip(raws, (fmt, fmt, steps_fmt), strict=True)
        ]
        assert count_moves(*arrays) == expected(*raws)
        for part in (slice(None, None, -1), slice(1, None, 3)):
            found = count_moves(*(array[part] for array in arrays))
            assert found == expected(*(raw[part] for raw in raws))


def test_more_than_a_count_of_the_elements_own_size_holds():
    # All of 70,000 elements moved: neither 8 nor 16 bits count so many.
    for width, steps_width in ((8, 8), (16, 16), (8, 16), (16, 8)):
        zeros = fx.zeros((70_000,), fx.Format(width, 0))
        ones, steps = (fx.ones((70_000,), fx.Format(w, 0)) for w in (width, steps_width))
        assert count_moves(zeros, ones, steps) == (70_000, 70_000)
        assert count_moves(ones, ones, steps) == (70_000, 0)
        assert count_moves(zeros, ones, steps - steps) == (0, 0)


def test_axes_in_any_order_and_broadcast():
    fmt, steps_fmt = fx.Format(16, 4), fx.Format(32, 8)
    raws = example(fmt, steps_fmt, 6 * 35, 5)
    before, after, steps = (
        fx.FixedArray.from_raw(raw, f).reshape(6, 5, 7)
        for raw, f in zip(raws, (fmt, fmt, steps_fmt), strict=True)
    )
    assert count_moves(before.T, after.T, steps.T) == expected(*raws)
    copies = (before.transpose(1, 0, 2).copy(), after.transpose(1, 0, 2), steps.transpose(1, 0, 2))
    assert count_moves(*copies) == expected(*raws)
    first = fx.broadcast_to(steps[:1], (6, 5, 7))
    assert count_moves(before, after, first) == expected(*raws[:2], raws[2][:35] * 6)
    assert count_moves(before[2, 3, 1], after[2, 3, 1], steps[2, 3, 1]) == expected(
        *([raw[92]] for raw in raws)
    )
    assert count_moves(before[:0], after[:0], steps[:0]) == (0, 0)


def test_it_is_no_event():
    values = fx.array([1, 2], fx.Format(8, 4, rounding="stochastic"))
    with fx.record() as events:
        count_moves(values, values, values)
    assert events.elements == 0
