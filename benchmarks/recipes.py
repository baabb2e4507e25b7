"""Train the recipes of `fxtypes_nn.recipes` over several seeds, and print what they reach.

    python benchmarks/recipes.py train mnist        seeds 0 to 4
    python benchmarks/recipes.py train mine.toml --results tried.jsonl --hold-out 10000 --seeds 1
    python benchmarks/recipes.py table

A recipe is a name of the package's or a file of settings. Each training is a line of the results,
with its settings, and is not made again: cut off, the same command goes on with the next seed.
Those of the package's recipes are kept in `benchmarks/recipes.jsonl`.

With `--hold-out N` the last N training images measure in the place of the test images, and the
others train: hyperparameters are chosen so. A table shows either such trainings or the others.

"last" is the accuracy after the last epoch, "best" the best epoch's on the images that measure,
which nobody knows beforehand; both are means over seeds and standard deviations, in percent.
"""

import argparse
import contextlib
import json
import statistics
import sys
import time
from pathlib import Path

from measure import cpu_name, positive, spread, table, write_tables

import fxtypes as fx
from fxtypes.interop.atomic_write import atomic_write
from fxtypes_nn import recipes
from fxtypes_nn.datasets import LazyArray
from fxtypes_nn.errors import SettingError
from fxtypes_nn.runs import build, settings

COMMAND = "recipes.py"
KEPT = Path(__file__).with_suffix(".jsonl")
# What a result stands for: all but where it was made and what measures in which way.
NO_PART = ("seed", "data_dir", "validation_every", "watch_every", "watch_gradients")
# The best that is printed for training a multilayer perceptron in integers only, in percent.
IN_PRINT = {
    "mnist": "NITRO-D, 784-1024-1024-1024-10: 98.28 ± 0.08",
    "fashion-mnist": "NITRO-D, 784-1024-1024-1024-10: 89.13 ± 0.41",
    "mnist-small": "NITRO-D: 97.36; PocketNN: 96.98",
    "fashion-mnist-small": "NITRO-D: 88.66; PocketNN: 87.7",
}


def resolved(recipe, **changes):
    """The settings of a recipe's name, or of a file's."""
    read = settings.read_file if recipe.endswith(".toml") else settings.read_recipe
    return settings.resolve(read(recipe) | changes)


def name_of(recipe):
    return Path(recipe).stem if recipe.endswith(".toml") else recipe


def meaning(chosen):
    """What makes two trainings the same one but for the seed; JSON gives back an equal dict."""
    return {name: value for name, value in chosen.stored().items() if name not in NO_PART}


def held_out(data, count):
    """The data set whose test part is the last training samples, which don't train."""
    x, y = data.x_train, data.y_train
    if count >= len(y):
        raise SettingError(f"--hold-out {count} leaves none of {len(y)} training samples")
    parts = [
        LazyArray(x.stored[rows], x.format, x.maximum)
        for rows in (slice(None, -count), slice(-count, None))
    ]
    return parts[0], y[:-count], parts[1], y[-count:]


