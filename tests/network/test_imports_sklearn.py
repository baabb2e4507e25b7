"""scikit-learn's estimators as our networks: their own predictions are the oracle."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import Precision, from_sklearn

sklearn = pytest.importorskip("sklearn", minversion="1.6")

from sklearn.datasets import make_multilabel_classification  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.naive_bayes import GaussianNB  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import MinMaxScaler, StandardScaler  # noqa: E402

from fxtypes_nn.sklearn import FixedMLPClassifier  # noqa: E402

WIDE = Precision.preset(64)
generator = np.random.default_rng(0)
x = generator.normal(size=(90, 4))
names = np.array(["a", "b", "c"])[np.arange(90) % 3]
two = np.array(["no", "yes"])[(x[:, 0] > 0).astype(int)]


def fitted(estimator, x, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(x, y)


def close(found, expected):
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "logistic", "tanh", "identity"])
@pytest.mark.parametrize("labels", [names, two], ids=["three", "two"])
def test_classifiers(activation, labels):
    estimator = fitted(MLPClassifier((7, 5), activation, max_iter=20, random_state=0), x, labels)
    model = from_sklearn(estimator, WIDE)
    close(model.predict_proba(x), estimator.predict_proba(x))
    assert estimator.classes_[model.predict(x)].tolist() == estimator.predict(x).tolist()


def test_weights_are_rounded_once():
    estimator = fitted(MLPClassifier((7,), max_iter=5, random_state=0), x, names)
    precision = Precision.uniform(12, 8)
    found = from_sklearn(estimator, precision).parameters()
    for name, floats in zip(
        found, [estimator.coefs_[0], estimator.intercepts_[0], estimator.coefs_[1]], strict=False
    ):
        expected = fx.array(floats, precision.updates)
        np.testing.assert_array_equal(found[name].raw, expected.raw)
    assert from_sklearn(estimator).precision == Precision.preset(32)
    assert from_sklearn(estimator, seed=7).seed == 7


def test_regressors():
    y = np.column_stack([x[:, 0], x @ [1, 2, 3, 4]])
    for targets in (y, y[:, 0]):
        estimator = fitted(MLPRegressor(hidden_layer_sizes=6, max_iter=20), x, targets)
        model = from_sklearn(estimator, WIDE)
        close(model.predict(x).reshape(targets.shape), estimator.predict(x))


def test_several_labels_a_sample():
    samples, labels = make_multilabel_classification(60, 4, n_classes=3, random_state=0)
    estimator = fitted(MLPClassifier((6,), max_iter=20, random_state=0), samples, labels)
    close(from_sklearn(estimator, WIDE).predict_proba(samples), estimator.predict_proba(samples))


@pytest.mark.parametrize("labels", [names, two], ids=["three", "two"])
def test_logistic_regression(labels):
    estimator = LogisticRegression(fit_intercept=labels is names).fit(x, labels)
    close(from_sklearn(estimator, WIDE).predict_proba(x), estimator.predict_proba(x))


def test_linear_models():
    y = np.column_stack([x[:, 0] + 1, x @ [1, 2, 3, 4]])
    for estimator in (LinearRegression(), Ridge(fit_intercept=False)):
        for targets in (y, y[:, 0]):
            model = from_sklearn(estimator.fit(x, targets), WIDE)
            close(model.predict(x).reshape(targets.shape), estimator.predict(x))


@pytest.mark.parametrize("settings", [{}, {"with_mean": False}, {"with_std": False}])
def test_a_scaler_becomes_the_models_standardisation(settings):
    far = 1000 * x + 5000
    scaler = StandardScaler(**settings)
    pipeline = make_pipeline(scaler, "passthrough", MLPClassifier((6,), max_iter=9))
    wide = WIDE.replace(inputs=fx.Format(64, 40))
    fitted(pipeline, far, names)
    model = from_sklearn(pipeline, wide)
    np.testing.assert_allclose(
        model.predict_proba(far).to_numpy(), pipeline.predict_proba(far), rtol=0, atol=1e-7
    )
    assert model.standardisation.shape == (4,)


def test_the_best_of_a_search():
    search = GridSearchCV(MLPClassifier((6,)), {"max_iter": [3, 5]}, cv=2)
    close(from_sklearn(fitted(search, x, names), WIDE).predict_proba(x), search.predict_proba(x))


def test_one_of_ours_keeps_its_bits():
    estimator = fitted(FixedMLPClassifier((6,), width=12, max_iter=3), x, names)
    model = from_sklearn(estimator)
    assert model is not estimator.model_
    assert model.precision == Precision.preset(12)
    for name, values in estimator.model_.parameters().items():
        np.testing.assert_array_equal(model.parameters()[name].raw, values.raw)
    assert from_sklearn(estimator, WIDE).precision == WIDE


def one_line(error, *parts):
    text = str(error.value)
    assert "\n" not in text
    assert all(part in text for part in parts), text


def test_what_can_not_be_imported():
    with pytest.raises(TypeError) as error:
        from_sklearn(GaussianNB().fit(x, names))
    one_line(error, "a GaussianNB can't be imported: from_sklearn takes MLPClassifier, ")
    with pytest.raises(TypeError) as error:
        from_sklearn(make_pipeline(MinMaxScaler(), LogisticRegression()).fit(x, names))
    one_line(error, "a pipeline of MinMaxScaler, LogisticRegression", "import the estimator alone")
    for wrong in (MLPClassifier, "mlp", None):
        with pytest.raises(TypeError, match="from_sklearn takes a fitted estimator, got"):
            from_sklearn(wrong)
    with pytest.raises(ValueError, match="this MLPClassifier can't be imported: it isn't fitted"):
        from_sklearn(MLPClassifier())
    ovr = fitted(LogisticRegression(), x, names)
    ovr.solver = "liblinear"
    with pytest.raises(ValueError, match="one against the rest, which is no softmax; fit it with"):
        from_sklearn(ovr)
    estimator = fitted(MLPRegressor(hidden_layer_sizes=6, max_iter=3), x, x[:, 0])
    estimator.out_activation_ = "exp"
    with pytest.raises(ValueError, match="the activation 'exp' has no counterpart; there are relu"):
        from_sklearn(estimator)


def test_weights_beyond_the_formats_are_named():
    estimator = fitted(LinearRegression(), x, 1000 * x[:, 0])
    with pytest.raises(ValueError, match=r"dense1\.weights doesn't fit .* more integer bits") as e:
        from_sklearn(estimator, Precision.preset(8))
    one_line(e)
    estimator.coef_[0] = np.nan
    with pytest.raises(ValueError, match="weights of it are not all finite"):
        from_sklearn(estimator)
    with pytest.raises(TypeError, match="precision must be a Precision"):
        from_sklearn(LinearRegression().fit(x, x[:, 0]), 8)


def test_without_scikit_learn():
    program = """if True:
        import sys
        sys.modules["sklearn"] = None
        import fxtypes_nn
        try:
            fxtypes_nn.from_sklearn(None)
        except ImportError as error:
            print(error)
    """
    run = [sys.executable, "-P", "-c", program]
    found = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert found == "scikit-learn is needed for from_sklearn: pip install 'fxtypes[sklearn]'\n"
