"""Files of tensors in the format of safetensors: a header in JSON, and numbers."""

from __future__ import annotations

import json
import math
import os
from typing import Any

import numpy as np

from ..errors import ModelFileError
from .network import Array

_MOST = 100_000_000  # bytes of a header; the library's own bound
_DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",  # the upper half of a float32
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}


def read_safetensors(path: str | os.PathLike[str]) -> dict[str, Array]:
    """All tensors of a file by their names, bfloat16 as float32.

    Raises
    ------
    ModelFileError
        If the file is truncated, altered or of another kind.
    OSError
        If it can't be read.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        return _tensors(content)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ModelFileError(
            f"{os.fspath(path)} is not a whole safetensors file: {what}; save it anew, or take a "
            "copy"
        ) from None


def _tensors(content: bytes) -> dict[str, Array]:
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or not 2 <= size <= min(_MOST, len(content) - 8):
        raise ValueError(f"of {len(content)} bytes the header would have {size}")
    try:
        header = json.loads(content[8 : 8 + size].decode("utf-8"), object_pairs_hook=_each_once)
    except UnicodeDecodeError:
        raise ValueError("its header is no text") from None
    if not isinstance(header, dict):
        raise ValueError("its header names no tensors")
    header.pop("__metadata__", None)
    data = memoryview(content)[8 + size :]
    found, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        dtype = entry["dtype"]
        if dtype not in _DTYPES:
            raise ValueError(f"{name} has the dtype {dtype!r}; known are {', '.join(_DTYPES)}")
        shape = entry["shape"]
        if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
            raise ValueError(f"{name} has the shape {shape!r}")
        begin, stop = entry["data_offsets"]
        kind = np.dtype(_DTYPES[dtype])
        if begin != end or stop - begin != math.prod(shape) * kind.itemsize:
            raise ValueError(f"{name} doesn't lie where its shape {shape} and its dtype put it")
        if stop > len(data):
            raise ValueError(f"{name} ends at byte {stop} of {len(data)}")
        values = np.frombuffer(data[begin:stop], kind).reshape(shape)
        found[name] = _from_bfloat16(values) if dtype == "BF16" else values
        end = stop
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes at its end belong to no tensor")
    return found


def _from_bfloat16(values: Array) -> Array:
    words = values.astype(np.uint32) << np.uint32(16)
    return words.view(np.float32)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("its header has a name twice")
    return found
