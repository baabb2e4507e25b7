"""Stochastic rounding in the fused loops, at the edges of what a draw decides."""

import itertools
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import LAYOUTS, SEED, check_stored, fixed, raw_list

import fxtypes as fx
from fxtypes.context import random_stream
from fxtypes.kernels import calls, plan
from fxtypes.kernels.calls import Storage

BLOCKS = 2**32  # the words of a block's number are 32 bits wide: 2**34 elements
OVERFLOWS = ("saturate", "saturate_symmetric", "saturate_zero", "wrap", "raise")
WIDTHS = (7, 16, 27, 32, 64, 100, 128)
SIZE = 43  # of most arrays here: more than a vector or a group of blocks, and odd


def stream(step=0):
    return SEED % 2**64, SEED >> 64, step


def raws_of_every_magnitude(fmt, generator, size=SIZE):
    """Raw integers: the ends, what is next to 0, and random ones of every magnitude."""
    raws = [fmt.raw_min, fmt.raw_max, 0, 1, min(fmt.raw_max, 2), max(fmt.raw_min, -1)]
    while len(raws) < size:
        bits = int(generator.integers(1, fmt.width + 1))
        raw = int.from_bytes(generator.bytes(16), "little") % 2**bits
        raws.append(max(-raw if fmt.signed and len(raws) % 2 else raw, fmt.raw_min))
    return [min(raw, fmt.raw_max) for raw in raws]


def step_sizes(width):
    """Shifts worth a test: their ends within a type, and the word's boundaries."""
    return sorted({s for s in (1, 2, 31, 32, 33, 62, 63, 64, 65, 127, width - 1) if s < width})


@pytest.fixture
def pieces():
    yield calls.cut
    calls.cut(0)


# --- the draws ------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [0, 1, 5, 4 * BLOCKS - 37, 4 * BLOCKS - 2, 2**62 - 9])
@pytest.mark.parametrize("n", [1, 3, 40, 1100])
def test_draws_are_the_published_ones(first, n):
    found = calls.draws(stream(3), first, n, 2**63 + 1)
    places = [i for i in range(n) if i < 50 or i > n - 50]
    assert found[places].tolist() == [oracle.u(SEED, 3, first + i, 2**63 + 1) for i in places]


# --- every loop, layout and mode ------------------------------------------------------------


@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_another_binary_point(width, signed, overflow):
    generator = np.random.default_rng(width)
    for s, layout in itertools.product(step_sizes(width), LAYOUTS):
        source = fx.Format(width, 0, signed)
        for kept in (width, max(width - s, 2)):  # the narrower one overflows where it goes up
            fmt = fx.Format(kept, -s, signed, "stochastic", overflow)
            raws = raws_of_every_magnitude(source, generator, SIZE - 1)
            x = fixed(raws, source, (6, 7), layout)
            check_stored(lambda x=x, fmt=fmt: x.astype(fmt), map(Fraction, raws), fmt, (6, 7))


@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["multiply", "divide"])
def test_products_and_quotients(name, width, signed, overflow):
    generator = np.random.default_rng(width)
    source = fx.Format(width, 0, signed)
    for s, layout in itertools.product(step_sizes(2 * width), LAYOUTS[:2]):
        down = s if name == "multiply" else width - s
        fmt = fx.Format(width, -down, signed, "stochastic", overflow)
        a, b = (
            raws_of_every_magnitude(source, generator),
            raws_of_every_magnitude(source, generator)[::-1],
        )
        if name == "divide":
            b = [y or 1 for y in b]
            exacts = [Fraction(x, y) for x, y in zip(a, b, strict=True)]
        else:
            exacts = [Fraction(x * y) for x, y in zip(a, b, strict=True)]
        x, y = fixed(a, source, None, layout), fixed(b, source, None, layout)
        check_stored(lambda x=x, y=y, fmt=fmt: getattr(fx, name)(x, y, format=fmt), exacts, fmt,
                     (SIZE,))  # fmt: skip


