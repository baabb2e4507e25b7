"""The multilayer perceptron."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..layers import Dense, Layer, ReLU, Sigmoid, Softmax, Tanh
from ..layers.dense import units_of
from ..precision import Precision
from .sequential import Sequential

HIDDEN: dict[str, type[Layer]] = {"relu": ReLU, "sigmoid": Sigmoid, "tanh": Tanh}
OUTPUT: dict[str, type[Layer] | None] = {"softmax": Softmax, "sigmoid": Sigmoid, "identity": None}


class MLP(Sequential):
    """A multilayer perceptron, trained and run in fixed point.

    Parameters
    ----------
    layer_sizes : sequence of int
        Inputs, the hidden layers' units, outputs: at least two numbers of at least 1.
    hidden : {"relu", "sigmoid", "tanh"}
        What follows each hidden layer.
    output : {"softmax", "sigmoid", "identity"}
        What follows the last one; identity: nothing.
    precision : Precision, optional
        By default ``Precision.preset(32)``.
    seed : int
        What initial weights, the order of the batches and all draws follow from.

    Raises
    ------
    ValueError
        If a layer has no unit, or an option is unknown.
    TypeError
        If an argument has another type.

    Examples
    --------
    >>> from fxtypes_nn import MLP, Precision
    >>> model = MLP([64, 32, 10], precision=Precision.preset(16))
    >>> [(name, p.shape) for name, p in model.parameters().items()][:2]
    [('dense1.weights', (64, 32)), ('dense1.bias', (32,))]
    """

    def __init__(
        self,
        layer_sizes: Iterable[int],
        hidden: str = "relu",
        output: str = "softmax",
        precision: Precision | None = None,
        seed: int = 0,
    ) -> None:
        try:
            sizes = list(layer_sizes)
        except TypeError:
            raise TypeError(
                f"layer_sizes must be a sequence, as [784, 128, 10], got {layer_sizes!r}"
            ) from None
        if len(sizes) < 2:
            raise ValueError(
                f"layer_sizes must name the inputs and the outputs at least, got {sizes}"
            )
        self.layer_sizes = tuple(
            units_of(size, f"layer {index} of layer_sizes") for index, size in enumerate(sizes)
        )
        self.hidden, self.output = hidden, output
        between, last = _choice("hidden", hidden, HIDDEN), _choice("output", output, OUTPUT)
        layers: list[Layer] = []
        for units in self.layer_sizes[1:-1]:
            layers += [Dense(units), between()]
        layers.append(Dense(self.layer_sizes[-1]))
        if last is not None:
            layers.append(last())
        self.mlp_arguments = {
            "layer_sizes": list(self.layer_sizes),
            "hidden": hidden,
            "output": output,
        }
        super().__init__(layers, self.layer_sizes[0], precision, seed)


def _choice(name: str, value: Any, legal: dict[str, Any]) -> Any:
    try:
        return legal[value]
    except (KeyError, TypeError):
        raise ValueError(f"{name} must be one of {', '.join(legal)}, got {value!r}") from None
