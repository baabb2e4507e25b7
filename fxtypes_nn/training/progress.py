"""How far a training is: a bar in a terminal, elsewhere a line an epoch."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..extras import extra

if TYPE_CHECKING:
    from ..watch.history import History
    from .trainer import Trainer

_WINDOW = 20  # iterations of whose measures means are shown
_REDRAWN = 0.1  # seconds between two looks of the bar
_SILENT = 60.0  # seconds after which an epoch that lasts gets a line within


class Progress:
    """What is shown of a training on the standard error stream.

    In a terminal it is a bar, and what is written to the stream meanwhile, a warning for one,
    stands above it. Elsewhere it is a line at the end of each epoch, and one a minute within.
    A stream that can't be written any more ends what is shown, not the training.

    Parameters
    ----------
    epochs : int
        Of the whole run.
    samples : int
        Of an epoch.
    done : int
        Samples of the whole run that were trained on before it goes on.
    shown : bool
        If not, nothing is.

    Raises
    ------
    ImportError
        If rich is not installed and something is to be shown.
    """

    def __init__(self, epochs: int, samples: int, done: int, shown: bool) -> None:
        self._epochs, self._samples = epochs, samples
        self._first = self._done = done
        self._view: _Bar | _Lines | None = None
        if shown:
            extra("rich", "the progress bar")  # in lines too: the same call works everywhere
            self._view = _Bar() if is_terminal(sys.stderr) else _Lines()
        self._began = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._try("close")

    def update(self, trainer: Trainer, samples: int) -> None:
        """An iteration more, with so many samples."""
        self._done += samples
        ends = self._done % self._samples == 0
        if self._view is not None and self._view.is_due(ends):
            self._try("show", self._state(trainer))

    def _try(self, what: str, *arguments: Any) -> None:
        if self._view is not None:
            try:
                getattr(self._view, what)(*arguments)
            except (OSError, ValueError):  # nobody reads any more, or the stream was closed
                self._view = None

    def _state(self, trainer: Trainer) -> _State:
        taken = max(time.monotonic() - self._began, 1e-9)
        rate = (self._done - self._first) / taken
        total = self._epochs * self._samples
        return _State(
            f"epoch {-(-self._done // self._samples)}/{self._epochs}",
            self._done / total,
            list(figures(trainer.history)),
            f"{rate:,.0f} samples/s",
            f"{_clock((total - self._done) / rate)} left",
        )


class _State:
    """What is shown of one moment."""

    def __init__(
        self, epoch: str, share: float, measures: list[str], speed: str, left: str
    ) -> None:
        self.epoch, self.share, self.measures = epoch, share, measures
        self.speed, self.left = speed, left


class _Lines:
    """For logs, pipes, notebooks and terminals that can't go back to a line."""

    def __init__(self) -> None:
        self._stream, self._last = sys.stderr, time.monotonic()

    def is_due(self, ends: bool) -> bool:
        return ends or time.monotonic() - self._last >= _SILENT

    def show(self, state: _State) -> None:
        self._last = time.monotonic()
        if self._stream is not None:  # as it is in a process without one
            parts = [*state.measures, state.speed, state.left]
            print(f"{state.epoch}: {', '.join(parts)}", file=self._stream, flush=True)

    def close(self) -> None:
        pass


class _Bar:
    """For terminals: a line with the bar, and one with the figures below."""

    def __init__(self) -> None:
        # Colours and width are rich's to find out; that this is a terminal we know.
        console = _rich("console").Console(
            file=sys.stderr, force_terminal=True, force_jupyter=False
        )
        self._live = _rich("live").Live(
            console=console,
            auto_refresh=False,
            redirect_stderr=True,
            redirect_stdout=is_terminal(sys.stdout),
        )
        self._next = 0.0

    def is_due(self, ends: bool) -> bool:
        return ends or time.monotonic() >= self._next

    def show(self, state: _State) -> None:
        text = _rich("text").Text
        table = _rich("table").Table.grid(padding=(0, 1))
        table.add_row(
            text(state.epoch),
            _rich("progress_bar").ProgressBar(total=1.0, completed=state.share, width=24),
            text(f"{state.share:4.0%}"),
            text(f"{state.speed}, {state.left}", no_wrap=True, overflow="ellipsis"),
        )
        line = text(", ".join(state.measures), no_wrap=True, overflow="ellipsis")
        if not self._live.is_started:
            self._live.start()
        self._live.update(_rich("console").Group(table, line), refresh=True)
        self._next = time.monotonic() + _REDRAWN

    def close(self) -> None:
        if self._live.is_started:
            self._live.stop()


def _rich(part: str) -> Any:
    return extra(f"rich.{part}", "the progress bar")


def figures(history: History) -> Iterator[str]:
    """The means of the last iterations, the last validation's, and the weights' range, as text."""
    yield f"loss {shown_loss(history.mean_of_last('loss', _WINDOW))}"
    accuracy = history.mean_of_last("accuracy", _WINDOW)
    if accuracy is not None:
        yield f"accuracy {accuracy:.2%}"
    held = history.last("validation_accuracy")
    if held is not None:
        yield f"validation {held:.2%}"
    ends = weights_range(history)
    if ends is not None:
        yield f"weights {ends[0]:.3g} to {ends[1]:.3g}"


def weights_range(history: History) -> tuple[float, float] | None:
    """The lowest and the highest of all weights as they were last recorded; None before that."""
    low, high = [], []
    for name in history.parameters:
        if not name.endswith(".bias") and history.last(f"{name}.min") is not None:
            low.append(history.last(f"{name}.min"))
            high.append(history.last(f"{name}.max"))
    return (min(low), max(high)) if low else None


def shown_loss(loss: float | None) -> str:
    """A loss as text: four decimals, or three digits where these would hide or flood it.

    Examples
    --------
    >>> from fxtypes_nn.training.progress import shown_loss
    >>> [shown_loss(loss) for loss in (2.30259, 0.0, 3e-7, 4.2e60)]
    ['2.3026', '0.0000', '3e-07', '4.2e+60']
    """
    if loss is None:
        return "unknown"
    hidden = 0 < abs(loss) < 0.001
    return f"{loss:.3g}" if hidden or abs(loss) >= 1e5 else f"{loss:.4f}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def is_terminal(stream: Any) -> bool:
    """Whether lines that were written can be written over."""
    if stream is None or os.environ.get("TERM") in ("dumb", "unknown"):
        return False
    with contextlib.suppress(AttributeError, OSError, ValueError):
        return bool(stream.isatty())
    return False
