"""Powers: rounded once from the exact one."""

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import SEED, check_stored, fixed, raw_list, words
from elementary_checks import Case, some_arguments
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.operations import powers

exponents = st.one_of(st.integers(-4, 9), st.integers(-40, 40))


def exact_power(raw, fmt, n):
    """The power; None where it has magnitude 2**1024 or more."""
    try:
        return oracle.exact_power(oracle.value(raw, fmt), n)
    except OverflowError:
        return None


def check_with_infinities(x, n, fmt, result, exacts, signs):
    """Powers among which some are infinite: like an overflow, an error under wrap."""
    overflow = str(result.overflow)
    if overflow in ("raise", "wrap"):
        with pytest.raises(fx.FixedOverflowError), fx.seeded(SEED):
            fx.power(x, n, format=result)
        return
    random_words = words(result, len(exacts))
    expected = [
        oracle.quantize_infinity(sign, result)
        if exact is None
        else oracle.quantize(exact, result, u)
        for exact, sign, u in zip(exacts, signs, random_words, strict=True)
    ]
    with fx.seeded(SEED):
        assert raw_list(fx.power(x, n, format=result)) == expected


def check_power(raws, fmt, ns, result):
    """Elementwise powers against the oracle; 0 to a negative power is left out."""
    raws = [raw or 1 if n < 0 else raw for raw, n in zip(raws, ns, strict=True)]
    exacts = [exact_power(raw, fmt, n) for raw, n in zip(raws, ns, strict=True)]
    x, n = fixed(raws, fmt), np.array(ns, object)
    if None in exacts:
        signs = [-1 if raw < 0 and n % 2 else 1 for raw, n in zip(raws, ns, strict=True)]
        check_with_infinities(x, n, fmt, result, exacts, signs)
    else:
        check_stored(lambda: fx.power(x, n, format=result), exacts, result, x.shape, "power")


@given(st.data(), strategies.formats(), strategies.formats())
def test_any_formats(data, fmt, result):
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=1, max_size=6))
    check_power(raws, fmt, [data.draw(exponents) for _ in raws], result)


@given(st.data(), strategies.formats())
def test_one_exponent_for_all(data, fmt):
    """Small powers are products in the kernels."""
    n = data.draw(st.integers(-2, 9))
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=1, max_size=6))
    raws = [raw or 1 if n < 0 else raw for raw in raws]
    exacts = [exact_power(raw, fmt, n) for raw in raws]
    if None not in exacts:
        x = fixed(raws, fmt)
        check_stored(lambda: x**n, exacts, fmt, x.shape, "power")


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("frac_bits", [0, 2, 4, 6, -2])
def test_all_values_of_a_narrow_format(frac_bits, signed):
    chosen = random.Random(repr((frac_bits, signed)))
    fmt = fx.Format(4, frac_bits, signed)
    raws = list(range(fmt.raw_min, fmt.raw_max + 1))
    for n in [*range(-6, 8), 60, -60]:
        for rounding in chosen.sample(list(fx.Rounding), 4):
            result = fx.Format(
                chosen.choice([4, 7]), chosen.choice([0, 3, 6]), True, rounding,
                chosen.choice(list(fx.Overflow)),
            )  # fmt: skip
            check_power(raws, fmt, [n] * len(raws), result)


@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("n", [90, -90, 400, -400])
def test_powers_of_many_bits(n, rounding):
    """Beyond exact computation: two bounds decide, and must decide right."""
    fmt = fx.Format(64, 62, rounding=rounding)
    near_one = [2**62 + k for k in (-(2**50), -1, 0, 777)]
    check_power([raw * s for raw in near_one for s in (1, -1)], fmt, [n] * 8, fmt)
    wide = fx.Format(128, 64, rounding=rounding, overflow="wrap")
    check_power(near_one, fmt, [n] * 4, wide)


@pytest.mark.parametrize(
    ("base", "n", "expected"),
    [
        (1 + Fraction(1, 2**100), 2**100, "2.71828182845904523536028747"),  # nearly e
        (1 - Fraction(1, 2**100), -(2**100), "2.71828182845904523536028747"),
        (1 - Fraction(1, 2**100), 10**40, "0"),
        (1, 10**1000, "1"),
        (-1, 10**1000 + 1, "-1"),
        (0, 10**1000, "0"),
        (Fraction(1, 2), 10**1000, "0"),
    ],
)
def test_huge_exponents(base, n, expected):
    a = fx.array(base, fx.Format(128, 100))
    with fx.record() as events:
        assert abs((a**n).item() - Fraction(expected)) < Fraction(1, 10**24)
    assert events.elements == 1


@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_infinities(overflow):
    fmt = fx.Format(16, 4, overflow=overflow)
    x = fx.array([2, -2, 1], fmt)
    low, high = oracle.result_limits(fmt)
    for n in (1025, 10**30 + 1):
        if overflow in ("raise", "wrap"):
            with pytest.raises(fx.FixedOverflowError):
                x**n
        else:
            ends = [0, 0] if overflow == "saturate_zero" else [high, low]
            assert raw_list(x**n) == [*ends, 16]
    if overflow == "wrap":
        assert raw_list(x**1023) == [0, 0, 16]  # below 2**1024: the low bits


