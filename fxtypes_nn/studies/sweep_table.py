"""A sweep in words and numbers: tables, sentences, and the CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from .compare import FIXED
from .paired import mcnemar_test, sign_flip_test, spread
from .sweep import Sweep
from .sweep_plan import Network
from .tables import markdown_table, percent, with_spread
from .tasks import FLOAT, Result, name_of

KNEES = ("network", "float64", "knee", "test accuracy", "lost points")
COLUMNS = ("numbers", "test accuracy", "lost points", "p", "test loss", "weights", "seeds")


def knees(sweep: Sweep) -> list[tuple[str, ...]]:
    """A row for each network, with `KNEES`."""
    found: list[tuple[str, ...]] = []
    for network in sweep.plan.networks:
        floats = _floats(sweep, network)
        width = sweep.knee(network)
        row = [network.label, percent([each.accuracy for each in floats])]
        if not sweep.is_whole(network):
            row += ["trainings are missing", "", ""]
        elif width is None:
            row += ["none of these widths", "", ""]
        else:
            pairs = sweep.pairs(network, width)
            row += [f"{width} bits", percent([mine.accuracy for mine, _ in pairs]), _lost(pairs)]
        found.append(tuple(row))
    return found


def rows(sweep: Sweep, network: Network) -> list[tuple[str, ...]]:
    """A row for each width of a network and one for float64, with `COLUMNS`."""
    found: list[tuple[str, ...]] = []
    for width in sweep.plan.widths:
        pairs = sweep.pairs(network, width)
        if not pairs:
            found.append((f"{width} bits", *[""] * 5, "0"))
            continue
        chance = sign_flip_test([_fewer(*pair) for pair in pairs])
        mine = [mine for mine, _ in pairs]
        numbers = f"{width} bits"
        if sweep.is_whole(network) and width == sweep.knee(network):
            numbers += " (knee)"
        cells = (_lost(pairs), f"{chance:.2g}" if len(pairs) > 1 else "")
        found.append((numbers, *_figures(mine, cells)))
    floats = _floats(sweep, network)
    if floats:
        found.append((FLOAT, *_figures(floats, ("", ""))))
    return found


def _figures(each: Sequence[Result], between: tuple[str, str]) -> tuple[str, ...]:
    low, high = (choose(o.weights[i] for o in each) for i, choose in enumerate((min, max)))
    return (
        percent([one.accuracy for one in each]),
        *between,
        with_spread([one.loss for one in each], ".4f"),
        f"{low:.3g} to {high:.3g}",
        str(len(each)),
    )


def _floats(sweep: Sweep, network: Network) -> list[Result]:
    seeds = sweep.plan.seed_numbers()
    return [sweep.floats[network, seed] for seed in seeds if (network, seed) in sweep.floats]


def _fewer(mine: Result, theirs: Result) -> int:
    return int(theirs.right.sum()) - int(mine.right.sum())


def _lost(pairs: Sequence[tuple[Result, Result]]) -> str:
    points = [100 * _fewer(*pair) / len(pair[0].right) for pair in pairs]
    mean, deviation = spread(points)
    text = f"{mean:+.2f}"
    return text if deviation is None else f"{text} ± {deviation:.2f}"


def sentences(sweep: Sweep) -> list[str]:
    """What is to be said of the tables."""
    plan, seeds = sweep.plan, sweep.plan.seed_numbers()
    several = f"{len(seeds)} seeds, {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else "One seed"
    epochs = {
        f"{plan.settings(each, plan.widths[-1]).epochs} epochs on {name_of(each.dataset)}"
        for each in plan.networks
    }
    chance = (
        "p is the sign-flip test's, which of so many seeds can't say less than "
        f"{2.0 ** (1 - len(seeds)):.2g}; ± is the standard deviation over seeds"
        if len(seeds) > 1
        else "one seed says nothing of chance"
    )
    found = [
        f"{several}; {', '.join(sorted(epochs))}. Lost points are float64's test accuracy minus "
        f"fixed point's, seed by seed, from the same first weights and batches; {chance}. Weights: "
        "the least and the largest over all watched iterations.",
        f"The knee is the smallest of these widths that loses at most {sweep.within:g} points on "
        "average, as all larger ones do.",
    ]
    if sweep.failures:
        found.append(f"{say_failures(sweep)}: they are left out of the tables.")
    return found


def say_failures(sweep: Sweep) -> str:
    """How many trainings failed, and why."""
    texts = [text for _, text in sweep.failures]
    reasons = [f"{texts.count(text)} times: {text}" for text in dict.fromkeys(texts)]
    return f"{len(texts)} trainings failed ({'; '.join(reasons)})"


def title_of_sweep(sweep: Sweep) -> str:
    """A line that says what is swept."""
    names = dict.fromkeys(name_of(network.dataset) for network in sweep.plan.networks)
    return f"Accuracy against width: {', '.join(names)}"


def markdown(sweep: Sweep) -> str:
    """The tables and their sentences, in Markdown."""
    lines = [f"# {title_of_sweep(sweep)}", "", *markdown_table(KNEES, knees(sweep))]
    for sentence in sentences(sweep):
        lines += ["", sentence]
    for network in sweep.plan.networks:
        lines += ["", f"## {network.label}", "", *markdown_table(COLUMNS, rows(sweep, network))]
    return "\n".join([*lines, "", f"Made by `{sweep.command}`.", ""])


def csv_text(sweep: Sweep) -> str:
    """A line a training that is done."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        [
            "dataset",
            "hidden",
            "layers",
            "numbers",
            "width",
            "seed",
            "test_accuracy",
            "test_loss",
            "lost_points",
            "mcnemar_p",
            "weights_min",
            "weights_max",
            "warnings",
            "digest",
        ]
    )
    for network in sweep.plan.networks:
        for width in (*sweep.plan.widths, None):
            for seed in sweep.plan.seed_numbers():
                twin = sweep.floats.get((network, seed))
                mine = twin if width is None else sweep.fixed.get((network, width, seed))
                if mine is not None:
                    cells = _cells(mine, None if width is None else twin)
                    names = (name_of(network.dataset), network.hidden)
                    units = "-".join(map(str, network.layers))
                    numbers = (FLOAT, "") if width is None else (FIXED, width)
                    writer.writerow([*names, units, *numbers, seed, *cells])
    return file.getvalue()


def _cells(mine: Result, twin: Result | None) -> list[object]:
    beside: list[object] = ["", ""]
    if twin is not None:
        only = int((mine.right & ~twin.right).sum()), int((twin.right & ~mine.right).sum())
        beside = [100 * _fewer(mine, twin) / len(mine.right), mcnemar_test(*only)]
    loss = mine.loss if math.isfinite(mine.loss) else ""
    return [mine.accuracy, loss, *beside, *mine.weights, len(mine.warnings), mine.digest]
