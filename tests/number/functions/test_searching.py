"""searchsorted, digitize, nonzero and trim_zeros: exact values are compared."""

import bisect

import numpy as np
import oracle
import pytest
from checks import fixed
from examples import ORDERED, repeated, repeated_raws

import fxtypes as fx
from fxtypes.context import blocks


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted(fmt, side):
    a, plain = repeated(fmt, (30,))
    v, probes = fixed(repeated_raws(fmt, 12, 3), fmt, (3, 4)), repeated_raws(fmt, 12, 3)
    ascending = sorted(plain.tolist())
    wanted = [getattr(bisect, f"bisect_{side}")(ascending, p) for p in probes]
    found = np.searchsorted(fx.sort(a), v, side=side)
    assert found.shape == (3, 4)
    assert found.reshape(-1).tolist() == wanted
    sorter = fx.argsort(a)
    assert np.searchsorted(a, v, side, sorter).reshape(-1).tolist() == wanted
    exact = [oracle.value(p, fmt) for p in probes]
    beside = [x + fmt.resolution / 3 for x in exact]  # between two neighbours
    ladder = [oracle.value(p, fmt) for p in ascending]
    wanted = [getattr(bisect, f"bisect_{side}")(ladder, p) for p in beside]
    assert fx.searchsorted(fx.sort(a), beside, side).tolist() == wanted


def test_exact_values_are_compared():
    q = fx.Format(128, 127)
    a = fx.FixedArray.from_raw([0, 2**100, 2**100 + 1], q)
    assert np.searchsorted(a, 2.0**-27, side="left") == 1
    assert np.searchsorted(a, 2.0**-27, side="right") == 2
    assert np.searchsorted([0.1, 0.2, np.inf], fx.array(["0.1", "0.2"], q)).tolist() == [0, 1]
    assert np.searchsorted(fx.array([1, 2], fx.Format(128, -100)), fx.array([1], q)).tolist() == [2]
    assert np.isin(fx.array([0.5], q), [0.5, 2**200]).tolist() == [True]
    assert np.isin(fx.array([0.5, 0.25], q), fx.array([0.25], fx.Format(8, 4))).tolist() == [
        False,
        True,
    ]
    with pytest.raises(ValueError, match="NaN"):
        np.searchsorted(a, np.nan)
    with pytest.raises(TypeError, match="FixedArray"):
        fx.searchsorted([1], [2])


@pytest.mark.parametrize("fmt", ORDERED, ids=str)
@pytest.mark.parametrize("right", [False, True])
def test_digitize(fmt, right):
    a, plain = repeated(fmt, (4, 5))
    edges = sorted(set(repeated_raws(fmt, 6, 4)))
    ranks = {raw: i for i, raw in enumerate(sorted({*plain.reshape(-1), *edges}))}
    x = np.array([ranks[raw] for raw in plain.reshape(-1)]).reshape(4, 5)
    limits = np.array([ranks[raw] for raw in edges])
    for step in (1, -1):
        bins = fixed(edges[::step], fmt)
        assert np.array_equal(np.digitize(a, bins, right), np.digitize(x, limits[::step], right))
    with pytest.raises(ValueError, match="monotonic"):
        np.digitize(a, fixed([0, 1, 0], fmt))


@pytest.mark.parametrize("width", [8, 64, 65, 128])
def test_places_of_non_zeros(width):
    q = fx.Format(width, 2)
    raws = [0, 1, 0, 0, q.raw_max, q.raw_min]
    a, plain = fixed(raws, q, (2, 3)), np.array(raws, object).reshape(2, 3)
    for found, wanted in zip(np.nonzero(a), np.nonzero(plain), strict=True):
        assert np.array_equal(found, wanted)
    assert np.flatnonzero(a).tolist() == [1, 4, 5]
    assert np.argwhere(a).tolist() == [[0, 1], [1, 1], [1, 2]]
    assert fx.trim_zeros(fixed([0, 0, 3, 0, 1, 0], q)).tolist() == [0.75, 0, 0.25]
    assert np.trim_zeros(fixed([0, 0, 3, 0], q), "f").tolist() == [0.75, 0]
    assert np.trim_zeros(fixed([0, 0, 3, 0], q), "b").tolist() == [0, 0, 0.75]
    assert fx.trim_zeros(fixed([0, 0], q)).shape == (0,)
    assert fx.trim_zeros(a, axis=1).tolist() == a[:, 1:].tolist()
    assert np.shares_memory(fx.trim_zeros(a), a)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_zeros_are_trimmed_in_blocks(monkeypatch, size):
    monkeypatch.setattr(blocks, "SIZE", size)
    rng = np.random.default_rng(size)
    for n in range(12):
        values = (rng.random(n) < 0.2) * 1.0
        x = fx.array(values, fx.Format(100, 4))
        for trim in ("f", "b", "fb"):
            assert fx.trim_zeros(x, trim).tolist() == np.trim_zeros(values, trim).tolist()


def test_what_trim_zeros_trims_is_text():
    with pytest.raises(ValueError, match="trim is"):
        fx.trim_zeros(fx.zeros(3, fx.Format(8, 4)), 1.5)
