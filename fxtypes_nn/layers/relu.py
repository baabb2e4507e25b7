"""ReLU: max(x, 0)."""

import fxtypes as fx

from .layer import Layer


class ReLU(Layer):
    """The rectifier, ``y = max(x, 0)``; exact, and so is its gradient (0 at 0)."""

    def forward(self, x):
        positive = x > 0

        def backward(gradient, input_gradient=True):
            if not input_gradient:
                return None, {}
            return fx.where(positive, gradient, 0, format=self.precision.gradients), {}

        return fx.maximum(x, 0, format=self.precision.activations), backward
