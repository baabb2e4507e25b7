"""Going on with a trained model whose weights are used in fewer bits."""

from __future__ import annotations

import dataclasses
from typing import Any

import fxtypes as fx

from ..datasets import Dataset
from ..model import Sequential
from ..runs.build import make_augmentation, make_optimizer
from ..runs.settings import Settings
from ..training.losses import CrossEntropy

_SLOWER = 10  # parts of the run's learning rate


def retrain(
    model: Sequential, weights: fx.Format, data: Dataset, settings: Settings, epochs: int
) -> float:
    """Train on, with weights and biases used in a format; return the test accuracy.

    They are kept in the format that they had, so that small steps add up, and are rounded where
    products use them. The optimiser is the run's with a constant tenth of its learning rate.

    Parameters
    ----------
    model : Sequential
        Changed in place.
    weights : fxtypes.Format
    data : Dataset
        Lazy, in the model's inputs.
    settings : Settings
        The run's.
    epochs : int
    """

    def narrowed(precision: Any) -> Any:
        return precision.replace(weights=weights, biases=weights)

    layers = {name: narrowed(own) for name, own in model.precision.layers.items()}
    model.set_precision(narrowed(model.precision).replace(layers=layers))
    own = dataclasses.replace(
        settings,
        schedule="constant",
        warm_up=0,
        learning_rate=settings.learning_rate / _SLOWER,
    )
    history = model.fit(
        data.x_train,
        data.y_train,
        epochs=epochs,
        batch_size=settings.batch_size,
        optimizer=make_optimizer(own, len(data.x_train)),
        loss=model.training.loss or CrossEntropy(),
        validation=(data.x_test, data.y_test),
        augment=make_augmentation(settings, data),
    )
    accuracy: float = history.last("validation_accuracy")
    return accuracy
