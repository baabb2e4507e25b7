"""Softmax: a row of logits to a row of probabilities."""

from __future__ import annotations

from typing import ClassVar

import fxtypes as fx

from . import approximations
from .layer import Backward, Context, Gradient, Layer, register_layer


@register_layer
class Softmax(Layer):
    """``exp(x) / sum(exp(x))`` by row, each output correctly rounded.

    As a network's last layer it makes probabilities; `CrossEntropy` works on the logits before
    it, so training never takes the logarithm of a rounded probability.

    Parameters
    ----------
    approximation : {None, "table", "piecewise_linear"}
        What hardware uses in place of its exp and its reciprocal: see
        `fxtypes_nn.layers.approximations`.
    table_bits : int
        Of the tables' arguments.

    Examples
    --------
    >>> from fxtypes_nn import Softmax
    >>> Softmax()
    Softmax(approximation=None, table_bits=10)
    """

    last_output_role: ClassVar[str] = "probabilities"

    def __init__(self, approximation: str | None = None, table_bits: int = 10) -> None:
        self.approximation, self.table_bits = approximations.check_approximation(
            approximation, table_bits
        )

    def probabilities(self, x: fx.FixedArray, fmt: fx.Format) -> fx.FixedArray:
        """The function alone, in a format."""
        if self.approximation is None:
            return fx.softmax(x, axis=-1, format=fmt)
        return approximations.softmax(x, fmt, self.approximation, self.table_bits)

    def forward(self, x: fx.FixedArray, context: Context) -> tuple[fx.FixedArray, Backward]:
        y, gradients = self.probabilities(x, self.output_format), self.precision.gradients

        def backward(gradient: fx.FixedArray) -> tuple[fx.FixedArray | None, dict[str, Gradient]]:
            weighted = fx.multiply(gradient, y, format=gradients)
            mean = weighted.sum(axis=-1, keepdims=True, format=gradients)
            centred = fx.subtract(gradient, mean, format=gradients)
            return fx.multiply(centred, y, format=gradients), {}

        return y, backward
