"""Elementwise arithmetic at every width, in every mode and layout."""

import functools
import operator
import random
from fractions import Fraction

import oracle
import pytest
import strategies
from checks import (
    LAYOUTS,
    arrays,
    broadcast,
    check_stored,
    exact_values,
    fixed,
    layouts,
    nonzero,
    raw_list,
    some_raws,
)
from hypothesis import given
from hypothesis import strategies as st
from oracle import ARITHMETIC, BINARY

import fxtypes as fx

names = st.sampled_from(list(BINARY))

symbols = st.sampled_from(list(ARITHMETIC))


def check_binary(data, name, x_fmt, y_fmt, target=None, symbol=False):
    drawn = data.draw(strategies.shape_pairs)
    x_shape, y_shape = drawn.input_shapes
    x_raws, x = data.draw(arrays(x_fmt, x_shape))
    y_raws, y = data.draw(arrays(y_fmt, y_shape))
    if name == "divide":
        y_raws = nonzero(y_raws)
        y = fixed(y_raws, y_fmt, y_shape, data.draw(layouts))
    xs = broadcast(x_raws, x_fmt, x_shape, drawn.result_shape)
    ys = broadcast(y_raws, y_fmt, y_shape, drawn.result_shape)
    exact = [BINARY[name](a, b) for a, b in zip(xs, ys, strict=True)]
    fmt = target or fx.Format(*oracle.common_format(x_fmt, y_fmt))

    def compute():
        if symbol:
            return ARITHMETIC[name](x, y)
        return getattr(fx, name)(x, y, format=target)

    check_stored(compute, exact, fmt, drawn.result_shape, name)
    assert raw_list(x) == x_raws
    assert raw_list(y) == y_raws


@given(st.data(), names, strategies.formats())
def test_equal_formats(data, name, fmt):
    check_binary(data, name, fmt, fmt)


@given(st.data(), symbols, strategies.formats())
def test_operators(data, name, fmt):
    check_binary(data, name, fmt, fmt, symbol=True)


@given(st.data(), names, strategies.formats())
def test_mixed_formats(data, name, x_fmt):
    y_fmt = data.draw(
        strategies.formats(
            frac_bits=strategies.near(x_fmt),
            rounding=st.just(x_fmt.rounding),
            overflow=st.just(x_fmt.overflow),
        )
    )
    try:
        oracle.common_format(x_fmt, y_fmt)
    except oracle.OracleFormatError:
        x, y = fixed([0], x_fmt), fixed([1], y_fmt)
        with pytest.raises(fx.FormatError, match="format="):
            getattr(fx, name)(x, y)
    else:
        check_binary(data, name, x_fmt, y_fmt)


@given(st.data(), names, strategies.formats(), strategies.formats(), strategies.formats())
def test_any_three_formats(data, name, x_fmt, y_fmt, target):
    check_binary(data, name, x_fmt, y_fmt, target)


@given(st.data(), names, strategies.formats())
def test_three_formats_near_each_other(data, name, target):
    x_fmt = data.draw(strategies.formats(frac_bits=strategies.near(target)))
    y_fmt = data.draw(strategies.formats(frac_bits=strategies.near(target)))
    check_binary(data, name, x_fmt, y_fmt, target)


