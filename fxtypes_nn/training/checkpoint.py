"""Checkpoints: a training run's whole state in a folder, so that it can go on."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import fxtypes as fx
from fxtypes.interop.archive import read_archive, write_archive

from ..errors import CheckpointError, reason, warn
from ..held import held
from ..watch.history import History
from .state import TrainingState
from .stored_state import stored, training_from

_KIND, _VERSION = "fxtypes_nn checkpoint", 1
_NAME = re.compile(r"checkpoint-(\d+)\.npz")
_UNFINISHED = re.compile(r"\.fxtypes-[0-9a-f]{16}\.tmp")  # as `atomic_write` calls it
_KEPT = 2
_SECONDS = 30
_WORD = fx.Format(64, 0)
_PARAMETER, _HISTORY, _STATE = "parameter.", "history.", "state."


class Run(NamedTuple):
    """A training run at one iteration.

    Attributes
    ----------
    settings : dict
        What a run that goes on has to have alike, as JSON can hold it.
    progress : dict
        Where it stands: counts that JSON can hold.
    parameters : dict of str to FixedArray
    training : TrainingState
    history : History
        The run's own rows.
    """

    settings: dict[str, Any]
    progress: dict[str, Any]
    parameters: dict[str, fx.FixedArray]
    training: TrainingState
    history: History


class CheckpointFolder:
    """A folder of checkpoints, of which the last two are kept; no other fit's until `close`.

    Parameters
    ----------
    path : str or os.PathLike
        Made where it is missing.

    Raises
    ------
    CheckpointError
        If it can't be made or read, or another fit is at work in it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._written = time.monotonic()
        self._held = contextlib.ExitStack()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._held.enter_context(held(self.path, self._taken()))
            for path in self.path.iterdir():
                if _UNFINISHED.fullmatch(path.name):  # of a run that was killed
                    path.unlink(missing_ok=True)
        except CheckpointError:
            raise
        except OSError as error:
            self.close()
            raise CheckpointError(
                f"the folder of checkpoints {self.path} can't be used: {error.strerror or error}; "
                "choose another"
            ) from None

    def close(self) -> None:
        """Let go of the folder."""
        self._held.close()

    def _taken(self) -> CheckpointError:
        return CheckpointError(
            f"another fit is at work in the folder of checkpoints {self.path}; wait for its end, "
            "or choose another"
        )

    def files(self) -> list[Path]:
        """The checkpoints, the newest first."""
        found = [(_NAME.fullmatch(path.name), path) for path in self.path.iterdir()]
        numbered = [(int(match[1]), path) for match, path in found if match]
        return [path for _, path in sorted(numbered, reverse=True)]

    def is_due(self) -> bool:
        """Whether the last one was written long ago."""
        return time.monotonic() - self._written >= _SECONDS

    def write(self, run: Run) -> None:
        """Write a checkpoint, whole or not at all, and remove all but the last two.

        Raises
        ------
        CheckpointError
            If it can't be written.
        """
        header: dict[str, Any] = {"settings": run.settings, "progress": run.progress}
        header["training"], arrays = stored(run.training)
        arrays |= {f"{_PARAMETER}{name}": values for name, values in run.parameters.items()}
        history = run.history.to_arrays()
        header["columns"] = history.pop("columns").tolist()
        header["history"] = {name: part.dtype.str for name, part in history.items()}
        arrays |= {f"{_HISTORY}{name}": _as_words(part) for name, part in history.items()}
        path = self.path / f"checkpoint-{run.training.iterations}.npz"
        try:
            write_archive(path, _KIND, _VERSION, header, arrays)
        except OSError as error:
            then = "make room, and the run can go on from the one before"
            if not self.files():
                then = "make room"
            raise CheckpointError(
                f"the checkpoint {path} can't be written: {error.strerror or error}; {then}"
            ) from None
        self._written = time.monotonic()
        with contextlib.suppress(OSError):
            for old in self.files()[_KEPT:]:
                old.unlink()

    def read(self) -> Run | None:
        """The newest whole checkpoint; None where there is none at all.

        Warns
        -----
        UserWarning
            If a newer one is damaged.

        Raises
        ------
        CheckpointError
            If all are damaged.
        """
        damaged = []
        for path in self.files():
            try:
                run = _read(path)
            except (ValueError, TypeError, KeyError, OverflowError, OSError) as error:
                damaged.append(f"{path} is damaged: {reason(error)}")
                continue
            for message in damaged:
                warn(f"{message}; the run goes on from {path.name}")
            return run
        if damaged:
            raise CheckpointError(f"{damaged[0]}; no other is whole: begin the run anew elsewhere")
        return None


def _read(path: Path) -> Run:
    header, arrays = read_archive(path, _KIND, _VERSION)
    parts: dict[str, dict[str, Any]] = {_PARAMETER: {}, _HISTORY: {}, _STATE: {}}
    for name, values in arrays.items():
        prefix = next(prefix for prefix in parts if name.startswith(prefix))
        parts[prefix][name if prefix == _STATE else name.removeprefix(prefix)] = values
    history = {
        name: _from_words(parts[_HISTORY][name], dtype) for name, dtype in header["history"].items()
    }
    history["columns"] = np.array(header["columns"], str)
    return Run(
        header["settings"],
        header["progress"],
        parts[_PARAMETER],
        training_from(header["training"], parts[_STATE]),
        History.from_arrays(history),
    )


def differences(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """What is not alike in two runs' settings, each as a clause."""
    return [
        f"{name} is {mine.get(name)} and was {theirs.get(name)}"
        for name in {**mine, **theirs}
        if mine.get(name) != theirs.get(name)
    ]


def _as_words(column: npt.NDArray[Any]) -> fx.FixedArray:
    """The bits of a column, as the archive keeps them."""
    wide = column.astype(np.int64) if column.dtype.itemsize < 8 else column
    return fx.FixedArray.from_raw(wide.view(np.int64), _WORD)


def _from_words(words: fx.FixedArray, dtype: str) -> npt.NDArray[Any]:
    raw, kind = words.raw, np.dtype(dtype)
    if kind.kind not in "iufb":
        raise ValueError(f"a column of {dtype!r}")
    return raw.view(kind) if kind.itemsize == 8 else raw.astype(kind)
