"""interp."""

import numpy as np
import pytest
from checks import raw_list

import fxtypes as fx


def test_interp():
    q = fx.Format(64, 30)
    x = fx.linspace(-1, 5, 60, format=q)
    points, heights = [0, 0.5, 1.75, 4], [1, -3, 2, 2.5]
    found = np.interp(x, points, heights)
    assert found.format is q
    assert np.abs(found.to_numpy() - np.interp(x.to_numpy(), points, heights)).max() < 1e-8
    third = fx.interp(fx.array([1], fx.Format(8, 0)), [0, 3], [0, 1], format=fx.Format(8, 6))
    assert raw_list(third) == [21]
    assert np.interp(x[:1], points, heights, left=0.25).tolist() == [0.25]
    assert np.interp(x[-1:], points, heights, right=-0.25).tolist() == [-0.25]
    assert np.interp([0.25], points, fx.array(heights, q)).tolist() == [-1]
    with pytest.raises(ValueError, match="ascend"):
        np.interp(x, [0, 0], [1, 2])
    with pytest.raises(ValueError, match="length"):
        np.interp(x, [0, 1], [1])
    with pytest.raises(TypeError, match="period"):
        np.interp(x, points, heights, period=2)
