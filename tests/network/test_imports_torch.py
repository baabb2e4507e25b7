"""PyTorch's networks as ours: modules where PyTorch is installed, and files of tensors."""

import json
import struct
import sys

import numpy as np
import pytest

from fxtypes_nn import ModelFileError, Precision, from_torch
from fxtypes_nn.imports import read_model

WIDE = Precision.preset(64)
x = np.random.default_rng(0).normal(size=(40, 4))


def state(sizes=(4, 6, 3), names=("fc1", "fc2"), dtype=np.float64):
    """A state dict of NumPy's arrays: weights of shape (outputs, inputs)."""
    generator = np.random.default_rng(1)
    found = {}
    for name, before, after in zip(names, sizes[:-1], sizes[1:], strict=True):
        found[f"{name}.weight"] = generator.normal(size=(after, before)).astype(dtype)
        found[f"{name}.bias"] = generator.normal(size=after).astype(dtype)
    return found


def written(path, tensors, dtypes=None, metadata=None):
    """A safetensors file, made by hand."""
    header, data = {}, b""
    if metadata is not None:
        header["__metadata__"] = metadata
    kinds = {"float64": "F64", "float32": "F32", "float16": "F16", "uint16": "BF16", "int8": "I8"}
    for name, values in tensors.items():
        content = np.ascontiguousarray(values).tobytes()
        header[name] = {
            "dtype": kinds[values.dtype.name],
            "shape": list(values.shape),
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def outputs(tensors, activation=np.tanh):
    """What a state dict's layers compute, in float64."""
    values, layers = x, list(tensors)[::2]
    for index, name in enumerate(layers):
        values = values @ tensors[name].T + tensors[name.replace("weight", "bias")]
        values = activation(values) if index < len(layers) - 1 else values
    return values


def close(found, expected, atol=1e-11):
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=0, atol=atol)


def one_line(error, *parts):
    text = str(error.value)
    assert "\n" not in text
    assert all(part in text for part in parts), text


def test_state_dicts():
    model = from_torch(state(), WIDE, hidden="tanh", output="identity", seed=3)
    close(model.predict(x), outputs(state()))
    assert model.seed == 3
    assert [type(layer).__name__ for layer in from_torch(state()).layers] == [
        "Dense",
        "ReLU",
        "Dense",
        "Softmax",
    ]
    assert from_torch(state()).precision == Precision.preset(32)
    one = from_torch(state((4, 6, 1)))
    assert [layer.name for layer in one.layers] == ["dense1", "relu1", "dense2"]
    each = from_torch(state((4, 5, 6, 2), "abc"), hidden=["sigmoid", "tanh"], output="sigmoid")
    names = [layer.name for layer in each.layers]
    assert names == ["dense1", "sigmoid1", "dense2", "tanh1", "dense3", "sigmoid2"]


def test_the_order_of_layers():
    tensors = state((4, 6, 6, 6, 3), ("net.0", "net.2", "net.10", "net.12"))
    mixed = dict(sorted(tensors.items()))  # net.10 before net.2
    order = ["net.0", "net.2", "net.10", "net.12"]
    model = from_torch(mixed, WIDE, hidden="tanh", output="identity", layers=order)
    close(model.predict(x), outputs(tensors))
    with pytest.raises(ValueError, match=r"layers=\['net.0'\] must name each of net.0, net.10"):
        from_torch(mixed, layers=["net.0"])
    swapped = state((4, 6, 3), ("second", "first"))
    with pytest.raises(ValueError, match="second takes 4 inputs and first gives 3; layers= names"):
        from_torch({**dict(list(swapped.items())[2:]), **swapped})


def test_safetensors_files(tmp_path):
    tensors = state((4, 6, 6, 6, 3), ("net.0", "net.2", "net.10", "net.12"))
    path = written(tmp_path / "a.safetensors", dict(sorted(tensors.items())), metadata={"a": "b"})
    model = from_torch(path, WIDE, hidden="tanh", output="identity")
    close(model.predict(x), outputs(tensors))
    again = read_model(str(path), WIDE, hidden="tanh", output="identity")
    assert again.outputs(x).raw.tolist() == model.outputs(x).raw.tolist()


def test_dtypes_of_safetensors(tmp_path):
    for dtype in (np.float32, np.float16):
        tensors = state(dtype=dtype)
        path = written(tmp_path / "a.safetensors", tensors)
        found = from_torch(path, WIDE).parameters()["dense1.weights"]
        np.testing.assert_array_equal(found.to_numpy(), tensors["fc1.weight"].T.astype(float))
    bits = np.array([[0x3FC0, 0xC020]], np.uint16)  # 1.5 and -2.5
    path = written(tmp_path / "b.safetensors", {"fc.weight": bits})
    found = from_torch(path, WIDE).parameters()["dense1.weights"]
    assert found.to_numpy().tolist() == [[1.5], [-2.5]]
    path = written(tmp_path / "c.safetensors", {"fc.weight": np.array([[1, -2]], np.int8)})
    assert from_torch(path).parameters()["dense1.weights"].tolist() == [[1.0], [-2.0]]


