"""Quantiles: where most of the parameters' values lie, beside their extremes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .series import columns

# By what stands behind a parameter's name in the history.
QUANTILES = {"q05": 0.05, "median": 0.5, "q95": 0.95}


class Quantiles:
    """A callback of `fit` that records between which values nine tenths of each parameter lie.

    The history gets ``<parameter>.q05``, ``.median`` and ``.q95``. To find them takes as long as
    a few iterations, so that it is done less often than ranges are watched.

    Parameters
    ----------
    every : int
        The iterations that lie between two records, at least; only watched ones have them.

    Raises
    ------
    ValueError
        If `every` is less than 1.

    Examples
    --------
    >>> from fxtypes_nn import MLP, Quantiles, datasets
    >>> digits, model = datasets.load("digits"), MLP([64, 10])
    >>> history = model.fit(
    ...     digits.x_train / 16, digits.y_train, callbacks=[Quantiles()], progress=False
    ... )
    >>> low, high = history.last("dense1.weights.q05"), history.last("dense1.weights.q95")
    >>> history.last("dense1.weights.min") < low < high < history.last("dense1.weights.max")
    True
    """

    def __init__(self, every: int = 200) -> None:
        if every < 1:
            raise ValueError(f"every must be at least 1, got {every!r}")
        self.every = every
        self._due = 0

    def on_fit_begin(self, trainer: Any) -> None:
        """Go on from what a run that is resumed has recorded, as if it had never ended."""
        recorded = [s for name, s in columns(trainer.history).items() if name.endswith(".q05")]
        self._due = int(recorded[0].x[-1]) + self.every if recorded else 0

    def on_iteration_end(self, trainer: Any) -> None:
        """Record, where it is time."""
        if not trainer.watched or trainer.iteration < self._due:
            return
        self._due = trainer.iteration + self.every
        for name, values in trainer.model.parameters().items():
            found = np.quantile(values.to_numpy(), list(QUANTILES.values()))
            for what, value in zip(QUANTILES, found.tolist(), strict=True):
                trainer.note(f"{name}.{what}", value)
