"""Hold the original group's findings against ours: docs/findings.md's tables and pictures.

    FXTYPES_DATA=FOLDER python benchmarks/findings.py --runs runs/findings --write docs/findings.md

trains what isn't in the folder of runs yet, and writes each part's tables between its marks in
the page, and pictures into `images` beside it; without `--write` it prints the tables. Cut off,
the same command goes on with what is missing. Names of parts make these alone; `--quick` goes
through all of them in seconds, with a small network on the built-in digits.

    range      50 epochs of sigmoids in the group's format: accuracy and the weights' range
    order      bits cut off the trained weights: when the order of the scores breaks
    relu       ReLU and sigmoids where something is wrong, beside the float64 twin
    functions  the trained network with the sigmoid and the softmax as one would write them first

The trainings are runs of `fxtypes-nn compare`, `train` and `precision`, with their pages. Those
of `relu` need what these commands don't offer (pixels as they are, other first weights): each is a
line of `relu.jsonl`.
"""

import argparse
import contextlib
import csv
import dataclasses
import json
import math
import statistics
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from measure import run_fxtypes_nn, spread, table, write_tables

import fxtypes as fx
from fxtypes.interop.atomic_write import atomic_write
from fxtypes_nn import MLP, SGD, History, Precision, datasets, load_model
from fxtypes_nn.runs.record import make_record, read_run
from fxtypes_nn.studies.bit_cutting import ALL, Cuts, Step, first_changes
from fxtypes_nn.studies.bit_cutting_pages import draw, of
from fxtypes_nn.studies.floats import FloatNetwork, FloatOptions
from fxtypes_nn.watch.plots import PICTURES
from fxtypes_nn.watch.plots.style import styled

WIDE = fx.Format(64, 48)  # their Q16.48, whose 16 bits count the sign
NARROW = fx.Format(16, 12)
PRESETS = (32, 16)
RATE, BATCH = 0.1, 32
DRAWN = range(-4, 21)  # bits; beyond them nothing changes
DPI = 110  # a picture of the repository takes 60 kB at most
# Level is an accuracy, the mean of so many epochs, within so many points of where it ends.
SMOOTHED, POINTS = 5, 0.2


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is trained, and for how long."""

    sets: tuple[str, ...] = ("mnist", "fashion-mnist")
    units: int = 200
    epochs: int = 50
    last: int = 10  # epochs whose mean is what a training ends at
    relu_epochs: int = 1
    seeds: int = 3

    @property
    def rows(self):
        """The epochs with a row of their own."""
        return [*(each for each in (1, 2, 5, 10, 20, 30, 40) if each < self.epochs), self.epochs]


QUICK = Plan(sets=("digits",), units=8, epochs=3, last=1, seeds=2)


class Runs:
    """The trainings in a folder: one that isn't there is made, one that was cut off goes on."""

    def __init__(self, folder, plan):
        self.folder, self.plan = Path(folder), plan
        self._there = set()

    def wide(self, name):
        """The folders of the run in the group's format, and of its float64 twin."""
        formats = ("--width", str(WIDE.width), "--frac-bits", str(WIDE.frac_bits))
        path = self._made(name, "64", "compare", *formats, "--seeds", "1", "--floats", "float64")
        return path / "fixed" / "seed-0", path / "float64" / "seed-0"

    def preset(self, name, width):
        return self._made(name, width, "train", "--width", str(width))

    def _made(self, name, width, command, *more):
        path, plan = self.folder / f"{name}-{width}", self.plan
        if path not in self._there:
            run_fxtypes_nn(
                *(command, "--dataset", name, "--layers", str(plan.units), "--hidden", "sigmoid"),
                *("--epochs", str(plan.epochs), "--batch-size", str(BATCH)),
                *("--learning-rate", str(RATE), "--watch-every", "100", *more),
                *("--out", str(path), "--resume"),
            )
            self._there.add(path)
        return path

    def cuts(self, name):
        """What `precision` finds of fraction and integer bits, and of significant ones."""
        run, _ = self.wide(name)
        steps = []
        for kind, more in (("fixed", []), ("floats", ["--significant"])):
            folder = self.folder / f"{name}-precision-{kind}"
            if not (folder / "precision.png").exists():  # written last
                run_fxtypes_nn("precision", str(run), "--out", str(folder), *more)
            with open(folder / "precision.csv", newline="", encoding="utf-8") as file:
                steps += map(_step, csv.DictReader(file))
        accuracy = json.loads((run / "config.json").read_text())["test_accuracy"]
        return Cuts(accuracy, steps, [])


