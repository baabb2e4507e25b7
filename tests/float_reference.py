"""The networks of fxtypes_nn in NumPy float64, written independently of it.

They take an `MLP`'s initial weights and its order of batches, so that a comparison shows what the
numbers' formats do and nothing else.
"""

import numpy as np

from fxtypes_nn import SGD
from fxtypes_nn.seeds import derive, permutation


class FloatMLP:
    """A multilayer perceptron with softmax and cross-entropy, trained by plain SGD.

    `parameters` is an alternation of weights (inputs, units) and biases (units,), copied as
    float64; `hidden` is ``"relu"`` or ``"sigmoid"``.
    """

    def __init__(self, parameters, hidden):
        arrays = [np.array(p, dtype=np.float64) for p in parameters]
        self.weights, self.biases = arrays[::2], arrays[1::2]
        self.hidden = hidden

    @classmethod
    def like(cls, model):
        """The float64 twin of an `MLP`, with the values of its parameters as they are now."""
        return cls([p.to_numpy() for p in model.parameters().values()], model.hidden)

    def forward(self, x):
        """Each layer's input, and the logits."""
        inputs = []
        for index, (weights, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            inputs.append(x)
            x = x @ weights + bias
            if index < len(self.weights) - 1:
                x = np.maximum(x, 0) if self.hidden == "relu" else 1 / (1 + np.exp(-x))
        return inputs, x

    def gradients(self, x, y):
        """The mean loss, and its gradients by weights and biases."""
        inputs, logits = self.forward(x)
        shifted = logits - logits.max(axis=1, keepdims=True)
        total = np.exp(shifted).sum(axis=1, keepdims=True)
        rows = np.arange(len(x))
        loss = float(np.mean(np.log(total[:, 0]) - shifted[rows, y]))
        delta = np.exp(shifted) / total
        delta[rows, y] -= 1
        delta /= len(x)
        by_weights, by_bias = [None] * len(inputs), [None] * len(inputs)
        for index in reversed(range(len(inputs))):
            by_weights[index] = inputs[index].T @ delta
            by_bias[index] = delta.sum(axis=0)
            if index:
                out = inputs[index]
                slope = (out > 0) if self.hidden == "relu" else out * (1 - out)
                delta = (delta @ self.weights[index].T) * slope
        return loss, by_weights, by_bias

    def fit(self, x, y, *, epochs, batch_size, learning_rate, seed):
        """Train in the order of batches that `MLP.fit` takes with `seed` from its first epoch."""
        for epoch in range(epochs):
            order = permutation(len(x), derive(seed, "order", epoch))
            for start in range(0, len(x), batch_size):
                chosen = order[start : start + batch_size]
                _, by_weights, by_bias = self.gradients(x[chosen], y[chosen])
                for index in range(len(self.weights)):
                    self.weights[index] -= learning_rate * by_weights[index]
                    self.biases[index] -= learning_rate * by_bias[index]

    def accuracy(self, x, y):
        """The share of samples whose highest logit is the right class."""
        return float(np.mean(self.forward(x)[1].argmax(axis=1) == y))


def compare(
    model, data, *, epochs=3, batch_size=64, learning_rate=0.1, progress=False, fixed_data=None
):
    """Train a new `MLP` and its float64 twin; return both test accuracies (fixed, float).

    `data` is a `Dataset` of uint8 pixels; `fixed_data` the same in the activations' format, if
    the caller has it already.
    """
    twin = FloatMLP.like(model)
    fixed = data.to_fixed(model.precision.activations) if fixed_data is None else fixed_data
    model.fit(
        fixed.x_train,
        fixed.y_train,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=SGD(learning_rate),
        progress=progress,
    )
    x_train, x_test = data.x_train / data.maximum, data.x_test / data.maximum
    twin.fit(
        x_train,
        data.y_train,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=model.seed,
    )
    return (
        model.evaluate(fixed.x_test, fixed.y_test)["accuracy"],
        twin.accuracy(x_test, data.y_test),
    )
