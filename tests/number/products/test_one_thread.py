"""Products of one thread in a format that is asked for go a short way: as the long one does."""

import contextlib

import numpy as np
import pytest
from checks import SEED

import fxtypes as fx

A, B, C = fx.Format(16, 12), fx.Format(16, 10, False), fx.Format(24, 20)
CONTEXTS = {
    "usual": contextlib.nullcontext,
    "recorded": fx.record,
    "exact": fx.full_precision,
}


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
def test_the_long_way_gives_the_same(rounding, overflow, context):
    """With `out` it is the long one."""
    result = fx.Format(12, 6, True, rounding, overflow)
    generator = np.random.default_rng(1)
    for m, k, n in [
        (1, 1, 1),
        (3, 5, 2),
        (64, 33, 10),
        (40, 64, 70),
        (600, 9, 20),
        (0, 2, 3),
        (2, 0, 3),
    ]:
        a = fx.array(generator.normal(size=(k, m)), A).T
        b = fx.array(generator.random(size=(k, 2 * n))[:, ::2], B)
        row = fx.array(generator.normal(size=2 * n), C)[::2]
        for initial in (None, row, fx.array(generator.normal(size=(m, n)), C)):
            out = fx.zeros((m, n), result)
            with fx.seeded(SEED), CONTEXTS[context]() as events:
                short = fx.matmul(a, b, result, initial=initial)
                next_short = fx.array([0.01] * 8, result)
            with fx.seeded(SEED), CONTEXTS[context]() as expected:
                fx.matmul(a, b, out=out, initial=initial)
                next_long = fx.array([0.01] * 8, result)
            assert short.format is result
            assert short.raw.tolist() == out.raw.tolist()
            assert next_short.raw.tolist() == next_long.raw.tolist()
            if context == "recorded":
                assert events.by_operation == expected.by_operation


def test_the_long_way_raises_the_same():
    """Overflow, shapes that don't fit, and things that are no formats."""
    a, b = fx.ones((2, 3), A), fx.ones((3, 2), B)
    small = fx.Format(4, 2, overflow="raise")
    row = fx.ones(3, C)
    for given, options in [
        ((a, b), {"format": small}),
        ((a, a), {"format": A}),
        ((a, b), {"format": A, "initial": row}),
        ((a, a), {"format": A, "initial": row[:1].reshape(1, 1, 1)}),
    ]:
        out = fx.zeros((2, 2), options["format"])
        with pytest.raises((ValueError, fx.FixedOverflowError)) as short:
            fx.matmul(*given, **options)
        with pytest.raises(type(short.value)) as expected:
            fx.matmul(*given, out=out, **options)
        assert str(short.value) == str(expected.value)
    with pytest.raises(TypeError, match="expected a Format"):
        fx.matmul(a, b, format="Q2.3")
    with pytest.raises(TypeError, match="initial must be a FixedArray"):
        fx.matmul(a, b, format=A, initial=0.5)
