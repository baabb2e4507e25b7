"""reshape, transpose and kin, against NumPy's on object arrays of raw integers."""

from decimal import Decimal

import numpy as np
import pytest
from checks import raw_list
from examples import move_tests

import fxtypes as fx

SHAPES = [(4,), (3, 4), (2, 3, 4)]

# (name, shape, arguments after the array, keywords)
MOVES = [
    *[("reshape", s, ((2, -1),), {}) for s in SHAPES],
    ("reshape", (3, 4), (12, "F"), {}),
    *[("ravel", s, (), {}) for s in SHAPES],
    ("ravel", (3, 4), (), {"order": "F"}),
    *[("transpose", s, (), {}) for s in SHAPES],
    ("transpose", (2, 3, 4), ((1, 2, 0),), {}),
    ("moveaxis", (2, 3, 4), (0, -1), {}),
    ("moveaxis", (2, 3, 4), ([0, 1], [2, 0]), {}),
    ("rollaxis", (2, 3, 4), (2,), {}),
    ("swapaxes", (2, 3, 4), (0, 2), {}),
    ("squeeze", (2, 1, 3, 1), (), {}),
    ("squeeze", (2, 1, 3, 1), (), {"axis": 1}),
    ("expand_dims", (3, 4), ((0, 3),), {}),
    ("broadcast_to", (3, 1), ((2, 3, 4),), {}),
    ("atleast_1d", (), (), {}),
    ("atleast_2d", (4,), (), {}),
    ("atleast_3d", (3, 4), (), {}),
]
test_moves, test_views_are_numpys = move_tests(MOVES)


def test_stochastic_moves_take_no_step():
    q = fx.Format(16, 4, rounding="stochastic")
    a, half = fx.arange(8, format=q), fx.Format(32, 20)
    with fx.seeded(3):
        wanted = raw_list(fx.full(64, 0.03, q))
    with fx.seeded(3):
        for name in ("flip", "sort", "unique", "ravel"):
            getattr(np, name)(a)
        np.concatenate([a, a])
        np.pad(a, 3, mode="wrap")
        np.insert(a, 1, a)
        assert raw_list(fx.full(64, 0.03, q)) == wanted
    with fx.seeded(3):
        assert raw_list(fx.concatenate([fx.array([0.03], half)] * 64, format=q)) != [0] * 64


def test_broadcast_views_are_read_only():
    a = fx.broadcast_to(fx.array([1, 2], fx.Format(8, 4)), (3, 2))
    with pytest.raises(ValueError, match="read-only"):
        a[0, 0] = 1


def test_axes_that_cannot_be_compared():
    with pytest.raises(TypeError, match="integers"):
        fx.sliding_window_view(fx.array([1, 2], fx.Format(8, 4)), Decimal("sNaN"))
