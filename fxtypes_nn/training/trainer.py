"""One iteration after another: the state of a training run and its step."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

import fxtypes as fx
from fxtypes.context.context import current_context, uncounted
from fxtypes.context.events import Totals
from fxtypes.context.random_stream import isolated

from ..layers import Context
from ..seeds import derive, permutation
from ..watch.advice import typical_magnitude
from ..watch.history import History
from ..watch.observer import NO_OBSERVER, Observer, watched_columns
from .hyperparameters import exact
from .losses import CrossEntropy, Loss, kind_of
from .optimizers import SGD, Optimizer, ParameterState, Update
from .profile import Profile, Timed
from .samples import checked_samples, take
from .state import TrainingState

if TYPE_CHECKING:
    from ..layers import Layer
    from ..model import Sequential


class _Change(NamedTuple):
    """A parameter's step: what it was computed from, and what it gives."""

    layer: Layer
    name: str
    update: Update
    new: fx.FixedArray
    slot: ParameterState


@lru_cache(16)
def _watching(seed: int) -> int:
    """What a model's softmax draws from where it is watched: the same at every step."""
    return derive(seed, "watched")


@lru_cache(1024)
def _to_mean(scale: Any, samples: int, over: int, under: int) -> Fraction:
    """What a gradient has to be multiplied by to be the batch's mean.

    The loss' scale is over / under: a fraction is slow to look up.
    """
    number = exact(scale)
    if number is None:
        raise TypeError(f"the scale of a layer's gradient must be a finite number, got {scale!r}")
    return number * Fraction(under, samples * over)


