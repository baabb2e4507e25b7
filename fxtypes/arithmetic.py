"""Elementwise arithmetic on storage: operands of any kind in, one rounding, storage out.

Everything here takes and returns (raw, Format) parts. `evaluate` is the one way in: it reads
the operands, decides the result's format, feeds positions that ``where=`` skips with operands
whose result is an exact 0, and computes.
"""

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from functools import partial, reduce
from typing import Any, NamedTuple

import numpy as np

from . import blocks, context, convert, dimensions, operands, plan, powers, storage, whole
from ._kernels import kernels
from .elementary import evaluate as elementary
from .errors import FormatError


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


def evaluate(name, given, fixed, formats, out_shape, where, options):
    """Compute an operation.

    Parameters
    ----------
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
    operation = OPERATIONS.get(name) or _product(name)
    mask = True if where is True else operands.mask(name, where)
    grows = formats[0] is None and context.current.get().full_precision
    grows = grows and (name in plan.GROWING or operation.grown is not None)
    parts = _read(operation, given, fixed, mask, grows)
    if None in formats:
        usual = _result(name, operation, given, parts, grows, options)
        formats = [usual if fmt is None else fmt for fmt in formats]
    if out_shape is not None and operation.grown is None:
        parts = _spread(name, parts, out_shape, mask)
    computes = operation.compute if isinstance(operation.compute, tuple) else (operation.compute,)
    pairs = list(zip(computes, formats, strict=True))
    if mask is True:
        return (
            tuple([compute(name, parts, fmt, **options) for compute, fmt in pairs]),
            formats,
            True,
        )
    mask = np.broadcast_to(
        mask, dimensions.broadcast_shapes(mask.shape, *(raw.shape for raw, _ in parts))
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
                (np.where(mask, raw, _constant(value, raw.dtype, fmt)), fmt)
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
        full = dimensions.broadcast_shapes(shape, mask.shape)
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
        return plan.grown(name, formats, inner)
    return reduce(plan.common_format, [fmt for _, fmt in given if fmt is not None])


def _spread(name, parts, out_shape, mask):
    """Broadcast the operands to the shape of ``out=``, as NumPy does."""
    shapes = [raw.shape for raw, _ in parts] + ([] if mask is True else [mask.shape])
    try:
        shape = dimensions.broadcast_shapes(*shapes)
    except ValueError:
        return parts  # the kernel names the shapes
    if shape == out_shape:
        return parts
    try:
        (first, fmt), *others = parts
        return [
            (np.broadcast_to(first, dimensions.broadcast_shapes(shape, out_shape)), fmt),
            *others,
        ]
    except ValueError:
        return parts


def _constant(value, dtype, fmt):
    """A raw value as 0-d storage."""
    if fmt is None:
        return np.array(value, dtype)
    raw = value if value is not None else -1 if fmt.signed else fmt.raw_max
    return storage.from_integers(np.array(raw, object), fmt)


# -- what computes ------------------------------------------------------------------------


def combine(name, parts, result, shown=None):
    """The kernels do it; operands too large for them go one by one.

    `shown`: what events and messages call it, where that is not `name`.
    """
    formats = tuple(fmt for _, fmt in parts)
    if None in formats:
        return _one_by_one(name, parts, result, shown=shown)
    step = plan.elementwise(name, formats, result, shown)
    return kernels.elementwise(step, tuple(raw for raw, _ in parts))


def _square(name, parts, result):
    ((raw, fmt),) = parts
    return kernels.elementwise(plan.elementwise("multiply", (fmt, fmt), result, name), (raw, raw))


def _invert(name, parts, result):
    ((raw, fmt),) = parts
    step = plan.elementwise("bitwise_xor", (fmt, fmt), result, name)
    return kernels.elementwise(step, (raw, _constant(None, raw.dtype, fmt)))


def _quotient(name, parts, result):
    return combine("floor_divide", parts, result, name)


def _remainder(name, parts, result):
    return combine("remainder", parts, result, name)


@blocks.blockwise
def _sign(name, parts, result):
    ((raw, fmt),) = parts
    small = plan.exact(plan.TINY)
    zero = np.zeros((), np.int8)
    above, below = (
        kernels.elementwise(plan.comparison(which, fmt, small), (raw, zero)).view(np.int8)
        for which in ("greater", "less")
    )
    return convert.cast(np.asarray(above - below), small, result, name)


@blocks.blockwise
def _shift(name, parts, result):
    """raw * 2**count, or 2**-count for ``right_shift``, rounded and overflowed once."""
    (raw, fmt), (counts, _) = parts
    right = name == "right_shift"
    counts = operands.bounded(counts)
    if counts.ndim == 0 and abs(int(counts)) <= plan.ONE_SHIFT:
        n = int(counts)
        return kernels.elementwise(plan.one_shift(name, fmt, -n if right else n, result), (raw,))
    counts = -counts if right else counts
    step, lowest, highest = plan.shift(name, fmt, result)
    if result.overflow == "raise" and (counts > highest).any():
        step, lowest, highest = plan.shift(name, fmt, result, far=True)
    clamped = np.minimum(np.maximum(counts, lowest), highest)
    return kernels.elementwise(step, (raw, np.asarray(clamped - lowest)))


def _clip(name, parts, result):
    has_low = name != "clip_high"
    formats = tuple(fmt for _, fmt in parts)
    if None in formats:
        return _clip_one_by_one(name, parts, result)
    return kernels.elementwise(plan.clip(formats, has_low, result), tuple(raw for raw, _ in parts))


@partial(blocks.blockwise, size=blocks.OBJECTS)
def _clip_one_by_one(name, parts, result):
    choices = {"clip": (max, min), "clip_low": (max,), "clip_high": (min,)}[name]
    (exact, *bounds) = _exact(parts)
    for bound, choose in zip(bounds, choices, strict=True):
        exact = np.frompyfunc(choose, 2, 1)(exact, bound)
    return convert.from_numbers(np.asarray(exact, dtype=object), result, "clip")


def _elementary(name, parts, result, mask=None):
    ((raw, fmt),) = parts
    return elementary.evaluate(name, raw, fmt, result, mask)


def linear_combination(coefficients, parts, result):
    """The exact sum of coefficient * array, rounded once; coefficients (mantissa, exponent)."""
    step = plan.linear_combination(coefficients, tuple(fmt for _, fmt in parts), result)
    return kernels.elementwise(step, tuple(raw for raw, _ in parts))


# -- integers beyond 128 bits -------------------------------------------------------------


def _exact(parts):
    return [raw if fmt is None else convert.to_fractions(raw, fmt) for raw, fmt in parts]


@partial(blocks.blockwise, size=blocks.OBJECTS)
def _one_by_one(name, parts, result, shown=None):
    """Operands too large for any kernel: Python's own numbers, element by element."""
    x, y = _exact(parts)
    shown = shown or name
    if name in _DIVISIONS and np.any(y == 0):
        never = name == "remainder" or shown == "divmod"
        if never or result.overflow in ("raise", "wrap") or np.any((x == 0) & (y == 0)):
            raise ZeroDivisionError(f"{shown}: division of a huge integer by 0")
    if name.startswith("bitwise"):
        point = max([0] + [fmt.frac_bits for _, fmt in parts if fmt is not None])
        function = _BITWISE[name]

        def combine(a, b):
            return Fraction(function(int(a * (1 << point)), int(b * (1 << point))), 1 << point)
    else:
        combine = _PYTHON[name]
    exact = np.frompyfunc(combine, 2, 1)(x, y)
    return convert.from_numbers(np.asarray(exact, dtype=object), result, shown)


