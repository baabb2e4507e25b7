"""How an elementwise operation or a product is computed: from operands of any kind to storage.

`evaluate` is the one way in. It reads the operands, decides the result's format, puts neutral
operands where ``where=`` leaves elements out, and has the operation's own function compute.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ..context import blocks, context
from ..errors import FormatError
from ..format import derived, many_axes
from ..kernels import calls
from . import bounds, masks, read_operands
from .elementwise import constant
from .operand import Operand, with_raws


class Operation(NamedTuple):
    """How an operation is computed.

    Attributes
    ----------
    name : str
    compute : callable, or a tuple of them for as many results
        ``compute(name, operands, result, **options)`` returns storage of the format `result`. One
        that makes temporaries works in blocks.
    neutral : tuple or None
        Raw operands whose result is an exact 0, for elements that ``where=`` leaves out; among
        them None means all bits set. Without such operands `compute` is handed ``where=`` as its
        option `mask`.
    read_last : callable or None
        Reads the last operand where that is an exponent or a shift count:
        ``read_last(value, format)`` gives an `Operand`; `format` is a FixedArray's, else None.
    grown : callable or None
        Of a sum of products: ``grown(operands, **options)`` gives the factors' formats and how
        many products are added up. Its operands don't broadcast to ``out=``.
    """

    name: str
    compute: Callable[..., Any] | tuple[Callable[..., Any], ...]
    neutral: tuple | None = (0, 0)
    read_last: Callable[..., Any] | None = None
    grown: Callable[..., Any] | None = None


def evaluate(operation, given, formats, out_shape, where, options):
    """Compute an operation.

    Parameters
    ----------
    operation : Operation
    given : list of Operand
        Those that are no FixedArray are not read yet.
    formats : list of Format or None
        One a result, where it was asked for.
    out_shape : tuple or None
        The shape of ``out=``, to which operands broadcast.
    where : True or array of bool
    options : dict
        Passed on to the operation.

    Returns
    -------
    raws : list of numpy.ndarray
    formats : list of Format
    mask : numpy.ndarray of bool or True
        Where `raws` hold results.
    """
    name = operation.name
    mask = True if where is True else masks.read(name, where)
    grows = formats[0] is None and context.current_context().full_precision
    grows = grows and (name in derived.GROWING or operation.grown is not None)
    operands = _read(operation, given, mask, grows, formats[0])
    if None in formats:
        usual = _grown_format(operation, operands, options) if grows else _common_format(given)
        formats = [usual if fmt is None else fmt for fmt in formats]
    if out_shape is not None and operation.grown is None:
        operands = _broadcast_to_out(operands, out_shape, mask)
    computes = operation.compute if isinstance(operation.compute, tuple) else (operation.compute,)
    if mask is True:
        raws = [computes[i](name, operands, fmt, **options) for i, fmt in enumerate(formats)]
        return raws, formats, True
    shapes = [raw.shape for raw, _ in operands]
    mask = many_axes.broadcast_to(mask, many_axes.broadcast_shapes(mask.shape, *shapes))
    with context.skipping(masks.left_out(mask)):
        raws = [
            _masked(operation, compute, operands, fmt, mask, options)
            for compute, fmt in zip(computes, formats, strict=True)
        ]
    return raws, formats, mask


def _masked(operation, compute, operands, result, mask, options):
    """The results of one of its functions where the mask is true, elsewhere zeros."""
    name, neutral = operation.name, operation.neutral

    def work(mask, *raws):
        if neutral is None:
            found = compute(name, with_raws(operands, raws), result, mask=mask, **options)
            np.copyto(found, np.zeros((), found.dtype), where=~mask)
            return found
        used = [
            Operand(_where(mask, raw, fmt, value), fmt)
            for raw, (_, fmt), value in zip(raws, operands, neutral, strict=False)
        ]
        return compute(name, used, result, **options)

    arrays = [mask, *(raw for raw, _ in operands)]
    return blocks.run(work, arrays, result, in_c_order=neutral is None)


def _where(mask, raw, fmt, neutral):
    """An operand's elements where the mask is true, elsewhere a neutral one's."""
    if fmt is None:
        return np.where(mask, raw, np.array(neutral, raw.dtype))
    return calls.select(mask, raw, constant(neutral, fmt))


def _read(operation, given, mask, grows, format):
    """The operands, all of them read."""
    operands, last = [], None
    bounded = operation.name in bounds.DIRECTIONS
    for _, array_format in given:
        if array_format is not None:  # the first FixedArray's
            break
    if operation.read_last is not None:
        *given, (value, fmt) = given
        last = operation.read_last(value, fmt)
    for operand in given:
        value, fmt = operand
        if fmt is not None or (bounded and mask is True and type(value) is not int):
            operands.append(operand)  # bounds are read below, all of them together
        elif mask is True:
            operands.append(read_operands.read(value, array_format, grows))
        else:  # what the mask leaves out is neither read nor counted
            used = masks.used_elements(mask, np.shape(value))
            value = masks.without_unused(value, used, array_format)
            if bounded:
                operands.append(Operand(value, None))
                continue
            with context.skipping(masks.left_out(used)):
                operands.append(read_operands.read(value, array_format, grows))
    if last is not None:
        operands.append(last)
    if bounded and any([fmt is None for _, fmt in operands]):
        if format is None:
            format = _common_format(given)
        return bounds.read(operation.name, operands, format)
    return operands


def _common_format(given):
    formats = [fmt for _, fmt in given if fmt is not None]
    return formats[0] if len(formats) == 1 else reduce(derived.common_format, formats)


def _grown_format(operation, operands, options):
    """The result's format in full precision."""
    name, formats, terms = operation.name, [fmt for _, fmt in operands], ()
    if None in formats:
        raise FormatError(f"{name}: an operand of more than 128 bits; pass format=")
    if operation.grown is not None:
        formats, *terms = operation.grown(operands, **options)
    found = derived.grown(name, formats, terms)
    if options.get("initial") is not None:  # as in a sum of both; modes need not agree
        more = options["initial"].format.replace(rounding=found.rounding, overflow=found.overflow)
        found = derived.grown(name, [found, more])
    return found


def _broadcast_to_out(operands, out_shape, mask):
    """Broadcast the operands to the shape of ``out=``, as NumPy does."""
    shapes = [raw.shape for raw, _ in operands] + ([] if mask is True else [mask.shape])
    try:
        shape = many_axes.broadcast_shapes(*shapes)
    except ValueError:
        return operands  # the kernel names the shapes
    if shape == out_shape:
        return operands
    try:
        (first, fmt), *others = operands
        first = np.broadcast_to(first, many_axes.broadcast_shapes(shape, out_shape))
        return [Operand(first, fmt), *others]
    except ValueError:
        return operands
