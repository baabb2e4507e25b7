"""ONNX files of dense layers."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from ..errors import ModelFileError
from ..extras import extra
from ..layers import Softmax
from ..model import Sequential
from ..precision import Precision
from .network import Imported, one_line

_PLAIN = {"Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh"}
_SLOPE = float(np.float32(0.01))  # a LeakyRelu's by default: attributes are of 32 bits
_SAME = ("Identity", "Dropout", "Cast")  # in use, not in training, they change nothing of ours
_KNOWN = "Gemm, MatMul, Add, Relu, LeakyRelu, Sigmoid, Tanh, Softmax, Flatten, Reshape, Identity"


def from_onnx(
    source: Any, precision: Precision | None = None, *, output: str | None = None, seed: int = 0
) -> Sequential:
    """A network of dense layers in ONNX as one of ours, each weight rounded once.

    Parameters
    ----------
    source : path or onnx.ModelProto
        A chain of `Gemm` or `MatMul` and `Add`, `Relu`, `LeakyRelu`, `Sigmoid`, `Tanh` and
        `Softmax`; before it `Flatten` or a `Reshape` to two axes.
    precision : Precision, optional
        By default ``Precision.preset(32)``.
    output : str, optional
        What follows a network that ends in its logits: "softmax", say.
    seed : int
        What further training draws from.

    Returns
    -------
    Sequential
        Its samples are of one axis, as after `Flatten`.

    Raises
    ------
    ValueError
        If there is another operator, or another shape than a chain; the message names the node.
    ModelFileError
        If the file is damaged.
    TypeError
        If it is neither a path nor a model.
    OSError
        If it can't be read.
    ImportError
        If the package onnx isn't installed.
    """
    onnx: Any = extra("onnx", "ONNX files", "imports")
    if isinstance(source, onnx.ModelProto):
        graph, found, folder = source.graph, Imported("this ONNX model"), ""
    elif isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        graph, found, folder = _read(onnx, name), Imported(name), os.path.dirname(name)
    else:
        raise TypeError(f"from_onnx takes a path or a ModelProto, got {type(source).__name__}")
    try:
        _Reader(onnx, graph, found, folder).read()
    # Nodes without what they need, or with something of another type.
    except (ModelFileError, IndexError, TypeError, AttributeError) as error:
        raise ModelFileError(
            f"{found.source} is not a whole ONNX model: {error}; export it anew"
        ) from None
    if output is not None:
        found.activation(output)
    return found.build(precision, seed)


def _read(onnx: Any, path: str) -> Any:
    with open(path, "rb") as file:
        content = file.read()
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except Exception as error:  # protobuf's own, of a package that onnx brings along
        raise ModelFileError(
            f"{path} is not a whole ONNX model: {one_line(error)}; export it anew"
        ) from None
    return model.graph


class _Reader:
    """The way through a graph, from its input to its output."""

    def __init__(self, onnx: Any, graph: Any, found: Imported, folder: str) -> None:
        self._onnx, self._graph, self._found, self._folder = onnx, graph, found, folder
        self._constants = {each.name: each for each in graph.initializer}
        self._rank: int | None = None  # of what flows; None: not known

    def read(self) -> None:
        graph, found = self._graph, self._found
        if not graph.node:
            raise ModelFileError("it has no nodes")
        nodes = [node for node in graph.node if not self._is_constant(node)]
        inputs = [each for each in graph.input if each.name not in self._constants]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise found.refused(
                f"it has {len(inputs)} inputs and {len(graph.output)} outputs; a chain from one "
                "to one can be imported"
            )
        shape = inputs[0].type.tensor_type
        self._rank = len(shape.shape.dim) if shape.HasField("shape") else None
        flowing = inputs[0].name
        while flowing != graph.output[0].name:
            users = [node for node in nodes if flowing in node.input]
            if len(users) != 1:
                raise found.refused(
                    f"{flowing!r} goes into {len(users)} nodes; a chain of layers can be imported"
                )
            self._take(users[0], flowing)
            nodes.remove(users[0])
            flowing = users[0].output[0]
        if nodes:
            raise found.refused(f"{_name(nodes[0])} isn't on the way from the input to the output")

    def _is_constant(self, node: Any) -> bool:
        """Whether a node gives the same for every sample; then it is noted."""
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.name == "value":
                    self._constants[node.output[0]] = attribute.t
                    return True
        if node.op_type in ("Identity", "Transpose") and node.input[0] in self._constants:
            values = self._constant(node, node.input[0])
            if node.op_type == "Transpose":
                values = self._transposed(node, values)
            self._constants[node.output[0]] = values
            return True
        return False

    def _take(self, node: Any, flowing: str) -> None:
        found, kind = self._found, node.op_type
        if node.domain not in ("", "ai.onnx"):
            raise found.refused(f"{_name(node)} is of the domain {node.domain}, not of ONNX itself")
        if kind in ("MatMul", "Gemm") and found.inputs is None and self._rank not in (None, 2):
            raise found.refused(
                f"{_name(node)} takes samples of {self._rank - 1} axes; put a Flatten before it"
            )
        if kind == "Gemm":
            self._gemm(node, flowing)
        elif kind == "MatMul":
            found.dense(_name(node), self._constant(node, self._other(node, flowing, first=True)))
        elif kind == "Add":
            found.add_bias(_name(node), self._constant(node, self._other(node, flowing)))
        elif kind in _PLAIN:
            found.activation(_PLAIN[kind])
        elif kind == "LeakyRelu":
            found.leaky_relu(_name(node), self._attributes(node).get("alpha", _SLOPE))
        elif kind == "Softmax":
            axis = self._attributes(node).get("axis", -1)
            if axis not in (-1, 1):
                raise found.refused(f"{_name(node)} is over axis {axis}, not over the outputs")
            found.layer(Softmax())
        elif kind in ("Flatten", "Reshape") and found.inputs is None:
            self._flatten(node)
        elif kind not in _SAME:
            raise found.refused(f"{_name(node)} is none of {_KNOWN}")

    def _gemm(self, node: Any, flowing: str) -> None:
        found, given = self._found, self._attributes(node)
        if node.input[0] != flowing or given.get("transA", 0):
            raise found.refused(f"{_name(node)} doesn't multiply its input by weights")
        weights = self._constant(node, node.input[1])
        if weights.ndim == 2 and given.get("transB", 0):
            weights = weights.T
        # Of float32 the product of two is exact in float64.
        found.dense(_name(node), _times(weights, given.get("alpha", 1.0)))
        if len(node.input) > 2 and node.input[2]:
            bias = self._constant(node, node.input[2])
            found.add_bias(_name(node), _times(bias, given.get("beta", 1.0)))

    def _flatten(self, node: Any) -> None:
        if node.op_type == "Flatten":
            legal = self._attributes(node).get("axis", 1) == 1
        else:
            shape = self._constant(node, node.input[1]).tolist()
            legal = len(shape) == 2 and shape[1] != 0
        if not legal:
            raise self._found.refused(f"{_name(node)} doesn't make one axis of a sample")
        self._rank = 2

    def _other(self, node: Any, flowing: str, first: bool = False) -> str:
        """The input that isn't what flows; with `first` that has to be the first one."""
        if len(node.input) != 2 or (first and node.input[0] != flowing):
            raise self._found.refused(f"{_name(node)} doesn't multiply its input by weights")
        return str(node.input[1] if node.input[0] == flowing else node.input[0])

    def _constant(self, node: Any, name: str) -> Any:
        values = self._constants.get(name)
        if values is None:
            raise self._found.refused(
                f"{_name(node)} computes with {name!r}, which is no constant in the file"
            )
        if isinstance(values, np.ndarray):
            return values
        size = math.prod(values.dims)
        try:
            numbers = self._onnx.numpy_helper.to_array(values, self._folder)
            if numbers.size != size:
                raise ValueError(f"it has {numbers.size} numbers and should have {size}")
        except Exception as error:  # onnx's own, protobuf's, NumPy's: what is in the file decides
            raise ModelFileError(f"{name!r} can't be read: {one_line(error)[:200]}") from None
        return numbers.astype(np.float32) if _is_bfloat16(numbers) else numbers

    def _transposed(self, node: Any, values: Any) -> Any:
        axes = self._attributes(node).get("perm")
        try:
            return values.transpose(axes)
        except ValueError as error:
            raise ModelFileError(f"{_name(node)} has {axes} as its axes: {error}") from None

    def _attributes(self, node: Any) -> dict[str, Any]:
        value_of = self._onnx.helper.get_attribute_value
        try:
            return {each.name: value_of(each) for each in node.attribute}
        except ValueError as error:
            raise ModelFileError(f"{_name(node)}: {one_line(error)}") from None


def _times(values: Any, factor: float) -> Any:
    return values if factor == 1 else values.astype(np.float64) * factor


def _is_bfloat16(values: Any) -> bool:
    return bool(values.dtype.name == "bfloat16")


def _name(node: Any) -> str:
    return f"{node.op_type} {node.name or node.output[0]!r}"
