"""Features of mean 0 and deviation 1, beside fractions, bit for bit; models that keep it."""

import pickle
import statistics
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from oracle import quantize

import fxtypes as fx
from fxtypes_nn import MLP, ModelFileError, Precision, Sequential, datasets, layers, load_model
from fxtypes_nn.datasets import LazyArray, Standardisation
from fxtypes_nn.training.samples import fingerprint

FORMATS = [
    fx.Format(16, 10),
    fx.Format(8, 6),
    fx.Format(7, 6, overflow="wrap"),
    fx.Format(12, 12, signed=False, rounding="floor"),
    fx.Format(64, 50, rounding="ceil"),
    fx.Format(128, 110, rounding="nearest_away"),
    fx.Format(128, 250, overflow="saturate_zero"),
    fx.Format(8, -3),
    fx.Format(40, 10, overflow="raise"),
]


def bits(array):
    return array.raw.reshape(-1).tolist()


def expected(values, by, format):
    """The raw integers of exact distances by exact deviations, one by one."""
    found = []
    for row in np.asarray(values).reshape(-1, by.means.size).tolist():
        for value, mean, deviation in zip(row, by.means.flat, by.deviations.flat, strict=True):
            exact = (Fraction(value) - Fraction(mean)) / Fraction(deviation) if deviation else 0
            found.append(quantize(Fraction(exact), format))
    return found


# Statistics


def near_root(square, found):
    """Whether `found` is the float64 nearest to the root of a fraction."""
    if not square:
        return found == 0
    below, above = (
        (Fraction(found) + Fraction(float(np.nextafter(found, end)))) / 2 for end in (0, np.inf)
    )
    return below * below <= square <= above * above


def parts():
    generator = np.random.default_rng(0)
    yield generator.integers(0, 256, (50, 3), dtype=np.uint8)
    yield generator.integers(-(2**15), 2**15, (50, 3), dtype=np.int16)
    yield generator.integers(-(2**63), 2**63 - 1, (50, 3), dtype=np.int64)
    yield generator.integers(0, 2**64 - 1, (50, 3), dtype=np.uint64)
    yield generator.normal(size=(50, 3))
    yield generator.normal(3, 1e-9, size=(50, 3))
    yield generator.normal(size=(50, 3)).astype(np.float32)
    yield np.ldexp(generator.normal(size=(50, 3)), generator.integers(-900, 900, (50, 3)))
    yield np.array([[1.7e308, 5e-324], [-1.7e308, 0.0], [1.0, 0.0]])
    yield np.full((3, 2), 0.1)
    yield np.array([[7, 255]], np.uint8)
    yield np.full((70_000, 1), 2**16 - 1, np.uint16)  # squares beyond 2**47


@pytest.mark.parametrize("x", list(parts()), ids=range(12))
def test_means_and_deviations_are_rounded_once(x):
    by = Standardisation.of(x)
    assert by.means.dtype == by.deviations.dtype == np.float64
    for column, mean, deviation in zip(x.T.tolist(), by.means, by.deviations, strict=True):
        exact = [Fraction(value) for value in column]
        assert mean == float(sum(exact) / len(exact))
        assert near_root(statistics.pvariance(exact), deviation)


@pytest.mark.parametrize("x", list(parts())[:8], ids=range(8))
def test_sums_go_by_blocks(monkeypatch, x):
    whole = Standardisation.of(x)
    monkeypatch.setattr(datasets.standardisation, "_AT_ONCE", 21)
    assert Standardisation.of(x) == whole


def test_the_callers_error_state_does_not_matter():
    x = np.array([[1e-310, 3.0], [1e300, 4.0]])
    with np.errstate(all="raise"):
        by = Standardisation.of(x)
        found = LazyArray(x, fx.Format(16, 8), standardisation=by)[:]
    assert bits(found) == expected(x, by, found.format)


def test_the_root_is_the_nearest_float():
    with localcontext(prec=60):
        for square in (2, 3, Fraction(1, 3), 10**300, Fraction(1, 10**300), Fraction(7, 5)):
            wanted = (Decimal(Fraction(square).numerator) / Fraction(square).denominator).sqrt()
            assert datasets.standardisation._root(Fraction(square)) == float(wanted)
    one = 1 + Fraction(1, 2**53)  # halfway: to the even one, and up with anything more
    assert datasets.standardisation._root(one * one) == 1
    assert datasets.standardisation._root(one * one + Fraction(1, 2**300)) == 1 + 2**-52


