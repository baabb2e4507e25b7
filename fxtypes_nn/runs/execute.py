"""A training by settings, from the data to the run's folder with all that is in it."""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import fxtypes as fx

from ..datasets import Dataset
from ..errors import RunFolderError, warn
from ..model import Sequential, load_model
from ..training.trainer import Trainer
from ..watch.gradients import Gradients
from ..watch.history import History, HistoryFile
from ..watch.quantiles import Quantiles
from .build import load_data, make_augmentation, make_network, make_optimizer
from .config import make_config, settings_in, settings_to_go_on, versions
from .folder import CONFIG, HISTORY_CSV, HISTORY_JSON, MODEL, REPORT, RunFolder, shown
from .pages import (
    PagesError,
    check_that_pictures_can_be_made,
    draw,
    names_of_pictures,
    write_report,
)
from .record import Run, make_record
from .settings import Settings, resolve

_CROWDED = 0.5  # the share of weights at an end of their format from which on a warning is due
_BETWEEN = 1.0  # seconds between two writes of what a run that is under way leaves


class Teller(Protocol):
    """Whom a training tells what it does.

    Attributes
    ----------
    warned : list of str
        The warnings that were shown since the training began.
    """

    warned: list[str]

    def say(self, text: str) -> None:
        """A line or several for the user."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What came of a training.

    Attributes
    ----------
    config : mapping of str to object
        As ``config.json`` holds it, results included.
    trained : bool
        False where the run was finished already.
    problem : str or None
        What is wrong with its pictures or its report.
    """

    config: Mapping[str, Any]
    trained: bool
    problem: str | None = None


def train(
    given: Mapping[str, Any],
    folder: RunFolder,
    resume: bool,
    command: Callable[[Settings], Sequence[str]],
    teller: Teller,
) -> Result:
    """Train by settings and write a run's folder.

    Parameters
    ----------
    given : mapping of str to object
        The settings that are given, by name. What isn't follows `resolve`, and of a run that goes
        on is that run's.
    folder : RunFolder
    resume : bool
        Whether the run in the folder goes on.
    command : callable
        What makes the run again, given its settings.
    teller : Teller

    Raises
    ------
    SettingError
        If settings don't go together, or not with the data.
    RunFolderError
        If the folder can't be made or written, holds a run that isn't to go on, or to go on
        another one.
    DatasetError, CheckpointError, ImportError
        As their names say.

    Notes
    -----
    Any exception, KeyboardInterrupt too, has a note that says how to go on where that is possible;
    else nothing of the run is left.
    """
    check_that_pictures_can_be_made()
    before = _before(folder, teller) if resume else None
    if before is None:
        settings = resolve(given)
    else:
        settings = settings_to_go_on(given, before.settings, folder.path)
        if before.is_finished(settings):
            return Result(before.config, trained=False)
        if not folder.checkpoint_is_there():
            teller.say(f"there is no checkpoint in {folder.path}: the run begins anew")
    data = load_data(settings)
    work = _Work(settings, folder, data, make_network(settings, data), teller)
    try:
        return work.run(resume, command(settings), before)
    finally:
        folder.end()


@dataclasses.dataclass(frozen=True)
class _Before:
    """A run that was begun: its configuration."""

    settings: Settings
    config: Mapping[str, Any]
    folder: RunFolder

    def is_finished(self, settings: Settings) -> bool:
        epochs = self.config.get("epochs_trained")
        has_results = isinstance(self.config.get("test_accuracy"), float)
        is_trained = has_results and type(epochs) is int and epochs >= settings.epochs
        return is_trained and self._is_whole()

    def _is_whole(self) -> bool:
        """Whether what is written at the end is there and can be read."""
        file = self.folder.file
        try:
            load_model(file(MODEL))
            history, text = (
                History.from_json(file(HISTORY_JSON)),
                History.from_csv(file(HISTORY_CSV)),
            )
        except OSError:  # missing, most likely
            return False
        except fx.FileError as error:
            warn(f"{error}; it is to be written anew")
            return False
        if len(history) == len(text):
            return True
        # A table of text that is cut off reads as a shorter one.
        warn(
            f"{file(HISTORY_CSV)} has {len(text)} iterations and {file(HISTORY_JSON)} "
            f"{len(history)}; both are to be written anew"
        )
        return False


