"""A network's twin in PyTorch's float32, by its own gradients and optimisers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..extras import extra
from ..layers import Dense, Dropout, LeakyReLU, ReLU, Sigmoid, Tanh
from ..model import Sequential
from ..seeds import derive
from ..training.hyperparameters import rate_at
from ..training.optimizers import SGD, Adam, Optimizer
from .floats import AT_ONCE, FloatNetwork, kept

if TYPE_CHECKING:
    from .floats import Array


def load_torch() -> Any:
    """PyTorch, or ImportError that says how to get it."""
    try:
        return extra("torch", "a twin in PyTorch", "torch")
    except ImportError:
        raise ImportError("torch is needed for --floats torch: pip install torch") from None


class TorchNetwork(FloatNetwork):
    """As `FloatNetwork`, computed by PyTorch.

    Parameters and errors are those of `FloatNetwork`; ImportError if PyTorch isn't installed.
    """

    def __init__(self, model: Sequential, dtype: Any = np.float32) -> None:
        super().__init__(model, dtype)
        self._torch = load_torch()
        # They share their memory: what the optimiser does is seen in `parameters`.
        self._tensors = {
            name: self._torch.from_numpy(values).requires_grad_()
            for name, values in self.parameters.items()
        }
        self._optimizer: Any = None
        self._warm_up()

    def _warm_up(self) -> None:
        """PyTorch loads much of itself at the first step, which is no part of a training's time."""
        values = self._torch.ones(1, requires_grad=True)
        (values * values).sum().backward()
        for made in (self._torch.optim.SGD, self._torch.optim.AdamW):
            made([values], lr=0.1).step()

    def gradients(self, x: Array, y: Any, iteration: int) -> tuple[float, int, dict[str, Array]]:
        """The mean loss, and how many samples are right; the gradients stay with PyTorch."""
        torch = self._torch
        targets = torch.from_numpy(np.asarray(y, np.int64))
        logits = self._logits(x, iteration)
        loss = torch.nn.functional.cross_entropy(logits, targets)
        loss.backward()
        right = int((logits.argmax(dim=1) == targets).sum())
        return float(loss.detach()), right, {}

    def step(self, optimizer: Optimizer, gradients: Mapping[str, Array]) -> None:
        """Move all parameters by what `gradients` found."""
        self._steps += 1
        rate = float(rate_at(optimizer.learning_rate, self._steps))  # type: ignore[attr-defined]
        if self._optimizer is None:
            self._optimizer = _MADE[type(optimizer)](
                self._torch.optim, list(self._tensors.values()), optimizer
            )
        self._optimizer.param_groups[0]["lr"] = rate
        self._optimizer.step()
        self._optimizer.zero_grad()

    def _outputs(self, x: Any) -> Iterator[tuple[slice, Array]]:
        with self._torch.no_grad():
            for start in range(0, len(x), AT_ONCE):
                rows = slice(start, start + AT_ONCE)
                yield rows, self._logits(self.samples(x, rows), None).numpy()

    def _logits(self, x: Array, iteration: int | None) -> Any:
        torch = self._torch
        values = torch.from_numpy(np.ascontiguousarray(x))
        seed = derive(self.model.seed, "context", iteration)
        for layer in self.model.layers[:-1]:
            if isinstance(layer, Dense):
                values = values @ self._tensors[f"{layer.name}.weights"]
                if layer.bias:
                    values = values + self._tensors[f"{layer.name}.bias"]
            elif isinstance(layer, LeakyReLU):
                values = torch.nn.functional.leaky_relu(values, layer.slope)
            elif isinstance(layer, Dropout):
                if iteration is not None and layer.rate:
                    mask = torch.from_numpy(kept(layer, tuple(values.shape), seed))
                    values = values * mask / (1 - layer.rate)
            else:
                values = getattr(torch, _FUNCTIONS[type(layer)])(values)
        return values


_FUNCTIONS: dict[type, str] = {ReLU: "relu", Sigmoid: "sigmoid", Tanh: "tanh"}


def _sgd(optim: Any, tensors: Any, sgd: Any) -> Any:
    return optim.SGD(
        tensors,
        lr=1.0,
        momentum=float(sgd.momentum),
        weight_decay=float(sgd.weight_decay),
        nesterov=sgd.nesterov,
    )


def _adam(optim: Any, tensors: Any, adam: Any) -> Any:
    return optim.AdamW(
        tensors,
        lr=1.0,
        betas=(float(adam.beta1), float(adam.beta2)),
        eps=float(adam.epsilon),
        weight_decay=float(adam.weight_decay),
    )


_MADE: dict[type[Optimizer], Callable[..., Any]] = {SGD: _sgd, Adam: _adam}
