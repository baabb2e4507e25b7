"""fx.lookup: tables of named functions and of any callable."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import SEED, words
from elementary_oracle import GUARD, UNARY, Dyadic, Expected, evaluate, outside_domain

import fxtypes as fx
from fxtypes.elementary import tables

EIGHT = fx.Format(8, 4)


def in_order(fmt):
    """The raw integers in the order of their bit patterns."""
    size = 1 << fmt.width
    return [pattern - size if pattern > fmt.raw_max else pattern for pattern in range(size)]


def quantized(values, result):
    """The oracle's raw integers of exact values, each rounded once; in step 0 of the stream."""
    draws = words(result, len(values))
    return [
        oracle.overflow(oracle.round_value(value, result, u), result)
        for value, u in zip(values, draws, strict=True)
    ]


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", range(2, 17))
def test_order(width, signed):
    """`table[a.to_bits()]` is the function of `a`."""
    fmt, result = fx.Format(width, 3, signed), fx.Format(40, 10)
    a = fx.FixedArray.from_raw(range(fmt.raw_min, fmt.raw_max + 1), fmt)
    table = fx.lookup("arctan", fmt, result)
    assert table.format == result
    assert table.shape == (1 << width,)
    assert (table[a.to_bits()] == fx.arctan(a, format=result)).all()
    if width < 13:
        identity = fx.lookup(lambda x: x, fmt, fmt)
        assert identity.raw.tolist() == in_order(fmt)


@pytest.mark.parametrize("name", UNARY)
def test_named_functions(name):
    """Every argument in every mode; what is undefined is a number of its own."""
    overflows = [o for o in fx.Overflow if o != "raise"]
    for number, rounding in enumerate(fx.Rounding):
        fmt = fx.Format(7, 3 + number % 3, number % 4 != 3)
        width = (8, 16, 33, 64, 128)[number % 5]
        result = fx.Format(width, width - 7, True, rounding, overflows[number % 4])
        arguments = [(Dyadic(raw, fmt.frac_bits),) for raw in in_order(fmt)]
        outside = [outside_domain(name, each) for each in arguments]
        if name == "reciprocal" and result.overflow == "wrap":
            outside = [not each[0].raw for each in arguments]
        bits = result.frac_bits + GUARD
        odd = [
            (3 << bits) // 10 | 1 if out else evaluate(name, each, bits)
            for each, out in zip(arguments, outside, strict=True)
        ]
        expected = Expected(odd).stored(result, words(result, len(odd)))
        with fx.seeded(SEED):
            found = fx.lookup(name, fmt, result, undefined=Fraction(3, 10))
            again = fx.lookup(name, fmt, result, undefined=Fraction(3, 10))
        assert found.raw.tolist() == expected.tolist()
        assert (found == again).all() or rounding == "stochastic"
        if not any(outside):
            with fx.seeded(SEED):
                assert fx.lookup(name, fmt, result).raw.tolist() == expected.tolist()
        else:
            with pytest.raises((ValueError, ZeroDivisionError)) as info:
                fx.lookup(name, fmt, result)
            if isinstance(info.value, ValueError):
                assert f"{sum(outside)} of 128 elements" in str(info.value)
                assert f"index {outside.index(True)};" in str(info.value)


@pytest.mark.parametrize("rounding", fx.Rounding)
@pytest.mark.parametrize("overflow", [o for o in fx.Overflow if o != "raise"])
def test_callables(rounding, overflow):
    """Of whatever numbers: each is rounded once from its exact value."""
    functions = {
        "Fraction": lambda x: x * x / 3,
        "int": lambda x: math.floor(x * 5),
        "float": lambda x: float(x) ** 3 / 7,
        "Decimal": lambda x: Decimal(x.numerator) / Decimal(x.denominator) / 3,
        "FixedArray": lambda x: fx.array(x / 7, fx.Format(100, 90)),
        "NumPy": lambda x: np.float32(x) / np.float32(3),
        "array": lambda x: np.array([[float(x) / 9]]),
    }
    result = fx.Format(9, 5, True, rounding, overflow)
    for function in functions.values():
        exact = [exact_value(function(raw * EIGHT.resolution)) for raw in in_order(EIGHT)]
        with fx.seeded(SEED):
            found = fx.lookup(function, EIGHT, result)
        assert found.raw.tolist() == quantized(exact, result)