def _ratio(x, y):
    return Fraction(x) / Fraction(y) if y else math.copysign(math.inf, x)


def _floor_ratio(x, y):
    return Fraction(x) // Fraction(y) if y else math.copysign(math.inf, x)


_DIVISIONS = ("divide", "floor_divide", "remainder")
_BITWISE = {
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
}
_PYTHON = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": _ratio,
    "floor_divide": _floor_ratio,
    "remainder": operator.mod,
    "minimum": min,
    "maximum": max,
}

# Operations of two arrays of one format that are one kernel's work: FixedArray keeps their
# plans at hand.
PAIRWISE = frozenset({*_PYTHON, *_BITWISE})

OPERATIONS = {
    **{name: Operation(combine) for name in PAIRWISE},
    **{name: Operation(combine, (0, 1)) for name in _DIVISIONS},
    **{name: Operation(combine, (0,)) for name in ("positive", "negative", "absolute")},
    **{name: Operation(_clip, (0, 0, 0)) for name in ("clip", "clip_low", "clip_high")},
    **{name: Operation(_elementary, None) for name in elementary.FUNCTIONS},
    **{name: Operation(whole.to_whole, (0,)) for name in whole.ROUNDINGS},
    "round": Operation(whole.round, (0,)),
    "divmod": Operation((_quotient, _remainder), (0, 1)),
    "invert": Operation(_invert, (None,)),
    "left_shift": Operation(_shift, (0, 0), operands.counts),
    "power": Operation(powers.power, (0, 1), operands.exponents),
    "right_shift": Operation(_shift, (0, 0), operands.counts),
    "sign": Operation(_sign, (0,)),
    "square": Operation(_square, (0,)),
}


def _product(name):
    """A product's operation; they are a good part of the package, imported by the first one."""
    from .product_operations import PRODUCTS

    OPERATIONS.update({key: Operation(compute, grown=grown)
                       for key, (compute, grown) in PRODUCTS.items()})  # fmt: skip
    return OPERATIONS[name]
