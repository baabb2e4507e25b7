"""Dropout: in training, units left out at random."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import fxtypes as fx

from ..seeds import derive
from .layer import Backward, Context, Gradient, Layer, is_real, register_layer

_DRAW = fx.Format(32, 32, signed=False)
_SHARE = fx.Format(33, 32, signed=False)  # of those that stay: more than 0, at most 1


@register_layer
class Dropout(Layer):
    """Leaves each input out with a probability, in training; the others are scaled up.

    ``y = x / (1 - rate)`` or 0, rounded once. Which ones are left out follows from the model's
    seed and the iteration, and is the same at every width.

    Parameters
    ----------
    rate : float
        From 0 to less than 1, in steps of 2**-32.

    Raises
    ------
    ValueError
        If it is no such number.

    Examples
    --------
    >>> from fxtypes_nn import Dropout
    >>> Dropout(0.2)
    Dropout(rate=0.2)
    """

    output_role: ClassVar[str] = "activations"

    def __init__(self, rate: float) -> None:
        if not is_real(rate) or not rate >= 0 or _share_dropped(rate) >= 1:
            raise ValueError(f"rate must be a number from 0 to less than 1, got {rate!r}")
        self.rate = float(rate)

    def forward(self, x: fx.FixedArray, context: Context) -> tuple[fx.FixedArray, Backward]:
        fmt, gradients = self.output_format, self.precision.gradients
        dropped = _share_dropped(self.rate)
        if not context.training or not dropped:

            def straight(
                gradient: fx.FixedArray,
            ) -> tuple[fx.FixedArray | None, dict[str, Gradient]]:
                return gradient.astype(gradients), {}

            return x.astype(fmt), straight
        seed = derive(context.seed, "dropout", self.name)
        kept = fx.random.uniform(x.shape, _DRAW, low=0, high=1, seed=seed) >= dropped
        share = fx.array(1 - dropped, _SHARE)

        def masked(values: fx.FixedArray, fmt: fx.Format) -> fx.FixedArray:
            return fx.where(kept, fx.divide(values, share, format=fmt), 0, format=fmt)

        def backward(gradient: fx.FixedArray) -> tuple[fx.FixedArray | None, dict[str, Gradient]]:
            return masked(gradient, gradients), {}

        return masked(x, fmt), backward


def _share_dropped(rate: float) -> Fraction:
    """The rate, rounded to what a draw can be compared with."""
    return Fraction(round(Fraction(float(rate)) * 2**32), 2**32)
