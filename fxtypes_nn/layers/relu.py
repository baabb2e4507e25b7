"""ReLU and LeakyReLU: max(x, 0), and a slope below 0."""

from __future__ import annotations

from typing import Any

import fxtypes as fx

from .layer import (
    Backward,
    Context,
    Gradient,
    Layer,
    is_real,
    register_layer,
    without_saturated,
)


@register_layer
class ReLU(Layer):
    """The rectifier, ``y = max(x, 0)``, rounded once into the activations' format.

    Its gradient is the incoming one where x > 0, else 0; 0 too where y is at the end of a
    narrower format and the gradient pushes it further out.

    Examples
    --------
    >>> from fxtypes_nn import ReLU
    >>> ReLU()
    ReLU()
    """

    def forward(self, x: fx.FixedArray, context: Context) -> tuple[fx.FixedArray, Backward]:
        gradients = self.precision.gradients
        y = fx.maximum(x, 0, format=self.output_format)

        def backward(gradient: fx.FixedArray) -> tuple[fx.FixedArray | None, dict[str, Gradient]]:
            if y.format != x.format:  # else what made x has seen to it
                gradient = without_saturated(gradient, y)
            return fx.where(x > 0, gradient, 0, format=gradients), {}

        return y, backward


@register_layer
class LeakyReLU(Layer):
    """``y = x`` where x > 0, else ``slope * x``, rounded once into the activations' format.

    Its gradient is the incoming one times 1 or the slope, rounded once. (x = 0 counts as below.)

    Parameters
    ----------
    slope : float
        From 0 to 1, taken at its exact value.

    Raises
    ------
    ValueError
        If it is no such number.

    Examples
    --------
    >>> from fxtypes_nn import LeakyReLU
    >>> LeakyReLU(0.125)
    LeakyReLU(slope=0.125)
    """

    def __init__(self, slope: float = 0.01) -> None:
        if not is_real(slope) or not 0 <= slope <= 1:
            raise ValueError(f"slope must be a number from 0 to 1, got {slope!r}")
        self.slope = float(slope)

    def forward(self, x: fx.FixedArray, context: Context) -> tuple[fx.FixedArray, Backward]:
        above = x > 0

        def sloped(values: fx.FixedArray, fmt: fx.Format) -> Any:
            below = fx.linear_combination([self.slope], [values], fmt)
            return fx.where(above, fx.linear_combination([1], [values], fmt), below, format=fmt)

        def backward(gradient: fx.FixedArray) -> tuple[fx.FixedArray | None, dict[str, Gradient]]:
            return sloped(gradient, self.precision.gradients), {}

        return sloped(x, self.output_format), backward
