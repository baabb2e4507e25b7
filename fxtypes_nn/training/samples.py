"""Samples as a user has them, checked and brought into the inputs' format."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np

import fxtypes as fx

from ..datasets import LazyArray
from ..errors import warn
from ..seeds import drawing

if TYPE_CHECKING:
    from ..model import Sequential

_HASHED_AT_ONCE = 4096  # rows


def checked_samples(
    x: Any, model: Sequential, said: set[str] | None = None
) -> fx.FixedArray | LazyArray:
    """Samples in the format of the model's inputs; a LazyArray stays one.

    Numbers become one where the model has a standardisation.

    Warns
    -----
    UserWarning
        If values lie beyond the format's range, with their share; not where `said` holds
        "inputs", which it does then.

    Raises
    ------
    ValueError
        If the shape isn't (samples, \\*input_shape) with one sample at least, a value is not
        finite, or a LazyArray is scaled otherwise than what the model was trained on.
    TypeError
        If they are no numbers.
    """
    fmt = model.precision.inputs
    if not isinstance(x, (fx.FixedArray, LazyArray)):
        x = np.asarray(x)
        if x.dtype.kind not in "iufb":
            raise TypeError(
                f"x must be an array of numbers, got one of {x.dtype}; convert it, as with "
                "x.astype(float)"
            )
    if len(x.shape) < 2 or x.shape[1:] != model.input_shape or not x.shape[0]:
        wanted = ", ".join(map(str, model.input_shape))
        raise ValueError(
            f"x must have the shape (samples, {wanted}) with at least one sample, got "
            f"{tuple(x.shape)}"
        )
    if isinstance(x, fx.FixedArray) and x.format == fmt:
        return x
    x = standardised(x, model)
    numbers = x.stored if isinstance(x, LazyArray) else x
    # The extremes tell it without a third array of all.
    if isinstance(numbers, np.ndarray) and not np.isfinite([numbers.min(), numbers.max()]).all():
        first = tuple(np.argwhere(~np.isfinite(numbers))[0].tolist())
        raise ValueError(
            f"x has the value {numbers[first]} at index {list(first)}; all must be finite"
        )
    found: fx.FixedArray | LazyArray
    if isinstance(x, LazyArray):
        own = x.format
        beyond, found = x.count_beyond(max(fmt.min, own.min), min(fmt.max, own.max)), x
    else:
        with drawing(model.seed, "inputs"), fx.record() as events:
            found = fx.array(x, fmt)
        beyond = events.overflow
    said = set() if said is None else said
    if beyond and "inputs" not in said:
        said.add("inputs")
        percent = 100 * beyond / math.prod(x.shape)
        way_out = "scale them, as pixels by 1/255, or take"
        if isinstance(x, LazyArray) and x.standardisation is not None:
            way_out = "these are deviations from the training samples' means; take"
        warn(
            f"{percent:{'.1f' if percent >= 0.1 else '.1g'}}% of the values in x lie beyond the "
            f"inputs' format {fmt}, which goes from {float(fmt.min):g} to {float(fmt.max):g} "
            f"({fmt.overflow.value}): {way_out} a Precision whose inputs have more integer bits"
        )
    return found


def standardised(x: Any, model: Sequential) -> Any:
    """Numbers as the model's standardisation makes them, if it has one; the rest is as it was.

    Raises
    ------
    ValueError
        If a LazyArray is scaled otherwise than what the model was trained on.
    """
    by = model.standardisation
    if by is None or isinstance(x, fx.FixedArray):
        return x
    if not isinstance(x, LazyArray):
        x = x.view(np.uint8) if x.dtype.kind == "b" else x.astype(x.dtype.newbyteorder("="))
        return LazyArray(x, model.precision.inputs, standardisation=by)
    if x.standardisation != by:
        raise ValueError(
            "x is scaled otherwise than what the model was trained on: pass the numbers "
            "themselves, or what dataset.standardise(model.standardisation).lazy(format) gives"
        )
    return x


def take(x: fx.FixedArray | LazyArray, rows: Any, fmt: fx.Format) -> fx.FixedArray:
    """Some rows of `checked_samples`' samples in the inputs' format."""
    found = x[rows]
    return found if found.format == fmt else found.astype(fmt)


def fingerprint(*arrays: Any) -> str:
    """A digest of arrays' elements, formats and shapes, which tells data sets apart."""
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        if array is None:
            digest.update(b"none")
            continue
        stored = array.stored if isinstance(array, LazyArray) else array
        kind = array.format if isinstance(array, (fx.FixedArray, LazyArray)) else stored.dtype
        maximum = array.maximum if isinstance(array, LazyArray) else 1
        digest.update(f"{kind!r} {stored.shape} {maximum!r}".encode())
        if isinstance(array, LazyArray) and array.standardisation is not None:
            digest.update(array.standardisation.tobytes())
        for start in range(0, len(stored), _HASHED_AT_ONCE):
            part = stored[start : start + _HASHED_AT_ONCE]
            part = part.words if isinstance(part, fx.FixedArray) else part
            digest.update(np.ascontiguousarray(part).view(np.uint8).data)
    return digest.hexdigest()
