"""The same network, first weights and batches in fixed point and in floating point."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from zipfile import BadZipFile

import numpy as np

from fxtypes.interop.atomic_write import atomic_write

from ..datasets import Dataset
from ..errors import RunFolderError, SettingError, reason, warn
from ..model import Sequential, load_model
from ..runs.build import load_data, make_augmentation, make_network, make_optimizer
from ..runs.config import make_config, settings_in, settings_to_go_on, versions
from ..runs.execute import Teller, command_of, train
from ..runs.folder import MODEL, RunFolder, held_folder, make_folder, shown
from ..runs.settings import Settings, resolve
from ..watch.history import History
from .costs import table
from .energy import Energy, ebops, energy
from .floats import FloatNetwork, FloatOptions
from .floats_torch import TorchNetwork
from .joules import Meter
from .work import inference_work, training_work

if TYPE_CHECKING:
    import numpy.typing as npt

FIXED = "fixed"
# By name, the class of the twin and its numbers.
FLOATS: dict[str, tuple[type[FloatNetwork], Any]] = {
    "float64": (FloatNetwork, np.float64),
    "float32": (FloatNetwork, np.float32),
    "torch": (TorchNetwork, np.float32),
}
STATE, PARAMETERS, RESULT = "compare.json", "parameters.npz", "result.json"
PAGES = ("compare.md", "compare.csv", "compare.html")
DRAWN = ("training", "loss")  # of a run's pictures, those with curves of both
PICTURES = ("seeds.png", *(f"{name}.png" for name in DRAWN))
_HISTORY = "history.json"
_KIND = "fxtypes_nn comparison"
# Options of a comparison that none of its runs has, or has otherwise.
_NOT_A_RUNS = ("--seeds", "--floats", "--costs", "--seed")
_RANGE = (".weights.min", ".weights.max")


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is compared.

    Attributes
    ----------
    seeds : int
        How many, from the settings' own on.
    floats : tuple of str
        Of `FLOATS`.
    costs : str
        The table of costs.
    """

    seeds: int
    floats: tuple[str, ...]
    costs: str


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of one training.

    Attributes
    ----------
    accuracy, loss : float
        Of the test part.
    epoch_seconds : float or None
    joules : float or None
        Measured over the training; None where nothing could be, or it was broken off.
    history : History
    predicted : ndarray
        Class numbers of the test part.
    """

    accuracy: float
    loss: float
    epoch_seconds: float | None
    joules: float | None
    history: History
    predicted: npt.NDArray[Any]

    @property
    def weights(self) -> tuple[float, float]:
        """The least and the largest weight over all watched iterations."""
        ends = []
        for end, choose in zip(_RANGE, (min, max), strict=True):
            names = [name for name in self.history.columns if name.endswith(end)]
            values = [v for name in names for v in self.history[name] if v is not None]
            ends.append(choose(values, default=math.nan))
        return ends[0], ends[1]


@dataclasses.dataclass(frozen=True)
class Costs:
    """Estimates of one kind of numbers.

    Attributes
    ----------
    inference, step : Energy
        Of one sample, and of a training step.
    inference_bytes, step_bytes : float
    ebops : int or None
        None of floats.
    """

    inference: Energy
    step: Energy
    inference_bytes: float
    step_bytes: float
    ebops: int | None


@dataclasses.dataclass(frozen=True)
class Comparison:
    """All outcomes.

    Attributes
    ----------
    settings : Settings
    plan : Plan
    config : mapping of str to object
        As ``compare.json`` holds it.
    labels : ndarray
        The test part's classes.
    outcomes : mapping of str to mapping of int to Outcome
        By numbers (``fixed``, ``float64``) and seed.
    costs : mapping of str to Costs
        By numbers.
    not_measured : str or None
        Why there are no joules.
    trained : bool
        False where all was trained before.
    problems : list of str
        What is wrong with the pages of single runs.
    """

    settings: Settings
    plan: Plan
    config: Mapping[str, Any]
    labels: npt.NDArray[Any]
    outcomes: Mapping[str, Mapping[int, Outcome]]
    costs: Mapping[str, Costs]
    not_measured: str | None
    trained: bool
    problems: Sequence[str] = ()

    @property
    def seeds(self) -> list[int]:
        """In order."""
        return list(self.outcomes[FIXED])

    def right(self, numbers: str, seed: int) -> npt.NDArray[np.bool_]:
        """Which test samples are recognised."""
        return np.asarray(self.outcomes[numbers][seed].predicted == self.labels)

    def disagreeing(self, numbers: str, seed: int) -> int:
        """Of how many test samples fixed point says another class."""
        mine, theirs = self.outcomes[FIXED][seed], self.outcomes[numbers][seed]
        return int(np.count_nonzero(mine.predicted != theirs.predicted))


def compare(
    given: Mapping[str, Any],
    plan: Callable[[Mapping[str, Any]], Plan],
    path: str,
    resume: bool,
    command: Callable[[Settings], Sequence[str]],
    teller: Teller,
) -> Comparison:
    """Train all that a plan asks for and isn't trained yet.

    Parameters
    ----------
    given : mapping of str to object
        The settings that are given, as `runs.execute.train` takes them.
    plan : callable
        Makes the plan of what an earlier call's was, by name; of nothing where there is none.
    path : str
        The folder: ``fixed/seed-0`` and so on are runs as `train` leaves them.
    resume : bool
        Whether what is there goes on; a training that is finished isn't done again.
    command : callable
        Given settings, what makes the comparison again.
    teller : Teller

    Raises
    ------
    SettingError, DatasetError, CheckpointError, ImportError
        As of `train`.
    RunFolderError
        If the folder can't be written, holds a comparison that isn't to go on, or another one.
    """
    state = _State(path)
    before = state.read() if resume else None
    if resume and before is None:
        teller.say(f"there is no comparison in {path} yet: it begins")
    if before is None:
        state.check_that_it_is_free()
        settings, chosen = resolve(given), plan({})
    else:
        theirs = settings_in(before, state.file(STATE))
        settings = settings_to_go_on(given, theirs, path)
        if settings.epochs < theirs.epochs:
            raise RunFolderError(
                f"the comparison in {path} has {theirs.epochs} epochs, and can't go back to "
                f"{settings.epochs}; choose another folder with --out"
            )
        chosen = plan(before.get("plan", {}))
    data = load_data(settings)
    model = make_network(settings, data)
    costs = _costs(settings, model, chosen, len(data.x_train))
    for numbers in chosen.floats:
        _twin(numbers, model)  # refuses what has no twin before anything is trained
    work = _Work(state, settings, chosen, data, teller)
    words = list(command(settings))
    if before is not None:
        words = _command_of(before, theirs, settings, chosen) or words
    work.config = make_config(settings, model, data, words) | {
        "kind": _KIND,
        "plan": dataclasses.asdict(chosen),
        "joules": dict((before or {}).get("joules", {})),
        "not_measured": (before or {}).get("not_measured"),
    }
    state.make()
    with held_folder(path):
        try:
            state.write(work.config)
            outcomes = work.run(lambda own: _command_of_a_run(words, own.seed))
        except BaseException as error:
            if state.leave():
                error.__notes__ = [f"fxtypes-nn compare --resume --out {shown(path)} goes on"]
            raise
    return Comparison(
        settings,
        chosen,
        work.config,
        data.y_test,
        outcomes,
        costs,
        work.config["not_measured"],
        work.trained,
        work.problems,
    )


def _command_of(
    before: Mapping[str, Any], theirs: Settings, settings: Settings, plan: Plan
) -> list[str] | None:
    """What makes the whole of a comparison that goes on: what began it, and what is new now."""
    words = command_of(before, theirs, settings)
    was = before.get("plan", {})
    if words is None or not isinstance(was, Mapping):
        return None
    if plan.seeds != was.get("seeds"):
        words += ["--seeds", str(plan.seeds)]
    if list(plan.floats) != was.get("floats"):
        words += ["--floats", ",".join(plan.floats)]
    if plan.costs != was.get("costs"):
        words += ["--costs", plan.costs]
    return words


def _command_of_a_run(words: Sequence[str], seed: int) -> list[str]:
    """What makes one of a comparison's runs again, by the comparison's own command."""
    found, left = [], iter(words[2:])
    for word in left:
        if word in _NOT_A_RUNS:
            next(left, None)
        else:
            found.append(word)
    return [words[0], "train", *found, "--seed", str(seed)]


class _State:
    """The comparison's folder and its ``compare.json``."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._made: list[str] = []

    def file(self, *names: str) -> str:
        return os.path.join(self.path, *names)

    def check_that_it_is_free(self) -> None:
        for name in (STATE, *PAGES, *PICTURES, FIXED, *FLOATS):
            if os.path.lexists(self.file(name)):
                raise RunFolderError(
                    f"{self.path} already holds {name}; choose another folder with --out, or go on "
                    "with a comparison by --resume"
                )

    def read(self) -> dict[str, Any] | None:
        """What is there; None where there is nothing."""
        return read_state(self.file(STATE), _KIND)

    def make(self) -> None:
        folder = self.path
        while folder and not os.path.lexists(folder):
            self._made.append(folder)
            folder = os.path.dirname(folder.rstrip(os.sep))
        make_folder(self.path)

    def write(self, config: Mapping[str, Any]) -> None:
        text = json.dumps(config, indent=2, ensure_ascii=False)
        write_text(self.file(STATE), f"{text}\n")

    def leave(self) -> bool:
        """Whether there is something to go on from; else nothing is left."""
        for numbers in (FIXED, *FLOATS):
            if any(names for _, _, names in os.walk(self.file(numbers))):
                return True
        with contextlib.suppress(OSError):
            os.unlink(self.file(STATE))
            for folder in self._made:  # the innermost first
                os.rmdir(folder)
        return False


