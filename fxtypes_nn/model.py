"""Networks: layers in sequence, and the multilayer perceptron."""

import operator

import numpy as np

import fxtypes as fx
from fxtypes.interop.archive import read_archive, write_archive

from . import training
from .errors import ModelFileError
from .initializers import glorot_uniform, he_normal
from .layers import Dense, ReLU, Sigmoid, Softmax
from .layers.dense import units_of
from .losses import CrossEntropy
from .optimizers import SGD
from .precision import Precision
from .seeds import derive

HIDDEN = {"relu": ReLU, "sigmoid": Sigmoid}
OUTPUT = {"softmax": Softmax}
_FILE_KIND, _FILE_VERSION = "fxtypes_nn model", 1
_FORMAT_FIELDS = ("width", "frac_bits", "signed", "rounding", "overflow")
_TENSORS = ("weights", "activations", "gradients", "updates", "accumulator")


class Sequential:
    """Layers in sequence; the base of `MLP`.

    Parameters
    ----------
    layers : sequence of Layer
        New ones; a layer belongs to one network. The last one is a `Softmax`, whose inputs are
        the logits.
    inputs : int
        Features of a sample.
    precision : Precision
        The tensors' formats.
    seed : int
        What initial weights, the order of the batches and stochastic rounding follow from.
    """

    def __init__(self, layers, inputs, precision, seed=0):
        if not isinstance(precision, Precision):
            raise TypeError(f"precision must be a Precision, got {precision!r}")
        self.layers = tuple(layers)
        self.inputs = units_of(inputs, "the input layer")
        self.precision = precision
        self.seed = _seed(seed)
        self.epochs_trained = 0
        self._dense = {}
        units = self.inputs
        for index, layer in enumerate(self.layers):
            following = self.layers[index + 1] if index + 1 < len(self.layers) else None
            initializer = he_normal if isinstance(following, ReLU) else glorot_uniform
            units = layer.build(units, precision, initializer, derive(self.seed, "layer", index))
            if layer.parameters:
                self._dense[f"dense{len(self._dense) + 1}"] = layer
        self.outputs = units

    def parameters(self):
        """Return the parameters by name, ``dense1.weights`` and so on, as copies."""
        return {name: values.copy() for name, values in self._parameters()}

    def _parameters(self):
        for layer_name, layer in self._dense.items():
            for name, values in layer.parameters.items():
                yield f"{layer_name}.{name}", values

    def _set_parameter(self, name, values):
        layer, _, parameter = name.partition(".")
        self._dense[layer].set(parameter, values)

    def _logits(self, x):
        """Run forward to the logits; return them and the closure that goes back."""
        closures = []
        for layer in self.layers[:-1]:
            x, backward = layer.forward(x)
            closures.append((layer, backward))
        names = {id(layer): name for name, layer in self._dense.items()}

        def back(gradient):
            found = {}
            for index, (layer, backward) in reversed(list(enumerate(closures))):
                # Nothing lies before the first layer, and its product is the largest.
                gradient, by_parameter = backward(gradient, input_gradient=index > 0)
                for name, values in by_parameter.items():
                    found[f"{names[id(layer)]}.{name}"] = values
            return found

        return x, back

    def fit(
        self,
        x,
        y,
        epochs=1,
        batch_size=64,
        optimizer=None,
        loss=None,
        validation=None,
        progress=True,
    ):
        """Train, in fixed point throughout.

        An epoch's order of samples and the draws of stochastic rounding follow from the
        model's seed and the number of epochs that it was trained before, so the same calls
        with the same data give the same bits. The process' own random stream
        (`fxtypes.seed`) is left as it was.

        Parameters
        ----------
        x : FixedArray or array of numbers
            Of shape (samples, inputs), converted value for value into the activations' format.
        y : array of int
            Class numbers from 0, shape (samples,).
        epochs, batch_size : int
            At least 1; an epoch's last batch may be smaller.
        optimizer : SGD, optional
            By default ``SGD(0.1)``. Its velocities start anew with each call.
        loss : CrossEntropy, optional
            By default `CrossEntropy`.
        validation : (x, y) or float, optional
            Data on which loss and accuracy are measured after every epoch; a fraction sets so
            large a part of `x` and `y` aside for it, taken from their end.
        progress : bool
            Whether a progress bar is shown on the standard error stream.

        Returns
        -------
        History
            One row an iteration.

        Raises
        ------
        ValueError
            If shapes don't fit the network or each other, a label is out of range, or an
            argument is out of its range.
        TypeError
            If labels are not integers.

        Examples
        --------
        >>> from fxtypes_nn import MLP, Precision, datasets
        >>> precision = Precision.preset(16)
        >>> digits = datasets.load("digits").to_fixed(precision.activations)
        >>> model = MLP([64, 10], precision=precision, seed=1)
        >>> history = model.fit(digits.x_train, digits.y_train, epochs=6, progress=False)
        >>> model.evaluate(digits.x_test, digits.y_test)["accuracy"] > 0.8
        True
        """
        return training.fit(
            self,
            x,
            y,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=SGD(0.1) if optimizer is None else optimizer,
            loss=CrossEntropy() if loss is None else loss,
            validation=validation,
            progress=progress,
        )

    def evaluate(self, x, y):
        """Return ``{"loss": float, "accuracy": float}`` on data as `fit` takes them.

        The loss is the mean of the samples' fixed-point losses, the accuracy from 0 to 1.
        """
        x = self._inputs(x)
        return training.evaluate(self, x, self._classes(y, len(x)), CrossEntropy())

    def predict(self, x):
        """Return the most likely class of each sample, int64; the lowest one of equal scores."""
        return np.concatenate(
            [logits.argmax(axis=-1) for logits in self._batches_of_logits(self._inputs(x))]
        )

    def predict_proba(self, x):
        """Return each sample's probabilities, a FixedArray of shape (samples, classes)."""
        with fx.seeded(derive(self.seed, "probabilities")):
            return fx.concatenate(
                [self.layers[-1].forward(z)[0] for z in self._batches_of_logits(self._inputs(x))]
            )

    def _batches_of_logits(self, x, size=1024):
        """Logits in batches, so that memory stays bounded; stochastic rounding is seeded."""
        found = []
        with fx.seeded(derive(self.seed, "inference")):
            for start in range(0, len(x), size):
                found.append(self._logits(x[start : start + size])[0])
        return found

    def _inputs(self, x):
        """Check samples and bring them into the activations' format."""
        fmt = self.precision.activations
        if not isinstance(x, fx.FixedArray):
            x = np.asarray(x)
        if x.ndim != 2 or x.shape[1] != self.inputs or not x.shape[0]:
            raise ValueError(
                f"x must have the shape (samples, {self.inputs}) with at least one sample, "
                f"got {tuple(x.shape)}"
            )
        if isinstance(x, fx.FixedArray) and x.format == fmt:
            return x
        with fx.seeded(derive(self.seed, "inputs")):
            return fx.array(x, fmt)

    def _classes(self, y, samples):
        """Check class numbers and return them as int64."""
        y = np.asarray(y)
        if y.shape != (samples,):
            raise ValueError(
                f"y must have one class number a sample, shape ({samples},), got {y.shape}"
            )
        if y.dtype.kind not in "iu":
            raise TypeError(
                f"y must be class numbers of an integer dtype, got {y.dtype}; "
                "convert them with y.astype(int) if they are whole"
            )
        wrong = np.flatnonzero((y < 0) | (y >= self.outputs))
        if wrong.size:
            raise ValueError(
                f"label {y[wrong[0]]} at index {wrong[0]} is out of range: this network has "
                f"{self.outputs} classes, 0 to {self.outputs - 1}"
            )
        return y.astype(np.int64)

    def summary(self):
        """Return a text: the layers with their parameters, and the formats."""
        lines, units, total = [], self.inputs, 0
        for layer in self.layers:
            kind, count = type(layer).__name__, sum(p.size for p in layer.parameters.values())
            after = getattr(layer, "units", units)
            lines.append(f"{kind:8} {units:>6} -> {after:<6} {count:>9,} parameters")
            units, total = after, total + count
        lines.append(f"{total:,} parameters in all")
        for name in _TENSORS:
            fmt = getattr(self.precision, name)
            if fmt is not None:
                lines.append(
                    f"{name:11} {fmt!s:22} {fmt.width} bits, from {float(fmt.min):g} "
                    f"to {float(fmt.max):g}"
                )
        width, updates = self.precision.width, self.precision.updates.width
        if updates > width:
            lines.append(
                f"updates: the parameters are kept in {updates} bits and used in "
                f"{self.precision.weights.width}; nothing else is wider than {width}"
            )
        return "\n".join(lines)


