"""`Sequential.fit`: epochs of iterations, with all that goes on around them."""

from __future__ import annotations

import contextlib
import dataclasses
import operator
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import fxtypes as fx

from ..datasets import LazyArray
from ..layers import Context
from ..layers.layer import is_real
from ..precision import Precision
from ..seeds import derive, drawing
from ..watch.advice import Advisor
from ..watch.history import History
from .checkpoint import CheckpointFolder, Run, differences
from .losses import CLASSES, kind_of
from .profile import Profile
from .progress import Progress
from .samples import checked_samples, fingerprint, take
from .trainer import Trainer

if TYPE_CHECKING:
    from ..layers import Layer
    from ..model import Sequential
    from .losses import Loss
    from .optimizers import Optimizer

_AT_ONCE = 1024  # samples of an evaluation's batch
_EVENTS = ("on_fit_begin", "on_iteration_end", "on_epoch_end", "on_fit_end")


@dataclasses.dataclass
class Options:
    """The arguments of `Sequential.fit`, which tells what they mean."""

    epochs: int
    batch_size: int
    optimizer: Optimizer | None
    loss: Loss
    validation: Any
    callbacks: Iterable[Any]
    progress: bool
    checkpoint: str | os.PathLike[str] | None
    resume: bool
    augment: Callable[..., Any] | None
    watch_every: int
    validation_every: int | None
    profile: bool

    def __post_init__(self) -> None:
        self.epochs = positive("epochs", self.epochs)
        self.batch_size = positive("batch_size", self.batch_size)
        self.watch_every = positive("watch_every", self.watch_every)
        if self.validation_every is not None:
            self.validation_every = positive("validation_every", self.validation_every)
        if self.augment is not None and not callable(self.augment):
            raise TypeError(
                f"augment must be a function of (images, generator), got {self.augment!r}"
            )
        self.callbacks = _checked_callbacks(self.callbacks)
        if self.checkpoint is not None and not (
            isinstance(self.checkpoint, (str, os.PathLike)) and os.fspath(self.checkpoint)
        ):
            raise TypeError(f"checkpoint must be a folder's path, got {self.checkpoint!r}")
        if self.resume and self.checkpoint is None:
            raise ValueError("resume=True needs checkpoint=, the folder to go on from")


class Data(NamedTuple):
    """Samples and targets, checked."""

    x: fx.FixedArray | LazyArray
    targets: Any

    def part(self, rows: slice) -> Data:
        """Some rows; what is lazy stays so."""
        x = self.x
        part = x.part(rows) if isinstance(x, LazyArray) else x[rows]
        return Data(part, self.targets[rows])


def fit(model: Sequential, x: Any, y: Any, options: Options) -> History:
    """Train `model`; see `Sequential.fit`."""
    trainer, said = Trainer(model, options.optimizer, options.loss), set[str]()
    with _standardised_as(x, model):
        run = _Fit(trainer, options, *_data(trainer, x, y, options.validation, said))
        run.advisor.said |= said  # the samples' range, which needs no second warning
        if model.standardisation is not None:  # those are scaled, however far one of them lies
            run.advisor.said.add("inputs")
        return run.run()


@contextlib.contextmanager
def _standardised_as(x: Any, model: Sequential) -> Iterator[None]:
    """The model takes over a LazyArray's standardisation, unless it doesn't train on it at all."""
    before, iterations = model.standardisation, model.training.iterations
    if isinstance(x, LazyArray):
        model.standardisation = x.standardisation
    try:
        yield
    except BaseException:
        if model.training.iterations == iterations:
            model.standardisation = before
        raise


class _Snapshot:
    """A training before an iteration: nothing is left of that, and its callbacks, where one raises.

    Ctrl-C comes at any moment, and what trains on, or is written, has to fit together: a callback
    that was cut off is called again, after the same iteration.
    """

    def __init__(self, trainer: Trainer) -> None:
        model = trainer.model
        self.trainer, self.precision, self.training = trainer, model.precision, model.training
        self.rows, self.variables = len(trainer.history), trainer.optimizer.variables()
        # A layer replaces the dict as a whole.
        self.layers = [(layer, layer.parameters) for layer in model.layers]

    def restore(self) -> None:
        trainer, model = self.trainer, self.trainer.model
        if model.precision is not self.precision:
            model.set_precision(self.precision)
        for layer, parameters in self.layers:
            for name, values in parameters.items():
                layer.set(name, values)
        model.training = self.training
        trainer.history.truncate(self.rows)
        trainer.optimizer.set_variables(self.variables)


