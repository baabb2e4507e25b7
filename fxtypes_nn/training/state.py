"""How far a model was trained, and what its training goes on from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .losses import Loss
    from .optimizers import ParameterState


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingState:
    """Counts, and the optimiser's state; a step of training replaces it as a whole.

    Attributes
    ----------
    epochs : int
        Whole ones.
    iterations : int
        All; the draws of an iteration follow from this number.
    orders : int
        Epochs begun: each has an order of the samples of its own.
    optimizer : str or None
        The class of the optimiser whose state this is.
    steps : int
        That optimiser's count.
    slots : dict of str to ParameterState
        Its state, by parameter.
    loss : Loss or None
        The last fit's; None: there was none.
    targets : {"classes", "real"}
        What kind of targets that had.
    """

    epochs: int = 0
    iterations: int = 0
    orders: int = 0
    optimizer: str | None = None
    steps: int = 0
    slots: Mapping[str, ParameterState] = dataclasses.field(default_factory=dict)
    loss: Loss | None = None
    targets: str = "classes"

    def without_optimizer(self) -> TrainingState:
        """The same with nothing of an optimiser."""
        return dataclasses.replace(self, optimizer=None, steps=0, slots={})
