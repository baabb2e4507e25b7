"""//, % and divmod: exact quotients, rounded once, and their poles."""

import itertools
import operator
import random
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import SEED, broadcast, check_stored, fixed, layouts, raw_list
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import fxtypes as fx

EXACT = {"floor_divide": oracle.exact_floor_divide, "remainder": oracle.exact_remainder}

SYMBOLS = {"floor_divide": operator.floordiv, "remainder": operator.mod}

IN_PLACE = {"floor_divide": operator.ifloordiv, "remainder": operator.imod}

names = st.sampled_from(list(EXACT))

narrow = [
    fx.Format(width, frac_bits, signed)
    for width in (2, 3, 5)
    for frac_bits in (0, 2, width + 1, -1)
    for signed in (True, False)
]


def all_raws(fmt):
    return list(range(fmt.raw_min, fmt.raw_max + 1))


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("x_fmt", narrow, ids=str)
def test_all_values_of_narrow_formats(name, x_fmt):
    chosen = random.Random(repr((name, x_fmt)))
    for y_fmt in narrow:
        pairs = [p for p in itertools.product(all_raws(x_fmt), all_raws(y_fmt)) if p[1]]
        exact = [EXACT[name](oracle.value(a, x_fmt), oracle.value(b, y_fmt)) for a, b in pairs]
        xs, ys = zip(*pairs, strict=True)
        x, y = fixed(xs, x_fmt), fixed(ys, y_fmt)
        for rounding in chosen.sample(list(fx.Rounding), 3):
            target = chosen.choice(narrow).replace(
                rounding=rounding, overflow=chosen.choice(list(fx.Overflow))
            )
            check_stored(
                lambda x=x, y=y, target=target: getattr(fx, name)(x, y, format=target),
                exact, target, x.shape, name,
            )  # fmt: skip


@given(st.data(), names, strategies.formats(), strategies.formats(), st.booleans())
def test_any_formats(data, name, x_fmt, y_fmt, own):
    """All modes, every storage class, points far apart, any shapes and layouts."""
    drawn = data.draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4))
    if own:
        y_fmt = x_fmt
    target = x_fmt if own else data.draw(strategies.formats())
    operands, values = [], []
    for fmt, shape in zip((x_fmt, y_fmt), drawn.input_shapes, strict=True):
        raws = data.draw(strategies.raw_lists(fmt, shape))
        if operands:
            raws = [raw or 1 for raw in raws]
        operands.append(fixed(raws, fmt, shape, data.draw(layouts)))
        values.append(broadcast(raws, fmt, shape, drawn.result_shape))
    x, y = operands
    exact = [EXACT[name](a, b) for a, b in zip(*values, strict=True)]

    def compute():
        return SYMBOLS[name](x, y) if own else getattr(fx, name)(x, y, format=target)

    check_stored(compute, exact, target, drawn.result_shape, name)


@given(st.data(), strategies.formats(overflow=strategies.non_raising_overflows))
def test_divmod_is_both(data, fmt):
    xs = data.draw(strategies.raw_lists(fmt, (5,)))
    ys = [raw or 1 for raw in data.draw(strategies.raw_lists(fmt, (5,)))]
    x, y = fixed(xs, fmt), fixed(ys, fmt)
    with fx.seeded(SEED):
        expected = [raw_list(x // y), raw_list(x % y)]
    with fx.seeded(SEED), fx.record() as events:
        assert [raw_list(part) for part in divmod(x, y)] == expected
    assert list(events.by_operation) == ["divmod"]
    assert events.elements == 10


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_poles(width, overflow, signed):
    fmt = fx.Format(width, width // 2, signed, overflow=overflow)
    low, high = oracle.result_limits(fmt)
    x, zero = fixed([1, fmt.raw_max, fmt.raw_min or 2], fmt), fx.zeros((), fmt)
    if overflow in ("raise", "wrap"):
        with pytest.raises(ZeroDivisionError, match="floor_divide"):
            x // zero
    else:
        lowest = high if not signed else low
        ends = [0, 0, 0] if overflow == "saturate_zero" else [high, high, lowest]
        assert raw_list(x // zero) == ends
        assert raw_list(x // 0) == ends
    for function in (operator.floordiv, operator.mod, divmod):
        with pytest.raises(ZeroDivisionError):
            function(zero, zero)
        with pytest.raises(ZeroDivisionError):
            function(zero, 0)
    for function in (operator.mod, divmod):
        with pytest.raises(ZeroDivisionError):
            function(x, zero)
        with pytest.raises(ZeroDivisionError):
            function(x, 1 - x[0] / x[0])


@pytest.mark.parametrize("fmt", [fx.Format(8, 3), fx.Format(33, 20), fx.Format(128, 64)], ids=str)
@pytest.mark.parametrize("name", EXACT)
def test_python_and_numpy_operands(name, fmt):
    values = [Fraction(v, 8) for v in (-100, -3, 1, 8, 90)]
    x = fx.array(values, fmt)
    for other in (3, -3, np.int8(5), 2**70, np.array([1, 2, -3, 4, 5]), 10**60, True):
        others = [int(v) for v in np.broadcast_to(np.array(other, object), 5)]
        exact = [EXACT[name](a, Fraction(b)) for a, b in zip(values, others, strict=True)]
        check_stored(lambda o=other: SYMBOLS[name](x, o), exact, fmt, (5,), name)
        exact = [EXACT[name](Fraction(b), a) for a, b in zip(values, others, strict=True)]
        check_stored(lambda o=other: SYMBOLS[name](o, x), exact, fmt, (5,), name)
    exact = [EXACT[name](a, Fraction(1, 2)) for a in values]  # 0.5 is rounded into fmt first
    check_stored(lambda: SYMBOLS[name](x, 0.5), exact, fmt, (5,), name)


@pytest.mark.parametrize("name", EXACT)
def test_in_place(name):
    fmt = fx.Format(16, 8, overflow="raise")
    x = fx.array([7.5, -7.5], fmt)
    same, expected = x, SYMBOLS[name](x, 2)
    x = IN_PLACE[name](x, 2)
    assert x is same
    assert raw_list(x) == raw_list(expected)
    with pytest.raises(ZeroDivisionError):
        IN_PLACE[name](x, x - x)
    assert raw_list(x) == raw_list(expected)


@pytest.mark.parametrize("function", [operator.floordiv, operator.mod, divmod])
def test_what_is_no_number(function):
    x = fx.array([1], fx.Format(8, 4))
    with pytest.raises(TypeError):
        function(x, "1")
    for other in (None, 1j, object()):
        with pytest.raises(TypeError):
            function(x, other)
        with pytest.raises(TypeError):
            function(other, x)


@pytest.mark.parametrize("width", [31, 63, 100, 126, 127, 128])
def test_floor_division_by_a_number_far_above(width):
    x = fx.FixedArray.from_raw(1, fx.Format(width, width + 1, signed=False))
    y = fx.FixedArray.from_raw(1, fx.Format(2, 0, signed=False))
    assert fx.floor_divide(x, y, format=y.format) == 0
    assert fx.remainder(x, y, format=x.format) == x
