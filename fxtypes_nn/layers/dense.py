"""Dense: every unit sees every input."""

import operator

import fxtypes as fx

from ..precision import batch_shift
from ..seeds import derive
from .layer import Layer


class Dense(Layer):
    """A fully connected layer: ``y = x @ weights + bias``.

    The matrix product is exact and rounded once into the activations' format (or step by step
    into the accumulator's, where the precision names one); adding the bias rounds once more.

    Parameters
    ----------
    units : int
        Outputs, at least 1.
    bias : bool
        Whether a bias is added.

    Raises
    ------
    ValueError
        If `units` is not an integer of at least 1.

    Examples
    --------
    >>> from fxtypes_nn import Dense
    >>> Dense(10).units
    10
    """

    def __init__(self, units, bias=True):
        super().__init__()
        self.units = units_of(units, "a Dense layer")
        self.bias = bool(bias)
        self._seed = None
        self._used = {}

    def build(self, inputs, precision, initializer, seed):
        self.precision = precision
        self._seed = derive(seed, "weights as used")
        self.parameters = {
            "weights": initializer(inputs, self.units, precision.updates, derive(seed, "initial"))
        }
        if self.bias:
            self.parameters["bias"] = fx.zeros((self.units,), precision.updates)
        self._used = {}
        return self.units

    def set(self, name, values):
        """Replace a parameter by a FixedArray of the updates' format and the same shape."""
        self.parameters[name] = values
        self._used.pop(name, None)

    def used(self, name):
        """Return a parameter in the weights' format; no copy where that is the updates'."""
        kept, fmt = self.parameters[name], self.precision.weights
        if kept.format == fmt:
            return kept
        if name not in self._used:
            # A seed of its own, so that a stochastic format gives a saved and loaded model
            # the same weights.
            with fx.seeded(self._seed):
                self._used[name] = kept.astype(fmt)
        return self._used[name]

    def forward(self, x):
        activations, gradients = self.precision.activations, self.precision.gradients
        accumulator = self.precision.accumulator
        weights = self.used("weights")
        y = fx.matmul(x, weights, format=activations, accumulator=accumulator)
        if self.bias:
            y = fx.add(y, self.used("bias"), format=activations)

        def backward(gradient, input_gradient=True):
            # Moving the binary point scales exactly and costs nothing.
            scaled = gradient.view_as(
                gradient.format.replace(
                    frac_bits=gradient.format.frac_bits + batch_shift(len(x), gradients)
                )
            )
            found = {"weights": fx.matmul(x.T, scaled, format=gradients, accumulator=accumulator)}
            if self.bias:
                found["bias"] = scaled.sum(axis=0, format=gradients)
            if not input_gradient:
                return None, found
            by_x = fx.matmul(gradient, weights.T, format=gradients, accumulator=accumulator)
            return by_x, found

        return y, backward


def units_of(value, owner):
    """Return `value` as a number of units, or raise ValueError that names it and its owner."""
    try:
        units = operator.index(value)
    except TypeError:
        units = 0
    if isinstance(value, bool) or units < 1:
        raise ValueError(f"{owner} needs an integer of at least 1 as its units, got {value!r}")
    return units