def test_safetensors_own_files(tmp_path):
    library = pytest.importorskip("safetensors.numpy")
    library.save_file(state(dtype=np.float32), tmp_path / "a.safetensors")
    model = from_torch(tmp_path / "a.safetensors", WIDE, hidden="tanh", output="identity")
    expected = outputs({name: w.astype(float) for name, w in state(dtype=np.float32).items()})
    close(model.predict(x), expected)


def header(**changes):
    entry = {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]} | changes
    return {"fc.weight": entry}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "of 0 bytes the header would have 0"),
        (b"short", "of 5 bytes"),
        (struct.pack("<Q", 2**63) + b"{}", "the header would have 9223372036854775808"),
        (struct.pack("<Q", 2) + b"[]", "its header names no tensors"),
        (struct.pack("<Q", 2) + b"\xff\xfe", "its header is no text"),
        (struct.pack("<Q", 2) + b"{a", "Expecting property name"),
        (header(dtype="F8_E4M3"), "fc.weight has the dtype 'F8_E4M3'; known are F64"),
        (header(dtype=["F32"]), "unhashable|dtype"),
        (header(shape=[1, -2]), r"fc.weight has the shape \[1, -2\]"),
        (header(shape=[1, 2.0]), "fc.weight has the shape"),
        (header(shape="12"), "fc.weight has the shape"),
        (header(shape=[1, 3]), r"fc.weight doesn't lie where its shape \[1, 3\]"),
        (header(data_offsets=[4, 12]), "fc.weight doesn't lie where"),
        (header(shape=[1, 3], data_offsets=[0, 12]), "fc.weight ends at byte 12 of 8"),
        (header(shape=[1, 1], data_offsets=[0, 4]), "4 bytes at its end belong to no tensor"),
        (header(data_offsets=[0]), "data_offsets|unpack"),
        (header(data_offsets=None), "data_offsets|unpack|NoneType"),
        ({"fc.weight": 5}, "subscriptable"),
        ({"fc.weight": {"dtype": "F32"}}, "it lacks 'data_offsets'"),
        (b'{"a":{},"a":{}}', "its header has a name twice"),
        (b"[" * 50_000, "recursion|Expecting|depth"),
    ],
)
def test_damaged_safetensors(tmp_path, content, message):
    path = tmp_path / "model.safetensors"
    if isinstance(content, dict):
        content = json.dumps(content).encode()
    if content[:1] in (b"{", b"["):
        content = struct.pack("<Q", len(content)) + content + bytes(8)
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message) as error:
        from_torch(path)
    one_line(error, f"{path} is not a whole safetensors file: ", "; save it anew")


def test_a_truncated_safetensors_file_is_always_refused(tmp_path):
    path = written(tmp_path / "model.safetensors", state((2, 2), ("fc",), np.float16))
    whole = path.read_bytes()
    from_torch(path)
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelFileError):
            from_torch(path)


def changed(**entries):
    return {name: value for name, value in (state() | entries).items() if value is not None}


@pytest.mark.parametrize(
    ("tensors", "parts"),
    [
        ({}, ["there is no dense layer in it"]),
        (changed(**{"conv.weight": np.ones((2, 2, 3, 3))}), ["conv.weight has the shape (2, 2, 3"]),
        (
            changed(**{"bn.running_mean": np.ones(6)}),
            ["bn is no dense layer: it has bn.running_me"],
        ),
        (changed(**{"fc2.weight": None}), ["fc2 is no dense layer: it has fc2.bias"]),
        (changed(**{"fc2.bias": np.ones(5)}), ["fc2 has a bias of the shape (5,) for 3 units"]),
        (changed(**{"fc1.bias": np.full(6, np.inf)}), ["bias of fc1 are not all finite"]),
        (changed(**{"fc1.weight": np.full((6, 4), "a")}), ["weights of fc1 are no numbers"]),
        (changed(**{"fc1.weight": np.ones((6, 0))}), ["fc1 has weights of the shape (0, 6)"]),
    ],
)
def test_what_can_not_be_imported(tensors, parts):
    with pytest.raises(ValueError, match="this state dict can't be imported: ") as error:
        from_torch(tensors)
    one_line(error, *parts)


def test_wrong_arguments(tmp_path):
    with pytest.raises(ValueError, match="the activation 'gelu' has no counterpart; there are rel"):
        from_torch(state(), hidden="gelu")
    with pytest.raises(ValueError, match="hidden names 2 activations, and there are 1 hidden lay"):
        from_torch(state(), hidden=["relu", "relu"])
    with pytest.raises(ValueError, match=r"dense1.weights doesn't fit .*more integer bits"):
        from_torch({"a.weight": np.full((2, 2), 300.0)}, Precision.preset(8))
    with pytest.raises(TypeError, match=r"takes a torch.nn.Sequential, .* got int"):
        from_torch(5)
    with pytest.raises(ValueError, match=r"a.bin must end in .safetensors, .pt or .pth"):
        from_torch(tmp_path / "a.bin")
    with pytest.raises(ValueError, match=r"a.bin must be a model's file, ending in .npz, .onnx"):
        read_model(tmp_path / "a.bin")
    with pytest.raises(FileNotFoundError):
        from_torch(tmp_path / "none.safetensors")