def read_state(path: str, kind: str) -> dict[str, Any] | None:
    """What a study's folder says of it; None where there is nothing.

    Raises
    ------
    RunFolderError
        If it can't be read, or is no such study's.
    """
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, RecursionError) as error:
        raise RunFolderError(f"{path} is damaged: {error}") from None
    except OSError as error:
        raise RunFolderError(f"{path} can't be read: {error.strerror or error}") from None
    if not isinstance(found, dict) or found.get("kind") != kind:
        raise RunFolderError(f"{path} is damaged: it describes no {kind.split()[-1]}")
    return found


def write_text(path: str, text: str) -> None:
    """Write a file whole, into a folder that is made; RunFolderError if it can't be.

    One that holds the text already is left alone.
    """
    write_bytes(path, text.encode())


def write_bytes(path: str, content: bytes) -> None:
    """The same of bytes."""
    make_folder(os.path.dirname(path))
    with contextlib.suppress(OSError), open(path, "rb") as file:
        if file.read() == content:
            return
    try:
        with atomic_write(path) as file:
            file.write(content)
    except OSError as error:
        raise RunFolderError(f"{path} can't be written: {error.strerror or error}") from None


class _Work:
    """A comparison under way."""

    def __init__(
        self, state: _State, settings: Settings, plan: Plan, data: Dataset, teller: Teller
    ) -> None:
        self.state, self.settings, self.plan = state, settings, plan
        self.data, self.teller = data, teller
        self.config: dict[str, Any] = {}
        self.trained = False
        self.problems: list[str] = []

    def run(self, command: Callable[[Settings], Sequence[str]]) -> dict[str, dict[int, Outcome]]:
        """Train what isn't trained, by seed, so that what is there is whole seeds."""
        first = self.settings.seed
        found: dict[str, dict[int, Outcome]] = {
            numbers: {} for numbers in (FIXED, *self.plan.floats)
        }
        for seed in range(first, first + self.plan.seeds):
            settings = dataclasses.replace(self.settings, seed=seed)
            found[FIXED][seed] = self._fixed(settings, command)
            for numbers in self.plan.floats:
                found[numbers][seed] = self._float(numbers, settings)
        return found

    def _fixed(self, settings: Settings, command: Callable[[Settings], Sequence[str]]) -> Outcome:
        folder = RunFolder(self.state.file(FIXED, f"seed-{settings.seed}"))
        is_there = folder.has("config.json") or folder.checkpoint_is_there()
        meter = Meter()
        teller = _OfOneSeed(self.teller)
        # All of them: on a call that goes on hardly any are given.
        result = train(vars(settings), folder, is_there, command, cast(Teller, teller))
        if result.trained and not is_there:
            self._measured(FIXED, settings.seed, meter)
        if result.problem is not None:
            self.problems.append(result.problem)
        history, _ = folder.read_history()
        model = load_model(folder.file(MODEL))
        config = result.config
        outcome = Outcome(
            config["test_accuracy"],
            config["test_loss"],
            config.get("epoch_seconds"),
            self._joules(FIXED, settings.seed),
            history,
            np.asarray(model.predict(self.data.x_test)),
        )
        self._tell(f"{settings.width} bits", settings.seed, outcome, result.trained)
        return outcome

    def _float(self, numbers: str, settings: Settings) -> Outcome:
        folder = self.state.file(numbers, f"seed-{settings.seed}")
        wanted = settings.stored() | {"data_dir": None, "versions": versions()["fxtypes"]}
        found = _read_outcome(folder, wanted)
        trained = found is None
        if found is None:
            meter = Meter()
            found = self._train_float(numbers, settings)
            self._measured(numbers, settings.seed, meter)
            _write_outcome(folder, *found, wanted)
        outcome = dataclasses.replace(found[0], joules=self._joules(numbers, settings.seed))
        self._tell(numbers, settings.seed, outcome, trained)
        return outcome

    def _train_float(
        self, numbers: str, settings: Settings
    ) -> tuple[Outcome, Mapping[str, npt.NDArray[Any]]]:
        data = self.data
        twin = _twin(numbers, make_network(settings, data))
        options = FloatOptions(
            settings.epochs,
            settings.batch_size,
            make_optimizer(settings, len(data.x_train)),
            make_augmentation(settings, data),
            settings.watch_every,
            settings.validation_every,
        )
        history = twin.fit(data.x_train, data.y_train, options, (data.x_test, data.y_test))
        outcome = Outcome(
            history.last("validation_accuracy"),
            history.last("validation_loss"),
            round(twin.seconds / settings.epochs, 4),
            None,
            history,
            twin.predict(data.x_test),
        )
        return outcome, twin.parameters

    def _measured(self, numbers: str, seed: int, meter: Meter) -> None:
        joules = meter.read()
        if joules is not None:
            self.config["joules"].setdefault(numbers, {})[str(seed)] = joules
        self.config["not_measured"] = meter.problem
        self.state.write(self.config)

    def _joules(self, numbers: str, seed: int) -> float | None:
        found = self.config["joules"].get(numbers, {}).get(str(seed))
        return found if isinstance(found, float) else None

    def _tell(self, numbers: str, seed: int, outcome: Outcome, trained: bool) -> None:
        self.trained |= trained
        when = "" if trained else ", trained before"
        self.teller.say(f"{numbers}, seed {seed}: test accuracy {outcome.accuracy:.2%}{when}")


