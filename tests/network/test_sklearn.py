"""The estimators are scikit-learn's in all that its tools ask, and our networks within."""

import math
import pickle
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import MLP, SGD, Adam, MeanSquaredError, Precision, load_model

sklearn = pytest.importorskip("sklearn", minversion="1.6")

from sklearn.base import clone  # noqa: E402
from sklearn.datasets import load_digits, load_iris, make_regression  # noqa: E402
from sklearn.exceptions import (  # noqa: E402
    ConvergenceWarning,
    DataConversionWarning,
    NotFittedError,
)
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from fxtypes_nn.sklearn import FixedMLPClassifier, FixedMLPRegressor  # noqa: E402

BOTH = [FixedMLPClassifier, FixedMLPRegressor]
iris_x, iris_y = load_iris(return_X_y=True)
iris_x = StandardScaler().fit_transform(iris_x)
NAMES = np.array(["setosa", "versicolor", "virginica"])


def small(kind=FixedMLPClassifier, **changes):
    """One that trains in a moment."""
    return kind((8,), **({"max_iter": 3, "random_state": 0, "learning_rate_init": 0.02} | changes))


def fitted(estimator, x=iris_x, y=iris_y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(x, y)


# Convergence is not what the checks are of, and some have targets beyond the format.
@pytest.mark.filterwarnings("ignore::UserWarning")
@parametrize_with_checks([FixedMLPClassifier(max_iter=100), FixedMLPRegressor(max_iter=100)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_it_trains_as_the_network_does():
    estimator = fitted(small(width=16, alpha=0, batch_size=50, learning_rate_init=0.01))
    model = MLP([4, 8, 3], precision=Precision.preset(16), seed=0)
    history = model.fit(iris_x, iris_y, 3, 50, optimizer=Adam(0.01), progress=False)
    for name, values in model.parameters().items():
        np.testing.assert_array_equal(values.raw, estimator.model_.parameters()[name].raw)
    np.testing.assert_allclose(estimator.loss_, np.mean(history["loss"][-3:]), rtol=1e-12)
    assert estimator.predict(iris_x).tolist() == model.predict(iris_x).tolist()


def test_the_regressors_rate_and_loss_are_scikit_learns():
    """Its loss is half of ours: so is the rate, and twice the decay."""
    y = iris_x @ [0.5, -1, 0.25, 0]
    estimator = fitted(small(FixedMLPRegressor, solver="sgd", alpha=0.25, batch_size=50), y=y)
    model = MLP([4, 8, 1], output="identity", seed=0)
    optimizer = SGD(0.02 / 2, 0.9, 2 * 0.25 / 50, nesterov=True)
    loss = MeanSquaredError()
    history = model.fit(iris_x, y, 3, 50, optimizer=optimizer, loss=loss, progress=False)
    for name, values in model.parameters().items():
        np.testing.assert_array_equal(values.raw, estimator.model_.parameters()[name].raw)
    np.testing.assert_allclose(estimator.loss_, np.mean(history["loss"][-3:]) / 2, rtol=1e-12)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_it_learns_what_scikit_learns_own_does(solver):
    x, y = load_digits(return_X_y=True)
    settings = {"solver": solver, "learning_rate_init": {"adam": 0.003, "sgd": 0.1}[solver]}
    settings |= {"max_iter": 25, "random_state": 0}
    scores = [
        fitted(kind((32,), **settings), x[:1400] / 16, y[:1400]).score(x[1400:] / 16, y[1400:])
        for kind in (MLPClassifier, FixedMLPClassifier)
    ]
    assert scores[1] > scores[0] - 0.03
    assert scores[1] > 0.85


def test_it_regresses_what_scikit_learns_own_does():
    x, y = make_regression(400, 5, n_targets=2, random_state=0)
    y = StandardScaler().fit_transform(y)
    settings = {"activation": "tanh", "solver": "sgd", "learning_rate_init": 0.05, "max_iter": 60}
    found = [
        fitted(kind(hidden_layer_sizes=20, random_state=0, **settings), x[:300], y[:300])
        for kind in (MLPRegressor, FixedMLPRegressor)
    ]
    scores = [each.score(x[300:], y[300:]) for each in found]
    assert scores[1] > scores[0] - 0.03
    assert scores[1] > 0.9
    assert found[1].predict(x).shape == (400, 2)


def test_attributes():
    estimator = fitted(small(), y=NAMES[iris_y])
    assert estimator.classes_.tolist() == NAMES.tolist()
    assert [w.shape for w in estimator.coefs_] == [(4, 8), (8, 3)]
    assert [b.shape for b in estimator.intercepts_] == [(8,), (3,)]
    weights = estimator.model_.parameters()["dense1.weights"]
    assert estimator.coefs_[0].tolist() == weights.to_numpy().tolist()
    assert (estimator.n_layers_, estimator.n_outputs_, estimator.out_activation_) == (
        3,
        3,
        "softmax",
    )
    assert (estimator.n_iter_, estimator.t_) == (3, 450)
    assert estimator.loss_curve_[-1] == estimator.loss_
    assert estimator.best_loss_ == min(estimator.loss_curve_)
    assert estimator.validation_scores_ is estimator.best_validation_score_ is None
    assert set(estimator.predict(iris_x)) <= set(NAMES)
    assert not hasattr(small(), "coefs_")


def test_probabilities_are_the_networks_divided_by_their_sum():
    estimator = fitted(small(width=8))
    rounded = estimator.model_.predict_proba(iris_x).to_numpy()
    found = estimator.predict_proba(iris_x)
    assert (rounded.sum(axis=1) != 1).any()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(found * rounded.sum(axis=1, keepdims=True), rounded, rtol=1e-15)
    np.testing.assert_array_equal(np.exp(estimator.predict_log_proba(iris_x)) > 0, found > 0)


def test_rows_whose_probabilities_all_round_to_zero_are_even():
    """With 20 classes of one probability each is .05: less than half a step of .25."""
    fmt = fx.Format(16, 8)
    precision = Precision(fmt, fmt, fmt, fmt, probabilities=fx.Format(8, 2))
    x, y = np.zeros((40, 2)), np.arange(40) % 20
    estimator = fitted(small(precision=precision, max_iter=1), x, y)
    assert not estimator.model_.predict_proba(x).to_numpy().any()
    assert (estimator.predict_proba(x) == 0.05).all()


def test_formats():
    found = fitted(small(width=12)).model_.precision
    assert found == Precision.preset(12)
    found = fitted(small(width=20, frac_bits=12)).model_.precision
    assert found == Precision.uniform(20, 12)
    named = Precision.preset(24).replace(accumulator=fx.Format(40, 24))
    assert fitted(small(precision=named)).model_.precision == named
    model = fitted(small(precision="auto", width=12), 1000 * iris_x).model_
    assert model.precision.inputs.max >= 2000  # 1000 standard deviations, and no warning
    assert model.precision.inputs.width == 12


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"solver": "lbfgs"}, "solver='lbfgs' searches .* take 'adam' or 'sgd'"),
        ({"solver": "newton"}, "solver must be one of adam, sgd, got 'newton'"),
        ({"activation": "gelu"}, "activation must be one of relu, logistic, tanh, identity, got"),
        ({"activation": ["relu"]}, r"activation must be one of .* got \['relu'\]"),
        ({"learning_rate": "cosine"}, "learning_rate must be one of constant, invscaling, adap"),
        ({"learning_rate_init": 0}, "learning_rate_init must be a finite number, more than 0"),
        ({"alpha": -1}, "alpha must be a finite number, at least 0"),
        ({"batch_size": 0}, "batch_size must be an integer, at least 1, got 0"),
        ({"max_iter": 0}, "max_iter must be an integer, at least 1, got 0"),
        ({"n_iter_no_change": 0}, "n_iter_no_change must be an integer, at least 1, got 0"),
        ({"tol": math.nan}, "tol must be a finite number, at least 0"),
        ({"momentum": 1, "solver": "sgd"}, "momentum must be .* less than 1"),
        ({"beta_1": 1}, "beta1 must be"),
        ({"hidden_layer_sizes": (8, 0)}, "layer 2 of layer_sizes needs an integer of at least 1"),
        ({"hidden_layer_sizes": 2.5}, "layer 1 of layer_sizes needs an integer of at least 1"),
        ({"width": 4}, "a preset's width must be an integer from 8 to 128, got 4"),
        ({"width": 8, "frac_bits": 999}, "frac_bits must be"),
        ({"precision": "best"}, "precision must be a Precision, 'auto' or None, got 'best'"),
        ({"precision": Precision.preset(8), "frac_bits": 3}, "both name the formats: pass one"),
        ({"precision": "auto", "frac_bits": 3}, "precision='auto' is to choose: pass one"),
        ({"early_stopping": True, "validation_fraction": 0}, "validation_fraction must be"),
        ({"early_stopping": True, "validation_fraction": 0.001}, "set|test_size"),
    ],
)
def test_bad_parameters(kind, changes, message):
    estimator = small(kind).set_params(**changes)
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        estimator.fit(iris_x, iris_y)
    assert "\n" not in str(caught.value)
    assert not hasattr(estimator, "model_")


