"""Multilayer perceptrons trained in fixed point, as scikit-learn's estimators.

They take scikit-learn from version 1.6 on: ``pip install 'fxtypes[sklearn]'``.
"""

# scikit-learn has no types, and comes after the look whether it is there.
# mypy: disable-error-code="import-untyped, import-not-found, misc, untyped-decorator"
# ruff: noqa: E402

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from fractions import Fraction
from numbers import Integral
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

import fxtypes as fx

from .errors import warn
from .extras import extra
from .layers import Dense, Layer, Softmax
from .model import MLP, Sequential
from .precision import Precision
from .training.hyperparameters import (
    BELOW_ONE,
    LEAST,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    read,
    read_count,
)
from .training.losses import CrossEntropy, MeanSquaredError
from .training.optimizers import SGD, Adam, Optimizer
from .training.samples import checked_samples
from .training.trainer import Trainer

_version = extra("sklearn", "fxtypes_nn.sklearn", "sklearn", "scikit-learn").__version__
if tuple(map(int, _version.split(".")[:2])) < (1, 6):
    raise ImportError(
        f"fxtypes_nn.sklearn needs scikit-learn 1.6 or later, and {_version} is installed: "
        "pip install --upgrade 'fxtypes[sklearn]'"
    )

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["FixedMLPClassifier", "FixedMLPRegressor"]

Array = npt.NDArray[Any]
_ACTIVATIONS = {"relu": "relu", "logistic": "sigmoid", "tanh": "tanh", "identity": None}
_LEAST_RATE = Fraction(1, 10**6)  # where learning_rate="adaptive" ends, as scikit-learn's does
_COUNT = fx.Format(128, 0)
_POWER = fx.Format(128, 100)


class _Held(NamedTuple):
    """Samples set aside, with their targets."""

    x: Any  # numbers, then as the model takes them
    y: Array


