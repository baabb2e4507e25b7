"""Exact integers in pieces, sums of squares, and quotients and roots of such integers."""

import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import LAYOUTS, SEED, check_stored, fixed, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.kernels import plan
from fxtypes.operations import sums_and_extremes, wide_integers
from fxtypes.operations.operand import Operand
from fxtypes.operations.roots_and_quotients import ratio

WIDTHS = (8, 16, 33, 64, 65, 127, 128)


def integers(most, size=None):
    """Integers of up to `most` bits, few of them small."""
    one = st.integers(0, most).flatmap(lambda bits: st.integers(-(2**bits), 2**bits))
    return one if size is None else st.lists(one, min_size=size, max_size=size)


def in_array(values):
    return np.array([*values, None], object)[:-1]


@given(integers(700, 5))
def test_split_and_added_up(values):
    parts = wide_integers.split(in_array(values))
    assert wide_integers.added_up(parts).tolist() == values
    formats = [fmt for _, fmt in parts]
    assert formats == [None] or all(f.frac_bits == -128 * i for i, f in enumerate(formats))
    assert wide_integers.added_up(wide_integers.split(values[0])).item() == values[0]


@pytest.mark.parametrize(
    "bits", [[30, 30, 30], [100, 60, 60], [150, 100, 120], [260, 140, 130], [500, 30, 30]]
)
@pytest.mark.parametrize("shape", [(), (7,)])
@given(st.data())
def test_difference(bits, shape, data):
    a, b, c = (
        [*data.draw(integers(n, 5)), (1 << n) - 1, -(1 << n) + 1] for n in bits
    )  # fmt: skip
    count = data.draw(st.integers(1, 2**62) | st.integers(0, 9))
    counts = np.full(shape, count, object)
    found = wide_integers.difference(counts, *(wide_integers.split(in_array(x)) for x in (a, b, c)))
    expected = [count * p - q * r for p, q, r in zip(a, b, c, strict=True)]
    assert wide_integers.added_up(found).tolist() == expected


def raws_of(fmt, kind, size):
    """Raw integers: the lowest, the highest or 0 everywhere, or any."""
    rng = np.random.default_rng(size)
    if kind == "any":
        return [
            fmt.raw_min + int.from_bytes(rng.bytes(17), "little") % (fmt.raw_max - fmt.raw_min + 1)
            for _ in range(size)
        ]
    return [{"lowest": fmt.raw_min, "highest": fmt.raw_max, "zeros": 0}[kind]] * size


@pytest.mark.parametrize("kind", ["lowest", "highest", "zeros", "any"])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["sum", "squares"])
def test_exact_sums(name, width, signed, kind):
    """Of rows and of columns, contiguous and strided, of few and of many elements."""
    fmt = fx.Format(width, 3, signed)
    power = 2 if name == "squares" else 1
    for shape in ((1, 1), (3, 40), (40, 3), (17, 19)):
        raws = raws_of(fmt, kind, math.prod(shape))
        exact = in_array(raws).reshape(shape) ** power
        for layout in LAYOUTS:
            x = fixed(raws, fmt, shape, layout)
            for axes in ((0,), (1,), (0, 1)):
                operand = Operand(x._storage, fmt)
                found = sums_and_extremes.exact_integers(name, operand, axes, False)
                assert np.array_equal(found, exact.sum(axis=axes))


def test_exact_sums_in_parts(monkeypatch):
    monkeypatch.setattr(sums_and_extremes, "_LONGEST", 50)
    fmt = fx.Format(128, 0)
    raws = raws_of(fmt, "any", 600)
    operand = Operand(fixed(raws, fmt, (3, 200))._storage, fmt)
    for axes in ((0,), (1,), (0, 1)):
        found = sums_and_extremes.exact_integers("squares", operand, axes, True)
        expected = (in_array(raws).reshape(3, 200) ** 2).sum(axis=axes, keepdims=True)
        assert np.array_equal(found, expected)
        assert found.shape == expected.shape