def command_of(config: Mapping[str, Any], before: Settings, settings: Settings) -> list[str] | None:
    """What makes the whole of a run that goes on: what began it, with more epochs.

    Parameters
    ----------
    config : mapping of str to object
        The run's configuration.
    before, settings : Settings
        Its own, and those with which it goes on.

    Returns
    -------
    list of str or None
        None if the configuration doesn't tell.
    """
    try:
        words = shlex.split(str(config["command"]))
    except (KeyError, ValueError):
        return None
    if settings.epochs != before.epochs:
        words += ["--epochs", str(settings.epochs)]
        if settings.schedule_epochs is not None:
            words += ["--schedule-epochs", str(settings.schedule_epochs)]
    return words


def _before(folder: RunFolder, teller: Teller) -> _Before | None:
    """The run that is there; None where there is none, or only checkpoints tell of it."""
    if not folder.has(CONFIG):
        if folder.checkpoint_is_there():
            warn(f"{folder.file(CONFIG)} is missing; it is written anew from the options")
        else:
            teller.say(f"there is no run in {folder.path} yet: it begins")
        return None
    try:
        config = folder.read_config()
        settings = settings_in(config, folder.file(CONFIG))
    except RunFolderError as error:
        if not folder.checkpoint_is_there():
            raise
        warn(f"{error}; it is written anew from the options")
        return None
    theirs = config.get("versions")
    theirs = theirs.get("fxtypes") if isinstance(theirs, Mapping) else None
    mine = versions()["fxtypes"]
    if theirs not in (None, mine):
        warn(f"the run was begun by fxtypes {theirs}, and this is {mine}: its bits may be others")
    return _Before(settings, config, folder)


