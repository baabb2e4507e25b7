"""``precision`` and ``export`` of other tools' models: the oracle is scikit-learn's predictions."""

import csv
import json
import struct
import warnings

import numpy as np
import pytest
from command_line import refused, run

from fxtypes_nn import MLP, datasets, load_model

neural_network = pytest.importorskip("sklearn.neural_network")

DIGITS = datasets.load("digits")
MEANS, DEVIATIONS = DIGITS.x_train.mean(axis=0), DIGITS.x_train.std(axis=0)
SCALES = {
    (): lambda x: x / 16,
    ("--divide-by", "1"): lambda x: x.astype(float),
    ("--standardise",): lambda x: (x - MEANS) / np.where(DEVIATIONS > 0, DEVIATIONS, np.inf),
}


def fitted(scale=SCALES[()], activation="relu", hidden=(12,)):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 25 epochs are few
        return neural_network.MLPClassifier(
            hidden, activation=activation, max_iter=25, learning_rate_init=0.01, random_state=1
        ).fit(scale(DIGITS.x_train), DIGITS.y_train)


@pytest.fixture(scope="module")
def found():
    return fitted()


def accuracy(estimator, scale=SCALES[()]):
    return f"{(estimator.predict(scale(DIGITS.x_test)) == DIGITS.y_test).mean():.2%}"


def layers_of(estimator, dtype=np.float32):
    """Weights of (inputs, units) and biases."""
    pairs = zip(estimator.coefs_, estimator.intercepts_, strict=True)
    return [(weights.astype(dtype), bias.astype(dtype)) for weights, bias in pairs]


def as_safetensors(layers, path):
    header, data = {}, b""
    for index, (weights, bias) in enumerate(layers):
        for name, values in (("weight", weights.T), ("bias", bias)):
            content = np.ascontiguousarray(values, "<f4").tobytes()
            header[f"fc{index}.{name}"] = {
                "dtype": "F32",
                "shape": list(values.shape),
                "data_offsets": [len(data), len(data) + len(content)],
            }
            data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def as_torch(layers, path):
    torch = pytest.importorskip("torch")
    state = {}
    for index, (weights, bias) in enumerate(layers):
        state[f"fc{index}.weight"] = torch.tensor(weights.T)
        state[f"fc{index}.bias"] = torch.tensor(bias)
    torch.save(state, path)


def as_keras(layers, path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for index, pair in enumerate(layers):
            for place, values in enumerate(pair):
                file[f"layers/dense_{index}/vars/{place}"] = values


def as_onnx(layers, path, last=None):
    onnx = pytest.importorskip("onnx")
    helper, nodes, constants, flowing = onnx.helper, [], [], "x"
    for index, pair in enumerate(layers):
        names = [f"w{index}", f"b{index}"]
        constants += [onnx.numpy_helper.from_array(v, n) for v, n in zip(pair, names, strict=True)]
        nodes.append(helper.make_node("Gemm", [flowing, *names], [f"s{index}"]))
        flowing = f"s{index}"
        if index + 1 < len(layers):
            nodes.append(helper.make_node("Relu", [flowing], [f"y{index}"]))
            flowing = f"y{index}"
    if last is not None:
        nodes.append(helper.make_node(last, [flowing], ["last"]))
        flowing = "last"
    ends = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, (None, size))
        for name, size in (("x", len(layers[0][0])), (flowing, layers[-1][0].shape[1]))
    ]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], constants)
    onnx.save(helper.make_model(graph), path)


