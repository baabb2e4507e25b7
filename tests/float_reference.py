"""The networks of fxtypes_nn in NumPy float64, written independently of it.

They take an `MLP`'s initial weights and its order of batches, so that a comparison shows what the
numbers' formats do and nothing else.
"""

import numpy as np

from fxtypes_nn import SGD
from fxtypes_nn.seeds import derive, permutation

# What follows a hidden layer, and its slope by its output.
HIDDEN = {
    "relu": (lambda x: np.maximum(x, 0), lambda y: y > 0),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda y: y * (1 - y)),
    "tanh": (np.tanh, lambda y: 1 - y * y),
}


class FloatMLP:
    """A multilayer perceptron with softmax and cross-entropy, trained by gradient descent.

    `parameters` is an alternation of weights (inputs, units) and biases (units,), copied as
    floats of `dtype`; `hidden` is a name of `HIDDEN`.
    """

    def __init__(self, parameters, hidden, dtype=np.float64):
        arrays = [np.array(p, dtype=dtype) for p in parameters]
        self.weights, self.biases = arrays[::2], arrays[1::2]
        self.activation, self.slope = HIDDEN[hidden]
        self.velocities = [np.zeros_like(p) for p in arrays]
        self.epochs_trained = 0

    @classmethod
    def like(cls, model, dtype=np.float64):
        """The twin of an `MLP` in floats, with the values of its parameters as they are now."""
        return cls([p.to_numpy() for p in model.parameters().values()], model.hidden, dtype)

    @property
    def parameters(self):
        """Weights and biases by turns, themselves."""
        return [p for pair in zip(self.weights, self.biases, strict=True) for p in pair]

    def forward(self, x):
        """Each layer's input, and the logits."""
        inputs = []
        for index, (weights, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            inputs.append(x)
            x = x @ weights + bias
            if index < len(self.weights) - 1:
                x = self.activation(x)
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
                delta = (delta @ self.weights[index].T) * self.slope(inputs[index])
        return loss, by_weights, by_bias

    def fit(self, x, y, *, epochs, batch_size, learning_rate, seed, momentum=0, test=None):
        """Train in the order of batches that an `MLP` of that seed takes, on from earlier calls.

        The accuracies on `test`, a pair (x, y), after each epoch; without it none.
        """
        found = []
        for _ in range(epochs):
            order = permutation(len(x), derive(seed, "order", self.epochs_trained))
            for start in range(0, len(x), batch_size):
                chosen = order[start : start + batch_size]
                _, by_weights, by_bias = self.gradients(x[chosen], y[chosen])
                gradients = [g for pair in zip(by_weights, by_bias, strict=True) for g in pair]
                for parameter, velocity, gradient in zip(
                    self.parameters, self.velocities, gradients, strict=True
                ):
                    velocity *= momentum
                    velocity += gradient
                    parameter -= learning_rate * velocity
            self.epochs_trained += 1
            if test is not None:
                found.append(self.accuracy(*test))
        return found

    def accuracy(self, x, y):
        """The share of samples whose highest logit is the right class."""
        return float(np.mean(self.forward(x)[1].argmax(axis=1) == y))


class EpochAccuracies:
    """A callback: a model's accuracy on `test`, a pair (x, y), after each epoch."""

    def __init__(self, test):
        self.test, self.found = test, []

    def on_epoch_end(self, trainer):
        self.found.append(trainer.model.evaluate(*self.test)["accuracy"])


def compare(model, data, *, epochs=3, batch_size=64, learning_rate=0.1, momentum=0, **options):
    """Train a new `MLP` and its float64 twin; the test accuracies of both after each epoch.

    `data` is a `Dataset`, of which the twin takes value / maximum in float64; the options are
    `MLP.fit`'s, where the twin has none.
    """
    twin = FloatMLP.like(model)
    lazy = data.lazy(model.precision.inputs)
    fixed = EpochAccuracies((lazy.x_test, lazy.y_test))
    options = {"optimizer": SGD(learning_rate, momentum), "progress": False} | options
    options["callbacks"] = (*options.get("callbacks", ()), fixed)
    model.fit(lazy.x_train, lazy.y_train, epochs=epochs, batch_size=batch_size, **options)
    return fixed.found, twin.fit(
        data.x_train / data.maximum,
        data.y_train,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        momentum=momentum,
        seed=model.seed,
        test=(data.x_test / data.maximum, data.y_test),
    )