def exact_value(value):
    if isinstance(value, fx.FixedArray):
        return value.item()
    return Fraction(value.item() if isinstance(value, np.ndarray | np.generic) else value)


def test_a_callable_is_called_in_order_with_fractions():
    seen = []
    fmt = fx.Format(5, 2)
    fx.lookup(lambda x: seen.append(x) or 0, fmt, fmt)
    assert seen == [Fraction(raw, 4) for raw in in_order(fmt)]
    assert {type(x) for x in seen} == {Fraction}


def root(x):
    if x < 0:
        raise ValueError("negative")
    return 1 / Fraction(x) if x < 1 else math.nan if x == 2 else Decimal("nan") if x == 3 else x


def test_undefined_of_a_callable():
    with pytest.raises(
        ValueError, match="undefined: 131 of 256 elements, the first 0 at index 0;"
    ) as e:
        fx.lookup(root, EIGHT, EIGHT)
    assert isinstance(e.value.__cause__, ZeroDivisionError)
    for undefined in (-2, -2.0, Fraction(-2), Decimal(-2), "-2", fx.array(-2, EIGHT), np.int8(-2)):
        found = fx.lookup(root, EIGHT, EIGHT, undefined)
        outside = [raw <= 0 or raw in (32, 48) for raw in in_order(EIGHT)]
        assert [raw == -32 for raw in found.raw.tolist()] == outside
    assert fx.lookup(root, EIGHT, EIGHT, math.inf).raw[0] == 127

    def broken(x):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        fx.lookup(broken, EIGHT, EIGHT, 0)


@pytest.mark.parametrize("undefined", [0.3, Fraction(3, 10), "0.3", Decimal("0.3"),
                                       fx.array("0.3", fx.Format(128, 120))])  # fmt: skip
def test_undefined_of_a_named_function(undefined):
    for rounding in fx.Rounding:
        result = fx.Format(16, 11, rounding=rounding)
        with fx.seeded(SEED):
            found = fx.lookup("sqrt", EIGHT, result, undefined)
        with fx.seeded(SEED):
            expected = fx.full(256, undefined, result)
        assert (found[128:] == expected[128:]).all()
        assert found[64].item() == 2


def test_counts():
    result = fx.Format(8, 6)
    with fx.record() as events:
        fx.lookup("sqrt", EIGHT, result, undefined=0.3)
    # Exact: the roots of (k/4)**2. Out of range: of 4 and more.
    exact = sum(math.isqrt(raw) ** 2 == raw for raw in range(128))
    assert events.by_operation == {
        "lookup": {"overflow": 64, "underflow": 0, "inexact": 256 - exact, "elements": 256}
    }
    with fx.record() as events:
        fx.lookup(lambda x: x / 8, EIGHT, fx.Format(8, 0))
    assert list(events.by_operation) == ["lookup"]
    assert events.elements == 256


def test_one_step_of_the_stream():
    result = fx.Format(16, 11, rounding="stochastic")
    with fx.seeded(SEED):
        fx.lookup("log", EIGHT, result, undefined=0.3)
        after = fx.array([0.3] * 99, result)
    with fx.seeded(SEED):
        fx.array([0.3], result)
        assert (fx.array([0.3] * 99, result) == after).all()
    with fx.seeded(SEED):  # an exact table takes none
        fx.lookup("log", EIGHT, EIGHT, undefined=0.3)
        first = fx.array([0.3] * 99, result)
    with fx.seeded(SEED):
        assert (fx.array([0.3] * 99, result) == first).all()


