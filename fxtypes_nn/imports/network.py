"""What every importer gathers: dense layers with their weights, and what follows each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..layers import Dense, Layer, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from ..model import Sequential
from ..precision import Precision

Array = npt.NDArray[Any]
ACTIVATIONS: dict[str, Callable[[], Layer] | None] = {
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "logistic": Sigmoid,
    "tanh": Tanh,
    "softmax": Softmax,
    "identity": None,
    "linear": None,
}
KNOWN = "ReLU, LeakyReLU, Sigmoid, Tanh, Softmax and Dropout"


class Weights(NamedTuple):
    """A dense layer of another tool: its name there, weights of (inputs, units), and a bias."""

    name: str
    weights: Any
    bias: Any = None


class Imported:
    """A network as it is read, layer by layer.

    Parameters
    ----------
    source : str
        What it comes from, as errors name it.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._layers: list[Weights | Layer] = []
        self._units: int | None = None

    @property
    def inputs(self) -> int | None:
        """Of the first dense layer; None before there is one."""
        dense = (each for each in self._layers if isinstance(each, Weights))
        return next((len(each.weights) for each in dense), None)

    @property
    def outputs(self) -> int:
        """Of the last dense layer; 0 before there is one."""
        return self._units or 0

    def dense(self, name: str, weights: Any, bias: Any = None) -> None:
        """A dense layer more; `weights` of shape (inputs, units).

        Raises
        ------
        ValueError
            If its weights are no finite numbers, or don't fit the layer before.
        """
        weights = self._numbers(name, "weights", weights)
        if weights.ndim != 2 or not weights.size:
            raise self.refused(
                f"{name} has weights of the shape {weights.shape}; only dense layers, whose "
                "weights have two axes, can be imported"
            )
        if self._units not in (None, len(weights)):
            raise self.refused(
                f"{name} takes {len(weights)} inputs, and the layer before it gives {self._units}"
            )
        self._layers.append(Weights(name, weights))
        self._units = weights.shape[1]
        if bias is not None:
            self.add_bias(name, bias)

    def add_bias(self, name: str, bias: Any) -> None:
        """The bias of the last layer, which has to be a dense one that has none yet."""
        last = self._layers[-1] if self._layers else None
        if not isinstance(last, Weights) or last.bias is not None:
            raise self.refused(f"{name} adds to something else than the sums of a dense layer")
        bias = self._numbers(name, "bias", bias)
        if bias.shape not in ((self._units,), (1, self._units), (1,), ()):
            raise self.refused(
                f"{name} has a bias of the shape {bias.shape} for {self._units} units"
            )
        bias = np.broadcast_to(bias.reshape(bias.shape[-1:]), (self.outputs,))
        self._layers[-1] = last._replace(bias=bias)

    def layer(self, layer: Layer) -> None:
        """What follows: a layer without weights."""
        self._layers.append(layer)

    def leaky_relu(self, name: str, slope: float) -> None:
        """A LeakyReLU follows; ValueError if the slope is one that ours doesn't have."""
        try:
            self.layer(LeakyReLU(slope))
        except ValueError as error:
            raise self.refused(f"{name} is a LeakyReLU whose {error}") from None

    def activation(self, name: str) -> None:
        """What follows, by its name.

        Raises
        ------
        ValueError
            If there is none of that name.
        """
        if not isinstance(name, str) or name not in ACTIVATIONS:
            raise self.refused(
                f"the activation {name!r} has no counterpart; there are {', '.join(ACTIVATIONS)}"
            )
        made = ACTIVATIONS[name]
        if made is not None:
            self.layer(made())

    def weights(
        self,
        layers: Sequence[Weights],
        hidden: str | Iterable[str] | None,
        output: str | None,
    ) -> None:
        """Dense layers that come without what follows them; None: relu, and softmax at the end.

        Raises
        ------
        ValueError
            If the activations are other in number than the layers.
        """
        if hidden is None or isinstance(hidden, str):
            between = [hidden or "relu"] * (len(layers) - 1)
        else:
            between = list(hidden)
            if len(between) != len(layers) - 1:
                raise self.refused(
                    f"hidden names {len(between)} activations, and there are {len(layers) - 1} "
                    "hidden layers"
                )
        for index, each in enumerate(layers):
            self.dense(*each)
            if index < len(between):
                self.activation(between[index])
        # The softmax of one output would always be 1.
        self.activation(output or ("softmax" if self.outputs > 1 else "identity"))

    def build(self, precision: Precision | None, seed: int) -> Sequential:
        """The network, with weights rounded once into the precision's formats.

        Raises
        ------
        ValueError
            If there is no dense layer, or a weight is out of its format's range.
        TypeError
            If `precision` is no Precision.
        """
        if self.inputs is None:
            raise self.refused("there is no dense layer in it")
        layers: list[Layer] = [
            each if isinstance(each, Layer) else Dense(each.weights.shape[1], each.bias is not None)
            for each in self._layers
        ]
        model = Sequential(layers, self.inputs, precision, seed)
        parameters = {}
        for layer, each in zip(layers, self._layers, strict=True):
            if isinstance(each, Weights):
                parameters[f"{layer.name}.weights"] = each.weights
                if each.bias is not None:
                    parameters[f"{layer.name}.bias"] = each.bias
        try:
            model.set_parameters(parameters)
        except ValueError as error:
            raise self.refused(
                f"{error}; take a Precision whose weights and updates have more integer bits "
                "(--frac-bits)"
            ) from None
        return model

    def refused(self, why: str) -> ValueError:
        """The error that tells why it can't be imported, in one line."""
        return ValueError(f"{self.source} can't be imported: {one_line(why)}")

    def _numbers(self, name: str, what: str, values: Any) -> Array:
        found = np.asarray(values)
        if found.dtype.kind not in "iuf":
            raise self.refused(f"{what} of {name} are no numbers but {found.dtype}")
        if not np.isfinite(found).all():
            raise self.refused(f"{what} of {name} are not all finite")
        # float16 and float32 go into float64 value for value.
        return found if found.dtype.kind != "f" else found.astype(np.float64)


def by_number(name: str) -> list[tuple[int, int | str]]:
    """A key that sorts ``fc2`` before ``fc10``."""
    parts = re.split(r"(\d+)", name)
    return [(1, int(part)) if part.isdigit() else (0, part) for part in parts]


def one_line(text: object) -> str:
    """A message of another library's, without its line breaks."""
    return " ".join(str(text).split())
