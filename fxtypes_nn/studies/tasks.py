"""A training as plain data: what is to be trained, anywhere, and what came of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import threading
import time
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import fxtypes as fx

from ..datasets import Dataset
from ..errors import DatasetError
from ..model import Sequential
from ..precision import Precision
from ..runs.build import load_data, make_augmentation, make_network, make_optimizer
from ..runs.config import settings_in
from ..runs.settings import Settings
from .compare import FIXED, Outcome
from .floats import FloatNetwork, FloatOptions

if TYPE_CHECKING:
    import numpy.typing as npt

FLOAT = "float64"
TWINS_WIDTH = 128  # of the network whose first weights a twin takes: hardly rounded
ERROR, UNFIT = "error", "unfit"
# Warnings are a process' own: of two trainings at once each would get the other's.
_alone = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Task:
    """One training.

    Attributes
    ----------
    numbers : {"fixed", "float64"}
    settings : Settings
    data : str
        The data's `digest`, which a worker's data must have.
    layers : mapping of str to Precision
        By layer, what stands in the place of the settings' formats.
    """

    numbers: str
    settings: Settings
    data: str
    layers: Mapping[str, Precision] = dataclasses.field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """All that the result's bits follow from, as JSON can hold it."""
        found = {
            "numbers": self.numbers,
            "settings": self.settings.stored() | {"data_dir": None},
            "data": self.data,
            "version": fx.__version__,
        }
        if self.layers:
            found["layers"] = {name: each.to_dict() for name, each in self.layers.items()}
        return found

    def job(self) -> dict[str, Any]:
        """What `perform` takes: the description, and where the data lie."""
        settings, places = self.settings, {}
        for name in ("dataset", "data_dir"):
            path = getattr(settings, name)
            if path is not None and os.path.exists(path):
                places[name] = os.path.abspath(path)
        return {"task": self.described(), "places": places}

    def name(self) -> str:
        """A file's name, of what a reader looks for and of a digest of all else."""
        settings = self.settings
        text = json.dumps(self.described(), sort_keys=True)
        parts = [
            name_of(settings.dataset),
            settings.hidden,
            "x".join(map(str, settings.layers)),
            f"{settings.width}bits" if self.numbers == FIXED else self.numbers,
            f"seed{settings.seed}",
        ]
        return f"{'-'.join(parts)}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


@dataclasses.dataclass(frozen=True)
class Result:
    """What came of a training.

    Attributes
    ----------
    accuracy, loss : float
        Of the test part.
    right : ndarray of bool
        Which test samples were recognised.
    weights : (float, float)
        The least and the largest over all watched iterations; NaN where there is none.
    digest : str
        Of the trained parameters' bits.
    warnings : list of str
    """

    accuracy: float
    loss: float
    right: npt.NDArray[np.bool_]
    weights: tuple[float, float]
    digest: str
    warnings: list[str]

    def stored(self) -> dict[str, Any]:
        """As JSON can hold it, bit for bit."""
        return {
            "test_accuracy": self.accuracy,
            "test_loss": _or_none(self.loss),
            "samples": len(self.right),
            "right": np.packbits(self.right).tobytes().hex(),
            "weights": [_or_none(end) for end in self.weights],
            "digest": self.digest,
            "warnings": self.warnings,
        }

    @classmethod
    def from_stored(cls, found: Any) -> Result:
        """The result that `stored` wrote.

        Raises
        ------
        ValueError
            If it is anything else.
        """
        try:
            packed = np.frombuffer(bytes.fromhex(found["right"]), np.uint8)
            right = np.unpackbits(packed, count=found["samples"]).astype(bool)
            low, high = map(_or_nan, found["weights"])
            result = cls(
                float(found["test_accuracy"]),
                _or_nan(found["test_loss"]),
                right,
                (low, high),
                str(found["digest"]),
                [str(text) for text in found["warnings"]],
            )
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"it is no result: {error!r}") from None
        if not len(right) or not math.isclose(result.accuracy, right.mean(), abs_tol=1e-9):
            raise ValueError("it is no result: its accuracy isn't that of its samples")
        return result


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)


