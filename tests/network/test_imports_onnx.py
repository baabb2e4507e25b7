"""ONNX files as our networks: the package's own evaluator is the oracle."""

import sys

import numpy as np
import pytest

from fxtypes_nn import ModelFileError, Precision, from_onnx
from fxtypes_nn.imports import read_model

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

WIDE = Precision.preset(64)
generator = np.random.default_rng(0)
x = generator.normal(size=(30, 4))
node = helper.make_node


def weights(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


A, B, C = weights(4, 6), weights(6), weights(6, 3)


def model(nodes, constants, shape=(None, 4), outputs=("y",), dtype=np.float64, inputs=("x",)):
    """One whose operators have opset 17."""
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    made = [
        numpy_helper.from_array(
            np.asarray(v).astype(dtype if np.asarray(v).dtype.kind == "f" else "i8"), name
        )
        for name, v in constants.items()
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info(name, kind, shape) for name in inputs],
        [helper.make_tensor_value_info(name, kind, (None, None)) for name in outputs],
        made,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def dense(*more, **constants):
    """MatMul and Add, and nodes after them."""
    nodes = [node("MatMul", ["x", "A"], ["s"]), node("Add", ["s", "B"], ["z"]), *more]
    return model(nodes, {"A": A, "B": B} | constants)


def check(proto, samples=x, atol=1e-11, **options):
    onnx.checker.check_model(proto)
    dtype = helper.tensor_dtype_to_np_dtype(proto.graph.input[0].type.tensor_type.elem_type)
    expected = ReferenceEvaluator(proto).run(None, {"x": samples.astype(dtype)})[0]
    found = from_onnx(proto, WIDE, **options)
    flat = samples.astype(dtype).reshape(len(samples), -1)
    np.testing.assert_allclose(found.outputs(flat).to_numpy(), expected, rtol=0, atol=atol)
    return found


def refused(proto, *parts):
    with pytest.raises(ValueError, match="this ONNX model can't be imported: ") as error:
        from_onnx(proto)
    text = str(error.value)
    assert "\n" not in text
    assert all(part in text for part in parts), text


@pytest.mark.parametrize(
    "activation", ["Relu", "Sigmoid", "Tanh", "Softmax", "LeakyRelu", "Identity", "Dropout"]
)
def test_activations(activation):
    check(dense(node(activation, ["z"], ["y"])))


def test_gemm():
    def gemm(given, **attributes):
        return model([node("Gemm", ["x", *given], ["y"], **attributes)], {"A": A, "T": A.T, "B": B})

    check(gemm(["A", "B"]))
    check(gemm(["T", "B"], transB=1, alpha=0.5, beta=3.0))
    names = [layer.bias for layer in check(gemm(["A"])).layers]
    assert names == [False]
    refused(gemm(["A", "B"], transA=1), "Gemm 'y' doesn't multiply its input by weights")
    swapped = model([node("Gemm", ["A", "x"], ["y"])], {"A": A})
    refused(swapped, "Gemm 'y' doesn't multiply its input by weights")


def test_single_precision_weights_are_exact():
    proto = model(
        [node("Gemm", ["x", "A", "B"], ["y"], alpha=0.3, transB=1)],
        {"A": A.T, "B": B},
        dtype=np.float32,
    )
    found = from_onnx(proto, WIDE).parameters()["dense1.weights"]
    expected = A.astype(np.float32).astype(float) * float(np.float32(0.3))
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=0, atol=2.0**-50)
    check(proto, atol=1e-5)


def test_a_network_of_three_layers():
    nodes = [
        node("Flatten", ["x"], ["f"]),
        node("Gemm", ["f", "A", "B"], ["a"]),
        node("Relu", ["a"], ["b"]),
        node("Transpose", ["T"], ["C"], perm=[1, 0]),
        node("MatMul", ["b", "C"], ["c"]),
        node("Constant", [], ["D"], value=numpy_helper.from_array(weights(1, 3))),
        node("Add", ["D", "c"], ["d"]),
        node("Softmax", ["d"], ["y"], axis=1),
    ]
    proto = model(nodes, {"A": A, "B": B, "T": C.T}, (None, 2, 2))
    found = check(proto, x.reshape(-1, 2, 2))
    assert [layer.name for layer in found.layers] == ["dense1", "relu1", "dense2", "softmax1"]
    assert found.predict(x).shape == (30,)


def test_reshape_and_outputs():
    nodes = [node("Reshape", ["x", "shape"], ["f"]), node("MatMul", ["f", "A"], ["y"])]
    proto = model(nodes, {"A": A, "shape": np.array([-1, 4])}, (None, 2, 2))
    check(proto, x.reshape(-1, 2, 2))
    assert [layer.name for layer in from_onnx(proto, output="softmax").layers][1] == "softmax1"
    nodes = [node("Reshape", ["x", "shape"], ["f"]), node("MatMul", ["f", "A"], ["y"])]
    refused(model(nodes, {"A": A, "shape": np.array([0, 2, 2])}, (None, 4)), "one axis of a sample")


def test_files(tmp_path):
    proto = dense(node("Relu", ["z"], ["y"]))
    onnx.save(proto, tmp_path / "a.onnx")
    found = from_onnx(tmp_path / "a.onnx", WIDE)
    assert found.outputs(x).raw.tolist() == from_onnx(proto, WIDE).outputs(x).raw.tolist()
    assert read_model(str(tmp_path / "a.onnx")).precision == Precision.preset(32)
    onnx.save(
        proto, tmp_path / "b.onnx", save_as_external_data=True, location="b.data", size_threshold=0
    )
    again = from_onnx(tmp_path / "b.onnx", WIDE)
    assert again.outputs(x).raw.tolist() == found.outputs(x).raw.tolist()
    (tmp_path / "b.data").unlink()
    with pytest.raises(ModelFileError, match=r"b.onnx is not a whole ONNX model: 'A' can't be re"):
        from_onnx(tmp_path / "b.onnx")