@pytest.mark.parametrize("width", strategies.EDGE_WIDTHS)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("name", BINARY)
def test_the_extremes(width, signed, name):
    """All pairs of the hardest values, in every rounding mode, long enough for vector loops."""
    for number, rounding in enumerate(fx.Rounding):
        overflow = list(fx.Overflow)[number % 4]
        fmt = fx.Format(width, width // 2, signed, rounding, overflow)
        low, high = fmt.raw_min, fmt.raw_max
        edges = {low, low + 1, low // 2, -1, 0, 1, 2, 3, high // 2, high // 2 + 1, high - 1, high}
        raws = sorted(raw for raw in edges if low <= raw <= high)
        xs = [a for a in raws for _ in raws] * 2
        ys = [b for _ in raws for b in raws] * 2
        if name == "divide":
            ys = nonzero(ys)
        exact = [
            BINARY[name](oracle.value(a, fmt), oracle.value(b, fmt))
            for a, b in zip(xs, ys, strict=True)
        ]
        x, y = fixed(xs, fmt), fixed(ys, fmt)
        check_stored(lambda x=x, y=y: getattr(fx, name)(x, y), exact, fmt, x.shape, name)


def raws_of_all_sizes(fmt, count, chosen):
    """Pairs whose quotients lie near numbers and ties of the format, or anywhere, of any size."""
    pairs = []
    for _ in range(count):
        x, y, near = (chosen.randrange(-1 << bits, 1 << bits)
                      for bits in chosen.choices(range(1, fmt.width), k=3))  # fmt: skip
        if chosen.random() < 0.4:
            x = (near * y >> chosen.choice((fmt.frac_bits, fmt.frac_bits + 1))) + chosen.choice(
                (-1, 0, 0, 1)
            )
        if chosen.random() < 0.1:
            x, y = (chosen.choice((fmt.raw_min, fmt.raw_max, -1)) for _ in "xy")
        pairs.append((oracle.overflow(x, fmt), y or 1))
    return pairs


@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.parametrize("fraction", [0, 0.25, 0.5, 0.95])
@pytest.mark.parametrize("width", [9, 20, 33, 48, 63, 64, 65, 96, 127, 128])
def test_many_elements_of_all_sizes(width, fraction, name):
    chosen = random.Random(width * 10 + fraction)
    for number, rounding in enumerate(fx.Rounding):
        overflow = list(fx.Overflow)[number % 4]
        fmt = fx.Format(width, int(width * fraction), True, rounding, overflow)
        pairs = raws_of_all_sizes(fmt, chosen.choice((10, 19, 37, 60)), chosen)
        x, y = (fixed(raws, fmt) for raws in zip(*pairs, strict=True))
        exact = [ARITHMETIC[name](oracle.value(a, fmt), oracle.value(b, fmt)) for a, b in pairs]
        check_stored(lambda x=x, y=y: ARITHMETIC[name](x, y), exact, fmt, x.shape)


# x * y of formats of so many bits, half of them fractions, lies so far outside the range, in units
# of the last bit. Factors: 2**65 + 1 is a multiple of 33, 2**64 + 1 of 274177, and so on.
BESIDE_THE_RANGE = {
    64: {
        0.25: (33 << 30, (2**65 + 1) // 33),
        0.5: (274177 << 31, (2**64 + 1) // 274177),
        -0.25: (31 << 30, (2**65 - 1) // 31),
    },
    128: {
        0.25: (9 << 62, (2**129 + 1) // 9),
        0.5: (59649589127497217 << 63, (2**128 + 1) // 59649589127497217),
        -0.25: (7 << 62, (2**129 - 1) // 7),
    },
}


@pytest.mark.parametrize("overflow", fx.Overflow)
@pytest.mark.parametrize("width", BESIDE_THE_RANGE)
def test_products_that_are_rounded_at_the_ends(width, overflow):
    one = 1 << width // 2
    pairs = [(x * s, y) for x, y in BESIDE_THE_RANGE[width].values() for s in (1, -1)]
    for (x, y), beyond in zip(pairs[::2], BESIDE_THE_RANGE[width], strict=True):
        assert Fraction(x * y, one) == (1 << width - 1) + Fraction(beyond)
    pairs += [(-(1 << width - 1), one), (-1, 1), (1, 1), (0, 5)]
    for rounding in fx.Rounding:
        fmt = fx.Format(width, width // 2, True, rounding, overflow)
        for chosen in [pairs, *([pair] * 9 for pair in pairs)]:
            x, y = (fixed(raws, fmt) for raws in zip(*chosen, strict=True))
            exact = [oracle.value(a, fmt) * oracle.value(b, fmt) for a, b in chosen]
            check_stored(lambda x=x, y=y: x * y, exact, fmt, x.shape, "multiply")


@pytest.mark.parametrize("overflow", fx.Overflow)
@pytest.mark.parametrize("name", [*ARITHMETIC, "convert"])
@pytest.mark.parametrize("width", [64, 101, 128])
def test_every_mode_of_two_words(width, name, overflow):
    chosen = random.Random(f"{width} {name} {overflow}")
    for rounding in fx.Rounding:
        fmt = fx.Format(width, width // 3, True, rounding, overflow)
        for size in (4, 8, 21):
            pairs = raws_of_all_sizes(fx.Format(width, width // 3), size, chosen)
            x, y = (fixed(raws, fmt) for raws in zip(*pairs, strict=True))
            values = [[oracle.value(r, fmt) for r in pair] for pair in pairs]
            if name == "convert":
                source = fx.Format(width, width // 3 + 7)
                x, exact = fx.FixedArray.from_raw(x.raw, source), [a / 2**7 for a, _ in values]
                check_stored(lambda x=x, fmt=fmt: x.astype(fmt), exact, fmt, x.shape, name)
            else:
                exact = [ARITHMETIC[name](a, b) for a, b in values]
                check_stored(lambda x=x, y=y: ARITHMETIC[name](x, y), exact, fmt, x.shape, name)


# Operands and results of several storages and binary points: all that one type can hold, aligned.
THREE_FORMATS = [
    ((16, 8), (32, 4), (64, 20)),
    ((8, 0), (64, 32), (64, 32)),
    ((8, 0), (32, 30), (32, 26)),
    ((64, 32), (8, 0), (16, 3)),
    ((100, 50), (64, 60), (128, 64)),
    ((5, 0), (128, 64), (128, 64)),
    ((128, 64), (128, 64), (64, 32)),
    ((64, 32, False), (16, 4), (64, 30)),
    ((32, 16, False), (32, 16, False), (32, 16, False)),
    ((16, 7, False), (16, 7, False), (16, 7, False)),
    ((64, 9, False), (64, 12, False), (64, 12, False)),
    ((128, 9, False), (128, 9, False), (128, 9, False)),
    ((7, 3, False), (30, -2), (31, -1)),
]


@pytest.mark.parametrize("overflow", fx.Overflow)
@pytest.mark.parametrize("formats", THREE_FORMATS, ids=str)
def test_many_elements_of_three_formats(formats, overflow):
    chosen = random.Random(f"{formats} {overflow}")
    first, second, third = (fx.Format(*fmt) for fmt in formats)
    for number, rounding in enumerate(fx.Rounding):
        target = third.replace(rounding=rounding, overflow=overflow)
        size, layout = (3, 11, 16, 37)[number % 4], LAYOUTS[number % 3]
        xs, ys = (some_raws(chosen, fmt, size) for fmt in (first, second))
        x, y = fixed(xs, first, layout=layout), fixed(ys, second, layout=layout)
        pairs = [(oracle.value(a, first), oracle.value(b, second))
                 for a, b in zip(xs, ys, strict=True)]  # fmt: skip
        for name, function in {**ARITHMETIC, "minimum": min, "maximum": max}.items():
            if name == "divide" and 0 in ys:
                continue
            exact = [function(*pair) for pair in pairs]
            compute = functools.partial(getattr(fx, name), x, y, format=target)
            check_stored(compute, exact, target, (size,), name)
        values = [a for a, _ in pairs]
        check_stored(lambda x=x, f=target: x.astype(f), values, target, (size,), "convert")
        for name, function in (("negative", operator.neg), ("absolute", abs)):
            compute = functools.partial(getattr(fx, name), x, format=target)
            check_stored(compute, list(map(function, values)), target, (size,), name)


def test_shapes_that_do_not_broadcast():
    fmt = fx.Format(8, 0)
    with pytest.raises(ValueError, match=r"\(3,\).*\(4,\)"):
        fx.zeros(3, format=fmt) + fx.zeros(4, format=fmt)
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2,\)"):
        operator.lt(fx.zeros((2, 3), format=fmt), fx.zeros(2, format=fmt))


@given(st.data(), strategies.formats(), strategies.shapes())
def test_negative_and_absolute(data, fmt, shape):
    raws, x = data.draw(arrays(fmt, shape))
    values = [oracle.value(raw, fmt) for raw in raws]
    check_stored(lambda: -x, [-v for v in values], fmt, shape, "negative")
    check_stored(lambda: abs(x), [abs(v) for v in values], fmt, shape, "absolute")
    check_stored(lambda: fx.negative(x), [-v for v in values], fmt, shape, "negative")
    check_stored(lambda: fx.absolute(x), [abs(v) for v in values], fmt, shape, "absolute")


@given(st.data(), strategies.formats())
def test_sign_and_square(data, fmt):
    _, x = data.draw(arrays(fmt, (5,)))
    target = data.draw(st.none() | strategies.formats())
    values, result = exact_values(x), target or fmt
    signs = [Fraction((v > 0) - (v < 0)) for v in values]
    check_stored(lambda: fx.sign(x, format=target), signs, result, (5,), "sign")
    squares = [v * v for v in values]
    check_stored(lambda: fx.square(x, format=target), squares, result, (5,), "square")


def test_plus_is_positive():
    lowest = fx.FixedArray.from_raw([-128], fx.Format(8, 0, overflow="saturate_symmetric"))
    with fx.record() as events:
        assert (+lowest).raw.tolist() == fx.positive(lowest).raw.tolist() == [-127]
    assert events.by_operation["positive"]["overflow"] == 2
