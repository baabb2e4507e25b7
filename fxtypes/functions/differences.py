"""Differences of neighbouring elements."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ..fixed_array import FixedArray, array
from ..fixed_array.array import check_format
from ..format import derived, storage
from ..format.format import MAX_FRAC_BITS
from ..kernels import calls, plan, products
from ..operations import convert, wide_integers
from ..operations.exact_keys import exact_keys
from ..operations.operand import Operand
from ..operations.reduced_axes import check_axis_of_scalar, normalize_axes
from ..operations.scaled import scaled
from ..operations.sums_and_extremes import exact_integers, reduce_by_kernel
from ..products import contraction
from ..products.exact_products import exact_product
from ..products.terms import labelled
from .arguments import check_fixed, exact_part, exact_values, one_axis, wrap
from .common_format import as_fixed, end_to_end, gather
from .joining import concatenate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Axes, OperandLike, Values
    from ..format import Format

__all__ = [
    "diff",
    "ediff1d",
    "gradient",
    "trapezoid",
]


def ediff1d(
    ary: FixedArray, to_end: OperandLike | None = None, to_begin: OperandLike | None = None
) -> FixedArray:
    """The differences of neighbours in C order, each rounded once into the array's format.

    `to_begin` and `to_end` stand before and after them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.ediff1d(fx.array([1, 2, 4], fx.Format(8, 4)), to_begin=0)
    FixedArray([0., 1., 2.], format=Format(8, 4))
    """
    from ..operations.finite_differences import finite_differences  # late, as few programs need it

    ary = check_fixed("ediff1d", ary).ravel()
    fmt, name = ary.format, "ediff1d"
    if to_begin is None and to_end is None:
        return wrap(*finite_differences(ary._storage, fmt, 1, 0, None, name))
    # Where a format holds them, the differences stay exact at first: `gather` rounds and counts
    # them together with the ends.
    wide = (
        fmt
        if fmt.width == 128
        else derived.floor_wrap(fmt).replace(width=fmt.width + 1, signed=True)
    )
    differences = finite_differences(ary._storage, fmt, 1, 0, wide, name if wide is fmt else "move")
    given = (to_begin, wrap(*differences), to_end)
    parts = [as_fixed(part, fmt) for part in given if part is not None]
    return gather(name, parts, fmt, end_to_end)


def diff(
    a: FixedArray,
    n: SupportsIndex = 1,
    axis: SupportsIndex = -1,
    prepend: Values | None = None,
    append: Values | None = None,
    format: Format | None = None,
) -> FixedArray:
    """The n-th differences along `axis`, each exact and rounded once.

    Parameters
    ----------
    n : int
        How many times neighbours are subtracted.
    prepend, append : FixedArray or number, optional
        Joined to `a` before, as `numpy.diff` does.

    Returns
    -------
    FixedArray
        With n elements less along `axis`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.diff(fx.array([1, 2, 4, 7], fx.Format(8, 4)))
    FixedArray([1., 2., 3.], format=Format(8, 4))
    """
    from ..operations.finite_differences import finite_differences

    a, times = check_fixed("diff", a), operator.index(n)
    if times < 0:
        raise ValueError(f"diff: n must not be negative, got {times}")
    if a.ndim == 0:
        if times:
            raise ValueError("diff: a 0-d array has no neighbours")
        return a if format is None else a.astype(format)
    (axis,) = one_axis("diff", axis, a)
    parts = [
        part for part in (_end(a, prepend, axis), a, _end(a, append, axis)) if part is not None
    ]
    if len(parts) > 1:
        a = concatenate(parts, axis)
    raw, result = finite_differences(
        a._storage, a.format, times, axis, None if format is None else check_format(format)
    )
    return wrap(raw, result)


def _end(a: FixedArray, end: Any, axis: int) -> FixedArray | None:
    """What `diff` joins to an array, as a FixedArray of a shape that fits."""
    if end is None:
        return None
    if not isinstance(end, FixedArray):
        end = array(end, a.format)
    if end.ndim == 0:
        shape = tuple(1 if i == axis else size for i, size in enumerate(a.shape))
        return wrap(np.broadcast_to(end._storage, shape), end.format)
    return end


def trapezoid(
    y: FixedArray,
    x: Values | None = None,
    dx: Values = 1,
    axis: SupportsIndex = -1,
    format: Format | None = None,
) -> FixedArray:
    """The integral along `axis` by the trapezoidal rule, exact and rounded once.

    Parameters
    ----------
    y : FixedArray
    x : FixedArray or numbers, optional
        Where the elements lie, taken exactly: along the axis, or of the shape of `y`.
    dx : number
        Their distance, where `x` isn't given.
    axis : int
    format : Format, optional
        The result's, by default that of `y`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.trapezoid(fx.array([1, 2, 4], fx.Format(8, 4)))
    FixedArray(4.5, format=Format(8, 4))
    """
    a = check_fixed("trapezoid", y)
    result = a.format if format is None else check_format(format)
    check_axis_of_scalar(axis, a.ndim)
    (along,) = normalize_axes(operator.index(axis), a.ndim)
    raw = None
    if x is not None:
        raw = _areas_between(a, x, along, result)
    else:
        widths = np.asarray(exact_values(dx), object)
        if not widths.ndim:
            raw = _even_areas(a, along, widths.item(), result)
    if raw is not None:
        return wrap(raw, result)
    values = np.moveaxis(storage.to_integers(a._storage, a.format).astype(object), along, -1)
    if x is not None:
        places = exact_values(x)
        if places.ndim > 1:
            places = np.moveaxis(np.broadcast_to(places, a.shape), along, -1)
        widths = places[..., 1:] - places[..., :-1]
    sums = np.sum(widths * (values[..., 1:] + values[..., :-1]), axis=-1)
    exact = np.asarray(sums * (a.format.resolution / 2), object)
    return wrap(convert.from_numbers(exact, result, "trapezoid"), result)


def _even_areas(a: FixedArray, axis: int, dx: Any, result: Format) -> NDArray[Any]:
    """Integrals over equal widths, in storage of `result`."""
    n, fmt = a.shape[axis], a.format
    operand, raw = Operand(a._storage, fmt), np.moveaxis(a._storage, axis, 0)
    grown = max(n - 1, 0).bit_length() + 2
    width = fmt.width + grown
    if width > 128:  # what the elements really need
        width = products.magnitude_bits(a._storage, storage.code(fmt)) + 1 + grown
    if width <= 128 and n and dx:
        wide = derived.floor_wrap(fmt).replace(width=width, signed=True)
        sums = reduce_by_kernel("sum", operand, (axis,), False, wide, "move")
        weights, formats = ((2, 0), (-1, 0), (-1, 0)), (wide, fmt, fmt)
        step = plan.linear_combination(weights, formats, wide, "move")
        doubled = Operand(calls.elementwise(step, (sums, raw[0, ...], raw[-1, ...])), wide)
        found = scaled("trapezoid", doubled, Fraction(dx) / 2, result)
        if found is not None:
            return found
    totals = exact_integers("sum", operand, (axis,), False) * 2
    for end in (raw[0, ...], raw[-1, ...]) if n else ():
        totals = totals - wide_integers.to_python(end, fmt)
    exact = np.asarray(totals * (fmt.resolution * dx / 2), object)
    return convert.from_numbers(exact, result, "trapezoid")


def _areas_between(a: FixedArray, x: Any, axis: int, result: Format) -> NDArray[Any] | None:
    """Integrals between places, in storage of `result`; None: no kernel does it."""
    places = exact_part(x)
    fmt, n = places.format, a.shape[axis]
    if fmt is None or places.raw.shape not in ((n,), a.shape) or n < 2:
        return None
    if fmt.frac_bits == MAX_FRAC_BITS:
        return None
    labels = tuple(range(a.ndim))
    others = tuple(label for label in labels if label != axis)
    of_places, along = ((axis,), 0) if places.raw.ndim == 1 else (labels, axis)

    def cut(x: NDArray[Any], start: int | None, stop: int | None) -> NDArray[Any]:
        return x[(*(slice(None),) * along, slice(start, stop))]

    # Each element counts for half the distance of its neighbours.
    parts = [cut(places.raw, None, 1), places.raw, cut(places.raw, -1, None)]
    around = np.concatenate(parts, along)
    ends = cut(around, 2, None), cut(around, None, -2)
    operand = Operand(a._storage, a.format)
    if fmt.width <= 126 or products.magnitude_bits(places.raw, storage.code(fmt)) <= 126:
        wide = derived.floor_wrap(fmt).replace(width=min(fmt.width + 1, 128), signed=True)
        raw = calls.elementwise(plan.elementwise("subtract", (fmt, fmt), wide, "move"), ends)
        halves = Operand(raw, derived.with_frac_bits(wide, fmt.frac_bits + 1))
        return contraction.contract(
            "trapezoid", [operand, halves], ([labels, of_places], others), result
        )
    halved = derived.with_frac_bits(fmt, fmt.frac_bits + 1)
    heights = labelled(operand, labels)
    upper, lower = (
        exact_product(heights, labelled(Operand(end, halved), of_places), set(others))
        for end in ends
    )
    out = tuple(label for label in others if a.shape[label] != 1)
    shape = tuple(a.shape[label] for label in others)
    with contraction.reported_as("trapezoid", shape, result):
        return contraction.difference("trapezoid", upper, lower, out, result).reshape(shape)


def gradient(
    f: FixedArray,
    *varargs: Values,
    axis: Axes = None,
    edge_order: int = 1,
    format: Format | None = None,
) -> FixedArray | tuple[FixedArray, ...]:
    """The derivatives along axes by central differences, each exact and rounded once.

    Parameters
    ----------
    f : FixedArray
    *varargs : numbers or FixedArrays
        The distance of elements, or where they lie, taken exactly: one for all axes or one an axis.
    axis : int, tuple of int or None
        Without it all axes.
    edge_order : {1, 2}
        Of the differences at either end.
    format : Format, optional
        The result's, by default that of `f`.

    Returns
    -------
    FixedArray, or a tuple of them for several axes

    Raises
    ------
    ValueError
        If an axis has less than ``edge_order + 1`` elements, or a distance is 0; of three
        neighbours no two may lie at one place.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.gradient(fx.array([1, 2, 4, 7], fx.Format(8, 4)))
    FixedArray([1. , 1.5, 2.5, 3. ], format=Format(8, 4))
    """
    a = check_fixed("gradient", f)
    result = a.format if format is None else check_format(format)
    check_axis_of_scalar(axis, a.ndim)
    axes = normalize_axes(axis, a.ndim)
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order is 1 or 2, got {edge_order!r}")
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError(f"gradient takes one distance, or one for each of {len(axes)} axes")
    given = varargs * len(axes) if len(varargs) == 1 else varargs or (1,) * len(axes)
    made = tuple(
        wrap(_slopes(a, axis, spacing, edge_order, result), result)
        for axis, spacing in zip(axes, given, strict=True)
    )
    return made[0] if len(made) == 1 else made


def _slopes(a: FixedArray, axis: int, given: Any, edge_order: int, result: Format) -> NDArray[Any]:
    """Sums of a few neighbours with exact weights, in storage of `result`."""
    from ..operations import finite_differences  # late, as few programs need it

    n, operand = a.shape[axis], Operand(a._storage, a.format)
    if n < edge_order + 1:
        raise ValueError(
            f"gradient: axis {axis} of shape {a.shape} needs {edge_order + 1} elements at least"
        )
    if isinstance(given, list | tuple) or getattr(given, "ndim", None):
        places = exact_part(given)
        if places.format is not None and places.raw.shape == (n,) and _differ(places):
            raw = finite_differences.uneven_slopes(operand, places, axis, edge_order, result)
            if raw is not None:
                return raw
    spacing = exact_values(given)
    if spacing.ndim and spacing.shape != (n,):
        raise ValueError(f"gradient: places of shape {spacing.shape} for an axis of {n} elements")
    if not spacing.ndim and spacing.item():
        factor = 1 / (2 * Fraction(spacing.item()))
        raw = finite_differences.even_slopes(operand, axis, edge_order, factor, result)
        if raw is not None:
            return raw
    values = np.moveaxis(storage.to_integers(a._storage, a.format).astype(object), axis, -1)
    if not spacing.ndim and not spacing.item():
        raise ValueError("gradient: a distance is 0")
    for apart in (1, 2) if spacing.ndim else ():
        same = spacing[apart:] == spacing[:-apart]
        if same.any():
            i = int(np.argmax(same))
            raise ValueError(
                f"gradient: elements {i} and {i + apart} lie at one place, {spacing[i]}: a "
                "distance is 0"
            )
    steps = spacing[1:] - spacing[:-1] if spacing.ndim else np.full(n - 1, spacing.item(), object)
    unit = Fraction(a.format.resolution)
    found = np.empty(values.shape, object)
    before, after = steps[:-1], steps[1:]
    if (steps == steps[0]).all():  # so that weights are 1 and -1
        found[..., 1:-1] = (values[..., 2:] - values[..., :-2]) * (unit / (2 * steps[0]))
    else:
        weights = np.array([_weights(p, q) for p, q in zip(before, after, strict=True)], object).T
        parts = values[..., :-2], values[..., 1:-1], values[..., 2:]
        found[..., 1:-1] = sum(part * w for part, w in zip(parts, weights, strict=True)) * unit
    for at, step in ((0, 1), (-1, -1)):
        edge = [values[..., at + step * i] for i in range(edge_order + 1)]
        p = Fraction(steps[at]) * step
        if edge_order == 1:
            slope = (edge[1] - edge[0]) / p
        else:
            q = Fraction(steps[at + step]) * step
            slope = (
                edge[1] * ((p + q) / (p * q)) - edge[0] * ((2 * p + q) / (p * (p + q)))
                - edge[2] * (p / (q * (p + q)))
            )  # fmt: skip
        found[..., at] = slope * unit
    return convert.from_numbers(np.moveaxis(found, -1, axis), result, "gradient")


def _differ(places: Operand) -> bool:
    """Whether no two of three neighbours are the same."""
    (order,) = exact_keys([places])
    return not any((order[i:] == order[:-i]).any() for i in (1, 2))


def _weights(p: Any, q: Any) -> list[Fraction]:
    """Of an element, itself and the next one, at distances p and q."""
    p, q = Fraction(p), Fraction(q)
    return [-q / (p * (p + q)), (q - p) / (p * q), p / (q * (p + q))]
