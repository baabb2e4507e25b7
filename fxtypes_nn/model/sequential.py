"""A network: layers in sequence."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

import fxtypes as fx

from ..datasets import Standardisation
from ..layers import Context, Dense, Layer, LeakyReLU, ReLU, Sigmoid, Softmax
from ..layers.layer import Backward, Place, Shape
from ..precision import ROLES, Precision
from ..seeds import derive, drawing
from ..training import fitting
from ..training.losses import CLASSES, REAL, CrossEntropy, Loss, MeanSquaredError, Network
from ..training.samples import checked_samples
from ..training.state import TrainingState
from ..watch.observer import NO_OBSERVER, Observer
from .auto import choose
from .saving import save_model

if TYPE_CHECKING:
    import os

    from ..training.optimizers import Optimizer
    from ..watch.history import History

# By parameter: a gradient, and what it has to be multiplied by to be the sum over the batch.
Gradients = dict[str, tuple[fx.FixedArray, Any]]


class Sequential:
    """Layers in sequence; the base of `MLP`.

    Parameters
    ----------
    layers : sequence of Layer
        New ones: a layer belongs to one network.
    input_shape : int or tuple of int
        A sample's shape; an integer is the number of its features.
    precision : Precision, optional
        The tensors' formats; by default ``Precision.preset(32)``.
    seed : int
        What initial weights, the order of the batches and all draws follow from.

    Attributes
    ----------
    layers : tuple of Layer
    input_shape, output_shape : tuple of int
    precision : Precision
    seed : int
    training : TrainingState
        How far it was trained, with the optimiser's state.
    standardisation : Standardisation or None
        What is done to numbers on their way in; see `standardisation`.

    Raises
    ------
    ValueError
        If there is no layer, one is part of a network already or doesn't fit the one before, or
        the precision names a layer that isn't there.
    TypeError
        If a layer is no `Layer`, or an argument has another type.

    Examples
    --------
    >>> from fxtypes_nn import Dense, Sequential, Softmax, Tanh
    >>> model = Sequential([Dense(32), Tanh(), Dense(10), Softmax()], 64)
    >>> [layer.name for layer in model.layers]
    ['dense1', 'tanh1', 'dense2', 'softmax1']
    """

    mlp_arguments: dict[str, Any] | None = None  # an `MLP` is saved as one

    def __init__(
        self,
        layers: Iterable[Layer],
        input_shape: int | Sequence[int],
        precision: Precision | None = None,
        seed: int = 0,
    ) -> None:
        precision = Precision.preset(32) if precision is None else precision
        if not isinstance(precision, Precision):
            raise TypeError(f"precision must be a Precision, got {precision!r}")
        self.layers = _checked_layers(layers)
        self.input_shape = _checked_shape(input_shape)
        self.precision = precision
        self.seed = _checked_seed(seed)
        self.training = TrainingState()
        self._standardisation: Standardisation | None = None
        names = _names(self.layers)
        _check_names(precision, names)
        shape = self.input_shape
        entered: list[Layer] = []
        try:
            for index, (name, layer) in enumerate(zip(names, self.layers, strict=True)):
                shape = layer.enter(self._place(index, name), shape)
                entered.append(layer)
        except BaseException:
            for layer in entered:  # they may be used for another try
                layer.name = None
            raise
        self.output_shape = shape

    def _place(self, index: int, name: str) -> Place:
        layer = self.layers[index]
        following = self.layers[index + 1] if index + 1 < len(self.layers) else None
        role = layer.output_role if following else layer.last_output_role
        if isinstance(layer, Dense):
            last = not any(isinstance(other, Dense) for other in self.layers[index + 1 :])
            role = "logits" if last else "pre_activations"
        rectified = isinstance(following, (ReLU, LeakyReLU))
        return Place(
            name,
            self.precision.for_layer(name),
            role,
            derive(self.seed, "layer", index),
            "he_normal" if rectified else "glorot_uniform",
        )

    # Parameters

    def parameters(self) -> dict[str, fx.FixedArray]:
        """The parameters by name, ``dense1.weights`` and so on: copies, as they are kept."""
        return {name: values.copy() for name, values in self._parameters()}

    def _parameters(self) -> Iterator[tuple[str, fx.FixedArray]]:
        for layer in self.layers:
            for name, values in layer.parameters.items():
                yield f"{layer.name}.{name}", values

    def layer_of(self, parameter: str) -> tuple[Layer, str]:
        """The layer that has a parameter, and its name there.

        Raises
        ------
        ValueError
            If there is none of that name.
        """
        owner, _, name = parameter.partition(".")
        for layer in self.layers:
            if layer.name == owner and name in layer.parameters:
                return layer, name
        known = ", ".join(name for name, _ in self._parameters()) or "none"
        raise ValueError(f"there is no parameter {parameter!r}; there are {known}")

    def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Replace parameters; the optimiser's state stays.

        Parameters
        ----------
        parameters : dict of str to array, or sequence of arrays
            By name, FixedArrays or numbers of the parameter's shape, each rounded once to nearest
            into the updates' format. Or all of them in the order of `parameters`: as Keras
            (``get_weights``) gives them, or ``[coefs_[0], intercepts_[0], ...]`` of scikit-learn;
            of PyTorch's ``Linear`` layers ``weight.T``.

        Raises
        ------
        ValueError
            If there is no such parameter, a shape differs, or a value is out of its format's
            range or not finite. Then no parameter is changed.
        TypeError
            If they are no numbers.
        """
        if not isinstance(parameters, Mapping):
            names = [name for name, _ in self._parameters()]
            try:
                arrays = list(parameters)
            except TypeError:
                raise TypeError(
                    "parameters must be a dict of arrays by name, or all of them in order, got "
                    f"{parameters!r}"
                ) from None
            if len(arrays) != len(names):
                raise ValueError(
                    f"a list of parameters has one array for each of {', '.join(names)}; got "
                    f"{len(arrays)} arrays"
                )
            parameters = dict(zip(names, arrays, strict=True))
        found = []
        for name, values in parameters.items():
            layer, own = self.layer_of(name)
            found.append((layer, own, _converted(name, values, layer.parameters[own])))
        for layer, own, new in found:
            layer.set(own, new)

    def set_precision(self, precision: Precision) -> None:
        """Compute in other formats from now on.

        Parameters and the optimiser's state stay as they are kept: `updates` and `state` have to
        be the same as before, in every layer.

        Raises
        ------
        TypeError
            If it is no Precision.
        ValueError
            If it names a layer that isn't there, or would keep parameters or state in another
            format. Then nothing changes.

        Examples
        --------
        >>> import fxtypes as fx
        >>> from fxtypes_nn import MLP, Precision
        >>> model = MLP([64, 10], precision=Precision.preset(8))
        >>> model.set_precision(model.precision.replace(weights=fx.Format(4, 4)))
        >>> model.layers[0].precision.weights
        Format(4, 4)
        """
        if not isinstance(precision, Precision):
            raise TypeError(f"precision must be a Precision, got {precision!r}")
        _check_names(precision, [str(layer.name) for layer in self.layers])
        for layer in self.layers:
            new = precision.for_layer(str(layer.name))
            for role in ("updates", "state"):
                kept, other = getattr(layer.precision, role), getattr(new, role)
                if kept != other:
                    raise ValueError(
                        f"{role} of {layer.name} are kept in {kept!r} and can't become {other!r}; "
                        "a new model's can"
                    )

        def change() -> None:
            for layer in self.layers:
                layer.reformat(precision.for_layer(str(layer.name)))
            self.precision = precision

        try:
            change()
        except BaseException:  # Ctrl-C in the midst of it
            change()
            raise

    def with_precision(self, precision: Precision) -> Self:
        """A new model: the same layers and parameters, in other formats, with nothing trained.

        Raises
        ------
        ValueError
            If a parameter is out of its new format's range.

        Examples
        --------
        >>> from fxtypes_nn import MLP, Precision
        >>> model = MLP([64, 10]).with_precision(Precision.preset(8))
        >>> model.parameters()["dense1.weights"].format
        Format(16, 14, rounding='stochastic')
        """
        layers = [copy.copy(layer) for layer in self.layers]
        for layer in layers:
            layer.name = None
        found = copy.copy(self)
        Sequential.__init__(found, layers, self.input_shape, precision, self.seed)
        found.set_parameters(dict(self._parameters()))
        found.standardisation = self.standardisation
        return found

    def fitting_precision(self, x: Any, y: Any, width: int) -> Precision:
        """The formats that suit the model on data; see `Precision.auto`."""
        return choose(self, x, y, width)

    # Inputs

    @property
    def standardisation(self) -> Standardisation | None:
        """What arrays of numbers go through on their way in: (x - mean) / deviation.

        `fit` takes over that of the LazyArray it trains on, and it is saved; so `predict` and the
        others take a standardised data set's samples as they were before. A FixedArray is taken
        as it is. None: numbers are converted value for value.

        Raises
        ------
        TypeError
            If it is set to anything else.
        ValueError
            If it is one of samples of another shape.
        """
        return self._standardisation

    @standardisation.setter
    def standardisation(self, by: Standardisation | None) -> None:
        if not isinstance(by, Standardisation | None):
            raise TypeError(f"standardisation must be a Standardisation or None, got {by!r}")
        if by is not None and by.shape != self.input_shape:
            raise ValueError(
                f"the model's inputs have the shape {self.input_shape}, the standardisation's "
                f"{by.shape}"
            )
        self._standardisation = by

    # Passes

    def run(
        self,
        x: fx.FixedArray,
        context: Context,
        leave_out: int = 0,
        observer: Observer = NO_OBSERVER,
    ) -> tuple[fx.FixedArray, Callable[[fx.FixedArray], Gradients]]:
        """Run forward; return the output and the closure that goes back to all parameters.

        Parameters
        ----------
        x : FixedArray
            Of shape (samples, \\*input_shape), in the inputs' format.
        context : Context
        leave_out : int
            How many layers at the end aren't run.
        observer : Observer, optional
            What watches the pass.

        Returns
        -------
        output : FixedArray
        backward : callable
            Takes the gradient by the output; returns by parameter its gradient and the scale,
            times which it is the sum over the batch.
        """
        first = Context(context.training, context.seed, input_gradient=False)
        tape: list[tuple[Layer, Backward]] = []
        for layer in self.layers[: len(self.layers) - leave_out]:
            name = str(layer.name)
            with observer.operations(name, "forward"):
                y, backward = layer.forward(x, context if tape else first)
            observer.forward(name, x, y)
            tape.append((layer, backward))
            x = y

        def back(gradient: fx.FixedArray) -> Gradients:
            found: Gradients = {}
            by_input: fx.FixedArray | None = gradient
            for index in reversed(range(len(tape))):
                layer, backward = tape[index]
                if by_input is None:
                    if not any(before.parameters for before, _ in tape[: index + 1]):
                        break
                    raise ValueError(
                        f"the layer after {layer.name} returned None as the gradient by its input"
                    )
                name = str(layer.name)
                with observer.operations(name, "backward"):
                    by_input, by_parameter = backward(by_input)
                if by_parameter.keys() != layer.parameters.keys():
                    raise ValueError(
                        f"{layer.name} returned gradients of {sorted(by_parameter)} and has the "
                        f"parameters {sorted(layer.parameters)}"
                    )
                pairs = {
                    parameter: value if isinstance(value, tuple) else (value, 1)
                    for parameter, value in by_parameter.items()
                }
                for parameter, pair in pairs.items():
                    if not isinstance(pair[0], fx.FixedArray):
                        raise TypeError(
                            f"the gradient of {name}.{parameter} must be a FixedArray, or a tuple "
                            f"of one and its scale, got {pair[0]!r}"
                        )
                    if pair[0].shape != layer.parameters[parameter].shape:
                        raise ValueError(
                            f"the gradient of {name}.{parameter} must have its shape, "
                            f"{layer.parameters[parameter].shape}, got {pair[0].shape}"
                        )
                    found[f"{name}.{parameter}"] = pair
                if observer.active:
                    made = {parameter: gradient for parameter, (gradient, _) in pairs.items()}
                    if by_input is not None:
                        made["input"] = by_input
                    observer.backward(name, made)
            return found

        return x, back

    def outputs(self, x: Any, leave_out: int = 0) -> fx.FixedArray:
        """The outputs of samples, those of the last layers left out; not in training.

        The same samples give the same bits, whatever was drawn before.

        Parameters
        ----------
        x : FixedArray, LazyArray or array of numbers
            As `fit` takes them.
        leave_out : int
            How many layers at the end aren't run: 1 gives a classifier's logits.

        Returns
        -------
        FixedArray
            Of shape (samples, outputs).
        """
        x = checked_samples(x, self)
        with drawing(self.seed, "inference"):
            return fx.concatenate([part for _, part in fitting.inference(self, x, leave_out)])

    # Training

    @property
    def epochs_trained(self) -> int:
        """How many epochs it was trained."""
        return self.training.epochs

    @property
    def network(self) -> Network:
        """What a loss is told of it."""
        last = self.layers[-1]
        outputs = self.output_shape[-1] if self.output_shape else 1
        return Network(self.layers, outputs, last.precision, last.output_format)

    def fit(
        self,
        x: Any,
        y: Any,
        epochs: int = 1,
        batch_size: int = 64,
        *,
        optimizer: Optimizer | None = None,
        loss: Loss | None = None,
        validation: Any = None,
        callbacks: Iterable[Any] = (),
        progress: bool = True,
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
        augment: Callable[..., Any] | None = None,
        watch_every: int = 10,
        validation_every: int | None = None,
        profile: bool = False,
    ) -> History:
        """Train, in fixed point throughout.

        All bits follow from the model's seed and how far it was trained: two calls for one epoch
        are one call for two. The caller's random stream is left as it was.

        Parameters
        ----------
        x : FixedArray, LazyArray or array of numbers
            Samples, of shape (samples, \\*input_shape), converted value for value into the
            inputs' format (see `standardisation`). Values beyond its range overflow, with a
            warning.
        y : array
            Class numbers from 0, shape (samples,); with `MeanSquaredError` also real targets of
            shape (samples, outputs), rounded once into the outputs' format.
        epochs, batch_size : int
            At least 1; an epoch's last batch may be smaller. Epochs come on top of those that the
            model was trained before.
        optimizer : Optimizer
            By default ``SGD(0.1)``. Its state belongs to the model: it goes on where the last
            call's was one of the same class.
        loss : Loss
            By default `CrossEntropy`.
        validation : (x, y) or float, optional
            Data on which loss and accuracy are measured after every epoch; a fraction sets so
            large a part of `x` and `y` aside for it, taken from their end.
        callbacks : sequence
            Objects that have any of ``on_fit_begin, on_iteration_end, on_epoch_end,
            on_fit_end(trainer)``; see `Trainer`.
        progress : bool
            Whether the standard error stream shows how far it is: a bar in a terminal, a line an
            epoch elsewhere.
        checkpoint : str or os.PathLike, optional
            A folder that gets the whole state after each epoch and every 30 seconds; the last two
            are kept. Until `fit` returns no other can use it, in any process.
        resume : bool
            Whether to go on from the checkpoints. `epochs` counts from where the call that
            wrote them began; where they are trained already, the standard error stream says so.
        augment : callable, optional
            ``augment(images, generator)`` changes a training batch of uint8 samples; see
            `fxtypes_nn.datasets`.
        watch_every : int
            Ranges and counts of events are recorded in every so-many-th iteration, and in an
            epoch's last.
        validation_every : int, optional
            Iterations after which validation is measured within epochs, too.
        profile : bool
            Whether the history tells where the time went, in its attribute `profile`.

        Returns
        -------
        History
            One row an iteration.

        Raises
        ------
        ValueError
            If shapes don't fit the network or each other, a label is out of range, an argument is
            out of its range, or a checkpoint is another run's.
        TypeError
            If data or arguments have another type.
        CheckpointError
            If a checkpoint can't be written, none of those there is whole, or another `fit` is at
            work in the folder.

        Notes
        -----
        An exception, Ctrl-C too, leaves the model as after its last whole iteration. Class and
        sample weights are left out on purpose: repeating samples does the same.

        Examples
        --------
        >>> from fxtypes_nn import MLP, Precision, datasets
        >>> precision = Precision.preset(16)
        >>> digits = datasets.load("digits").to_fixed(precision.inputs)
        >>> model = MLP([64, 10], precision=precision, seed=1)
        >>> history = model.fit(digits.x_train, digits.y_train, epochs=6, progress=False)
        >>> model.evaluate(digits.x_test, digits.y_test)["accuracy"] > 0.8
        True
        """
        options = fitting.Options(
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            loss=CrossEntropy() if loss is None else loss,
            validation=validation,
            callbacks=callbacks,
            progress=progress,
            checkpoint=checkpoint,
            resume=resume,
            augment=augment,
            watch_every=watch_every,
            validation_every=validation_every,
            profile=profile,
        )
        return fitting.fit(self, x, y, options)

    def reset_optimizer(self) -> None:
        """Forget the optimiser's state and its count of steps."""
        self.training = self.training.without_optimizer()

    def measure(self) -> tuple[Loss, str]:
        """The loss and the kind of targets, "classes" or "real", of `evaluate` and `predict`.

        Those of the last fit. Never fitted: cross-entropy for a softmax, else the mean squared
        error, of classes but for an identity or a single output.
        """
        if self.training.loss is not None:
            return self.training.loss, self.training.targets
        if isinstance(self.layers[-1], Softmax):
            return CrossEntropy(), CLASSES
        real = isinstance(self.layers[-1], Dense) or self.network.outputs == 1
        return MeanSquaredError(), REAL if real else CLASSES

    def evaluate(self, x: Any, y: Any) -> dict[str, float]:
        """The mean of the samples' losses, and the accuracy, on data as `fit` takes them.

        Returns
        -------
        dict
            ``{"loss": float, "accuracy": float}``, the accuracy from 0 to 1; of real targets the
            loss only.
        """
        loss, kind = self.measure()
        loss.check(self.network)
        x = checked_samples(x, self)
        targets = loss.targets(y, len(x), self.network, kind)
        return fitting.evaluate(self, x, targets, loss)

    def predict(self, x: Any) -> Any:
        """The most likely class of each sample, int64, the lowest one of equal scores.

        Of a model for real targets: the outputs, a FixedArray of shape (samples, outputs).
        """
        loss, kind = self.measure()
        found = self.outputs(x, loss.last_layers)
        return found if kind == REAL else found.argmax(axis=-1)

    def predict_proba(self, x: Any) -> fx.FixedArray:
        """Each sample's probabilities, a FixedArray of shape (samples, classes).

        Raises
        ------
        ValueError
            If the network ends in neither a softmax nor a sigmoid.
        """
        if not isinstance(self.layers[-1], (Softmax, Sigmoid)):
            raise ValueError(
                f"the last layer, {self.layers[-1].name}, makes no probabilities; a Softmax or "
                "a Sigmoid does (outputs(x) gives what it makes)"
            )
        return self.outputs(x)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one file, an ``.npz`` without pickled objects.

        It holds the layers, the formats, the seed, every parameter's raw integers, and what
        training goes on from: the counts and the optimiser's state. The file appears whole or not
        at all.

        Raises
        ------
        ValueError
            If a layer's class isn't registered, or an argument of its is no plain value.
        OSError
            If it can't be written.
        """
        save_model(self, path)

    def summary(self) -> str:
        """A text: the layers with their parameters, and the formats."""
        lines, shape, total = [], self.input_shape, 0
        for layer in self.layers:
            count = sum(values.size for values in layer.parameters.values())
            after = layer.output_shape
            lines.append(
                f"{layer.name:12} {_text(shape):>8} -> {_text(after):<8} {count:>9,} parameters, "
                f"output {layer.output_format}"
            )
            shape, total = after, total + count
        lines.append(f"{total:,} parameters in all")
        if self.standardisation is not None:
            lines.append("inputs are standardised: (x - mean) / deviation of the training samples")
        lines += _formats(self.precision)
        for name, precision in self.precision.layers.items():
            lines += [f"{name}: {line}" for line in _formats(precision)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(str(layer.name) for layer in self.layers)}>"


def _formats(precision: Precision) -> list[str]:
    lines = []
    for role in ROLES:
        fmt = getattr(precision, role.name)
        if fmt is None or (role.default and fmt == getattr(precision, role.default)):
            continue
        lines.append(
            f"{role.name:15} {fmt!s:22} {fmt.width} bits, from {float(fmt.min):g} to "
            f"{float(fmt.max):g}"
        )
    kept = max(precision.updates.width, precision.state.width)
    if kept > precision.width:
        lines.append(
            f"updates, state: the parameters are kept in {precision.updates.width} bits and used "
            f"in {precision.weights.width}; nothing else is wider than {precision.width}"
        )
    return lines


def _text(shape: Shape) -> str:
    return "x".join(map(str, shape))


def _names(layers: Sequence[Layer]) -> list[str]:
    """The class' in small letters and its number among those of the class."""
    counts: dict[str, int] = {}
    names = []
    for layer in layers:
        kind = type(layer).__name__.lower()
        counts[kind] = counts.get(kind, 0) + 1
        names.append(f"{kind}{counts[kind]}")
    return names