class MLP(Sequential):
    """A multilayer perceptron, trained and run in fixed point.

    Parameters
    ----------
    layer_sizes : sequence of int
        Inputs, the hidden layers' units, classes: at least two numbers of at least 1.
    hidden : {"relu", "sigmoid"}
        What follows each hidden layer.
    output : {"softmax"}
        What follows the last one.
    precision : Precision, optional
        By default ``Precision.preset(32)``.
    seed : int
        What initial weights, the order of the batches and stochastic rounding follow from.

    Raises
    ------
    ValueError
        If a layer has no unit, or an option is unknown.
    TypeError
        If `precision` or `seed` has another type.

    Examples
    --------
    >>> from fxtypes_nn import MLP, Precision
    >>> model = MLP([64, 32, 10], precision=Precision.preset(16))
    >>> [(name, p.shape) for name, p in model.parameters().items()][:2]
    [('dense1.weights', (64, 32)), ('dense1.bias', (32,))]
    """

    def __init__(self, layer_sizes, hidden="relu", output="softmax", precision=None, seed=0):
        sizes = list(layer_sizes)
        if len(sizes) < 2:
            raise ValueError(
                f"layer_sizes must name the inputs and the classes at least, got {sizes}"
            )
        self.layer_sizes = tuple(
            units_of(size, f"layer {index} of layer_sizes") for index, size in enumerate(sizes)
        )
        self.hidden, self.output = hidden, output
        between, last = _choice("hidden", hidden, HIDDEN), _choice("output", output, OUTPUT)
        layers = []
        for units in self.layer_sizes[1:-1]:
            layers += [Dense(units), between()]
        layers += [Dense(self.layer_sizes[-1]), last()]
        precision = Precision.preset(32) if precision is None else precision
        super().__init__(layers, self.layer_sizes[0], precision, seed)

    def save(self, path):
        """Write the model to one file, an ``.npz`` without pickled objects.

        It holds the architecture, the formats, the seed, the epochs trained and every
        parameter's raw integers. The file appears whole or not at all.

        Raises
        ------
        OSError
            If it can't be written.
        """
        precision = {}
        for name in _TENSORS:
            fmt = getattr(self.precision, name)
            precision[name] = fmt and [_plain(getattr(fmt, field)) for field in _FORMAT_FIELDS]
        header = {
            "layer_sizes": self.layer_sizes,
            "hidden": self.hidden,
            "output": self.output,
            "seed": self.seed,
            "epochs_trained": self.epochs_trained,
            "precision": precision,
        }
        write_archive(path, _FILE_KIND, _FILE_VERSION, header, dict(self._parameters()))


