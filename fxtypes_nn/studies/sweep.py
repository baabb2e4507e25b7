"""Networks at several widths, each beside its twin in float64, in a folder that goes on."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from fxtypes import Format
from fxtypes import __version__ as VERSION

from ..errors import RunFolderError, SettingError, WorkerError, warn
from ..precision import PRESET_WIDTHS, Precision
from ..runs.build import load_data, make_augmentation, make_network, make_optimizer
from ..runs.config import settings_to_go_on
from ..runs.execute import Teller
from ..runs.folder import RunFolder, shown
from ..runs.formats import read_formats
from ..runs.readers import Wrong
from ..runs.settings import FIELDS, Settings, key_of, resolve
from .compare import FIXED, write_text
from .local_workers import Answer, Job
from .tasks import ERROR, FLOAT, TWINS_WIDTH, UNFIT, Result, Task, digest, name_of

STATE, RESULTS = "sweep.json", "results"
PAGES = ("sweep.md", "sweep.csv", "sweep.html", "find-width.md", "find-width.csv")
WIDTHS = (8, 12, 16, 24, 32, 64, 128)
_KIND = "fxtypes_nn sweep"
_AXES = ("dataset", "hidden", "layers")


class Network(NamedTuple):
    """What is trained at several widths."""

    dataset: str
    hidden: str
    layers: tuple[int, ...]

    @property
    def label(self) -> str:
        """What a reader calls it."""
        units = "-".join(map(str, self.layers))
        return f"{name_of(self.dataset)}, {units} {self.hidden}"


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is to be trained.

    Attributes
    ----------
    given : mapping of str to object
        The settings that aren't defaults, by name; of each network they are resolved anew.
    networks : tuple of Network
    seeds : int
        How many, from the settings' own on.
    widths : tuple of int
        Increasing; empty for a search that finds its own.
    words : tuple of str
        The options that gave the settings.
    """

    given: Mapping[str, Any]
    networks: tuple[Network, ...]
    seeds: int
    widths: tuple[int, ...]
    words: tuple[str, ...] = ()

    def command(self) -> list[str]:
        """The options that make it again."""
        found = []
        for name in _AXES:
            values = dict.fromkeys(getattr(each, name) for each in self.networks)
            texts = [",".join(map(str, v)) if isinstance(v, tuple) else v for v in values]
            for text in [",".join(texts)] if name == "hidden" else texts:
                found += [f"--{name}", text]
        found += ["--widths", ",".join(map(str, self.widths))] if self.widths else []
        return [*found, "--seeds", str(self.seeds), *self.words]

    def settings(self, network: Network, width: int, seed: int | None = None) -> Settings:
        """Those of a network at a width.

        Raises
        ------
        SettingError
            If they don't go together.
        """
        own = {"width": width} if seed is None else {"width": width, "seed": seed}
        return resolve({**self.given, **network._asdict(), **own})

    def seed_numbers(self) -> list[int]:
        """In order."""
        first = resolve({**self.given, "width": TWINS_WIDTH}).seed
        return list(range(first, first + self.seeds))

    def least_width(self) -> int:
        """The fewest bits that the settings have formats for."""
        return PRESET_WIDTHS[0] if self.given.get("frac_bits") is None else 2

    def task(
        self,
        at: tuple[Network, int, str],
        width: int,
        layers: Mapping[str, Precision] | None = None,
    ) -> Task:
        """The training of a network, with a seed and a digest of its data, at a width."""
        network, seed, data = at
        return Task(FIXED, self.settings(network, width, seed), data, layers or {})

    def twin(self, at: tuple[Network, int, str]) -> Task:
        """The same in float64, whatever the width."""
        network, seed, data = at
        free = {name: None for name in ("frac_bits", "precision")}
        plain = dataclasses.replace(self, given={**self.given, **free})
        return Task(FLOAT, plain.settings(network, TWINS_WIDTH, seed), data)


class Failure(NamedTuple):
    """A training that couldn't be done, and why."""

    text: str


class Workers(Protocol):
    """What does jobs: `LocalWorkers`, or a cluster."""

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Answer]]:
        """Do jobs; yield the number of each and its answer, as they are done."""

    def close(self) -> None:
        """End what is under way."""


