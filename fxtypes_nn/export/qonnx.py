"""QONNX: an ONNX graph of floats with `Quant` nodes, where a network's roundings are.

Its numbers are float32, which holds every integer to 2**24: while sums need no more bits than
that, all is exact and the bits are the model's. Beyond, sums are rounded on the way; the report
beside the export says which, and how far off the outputs were where `qonnx` is installed.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import fxtypes as fx

from ..errors import ExportError
from ..extras import extra
from .network import Cast, DenseStage, ElementStage, Lines, Network, Table, Vectors

_DOMAIN = "qonnx.custom_op.general"
_EXACT_BITS = 25  # of signed integers up to 2**24
_MOST_BITS = 120  # a float32's exponent goes from -126 to 127
_ROUNDINGS = {
    "nearest_even": "ROUND",
    "floor": "FLOOR",
    "ceil": "CEIL",
    "toward_zero": "DOWN",
    "away_from_zero": "UP",
}


def files(network: Network, vectors: Vectors) -> dict[str, bytes]:
    """The export's file: the graph, of one sample.

    Raises
    ------
    ExportError
        If a stage has no operators, or a rounding or overflow mode no counterpart.
    """
    return {f"{network.name}.onnx": _Graph(network).model()}


def instructions(network: Network) -> list[str]:
    """How to use it, and where it is exact."""
    lines = [
        f"{network.name}.onnx takes a sample's values (float32, of shape 1 x {network.inputs}),",
        "not raw integers, and gives the outputs' values; qonnx.core.onnx_exec runs it.",
        "",
    ]
    for stage in network.dense:
        exact = stage.sum_bits <= _EXACT_BITS
        said = "exact in float32" if exact else "more than float32's 24: rounded on the way"
        lines.append(f"  sums of {stage.name}: {stage.sum_bits - 1} bits and a sign, {said}")
    return lines


def measured(network: Network, vectors: Vectors, content: bytes) -> list[str]:
    """What QONNX's own executor makes of the samples, where it is installed."""
    try:
        error = largest_error(network, vectors, content)
    except ImportError:
        return ["qonnx isn't installed: the largest error on the samples wasn't measured."]
    found = "no bit differs"
    if error:
        found = f"the largest error is {error} unit{'s' * (error > 1)} of the last bit"
    return [f"qonnx' executor on the samples: {found}"]


def largest_error(network: Network, vectors: Vectors, content: bytes) -> int:
    """In units of the outputs' last bit, over the samples, by QONNX's own executor."""
    wrapper = extra("qonnx.core.modelwrapper", "running QONNX").ModelWrapper
    execute = extra("qonnx.core.onnx_exec", "running QONNX").execute_onnx
    model = wrapper(extra("onnx", "running QONNX", "imports").load_from_string(content))
    worst = 0
    for inputs, outputs in zip(vectors.inputs, vectors.outputs, strict=True):
        found = execute(model, {"input": _floats([inputs], network.in_format)})["output"]
        scale = Fraction(2) ** network.out_format.frac_bits
        for value, expected in zip(found[0].tolist(), outputs, strict=True):
            worst = max(worst, abs(round(Fraction(value) * scale) - expected))
    return worst


def _floats(raws: Any, fmt: fx.Format) -> Any:
    """Values of raw integers as float32, which may round them."""
    return (np.array(raws, np.float64) * 2.0**-fmt.frac_bits).astype(np.float32)


