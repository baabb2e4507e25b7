"""Elements that stay as they are until rows are taken: beside fractions, bit for bit."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
from oracle import quantize

import fxtypes as fx
from fxtypes_nn import datasets
from fxtypes_nn.datasets import LazyArray

FORMATS = [
    fx.Format(16, 10),
    fx.Format(8, 2),
    fx.Format(8, 7),  # ends below 1
    fx.Format(7, 6, overflow="wrap"),
    fx.Format(12, 12, signed=False, rounding="floor"),
    fx.Format(33, 30, rounding="odd"),
    fx.Format(64, 60, rounding="ceil"),
    fx.Format(128, 120, rounding="nearest_away"),
    fx.Format(128, 250, overflow="saturate_zero"),
    fx.Format(8, -3),
    fx.Format(24, 10, overflow="raise"),
]


def bits(array):
    return array.raw.reshape(-1).tolist()


def expected(values, maximum, format):
    """The raw integers of exact quotients, one by one."""
    divisor = Fraction(maximum)
    return [quantize(Fraction(v) / divisor, format) for v in values.reshape(-1).tolist()]


@pytest.mark.parametrize("format", FORMATS, ids=str)
@pytest.mark.parametrize("maximum", [16, 255, 100, 1])
def test_every_byte(format, maximum):
    every = np.arange(256, dtype=np.uint8)
    if format.overflow == "raise" and maximum == 1:
        format = format.replace(width=40)
    for values in (every, every.reshape(2, 128), every[:255], every[::2], every.reshape(64, 4).T):
        found = LazyArray(values, format, maximum)[:]
        assert (found.format, found.shape) == (format, values.shape)
        assert bits(found) == expected(values, maximum, format)


INTEGERS = [np.int8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("format", FORMATS[:-1], ids=str)
def test_integers(dtype, format):
    info = np.iinfo(dtype)
    values = np.array([info.min, info.min + 1, 0, 1, 7, info.max - 1, info.max], dtype)
    for maximum in (info.max, -info.min or 3, 3):
        assert bits(LazyArray(values, format, maximum)[:]) == expected(values, maximum, format)


def floats():
    generator = np.random.default_rng(0)
    yield generator.normal(size=60)  # some need more than 64 bits
    yield generator.integers(0, 256, 60) / 255
    yield np.ldexp(generator.normal(size=60), generator.integers(-200, 3, 60))
    yield np.array([0.0, -0.0, 5e-324, -5e-324, 2.2e-308, 1e-300, 1.0, -1.0])
    yield np.array([1.7976931348623157e308, 1e300, -1e292, 3.0, 5e-324])
    yield np.array([3e-320, 5e-324, -1e-323])
    yield np.array([1, 1 + 2.0**-52, 1 - 2.0**-53, 2.0**-60, 2.0**-63, 3 * 2.0**-127, 2.0**-128])
    yield np.zeros(3)


@pytest.mark.parametrize("format", FORMATS[:-1], ids=str)
@pytest.mark.parametrize("values", list(floats()), ids=range(8))
def test_floats(format, values):
    peak = float(np.abs(values).max()) or 1
    for maximum in (peak, np.nextafter(peak, 0), 1.0, 2**63 + 1):
        if max(np.abs(values)) / maximum < 1e300 and maximum:
            found = LazyArray(values, format, maximum)[:]
            assert bits(found) == expected(values, maximum, format)


def test_a_tiny_maximum_beside_huge_values():
    values = np.array([1e300, -1e300, 1e-300, 3e-300])
    for maximum in (1e-300, 2.0**-1000):
        for format in (fx.Format(16, 4), fx.Format(16, 4, overflow="wrap")):
            assert bits(LazyArray(values, format, maximum)[:]) == expected(values, maximum, format)


def test_what_is_cut_off_on_the_way_leaves_no_range():
    values = np.array([3.0, -(2.0**-120)])
    format = fx.Format(100, 80, signed=False, overflow="raise")
    assert bits(LazyArray(values, format, 3.0)[:]) == [2**80, 0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_narrow_floats(dtype):
    values = np.array([[0.1, -0.3], [65504, 6e-8]], dtype)
    format = fx.Format(20, 19, rounding="floor")
    found = LazyArray(values, format, float(values.max()))[:]
    assert bits(found) == expected(values.astype(float), float(values.max()), format)


def test_any_index():
    generator = np.random.default_rng(0)
    stored = generator.integers(0, 256, (9, 6), dtype=np.uint8)
    format = fx.Format(16, 10)
    for values in (stored, stored.astype(np.int32), stored / 255):
        x = LazyArray(values, format, 255)
        whole = x[:]
        assert (len(x), x.shape, x.ndim, x.stored is values) == (9, (9, 6), 2, True)
        mask = values[:, 0] > values[0, 0]
        for key in (
            3,
            -1,
            slice(2, 5),
            slice(0, 0),
            slice(None, None, -2),
            [4, 0, 4],
            np.array([8, -9]),
            np.zeros(0, int),
            mask,
            (slice(1, 3), slice(1, 6)),
            (2, 5),
            ([1, 2], [3, 4]),
            (slice(None), np.array([5, 0])),
            ...,
        ):
            assert x[key].shape == values[key].shape
            assert bits(x[key]) == bits(whole[key])
        with pytest.raises(IndexError):
            x[9]
        assert np.asarray(x).tolist() == whole.tolist()
        assert np.asarray(x, np.float32).dtype == np.float32
        assert bits(pickle.loads(pickle.dumps(x))[:]) == bits(whole)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float64])
def test_large_arrays_go_by_blocks(monkeypatch, dtype):
    monkeypatch.setattr(datasets.lazy, "_BLOCK", 50)
    values = np.random.default_rng(0).integers(0, 120, (37, 12)).astype(dtype)
    found = LazyArray(values, fx.Format(16, 10), 119)[:]
    assert bits(found) == expected(values, 119, found.format)


STOCHASTIC = [
    fx.Format(8, 2, rounding="stochastic"),
    fx.Format(16, 14, rounding="stochastic", overflow="wrap"),
    fx.Format(32, 30, rounding="stochastic", signed=False),
    fx.Format(8, -70, rounding="stochastic"),
    fx.Format(100, 90, rounding="stochastic"),  # beyond the table's 128 bits
]


@pytest.mark.parametrize("format", STOCHASTIC, ids=str)
@pytest.mark.parametrize("maximum", [16, 255])
def test_bytes_rounded_stochastically_are_divisions(format, maximum):
    every = np.arange(256, dtype=np.uint8).repeat(10)
    x = LazyArray(every, format, maximum)
    exact = fx.array(every, fx.Format(8, 0, signed=False))
    with fx.seeded(7):
        found = [x[:], x[5:]]
    with fx.seeded(7):
        wanted = [fx.divide(part, maximum, format=format) for part in (exact, exact[5:])]
    assert list(map(bits, found)) == list(map(bits, wanted))


def test_tables_for_stochastic_rounding_keep_the_bits_it_looks_at():
    entries = datasets.lazy._table(fx.Format(16, 10, rounding="stochastic"), 255).entries
    assert bits(entries) == [value * 2 ** (10 + 64) // 255 for value in range(256)]


def test_each_access_draws_anew():
    values = np.full(1000, 3, np.uint8)
    for stored in (values, values.astype(np.int64), values.astype(float)):
        x = LazyArray(stored, fx.Format(8, 2, rounding="stochastic"), 16)
        with fx.seeded(1):
            first, second = x[:], x[:]
        with fx.seeded(1):
            again = x[:]
        assert set(bits(first)) == {0, 1}  # 3/16 lies between 0 and 1/4
        assert bits(first) == bits(again) != bits(second)
        assert np.mean(bits(first)) == pytest.approx(0.75, abs=0.05)


def test_no_context_of_the_callers_moves_a_bit():
    generator = np.random.default_rng(0)
    bytes_ = generator.integers(0, 256, (4, 6), dtype=np.uint8)
    for stored in (bytes_, bytes_[:1, :5], bytes_.astype(np.int32), bytes_ / 255, bytes_ / 256):
        x = LazyArray(stored, fx.Format(16, 10), 201)
        with fx.full_precision(), fx.record():
            assert bits(x[:]) == expected(stored, 201, x.format)


def test_raising_formats_look_at_what_is_there_only():
    x = LazyArray(np.array([[3, 4], [9, 255]], np.uint8), fx.Format(8, 7, overflow="raise"), 10)
    assert bits(x[0]) == expected(x.stored[0], 10, x.format)
    with pytest.raises(fx.FixedOverflowError):
        x[1]


def test_lazy_is_to_fixed():
    format = fx.Format(16, 10)
    digits = datasets.load("digits")
    lazy, fixed = digits.lazy(format), digits.to_fixed(format)
    assert lazy.x_train.stored is digits.x_train
    for part in ("x_train", "x_test"):
        assert bits(getattr(lazy, part)[:]) == bits(getattr(fixed, part))
    assert lazy.y_train is digits.y_train
    assert lazy.x_train._table is lazy.x_test._table  # megabytes at 128 bits
    for data in (lazy, fixed):
        for again in (data.lazy, data.to_fixed):
            with pytest.raises(ValueError, match="already"):
                again(format)


def test_augmented_bytes():
    x = datasets.load("digits").lazy(fx.Format(16, 10)).x_train
    bytes_ = np.array([[0, 17, 255, 1]], np.uint8)
    assert bits(x.convert(bytes_)) == expected(bytes_, 16, x.format)
    with pytest.raises(TypeError, match="uint8 as stored, got int64"):
        x.convert(bytes_.astype(np.int64))


@pytest.mark.parametrize("maximum", [0, -1, np.nan, np.inf, 10**400, "1", None])
def test_a_maximum_that_is_none(maximum):
    with pytest.raises(ValueError, match="maximum must be"):
        LazyArray(np.zeros(2, np.uint8), fx.Format(8, 4), maximum)


@pytest.mark.parametrize("stored", [[1], np.array(["a"]), np.zeros(2, complex), np.zeros(2, bool)])
def test_what_is_stored_must_be_numbers(stored):
    with pytest.raises(TypeError, match="array of integers or floats"):
        LazyArray(stored, fx.Format(8, 4), 1)


@pytest.mark.parametrize("format", [16, "Q3.4", None])
def test_a_format_that_is_none(format):
    for make in (datasets.load("digits").to_fixed, datasets.load("digits").lazy):
        with pytest.raises(TypeError, match="format must be a Format"):
            make(format)
