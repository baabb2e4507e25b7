"""Print fxtypes beside NumPy, APyTypes, fxpmath, python-flint, Python's integers and decimal.

Every peer does what it does by itself: APyTypes grows its results instead of rounding them,
fxpmath too; NumPy's int64 neither rounds nor saturates, and has room for formats of 16 and 32
bits only; NumPy's object arrays hold Python's integers, which floor; python-flint, here for its
integer matrices, gives exact sums; decimal has as many digits as the format's values need. So
the table shows what an operation costs, not what equal work costs. All have one thread.

Each repetition times every case once, one after the other, so that what else the machine does
meets all alike; a case's time is the median, of the CPU's time.
"""

import argparse
import decimal
import importlib
import math
import platform
import statistics
import sys
import time
import timeit
from collections.abc import Callable
from functools import partial
from importlib import metadata
from typing import NamedTuple

import benchmarks  # noqa: F401  one thread, and the BLAS' kernels

# isort: split
# They are read when NumPy is loaded.
import numpy as np
from measure import blas_name, cpu_name, table

import fxtypes as fx

WIDTHS = (16, 32, 64, 128)
OPERATIONS = ("add", "multiply", "divide", "cast", "from float", "to float", "sum")
SMALL = "`a + b` of 10 elements, ns a call"
PRODUCT = "matrix product, ns a multiply-add"
SIZE, SLOW_SIZE = 1_000_000, 10_000  # elements; of peers that take one after the other
SHAPE, SLOW_SHAPE = (64, 784, 128), (16, 196, 32)  # of matrix products: m, k, n


def values(size):
    """The same numbers for all: from 1/8 to 7, which no operation takes out of range."""
    random = np.random.default_rng(0)
    return random.uniform(0.125, 7, size), random.uniform(0.125, 7, size)


def matrices(m, k, n):
    """The same numbers for all, as in a network: pixels, and weights around 0."""
    random = np.random.default_rng(0)
    return random.uniform(0, 1, (m, k)), random.uniform(-0.5, 0.5, (k, n))


def integers(width, *arrays):
    """The arrays in fixed point by hand: object arrays of Python's integers."""
    scale = 1 << width // 2
    return [
        np.array([round(v * scale) for v in a.ravel().tolist()], object).reshape(a.shape)
        for a in arrays
    ]


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