def test_what_can_not_be_imported():
    refused(dense(node("Gelu", ["z"], ["y"])), "Gelu 'y' is none of Gemm, MatMul, Add, Relu")
    refused(dense(node("Conv", ["z", "A"], ["y"], name="first")), "Conv 'first' is none of")
    refused(dense(node("Softmax", ["z"], ["y"], axis=0)), "Softmax 'y' is over axis 0")
    steep = dense(node("LeakyRelu", ["z"], ["y"], alpha=2.0))
    refused(steep, "LeakyRelu 'y' is a LeakyReLU whose slope must be a number from 0 to 1, got 2.0")
    refused(dense(node("Relu", ["z"], ["y"], domain="ai.onnx.ml")), "of the domain ai.onnx.ml")
    refused(dense(node("Add", ["z", "B"], ["y"])), "Add 'y' adds to something else than the sums")
    refused(
        dense(node("Add", ["z", "z"], ["y"])), "Add 'y' computes with 'z', which is no constant"
    )
    refused(dense(node("Flatten", ["z"], ["y"])), "Flatten 'y' is none of")
    refused(dense(node("MatMul", ["z", "A"], ["y"])), "takes 4 inputs", "gives 6")
    refused(dense(node("MatMul", ["C", "z"], ["y"]), C=C), "doesn't multiply its input by weights")
    refused(dense(node("MatMul", ["z", "D"], ["y"])), "'D', which is no constant in the file")
    refused(model([node("Relu", ["x"], ["y"])], {}), "there is no dense layer in it")
    wide = model([node("MatMul", ["x", "A"], ["y"])], {"A": A}, (None, 2, 4))
    refused(wide, "takes samples of 2 axes; put a Flatten before it")
    several = model([node("MatMul", ["x", "A"], ["y"])], {"A": A}, outputs=("y", "z"))
    refused(several, "it has 1 inputs and 2 outputs")
    fork = dense(node("Relu", ["z"], ["a"]), node("Tanh", ["z"], ["y"]))
    refused(fork, "'z' goes into 2 nodes; a chain of layers can be imported")
    loose = dense(node("Relu", ["z"], ["y"]), node("Tanh", ["y"], ["a"]))
    refused(loose, "Tanh 'a' isn't on the way from the input to the output")
    nowhere = model([node("Relu", ["x"], ["z"])], {})
    refused(nowhere, "'z' goes into 0 nodes")


def test_wrong_arguments(tmp_path):
    with pytest.raises(TypeError, match="takes a path or a ModelProto, got int"):
        from_onnx(5)
    with pytest.raises(ValueError, match="the activation 'gelu' has no counterpart"):
        from_onnx(dense(node("Relu", ["z"], ["y"])), output="gelu")
    with pytest.raises(FileNotFoundError):
        from_onnx(tmp_path / "none.onnx")


def test_damaged_files(tmp_path):
    path = tmp_path / "a.onnx"
    whole = dense(node("Relu", ["z"], ["y"])).SerializeToString()
    contents = [whole[:size] for size in range(0, len(whole) - 8, 7)]
    contents += [b"\x00" * 100, b"PK\x03\x04" + whole, whole[50:]]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"a.onnx (is not a whole|can't be imp)") as error:
            from_onnx(path)
        assert "\n" not in str(error.value)


def test_nodes_that_lack_something():
    kernel = [node("MatMul", ["x", "A"], ["s"])]
    for broken in (
        node("Relu", ["s"], []),
        node("Gemm", ["s"], ["y"]),
        node("Identity", [], ["a"]),
        node("Transpose", ["A"], ["y"], perm=[0, 5]),
        node("LeakyRelu", ["s"], ["y"], alpha="steep"),
    ):
        with pytest.raises(
            ValueError, match=r"^this ONNX model (is not a whole|can't be)"
        ) as error:
            from_onnx(model([*kernel, broken], {"A": A}))
        assert "\n" not in str(error.value)


def test_bytes_changed_at_random(tmp_path):
    """Whatever is in a file: a network, or one line."""
    path = tmp_path / "a.onnx"
    whole = dense(node("Relu", ["z"], ["y"])).SerializeToString()
    draws, refusals = np.random.default_rng(0), []
    for _ in range(300):
        content = bytearray(whole)
        for place in draws.integers(0, len(whole), 3):
            content[place] = draws.integers(256)
        path.write_bytes(content)
        try:
            from_onnx(path)
        except ValueError as error:
            refusals.append(str(error))
    assert len(refusals) > 20
    assert [text for text in refusals if "\n" in text or not text.startswith(str(path))] == []


def test_without_onnx(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"onnx is needed for ONNX files: pip install 'fxtypes\["):
        from_onnx(tmp_path / "a.onnx")


def test_other_kinds_of_numbers():
    proto = dense(node("Relu", ["z"], ["y"]))
    proto.graph.initializer[0].CopyFrom(
        helper.make_tensor("A", TensorProto.BFLOAT16, (4, 6), A.ravel().tolist())
    )
    found = from_onnx(proto, WIDE).parameters()["dense1.weights"].to_numpy()
    np.testing.assert_allclose(found, A, rtol=2**-8)
    proto.graph.initializer[0].CopyFrom(
        numpy_helper.from_array(np.array(["a"] * 24).reshape(4, 6), "A")
    )
    refused(proto, "weights of MatMul 's' are no numbers")
