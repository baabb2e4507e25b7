"""diff and ediff1d."""

import itertools

import checks
import numpy as np
import oracle
import pytest
import strategies
from checks import arrays, check_stored, exact_values
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

Q = fx.Format(8, 4)
WIDE = fx.Format(100, 4)


@given(st.data(), strategies.formats(), st.integers(0, 6) | st.integers(7, 20))
def test_diff(data, fmt, n):
    _, x = data.draw(arrays(fmt, (n + 3,)))
    target = data.draw(st.none() | strategies.formats())
    exact = exact_values(x)
    for _ in range(n):
        exact = [b - a for a, b in itertools.pairwise(exact)]
    result = target or fmt
    check_stored(lambda: fx.diff(x, n, format=target), exact, result, (len(exact),), "diff")


def test_diff_along_axes_and_with_ends():
    values = np.arange(12).reshape(3, 4) ** 2 / 4
    x = fx.array(values, fx.Format(16, 4))
    for axis in (0, 1, -1):
        for n in (1, 2, 3):
            np.testing.assert_array_equal(fx.diff(x, n, axis), np.diff(values, n, axis))
        for ends in ({"prepend": 0}, {"append": 2.5}, {"prepend": 1, "append": x}):
            floats = {k: values if isinstance(v, fx.FixedArray) else v for k, v in ends.items()}
            np.testing.assert_array_equal(
                fx.diff(x, axis=axis, **ends), np.diff(values, axis=axis, **floats)
            )
    with pytest.raises(ValueError, match="negative"):
        fx.diff(x, -1)
    with pytest.raises(ValueError, match="0-d"):
        fx.diff(x[0, 0])
    with pytest.raises(np.exceptions.AxisError):
        fx.diff(x, axis=2)


def test_ediff1d():
    a = fx.array([1, 2.5, 7, -7.5], fx.Format(8, 4))
    assert np.ediff1d(a).tolist() == [1.5, 4.5, -8.0]
    assert np.ediff1d(a.reshape(2, 2), to_begin=0.5, to_end=[1, 2]).tolist() == [
        *[0.5, 1.5, 4.5, -8, 1, 2]
    ]


@pytest.mark.parametrize("width", [8, 64, 127, 128])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("overflow", ["saturate", "wrap", "raise"])
def test_differences_beside_ends(overflow, signed, width):
    fmt = fx.Format(width, 0, signed, overflow=overflow)
    a = fx.FixedArray.from_raw([fmt.raw_max, 0, 5, 7], fmt)
    exact = [1, 2, -fmt.raw_max, 5, 2, 3, 4]
    if overflow == "raise" and not signed:
        with pytest.raises(fx.FixedOverflowError, match="ediff1d: 1 of"):
            fx.ediff1d(a, to_begin=[1, 2], to_end=[3, 4])
        return
    found = fx.ediff1d(a, to_begin=[1, 2], to_end=[3, 4])
    assert checks.raw_list(found) == [oracle.quantize(x, fmt) for x in exact]


@pytest.mark.parametrize("fmt", [Q, WIDE])
def test_more_differences_than_elements(fmt):
    assert fx.diff(fx.ones((2, 3), fmt), 10**30).shape == (2, 0)
    assert fx.diff(fx.zeros((2, 0), fmt), 10**30).shape == (2, 0)
