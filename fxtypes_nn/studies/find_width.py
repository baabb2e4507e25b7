"""The smallest width that keeps float64's accuracy, of a network and of each of its layers."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from ..layers import Dense
from ..precision import Precision
from ..runs.build import load_data, make_network
from .compare import FIXED
from .paired import spread
from .sweep import Bench, Failure, Workers, begun, digests, keeps, knee, lost_points
from .sweep_plan import Network, Plan, SweepFolder
from .tasks import TWINS_WIDTH, Result, Task

ALL = "all layers"


class Tried(NamedTuple):
    """A width, and what it gave.

    Attributes
    ----------
    network : Network
    part : str
        `ALL`, or the layer that has the width while the others keep theirs.
    width : int
    accuracy : float
        The mean over seeds.
    lost : Fraction
        Points, the mean of pairs.
    deviation : float or None
        Of the lost points over seeds.
    holds : bool
        Whether that is within.
    """

    network: Network
    part: str
    width: int
    accuracy: float
    lost: Fraction
    deviation: float | None
    holds: bool


@dataclasses.dataclass
class Search:
    """A network's.

    Attributes
    ----------
    network : Network
    within : float
    floats : float
        Float64's accuracy, the mean over seeds.
    tried : list of Tried
        In order.
    width : int or None
        The smallest that keeps the accuracy; None where none does.
    layers : dict of str to int
        By layer, its own; empty where these weren't looked for.
    trained : bool
        False where all was known before.
    """

    network: Network
    within: float
    floats: float = 0.0
    tried: list[Tried] = dataclasses.field(default_factory=list)
    width: int | None = None
    layers: dict[str, int] = dataclasses.field(default_factory=dict)
    trained: bool = False

    def of(self, part: str) -> list[Tried]:
        """What was tried of all layers together, or of one."""
        return [each for each in self.tried if each.part == part]

    def exceptions(self, part: str, found: int | None) -> list[int]:
        """Widths below the one that was found that hold all the same."""
        return sorted(t.width for t in self.of(part) if t.holds and found and t.width < found)


def smallest(
    loses: Callable[[int], Fraction],
    known: Mapping[int, Fraction],
    ends: tuple[int, int],
    within: float,
) -> int | None:
    """The smallest width that keeps the accuracy, if more bits never lose more.

    From the least on widths are doubled until one holds, then what is between it and the largest
    that doesn't is halved. That the next larger and the second smaller one are as they should be
    is verified, too; where the larger one isn't, the search goes on above it.

    Parameters
    ----------
    loses : callable
        A width to the points that it loses.
    known : mapping of int to Fraction
        What is known before.
    ends : (int, int)
        The least and the largest width.
    within : float
        Points that may be lost.

    Returns
    -------
    int or None
        From it on all widths that are known hold; None where the largest doesn't.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from fxtypes_nn.studies.find_width import smallest
    >>> asked = []
    >>> def loses(width):
    ...     asked.append(width)
    ...     return Fraction(max(0, 13 - width))
    >>> smallest(loses, {}, (8, 128), 0.5), asked
    (13, [8, 16, 12, 14, 13, 11])
    """
    low, high = ends
    losses = {width: lost for width, lost in known.items() if low <= width <= high}
    while True:
        width = _next(losses, ends, within)
        if width is None:
            return knee(losses, within)
        losses[width] = loses(width)


def _next(losses: Mapping[int, Fraction], ends: tuple[int, int], within: float) -> int | None:
    """The width to try; None where all is known."""
    low, high = ends
    fails = max((w for w, lost in losses.items() if not keeps(lost, within)), default=low - 1)
    holds = min((w for w in losses if w > fails), default=None)
    if holds is None:
        # Twice as many bits, in steps that don't depend on what was known.
        doubled = next((w for n in range(8) if (w := low << n) > fails), high)
        return None if fails == high else min(doubled, high)
    if holds - fails > 1:
        return (fails + holds) // 2
    beside = (holds + 1, fails - 1)
    return next((w for w in beside if low <= w <= high and w not in losses), None)


def find_width(
    folder: SweepFolder,
    plan: Plan,
    what: tuple[float, bool],
    workers: Callable[[], Workers],
    own: Sequence[str],
    watch: Callable[[Tried], None],
) -> list[Search]:
    """Search for each network of a plan.

    Parameters
    ----------
    folder : SweepFolder
        Trainings that are there are used, a sweep's too.
    plan : Plan
        Its widths are looked up first, as far as they are trained.
    what : (float, bool)
        Points that may be lost, and whether each layer's width is looked for.
    workers : callable
        Makes what does the trainings.
    own : sequence of str
        The program's and the command's name, and options that aren't the plan's.
    watch : callable
        Called with each width that is tried.

    Raises
    ------
    RunFolderError
        If the folder can't be written.
    RuntimeError
        If a training fails.
    SettingError, DatasetError, WorkerError, ImportError
        As their names say.
    """
    within, per_layer = what
    data = digests(plan)
    found = []
    with begun(folder, plan, own), contextlib.closing(workers()) as made:
        for network in plan.networks:
            hunt = _Hunt(Bench(folder, made), plan, Search(network, within), watch)
            hunt.begin(data[network.dataset])
            hunt.whole()
            if per_layer:
                hunt.each_layer()
            found.append(hunt.search)
    return found


class _Hunt:
    """The search for one network under way."""

    def __init__(
        self, bench: Bench, plan: Plan, search: Search, watch: Callable[[Tried], None]
    ) -> None:
        self.bench, self.plan, self.search, self.watch = bench, plan, search, watch
        self.places: list[tuple[Network, int, str]] = []
        self.twins: list[Result] = []

    def begin(self, data: str) -> None:
        """Train the twins."""
        network = self.search.network
        self.places = [(network, seed, data) for seed in self.plan.seed_numbers()]
        self.twins = self._done([self.plan.twin(at) for at in self.places])
        self.search.floats = spread([twin.accuracy for twin in self.twins])[0]

    def _done(self, tasks: Sequence[Task]) -> list[Result]:
        """The results of trainings, in their order."""
        found: dict[str, Result] = {}
        for task, result, known in self.bench.run(tasks):
            self.search.trained |= not known
            if isinstance(result, Failure):
                fixed = task.numbers == FIXED
                numbers = f"{task.settings.width} bits" if fixed else task.numbers
                raise RuntimeError(
                    f"the training of {numbers}, seed {task.settings.seed}, failed: {result.text}"
                )
            found[task.name()] = result
        return [found[task.name()] for task in tasks]

    def _lost(self, part: str, width: int, tasks: Sequence[Task]) -> Fraction:
        """What a width loses; it is noted."""
        results = self._done(tasks)
        pairs = list(zip(results, self.twins, strict=True))
        lost = lost_points(pairs)
        each = [float(lost_points([pair])) for pair in pairs]
        tried = Tried(
            self.search.network,
            part,
            width,
            spread([result.accuracy for result in results])[0],
            lost,
            spread(each)[1],
            keeps(lost, self.search.within),
        )
        self.search.tried.append(tried)
        self.watch(tried)
        return lost

    def whole(self) -> None:
        """All layers at the same width."""

        def tasks(width: int) -> list[Task]:
            return [self.plan.task(at, width) for at in self.places]

        known = {
            width: self._lost(ALL, width, tasks(width))
            for width in self.plan.widths
            if all(self.bench.folder.result(task) for task in tasks(width))
        }
        ends = self.plan.least_width(), TWINS_WIDTH
        self.search.width = smallest(
            lambda width: self._lost(ALL, width, tasks(width)), known, ends, self.search.within
        )

    def each_layer(self) -> None:
        """Narrow one after the other, the first one first; each keeps what it got."""
        whole = self.search.width
        if whole is None:
            return
        kept: dict[str, Precision] = {}
        lost = next(t.lost for t in self.search.of(ALL) if t.width == whole)
        for part, names in self._parts().items():
            found = self._narrow(part, names, kept, {whole: lost})
            self.search.layers[part] = found
            if found != whole:
                kept |= dict.fromkeys(names, self._formats(found))
                lost = next(t.lost for t in self.search.of(part) if t.width == found)

    def _narrow(
        self,
        part: str,
        names: Sequence[str],
        kept: Mapping[str, Precision],
        known: Mapping[int, Fraction],
    ) -> int:
        """A layer's width, with those before it as they were found and the others whole."""
        (whole,) = known

        def loses(width: int) -> Fraction:
            layers = {**kept, **dict.fromkeys(names, self._formats(width))}
            return self._lost(
                part, width, [self.plan.task(at, whole, layers) for at in self.places]
            )

        ends = self.plan.least_width(), whole
        found = smallest(loses, known, ends, self.search.within)
        assert found is not None  # the width that it has holds
        return found

    def _formats(self, width: int) -> Precision:
        return self.plan.settings(self.search.network, width).formats()

    def _parts(self) -> dict[str, list[str]]:
        """By each Dense layer's name, it and the layers up to the next."""
        settings = self.plan.settings(self.search.network, TWINS_WIDTH)
        parts: dict[str, list[str]] = {}
        part = None
        for layer in make_network(settings, load_data(settings)).layers:
            if isinstance(layer, Dense):
                part = str(layer.name)
            if part is not None:
                parts.setdefault(part, []).append(str(layer.name))
        return parts