class _FixedMLP(BaseEstimator):
    """What the classifier and the regressor share: all but their targets."""

    out_activation_: str
    best_loss_: Any
    best_validation_score_: Any
    validation_scores_: Any
    loss_: float
    model_: Sequential
    # What scikit-learn's loss is of ours: its rate and its penalty are meant for that.
    _share = Fraction(1)

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        width: int = 32,
        frac_bits: int | None = None,
        precision: Any = None,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: int = 15000,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.width = width
        self.frac_bits = frac_bits
        self.precision = precision
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun

    # What the two give

    def _read(self, X: Any, y: Any, first: bool, classes: Any = None) -> tuple[Array, Array]:
        """Samples and targets, checked, the targets as the loss takes them."""
        raise NotImplementedError

    def _outputs(self) -> int:
        raise NotImplementedError

    def _score(self, model: Sequential, held: _Held) -> float:
        """Of samples set aside; the larger the better."""
        raise NotImplementedError

    # Training

    def fit(self, X: Any, y: Any, **unsupported: Any) -> Self:
        """Train, in fixed point throughout.

        Parameters
        ----------
        X : array of shape (samples, features)
        y : array
            Labels of shape (samples,), or a regressor's targets of shape (samples,) or (samples,
            outputs).

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter or the data are out of their range; the message names it.
        TypeError
            If anything else is passed, such as `sample_weight`.
        """
        _refuse(self, "fit", unsupported)
        first = not (self.warm_start and hasattr(self, "model_"))
        x, targets = self._read(X, y, first)
        self._learn(x, targets, first, read_count("max_iter", self.max_iter, 1))
        return self

    def _partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        if self.early_stopping:
            raise ValueError("partial_fit sets no samples aside: it needs early_stopping=False")
        first = not hasattr(self, "model_")
        x, targets = self._read(X, y, first, classes)
        self._learn(x, targets, first, 1, incremental=True)
        return self

    def _learn(
        self, x: Array, y: Array, first: bool, epochs: int, incremental: bool = False
    ) -> None:
        anew = first or not incremental
        held: _Held | None = None
        seed = self._seed()
        if self.early_stopping:
            x, y, held = self._set_aside(x, y, seed)
        batch = self._batch(len(x))
        optimizer = self._optimizer(batch)
        patience = self._patience()
        tolerance = float(read("tol", self.tol, NOT_NEGATIVE))
        if first:
            model = self._model(x, y, seed)
            self.t_, self.loss_curve_ = 0, []
            self.validation_scores_ = [] if held else None
        else:
            model = self.model_
        if anew:
            model.reset_optimizer()
            self._rate = Fraction(optimizer.learning_rate)
            self._since = 0
            self.best_loss_ = None if held else math.inf
            self.best_validation_score_ = -math.inf if held else None
        loss = CrossEntropy() if self.out_activation_ == "softmax" else MeanSquaredError()
        trainer = Trainer(model, optimizer, loss)
        said: set[str] = set()
        samples = checked_samples(x, model, said)
        if held is not None:
            held = held._replace(x=checked_samples(held.x, model, said))
        targets = loss.targets(y, len(x), model.network)
        # All of it is legal: the estimator changes from here on.
        self.model_, self.n_iter_, self._shape = model, 0, y.shape[1:]
        self.n_layers_, self.n_outputs_ = len(self._sizes()) + 2, model.network.outputs
        best = None
        while self.n_iter_ < epochs:
            self._set_rate(trainer)
            total = 0.0
            for rows in self._batches(trainer, len(x), batch):
                mean = trainer.iterate(samples[rows], targets[rows])["loss"]
                assert mean is not None
                total += mean * len(targets[rows])
            trainer.end_epoch()
            self.n_iter_ += 1
            self.t_ += len(x)
            self.loss_ = total / len(x) * float(self._share)
            self.loss_curve_.append(self.loss_)
            if self.verbose:
                print(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")
            if self._improved(model, held, tolerance):
                best = [(layer, layer.parameters) for layer in model.layers]
            if self._since > patience and not self._goes_on():
                break
        else:
            if not incremental:
                warn(
                    f"max_iter={epochs} epochs are over and the training hasn't converged: raise "
                    "max_iter, or tol",
                    ConvergenceWarning,
                )
        if held is not None and best is not None:
            for layer, parameters in best:
                for name, values in parameters.items():
                    layer.set(name, values)

    def _set_aside(self, x: Array, y: Array, seed: int) -> tuple[Array, Array, _Held]:
        share = float(read("validation_fraction", self.validation_fraction, SHARE))
        x, held_x, y, held_y = train_test_split(
            x,
            y,
            test_size=share,
            random_state=seed % 2**32,
            stratify=y if isinstance(self, ClassifierMixin) else None,
        )
        if len(held_x) < 2:
            raise ValueError(
                f"validation_fraction={self.validation_fraction!r} sets {len(held_x)} sample aside "
                "and 2 are needed: raise it, or pass more samples"
            )
        return x, y, _Held(held_x, held_y)

    def _improved(self, model: Sequential, held: _Held | None, tolerance: float) -> bool:
        """Count the epochs that brought nothing; whether this one is the best so far."""
        if held is None:
            better = not self.loss_ > self.best_loss_ - tolerance
            best = self.loss_ < self.best_loss_
            self.best_loss_ = min(self.best_loss_, self.loss_)
        else:
            score = self._score(model, held)
            self.validation_scores_.append(score)
            better = not score < self.best_validation_score_ + tolerance
            best = score > self.best_validation_score_
            self.best_validation_score_ = max(self.best_validation_score_, score)
        self._since = 0 if better else self._since + 1
        return best

    def _goes_on(self) -> bool:
        """Whether a training that doesn't become better goes on, at a smaller rate."""
        if self.solver != "sgd" or self.learning_rate != "adaptive" or self._rate <= _LEAST_RATE:
            return False
        self._rate /= 5
        self._since = 0
        return True

    def _set_rate(self, trainer: Trainer) -> None:
        rate = self._rate
        if self.solver == "sgd" and self.learning_rate == "invscaling" and self.t_:
            exponent = Fraction(read("power_t", self.power_t, NOT_NEGATIVE))
            seen = fx.array(self.t_ + 1, _COUNT)
            rate *= fx.power(seen, fx.array(-exponent, _POWER), format=_POWER).item()
            rate = max(rate, 2 * LEAST)  # not 0; half of it is legal, too
        share = self._share if self.solver == "sgd" else 1  # Adam takes any scale
        replace: Any = dataclasses.replace
        trainer.optimizer = replace(trainer.optimizer, learning_rate=rate * share)

    def _batches(self, trainer: Trainer, samples: int, size: int) -> Iterator[Any]:
        if self.shuffle:
            return trainer.batches(samples, size)
        return (slice(start, start + size) for start in range(0, samples, size))

    # What the parameters mean

    def _seed(self) -> int:
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _sizes(self) -> list[Any]:
        sizes = self.hidden_layer_sizes
        return list(sizes) if hasattr(sizes, "__iter__") else [sizes]

    def _batch(self, samples: int) -> int:
        if isinstance(self.batch_size, str) and self.batch_size == "auto":
            return min(200, samples)
        return min(read_count("batch_size", self.batch_size, 1), samples)

    def _patience(self) -> float:
        if self.n_iter_no_change == math.inf:
            return math.inf
        return read_count("n_iter_no_change", self.n_iter_no_change, 1)

    def _optimizer(self, batch: int) -> Any:
        rate = read("learning_rate_init", self.learning_rate_init, POSITIVE)
        # scikit-learn's penalty is alpha / 2 * |w|**2 a batch.
        decay = Fraction(read("alpha", self.alpha, NOT_NEGATIVE)) / batch
        _one_of("learning_rate", self.learning_rate, ("constant", "invscaling", "adaptive"))
        found: Optimizer
        if self.solver == "adam":
            beta1, beta2 = self.beta_1, self.beta_2
            found = Adam(rate, beta1, beta2, self.epsilon, weight_decay=decay)
        elif self.solver == "sgd":
            momentum = read("momentum", self.momentum, BELOW_ONE)
            nesterov = bool(self.nesterovs_momentum and momentum)
            found = SGD(rate, momentum, decay / self._share, nesterov)
        elif self.solver == "lbfgs":
            raise ValueError(
                "solver='lbfgs' searches along lines in floating point, and there is no such "
                "training in fixed point: take 'adam' or 'sgd'"
            )
        else:
            _one_of("solver", self.solver, ("adam", "sgd"))
        return found

    def _model(self, x: Array, y: Array, seed: int) -> Sequential:
        _one_of("activation", self.activation, _ACTIVATIONS)
        sizes = [x.shape[1], *self._sizes(), self._outputs()]
        output = self.out_activation_

        def make(precision: Precision) -> Sequential:
            hidden = _ACTIVATIONS[self.activation]
            if hidden is not None:
                return MLP(sizes, hidden, output, precision, seed)
            layers: list[Layer] = [Dense(units) for units in sizes[1:]]
            layers += [Softmax()] * (output == "softmax")
            return Sequential(layers, sizes[0], precision, seed)

        if isinstance(self.precision, str) and self.precision == "auto":
            if self.frac_bits is not None:
                raise ValueError(
                    f"frac_bits={self.frac_bits!r} names the formats that precision='auto' is to "
                    "choose: pass one of them"
                )
            # The trial's own formats are its 64 bits.
            return make(Precision.auto(make(Precision.preset(64)), x, y, self.width))
        return make(self._precision())

    def _precision(self) -> Precision:
        if self.precision is None:
            if self.frac_bits is None:
                return Precision.preset(self.width)
            return Precision.uniform(self.width, self.frac_bits)
        if not isinstance(self.precision, Precision):
            raise TypeError(
                f"precision must be a Precision, 'auto' or None, got {self.precision!r}"
            )
        if self.frac_bits is not None:
            raise ValueError(
                f"frac_bits={self.frac_bits!r} and precision= both name the formats: pass one of "
                "them"
            )
        return self.precision

    # What was learned

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each layer as they are kept, float64 of shape (inputs, units)."""
        return [layer.parameters["weights"].to_numpy() for layer in self._dense()]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer as they are kept, float64."""
        return [layer.parameters["bias"].to_numpy() for layer in self._dense()]

    def _dense(self) -> list[Dense]:
        return [layer for layer in self.model_.layers if isinstance(layer, Dense)]

    def _samples(self, X: Any) -> Array:
        check_is_fitted(self)
        return _floats(validate_data(self, X, reset=False, dtype=[np.float64, np.float32]))


def _may_go_on(estimator: _FixedMLP) -> bool:
    """`partial_fit` is there where scikit-learn's own has it."""
    return bool(estimator.solver != "lbfgs")


class FixedMLPClassifier(ClassifierMixin, _FixedMLP):
    """scikit-learn's `MLPClassifier`, trained and run in fixed point.

    It ends in a softmax over all classes and is trained on the cross-entropy.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        Units of the hidden layers.
    activation : {"relu", "logistic", "tanh", "identity"}
        What follows each hidden layer.
    width : int
        Bits of all numbers, 8 to 128, in the formats of ``Precision.preset(width)``.
    frac_bits : int, optional
        Every format is ``Format(width, frac_bits)`` instead; then `width` is 2 to 128.
    precision : Precision or "auto", optional
        All formats, whatever `width` is; "auto": as ``Precision.auto`` chooses them for the
        training samples at `width` bits.
    solver : {"adam", "sgd"}
    alpha : float
        Strength of the L2 penalty, which is divided by the batch's size. See Notes.
    batch_size : int or "auto"
        At most the number of samples; "auto": at most 200.
    learning_rate : {"constant", "invscaling", "adaptive"}
        Of "sgd" alone, as in scikit-learn.
    learning_rate_init, power_t : float
    max_iter : int
        Epochs at most.
    shuffle : bool
        Whether each epoch has an order of its own.
    random_state : int, RandomState or None
        An integer is the network's `seed`: the same bits on every machine.
    tol, n_iter_no_change : float, int
        The training ends when the loss (with `early_stopping` the score of the samples set aside)
        became better by less than `tol` in more than so many epochs in a row.
    verbose : bool
        Whether each epoch's loss is printed.
    warm_start : bool
        Whether `fit` goes on with the network that there is, in its formats.
    momentum, nesterovs_momentum : float, bool
        Of "sgd".
    early_stopping, validation_fraction : bool, float
        Whether, and which share of, the samples are set aside to tell when to end; the best
        epoch's parameters are kept.
    beta_1, beta_2, epsilon : float
        Of "adam".
    max_fun : int
        Without effect: it belongs to "lbfgs".

    Attributes
    ----------
    model_ : Sequential
        The network itself: `predict_proba` of it gives the rounded probabilities, `save` a file.
    classes_ : numpy.ndarray
        Labels; the network's class numbers are their indices.
    coefs_, intercepts_ : list of numpy.ndarray
        Parameters, in float64.
    loss_, best_loss_, loss_curve_ : float, float or None, list of float
        Of the last epoch, the least, and of all epochs. Without the penalty, unlike scikit-learn's.
    validation_scores_, best_validation_score_ : list of float or None, float or None
        With `early_stopping`: the accuracy after each epoch.
    n_iter_, t_ : int
        Epochs of the last call, and samples trained on in all.
    n_layers_, n_outputs_, out_activation_ : int, int, str
        Two classes make two outputs, and always a "softmax".
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Raises
    ------
    ImportError
        If scikit-learn (1.6 or later) isn't installed, when the module is imported.

    Warns
    -----
    sklearn.exceptions.ConvergenceWarning
        If `max_iter` epochs end the training.
    UserWarning
        If samples lie beyond the range of the inputs' format: scale them first, as by
        `StandardScaler`, or take another `width` or `precision`.

    Notes
    -----
    What is otherwise than in scikit-learn: ``solver="lbfgs"`` is refused, and so are
    `sample_weight` (repeat samples instead), sparse matrices and labels of more than one column.
    The decay that comes of `alpha` touches biases, too; that of "adam" is decoupled (Loshchilov,
    Hutter, "Decoupled weight decay regularization", ICLR 2019). Initial weights are He's before
    "relu", else Glorot's, and biases 0. Rows of `predict_proba` are divided by their sums, since
    rounded probabilities sum to nearly 1 only, and scikit-learn's measures refuse that.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from fxtypes_nn.sklearn import FixedMLPClassifier
    >>> x, y = load_iris(return_X_y=True)
    >>> mlp = FixedMLPClassifier(20, width=16, learning_rate_init=0.05, tol=0.01, random_state=0)
    >>> make_pipeline(StandardScaler(), mlp).fit(x, y).score(x, y) > 0.9
    True
    """

    out_activation_ = "softmax"

    @available_if(_may_go_on)
    def partial_fit(self, X: Any, y: Any, classes: Any = None, **unsupported: Any) -> Self:
        """Train one epoch more.

        Parameters
        ----------
        X, y
            As `fit` takes them.
        classes : array, optional
            All labels there will be: needed in the first call.

        Returns
        -------
        self
        """
        _refuse(self, "partial_fit", unsupported)
        return self._partial_fit(X, y, classes)

    def predict(self, X: Any) -> Array:
        """The most likely label of each sample."""
        x = self._samples(X)
        return np.asarray(self.classes_[self.model_.predict(x)])

    def predict_proba(self, X: Any) -> Array:
        """Each sample's probabilities, float64 of shape (samples, classes); they sum to 1."""
        x = self._samples(X)
        found = self.model_.predict_proba(x).to_numpy()
        total = found.sum(axis=1, keepdims=True)
        even = np.full_like(found, 1 / found.shape[1])  # where each of many rounds to 0
        return np.divide(found, total, out=even, where=total > 0)

    def predict_log_proba(self, X: Any) -> Array:
        """Logarithms of `predict_proba`; that of 0 is -inf."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def _read(self, X: Any, y: Any, first: bool, classes: Any = None) -> tuple[Array, Array]:
        X, y = validate_data(
            self, X, y, reset=first, dtype=[np.float64, np.float32], multi_output=True
        )
        if y.ndim == 2 and y.shape[1] > 1:
            raise ValueError(
                "y has labels of more than one column, and a FixedMLPClassifier learns one label a "
                "sample: sklearn.multioutput.MultiOutputClassifier trains one for each column"
            )
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        known = self._known(y, first, classes)
        places = np.searchsorted(known, y)
        places = np.minimum(places, len(known) - 1)
        new = y[known[places] != y]
        if new.size:
            raise ValueError(
                f"y has the label {new.tolist()[0]!r} that isn't among the classes {_some(known)}; "
                "fit without warm_start begins anew"
            )
        self.classes_ = known
        return _floats(X), places

    def _known(self, y: Array, first: bool, classes: Any) -> Array:
        given = None if classes is None else np.unique(classes)
        if not first:
            if given is not None and not np.array_equal(given, self.classes_):
                raise ValueError(
                    f"classes={_some(given)} are others than in the first call, "
                    f"{_some(self.classes_)}"
                )
            return np.asarray(self.classes_)
        known = np.unique(y) if given is None else given
        if len(known) < 2:
            raise ValueError(
                f"a classifier needs 2 classes at least, got one class: {_some(known)}"
            )
        return np.asarray(known)

    def _outputs(self) -> int:
        return len(self.classes_)

    def _score(self, model: Sequential, held: _Held) -> float:
        return float(accuracy_score(held.y, model.predict(held.x)))


class FixedMLPRegressor(RegressorMixin, _FixedMLP):
    """scikit-learn's `MLPRegressor`, trained and run in fixed point.

    It ends in the last layer's sums themselves and is trained on the mean squared error.

    Parameters
    ----------
    hidden_layer_sizes, activation, width, frac_bits, precision, solver, ...
        As of `FixedMLPClassifier`. There is no `loss`: it is "squared_error".

    Attributes
    ----------
    model_, coefs_, intercepts_, loss_, ...
        As of `FixedMLPClassifier`; `out_activation_` is "identity", `validation_scores_` are R²,
        and `loss_` is half the mean of the squared errors, as there.

    Warns
    -----
    sklearn.exceptions.ConvergenceWarning
        If `max_iter` epochs end the training.
    UserWarning
        If samples lie beyond the range of the inputs' format, or targets beyond the outputs':
        scale these by `sklearn.compose.TransformedTargetRegressor`.

    Examples
    --------
    >>> import numpy as np
    >>> from fxtypes_nn.sklearn import FixedMLPRegressor
    >>> x = np.linspace(-2, 2, 200)[:, None]
    >>> mlp = FixedMLPRegressor((30,), "tanh", learning_rate_init=0.02, tol=0.001, random_state=0)
    >>> mlp.fit(x, np.sin(2 * x[:, 0])).score(x, np.sin(2 * x[:, 0])) > 0.9
    True
    """

    out_activation_ = "identity"
    _share = Fraction(1, 2)

    @available_if(_may_go_on)
    def partial_fit(self, X: Any, y: Any, **unsupported: Any) -> Self:
        """Train one epoch more.

        Parameters
        ----------
        X, y
            As `fit` takes them.

        Returns
        -------
        self
        """
        _refuse(self, "partial_fit", unsupported)
        return self._partial_fit(X, y)

    def predict(self, X: Any) -> Array:
        """The outputs, float64 of the targets' shape."""
        x = self._samples(X)
        return self.model_.outputs(x).to_numpy().reshape(len(x), *self._shape)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _read(self, X: Any, y: Any, first: bool, classes: Any = None) -> tuple[Array, Array]:
        X, y = validate_data(
            self,
            X,
            y,
            reset=first,
            dtype=[np.float64, np.float32],
            multi_output=True,
            y_numeric=True,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if first:
            self._columns = y.shape[1] if y.ndim == 2 else 1
        return _floats(X), _floats(y)

    def _outputs(self) -> int:
        return self._columns

    def _model(self, x: Array, y: Array, seed: int) -> Sequential:
        model = super()._model(x, y, seed)
        fmt = model.network.output_format
        beyond = np.mean((y < float(fmt.min)) | (y > float(fmt.max)))
        if beyond:
            warn(
                f"{100 * beyond:.2g}% of the targets in y lie beyond the outputs' format {fmt}, "
                f"which goes from {float(fmt.min):g} to {float(fmt.max):g} "
                f"({fmt.overflow.value}): scale them, as by "
                "sklearn.compose.TransformedTargetRegressor, or take a Precision whose logits "
                "have more integer bits"
            )
        return model

    def _score(self, model: Sequential, held: _Held) -> float:
        outputs = model.outputs(held.x).to_numpy().reshape(held.y.shape)
        return float(r2_score(held.y, outputs))


def _floats(values: Array) -> Array:
    """float64: what trains sees one dtype, whatever came."""
    return np.asarray(values, np.float64)


def _refuse(estimator: _FixedMLP, method: str, given: dict[str, Any]) -> None:
    """TypeError that names the first argument that there isn't."""
    for name, value in given.items():
        if name != "sample_weight":
            raise TypeError(f"{type(estimator).__name__}.{method} has no argument {name!r}")
        if value is not None:
            raise TypeError(
                f"{type(estimator).__name__}.{method} takes no sample_weight: repeating samples "
                "does the same"
            )


def _one_of(name: str, value: Any, legal: Any) -> None:
    if not isinstance(value, str) or value not in legal:
        raise ValueError(f"{name} must be one of {', '.join(legal)}, got {value!r}")


def _some(labels: Array) -> str:
    text = ", ".join(map(repr, labels[:5].tolist()))
    return f"{text}, ..." if len(labels) > 5 else text
