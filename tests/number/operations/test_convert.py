"""astype: from one format into another, rounded once."""

import random

import oracle
import pytest
import strategies
from checks import arrays, check_stored, fixed, raw_list, raws_of_words
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("lost", [0, 1, 5, 31, 32, 61, 62, 63, 64, 100])
def test_binary_points_of_two_words(lost, signed):
    source = fx.Format(128, 100, signed)
    raws = [oracle.overflow(r, source) for r in raws_of_words(source, 83, lost)]
    x, exact = fixed(raws, source), [oracle.value(r, source) for r in raws]
    for number, rounding in enumerate(fx.Rounding):
        for width in (128, 65 + number * 5):
            overflow = list(fx.Overflow)[number % 4]
            target = fx.Format(width, 100 - lost, signed, rounding, overflow)
            check_stored(lambda target=target: x.astype(target), exact, target, x.shape)


@pytest.mark.parametrize("overflow", fx.Overflow)
@pytest.mark.parametrize("lost", [-128, -65, -64, -63, -1, 62, 63, 64, 65, 127, 128, 140])
def test_binary_points_far_apart(lost, overflow):
    chosen = random.Random(lost)
    source = fx.Format(128, 100)
    raws = [oracle.overflow(r, source) for r in raws_of_words(source, 20, lost)]
    raws += [chosen.choice((1, -1)) * chosen.randrange(1 << chosen.randrange(1, 128))
             for _ in range(17)]  # fmt: skip
    x, exact = fixed(raws, source), [oracle.value(r, source) for r in raws]
    for rounding in fx.Rounding:
        for width in (128, 90, 40):
            target = fx.Format(width, 100 - lost, True, rounding, overflow)
            check_stored(lambda f=target: x.astype(f), exact, target, x.shape, "convert")


@given(st.data(), strategies.formats(), strategies.formats(), strategies.shapes())
def test_into_another_format(data, fmt, target, shape):
    raws, x = data.draw(arrays(fmt, shape))
    values = [oracle.value(raw, fmt) for raw in raws]
    check_stored(lambda: x.astype(target), values, target, shape)
    check_stored(lambda: fx.negative(x, format=target), [-v for v in values], target, shape)
    check_stored(lambda: fx.absolute(x, format=target), [abs(v) for v in values], target, shape)


@given(st.data(), strategies.formats())
def test_astype_of_a_near_format(data, target):
    fmt = data.draw(strategies.formats(frac_bits=strategies.near(target)))
    raws, x = data.draw(arrays(fmt, (7,)))
    check_stored(lambda: x.astype(target), [oracle.value(r, fmt) for r in raws], target, (7,))


def test_astype_of_its_own_format_clamps_the_symmetric_range():
    fmt = fx.Format(4, 0, overflow="saturate_symmetric")
    x = fx.FixedArray.from_raw([-8, -7, 7], fmt)
    assert raw_list(x) == [-8, -7, 7]
    assert raw_list(x.astype(fmt)) == [-7, -7, 7]
    assert raw_list(fx.array(x, fmt)) == [-7, -7, 7]
    assert raw_list(x.copy()) == raw_list(x[:]) == [-8, -7, 7]
    assert raw_list(x + 0) == [-7, -7, 7]
