"""x"""

import pytest
from examples import MOVED, check_move, check_view, move_id

SHAPES = [(4,), (3, 4), (2, 3, 4)]
# (name, shape, arguments after the array, keywords): each runs on the raw integers too.
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


@pytest.mark.parametrize("case", MOVES, ids=move_id)
@pytest.mark.parametrize("fmt", MOVED, ids=str)
def test_moves(case, fmt):
    check_move(case, fmt)


@pytest.mark.parametrize("case", MOVES, ids=move_id)
@pytest.mark.parametrize("width", [16, 100])
def test_views_are_numpys(case, width):
    check_view(case, width)