@pytest.mark.parametrize("kind", BOTH)
def test_sample_weight_is_refused_by_name(kind):
    weight = np.ones(len(iris_y))
    for method in ("fit", "partial_fit"):
        with pytest.raises(TypeError, match=f"{method} takes no sample_weight: repeating samples"):
            getattr(small(kind), method)(iris_x, iris_y, sample_weight=weight)
        with pytest.raises(TypeError, match=f"{method} has no argument 'weights'"):
            getattr(small(kind), method)(iris_x, iris_y, weights=weight)
    pipeline = make_pipeline(StandardScaler(), small(kind))
    step = f"{kind.__name__.lower()}__sample_weight"
    with pytest.raises(TypeError, match=r"\.fit takes no sample_weight"):
        pipeline.fit(iris_x, iris_y, **{step: weight})
    small(kind, tol=10, n_iter_no_change=1).fit(iris_x, iris_y, sample_weight=None)


def test_labels_that_it_does_not_learn():
    columns = np.eye(3, dtype=int)[iris_y]
    with pytest.raises(ValueError, match=r"more than one column.*MultiOutputClassifier"):
        small().fit(iris_x, columns)
    with pytest.raises(ValueError, match="2 classes at least, got one class: 7"):
        small().fit(iris_x, np.full(150, 7))
    with pytest.raises(ValueError, match="continuous"):
        small().fit(iris_x, iris_x[:, 0])
    with pytest.warns(DataConversionWarning):
        fitted(small(), y=iris_y[:, None])