def test_the_dtype_and_the_order_of_samples_do_not_matter():
    x = np.random.default_rng(0).integers(0, 256, (100, 4), dtype=np.uint8)
    for same in (x[::-1], x.astype(np.int64), x.astype(np.float64), x.astype(">i4"), x.copy("F")):
        assert Standardisation.of(same) == Standardisation.of(x)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.zeros((2, 2), complex), TypeError, "got complex128"),
        ([[1, 2]], TypeError, "got list"),
        (np.zeros(3), ValueError, r"shape \(samples, features\), got \(3,\)"),
        (np.zeros((0, 3)), ValueError, r"got \(0, 3\)"),
        (np.array([[1, np.nan]]), ValueError, "not finite"),
        (np.array([[1, -np.inf]]), ValueError, "not finite"),
    ],
)
def test_samples_without_statistics(x, error, message):
    with pytest.raises(error, match=message):
        Standardisation.of(x)


@pytest.mark.parametrize(
    ("means", "deviations", "message"),
    [
        ([0, 1], [1], r"the shape of a sample, got \(2,\) and \(1,\)"),
        ([], [], "the shape of a sample"),
        ([np.nan], [1], "means must be finite"),
        ([0], [np.inf], "deviations must be finite"),
        ([0], [-1], "deviations must be 0 or more, got -1"),
    ],
)
def test_statistics_that_are_none(means, deviations, message):
    with pytest.raises(ValueError, match=message):
        Standardisation(means, deviations)


def test_it_is_a_value():
    by = Standardisation([1.5, 2], [0.1, 0])
    for same in (Standardisation([1.5, 2], [0.1, 0]), pickle.loads(pickle.dumps(by))):
        assert same == by
        assert hash(same) == hash(by)
        assert same.to_lists() == [[1.5, 2.0], [0.1, 0.0]]
    for other in (Standardisation([1.5, 2], [0.1, 1]), Standardisation([[1.5, 2]], [[0.1, 0]])):
        assert other != by
    assert by != 3
    assert repr(by) == "<Standardisation of 2 features>"
    with pytest.raises(ValueError, match="read-only"):
        by.means[0] = 3


# Elements


def hard_floats():
    generator = np.random.default_rng(1)
    yield generator.normal(size=(40, 3)) * [1, 1e-6, 1e9]
    yield generator.normal([1e6, 0, -1e-3], size=(40, 3))
    yield np.ldexp(generator.normal(size=(40, 3)), generator.integers(-200, 3, (40, 3)))
    yield np.array([[1.7e308, 5e-324], [-1.7e308, 0.0], [1.0, -5e-324], [1e-300, 1e-320]])
    yield np.array([[0.0, 7.5, 3e-320], [-0.0, 7.5, 5e-324]])


@pytest.mark.parametrize("format", FORMATS[:-1], ids=str)
@pytest.mark.parametrize("x", list(hard_floats()), ids=range(5))
def test_floats(format, x):
    by = Standardisation.of(x)
    found = LazyArray(x, format, standardisation=by)[:]
    assert (found.format, found.shape) == (format, x.shape)
    assert bits(found) == expected(x, by, format)
    # Other numbers than the training part's, where those of a constant feature are still 0.
    others = np.concatenate([x / 7, 1 - x, [[1e-9] * x.shape[1], [1e300] * x.shape[1]]])
    assert bits(LazyArray(others, format, standardisation=by)[:]) == expected(others, by, format)


@pytest.mark.parametrize("format", FORMATS, ids=str)
@pytest.mark.parametrize("rows", [20, 300])  # without and with a table
def test_bytes(format, rows):
    x = np.random.default_rng(2).integers(0, 256, (rows, 5), dtype=np.uint8)
    x[:, 2] = 17
    by = Standardisation.of(x)
    others = np.arange(5 * rows, dtype=np.uint8).reshape(rows, 5)
    assert bits(LazyArray(others, format, standardisation=by)[:]) == expected(others, by, format)


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int32, np.int64, np.uint64])
def test_integers(dtype):
    info = np.iinfo(dtype)
    column = [info.min, info.min + 1, 0, 1, 7, info.max - 1, info.max]
    x = np.array([column, column[::-1], [5] * 7], dtype).T
    by = Standardisation.of(x)
    for format in FORMATS:
        assert bits(LazyArray(x, format, standardisation=by)[:]) == expected(x, by, format)


