"""Print fxtypes beside NumPy, APyTypes, fxpmath, Python's integers and decimal, in one table.

Every peer does what it does by itself: APyTypes grows its results instead of rounding them,
fxpmath too; NumPy's int64 neither rounds nor saturates, and has room for formats of 16 and 32
bits only; Python's integers floor; decimal has as many digits as the format's values need. So
the table shows what an operation costs, not what equal work costs. All have one thread.

Each repetition times every case once, one after the other, so that what else the machine does
meets all alike; a case's time is the median.
"""

import argparse
import importlib
import os
import platform
import statistics
import sys
import timeit

# Read when NumPy is loaded.
for variable in (
    "FXTYPES_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
):
    os.environ[variable] = "1"

import decimal  # noqa: E402

import numpy as np  # noqa: E402

import fxtypes as fx  # noqa: E402

WIDTHS = (16, 32, 64, 128)
OPERATIONS = ("add", "multiply", "divide", "cast", "from float", "to float", "sum")
SMALL = "add of 10"  # one call
SIZE, SLOW_SIZE = 1_000_000, 10_000  # elements; of peers that take one after the other
INSTALL = {"apytypes": "pip install apytypes", "fxpmath": "pip install fxpmath"}


def values(size):
    """The same numbers for all: from 1/8 to 7, which no operation takes out of range."""
    random = np.random.default_rng(0)
    return random.uniform(0.125, 7, size), random.uniform(0.125, 7, size)


