"""Keras' networks as ours. data/keras has files of Keras' own, and what it predicts with them."""

import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fxtypes_nn import ModelFileError, Precision, from_keras
from fxtypes_nn.imports import read_model

FILES = Path(__file__).parent / "data" / "keras"
WIDE = Precision.preset(64)
generator = np.random.default_rng(0)
ARRAYS = [generator.normal(size=shape) for shape in ((4, 6), (6,), (6, 5), (5, 3), (3,))]


@pytest.fixture
def predictions():
    pytest.importorskip("h5py")
    with np.load(FILES / "predictions.npz") as found:
        return dict(found)


def one_line(error, *parts):
    text = str(error.value)
    assert "\n" not in text
    assert all(part in text for part in parts), text


def test_lists_of_weights():
    x = generator.normal(size=(30, 4))
    model = from_keras(ARRAYS, WIDE, hidden=["tanh", "identity"], output="identity", seed=2)
    expected = (np.tanh(x @ ARRAYS[0] + ARRAYS[1]) @ ARRAYS[2]) @ ARRAYS[3] + ARRAYS[4]
    np.testing.assert_allclose(model.predict(x).to_numpy(), expected, rtol=0, atol=1e-11)
    assert model.seed == 2
    names = [layer.name for layer in from_keras(tuple(ARRAYS)).layers]
    assert names == ["dense1", "relu1", "dense2", "relu2", "dense3", "softmax1"]
    assert from_keras(ARRAYS).precision == Precision.preset(32)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("sequential.keras", "sequential"),
        ("functional.keras", "functional"),
        ("functional.weights.h5", "functional"),
        ("functional_as_keras_2.h5", "functional"),
    ],
)
def test_files_of_keras(predictions, name, key):
    for read in (from_keras, read_model):
        model = read(str(FILES / name), WIDE)
        found = model.predict_proba(predictions["x"]).to_numpy()
        np.testing.assert_allclose(found, predictions[key], rtol=0, atol=1e-6)


def test_the_layers_of_a_keras_file(predictions):
    names = [layer.name for layer in from_keras(FILES / "sequential.keras").layers]
    assert names == [
        *("dense1", "relu1", "dropout1", "dense2", "leakyrelu1", "dense3", "tanh1", "dense4"),
        *("relu2", "dense5", "sigmoid1", "dense6", "softmax1"),
    ]
    with pytest.raises(ValueError, match=r"hidden= is of weights alone: a .keras file has its"):
        from_keras(FILES / "sequential.keras", hidden="relu")


def altered(tmp_path, change, name="sequential.keras"):
    """A copy of a file whose settings a function changed."""
    path = tmp_path / "altered.keras"
    with zipfile.ZipFile(FILES / name) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.namelist():
            content = old.read(member)
            if member == "config.json":
                config = json.loads(content)
                content = json.dumps(change(config) or config)
            new.writestr(member, content)
    return path


def settings(config, number):
    return config["config"]["layers"][number]["config"]


def test_an_output_beside_a_file_that_ends_in_logits(predictions, tmp_path):
    path = altered(tmp_path, lambda config: config["config"]["layers"].pop() and None)
    found = from_keras(path, WIDE, output="softmax").predict_proba(predictions["x"]).to_numpy()
    np.testing.assert_allclose(found, predictions["sequential"], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(class_name="Own"), "it is a Own, whose code isn't in the file; model."),
        (lambda c: c["config"]["layers"][2].update(class_name="Conv2D"), "first is a Conv2D; besi"),
        (
            lambda c: settings(c, 2).update(activation="gelu"),
            "activation 'gelu' has no counterpart",
        ),
        (
            lambda c: settings(c, 2).update(activation={"a": 1}),
            "activation of first, {'a': 1}, has",
        ),
        (lambda c: settings(c, 8).update(max_value=6.0), "is a ReLU with a bound"),
        (lambda c: settings(c, 12).update(axis=0), "is a Softmax over another axis"),
        (lambda c: c["config"]["layers"].insert(4, c["config"]["layers"][1]), "is a Flatten over"),
    ],
)
def test_settings_that_can_not_be_imported(predictions, tmp_path, change, message):
    with pytest.raises(ValueError, match=r"altered.keras can't be imported: ") as error:
        from_keras(altered(tmp_path, change))
    one_line(error, message)


