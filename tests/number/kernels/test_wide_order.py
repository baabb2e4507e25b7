"""The order of 128-bit storage, along rows: Python's integers are the reference."""

import bisect
import random

import numpy as np
import pytest
from checks import fixed, raw_list

import fxtypes as fx
from fxtypes.kernels import wide_order

SIGNED = pytest.mark.parametrize("signed", [True, False])


def rows(signed, n, kinds):
    """Four rows of n integers, of as many kinds at most: both ends, and some of one high word."""
    draw = random.Random(f"{signed} {n} {kinds}")
    fmt = fx.Format(128, 0, signed)
    some = [fmt.raw_min, fmt.raw_max, *(draw.randrange(fmt.raw_min, fmt.raw_max) for _ in "xy")]
    some += [draw.getrandbits(64) | sign << 64 for sign in (0, -1 if signed else 5)] * (kinds // 2)
    given = [[draw.choice(some) for _ in range(n)] for _ in range(4)]
    return given, fmt, fixed([v for row in given for v in row], fmt, (4, n))._storage


def integers(raw, fmt):
    return np.reshape(np.array(raw_list(fx.FixedArray._from_storage(raw, fmt)), object), raw.shape)


@SIGNED
@pytest.mark.parametrize(("n", "kinds"), [(0, 2), (1, 2), (2, 2), (17, 4), (100, 4), (1000, 4)])
def test_rows(signed, n, kinds):
    given, fmt, raw = rows(signed, n, kinds)
    for down in (False, True):
        order = [sorted(range(n), key=lambda i: -row[i] if down else row[i]) for row in given]
        assert wide_order.argsort(raw, signed, down).tolist() == order
        found = integers(wide_order.sort(raw, signed, down), fmt).tolist()
        assert found == [sorted(row, reverse=down) for row in given]
        if n:
            found = wide_order.first_extreme(raw, signed, down)
            extreme = max if down else min
            assert found.tolist() == [row.index(extreme(row)) for row in given]
    for row, values in zip(given, raw, strict=True):
        distinct = sorted(set(row))
        assert wide_order.ranks(values, signed).tolist() == [distinct.index(v) for v in row]


@SIGNED
@pytest.mark.parametrize("n", [1, 5, 40, 300])
def test_some_places(signed, n):
    given, fmt, raw = rows(signed, n, 4)
    draw = random.Random(n)
    for count in (1, 2, min(n, 7)):
        places = np.sort([draw.randrange(n) for _ in range(count)])
        sorts = integers(wide_order.sort(raw, signed, kth=places), fmt)
        orders = wide_order.argsort(raw, signed, kth=places)
        for row, found, order in zip(given, sorts, orders, strict=True):
            chosen = [row[i] for i in order]
            assert sorted(found) == sorted(chosen) == sorted(row)
            for one in (found.tolist(), chosen):
                for k in places:
                    assert all(v <= one[k] for v in one[:k])
                    assert all(v >= one[k] for v in one[k:])


@SIGNED
@pytest.mark.parametrize("n", [0, 1, 50])
def test_searchsorted(signed, n):
    given, _, raw = rows(signed, n, 4)
    for row, values in zip(given, wide_order.sort(raw, signed), strict=True):
        for right, place in ((False, bisect.bisect_left), (True, bisect.bisect_right)):
            found = wide_order.searchsorted(values, raw, signed, right)
            assert found.tolist() == [[place(sorted(row), v) for v in each] for each in given]


def test_storage_at_any_address():
    _, _, raw = rows(True, 9, 4)
    moved = np.empty(raw.nbytes + 3, np.uint8)[3:].view(raw.dtype).reshape(raw.shape)
    moved[...] = raw
    assert wide_order.argsort(moved, True).tolist() == wide_order.argsort(raw, True).tolist()
    assert wide_order.sort(moved, True).tobytes() == wide_order.sort(raw, True).tobytes()


def test_what_it_refuses():
    raw = np.zeros((4, 6), "V16")
    for bad in (raw.T, raw[:, ::2], np.zeros(4), np.zeros((), "V16")):
        for function in (wide_order.sort, wide_order.argsort, wide_order.ranks):
            with pytest.raises(ValueError, match=r"128-bit|one axis"):
                function(bad, True)
    for places in ([6], [-1], [0, 6]):
        with pytest.raises(IndexError, match="6 elements"):
            wide_order.sort(raw, True, kth=np.array(places))
