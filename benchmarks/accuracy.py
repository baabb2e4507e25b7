"""Print tables of accuracy: networks trained in fixed point beside their float64 twins.

A twin is the same network in NumPy float64, from the model's own initial weights as floats and
with the same order of batches. Gaps are paired, fixed point less float, in points of a hundred, on
the test images; "se" is the standard error of their mean. A limit holds where the loss of accuracy
is at most the limit and two standard errors.

    python benchmarks/accuracy.py widths      a row a width, Precision.preset
    python benchmarks/accuracy.py ablation    what each measure against narrow formats brings
    python benchmarks/accuracy.py original    784-200-10 and 784-100-10 in Format(64, 48)
    python benchmarks/accuracy.py narrow      weights of 3 bits; weights and activations of 6

MNIST and Fashion-MNIST are read from the folder of --data, or that FXTYPES_DATA names.
"""

import argparse
import contextlib
import functools
import math
import statistics
import sys
import time
from fractions import Fraction
from pathlib import Path

from measure import add_choices, cpu_name, positive, table
from tqdm import tqdm

import fxtypes as fx
from fxtypes_nn import MLP, SGD, CrossEntropy, FollowRange, Precision, datasets
from fxtypes_nn.layers import dense, relu

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from float_reference import compare

CASES = {"mnist": "relu", "fashion-mnist": "sigmoid"}  # and what follows the hidden layer
SIZES = (784, 128, 10)
WIDTHS = (128, 64, 32, 24, 16, 12, 10, 8)
LIMITS = {12: 0.3, 10: 0.5, 8: 0.2}  # points; 0.15 at other widths
NARROW_LIMIT = 0.3
ORIGINAL_EPOCHS = (1, 5, 10)


@functools.cache
def data_of(name, folder):
    return datasets.load(name, folder)


class Bench:
    """The options, and the runs that they ask for."""

    def __init__(self, options):
        self.options, self.spent = options, 0.0

    def seeds(self, otherwise):
        return range(self.options.seeds or otherwise)

    def pairs(self, bar, name, make, seeds, **options):
        """Both accuracies after each epoch, in percent, by seed. `make(seed)` is the model."""
        found = []
        for seed in seeds:
            bar.set_postfix_str(f"{name}, seed {seed}")
            started = time.perf_counter()
            fixed, twin = compare(
                make(seed),
                data_of(name, self.options.data),
                **{"epochs": self.options.epochs} | options,
            )
            self.spent += time.perf_counter() - started
            found.append([[100 * value for value in values] for values in (fixed, twin)])
            bar.update()
        return found

    def note(self, what):
        """Below a table: what it was made of."""
        return (
            f"\n{what} {cpu_name()}; {self.spent:.0f} s of training, twins included."
            " By seed: seed 0 first.\n"
        )


class Rows:
    """A table that is printed row by row: all of it takes long."""

    def __init__(self, *first, limit=True):
        last = ("limit", "holds") if limit else ()
        self.head = [*first, "fixed point", "float64", "gap", "se", *last, "gaps by seed"]
        print(table(self.head, []), flush=True)

    def add(self, *cells):
        tqdm.write(table(self.head, [cells]).splitlines()[-1])
        sys.stdout.flush()


def gap(pairs, epoch=-1):
    """Mean of the gaps after an epoch, its standard error, and the gaps."""
    gaps = [fixed[epoch] - twin[epoch] for fixed, twin in pairs]
    error = statistics.stdev(gaps) / math.sqrt(len(gaps)) if len(gaps) > 1 else None
    return statistics.mean(gaps), error, gaps


def cells(pairs, limit=None, epoch=-1):
    """A row's: both means, the gap, its error, the limit and whether it holds, all gaps."""
    mean, error, gaps = gap(pairs, epoch)
    fixed, twin = (statistics.mean(pair[i][epoch] for pair in pairs) for i in (0, 1))
    row = [f"{fixed:.2f} %", f"{twin:.2f} %", f"{mean:+.2f}", "-" if error is None else error]
    if limit is not None:
        holds = -mean <= limit + 2 * (error or 0)
        row += [limit, "yes" if holds else "no"]
    return [*row, " ".join(f"{each:+.2f}" for each in gaps)]