@pytest.mark.parametrize("name", ["branched", "parallel"])
def test_what_is_no_chain(predictions, name):
    with pytest.raises(ValueError, match="; a chain of layers can be imported"):
        from_keras(FILES / f"{name}.keras")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: settings(c, 2).update(units=9),
            "the weights of first aren't those of its settin",
        ),
        (lambda c: settings(c, 2).update(use_bias=False), "the weights of first aren't those"),
        (lambda c: settings(c, 2).pop("units"), "first lacks 'units'"),
        (lambda c: c["config"]["layers"].append(c["config"]["layers"][2]), "first lacks weights"),
        (lambda c: c.pop("config"), "its config.json has no layers"),
        (lambda c: [1, 2], "its config.json has no layers"),
        (lambda c: c["config"].update(layers=5), "its config.json has no layers"),
    ],
)
def test_damaged_settings(predictions, tmp_path, change, message):
    def only_change(config):
        found = change(config)
        return found if isinstance(found, list) else None

    with pytest.raises(ModelFileError, match=r"altered.keras is not a whole file of Keras': ") as e:
        from_keras(altered(tmp_path, only_change))
    one_line(e, message, "; save it anew")


@pytest.mark.parametrize("name", ["sequential.keras", "functional.weights.h5"])
def test_truncated_files(predictions, tmp_path, name):
    whole = (FILES / name).read_bytes()
    path = tmp_path / name
    for size in (0, 1, 100, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelFileError) as error:
            from_keras(path)
        one_line(error, f"{path} is not a whole file of Keras': ")


def test_other_h5_files(predictions, tmp_path):
    import h5py

    def file(arrays):
        with h5py.File(tmp_path / "a.h5", "w") as made:
            for name, values in arrays.items():
                made[name] = values
        return tmp_path / "a.h5"

    with pytest.raises(ValueError, match="there is no dense layer in it"):
        from_keras(file({"other": [1.0]}))
    kernel = np.ones((2, 3))
    several = {f"layers/batch/vars/{number}": [1.0] for number in range(4)}
    with pytest.raises(ValueError, match="batch has 4 arrays of weights, and a dense layer has"):
        from_keras(file(several))
    with pytest.raises(ValueError, match=r"conv2d has weights of the shape \(3, 3, 1, 2\)"):
        from_keras(file({"layers/conv2d/vars/0": np.ones((3, 3, 1, 2))}))
    kept = {"layers/dense/vars/0": kernel, "optimizer/vars/0": [5]}
    kept["layers/dropout/seed_generator/vars/0"] = [1, 2]
    kept["layers/dense/vars/1"] = [0.0, 1.0, 2.0]
    model = from_keras(file(kept))
    assert model.parameters()["dense1.bias"].tolist() == [0.0, 1.0, 2.0]
    assert [layer.name for layer in model.layers] == ["dense1", "softmax1"]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ([], "there is no dense layer in it"),
        ([ARRAYS[1]], r"array 0 has the shape \(6,\); weights of two axes, each followed by its"),
        ([*ARRAYS, ARRAYS[4]], r"array 5 has the shape \(3,\)"),
        ([np.ones((3, 3, 1, 2))], r"array 0 has the shape \(3, 3, 1, 2\)"),
        ([ARRAYS[0], ARRAYS[0]], "array 1 takes 4 inputs, and the layer before it gives 6"),
    ],
)
def test_lists_that_can_not_be_imported(arrays, message):
    with pytest.raises(ValueError, match=message) as error:
        from_keras(arrays)
    one_line(error, "this list of weights can't be imported: ")


def test_wrong_arguments(tmp_path):
    class Model:
        def get_weights(self):
            return ARRAYS

    with pytest.raises(TypeError, match=r"takes model.get_weights\(\), or a file .* got a model"):
        from_keras(Model())
    for wrong in (5, np.ones((2, 2)), {"a": 1}):
        with pytest.raises(TypeError, match=r"takes a list of arrays, as model.get_weights\(\)"):
            from_keras(wrong)
    (tmp_path / "a.tf").write_bytes(b"")
    with pytest.raises(ValueError, match=r"a.tf must end in .keras or .h5; it tells the format"):
        from_keras(tmp_path / "a.tf")
    with pytest.raises(FileNotFoundError):
        from_keras(tmp_path / "none.keras")


def test_without_h5py(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"h5py is needed for files of Keras: pip install 'fxtyp"):
        from_keras(FILES / "functional.weights.h5")


def test_an_archive_without_its_parts(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("metadata.json", "{}")
    (tmp_path / "a.keras").write_bytes(content.getvalue())
    with pytest.raises(ModelFileError, match=r"There is no item named 'config.json'"):
        from_keras(tmp_path / "a.keras")
