"""An epoch of training, or the steps of one, beside the same network elsewhere.

    FXTYPES_DATA=FOLDER python benchmarks/training_speed.py [--widths 8,16,32,64,128]

MNIST, 784-128-10, batch 64, learning rate 0.1, `Precision.preset(width)`, monitors at their
default, one thread everywhere. All take turns; the best of `--rounds` of each counts. Beside NumPy
in float64 (the networks of tests/float_reference.py) stand the same in float32, scikit-learn's
`MLPClassifier` in float64 and a loop of PyTorch in float32, where these are installed.

`--memory` gives the peak memory of each in a process of its own instead, the images included.
`--watching` gives what it takes to watch every tenth iteration: the median of the steps that are
watched, each the least of the rounds, and of the three after each, which it leaves a colder cache.
`--profile` prints where a step's time goes, too. Prints a Markdown table.
"""

import argparse
import importlib.util
import itertools
import json
import resource
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

from measure import ALLOCATOR, begin_anew, cpu_name, positive
from measure import table as markdown

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")}
HIDDEN, BATCH, RATE = 128, 64, 0.1
EVERY, AFTER = 10, 3  # iterations: one of so many is watched; so many feel it afterwards


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--widths", default="8,10,12,16,24,32,64,128", type=_integers)
    parser.add_argument("--hidden", default="relu", choices=["relu", "sigmoid", "tanh"])
    parser.add_argument("--rounds", default=5, type=positive, help="of which the best counts")
    parser.add_argument("--steps", default=938, type=positive, help="of an epoch; 938 are all")
    parser.add_argument("--profile", action="store_true", help="print where a step's time goes")
    parser.add_argument("--memory", action="store_true", help="peak memory instead of time")
    parser.add_argument("--watching", action="store_true", help="what watching takes, instead")
    parser.add_argument("--only", help=argparse.SUPPRESS)  # a process of its own: its memory
    options = parser.parse_args()
    if options.watching and options.steps < 3 * EVERY:
        parser.error(f"--watching needs --steps of at least {3 * EVERY}, got {options.steps}")
    begin_anew(ALLOCATOR | ONE_THREAD)
    if options.only:
        print(json.dumps(peak_of(options)))
    else:
        print((memory if options.memory else watching if options.watching else times)(options))


def _integers(text):
    return [int(part) for part in text.split(",")]


class Data:
    """A data set's first batches, as each contender takes them, and the network's sizes."""

    def __init__(self, steps, name="mnist"):
        from fxtypes_nn import datasets

        self.dataset = datasets.load(name)
        self.sizes = [self.dataset.x_train.shape[1], HIDDEN, len(self.dataset.classes)]
        self.count = min(steps * BATCH, len(self.dataset.x_train))
        self.y = self.dataset.y_train[: self.count]

    @property
    def steps(self):
        return -(-self.count // BATCH)

    def lazy(self, format):
        whole = self.dataset.lazy(format).x_train
        return type(whole)(whole.stored[: self.count], whole.format, whole.maximum)

    def floats(self, dtype):
        return (self.dataset.x_train[: self.count] / self.dataset.maximum).astype(dtype)


# The contenders: each is made with the data, and trains an epoch of a new network when called.


class Fixed:
    def __init__(self, width, data, options):
        import fxtypes as fx
        from fxtypes_nn import Precision

        fx.set_num_threads(1)
        self.precision, self.options, self.y = Precision.preset(width), options, data.y
        self.x, self.sizes, self.profile = data.lazy(self.precision.inputs), data.sizes, None

    def model(self):
        from fxtypes_nn import MLP

        return MLP(self.sizes, hidden=self.options.hidden, precision=self.precision)

    def train(self, model):
        from fxtypes_nn import SGD

        profile = self.options.profile
        history = model.fit(self.x, self.y, optimizer=SGD(RATE), progress=False, profile=profile)
        self.profile = history.profile


class NumPy:
    def __init__(self, dtype, data, options):
        self.x, self.y, self.sizes = data.floats(dtype), data.y, data.sizes
        self.options, self.dtype = options, dtype

    def model(self):
        from float_reference import FloatMLP

        from fxtypes_nn import MLP

        return FloatMLP.like(MLP(self.sizes, hidden=self.options.hidden), self.dtype)

    def train(self, model):
        options = {"epochs": 1, "batch_size": BATCH, "learning_rate": RATE, "seed": 0}
        model.fit(self.x, self.y, **options)


class ScikitLearn:
    def __init__(self, data, options):
        self.x, self.y = data.floats("float64"), data.y
        self.hidden = {"sigmoid": "logistic"}.get(options.hidden, options.hidden)

    def model(self):
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(
            [HIDDEN],
            activation=self.hidden,
            solver="sgd",
            alpha=0,
            batch_size=BATCH,
            learning_rate_init=RATE,
            momentum=0,
            nesterovs_momentum=False,
            max_iter=1,
        )

    def train(self, model):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it would go on for more than an epoch
            model.fit(self.x, self.y)


class PyTorch:
    def __init__(self, data, options):
        import torch

        torch.set_num_threads(1)
        self.torch, self.hidden, self.sizes = torch, options.hidden, data.sizes
        self.x, self.y = torch.from_numpy(data.floats("float32")), torch.from_numpy(data.y)

    def model(self):
        nn = self.torch.nn
        hidden = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}[self.hidden]
        return nn.Sequential(nn.Linear(*self.sizes[:2]), hidden(), nn.Linear(*self.sizes[1:]))

    def train(self, model):
        optimizer = self.torch.optim.SGD(model.parameters(), RATE)
        loss = self.torch.nn.CrossEntropyLoss()
        for rows in self.torch.randperm(len(self.x)).split(BATCH):
            optimizer.zero_grad()
            loss(model(self.x[rows]), self.y[rows]).backward()
            optimizer.step()


