"""softmax, log_softmax and logsumexp at every storage's width, in every mode, over every axis.

The longer sweeps stand in tests/elementary/test_rows.py; these run once for each CPU level.
"""

import math
import random

import numpy as np
import pytest
from checks import LAYOUTS, SEED, fixed
from elementary_checks import ROW_FUNCTIONS, Rows, row_of

import fxtypes as fx
from fxtypes.elementary import evaluate_rows
from fxtypes.kernels import elementary
from fxtypes.kernels.calls import KERNELS

# Elements of each storage; results to one, two, three and four limbs, at each level.
FORMATS = [
    (fx.Format(8, 5), fx.Format(8, 5)),
    (fx.Format(16, 8), fx.Format(16, 8)),
    (fx.Format(16, 10, signed=False), fx.Format(16, 15)),
    (fx.Format(24, 12), fx.Format(24, 16, signed=False)),
    (fx.Format(32, 16), fx.Format(32, 16)),
    (fx.Format(32, 32, signed=False), fx.Format(59, 12)),
    (fx.Format(48, 30), fx.Format(60, 30)),
    (fx.Format(64, 32), fx.Format(64, 32)),
    (fx.Format(64, 40, signed=False), fx.Format(64, 32, signed=False)),
    (fx.Format(64, 60), fx.Format(64, 56)),
    (fx.Format(100, 50), fx.Format(100, 60)),
    (fx.Format(128, 64), fx.Format(128, 64)),
    (fx.Format(128, 64, signed=False), fx.Format(16, 8)),
    (fx.Format(128, 100, signed=False), fx.Format(128, 90, signed=False)),
    (fx.Format(128, 124), fx.Format(128, 122)),
    (fx.Format(128, 64), fx.Format(128, 200)),
    (fx.Format(16, 8), fx.Format(128, 110)),
    (fx.Format(16, 8), fx.Format(128, 16)),
    (fx.Format(16, 2), fx.Format(16, -3)),
    (fx.Format(16, -4), fx.Format(32, 4)),
]
SHAPES = [((6,), -1), ((6,), 0), ((2, 3), 1), ((2, 3), 0), ((3, 2), 2), ((1, 6, 1), 1)]


