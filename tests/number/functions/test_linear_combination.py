"""linear_combination."""

import pytest

import fxtypes as fx


@pytest.mark.parametrize("width", [8, 17, 33, 64, 128])
def test_a_linear_combination_with_nothing_of_one(width):
    x, y = fx.ones(3, fx.Format(width, -54)) + 2**54, fx.ones(3, fx.Format(width, 7))
    for result in (fx.Format(32, 13), fx.Format(8, 256), fx.Format(128, -256)):
        assert (fx.linear_combination([0.0], [x], result) == 0).all()
        expected = y.astype(result)
        assert (fx.linear_combination([0.0, 1], [x, y], result) == expected).all()
        assert (fx.linear_combination([1, 0], [y, x], result) == expected).all()