def test_overflow_that_raises():
    result = fx.Format(8, 4, overflow="raise")
    assert fx.lookup("sin", EIGHT, result).raw[0] == 0
    with pytest.raises(fx.FixedOverflowError, match=r"lookup: 94 of 256 .* index \(34,\) is 8.375"):
        fx.lookup("exp", EIGHT, result)
    with pytest.raises(fx.FixedOverflowError, match=r"lookup: 129 of 256 .* index \(0,\) is 1000"):
        fx.lookup("log", EIGHT, result, undefined=1000)
    with pytest.raises(fx.FixedOverflowError, match="lookup: "):
        fx.lookup(lambda x: 20 * x, EIGHT, result)
    for overflow in ("wrap", "raise"):
        with pytest.raises(ZeroDivisionError):
            fx.lookup("reciprocal", EIGHT, fx.Format(16, 4, overflow=overflow))
        table = fx.lookup("reciprocal", EIGHT, fx.Format(16, 4, overflow=overflow), undefined=7)
        assert table.raw[[0, 16]].tolist() == [112, 16]
        with pytest.raises(fx.FixedOverflowError, match="inf"):
            fx.lookup("exp", fx.Format(16, 0), fx.Format(16, 4, overflow=overflow))
    assert fx.lookup("reciprocal", EIGHT, EIGHT).raw[0] == 127  # an infinity, bounded


def test_a_table_is_the_callers_own():
    table = fx.lookup("exp", EIGHT, EIGHT)
    table[:] = 0
    assert fx.lookup("exp", EIGHT, EIGHT).raw[0] == 16
    assert fx.exp(fx.zeros(1000, EIGHT)).raw[0] == 16


def test_what_is_kept():
    """Tables of named functions, but for those that are drawn, counted, or raise."""
    tables._kept.clear()
    for _ in range(2):
        fx.lookup(lambda x: x, EIGHT, EIGHT)
        fx.lookup("exp", EIGHT, EIGHT.replace(rounding="stochastic"))
        fx.lookup("sin", EIGHT, EIGHT.replace(overflow="raise"))
        with fx.record():
            fx.lookup("exp", EIGHT, EIGHT)
    assert len(tables._kept) == 0
    fx.lookup("exp", EIGHT, EIGHT)
    fx.lookup("log", EIGHT, EIGHT, undefined=1)
    fx.lookup("log", EIGHT, EIGHT, undefined=2)
    assert len(tables._kept) == 2
    for frac_bits in range(0, 100):  # of a megabyte each
        fx.lookup("sqrt", fx.Format(16, 8, False), fx.Format(128, frac_bits))
        assert tables._kept.nbytes <= 1 << 25
    assert 10 < len(tables._kept) < 40
    tables._kept.clear()


def test_wrong_arguments():
    with pytest.raises(fx.FormatError, match=r"Format\(17, 3\) has 17 bits"):
        fx.lookup("exp", fx.Format(17, 3), EIGHT)
    with pytest.raises(fx.FormatError, match="128 bits"):
        fx.lookup(lambda x: x, fx.Format(128, 3), EIGHT)
    for name in ("exq", "hypot", "power", "softmax", ""):
        with pytest.raises(ValueError, match=f"called {name!r}; these are: .*sigmoid"):
            fx.lookup(name, EIGHT, EIGHT)
    for function in (3, None, b"exp"):
        with pytest.raises(TypeError, match="a callable, got"):
            fx.lookup(function, EIGHT, EIGHT)
    for formats in ((8, EIGHT), (EIGHT, None), (None, EIGHT)):
        with pytest.raises(TypeError, match="expected a Format"):
            fx.lookup("exp", *formats)
    for undefined in ([1], [1, 2], np.zeros(2), fx.zeros(3, EIGHT), 1j):
        for function in ("log", lambda x: 1 / x):
            with pytest.raises(TypeError, match="number"):
                fx.lookup(function, EIGHT, EIGHT, undefined)
    with pytest.raises(ValueError, match="NaN"):
        fx.lookup("log", EIGHT, EIGHT, math.nan)
    for value in (None, "1", 1j, [1], np.zeros(3), fx.zeros(0, EIGHT)):
        with pytest.raises(TypeError, match="number"):
            fx.lookup(lambda x, value=value: value, EIGHT, EIGHT)
