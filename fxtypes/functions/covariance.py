"""Weighted means, covariances and correlations, exact and rounded once."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import derived, many_axes, storage
from ..kernels import python_rounding
from ..operations import convert, read_operands
from ..operations.operand import Operand
from ..operations.reduced_axes import check_axis_of_scalar, normalize_axes, result_shape
from ..products.exact_products import exact_product, summed_to
from ..products.terms import exact_numbers, term
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
    found: tuple[Any, Any]
    if part.format is None:
        w = _weights_of(a, exact_values(weights), axis, axes)
        found = np.sum(_exact(a) * w, axis=axes), np.sum(w, axis=axes)
    else:
        labels, others = tuple(range(a.ndim)), set(_others(a.ndim, axes))
        weighing = Operand(_weights_of(a, part.raw, axis, axes), part.format)
        x, y = term(Operand(a._storage, a.format), labels), term(weighing, labels)
        found = exact_numbers(exact_product(x, y, others)), exact_numbers(summed_to(y, others))
    shape = result_shape(a.shape, axes, keepdims)
    sums, totals = (np.asarray(numbers, object).reshape(shape) for numbers in found)
    if not all(many_axes.flat(totals)):
        raise ZeroDivisionError("average: the weights sum to 0")
    result = a.format if format is None else check_format(format)
    quotients = np.empty(sums.shape, object)
    quotients.reshape(-1)[:] = [
        Fraction(s) / total
        for s, total in zip(many_axes.flat(sums), many_axes.flat(totals), strict=True)
    ]
    mean = wrap(convert.from_numbers(quotients, result, "average"), result)
    if not returned:
        return mean
    if isinstance(weights, FixedArray):
        raw = convert.from_numbers(totals, weights.format, "average")
        return mean, wrap(raw, weights.format)
    return mean, totals.astype(np.float64)


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


def _exact(a: FixedArray) -> NDArray[np.object_]:
    """The raw integers, as Python's, times the resolution: Fractions only if they must be."""
    integers = storage.to_integers(a._storage, a.format).astype(object)
    if a.format.frac_bits <= 0:
        return integers * (1 << -a.format.frac_bits)
    return np.asarray(integers * a.format.resolution, object)


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
    numerators, divisor = _moments(name, a, correction, fweights, aweights)
    scale = Fraction(1) / divisor
    found = np.asarray(numerators * scale, object)
    shape = found.shape if np.ndim(m) > 1 or y is not None else ()
    if 1 in found.shape:  # NumPy squeezes
        shape = np.empty(found.shape, np.int8).squeeze().shape
    return wrap(convert.from_numbers(found.reshape(shape), result, name), result)


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
    numerators, _ = _moments(name, a, 0, None, None)
    guard = derived.guard_bits(result)
    bits = result.frac_bits + guard
    values, n = [], len(numerators)
    for i in range(n):
        for j in range(n):
            product, square = numerators[i, i] * numerators[j, j], numerators[i, j] ** 2
            if not product:
                raise ZeroDivisionError(f"{name}: variable {i if not numerators[i, i] else j} "
                                        "is constant, so that it has none")  # fmt: skip
            root = root_to_odd(Fraction(square) / product, 2, bits)
            values.append(-root if numerators[i, j] < 0 else root)
    shape = np.empty((n, n), np.int8).squeeze().shape if n == 1 else (n, n)
    return wrap(python_rounding.finish(iter(values), guard, result, name, shape), result)


def root_to_odd(value: Fraction, order: int, bits: int) -> int:
    """The root of a number that isn't negative, times 2**bits, rounded to odd."""
    shift = order * bits
    numerator = value.numerator << max(shift, 0)
    denominator = value.denominator << max(-shift, 0)
    whole = numerator // denominator
    root = _integer_root(whole, order)
    exact = root**order * denominator == numerator
    return root if exact else root | 1


def _integer_root(n: int, order: int) -> int:
    """The largest integer whose power is not above n."""
    if order == 1 or n < 2:
        return n
    if order == 2:
        return math.isqrt(n)
    x = 1 << -(-n.bit_length() // order)
    while True:
        lower = ((order - 1) * x + n // x ** (order - 1)) // order
        if lower >= x:
            return x
        x = lower


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


def _moments(
    name: str, a: FixedArray, ddof: Any, fweights: Any, aweights: Any
) -> tuple[NDArray[np.object_], Fraction]:
    """Exact numerators of the covariances, and what they have to be divided by."""
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
    products, sums = _sums_of_products(a, w)
    return products * total - np.multiply.outer(sums, sums), total * (total - correction)


def _sums_of_products(
    a: FixedArray, w: NDArray[np.object_] | None
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Exact sums of the products of each two variables, and of each variable, all weighted."""
    part = None if w is None else read_operands.exact(w)
    if part is not None and part.format is None:
        x = _exact(a)
        return np.dot(x * w, x.T), np.asarray(np.sum(x * w, axis=1), object)
    first = term(Operand(a._storage, a.format), ("i", "k"))
    weighted = first
    if part is not None:
        weighted = exact_product(first, term(part, ("k",)), {"i", "k"})
    products = exact_product(weighted, first._replace(labels=("j", "k")), {"i", "j"})
    return exact_numbers(products), exact_numbers(summed_to(weighted, {"i"}))


def _weights(name: str, what: str, given: Any, n: int) -> NDArray[np.object_]:
    if given is None:
        return np.full(n, Fraction(1), object)
    found = exact_values(given)
    if found.shape != (n,):
        raise ValueError(f"{name}: {what} of shape {found.shape} for {n} observations")
    if any(v < 0 for v in found):
        raise ValueError(f"{name}: {what} can't be negative")
    return np.array([Fraction(v) for v in found] + [None], object)[:-1]
