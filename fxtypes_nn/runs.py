"""The folder that a training run leaves behind."""

import json
import os

from fxtypes.interop.atomic_write import atomic_write

from .errors import RunFolderError
from .extras import extra
from .plots import training_png
from .watch.history import HistoryFile

CONFIG, HISTORY, MODEL, PLOT = "config.json", "history", "model.npz", "training.png"
CHECKPOINTS = "checkpoints"


class Run:
    """The folder of a training run; a callback of its `fit`, which keeps its history written.

    Parameters
    ----------
    path : str or None
        The folder, made with its parents where missing; None takes the first free one of
        ``runs/<default_name>-1``, ``-2`` and so on.
    default_name : str
        The stem of that name.
    config : dict
        The run's settings, as JSON can hold them; they are written at once.
    resume : bool
        Whether an interrupted run is to go on.

    Attributes
    ----------
    folder : str
    checkpoints : str
        The folder of its checkpoints.
    finished : float or None
        The test accuracy of a run that goes on and has all its epochs.

    Raises
    ------
    RunFolderError
        If the folder can't be made or written, already holds a run, or, to go on, holds none or
        another one; the message names what differs.
    ImportError
        If matplotlib is not installed.
    """

    def __init__(self, path, default_name, config, resume=False):
        extra("matplotlib.figure", "the plots")  # better missed now than after the training
        if path is None:
            path = _first_free(os.path.join("runs", default_name))
        self.folder, self.config, self.finished = path, config, None
        self.checkpoints = os.path.join(path, CHECKPOINTS)
        try:
            os.makedirs(path, exist_ok=True)
            found = os.listdir(path)
            if not resume and (CONFIG in found or MODEL in found):
                raise RunFolderError(
                    f"the run folder {path} already holds a run; choose another with --out, or go "
                    "on with it by --resume"
                )
            if resume and CONFIG in found:
                self._compare()
            if self.finished is None:
                self._write_config(config)
        except RunFolderError:
            raise
        except OSError as error:
            raise RunFolderError(
                f"the run folder {path} can't be written: {error.strerror or error}; "
                "choose another with --out"
            ) from None

    def on_fit_begin(self, trainer):
        """Begin to write the history."""
        self._file = HistoryFile(trainer.history, self._path(HISTORY + ".csv"))

    def on_iteration_end(self, trainer):
        """Write what is new of the history, once a second."""
        self._file.write()

    def finish(self, history, model, title, results):
        """Write what is left: results, the history as CSV and JSON, the model, the PNG."""
        self._file.close()
        history.to_json(self._path(HISTORY + ".json"))
        training_png(history, self._path(PLOT), title)
        model.save(self._path(MODEL))
        self._write_config(self.config | results)

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _write_config(self, config):
        with atomic_write(self._path(CONFIG), text=True) as file:
            json.dump(config, file, indent=2)
            file.write("\n")

    def _compare(self):
        """See that the run that is there is this one, and whether it is finished."""
        try:
            with open(self._path(CONFIG), encoding="utf-8") as file:
                there = json.load(file)
            changed = [
                f"{name} is {value} and was {there[name]}"
                for name, value in self.config.items()
                if name != "epochs" and there[name] != json.loads(json.dumps(value))
            ]
            if "test_accuracy" in there and there["epochs"] == self.config["epochs"]:
                self.finished = float(there["test_accuracy"])
        except (ValueError, KeyError, TypeError):
            raise RunFolderError(
                f"{self._path(CONFIG)} is no run's configuration; begin the run anew in another "
                "folder"
            ) from None
        if changed:
            raise RunFolderError(
                f"the run in {self.folder} is another one: {'; '.join(changed)}; go on with its "
                "own options, or choose another folder with --out"
            )


def _first_free(stem):
    number = 1
    while os.path.exists(f"{stem}-{number}"):
        number += 1
    return f"{stem}-{number}"
