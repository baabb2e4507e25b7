"""any, all and count_nonzero."""

import numpy as np
import strategies
from checks import arrays, exact_values
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


@given(st.data(), strategies.formats())
def test_any_all_count_nonzero(data, fmt):
    _, x = data.draw(arrays(fmt, shapes))
    axis, keepdims = data.draw(strategies.axes(x.ndim)), data.draw(st.booleans())
    truth = np.array([v != 0 for v in exact_values(x)]).reshape(x.shape)
    for name in ("any", "all", "count_nonzero"):
        expected = getattr(np, name)(truth, axis=axis, keepdims=keepdims)
        found = getattr(fx, name)(x, axis, keepdims=keepdims)
        assert type(found) is type(expected)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(getattr(np, name)(x, axis=axis, keepdims=keepdims), expected)
    assert x.any(axis, keepdims=keepdims).shape == x.all(axis, keepdims=keepdims).shape