class _OfOneSeed:
    """A teller whose warnings are those of one training."""

    def __init__(self, teller: Teller) -> None:
        self._teller, self._before = teller, len(teller.warned)

    @property
    def warned(self) -> list[str]:
        return self._teller.warned[self._before :]

    def say(self, text: str) -> None:
        """Nothing: a comparison tells of results."""


def _twin(numbers: str, model: Sequential) -> FloatNetwork:
    made, dtype = FLOATS[numbers]
    return made(model, dtype)


def _costs(settings: Settings, model: Sequential, plan: Plan, samples: int) -> dict[str, Costs]:
    costs = table(plan.costs)
    batch = min(settings.batch_size, samples)
    try:
        works = (
            inference_work(model),
            training_work(model, batch, make_optimizer(settings, samples)),
        )
        estimates = [energy(work, costs) for work in works]
    except ValueError as error:
        raise SettingError(str(error)) from None
    moved = [work.bytes_moved for work in works]
    found = {FIXED: Costs(estimates[0], estimates[1], moved[0], moved[1], ebops(model))}
    for numbers in plan.floats:
        bits = 8 * np.dtype(FLOATS[numbers][1]).itemsize
        floats = [work.in_floats(bits) for work in works]
        first, second = (energy(work, costs) for work in floats)
        found[numbers] = Costs(first, second, floats[0].bytes_moved, floats[1].bytes_moved, None)
    return found


