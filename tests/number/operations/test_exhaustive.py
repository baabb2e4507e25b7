"""Every operation on every value of narrow formats, in every mode, against the oracle.

The exact results are worked out once per operation and pair of formats, rounded once per
rounding mode, and compared with what the package gives for the whole grid in one call. The
long tier takes all 60 modes, the default tier five to a dozen, drawn with a fixed seed.
"""

import functools
import itertools
import operator
import random
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import COMPARISONS, SEED, check_message, fixed, random_word
from oracle import ARITHMETIC, BINARY

import fxtypes as fx

ALL_MODES = list(itertools.product(fx.Rounding, fx.Overflow))
WIDTHS = range(2, 7)
POLES = {"raise", "wrap"}

tiers = pytest.mark.parametrize("tier", ["sample", pytest.param("all", marks=pytest.mark.long)])


def narrow_formats(widths):
    """(width, frac_bits, signed) of the formats to go through."""
    return [
        (width, frac_bits, signed)
        for width in widths
        for frac_bits in sorted({0, width // 2, width + 1})
        for signed in (True, False)
    ]


def modes(tier, count, *key):
    """All the modes, or every rounding mode's turn with a few overflow modes."""
    if tier == "all":
        return ALL_MODES
    chosen = random.Random(repr(key))
    roundings = list(fx.Rounding)
    if count < len(roundings):
        roundings = chosen.sample(roundings, count)
    return [(rounding, chosen.choice(list(fx.Overflow))) for rounding in roundings]


def all_raws(fields):
    width, _, signed = fields
    return range(-(2 ** (width - 1)), 2 ** (width - 1)) if signed else range(2**width)


@functools.lru_cache(256)
def grid(fmt):
    """Every value of a format, as a vector."""
    return fixed(list(all_raws((fmt.width, fmt.frac_bits, fmt.signed))), fmt)


class Exact:
    """The exact results of a grid: the distinct ones and each element's number among them."""

    def __init__(self, values, shape):
        numbers = {}
        keys = [(v.numerator, v.denominator) for v in values]
        self.places = np.array([numbers.setdefault(key, len(numbers)) for key in keys], int)
        self.distinct = [Fraction(*key) for key in numbers]
        self.shape = shape
        self._rounded = {}

    def rounded(self, fmt):
        """The rounded raw integers in C order, before overflow."""
        key = fmt.frac_bits, fmt.rounding
        if key not in self._rounded:
            if fmt.rounding == "stochastic":
                raws = [
                    oracle.round_value(self.distinct[place], fmt, random_word(SEED, 0, index))
                    for index, place in enumerate(self.places)
                ]
                self._rounded[key] = np.array(raws, int)
            else:
                raws = [oracle.round_value(value, fmt) for value in self.distinct]
                self._rounded[key] = np.array(raws, int)[self.places]
        return self._rounded[key]


def check(compute, exact, fmt, infinite=None):
    """Assert that ``compute()`` gives the results `exact` in the format `fmt`.

    `infinite` holds an infinity's sign where there is one, else 0.
    """
    rounded = exact.rounded(fmt)
    low, high = oracle.result_limits(fmt)
    beyond = (rounded < low) | (rounded > high)
    if beyond.any() and fmt.overflow == "raise":
        with fx.seeded(SEED), pytest.raises(fx.FixedOverflowError) as info:
            compute()
        check_message(str(info.value), beyond.sum(), beyond.argmax(), exact.shape)
        return
    with fx.seeded(SEED):
        result = compute()
    assert result.format is fmt
    assert result.shape == exact.shape
    expected = rounded.copy()
    for raw in np.unique(rounded[beyond]).tolist():
        expected[rounded == raw] = oracle.overflow(raw, fmt)
    if infinite is not None:
        for sign in (-1, 1):
            if (infinite == sign).any():
                expected[infinite == sign] = oracle.quantize_infinity(sign, fmt)
    np.testing.assert_array_equal(result.raw.reshape(-1), expected, strict=False)


def pairs(x_fields, y_fields):
    x_fmt, y_fmt = fx.Format(*x_fields), fx.Format(*y_fields)
    xs = [oracle.value(raw, x_fmt) for raw in all_raws(x_fields)]
    ys = [oracle.value(raw, y_fmt) for raw in all_raws(y_fields)]
    return xs, ys


@functools.lru_cache(64)
def binary(name, x_fields, y_fields):
    """The exact results for all pairs; for division with the pairs whose divisor is not 0."""
    xs, ys = pairs(x_fields, y_fields)
    if name == "divide":
        ys = [y for y in ys if y]
    function = BINARY[name]
    return Exact([function(x, y) for x in xs for y in ys], (len(xs), len(ys)))


def nonzero(array):
    return array[np.array(array.raw != 0)]


@tiers
@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("fields", narrow_formats(WIDTHS))
def test_binary(fields, name, tier):
    exact = binary(name, fields, fields)
    for mode in modes(tier, 12, name, fields):
        fmt = fx.Format(*fields, *mode)
        x = y = grid(fmt)
        if name == "divide":
            y = nonzero(y)
        x = x[:, None]
        check(lambda x=x, y=y: getattr(fx, name)(x, y), exact, fmt)
        if name in ARITHMETIC:
            check(lambda x=x, y=y: BINARY[name](x, y), exact, fmt)


@tiers
@pytest.mark.parametrize("fields", narrow_formats(WIDTHS))
def test_divide_by_zero(fields, tier):
    for mode in modes(tier, 12, fields):
        fmt = fx.Format(*fields, *mode)
        x, zero = grid(fmt), fx.zeros((), format=fmt)
        with pytest.raises(ZeroDivisionError):
            x / zero  # 0 / 0 is among them
        if fmt.overflow in POLES:
            with pytest.raises(ZeroDivisionError):
                nonzero(x) / zero
            continue
        signs = np.sign(nonzero(x).raw)
        exact = Exact([Fraction(0)] * len(signs), signs.shape)
        check(lambda x=x, zero=zero: nonzero(x) / zero, exact, fmt, signs)


@functools.lru_cache(64)
def unary(name, fields, reach):
    fmt = fx.Format(*fields)
    values = [oracle.value(raw, fmt) for raw in all_raws(fields)]
    if name == "shift":
        counts = range(-reach, reach + 1)
        shifted = [x * Fraction(2) ** n for x in values for n in counts]
        return Exact(shifted, (len(values), len(counts)))
    function = {"negative": operator.neg, "absolute": abs, "astype": lambda x: x}[name]
    return Exact([function(x) for x in values], (len(values),))


@tiers
@pytest.mark.parametrize("fields", narrow_formats(WIDTHS))
def test_unary(fields, tier):
    reach = fields[0] + 3
    counts = np.arange(-reach, reach + 1)
    for mode in modes(tier, 12, fields):
        fmt = fx.Format(*fields, *mode)
        x = grid(fmt)
        check(lambda x=x: -x, unary("negative", fields, 0), fmt)
        check(lambda x=x: abs(x), unary("absolute", fields, 0), fmt)
        check(lambda x=x: x[:, None] << counts, unary("shift", fields, reach), fmt)
        check(lambda x=x: x[:, None] >> -counts, unary("shift", fields, reach), fmt)


@tiers
@pytest.mark.parametrize("fields", narrow_formats(WIDTHS))
def test_shift_by_one_number(fields, tier):
    fmt = fx.Format(*fields)
    values = [oracle.value(raw, fmt) for raw in all_raws(fields)]
    for n in range(-fields[0] - 2, fields[0] + 3):
        exact = Exact([x * Fraction(2) ** n for x in values], (len(values),))
        for mode in modes(tier, 3, fields, n):
            fmt = fx.Format(*fields, *mode)
            check(lambda fmt=fmt, n=n: grid(fmt) << n, exact, fmt)
            check(lambda fmt=fmt, n=n: grid(fmt) >> -n, exact, fmt)


@tiers
@pytest.mark.parametrize("fields", narrow_formats(WIDTHS))
def test_astype(fields, tier):
    x = grid(fx.Format(*fields, "ceil", "wrap"))
    for target in narrow_formats(WIDTHS):
        for mode in modes(tier, 5, fields, target):
            fmt = fx.Format(*target, *mode)
            check(lambda fmt=fmt: x.astype(fmt), unary("astype", fields, 0), fmt)


@pytest.mark.parametrize("fields", narrow_formats(WIDTHS))
def test_comparisons(fields):
    xs, _ = pairs(fields, fields)
    x = grid(fx.Format(*fields))
    for compare in COMPARISONS:
        expected = [[compare(a, b) for b in xs] for a in xs]
        result = compare(x[:, None], x)
        assert result.dtype == bool
        np.testing.assert_array_equal(result, expected)


MIXED = list(itertools.product(narrow_formats((2, 3)), repeat=2))


@tiers
@pytest.mark.parametrize("x_fields", narrow_formats((2, 3)))
def test_binary_of_mixed_formats(x_fields, tier):
    for y_fields in narrow_formats((2, 3)):
        for name in BINARY:
            exact = binary(name, x_fields, y_fields)
            for mode in modes(tier, 5, name, x_fields, y_fields):
                x, y = grid(fx.Format(*x_fields, *mode)), grid(fx.Format(*y_fields, *mode))
                fmt = fx.Format(*oracle.common_format(x.format, y.format))
                if name == "divide":
                    y = nonzero(y)
                check(lambda x=x, y=y, f=name: getattr(fx, f)(x[:, None], y), exact, fmt)


@tiers
@pytest.mark.parametrize("x_fields", narrow_formats((2, 3)))
def test_binary_into_a_third_format(x_fields, tier):
    x = grid(fx.Format(*x_fields, "odd", "raise"))
    for y_fields in narrow_formats((2, 3)):
        y = grid(fx.Format(*y_fields))  # the operands' modes need not agree
        for name in BINARY:
            exact = binary(name, x_fields, y_fields)
            divisor = nonzero(y) if name == "divide" else y
            for target in narrow_formats((2, 3)):
                for mode in modes(tier, 1, name, x_fields, y_fields, target):
                    fmt = fx.Format(*target, *mode)
                    function = functools.partial(getattr(fx, name), x[:, None], divisor)
                    check(lambda f=function, fmt=fmt: f(format=fmt), exact, fmt)


@tiers
@pytest.mark.parametrize("fields", narrow_formats((2, 3)))
def test_unary_into_another_format(fields, tier):
    x = grid(fx.Format(*fields, "floor", "raise"))
    for target in narrow_formats((2, 3)):
        for mode in modes(tier, 12, fields, target):
            fmt = fx.Format(*target, *mode)
            for name in ("negative", "absolute"):
                exact = unary(name, fields, 0)
                check(lambda f=name, fmt=fmt: getattr(fx, f)(x, format=fmt), exact, fmt)


@pytest.mark.parametrize(("x_fields", "y_fields"), MIXED)
def test_comparisons_of_mixed_formats(x_fields, y_fields):
    xs, ys = pairs(x_fields, y_fields)
    x, y = grid(fx.Format(*x_fields, "odd", "wrap")), grid(fx.Format(*y_fields))
    for compare in COMPARISONS:
        expected = [[compare(a, b) for b in ys] for a in xs]
        np.testing.assert_array_equal(compare(x[:, None], y), expected)