class _Fit:
    """A call of `fit` under way."""

    def __init__(self, trainer: Trainer, options: Options, data: Data, held: Data | None) -> None:
        self.trainer, self.options, self.data, self.held = trainer, options, data, held
        self.began = trainer.model.epochs_trained
        self.first = trainer.iteration  # iterations before the current epoch
        self.batch_size = min(options.batch_size, len(data.x))
        self.batches = -(-len(data.x) // self.batch_size)
        self.folder: CheckpointFolder | None = None
        self.settings: dict[str, Any] = {}
        if options.augment is not None and not (
            isinstance(data.x, LazyArray) and data.x.stored.dtype == np.uint8
        ):
            raise ValueError(
                "augment= changes images of bytes: pass dataset.lazy(format).x_train as x"
            )
        if options.profile:
            trainer.profile = Profile()
        self.advisor = _advisor(trainer, self.batch_size, data)

    def run(self) -> History:
        try:
            return self._run()
        finally:
            if self.folder is not None:
                self.folder.close()

    def _run(self) -> History:
        options, trainer = self.options, self.trainer
        stopped_at = self._open_folder()
        target = self.began + options.epochs
        # What was stopped goes on only where more epochs are asked for than then.
        finished = target <= max(stopped_at or 0, trainer.model.epochs_trained)
        if finished:
            self._say_that_it_is_finished()
        self._call("on_fit_begin")
        written = trainer.iteration
        epochs, samples = options.epochs, len(self.data.x)
        with Progress(epochs, samples, self._samples_done(), options.progress) as bar:
            try:
                model = trainer.model
                while not (finished or trainer.stopped) and model.epochs_trained < target:
                    self._epoch(bar)
                    if self.folder is not None and trainer.iteration != written:
                        self._write(target)
                        written = trainer.iteration
            except BaseException:
                if self.folder is not None and trainer.iteration != written:
                    self._write(target)
                raise
        self._call("on_fit_end")
        trainer.history.profile = trainer.profile
        return trainer.history

    @property
    def done(self) -> int:
        """Batches of the current epoch."""
        return (self.trainer.iteration - self.first) % self.batches

    def _samples_done(self) -> int:
        epochs = self.trainer.model.epochs_trained - self.began
        return epochs * len(self.data.x) + self.done * self.batch_size

    def _epoch(self, bar: Progress) -> None:
        trainer, options, advisor = self.trainer, self.options, self.advisor
        done = self.done
        self.first = trainer.iteration - done
        for rows in trainer.batches(len(self.data.x), self.batch_size, done):
            done += 1
            last = done == self.batches
            watched = last or trainer.iteration % options.watch_every == 0
            before = _Snapshot(trainer)
            try:
                row = self._iteration(rows, watched, last)
                if watched:
                    advisor.after_iteration(row, trainer.history)
                if last:
                    advisor.after_epoch(trainer.history)
                self._call("on_iteration_end")
                if last:
                    self._call("on_epoch_end")
            except BaseException:
                before.restore()
                raise
            bar.update(trainer, len(rows))
            if trainer.stopped:
                break
            if self.folder is not None and not last and self.folder.is_due():
                self._write(self.began + options.epochs)

    def _iteration(self, rows: Any, watched: bool, last: bool) -> dict[str, float | None]:
        """Train on a batch, measure, and count."""
        trainer, options, held = self.trainer, self.options, self.held
        row = trainer.iterate(self._batch(rows), self.data.targets[rows], watched)
        every = options.validation_every
        if held is not None and (last or (every and trainer.iteration % every == 0)):
            measured = evaluate(trainer.model, held.x, held.targets, options.loss)
            row["validation_loss"] = measured["loss"]
            row["validation_accuracy"] = measured.get("accuracy")
        trainer.history.append(row)
        if last:
            trainer.end_epoch()
            loss = trainer.history.last("validation_loss")
            if held is None:
                loss = trainer.history.mean_of_last("loss", self.batches)
            trainer.optimizer.observe(loss)
        return row

    def _batch(self, rows: Any) -> fx.FixedArray:
        x, augment, model = self.data.x, self.options.augment, self.trainer.model
        with drawing(model.seed, "samples", self.trainer.iteration):
            if augment is None:
                return take(x, rows, model.precision.inputs)
            assert isinstance(x, LazyArray)
            images = x.stored[rows]
            seed = derive(model.seed, "augmentation", self.trainer.iteration)
            changed = augment(images.copy(), np.random.Generator(np.random.PCG64(seed)))
            if not isinstance(changed, np.ndarray) or (changed.shape, changed.dtype) != (
                images.shape,
                images.dtype,
            ):
                raise ValueError(
                    f"augment must return an array of the shape {images.shape} and of "
                    f"{images.dtype}, got {_shape_and_type(changed)}"
                )
            found = x.convert(changed)
            fmt = model.precision.inputs
            return found if found.format == fmt else found.astype(fmt)

    def _call(self, event: str) -> None:
        """Call the callbacks, with draws of their own: what they compute is part of the run."""
        trainer = self.trainer
        for callback in self.options.callbacks:
            method = getattr(callback, event, None)
            if method is not None:
                with drawing(trainer.model.seed, event, trainer.iteration):
                    method(trainer)

    # Checkpoints

    def _open_folder(self) -> int | None:
        """Go on from a checkpoint; the epoch for which the run there was stopped, if it was."""
        options, trainer = self.options, self.trainer
        if options.checkpoint is None:
            return None
        self.folder = CheckpointFolder(options.checkpoint)
        self.settings = self._settings()
        if not options.resume:
            if self.folder.files():
                raise ValueError(
                    f"the folder {self.folder.path} holds a run's checkpoints; pass resume=True to "
                    "go on with it, or choose another folder"
                )
            return None
        run = self.folder.read()
        if run is None:
            return None
        changed = differences(self.settings, run.settings)
        if changed:
            raise ValueError(
                f"the checkpoints in {self.folder.path} are another run's: {'; '.join(changed)}"
            )
        trainer.model.set_precision(Precision.from_dict(run.progress["precision"]))
        for name, values in run.parameters.items():
            layer, own = trainer.model.layer_of(name)
            layer.set(own, values)
        trainer.model.training = dataclasses.replace(run.training, loss=options.loss)
        trainer.history = run.history
        trainer.optimizer.set_variables(run.progress["optimizer"])
        self.began = run.progress["began"]
        self.first = trainer.iteration - run.progress["done"]
        stopped_at: int | None = run.progress["stopped_at"]
        return stopped_at

    def _say_that_it_is_finished(self) -> None:
        assert self.folder is not None
        epochs = self.trainer.model.epochs_trained - self.began
        print(
            f"the run in {self.folder.path} is finished: {epochs} epochs of it are trained, and "
            "there is nothing left to do; more epochs go on",
            file=sys.stderr,
        )

    def _write(self, target: int) -> None:
        assert self.folder is not None
        trainer = self.trainer
        progress = {
            "began": self.began,
            "done": self.done,
            "stopped_at": target if trainer.stopped else None,
            "optimizer": trainer.optimizer.variables(),
            "precision": trainer.model.precision.to_dict(),  # a callback may have changed it
        }
        model = trainer.model
        self.folder.write(
            Run(self.settings, progress, model.parameters(), model.training, trainer.history)
        )

    def _settings(self) -> dict[str, Any]:
        model, options = self.trainer.model, self.options
        held = (None, None) if self.held is None else self.held
        return {
            "layers": f"({', '.join(map(_described, model.layers))})",
            "input_shape": list(model.input_shape),
            "precision": repr(model.precision),
            "seed": model.seed,
            "optimizer": repr(self.trainer.optimizer),
            "loss": repr(options.loss),
            "batch_size": self.batch_size,
            "augment": None if options.augment is None else _name(options.augment),
            "watch_every": options.watch_every,
            "validation_every": options.validation_every,
            "data": fingerprint(*self.data),
            "validation": fingerprint(*held),
        }


def inference(model: Sequential, x: Any, leave_out: int) -> Iterator[tuple[slice, fx.FixedArray]]:
    """Outputs of checked samples, some rows at a time, so that memory stays bounded."""
    context = Context(seed=derive(model.seed, "inference"))
    for start in range(0, len(x), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        yield rows, model.run(take(x, rows, model.precision.inputs), context, leave_out)[0]


def evaluate(model: Sequential, x: Any, targets: Any, loss: Loss) -> dict[str, float]:
    """Loss and accuracy on checked data; the same bits whatever was drawn before."""
    total, right = Fraction(0), 0
    with drawing(model.seed, "inference"):
        for rows, outputs in inference(model, x, loss.last_layers):
            total += loss.total(outputs, targets[rows])
            right += loss.right(outputs, targets[rows]) or 0
    found = {"loss": float(total / len(x))}
    if kind_of(targets) == "classes":
        found["accuracy"] = right / len(x)
    return found


def positive(name: str, value: Any) -> int:
    """An integer of at least 1, or ValueError that names it."""
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if isinstance(value, bool) or number < 1:
        raise ValueError(f"{name} must be an integer of at least 1, got {value!r}")
    return number


def _checked_callbacks(callbacks: Any) -> tuple[Any, ...]:
    try:
        found = tuple(callbacks)
    except TypeError:
        raise TypeError(f"callbacks must be a sequence of objects, got {callbacks!r}") from None
    for callback in found:
        if isinstance(callback, type):
            raise TypeError(f"callbacks must be objects, got {callback!r}; call it")
        if callable(callback) and not any(hasattr(callback, event) for event in _EVENTS):
            raise TypeError(
                f"a callback is an object with any of {', '.join(_EVENTS)}, and {callback!r} is "
                "a function, which would never be called"
            )
    return found


def _data(
    trainer: Trainer, x: Any, y: Any, validation: Any, said: set[str]
) -> tuple[Data, Data | None]:
    """Samples and targets to train on, and those held out; `said` as of `checked_samples`."""

    def checked(x: Any, y: Any, kind: str | None = None) -> Data:
        x = checked_samples(x, trainer.model, said)
        return Data(x, trainer.loss.targets(y, len(x), trainer.model.network, kind))

    data = checked(x, y)
    if validation is None:
        return data, None
    if is_real(validation):
        count = round(len(data.x) * validation) if 0 < validation < 1 else 0
        if not 0 < count < len(data.x):
            raise ValueError(
                f"validation={validation!r} must be a fraction between 0 and 1 that leaves at "
                f"least one of the {len(data.x)} samples on each side"
            )
        rest, held = data.part(slice(None, -count)), data.part(slice(-count, None))
        if not isinstance(x, LazyArray):
            # As `evaluate` rounds them: where that is stochastic their places decide.
            alone = x[-count:] if isinstance(x, fx.FixedArray) else np.asarray(x)[-count:]
            held = held._replace(x=checked_samples(alone, trainer.model, said))
        return rest, held
    try:
        held_x, held_y = validation
    except (TypeError, ValueError):
        raise TypeError(
            f"validation must be None, a fraction or a pair (x, y), got {type(validation).__name__}"
        ) from None
    return data, checked(held_x, held_y, kind_of(data.targets))


def _advisor(trainer: Trainer, batch_size: int, data: Data) -> Advisor:
    model = trainer.model
    updates = {
        f"{layer.name}.{name}": layer.precision.updates
        for layer in model.layers
        for name in layer.parameters
    }
    return Advisor(
        [(str(layer.name), type(layer).__name__, layer.output_format) for layer in model.layers],
        {} if trainer.optimizer.rounding else updates,
        batch_size,
        model.network.outputs if kind_of(data.targets) == CLASSES else None,
        trainer.typical_step,
    )


def _name(augment: Callable[..., Any]) -> str:
    """What tells two augmentations apart: a function's name, an object's repr."""
    return getattr(augment, "__qualname__", None) or _without_places(repr(augment))


def _described(layer: Layer) -> str:
    """A layer's repr; a function that made its first weights has done its work."""
    made_by = getattr(layer, "initializer", None)
    text = repr(layer)
    return _without_places(text.replace(repr(made_by), "None") if callable(made_by) else text)


def _without_places(text: str) -> str:
    """A repr without where in memory a thing lies: in the next process it is elsewhere."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def _shape_and_type(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"one of the shape {value.shape} and of {value.dtype}"
    return type(value).__name__
