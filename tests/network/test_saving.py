"""Models saved and loaded keep every bit; damaged files are refused."""

import json
import random
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

import fxtypes as fx
from fxtypes.interop.archive import read_archive, write_archive
from fxtypes_nn import (
    MLP,
    Adam,
    CrossEntropy,
    Dense,
    Dropout,
    Layer,
    LeakyReLU,
    MeanSquaredError,
    ModelFileError,
    Precision,
    Sequential,
    Softmax,
    Tanh,
    load_model,
    register_layer,
)
from fxtypes_nn.layers import LAYERS


def trained(precision, seed=5):
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(40, 4)), generator.integers(0, 3, 40)
    model = MLP([4, 5, 3], hidden="sigmoid", precision=precision, seed=seed)
    model.fit(x, y, progress=False)
    return model, x, y


def raws(model):
    return {name: values.raw.tolist() for name, values in model.parameters().items()}


def state(model):
    names = ("layer_sizes", "hidden", "output", "precision", "seed", "epochs_trained")
    return [getattr(model, name) for name in names] + [raws(model)]


odd = fx.Format(12, 9, rounding="floor", overflow="wrap")
PRECISIONS = [
    *(Precision.preset(width) for width in (8, 12, 16, 32, 64, 65, 128)),
    Precision(odd, fx.Format(16, 10), odd, fx.Format(20, 15), accumulator=fx.Format(40, 20)),
]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_round_trip_is_bit_for_bit(tmp_path, precision):
    model, x, y = trained(precision)
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert state(loaded) == state(model)
    assert loaded.predict_proba(x).raw.tolist() == model.predict_proba(x).raw.tolist()
    for each in (model, loaded):
        each.fit(x, y, progress=False)
    assert raws(loaded) == raws(model)
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]


def test_the_file_holds_no_pickles_and_the_same_bytes_each_time(tmp_path):
    model, _, _ = trained(Precision.preset(16), seed=-(2**70))
    model.save(tmp_path / "a")
    model.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with np.load(tmp_path / "a", allow_pickle=False) as archive:
        header = json.loads(archive["header.json"])
        assert archive["dense1.weights"].dtype == np.int16
    assert header["seed"] == -(2**70)


@pytest.mark.parametrize("width", [16, 128])
def test_a_truncated_or_altered_file_is_refused(tmp_path, width):
    model, _, _ = trained(Precision.preset(width))
    path = tmp_path / "model.npz"
    model.save(path)
    whole = path.read_bytes()
    generator = random.Random(1)
    for _ in range(150):
        data = bytearray(whole)
        if generator.random() < 0.2:
            del data[generator.randrange(len(data)) :]
        else:
            data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        path.write_bytes(data)
        with pytest.raises(ModelFileError, match="truncated or altered"):
            load_model(path)


def rewritten(path, change_header=None, change_arrays=None):
    """Save the archive anew with sound checksums and altered contents."""
    header, arrays = read_archive(path, "fxtypes_nn model", 2)
    kind, version = header.pop("kind"), header.pop("version")
    del header["formats"]
    if change_header:
        change_header(header)
    if change_arrays:
        change_arrays(arrays)
    write_archive(path, header.pop("kind", kind), header.pop("version", version), header, arrays)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "other"}, "'other'"),
        ({"version": 3}, "newer fxtypes_nn wrote it, as version 3 .*: update fxtypes"),
        ({"mlp": {"layer_sizes": [4, 0, 3]}}, "got 0"),
        ({"mlp": {"layer_sizes": [4, 6, 3]}}, r"\(4, 6\)"),
        ({"mlp": {"layer_sizes": [4, 5, 5, 3]}}, "should hold"),
        ({"mlp": {"layer_sizes": [4, 5, 3], "hidden": "tan"}}, "tan"),
        ({"mlp": 3}, "mapping"),
        ({"precision": {}}, "weights"),
        ({"precision": 3}, "int"),
        ({"precision": {"weights": [16]}}, "argument 2 is shorter"),
        ({"seed": "x"}, "seed"),
        ({"training": {"epochs": -1}}, "-1 epochs"),
        ({"training": {"slots": [["dense1.weights", 16, 8, True, "floor", "what"]]}}, "what"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path, change, message):
    model, _, _ = trained(Precision.preset(16))
    model.save(tmp_path / "model.npz")
    rewritten(tmp_path / "model.npz", change_header=lambda header: header.update(change))
    with pytest.raises(ModelFileError, match=message):
        load_model(tmp_path / "model.npz")


def test_wrong_arrays_are_refused(tmp_path):
    model, _, _ = trained(Precision.preset(12))
    good = tmp_path / "good.npz"
    model.save(good)

    def refused(change, message):
        path = shutil.copy(good, tmp_path / "bad.npz")
        rewritten(path, change_arrays=change)
        with pytest.raises(ModelFileError, match=message):
            load_model(path)

    refused(lambda a: a.pop("dense2.bias"), "should hold")
    small, other = fx.Format(12, 8), fx.Format(16, 8)
    refused(lambda a: a.update(more=fx.zeros(1, small)), "belongs to nothing")
    refused(lambda a: a.update({"dense2.bias": fx.zeros(3, other)}), r"dense2.bias .* Q7\.8")
    refused(lambda a: a.update({"dense2.bias": a["dense1.bias"]}), r"\(3,\) .* \(5,\)")


