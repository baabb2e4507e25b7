"""Whether arrays are equal or close, by exact values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..context import blocks, float_errors
from ..format import Format, many_axes, read_numbers
from ..operations import close, operand
from ..operations.convert import to_fractions
from ..operations.exact_floats import exact_operand
from .arguments import exact_values, part_of, shape_of
from .elementwise import equal

if TYPE_CHECKING:
    from ..fixed_array.operand_types import Booleans, Number, OperandLike

__all__ = [
    "allclose",
    "array_equal",
    "array_equiv",
    "isclose",
]


def array_equal(a1: OperandLike, a2: OperandLike) -> bool:
    """Whether two arrays have one shape and equal exact values, a bool.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.array_equal(fx.array([0.5, 1], fx.Format(8, 4)), fx.array([0.5, 1], fx.Format(16, 8)))
    True
    """
    return shape_of(a1) == shape_of(a2) and bool(np.all(equal(a1, a2)))


def array_equiv(a1: OperandLike, a2: OperandLike) -> bool:
    """Whether two arrays broadcast to one shape and are equal there, a bool.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.array_equiv(fx.ones(3, fx.Format(8, 4)), 1)
    True
    """
    try:
        many_axes.broadcast_shapes(shape_of(a1), shape_of(a2))
    except ValueError:
        return False
    return bool(np.all(equal(a1, a2)))


def isclose(a: OperandLike, b: OperandLike, rtol: Number = 1e-05, atol: Number = 1e-08) -> Booleans:
    """Whether ``abs(a - b) <= atol + rtol * abs(b)``, elementwise and exactly: booleans.

    Parameters
    ----------
    a, b : FixedArray, number or array
        They broadcast. An infinity is close to no fixed-point number.
    rtol, atol : number
        Taken exactly: 1e-05 is that float's binary value, "1e-05" the decimal one.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.isclose(fx.array([0.5, 1], fx.Format(8, 4)), [0.51, 1.2], atol=0.1)
    array([ True, False])
    """
    relative, absolute = (exact_values(v).item() for v in (rtol, atol))
    parts = [part_of(v) for v in (a, b)]
    parts = [
        operand.Operand(read_numbers.read(raw, read_numbers.number_or_nan), None)
        if fmt is None
        else operand.Operand(raw, fmt)
        for raw, fmt in parts
    ]
    found = _by_kernels(parts, relative, absolute)
    if found is None:
        found = _one_by_one(parts, relative, absolute)
    return found if found.ndim else found[()]


def _by_kernels(parts, relative, absolute):
    """Booleans; None where no kernel can tell, as of two that are no FixedArrays."""
    if not any(isinstance(fmt, Format) for _, fmt in parts):
        return None
    operands, near = [], True
    for raw, fmt in parts:
        if fmt is None and raw.dtype.kind == "f":
            finite = np.isfinite(raw)
            if not finite.all():  # close to no fixed-point number
                raw, near = np.where(finite, raw, raw.dtype.type(0)), finite
        operands.append(operand.Operand(raw, fmt) if fmt else exact_operand(raw))
    if any(fmt is None for _, fmt in operands):
        return None
    found = close.by_kernels(*operands, relative, absolute)
    return found if found is None or near is True else np.asarray(found & near)


def _one_by_one(parts, relative, absolute):

    def near(p, q):
        if isinstance(p, float) or isinstance(q, float):
            return p == q
        return abs(p - q) <= absolute + relative * abs(q)

    def compute(*raws):
        x, y = (
            exact_values(raw, True, read_numbers.number_or_nan)
            if fmt is None
            else to_fractions(raw, fmt)
            for raw, (_, fmt) in zip(raws, parts, strict=True)
        )
        return float_errors.mapped(near, x, y, dtype=bool)

    raws = [raw for raw, _ in parts]
    return blocks.run(compute, raws, None, np.dtype(bool), size=blocks.OBJECTS)


def allclose(a: OperandLike, b: OperandLike, rtol: Number = 1e-05, atol: Number = 1e-08) -> bool:
    """Whether all elements are close, a bool; see `isclose`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.allclose(fx.array([0.5, 1], fx.Format(8, 4)), [0.51, 1], atol=0.1)
    True
    """
    return bool(np.all(isclose(a, b, rtol, atol)))
