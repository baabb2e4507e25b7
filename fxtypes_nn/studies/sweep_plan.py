"""A sweep's plan, and the folder that holds it and the results of what is trained."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fxtypes import Format
from fxtypes import __version__ as VERSION

from ..errors import RunFolderError, SettingError, reason, warn
from ..precision import PRESET_WIDTHS, Precision
from ..runs.config import settings_to_go_on
from ..runs.execute import Teller
from ..runs.folder import RunFolder, held_folder, make_folder
from ..runs.formats import read_formats
from ..runs.readers import Wrong
from ..runs.settings import FIELDS, Settings, key_of, resolve
from .compare import FIXED, read_state, write_text
from .local_workers import Answer
from .tasks import FLOAT, TWINS_WIDTH, Result, Task, name_of

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
        found = read_state(path, _KIND)
        if found is None:
            return None
        if found.get("version") != VERSION:
            warn(
                f"the sweep in {self.path} is fxtypes {found.get('version')}'s, and this is "
                f"{VERSION}: its bits may be others, and all is trained anew"
            )
        try:
            return _plan_of(found)
        except (Wrong, SettingError, ValueError, TypeError, KeyError) as error:
            raise RunFolderError(f"{path} is damaged: {error}") from None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder where it is missing; inside, it is in this process' hands.

        Raises
        ------
        RunFolderError
            If it can't be made or written, or another process is at work there.
        """
        folder = self.path
        while folder and not os.path.lexists(folder):
            self._made.append(folder)
            folder = os.path.dirname(folder.rstrip(os.sep))
        make_folder(self.path)
        with held_folder(self.path):
            yield

    def write(self, plan: Plan) -> None:
        """Write the plan; RunFolderError if it can't be written."""
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
        results = RunFolder(self.file(RESULTS))
        results.begin(goes_on=True)  # clears what a killed write left
        results.end()

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
            warn(f"{path} is damaged ({reason(error)}): it is trained anew")
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