@pytest.mark.parametrize("kind", BOTH)
def test_data_that_only_become_arrays(kind):
    """scikit-learn's own check of it needs pandas."""

    class Data:
        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            return np.array(self.values, dtype)

        def __array_function__(self, function, types, args, kwargs):
            raise TypeError(f"{function.__name__} was called")

    found = fitted(small(kind), Data(iris_x), Data(iris_y))
    expected = fitted(small(kind)).predict(iris_x)
    np.testing.assert_array_equal(found.predict(Data(iris_x)), expected)


def test_what_lies_beyond_the_formats_is_told():
    with pytest.warns(UserWarning, match="of the values in x lie beyond the inputs' format"):
        fitted(small(width=8), 100 * iris_x)
    with pytest.warns(UserWarning, match="of the targets in y .*TransformedTargetRegressor"):
        fitted(small(FixedMLPRegressor, width=8), y=100 * iris_x[:, 0])


def test_the_samples_range_is_told_once_a_fit():
    with pytest.warns(UserWarning, match="of the values in x") as caught:
        fitted(small(width=8, early_stopping=True), 100 * iris_x)
    assert sum("of the values in x" in str(each.message) for each in caught) == 1


def test_it_tells_that_it_has_not_converged():
    with pytest.warns(ConvergenceWarning, match="max_iter=3 epochs are over") as caught:
        small().fit(iris_x, iris_y)
    assert caught[0].filename == __file__
    found = small(max_iter=50, tol=10, n_iter_no_change=2).fit(iris_x, iris_y)
    assert found.n_iter_ == 4  # the first, and more than two that brought less than 10
    with pytest.warns(ConvergenceWarning):
        found.set_params(n_iter_no_change=math.inf, max_iter=9).fit(iris_x, iris_y)
    assert found.n_iter_ == 9


def test_early_stopping_keeps_the_best_epoch():
    found = fitted(small(early_stopping=True, max_iter=30, n_iter_no_change=3, tol=0.01))
    assert found.n_iter_ == len(found.validation_scores_) == len(found.loss_curve_) < 30
    assert found.best_validation_score_ == max(found.validation_scores_)
    assert found.best_loss_ is None
    best = found.validation_scores_.index(found.best_validation_score_) + 1
    shorter = fitted(small(early_stopping=True, max_iter=best))
    assert best < found.n_iter_
    for one, other in zip(found.coefs_, shorter.coefs_, strict=True):
        np.testing.assert_array_equal(one, other)
    y = np.column_stack([iris_x[:, 0], iris_x[:, 1]])
    of_targets = fitted(small(FixedMLPRegressor, early_stopping=True, max_iter=30), y=y)
    assert 0 < of_targets.best_validation_score_ <= 1


