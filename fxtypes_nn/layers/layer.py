"""What a layer is."""


class Layer:
    """A step of a network, without parameters unless a subclass has some.

    A subclass defines ``forward(x) -> (y, backward)``: `x` a FixedArray of shape (samples,
    inputs), `y` one of shape (samples, units), both in the activations' format.
    ``backward(gradient, input_gradient=True)`` takes the loss' gradient by `y`, one row a
    sample, and returns the gradient by `x` (None if `input_gradient` is false) and a dict of
    the gradients by the layer's parameters, all in the gradients' format. The closure holds
    what it needs of the forward pass, so the layer itself keeps no state between passes.
    """

    def __init__(self):
        self.precision = None
        self.parameters = {}

    def build(self, inputs, precision, initializer, seed):
        """Take the formats, make the parameters for `inputs` features, return the units."""
        self.precision = precision
        return inputs

    def forward(self, x):
        """Return the layer's output and the closure that goes back through it."""
        raise NotImplementedError(f"{type(self).__name__} has no forward pass")