def _check_names(precision: Precision, names: Sequence[str]) -> None:
    unknown = [name for name in precision.layers if name not in names]
    if unknown:
        raise ValueError(
            f"the precision names a layer {unknown[0]!r} that isn't there; the layers are "
            f"{', '.join(names)}"
        )


def _checked_layers(layers: Any) -> tuple[Layer, ...]:
    try:
        found = tuple(layers)
    except TypeError:
        raise TypeError(f"layers must be a sequence of layers, got {layers!r}") from None
    if not found:
        raise ValueError("a network needs at least one layer, got none")
    for layer in found:
        if not isinstance(layer, Layer):
            hint = "; call it" if isinstance(layer, type) and issubclass(layer, Layer) else ""
            raise TypeError(f"layers must be of Layer's subclasses, got {layer!r}{hint}")
    return found


def _checked_shape(shape: Any) -> Shape:
    sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
    found = []
    for size in sizes:
        try:
            found.append(operator.index(size))
        except TypeError:
            found.append(0)
        if isinstance(size, bool) or found[-1] < 1:
            raise ValueError(
                f"input_shape must be an integer or a tuple of integers of at least 1, got "
                f"{shape!r}"
            )
    if not found:
        raise ValueError("input_shape must have at least one axis, got ()")
    return tuple(found)


def _checked_seed(seed: Any) -> int:
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise TypeError(f"seed must be an integer, got {seed!r}")
    return operator.index(seed)


def _converted(name: str, values: Any, like: fx.FixedArray) -> fx.FixedArray:
    """An array as a parameter: rounded to nearest, never beyond the range."""
    fmt = like.format
    if not isinstance(values, fx.FixedArray):
        values = np.asarray(values)
        if values.dtype.kind not in "iufb":
            raise TypeError(f"{name} must be an array of numbers, got one of {values.dtype}")
    if values.shape != like.shape:
        raise ValueError(f"{name} has the shape {like.shape}, got {tuple(values.shape)}")
    if isinstance(values, fx.FixedArray) and values.format == fmt:
        return values.copy()
    try:
        strict = fx.array(values, fmt.replace(rounding="nearest_even", overflow="raise"))
    except (OverflowError, ValueError) as error:
        raise ValueError(
            f"{name} doesn't fit {fmt} (from {float(fmt.min):g} to {float(fmt.max):g}): {error}"
        ) from None
    return strict.view_as(fmt)