WRITERS = {
    "a.safetensors": as_safetensors,
    "a.pt": as_torch,
    "a.h5": as_keras,
    "a.onnx": as_onnx,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file(name, found, tmp_path, capsys):
    WRITERS[name](layers_of(found), tmp_path / name)
    more = ("--output", "softmax") if name == "a.onnx" else ()
    arguments = (tmp_path / name, "--dataset", "digits", *more)
    status, out, err = run(capsys, "precision", *arguments)
    assert (status, err) == (0, "")
    assert f"uncut: accuracy {accuracy(found)}\n" in out
    assert (tmp_path / "a-precision" / "precision.png").exists()
    where = tmp_path / "out"
    assert run(capsys, "export", *arguments, "--to", "npz", "--out", where)[0] == 0
    with np.load(where / "a.npz") as arrays:
        described = json.loads((where / "network.json").read_text())["input_format"]
        inputs = arrays["test.inputs"] * 2.0 ** -described["frac_bits"]
        assert (inputs * 16 == DIGITS.x_test[:100]).all()
        assert (arrays["test.classes"] == found.predict(inputs)).all()
        assert described["width"] == 32


@pytest.mark.parametrize("scaling", SCALES)
def test_scales_of_the_samples(scaling, tmp_path, capsys):
    path, estimator = tmp_path / "a.safetensors", fitted(SCALES[scaling])
    as_safetensors(layers_of(estimator), path)
    arguments = (path, "--dataset", "digits", *scaling)
    status, out, _ = run(capsys, "precision", *arguments, "--retrain", "1", "--within", "5")
    assert status == 0
    assert f"uncut: accuracy {accuracy(estimator, SCALES[scaling])}\n" in out
    retrained = load_model(tmp_path / "a-precision" / "retrained.npz")
    assert (retrained.standardisation is not None) == ("--standardise" in scaling)
    assert retrained.epochs_trained == 1


@pytest.mark.parametrize("width", [8, 10, 16])
def test_formats_are_chosen_by_the_data(width, tmp_path, capsys):
    """One weight of 1,536 that is much larger than all others saturates where bits are few."""
    layers = layers_of(fitted(hidden=(24,)))
    layers[0][0][10, 3] = 9
    as_safetensors(layers, tmp_path / "a.safetensors")
    options = ("--dataset", "digits", "--width", width, "--samples", "360", "--to", "npz")
    out = tmp_path / "out"
    assert run(capsys, "export", tmp_path / "a.safetensors", *options, "--out", out)[0] == 0
    with np.load(out / "a.npz") as arrays:
        stages = json.loads((out / "network.json").read_text())["stages"]
        fmt = stages[0]["weight_format"]
        assert fmt["width"] == width
        used = arrays["dense1.weights"] * 2.0 ** -fmt["frac_bits"]
        unit = 2.0 ** -fmt["frac_bits"]
        top = (2 ** (width - 1) - 1) * unit
        kept = layers[0][0].astype(float)
        if width == 8:  # it keeps them in 16 bits
            kept = np.rint(kept / unit * 256) * unit / 256
        wanted = np.clip(np.rint(kept / unit) * unit, -top - unit, top)
        assert (used == wanted).all()
        usual = np.sort(abs(layers[0][0]).ravel())[-2]
        assert top > 9 if width > 10 else usual < top < max(2 * usual, 2)  # no bit to grow
        hidden = np.maximum(DIGITS.x_test / 16 @ used + layers[0][1], 0)
        floats = (hidden @ layers[1][0] + layers[1][1]).argmax(axis=1)
        assert (arrays["test.classes"] == floats).mean() > (0.95 if width > 8 else 0.85)


def test_formats_that_are_named(found, tmp_path, capsys):
    as_safetensors(layers_of(found), tmp_path / "a.safetensors")
    for more, frac_bits in ((("--width", 16, "--frac-bits", 11), 11), (("--width", 16), 10)):
        out = tmp_path / str(frac_bits)
        options = ("--to", "npz", *more, "--out", out)
        assert run(capsys, "export", tmp_path / "a.safetensors", *options)[0] == 0
        described = json.loads((out / "network.json").read_text())["input_format"]
        assert (described["width"], described["frac_bits"]) == (16, frac_bits)


def test_significant_bits_are_of_the_weights_as_they_are(found, tmp_path, capsys):
    """Those of float32 are all there at 24 bits, however small the weights are."""
    layers = layers_of(found)
    layers[0][0][:5] *= np.float32(1e-9)
    as_safetensors(layers, tmp_path / "a.safetensors")
    arguments = (tmp_path / "a.safetensors", "--dataset", "digits", "--significant")
    assert run(capsys, "precision", *arguments)[0] == 0
    table = (tmp_path / "a-precision" / "precision.csv").read_text()
    rows = csv.DictReader(table.splitlines())
    moved = [float(row["moved"]) for row in rows if row["layer"] == "all layers"]
    assert moved[0] == 0
    assert moved[1] > 0.3
    as_onnx(layers, tmp_path / "b.onnx")
    arguments = ("precision", tmp_path / "b.onnx", "--dataset", "digits", "--significant")
    refused(capsys, ["ends in dense2", "--output softmax"], *arguments)


def test_activations_and_the_order_of_layers(tmp_path, capsys):
    estimator = fitted(activation="tanh", hidden=(12, 12))
    first, second, third = layers_of(estimator)
    path = tmp_path / "a.safetensors"
    as_safetensors([second, first, third], path)
    options = ("--dataset", "digits", "--hidden", "tanh,tanh", "--layers", "fc1,fc0,fc2")
    status, out, _ = run(capsys, "precision", path, *options)
    assert status == 0
    assert f"uncut: accuracy {accuracy(estimator)}\n" in out


def test_an_exact_function_is_exported_approximated(tmp_path, capsys):
    estimator = fitted(activation="logistic")
    as_safetensors(layers_of(estimator), tmp_path / "a.safetensors")
    options = ["export", tmp_path / "a.safetensors", "--to", "npz", "--hidden", "sigmoid"]
    options += ["--dataset", "digits", "--samples", "360", "--out", tmp_path / "out"]
    refused(capsys, ["exact sigmoid of 32 bits", "--approximation"], *options)
    assert not (tmp_path / "out").exists()
    more = ("--approximation", "table", "--table-bits", "9")
    assert run(capsys, *options, *more)[0] == 0
    with np.load(tmp_path / "out" / "a.npz") as arrays:
        assert arrays["sigmoid1.table"].size == 512
        same = arrays["test.classes"] == estimator.predict(DIGITS.x_test / 16)
        assert same.mean() > 0.98
    for wrong, words in (
        (("--approximation", "table", "--table-bits", "17"), "table_bits"),
        (("--table-bits", "9"), "--table-bits is for --approximation table"),
    ):
        status, out, err = run(capsys, *options[:-1], tmp_path / "no", *wrong)
        assert (status > 0, out, err.count("\n")) == (True, "", 1)
        assert words in err


# Bad input


@pytest.mark.parametrize("command", ["precision", "export"])
def test_damaged_files(command, found, tmp_path, capsys):
    more = ("--to", "c", "--out", tmp_path / "out") if command == "export" else ()
    for name, write in WRITERS.items():
        if name == "a.pt":
            continue  # without PyTorch it can't be read at all
        path = tmp_path / name
        write(layers_of(found), path)
        path.write_bytes(path.read_bytes()[:-100])
        refused(capsys, [name, "not a whole"], command, path, "--dataset", "digits", *more)
    assert not (tmp_path / "out").exists()


def test_a_file_that_would_run_code(tmp_path, capsys):
    torch = pytest.importorskip("torch")

    class Bomb:
        def __reduce__(self):
            return print, ("it ran",)

    torch.save({"fc.weight": Bomb()}, tmp_path / "a.pt")
    arguments = ("precision", tmp_path / "a.pt", "--dataset", "digits")
    refused(capsys, ["holds no weights alone"], *arguments)  # and printed nothing


def convolution(path):
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    ends = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, (None, 1, 8, 8))
        for name in "xy"
    ]
    kernel = onnx.numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "k")
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "k"], ["y"], name="conv0")],
        "net",
        ends[:1],
        ends[1:],
        [kernel],
    )
    onnx.save(helper.make_model(graph), path)


