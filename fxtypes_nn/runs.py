"""The folder that a training run leaves behind."""

import json
import os

from fxtypes.interop.atomic_write import atomic_write

from .errors import RunFolderError
from .extras import extra
from .plots import training_png

CONFIG, HISTORY, MODEL, PLOT = "config.json", "history", "model.npz", "training.png"


def create(path, default_name):
    """Make the folder of a new run, and see that it can be written.

    Parameters
    ----------
    path : str or None
        The folder, made with its parents where missing; None takes the first free one of
        ``runs/<default_name>-1``, ``-2`` and so on.
    default_name : str
        The stem of that name.

    Returns
    -------
    str
        The folder.

    Raises
    ------
    RunFolderError
        If the folder can't be made or written, or already holds a run.
    ImportError
        If matplotlib is not installed.
    """
    extra("matplotlib.figure", "the plots")  # better missed now than after the training
    if path is None:
        path = _first_free(os.path.join("runs", default_name))
    try:
        os.makedirs(path, exist_ok=True)
        found = os.listdir(path)
        with atomic_write(os.path.join(path, CONFIG + ".probe")) as file:
            file.write(b"writable")
        os.unlink(os.path.join(path, CONFIG + ".probe"))
    except OSError as error:
        raise RunFolderError(
            f"the run folder {path} can't be written: {error.strerror or error}; "
            "choose another with --out"
        ) from None
    if CONFIG in found or MODEL in found:
        raise RunFolderError(
            f"the run folder {path} already holds a run; choose another with --out"
        )
    return path


def write(folder, config, history, model, title):
    """Write a finished run: its settings, the history as CSV and JSON, the model, the PNG."""
    history.to_csv(os.path.join(folder, HISTORY + ".csv"))
    history.to_json(os.path.join(folder, HISTORY + ".json"))
    training_png(history, os.path.join(folder, PLOT), title)
    with atomic_write(os.path.join(folder, CONFIG), text=True) as file:
        json.dump(config, file, indent=2)
        file.write("\n")
    model.save(os.path.join(folder, MODEL))


def _first_free(stem):
    number = 1
    while os.path.exists(f"{stem}-{number}"):
        number += 1
    return f"{stem}-{number}"