@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_zero_to_a_negative_power(overflow):
    fmt = fx.Format(16, 4, overflow=overflow)
    x = fx.array([0, 2], fmt)
    for n in (-1, -2, -3, np.array([-1, -1]), np.array([-5, 3]), -(10**30)):
        if overflow in ("raise", "wrap"):
            with pytest.raises(ZeroDivisionError, match="power"):
                x**n
        else:
            expected = 0 if overflow == "saturate_zero" else fmt.raw_max
            assert raw_list(x**n)[0] == expected
    assert raw_list(x**0) == [16, 16]


def test_shapes_and_types_of_exponents():
    fmt = fx.Format(32, 16)
    x = fx.array([[1.5], [-2]], fmt)
    expected = [[Fraction(3, 2) ** n for n in (0, 1, 2)], [Fraction(-2) ** n for n in (0, 1, 2)]]
    for n in ([0, 1, 2], np.array([0, 1, 2], np.uint64), np.array([0, 1, 2], object), (0, 1, 2)):
        assert (x**n).to_fractions().tolist() == expected
        assert np.power(x, n).to_fractions().tolist() == expected
    assert (x ** np.array([False, True])).to_fractions().tolist() == [[1, Fraction(3, 2)], [1, -2]]
    assert (x[:0] ** [[2]]).shape == (0, 1)
    y = x
    y **= 2
    assert y is x
    assert y.to_fractions().tolist() == [[Fraction(9, 4)], [4]]
    with pytest.raises(ValueError, match="shape"):
        y **= [1, 2]


def test_what_is_no_exponent():
    x = fx.array([1, 2], fx.Format(16, 8))
    for n in ("2", None, [1j], 1j, ["2", "3"]):
        with pytest.raises(TypeError, match=r"exponent|unsupported"):
            x**n
    with pytest.raises(TypeError, match="exponent"):
        fx.power(x, "2")
    for n in (float("inf"), np.array([1, -np.inf]), float("nan")):
        with pytest.raises(ValueError, match=r"inf|NaN"):
            x**n
    with pytest.raises(TypeError):
        pow(x, 2, 5)


def test_exponents_of_any_kind():
    """The same value, the same power; fractional ones against roots of the oracle's powers."""
    fmt = fx.Format(40, 20)
    x = fx.array([[2.25], [1.5], [0.3]], fmt)
    for n in (3, -2, 0):
        for same in (float(n), Fraction(n), Decimal(n), np.float32(n), [float(n)], np.array([n])):
            assert raw_list(x**same) == raw_list(x**n)
    for n in (0.5, Fraction(1, 3), Decimal("-0.1"), Fraction(-7, 3)):
        p, q = n.as_integer_ratio()
        for raw, found in zip(raw_list(x), raw_list(fx.power(x, n, format=fmt)), strict=True):
            exact = Fraction(raw, 1 << 20) ** p  # found**q rounds to it: half a unit either way
            low, high = ((2 * found + s) * Fraction(1, 1 << 21) for s in (-1, 1))
            assert low**q < exact < high**q, (n, raw)
    assert raw_list(fx.array([0, 1], fmt) ** 0.5) == [0, 1 << 20]
    assert raw_list(x ** [0.5, 2]) == raw_list(fx.concatenate([x**0.5, x**2], 1))


def test_fixed_exponents_and_bases_of_any_kind():
    fmt, other = fx.Format(24, 12), fx.Format(16, 4)
    x, y = fx.array([2.25, -1.5, 0, 4], fmt), fx.array([0.5, -3, 0, 1.5], other)
    assert (x**y).format == fx.Format(24, 12)
    assert (x**y).to_fractions().tolist() == [
        Fraction(3, 2),
        Fraction(oracle.quantize(Fraction(-8, 27), oracle.Fmt(24, 12)), 1 << 12),
        1,
        8,
    ]
    assert raw_list(2**y) == raw_list(fx.exp2(y))
    assert (2**y).format == other
    assert raw_list(np.array([2, 2, 2, 2]) ** y) == raw_list(2**y)
    assert raw_list(0.5**y) == raw_list(fx.exp2(-y))
    assert raw_list(fx.power(2, y, format=fmt)) == raw_list(fx.exp2(y, format=fmt))
    assert raw_list(np.float_power(x, y)) == raw_list(np.power(x, y)) == raw_list(x**y)
    wide = fx.array([0.5, 0.125], fx.Format(40, 12))
    assert raw_list((10**40) ** wide) == [wide.format.raw_max, 10**5 << 12]
    z = x.copy()
    z **= y
    assert raw_list(z) == raw_list(x**y)