@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_from_float(width, signed, overflow):
    generator = np.random.default_rng(width)
    tiny = [0.0, -0.0, 5e-324, -5e-324, 2.0**-70, -(2.0**-70), 2.0**-64, -(2.0**-64), -(2.0**-60)]
    near = [0.5, -0.5, 1 - 2.0**-53, -1 + 2.0**-53, 1.0, -1.0, 1.5, 2.0**52 - 0.5, 2.0**-33]
    for frac_bits in (-3, 0, width // 2, width + 70):
        fmt = fx.Format(width, frac_bits, signed, "stochastic", overflow)
        large = generator.normal(size=25) * 2.0 ** generator.integers(-3, width + 2, 25)
        values = np.concatenate([tiny, near, large]) * 2.0**-frac_bits
        for x in (values, np.repeat(values, 2)[::2], values[::-1]):
            exacts = [Fraction(v) for v in x.tolist()]
            check_stored(lambda x=x, fmt=fmt: fx.array(x, fmt), exacts, fmt, x.shape)


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("overflow", ["saturate", "raise"])
def test_infinities_and_overflow(width, overflow):
    fmt = fx.Format(width, 3, True, "stochastic", overflow)
    values = np.array([0.3, np.inf, -np.inf, 1e300, -1e300, 0.3])
    if overflow == "raise":
        with pytest.raises(fx.FixedOverflowError, match="4 of 6"):
            fx.array(values, fmt)
    else:
        raws = raw_list(fx.array(values, fmt))
        assert raws[1:5] == [fmt.raw_max, fmt.raw_min] * 2


@pytest.mark.parametrize("width", [16, 64])
def test_zero_divisors(width):
    fmt = fx.Format(width, 3, True, "stochastic")
    x, y = fixed([1, -1, 5], fmt), fixed([0, 0, 3], fmt)
    with fx.seeded(SEED):
        raws = raw_list(x / y)
    assert raws[:2] == [fmt.raw_max, fmt.raw_min]
    assert raws[2] == oracle.round_value(Fraction(5, 3), fmt, oracle.u(SEED, 0, 2))
    with pytest.raises(ZeroDivisionError):
        fixed([0, 1], fmt) / fixed([0, 1], fmt)


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
def test_the_general_loop_gives_the_same(monkeypatch, pieces, width, overflow):
    """Many elements, so that chunks and pieces begin anywhere; a row that broadcasts too."""
    generator = np.random.default_rng(width)
    source = fx.Format(width, width // 2)
    fmt = source.replace(rounding="stochastic", overflow=overflow)
    coarse = fmt.replace(frac_bits=width // 2 - 5)
    a = fixed(raws_of_every_magnitude(source, generator, 3 * 1777), source, (3, 1777))
    b = fixed(
        [y or 3 for y in raws_of_every_magnitude(source, generator, 3 * 1777)], source, (3, 1777)
    )
    floats = a.to_numpy() * 1.0001
    calls = [
        lambda: a.astype(coarse),
        lambda: fx.multiply(a, b, format=fmt),
        lambda: fx.multiply(a, b[1], format=fmt),
        lambda: fx.divide(a.T, b.T, format=fmt),
        lambda: fx.divide(a, b[:, :1], format=fmt),
        lambda: fx.array(floats, coarse),
    ]

    def outcomes():
        found = []
        for call in calls:
            with fx.seeded(SEED), fx.record() as events:
                found.append((raw_list(call()), events.by_operation))
            with fx.seeded(SEED):
                assert raw_list(call()) == found[-1][0]  # nothing counted
        return found

    plans = (plan.elementwise, plan.from_double, plan.one_shift)
    with monkeypatch.context() as patch:
        patch.setattr(plan, "fused_storage", lambda *arguments: Storage.NONE)
        for cached in plans:
            cached.cache_clear()
        expected = outcomes()
    for cached in plans:
        cached.cache_clear()
    for size in (0, 1000, 7):
        pieces(size)
        assert outcomes() == expected


# --- where one unit of a draw decides -------------------------------------------------------


def draws_of(count):
    return calls.draws(stream(), 0, count).tolist()


def check_both(compute, exacts, fmt):
    """As `check_stored`, and that some went up, others down."""
    result = check_stored(compute, exacts, fmt, (len(exacts),))
    up = [value > exact for value, exact in zip(result.to_fractions(), exacts, strict=True)]
    assert any(up)
    assert not all(up)


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_astype_and_multiply_where_the_last_bit_decides(width):
    source = fx.Format(width, 0)
    for s in (n for n in (1, 3, 7, 15, 31, 32, 33, 61, 62, 63, 64, 65) if n < width - 1):
        fmt = fx.Format(width, -s, rounding="stochastic")
        raws = []
        for i, u in enumerate(draws_of(64)):
            # Up from 2**s - u's top bits on; the whole part of both signs.
            edge = -(-(2**64 - u) // 2 ** (64 - s)) if s <= 64 else 2**s - u * 2 ** (s - 64)
            raws.append(max(edge - i % 2, 0) - (i // 2 % 2) * 2**s)
        x, one = fixed(raws, source), fx.FixedArray.from_raw(1, source)
        exacts = [Fraction(raw) for raw in raws]
        check_both(lambda x=x, fmt=fmt: x.astype(fmt), exacts, fmt)
        check_both(lambda x=x, one=one, fmt=fmt: fx.multiply(x, one, format=fmt), exacts, fmt)


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_divide_where_the_remainder_decides(width):
    source, fmt = fx.Format(width, 0), fx.Format(width, 0, rounding="stochastic")
    generator = np.random.default_rng(width)
    a, b = [], []
    for i, u in enumerate(draws_of(400)):
        bits = int(generator.integers(2, width - 1))
        y = int.from_bytes(generator.bytes(16), "little") % 2**bits + 2
        rest = -(-(2**64 - u) * y // 2**64)  # the least that goes up
        q = min((2 ** (width - 1) - 1 - y) // y, int(generator.integers(0, 4)))
        x = q * y + min(max(rest - i % 2, 0), y - 1)
        if i & 2:  # what is lost is y - rest
            x -= (q + 1) * y
        a.append(-x if i & 4 else x)
        b.append(-y if i & 4 else y)
    x, y = fixed(a, source), fixed(b, source)
    exacts = [Fraction(p, q) for p, q in zip(a, b, strict=True)]
    check_both(lambda: fx.divide(x, y, format=fmt), exacts, fmt)


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_from_float_where_one_unit_decides(width):
    fmt = fx.Format(width, 0, rounding="stochastic")
    draws = calls.draws(stream(), 0, 1 << 17)
    # Positive ones go up from 1 - u / 2**64 on, negative ones toward 0 down to -u / 2**64. Where
    # that is small it is a float, and its neighbours differ by less than a draw's unit.
    small = np.flatnonzero((draws < 2**51) | (draws > 2**64 - 2**51))
    assert small.size > 20
    places = [*range(300), *small[small >= 300].tolist()]
    x = np.zeros(draws.size)
    for n, i in enumerate(places):
        u = int(draws[i])
        up = n % 2 == 0 if n < 300 else u > 2**63
        edge = (2**64 - u if up else u) * 2.0**-64
        near = (edge, np.nextafter(edge, 0), np.nextafter(edge, 1))[n % 3]
        x[i] = near if up else -near
    with fx.seeded(SEED):
        found = raw_list(fx.array(x, fmt))
    expected = [oracle.round_value(Fraction(x[i]), fmt, oracle.u(SEED, 0, i)) for i in places]
    assert [found[i] for i in places] == expected
    assert {-1, 0, 1} <= set(expected[300:])
    check_both(lambda: fx.array(x[:300], fmt), [Fraction(v) for v in x[:300].tolist()], fmt)


def test_steps_count_as_before():
    """One step an operation, whichever loop does it."""
    fmt = fx.Format(16, 8, rounding="stochastic")
    x = fixed([77] * 9, fmt)
    with fx.seeded(SEED):
        for operation in (lambda: x * x, lambda: x / x, lambda: fx.array([0.3] * 9, fmt)):
            operation()
        assert random_stream.next_step()[2] == 3
