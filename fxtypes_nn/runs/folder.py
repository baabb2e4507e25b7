"""The folder that a training run leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import fxtypes as fx
from fxtypes.interop.atomic_write import atomic_write

from ..errors import RunFolderError
from ..held import held
from ..watch.history import History

CONFIG, MODEL, REPORT = "config.json", "model.npz", "report.html"
HISTORY_CSV, HISTORY_JSON = "history.csv", "history.json"
CHECKPOINTS = "checkpoints"
_FILES = (CONFIG, MODEL, REPORT, HISTORY_CSV, HISTORY_JSON)
_CHECKPOINT = re.compile(r"checkpoint-(\d+)\.npz")
_UNFINISHED = re.compile(r"\.fxtypes-[0-9a-f]{16}\.tmp")  # as `atomic_write` calls it


class RunFolder:
    """A run's folder; nothing is made or read before a method is called.

    Parameters
    ----------
    path : str

    Attributes
    ----------
    path : str
    checkpoints : str
        The folder of its checkpoints.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.checkpoints = self.file(CHECKPOINTS)
        self._made: list[str] = []  # folders, the innermost first
        self._found: set[str] | None = None  # what was there before; None: not looked yet
        self._held = contextlib.ExitStack()

    def file(self, name: str) -> str:
        """The path of a file in it."""
        return os.path.join(self.path, name)

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return os.path.isfile(self.file(name))

    def begin(self, goes_on: bool, names: Collection[str] = ()) -> None:
        """Make the folder where it is missing, and see that a run can be written into it.

        Until `end` no other process can begin there.

        Parameters
        ----------
        goes_on : bool
            Whether the run that is there goes on; else none must be there.
        names : collection of str
            Of files, beside its own, that would be written over.

        Raises
        ------
        RunFolderError
            If it can't be made or written, is in another process' hands, or holds a run that isn't
            to go on.
        """
        try:
            self._make(self.path)
            self._held.enter_context(held_folder(self.path))
            found = os.listdir(self.path)
            self._found = set(found)
            if goes_on:
                self._remove_unfinished(found)
            elif self.checkpoint_is_there() or any(self.has(name) for name in (*_FILES, *names)):
                raise self._taken()
        except RunFolderError:
            self.end()
            raise
        except OSError as error:
            self.end()
            self.discard()
            raise RunFolderError(
                f"the run folder {self.path} can't be written: {error.strerror or error}; "
                "choose another with --out"
            ) from None

    def end(self) -> None:
        """Let go of the folder."""
        self._held.close()

    def _make(self, path: str) -> None:
        missing = []
        while path and not os.path.lexists(path):
            missing.append(path)
            path = os.path.dirname(path.rstrip(os.sep))
        for folder in reversed(missing):
            os.mkdir(folder)
            self._made.insert(0, folder)
        os.listdir(self.path)  # which a file isn't

    def _taken(self) -> RunFolderError:
        return RunFolderError(
            f"the run folder {self.path} already holds a run; choose another with --out, or go "
            "on with it by --resume"
        )

    def _remove_unfinished(self, found: Collection[str]) -> None:
        for name in found:
            if _UNFINISHED.fullmatch(name):  # of a run that was killed
                with contextlib.suppress(OSError):
                    os.unlink(self.file(name))

    def last_checkpoint(self) -> int | None:
        """The iteration of the newest checkpoint; None without any."""
        numbers = []
        with contextlib.suppress(OSError):
            found = map(_CHECKPOINT.fullmatch, os.listdir(self.checkpoints))
            numbers = [int(match[1]) for match in found if match]
        return max(numbers, default=None)

    def checkpoint_is_there(self) -> bool:
        """Whether a checkpoint lies in it."""
        return self.last_checkpoint() is not None

    def discard(self) -> None:
        """Remove what a run that came to nothing has made: files, and folders that are empty."""
        folders = list(self._made)
        if self._found is not None:
            for name in {CONFIG, HISTORY_CSV} - self._found:
                with contextlib.suppress(OSError):
                    os.unlink(self.file(name))
            if CHECKPOINTS not in self._found:
                folders.insert(0, self.checkpoints)
        for folder in folders:
            with contextlib.suppress(OSError):
                os.rmdir(folder)

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Write the configuration; RunFolderError if it can't be written."""
        text = json.dumps(config, indent=2, ensure_ascii=False)
        with self.writing(CONFIG) as path, atomic_write(path, text=True) as file:
            file.write(f"{text}\n")

    def read_config(self) -> dict[str, Any]:
        """Read the configuration.

        Raises
        ------
        RunFolderError
            If there is no such folder or file, or it holds something else.
        """
        path = self.file(CONFIG)
        if not os.path.isdir(self.path):
            raise RunFolderError(f"there is no run folder {self.path}")
        try:
            with open(path, encoding="utf-8") as file:
                config = json.load(file)
        except FileNotFoundError:
            raise RunFolderError(f"{path} is missing: {self.path} is no run's folder") from None
        except (ValueError, RecursionError) as error:
            raise RunFolderError(f"{path} is damaged: {error}") from None
        except OSError as error:
            raise RunFolderError(f"{path} can't be read: {error.strerror or error}") from None
        if not isinstance(config, dict):
            raise RunFolderError(f"{path} is damaged: it holds no object")
        return config

    def read_history(self) -> tuple[History, str | None]:
        """The history, and what is wrong with the file that should have had it, if anything.

        Raises
        ------
        RunFolderError
            If neither of the files is there and whole.
        """
        wrong = []
        for name, read in ((HISTORY_JSON, History.from_json), (HISTORY_CSV, History.from_csv)):
            path = self.file(name)
            try:
                found = read(path)
            except FileNotFoundError:
                # While a run is under way only the other one is there.
                wrong.append(None if name == HISTORY_JSON else f"{path} is missing")
            except fx.FileError as error:
                wrong.append(str(error))
            except OSError as error:
                wrong.append(f"{path} can't be read: {error.strerror or error}")
            else:
                return found, next(filter(None, wrong), None)
        raise RunFolderError("; ".join(filter(None, wrong)))

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[str]:
        """The path of a file that the block writes; what fails becomes a RunFolderError."""
        path = self.file(name)
        try:
            yield path
        except OSError as error:
            raise RunFolderError(f"{path} can't be written: {error.strerror or error}") from None


def held_folder(path: str) -> contextlib.AbstractContextManager[None]:
    """Inside, a study's or a run's folder is held; RunFolderError if another process has it."""
    return held(
        path,
        RunFolderError(
            f"another process is at work in {path}; wait for its end, or choose another folder "
            "with --out"
        ),
    )


def make_folder(path: str) -> None:
    """Make a folder where it is missing; RunFolderError if it can't be."""
    try:
        os.makedirs(path or ".", exist_ok=True)
    except OSError as error:
        a_file = isinstance(error, FileExistsError)
        why = "it is no folder" if a_file else error.strerror or error
        raise RunFolderError(f"{path} can't be written: {why}") from None


def free_folder(stem: str) -> str:
    """The first of ``STEM-1``, ``STEM-2`` and so on that isn't there."""
    number = 1
    while os.path.lexists(f"{stem}-{number}"):
        number += 1
    return f"{stem}-{number}"


def shown(path: str) -> str:
    """A path as a shell takes it."""
    return shlex.quote(path)
