"""The exceptions of fxtypes_nn; a wrong argument is a plain ``ValueError`` or ``TypeError``."""

from fxtypes import FileError


class DatasetError(ValueError):
    """A data set that is unknown, not where it was looked for, or damaged."""


class ModelFileError(FileError):
    """A file that is not a saved model, or is truncated or altered."""


class RunFolderError(OSError):
    """A run's folder that can't be made or written, or already holds a run."""


class CheckpointError(OSError):
    """A checkpoint that can't be written, or a folder without a whole one."""
