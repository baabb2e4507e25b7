"""Softmax: a row of logits to a row of probabilities."""

import fxtypes as fx

from .layer import Layer


class Softmax(Layer):
    """``exp(x) / sum(exp(x))`` by row, each output correctly rounded.

    As a network's last layer it makes probabilities; `CrossEntropy` works on the logits
    before it, so training never takes the logarithm of a rounded probability.
    """

    def forward(self, x):
        y = fx.softmax(x, axis=-1, format=self.precision.activations)

        def backward(gradient, input_gradient=True):
            if not input_gradient:
                return None, {}
            gradients = self.precision.gradients
            weighted = fx.multiply(gradient, y, format=gradients)
            mean = weighted.sum(axis=-1, keepdims=True, format=gradients)
            centred = fx.subtract(gradient, mean, format=gradients)
            return fx.multiply(centred, y, format=gradients), {}

        return y, backward
