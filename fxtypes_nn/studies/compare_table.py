"""A comparison in words and numbers: the table, the sentences below it, and the CSV."""

from __future__ import annotations

import csv
import io
import math
from typing import NamedTuple

import numpy as np

from .compare import FIXED, Comparison
from .energy import Energy, in_units
from .paired import mcnemar_test, sign_flip_test, spread
from .tables import markdown_table, percent, text_table, with_spread

COLUMNS = (
    "numbers",
    "test accuracy",
    "test loss",
    "seconds an epoch",
    "weights",
    "energy a sample",
    "energy a step",
    "bytes a sample",
    "EBOPs",
)
_SHORT = (0, 1, 2, 3, 5, 6)  # of these
_NO_PRICE = "not published"


def label(comparison: Comparison, numbers: str) -> str:
    """What a kind of numbers is called."""
    return f"fixed, {comparison.settings.width} bits" if numbers == FIXED else numbers


def rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """A row for each kind of numbers, with `COLUMNS`."""
    found: list[tuple[str, ...]] = []
    for numbers, outcomes in comparison.outcomes.items():
        each, costs = outcomes.values(), comparison.costs[numbers]
        low, high = (choose(o.weights[i] for o in each) for i, choose in enumerate((min, max)))
        seconds = [o.epoch_seconds for o in each if o.epoch_seconds is not None]
        found.append(
            (
                label(comparison, numbers),
                percent([o.accuracy for o in each]),
                with_spread([o.loss for o in each], ".4f"),
                with_spread(seconds, ".3g") if seconds else "",
                f"{low:.3g} to {high:.3g}",
                _energy(costs.inference),
                _energy(costs.step),
                f"{costs.inference_bytes:,.0f}",
                "" if costs.ebops is None else f"{costs.ebops:,}",
            )
        )
    return found


def _energy(found: Energy) -> str:
    return _NO_PRICE if found.arithmetic is None else in_units(found.arithmetic)


class Pair(NamedTuple):
    """Fixed point beside one kind of floating point, seed by seed.

    Attributes
    ----------
    points : list of float
        By how many percentage points fixed point is more accurate.
    disagreeing : list of int
        Test samples with another prediction.
    chance : float
        The p-value of the sign-flip test over seeds.
    mcnemar : list of float
        Each seed's p-value of McNemar's test.
    """

    numbers: str
    points: list[float]
    disagreeing: list[int]
    chance: float
    mcnemar: list[float]


def pair(comparison: Comparison, numbers: str) -> Pair:
    """Hold fixed point against a kind of floating point."""
    samples, differences, disagreeing, mcnemar = len(comparison.labels), [], [], []
    for seed in comparison.seeds:
        mine, theirs = comparison.right(FIXED, seed), comparison.right(numbers, seed)
        only_mine, only_theirs = int((mine & ~theirs).sum()), int((theirs & ~mine).sum())
        differences.append(only_mine - only_theirs)
        mcnemar.append(mcnemar_test(only_mine, only_theirs))
        disagreeing.append(comparison.disagreeing(numbers, seed))
    points = [100 * difference / samples for difference in differences]
    return Pair(numbers, points, disagreeing, sign_flip_test(differences), mcnemar)


def sentences(comparison: Comparison) -> list[str]:
    """What is to be said of the table."""
    seeds, samples = comparison.seeds, len(comparison.labels)
    several = f"{len(seeds)} seeds, {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else "one seed"
    found = [
        f"{several[0].upper()}{several[1:]}, {comparison.settings.epochs} epochs each; ± is the "
        "standard deviation over seeds. Weights: the least and the largest over all watched "
        "iterations."
    ]
    found += [_say_pair(pair(comparison, name), samples) for name in comparison.plan.floats]
    found.append(_say_costs(comparison.costs[FIXED].inference))
    found.append(_say_joules(comparison))
    return found