def test_a_constant_feature_becomes_0_whatever_comes():
    by = Standardisation.of(np.array([[0.1, 1], [0.1, 3]]))
    x = LazyArray(np.array([[1e308, 2], [0.1, 2], [-5, 2]]), fx.Format(16, 8), standardisation=by)
    assert bits(x[:]) == [0] * 6


def test_raising_formats_look_at_what_is_there_only():
    x = np.repeat(np.array([[0, 0], [2, 200]], np.uint8), 200, axis=0)
    by = Standardisation.of(x)
    format = fx.Format(8, 5, overflow="raise")  # ends below 4
    for stored in (x, x.astype(float)):
        assert set(LazyArray(stored, format, standardisation=by)[:].tolist()[0]) == {-1.0}
        far = stored.copy()
        far[0, 0] = 255
        with pytest.raises(fx.FixedOverflowError):
            LazyArray(far, format, standardisation=by)[:]
    # What takes the exact way is no overflow on the other one.
    tiny = LazyArray(np.array([[1.0, 1e-300]]), format, standardisation=by)
    assert bits(tiny[:]) == expected(tiny.stored, by, format)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float64])
@pytest.mark.parametrize("rows", [9, 300])
def test_any_index(dtype, rows):
    stored = np.random.default_rng(0).integers(0, 120, (rows, 6)).astype(dtype)
    x = LazyArray(stored, fx.Format(16, 10), standardisation=Standardisation.of(stored))
    whole = x[:]
    assert bits(whole) == expected(stored, x.standardisation, x.format)
    for key in (
        3,
        -1,
        np.int64(2),
        slice(2, 5),
        slice(0, 0),
        slice(None, None, -2),
        [4, 0, 4],
        [[1, 2], [3, 4]],
        np.array([8, -9]),
        np.array([[0, 1], [2, 3]]),
        np.zeros(0, int),
        stored[:, 0] > stored[0, 0],
        (stored[:, 0] > stored[0, 0]).tolist(),
        stored > 60,
        (stored > 60).tolist(),
        (slice(1, 3), slice(1, 6)),
        (2, 5),
        ([1, 2], [3, 4]),
        (slice(None), np.array([5, 0])),
        (slice(2), slice(None, None, -1)),
        ...,
        (..., 2),
        None,
    ):
        assert x[key].shape == stored[key].shape
        assert bits(x[key]) == bits(whole[key])
    assert bits(x.part(slice(2, 5))[1]) == bits(whole[3])
    assert bits(pickle.loads(pickle.dumps(x))[:]) == bits(whole)
    assert x.astype(fx.Format(8, 4))[:].format == fx.Format(8, 4)
    assert repr(x) == (
        f"<LazyArray of shape ({rows}, 6): {stored.dtype} standardised, in Format(16, 10)>"
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_large_arrays_go_by_blocks(monkeypatch, dtype):
    monkeypatch.setattr(datasets.lazy, "_BLOCK_STANDARDISED", 50)
    values = np.random.default_rng(0).integers(0, 120, (37, 60)).astype(dtype)
    x = LazyArray(values, fx.Format(16, 10), standardisation=Standardisation.of(values))
    wanted = np.reshape(expected(values, x.standardisation, x.format), values.shape)
    for key in (slice(None), 3, (slice(None), slice(3, 40))):
        assert x[key].raw.tolist() == wanted[key].tolist()


STOCHASTIC = [
    fx.Format(8, 2, rounding="stochastic"),
    fx.Format(60, 50, rounding="stochastic", overflow="wrap"),
    fx.Format(100, 90, rounding="stochastic"),  # beyond a table's 128 bits
]


@pytest.mark.parametrize("format", STOCHASTIC, ids=str)
def test_stochastic_rounding_by_a_table_is_that_of_quotients(format):
    x = np.random.default_rng(0).integers(0, 256, (300, 4), dtype=np.uint8)
    by = Standardisation.of(x)
    with fx.seeded(7):
        found = [LazyArray(x, format, standardisation=by)[:] for _ in range(2)]
    with fx.seeded(7):
        wanted = [by.convert(x, format) for _ in range(2)]
    assert list(map(bits, found)) == list(map(bits, wanted))
    assert bits(found[0]) != bits(found[1])


def test_no_context_of_the_callers_moves_a_bit():
    x = np.random.default_rng(0).normal(size=(5, 3))
    x[0, 0] = 1e200
    by = Standardisation.of(x[1:])
    for stored in (x, np.arange(900, dtype=np.uint8).reshape(300, 3)):
        with fx.full_precision(), fx.record():
            lazy = LazyArray(stored, fx.Format(16, 10), standardisation=by)
            assert bits(lazy[:]) == expected(stored, by, lazy.format)


def test_a_standardisation_that_does_not_fit():
    by = Standardisation([0, 0], [1, 1])
    with pytest.raises(ValueError, match=r"samples of shape \(2,\), these have \(3,\)"):
        LazyArray(np.zeros((4, 3)), fx.Format(8, 4), standardisation=by)
    with pytest.raises(TypeError, match="must be a Standardisation, got 3"):
        LazyArray(np.zeros((4, 3)), fx.Format(8, 4), 1, 3)
    with pytest.raises(TypeError, match="must be a Standardisation, got 3"):
        datasets.load("digits").standardise(3)
    x = LazyArray(np.zeros((4, 2)), fx.Format(8, 4), standardisation=by)
    with pytest.raises(ValueError, match="the last axes must be a sample's"):
        x.convert(np.zeros((4, 3)))


# Data sets


def test_a_standardised_data_set():
    digits = datasets.load("digits")
    data = digits.standardise()
    assert data.x_train is digits.x_train
    assert data.standardisation == Standardisation.of(digits.x_train)
    fmt = fx.Format(64, 50)
    lazy, fixed = data.lazy(fmt), data.to_fixed(fmt)
    for part in ("x_train", "x_test"):
        assert bits(getattr(lazy, part)[:]) == bits(getattr(fixed, part))
        own = expected(getattr(digits, part), data.standardisation, fmt)
        assert bits(getattr(fixed, part)) == own
    x = fixed.x_train.to_numpy()
    constant = data.standardisation.deviations == 0
    assert constant.any()
    assert np.abs(x.mean(axis=0)).max() < 1e-12
    assert np.abs(x.std(axis=0)[~constant] - 1).max() < 1e-12
    assert not x[:, constant].any()
    # Another's, as a model's own for data of its kind.
    other = Standardisation(np.zeros(64), np.full(64, 2))
    assert digits.standardise(other).lazy(fmt).x_test[0, 2].item() == digits.x_test[0, 2] / 2
    with pytest.raises(ValueError, match=r"digits has samples of shape \(64,\), .* of \(2,\)"):
        digits.standardise(Standardisation([0, 0], [1, 1]))
    for done in (lazy, fixed):
        with pytest.raises(ValueError, match="already"):
            done.standardise()


def test_extremes_and_what_lies_beyond():
    x = np.array([[0, 0, 5], [2, 20, 5], [4, 40, 5]])
    lazy = LazyArray(x, fx.Format(8, 4), standardisation=Standardisation([2, 10, 5], [1, 10, 0]))
    assert lazy.extremes() == (-2, 3)
    assert lazy.count_beyond(Fraction(-3), Fraction(3)) == 0
    assert lazy.count_beyond(Fraction(-3), Fraction(2)) == 1
    assert lazy.count_beyond(Fraction(-1), Fraction(1)) == 3
    assert LazyArray(x, fx.Format(8, 4), 20).extremes() == (0, 2)


# Models


@pytest.fixture
def small():
    """A data set with features of very different size."""
    generator = np.random.default_rng(3)
    x = generator.normal([0, 5, 1e4, 2], [1, 1e-3, 1e4, 0], (300, 4))
    y = (x[:, 0] > 0) + 2 * (x[:, 2] > 1e4)
    return datasets.Dataset("small", x[:200], y[:200], x[200:], y[200:], tuple("0123"), 1e5)


def fitted(data, **options):
    precision = Precision.preset(16)
    model = MLP([4, 16, 4], precision=precision, seed=1)
    lazy = data.standardise().lazy(precision.inputs)
    history = model.fit(
        lazy.x_train, lazy.y_train, epochs=8, batch_size=20, progress=False, **options
    )
    return model, lazy, history


def test_a_model_keeps_the_standardisation_that_it_was_trained_with(small, tmp_path):
    model, lazy, _ = fitted(small)
    assert model.standardisation == lazy.standardisation
    measured = model.evaluate(lazy.x_test, lazy.y_test)
    assert measured["accuracy"] > 0.9
    model.save(tmp_path / "model.npz")
    for each in (model, load_model(tmp_path / "model.npz"), model.with_precision(model.precision)):
        assert each.standardisation == lazy.standardisation
        for x in (lazy.x_test, lazy.x_test[:], small.x_test, small.x_test.tolist()):
            assert bits(each.predict_proba(x)) == bits(model.predict_proba(lazy.x_test))
        assert each.evaluate(small.x_test, small.y_test) == each.evaluate(lazy.x_test, lazy.y_test)
        assert "inputs are standardised" in each.summary()
    assert "standardised" not in MLP([4, 2]).summary()


def test_it_goes_on_from_numbers_as_from_lazy_ones(small, tmp_path):
    model, lazy, _ = fitted(small)
    model.save(tmp_path / "model.npz")
    again = load_model(tmp_path / "model.npz")
    validation = (small.x_test, small.y_test)
    first = model.fit(lazy.x_train, lazy.y_train, validation=validation, progress=False)
    second = again.fit(
        small.x_train, small.y_train, validation=(lazy.x_test, lazy.y_test), progress=False
    )
    assert first.to_arrays()["columns"].tolist() == second.to_arrays()["columns"].tolist()
    assert list(first["loss"]) == list(second["loss"])
    assert first.last("validation_loss") == second.last("validation_loss")
    share = [
        each.fit(x, small.y_train, validation=0.25, progress=False).last("validation_loss")
        for each, x in ((model, lazy.x_train), (again, small.x_train))
    ]
    assert share[0] == share[1]


def test_samples_that_are_scaled_otherwise_are_refused(small):
    model, lazy, _ = fitted(small)
    fmt = model.precision.inputs
    other = small.standardise(Standardisation(np.ones(4), np.full(4, 1e5))).lazy(fmt)
    for x in (small.lazy(fmt).x_test, other.x_test):
        for call in (model.predict, lambda x: model.evaluate(x, small.y_test)):
            with pytest.raises(ValueError, match=r"scaled otherwise .*\.standardise\(model"):
                call(x)
    with pytest.raises(ValueError, match="scaled otherwise"):
        model.fit(lazy.x_train, lazy.y_train, validation=(other.x_test, other.y_test))
    # To train is to take over the data's.
    model.fit(other.x_train, other.y_train, progress=False)
    assert model.standardisation == other.standardisation
    scaled = small.lazy(fmt)
    model.fit(scaled.x_train, scaled.y_train, progress=False)
    assert model.standardisation is None


def test_a_fit_that_trains_nothing_changes_nothing(small):
    model, _, _ = fitted(small)
    by = model.standardisation
    plain = small.lazy(model.precision.inputs)

    class Broken:
        def on_fit_begin(self, trainer):
            raise RuntimeError("at the start")

    for options, error in (
        ({"batch_size": 0}, ValueError),
        ({"validation": 3}, ValueError),
        ({"callbacks": [Broken()]}, RuntimeError),
    ):
        with pytest.raises(error):
            model.fit(plain.x_train, plain.y_train, progress=False, **options)
        assert model.standardisation == by
    with pytest.raises(ValueError, match="label"):
        model.fit(plain.x_train, plain.y_train + 9, progress=False)
    assert model.standardisation == by


def test_numbers_to_a_standardised_model_are_checked(small):
    model, _, _ = fitted(small)
    bad = small.x_test.copy()
    bad[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"x has the value nan at index \[3, 1\]"):
        model.predict(bad)
    with pytest.raises(TypeError, match="array of numbers"):
        model.predict(np.full((2, 4), "1"))
    with pytest.raises(ValueError, match=r"the shape \(samples, 4\)"):
        model.predict(small.x_test[:, :3])
    with pytest.warns(UserWarning, match=r"25.0% of the values in x lie beyond"):
        model.predict(np.array([[0, 5.5, 1e4, 9]]))
    model.standardisation = Standardisation([0.5] * 4, [0.25] * 4)
    for x in (np.eye(4, dtype=bool), np.eye(4, dtype=">f4"), np.eye(4, dtype=np.uint8)):
        found = model.predict_proba(x)
        assert bits(found) == bits(model.predict_proba(np.eye(4))) != bits(found[::-1])


def test_a_standardisation_is_set_by_hand():
    model = MLP([2, 2])
    model.standardisation = Standardisation([1, 2], [2, 2])
    inputs = fx.array([[1, -1]], model.precision.inputs)
    assert bits(model.outputs(np.array([[3, 0]]))) == bits(model.outputs(inputs))
    with pytest.raises(ValueError, match=r"inputs have the shape \(2,\), the stan.*'s \(3,\)"):
        model.standardisation = Standardisation([1] * 3, [2] * 3)
    with pytest.raises(TypeError, match="must be a Standardisation or None, got 3"):
        model.standardisation = 3
    model.standardisation = None
    assert bits(model.outputs(np.array([[1, -1]]))) == bits(model.outputs(inputs))


def test_samples_of_several_axes(tmp_path):
    class Flat(layers.Layer):
        def build(self, input_shape):
            return (int(np.prod(input_shape)),)

        def forward(self, x, context):
            return x.reshape(len(x), -1), None

    x = np.random.default_rng(0).normal(size=(7, 2, 3)) * 50
    model = Sequential([Flat()], (2, 3))
    model.standardisation = Standardisation.of(x)
    found = model.outputs(x)
    assert bits(found) == expected(x, model.standardisation, model.precision.inputs)
    part = LazyArray(x, fx.Format(16, 8), standardisation=model.standardisation)
    assert bits(part[2:4, 1]) == bits(part[:][2:4, 1])


def test_a_damaged_standardisation_is_refused(small, tmp_path):
    from fxtypes.interop.archive import read_archive, write_archive

    model, _, _ = fitted(small)
    path = tmp_path / "model.npz"
    model.save(path)
    header, arrays = read_archive(path, "fxtypes_nn model", 2)
    del header["kind"], header["version"], header["formats"]
    for wrong in ([[1], [1]], [[0] * 4, [-1] * 4], [[0] * 4], 3, [["x"] * 4, [1] * 4]):
        write_archive(path, "fxtypes_nn model", 2, header | {"standardisation": wrong}, arrays)
        with pytest.raises(ModelFileError, match=r"model\.npz"):
            load_model(path)


def test_what_lies_beyond_is_said_in_deviations():
    digits = datasets.load("digits").standardise()
    model = MLP([64, 10], precision=Precision.preset(16))
    model.standardisation = digits.standardisation
    message = r"0\.002% of the values in x lie beyond .* from -32 to 31.999 .* deviations"
    with pytest.warns(UserWarning, match=message):
        model.predict(digits.x_train)


def test_augmentation_before_standardisation():
    precision = Precision.preset(16)
    by = Standardisation(np.full(64, 5), np.full(64, 6))
    digits = datasets.load("digits").standardise(by).lazy(precision.inputs)
    seen = []

    def augment(images, generator):
        seen.append(images.dtype)
        return datasets.Shift(1)(images, generator)

    model = MLP([64, 10], precision=precision)
    history = model.fit(digits.x_train, digits.y_train, 3, augment=augment, progress=False)
    assert set(seen) == {np.dtype(np.uint8)}
    assert history.mean_of_last("accuracy", 20) > 0.3  # by chance 0.1


def test_a_resumed_run_is_the_same_and_another_scaling_another_run(small, tmp_path):
    precision = Precision.preset(16)
    lazy = small.standardise().lazy(precision.inputs)
    whole, _, _ = fitted(small)

    class Stop:
        def on_epoch_end(self, trainer):
            if trainer.epoch == 3:
                raise KeyboardInterrupt

    options = {"epochs": 8, "batch_size": 20, "progress": False, "checkpoint": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        MLP([4, 16, 4], precision=precision, seed=1).fit(
            lazy.x_train, lazy.y_train, callbacks=[Stop()], **options
        )
    plain = small.lazy(precision.inputs)
    again = MLP([4, 16, 4], precision=precision, seed=1)
    with pytest.raises(ValueError, match="another run's: data is"):
        again.fit(plain.x_train, plain.y_train, resume=True, **options)
    assert again.standardisation is None
    again.fit(lazy.x_train, lazy.y_train, resume=True, **options)
    assert again.standardisation == lazy.standardisation
    assert {n: bits(p) for n, p in again.parameters().items()} == {
        n: bits(p) for n, p in whole.parameters().items()
    }
    assert fingerprint(lazy.x_train) != fingerprint(plain.x_train)


def test_formats_chosen_from_standardised_data(small):
    model = MLP([4, 16, 4], precision=Precision.preset(32), seed=1)
    lazy = small.standardise().lazy(model.precision.inputs)
    chosen = Precision.auto(model, lazy.x_train, small.y_train, 16)
    model.standardisation = lazy.standardisation
    assert Precision.auto(model, small.x_train, small.y_train, 16) == chosen
    reach = float(chosen.inputs.max)
    assert 2 < reach < 8  # the largest distance, in deviations
