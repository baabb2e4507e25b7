"""A network's twin in floating point, by NumPy: the same weights, batches and draws, other numbers.

It takes a `Sequential`'s first weights, its order of batches, its dropout's masks and its
augmentation's draws, so that a comparison shows what the numbers' formats do and nothing else.
Samples are the data set's own values, scaled in float64. An optimiser's coefficients are not
rounded to 24 bits, functions are exact where the network has approximations, and there is no unit
of the state below which a root counts as one.
"""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

import fxtypes as fx

from ..datasets import LazyArray
from ..layers import Context, Dense, Dropout, Layer, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from ..model import Sequential
from ..seeds import derive, permutation
from ..training.hyperparameters import rate_at
from ..training.optimizers import SGD, Adam, Optimizer
from ..watch.history import History

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.floating[Any]]

AT_ONCE = 1024  # samples of an evaluation's batch
_MASK = fx.Format(64, 30)  # holds 1 / (1 - rate) of every rate


@dataclasses.dataclass(frozen=True)
class FloatOptions:
    """How a twin is trained: the arguments of `Sequential.fit` of the same names."""

    epochs: int
    batch_size: int
    optimizer: Optimizer
    augment: Callable[..., Any] | None = None
    watch_every: int = 10
    validation_every: int | None = None


class FloatNetwork:
    """A network in floating point.

    Parameters
    ----------
    model : Sequential
        One that ends in a softmax; its parameters are copied, it stays as it is.
    dtype : {numpy.float64, numpy.float32}

    Attributes
    ----------
    parameters : dict of str to ndarray
    seconds : float
        That training took, validation included.

    Raises
    ------
    ValueError
        If the model has a layer of one's own, or doesn't end in a softmax.

    Examples
    --------
    >>> from fxtypes_nn import MLP
    >>> from fxtypes_nn.studies.floats import FloatNetwork
    >>> twin = FloatNetwork(MLP([64, 10]))
    >>> twin.parameters["dense1.weights"].dtype
    dtype('float64')
    """

    def __init__(self, model: Sequential, dtype: Any = np.float64) -> None:
        if not isinstance(model.layers[-1], Softmax):
            raise ValueError(f"a twin's network ends in a Softmax, got {model.layers[-1]!r}")
        for layer in model.layers[:-1]:
            if type(layer) not in _FORWARD:
                known = ", ".join(each.__name__ for each in _FORWARD)
                raise ValueError(
                    f"{layer.name}, a {type(layer).__name__}, has no twin in floating point; "
                    f"{known} have"
                )
        self.model, self.dtype = model, np.dtype(dtype)
        self.parameters: dict[str, Array] = {
            name: values.to_numpy().astype(self.dtype)
            for name, values in model.parameters().items()
        }
        self.seconds = 0.0
        self._slots: dict[str, dict[str, Array]] = {}
        self._iterations = model.training.iterations
        self._orders = model.training.orders
        self._epochs = model.training.epochs
        self._steps = model.training.steps

    def run(self, x: Array, iteration: int | None = None) -> tuple[Array, Callable[..., Any]]:
        """Run forward; return the logits and what goes back to all gradients.

        Parameters
        ----------
        x : ndarray
        iteration : int, optional
            That it trains in; None: it doesn't train.
        """
        seed = derive(self.model.seed, "context", iteration)
        tape = []
        for layer in self.model.layers[:-1]:
            drawn = None if iteration is None else seed
            x, back = _FORWARD[type(layer)](layer, self.parameters, x, drawn)
            tape.append((layer, back))

        def backward(gradient: Array) -> dict[str, Array]:
            found: dict[str, Array] = {}
            for index in reversed(range(len(tape))):
                layer, back = tape[index]
                # Nobody needs the gradient by the samples; fixed point leaves it out as well.
                gradient, own = back(gradient, index > 0)
                found |= {f"{layer.name}.{name}": values for name, values in own.items()}
            return found

        return x, backward

    def gradients(self, x: Array, y: Any, iteration: int) -> tuple[float, int, dict[str, Array]]:
        """The mean loss of a batch, how many samples are right, and the mean gradients."""
        logits, backward = self.run(x, iteration)
        losses, shares = _cross_entropy(logits, y)
        shares[np.arange(len(x)), y] -= 1
        right = int(np.count_nonzero(logits.argmax(axis=1) == y))
        return float(losses.mean()), right, backward(shares / self.dtype.type(len(x)))

    def step(self, optimizer: Optimizer, gradients: Mapping[str, Array]) -> None:
        """Move all parameters."""
        self._steps += 1
        rate = float(rate_at(optimizer.learning_rate, self._steps))  # type: ignore[attr-defined]
        for name, gradient in gradients.items():
            slots = self._slots.setdefault(name, {})
            new = _STEP[type(optimizer)](
                optimizer, self.parameters[name], gradient, slots, (rate, self._steps)
            )
            self.parameters[name] = new.astype(self.dtype, copy=False)

    def fit(self, x: Any, y: Any, options: FloatOptions, validation: Any = None) -> History:
        """Train as `Sequential.fit` does.

        Parameters
        ----------
        x : LazyArray or array of numbers
        y : array of int
        options : FloatOptions
        validation : (x, y), optional

        Returns
        -------
        History
            Losses and accuracies, and the ranges of parameters in the rows that are watched.

        Raises
        ------
        ValueError
            If the optimiser has no twin.
        """
        optimizer = options.optimizer
        if type(optimizer) not in _STEP:
            raise ValueError(
                f"{type(optimizer).__name__} has no twin in floating point; SGD and Adam have"
            )
        history, began = History(), time.monotonic()
        size = min(options.batch_size, len(x))
        held = None if validation is None else (self.samples(validation[0]), validation[1])
        with np.errstate(all="ignore"):  # one that diverges ends in infinities, as the log says
            for _ in range(options.epochs):
                self._epochs += 1
                for rows, last in self._batches(len(x), size):
                    watched = last or self._iterations % options.watch_every == 0
                    row = self._iterate(self._batch(x, rows, options.augment), y[rows], optimizer)
                    if watched:
                        row |= self._ranges()
                    every = options.validation_every
                    if held is not None and (last or (every and self._iterations % every == 0)):
                        loss, accuracy = self.evaluate(*held)
                        row |= {"validation_loss": loss, "validation_accuracy": accuracy}
                    history.append(row)
        self.seconds += time.monotonic() - began
        return history

    def _batches(self, samples: int, size: int) -> Iterator[tuple[Any, bool]]:
        order = permutation(samples, derive(self.model.seed, "order", self._orders))
        self._orders += 1
        for start in range(0, samples, size):
            yield order[start : start + size], start + size >= samples

    def _batch(self, x: Any, rows: Any, augment: Callable[..., Any] | None) -> Array:
        if augment is None:
            return self.samples(x, rows)
        seed = derive(self.model.seed, "augmentation", self._iterations)
        changed = augment(x.stored[rows].copy(), np.random.Generator(np.random.PCG64(seed)))
        return self.samples(dataclasses.replace(_Scaled.of(x), stored=changed))

    def _iterate(self, x: Array, y: Any, optimizer: Optimizer) -> dict[str, Any]:
        loss, right, gradients = self.gradients(x, y, self._iterations)
        self.step(optimizer, gradients)
        self._iterations += 1
        row = {"iteration": self._iterations, "epoch": self._epochs, "loss": loss}
        return row | {"accuracy": right / len(x)}

    def _ranges(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, values in self.parameters.items():
            low, high = float(values.min()), float(values.max())
            found |= {f"{name}.min": low, f"{name}.max": high, f"{name}.abs_max": max(-low, high)}
        return found

    def samples(self, x: Any, rows: Any = slice(None)) -> Array:
        """Samples as the network takes them: a LazyArray's own values, scaled."""
        if isinstance(x, LazyArray):
            x = _Scaled.of(x)
        if isinstance(x, _Scaled):
            return x.scaled(rows).astype(self.dtype)
        # Only these rows are converted: an array of all would be made for every batch.
        values = x[rows].to_numpy() if isinstance(x, fx.FixedArray) else np.asarray(x)[rows]
        return values.astype(self.dtype)

    def evaluate(self, x: Any, y: Any) -> tuple[float, float]:
        """Mean loss and accuracy."""
        losses, right = [], 0
        for rows, logits in self._outputs(x):
            losses.append(_cross_entropy(logits, y[rows])[0])
            right += int(np.count_nonzero(logits.argmax(axis=1) == y[rows]))
        return float(np.concatenate(losses).mean()), right / len(x)

    def outputs(self, x: Any) -> Array:
        """The logits of samples."""
        return np.concatenate([logits for _, logits in self._outputs(x)])

    def predict(self, x: Any) -> npt.NDArray[np.intp]:
        """Class numbers."""
        return self.outputs(x).argmax(axis=1)

    def _outputs(self, x: Any) -> Iterator[tuple[slice, Array]]:
        with np.errstate(all="ignore"):
            for start in range(0, len(x), AT_ONCE):
                rows = slice(start, start + AT_ONCE)
                yield rows, self.run(self.samples(x, rows))[0]


@dataclasses.dataclass(frozen=True)
class _Scaled:
    """Numbers as they are stored, and what scales them."""

    stored: Any
    maximum: float
    standardisation: Any

    @classmethod
    def of(cls, x: LazyArray) -> _Scaled:
        return cls(x.stored, x.maximum, x.standardisation)

    def scaled(self, rows: Any) -> Array:
        values, by = self.stored[rows].astype(np.float64), self.standardisation
        if by is None:
            return np.asarray(values / self.maximum)
        constant = by.deviations == 0
        quotients = (values - by.means) / np.where(constant, 1, by.deviations)
        return np.where(constant, 0, quotients)


def _cross_entropy(logits: Array, y: Any) -> tuple[Array, Array]:
    """Each sample's loss, and the softmax."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    total = powers.sum(axis=1, keepdims=True)
    return np.log(total[:, 0]) - shifted[np.arange(len(y)), y], powers / total


# Layers: (layer, parameters, x, seed of draws or None) to the output and what goes back, which is
# told whether the gradient by x is wanted.

_Back: TypeAlias = "Callable[[Array, bool], tuple[Array, dict[str, Array]]]"


def _dense(layer: Any, parameters: Any, x: Array, seed: int | None) -> tuple[Array, _Back]:
    weights = parameters[f"{layer.name}.weights"]
    y = x @ weights
    if layer.bias:
        y = y + parameters[f"{layer.name}.bias"]

    def backward(gradient: Array, wanted: bool) -> tuple[Array, dict[str, Array]]:
        own: dict[str, Array] = {"weights": x.T @ gradient}
        if layer.bias:
            own["bias"] = gradient.sum(axis=0)
        return gradient @ weights.T if wanted else gradient, own

    return y, backward


def _by_slope(y: Array, slope: Array) -> tuple[Array, _Back]:
    return y, lambda gradient, wanted: (gradient * slope, {})


def _relu(layer: Any, parameters: Any, x: Array, seed: int | None) -> tuple[Array, _Back]:
    return _by_slope(np.maximum(x, 0), (x > 0).astype(x.dtype))


def _leaky_relu(layer: Any, parameters: Any, x: Array, seed: int | None) -> tuple[Array, _Back]:
    slope = np.where(x > 0, 1, layer.slope).astype(x.dtype)
    return _by_slope(x * slope, slope)


def _sigmoid(layer: Any, parameters: Any, x: Array, seed: int | None) -> tuple[Array, _Back]:
    y = 1 / (1 + np.exp(-x))
    return _by_slope(y, y * (1 - y))


def _tanh(layer: Any, parameters: Any, x: Array, seed: int | None) -> tuple[Array, _Back]:
    y = np.tanh(x)
    return _by_slope(y, 1 - y * y)


def _dropout(layer: Any, parameters: Any, x: Array, seed: int | None) -> tuple[Array, _Back]:
    if seed is None or not layer.rate:
        return _by_slope(x, np.ones(1, x.dtype))
    factor = np.where(kept(layer, x.shape, seed), 1 / (1 - layer.rate), 0).astype(x.dtype)
    return _by_slope(x * factor, factor)


def kept(layer: Dropout, shape: tuple[int, ...], seed: int) -> npt.NDArray[np.bool_]:
    """Which units the layer itself leaves in, with these draws."""
    alone = copy.copy(layer)
    alone.output_format = _MASK
    passed, _ = alone.forward(fx.ones(shape, _MASK), Context(training=True, seed=seed))
    return np.asarray(passed != 0)


_FORWARD: dict[type[Layer], Callable[..., tuple[Any, Any]]] = {
    Dense: _dense,
    ReLU: _relu,
    LeakyReLU: _leaky_relu,
    Sigmoid: _sigmoid,
    Tanh: _tanh,
    Dropout: _dropout,
}


# Optimisers: the new parameter; what is kept goes into `slots`.


def _sgd(
    sgd: SGD, p: Array, gradient: Array, slots: dict[str, Array], at: tuple[float, int]
) -> Array:
    momentum, g = float(sgd.momentum), gradient + float(sgd.weight_decay) * p
    direction = g
    if momentum:
        velocity = slots["velocity"] = momentum * slots.get("velocity", 0) + g
        direction = g + momentum * velocity if sgd.nesterov else velocity
    return np.asarray(p - at[0] * direction)


def _adam(
    adam: Adam, p: Array, gradient: Array, slots: dict[str, Array], at: tuple[float, int]
) -> Array:
    (rate, step), beta1, beta2 = at, float(adam.beta1), float(adam.beta2)
    moment = slots["moment"] = beta1 * slots.get("moment", 0) + (1 - beta1) * gradient
    squares = beta2 * slots.get("root", 0) ** 2 + (1 - beta2) * gradient**2
    root = slots["root"] = np.sqrt(squares)
    left = (1 - beta2**step) ** 0.5
    divisor = root + float(adam.epsilon) * left
    # An element that never had a gradient stays.
    quotient = np.divide(moment, divisor, out=np.zeros_like(moment), where=divisor != 0)
    decay = rate * float(adam.weight_decay) * p
    return np.asarray(p - rate * left / (1 - beta1**step) * quotient - decay)


_STEP: dict[type[Optimizer], Callable[..., Any]] = {SGD: _sgd, Adam: _adam}