def near(chosen, fmt, length, width):
    """Elements within some distance of one, as far as the format reaches."""
    middle = chosen.randint(fmt.raw_min, fmt.raw_max)
    spread = max(math.floor(width / fmt.resolution), 2)
    raws = (middle + chosen.randint(-spread, spread) for _ in range(length))
    return [min(max(raw, fmt.raw_min), fmt.raw_max) for raw in raws]


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
@pytest.mark.parametrize(("fmt", "result"), FORMATS, ids=str)
def test_sample(name, fmt, result):
    chosen = random.Random(f"{name} {fmt} {result}")
    for length in (1, 2, chosen.randint(3, 9), 10, chosen.randint(11, 30)):
        rows = [row_of(chosen, fmt, length) for _ in range(3)]
        rows += [near(chosen, fmt, length, chosen.choice((0.01, 3, 14, 90))) for _ in range(3)]
        case = Rows(name, rows, fmt, result.frac_bits)
        overflows = chosen.sample(list(fx.Overflow), 5)
        for number, rounding in enumerate(fx.Rounding):
            kept, axis = chosen.choice(SHAPES)
            stored = result.replace(rounding=rounding, overflow=overflows[number % 5])
            case.check(stored, kept, axis, chosen.choice(LAYOUTS))


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
@pytest.mark.parametrize("width", [4, 8, 16, 32, 64, 128])
def test_both_ends_of_a_format(name, width):
    """Nothing on the way is larger than the differences of elements."""
    for places in (0, width // 2, width, width + 70):
        for signed in (True, False):
            fmt = fx.Format(width, places, signed)
            low, high = fmt.raw_min, fmt.raw_max
            rows = [
                [low, high, low], [high, high, low], [high, high, high], [low, low, low],
                [low, low + 1, low], [high - 1, high, high], [high, high - 1, low], [low, low, 0],
            ]  # fmt: skip
            for result in (fmt, fx.Format(16, 8), fx.Format(128, 120)):
                case = Rows(name, rows, fmt, result.frac_bits)
                for rounding in ("nearest_even", "floor", "ceil", "stochastic"):
                    for overflow in ("saturate", "wrap"):
                        case.check(result.replace(rounding=rounding, overflow=overflow))


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7, 8, 10, 64, 100, 128])
def test_equal_elements(length):
    """1 / n, a dyadic number where n is a power of two: exact, a tie, or below the last bit."""
    for fmt in (fx.Format(16, 8), fx.Format(64, 32), fx.Format(128, 64)):
        row = [fmt.raw_max // 3] * length
        for places in (-1, 0, 1, 2, 5, 6, 7, 8, 40, 62, 126):
            case = Rows("softmax", [row], fmt, places)
            for rounding in fx.Rounding:
                case.check(fx.Format(max(places + 2, 8), places, rounding=rounding))


@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_a_probability_of_one_that_does_not_fit(overflow):
    fmt = fx.Format(16, 8)
    rows = [[-100, 32767, -32768], [5, 5, 5], [-32768, -32768, 32767]]
    for result in (fx.Format(16, 15), fx.Format(16, 16), fx.Format(16, 40), fx.Format(64, 63)):
        case = Rows("softmax", rows, fmt, result.frac_bits)
        for rounding in ("nearest_even", "ceil", "floor", "stochastic"):
            case.check(result.replace(rounding=rounding, overflow=overflow))


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
@pytest.mark.parametrize("width", [16, 32, 64, 128])
def test_tails(name, width):
    """Elements far below the greatest: their share next to 0, its share next to 1 or 1/2."""
    fmt = fx.Format(width, max(width // 2 - 2, 0))
    one = 1 << fmt.frac_bits
    for result in (fx.Format(width, width // 2), fx.Format(128, 96), fx.Format(16, 0)):
        bits = result.frac_bits + 2
        distances = [math.floor((bits + d) * math.log(2) * one) for d in range(-3, 72, 5)]
        top = fmt.raw_max // 2
        rows = [[top, max(top - d, fmt.raw_min), top - one] for d in distances]
        rows += [[top, max(top - d, fmt.raw_min), top] for d in distances]
        rows += [[top] + [max(top - d, fmt.raw_min)] * 2 for d in distances]
        case = Rows(name, rows, fmt, result.frac_bits)
        for rounding in ("nearest_even", "floor", "ceil", "odd", "stochastic"):
            case.check(result.replace(rounding=rounding, overflow="saturate"))


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
def test_elements_next_to_each_other(name):
    """The results hug 1/n, or log n beside an element, for as long as the elements are near."""
    for fmt in (fx.Format(64, 60), fx.Format(128, 120), fx.Format(16, 90), fx.Format(16, 256)):
        raw = fmt.raw_max // 7
        rows = [[raw, raw + 1, raw, raw + d] for d in (0, 1, 2, 5, 100)]
        for result in (fx.Format(16, 8), fx.Format(64, 60), fx.Format(128, 122)):
            case = Rows(name, rows, fmt, result.frac_bits)
            for rounding in ("nearest_even", "ceil", "stochastic"):
                case.check(result.replace(rounding=rounding), axis=0)


def outcome(function, name, raw, fmt, axis, result):
    """Storage and counts, or the error."""
    with fx.seeded(SEED):
        try:
            with fx.record() as events:
                found = function(name, raw, fmt, axis, result)
        except fx.FixedOverflowError as error:
            return str(error)
    return found.shape, found.dtype, found.tobytes(), events.by_operation


def check_by_reference(name, x, axis, result):
    arguments = name, x._storage, x.format, axis, result
    assert outcome(evaluate_rows.evaluate_rows, *arguments) == outcome(
        evaluate_rows.by_reference, *arguments
    )


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((2, 127), 1), ((3, 1000), 1), ((1000, 3), 0), ((511, 20), 0), ((513, 18), 0),
        ((1100, 9), 0), ((2, 100, 5), 1), ((9000,), 0), ((1, 8193), 1), ((200, 3, 4), 0),
        ((2, 1030, 2, 2), 1), ((3000, 2), 1), ((700, 1), 1), ((5, 40, 9), 0),
    ],
)  # fmt: skip
def test_long_rows_as_the_reference(name, shape, axis):
    """Rows in one tile and in several, and rows longer than a tile."""
    chosen = random.Random(f"{name} {shape}")
    for fmt in (fx.Format(16, 8), chosen.choice((fx.Format(64, 40), fx.Format(128, 64)))):
        raws = [row_of(chosen, fmt, math.prod(shape)) for _ in range(2)]
        raws.append(near(chosen, fmt, math.prod(shape), 9))
        for number, row in enumerate(raws):
            x = fixed(row, fmt, shape, chosen.choice(LAYOUTS))
            if number == 1:
                x = fx.broadcast_to(x[..., :1], shape)
            rounding = chosen.choice(("nearest_even", "floor", "stochastic"))
            result = fmt.replace(
                frac_bits=fmt.width - 3,
                rounding=rounding,
                overflow=chosen.choice(list(fx.Overflow)),
            )
            check_by_reference(name, x, axis, result)


@pytest.mark.parametrize("name", ["logsumexp"])
def test_errors_of_long_rows(name):
    """What the powers of all elements may be off by is more than a last bit, and than a limb."""
    fmt = fx.Format(128, 64)
    low = -math.floor((math.log(65_534) + 66 * math.log(2) + 0.2) * 2**64)
    x = fixed([0] + [low] * 65_534, fmt)
    check_by_reference(name, x, 0, fx.Format(128, 192, rounding="floor"))


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_the_first_value_that_overflows(name, width):
    """The message names the first in C order, and its value, in whatever order rows are done."""
    chosen = random.Random(f"{name} {width}")
    for _ in range(60):
        fmt = fx.Format(width, chosen.choice((0, width // 2, width - 2)))
        shape = chosen.choice(((4, 3), (3, 4, 2), (300, 2), (2, 6, 30)))
        raws = [chosen.randint(fmt.raw_min, fmt.raw_max) for _ in range(math.prod(shape))]
        x = fixed(raws, fmt, shape, chosen.choice(LAYOUTS))
        rounding = chosen.choice(("nearest_even", "stochastic"))
        result = fx.Format(
            chosen.choice((4, 8, width)), chosen.choice((3, 14, 150)), rounding=rounding,
            overflow="raise",
        )  # fmt: skip
        check_by_reference(name, x, chosen.randrange(x.ndim), result)


# At most so many of a million elements may be left open by the first evaluation.
@pytest.mark.parametrize(
    ("width", "most"),
    # Powers of 52 bits are enough for 34 of a result.
    [(8, 1), (16, 1), (32, 1), (64, 1000 if KERNELS == "avx512ifma" else 20), (128, 2000)],
    ids=str,
)
@pytest.mark.parametrize("name", ROW_FUNCTIONS)
def test_how_elements_are_settled(name, width, most):
    x = np.random.default_rng(5).uniform(-3, 3, (4000, 10))
    a = fx.array(x, fx.Format(width, width // 2))
    for rounding in ("nearest_even", "stochastic"):
        before = elementary.settled()
        result = a.format.replace(rounding=rounding)
        count = getattr(fx, name)(a, 1, format=result).size
        after = elementary.settled()
        found = {step: after[step] - before[step] for step in after}
        if width == 8:  # where some rows are equal, or all but one element far off
            found["analysis"] = 0
        assert found["reference"] == found["four limbs"] == 0
        assert sum(found.values()) <= math.ceil(count * most / 1e6) + 2, found


def test_the_last_resort_is_counted():
    fmt = fx.Format(16, 256)
    before = elementary.settled()["reference"]
    fx.softmax(fixed([5, 6, 7, -2], fmt), format=fx.Format(16, 15))
    assert elementary.settled()["reference"] > before


def test_errors_of_the_reference_arrive():
    def reference(raws, frac_bits, out_bits):
        raise ZeroDivisionError(f"{raws} {frac_bits} {out_bits}")

    fmt, result = fx.Format(16, 256), fx.Format(16, 15)
    step = elementary.RowStep("softmax", 0, fmt, result, 1, reference)
    x = fixed([5, 6, -7, 9] * 3, fmt, (3, 4))
    with pytest.raises(ZeroDivisionError, match=r"\[5, 6, -7, 9\] 256 17"):
        elementary.evaluate_rows(step, x._storage, 1)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0, 2), (0,)])
def test_no_rows_or_nothing_in_them(shape):
    x = fx.zeros(shape, fx.Format(16, 8))
    for axis, length in enumerate(shape):
        for name in ROW_FUNCTIONS:
            if length:
                found = getattr(fx, name)(x, axis)
                kept = tuple(n for i, n in enumerate(shape) if i != axis)
                assert found.shape == (kept if name == "logsumexp" else shape)
            elif math.prod(shape[:axis] + shape[axis + 1 :]):
                with pytest.raises(ValueError, match=name):
                    getattr(fx, name)(x, axis)


@pytest.mark.parametrize("name", ROW_FUNCTIONS)
@pytest.mark.parametrize("fmt", [fx.Format(16, 8), fx.Format(64, 32), fx.Format(128, 64)], ids=str)
def test_what_holds_of_every_row(name, fmt):
    """Shares add up to about 1, grow with the elements, and don't change with all of them."""
    rng = np.random.default_rng(9)
    x = fx.array(np.sort(rng.uniform(-3, 3, (50, 12)), 1), fmt)
    found = getattr(fx, name)(x, 1)
    shifted = getattr(fx, name)(x + 2, 1, format=fmt)
    if name == "logsumexp":
        assert (shifted == found + 2).all()
        assert (found >= fx.max(x, 1)).all()
        return
    assert (shifted == found).all()
    assert (np.diff(found.raw.astype(object), axis=1) >= 0).all()
    if name == "softmax":
        total = found.raw.astype(object).sum(1) - (1 << fmt.frac_bits)
        assert (abs(total) <= 6).all()
