"""An epoch of training, or the steps of one, beside the same network in NumPy float64.

    FXTYPES_DATA=FOLDER python benchmarks/training_speed.py [--widths 8,16,32,64,128]

MNIST, 784-128-10, batch 64, learning rate 0.1, `Precision.preset(width)`, one thread, monitors at
their default; NumPy's BLAS as it is. Fixed point and float64 take turns; the best of `--rounds` of
each counts. Prints a Markdown table.
"""

import argparse
import sys
import time
from pathlib import Path

from measure import ALLOCATOR, begin_anew, cpu_name

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--widths", default="8,10,12,16,24,32,64,128", type=_integers)
    parser.add_argument("--hidden", default="relu", choices=["relu", "sigmoid", "tanh"])
    parser.add_argument("--rounds", default=5, type=int, help="of which the best counts")
    parser.add_argument("--steps", default=938, type=int, help="of an epoch; 938 are all")
    parser.add_argument("--profile", action="store_true", help="print where a step's time goes")
    options = parser.parse_args()
    begin_anew(ALLOCATOR)
    print(table(options))


def _integers(text):
    return [int(part) for part in text.split(",")]


def table(options):
    from float_reference import FloatMLP

    import fxtypes as fx
    from fxtypes_nn import MLP, SGD, Precision, datasets

    fx.set_num_threads(1)
    data = datasets.load("mnist")
    samples = min(options.steps * 64, len(data.x_train))
    floats, y = data.x_train[:samples] / data.maximum, data.y_train[:samples]
    steps = -(-samples // 64)
    lines = [
        f"{cpu_name()}, {options.hidden}, {steps} steps",
        "",
        "| bits | us a step | float64, us | / float64 |",
        "|---|---|---|---|",
    ]
    for width in options.widths:
        precision = Precision.preset(width)
        x = data.lazy(precision.inputs).x_train
        x = type(x)(x.stored[:samples], x.format, x.maximum)
        best = {"fixed": 1e9, "float": 1e9}
        for _ in range(options.rounds):
            model = MLP([784, 128, 10], hidden=options.hidden, precision=precision)
            twin = FloatMLP.like(model)
            began = time.perf_counter()
            history = model.fit(x, y, optimizer=SGD(0.1), progress=False, profile=options.profile)
            best["fixed"] = min(best["fixed"], time.perf_counter() - began)
            began = time.perf_counter()
            twin.fit(floats, y, epochs=1, batch_size=64, learning_rate=0.1, seed=0)
            best["float"] = min(best["float"], time.perf_counter() - began)
        fixed, float64 = (best[name] / steps * 1e6 for name in ("fixed", "float"))
        lines.append(f"| {width} | {fixed:.0f} | {float64:.0f} | {fixed / float64:.2f} |")
        if options.profile:
            print(history.profile)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
