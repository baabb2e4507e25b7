"""fx.random."""

from fractions import Fraction

import mpmath
import numpy as np
import oracle
import pytest
from checks import SEED, raw_list

import fxtypes as fx
from fxtypes.kernels import calls

Q = fx.Format(8, 4)

WIDE = fx.Format(100, 4)
STREAM = (SEED % 2**64, SEED >> 64, 0)


@pytest.mark.parametrize("fmt", [Q, WIDE])
def test_one_random_number(fmt):
    assert fx.random.uniform((), fmt).shape == ()
    assert fx.random.normal((), fmt).shape == ()


# --- normal deviates: the kernel against its definition in Python's integers ------------------


def kernels_deviates(index, n):
    made, undecided = calls.normal_deviates(STREAM, index, n, fx.random._log_tables())
    low, high = made.view(np.uint64).reshape(-1, 2).T.astype(object)
    raws = high * 2**64 + low
    return [raw - (raw >> 127 << 128) for raw in raws.tolist()], undecided


@pytest.mark.parametrize("index", [0, 5, 2**34 - 700])
def test_deviates_are_the_definitions(index):
    found, undecided = kernels_deviates(index, 1500)
    assert undecided.mean() < 0.002
    for i, (deviate, skipped) in enumerate(zip(found, undecided, strict=True)):
        if not skipped:
            assert deviate == fx.random.deviate_of(STREAM, index + i)


def test_deviates_by_the_formula():
    """From the draws, with another logarithm and square root."""
    for index in range(40):
        k, square = 0, 2**128
        while square >= 2**128:
            u, v = (oracle.u(SEED, 0, index, k + j) for j in (0, 1))
            a, b = 2 * u + 1 - 2**64, 2 * v + 1 - 2**64
            square, k = a * a + b * b, k + 2
        with mpmath.workprec(500):
            s = mpmath.mpf(square) / 2**128
            root = mpmath.floor(mpmath.sqrt(-2 * mpmath.log(s) / s) * 2**112)
        assert fx.random.deviate_of(STREAM, index) == a * int(root) >> 64


@pytest.mark.parametrize("rounding", ["nearest_even", "floor", "odd", "stochastic"])
@pytest.mark.parametrize(
    ("mean", "deviation"), [(0, 1), (3, 0.3), ("0.1", 2), (-1, Fraction(1, 3)), (2, 0)]
)
def test_normal_numbers_are_rounded_once(mean, deviation, rounding):
    for width in (8, 24, 64, 128):
        fmt = fx.Format(width, width - 4, True, rounding)
        with fx.record() as events:
            x = fx.random.normal((3, 7), fmt, mean, deviation, seed=SEED)
        exacts = [
            Fraction(mean) + Fraction(deviation) * Fraction(fx.random.deviate_of(STREAM, i), 2**112)
            for i in range(21)
        ]
        draws = [oracle.u(SEED, 0, i, 2**63) for i in range(21)]
        rounded = [oracle.round_value(e, fmt, u) for e, u in zip(exacts, draws, strict=True)]
        assert raw_list(x) == [oracle.overflow(raw, fmt) for raw in rounded]
        counts = {"overflow": 0, "underflow": 0, "inexact": 0, "elements": 21}
        for exact, u in zip(exacts, draws, strict=True):
            for key, count in oracle.events(exact, fmt, u).items():
                counts[key] += count
        assert events.by_operation == {"normal": counts}


def test_where_the_kernel_does_not_decide(monkeypatch):
    fmt = fx.Format(64, 50)
    expected = raw_list(fx.random.normal(300, fmt, seed=1))
    kernel = calls.normal_deviates

    def undecided(*arguments):
        made, flags = kernel(*arguments)
        made[::3] = np.zeros((), made.dtype)
        flags[::3] = 1
        return made, flags

    monkeypatch.setattr(calls, "normal_deviates", undecided)
    assert raw_list(fx.random.normal(300, fmt, seed=1)) == expected


def test_many_normal_numbers_are_as_few():
    """Blocks begin anywhere, in several axes too; and what overflows is named once."""
    fmt = fx.Format(32, 20)
    many = fx.random.normal((5, 7000), fmt, seed=3)
    assert raw_list(many.reshape(-1)[:50]) == raw_list(fx.random.normal(50, fmt, seed=3))
    one_by_one = fx.random.normal((5, 7000), fmt, mean=Fraction(1, 3), seed=3)
    assert (abs(one_by_one - many - Fraction(1, 3)) <= 2 * fmt.resolution).all()
    strict = fx.Format(16, 14, overflow="raise")
    with pytest.raises(fx.FixedOverflowError, match="of 35000"):
        fx.random.normal((5, 7000), strict, seed=3)
    mean, square = float(many.mean()), float((many * many).mean())
    assert abs(mean) < 0.03
    assert abs(square - 1) < 0.04
