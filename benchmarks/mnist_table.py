"""Make the README's table: MNIST in fixed point beside NumPy float64.

    FXTYPES_DATA=FOLDER python benchmarks/mnist_table.py

A network 784-128-10, batch 64, learning rate 0.1, 3 epochs, formats Precision.preset(width), and
its float64 twin with the same initial weights and batches, for seeds 0, 1 and 2.
"""

import sys
import time
from pathlib import Path

from tqdm import tqdm

from fxtypes_nn import MLP, Precision, datasets

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from float_reference import compare

SEEDS = (0, 1, 2)
CASES = (("relu", 32), ("relu", 16), ("sigmoid", 16))


def main():
    try:
        data = datasets.load("mnist")
    except datasets.DatasetError as error:
        sys.exit(f"mnist_table: error: {error}")
    rows = []
    with tqdm(total=len(CASES) * len(SEEDS), unit="run") as bar:
        for hidden, width in CASES:
            precision = Precision.preset(width)
            fixed_data = data.to_fixed(precision.activations)
            pairs, started = [], time.perf_counter()
            for seed in SEEDS:
                bar.set_description(f"{hidden}, {width} bits, seed {seed}")
                model = MLP([784, 128, 10], hidden=hidden, precision=precision, seed=seed)
                pairs.append(compare(model, data, fixed_data=fixed_data))
                bar.update()
            rows.append((hidden, width, pairs, (time.perf_counter() - started) / len(SEEDS)))
    print(_table(rows))


def _table(rows):
    lines = [
        "| hidden layer | width | fixed point | float64 | difference | by seed (fixed / float64) |",
        "|---|---|---|---|---|---|",
    ]
    for hidden, width, pairs, _ in rows:
        fixed, float64 = (100 * sum(column) / len(pairs) for column in zip(*pairs, strict=True))
        seeds = ", ".join(f"{100 * a:.2f} / {100 * b:.2f}" for a, b in pairs)
        lines.append(
            f"| {hidden} | {width} | {fixed:.2f} % | {float64:.2f} % | {fixed - float64:+.2f} "
            f"| {seeds} |"
        )
    seconds = ", ".join(f"{hidden} {width}: {each:.0f} s" for hidden, width, _, each in rows)
    return "\n".join(lines) + f"\n\nTime of one seed, both networks: {seconds}."


if __name__ == "__main__":
    main()
