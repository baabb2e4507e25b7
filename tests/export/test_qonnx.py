"""The exported QONNX graph, run by qonnx' executor, gives the model's bits while float32 can."""

import importlib.util
import re

import pytest
from export_checks import digits_model, digits_samples

import fxtypes as fx
from fxtypes_nn import MLP, Dense, LeakyReLU, Precision, Sequential, Softmax
from fxtypes_nn.export import ExportError, export
from fxtypes_nn.export.network import describe, make_vectors
from fxtypes_nn.export.qonnx import largest_error

onnx = pytest.importorskip("onnx")
executed = pytest.mark.skipif(
    importlib.util.find_spec("qonnx") is None, reason="qonnx isn't installed"
)


@executed
@pytest.mark.filterwarnings("ignore")
def test_no_bit_differs_while_sums_fit_24_bits(tmp_path):
    model = digits_model(8)
    done = export(model, "qonnx", tmp_path / "q", digits_samples(40), "digits")
    assert done.files == ("digits.onnx", "README.txt")
    text = (tmp_path / "q" / "README.txt").read_text()
    assert "qonnx' executor on the samples: no bit differs" in text
    assert text.count("exact in float32") == 3


@executed
@pytest.mark.filterwarnings("ignore")
def test_the_largest_error_beyond_is_told(tmp_path):
    export(digits_model(33), "qonnx", tmp_path / "q", digits_samples(10), "digits")
    text = (tmp_path / "q" / "README.txt").read_text()
    assert text.count("rounded on the way") == 3
    assert "the largest error is " in text


@executed
@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("width", "most"), [(8, 0), (16, 0), (24, 1), (33, 1)])
def test_digits(tmp_path, width, most):
    """As docs/export.md tells."""
    export(digits_model(width), "qonnx", tmp_path / "q", digits_samples(), "digits")
    text = (tmp_path / "q" / "README.txt").read_text()
    found = re.search(r"the largest error is (\d+) unit", text)
    assert (found is None) == ("no bit differs" in text)
    assert int(found[1] if found else 0) <= most


@executed
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "rounding", ["nearest_even", "floor", "ceil", "toward_zero", "away_from_zero"]
)
@pytest.mark.parametrize("overflow", ["saturate", "saturate_symmetric"])
def test_each_mode(tmp_path, rounding, overflow):
    fmt = fx.Format(6, 3, rounding=rounding, overflow=overflow)
    precision = Precision(fmt, fmt, fmt, fx.Format(8, 5), inputs=fx.Format(6, 5))
    model = MLP([5, 4, 3], precision=precision, seed=1)
    export(model, "qonnx", tmp_path / "q")
    assert "no bit differs" in (tmp_path / "q" / "README.txt").read_text()


@executed
@pytest.mark.filterwarnings("ignore")
def test_one_bit_less_is_noticed(tmp_path):
    model = MLP([5, 4, 3], precision=Precision.preset(8), seed=1)
    export(model, "qonnx", tmp_path / "q")
    network = describe(model, "network")
    samples = fx.zeros((2, 5), network.in_format)
    vectors = make_vectors(model, network, samples)
    content = (tmp_path / "q" / "network.onnx").read_bytes()
    assert largest_error(network, vectors, content) == 0
    vectors.outputs[1][0] ^= 1
    assert largest_error(network, vectors, content) == 1


def test_the_graph_is_what_onnx_takes(tmp_path):
    export(digits_model(8), "qonnx", tmp_path / "q", digits_samples(1), "digits")
    model = onnx.load(tmp_path / "q" / "digits.onnx")
    assert [node.op_type for node in model.graph.node].count("Quant") == 5
    assert model.graph.output[0].name == "output"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"logits": fx.Format(8, 3, rounding="odd")}, "dense1 rounds by odd"),
        ({"logits": fx.Format(8, 6, overflow="wrap")}, "dense1 overflows by wrap"),
        ({"accumulator": fx.Format(20, 8)}, "dense1 has an accumulator"),
    ],
)
def test_what_quant_does_not_do_is_refused(tmp_path, changes, words):
    model = MLP([5, 3], precision=Precision.preset(8).replace(**changes))
    with pytest.raises(ExportError, match=words):
        export(model, "qonnx", tmp_path / "q")
    assert not (tmp_path / "q").exists()


def test_straight_lines_are_refused(tmp_path):
    layers = [Dense(3), LeakyReLU(0.25), Dense(2), Softmax()]
    with pytest.raises(ExportError, match="leakyrelu1 is made of straight lines"):
        export(Sequential(layers, 4, Precision.preset(8)), "qonnx", tmp_path / "q")