def _step(line):
    measures = (float(line[name]) for name in Step._fields[3:])
    return Step(line["layer"], line["bits"], int(line["kept"]), *measures)


# The weights' range, and the accuracy


class Epoch(NamedTuple):
    """A training after an epoch; what goes into the functions is of one batch."""

    accuracy: float
    weights: tuple[float, float]
    sigmoid: tuple[float, float] | None
    softmax: tuple[float, float] | None

    @property
    def largest(self):
        return max(map(abs, self.weights))


def epochs_of(run):
    history = History.from_json(run / "history.json")
    columns = {name: history[name] for name in history.columns}
    ends = [i for i, each in enumerate(columns["validation_accuracy"]) if each is not None]
    weights = [name[:-4] for name in columns if name.endswith(".weights.min")]

    def ends_of(names, row):
        found = [[columns[f"{name}.{end}"][row] for name in names] for end in ("min", "max")]
        return min(found[0]), max(found[1])

    def into(layer, row):
        """The range of its input; float64 twins have none in their histories."""
        return ends_of([f"{layer}.input"], row) if f"{layer}.input.min" in columns else None

    accuracies = columns["validation_accuracy"]
    return [
        Epoch(accuracies[row], ends_of(weights, row), into("sigmoid1", row), into("softmax1", row))
        for row in ends
    ]


def smooth(values):
    """The mean of each value and those before it."""
    stops = range(1, len(values) + 1)
    return [statistics.mean(values[max(0, stop - SMOOTHED) : stop]) for stop in stops]


def holds_from(values, holds):
    """The first epoch from which all hold; None where the last doesn't."""
    first = 1 + max((epoch for epoch, v in enumerate(values, 1) if not holds(v)), default=0)
    return first if first <= len(values) else None


def most_from(values, share=0.9):
    """The first epoch from which values have most of what they gain after the first one."""
    least = values[0] + share * (values[-1] - values[0])
    return holds_from(values, lambda value: value >= least)


def growth(epochs, first, last):
    """How much the largest magnitude grows an epoch, between the ends of two."""
    return (epochs[last - 1].largest - epochs[first - 1].largest) / (last - first)


def summary(epochs, last):
    """A row's: the accuracy, the weights, when each has most of its gain, growth at both ends."""
    accuracies = [100 * each.accuracy for each in epochs]
    end = statistics.mean(accuracies[-last:])
    return [
        f"{end:.2f} %",
        holds_from(smooth(accuracies), lambda value: abs(value - end) <= POINTS),
        most_from([*smooth(accuracies)[:-1], end]),
        _range(epochs[-1].weights),
        most_from([each.largest for each in epochs]),
        f"{growth(epochs, 1, 1 + last):+.3f}",
        f"{growth(epochs, len(epochs) - last, len(epochs)):+.3f}",
    ]


def _range(ends):
    return "-" if ends is None else f"{ends[0]:.2f} to {ends[1]:.2f}"


def make_range(runs):
    plan, by_epoch, ends, pictures = runs.plan, [], [], {}
    for name in plan.sets:
        wide, twin = runs.wide(name)
        kinds = {"64 bits, 48 of fraction": wide, "float64": twin}
        kinds |= {f"{width} bits, preset": runs.preset(name, width) for width in PRESETS}
        found = {label: epochs_of(run) for label, run in kinds.items()}
        ends += [[name, label, *summary(each, plan.last)] for label, each in found.items()]
        epochs, before = found["64 bits, 48 of fraction"], None
        for number in plan.rows:
            each = epochs[number - 1]
            grown = None if before is None else f"{growth(epochs, before, number):+.3f}"
            cells = [f"{each.accuracy:.2%}", _range(each.weights), grown]
            by_epoch.append([name, number, *cells, _range(each.sigmoid), _range(each.softmax)])
            before = number
        run = read_run(str(wide), lambda text: None)
        record = dataclasses.replace(
            make_record(run), twin=History.from_json(twin / "history.json")
        )
        pictures[f"range-{name}"] = PICTURES["original"](record)
    head = [
        "data",
        "epoch",
        "accuracy",
        "weights",
        "growth an epoch",
        "into sigmoids",
        "into the softmax",
    ]
    last = f"last {plan.last} epochs"
    heads = ["data", "numbers", f"accuracy, {last}", "level from epoch", "nine tenths from epoch"]
    heads += ["weights at the end", "nine tenths of it from epoch"]
    heads += [f"growth an epoch, first {plan.last}", last]
    return f"{table(head, by_epoch)}\n\n{table(heads, ends)}\n", pictures


