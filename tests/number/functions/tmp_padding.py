"""x"""

import pytest
from examples import MOVED, check_move, move_id

SHAPES = [(4,), (3, 4), (2, 3, 4)]
# (name, shape, arguments after the array, keywords): each runs on the raw integers too.
MOVES = [
    *[("pad", s, (2,), {"mode": "edge"}) for s in SHAPES],
    *[("pad", (3, 4), (2,), {"mode": m}) for m in ("reflect", "symmetric", "wrap")],
    *[("pad", (3, 4), (((1, 2), (0, 3)),), {"mode": m}) for m in ("minimum", "maximum")],
    ("pad", (3, 4), ((1, 2),), {"mode": "maximum", "stat_length": 2}),
    ("pad", (3, 4), (1,), {}),
]


@pytest.mark.parametrize("case", MOVES, ids=move_id)
@pytest.mark.parametrize("fmt", MOVED, ids=str)
def test_moves(case, fmt):
    check_move(case, fmt)