def test_partial_fit_is_an_epoch():
    whole = fitted(small(max_iter=4, batch_size=40))
    parts = small(batch_size=40)
    for _ in range(4):
        parts.partial_fit(iris_x, iris_y, classes=[0, 1, 2])
    assert parts.n_iter_ == 1
    assert parts.t_ == whole.t_
    assert parts.loss_curve_ == whole.loss_curve_
    np.testing.assert_array_equal(parts.predict_proba(iris_x), whole.predict_proba(iris_x))


def test_partial_fit_of_some_classes():
    estimator = small()
    estimator.partial_fit(iris_x[:50], iris_y[:50], classes=[2, 0, 1])
    estimator.partial_fit(iris_x[50:], iris_y[50:])
    assert estimator.predict_proba(iris_x).shape == (150, 3)
    with pytest.raises(ValueError, match="the label 3 that isn't among the classes 0, 1, 2"):
        estimator.partial_fit(iris_x, iris_y + 1)
    with pytest.raises(ValueError, match=r"classes=0, 1 are others than in the first call, 0, 1"):
        estimator.partial_fit(iris_x, iris_y, classes=[0, 1])
    with pytest.raises(ValueError, match="early_stopping=False"):
        small(early_stopping=True).partial_fit(iris_x, iris_y)
    assert not hasattr(small(solver="lbfgs"), "partial_fit")


def test_warm_start_goes_on():
    estimator = fitted(small(warm_start=True))
    before, first = estimator.coefs_, list(estimator.loss_curve_)
    fitted(estimator)
    assert estimator.loss_curve_[:3] == first
    assert estimator.loss_curve_[3] < first[0]
    assert estimator.t_ == 900
    assert (estimator.coefs_[0] != before[0]).any()
    with pytest.raises(ValueError, match=r"the label 5 .*without warm_start begins anew"):
        estimator.fit(iris_x, np.where(iris_y == 2, 5, iris_y))
    anew = fitted(estimator.set_params(warm_start=False))
    np.testing.assert_array_equal(anew.coefs_[0], before[0])


def test_rates_that_fall():
    """invscaling: learning_rate_init / (samples seen + 1)**power_t from the second epoch on."""
    constant = fitted(small(solver="sgd", max_iter=1))
    falling = fitted(small(solver="sgd", max_iter=1, learning_rate="invscaling"))
    np.testing.assert_array_equal(constant.coefs_[0], falling.coefs_[0])
    stuck = fitted(small(solver="sgd", max_iter=5, learning_rate="invscaling", power_t=100))
    np.testing.assert_array_equal(stuck.coefs_[0], falling.coefs_[0])
    settings = {"solver": "sgd", "max_iter": 200, "tol": 10, "n_iter_no_change": 1}
    adaptive = small(learning_rate="adaptive", **settings).fit(iris_x, iris_y)
    # 0.02 / 5**7 is the first below 10**-6. Each of 7 falls takes two epochs, as the end does.
    assert adaptive.n_iter_ == 1 + 2 * 7 + 2
    assert small(**settings).fit(iris_x, iris_y).n_iter_ == 3


def test_orders():
    shuffled = fitted(small(batch_size=10)).loss_curve_
    plain = fitted(small(batch_size=10, shuffle=False)).loss_curve_
    assert shuffled != plain
    one = fitted(small(batch_size=1000, shuffle=False)).coefs_[0]
    np.testing.assert_array_equal(one, fitted(small(batch_size=150, shuffle=False)).coefs_[0])


def test_random_states():
    def first(state):
        return fitted(small(random_state=state)).coefs_[0].tolist()

    assert first(3) == first(3) != first(4)
    assert first(np.random.RandomState(3)) == first(np.random.RandomState(3))
    assert first(None) != first(None)


@pytest.mark.parametrize("activation", ["relu", "logistic", "tanh", "identity"])
@pytest.mark.parametrize("kind", BOTH)
def test_activations_predict_as_in_floats(kind, activation):
    estimator = fitted(small(kind, activation=activation, width=64, max_iter=20))
    floats = MLPClassifier if kind is BOTH[0] else MLPRegressor
    other = fitted(floats(hidden_layer_sizes=8, activation=activation, max_iter=1))
    other.coefs_, other.intercepts_ = estimator.coefs_, estimator.intercepts_
    method = "predict_proba" if kind is BOTH[0] else "predict"
    expected = getattr(other, method)(iris_x)
    np.testing.assert_allclose(getattr(estimator, method)(iris_x), expected, rtol=0, atol=1e-9)


