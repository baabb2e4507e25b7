"""scikit-learn's networks and linear models."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..datasets import Standardisation
from ..extras import extra
from ..model import Sequential
from ..precision import Precision
from .network import Imported


def from_sklearn(estimator: Any, precision: Precision | None = None, seed: int = 0) -> Sequential:
    """A fitted estimator of scikit-learn as a network, each weight rounded once.

    Parameters
    ----------
    estimator : estimator
        `MLPClassifier`, `MLPRegressor`, `LogisticRegression`, `LinearRegression` or `Ridge`; one
        of ours (`fxtypes_nn.sklearn`); a pipeline of `StandardScaler` and one of these, whose
        scaler becomes the model's `standardisation`; a search that has a best one of these.
    precision : Precision, optional
        By default ``Precision.preset(32)``; for one of ours, its own.
    seed : int
        What further training draws from.

    Returns
    -------
    Sequential
        Its class numbers are the indices in ``estimator.classes_``. A classifier of two classes
        becomes a softmax over two logits, of which the first is 0: the same probabilities.

    Raises
    ------
    ValueError
        If it isn't fitted, or a weight is out of its format's range.
    TypeError
        If it is another estimator; the message says which can be imported.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> import fxtypes_nn as nn
    >>> x, y = load_iris(return_X_y=True)
    >>> found = LogisticRegression(max_iter=1000).fit(x, y)
    >>> model = nn.from_sklearn(found)
    >>> model
    <Sequential dense1, softmax1>
    >>> float((model.predict(x) == found.predict(x)).mean())
    1.0
    """
    base = extra("sklearn.base", "from_sklearn", "sklearn", "scikit-learn")
    kind = type(estimator).__name__
    if isinstance(estimator, type) or not isinstance(estimator, base.BaseEstimator):
        raise TypeError(f"from_sklearn takes a fitted estimator, got {estimator!r}")
    if hasattr(estimator, "best_estimator_"):
        return from_sklearn(estimator.best_estimator_, precision, seed)
    if hasattr(estimator, "steps"):
        return _of_pipeline(estimator, precision, seed)
    own = getattr(estimator, "model_", None)
    if isinstance(own, Sequential):
        return own.with_precision(own.precision if precision is None else precision)
    found = Imported(f"this {kind}")
    linear, networks = (
        extra(f"sklearn.{name}", "from_sklearn", "sklearn", "scikit-learn")
        for name in ("linear_model", "neural_network")
    )
    legal = (
        networks.MLPClassifier,
        networks.MLPRegressor,
        linear.LogisticRegression,
        linear.LinearRegression,
        linear.Ridge,
    )
    if not isinstance(estimator, legal):
        names = ", ".join(each.__name__ for each in legal)
        raise TypeError(
            f"a {kind} can't be imported: from_sklearn takes {names}, those of fxtypes_nn.sklearn, "
            "and a Pipeline of StandardScaler and one of these"
        )
    if not hasattr(estimator, "coefs_") and not hasattr(estimator, "coef_"):
        raise found.refused("it isn't fitted yet; call its fit first")
    if isinstance(estimator, legal[:2]):
        _network(found, estimator)
    else:
        _linear(found, estimator, isinstance(estimator, linear.LogisticRegression))
    return found.build(precision, seed)


def _network(found: Imported, estimator: Any) -> None:
    last = len(estimator.coefs_) - 1
    layers = zip(estimator.coefs_, estimator.intercepts_, strict=True)
    for index, (weights, bias) in enumerate(layers):
        if index < last:
            found.dense(f"layer {index + 1}", weights, bias)
            found.activation(estimator.activation)
        elif hasattr(estimator, "classes_") and weights.shape[1] == 1:
            _of_two_classes(found, f"layer {index + 1}", weights, bias)
        else:
            found.dense(f"layer {index + 1}", weights, bias)
            found.activation(estimator.out_activation_)


def _linear(found: Imported, estimator: Any, classifies: bool) -> None:
    weights = np.atleast_2d(estimator.coef_).T
    bias = np.broadcast_to(np.asarray(estimator.intercept_), weights.shape[1:])
    if not classifies:
        found.dense("it", weights, bias)
        return
    if weights.shape[1] == 1:
        _of_two_classes(found, "it", weights, bias)
        return
    if estimator.solver == "liblinear" or getattr(estimator, "multi_class", None) == "ovr":
        raise found.refused(
            "its classes are told apart one against the rest, which is no softmax; fit it with "
            "solver='lbfgs'"
        )
    found.dense("it", weights, bias)
    found.activation("softmax")


def _of_two_classes(found: Imported, name: str, weights: Any, bias: Any) -> None:
    """The sigmoid of z is the second part of the softmax of 0 and z."""
    zeros = np.zeros_like(weights)
    found.dense(name, np.hstack([zeros, weights]), np.concatenate([np.zeros_like(bias), bias]))
    found.activation("softmax")


def _of_pipeline(pipeline: Any, precision: Precision | None, seed: int) -> Sequential:
    steps = [step for _, step in pipeline.steps if step is not None and step != "passthrough"]
    names = [type(step).__name__ for step in steps]
    if not steps or names[:-1] not in ([], ["StandardScaler"]):
        raise TypeError(
            f"a pipeline of {', '.join(names) or 'nothing'} can't be imported: what may stand "
            "before the estimator is one StandardScaler; import the estimator alone, and give the "
            "model what the steps before it make"
        )
    model = from_sklearn(steps[-1], precision, seed)
    if len(steps) > 1:
        scaler = steps[0]
        if not hasattr(scaler, "n_features_in_"):
            raise ValueError("this Pipeline can't be imported: it isn't fitted yet")
        count = scaler.n_features_in_
        means = scaler.mean_ if scaler.with_mean else np.zeros(count)
        deviations = scaler.scale_ if scaler.with_std else np.ones(count)
        model.standardisation = Standardisation(means, deviations)
    return model
