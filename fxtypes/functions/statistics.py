"""Quantiles, exact and rounded once, and histograms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ..context import blocks, context
from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import Format, derived, many_axes, read_numbers, storage
from ..operations import convert, sort_order, wide_integers
from ..operations.operand import Operand
from ..operations.reduced_axes import (
    check_axis_of_scalar,
    check_not_empty,
    normalize_axes,
    result_shape,
)
from ..operations.running import running
from .arguments import check_fixed, exact_keys, exact_part, exact_values, shape_of, wrap
from .creation import linspace, zeros

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fixed_array.operand_types import Axes, Indices, Scalar, Values

__all__ = [
    "histogram",
    "histogram_bin_edges",
    "median",
    "percentile",
    "quantile",
]

# alpha and beta of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The
# American Statistician 50 (1996), for the methods that interpolate.
_PLOTTING: dict[str, tuple[Fraction | int, Fraction | int]] = {
    "interpolated_inverted_cdf": (0, 1),
    "hazen": (Fraction(1, 2), Fraction(1, 2)),
    "weibull": (0, 0),
    "linear": (1, 1),
    "median_unbiased": (Fraction(1, 3), Fraction(1, 3)),
    "normal_unbiased": (Fraction(3, 8), Fraction(3, 8)),
}
_BETWEEN = ("lower", "higher", "midpoint", "nearest")  # of the neighbours that `linear` mixes
_STEPS = ("inverted_cdf", "averaged_inverted_cdf", "closest_observation")


def median(
    a: FixedArray, axis: Axes = None, keepdims: bool = False, format: Format | None = None
) -> FixedArray:
    """The middle element over `axis`, or the exact mean of the two in the middle, rounded once.

    Parameters
    ----------
    a : FixedArray
    axis : int, tuple of int or None
    keepdims : bool
        Keep the reduced axes with length 1.
    format : Format, optional
        The result's, by default that of `a`.

    Raises
    ------
    ValueError
        If it is of no elements.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.median(fx.array([3, 1, 2, 8], fx.Format(8, 4)))
    FixedArray(2.5, format=Format(8, 4))
    """
    return _quantiles("median", a, Fraction(1, 2), axis, "linear", keepdims, format)


def quantile(
    a: FixedArray,
    q: Values,
    axis: Axes = None,
    method: str = "linear",
    keepdims: bool = False,
    format: Format | None = None,
) -> FixedArray:
    """The elements, or means of two neighbours, below which a share `q` of all lies.

    Parameters
    ----------
    a : FixedArray
    q : number or array of numbers
        From 0 to 1, taken exactly: 0.1 is that float's binary value, "0.1" a tenth.
    axis : int, tuple of int or None
    method : str
        One of NumPy's, by default ``linear``.
    keepdims : bool
    format : Format, optional
        The result's, by default that of `a`.

    Returns
    -------
    FixedArray
        The axes of `q` first, then what `axis` leaves. Each element is the exact quantile,
        rounded once.

    Raises
    ------
    ValueError
        If it is of no elements, or a `q` is out of range.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.quantile(fx.array([0, 1, 2, 3], fx.Format(8, 4)), [0.25, 1])
    FixedArray([0.75, 3.  ], format=Format(8, 4))
    """
    return _quantiles("quantile", a, q, axis, method, keepdims, format)


def percentile(
    a: FixedArray,
    q: Values,
    axis: Axes = None,
    method: str = "linear",
    keepdims: bool = False,
    format: Format | None = None,
) -> FixedArray:
    """As `quantile`, with `q` from 0 to 100.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.percentile(fx.array([0, 1, 2, 3], fx.Format(8, 4)), [25, 100])
    FixedArray([0.75, 3.  ], format=Format(8, 4))
    """
    return _quantiles("percentile", a, q, axis, method, keepdims, format, 100)


def _quantiles(
    name: str,
    a: FixedArray,
    q: Any,
    axis: Axes,
    method: str,
    keepdims: bool,
    format: Format | None,
    scale: int = 1,
) -> FixedArray:
    """Quantiles at q / scale."""
    a = check_fixed(name, a)
    result = a.format if format is None else check_format(format)
    if method not in _PLOTTING and method not in _BETWEEN and method not in _STEPS:
        legal = ", ".join((*_PLOTTING, *_BETWEEN, *_STEPS))
        raise ValueError(f"{name}: method is one of {legal}, got {method!r}")
    shares = exact_values(q)
    for share in many_axes.flat(shares):
        if not 0 <= share <= scale:
            raise ValueError(f"{name}: q must be from 0 to {scale}, got {read_numbers.show(share)}")
    check_axis_of_scalar(axis, a.ndim)
    axes = normalize_axes(axis, a.ndim)
    kept = [i for i in range(a.ndim) if i not in axes]
    n = math.prod(a.shape[i] for i in axes)
    check_not_empty(name, a.shape, axis)
    shape = result_shape(a.shape, axes, keepdims)
    if not n:
        return zeros((*shares.shape, *shape), result)
    rows = a._storage.transpose(*kept, *axes).reshape(*(a.shape[i] for i in kept), n)
    rows = sort_order.sort(rows, a.format, -1)
    ranks = [_rank(Fraction(share) / scale, n, method) for share in many_axes.flat(shares)]
    if not any(weight for _, weight in ranks):  # the quantiles are elements
        raw = np.moveaxis(rows[..., [low for low, _ in ranks]], -1, 0)
        raw = raw.reshape((*shares.shape, *shape))
        return wrap(convert.cast(raw, a.format, result, name), result)
    found = np.empty((shares.size, math.prod(shape)), object)
    for i, (low, weight) in enumerate(ranks):
        values = convert.to_fractions(rows[..., low], a.format)
        if weight:
            values = values + (convert.to_fractions(rows[..., low + 1], a.format) - values) * weight
        found[i] = np.reshape(values, -1)
    found = found.reshape((*shares.shape, *shape))
    return wrap(convert.from_numbers(found, result, name), result)


def _rank(share: Fraction, n: int, method: str) -> tuple[int, Fraction | int]:
    """(i, w) for the quantile ``(1 - w) * x[i] + w * x[i + 1]`` of n sorted elements at a share."""
    if method == "inverted_cdf":
        return max(math.ceil(n * share) - 1, 0), 0
    if method == "averaged_inverted_cdf":
        low = math.ceil(n * share) - 1
        if (n * share).denominator == 1 and 0 <= low < n - 1:
            return low, Fraction(1, 2)
        return min(max(low, 0), n - 1), 0
    if method == "closest_observation":
        half_below = n * share - Fraction(1, 2)
        i = math.floor(half_below)
        if half_below == i and i % 2 == 0:
            i -= 1
        return min(max(i, 0), n - 1), 0
    alpha, beta = _PLOTTING.get(method, (1, 1))
    exact_rank = n * share + alpha + share * (1 - alpha - beta) - 1
    exact_rank = min(max(exact_rank, Fraction(0)), Fraction(n - 1))
    low = math.floor(exact_rank)
    weight = exact_rank - low
    if not weight or method == "lower":
        return low, 0
    if method == "higher":
        return low + 1, 0
    if method == "midpoint":
        return low, Fraction(1, 2)
    if method == "nearest":
        return round(exact_rank), 0
    return low, weight


def histogram_bin_edges(
    a: FixedArray, bins: Values = 10, range: Sequence[Scalar] | None = None
) -> FixedArray:
    """The edges of the bins of `histogram`, in the format of `a`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.histogram_bin_edges(fx.array([0, 1, 4], fx.Format(8, 4)), bins=4)
    FixedArray([0., 1., 2., 3., 4.], format=Format(8, 4))
    """
    a = check_fixed("histogram_bin_edges", a)
    if isinstance(bins, str):
        raise TypeError(f"histogram takes a number of bins or their edges, got {bins!r}")
    if shape_of(bins):
        edges = bins if isinstance(bins, FixedArray) else wrap(
            convert.read_into(bins, a.format), a.format)  # fmt: skip
        (order,) = exact_keys("histogram", edges)
        if edges.ndim != 1 or (np.sort(order) != order).any():
            raise ValueError("histogram: the edges of bins must ascend, along one axis")
        return edges
    if range is not None:
        low, high = (Fraction(v) for v in exact_values(list(range)))
        if low > high:
            raise ValueError(f"histogram: the range must ascend, got {range!r}")
    elif a.size:
        with context.uncounted():
            values = a.view_as(derived.floor_wrap(a.format))
            low, high = values.min().item(), values.max().item()
    else:
        low, high = Fraction(0), Fraction(1)
    if low == high:
        low, high = low - Fraction(1, 2), high + Fraction(1, 2)
    number: Any = bins
    count = int(number)
    if count != number or count < 1:
        raise ValueError(f"histogram: the number of bins must be an integer from 1, got {bins!r}")
    # Modes under which edges ascend, whatever the format's own are, and nothing is drawn.
    rounding = "nearest_even" if a.format.rounding == "stochastic" else a.format.rounding
    monotonic = a.format.replace(rounding=rounding, overflow="saturate")
    return linspace(low, high, count + 1, format=monotonic).view_as(a.format)


@overload
def histogram(
    a: FixedArray, bins: Values = 10, range: Sequence[Scalar] | None = None
) -> tuple[Indices, FixedArray]: ...
@overload
def histogram(
    a: FixedArray,
    bins: Values = 10,
    range: Sequence[Scalar] | None = None,
    density: bool | None = None,
    weights: Values | None = None,
    *,
    format: Format | None = None,
) -> tuple[Any, FixedArray]: ...
def histogram(
    a: FixedArray,
    bins: Values = 10,
    range: Sequence[Scalar] | None = None,
    density: bool | None = None,
    weights: Values | None = None,
    *,
    format: Format | None = None,
) -> tuple[Any, FixedArray]:
    """How many elements lie in each bin, and the bins' edges.

    Parameters
    ----------
    a : FixedArray
    bins : int or array
        So many bins of equal width, or their ascending edges.
    range : (low, high), optional
        Where equal bins begin and end; without it at the extremes of `a`.
    density : bool, optional
        Give each bin's share, divided by its width, so that the integral is 1.
    weights : FixedArray or numbers, optional
        What each element counts for, of the shape of `a`, taken exactly.
    format : Format, optional
        Of densities, and of sums of weights; without it that of FixedArrays among `weights`, else
        that of `a`.

    Returns
    -------
    counts : numpy.ndarray of int64, or FixedArray
        An element at an inner edge belongs to the bin above, one at the last edge to the last
        bin. Counted by the edges that are returned. Densities and sums of weights are exact, and
        rounded once.
    edges : FixedArray
        In the format of `a`, each rounded once from its exact value (ties to even where the
        format rounds stochastically) and kept in its range.

    Raises
    ------
    ZeroDivisionError
        For densities of no elements, or of bins without a width.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([0, 1, 1, 4], fx.Format(8, 4))
    >>> counts, edges = fx.histogram(a, bins=2)
    >>> counts, edges
    (array([3, 1]), FixedArray([0., 2., 4.], format=Format(8, 4)))
    >>> fx.histogram(a, bins=2, weights=[0.5, 1, 1, 3])[0]
    FixedArray([2.5, 3. ], format=Format(8, 4))
    """
    edges = histogram_bin_edges(a, bins, range)
    if weights is None:
        counts: Any = _counts(a, edges)
        if not density:
            return counts, edges
    else:
        counts = _sums_of_weights(a, edges, weights)
    result = weights.format if isinstance(weights, FixedArray) else a.format
    result = result if format is None else check_format(format)
    sums = np.asarray(counts.astype(object), object)
    if density:
        ends = edges.to_fractions()
        total = sum(sums.tolist())
        sums = np.array([None, *(Fraction(s) / (total * w)
                                 for s, w in zip(sums, ends[1:] - ends[:-1], strict=True))],
                        object)[1:]  # fmt: skip
    return wrap(convert.from_numbers(sums, result, "histogram"), result), edges


def _counts(a: FixedArray, edges: FixedArray) -> Indices:
    flat, counts = a.ravel(), np.zeros(max(edges.size - 1, 0), np.intp)
    if not counts.size:
        return counts
    size = max(blocks.SIZE, edges.size)
    for key in blocks.cut(flat.shape, size):
        values, limits = exact_keys("histogram", flat[key], edges)
        values = np.sort(values)
        below = np.searchsorted(values, limits[:-1], side="left")
        end = np.searchsorted(values, limits[-1:], side="right")
        counts += np.concatenate([below[1:], end]) - below
    return counts


def _sums_of_weights(a: FixedArray, edges: FixedArray, weights: Any) -> NDArray[np.object_]:
    """The exact sums of the weights in each bin."""
    part = exact_part(weights)
    numbers = exact_values(weights) if part.format is None else part.raw
    if numbers.shape != a.shape:
        raise ValueError(f"histogram: weights of shape {numbers.shape} for elements of {a.shape}")
    sums = np.zeros(max(edges.size - 1, 0), object)
    if not sums.size:
        return sums
    values, limits = exact_keys("histogram", a.ravel(), edges)
    at = np.searchsorted(limits, values, side="right") - 1
    at[values == limits[-1]] = sums.size - 1
    inside = (at >= 0) & (at < sums.size)
    at, numbers = at[inside], numbers.reshape(-1)[inside]
    fmt = part.format
    if fmt is None or not at.size:
        np.add.at(sums, at, numbers)
        return sums
    ordered = numbers[np.argsort(at, kind="stable")]
    ends = np.cumsum(np.bincount(at, minlength=sums.size))
    parts = [(ordered, derived.floor_wrap(fmt).replace(frac_bits=0), 1)]
    if fmt.width + at.size.bit_length() > 128:  # the sums of either word
        low, high = storage.halves(ordered, fmt.signed)
        parts = [(low, Format(64, 0, False), 1), (high, Format(64, 0, fmt.signed), 1 << 64)]
    for raw, of, unit in parts:
        sums += _sums_to(raw, of, ends) * unit
    return np.asarray(sums * fmt.resolution, object)


def _sums_to(raw: NDArray[Any], fmt: Format, ends: Indices) -> NDArray[np.object_]:
    """The sums of integers, one after the other, up to ascending ends: Python ints."""
    wide = derived.floor_wrap(fmt).replace(width=fmt.width + raw.size.bit_length())
    with context.uncounted():
        so_far = running("cumsum", Operand(raw, fmt), 0, False, wide)
    totals = wide_integers.to_python(so_far[np.maximum(ends - 1, 0)], wide)
    totals[ends == 0] = 0
    return np.asarray(np.diff(totals, prepend=0), object)