def fxtypes_cases(width, x, y):
    fmt, other = fx.Format(width, width // 2), fx.Format(width, width // 2 - 2)
    a, b = fx.array(x, fmt), fx.array(y, fmt)
    return {
        "add": lambda: a + b,
        "multiply": lambda: a * b,
        "divide": lambda: a / b,
        "cast": lambda: a.astype(other),
        "from float": lambda: fx.array(x, fmt),
        "to float": lambda: a.to_numpy(),
        "sum": lambda: a.sum(),
    }


def float64_cases(width, x, y):
    # Its conversions are those that int64 below does by hand; a cast costs an add.
    return {
        "add": lambda: x + y,
        "multiply": lambda: x * y,
        "divide": lambda: x / y,
        "sum": lambda: x.sum(),
    }


def int64_cases(width, x, y):
    if width > 32:
        return {}
    shift = width // 2
    scale = 2.0**shift
    i, j = (np.rint(v * scale).astype(np.int64) for v in (x, y))
    return {
        "add": lambda: i + j,
        "multiply": lambda: (i * j) >> shift,
        "divide": lambda: (i << shift) // j,
        "cast": lambda: i >> 2,
        "from float": lambda: np.rint(x * scale).astype(np.int64),
        "to float": lambda: i.astype(np.float64) * (1 / scale),
        "sum": lambda: i.sum(),
    }


def apytypes_cases(width, x, y):
    apy = importlib.import_module("apytypes")
    bits = {"int_bits": width - width // 2, "frac_bits": width // 2}
    a, b = (apy.APyFixedArray.from_array(v, **bits) for v in (x, y))
    modes = apy.QuantizationMode.TIES_EVEN, apy.OverflowMode.SAT
    return {
        "add": lambda: a + b,
        "multiply": lambda: a * b,
        "divide": lambda: a / b,
        "cast": lambda: a.cast(bits["int_bits"] + 2, bits["frac_bits"] - 2, *modes),
        "from float": lambda: apy.APyFixedArray.from_array(x, **bits),
        "to float": lambda: a.to_numpy(),
        "sum": lambda: a.sum(),
    }


def fxpmath_cases(width, x, y):
    fxp = importlib.import_module("fxpmath").Fxp
    options = {"signed": True, "n_word": width, "rounding": "around"}
    a, b = (fxp(v, n_frac=width // 2, **options) for v in (x, y))
    other = fxp(None, n_frac=width // 2 - 2, **options)
    return {
        "add": lambda: a + b,
        "multiply": lambda: a * b,
        "divide": lambda: a / b,
        "cast": lambda: a.like(other),
        "from float": lambda: fxp(x, n_frac=width // 2, **options),
        "to float": lambda: a.get_val(),
        "sum": lambda: a.sum(),
    }


def integer_cases(width, x, y):
    shift = width // 2
    scale = 1 << shift
    floats = x.tolist()
    i, j = ([round(v * scale) for v in array.tolist()] for array in (x, y))
    return {
        "add": lambda: [a + b for a, b in zip(i, j, strict=True)],
        "multiply": lambda: [a * b >> shift for a, b in zip(i, j, strict=True)],
        "divide": lambda: [(a << shift) // b for a, b in zip(i, j, strict=True)],
        "cast": lambda: [a >> 2 for a in i],
        "from float": lambda: [round(v * scale) for v in floats],
        "to float": lambda: [a / scale for a in i],
        "sum": lambda: sum(i),
    }


def decimal_cases(width, x, y):
    context = decimal.Context(prec=1 + width * 3 // 10)
    last = decimal.Decimal(10) ** -(width * 3 // 20 - 1)
    floats = x.tolist()
    i, j = ([context.create_decimal_from_float(v) for v in array.tolist()] for array in (x, y))
    return {
        "add": lambda: [context.add(a, b) for a, b in zip(i, j, strict=True)],
        "multiply": lambda: [context.multiply(a, b) for a, b in zip(i, j, strict=True)],
        "divide": lambda: [context.divide(a, b) for a, b in zip(i, j, strict=True)],
        "cast": lambda: [a.quantize(last, context=context) for a in i],
        "from float": lambda: [context.create_decimal_from_float(v) for v in floats],
        "to float": lambda: [float(a) for a in i],
        "sum": lambda: sum(i),
    }


# name: (cases, elements, the module it needs)
PEERS = {
    "fxtypes": (fxtypes_cases, SIZE, None),
    "NumPy float64": (float64_cases, SIZE, None),
    "NumPy int64": (int64_cases, SIZE, None),
    "APyTypes": (apytypes_cases, SIZE, "apytypes"),
    "fxpmath": (fxpmath_cases, SLOW_SIZE, "fxpmath"),
    "Python int": (integer_cases, SLOW_SIZE, None),
    "decimal": (decimal_cases, SLOW_SIZE, None),
}


def installed(peer):
    module = PEERS[peer][2]
    if module is None:
        return True
    try:
        importlib.import_module(module)
    except ImportError:
        print(f"{peer} is left out: it is not installed ({INSTALL[module]})")
        return False
    return True


def timers(peers):
    """(operation, width, peer) -> (function, calls of one timing, elements)."""
    found = {}
    for peer in peers:
        make, size, _ = PEERS[peer]
        for width in WIDTHS:
            for operation, case in make(width, *values(size)).items():
                found[operation, width, peer] = (case, 1, size)
            small = make(width, *values(10)).get("add")
            if small is not None:
                found[SMALL, width, peer] = (small, 1000, 1)
    return found


def measure(cases, repetitions):
    """Nanoseconds an element (of SMALL: a call), the median of each case."""
    times = {case: [] for case in cases}
    for case, (function, _, _) in list(cases.items()):
        try:
            function()
        except Exception as error:  # what a peer can't do is no reason to stop
            print(f"{case[2]} fails at {case[0]}, {case[1]} bits: {error}", file=sys.stderr)
            del times[case]
    for _ in range(repetitions):
        for case in times:
            function, calls, elements = cases[case]
            times[case].append(timeit.timeit(function, number=calls) / calls / elements)
    return {case: statistics.median(found) * 1e9 for case, found in times.items()}


def table(medians, peers):
    rows = [
        f"| ns an element | bits | {' | '.join(peers)} |",
        f"|---|---|{'---|' * len(peers)}",
    ]
    for operation in (*OPERATIONS, SMALL):
        label = "`a + b` of 10 elements, ns a call" if operation == SMALL else operation
        for width in WIDTHS:
            cells = [figure(medians.get((operation, width, peer))) for peer in peers]
            rows.append(f"| {label} | {width} | {' | '.join(cells)} |")
    return "\n".join(rows)


def figure(nanoseconds):
    if nanoseconds is None:
        return "-"
    return f"{nanoseconds:.2f}" if nanoseconds < 10 else f"{nanoseconds:,.0f}"


def versions(peers):
    texts = [f"fxtypes {fx.__version__}", f"NumPy {np.__version__}"]
    for peer in peers:
        module = PEERS[peer][2]
        if module is not None:
            found = importlib.import_module("importlib.metadata").version(module)
            texts.append(f"{peer} {found}")
    return ", ".join([*texts, f"Python {platform.python_version()}"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=21, help="default: %(default)s")
    options = parser.parse_args()
    if options.repetitions < 1:
        parser.error(f"--repetitions must be 1 or more, got {options.repetitions}")
    peers = [peer for peer in PEERS if installed(peer)]
    print(table(measure(timers(peers), options.repetitions), peers))
    print(
        f"\n{versions(peers)}; {platform.machine()}, one thread, medians of "
        f"{options.repetitions} repetitions; {SIZE:,} elements, of fxpmath, Python int and "
        f"decimal {SLOW_SIZE:,}. fxtypes: signed formats with half their bits after the point, "
        "nearest_even and saturate; a cast moves the point by two bits."
    )


if __name__ == "__main__":
    main()