def contenders(options):
    """By label: a function of the data that makes the contender. The twin is the first."""
    found = {"NumPy float64": lambda data: NumPy("float64", data, options)}
    for width in options.widths:
        found[f"{width} bits"] = lambda data, width=width: Fixed(width, data, options)
    found["NumPy float32"] = lambda data: NumPy("float32", data, options)
    others = {
        "sklearn": ("scikit-learn float64", ScikitLearn),
        "torch": ("PyTorch float32", PyTorch),
    }
    for module, (label, contender) in others.items():
        if importlib.util.find_spec(module):
            found[label] = lambda data, contender=contender: contender(data, options)
    return found


def least_seconds(found, rounds):
    """By contender, the least CPU time of its trainings, which take turns."""
    best = dict.fromkeys(found, float("inf"))
    for _ in range(rounds):
        for label, contender in found.items():
            model = contender.model()
            began = time.process_time()
            contender.train(model)
            best[label] = min(best[label], time.process_time() - began)
    return best


def times(options):
    data = Data(options.steps)
    found = {label: make(data) for label, make in contenders(options).items()}
    best = least_seconds(found, options.rounds)
    twin = best["NumPy float64"]
    rows = [
        (label, round(seconds / data.steps * 1e6), seconds / twin)
        for label, seconds in best.items()
    ]
    head = ["784-128-10, " + options.hidden, "us a step", "/ NumPy float64"]
    profiles = [
        f"\n{label}:\n{contender.profile}"
        for label, contender in found.items()
        if getattr(contender, "profile", None) is not None
    ]
    note = f"\n{cpu_name()}, {data.steps} steps, CPU time, the best of {options.rounds}."
    return "\n".join([markdown(head, rows), note, *profiles])


class Ends:
    """A callback that notes when iterations end."""

    def __init__(self):
        self.times = []

    def on_iteration_end(self, trainer):
        self.times.append(time.process_time())


def watching(options):
    from fxtypes_nn import SGD

    data, rows = Data(options.steps), []
    for width in options.widths:
        fixed, rounds = Fixed(width, data, options), []
        for _ in range(options.rounds):
            ends = Ends()
            settings = {"optimizer": SGD(RATE), "callbacks": [ends], "watch_every": EVERY}
            fixed.model().fit(fixed.x, fixed.y, progress=False, **settings)
            rounds.append([after - before for before, after in itertools.pairwise(ends.times)])
        least = [min(times) * 1e6 for times in zip(*rounds, strict=True)]
        # From the second step on, by how long ago one was watched; the last one ends the epoch.
        medians = [statistics.median(least[i - 1 : -1 : EVERY]) for i in (EVERY, *range(1, EVERY))]
        other = statistics.median(medians[AFTER + 1 :])
        more = sum(median - other for median in medians[: AFTER + 1])
        share = f"{more / EVERY / other:.1%}"
        rows.append((f"{width} bits", round(other), round(medians[0]), share))
    head = ["784-128-10, " + options.hidden, "us a step", "us a watched one", "watching takes"]
    note = f"{cpu_name()}, {data.steps} steps, CPU time, the least of {options.rounds} each."
    return f"{markdown(head, rows)}\n{note}"


def peak_of(options):
    """Kilobytes of this process, once it has trained one contender's epoch."""
    contender = contenders(options)[options.only](Data(options.steps))
    contender.train(contender.model())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def memory(options):
    rows, twin = [], None
    for label in contenders(options):
        command = [sys.executable, *sys.orig_argv[1:], "--only", label]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        peak = json.loads(done.stdout) / 1024
        twin = twin or peak
        rows.append((label, round(peak), peak / twin))
    head = ["784-128-10, " + options.hidden, "peak MiB", "/ NumPy float64"]
    return markdown(head, rows) + "\n\nPeak of the whole process, the images in it.\n"


if __name__ == "__main__":
    main()
