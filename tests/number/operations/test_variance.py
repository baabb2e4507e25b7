"""var and std: rounded once from the exact variance."""

from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import along, arrays, check_stored, fixed, objects, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


@given(st.data(), strategies.formats(), st.sampled_from([0, 1, 0.5, Fraction(-1, 3)]))
def test_var_and_std(data, fmt, ddof):
    _, x = data.draw(arrays(fmt, shapes))
    axis, target = data.draw(strategies.axes(x.ndim)), data.draw(st.none() | strategies.formats())
    result = target or fmt
    groups = [
        [oracle.value(raw, fmt) for raw in line]
        for line in along(objects(raw_list(x), x.shape), axis)[0]
    ]
    shape = np.sum(np.zeros(x.shape), axis=axis).shape
    if len(groups[0]) <= ddof:
        for function in (fx.var, fx.std):
            with pytest.raises(ValueError, match="ddof"):
                function(x, axis, ddof=ddof)
        return
    exact = [oracle.exact_variance(group, ddof) for group in groups]
    check_stored(lambda: fx.var(x, axis, ddof=ddof, format=target), exact, result, shape, "var")
    roots = [oracle.stand_in_for_root(v, result) for v in exact]
    check_stored(lambda: fx.std(x, axis, ddof=ddof, format=target), roots, result, shape, "std")


@pytest.mark.parametrize("width", [8, 64, 128])
def test_variance_of_extremes(width):
    fmt = fx.Format(width, 0)
    raws = [fmt.raw_min, fmt.raw_max] * 500
    wide = fx.Format(128, 100 - 2 * width)
    exact = oracle.exact_variance([Fraction(raw) for raw in raws])
    check_stored(lambda: fixed(raws, fmt).var(format=wide), [exact], wide, (), "var")


@pytest.mark.parametrize("ddof", [0, -1, Fraction(-1, 3)])
@pytest.mark.parametrize("width", [8, 64, 128])
def test_variance_of_nothing(width, ddof):
    x = fixed([1, 2, 3], fx.Format(width, 0))
    for function in (fx.var, fx.std):
        with pytest.raises(ValueError, match=f"{function.__name__} of 0 elements with ddof="):
            function(x[:0], ddof=ddof)
        with pytest.raises(ValueError, match="of 0 elements with ddof="):
            function(x, ddof=ddof, where=[False] * 3)
        assert function(x.reshape(1, 3)[:0], 1, ddof=ddof).shape == (0,)