def _write_outcome(
    folder: str,
    outcome: Outcome,
    parameters: Mapping[str, npt.NDArray[Any]],
    settings: Mapping[str, Any],
) -> None:
    """Write a float training; its result last, so that one that is there is whole."""
    path = os.path.join(folder, PARAMETERS)
    try:
        os.makedirs(folder, exist_ok=True)
        with atomic_write(path) as file:
            arrays: dict[str, Any] = {"predicted": outcome.predicted, **parameters}
            np.savez(file, **arrays)
        path = os.path.join(folder, _HISTORY)
        outcome.history.to_json(path)
    except OSError as error:
        raise RunFolderError(f"{path} can't be written: {error.strerror or error}") from None
    loss = outcome.loss if math.isfinite(outcome.loss) else None
    result = {
        "settings": settings,
        "test_accuracy": outcome.accuracy,
        "test_loss": loss,
        "epoch_seconds": outcome.epoch_seconds,
    }
    write_text(os.path.join(folder, RESULT), json.dumps(result, indent=2) + "\n")


def _read_outcome(
    folder: str, settings: Mapping[str, Any]
) -> tuple[Outcome, Mapping[str, npt.NDArray[Any]]] | None:
    """A float training of these settings that is finished, and its parameters."""
    path = os.path.join(folder, RESULT)
    try:
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
        if result["settings"] != json.loads(json.dumps(settings)):
            return None
        history = History.from_json(os.path.join(folder, _HISTORY))
        with np.load(os.path.join(folder, PARAMETERS), allow_pickle=False) as archive:
            parameters = {name: archive[name] for name in archive.files}
        loss = result["test_loss"]
        outcome = Outcome(
            float(result["test_accuracy"]),
            math.nan if loss is None else float(loss),
            float(result["epoch_seconds"]),
            None,
            history,
            parameters.pop("predicted"),
        )
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, OSError, EOFError, BadZipFile) as error:
        warn(f"{folder} is damaged ({reason(error)[:200]}): it is trained anew")
        return None
    return outcome, parameters