@pytest.mark.parametrize("command", ["precision", "export"])
def test_what_is_no_network_of_ours(command, found, tmp_path, capsys):
    more = ("--to", "c", "--out", tmp_path / "out") if command == "export" else ()
    data = ("--dataset", "digits", *more)
    convolution(tmp_path / "conv.onnx")
    refused(
        capsys,
        ["conv.onnx", "Conv 'conv0' is none of Gemm"],
        command,
        tmp_path / "conv.onnx",
        *data,
    )
    first, second = layers_of(found)
    path = tmp_path / "a.safetensors"
    as_safetensors([first, (second[0][:7], second[1])], path)
    refused(capsys, ["fc1 takes 7 inputs and fc0 gives 12"], command, path, *data)
    as_onnx([first, (second[0][:7], second[1])], tmp_path / "a.onnx")
    refused(capsys, ["takes 7 inputs", "gives 12"], command, tmp_path / "a.onnx", *data)
    as_safetensors([(np.float32(1e6) * first[0], first[1]), second], path)
    words = ["dense1.weights doesn't fit", "--frac-bits"]
    refused(capsys, words, command, path, *data, "--width", "16", "--frac-bits", "8")
    as_safetensors([(first[0][:60], first[1]), second], path)
    words = ["digits has samples of shape (64,), and the model takes (60,)", "--dataset"]
    refused(capsys, words, command, path, *data)
    as_safetensors([first, (second[0][:, :3], second[1][:3])], path)
    refused(capsys, ["digits has 10 classes and the model", "3"], command, path, *data)
    refused(capsys, ["'gelu' has no counterpart"], command, path, *data, "--hidden", "gelu")
    refused(capsys, ["hidden names 2"], command, path, *data, "--hidden", "relu,relu")
    refused(capsys, ["['x'] must name each of fc0, fc1"], command, path, *data, "--layers", "x")
    as_onnx([first, second], tmp_path / "a.onnx")
    if command == "precision":
        words = ["can't be trained on", "--output softmax"]
        refused(capsys, words, command, tmp_path / "a.onnx", *data, "--retrain", "1")
        assert not (tmp_path / "a-precision").exists()
    words = ["hidden= is not of .onnx files"]
    refused(capsys, words, command, tmp_path / "a.onnx", *data, "--hidden", "relu")
    (tmp_path / "a.txt").write_text("")
    refused(capsys, ["a.txt"], command, tmp_path / "a.txt", *data)
    assert not (tmp_path / "out").exists()


