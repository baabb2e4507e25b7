"""Weighted means, covariances and correlations, exact and rounded once."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex

import numpy as np

from ..context import blocked_operation, blocks
from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import many_axes, storage
from ..operations import convert, read_operands, wide_integers
from ..operations.operand import Operand
from ..operations.reduced_axes import check_axis_of_scalar, normalize_axes, result_shape
from ..operations.roots_and_quotients import ratio
from ..operations.sums_and_extremes import exact_pieces
from ..products.contraction import reported_as
from ..products.exact_products import exact_product, product_in_pieces, summed_to
from ..products.terms import Term, cut, exact_numbers, term, term_pieces
from . import reductions
from .arguments import check_fixed, exact_part, exact_values, wrap
from .joining import concatenate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Axes, Integers, Values
    from ..format import Format

__all__ = [
    "average",
    "corrcoef",
    "cov",
]


def average(
    a: FixedArray,
    axis: Axes = None,
    weights: Values | None = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
    format: Format | None = None,
) -> Any:
    """The weighted mean over `axis`, exact and rounded once.

    Parameters
    ----------
    a : FixedArray
    axis : int, tuple of int or None
    weights : FixedArray or numbers, optional
        Of the shape of `a`, or of that of its `axis`; taken exactly. Without them `mean`.
    returned : bool
        Give the sums of the weights, too: in the weights' format, or as float64.
    keepdims : bool
    format : Format, optional
        The result's, by default that of `a`.

    Raises
    ------
    ZeroDivisionError
        If weights sum to 0.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.average(fx.array([1, 2, 4], fx.Format(8, 4)), weights=[3, 1, 1])
    FixedArray(1.8125, format=Format(8, 4))
    """
    a = check_fixed("average", a)
    if weights is None:
        means = reductions.mean(a, axis, format, keepdims=keepdims)
        n = a.size // max(means.size, 1)
        return (means, np.full(means.shape, float(n))) if returned else means
    check_axis_of_scalar(axis, a.ndim)
    axes = normalize_axes(axis, a.ndim)
    part = exact_part(weights)
    weighing, unit = (part.raw, 1) if part.format else _as_integers(exact_values(weights))
    weighing = _weights_of(a, weighing, axis, axes)
    labels, others = tuple(range(a.ndim)), set(_others(a.ndim, axes))
    x, y = (
        term(Operand(raw, fmt), labels)
        for raw, fmt in ((a._storage, a.format), (weighing, part.format))
    )
    totals = summed_to(y, others)
    divisors = term_pieces(totals)
    if not _truth(divisors).all():
        raise ZeroDivisionError("average: the weights sum to 0")
    result = a.format if format is None else check_format(format)
    sums = product_in_pieces(x, y, others)
    shape = result_shape(a.shape, axes, keepdims)
    sums, divisors = (
        tuple(Operand(raw.reshape(shape), fmt) for raw, fmt in parts) for parts in (sums, divisors)
    )
    mean = wrap(ratio("average", (sums, (), divisors, ()), x.frac_bits, 1, result), result)
    if not returned:
        return mean
    numbers = np.asarray(exact_numbers(totals) / unit, object).reshape(shape)
    if isinstance(weights, FixedArray):
        return mean, wrap(convert.from_numbers(numbers, weights.format, "average"), weights.format)
    return mean, numbers.astype(np.float64)


def _as_integers(numbers: NDArray[np.object_]) -> tuple[NDArray[np.object_], int]:
    """Exact numbers times the least integer that makes all of them integers; and that one."""
    unit = math.lcm(*(v.denominator for v in many_axes.flat(numbers)))
    integers = np.empty(numbers.shape, object)
    integers.reshape(-1)[:] = [int(v * unit) for v in many_axes.flat(numbers)]
    return integers, unit


def _truth(pieces: tuple[Operand, ...]) -> NDArray[np.bool_]:
    """Which integers in pieces are not 0."""
    return np.asarray(reduce(np.logical_or, [storage.truth(raw) for raw, _ in pieces]), bool)


def _weights_of(a: FixedArray, w: NDArray[Any], axis: Axes, axes: tuple[int, ...]) -> NDArray[Any]:
    """Weights, exact values or storage, in the shape of an array."""
    if w.shape == a.shape:
        return w
    if axis is None:
        raise TypeError(f"average: weights of shape {w.shape} for an array of {a.shape} need axis=")
    if w.shape != tuple(a.shape[i] for i in axes):
        raise ValueError(
            f"average: weights of shape {w.shape} for axis {axis} of an array of shape {a.shape}"
        )
    w = w.transpose(np.argsort(axes))
    return np.broadcast_to(w.reshape(result_shape(a.shape, _others(a.ndim, axes), True)), a.shape)


def _others(ndim: int, axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(i for i in range(ndim) if i not in axes)


def cov(
    m: FixedArray,
    y: FixedArray | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: SupportsIndex | None = None,
    fweights: Integers | None = None,
    aweights: Values | None = None,
    *,
    format: Format | None = None,
) -> FixedArray:
    """The covariances of variables, each exact and rounded once.

    Parameters
    ----------
    m : FixedArray
        One variable, or one in each row (each column if not `rowvar`).
    y : FixedArray, optional
        More variables.
    rowvar : bool
    bias : bool
        Divide by the number of observations n, not by n - 1.
    ddof : int, optional
        Divide by n - ddof.
    fweights : array of int, optional
        How often each observation counts.
    aweights : array, optional
        How much it weighs, taken exactly.
    format : Format, optional
        The result's; without it that of the variables.

    Raises
    ------
    ValueError
        If there are no more than `ddof` observations.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cov(fx.array([[0, 1, 2], [2, 1, 0]], fx.Format(8, 4)))
    FixedArray([[ 1., -1.],
                [-1.,  1.]], format=Format(8, 4))
    """
    correction = (0 if bias else 1) if ddof is None else ddof
    name, a = "cov", _variables("cov", m, y, rowvar)
    result = a.format if format is None else check_format(format)
    moments = _moments(name, a, correction, fweights, aweights)
    p, q = (wide_integers.split(n) for n in moments.divisor.as_integer_ratio())

    def rows(part: slice) -> NDArray[Any]:
        return ratio(name, (_numerators(moments, part), q, p, ()), moments.frac_bits, 1, result)

    n = a.shape[0]
    squeezed: tuple[int, ...] = (n, n)
    if n == 1 or (np.ndim(m) < 2 and y is None):
        squeezed = ()
    return _by_rows(name, n, rows, squeezed, result)


def corrcoef(
    x: FixedArray,
    y: FixedArray | None = None,
    rowvar: bool = True,
    *,
    format: Format | None = None,
) -> FixedArray:
    """The correlation coefficients of variables, each the exact one rounded once.

    Parameters as for `cov`.

    Raises
    ------
    ZeroDivisionError
        If a variable is constant.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.corrcoef(fx.array([[0, 1, 2], [2, 1, 1]], fx.Format(16, 12)))
    FixedArray([[ 1.            , -0.865966796875],
                [-0.865966796875,  1.            ]], format=Format(16, 12))
    """
    name, a = "corrcoef", _variables("corrcoef", x, y, rowvar)
    result = a.format if format is None else check_format(format)
    moments = _moments(name, a, 0, None, None)
    squares = exact_pieces("squares", Operand(a._storage, a.format), (1,), False)
    variances = wide_integers.difference(moments.observations, squares, moments.sums, moments.sums)
    varying = _truth(variances)
    if not varying.all():
        raise ZeroDivisionError(
            f"{name}: variable {np.argmin(varying)} is constant, so that it has none"
        )

    def rows(part: slice) -> NDArray[Any]:
        numerators = _numerators(moments, part)
        columns = tuple(Operand(raw[part, np.newaxis], fmt) for raw, fmt in variances)
        return ratio(name, (numerators, numerators, columns, variances), 0, 2, result)

    n = len(varying)
    return _by_rows(name, n, rows, () if n == 1 else (n, n), result)


def _by_rows(
    name: str,
    n: int,
    rows: Callable[[slice], NDArray[Any]],
    shape: tuple[int, ...],
    result: Format,
) -> FixedArray:
    """An n x n matrix of which `rows` gives some, a block of them at a time."""
    out = storage.allocate((n, n), storage.dtype(result))
    size = max(blocks.SIZE // max(n, 1), 1)
    keys = [(slice(i, i + size),) for i in range(0, max(n, 1), size)]
    with reported_as(name, shape, result), blocked_operation.blocked((n, n)) as operation:
        for (part,), block in operation.blocks(out, keys):
            block[...] = rows(part)
    return wrap(out.reshape(shape), result)


def _variables(name: str, m: Any, y: Any, rowvar: bool) -> FixedArray:
    """The variables, one in each row."""
    rows = []
    for given in (m, y):
        if given is None:
            continue
        a = check_fixed(name, given)
        if a.ndim > 2:
            raise ValueError(f"{name} takes arrays of at most 2 axes, got shape {a.shape}")
        if a.ndim < 2:
            a = a.reshape(1, -1)
        elif not rowvar and a.shape[0] != 1:
            a = a.T
        rows.append(a)
    return concatenate(rows, 0) if len(rows) > 1 else rows[0]


class _Moments(NamedTuple):
    """What covariances are made of.

    Attributes
    ----------
    weighted, plain : Term
        The variables with and without weights, of labels ("i", "k") and ("j", "k").
    sums : tuple of Operand
        Each variable's weighted sum, in pieces.
    observations : numpy.ndarray
        Their number as an int, 0-d, in the units of the weights.
    divisor : Fraction
        Of observations * sum of products - product of sums, which has `frac_bits`.
    """

    weighted: Term
    plain: Term
    sums: tuple[Operand, ...]
    observations: NDArray[np.object_]
    frac_bits: int
    divisor: Fraction


def _moments(name: str, a: FixedArray, ddof: Any, fweights: Any, aweights: Any) -> _Moments:
    n = a.shape[1]
    f, v = (
        None if given is None else _weights(name, what, given, n)
        for what, given in (("fweights", fweights), ("aweights", aweights))
    )
    if f is not None and any(weight.denominator != 1 for weight in f):
        raise TypeError(f"{name}: fweights are integers")
    w = f if v is None else v if f is None else f * v
    total = Fraction(n if w is None else sum(w))
    if not total:
        raise ValueError(f"{name} of no observations: shape {a.shape}")
    correction = Fraction(*exact_values(ddof).item().as_integer_ratio())
    if v is not None:
        correction = correction * sum(w * v) / total
    if total <= correction:
        raise ValueError(f"{name} of {n} observations: it needs more than ddof")
    first, weighing, unit, scale = term(Operand(a._storage, a.format), ("i", "k")), None, 1, 0
    if w is not None:
        integers, unit = _as_integers(w)
        weighing = term(read_operands.exact(integers), ("k",))
        scale = weighing.frac_bits
    weighted = first if weighing is None else exact_product(first, weighing, {"i", "k"})
    count = total * unit
    return _Moments(
        weighted,
        first._replace(labels=("j", "k")),
        term_pieces(summed_to(weighted, {"i"})),
        np.array(int(count * Fraction(2) ** scale), object),
        2 * (a.format.frac_bits + scale),
        count * (count - correction * unit),
    )


def _numerators(moments: _Moments, part: slice) -> tuple[Operand, ...]:
    """Of the covariances of some variables with all others, in pieces."""
    rows = cut(moments.weighted, "i", part)
    products = product_in_pieces(rows, moments.plain, {"i", "j"})
    columns = tuple(Operand(raw[part, np.newaxis], fmt) for raw, fmt in moments.sums)
    return wide_integers.difference(moments.observations, products, columns, moments.sums)


def _weights(name: str, what: str, given: Any, n: int) -> NDArray[np.object_]:
    if given is None:
        return np.full(n, Fraction(1), object)
    found = exact_values(given)
    if found.shape != (n,):
        raise ValueError(f"{name}: {what} of shape {found.shape} for {n} observations")
    if any(v < 0 for v in found):
        raise ValueError(f"{name}: {what} can't be negative")
    return np.array([Fraction(v) for v in found] + [None], object)[:-1]
