"""Domain errors, poles, and formats that hold next to nothing."""

from fractions import Fraction

import pytest
from checks import fixed, message_of
from elementary_checks import Case, ends_and_middle
from elementary_oracle import BINARY, FUNCTIONS, UNARY

import fxtypes as fx

# An element outside each domain, for a format that holds it.
OUTSIDE = {
    "sqrt": [Fraction(-1, 4), -3], "rsqrt": [0, -2], "log": [0, Fraction(-1, 4)],
    "log2": [0, -2], "log10": [0, -2], "log1p": [-1, -2], "arcsin": [Fraction(5, 4), -2],
    "arccos": [Fraction(-5, 4), 3], "arccosh": [Fraction(3, 4), -1], "arctanh": [1, -1, 2],
}  # fmt: skip
WIDTHS = (8, 16, 24, 64, 100)


def test_every_domain_is_tried():
    limited = {name for name in UNARY if FUNCTIONS[name].outside.__name__ != "never"}
    assert limited == {*OUTSIDE}


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("size", [(), (3,), (2, 300)])
def test_domain(name, width, size):
    """The message names function, element and index, with and without a table."""
    fmt = fx.Format(width, 2)
    for value in OUTSIDE[name]:
        good = 1 if name != "rsqrt" else 4
        x = fx.full(size, good if name != "arctanh" else 0, fmt)
        index = tuple(n - 1 for n in size)
        x[index] = value
        text = message_of(ValueError, getattr(fx, name), x)
        assert name in text
        assert str(float(value)).removesuffix(".0") in text or str(value) in text, text
        assert str(index) in text
        if size:
            where = fx.equal(x, value) == False  # noqa: E712
            found = getattr(fx, name)(x, where=where)
            assert found.raw[index] == 0


@pytest.mark.parametrize("name", OUTSIDE)
def test_nearest_elements_to_the_domain(name):
    """The last element within each domain is computed, the first outside refused."""
    for width, places in ((8, 4), (16, 8), (32, 20), (64, 40), (128, 100)):
        fmt = fx.Format(width, places)
        one = 1 << places
        last, step = {
            "sqrt": (0, -1), "rsqrt": (1, -1), "log": (1, -1), "log2": (1, -1), "log10": (1, -1),
            "log1p": (1 - one, -1), "arcsin": (one, 1), "arccos": (one, 1), "arccosh": (one, -1),
            "arctanh": (one - 1, 1),
        }[name]  # fmt: skip
        ends = [(last, step)]
        if name in ("arcsin", "arccos", "arctanh"):
            ends.append((-last, -step))
        for raw, away in ends:
            result = fx.Format(128, 80)
            case = Case(name, [([raw], fmt)], 80)
            assert case.arguments
            case.check(result)
            message_of(ValueError, getattr(fx, name), fixed([raw + away], fmt))


def test_powers():
    fmt = fx.Format(16, 4)
    base, exponent = fx.array([2, -2, -3], fmt), fx.array([0.5, 2, 1.5], fmt)
    text = message_of(ValueError, fx.power, base, exponent)
    assert "power" in text
    assert "-3" in text
    assert "1.5" in text
    assert "(2,)" in text
    assert fx.power(base, exponent, where=[True, True, False]).raw[1] == 64
    for other in (0.5, Fraction(1, 2)):
        assert "-2" in message_of(ValueError, fx.power, base, other)


@pytest.mark.parametrize("overflow", fx.Overflow)
@pytest.mark.parametrize("name", ["reciprocal", "power"])
def test_poles(name, overflow):
    fmt = fx.Format(16, 4, overflow=overflow)
    zero, minus = fx.zeros(3, fmt), fx.array([-1, -2, -0.5], fmt)
    arguments = (zero,) if name == "reciprocal" else (zero, minus)
    if overflow in ("raise", "wrap"):
        text = message_of(ZeroDivisionError, getattr(fx, name), *arguments)
        assert name in text or "divi" in text
        assert "3" in text
    else:
        found = getattr(fx, name)(*arguments)
        assert (found.raw == (0 if overflow == "saturate_zero" else fmt.raw_max)).all()


@pytest.mark.parametrize("name", ["exp", "exp2", "expm1", "sinh", "cosh"])
@pytest.mark.parametrize("overflow", ["wrap", "raise"])
def test_only_infinities_that_are_there(name, overflow):
    """A table of all arguments, most of which give infinities, serves those that don't."""
    fmt = fx.Format(8, -4)
    case = Case(name, [([0] * 100, fmt)], 3)
    case.check(fx.Format(16, 3, overflow=overflow))
    text = message_of(fx.FixedOverflowError, getattr(fx, name), fixed([0] * 99 + [127], fmt),
                      format=fx.Format(16, 3, overflow=overflow))  # fmt: skip
    assert name in text
    assert "(99,)" in text


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_formats_that_hold_next_to_nothing(name):
    """Only 0, or only the ends: a unit beyond all results, a range next to 0, no sign."""
    arity = FUNCTIONS[name].arity
    modes = [(r, o) for r in ("nearest_even", "ceil", "floor", "stochastic") for o in fx.Overflow]
    for fmt in (fx.Format(8, 5), fx.Format(128, 60)):
        raws = ends_and_middle(fmt)
        columns = [raws, raws[::-1]][:arity]
        for width, places, signed in (
            (2, 200, True), (2, -200, True), (128, 256, True), (128, -256, False), (2, 0, False),
            (8, 60, False), (2, 256, False),
        ):  # fmt: skip
            case = Case(name, [(column, fmt) for column in columns], places)
            for rounding, overflow in modes[::3]:
                stored = fx.Format(width, places, signed, rounding, overflow)
                case.check(stored, counted=False)
