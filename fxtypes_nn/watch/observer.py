"""Observer: ranges and events of one iteration, by layer and parameter."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

import fxtypes as fx
from fxtypes.fixed_array.array import count_moves, extremes

from ..precision import ends

if TYPE_CHECKING:
    import numpy.typing as npt

RANGES = ("min", "max", "abs_max", "int_bits")
PASSES = ("forward", "backward", "update")
COUNTS = ("overflow", "underflow", "saturation")
_SIDES = ("input", "output")
_LOW_WORD = 2**64 - 1

Side = Literal["input", "output"]
Pass = Literal["forward", "backward", "update"]


def watched_columns(layers: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the columns that an `Observer` fills, in order.

    Parameters
    ----------
    layers : mapping of str to iterable of str
        The layers' names, in order, to their parameters' (``dense1`` to ``weights`` and so on).

    Examples
    --------
    >>> from fxtypes_nn.watch.observer import watched_columns
    >>> columns = watched_columns({"dense1": ["weights"], "relu1": []})
    >>> columns[0], columns[5], columns[-1], len(columns)
    ('dense1.weights.min', 'dense1.input.min', 'relu1.update.saturation', 39)
    """
    names = [f"{layer}.{name}" for layer, parameters in layers.items() for name in parameters]
    return [
        *(f"{name}.{what}" for name in names for what in (*RANGES, "lost")),
        *(f"{layer}.{side}.{what}" for layer in layers for side in _SIDES for what in RANGES),
        *_counters(layers),
    ]


def _counters(layers: Iterable[str]) -> Iterator[str]:
    return (f"{layer}.{way}.{what}" for layer in layers for way in PASSES for what in COUNTS)


@functools.lru_cache(maxsize=16)
def _no_counts(layers: tuple[str, ...]) -> dict[str, float]:
    return dict.fromkeys(_counters(layers), 0)


@functools.lru_cache(1024)
def _range_columns(owner: str, name: str) -> tuple[str, ...]:
    return tuple(f"{owner}.{name}.{what}" for what in RANGES)


class Observer:
    """What a watched iteration is measured with: a new one for each.

    It changes nothing of what it measures: it draws nothing and makes no event, so that
    a caller's own `fxtypes.record` counts the same with and without it.

    Parameters
    ----------
    layers : iterable of str
        The layers' names. The counts of each are 0 until something is counted.
    events : fxtypes.Events
        Of the `fxtypes.record` that the iteration runs in. `operations` says to which layer
        and pass its events belong.
    gradients : bool
        Whether the ranges of gradients are measured, too.

    Attributes
    ----------
    row : dict
        The measurements so far, by the columns of `History`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn.watch.observer import Observer
    >>> x = fx.array([[3, 1], [0.5, -7]], fx.Format(8, 4))
    >>> with fx.record() as events:
    ...     observer = Observer(["square1"], events)
    ...     with observer.operations("square1", "forward"):
    ...         y = x * x
    ...     observer.forward("square1", x, y)
    >>> [observer.row[f"square1.{name}"] for name in ("input.min", "input.int_bits")]
    [-7.0, 4]
    >>> [observer.row[f"square1.forward.{name}"] for name in ("overflow", "saturation")]
    [2, 2]
    """

    active = True
    _gradients = False

    def __init__(self, layers: Iterable[str], events: fx.Events, gradients: bool = False) -> None:
        self.row: dict[str, float] = _no_counts(tuple(layers)).copy()
        self._events, self._gradients = events, gradients
        # The array that was measured last is often the next one too: an output is an input.
        self._measured: fx.FixedArray | None = None
        self._extremes = 0, 0
        self._ranged: fx.FixedArray | None = None
        self._range = 0.0, 0.0, 0.0, 0

    def operations(self, layer: str, way: Pass) -> contextlib.AbstractContextManager[object]:
        """A context whose operations' overflow and underflow count as the layer's.

        Parameters
        ----------
        layer : str
        way : {"forward", "backward", "update"}
        """
        return _Operations(self.row, layer, way, self._events)

    def add(self, layer: str, way: Pass, events: fx.Events) -> None:
        """Add what a recorder of its own has counted of a layer's pass."""
        self.row[f"{layer}.{way}.overflow"] += events.overflow
        self.row[f"{layer}.{way}.underflow"] += events.underflow

    def forward(self, layer: str, x: fx.FixedArray, y: fx.FixedArray) -> None:
        """Measure what went into a layer and what came out: ranges, and y's saturation."""
        self._record(layer, "input", x)
        self._record(layer, "output", y)
        self.saturated(layer, "forward", y)

    def tensor(self, layer: str, side: Side, values: fx.FixedArray) -> None:
        """Measure the range of a layer's ``input`` or ``output``."""
        self._record(layer, side, values)

    def saturated(self, layer: str, way: Pass, *made: fx.FixedArray) -> None:
        """Count elements at an end of their format, on top of what is counted already.

        An end is `raw_min` or `raw_max` (0 too where the format is unsigned), and under
        ``saturate_symmetric`` also ``-raw_max``, where that clamps.

        Parameters
        ----------
        layer : str
        way : {"forward", "backward", "update"}
        *made : fxtypes.FixedArray
            What the pass made: outputs, gradients, parameters.
        """
        for values in made:
            low, high = self._extremes_of(values)
            lowest, highest = ends(values.format)
            if low <= lowest or high >= highest:
                self.row[f"{layer}.{way}.saturation"] += _count_at_ends(values, (low, high))

    def backward(self, layer: str, made: Mapping[str, fx.FixedArray]) -> None:
        """Measure the gradients that a layer made, by parameter and ``input``."""
        self.saturated(layer, "backward", *made.values())
        if self._gradients:
            for name, values in made.items():
                self._record(layer, f"gradient.{name}", values)

    def parameter(
        self, layer: str, name: str, values: fx.FixedArray, lost: float | None = None
    ) -> None:
        """Measure a parameter after its update: its range, and its saturation.

        Parameters
        ----------
        layer, name : str
            ``dense1`` and ``weights``, say.
        values : fxtypes.FixedArray
        lost : float, optional
            See `lost_share`.
        """
        self._record(layer, name, values)
        if lost is not None:
            self.row[f"{layer}.{name}.lost"] = lost
        self.saturated(layer, "update", values)

    def _record(self, owner: str, name: str, values: fx.FixedArray) -> None:
        if values is not self._ranged:
            found = _ranges(values.format, *self._extremes_of(values))
            self._range, self._ranged = found, values
        row, (least, most, abs_max, int_bits) = self.row, _range_columns(owner, name)
        row[least], row[most], row[abs_max], row[int_bits] = self._range

    def _extremes_of(self, values: fx.FixedArray) -> tuple[int, int]:
        if values is not self._measured:
            self._extremes, self._measured = extremes(values), values
        return self._extremes


