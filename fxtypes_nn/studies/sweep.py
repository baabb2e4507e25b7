"""Networks at several widths, each beside its twin in float64, trained by workers."""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, Protocol

from ..errors import WorkerError
from ..runs.build import load_data, make_augmentation, make_network, make_optimizer
from ..runs.folder import shown
from .local_workers import Answer, Job
from .sweep_plan import Network, Plan, SweepFolder
from .tasks import ERROR, FLOAT, TWINS_WIDTH, UNFIT, Result, Task, digest


class Failure(NamedTuple):
    """A training that couldn't be done, and why."""

    text: str


class Workers(Protocol):
    """What does jobs: `LocalWorkers`, or a cluster."""

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Answer]]:
        """Do jobs; yield the number of each and its answer, as they are done."""

    def close(self) -> None:
        """End what is under way."""


def digests(plan: Plan) -> dict[str, str]:
    """By data set, its digest; all settings have been tried on it.

    Raises
    ------
    SettingError, DatasetError
        As their names say.
    """
    found: dict[str, str] = {}
    for network in plan.networks:
        for width in plan.widths or (TWINS_WIDTH,):
            settings = plan.settings(network, width)
            if width == (plan.widths or (TWINS_WIDTH,))[0]:
                data = load_data(settings)
                make_augmentation(settings, data)
                make_optimizer(settings, len(data.x_train))
                found.setdefault(network.dataset, digest(data))
            make_network(settings, data)
    return found


class Bench:
    """Has trainings done, and keeps what comes of them.

    Parameters
    ----------
    folder : SweepFolder
    workers : Workers
    """

    def __init__(self, folder: SweepFolder, workers: Workers) -> None:
        self.folder, self.workers = folder, workers

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Result | Failure, bool]]:
        """What comes of trainings, and whether it was known before, as they are done.

        Raises
        ------
        RunFolderError
            If a result can't be written.
        WorkerError
            If a worker can't be used, or the scheduler is gone.
        """
        left = []
        for task in tasks:
            known = self.folder.result(task)
            if known is None:
                left.append(task)
            else:
                yield task, known, True
        for place, answer in self.workers.run([task.job() for task in left]):
            if UNFIT in answer:
                raise WorkerError(f"a worker can't be used: {answer[UNFIT]}")
            if ERROR in answer:
                yield left[place], Failure(str(answer[ERROR])), False
            else:
                yield left[place], self.folder.keep(left[place], answer), False


@dataclasses.dataclass
class Sweep:
    """What is known of all trainings.

    Attributes
    ----------
    plan : Plan
    within : float
        Percentage points that the knee may lose.
    command : str
    fixed : dict
        Results by network, width and seed.
    floats : dict
        Results by network and seed.
    failures : list of (Task, str)
    trained : bool
        False where all was known before.
    """

    plan: Plan
    within: float
    command: str
    fixed: dict[tuple[Network, int, int], Result] = dataclasses.field(default_factory=dict)
    floats: dict[tuple[Network, int], Result] = dataclasses.field(default_factory=dict)
    failures: list[tuple[Task, str]] = dataclasses.field(default_factory=list)
    trained: bool = False

    def add(self, task: Task, found: Result | Failure, known: bool) -> None:
        """Note what came of a training, and whether it was known before."""
        self.trained |= not known
        settings = task.settings
        network = Network(settings.dataset, settings.hidden, settings.layers)
        if isinstance(found, Failure):
            self.failures.append((task, found.text))
        elif task.numbers == FLOAT:
            self.floats[network, settings.seed] = found
        else:
            self.fixed[network, settings.width, settings.seed] = found

    def pairs(self, network: Network, width: int) -> list[tuple[Result, Result]]:
        """Fixed point and float64 by seed, of the seeds that have both."""
        return [
            (self.fixed[network, width, seed], self.floats[network, seed])
            for seed in self.plan.seed_numbers()
            if (network, width, seed) in self.fixed and (network, seed) in self.floats
        ]

    def lost(self, network: Network, width: int) -> Fraction | None:
        """Points that a width loses against float64, the mean of pairs; None without any."""
        pairs = self.pairs(network, width)
        return lost_points(pairs) if pairs else None

    def is_whole(self, network: Network) -> bool:
        """Whether all its trainings are done."""
        return all(len(self.pairs(network, width)) == self.plan.seeds for width in self.plan.widths)

    def knee(self, network: Network) -> int | None:
        """The smallest width that keeps the accuracy, as all larger ones do; see `knee`."""
        losses = {width: self.lost(network, width) for width in self.plan.widths}
        return knee({w: lost for w, lost in losses.items() if lost is not None}, self.within)


def lost_points(pairs: Sequence[tuple[Result, Result]]) -> Fraction:
    """By how many points of accuracy the first of each pair is below the second, on average."""
    samples = len(pairs[0][0].right)
    fewer = sum(int(theirs.right.sum()) - int(mine.right.sum()) for mine, theirs in pairs)
    return Fraction(100 * fewer, samples * len(pairs))


def keeps(lost: Fraction, within: float) -> bool:
    """Whether a loss is within so many points, as they are written."""
    return lost <= Fraction(str(within))


def knee(losses: Mapping[int, Fraction], within: float) -> int | None:
    """The smallest width from which on no width loses more than so many points; None if none.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from fxtypes_nn.studies.sweep import knee
    >>> knee({8: Fraction(3), 12: Fraction(2, 5), 16: Fraction(0)}, 0.5)
    12
    """
    found = None
    for width in sorted(losses, reverse=True):
        if not keeps(losses[width], within):
            break
        found = width
    return found


def tasks_of(plan: Plan, data: Mapping[str, str]) -> list[Task]:
    """All trainings, seed by seed, twins first and then the longest."""
    found = []
    for seed in plan.seed_numbers():
        places = [(network, seed, data[network.dataset]) for network in plan.networks]
        found += [plan.twin(at) for at in places]
        for width in sorted(plan.widths, reverse=True):
            found += [plan.task(at, width) for at in places]
    return found


def sweep(
    folder: SweepFolder,
    sweep: Sweep,
    workers: Callable[[], Workers],
    own: Sequence[str],
    watch: Callable[[Task, Result | Failure, bool], None],
) -> None:
    """Train all that a sweep's plan asks for and isn't trained yet; the sweep is told of it.

    Parameters
    ----------
    folder : SweepFolder
    sweep : Sweep
    workers : callable
        Makes what does the trainings.
    own : sequence of str
        The program's and the command's name, and options that aren't the plan's.
    watch : callable
        Called with what came of each training, and whether it was known before.

    Raises
    ------
    RunFolderError
        If the folder can't be written.
    SettingError, DatasetError, WorkerError, ImportError
        As their names say.
    """
    data = digests(sweep.plan)
    with begun(folder, sweep.plan, own), contextlib.closing(workers()) as made:
        for task, found, known in Bench(folder, made).run(tasks_of(sweep.plan, data)):
            sweep.add(task, found, known)
            watch(task, found, known)


@contextlib.contextmanager
def begun(folder: SweepFolder, plan: Plan, own: Sequence[str]) -> Iterator[None]:
    """A block that trains in a folder that it has for itself.

    Its plan is written, and an exception has a note how to go on.
    """
    with folder.held():
        try:
            folder.write(plan)
            yield
        except BaseException as error:
            if folder.leave():
                error.add_note(f"{shlex.join(own)} --resume --out {shown(folder.path)} goes on")
            raise