def test_without_torch(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"torch is needed for files of PyTorch: pip install"):
        from_torch(tmp_path / "a.pt")


# Where PyTorch is installed


@pytest.fixture
def torch():
    found = pytest.importorskip("torch")
    found.manual_seed(0)
    return found


def everything(torch):
    nn = torch.nn
    first = nn.Sequential(nn.Linear(4, 7), nn.LeakyReLU(0.125), nn.Dropout(0.5))
    rest = [nn.Linear(7, 6, bias=False), nn.Tanh(), nn.Identity(), nn.Linear(6, 5), nn.Sigmoid()]
    last = [nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 3)]
    return nn.Sequential(nn.Flatten(), first, *rest, *last).double().eval()


def test_modules(torch):
    module = everything(torch)
    expected = module(torch.from_numpy(x)).detach().numpy()
    model = from_torch(module, WIDE)
    close(model.predict(x), expected)
    assert "leakyrelu1, dropout1, dense2, tanh1, dense3, sigmoid1" in repr(model)
    softmax = torch.softmax(torch.from_numpy(expected), 1).numpy()
    close(from_torch(module, WIDE, output="softmax").predict_proba(x), softmax)
    whole = torch.nn.Sequential(module, torch.nn.Softmax(dim=1))
    close(from_torch(whole, WIDE).predict_proba(x), softmax)
    alone = torch.nn.Linear(4, 2).double()
    close(from_torch(alone, WIDE).predict(x), alone(torch.from_numpy(x)).detach().numpy())


def test_state_dicts_of_modules(torch, tmp_path):
    nn = torch.nn
    module = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)).double()
    expected = torch.softmax(module(torch.from_numpy(x)), 1).detach().numpy()
    close(from_torch(module.state_dict(), WIDE).predict_proba(x), expected)
    for content in (module.state_dict(), {"epoch": 3, "model_state_dict": module.state_dict()}):
        torch.save(content, tmp_path / "a.pt")
        close(from_torch(tmp_path / "a.pt", WIDE).predict_proba(x), expected)
    half = module.to(torch.bfloat16)
    found = from_torch(half.state_dict(), WIDE).parameters()["dense1.weights"]
    assert found.to_numpy().tolist() == half[0].weight.detach().double().numpy().T.tolist()


def test_modules_that_can_not_be_imported(torch):
    nn = torch.nn

    def refused(*modules):
        with pytest.raises(ValueError, match="can't be imported: ") as error:
            from_torch(nn.Sequential(*modules))
        return error

    one_line(refused(nn.Linear(4, 3), nn.GELU()), "1 is a GELU", "it may have ReLU, LeakyReLU")
    one_line(refused(nn.Linear(4, 3), nn.LogSoftmax(1)), "put a Softmax in its place")
    one_line(refused(nn.Linear(4, 3), nn.BatchNorm1d(3)), "fuse_linear_bn_eval")
    one_line(refused(nn.Conv2d(1, 2, 3), nn.ReLU()), "0 is a Conv2d")
    one_line(refused(nn.Linear(4, 3), nn.Flatten()), "1 is a Flatten")
    one_line(refused(nn.Linear(4, 3), nn.Linear(4, 3)), "1 takes 4 inputs", "gives 3")
    one_line(refused(nn.ReLU()), "there is no dense layer in it")

    class Own(nn.Module):
        pass

    with pytest.raises(ValueError, match=r"this Own can't be imported: .* pass module.state_dict"):
        from_torch(Own())
    with pytest.raises(ValueError, match=r"hidden= and layers= are of state dicts"):
        from_torch(nn.Linear(4, 3), hidden="relu")


def test_files_of_pytorch_that_can_not_be_imported(torch, tmp_path):
    torch.save(torch.nn.Linear(4, 3), tmp_path / "module.pt")  # it would run code
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save({"fc.weight": torch.ones(2, 2)}, tmp_path / "whole.pt")
    content = (tmp_path / "whole.pt").read_bytes()
    (tmp_path / "damaged.pth").write_bytes(content[: len(content) // 2])
    (tmp_path / "empty.pth").write_bytes(b"")
    for name in ("module.pt", "damaged.pth", "empty.pth"):
        with pytest.raises(ModelFileError) as error:
            from_torch(tmp_path / name)
        one_line(
            error, f"{name} holds no weights alone, or is damaged", "; save model.state_dict()"
        )
    with pytest.raises(ModelFileError, match=r"list.pt holds a list and no state dict"):
        from_torch(tmp_path / "list.pt")
    with pytest.raises(FileNotFoundError):
        from_torch(tmp_path / "none.pt")
