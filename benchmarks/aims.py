"""Accuracy, training time and energy of a network in fixed and in floating point: README's table.

    FXTYPES_DATA=FOLDER python benchmarks/aims.py --runs runs/aims --write README.md

MNIST, 784-128-10, ReLU, batch 64, learning rate 0.1, 5 epochs, 3 seeds, `Precision.preset(width)`.
Accuracy, energy and bytes are `fxtypes-nn compare`'s, one comparison a width in the folder of runs;
what is trained there isn't trained again. Time is measured anew each time, as
benchmarks/training_speed.py does: the CPU time of a step on one thread, the best of `--rounds`
epochs by turns. It wants a machine that does nothing else.

`--quick` goes through it in seconds: two widths, one seed of the built-in digits, a few steps.
"""

import argparse
import csv
import statistics
from pathlib import Path
from types import SimpleNamespace

from measure import (
    ALLOCATOR,
    begin_anew,
    cpu_name,
    positive,
    run_fxtypes_nn,
    spread,
    table,
    write_tables,
)
from training_speed import BATCH, HIDDEN, ONE_THREAD, RATE, Data, contenders, least_seconds

WIDTHS, QUICK_WIDTHS = (8, 16, 32, 64), (8, 64)
FLOATS = ("float64", "float32")
HEAD = (
    *("numbers", "test accuracy", "beside float64", "time of a step"),
    *("energy of a step", "energy of a sample", "bytes of a sample"),
)


def compared(runs, width, quick):
    """The lines of a comparison, by numbers and seed."""
    path = runs / str(width)
    floats = ",".join(FLOATS if width == WIDTHS[-1] else FLOATS[:1])
    data, epochs, seeds = ("digits", 1, 1) if quick else ("mnist", 5, 3)
    run_fxtypes_nn(
        *("compare", "--dataset", data, "--layers", str(HIDDEN), "--width", str(width)),
        *("--epochs", str(epochs), "--batch-size", str(BATCH), "--learning-rate", str(RATE)),
        *("--seeds", str(seeds), "--floats", floats, "--out", str(path), "--resume"),
    )
    found = {}
    with open(path / "compare.csv", newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            found.setdefault(line["numbers"], {})[line["seed"]] = line
    return found


def step_times(widths, rounds, quick):
    """Times of a step by numbers, in parts of float64's."""
    options = SimpleNamespace(widths=widths, hidden="relu", profile=False)
    data = Data(8, "digits") if quick else Data(938)
    names = {f"{width} bits": width for width in widths} | {f"NumPy {f}": f for f in FLOATS}
    found = {names[label]: make for label, make in contenders(options).items() if label in names}
    seconds = least_seconds({name: make(data) for name, make in found.items()}, rounds)
    return {name: each / seconds["float64"] for name, each in seconds.items()}


def gap(mine, float64):
    """The mean of the paired gaps, in points, and their ends."""
    gaps = [
        100 * (float(line["test_accuracy"]) - float(float64[seed]["test_accuracy"]))
        for seed, line in mine.items()
    ]
    return f"{statistics.mean(gaps):+.2f} ({min(gaps):+.2f} to {max(gaps):+.2f})"


def cells(label, lines, float64, time):
    """A row: `lines` and `float64` by seed."""
    from fxtypes_nn.studies.energy import in_units

    first = next(iter(lines.values()))
    prices = [first[name] for name in ("step_pj", "inference_pj")]
    return [
        label,
        spread([float(line["test_accuracy"]) for line in lines.values()]),
        "-" if lines is float64 else gap(lines, float64),
        time,
        *(in_units(float(each)) if each else "not published" for each in prices),
        f"{float(first['inference_bytes']):,.0f}",
    ]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=Path, required=True, metavar="FOLDER", help="the trainings")
    parser.add_argument("--rounds", default=5, type=positive, help="of times, the best counts")
    parser.add_argument("--quick", action="store_true", help="the built-in digits, a few steps")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="into a page, between its marks")
    options = parser.parse_args()
    begin_anew(ALLOCATOR | ONE_THREAD)
    widths = QUICK_WIDTHS if options.quick else WIDTHS
    found = {width: compared(options.runs, width, options.quick) for width in widths}
    times = step_times(widths, options.rounds, options.quick)
    rows = [
        cells(f"fixed, {width} bits", each["fixed"], each["float64"], times[width])
        for width, each in found.items()
    ]
    widest = found[widths[-1]]
    rows += [cells(name, widest[name], widest["float64"], times[name]) for name in FLOATS]
    text = f"{table(HEAD, rows)}\n"
    if options.write is None:
        print(f"{text}\n{cpu_name()}")
    else:
        write_tables(options.write, "aims.py", text)


if __name__ == "__main__":
    main()