# The order of the scores


def fewest(steps, holds):
    """The fewest bits that hold, all cuts before them too; None where the first doesn't."""
    found = None
    for step in steps:
        if not holds(step):
            break
        found = step.kept
    return found


def make_order(runs):
    rows, pictures = [], {}
    for name in runs.plan.sets:
        cuts = runs.cuts(name)
        near = [step for step in cuts.steps if step.kept in DRAWN]
        pictures[f"order-{name}"] = draw(dataclasses.replace(cuts, steps=near))
        for bits in ("fraction", "integer", "significant"):
            steps = of(cuts, ALL, bits)
            least = [
                fewest(steps, lambda step, whole=cuts.accuracy: whole - step.accuracy < 0.00501),
                fewest(steps, lambda step: step.agreement >= 0.99),
                fewest(steps, lambda step: step.top3 >= 0.99),
                fewest(steps, lambda step: step.tau >= 0.99),
            ]
            first = first_changes(steps)
            rows.append(
                [name, bits, *(first[each] for each in ("tau", "top3", "agreement")), *least]
            )
    head = ["data", "bits", "first changed: all ten", "three highest", "class"]
    head += ["accuracy within 0.5 points", "class of 99 %", "three highest of 99 %", "tau 0.99"]
    return f"{table(head, rows)}\n", pictures


# ReLU where something is wrong


class Case(NamedTuple):
    """What differs from a training that goes well."""

    rate: float = RATE
    as_stored: bool = False  # pixels 0 to 255
    deviation: float | None = None  # of the first weights, drawn normally
    format: fx.Format = WIDE


CASES = {
    "nothing": Case(),
    "pixels from 0 to 255": Case(as_stored=True),
    "learning rate 1": Case(rate=1.0),
    "first weights of deviation 1": Case(deviation=1.0),
    f"{NARROW.width} bits, {NARROW.frac_bits} of fraction, saturating": Case(format=NARROW),
    "the same, wrapping": Case(format=NARROW.replace(overflow="wrap")),
}
HIDDEN = ("relu", "sigmoid")


