"""The lowest and the highest raw integer, against Python's min and max."""

import random

import numpy as np
import pytest

import fxtypes as fx
from fxtypes.fixed_array.array import extremes

FORMATS = [
    fx.Format(width, 0, signed)
    for width in (2, 8, 9, 16, 32, 33, 64, 65, 127, 128)
    for signed in (True, False)
]


def values_of(fmt, count, seed):
    """Raw integers whose ends come late as well as early."""
    draw = random.Random(seed)
    raws = [draw.randint(fmt.raw_min // 2, fmt.raw_max // 2) for _ in range(count)]
    for end in (fmt.raw_min, fmt.raw_max):
        if draw.random() < 0.7:
            raws[draw.randrange(count)] = end
    return raws


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_vectors(fmt):
    for count in (1, 2, 15, 64, 67, 131, 300):
        for seed in range(3):
            raws = values_of(fmt, count, seed)
            values = fx.FixedArray.from_raw(raws, fmt)
            assert extremes(values) == (min(raws), max(raws))
            for part in (slice(None, None, -1), slice(0, None, 3)):
                assert extremes(values[part]) == (min(raws[part]), max(raws[part]))


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_axes_in_any_order_and_broadcast(fmt):
    raws = values_of(fmt, 6 * 35, 5)
    values = fx.FixedArray.from_raw(raws, fmt).reshape(6, 5, 7)
    for moved in (values.T, values.transpose(1, 0, 2), fx.broadcast_to(values, (3, 6, 5, 7))):
        assert extremes(moved) == (min(raws), max(raws))
    cut = [raw for i, raw in enumerate(raws) if i % 7 in (1, 2, 3)]
    assert extremes(values[:, :, 1:4]) == (min(cut), max(cut))
    assert extremes(values[2, 3, 1]) == (raws[92],) * 2


def test_it_is_no_event_and_draws_nothing():
    values = fx.array([1, 2], fx.Format(8, 4, rounding="stochastic"))
    with fx.record() as events:
        extremes(values)
    assert events.elements == 0


def test_of_nothing():
    with pytest.raises(ValueError, match=r"no elements: shape \(0, 3\)"):
        extremes(fx.array(np.zeros((0, 3)), fx.Format(8, 4)))
