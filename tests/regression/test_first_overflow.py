"""The first overflow that an error shows is the first in C order."""

import pytest

import fxtypes as fx


@pytest.mark.parametrize("function", [fx.cumsum, fx.cumprod])
@pytest.mark.parametrize("width", [8, 16, 64, 128])
def test_of_running_sums_and_products_along_many_lines(width, function):
    x = fx.full((3, 5000), 0 if function is fx.cumsum else 1, fx.Format(width, 0))
    x[0, 4999] = 2  # the first result out of range, and the last line
    x[1, 0] = 3
    with pytest.raises(fx.FixedOverflowError, match=r"the first at index \(0, 4999\) is 2"):
        function(x, 0, format=fx.Format(2, 0, overflow="raise"))