def trained(case, hidden, seed, plan):
    """The test accuracies in fixed point and of the float64 twin."""
    data = datasets.load(plan.sets[0])
    fmt = case.format
    precision = Precision(fmt, fmt, fmt, fmt)
    sizes = (data.x_train.shape[1], plan.units, len(data.classes))
    model = MLP(sizes, hidden=hidden, precision=precision, seed=seed)
    if case.deviation is not None:
        draw_from = np.random.default_rng(seed)
        model.set_parameters(
            {
                name: draw_from.normal(0, case.deviation, values.shape)
                for name, values in model.parameters().items()
                if name.endswith("weights")
            }
        )
    if not case.as_stored:
        data = data.lazy(precision.inputs)
    optimizer, test = SGD(case.rate), (data.x_test, data.y_test)
    twin = FloatNetwork(model)
    options = FloatOptions(plan.relu_epochs, BATCH, optimizer)
    twin.fit(data.x_train, data.y_train, options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it can't learn so is what is shown
        model.fit(
            *(data.x_train, data.y_train, plan.relu_epochs, BATCH),
            optimizer=optimizer,
            progress=False,
        )
        return {"fixed": model.evaluate(*test)["accuracy"], "float64": twin.evaluate(*test)[1]}


def relu_results(path, plan):
    """By case, activation and seed, those of the plan's own networks."""
    lines = path.read_text().splitlines() if path.exists() else []
    mine = [plan.sets[0], plan.units, plan.relu_epochs]
    found = (json.loads(line) for line in lines)
    return {tuple(each["run"]): each for each in found if each["plan"] == mine}


def make_relu(runs):
    plan, path = runs.plan, runs.folder / "relu.jsonl"
    runs.folder.mkdir(parents=True, exist_ok=True)
    found = relu_results(path, plan)
    for label, case in CASES.items():
        for hidden in HIDDEN:
            for seed in range(plan.seeds):
                if (label, hidden, seed) in found:
                    continue
                result = {"run": [label, hidden, seed]}
                result["plan"] = [plan.sets[0], plan.units, plan.relu_epochs]
                found[label, hidden, seed] = result | trained(case, hidden, seed, plan)
                with atomic_write(path, text=True) as file:
                    file.writelines(json.dumps(each) + "\n" for each in found.values())
    rows = [
        [
            label,
            *(
                spread([found[label, hidden, seed][numbers] for seed in range(plan.seeds)])
                for hidden in HIDDEN
                for numbers in ("fixed", "float64")
            ),
        ]
        for label in CASES
    ]
    head = [
        "what is wrong",
        "ReLU, fixed point",
        "ReLU, float64",
        "sigmoid, fixed",
        "sigmoid, float64",
    ]
    return f"{table(head, rows)}\n", {}


# Sigmoid and softmax as one would write them first


def first_sigmoid(x):
    return 1 / (1 + fx.exp(-x))


def first_softmax(x):
    powers = fx.exp(x)
    return powers / powers.sum(axis=1, keepdims=True)


def make_functions(runs):
    rows, notes, bound = [], [], math.log(float(WIDE.max))
    kinds = {"correctly rounded": (fx.sigmoid, lambda x: fx.softmax(x, axis=1), "saturate")}
    for overflow in ("saturate", "wrap"):
        kinds[f"as first written, {overflow}"] = (first_sigmoid, first_softmax, overflow)
    for name in runs.plan.sets:
        model, data = load_model(runs.wide(name)[0] / "model.npz"), datasets.load(name)
        x = data.to_fixed(model.precision.inputs).x_test
        found = {label: outputs(model.parameters(), x, *kind) for label, kind in kinds.items()}
        right = found["correctly rounded"]
        for label, each in found.items():
            wrong = np.abs(each.hidden - right.hidden) > 0.001
            other = each.classes != right.classes
            accuracy = (each.classes == data.y_test).mean()
            counts = np.count_nonzero(wrong), np.count_nonzero(other)
            rows.append([name, label, *(f"{count:,}" for count in counts), f"{accuracy:.2%}"])
        notes.append(
            f"{name}: {np.count_nonzero(right.into_sigmoid < -bound):,} of "
            f"{right.into_sigmoid.size:,} arguments of sigmoids are below -{bound:.1f}, and "
            f"{np.count_nonzero((right.logits > bound).any(axis=1)):,} of {len(x):,} images have a "
            f"logit above {bound:.1f}."
        )
    head = ["data", "functions", "sigmoids off by 0.001", "images of another class", "accuracy"]
    return "\n".join([table(head, rows), "", *notes, ""]), {}


class Outputs(NamedTuple):
    """What a network of two layers makes of samples, as floats."""

    into_sigmoid: np.ndarray
    hidden: np.ndarray
    logits: np.ndarray
    classes: np.ndarray


def outputs(parameters, x, sigmoid, softmax, overflow):
    fmt = WIDE.replace(overflow=overflow)
    p = {name: values.astype(fmt) for name, values in parameters.items()}
    into_sigmoid = fx.matmul(x.astype(fmt), p["dense1.weights"], initial=p["dense1.bias"])
    hidden = sigmoid(into_sigmoid)
    logits = fx.matmul(hidden, p["dense2.weights"], initial=p["dense2.bias"])
    classes = softmax(logits).to_numpy().argmax(axis=1)
    return Outputs(into_sigmoid.to_numpy(), hidden.to_numpy(), logits.to_numpy(), classes)


PARTS = {
    "range": make_range,
    "order": make_order,
    "relu": make_relu,
    "functions": make_functions,
}


def write(page, part, text, pictures):
    write_tables(page, f"findings.py {part}", text)
    folder = page.parent / "images"
    folder.mkdir(exist_ok=True)
    for name, figure in pictures.items():
        with styled(), atomic_write(folder / f"findings-{name}.png") as file:
            figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"default: {', '.join(PARTS)}")
    parser.add_argument("--runs", required=True, metavar="FOLDER", help="the trainings")
    parser.add_argument("--quick", action="store_true", help="small networks, built-in data")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="into a page, between its marks")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(PARTS)}")
    runs = Runs(options.runs, QUICK if options.quick else Plan())
    with contextlib.suppress(BrokenPipeError):
        try:
            for part in options.parts or PARTS:
                text, pictures = PARTS[part](runs)
                if options.write is None:
                    print(f"{part}\n\n{text}", flush=True)
                else:
                    write(options.write, part, text, pictures)
        except (OSError, ValueError) as error:
            sys.exit(f"findings: error: {error}")


if __name__ == "__main__":
    main()