def check_ratios(factors, frac_bits, order, fmt):
    """By the kernel where there is one, and by Python's integers."""
    a, b, c, d = factors
    exacts = []
    for p, q, r, s in zip(a, b or [1] * len(a), c or [1] * len(a), d or [1] * len(a), strict=True):
        exact = Fraction(p * q, r * s) * Fraction(2) ** -frac_bits
        if order == 2:
            exact = oracle.stand_in_for_root(abs(exact), fmt) * (-1 if p < 0 else 1)
        exacts.append(exact)
    parts = tuple(wide_integers.split(in_array(x)) if x else () for x in factors)

    def compute():
        raw = ratio("average", parts, frac_bits, order, fmt)
        return fx.FixedArray._from_storage(raw, fmt)

    check_stored(compute, exacts, fmt, (len(a),), "average")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "ratio", lambda *arguments: None)
        check_stored(compute, exacts, fmt, (len(a),), "average")


@given(st.data(), strategies.formats(), st.sampled_from([1, 2]), st.integers(-300, 300))
def test_ratios(data, fmt, order, frac_bits):
    bits = data.draw(st.sampled_from([4, 30, 60, 120, 300, 500]))
    a = data.draw(integers(bits, 4))
    c, d = (
        [max(abs(v), 1) for v in data.draw(integers(n, 4))] for n in (bits, min(bits, 60))
    )  # fmt: skip
    b = a if order == 2 and data.draw(st.booleans()) else []
    if order == 2 and not b:
        a = [abs(v) for v in a]
    elif order == 1:
        c = [v * sign for v, sign in zip(c, (1, -1, 1, -1), strict=True)]
    divisors = data.draw(st.sampled_from([(c, d), (c, []), ([], d), ([], [])]))
    check_ratios((a, b, *divisors), frac_bits, order, fmt)


@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("bits", [9, 40, 70, 130, 250, 480])
def test_roots_that_are_exact_or_ties_and_those_beside_them(bits, rounding):
    """With the result's last bit that of the root, or the one above."""
    rng = np.random.default_rng(bits)
    roots = [int.from_bytes(rng.bytes(60), "little") % (1 << bits // 2) for _ in range(40)]
    roots += [0, 1, (1 << bits // 2) - 1, 1 << bits // 2]
    divisors = [3, 1 << 33, (1 << 64) - 1, 10**25]
    for divisor in divisors:
        for ulp in (-1, 0, 1):
            a = [max(root * root * divisor + ulp, 0) for root in roots]
            c = [divisor] * len(a)
            for frac_bits in (0, -1):
                fmt = fx.Format(128, frac_bits, True, rounding, "wrap")
                check_ratios((a, [], c, []), 0, 2, fmt)


def test_the_kernel_does_them():
    """Correlations of 128 bits and averages; past the widest type, and long divisors, Python."""
    fmt = fx.Format(128, 64)
    wide = tuple(part.format for part in wide_integers.split(1 << 151))
    assert plan.ratio("corrcoef", (wide, wide, wide, wide), 0, 2, fmt) is not None
    assert plan.ratio("average", (wide, (), wide[:1], ()), 0, 1, fmt) is not None
    assert plan.ratio("average", (wide, (), wide, ()), 0, 1, fmt) is None
    wider = tuple(part.format for part in wide_integers.split(1 << 350))
    assert plan.ratio("corrcoef", (wider, wider, wide, wide), 0, 2, fmt) is None


def test_an_empty_result():
    parts = wide_integers.split(np.zeros((0, 3), object))
    fmt = fx.Format(16, 8)
    found = ratio("average", (parts, (), wide_integers.split(3), ()), 0, 1, fmt)
    assert found.shape == (0, 3)


def test_draws_are_those_of_one_call():
    """However many kernels a reduction takes on its way, its result takes one step of draws."""
    a = fixed(raws_of(fx.Format(64, 32), "any", 60), fx.Format(64, 32), (6, 10))
    fmt = fx.Format(64, 20, rounding="stochastic")
    for call in (
        lambda: fx.cov(a, format=fmt),
        lambda: fx.corrcoef(a, format=fmt),
        lambda: fx.norm(a, axis=1, format=fmt),
        lambda: fx.average(a, 1, np.arange(1, 11), format=fmt),
        lambda: fx.var(a, 1, fmt),
    ):
        with fx.seeded(SEED):
            call()
            next_one = raw_list(fx.random.uniform(5, fmt))
        with fx.seeded(SEED):
            fx.array(1 / 3, fmt)
            assert raw_list(fx.random.uniform(5, fmt)) == next_one
