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
from fxtypes_nn.watch.plots.drawing import rendered

WIDE = fx.Format(64, 48)  # their Q16.48, whose 16 bits count the sign
NARROW = fx.Format(16, 12)
RATE, BATCH = 0.1, 32
# What counts as level: points of accuracy beside the last epochs' mean, and a share of the range.
POINTS, SHARE = 0.2, 0.02


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


QUICK = Plan(("digits",), 8, 3, 1, 1, 2)


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

    def narrower(self, name, width):
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
    """A training's state after an epoch; `arguments` of the sigmoids and the softmax."""

    accuracy: float
    weights: tuple[float, float]
    arguments: tuple[float, float] | None

    @property
    def largest(self):
        return max(map(abs, self.weights))


def epochs_of(run):
    history = History.from_json(run / "history.json")
    columns = {name: history[name] for name in history.columns}
    ends = [i for i, each in enumerate(columns["validation_accuracy"]) if each is not None]
    arguments = [
        name[:-4] for name in columns if name in ("sigmoid1.input.min", "softmax1.input.min")
    ]
    weights = [name[:-4] for name in columns if name.endswith(".weights.min")]

    def ends_of(names, row):
        return tuple(
            choose(columns[f"{name}.{end}"][row] for name in names)
            for end, choose in (("min", min), ("max", max))
        )

    return [
        Epoch(
            columns["validation_accuracy"][row],
            ends_of(weights, row),
            ends_of(arguments, row) if arguments else None,
        )
        for row in ends
    ]


def level_from(values, end, within):
    """The first epoch from which no value is further from the end."""
    return 1 + max((epoch for epoch, v in enumerate(values, 1) if abs(v - end) > within), default=0)


def growth(epochs, first, last):
    """How much the largest magnitude grows an epoch, between the ends of two."""
    return (epochs[last - 1].largest - epochs[first - 1].largest) / (last - first)


def summary(epochs, last):
    """A row's: the accuracy, the weights, where each is level, growth at both ends."""
    accuracies = [100 * each.accuracy for each in epochs]
    end, largest = statistics.mean(accuracies[-last:]), epochs[-1].largest
    return [
        f"{end:.2f} %",
        level_from(accuracies, end, POINTS),
        _range(epochs[-1].weights),
        level_from([each.largest for each in epochs], largest, SHARE * largest),
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
        kinds |= {f"{width} bits, preset": runs.narrower(name, width) for width in (32, 16)}
        found = {label: epochs_of(run) for label, run in kinds.items()}
        ends += [[name, label, *summary(each, plan.last)] for label, each in found.items()]
        epochs, before = found["64 bits, 48 of fraction"], None
        for number in plan.rows:
            each = epochs[number - 1]
            grown = None if before is None else f"{growth(epochs, before, number):+.3f}"
            cells = [f"{each.accuracy:.2%}", _range(each.weights), grown, _range(each.arguments)]
            by_epoch.append([name, number, *cells])
            before = number
        run = read_run(str(wide), lambda text: None)
        record = dataclasses.replace(
            make_record(run), twin=History.from_json(twin / "history.json")
        )
        pictures[f"range-{name}"] = PICTURES["original"](record)
    head = ["data", "epoch", "accuracy", "weights", "growth an epoch", "into sigmoids and softmax"]
    last = f"last {plan.last} epochs"
    heads = ["data", "numbers", f"accuracy, {last}", "level from epoch", "weights at the end"]
    heads += ["range level from epoch", f"growth an epoch, first {plan.last}", last]
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
        pictures[f"order-{name}"] = draw(cuts)
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
    rows, bound = [], math.log(float(WIDE.max))
    for name in runs.plan.sets:
        run, _ = runs.wide(name)
        model, data = load_model(run / "model.npz"), datasets.load(name)
        x = data.to_fixed(model.precision.inputs).x_test
        epochs = epochs_of(run)
        beyond = next(
            (n for n, e in enumerate(epochs, 1) if max(map(abs, e.arguments)) > bound), None
        )
        kinds = {"correctly rounded": (fx.sigmoid, lambda z: fx.softmax(z, axis=1), "saturate")}
        for overflow in ("saturate", "wrap"):
            kinds[f"as first written, {overflow}"] = (first_sigmoid, first_softmax, overflow)
        right = None
        for label, (sigmoid, softmax, overflow) in kinds.items():
            values = outputs(model.parameters(), x, (sigmoid, softmax), overflow)
            right = values if right is None else right
            wrong = np.abs(values[0] - right[0]) > 0.001
            classes = [each[1].argmax(axis=1) for each in (values, right)]
            rows.append(
                [
                    name,
                    label,
                    f"{wrong.mean():.2%}",
                    np.count_nonzero(wrong.any(axis=1)),
                    np.count_nonzero(classes[0] != classes[1]),
                    f"{(classes[0] == data.y_test).mean():.2%}",
                    beyond,
                ]
            )
    head = ["data", "functions", "sigmoids off by 0.001", "in so many images", "other classes"]
    head += ["accuracy", f"arguments beyond {bound:.1f} from epoch"]
    return f"{table(head, rows)}\n", {}


def outputs(parameters, x, functions, overflow):
    """The hidden units and the probabilities of a network of two layers, as floats."""
    sigmoid, softmax = functions
    p = {
        name: values.astype(WIDE.replace(overflow=overflow)) for name, values in parameters.items()
    }
    x = x.astype(WIDE.replace(overflow=overflow))
    hidden = sigmoid(fx.matmul(x, p["dense1.weights"], initial=p["dense1.bias"]))
    logits = fx.matmul(hidden, p["dense2.weights"], initial=p["dense2.bias"])
    return hidden.to_numpy(), softmax(logits).to_numpy()


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
        with atomic_write(folder / f"findings-{name}.png") as file:
            file.write(rendered(figure, "png", name))


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
