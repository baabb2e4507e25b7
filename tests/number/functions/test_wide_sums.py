"""gradient, trapezoid, average, cov, norm and weighted histograms of the widest values.

Where kernels hold the exact sums and where they don't any more, against Fractions; draws and counts
against the way without kernels.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import fixed, raw_list

import fxtypes as fx
from fxtypes.functions import covariance, differences, statistics
from fxtypes.operations.operand import Operand

FORMATS = [
    fx.Format(width, width // 2, signed, rounding="floor", overflow="wrap")
    for width in (2, 8, 16, 33, 64, 65, 117, 118, 122, 124, 125, 126, 127, 128)
    for signed in (True, False)
]
RESULTS = [fx.Format(24, 9, rounding="nearest_even"), fx.Format(128, 70, overflow="wrap")]


def widest(fmt, n=9):
    """The extremes beside each other, and what lies between."""
    rng = np.random.default_rng(fmt.width)
    low, high = fmt.raw_min, fmt.raw_max
    drawn = [low + int.from_bytes(rng.bytes(17), "little") % (high - low + 1) for _ in range(n - 6)]
    return fixed([low, high, low, high, high, low, *drawn], fmt)


def expect(found, exact, result):
    assert raw_list(found) == [oracle.quantize(Fraction(v), result) for v in exact]


@pytest.mark.parametrize("result", RESULTS, ids=str)
@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_against_fractions(fmt, result):
    a = widest(fmt)
    v, n = a.to_fractions().tolist(), len(a)
    for h in (1, Fraction(1, 4), -3, 0.1, Fraction(2, 3)):
        inner = [(v[i + 1] - v[i - 1]) / (2 * Fraction(h)) for i in range(1, n - 1)]
        ends = (v[1] - v[0]) / Fraction(h), (v[-1] - v[-2]) / Fraction(h)
        expect(fx.gradient(a, h, format=result), [ends[0], *inner, ends[1]], result)
        ends = [(4 * q - 3 * p - r) / (2 * Fraction(h)) for p, q, r in (v[:3], v[:-4:-1])]
        found = fx.gradient(a, h, edge_order=2, format=result)
        expect(found, [ends[0], *inner, -ends[1]], result)
        area = sum(p + q for p, q in itertools.pairwise(v)) * Fraction(h) / 2
        expect(fx.trapezoid(a, dx=h, format=result), [area], result)
    other = widest(fmt)[::-1]
    w = other.to_fractions().tolist()
    pairs = zip(itertools.pairwise(v), itertools.pairwise(w), strict=True)
    area = sum((s - r) * (p + q) / 2 for (p, q), (r, s) in pairs)
    expect(fx.trapezoid(a, other, format=result), [area], result)
    products = sum(p * q for p, q in zip(v, w, strict=True))
    expect(fx.average(a, weights=other, format=result), [products / sum(w)], result)
    found = fx.cov(a, other, format=result)
    expect(found, [(sum(p * q for p, q in zip(x, y, strict=True)) - sum(x) * sum(y) / n) / (n - 1)
                   for x in (v, w) for y in (v, w)], result)  # fmt: skip
    expect(fx.norm(a, 1, format=result), [sum(map(abs, v))], result)
    expect(fx.norm(a, math.inf, format=result), [max(map(abs, v))], result)
    expect(fx.norm(a, -math.inf, format=result), [min(map(abs, v))], result)
    squares, unit = sum(p * p for p in v), 1 << 200
    root = math.isqrt(int(squares * unit * unit))
    sticky = root | (Fraction(root, unit) ** 2 != squares)
    expect(fx.norm(a, format=result), [Fraction(sticky, unit)], result)
    places = fx.array(np.arange(9) % 3, fx.Format(8, 0))
    found, _ = fx.histogram(places, [0, 1, 2], weights=a, format=result)
    expect(found, [sum(v[0::3]), sum(v[1::3]) + sum(v[2::3])], result)


CALLS = {
    "gradient": lambda a, r: fx.gradient(a, 0.1, axis=0, format=r),
    "trapezoid": lambda a, r: fx.trapezoid(a, dx=3, format=r),
    "places": lambda a, r: fx.trapezoid(a, a[0], format=r),
    "average": lambda a, r: fx.average(a, 0, [0.5, 2, 4], format=r),
    "cov": lambda a, r: fx.cov(a, aweights=[0.5, 2, 4], format=r),
    "histogram": lambda a, r: fx.histogram(a, 3, weights=a, format=r)[0],
}


@pytest.mark.parametrize("width", [16, 64, 120])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_draws_and_counts_are_those_without_kernels(call, width, monkeypatch):
    a = widest(fx.Format(width, 8)).reshape(3, 3)
    result = fx.Format(width, 4, rounding="stochastic")

    def recorded():
        with fx.seeded(3), fx.record() as events:
            found = raw_list(call(a, result))
        return found, events.by_operation

    by_kernels = recorded()
    for module in (covariance, differences, statistics):
        if hasattr(module, "exact_part"):
            monkeypatch.setattr(module, "exact_part", lambda value: Operand(np.array(value), None))
    monkeypatch.setattr(covariance.read_operands, "exact", lambda w: Operand(w, None))
    monkeypatch.setattr(differences, "scaled", lambda *_: None)
    assert recorded() == by_kernels


def test_a_norm_of_no_axes():
    wide = fx.Format(127, 43)
    assert fx.norm(fx.array(-83219286327296 / 2**43, wide)).item() == 83219286327296 / 2**43
    assert fx.norm(fx.array(2.0**70, wide)).item() == 2.0**70
