"""Sigmoid: 1 / (1 + exp(-x))."""

import fxtypes as fx

from .layer import Layer


class Sigmoid(Layer):
    """The logistic function, correctly rounded.

    Its derivative is taken as ``y * (1 - y)`` from the rounded output: the product is rounded
    into the gradients' format, and so is its product with the incoming gradient.
    """

    def forward(self, x):
        y = fx.sigmoid(x, format=self.precision.activations)

        def backward(gradient, input_gradient=True):
            if not input_gradient:
                return None, {}
            gradients = self.precision.gradients
            slope = fx.multiply(y, 1 - y, format=gradients)
            return fx.multiply(gradient, slope, format=gradients), {}

        return y, backward
