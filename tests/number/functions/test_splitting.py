"""split and kin."""

from decimal import Decimal

import numpy as np
import pytest
from examples import move_tests

import fxtypes as fx

# (name, shape, arguments after the array, keywords)
MOVES = [
    ("split", (4,), (2,), {}),
    ("split", (3, 4), ([1, 3],), {"axis": 1}),
    ("array_split", (4,), (3,), {}),
    ("hsplit", (3, 4), (2,), {}),
    ("vsplit", (3, 4), ([1],), {}),
    ("dsplit", (2, 3, 4), (2,), {}),
]
test_moves, test_views_are_numpys = move_tests(MOVES)
Q = fx.Format(8, 4)


@pytest.mark.parametrize("name", ["split", "array_split", "vsplit"])
def test_more_sections_than_there_is_memory_for(name):
    with pytest.raises(MemoryError, match="needs about"):
        getattr(fx, name)(fx.zeros((0, 3), Q), np.array(1 << 45))


@pytest.mark.parametrize("name", ["split", "array_split", "hsplit", "vsplit"])
def test_sections_of_a_million_digits(name):
    for sections in (Decimal("1e999999"), 1.5, None):
        with pytest.raises(TypeError, match=f"{name}: .* integers"):
            getattr(fx, name)(fx.zeros((2, 4), Q), sections)
