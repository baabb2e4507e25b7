"""Exceptions and warnings; a wrong argument is a plain ``ValueError`` or ``TypeError``."""

import sys
import warnings

from fxtypes import FileError

_PACKAGE = __name__.partition(".")[0]


class DatasetError(ValueError):
    """A data set that is unknown, not where it was looked for, or damaged."""


class ModelFileError(FileError):
    """A file that is not a saved model, or is truncated or altered."""


class SettingError(ValueError):
    """A training's setting that isn't one, is out of its range, or doesn't go with another."""


class RunFolderError(OSError):
    """A run's folder that can't be made or written, or already holds a run."""


class WorkerError(RuntimeError):
    """Workers that can't be used, or a scheduler that isn't there or is gone."""


class ExportError(ValueError):
    """A network, or a part of one, that an export's target can't compute bit for bit."""


class CheckpointError(OSError):
    """A checkpoint that can't be written, or a folder without a whole one."""


class TrainingWarning(UserWarning):
    """A training goes wrong; the message says what to change."""


def reason(error: BaseException) -> str:
    """What went wrong, in a line; of the system's own errors without the file and the number."""
    strerror = error.strerror if isinstance(error, OSError) else None
    return " ".join((strerror or str(error) or type(error).__name__).split())


def said(error: object) -> str:
    """An exception's message; of the system's own errors which file it is about, and why."""
    if isinstance(error, OSError) and error.strerror and isinstance(error.filename, str):
        return f"{error.filename}: {error.strerror}"
    return str(error)


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn, and show the line outside of this package that led here."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals["__name__"].partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
