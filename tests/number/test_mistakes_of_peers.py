"""Mistakes that fixed-point libraries make. Each test computes what the mistake would answer, or
says it, so that it can't pass by chance."""

import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import fixed, raw_list, scaled

import fxtypes as fx

Q = fx.Format(16, 8)
WIDTHS = [8, 16, 32, 64, 128]


def wrapped(raw, width):
    """What is left of an integer in a limb of `width` bits."""
    return oracle.overflow(raw, fx.Format(width, 0, overflow="wrap"))


# --- shifts, carries, limits ----------------------------------------------------------------


@pytest.mark.parametrize("overflow", ["saturate", "saturate_symmetric", "saturate_zero"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_left_shift_overflows_its_limb_before_saturation(width, overflow):
    source = fx.Format(width, 0)
    misled = 0
    for shift in (width - 2, width - 1, width, 2 * width - 1, 2 * width):
        target = fx.Format(width, shift, overflow=overflow)
        for raw in (-3, 3, 5, source.raw_min, source.raw_max):
            expected = oracle.overflow(raw << shift, target)
            mistake = oracle.overflow(wrapped(raw << shift, width), target)
            misled += mistake != expected
            x = fixed([raw] * 5, source)
            assert raw_list(x.astype(target)) == [expected] * 5
            assert raw_list(fx.array([raw] * 5, target)) == [expected] * 5
            assert raw_list(fx.multiply(x, 1, format=target)) == [expected] * 5
            assert raw_list(x.view_as(target.replace(frac_bits=0)) << shift) == [expected] * 5
    assert misled


def test_minus_three_from_32_to_62_fraction_bits():
    assert fx.array(-3, fx.Format(64, 32)).astype(fx.Format(64, 62)).item() == -2  # not +1


def test_a_left_shift_overflows_its_limb_before_raise():
    x = fx.array(-3, fx.Format(64, 32))
    with pytest.raises(fx.FixedOverflowError, match="-3"):
        x.astype(fx.Format(64, 62, overflow="raise"))


@pytest.mark.parametrize(
    ("raw", "source", "target"),
    [
        (2**64 - 1, fx.Format(64, 1, False), fx.Format(64, 0, False)),
        (2**64 - 1, fx.Format(65, 1, False), fx.Format(65, 0, False)),
        (2**65 - 1, fx.Format(65, 1, False), fx.Format(65, 0, False)),
        (2**66 - 1, fx.Format(67, 1), fx.Format(67, 0)),
        (2**65 - 1, fx.Format(128, 1), fx.Format(66, 0)),
        (2**127 - 1, fx.Format(128, 1), fx.Format(128, 0)),
        (2**128 - 1, fx.Format(128, 1, False), fx.Format(128, 0, False)),
        (2**128 - 1, fx.Format(128, 63, False), fx.Format(128, 0, False)),
        (2**128 - 1, fx.Format(128, 64, False), fx.Format(128, 0, False)),
        (2**128 - 1, fx.Format(128, 64, False), fx.Format(65, 0, False)),
        (2**128 - 1, fx.Format(128, 128, False), fx.Format(128, 0, False)),
    ],
)
def test_a_rounding_carry_out_of_a_full_limb(raw, source, target):
    # All bits are ones: with the carry lost at the end of a limb, 0 comes out.
    rounded = oracle.round_value(oracle.value(raw, source), target)
    assert rounded.bit_count() == 1
    assert raw_list(fixed([raw] * 3, source).astype(target)) == [rounded] * 3
    assert raw_list(fx.multiply(fixed([raw] * 3, source), 1, format=target)) == [rounded] * 3


@pytest.mark.parametrize("width", [2, 7, 8, 9, 16, 31, 32, 33, 63, 64, 65, 127, 128])
def test_the_most_negative_value_to_float(width):
    # Negated in its own width it is itself again, and comes out as 0 or with the other sign.
    fmt = fx.Format(width, 3)
    lowest, expected = fixed([fmt.raw_min], fmt), -(2.0 ** (width - 4))
    assert lowest.to_numpy().tolist() == lowest.tolist() == np.asarray(lowest).tolist()
    assert lowest.tolist() == [expected]
    assert lowest.to_numpy(np.float32).tolist() == [expected]
    assert float(lowest) == expected
    assert Fraction(format(lowest[0], ".9f")) == Fraction(expected)
    assert Fraction(str(lowest[0])) == Fraction(expected)
    assert (lowest == expected).all()


# --- sums -----------------------------------------------------------------------------------


@pytest.mark.parametrize("overflow", list(fx.Overflow))
@pytest.mark.parametrize("width", WIDTHS)
def test_a_sum_whose_accumulator_leaves_its_own_format(width, overflow):
    # Added one by one in the array's format, high + high is cut off, wraps or raises.
    fmt = fx.Format(width, 0, overflow=overflow)
    high = fmt.raw_max
    raws = [high] * 200 + [-high] * 200 + [7]
    x = fixed(raws, fmt)
    assert raw_list(x.sum()) == [7]
    assert raw_list(np.sum(x)) == [7]
    assert raw_list(x @ fixed([1] * 401, fmt)) == [7]
    assert raw_list(fixed([high] * 401, fmt).mean()) == [high]
    if overflow != "raise":  # the prefixes themselves overflow
        assert raw_list(x.cumsum()[-1]) == [7]
    grid = fixed(raws * 2, fmt, (2, 401))
    assert raw_list(grid.sum(axis=1)) == [7, 7]
    assert raw_list(grid.T.sum(axis=0)) == [7, 7]


@pytest.mark.parametrize("width", WIDTHS)
def test_results_that_depend_on_the_order_of_a_sum(width):
    fmt = fx.Format(width, 2)
    drawn = [oracle.u(0, 0, i) * oracle.u(0, 1, i) % fmt.raw_max for i in range(500)]
    raws = [*drawn, *(-r for r in drawn), 3]
    weights = [r % 4 for r in range(500)] * 2 + [2]
    found, mistakes = set(), set()
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(raws))
        x, w = fixed(raws, fmt)[order], fixed(weights, fx.Format(8, 1))[order]
        total = 0
        for raw in raw_list(x):
            total = oracle.overflow(total + raw, fmt)
        mistakes.add(total)
        results = (x.sum(), x.var(format=fx.Format(128, 0)), fx.matmul(x, w))
        found.add(tuple(raw for result in results for raw in raw_list(result)))
    assert len(mistakes) > 1
    ((total, _, product),) = found
    assert total == product == 3  # units of 2**-2: the last number, times 1


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("overflow", ["saturate", "saturate_symmetric", "saturate_zero", "wrap"])
def test_stochastic_rounding_inside_an_accumulator(width, overflow):
    # A rival's process dies here.
    fmt = fx.Format(width, width // 2)
    accumulator = fx.Format(width, width // 4, rounding="stochastic", overflow=overflow)
    a = [(7 * i) % 97 - 48 for i in range(12)]
    b = [(5 * i) % 89 - 44 for i in range(8)]
    with fx.seeded(5):
        found = fx.matmul(fixed(a, fmt, (3, 4)), fixed(b, fmt, (4, 2)), accumulator=accumulator)
    lines, _ = scaled(oracle.matmul_terms(a, b, (3, 4, 2)), (fmt, fmt))
    for index, (raw, line) in enumerate(zip(raw_list(found), lines, strict=True)):
        expected, _ = oracle.accumulate(
            line, accumulator, fmt, lambda k, i=index: oracle.u(5, 0, i, k)
        )
        assert raw == expected


def test_mean_divides_after_rounding():
    # Their sum in the format itself is 7.9375 or wraps, and half a unit lost before the division.
    x = fx.array([7, 7, 7, 6], fx.Format(8, 4))
    assert x.mean().item() == Fraction(27, 4)
    assert np.mean(x).item() == Fraction(27, 4)
    coarse = fx.array([1, 2, 2], fx.Format(8, 0))
    fine = fx.Format(16, 8)
    assert coarse.mean(format=fine).raw == oracle.round_value(Fraction(5, 3), fine)
    assert coarse.mean(format=fine).item() != 2  # the mean of the array's own format, converted
    # Each rounded first, they are 0, 0, 0 and 2.
    halves = fx.array([0.5, 0.5, 0.5, 2.5], fx.Format(8, 1))
    assert halves.mean(format=fx.Format(8, 0)).item() == 1


# --- numbers that come in -------------------------------------------------------------------


@pytest.mark.parametrize("rounding", ["nearest_even", "floor", "ceil", "odd"])
def test_double_rounding_through_float64(rounding):
    wide = fx.Format(128, 64, rounding=rounding)
    for exact in (2**53 + 1, 2**62 + 1, -(2**62) - 3, 2**60 + 2**6 + 1):
        assert int(float(exact)) != exact  # what float64 would make of it
        for value in (exact, str(exact), Decimal(exact), Fraction(exact), [exact, 0.5][:1]):
            assert fx.array(value, wide).reshape(()).item() == exact
        for array in (np.array([exact]), np.array([exact], object), [exact], [[exact]]):
            assert fx.array(array, wide).reshape(()).item() == exact
        assert fx.array([exact, 0.5], wide)[0].item() == exact  # NumPy would make both floats
    assert fx.array(np.array([2**64 - 1], np.uint64), wide.replace(frac_bits=0)).item() == 2**64 - 1
    long = "0.1000000000000000055511151231257827021181583404541015624"  # float("0.1") less a bit
    assert Fraction(float(long)) != Fraction(long)
    fine = fx.Format(128, 120, rounding=rounding)
    for value in (long, Decimal(long), Fraction(long)):
        assert fx.array(value, fine).raw == oracle.round_value(Fraction(long), fine)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("0.50000000000000000000001", 1),  # float64 sees the tie 0.5, which goes to 0
        ("1.49999999999999999999999", 1),  # float64 sees 1.5, which goes to 2
        ("2.50000000000000000000001", 3),
    ],
)
def test_double_rounding_of_decimal_strings(text, nearest):
    fmt = fx.Format(8, 0)
    for value in (text, Decimal(text), Fraction(text), np.array([text])):
        assert fx.array(value, fmt).reshape(()).item() == nearest
        assert fx.array(float(text), fmt).item() != nearest


def test_double_rounding_of_wide_values_to_narrow_ones():
    # 2**64 + 2**11 + 1 lies above the tie that float64 (53 bits) rounds it to.
    fmt, narrow = fx.Format(100, 12), fx.Format(70, 0)
    raw = 2**74 + 2**11 + 1
    assert fixed([raw], fmt).astype(narrow).raw[0] == 2**62 + 1
    assert fixed([raw], fmt).to_numpy(np.float32)[0] == np.float32(2.0**62)
    # To float32 through float64: 2**24 + 1 + 2**-40 is a tie once float64 has rounded it.
    raw = (2**24 + 1) * 2**40 + 1
    x = fixed([raw], fx.Format(128, 40))
    assert x.to_numpy(np.float32)[0] == 2**24 + 2
    assert np.float32(x.to_numpy()[0]) == 2**24  # twice rounded


@pytest.mark.parametrize("width", [2, 7, 8, 16, 31, 32, 63, 64, 65, 128])
@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_silent_wrap_around_of_a_raw_value_out_of_range(width, overflow):
    for signed in (True, False):
        fmt = fx.Format(width, 0, signed, overflow=overflow)
        for raw in (fmt.raw_max + 1, fmt.raw_min - 1, fmt.raw_max + 2**width, 2**200, -(2**200)):
            for obj in (raw, [raw], np.array([0, raw], object)):
                with pytest.raises(fx.FixedOverflowError, match="raw integer"):
                    fx.FixedArray.from_raw(obj, fmt)
            if -(2**63) <= raw < 2**63:
                with pytest.raises(fx.FixedOverflowError):
                    fx.FixedArray.from_raw(np.array([0, raw]), fmt)
        for raw in (fmt.raw_min, fmt.raw_max):
            assert raw_list(fx.FixedArray.from_raw([raw], fmt)) == [raw]


def test_uint8_images_overflow_before_conversion():
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert (image << 8).astype(np.uint8).max() == 0  # scaled in their own type
    x = fx.array(image, fx.Format(16, 6, False))
    assert raw_list(x) == [i << 6 for i in range(256)]
    signed = fx.array(image, fx.Format(16, 4))
    assert raw_list(signed) == [i << 4 for i in range(256)]
    assert raw_list(signed - image) == [0] * 256
    assert raw_list(signed + image) == [min(i << 5, 2**15 - 1) for i in range(256)]
    assert raw_list(signed * image) == [min(i * i << 4, 2**15 - 1) for i in range(256)]
    assert raw_list(image - signed * 2) == [-(i << 4) for i in range(256)]
    assert (signed == image).all()
    assert raw_list(fx.array(image, Q)) == [min(i << 8, 2**15 - 1) for i in range(256)]
    assert raw_list(fx.array(image[0, 15], Q)) == [15 << 8]  # one pixel is a uint8 too
    narrow = fx.array(np.array([-128, 127], np.int8), fx.Format(32, 20))
    assert narrow.tolist() == [-128, 127]
    pixels = np.array([200, 100], np.uint8)
    assert fx.array(pixels, fx.Format(24, 8))[0].item() == 200
    assert (fx.array([1], fx.Format(24, 8)) + pixels).tolist() == [201, 101]


# --- comparisons, in-place operators, hashes ------------------------------------------------


def test_comparisons_that_first_quantise_one_side():
    x = fx.array([0.5], fx.Format(8, 1))
    for other in (fx.array([0.625], fx.Format(8, 4)), 0.625, Fraction(5, 8), Decimal("0.625")):
        # 0.625 rounds to 0.5 in x's format
        assert (x < other).all()
        assert (x != other).all()
        assert not (x == other).any()
        assert not (x >= other).any()
        assert (other > x).all()
    top = fx.array([63.5], fx.Format(8, 1))
    for beyond in (64, 1000, 1e300, 2**200, fx.array([64], fx.Format(16, 1))):
        assert (top < beyond).all()  # saturated, they would be equal
        assert not (top == beyond).any()
    assert not (fx.array([-1], fx.Format(8, 0)) == fx.array([255], fx.Format(8, 0, False))).any()
    assert (fx.array([-1], fx.Format(64, 0)) < fx.array([0], fx.Format(64, 0, False))).all()
    big = fx.array([2**62], fx.Format(64, 0))
    assert (big < fx.array([2**62 + 1], fx.Format(128, 60))).all()
    assert (big < 2**62 + 1).all()
    assert (big < np.array([2**62 + 1])).all()
    assert (fx.array(["0.1"], fx.Format(64, 60)) != 0.1).all()
    # Minimum, maximum, sorting and searching compare too.
    assert fx.searchsorted(x, fx.array([0.625], fx.Format(8, 4))).tolist() == [1]
    assert fx.maximum(x, fx.array([0.625], fx.Format(8, 4))).tolist() == [0.625]


@pytest.mark.parametrize("width", WIDTHS)
def test_in_place_operators_that_change_format(width):
    fmt = fx.Format(width, 1)
    finer = fx.Format(min(width * 2, 128), 4, rounding="floor", overflow="wrap")
    for name in ("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod"):
        for other in (fx.array([1.5, 0.75], finer), 3, 0.5, np.array([1, 2])):
            x = fx.array([5, 3], fmt)
            alias, view = x, x[:1]
            result = getattr(x, f"__{name}__")(other)
            assert result is alias
            assert x.format is fmt
            assert raw_list(view) == raw_list(x)[:1]  # the same memory
    for name in ("iand", "ior", "ixor", "ilshift", "irshift", "ipow"):
        x = alias = fx.array([5, 3], fmt)
        assert getattr(x, f"__{name}__")(2) is alias
        assert x.format is fmt
    x = fx.array([1, 2], fmt)
    with fx.full_precision():
        x += x
        x *= x
    assert x.format is fmt
    assert x.tolist() == [4, 16]
    x[0] = fx.array([0.75], finer)[0]
    assert x.format is fmt


def test_hash_and_equality_that_disagree():
    formats = [
        fx.Format(16, 8),
        fx.Format(np.int64(16), np.uint8(8)),
        fx.Format(16, 8, np.bool_(True)),
        fx.Format(16, 8, True, fx.Rounding.NEAREST_EVEN, fx.Overflow.SATURATE),
        fx.Format.parse("Q7.8"),
        pickle.loads(pickle.dumps(fx.Format(16, 8))),
        fx.Format(8, 8).replace(width=16),
    ]
    assert all(a == b and hash(a) == hash(b) for a in formats for b in formats)
    assert len(set(formats)) == 1
    others = [fx.Format(16, 8, False), fx.Format(16, 9), fx.Format(16, 8, rounding="floor")]
    assert len({*formats, *others}) == 4
    # Arrays compare elementwise: they have no hash at all, one element included.
    for x in (fx.array(0.5, Q), fx.array([0.5], Q)):
        with pytest.raises(TypeError, match="unhashable"):
            hash(x)
    # What comes out of one is hashed and compared as the number that it is.
    x = fx.array(0.5, Q)
    assert x.item() == 0.5
    assert hash(x.item()) == hash(0.5)
    assert {x.item(): 1}[Fraction(1, 2)] == 1
    assert (x == fx.array(0.5, fx.Format(32, 30))).all()