class _Graph:
    """A graph as it grows: each step takes the last one's output."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.onnx = extra("onnx", "exports to QONNX", "imports")
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.shapes: list[Any] = []
        self.last, self.size = "input", network.inputs
        for stage in network.before:
            self.element(stage)
        for dense, after in network.blocks:
            self.dense(dense)
            for stage in after:
                self.element(stage)

    def model(self) -> bytes:
        helper, float32 = self.onnx.helper, self.onnx.TensorProto.FLOAT
        self.nodes[-1].output[0] = "output"
        ends = [
            helper.make_tensor_value_info(name, float32, [1, size])
            for name, size in (("input", self.network.inputs), ("output", self.network.outputs))
        ]
        graph = helper.make_graph(
            self.nodes,
            self.network.name,
            ends[:1],
            ends[1:],
            self.constants,
            value_info=self.shapes[:-1],
        )
        versions = [helper.make_opsetid("", 13), helper.make_opsetid(_DOMAIN, 1)]
        model = helper.make_model(graph, opset_imports=versions, producer_name="fxtypes")
        model.ir_version = 8
        content: bytes = model.SerializeToString()
        return content

    def constant(self, name: str, values: Any) -> str:
        self.constants.append(self.onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def add(self, kind: str, name: str, *others: str, **attributes: Any) -> None:
        """One node more, of the last output and other operands."""
        node = self.onnx.helper.make_node(kind, [self.last, *others], [name], **attributes)
        self.follow(node, name)

    def follow(self, node: Any, name: str, dtype: int | None = None) -> None:
        self.nodes.append(node)
        self.last = name
        dtype = self.onnx.TensorProto.FLOAT if dtype is None else dtype
        info = self.onnx.helper.make_tensor_value_info(name, dtype, [1, self.size])
        self.shapes.append(info)

    def quant(self, cast: Cast, name: str) -> None:
        fmt = cast.format
        rounding = _ROUNDINGS.get(fmt.rounding.value) if cast.shift > 0 else "ROUND"
        if rounding is None:
            raise ExportError(
                f"{name} rounds by {fmt.rounding.value}, which QONNX's Quant doesn't: "
                f"model.set_precision with one of {', '.join(_ROUNDINGS)} there changes that; or "
                "export to c"
            )
        if cast.can_overflow and fmt.overflow not in ("saturate", "saturate_symmetric"):
            raise ExportError(
                f"{name} overflows by {fmt.overflow.value}, which QONNX's Quant doesn't: "
                "model.set_precision with saturate there changes that; or export to c"
            )
        if abs(fmt.frac_bits) + fmt.width > _MOST_BITS:
            raise ExportError(f"{name} has {fmt!r}, beyond float32's range; export to c")
        scale = self.constant(f"{name}_scale", np.float32(2.0**-fmt.frac_bits))
        zero = self.constant(f"{name}_zero", np.float32(0))
        bits = self.constant(f"{name}_bits", np.float32(fmt.width))
        narrow = fmt.signed and fmt.overflow == "saturate_symmetric"
        self.add(
            "Quant",
            f"{name}_rounded",
            scale,
            zero,
            bits,
            domain=_DOMAIN,
            signed=int(fmt.signed),
            narrow=int(narrow),
            rounding_mode=rounding,
        )

    def dense(self, stage: DenseStage) -> None:
        name = stage.name
        if stage.step is not None:
            raise ExportError(
                f"{name} has an accumulator, rounded at each step, which QONNX doesn't: "
                "model.set_precision without it changes that; or export to c"
            )
        weights = self.constant(
            f"{name}_weights", _floats(list(zip(*stage.weights, strict=True)), stage.weight_format)
        )
        bias = self.constant(f"{name}_bias", _floats(stage.bias, stage.bias_format))
        self.size = stage.units
        self.add("MatMul", f"{name}_products", weights)
        self.add("Add", f"{name}_sum", bias)
        self.quant(stage.cast, name)

    def element(self, stage: ElementStage) -> None:
        if isinstance(stage, Table):
            self.table(stage)
        elif _is_relu(stage):
            self.add("Relu", f"{stage.name}_positive")
            self.quant(stage.cast, stage.name)
        elif stage.slopes == (1,) and stage.offsets == (0,):
            self.quant(stage.cast, stage.name)
        else:
            raise ExportError(
                f"{stage.name} is made of straight lines, for which QONNX has no operators; take "
                'a ReLU, or approximation="table"; or export to c'
            )

    def table(self, stage: Table) -> None:
        """The rounded argument as an integer from 0 on, and what is found there."""
        name, fmt = stage.name, stage.address.format
        self.quant(stage.address, name)
        self.add(
            "Mul", f"{name}_raw", self.constant(f"{name}_unit", np.float32(2.0**fmt.frac_bits))
        )
        first = self.constant(f"{name}_first", np.float32(-fmt.raw_min))
        self.add("Add", f"{name}_place", first)
        integer = self.onnx.TensorProto.INT64
        node = self.onnx.helper.make_node("Cast", [self.last], [f"{name}_index"], to=integer)
        self.follow(node, f"{name}_index", integer)
        half = len(stage.values) // 2 if fmt.signed else 0  # bit patterns begin with 0
        values = stage.values[half:] + stage.values[:half]
        table = self.constant(f"{name}_table", _floats(values, stage.out_format))
        node = self.onnx.helper.make_node("Gather", [table, self.last], [f"{name}_value"])
        self.follow(node, f"{name}_value")


def _is_relu(stage: Lines) -> bool:
    from_zero = stage.thresholds == (0,) and stage.slopes == (0, 1)
    return from_zero and not any(stage.offsets)