def test_usage_errors(found, tmp_path, capsys):
    MLP([64, 10]).save(tmp_path / "ours.npz")
    as_safetensors(layers_of(found), tmp_path / "a.safetensors")
    for name, more, words in (
        ("ours.npz", ("--width", "8"), "--width is for models of other tools"),
        ("ours.npz", ("--label", "x"), "--label is of data: name them by --dataset"),
        ("a.safetensors", ("--standardise",), "--standardise is of data"),
        ("a.safetensors", ("--width", "4"), "--width 4 has no preset formats"),
        ("a.safetensors", ("--width", "1"), "--width: must be an integer from 2 to 128"),
        ("a.safetensors", ("--divide-by", "0"), "--divide-by: must be a number above 0"),
        ("a.safetensors", ("--divide-by", "2", "--standardise"), "not allowed with"),
        ("a.safetensors", ("--dataset", "nothing"), "--dataset"),
    ):
        options = ("export", tmp_path / name, "--to", "c", "--out", tmp_path / "out", *more)
        status, out, err = run(capsys, *options)
        assert (status, out, err.count("\n")) == (2, "", 1), err
        assert words in err
    assert not (tmp_path / "out").exists()


def test_a_tables_label(tmp_path, capsys):
    """Of a table with the classes in its first column."""
    lines = ["kind,a,b"] + [f"{'xy'[i % 2]},{i % 2},{i % 5}" for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    layers = [(np.array([[1, -1], [0, 0]], np.float32), np.array([0, 0.5], np.float32))]
    as_safetensors(layers, tmp_path / "a.safetensors")
    options = ("--dataset", tmp_path / "t.csv", "--label", "kind", "--test-share", "0.5")
    options = ("precision", tmp_path / "a.safetensors", *options, "--divide-by", "1")
    status, out, _ = run(capsys, *options)
    assert status == 0
    assert "uncut: accuracy 0.00%" in out  # x has the number 0, and the first column says 1
