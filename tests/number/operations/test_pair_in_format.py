"""Operations of two operands in a format that is asked for go a short way: as the long one does."""

import contextlib
from decimal import Decimal

import numpy as np
import pytest
from checks import SEED

import fxtypes as fx

A, B, RESULT = fx.Format(16, 12), fx.Format(12, 3, False), fx.Format(14, 5, True, "stochastic")
NAMES = [
    *("add", "subtract", "multiply", "divide", "floor_divide", "remainder", "minimum", "maximum"),
    *("bitwise_and", "bitwise_or", "bitwise_xor"),
]
OPERANDS = {
    "arrays": (fx.array([[1.25, -3], [0.5, 7]], A), fx.array([3.5, 100], B)),
    "integer": (fx.array([1.25, -3, 0.5], A), 3),
    "float": (fx.array([1.25, -3, 0.5], A), 0.3),
    "reflected": (Decimal("0.3"), fx.array([1.25, -3, 0.5], A)),
    "numbers": (np.array([1, 2], np.int8), fx.array([[1.25], [3]], A)),
    "large": (fx.array([1.25, -3, 0.5], A), 1 << 200),
}
CONTEXTS = {
    "usual": contextlib.nullcontext,
    "recorded": fx.record,
    "exact": fx.full_precision,
}


def outcome(function, context, a, b, **options):
    """What a call makes, counts and leaves of the stream; or its error."""
    with fx.seeded(SEED), CONTEXTS[context]() as events:
        try:
            made = getattr(fx, function)(a, b, **options).raw.tolist()
        except (OverflowError, TypeError, ValueError, ZeroDivisionError) as error:
            made = type(error), str(error)
        after = fx.array([0.01] * 8, RESULT).raw.tolist()
    return made, after, events.by_operation if context == "recorded" else None


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("kind", OPERANDS)
@pytest.mark.parametrize("name", NAMES)
def test_the_long_way_gives_the_same(name, kind, context):
    """With `out` it is the long one."""
    a, b = OPERANDS[kind]
    for fmt in (RESULT, fx.Format(24, 15, overflow="raise"), fx.Format(6, 1, overflow="wrap")):
        out = fx.zeros(np.broadcast_shapes(*(np.shape(x) for x in (a, b))), fmt)
        short = outcome(name, context, a, b, format=fmt)
        assert short == outcome(name, context, a, b, out=out)


@pytest.mark.parametrize("value", ["no number", None, float("nan"), [1, "x"]])
def test_what_is_no_number(value):
    a = OPERANDS["integer"][0]
    with pytest.raises((TypeError, ValueError)) as short:
        fx.add(a, value, format=RESULT)
    with pytest.raises(type(short.value)) as expected:
        fx.add(a, value, out=fx.zeros(a.shape, RESULT))
    assert str(short.value) == str(expected.value)
    with pytest.raises(TypeError, match="needs a FixedArray"):
        fx.add(1, 2, format=RESULT)
    with pytest.raises(TypeError, match="expected a Format"):
        fx.add(a, a, format=14)
