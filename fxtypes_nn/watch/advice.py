"""Advice: warnings about a training that isn't going to learn, each with what to change."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

import numpy as np

import fxtypes as fx

from .history import History
from .observer import raw_range

UNSCALED = 16  # inputs of a larger magnitude are pixels or the like, as nobody divided them
LOST = 0.5  # of a parameter's updates: from there on it is half deaf
SEVERAL = 3  # watched rows in a row: what one batch shows may be chance
IDLE = 10  # iterations in a row with a loss of 0
JUDGED = 500  # samples of an epoch from which on an accuracy says something
_ACTIVATIONS = ("ReLU", "LeakyReLU", "Sigmoid", "Tanh")

Row = Mapping[str, float | None]
Step = Callable[[str], "Fraction | float | None"]


class TrainingWarning(UserWarning):
    """A training goes wrong; the message says what to change."""


class LayerFacts(NamedTuple):
    """What an `Advisor` knows of a layer.

    Attributes
    ----------
    name : str
        ``relu1``, say.
    kind : str
        Its class' name, ``ReLU``.
    format : fxtypes.Format
        Of its output.
    """

    name: str
    kind: str
    format: fx.Format


class Advisor:
    """Looks at the rows of a training and warns, of each thing at most once.

    Parameters
    ----------
    layers : iterable of LayerFacts, or of (name, kind, format)
        In the model's order.
    updates : mapping of str to fxtypes.Format
        Each parameter's name to the format that it is kept in.
    batch_size : int
    classes : int, optional
        How many, where samples are classified.
    step : callable, optional
        Given a parameter's name, the typical magnitude of the exact steps that it took last (see
        `typical_magnitude`), as a Fraction or float, or None. It is asked only where a warning
        wants to name it.

    Attributes
    ----------
    said : set of str
        The rules that have warned. What is put in is not said: ``inputs``, ``nothing moves``,
        ``lost``, ``dead``, ``saturated``, ``chance``.

    Examples
    --------
    >>> import warnings
    >>> import fxtypes as fx
    >>> from fxtypes_nn.watch.advice import Advisor
    >>> from fxtypes_nn.watch.history import History
    >>> advisor = Advisor([("dense1", "Dense", fx.Format(16, 10))], {}, batch_size=32)
    >>> history, row = History(), {"iteration": 1, "epoch": 1, "dense1.input.abs_max": 255.0}
    >>> history.append(row)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     advisor.after_iteration(row, history)
    >>> print(caught[0].message)
    inputs reach 255, and learning wants them about 1: divide them by their maximum (images by 255)
    """

    def __init__(
        self,
        layers: Iterable[tuple[str, str, fx.Format]],
        updates: Mapping[str, fx.Format],
        batch_size: int,
        classes: int | None = None,
        step: Step | None = None,
    ) -> None:
        self.layers = [LayerFacts(*layer) for layer in layers]
        self.updates = dict(updates)
        self.batch_size, self.classes = batch_size, classes
        self.step = step
        self.said: set[str] = set()

    def after_iteration(self, row: Row, history: History) -> None:
        """Look at a watched iteration, `row`, the last one in `history`."""
        self._look(_AFTER_ITERATION, row, history)

    def after_epoch(self, history: History) -> None:
        """Look at the epoch that the last row of `history` ends."""
        self._look(_AFTER_EPOCH, {}, history)

    def _look(self, rules: Mapping[str, _Rule], row: Row, history: History) -> None:
        for name, rule in rules.items():
            if name not in self.said and (text := rule(self, row, history)):
                self.said.add(name)
                warnings.warn(text, TrainingWarning, stacklevel=3)


def about_inputs(share: float, low: float, high: float, fmt: fx.Format) -> str | None:
    """Return what to say of inputs that were converted into their format, if anything.

    Parameters
    ----------
    share : float
        How many of all elements are beyond the format's range, from 0 to 1.
    low, high : float
        The smallest and the largest value.
    fmt : fxtypes.Format
        The inputs'.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn.watch.advice import about_inputs
    >>> print(about_inputs(0.19, 0, 255, fx.Format(16, 10)))
    19% of the inputs, which range from 0 to 255, are beyond Format(16, 10), which holds \
[-32, 31.999]: divide them by their maximum (images by 255), or give `inputs` 9 integer bits
    >>> about_inputs(0, 0, 1, fx.Format(16, 10)) is None
    True
    """
    if not share:
        return None
    needed = int(max(abs(low), abs(high))).bit_length() + fmt.signed
    wider = f", or give `inputs` {needed} integer bits" if low >= 0 or fmt.signed else ""
    return (
        f"{_percent(share)} of the inputs, which range from {low:.5g} to {high:.5g}, are beyond "
        f"{fmt!r}, which holds [{float(fmt.min):.5g}, {float(fmt.max):.5g}]: divide them by "
        f"their maximum (images by 255){wider}"
    )


def typical_magnitude(values: fx.FixedArray) -> Fraction | None:
    """Return the median of the magnitudes that are not 0, the lower one of two; None without any.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn.watch.advice import typical_magnitude
    >>> typical_magnitude(fx.array([0, -0.5, 0.25, 4], fx.Format(8, 4)))
    Fraction(1, 2)
    """
    raws = np.array([abs(raw) for raw in values.raw.ravel().tolist() if raw], object)
    if not raws.size:
        return None
    raws.sort()
    return int(raws[(raws.size - 1) // 2]) * values.format.resolution