def model_of(name, precision, sizes=SIZES, hidden=None):
    return lambda seed: MLP(sizes, hidden=hidden or CASES[name], precision=precision, seed=seed)


def widths(bench):
    options, rows = bench.options, Rows("data, hidden layer", "bits", "seeds")
    runs = [(name, width) for name in options.sets for width in options.widths]
    count = {width: bench.seeds(3 if width >= 16 else 10) for width in options.widths}
    with tqdm(total=sum(len(count[width]) for _, width in runs), unit="run") as bar:
        for name, width in runs:
            make = model_of(name, Precision.preset(width))
            pairs = bench.pairs(bar, name, make, count[width])
            limit = LIMITS.get(width, 0.15)
            rows.add(f"{name}, {CASES[name]}", width, len(pairs), *cells(pairs, limit))
    print(bench.note(f"784-128-10, batch 64, SGD(0.1), {options.epochs} epochs, Precision.preset."))


@contextlib.contextmanager
def replaced(owner, name, value):
    kept = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, kept)


class BiasLater:
    """`fx`, but for a product that is rounded before its bias is added."""

    def __getattr__(self, name):
        return getattr(fx, name)

    @staticmethod
    def matmul(x, y, *, format, accumulator=None, initial=None):
        found = fx.matmul(x, y, format=format, accumulator=accumulator)
        return found if initial is None else fx.add(found, initial, format=format)


def measures(width):
    """Each measure switched off alone: its name, a change of the precision, fit's options, and
    what is replaced in the package."""
    precision = Precision.preset(width)
    nearest = {
        role: getattr(precision, role).replace(rounding="nearest_even")
        for role in ("updates", "gradients")
    }
    as_weights = precision.weights.replace(rounding=precision.updates.rounding)
    one = fx.Format(width, width - 6)
    alike = dict.fromkeys(("inputs", "pre_activations", "activations", "logits"), one)
    kept = {"state": precision.state}
    yield "all as in the preset", {}, {}, ()
    yield "updates to nearest", {"updates": nearest["updates"], **kept}, {}, ()
    yield "NITI's rounding of updates", {}, {"optimizer": SGD(0.1, rounding="niti")}, ()
    yield "gradients to nearest", {"gradients": nearest["gradients"]}, {}, ()
    if precision.updates.width > width:
        yield "updates no wider than weights", {"updates": as_weights}, {}, ()
    yield f"{one} for all of inputs to logits", alike, {}, ()
    unaware = ("without_saturated", lambda gradient, y: gradient)
    yield "gradients blind to saturation", {}, {}, ((dense, *unaware), (relu, *unaware))
    yield "bias added after rounding", {}, {}, ((dense, "fx", BiasLater()),)


def scaled(width):
    """Loss scaling, where gradients have a range that they don't fill: else it moves a binary
    point that could as well be moved."""
    gradients = Precision.preset(width).gradients
    wide = {"gradients": gradients.replace(frac_bits=width - 6)}
    yield "gradients from -32 to 32", wide, {}, ()
    yield "the same, loss times 32", wide, {"loss": CrossEntropy(32)}, ()


def ablation(bench):
    options = bench.options
    for width in options.widths:
        runs = [*measures(width), *scaled(width)]
        rows = Rows("data, hidden layer", f"{width} bits", limit=False)
        seeds = bench.seeds(3)
        with tqdm(total=len(runs) * len(seeds) * len(options.sets), unit="run") as bar:
            for name in options.sets:
                for label, formats, more, patches in runs:
                    make = model_of(name, Precision.preset(width).replace(**formats))
                    with contextlib.ExitStack() as stack:
                        for patch in patches:
                            stack.enter_context(replaced(*patch))
                        pairs = bench.pairs(bar, name, make, seeds, **more)
                    rows.add(f"{name}, {CASES[name]}", label, *cells(pairs))
        print(
            bench.note(
                f"784-128-10, batch 64, SGD(0.1), {options.epochs} epochs, {len(seeds)} seeds."
            )
        )