def object_cases(width, x, y):
    shift = width // 2
    i, j = integers(width, x, y)
    return {
        "add": lambda: i + j,
        "multiply": lambda: (i * j) >> shift,
        "divide": lambda: (i << shift) // j,
        "cast": lambda: i >> 2,
        "sum": lambda: i.sum(),
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


def fxtypes_product(width, x, y):
    a, b = (fx.array(v, fx.Format(width, width // 2)) for v in (x, y))
    return lambda: a @ b


def float64_product(width, x, y):
    return lambda: x @ y


def int64_product(width, x, y):
    if width > 32:
        return None
    i, j = (np.rint(v * 2.0 ** (width // 2)).astype(np.int64) for v in (x, y))
    return lambda: (i @ j) >> width // 2


def apytypes_product(width, x, y):
    make = importlib.import_module("apytypes").APyFixedArray.from_array
    a, b = (make(v, int_bits=width - width // 2, frac_bits=width // 2) for v in (x, y))
    return lambda: a @ b


def flint_product(width, x, y):
    matrix = importlib.import_module("flint").fmpz_mat
    a, b = (matrix(i.tolist()) for i in integers(width, x, y))
    return lambda: a * b


def object_product(width, x, y):
    i, j = integers(width, x, y)
    return lambda: (i @ j) >> width // 2


class Peer(NamedTuple):
    """What a peer can do.

    cases(width, x, y) gives calls by operation, product(width, x, y) one of matrices or None;
    `module` and `package` are what it needs and what to install for it.
    """

    cases: Callable | None
    product: Callable | None
    slow: bool = False
    module: str | None = None
    package: str | None = None


PEERS = {
    "fxtypes": Peer(fxtypes_cases, fxtypes_product),
    "NumPy float64": Peer(float64_cases, float64_product),
    "NumPy int64": Peer(int64_cases, int64_product),
    "APyTypes": Peer(apytypes_cases, apytypes_product, False, "apytypes", "apytypes"),
    "fxpmath": Peer(fxpmath_cases, None, True, "fxpmath", "fxpmath"),
    "python-flint": Peer(None, flint_product, False, "flint", "python-flint"),
    "NumPy object": Peer(object_cases, object_product, True),
    "Python int": Peer(integer_cases, None, True),
    "decimal": Peer(decimal_cases, None, True),
}


def installed(name):
    peer = PEERS[name]
    if peer.module is None:
        return True
    try:
        importlib.import_module(peer.module)
    except ImportError:
        print(f"{name} is left out: it is not installed (pip install {peer.package})")
        return False
    return True


def timers(peers):
    """(operation, width, peer) -> (function, calls of one timing, elements)."""
    found = {}
    for name in peers:
        peer = PEERS[name]
        size, shape = (SLOW_SIZE, SLOW_SHAPE) if peer.slow else (SIZE, SHAPE)
        for width in WIDTHS:
            if peer.cases is not None:
                for operation, case in peer.cases(width, *values(size)).items():
                    found[operation, width, name] = (case, 1, size)
                small = peer.cases(width, *values(10)).get("add")
                if small is not None:
                    found[SMALL, width, name] = (small, 1000, 1)
            product = peer.product and peer.product(width, *matrices(*shape))
            if product is not None:
                found[PRODUCT, width, name] = (product, 1, math.prod(shape))
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
    # The CPU's time: what others do on the machine doesn't count.
    timer = partial(timeit.timeit, timer=time.process_time)
    for _ in range(repetitions):
        for case in times:
            function, calls, elements = cases[case]
            times[case].append(timer(function, number=calls) / calls / elements)
    return {case: statistics.median(found) * 1e9 for case, found in times.items()}


def layout(medians, peers):
    rows = [
        [operation, width, *(figure(medians.get((operation, width, peer))) for peer in peers)]
        for operation in (*OPERATIONS, PRODUCT, SMALL)
        for width in WIDTHS
    ]
    return table(["ns an element", "bits", *peers], rows)


def figure(nanoseconds):
    if nanoseconds is None:
        return "-"
    return f"{nanoseconds:.2f}" if nanoseconds < 10 else f"{nanoseconds:,.0f}"


def versions(peers):
    texts = [f"fxtypes {fx.__version__}", f"NumPy {np.__version__} with {blas_name()}"]
    for name in peers:
        package = PEERS[name].package
        if package is not None:
            texts.append(f"{name} {metadata.version(package)}")
    return ", ".join([*texts, f"Python {platform.python_version()}"])


def shape_text(m, k, n):
    return f"{m}x{k} by {k}x{n}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=21, help="default: %(default)s")
    options = parser.parse_args()
    if options.repetitions < 1:
        parser.error(f"--repetitions must be 1 or more, got {options.repetitions}")
    peers = [peer for peer in PEERS if installed(peer)]
    print(layout(measure(timers(peers), options.repetitions), peers))
    slow = ", ".join(name for name in peers if PEERS[name].slow)
    print(
        f"\n{versions(peers)}; {cpu_name()}, one thread, medians of the CPU time "
        f"of {options.repetitions} repetitions; {SIZE:,} elements, matrices {shape_text(*SHAPE)} "
        f"({slow}: {SLOW_SIZE:,} and {shape_text(*SLOW_SHAPE)}). fxtypes: signed formats with half "
        "their bits after the point, nearest_even and saturate; a cast moves the point by two bits."
    )


if __name__ == "__main__":
    main()