class SweepFolder:
    """A folder with a plan, and the results of what is trained.

    Parameters
    ----------
    path : str
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._made: list[str] = []  # folders, the innermost first

    def file(self, *names: str) -> str:
        """The path of what is in it."""
        return os.path.join(self.path, *names)

    def check_that_it_is_free(self) -> None:
        """RunFolderError if something of a sweep's lies there."""
        for name in (STATE, RESULTS, *PAGES):
            if os.path.lexists(self.file(name)):
                raise RunFolderError(
                    f"{self.path} already holds {name}; choose another folder with --out, or go on "
                    "with a sweep by --resume"
                )

    def read(self) -> Plan | None:
        """The plan that is there; None where there is none.

        Raises
        ------
        RunFolderError
            If it is damaged.
        """
        path = self.file(STATE)
        try:
            with open(path, encoding="utf-8") as file:
                found = json.load(file)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, RecursionError) as error:
            raise RunFolderError(f"{path} is damaged: {error}") from None
        except OSError as error:
            raise RunFolderError(f"{path} can't be read: {error.strerror or error}") from None
        if not isinstance(found, dict) or found.get("kind") != _KIND:
            raise RunFolderError(f"{path} is damaged: it describes no sweep")
        if found.get("version") != VERSION:
            warn(
                f"the sweep in {self.path} is fxtypes {found.get('version')}'s, and this is "
                f"{VERSION}: its bits may be others, and all is trained anew"
            )
        try:
            return _plan_of(found)
        except (Wrong, SettingError, ValueError, TypeError, KeyError) as error:
            raise RunFolderError(f"{path} is damaged: {error}") from None

    def write(self, plan: Plan) -> None:
        """Write the plan; RunFolderError if it can't be written."""
        folder = self.path
        while folder and not os.path.lexists(folder):
            self._made.append(folder)
            folder = os.path.dirname(folder.rstrip(os.sep))
        content = {
            "kind": _KIND,
            "version": VERSION,
            "given": _stored_given(plan.given),
            "networks": [list(network) for network in plan.networks],
            "seeds": plan.seeds,
            "widths": list(plan.widths),
            "words": list(plan.words),
        }
        write_text(self.file(STATE), json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        RunFolder(self.file(RESULTS)).begin(goes_on=True)  # clears what a killed write left

    def leave(self) -> bool:
        """Whether there is something to go on from; else nothing is left."""
        with contextlib.suppress(OSError):
            if any(name.endswith(".json") for name in os.listdir(self.file(RESULTS))):
                return True
        with contextlib.suppress(OSError):
            os.unlink(self.file(STATE))
        for folder in (self.file(RESULTS), *self._made):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        return False

    def result(self, task: Task) -> Result | None:
        """What came of a training that was done."""
        path = self.file(RESULTS, f"{task.name()}.json")
        try:
            with open(path, encoding="utf-8") as file:
                found = json.load(file)
            if found["task"] != json.loads(json.dumps(task.described())):
                raise ValueError("it is another training's")
            return Result.from_stored(found["result"])
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, RecursionError, OSError) as error:
            warn(f"{path} is damaged ({' '.join(str(error).split())}): it is trained anew")
            return None

    def keep(self, task: Task, answer: Answer) -> Result:
        """Write what came of a training; RunFolderError if it can't be written."""
        result = Result.from_stored(answer)
        text = json.dumps({"task": task.described(), "result": answer}, indent=2)
        write_text(self.file(RESULTS, f"{task.name()}.json"), f"{text}\n")
        return result


