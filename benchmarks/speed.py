"""Print how fxtypes' operators compare with NumPy's on float64, both timed in this run.

Each repetition times every case once, one after the other, so that what else the machine does
meets all alike; a case's time is the median. One thread.
"""

import argparse
import os
import platform
import statistics
import timeit

# Read when NumPy is loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
from benchmarks.bench_elementwise import OPERANDS, OPERATIONS  # noqa: E402

import fxtypes  # noqa: E402
from fxtypes._kernels.kernels import KERNELS  # noqa: E402

WIDTHS = (16, 32)
SIZES = (1_000_000, 10)
SECONDS_EACH = 0.005  # one timing lasts at least about as long


def timers():
    """(operation, width, size, kind) -> a timer and the calls that one timing makes."""
    found = {}
    for size in SIZES:
        for operation, function in OPERATIONS.items():
            for width in WIDTHS:
                for kind, operands in OPERANDS.items():
                    a, b = operands(width, size)
                    timer = timeit.Timer(
                        "function(a, b)", globals={"function": function, "a": a, "b": b}
                    )
                    timer.timeit(10)
                    calls = max(1, round(SECONDS_EACH * 10 / timer.timeit(10)))
                    found[operation, width, size, kind] = timer, calls
    return found


def measure(cases, repetitions):
    """The median seconds of a call, of each case."""
    times = {case: [] for case in cases}
    for _ in range(repetitions):
        for case, (timer, calls) in cases.items():
            times[case].append(timer.timeit(calls) / calls)
    return {case: statistics.median(values) for case, values in times.items()}


def duration(seconds):
    return f"{seconds * 1e6:.2f} µs" if seconds < 1e-4 else f"{seconds * 1e3:.2f} ms"


def table(medians):
    rows = [
        "| operation | bits | elements | fxtypes | float64 | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for operation, width, size, kind in medians:
        if kind == "fxtypes":
            fixed = medians[operation, width, size, "fxtypes"]
            real = medians[operation, width, size, "float64"]
            rows.append(
                f"| `{operation}` | {width} | {size:,} | {duration(fixed)} | {duration(real)} "
                f"| {fixed / real:.2f} |"
            )
    return "\n".join(rows)


def cpu_name():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=101, help="default: %(default)s")
    options = parser.parse_args()
    if options.repetitions < 1:
        parser.error(f"--repetitions must be 1 or more, got {options.repetitions}")
    medians = measure(timers(), options.repetitions)
    print(table(medians))
    print(
        f"\nfxtypes {fxtypes.__version__} ({KERNELS} kernels), NumPy {np.__version__}, "
        f"Python {platform.python_version()}, {cpu_name()}, one thread; medians of "
        f"{options.repetitions} repetitions, signed formats with half their bits after the point, "
        "`nearest_even`, `saturate`"
    )


if __name__ == "__main__":
    main()
