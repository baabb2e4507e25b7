"""Sigmoid and Tanh: 1 / (1 + exp(-x)), and the hyperbolic tangent."""

from __future__ import annotations

from typing import ClassVar

import fxtypes as fx

from . import approximations
from .layer import Backward, Context, Gradient, Layer, register_layer


class _Sloped(Layer):
    """A function y of x whose derivative is one of y: exact but for its format.

    The derivative is rounded only where 64 bits (of outputs wider than that, 128) don't hold it;
    its product with the gradient is rounded once.
    """

    function: ClassVar[str]

    def __init__(self, approximation: str | None = None, table_bits: int = 10) -> None:
        self.approximation, self.table_bits = approximations.check_approximation(
            approximation, table_bits
        )

    def forward(self, x: fx.FixedArray, context: Context) -> tuple[fx.FixedArray, Backward]:
        fmt, gradients = self.output_format, self.precision.gradients
        if self.approximation is None:
            y = getattr(fx, self.function)(x, format=fmt)
        else:
            approximate = getattr(approximations, self.function)
            y = approximate(x, fmt, self.approximation, self.table_bits)

        def backward(gradient: fx.FixedArray) -> tuple[fx.FixedArray | None, dict[str, Gradient]]:
            slope = self.slope(y, _slope_format(fmt))
            return fx.multiply(gradient, slope, format=gradients), {}

        return y, backward

    def slope(self, y: fx.FixedArray, fmt: fx.Format) -> fx.FixedArray:
        """The derivative, in a format."""
        raise NotImplementedError


def _slope_format(fmt: fx.Format) -> fx.Format:
    """That of y * (1 - y) and 1 - y * y, both from 0 to 1: exact where it has the room."""
    width = min(2 * max(fmt.frac_bits, 0) + 2, 64 if fmt.width <= 64 else 128)
    return fx.Format(width, width - 2)


@register_layer
class Sigmoid(_Sloped):
    """The logistic function, correctly rounded into its output's format.

    Its derivative is taken as ``y * (1 - y)`` from the rounded output; the product with the
    incoming gradient is rounded once.

    Parameters
    ----------
    approximation : {None, "table", "piecewise_linear"}
        What hardware uses in its place: see `fxtypes_nn.layers.approximations`.
    table_bits : int
        Of the table's argument.

    Examples
    --------
    >>> from fxtypes_nn import Sigmoid
    >>> Sigmoid("table", table_bits=8)
    Sigmoid(approximation='table', table_bits=8)
    """

    function: ClassVar[str] = "sigmoid"
    last_output_role: ClassVar[str] = "probabilities"

    def slope(self, y: fx.FixedArray, fmt: fx.Format) -> fx.FixedArray:
        return fx.multiply(y, fx.subtract(1, y, format=fmt), format=fmt)


@register_layer
class Tanh(_Sloped):
    """The hyperbolic tangent, correctly rounded into its output's format.

    Its derivative is taken as ``1 - y * y`` from the rounded output; the product with the
    incoming gradient is rounded once. Parameters as of `Sigmoid`.

    Examples
    --------
    >>> from fxtypes_nn import Tanh
    >>> Tanh().table_bits
    10
    """

    function: ClassVar[str] = "tanh"

    def slope(self, y: fx.FixedArray, fmt: fx.Format) -> fx.FixedArray:
        return fx.subtract(1, fx.multiply(y, y, format=fmt), format=fmt)