@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_poles_and_domain(overflow):
    fmt = fx.Format(16, 4, overflow=overflow)
    x = fx.array([0, 4], fmt)
    for n in (-0.5, Fraction(-1, 3), fx.array([-0.5, 2], fmt)):
        if overflow in ("raise", "wrap"):
            with pytest.raises(ZeroDivisionError, match="power"):
                x**n
        else:
            assert raw_list(x**n)[0] == (0 if overflow == "saturate_zero" else fmt.raw_max)
        last = n[1:] if isinstance(n, fx.FixedArray) else n
        found = fx.power(x, n, where=np.array([False, True]))
        assert raw_list(found) == [0, *raw_list(x[1:] ** last)]
    negative = fx.array([[4, -4], [-2.5, 1]], fmt)
    for n in (0.5, [[0.5, 2], [1.5, 1]], fx.array([[0.5, 2], [1.5, 1]], fmt)):
        with pytest.raises(
            ValueError, match=r"power of a negative .* \*\* .* index \([01], [01]\)"
        ):
            negative**n
    with pytest.raises(ValueError, match=r"-2.5 \*\* 1.5 at index \(1, 0\)"):
        negative ** fx.array([[0.5, 2], [1.5, 1]], fmt)
    assert raw_list(fx.power(negative, 0.5, where=negative > 0)) == [32, 0, 0, 16]


class PowersOfNumbers(Case):
    """Powers whose exponents are passed as numbers: of the type `kind`, one alone as a scalar."""

    kind = Fraction

    def call(self, result, shape=None, layout="contiguous"):
        x = fixed([base.raw for base, _ in self.arguments], self.formats[0])
        exponents = [self.kind(y.fraction) for _, y in self.arguments]
        one = len(set(exponents)) == 1
        with fx.seeded(SEED):
            return fx.power(x, exponents[0] if one else exponents, format=result)


# (width, fraction bits) of the narrowest format that holds the exponents.
BINARY_EXPONENTS = [
    (2, 1), (3, 0), (7, 3), (8, -2), (16, 18), (32, 20), (53, 52), (64, 0), (100, 90), (128, 64),
    (128, 250), (24, 256), (90, -40),
]  # fmt: skip


@pytest.mark.parametrize("one", [True, False])
@pytest.mark.parametrize(("width", "places"), BINARY_EXPONENTS)
def test_numbers_that_are_binary_fractions(width, places, one, monkeypatch):
    """The oracle's bits, and by the kernel: none is left to the references of other exponents."""
    monkeypatch.delattr(powers, "_one_by_one")
    chosen = random.Random(repr((width, places, one)))
    exponent = fx.Format(width, places)
    for fmt in (fx.Format(8, 4), fx.Format(16, 14, False), fx.Format(64, 32), fx.Format(128, 100)):
        bases = some_arguments(chosen, fmt, 20, near=4)
        ys = [chosen.choice((exponent.raw_min, exponent.raw_max, -1, 1))]
        ys += some_arguments(chosen, exponent, 19, near=3)
        case = PowersOfNumbers("power", [(bases, fmt), ([ys[0]] * 20 if one else ys, exponent)], 10)
        case.kind = float if width <= 53 else Fraction
        for rounding in chosen.sample(list(fx.Rounding), 3):
            overflow = chosen.choice(list(fx.Overflow))
            case.check(fx.Format(chosen.choice((12, 30, 70)), 10, True, rounding, overflow))


@pytest.mark.parametrize("exponent", [
    Fraction(1, 3), Fraction(1, 2**257), Fraction(2**129 + 1, 2), 2**128 + 1,
    [Fraction(1, 2**200), 2**40], [0.5, Fraction(2, 5)],
])  # fmt: skip
def test_exponents_that_no_format_holds(exponent, monkeypatch):
    found = []
    others = powers._one_by_one
    monkeypatch.setattr(powers, "_one_by_one", lambda *a: found.append(a) or others(*a))
    x = fx.array([1, 4], fx.Format(16, 4, overflow="saturate"))
    assert raw_list(x**exponent)[0] == 16
    assert len(found) == 1


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 9, 13, 16])
@pytest.mark.parametrize("width", [17, 32, 33, 64, 100, 128])
def test_exact_powers_of_many_words(n, width):
    """By a kernel up to a thousand bits, else as any power."""
    chosen = random.Random(f"{n} {width}")
    for signed in (True, False):
        fmt = fx.Format(width, width // 2, signed)
        raws = [
            *(fmt.raw_min, fmt.raw_max, 0, 1, 3 << width // 2 - 1, 1 << width // 2),
            *(chosen.randint(fmt.raw_min >> k, fmt.raw_max >> k) for k in range(0, width // 2, 3)),
        ]
        for result in (fmt, fx.Format(128, 100, rounding="odd"), fx.Format(20, -8, False)):
            check_power(raws, fmt, [n] * len(raws), result)
            assert raw_list(fx.power(fixed(raws, fmt), n, format=result)) == [
                oracle.quantize(exact_power(raw, fmt, n), result) for raw in raws
            ]
