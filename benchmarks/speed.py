"""Print how fxtypes compares with NumPy on float64, both timed in this run, on one thread.

A figure is the time of fxtypes' operation over that of NumPy's of the same name on float64, laid
out in the same way. Conversions are set beside np.rint(x * s).astype(np.int64) and
i.astype(np.float64) * s, astype beside an addition, a multiply-add with an accumulator beside a
multiplication.
"""

import argparse
import os
import platform
import subprocess
import sys

import benchmarks  # noqa: F401  one thread, and the BLAS' kernels

# isort: split
# They are read when NumPy is loaded.
import numpy as np
from benchmarks.common import SIZE, WIDTHS, anything, format_of, moderate
from measure import Timer, add_choices, blas_name, cpu_name, positive, ratios, table

import fxtypes as fx
from benchmarks import bench_conversions, bench_elementwise, bench_products
from fxtypes.kernels.calls import KERNELS

OPERATIONS = (*bench_elementwise.OPERATIONS, *bench_conversions.OPERATIONS, "sum")
UNROUNDED = ("compare", "to float")  # no mode has a say in them
# Beside nearest_even and saturate, which everything else here has.
ROUNDINGS = tuple(str(mode) for mode in fx.Rounding if mode != "nearest_even")
OVERFLOWS = tuple(str(mode) for mode in fx.Overflow if mode != "saturate")
MODES = (*ROUNDINGS, *OVERFLOWS, "record")
SIDE = 1000  # SIZE elements are so many rows
LAYOUTS = {
    "broadcast row": lambda make: (make((SIDE, SIDE), 0), make((SIDE,), 1)),
    "strided": lambda make: tuple(make((SIDE, 2 * SIDE), seed)[:, ::2] for seed in (0, 1)),
    "transposed": lambda make: tuple(make((SIDE, SIDE), seed).T for seed in (0, 1)),
    "one transposed": lambda make: (make((SIDE, SIDE), 0), make((SIDE, SIDE), 1).T),
}
CALLS = {
    "a + b": "a + b",
    "a - b": "a - b",
    "a * b": "a * b",
    "a / b": "a / b",
    "a < b": "a < b",
    "fx.add(a, b)": "a + b",
    "np.add(a, b)": "a + b",
}


def functions(a, b):
    """Operation -> a call of it on FixedArrays, or on arrays of float64."""
    conversions = (
        bench_conversions.fixed_cases(a)
        if isinstance(a, fx.FixedArray)
        else bench_conversions.float_cases(a)
    )
    found = {
        name: lambda function=function: function(a, b)
        for name, function in bench_elementwise.OPERATIONS.items()
    }
    return {**found, **conversions, "sum": lambda: a.sum()}


def recorded(function):
    def run():
        with fx.record():
            function()

    return run


def compare(fixed, real, names, repetitions, wrap=lambda function: function):
    """Operation -> ratio; the operands of fxtypes' operations, and NumPy's."""
    ours, theirs = functions(*fixed), functions(*real)
    pairs = {name: (Timer(wrap(ours[name])), Timer(theirs[name])) for name in names}
    return ratios(pairs, repetitions)


def makers(width, **modes):
    """What makes operands of a shape and a seed: FixedArrays, and float64 of 32 bits' values."""
    fmt = format_of(width, **modes)
    values = moderate if modes.get("overflow") == "raise" else anything
    return (
        lambda shape, seed: values(fmt, shape, seed),
        lambda shape, seed: anything(format_of(32), shape, seed).to_numpy(),
    )


def operations(options):
    """A million elements, in a row."""
    found = {}
    for width in options.bits:
        operands = [(make(SIZE, 0), make(SIZE, 1)) for make in makers(width)]
        found[width] = compare(*operands, options.operations, options.repetitions)
    rows = [[name, *(found[width][name] for width in options.bits)] for name in options.operations]
    return table(["operation", *map(bits, options.bits)], rows)


def modes(options):
    """A million elements in the other modes and inside record(); at all widths."""
    rows = []
    for mode in options.modes:
        found = []
        names = [n for n in options.operations if mode == "record" or n not in UNROUNDED]
        for width in options.bits:
            kind = {"rounding": mode} if mode in ROUNDINGS else {"overflow": mode}
            operands = [
                (make(SIZE, 0), make(SIZE, 1))
                for make in makers(width, **({} if mode == "record" else kind))
            ]
            wrap = {"wrap": recorded} if mode == "record" else {}
            found.append(compare(*operands, names, options.repetitions, **wrap))
        rows.append([f"`{mode}`", *(several(found, name) for name in options.operations)])
    return table([f"mode, at {widths(options)} bits", *options.operations], rows)


def layouts(options):
    """A million elements in other layouts, at all widths."""
    rows = []
    for layout in options.layouts:
        found = []
        names = options.operations
        if layout in ("broadcast row", "one transposed"):
            names = [name for name in names if name in bench_elementwise.OPERATIONS]
        for width in options.bits:
            operands = [LAYOUTS[layout](make) for make in makers(width)]
            found.append(compare(*operands, names, options.repetitions))
        rows.append([layout, *(several(found, name) for name in options.operations)])
    return table([f"layout, at {widths(options)} bits", *options.operations], rows)


