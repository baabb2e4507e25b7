"""x"""

import numpy as np
import pytest
from examples import MOVED, check_move, check_view, move_id

# (name, shape, arguments after the array, keywords): each runs on the raw integers too.
MOVES = [
    ("take", (3, 4), (5,), {}),
    ("take", (3, 4), ([[0, -1], [2, 2]],), {"axis": 0}),
    ("take", (3, 4), ([0, 7, -9],), {"axis": 1, "mode": "wrap"}),
    ("take", (3, 4), ([0, 7],), {"axis": 1, "mode": "clip"}),
    ("take_along_axis", (3, 4), (np.array([[0, 3], [1, 1], [2, 0]]), 1), {}),
    ("take_along_axis", (3, 4), (np.array([0, 11]), None), {}),
    ("delete", (3, 4), (1,), {}),
    ("delete", (3, 4), (slice(0, 3, 2),), {"axis": 1}),
    ("delete", (3, 4), ([0, 2],), {"axis": 0}),
    ("diag", (4,), (), {}),
    ("diag", (4,), (-1,), {}),
    ("diag", (3, 4), (1,), {}),
    ("diagflat", (2, 2), (1,), {}),
    ("diagonal", (3, 4), (), {}),
    ("diagonal", (2, 3, 4), (1, 1, 2), {}),
    ("tril", (3, 4), (), {}),
    ("tril", (2, 3, 4), (-1,), {}),
    ("triu", (3, 4), (1,), {}),
]


@pytest.mark.parametrize("case", MOVES, ids=move_id)
@pytest.mark.parametrize("fmt", MOVED, ids=str)
def test_moves(case, fmt):
    check_move(case, fmt)


@pytest.mark.parametrize("case", MOVES, ids=move_id)
@pytest.mark.parametrize("width", [16, 100])
def test_views_are_numpys(case, width):
    check_view(case, width)
