"""A history's columns as NumPy arrays, and fewer points of them than anybody could see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from .history import History

    Floats = npt.NDArray[np.float64]

POINTS = 400  # of a curve: more than a column of a paper shows, and files stay small


class Series(NamedTuple):
    """Values and the iterations that they belong to, in order.

    Attributes
    ----------
    x, y : ndarray of float64
    """

    x: Floats
    y: Floats


class Bins(NamedTuple):
    """A series in at most `POINTS` pieces: each one's middle, lowest, mean and highest value.

    Attributes
    ----------
    x, low, mean, high : ndarray of float64
    """

    x: Floats
    low: Floats
    mean: Floats
    high: Floats


def columns(history: History) -> dict[str, Series]:
    """Return what the columns hold that have a finite value; columns without any are left out.

    Examples
    --------
    >>> from fxtypes_nn.watch.history import History
    >>> from fxtypes_nn.watch.series import columns
    >>> history = History()
    >>> history.append({"iteration": 1, "epoch": 1, "loss": 2.5})
    >>> history.append({"iteration": 2, "epoch": 1, "loss": float("inf")})
    >>> list(columns(history)), columns(history)["loss"].y
    (['iteration', 'epoch', 'loss'], array([2.5]))
    """
    arrays = history.to_arrays()
    starts = {"rows": 0, "integers": 0, "floats": 0}

    def taken(name: str, count: int) -> npt.NDArray[np.float64]:
        start = starts[name]
        starts[name] += count
        return arrays[name][start : start + count].astype(np.float64)

    parts = {}
    for name, integral, count in zip(
        arrays["columns"], arrays["integral"], arrays["entries"], strict=True
    ):
        rows = taken("rows", count).astype(np.int64)
        parts[str(name)] = rows, taken("integers" if integral else "floats", count)
    # A row may lack even its number, in a history that somebody else wrote.
    iterations = np.arange(1, len(history) + 1, dtype=np.float64)
    rows, values = parts["iteration"]
    iterations[rows] = values
    found = {}
    for name, (rows, values) in parts.items():
        finite = np.isfinite(values)
        if finite.any():
            found[name] = Series(iterations[rows[finite]], values[finite])
    return found


def thinned(series: Series, points: int = POINTS) -> Bins:
    """Return at most so many pieces of a series; none where it is as short as that.

    Examples
    --------
    >>> import numpy as np
    >>> from fxtypes_nn.watch.series import Series, thinned
    >>> thinned(Series(np.arange(4.0), np.array([1.0, 3, 2, 8])), 2)
    Bins(x=array([0.5, 2.5]), low=array([1., 2.]), mean=array([2., 5.]), high=array([3., 8.]))
    """
    x, y = series
    if len(x) <= points:
        return Bins(x, y, y, y)
    edges = np.linspace(0, len(x), points + 1).astype(np.int64)
    starts, sizes = edges[:-1], np.diff(edges)
    return Bins(
        np.add.reduceat(x, starts) / sizes,
        np.minimum.reduceat(y, starts),
        np.add.reduceat(y, starts) / sizes,
        np.maximum.reduceat(y, starts),
    )


def running_mean(series: Series, window: int) -> Series:
    """Return each value's mean with up to `window` - 1 before it.

    Examples
    --------
    >>> import numpy as np
    >>> from fxtypes_nn.watch.series import Series, running_mean
    >>> running_mean(Series(np.arange(4.0), np.array([1.0, 3, 2, 8])), 2).y
    array([1. , 2. , 2.5, 5. ])
    """
    # Of the distances from the first value: sums of these lose less.
    first = series.y[0]
    sums = np.cumsum(series.y - first)
    counts = np.minimum(np.arange(1, len(sums) + 1), window)
    sums[window:] -= sums[:-window].copy()
    return Series(series.x, first + sums / counts)


def window(series: Series) -> int:
    """How many values a running mean takes: 20, or a thirtieth of many."""
    return max(20, len(series.x) // 30)