class Trainer:
    """A model's training, of which `Sequential.fit` is one loop: one's own is as short.

    All draws of an iteration follow from the model's seed and the number of iterations before
    it: what a loop does in between changes no bit.

    Parameters
    ----------
    model : Sequential
    optimizer : Optimizer, optional
        By default ``SGD(0.1)``.
    loss : Loss, optional
        By default `CrossEntropy`.

    Attributes
    ----------
    model : Sequential
    optimizer : Optimizer
    loss : Loss
    history : History
        A row for each iteration.
    epoch, iteration : int
        Those of the last iteration, as the history has them; before the first one, the number of
        the epoch that comes, and of the model's iterations.
    profile : Profile or None
        What times the steps; None: nothing does.
    watched : bool
        Whether ranges and events were recorded in the last iteration.
    watch_gradients : bool
        Whether the ranges of gradients are recorded with them; see `Gradients`.
    stopped : bool
        Whether `stop` was called.

    Raises
    ------
    ValueError
        If the loss doesn't fit the network.
    TypeError
        If the optimiser or the loss is no such object.

    Examples
    --------
    >>> from fxtypes_nn import MLP, SGD, Trainer, datasets
    >>> model = MLP([64, 10])
    >>> digits = datasets.load("digits").to_fixed(model.precision.inputs)
    >>> trainer = Trainer(model, SGD(0.1))
    >>> for rows in trainer.batches(len(digits.x_train), 64):
    ...     row = trainer.step(digits.x_train[rows], digits.y_train[rows])
    >>> trainer.end_epoch()
    >>> len(trainer.history), model.epochs_trained
    (23, 1)
    """

    def __init__(
        self, model: Sequential, optimizer: Optimizer | None = None, loss: Loss | None = None
    ) -> None:
        self.model = model
        self.optimizer = SGD(0.1) if optimizer is None else optimizer
        self.loss = CrossEntropy() if loss is None else loss
        if not isinstance(self.optimizer, Optimizer):
            hint = "; call it" if isinstance(self.optimizer, type) else ""
            raise TypeError(
                f"optimizer must be an Optimizer, as SGD(0.1), got {self.optimizer!r}{hint}"
            )
        if not isinstance(self.loss, Loss):
            hint = "; call it" if isinstance(self.loss, type) else ""
            raise TypeError(f"loss must be a Loss, as CrossEntropy(), got {self.loss!r}{hint}")
        self.loss.check(model.network)
        layers = {str(layer.name): list(layer.parameters) for layer in model.layers}
        self.history = History(watched_columns(layers))
        self.profile: Profile | None = None
        self.stopped = self.watched = self.watch_gradients = False
        self._epoch = 0  # of the last iteration
        self._watched: list[_Change] = []

    @property
    def epoch(self) -> int:
        """The number of the last iteration's epoch; before the first one, of that which comes."""
        return self._epoch or self.model.training.epochs + 1

    @property
    def iteration(self) -> int:
        """The number of iterations that the model was trained."""
        return self.model.training.iterations

    def stop(self) -> None:
        """End the training after the current iteration."""
        self.stopped = True

    def batches(
        self, samples: int, batch_size: int, skipped: int = 0
    ) -> Iterator[npt.NDArray[np.int64]]:
        """Begin an epoch: the rows of each of its batches, in an order not used before.

        Parameters
        ----------
        samples, batch_size : int
        skipped : int
            Of an epoch that was begun already: how many batches are done.
        """
        model = self.model
        if not skipped:
            model.training = dataclasses.replace(model.training, orders=model.training.orders + 1)
        order = permutation(samples, derive(model.seed, "order", model.training.orders - 1))
        for start in range(skipped * batch_size, samples, batch_size):
            yield order[start : start + batch_size]

    def end_epoch(self) -> None:
        """Count the epoch as trained."""
        model = self.model
        model.training = dataclasses.replace(model.training, epochs=model.training.epochs + 1)

    def step(self, x: Any, targets: Any, watched: bool = False) -> dict[str, float | None]:
        """Train on one batch.

        Parameters
        ----------
        x : FixedArray or array of numbers
            Samples, as `Sequential.fit` takes them.
        targets : array
            Class numbers or real targets.
        watched : bool
            Whether ranges and events are recorded, too.

        Returns
        -------
        dict
            The row that the history gets; loss and accuracy are the batch's before the update.
        """
        x = checked_samples(x, self.model)
        targets = self.loss.targets(targets, len(x), self.model.network)
        row = self.iterate(take(x, slice(None), self.model.precision.inputs), targets, watched)
        self.history.append(row)
        return row

    def iterate(
        self, x: fx.FixedArray, targets: Any, watched: bool = False
    ) -> dict[str, float | None]:
        """As `step`, of data that is checked; the history doesn't get the row."""
        model, loss, state = self.model, self.loss, self.model.training
        # To hold the arrays of the last watched step would have all others ask for new memory.
        self.watched, self._watched = watched, []
        events = Totals(current_context().recorder) if watched else None
        with isolated(derive(model.seed, "iteration", state.iterations), events):
            observer: Any = NO_OBSERVER
            if events is not None:
                names = [str(layer.name) for layer in model.layers]
                observer = Observer(names, events, self.watch_gradients)
            if self.profile is not None:
                observer = Timed(self.profile, observer)
            seed = derive(model.seed, "context", state.iterations)
            context = Context(training=True, seed=seed)
            outputs, backward = model.run(x, context, loss.last_layers, observer)
            over, under = loss.total(outputs, targets).as_integer_ratio()
            mean = over / (under * len(x))  # rounded once
            right = loss.right(outputs, targets)
            with observer.operations(str(model.layers[-1].name), "backward"):
                gradient = loss.gradient(outputs, targets, model.network)
            gradients = backward(gradient)
            changes = self._changes(gradients, len(x), observer)
            if watched:
                self._watch(outputs, gradient, changes, observer)
        self._commit(changes, kind_of(targets))
        accuracy = None if right is None else right / len(x)
        self._epoch = state.epochs + 1
        row: dict[str, float | None] = {"iteration": state.iterations + 1, "epoch": self._epoch}
        row |= {"loss": mean, "accuracy": accuracy}
        return observer.row | row  # a copy of the longer one, in no time

    def note(self, column: str, value: float) -> None:
        """Record a value in the history's last row; a callback's own column, say."""
        self.history.amend(column, value)

    def typical_step(self, parameter: str) -> Fraction | None:
        """The median magnitude of the steps that a parameter's elements last took; None: of none.

        Exact steps, of the last iteration if that was watched, 0 left out.
        """
        for layer, name, update, _, slot in self._watched:
            if f"{layer.name}.{name}" == parameter:
                fmt = fx.Format(128, min(update.parameter.format.frac_bits + 64, 254))
                with uncounted():
                    step = self.optimizer.exact_step(update, slot, fmt)
                return typical_magnitude(step)
        return None

    def _changes(self, gradients: Any, samples: int, observer: Observer) -> list[_Change]:
        """All parameters' steps. The model stays as it is."""
        state, found = self._training(), []
        over, under = self.loss.scale.as_integer_ratio()
        for layer in self.model.layers:
            if not layer.parameters:
                continue
            with observer.operations(str(layer.name), "update"):
                for name, values in layer.parameters.items():
                    key = f"{layer.name}.{name}"
                    gradient, scale = gradients[key]
                    slot = state.slots.get(key)
                    if slot is None:
                        slot = ParameterState(layer.precision.state)
                    to_mean = _to_mean(scale, samples, over, under)
                    update = Update(values, gradient, to_mean, slot, state.steps + 1)
                    found.append(_Change(layer, name, update, *self.optimizer.step(*update)))
        return found

    def _training(self) -> TrainingState:
        """The model's state of training; of another optimiser's nothing is left."""
        state, kind = self.model.training, type(self.optimizer).__name__
        if state.optimizer == kind:
            return state
        return dataclasses.replace(state.without_optimizer(), optimizer=kind)

    def _watch(
        self,
        outputs: fx.FixedArray,
        gradient: fx.FixedArray,
        changes: list[_Change],
        observer: Observer,
    ) -> None:
        """What the passes didn't show: the layers that the loss stands for, and the updates."""
        model, self._watched = self.model, changes
        observer.backward(str(model.layers[-1].name), {"input": gradient})
        seed = _watching(model.seed)
        for layer in model.layers[len(model.layers) - self.loss.last_layers :]:
            events = Totals()  # the caller's own recorder counts what trains
            with isolated(seed, events):
                y, _ = layer.forward(outputs, Context(seed=seed))
            observer.add(str(layer.name), "forward", events)
            observer.forward(str(layer.name), outputs, y)
            outputs = y
        with uncounted():
            for layer, name, update, new, slot in changes:
                lost = self.optimizer.lost(update, new, slot)
                observer.parameter(str(layer.name), name, new, lost)

    def _commit(self, changes: list[_Change], targets: str) -> None:
        """Make the steps, all or none."""
        model, state = self.model, self._training()
        after = TrainingState(
            epochs=state.epochs,
            iterations=state.iterations + 1,
            orders=state.orders,
            optimizer=state.optimizer,
            steps=state.steps + 1,
            slots={f"{change.layer.name}.{change.name}": change.slot for change in changes},
            loss=self.loss,
            targets=targets,
        )

        def make() -> None:
            for change in changes:
                change.layer.set(change.name, change.new)
            model.training = after

        try:
            make()
        except BaseException:  # Ctrl-C in the midst of it
            make()
            raise
