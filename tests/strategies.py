"""Hypothesis strategies: formats, raw integers and shapes, with the hard ones always likely."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from fxtypes.format import Format
from fxtypes.format.modes import Overflow, Rounding

# Around every storage class' edge, where a bit more or less changes the code that runs.
EDGE_WIDTHS = (2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128)

roundings = st.sampled_from(list(Rounding))
deterministic_roundings = st.sampled_from([r for r in Rounding if r != "stochastic"])
overflows = st.sampled_from(list(Overflow))
non_raising_overflows = st.sampled_from([o for o in Overflow if o != "raise"])
widths = st.one_of(st.sampled_from(EDGE_WIDTHS), st.integers(2, 128))
random_words = st.one_of(st.sampled_from([0, 1, 2**63, 2**64 - 1]), st.integers(0, 2**64 - 1))


@st.composite
def formats(
    draw,
    widths=widths,
    frac_bits=None,
    signed=st.booleans(),  # noqa: B008 - a strategy is immutable
    rounding=roundings,
    overflow=overflows,
):
    """Formats; `frac_bits` is mostly 0, width // 2, width + 1 or width, else anything legal."""
    width = draw(widths)
    if frac_bits is None:
        usual = st.sampled_from([0, width // 2, width + 1, width])
        any_legal = st.integers(-256, 256)
        frac_bits = draw(st.sampled_from([usual, usual, usual, any_legal]))
    return Format(width, draw(frac_bits), draw(signed), draw(rounding), draw(overflow))


@st.composite
def raws(draw, fmt):
    """Raw integers of a format: the lowest, the highest, 0, 1, -1 and near-ties are likely."""
    low, high = fmt.raw_min, fmt.raw_max
    kind = draw(st.sampled_from(["edge", "near tie", "small", "any"]))
    if kind == "edge":
        edges = [low, low + 1, -1, 0, 1, high - 1, high]
        return draw(st.sampled_from([raw for raw in edges if low <= raw <= high]))
    if kind == "near tie":
        # Half of 2**shift, or the like beside it: what dropping `shift` bits finds hard.
        shift = draw(st.integers(1, fmt.width))
        half = 1 << shift - 1
        multiple = draw(st.integers(low >> shift, high >> shift))
        raw = (multiple << shift) + half + draw(st.integers(-1, 1))
        return min(max(raw, low), high)
    if kind == "small":
        return draw(st.integers(max(low, -16), min(high, 16)))
    return draw(st.integers(low, high))


def raw_lists(fmt, shape):
    """Flat lists of as many raw integers as an array of `shape` has elements."""
    size = math.prod(shape)
    return st.lists(raws(fmt), min_size=size, max_size=size)


def shapes(max_dims=3, max_side=5):
    """Shapes, those without dimensions and those without elements included."""
    return st.lists(st.integers(0, max_side), max_size=max_dims).map(tuple)


def near(fmt):
    """Numbers of fraction bits that are not far from those of `fmt`."""
    low, high = max(-256, fmt.frac_bits - 40), min(256, fmt.frac_bits + 40)
    return st.integers(low, high)


shape_pairs = mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4)


big_integers = st.one_of(
    st.integers(-5, 5),
    st.integers(-(2**300), 2**300),
    st.sampled_from([2**63, -(2**63), 2**64, 2**127, 2**128, 3 * 2**200, -(2**128) - 1, 2**600]),
)


@st.composite
def real_numbers(draw, fmt):
    """(number, its exact value): often within the format's range, between two of its values."""
    kind = draw(st.sampled_from(["float", "fraction", "decimal", "float32", "any"]))
    if kind == "any":
        number = draw(st.floats(allow_nan=False, allow_infinity=False))
        return number, Fraction(number)
    raw = draw(raws(fmt))
    value = (raw + Fraction(draw(st.integers(-8, 8)), 8)) * fmt.resolution
    if kind == "fraction":
        value += Fraction(draw(st.integers(-1, 1)), 3) * fmt.resolution
        return value, value
    if kind == "decimal":
        number = Decimal(value.numerator) / Decimal(value.denominator)
        return number, Fraction(number)
    number = float(value)
    if kind == "float32":
        with np.errstate(over="ignore"):
            single = np.float32(number)
        if np.isfinite(single):
            return single, Fraction(float(single))
    return number, Fraction(number)


def axes(ndim):
    """None, for all axes, or one of them."""
    return st.none() | st.integers(-ndim, ndim - 1)
