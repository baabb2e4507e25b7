"""pad."""

import numpy as np
import pytest
from examples import move_tests

import fxtypes as fx

SHAPES = [(4,), (3, 4), (2, 3, 4)]

# (name, shape, arguments after the array, keywords): each runs on the raw integers too.
MOVES = [
    *[("pad", s, (2,), {"mode": "edge"}) for s in SHAPES],
    *[("pad", (3, 4), (2,), {"mode": m}) for m in ("reflect", "symmetric", "wrap")],
    *[("pad", (3, 4), (((1, 2), (0, 3)),), {"mode": m}) for m in ("minimum", "maximum")],
    ("pad", (3, 4), ((1, 2),), {"mode": "maximum", "stat_length": 2}),
    ("pad", (3, 4), (1,), {}),
]
test_moves, test_views_are_numpys = move_tests(MOVES)


@pytest.mark.parametrize("width", [12, 64, 100])
def test_padding_with_constants(width):
    q = fx.Format(width, 4, rounding="ceil")
    a = fx.arange(6, format=q).reshape(2, 3)
    plain = np.arange(6.0).reshape(2, 3)
    for widths, constants in [
        (1, 0),
        ((1, 2), 2.5),
        (((1, 2), (0, 3)), ((1, 2), (3, 4.25))),
        (2, (-1, 7)),
    ]:
        found = np.pad(a, widths, constant_values=constants)
        assert found.format is q
        assert found.tolist() == np.pad(plain, widths, constant_values=constants).tolist()
    assert fx.pad(a, {-1: (1, 0)}, constant_values=0.01)[0].tolist() == [0.0625, 0, 1, 2]
    assert fx.pad(a, 1, mode="empty")[0].tolist() == [0] * 5
    for mode in ("mean", "linear_ramp", "median", max):
        with pytest.raises(TypeError, match="pad takes mode"):
            np.pad(a, 1, mode=mode)
    with pytest.raises(TypeError, match="reflect_type"):
        np.pad(a, 1, mode="reflect", reflect_type="odd")
    with pytest.raises(ValueError, match="negative"):
        np.pad(a, -1)
