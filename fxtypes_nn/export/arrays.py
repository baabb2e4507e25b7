"""Arrays of raw integers with their description: NumPy's .npz, and safetensors.

``network.json`` tells the formats, the stages and every constant that is no array; the arrays are
the stages' weights, biases and tables, and the test's samples. Integers of more than 64 bits are
two words of 64, the lower one first, along one axis more at the end.
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

import fxtypes as fx

from ..extras import extra
from .network import Cast, DenseStage, Lines, Network, Table, Vectors

_DESCRIPTION = "network.json"


def npz_files(network: Network, vectors: Vectors) -> dict[str, str | bytes]:
    """The .npz, whose arrays need no pickle, and the description."""
    buffer = io.BytesIO()
    np.savez(buffer, **_arrays(network, vectors))
    return {f"{network.name}.npz": buffer.getvalue(), _DESCRIPTION: _text(network)}


def safetensors_files(network: Network, vectors: Vectors) -> dict[str, str | bytes]:
    """The .safetensors, which has the description as its metadata, too."""
    save = extra("safetensors.numpy", "exports to safetensors", "imports", "safetensors").save
    text = _text(network)
    content = save(_arrays(network, vectors), metadata={"network": text})
    return {f"{network.name}.safetensors": content, _DESCRIPTION: text}


def npz_instructions(network: Network) -> list[str]:
    """How to use it, line by line."""
    return [
        f"{network.name}.npz holds raw integers as NumPy's arrays: numpy.load reads it.",
        *_about_arrays(network),
    ]


def safetensors_instructions(network: Network) -> list[str]:
    """How to use it, line by line."""
    return [
        f"{network.name}.safetensors holds raw integers: safetensors.numpy.load_file reads it.",
        *_about_arrays(network),
    ]


def _about_arrays(network: Network) -> list[str]:
    return [
        f"{_DESCRIPTION} tells what is computed with them. test.inputs, test.outputs"
        + (" and test.classes" if network.classifies else ""),
        "are samples and what comes of them.",
    ]


def _arrays(network: Network, vectors: Vectors) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for stage in network.stages:
        if isinstance(stage, DenseStage):
            by_input = [list(column) for column in zip(*stage.weights, strict=True)]
            found[f"{stage.name}.weights"] = _raws(by_input, stage.weight_format)
            found[f"{stage.name}.bias"] = _raws(stage.bias, stage.bias_format)
        elif isinstance(stage, Table):
            found[f"{stage.name}.table"] = _raws(stage.values, stage.out_format)
    found["test.inputs"] = _raws(vectors.inputs, network.in_format)
    found["test.outputs"] = _raws(vectors.outputs, network.out_format)
    if network.classifies:
        found["test.classes"] = np.array(vectors.classes, np.int64)
    return found


def _raws(values: Any, fmt: fx.Format) -> NDArray[Any]:
    """Raw integers in the narrowest dtype of NumPy's, or as two words."""
    array = np.array(values, object)
    if fmt.width > 64:
        words = [(array >> shift) & (1 << 64) - 1 for shift in (0, 64)]
        return np.stack([word.astype(np.uint64) for word in words], axis=-1)
    width = next(width for width in (8, 16, 32, 64) if fmt.width <= width)
    return array.astype(np.dtype(f"{'i' if fmt.signed else 'u'}{width // 8}"))


def _text(network: Network) -> str:
    return json.dumps(_described(network), indent=2) + "\n"


def _described(network: Network) -> dict[str, Any]:
    return {
        "name": network.name,
        "written_by": f"fxtypes {fx.__version__}",
        "inputs": network.inputs,
        "outputs": network.outputs,
        "input_format": _format(network.in_format),
        "output_format": _format(network.out_format),
        "classifies": network.classifies,
        "notes": list(network.notes),
        "stages": [_stage(stage) for stage in network.stages],
    }


def _format(fmt: fx.Format) -> dict[str, Any]:
    return {
        "width": fmt.width,
        "frac_bits": fmt.frac_bits,
        "signed": fmt.signed,
        "rounding": fmt.rounding.value,
        "overflow": fmt.overflow.value,
    }


def _cast(cast: Cast) -> dict[str, Any]:
    return {"frac_bits": cast.frac_bits, "format": _format(cast.format)}


def _stage(stage: DenseStage | Lines | Table) -> dict[str, Any]:
    found: dict[str, Any] = {"name": stage.name, "input_format": _format(stage.in_format)}
    if isinstance(stage, DenseStage):
        return found | {
            "kind": "dense",
            "weight_format": _format(stage.weight_format),
            "bias_format": _format(stage.bias_format),
            "sum_bits": stage.sum_bits,
            "sum_frac_bits": stage.frac_bits,
            "bias_shift": stage.bias_shift,
            "product_shift": stage.product_shift,
            "accumulator": None if stage.step is None else _cast(stage.step),
            "accumulator_shift": stage.sum_shift,
            "result": _cast(stage.cast),
        }
    if isinstance(stage, Table):
        return found | {
            "kind": "table",
            "function": stage.function,
            "address": _cast(stage.address),
            "format": _format(stage.out_format),
        }
    return found | {
        "kind": "lines",
        "thresholds": list(stage.thresholds),
        "slopes": list(stage.slopes),
        "offsets": list(stage.offsets),
        "result": _cast(stage.cast),
    }
