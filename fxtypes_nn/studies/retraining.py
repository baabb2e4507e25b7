"""Going on with a trained model whose weights are used in fewer bits."""

from __future__ import annotations

import dataclasses
from typing import Any

import fxtypes as fx

from ..datasets import Dataset
from ..model import Sequential
from ..runs.build import make_augmentation, make_optimizer
from ..runs.settings import Settings
from ..training.losses import CrossEntropy, Loss

_SLOWER = 10  # parts of the run's learning rate


def loss_of(model: Sequential) -> Loss:
    """The loss it goes on with: its last fit's, of one that was never fitted cross-entropy."""
    return model.training.loss or CrossEntropy()


def check_loss(model: Sequential) -> None:
    """ValueError if that loss is none for the model's last layer."""
    try:
        loss_of(model).check(model.network)
    except ValueError as error:
        raise ValueError(
            f"it can't be trained on: {error} (--output softmax, of another tool's model)"
        ) from None


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
        loss=loss_of(model),
        validation=(data.x_test, data.y_test),
        augment=make_augmentation(settings, data),
    )
    accuracy: float = history.last("validation_accuracy")
    return accuracy
