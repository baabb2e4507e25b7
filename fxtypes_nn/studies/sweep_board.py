"""How far a sweep is, and what is best so far: a live table in a terminal, elsewhere lines."""

from __future__ import annotations

import sys
from typing import Any

from ..extras import extra
from ..training.progress import is_terminal
from .compare import FIXED
from .paired import spread
from .sweep import Failure, Sweep
from .sweep_plan import Network
from .tasks import Result, Task

COLUMNS = ("network", "done", "float64", "best width", "knee")
_NOTHING = "-"


def best_so_far(sweep: Sweep, network: Network) -> tuple[str, ...]:
    """A row with `COLUMNS`, of what is trained by now."""
    plan = sweep.plan
    seeds = plan.seed_numbers()
    done = sum((network, seed) in sweep.floats for seed in seeds)
    done += sum((network, width, seed) in sweep.fixed for width in plan.widths for seed in seeds)
    floats = [sweep.floats[network, s].accuracy for s in seeds if (network, s) in sweep.floats]
    # Of pairs, since other seeds have other accuracies.
    lost = {w: lost for w in plan.widths if (lost := sweep.lost(network, w)) is not None}
    best = min(lost, key=lambda width: (lost[width], width), default=None)
    mean = None if best is None else spread([m.accuracy for m, _ in sweep.pairs(network, best)])[0]
    knee = sweep.knee(network)
    return (
        network.label,
        f"{done}/{len(seeds) * (len(plan.widths) + 1)}",
        f"{spread(floats)[0]:.2%}" if floats else _NOTHING,
        _NOTHING if best is None else f"{mean:.2%} at {best} bits",
        _NOTHING if knee is None else f"{knee} bits",
    )


class Board:
    """What is shown of a sweep on the standard error stream.

    Parameters
    ----------
    sweep : Sweep
    total : int
        How many trainings there are.

    Raises
    ------
    ImportError
        If rich is not installed.
    """

    def __init__(self, sweep: Sweep, total: int) -> None:
        extra("rich", "the progress")
        self._sweep, self._total = sweep, total
        self._done = 0
        self._live: Any = None
        self._broken = False
        if is_terminal(sys.stderr):
            console = _rich("console").Console(
                file=sys.stderr, force_terminal=True, force_jupyter=False
            )
            self._live = _rich("live").Live(
                console=console, auto_refresh=False, redirect_stderr=True, redirect_stdout=False
            )

    def __enter__(self) -> Board:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, task: Task, found: Result | Failure, known: bool) -> None:
        """A training more, of which the sweep was told already."""
        self._done += 1
        if self._broken:
            return
        try:
            if self._live is not None:
                self._live.update(self._table(), refresh=True)
            elif sys.stderr is not None and not known:
                print(self._line(task, found), file=sys.stderr, flush=True)
        except (OSError, ValueError):  # nobody reads any more
            self._broken = True

    def _line(self, task: Task, found: Result | Failure) -> str:
        settings = task.settings
        network = Network(settings.dataset, settings.hidden, settings.layers)
        numbers = f"{settings.width} bits" if task.numbers == FIXED else task.numbers
        figures = (
            f"failed: {found.text}"
            if isinstance(found, Failure)
            else f"test accuracy {found.accuracy:.2%}"
        )
        _, _, floats, best, knee = best_so_far(self._sweep, network)
        return (
            f"{self._done}/{self._total}: {network.label}, {numbers}, seed {settings.seed}: "
            f"{figures} (so far: float64 {floats}, best {best}, knee {knee})"
        )

    def _table(self) -> Any:
        text = _rich("text").Text
        bar = _rich("table").Table.grid(padding=(0, 1))
        share = self._done / self._total
        bar.add_row(
            text("trainings"),
            _rich("progress_bar").ProgressBar(total=1.0, completed=share, width=24),
            text(f"{self._done}/{self._total}"),
            text(f"{len(self._sweep.failures)} failed" if self._sweep.failures else ""),
        )
        table = _rich("table").Table(*COLUMNS, box=None, padding=(0, 2, 0, 0))
        for network in self._sweep.plan.networks:
            table.add_row(*map(text, best_so_far(self._sweep, network)))
        return _rich("console").Group(bar, table)


def _rich(part: str) -> Any:
    return extra(f"rich.{part}", "the progress")
