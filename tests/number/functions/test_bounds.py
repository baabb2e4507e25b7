"""Floats as bounds: of maximum, minimum, clip, and `initial=` of min and max."""

import itertools
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import oracle
import pytest

import fxtypes as fx

BOUNDS = [
    *(0.3, -1.7, 1e-300, -1e-300, 5e-324, 0.0, 1e9, -1e9, 1e300, -1e300),
    *(Fraction(1, 3), Fraction(-7, 3), Fraction(2, 7) ** 9, Decimal("0.1"), Fraction(10**40, 3)),
    *(math.inf, -math.inf, 1, -(10**30), 127.99609375, -128.00000001),
]
FORMATS = [
    fx.Format(width, frac_bits, signed, rounding, overflow)
    for (width, frac_bits), signed, (rounding, overflow) in itertools.product(
        [(8, 3), (16, 8), (16, -4), (64, 30), (100, 120), (128, 64)],
        [True, False],
        [
            ("nearest_even", "saturate"),
            ("floor", "wrap"),
            ("odd", "saturate_zero"),
            ("ceil", "saturate_symmetric"),
            ("nearest_down", "raise"),
        ],
    )
]


def elements(fmt):
    raws = [fmt.raw_min + 1, fmt.raw_max, 0, 1, fmt.raw_max // 3, fmt.raw_min // 2]
    return fx.FixedArray.from_raw(raws, fmt)


def exact(bound):
    return bound if bound in (math.inf, -math.inf) else Fraction(bound)


def expected(chosen, fmt):
    """What is chosen, rounded and overflowed once; an error's type where it is one."""
    infinite = chosen in (math.inf, -math.inf)
    try:
        return (oracle.quantize_infinity if infinite else oracle.quantize)(chosen, fmt)
    except oracle.OracleOverflow:
        return fx.FixedOverflowError


def check(call, chosen, fmt):
    results = [expected(value, fmt) for value in chosen]
    if fx.FixedOverflowError in results:
        with pytest.raises(fx.FixedOverflowError):
            call()
    else:
        found = call()
        assert found.format is fmt
        assert [int(raw) for raw in np.ravel(found.raw)] == results


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_what_is_chosen_is_rounded_once(fmt):
    a = elements(fmt)
    values = a.to_fractions().tolist()
    other = fx.Format(40, 9, rounding="ceil", overflow="saturate")
    for bound in BOUNDS:
        b = exact(bound)
        highs, lows = [max(v, b) for v in values], [min(v, b) for v in values]
        check(lambda b=bound: fx.maximum(a, b), highs, fmt)
        check(lambda b=bound: np.minimum(b, a), lows, fmt)
        check(lambda b=bound: a.clip(b), highs, fmt)
        check(lambda b=bound: np.clip(a, None, b), lows, fmt)
        check(lambda b=bound: fx.maximum(a, b, format=other), highs, other)
        check(lambda b=bound: fx.max(a, initial=b), [max(*values, b)], fmt)
        check(lambda b=bound: a.min(initial=b, format=other), [min(*values, b)], other)
        check(lambda b=bound: a.max(initial=b, where=False), [b], fmt)
        check(lambda b=bound: np.maximum(a, [b] * 6), highs, fmt)


@pytest.mark.parametrize("fmt", FORMATS[::3], ids=str)
def test_clip_between_two(fmt):
    a = elements(fmt)
    for low, high in itertools.product(BOUNDS[::2], BOUNDS[::3]):
        chosen = [min(max(v, exact(low)), exact(high)) for v in a.to_fractions().tolist()]
        check(lambda low=low, high=high: np.clip(a, low, high), chosen, fmt)


@pytest.mark.parametrize("width", [16, 64])
def test_arrays_of_floats(width):
    fmt = fx.Format(width, 8)
    rng = np.random.default_rng(width)
    a = fx.FixedArray.from_raw(rng.integers(-3000, 3000, 500), fmt)
    floats = rng.normal(0, 8, 500) * rng.choice([1.0, 1e-9, 1e-320, 1e30], 500)
    floats[:4] = [math.inf, -math.inf, 5e-324, -5e-324]
    values = a.to_fractions().tolist()
    for name, choose in (("maximum", max), ("minimum", min)):
        chosen = [choose(v, exact(float(b))) for v, b in zip(values, floats, strict=True)]
        check(lambda n=name: getattr(np, n)(a, floats), chosen, fmt)


def test_what_a_mask_leaves_out_is_not_read():
    a = fx.array([1, 2, 3], fx.Format(8, 4, overflow="raise"))
    mask = np.array([True, False, True])
    assert fx.maximum(a, [2.5, math.nan, 0.1], where=mask).tolist() == [2.5, 0, 3]
    assert fx.maximum(a, [2.5, math.inf, 0.1], where=mask).tolist() == [2.5, 0, 3]
    with pytest.raises(ValueError, match="NaN"):
        np.maximum(a, math.nan)
    with pytest.raises(ValueError, match="NaN"):
        a.max(initial=math.nan)


def test_in_place_outer_and_counts():
    fmt = fx.Format(16, 8)
    a = fx.array([1, -3], fmt)
    np.maximum.at(a, [0, 1], [-1e9, 0.001])
    assert a.raw.tolist() == [256, 0]
    assert np.maximum.outer(a, [-1e9, math.inf]).tolist() == [[1, fmt.max], [0, fmt.max]]
    with fx.record() as events:
        np.clip(a, 0, math.inf)
        np.maximum(a, 1e9)
    assert "convert" not in events.by_operation
    assert events.by_operation["maximum"]["overflow"] == 2
    assert events.by_operation["clip"]["overflow"] == 0
    out = fx.zeros(2, fx.Format(8, 0))
    assert np.minimum(a, -0.75, out=out).raw.tolist() == [-1, -1]


def test_numpys_float_errors_are_none_of_ours():
    a = fx.array([1, 2, 3], fx.Format(8, 4))
    tiny = np.array([5e-324, -5e-324, 1e-310])
    with np.errstate(all="raise"):
        assert np.maximum(a, np.array([1, np.inf, 6e4], np.float16)).tolist() == [1, 7.9375, 7.9375]
        assert np.minimum(a, tiny).raw.tolist() == [0, 0, 0]
        assert np.clip(a, np.float32(-3e38), np.float32(1.5)).tolist() == [1, 1.5, 1.5]
        assert a.max(initial=np.float16(-np.inf)).item() == 3


@pytest.mark.parametrize("fmt", [f for f in FORMATS if f.overflow != "raise"], ids=str)
def test_events_of_what_is_chosen(fmt):
    """Of a number far out of the range, too: whether it was exact."""
    x = elements(fmt)
    near = fmt.resolution / 2 + fmt.resolution * (fmt.raw_max + 3)
    bounds = [-(2**127) - 1, 2**200 + 1, near, -near - 2**129, *BOUNDS]
    for bound in [b for b in bounds if b not in (math.inf, -math.inf)]:
        for function, choose in ((fx.minimum, min), (fx.maximum, max)):
            chosen = [choose(value, exact(bound)) for value in x.to_fractions().tolist()]
            rounded = [oracle.round_value(value, fmt, None) for value in chosen]
            counts = dict.fromkeys(("overflow", "underflow", "inexact"), 0)
            for value, raw in zip(chosen, rounded, strict=True):
                for key, count in oracle.events_of(raw, value, fmt).items():
                    counts[key] += count
            with fx.record() as events:
                function(x, bound)
            assert {key: getattr(events, key) for key in counts} == counts, (bound, function)
