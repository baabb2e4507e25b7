"""norm, against its definition with k-th roots by bisection."""

import itertools
import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
from checks import LAYOUTS, check_stored, fixed

import fxtypes as fx

VECTORS = [None, 0, 1, 2, 3, 5, -1, -2, -3, math.inf, -math.inf]


def root_to_odd(value, order, bits=300):
    scaled = value * 2 ** (order * bits)
    low, high = 0, 1 << (bits + 64)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**order <= scaled else (low, middle)
    return Fraction(low if low**order == scaled else low | 1, 1 << bits)


def vector_norm(values, order):
    values = [abs(v) for v in values]
    if order in (math.inf, -math.inf):
        return max(values) if order > 0 else min(values)
    if order == 0:
        return Fraction(sum(v != 0 for v in values))
    order = 2 if order is None else order
    if order < 0:
        if 0 in values:
            return Fraction(0)
        return root_to_odd(1 / sum(1 / v**-order for v in values), -order)
    return root_to_odd(sum(v**order for v in values), order)


@pytest.mark.parametrize("width", [16, 64, 128])
@pytest.mark.parametrize("order", VECTORS)
@pytest.mark.parametrize("rounding", ["nearest_even", "ceil"])
def test_vectors(width, order, rounding):
    fmt = fx.Format(width, 6, rounding=rounding)
    raws = np.random.default_rng(5).integers(-300, 300, (4, 3))
    raws[0] = [0, 64, -128]
    raws[1] = [3 * 64, 4 * 64, 0]
    a = fx.FixedArray.from_raw(raws, fmt)
    expected = [oracle.quantize(vector_norm(row, order), fmt) for row in a.to_fractions().tolist()]
    found = np.linalg.norm(a, order, axis=1)
    assert [int(v) for v in found.raw] == expected
    assert [int(np.linalg.norm(row, order).raw) for row in a] == expected
    assert np.linalg.norm(a, order, axis=1, keepdims=True).shape == (4, 1)
    of_all = oracle.quantize(vector_norm(a.ravel().to_fractions().tolist(), order), fmt)
    assert int(np.linalg.vector_norm(a, ord=2 if order is None else order).raw) == of_all


@pytest.mark.parametrize("order", [None, "fro", 1, -1, math.inf, -math.inf])
def test_matrices(order):
    fmt = fx.Format(32, 16)
    values = np.random.default_rng(6).integers(-300, 300, (2, 3, 4)) / 16
    a = fx.array(values, fmt)
    for axes in ((1, 2), (2, 1), (0, 2), (-1, 0)):
        plain = np.linalg.norm(values, order, axis=axes)
        found = np.linalg.norm(a, order, axis=axes)
        if order in (None, "fro"):
            squares = (a.to_fractions() ** 2).sum(axis=axes)
            assert found.raw.tolist() == [oracle.quantize(root_to_odd(v, 2), fmt) for v in squares]
        else:
            assert found.tolist() == plain.tolist()
    kept = np.linalg.matrix_norm(a, ord="fro" if order is None else order, keepdims=True)
    assert kept.shape == (2, 1, 1)


@pytest.mark.parametrize("order", [None, 1, math.inf, -math.inf])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
def test_extremes_and_ties(width, signed, order):
    """Of the lowest, the highest, zeros, roots that are exact or ties, and any; their events."""
    own = fx.Format(width, 3, signed)
    rng = np.random.default_rng(width)
    ends = own.raw_min, own.raw_max
    any_one = [
        ends[0] + int.from_bytes(rng.bytes(17), "little") % (ends[1] - ends[0] + 1)
        for _ in range(40)
    ]
    small = [3, 4, 0, 0, 0, 0, 12, 5]
    rows = [[ends[0]] * 8, [ends[1]] * 8, [0] * 8, small, [*ends] * 4, any_one[:8], any_one[8:16]]
    raws = [raw for row in rows for raw in row]
    choices = zip(itertools.cycle(("saturate", "wrap", "raise")), fx.Rounding, strict=False)
    for overflow, rounding in choices:
        fmt = fx.Format(width, 1, True, rounding, overflow)
        for layout in LAYOUTS:
            a = fixed(raws, own, (7, 8), layout)
            for axis in (0, 1):
                groups = rows if axis else list(zip(*rows, strict=True))
                exact = [norm_by_oracle([oracle.value(raw, own) for raw in group], order, fmt)
                         for group in groups]  # fmt: skip
                check_stored(lambda a=a, i=axis, f=fmt: fx.norm(a, order, i, format=f),
                             exact, fmt, (len(groups),), "norm")  # fmt: skip
        exact = norm_by_oracle([oracle.value(raw, own) for raw in raws], order, fmt)
        a = fixed(raws, own)
        check_stored(lambda a=a, f=fmt: fx.norm(a, order, format=f), [exact], fmt, (), "norm")


def norm_by_oracle(values, order, fmt):
    if order is None:
        return oracle.stand_in_for_root(sum(v * v for v in values), fmt)
    return sum(map(abs, values)) if order == 1 else vector_norm(values, order)


def test_refusals():
    a = fx.array([[1, 2], [3, 4]], fx.Format(16, 8))
    for order in (2, -2, "nuc"):
        with pytest.raises(TypeError, match="singular values"):
            np.linalg.norm(a, order)
    with pytest.raises(TypeError, match="integer or infinite"):
        np.linalg.norm(a[0], 1.5)
    with pytest.raises(ValueError, match="no norm of matrices"):
        np.linalg.norm(a, 3)
    with pytest.raises(ValueError, match="norm of no elements"):
        np.linalg.norm(a[0][:0], math.inf)
    with pytest.raises(ValueError, match="one axis, or two"):
        np.linalg.norm(a.reshape(1, 2, 2), 2)
    assert fx.norm(a[0][:0]).item() == 0