def _stored_given(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as JSON can hold them, formats by their reprs."""
    found = {name: value for name, value in given.items() if value is not None}
    if "precision" in found:
        found["precision"] = {
            role: repr(each) if isinstance(each, Format) else dict(each)
            for role, each in found["precision"].items()
        }
    return found


def _plan_of(found: Mapping[str, Any]) -> Plan:
    stored = dict(found["given"])
    given: dict[str, Any] = {}
    if "precision" in stored:
        given["precision"] = read_formats(stored.pop("precision"))
    readers = {field.name: field.metadata["reader"] for field in FIELDS}
    for name, value in stored.items():
        if name == "dataset":  # it may lie elsewhere by now, which reading it tells
            given[name] = str(value)
        else:
            given[name] = readers[name].from_value(value)
    networks = [
        Network(str(dataset), readers["hidden"].from_value(hidden), tuple(map(int, layers)))
        for dataset, hidden, layers in found["networks"]
    ]
    seeds, widths = found["seeds"], found["widths"]
    if type(seeds) is not int or seeds < 1 or not networks:
        raise ValueError(f"it has {seeds!r} seeds and {len(networks)} networks")
    widths = [readers["width"].from_value(width) for width in widths]
    words = tuple(map(str, found["words"]))
    return Plan(given, tuple(networks), seeds, tuple(sorted(set(widths))), words)


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a command asks for: settings, and what there is several of, None where it doesn't say.

    Attributes
    ----------
    given : mapping of str to object
        The settings that are given, as `resolve` takes them.
    axes : mapping of str to tuple
        Values by ``dataset``, ``hidden`` and ``layers``.
    seeds : int or None
    widths : tuple of int or None
    words : tuple of str
        The options that give the settings.
    """

    given: Mapping[str, Any]
    axes: Mapping[str, tuple[Any, ...] | None]
    seeds: int | None
    widths: tuple[int, ...] | None
    words: tuple[str, ...] = ()

    def first_plan(self, seeds: int, widths: tuple[int, ...]) -> Plan:
        """A new sweep's plan, with defaults for what isn't said."""
        plain = resolve({**self.given, "width": TWINS_WIDTH})
        values = [self.axes.get(name) or (getattr(plain, name),) for name in _AXES]
        networks = [Network(d, h, n) for d in values[0] for h in values[1] for n in values[2]]
        return Plan(
            self.given,
            tuple(dict.fromkeys(networks)),
            self.seeds or seeds,
            self.widths or widths,
            self.words,
        )

    def later_plan(self, before: Plan, widths: tuple[int, ...], path: str) -> Plan:
        """That of a sweep that goes on, with other widths and seeds where these are said.

        `widths` are those of one that has none yet, as it was begun by a search.

        Raises
        ------
        RunFolderError
            If anything else that is said is another than the sweep's.
        """
        first = before.networks[0]
        theirs = before.settings(first, before.widths[0] if before.widths else TWINS_WIDTH)
        settings = settings_to_go_on(self.given, theirs, path)
        changed = [] if settings.epochs == theirs.epochs else ["epochs"]
        for name in _AXES:
            values, there = self.axes.get(name), {getattr(each, name) for each in before.networks}
            changed += [key_of(name)] if values and set(values) != there else []
        if changed:
            raise RunFolderError(
                f"the sweep in {path} is another one: it has other {' and '.join(changed)}; go on "
                "with its own options, or choose another folder with --out"
            )
        given = {**before.given, "data_dir": settings.data_dir}
        return dataclasses.replace(
            before,
            given=given,
            seeds=self.seeds or before.seeds,
            widths=self.widths or before.widths or widths,
        )


def open_sweep(
    path: str, resume: bool, asked: Asked, defaults: tuple[int, tuple[int, ...]], teller: Teller
) -> tuple[SweepFolder, Plan]:
    """A sweep's folder and its plan, old or new; nothing is written yet.

    Parameters
    ----------
    path : str
    resume : bool
        Whether what is there goes on.
    asked : Asked
    defaults : (int, tuple of int)
        Seeds and widths of a new one.
    teller : Teller

    Raises
    ------
    RunFolderError
        If the folder holds a sweep that isn't to go on, or another one.
    SettingError
        If settings don't go together.
    """
    folder = SweepFolder(path)
    before = folder.read() if resume else None
    if before is not None:
        return folder, asked.later_plan(before, defaults[1], path)
    if resume:
        teller.say(f"there is no sweep in {path} yet: it begins")
    folder.check_that_it_is_free()
    return folder, asked.first_plan(*defaults)


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
    """

    plan: Plan
    within: float
    command: str
    fixed: dict[tuple[Network, int, int], Result] = dataclasses.field(default_factory=dict)
    floats: dict[tuple[Network, int], Result] = dataclasses.field(default_factory=dict)
    failures: list[tuple[Task, str]] = dataclasses.field(default_factory=list)

    def add(self, task: Task, found: Result | Failure) -> None:
        """Note what came of a training."""
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
            sweep.add(task, found)
            watch(task, found, known)


@contextlib.contextmanager
def begun(folder: SweepFolder, plan: Plan, own: Sequence[str]) -> Iterator[None]:
    """A block that trains: its plan is written, and an exception has a note how to go on."""
    try:
        folder.write(plan)
        yield
    except BaseException as error:
        if folder.leave():
            error.add_note(f"{shlex.join(own)} --resume --out {shown(folder.path)} goes on")
        raise