def original(bench):
    options, rows = bench.options, Rows("data, network", "epochs", limit=False)
    epochs = [each for each in ORIGINAL_EPOCHS if each <= options.epochs]
    networks = [(784, hidden, 10) for hidden in (200, 100)]
    seeds = bench.seeds(1)
    precision = Precision.uniform(64, 48)
    with tqdm(total=len(networks) * len(options.sets) * len(seeds), unit="run") as bar:
        for name in options.sets:
            for sizes in networks:
                make = model_of(name, precision, sizes, "sigmoid")
                pairs = bench.pairs(bar, name, make, seeds, batch_size=32)
                label = f"{name}, {'-'.join(map(str, sizes))}"
                for epoch in epochs:
                    rows.add(label, epoch, *cells(pairs, epoch=epoch - 1))
    print(
        bench.note(
            f"Sigmoid, softmax and cross-entropy, SGD(0.1), batch 32, Format(64, 48) for all, "
            f"{len(seeds)} seed(s)."
        )
    )


def narrow_runs(name):
    """By label: a precision whose points are first guesses, and what follows the maximum."""
    wide, kept = Precision.preset(16), Precision.preset(16).updates
    same = ("inputs", "pre_activations", "logits")
    same = {role: getattr(wide, role) for role in same} | {"biases": kept}
    six = fx.Format(6, 6, signed=False)
    rectified = CASES[name] == "relu"
    yield (
        "weights and activations of 6 bits",
        wide.replace(
            **same | {"inputs": six},
            weights=fx.Format(6, 6),
            activations=six.replace(frac_bits=4) if rectified else six,
        ),
        # A sigmoid's outputs reach 1 from the start.
        FollowRange(activations=Fraction(1, 2) if rectified else None),
    )
    yield (
        "weights of 3 bits",
        wide.replace(**same, weights=fx.Format(3, 3)),
        FollowRange(weights=Fraction(2, 5)),
    )


def narrow(bench):
    options, rows = bench.options, Rows("data, hidden layer", "all else 16 bits")
    runs = [(name, *run) for name in options.sets for run in narrow_runs(name)]
    seeds = bench.seeds(3)
    with tqdm(total=len(runs) * len(seeds), unit="run") as bar:
        for name, label, precision, follow in runs:
            make = model_of(name, precision)
            pairs = bench.pairs(bar, name, make, seeds, callbacks=[follow])
            rows.add(f"{name}, {CASES[name]}", label, *cells(pairs, NARROW_LIMIT))
    print(
        bench.note(
            f"784-128-10, batch 64, SGD(0.1), {options.epochs} epochs, {len(seeds)} seeds; a "
            "point a layer, chosen anew after each epoch."
        )
    )


# By command: its function, --widths' default, and --epochs'.
COMMANDS = {
    "widths": (widths, WIDTHS, 5),
    "ablation": (ablation, (10, 8), 5),
    "original": (original, None, max(ORIGINAL_EPOCHS)),
    "narrow": (narrow, None, 5),
}


def _integers(text):
    return [positive(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (function, bits, epochs) in COMMANDS.items():
        command = commands.add_parser(name)
        command.set_defaults(run=function)
        command.add_argument("--seeds", type=positive, help="so many instead of the table's own")
        command.add_argument("--epochs", type=positive, default=epochs)
        command.add_argument("--data", help="the folder of the data sets")
        if bits is not None:
            command.add_argument("--widths", type=_integers, default=list(bits), metavar="A,B")
        add_choices(command, {"sets": CASES})
    options = parser.parse_args()
    try:
        options.run(Bench(options))
    except datasets.DatasetError as error:
        sys.exit(f"accuracy: error: {error}")


if __name__ == "__main__":
    main()
