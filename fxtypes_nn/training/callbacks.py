"""What watches a training run and may end it; one's own has any of the same methods.

``on_fit_begin(trainer)``, ``on_iteration_end(trainer)``, ``on_epoch_end(trainer)`` and
``on_fit_end(trainer)`` are called, each where it is defined. See `Trainer`.
"""

from __future__ import annotations

import math
import os
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import fxtypes as fx

if TYPE_CHECKING:
    from .trainer import Trainer


class EarlyStopping:
    """Ends the training when a measure hasn't become better for some epochs.

    It looks at nothing but the history: a run that goes on from a checkpoint ends where it would
    have ended anyway.

    Parameters
    ----------
    patience : int
        How many epochs in a row may bring nothing.
    measure : {"validation_loss", "validation_accuracy", "loss", "accuracy"}
        A column of the history; of an epoch its last value counts.
    least : float
        By how much it has to become better to count.

    Examples
    --------
    >>> from fxtypes_nn import EarlyStopping
    >>> EarlyStopping(3).measure
    'validation_loss'
    """

    def __init__(
        self, patience: int = 5, measure: str = "validation_loss", least: float = 0.0
    ) -> None:
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 1:
            raise ValueError(f"patience must be an integer of at least 1, got {patience!r}")
        self.patience, self.measure, self.least = patience, _checked(measure), float(least)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Stop if the best is too long ago."""
        values = by_epoch(trainer, self.measure)
        sign = -1 if self.measure.endswith("loss") else 1
        best, since = -math.inf, 0
        for value in values:
            if sign * value > best + self.least:
                best, since = sign * value, 0
            else:
                since += 1
        if since >= self.patience:
            trainer.stop()


class BestModel:
    """Saves the model whenever a measure is the best of the run's epochs so far.

    Parameters
    ----------
    path : str or os.PathLike
        The model's file, written whole or not at all.
    measure : str
        As of `EarlyStopping`; of equal epochs the first counts.

    Examples
    --------
    >>> from fxtypes_nn import BestModel
    >>> BestModel("best.npz", "validation_accuracy").path
    'best.npz'
    """

    def __init__(self, path: str | os.PathLike[str], measure: str = "validation_loss") -> None:
        self.path, self.measure = os.fspath(path), _checked(measure)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Save if the epoch was the best."""
        values = by_epoch(trainer, self.measure)
        sign = -1 if self.measure.endswith("loss") else 1
        if all(sign * values[-1] > sign * value for value in values[:-1]):
            trainer.model.save(self.path)


class Cutoff:
    """A constraint: after every iteration the weights are clipped to -limit to limit.

    How large a share of them it held back is a column of the history, ``<parameter>.clipped``,
    in the rows in which ranges are recorded.

    Parameters
    ----------
    limit : float
        More than 0. The bound is its exact value, rounded to nearest in each parameter's format.
    biases : bool
        Whether biases are clipped, too.

    Raises
    ------
    ValueError
        If the limit is no such number.

    Examples
    --------
    >>> from fxtypes_nn import Cutoff
    >>> Cutoff(0.5).limit
    0.5
    """

    def __init__(self, limit: float, biases: bool = False) -> None:
        if isinstance(limit, bool) or not isinstance(limit, (int, float, Fraction)):
            raise ValueError(f"limit must be a number more than 0, got {limit!r}")
        if not limit > 0 or limit == math.inf:
            raise ValueError(f"limit must be a finite number more than 0, got {limit!r}")
        self.limit, self.biases = limit, bool(biases)

    def on_iteration_end(self, trainer: Trainer) -> None:
        """Clip, and record the share."""
        for layer in trainer.model.layers:
            for name, values in layer.parameters.items():
                if name == "bias" and not self.biases:
                    continue
                share = 0.0
                if values.max() > self.limit or values.min() < -self.limit:
                    share = float(((values > self.limit) | (values < -self.limit)).mean())
                    end = fx.array(self.limit, values.format.replace(rounding="nearest_even"))
                    end = end.view_as(values.format)
                    layer.set(name, fx.clip(values, -end, end))
                if trainer.watched:
                    trainer.note(f"{layer.name}.{name}.clipped", share)


def by_epoch(trainer: Trainer, column: str) -> list[float]:
    """A column's last value of every epoch of the run.

    Raises
    ------
    ValueError
        If an epoch has none.
    """
    history = trainer.history
    found: dict[Any, float] = {}
    values = history[column]
    for epoch, value in zip(history["epoch"], values, strict=True):
        if value is not None:
            found[epoch] = value
    if not found:
        raise ValueError(f"the history has no {column}; pass validation= to fit, or watch another")
    return list(found.values())


def _checked(measure: str) -> str:
    if not isinstance(measure, str) or not measure.endswith(("loss", "accuracy")):
        raise ValueError(
            f"measure must be a column as 'validation_loss' or 'accuracy', got {measure!r}"
        )
    return measure