def name_of(dataset: str) -> str:
    """What a data set is called: of a path its last part, without endings."""
    return os.path.basename(os.path.normpath(dataset)).split(".")[0] or dataset


def digest(data: Dataset) -> str:
    """Of the data's own values, labels and classes: the same data have the same anywhere."""
    found = hashlib.sha256(json.dumps(list(data.classes)).encode())
    for array in (data.x_train, data.y_train, data.x_test, data.y_test):
        values = np.ascontiguousarray(getattr(array, "stored", array))
        found.update(f"{values.dtype.str}{values.shape}".encode())
        found.update(values.data)
    return found.hexdigest()


def perform(job: Mapping[str, Any]) -> dict[str, Any]:
    """Do a training, in whatever process this is.

    Parameters
    ----------
    job : mapping
        As `Task.job` makes it.

    Returns
    -------
    dict
        A result as `Result.stored` writes it; or ``{"error": text}`` of a training that can't be
        done, or ``{"unfit": text}`` where this process can do none. No exception leaves it.
    """
    task = job["task"]
    if task["version"] != fx.__version__:
        return {UNFIT: f"it has fxtypes {fx.__version__} and not {task['version']}"}
    try:
        with _alone, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = _train(task, job["places"])
        texts = list(dict.fromkeys(" ".join(str(each.message).split()) for each in caught))
        return found | {"warnings": texts}
    except MemoryError:
        return {ERROR: "out of memory"}
    except Exception as error:  # whatever it is, the other trainings go on
        return {ERROR: " ".join(f"{error}".split()) or type(error).__name__}


def _train(task: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    # A configuration's layers are with inputs and outputs, a task's without.
    stored = task["settings"] | places
    settings = settings_in(stored | {"layers": [0, *stored["layers"], 0]}, "the task")
    data = load_data(settings)
    if digest(data) != task["data"]:
        raise DatasetError(f"{settings.dataset} holds other data than where the sweep was begun")
    named = {name: Precision.from_dict(each) for name, each in task.get("layers", {}).items()}
    precision = settings.formats().replace(layers=named)
    model = make_network(settings, data, precision)
    began = time.monotonic()
    trained = _fixed if task["numbers"] == FIXED else _float
    outcome, parameters = trained(settings, data, model)
    right = np.asarray(outcome.predicted == data.y_test)
    result = Result(
        outcome.accuracy, outcome.loss, right, outcome.weights, _digest_of(parameters), []
    )
    return result.stored() | {"seconds": round(time.monotonic() - began, 3)}


def _fixed(
    settings: Settings, data: Dataset, model: Sequential
) -> tuple[Outcome, dict[str, npt.NDArray[Any]]]:
    history = model.fit(
        data.x_train,
        data.y_train,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        optimizer=make_optimizer(settings, len(data.x_train)),
        augment=make_augmentation(settings, data),
        watch_every=settings.watch_every,
        progress=False,
    )
    found = model.evaluate(data.x_test, data.y_test)
    predicted = np.asarray(model.predict(data.x_test))
    outcome = Outcome(found["accuracy"], found["loss"], None, None, history, predicted)
    return outcome, {name: values.words for name, values in model.parameters().items()}


def _float(
    settings: Settings, data: Dataset, model: Sequential
) -> tuple[Outcome, dict[str, npt.NDArray[Any]]]:
    twin = FloatNetwork(model)
    options = FloatOptions(
        settings.epochs,
        settings.batch_size,
        make_optimizer(settings, len(data.x_train)),
        make_augmentation(settings, data),
        settings.watch_every,
    )
    history = twin.fit(data.x_train, data.y_train, options)
    loss, accuracy = twin.evaluate(data.x_test, data.y_test)
    predicted = twin.predict(data.x_test)
    return Outcome(accuracy, loss, None, None, history, predicted), dict(twin.parameters)


def _digest_of(parameters: Mapping[str, npt.NDArray[Any]]) -> str:
    found = hashlib.sha256()
    for name, values in parameters.items():
        values = np.ascontiguousarray(values)
        found.update(f"{name}{values.dtype.str}{values.shape}".encode())
        found.update(values.data)
    return found.hexdigest()
