"""Elementwise arithmetic on storage: operands of any kind in, one rounding, storage out.

Everything here takes and returns (raw, Format) parts. `evaluate` is the one way in: it reads
the operands, decides the result's format, feeds positions that ``where=`` skips with operands
whose result is an exact 0, and computes.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ..context import blocks, context
from ..errors import FormatError
from ..format import derived, many_axes, storage
from . import operands
from .elementwise import constant


class Operation(NamedTuple):
    """How an operation is computed.

    Attributes
    ----------
    compute : callable, or a tuple of them for as many results
        ``compute(name, parts, result, **options)`` returns storage of the format `result`. One
        that makes temporaries works in blocks.
    idle : tuple
        Raw operands with the exact result 0; None: all bits set. Without it ``where=`` is
        handed to `compute` as its option `mask`.
    count : callable or None
        Reads the last operand, an exponent or a shift count, given as (value, Format or None).
    grown : callable or None
        Of a sum of products: ``grown(parts, **options)`` gives the factors' formats and how many
        products are added up. Its operands don't broadcast to ``out=``.
    """

    compute: Callable[..., Any] | tuple[Callable[..., Any], ...]
    idle: tuple | None = (0, 0)
    count: Callable | None = None  # type: ignore[assignment]
    grown: Callable[..., Any] | None = None


def evaluate(name, operation, given, fixed, formats, out_shape, where, options):
    """Compute an operation.

    Parameters
    ----------
    operation : Operation
    given : list of (raw, Format) or (value, None)
        The operands: a FixedArray's storage, or whatever else a user passed.
    fixed : Format
        The first FixedArray's.
    formats : list of Format or None
        One a result, where it was asked for.
    out_shape : tuple or None
        The shape of ``out=``, to which operands broadcast.
    where : True or array of bool
    options : dict
        Passed on to the operation.

    Returns
    -------
    raws : tuple of numpy.ndarray
    formats : list of Format
    mask : numpy.ndarray of bool or True
        Where `raws` hold results.
    """
    mask = True if where is True else operands.mask(name, where)
    grows = formats[0] is None and context.current.get().full_precision
    grows = grows and (name in derived.GROWING or operation.grown is not None)
    parts = _read(operation, given, fixed, mask, grows)
    if None in formats:
        usual = _result(name, operation, given, parts, grows, options)
        formats = [usual if fmt is None else fmt for fmt in formats]
    if out_shape is not None and operation.grown is None:
        parts = _broadcast_to_out(name, parts, out_shape, mask)
    computes = operation.compute if isinstance(operation.compute, tuple) else (operation.compute,)
    pairs = list(zip(computes, formats, strict=True))
    if mask is True:
        return (
            tuple([compute(name, parts, fmt, **options) for compute, fmt in pairs]),
            formats,
            True,
        )
    mask = np.broadcast_to(
        mask, many_axes.broadcast_shapes(mask.shape, *(raw.shape for raw, _ in parts))
    )
    with context.skipping(mask.size - int(np.count_nonzero(mask))):
        raws = [
            _somewhere(compute, operation.idle, name, parts, fmt, mask, options)
            for compute, fmt in pairs
        ]
    return tuple(raws), formats, mask


def _somewhere(compute, idle, name, parts, result, mask, options):
    """The results where the mask is true, elsewhere zeros."""
    formats = [fmt for _, fmt in parts]
    zero = np.zeros((), storage.dtype(result))

    def work(mask, *raws):
        if idle is None:
            found = compute(
                name, list(zip(raws, formats, strict=True)), result, mask=mask, **options
            )
        else:
            used = [
                (np.where(mask, raw, constant(value, raw.dtype, fmt)), fmt)
                for raw, fmt, value in zip(raws, formats, idle, strict=False)
            ]
            found = compute(name, used, result, **options)
        np.copyto(found, zero, where=~mask)
        return found

    arrays = [mask, *(raw for raw, _ in parts)]
    return blocks.run(work, arrays, result, in_c_order=idle is None)


def _read(operation, given, fixed, mask, grows):
    parts = []
    if operation.count is not None:
        *given, (value, fmt) = given
        counts = operation.count(value, fmt)
    for value, fmt in given:
        if fmt is not None:
            parts.append((value, fmt))
        elif mask is True:
            parts.append(operands.operand(value, fixed, grows))
        else:
            used = _used(mask, np.shape(value))
            kept = operands.without(value, used, fixed)
            with context.skipping(used.size - int(np.count_nonzero(used))):
                parts.append(operands.operand(kept, fixed, grows))
    if operation.count is not None:
        parts.append((counts, None))
    return parts


def _used(mask, shape):
    """Which elements of an operand of `shape` any position of the mask uses."""
    try:
        full = many_axes.broadcast_shapes(shape, mask.shape)
    except ValueError:
        return np.ones(shape, bool)  # the kernel says what doesn't fit
    used = np.broadcast_to(mask, full)
    used = used.any(axis=tuple(range(len(full) - len(shape))))
    narrow = tuple(i for i, n in enumerate(shape) if n == 1 and used.shape[i] != 1)
    return np.asarray(used.any(axis=narrow, keepdims=True) if narrow else used)


def _result(name, operation, given, parts, grows, options):
    """The format of a result for which none was asked."""
    if grows:
        formats, inner = [fmt for _, fmt in parts], ()
        if None in formats:
            raise FormatError(f"{name}: an operand of more than 128 bits; pass format=")
        if operation.grown is not None:
            formats, *inner = operation.grown(parts, **options)
        return derived.grown(name, formats, inner)
    return reduce(derived.common_format, [fmt for _, fmt in given if fmt is not None])


def _broadcast_to_out(name, parts, out_shape, mask):
    """Broadcast the operands to the shape of ``out=``, as NumPy does."""
    shapes = [raw.shape for raw, _ in parts] + ([] if mask is True else [mask.shape])
    try:
        shape = many_axes.broadcast_shapes(*shapes)
    except ValueError:
        return parts  # the kernel names the shapes
    if shape == out_shape:
        return parts
    try:
        (first, fmt), *others = parts
        return [
            (np.broadcast_to(first, many_axes.broadcast_shapes(shape, out_shape)), fmt),
            *others,
        ]
    except ValueError:
        return parts
