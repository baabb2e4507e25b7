"""The progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..extras import extra

if TYPE_CHECKING:
    from .trainer import Trainer

_WINDOW = 20  # iterations of whose measures means are shown


class Progress:
    """A progress bar on the standard error stream, with the means of the last iterations.

    Parameters
    ----------
    total, done : int
        Iterations of the whole run, and those before it goes on.
    shown : bool
        If not, nothing is.
    """

    def __init__(self, total: int, done: int, shown: bool) -> None:
        self._bar: Any = None
        if shown:
            self._bar = extra("tqdm", "the progress bar").tqdm(
                total=total, initial=done, unit="batch", dynamic_ncols=True
            )

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, trainer: Trainer, epoch: int) -> None:
        """One iteration more."""
        if self._bar is None:
            return
        history = trainer.history
        text = f"loss {history.mean_of_last('loss', _WINDOW):.4f}"
        accuracy = history.mean_of_last("accuracy", _WINDOW)
        if accuracy is not None:
            text += f", accuracy {accuracy:.1%}"
        self._bar.set_description(f"epoch {epoch}", refresh=False)
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.update()