def _say_pair(found: Pair, samples: int) -> str:
    mean, _ = spread(found.points)
    text = f"Against {found.numbers}, fixed point is "
    if mean:
        text += f"{abs(mean):.2f} points {'more' if mean > 0 else 'less'} accurate"
    else:
        text += "exactly as accurate"
    if len(found.points) > 1:
        text += f" on average (from {min(found.points):+.2f} to {max(found.points):+.2f})"
        least = 2.0 ** (1 - len(found.points))
        text += (
            f"; by chance a difference at least as large has p = {found.chance:.2g} (sign-flip "
            f"test of pairs, which can't say less than {least:.2g} of so many seeds)"
        )
    else:
        text += "; one seed says nothing of chance"
    share = np.mean(found.disagreeing) / samples
    return (
        f"{text}. {_listed(found.disagreeing)} of {samples:,} test predictions differ "
        f"({share:.2%}); McNemar's test gives p = {_listed([f'{p:.2g}' for p in found.mcnemar])}."
    )


def _listed(values: list[int] | list[str]) -> str:
    return ", ".join(map(str, values))


def _say_costs(found: Energy) -> str:
    text = (
        f"Energy is an estimate of additions and multiplications by {found.table.title} "
        f"({found.table.source}); memory, functions and control are left out."
    )
    if found.left_out:
        text += f" Functions without a price, a sample: {found.left_out}."
    if found.between:
        text += f" Between or beyond its figures: {', '.join(found.between)}."
    return text


def _say_joules(comparison: Comparison) -> str:
    parts = []
    for numbers, outcomes in comparison.outcomes.items():
        joules = [o.joules for o in outcomes.values() if o.joules is not None]
        if joules:
            mean = with_spread(joules, ".3g")
            parts.append(f"{label(comparison, numbers)} {mean} J ({len(joules)} trainings)")
    if parts:
        return f"Measured by RAPL over whole trainings, the whole machine: {'; '.join(parts)}."
    reason = comparison.not_measured or "no training was measured from its beginning to its end"
    return f"{reason[0].upper()}{reason[1:]}."


def markdown(comparison: Comparison, title: str) -> str:
    """The table and its sentences, in Markdown."""
    lines = [f"# {title}", "", *markdown_table(COLUMNS, rows(comparison))]
    for sentence in sentences(comparison):
        lines += ["", sentence]
    return "\n".join([*lines, "", f"Made by `{comparison.config['command']}`.", ""])


def short_table(comparison: Comparison) -> str:
    """The table for a terminal: what is short enough."""
    columns, *found = ([row[i] for i in _SHORT] for row in (COLUMNS, *rows(comparison)))
    return text_table(columns, found)


def csv_text(comparison: Comparison) -> str:
    """A line a training."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        [
            "numbers",
            "seed",
            "test_accuracy",
            "test_loss",
            "epoch_seconds",
            "joules",
            "weights_min",
            "weights_max",
            "disagreeing",
            "mcnemar_p",
            "inference_pj",
            "step_pj",
            "inference_bytes",
            "step_bytes",
            "ebops",
        ]
    )
    pairs = {name: pair(comparison, name) for name in comparison.plan.floats}
    for numbers, outcomes in comparison.outcomes.items():
        costs, beside = comparison.costs[numbers], pairs.get(numbers)
        for place, (seed, each) in enumerate(outcomes.items()):
            writer.writerow(
                [
                    numbers,
                    seed,
                    each.accuracy,
                    each.loss if math.isfinite(each.loss) else "",
                    _or_empty(each.epoch_seconds),
                    _or_empty(each.joules),
                    *each.weights,
                    "" if beside is None else beside.disagreeing[place],
                    "" if beside is None else beside.mcnemar[place],
                    _or_empty(costs.inference.arithmetic),
                    _or_empty(costs.step.arithmetic),
                    costs.inference_bytes,
                    costs.step_bytes,
                    _or_empty(costs.ebops),
                ]
            )
    return file.getvalue()


def _or_empty(value: float | None) -> float | str:
    return "" if value is None else value