class _Operations:
    """Adds the events of its block to a row's counts."""

    __slots__ = ("events", "layer", "overflow", "row", "underflow", "way")

    def __init__(self, row: dict[str, float], layer: str, way: Pass, events: fx.Events) -> None:
        self.row, self.layer, self.way, self.events = row, layer, way, events

    def __enter__(self) -> None:
        self.overflow, self.underflow = self.events.overflow, self.events.underflow

    def __exit__(self, *_: object) -> None:
        overflow = self.events.overflow - self.overflow
        underflow = self.events.underflow - self.underflow
        if overflow:
            self.row[f"{self.layer}.{self.way}.overflow"] += overflow
        if underflow:
            self.row[f"{self.layer}.{self.way}.underflow"] += underflow


class _Nothing:
    """A context that does nothing, with static methods as these take half the time."""

    @staticmethod
    def __enter__() -> None:
        pass

    @staticmethod
    def __exit__(*_: object) -> None:
        pass


class _NoObserver(Observer):
    """What an iteration that isn't watched is measured with: not at all."""

    active = False

    def __init__(self) -> None:
        self.row = {}
        self._nothing = _Nothing()

    def operations(self, layer: str, way: Pass) -> contextlib.AbstractContextManager[object]:
        return self._nothing

    def forward(self, layer: str, x: fx.FixedArray, y: fx.FixedArray) -> None:
        pass

    def tensor(self, layer: str, side: Side, values: fx.FixedArray) -> None:
        pass

    def saturated(self, layer: str, way: Pass, *made: fx.FixedArray) -> None:
        pass

    def parameter(
        self, layer: str, name: str, values: fx.FixedArray, lost: float | None = None
    ) -> None:
        pass


NO_OBSERVER: Observer = _NoObserver()


def lost_share(before: fx.FixedArray, after: fx.FixedArray, step: fx.FixedArray) -> float:
    """Return the share, of elements with a step other than 0, of those that didn't move.

    Parameters
    ----------
    before, after : fxtypes.FixedArray
        A parameter in one format, before and after its update.
    step : fxtypes.FixedArray
        Of the same shape and any format; not 0 exactly where the exact step is not 0.

    Returns
    -------
    float
        From 0 to 1; 0 where every step is 0.

    Raises
    ------
    ValueError
        If the parameter's formats differ, or shapes do.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn.watch.observer import lost_share
    >>> p = fx.array([1, 2, 3, 4], fx.Format(8, 4))
    >>> step = fx.array([0.5, 0.01, 0, 0.01], fx.Format(16, 14))
    >>> round(lost_share(p, fx.add(p, step, format=p.format), step), 3)
    0.667
    """
    steps, moved = count_moves(before, after, step)
    return (steps - moved) / steps if steps else 0.0


def _low_and_high(
    words: npt.NDArray[Any], fmt: fx.Format
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The low words, unsigned, and the high ones of numbers of more than 64 bits."""
    return words[..., 0], words[..., 1].view(np.int64 if fmt.signed else np.uint64)


def _ranges(fmt: fx.Format, low: int, high: int) -> tuple[float, float, float, int]:
    """What `RANGES` names, of the extremes as raw integers."""
    frac_bits = fmt.frac_bits
    least, most = math.ldexp(low, -frac_bits), math.ldexp(high, -frac_bits)
    # The ends' magnitudes, less 1 where negative, have all bits that are set in either.
    bits = ((~low if low < 0 else low) | (~high if high < 0 else high)).bit_length()
    return least, most, -least if -least > most else most, bits + fmt.signed - frac_bits


def _count_at_ends(values: fx.FixedArray, found: tuple[int, int]) -> int:
    """How many elements are at an end of their format; `found` is their `extremes`."""
    fmt, count = values.format, 0
    for end in {fmt.raw_min, *ends(fmt)}:
        if not found[0] <= end <= found[1]:
            continue
        words = values.words
        if words.ndim == values.ndim:
            count += int(np.count_nonzero(words == end))
        else:
            low, high = _low_and_high(words, fmt)
            count += int(np.count_nonzero((low == end & _LOW_WORD) & (high == end >> 64)))
    return count
