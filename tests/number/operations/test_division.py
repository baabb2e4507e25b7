"""/: quotients that lose any number of bits, and division by zero."""

import random
from fractions import Fraction

import checks
import numpy as np
import oracle
import pytest
import strategies
from checks import fixed, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

ROUNDINGS = [str(mode) for mode in fx.Rounding]
WIDTHS = [8, 16, 32, 40, 64, 100, 128]


@given(st.data(), strategies.formats(overflow=strategies.non_raising_overflows))
def test_division_by_zero(data, fmt):
    raws = data.draw(st.lists(strategies.raws(fmt).filter(bool), min_size=1, max_size=5))
    x, zero = fixed(raws, fmt), fixed([0], fmt)
    if fmt.overflow == "wrap":
        with pytest.raises(ZeroDivisionError):
            x / zero
        return
    expected = [oracle.quantize_infinity(raw, fmt) for raw in raws]
    assert raw_list(x / zero) == expected
    assert raw_list(x / 0) == expected
    with fx.record() as events:
        x / zero
    assert events.overflow == len(raws)
    with pytest.raises(ZeroDivisionError):
        fixed([*raws, 0], fmt) / 0
    # The quotients beside a pole are what they would be without it.
    both = fx.concatenate([zero, fixed([1], fmt)])
    exact = Fraction(2) ** fmt.frac_bits * oracle.value(raws[0], fmt)
    if fmt.rounding != "stochastic":
        assert raw_list(x[:1] / both) == [expected[0], oracle.quantize(exact, fmt)]


def test_division_by_zero_raises():
    fmt = fx.Format(16, 8, overflow="raise")
    with pytest.raises(ZeroDivisionError):
        fixed([1], fmt) / fixed([0], fmt)
    with pytest.raises(ZeroDivisionError):
        1 / fixed([0], fmt)
    with pytest.raises(ZeroDivisionError):
        0 / fixed([0], fx.Format(16, 8))


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("width", WIDTHS)
def test_quotients_that_lose_any_number_of_bits(width, rounding):
    chosen = random.Random(width)
    divisor, result = fx.Format(width, 0), fx.Format(width, 0, rounding=rounding)
    for lost in range(-3, 70):
        dividend = fx.Format(width, lost)
        x = checks.some_raws(chosen, dividend, 11)
        y = [raw or 1 for raw in checks.some_raws(chosen, divisor, 11)]
        x[:4], y[:4] = [6, 7, -7, -6], [3, 3, 3, 3]
        exact = [oracle.value(p, dividend) / q for p, q in zip(x, y, strict=True)]
        a, b = fx.FixedArray.from_raw(x, dividend), fx.FixedArray.from_raw(y, divisor)
        checks.check_stored(lambda a=a, b=b: fx.divide(a, b, format=result), exact, result, (11,))


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("shape", [(3, 9000), (20_000,)])
def test_zeros_among_many_divisors(width, shape):
    """Few elements around a zero are divided by another loop: all results are the same."""
    fmt = fx.Format(width, width // 2)
    rng = np.random.default_rng(width)
    x = rng.integers(-100, 100, shape)
    y = rng.integers(1, 100, shape) * rng.choice([-1, 1], shape)
    flat = y.reshape(-1)
    x.reshape(-1)[[0, 127, 128, 8191, 8192, 9000, 17_000, -1]] = 1
    flat[[0, 127, 128, 8191, 8192, 9000, 17_000, -1]] = 0
    assert (x[y == 0] != 0).all()
    a, b = (fx.FixedArray.from_raw(v, fmt) for v in (x, y))
    pairs = zip(x.reshape(-1).tolist(), flat.tolist(), strict=True)
    expected = [
        (fmt.raw_max if p > 0 else fmt.raw_min)
        if q == 0
        else oracle.quantize(Fraction(p, q), fmt, 0)
        for p, q in pairs
    ]
    assert raw_list(a / b) == expected
    assert raw_list(fx.array(a, fmt)[..., ::-1] / b[..., ::-1]) == raw_list((a / b)[..., ::-1])
    with fx.record() as events:
        assert raw_list(a / b) == expected
    assert events.overflow >= 8
    with pytest.raises(ZeroDivisionError, match="by 0 in 8 of"):
        fx.divide(a, b, format=fmt.replace(overflow="raise"))
    x.reshape(-1)[9000] = 0
    with pytest.raises(ZeroDivisionError):
        fx.FixedArray.from_raw(x, fmt) / b
