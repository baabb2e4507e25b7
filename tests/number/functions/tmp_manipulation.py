"""x"""

import pytest
from examples import MOVED, check_move, check_view, move_id

SHAPES = [(4,), (3, 4), (2, 3, 4)]
# (name, shape, arguments after the array, keywords): each runs on the raw integers too.
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


@pytest.mark.parametrize("case", MOVES, ids=move_id)
@pytest.mark.parametrize("fmt", MOVED, ids=str)
def test_moves(case, fmt):
    check_move(case, fmt)


@pytest.mark.parametrize("case", MOVES, ids=move_id)
@pytest.mark.parametrize("width", [16, 100])
def test_views_are_numpys(case, width):
    check_view(case, width)