class _Work:
    """A training under way; a callback of its `fit`, which keeps history and time written."""

    def __init__(
        self,
        settings: Settings,
        folder: RunFolder,
        data: Dataset,
        model: Sequential,
        teller: Teller,
    ) -> None:
        self.settings, self.folder, self.data = settings, folder, data
        self.model, self.teller = model, teller
        self.config: dict[str, Any] = {}
        self.accepted = False  # by its checkpoints, if there are any
        self.config_is_lost = False  # of the run that is there
        self.file: HistoryFile | None = None
        self._warned: list[str] = []  # before the run went on
        self._seconds = 0.0  # too
        self._began = self._wrote = time.monotonic()
        self._complained = False

    def run(self, resume: bool, command: Sequence[str], before: _Before | None) -> Result:
        settings, folder, data, model = self.settings, self.folder, self.data, self.model
        if before is not None:
            command = command_of(before.config, before.settings, settings) or command
            self._take_over(before.config)
        self.config = make_config(settings, model, data, command)
        optimizer = make_optimizer(settings, len(data.x_train))
        watching = [Quantiles(), *([Gradients()] if settings.watch_gradients else [])]
        augment = make_augmentation(settings, data)
        is_there = before is not None or folder.checkpoint_is_there()
        self.config_is_lost = is_there and before is None
        folder.begin(resume and is_there, names_of_pictures())
        try:
            if before is not None or not is_there:  # else whose the checkpoints are is to be seen
                folder.write_config(self.config)
            self._tell()
            self._check()
            self._began = time.monotonic()
            history = model.fit(
                data.x_train,
                data.y_train,
                epochs=settings.epochs,
                batch_size=settings.batch_size,
                optimizer=optimizer,
                validation=(data.x_test, data.y_test),
                callbacks=[*watching, self],  # whose row is written when it is whole
                checkpoint=folder.checkpoints,
                resume=resume,
                augment=augment,
                watch_every=settings.watch_every,
                validation_every=settings.validation_every,
            )
            self._finish(history)
        except BaseException as error:
            self._leave(error)
            raise
        return self._draw(history)

    def _check(self) -> None:
        """Warn of a schedule that ends early, and of formats in which no network can begin."""
        settings = self.settings
        if (settings.schedule_epochs or settings.epochs) < settings.epochs:
            warn(
                f"the schedule ends after {settings.schedule_epochs} of {settings.epochs} epochs; "
                f"from then on the learning rate is {settings.final_rate:g}"
            )
        for name, values in self.model.parameters().items():
            fmt, low, high = values.format, values.min(), values.max()
            if name.endswith(".bias"):  # which begin at 0
                continue
            if low == high == 0:
                warn(
                    f"all first values of {name} round to 0 in {fmt!r}, whose step is "
                    f"{float(fmt.resolution):.3g}: give it more fraction bits"
                )
            elif float(((values == fmt.min) | (values == fmt.max)).mean()) > _CROWDED:
                warn(
                    f"most first values of {name} are at an end of {fmt!r}, which goes from "
                    f"{float(fmt.min):.3g} to {float(fmt.max):.3g}: give it more integer bits"
                )

    def _tell(self) -> None:
        data, say = self.data, self.teller.say
        say(
            f"{self.settings.dataset}: {len(data.x_train):,} samples train, "
            f"{len(data.x_test):,} test"
        )
        say(self.model.summary())

    # While it trains

    def on_fit_begin(self, trainer: Trainer) -> None:
        """Begin to write: whatever checkpoints there are, they are this run's."""
        self.accepted = True
        self.folder.write_config(self.config | self._progress())
        with self.folder.writing(HISTORY_CSV) as path:
            self.file = HistoryFile(trainer.history, path)

    def on_iteration_end(self, trainer: Trainer) -> None:
        """Write what is new, once a second; a disk that is full for a while ends nothing."""
        try:
            if self.file is not None:
                with self.folder.writing(HISTORY_CSV):
                    self.file.write()
            if time.monotonic() - self._wrote >= _BETWEEN:
                self._write_progress()
        except RunFolderError as error:
            if not self._complained:
                self._complained = True
                warn(f"{error}; the training goes on, and it is tried again")

    def _write_progress(self) -> None:
        self._wrote = time.monotonic()
        self.folder.write_config(self.config | self._progress())

    def _progress(self) -> dict[str, Any]:
        training = self.model.training
        seconds = self._seconds + time.monotonic() - self._began
        epochs = training.iterations / self._batches() if training.iterations else 0
        return {
            "training_seconds": round(seconds, 3),
            "epoch_seconds": round(seconds / epochs, 3) if epochs else None,
            "epochs_trained": training.epochs,
            "iterations": training.iterations,
            "warnings": list(dict.fromkeys([*self._warned, *self.teller.warned])),
        }

    def _batches(self) -> int:
        samples = len(self.data.x_train)
        return -(-samples // min(self.settings.batch_size, samples))

    def _take_over(self, config: Mapping[str, Any]) -> None:
        """What a configuration knows of the part of the run that is trained."""
        seconds, warned = config.get("training_seconds"), config.get("warnings")
        self._seconds = float(seconds) if isinstance(seconds, int | float) else 0.0
        self._warned = list(map(str, warned)) if isinstance(warned, list) else []

    # At its end

    def _finish(self, history: History) -> None:
        """Write what the run is about: the model, the history, the configuration."""
        folder = self.folder
        progress = self._progress()
        with folder.writing(MODEL) as path:
            self.model.save(path)
        if self.file is not None:
            with folder.writing(HISTORY_CSV):
                self.file.close()
        with folder.writing(HISTORY_JSON) as path:
            history.to_json(path)
        self.config |= progress | {
            "test_accuracy": history.last("validation_accuracy"),
            "test_loss": history.last("validation_loss"),
        }
        folder.write_config(self.config)

    def _leave(self, error: BaseException) -> None:
        """Of a training that was broken off, say how it goes on, or leave nothing."""
        folder = self.folder
        if not folder.checkpoint_is_there():
            folder.discard()
            return
        if not self.accepted:  # the run that is there is another
            if self.config_is_lost:
                error.add_note("give the options that the run was begun with")
            return
        with contextlib.suppress(OSError, KeyboardInterrupt):  # the checkpoint holds it all
            self._write_progress()
            if self.file is not None:
                self.file.close()
        total = self.settings.epochs * self._batches()
        error.add_note(
            f"fxtypes-nn train --resume --out {shown(folder.path)} goes on after iteration "
            f"{folder.last_checkpoint()} of {total}"
        )

    def _draw(self, history: History) -> Result:
        folder, pages = self.folder, shown(self.folder.path)
        problems = []
        try:
            run = Run(self.settings, self.config, history, self.model, self.data)
            record = make_record(run)
            for make in (
                lambda: draw(record, folder.path),
                lambda: write_report(record, folder.file(REPORT)),
            ):
                try:
                    make()
                except (PagesError, OSError, ValueError, MemoryError) as error:
                    problems.append(str(error))
        except BaseException as error:
            error.add_note(
                f"the run in {folder.path} is whole, and fxtypes-nn plot {pages} and "
                f"fxtypes-nn report {pages} make its pages"
            )
            raise
        if not problems:
            return Result(self.config, trained=True)
        problem = (
            f"{'; '.join(problems)}; the run itself is whole, and fxtypes-nn plot {pages} and "
            f"fxtypes-nn report {pages} try it again"
        )
        return Result(self.config, trained=True, problem=problem)
