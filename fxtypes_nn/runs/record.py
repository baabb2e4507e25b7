"""From a run to the `Record` that its pictures and its report are made of."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import datasets
from ..datasets import Dataset, LazyArray
from ..errors import RunFolderError, said
from ..model import Sequential, load_model
from ..watch.history import History
from ..watch.record import Record
from .build import load_data
from .config import formats_in, formats_of, settings_in
from .folder import CONFIG, MODEL, RunFolder
from .settings import FIELDS, Settings, key_of


@dataclass(frozen=True)
class Run:
    """What is there of a run.

    Attributes
    ----------
    settings : Settings
    config : mapping of str to object
        As ``config.json`` holds it.
    history : History
    model : Sequential or None
        None where it isn't trained to the end.
    data : Dataset or None
        None where it isn't found.
    """

    settings: Settings
    config: Mapping[str, Any]
    history: History
    model: Sequential | None
    data: Dataset | None


def read_run(path: str, lacks: Callable[[str], object]) -> Run:
    """What a run's folder holds, and its data set where that is found.

    Parameters
    ----------
    path : str
    lacks : callable
        Told in a line what isn't there, and what is left out for it.

    Raises
    ------
    RunFolderError
        If there is no run, or its configuration or its history can't be read.
    """
    folder = RunFolder(path)
    config = folder.read_config()
    settings = settings_in(config, folder.file(CONFIG))
    history, wrong = folder.read_history()
    if wrong is not None:
        lacks(f"{wrong}; the other file of the history is taken")
    model = _model(folder, config, lacks)
    data = None
    if model is not None:
        try:
            data = _data(settings, config, model)
        except (ValueError, OSError) as error:
            lacks(f"{said(error)}; what shows the test part is left out")
    return Run(settings, config, history, model, data)


def _data(settings: Settings, config: Mapping[str, Any], model: Sequential) -> Dataset:
    """A run's data set; DatasetError if it isn't there, or is another one by now."""
    _check_that_data_are_there(settings)
    data = load_data(settings)
    samples = {"train": len(data.x_train), "test": len(data.x_test)}
    fits = (data.x_test.shape[1:], (len(data.classes),)) == (model.input_shape, model.output_shape)
    if not fits or config.get("samples", samples) != samples:
        raise datasets.DatasetError(
            f"{settings.dataset} isn't the data set any more that the run was trained on"
        )
    return data


def _check_that_data_are_there(settings: Settings) -> None:
    """DatasetError if they would have to be downloaded, which pictures aren't worth."""
    if settings.dataset in datasets.names():
        found = {each.name: each for each in datasets.available(settings.data_dir)}
        if found[settings.dataset].folder is None:
            raise datasets.DatasetError(
                f"{settings.dataset} is not found: {found[settings.dataset].advice}"
            )


def _model(
    folder: RunFolder, config: Mapping[str, Any], lacks: Callable[[str], object]
) -> Sequential | None:
    path = folder.file(MODEL)
    try:
        model = load_model(path)
        epochs = config.get("epochs_trained", model.epochs_trained)
        if epochs == model.epochs_trained:
            return model
        lacks(
            f"{path} has {model.epochs_trained} epochs behind it, and the run {epochs}; what shows "
            "the trained model is left out"
        )
    except FileNotFoundError:
        lacks(f"{path} is missing; what shows the trained model is left out")
    except (ValueError, OSError) as error:  # damaged, of a newer version, not to be read
        lacks(f"{said(error)}; what shows the trained model is left out")
    return None


def make_record(run: Run, siblings: Iterable[History] = ()) -> Record:
    """The record of a run, and of others of its settings with other seeds.

    Raises
    ------
    RunFolderError
        If its configuration has formats that are none.
    """
    labels = predicted = np.empty(0, np.int64)
    images = shape = None
    if run.model is not None and run.data is not None:
        labels = run.data.y_test
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of samples beyond the range: the training has said it
            predicted = run.model.predict(run.data.x_test)
        shape = run.data.image_shape
        if shape is not None and isinstance(run.data.x_test, LazyArray):
            images = run.data.x_test.stored
    try:
        formats = formats_in(run.config) if run.model is None else formats_of(run.model)
    except ValueError as error:
        raise RunFolderError(f"the run's {CONFIG} is damaged: {error}") from None
    return Record(
        title_of(run.settings, run.config),
        run.config,
        run.history,
        {} if run.model is None else run.model.parameters(),
        formats,
        _texts(run.config.get("classes")),
        labels,
        predicted,
        images,
        shape,
        tuple(siblings),
        summary="" if run.model is None else run.model.summary(),
        warnings=_texts(run.config.get("warnings")),
        command=str(run.config.get("command", "")),
    )


def siblings_of(run: Run, paths: Iterable[str], lacks: Callable[[str], object]) -> list[History]:
    """The histories of other runs, which differ from one in their seed only.

    Raises
    ------
    RunFolderError
        If one can't be read, is of other settings, or of a seed that is there already.
    """
    found = []
    seeds = {run.settings.seed}
    for path in paths:
        folder = RunFolder(path)
        theirs = settings_in(folder.read_config(), folder.file(CONFIG))
        changed = [
            name
            for name in (*(field.name for field in FIELDS), "precision")
            if name not in ("seed", "data_dir")
            and getattr(theirs, name) != getattr(run.settings, name)
        ]
        if changed:
            raise RunFolderError(
                f"the run in {path} has another {key_of(changed[0])}, not only another seed: it "
                "makes no band with the first one"
            )
        if theirs.seed in seeds:  # the same bits twice would show a band too narrow
            raise RunFolderError(
                f"the run in {path} has the seed {theirs.seed}, as one before it: "
                "give each seed once"
            )
        seeds.add(theirs.seed)
        history, wrong = folder.read_history()
        if wrong is not None:
            lacks(f"{wrong}; the other file of the history is taken")
        found.append(history)
    return found


def title_of(settings: Settings, config: Mapping[str, Any]) -> str:
    """A line that says what was trained, and how well."""
    name = settings.dataset
    if os.path.exists(name):
        name = os.path.basename(os.path.normpath(name))
    sizes = "-".join(map(str, config.get("layers", settings.layers)))
    title = f"{name}, {sizes} {settings.hidden}, {settings.width} bits"
    accuracy = config.get("test_accuracy")
    return f"{title}: test accuracy {accuracy:.2%}" if isinstance(accuracy, float) else title


def _texts(found: Any) -> Sequence[str]:
    return [str(text) for text in found] if isinstance(found, list) else []