def test_other_files_are_refused(tmp_path):
    for name, data in (("empty", b""), ("text", b"hello\n"), ("npy", b"\x93NUMPY\x01\x00")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ModelFileError, match=name):
            load_model(tmp_path / name)
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(ModelFileError, match="zip file"):
        load_model(tmp_path / "other.npz")
    fx.save(tmp_path / "arrays.npz", a=fx.zeros(3, fx.Format(8, 4)))
    with pytest.raises(ModelFileError, match="'fxtypes arrays' version 1"):
        load_model(tmp_path / "arrays.npz")
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "none")
    with pytest.raises(TypeError):
        load_model(0)  # the standard input's number


def test_saving_into_a_missing_folder_fails_and_leaves_nothing(tmp_path):
    model, _, _ = trained(Precision.preset(16))
    with pytest.raises(FileNotFoundError):
        model.save(tmp_path / "none" / "model.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_version_0_1_loads():
    """``data/model.npz`` is what ``model.save`` wrote there of ``MLP([3, 2, 2], hidden="sigmoid",
    precision=precision, seed=-(2**70))`` after ``fit(x, [0, 1, 1], epochs=2)``."""
    q = fx.Format(12, 9, rounding="floor", overflow="wrap")
    wide = fx.Format(100, 60, rounding="stochastic")
    precision = Precision(q, fx.Format(16, 10), q, wide, accumulator=fx.Format(40, 20))
    model = load_model(Path(__file__).parent / "data" / "model.npz")
    assert state(model) == [
        *((3, 2, 2), "sigmoid", "softmax", precision, -(2**70), 2),
        {
            "dense1.weights": [
                [-1167399317404792918, 201805388489104596],
                [-1245461015024151504, 686559082244837471],
                [-1015259847195356418, 1178090306446673158],
            ],
            "dense1.bias": [-1200959900632132, 1801439850948198],
            "dense2.weights": [
                [-131898177976539183, 187963770978490645],
                [-1099787186219375329, 324744430263927229],
            ],
            "dense2.bias": [14411518807585587, -13210558906953454],
        },
    ]
    assert model.precision.names_probabilities is False
    assert model.training.slots == {}
    assert all(p.format is wide for p in model.parameters().values())
    x = np.array([[0.5, -1.25, 2], [1, 0.75, -0.125], [-2, 0, 1]])
    assert model.predict_proba(x).raw.tolist() == [[266, 758], [321, 703], [274, 750]]


def test_any_network_of_registered_layers_is_saved_with_its_state(tmp_path):
    layers = [
        Dense(6, initializer="he_uniform"), LeakyReLU(0.125), Dropout(0.25),
        Dense(4, bias=False), Tanh("table", table_bits=7), Dense(3), Softmax("piecewise_linear"),
    ]  # fmt: skip
    precision = Precision.preset(16).replace(layers={"dense2": Precision.uniform(12, 8)})
    model = Sequential(layers, 4, precision, seed=3)
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(40, 4)), generator.integers(0, 3, 40)
    model.fit(x, y, optimizer=Adam(0.01), progress=False)
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert repr(loaded.layers) == repr(model.layers)
    assert loaded.precision == model.precision
    assert raws(loaded) == raws(model)
    assert loaded.training.loss == CrossEntropy()
    for each in (model, loaded):
        each.fit(x, y, epochs=2, optimizer=Adam(0.01), progress=False)
    assert raws(loaded) == raws(model)
    assert loaded.training.steps == model.training.steps == 3


def test_real_targets_are_remembered(tmp_path):
    model = MLP([2, 2], output="sigmoid", precision=Precision.preset(16))
    x, y = np.zeros((4, 2)), np.full((4, 2), 0.5)
    model.fit(x, y, loss=MeanSquaredError(), progress=False)
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert isinstance(loaded.predict(x), fx.FixedArray)
    assert loaded.evaluate(x, y) == model.evaluate(x, y)


def test_layers_that_are_not_registered_are_refused(tmp_path):
    class Own(Layer):
        def forward(self, x, context):
            return x, lambda gradient: (gradient, {})

    model = Sequential([Own(), Dense(2), Softmax()], 3)
    with pytest.raises(ValueError, match="own1 can't be saved: its class Own isn't registered"):
        model.save(tmp_path / "model.npz")
    register_layer(Own)
    model.save(tmp_path / "model.npz")
    assert load_model(tmp_path / "model.npz").layers[0].name == "own1"
    LAYERS.pop("Own")
    with pytest.raises(ModelFileError, match="class Own, which isn't registered"):
        load_model(tmp_path / "model.npz")


def test_an_interruption_while_a_member_is_opened_stays_one(tmp_path, monkeypatch):
    path = tmp_path / "model.npz"
    model = MLP([6, 3], precision=Precision.preset(16))
    model.save(path)
    before = path.read_bytes()
    opened = zipfile.ZipFile.open

    def interrupted(self, name, mode="r", **options):
        handle = opened(self, name, mode, **options)
        if getattr(name, "filename", name) == "dense1.bias.npy":
            raise KeyboardInterrupt  # with the handle that zipfile has open
        return handle

    monkeypatch.setattr(zipfile.ZipFile, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.npz"]
    assert path.read_bytes() == before
