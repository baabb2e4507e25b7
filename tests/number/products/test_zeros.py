"""Columns and rows of zeros are left out of a product: as if they weren't."""

import contextlib

import numpy as np
import pytest
from checks import SEED

import fxtypes as fx
from fxtypes.kernels.products import TILES
from fxtypes.kernels.zeros import without_zeros

WIDTHS = {8: 5, 16: 13, 32: 20, 64: 40, 128: 100}
SHAPES = [(64, 200, 24), (9, 600, 8), (700, 30, 9), (64, 65, 64)]
EMPTY = {
    "margins": lambda n: (np.arange(n) < n // 5) | (np.arange(n) > n - n // 6),
    "every second": lambda n: np.arange(n) % 2 == 0,
    "runs": lambda n: np.arange(n) // 7 % 3 == 0,
    "all": lambda n: np.ones(n, bool),
    "a few": lambda n: np.arange(n) < n // 20,
}


def some(fmt, shape, generator):
    scale = float(fmt.max) / 2
    return fx.array(generator.uniform(-scale, scale, size=shape), fmt)


def as_a_stack(a, b, result, initial=None):
    """The same by a product of stacks, from which nothing is left out."""
    return fx.matmul(a[np.newaxis], b[np.newaxis], result, initial=initial)[0]


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("threads", [1, 2])
def test_the_product_is_the_same(threads, width, empty):
    generator = np.random.default_rng(width)
    fmt = fx.Format(width, WIDTHS[width])
    before = fx.get_num_threads()
    fx.set_num_threads(threads)
    try:
        for m, k, n in SHAPES:
            a, b = some(fmt, (m, k), generator), some(fmt, (k, n), generator)
            columns = a.copy()
            columns[:, EMPTY[empty](k)] = 0
            rows = a.T.copy().T  # its columns are what lies in memory row by row
            rows[EMPTY[empty](m)] = 0
            bias = some(fmt, (n,), generator)
            for x in (columns, rows, columns[::-1], columns[:, 1:-1]):
                y = b[: x.shape[1]]
                check(x, y, fmt)
                check(x, y, fmt, bias)
                check(y.T, x.T, fmt)
    finally:
        fx.set_num_threads(before)


def check(x, y, fmt, initial=None):
    for rounding in ("nearest_even", "stochastic"):
        result = fmt.replace(frac_bits=fmt.frac_bits - 3, rounding=rounding)
        for record in (contextlib.nullcontext, fx.record):
            found = []
            for product in (fx.matmul, as_a_stack):
                with fx.seeded(SEED), record() as events:
                    z = product(x, y, result, initial=initial)
                    found.append((z.words.tobytes(), fx.array([0.1], result).words.tobytes()))
                if events is not None:
                    found[-1] += (events.overflow, events.underflow, events.inexact)
            assert found[0] == found[1]


@pytest.mark.parametrize("path", ["blas", "slices", "loops", *["limbs", "residues"] * TILES])
def test_every_path(path, monkeypatch):
    generator = np.random.default_rng(1)
    fmt = fx.Format(16, 12, rounding="stochastic")
    a, b = some(fmt, (64, 300), generator), some(fmt, (300, 40), generator)
    a[:, 100:260] = 0
    wide = b[:64]
    with fx.seeded(SEED):
        expected = as_a_stack(a, b, fmt), as_a_stack(a.T, wide, fmt)
    monkeypatch.setenv("FXTYPES_GEMM", path)
    with fx.seeded(SEED):
        found = fx.matmul(a, b, fmt), fx.matmul(a.T, wide, fmt)
    for x, y in zip(found, expected, strict=True):
        assert x.raw.tolist() == y.raw.tolist()


def test_an_overflow_that_raises_names_its_element():
    fmt = fx.Format(16, 8)
    a = fx.ones((64, 200), fmt)
    a[:, 50:] = 0
    b = fx.full((200, 64), 3, fmt)
    a[5, 7] = 120
    raising = fx.Format(16, 7, overflow="raise")
    for x, y in ((a, b), (a.T, b[:64])):
        messages = []
        for product in (fx.matmul, as_a_stack):
            with pytest.raises(fx.FixedOverflowError) as error:
                product(x, y, raising)
            messages.append(str(error.value).replace("(0, ", "(").replace("(1, ", "("))
        assert messages[0] == messages[1]


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "V16"])
def test_what_is_left_out(dtype):
    """The margins, found for every size of an element; not worth while below an eighth."""
    words = np.zeros((64, 80), dtype) if dtype != "V16" else np.zeros((64, 80, 2), "i8")
    kept = [3, 4, 5, 20, 77, *range(30, 60)]
    words[5, kept] = 1
    if dtype == "V16":
        words = words.view("V16")[..., 0]
        words[5, kept] = np.array([0, 1], "i8").view("V16")[0]  # only its upper word isn't 0
    b = np.arange(80 * 8).reshape(80, 8)
    kept = sorted(kept)
    found = without_zeros(words, b, True)
    assert found[0].tolist() == words[:, kept].tolist()
    assert found[1].tolist() == b[kept].tolist()
    assert found[2] is None
    x, y, place = without_zeros(words.T, b[:64], True)
    assert x.tolist() == words.T[kept].tolist()
    assert place.tolist() == kept
    assert y.shape == (64, 8)
    assert without_zeros(words.T, b[:64], False)[2] is None
    dense = words.copy()
    dense[:, :71] = dense[5, 3]
    assert without_zeros(dense, b, True)[0] is dense
