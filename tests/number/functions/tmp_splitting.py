"""x"""

import pytest
from examples import MOVED, check_move, check_view, move_id

# (name, shape, arguments after the array, keywords): each runs on the raw integers too.
MOVES = [
    ("split", (4,), (2,), {}),
    ("split", (3, 4), ([1, 3],), {"axis": 1}),
    ("array_split", (4,), (3,), {}),
    ("hsplit", (3, 4), (2,), {}),
    ("vsplit", (3, 4), ([1],), {}),
    ("dsplit", (2, 3, 4), (2,), {}),
]


@pytest.mark.parametrize("case", MOVES, ids=move_id)
@pytest.mark.parametrize("fmt", MOVED, ids=str)
def test_moves(case, fmt):
    check_move(case, fmt)


@pytest.mark.parametrize("case", MOVES, ids=move_id)
@pytest.mark.parametrize("width", [16, 100])
def test_views_are_numpys(case, width):
    check_view(case, width)
