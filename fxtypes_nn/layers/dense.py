"""Dense: every unit sees every input."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, ClassVar

import fxtypes as fx

from ..precision import batch_shift, finer
from .initializers import initial_weights, initializer_of
from .layer import (
    Backward,
    Context,
    Gradient,
    Layer,
    Shape,
    register_layer,
    without_saturated,
)


@register_layer
class Dense(Layer):
    """A fully connected layer: ``y = x @ weights + bias``.

    The bias is one more term of the exact sum of products, which is rounded once into the
    output's format (or step by step into the accumulator's, where the precision names one).

    Where an output lies at an end of its format, no gradient goes back that pushes it further
    out: it could not follow.

    Parameters
    ----------
    units : int
        Outputs, at least 1.
    bias : bool
        Whether a bias is added.
    initializer : str or callable, optional
        What draws the weights, a name or a function of (inputs, units, format, seed). By default
        `he_normal` before a `ReLU` or `LeakyReLU`, else `glorot_uniform`.
    stop_saturated : bool
        Whether gradients heed saturated outputs.

    Raises
    ------
    ValueError
        If `units` is not an integer of at least 1, or there is no such initializer.

    Examples
    --------
    >>> from fxtypes_nn import Dense
    >>> Dense(10).units
    10
    """

    output_role: ClassVar[str] = "pre_activations"  # the last one's are the logits

    def __init__(
        self,
        units: int,
        bias: bool = True,
        initializer: str | Callable[..., fx.FixedArray] | None = None,
        *,
        stop_saturated: bool = True,
    ) -> None:
        self.units = units_of(units, "a Dense layer")
        self.bias = bool(bias)
        self.initializer = initializer
        self.stop_saturated = bool(stop_saturated)
        if initializer is not None:
            initializer_of(initializer)

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise ValueError(
                f"{self.name} takes samples of one axis, got the shape {input_shape}; put a layer "
                "before it that makes one axis of them"
            )
        updates = self.precision.updates
        initializer = self._place.initializer if self.initializer is None else self.initializer
        seed = self.seed("initial")
        weights = initial_weights(initializer, input_shape[0], self.units, updates, seed)
        self.parameters = {"weights": weights}
        if self.bias:
            self.parameters["bias"] = fx.zeros((self.units,), updates)
        return (self.units,)

    def forward(self, x: fx.FixedArray, context: Context) -> tuple[fx.FixedArray, Backward]:
        accumulator, gradients = self.precision.accumulator, self.precision.gradients
        weights = self.used("weights", context)
        bias = self.used("bias", context) if self.bias else None
        y = fx.matmul(x, weights, format=self.output_format, accumulator=accumulator, initial=bias)

        def backward(gradient: fx.FixedArray) -> tuple[fx.FixedArray | None, dict[str, Gradient]]:
            if self.stop_saturated:
                gradient = without_saturated(gradient, y)
            # Moving the binary point scales exactly and costs nothing.
            shift = batch_shift(len(x), gradients)
            scaled = gradient.view_as(finer(gradient.format, shift))
            by_weights = fx.matmul(x.T, scaled, format=gradients, accumulator=accumulator)
            found: dict[str, Gradient] = {"weights": (by_weights, 1 << shift)}
            if self.bias:
                found["bias"] = (scaled.sum(axis=0, format=gradients), 1 << shift)
            if not context.input_gradient:
                return None, found
            by_x = fx.matmul(gradient, weights.T, format=gradients, accumulator=accumulator)
            return by_x, found

        return y, backward


def units_of(value: Any, owner: str) -> int:
    """`value` as a number of units, or ValueError that names it and its owner."""
    try:
        units = operator.index(value)
    except TypeError:
        units = 0
    if isinstance(value, bool) or units < 1:
        raise ValueError(f"{owner} needs an integer of at least 1 as its units, got {value!r}")
    return units
