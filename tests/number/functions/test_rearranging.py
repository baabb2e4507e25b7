"""flip, roll, tile, repeat, resize and kin."""

import numpy as np
import pytest
from examples import MOVED, move_tests

import fxtypes as fx
from fxtypes.functions import rearranging

SHAPES = [(4,), (3, 4), (2, 3, 4)]

# (name, shape, arguments after the array, keywords)
MOVES = [
    *[("flip", s, (), {}) for s in SHAPES],
    ("flip", (3, 4), (1,), {}),
    ("fliplr", (3, 4), (), {}),
    ("flipud", (3, 4), (), {}),
    *[("rot90", (3, 4), (k,), {}) for k in range(-1, 4)],
    ("rot90", (2, 3, 4), (), {"axes": (2, 0)}),
    *[("roll", s, (3,), {}) for s in SHAPES],
    ("roll", (3, 4), ((1, -2),), {"axis": (0, 1)}),
    ("tile", (3, 4), (2,), {}),
    ("tile", (3, 4), ((2, 1, 3),), {}),
    ("repeat", (3, 4), (2,), {}),
    ("repeat", (3, 4), ([0, 1, 2],), {"axis": 0}),
    ("resize", (3, 4), ((5, 5),), {}),
    ("resize", (3, 4), ((2,),), {}),
    *[("copy", s, (), {}) for s in SHAPES],
]
test_moves, test_views_are_numpys = move_tests(MOVES)
Q = fx.Format(8, 4)
WIDE = fx.Format(100, 4)


@pytest.mark.parametrize("pieces", [1, 4, 10])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 11, 100])
def test_resize_in_pieces(monkeypatch, pieces, count):
    monkeypatch.setattr(rearranging, "_COPY", pieces)
    for n in (1, 2, 3, 7):
        raw = np.arange(n)
        found = fx.resize(fx.FixedArray.from_raw(raw, MOVED[0]), count)
        assert (found.raw == np.resize(raw, count)).all()


def test_repeat_counts_whose_sum_wraps():
    a = fx.array([1, 2, 3], fx.Format(128, 64))
    with pytest.raises(MemoryError, match="needs about"):
        fx.repeat(a, [2**62, 2**62, 2**63 - 1])
    with pytest.raises(MemoryError, match="needs about"):
        fx.repeat(a, 2**62, 0)


def test_tiles_whose_number_wraps():
    for fmt in (Q, WIDE):
        a = fx.ones((4, 2), fmt)
        for reps in ((2**62, 4), (4, 2**62), 2**61, (2**60, 0), (2**70, 1)):
            with pytest.raises(MemoryError, match="needs about"):
                fx.tile(a, reps)
        assert fx.tile(a, (np.int8(100), np.int8(100))).shape == (400, 200)
        assert fx.tile(a, iter([1, 3])).shape == (4, 6)
    with pytest.raises(TypeError, match="tile: reps are integers"):
        fx.tile(a, (2, 1.5))
    with pytest.raises(ValueError, match="negative"):
        fx.tile(a, (2, -1))