def trained(chosen, hold_out):
    """Train, and return the accuracies after each epoch and what it took."""
    data = build.load_data(chosen)
    parts = data.x_train, data.y_train, data.x_test, data.y_test
    x, y, x_test, y_test = held_out(data, hold_out) if hold_out else parts
    model = build.make_network(chosen, data)
    began, cpu_began = time.perf_counter(), time.process_time()
    history = model.fit(
        x,
        y,
        epochs=chosen.epochs,
        batch_size=chosen.batch_size,
        optimizer=build.make_optimizer(chosen, len(y)),
        validation=(x_test, y_test),
        augment=build.make_augmentation(chosen, data),
        watch_every=len(y),  # the last iteration of an epoch alone
        progress=sys.stderr.isatty(),
    )
    return {
        "accuracies": [value for value in history["validation_accuracy"] if value is not None],
        "training_loss": history.mean_of_last("loss", -(-len(y) // chosen.batch_size)),
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu_began, 1),
        "sizes": [x.shape[1], *chosen.layers, len(data.classes)],
        "fxtypes": fx.__version__,
        "cpu": cpu_name(),
    }


def read_results(path):
    """The lines of a file of results, none where there is no file."""
    lines = Path(path).read_text().splitlines() if Path(path).exists() else []
    found = []
    for number, line in enumerate(lines, 1):
        try:
            result = json.loads(line)
            result["settings"], result["seed"], result["hold_out"], result["accuracies"][-1]
        except (ValueError, TypeError, LookupError) as error:
            raise SystemExit(f"{path}: line {number} is no result ({error!r}); remove it") from None
        found.append(result)
    return found


def results_of(results, chosen, hold_out):
    """A recipe's, by seed; those of other settings don't count."""
    # A setting that came later than a result had its default then.
    before, wanted = (json.loads(json.dumps(meaning(s))) for s in (settings.Settings(), chosen))
    return {
        result["seed"]: result
        for result in results
        if before | result["settings"] == wanted and result["hold_out"] == hold_out
    }


def write_results(path, results):
    with atomic_write(path, text=True) as file:
        file.writelines(json.dumps(result) + "\n" for result in results)


def train(options):
    # A file that can't be written is found before a training, not after it.
    write_results(options.results, read_results(options.results))
    for recipe in options.recipes or recipes.names():
        for seed in range(options.seeds):
            chosen = resolved(recipe, seed=seed, data_dir=options.data)
            if seed in results_of(read_results(options.results), chosen, options.hold_out):
                continue
            found = trained(chosen, options.hold_out)
            kept = {"recipe": name_of(recipe), "seed": seed, "hold_out": options.hold_out}
            kept |= {"settings": meaning(chosen)} | found
            write_results(options.results, [*read_results(options.results), kept])
            last, best = found["accuracies"][-1], max(found["accuracies"])
            said = f"{last:.2%}, best {best:.2%}, {found['seconds']:.0f} s"
            print(f"{name_of(recipe)}, seed {seed}: {said}", flush=True)


def cells(recipe, found):
    accuracies = [result["accuracies"] for result in found]
    minutes = statistics.mean(result["cpu_seconds"] for result in found) / 60
    return [
        f"`{name_of(recipe)}`",
        "-".join(map(str, found[0]["sizes"])),
        len(accuracies[0]),
        len(found),
        spread(each[-1] for each in accuracies),
        spread(map(max, accuracies)),
        f"{minutes:.1f}",
        IN_PRINT.get(name_of(recipe)),
    ]


def show(options):
    results = read_results(options.results)
    rows, cpus = [], set()
    for recipe in options.recipes or recipes.names():
        found = results_of(results, resolved(recipe), options.hold_out)
        if not found:
            print(f"{recipe}: no results of its settings as they stand", file=sys.stderr)
            continue
        rows.append(cells(recipe, list(found.values())))
        cpus |= {result["cpu"] for result in found.values()}
    if not rows:
        raise SystemExit(f"recipes: error: {options.results} has no results for a table")
    head = ["recipe", "network", "epochs", "seeds", "last", "best", "minutes", "in print"]
    measured = f"the last {options.hold_out} training images" if options.hold_out else "test images"
    text = (
        f"{table(head, rows)}\n\nPercent of the {measured.removeprefix('the ')}, mean ± standard "
        f"deviation over the seeds; minutes of {', '.join(sorted(cpus))} a training.\n"
    )
    if options.write is None:
        print(text, end="")
        return
    write_tables(options.write, COMMAND, text)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in {"train": train, "table": show}.items():
        command = commands.add_parser(name)
        command.set_defaults(run=function)
        command.add_argument("recipes", nargs="*", metavar="RECIPE", help="default: all")
        command.add_argument(
            "--results",
            default=KEPT,
            metavar="FILE",
            help="a line a training (default: %(default)s)",
        )
        command.add_argument("--hold-out", type=positive, default=0, metavar="N")
    commands.choices["train"].add_argument("--seeds", type=positive, default=5)
    commands.choices["train"].add_argument("--data", help="the folder of the data sets")
    commands.choices["table"].add_argument(
        "--write", type=Path, metavar="PAGE", help="into a page, between its marks"
    )
    options = parser.parse_args()
    with contextlib.suppress(BrokenPipeError):
        try:
            options.run(options)
        except (SettingError, OSError, ValueError) as error:
            sys.exit(f"recipes: error: {error}")


if __name__ == "__main__":
    main()
