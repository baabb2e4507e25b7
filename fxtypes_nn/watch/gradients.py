"""Gradients: whether their ranges are recorded beside those of parameters and activations."""

from __future__ import annotations

from typing import Any


class Gradients:
    """A callback of `fit` that has the ranges of all gradients recorded.

    Of each layer the history gets ``<layer>.gradient.<parameter>.min``, ``.max``, ``.abs_max`` and
    ``.int_bits``, and the same of ``<layer>.gradient.input``, which it hands to the layer before it
    (the first one makes none). They are of the numbers as they are kept, in the layer's format of
    gradients: by a parameter a `Dense` keeps the batch's sum divided by a power of two, and under a
    loss that scales all gradients they are so many times larger.

    Examples
    --------
    >>> from fxtypes_nn import MLP, Gradients, datasets
    >>> digits, model = datasets.load("digits"), MLP([64, 10])
    >>> history = model.fit(
    ...     digits.x_train / 16, digits.y_train, callbacks=[Gradients()], progress=False
    ... )
    >>> -1 <= history.last("softmax1.gradient.input.min") < 0
    True
    """

    def on_fit_begin(self, trainer: Any) -> None:
        """Ask for them."""
        trainer.watch_gradients = True