def calls(options):
    """A call on ten elements, beside float64's operator."""
    pairs = {}
    for width in options.bits:
        fixed, real = ({"a": m(10, 0), "b": m(10, 1), "fx": fx, "np": np} for m in makers(width))
        for name, baseline in CALLS.items():
            pairs[name, width] = Timer(name, fixed), Timer(baseline, real)
    found = ratios(pairs, options.repetitions)
    rows = [[f"`{name}`", *(found[name, width] for width in options.bits)] for name in CALLS]
    return table(["ten elements", *map(bits, options.bits)], rows)


class Importer:
    """Times an import in a new interpreter, whose own start doesn't count."""

    def __init__(self, module):
        self._code = f"import time; t = time.process_time(); import {module}; " + (
            "print(time.process_time() - t)"
        )

    def seconds(self):
        # -P: not the sources that may lie in the working directory.
        command = [sys.executable, "-P", "-c", self._code]
        # An editable installation keeps its bytecode too, from the first import on.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        return float(done.stdout)


def imports(options):
    """`import fxtypes` beside `import numpy`."""
    pairs = {name: (Importer(name), Importer("numpy")) for name in ("fxtypes", "fxtypes_nn")}
    found = ratios(pairs, options.repetitions)
    return table(["", "ratio"], [[f"`import {name}`", found[name]] for name in found])


def products(options):
    """Matrix products, beside float64's of the same shape."""
    rows = [[kind] for kind in bench_products.OPERANDS]
    for shape in bench_products.SHAPES.values():
        reals = bench_products.pair("float64", *shape)
        for row in rows:
            fixed = bench_products.pair(row[0], *shape)
            pair = tuple(Timer("a @ b", {"a": a, "b": b}) for a, b in (fixed, reals))
            row.append(ratios({"": pair}, options.repetitions)[""])
    return table(["matrix product", *bench_products.SHAPES], rows)


def accumulator(options):
    """A multiply-add with `accumulator=`, 64x784 by 784x128, beside float64's `x * y`."""
    m, k, n = 64, 784, 128
    x, y = (make(SIZE, seed) for make in makers(32)[1:] for seed in (0, 1))
    pairs = {}
    for width in options.bits:
        a, b = anything(format_of(width), (m, k), 0), anything(format_of(width), (k, n), 1)
        space = {"fx": fx, "a": a, "b": b, "fmt": a.format}
        pairs[width] = (
            Timer("fx.matmul(a, b, accumulator=fmt)", space),
            Timer("x * y", {"x": x, "y": y}),
        )
    found = ratios(pairs, options.repetitions)
    row = ["multiply-add", *(found[width] * SIZE / (m * k * n) for width in options.bits)]
    return table(["with an accumulator", *map(bits, options.bits)], [row])


def small_products(options):
    """A product of two 10 x 10 matrices, beside float64's."""
    pairs = {}
    for width in options.bits:
        operands = ({"a": m((10, 10), 0), "b": m((10, 10), 1)} for m in makers(width))
        pairs[width] = tuple(Timer("a @ b", space) for space in operands)
    found = ratios(pairs, options.repetitions)
    row = ["`a @ b`", *(found[width] for width in options.bits)]
    return table(["10x10 by 10x10", *map(bits, options.bits)], [row])


SECTIONS = {
    "operations": operations,
    "modes": modes,
    "layouts": layouts,
    "calls": calls,
    "import": imports,
    "products": products,
    "accumulator": accumulator,
    "small-products": small_products,
}


def bits(width):
    return f"{width} bits"


def widths(options):
    return " / ".join(map(str, options.bits))


def several(found, name):
    """A cell of all widths."""
    return " / ".join(f"{ratios[name]:.2f}" for ratios in found) if name in found[0] else None


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "sections",
        nargs="*",
        metavar="SECTION",
        default=list(SECTIONS),
        help=f"of {', '.join(SECTIONS)}; default: all",
    )
    choices = {"bits": WIDTHS, "operations": OPERATIONS, "modes": MODES, "layouts": LAYOUTS}
    add_choices(parser, choices)
    parser.add_argument("--repetitions", type=positive, default=21, help="default: %(default)s")
    options = parser.parse_args()
    for section in options.sections:
        if section not in SECTIONS:
            parser.error(f"no section {section!r}; there are {', '.join(SECTIONS)}")
    return options


def main():
    options = parse()
    fx.seed(0)
    for name in options.sections:
        print(f"{SECTIONS[name].__doc__}\n\n{SECTIONS[name](options)}\n", flush=True)
    print(
        f"fxtypes {fx.__version__} ({KERNELS} kernels), NumPy {np.__version__}, {blas_name()}, "
        f"Python {platform.python_version()}, {cpu_name()}, one thread; the least CPU time of "
        f"{options.repetitions} repetitions over NumPy's; signed formats with half their bits "
        "after the point, `nearest_even` and `saturate` where nothing else is said"
    )


if __name__ == "__main__":
    main()