def load_model(path):
    """Read a model that `MLP.save` wrote; it has the same bits and predicts the same.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    MLP
        The model; trained on, it goes on as the saved one would.

    Raises
    ------
    ModelFileError
        If the file is not such a model, or is truncated or altered.
    OSError
        If it can't be read.
    """
    try:
        header, arrays = read_archive(path, _FILE_KIND, _FILE_VERSION)
        model = _from_header(header)
        _fill(model, arrays)
    except (ValueError, TypeError, KeyError, OverflowError, MemoryError) as error:
        raise ModelFileError(
            f"{path} is not a whole model file: {error}; save the model anew, or take a copy"
        ) from None
    return model


def _from_header(header):
    if not isinstance(header.get("precision"), dict):
        raise ModelFileError("its header names no formats")
    formats = {
        name: fields and fx.Format(**dict(zip(_FORMAT_FIELDS, fields, strict=True)))
        for name, fields in header["precision"].items()
    }
    model = MLP(
        header["layer_sizes"],
        hidden=header["hidden"],
        output=header["output"],
        precision=Precision(**formats),
        seed=header["seed"],
    )
    epochs = header["epochs_trained"]
    if type(epochs) is not int or epochs < 0:
        raise ModelFileError(f"it counts {epochs!r} epochs trained")
    model.epochs_trained = epochs
    return model


def _fill(model, arrays):
    expected = dict(model._parameters())
    if expected.keys() != arrays.keys():
        raise ModelFileError(
            f"it should hold {', '.join(expected)} and holds {', '.join(arrays) or 'nothing'}"
        )
    for name, like in expected.items():
        found = arrays[name]
        if found.format != like.format or found.shape != like.shape:
            raise ModelFileError(
                f"{name} should be {like.format} {like.shape} and is {found.format} {found.shape}"
            )
        model._set_parameter(name, found)


def _choice(name, value, legal):
    try:
        return legal[value]
    except (KeyError, TypeError):
        raise ValueError(f"{name} must be one of {', '.join(legal)}, got {value!r}") from None


def _plain(value):
    return str(value) if isinstance(value, str) else value


def _seed(value):
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise TypeError(f"seed must be an integer, got {value!r}") from None