def test_in_a_pipeline_and_a_search_with_processes():
    settings = {"tol": 10, "n_iter_no_change": 9, "max_iter": 30, "learning_rate_init": 0.1}
    pipeline = make_pipeline(StandardScaler(), small(**settings))
    grid = {"fixedmlpclassifier__width": [8, 16]}
    one, two = (
        GridSearchCV(pipeline, grid, cv=3, n_jobs=jobs).fit(iris_x, NAMES[iris_y])
        for jobs in (1, 2)
    )
    assert one.best_score_ > 0.7
    scores = "mean_test_score"
    assert one.cv_results_[scores].tolist() == two.cv_results_[scores].tolist()
    many = cross_val_score(pipeline, iris_x, iris_y, cv=3, scoring="neg_log_loss", n_jobs=2)
    assert np.isfinite(many).all()


def test_the_regressor_in_a_search_with_processes():
    settings = {"tol": 10, "n_iter_no_change": 9, "max_iter": 30, "learning_rate_init": 0.1}
    pipeline = make_pipeline(StandardScaler(), small(FixedMLPRegressor, **settings))
    folds = KFold(3, shuffle=True, random_state=0)
    grid = {"fixedmlpregressor__width": [16, 32]}
    search = GridSearchCV(pipeline, grid, cv=folds, n_jobs=2).fit(iris_x[:, :3], iris_x[:, 3])
    many = cross_val_score(search.best_estimator_, iris_x[:, :3], iris_x[:, 3], cv=folds)
    assert many.mean() == pytest.approx(search.best_score_, abs=1e-12)
    assert search.best_score_ > 0.8


def test_what_joblib_maps_into_memory_is_restored(tmp_path):
    import joblib

    estimator = fitted(small(width=128))
    joblib.dump(estimator, tmp_path / "estimator")
    found = joblib.load(tmp_path / "estimator", mmap_mode="r")
    for one, other in zip(found.coefs_, estimator.coefs_, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", BOTH)
def test_copies(kind, tmp_path):
    estimator = fitted(small(kind, precision=Precision.preset(16)))
    found = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(found.predict(iris_x), estimator.predict(iris_x))
    fitted(found.set_params(warm_start=True))
    new = clone(estimator)
    assert new.get_params() == estimator.get_params()
    with pytest.raises(NotFittedError):
        new.predict(iris_x)
    estimator.model_.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    np.testing.assert_array_equal(loaded.outputs(iris_x).raw, estimator.model_.outputs(iris_x).raw)


def test_the_parameters_of_scikit_learns_own_are_taken():
    given = MLPClassifier(max_fun=1, beta_2=0.99).get_params()
    assert given.items() <= FixedMLPClassifier(**given).get_params().items()
    given = MLPRegressor().get_params()
    given.pop("loss", None)
    assert given.items() <= FixedMLPRegressor(**given).get_params().items()


def test_verbose_prints_as_scikit_learn_does(capsys):
    estimator = fitted(small(verbose=True))
    expected = [
        f"Iteration {number}, loss = {loss:.8f}"
        for number, loss in enumerate(estimator.loss_curve_, 1)
    ]
    assert capsys.readouterr().out.splitlines() == expected


@pytest.mark.parametrize(
    ("prepared", "message"),
    [
        (
            "sys.modules['sklearn'] = None",
            "scikit-learn is needed for fxtypes_nn.sklearn: pip install 'fxtypes[sklearn]'",
        ),
        (
            "import types; sys.modules['sklearn'] = types.SimpleNamespace(__version__='1.5.2')",
            "fxtypes_nn.sklearn needs scikit-learn 1.6 or later, and 1.5.2 is installed",
        ),
    ],
)
def test_without_scikit_learn(prepared, message):
    program = f"""
        import sys
        {prepared}
        import fxtypes_nn
        try:
            import fxtypes_nn.sklearn
        except ImportError as error:
            print(error)
    """
    run = [sys.executable, "-P", "-c", textwrap.dedent(program)]
    found = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert found.startswith(message)
    assert found.count("\n") == 1
