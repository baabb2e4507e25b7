"""clip between arrays and numbers."""

from fractions import Fraction

import numpy as np
import oracle
import strategies
from checks import check_stored, fixed, layouts
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx


@given(st.data(), strategies.formats())
def test_clip_between_arrays(data, fmt):
    raws, low, high = (data.draw(strategies.raw_lists(fmt, (4,))) for _ in range(3))
    x = fixed(raws, fmt, layout=data.draw(layouts))
    exact = [
        min(max(oracle.value(a, fmt), oracle.value(b, fmt)), oracle.value(c, fmt))
        for a, b, c in zip(raws, low, high, strict=True)
    ]
    low, high = fixed(low, fmt), fixed(high, fmt)
    check_stored(lambda: fx.clip(x, low, high), exact, fmt, (4,), "clip")
    check_stored(lambda: x.clip(low, high), exact, fmt, (4,), "clip")


@given(st.data(), strategies.formats(), st.integers(-(2**140), 2**140), st.integers(-300, 300))
def test_clip_between_integers(data, fmt, low, high):
    raws = data.draw(strategies.raw_lists(fmt, (4,)))
    x = fixed(raws, fmt)
    values = [oracle.value(raw, fmt) for raw in raws]
    exact = [min(max(v, Fraction(low)), Fraction(high)) for v in values]
    check_stored(lambda: fx.clip(x, low, high), exact, fmt, (4,))
    exact = [max(v, Fraction(low)) for v in values]
    check_stored(lambda: fx.clip(x, low, None), exact, fmt, (4,))
    exact = [min(v, Fraction(high)) for v in values]
    check_stored(lambda: fx.clip(x, None, high), exact, fmt, (4,))


def test_clip_into_a_format_and_with_floats():
    x = fx.array([-2, -0.75, 0.3125, 5], fx.Format(12, 6))
    assert (fx.clip(x, -0.5, 0.25)).to_fractions().tolist() == [
        Fraction(-1, 2),
        Fraction(-1, 2),
        Fraction(1, 4),
        Fraction(1, 4),
    ]
    target = fx.Format(8, 1)
    exact = [Fraction(-3, 4), Fraction(-3, 4), Fraction(5, 16), Fraction(3, 4)]
    check_stored(lambda: fx.clip(x, -0.75, 0.75, format=target), exact, target, (4,), "clip")
    assert (fx.clip(x, -1000.0, 0) == np.minimum(x, 0)).all()
