"""Measure the elementary functions: print the tables of their page of the docs, or write them.

Of each function at each width: the largest error found, how many elements the first evaluation
leaves open, and the time beside NumPy's function on float64, MPFR (gmpy2) and arb (python-flint).
Exact values are the tests' oracle's, which shares no code with fxtypes. A result that isn't the
nearest ends the run.

All have one thread and NumPy no AVX-512 (unless NPY_DISABLE_CPU_FEATURES is set otherwise). The
process begins anew with the settings of the C library's allocator under which NumPy's times don't
depend on page faults.
"""

import argparse
import functools
import operator
import platform
import random
import sys
from pathlib import Path
from typing import NamedTuple

import benchmarks  # noqa: F401  one thread

# isort: split
# They are read when NumPy is loaded.
import flint
import gmpy2
import numpy as np
from benchmarks.common import WIDTHS, format_of
from measure import (
    ALLOCATOR,
    Timer,
    add_choices,
    around_tables,
    begin_anew,
    cpu_name,
    least_times,
    positive,
    table,
)
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

import fxtypes as fx
from benchmarks import bench_elementary
from fxtypes.elementary.registry import FUNCTIONS as REGISTRY
from fxtypes.kernels import elementary as kernels
from fxtypes.kernels.calls import KERNELS

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.append(str(TESTS))

import elementary_oracle as oracle  # noqa: E402

HARD_CASES = TESTS / "number" / "elementary" / "hard_cases.txt"
FEATURES = "NPY_DISABLE_CPU_FEATURES"
ROW = 10  # elements
HALF = 1 << oracle.GUARD - 1  # half a unit in the last place, in the oracle's units
SLOW = 100  # times fewer elements are timed where there is neither kernel nor table

POSITIVE = (0.01, 100)
RANGES = {
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "rsqrt", "reciprocal"), (POSITIVE,)),
    "log1p": ((-0.99, 100),),
    "arcsin": ((-1, 1),),
    "arccos": ((-1, 1),),
    "arccosh": ((1, 100),),
    "arctanh": ((-0.99, 0.99),),
    "power": ((0.01, 7), (-3, 3)),
}


def softmax_of(exp):
    def softmax(row):
        top = max(row)
        powers = [exp(x - top) for x in row]
        total = sum(powers)
        return [power / total for power in powers]

    return softmax


def log_softmax_of(exp, log):
    def log_softmax(row):
        total = log(sum(exp(x) for x in row))
        return [x - total for x in row]

    return log_softmax


def logsumexp_of(exp, log):
    return lambda row: log(sum(exp(x) for x in row))


# MPFR's and arb's, of a list of numbers; the oracle's.
ROWS = {
    "softmax": (
        softmax_of(gmpy2.exp),
        softmax_of(flint.arb.exp),
        oracle.expected_softmax,
    ),
    "log_softmax": (
        log_softmax_of(gmpy2.exp, gmpy2.log),
        log_softmax_of(flint.arb.exp, flint.arb.log),
        oracle.expected_log_softmax,
    ),
    "logsumexp": (
        logsumexp_of(gmpy2.exp, gmpy2.log),
        logsumexp_of(flint.arb.exp, flint.arb.log),
        lambda *row: [oracle.expected_logsumexp(*row)],
    ),
}
MPFR = {
    "arccos": gmpy2.acos,
    "arccosh": gmpy2.acosh,
    "arcsin": gmpy2.asin,
    "arcsinh": gmpy2.asinh,
    "arctan": gmpy2.atan,
    "arctan2": gmpy2.atan2,
    "arctanh": gmpy2.atanh,
    "power": operator.pow,
    "reciprocal": lambda x: 1 / x,
    "rsqrt": gmpy2.rec_sqrt,
    "sigmoid": lambda x: 1 / (1 + gmpy2.exp(-x)),
    "silu": lambda x: x / (1 + gmpy2.exp(-x)),
    "softplus": lambda x: gmpy2.log1p(gmpy2.exp(x)),
    "gelu": lambda x: x * gmpy2.erfc(-x / gmpy2.sqrt(gmpy2.mpfr(2))) / 2,
    "logaddexp": lambda x, y: max(x, y) + gmpy2.log1p(gmpy2.exp(-abs(x - y))),
    "logaddexp2": lambda x, y: max(x, y) + gmpy2.log2(1 + gmpy2.exp2(-abs(x - y))),
}
FUNCTIONS = (*sorted(oracle.FUNCTIONS), *ROWS)
# Those that the table of ratios, and that of modes, compare.
CHOSEN = ("exp", "sigmoid", "tanh", "log", "sin", "cos", "arctan", "sqrt", "softmax")
MODES = ("floor", "stochastic", "record()", "raise")


class Arguments(NamedTuple):
    """A function's arguments at one width.

    Attributes
    ----------
    name : str
    fmt : Format
        Theirs, and the result's.
    columns : list of list of int
        Raw integers: a list for each of the function's arguments.
    """

    name: str
    fmt: fx.Format
    columns: list

    @property
    def is_row(self):
        return self.name in ROWS

    def some(self, count):
        """The first of them: whole rows."""
        return self._replace(columns=[column[:count] for column in self.columns])

    def arrays(self):
        shape = (-1, ROW) if self.is_row else (-1,)
        return [fx.FixedArray.from_raw(c, self.fmt).reshape(shape) for c in self.columns]

    def ours(self, fmt=None, **keywords):
        """A call of fxtypes' function."""
        arrays, function = self.arrays(), getattr(fx, self.name)
        if self.is_row:
            return lambda: function(*arrays, 1, fmt)
        return lambda: function(*arrays, format=fmt, **keywords)

    def numpys(self):
        """A call of NumPy's, or of what stands for it, on the same values in float64."""
        arrays = [a.to_numpy() for a in self.arrays()]
        if self.is_row:
            return lambda: bench_elementary.ROW_FUNCTIONS[self.name](*arrays, 1)
        found = bench_elementary.FUNCTIONS.get(self.name)
        function = found or getattr(np, self.name)
        return lambda: function(*arrays)

    def peers(self, function, numbers):
        """A call of another library's function on numbers of its own, one after the other."""
        if self.is_row:
            rows = [numbers[0][i : i + ROW] for i in range(0, len(numbers[0]), ROW)]
            return lambda: [function(row) for row in rows]
        return lambda: [function(*x) for x in zip(*numbers, strict=True)]

    def mpfrs(self):
        gmpy2.get_context().precision = self.fmt.width
        function = ROWS[self.name][0] if self.is_row else MPFR.get(self.name)
        numbers = [
            [gmpy2.mpfr(raw) / (1 << self.fmt.frac_bits) for raw in column]
            for column in self.columns
        ]
        return self.peers(function or getattr(gmpy2, self.name), numbers)

    def arbs(self):
        flint.ctx.prec = self.fmt.width
        function = ROWS[self.name][1] if self.is_row else oracle.FUNCTIONS[self.name].ball
        numbers = [
            [oracle.Dyadic(raw, self.fmt.frac_bits).ball for raw in column]
            for column in self.columns
        ]
        return self.peers(function, numbers)

    def expected(self):
        """Exact results to odd, `oracle.GUARD` bits beyond the format's; infinities are floats."""
        out_bits = self.fmt.frac_bits + oracle.GUARD
        if self.is_row:
            (raws,) = self.columns
            rows = [raws[i : i + ROW] for i in range(0, len(raws), ROW)]
            results = (ROWS[self.name][2](row, self.fmt.frac_bits, out_bits) for row in rows)
            return [result for row in results for result in row]
        rows = ([oracle.Dyadic(raw, self.fmt.frac_bits) for raw in row] for row in self.rows())
        return [oracle.evaluate(self.name, tuple(row), out_bits) for row in rows]

    def rows(self):
        return zip(*self.columns, strict=True)


@functools.lru_cache(16)
def uniform(width, low, high, count, seed):
    """Raw integers between two numbers, equally likely."""
    fmt, chosen = format_of(width), random.Random(seed)
    ends = [fx.array(end, fmt).raw.item() for end in (low, high)]
    return [chosen.randint(*ends) for _ in range(count)]


def uniform_arguments(name, width, count):
    arity = 1 if name in ROWS else oracle.FUNCTIONS[name].arity
    ranges = RANGES.get(name, ((-7, 7),) * arity)
    columns = [uniform(width, *ends, count, seed) for seed, ends in enumerate(ranges)]
    return Arguments(name, format_of(width), columns)


def all_arguments(name, width):
    """All that the function takes."""
    fmt, domain = format_of(width), REGISTRY[name].domain
    low, high = (fmt.raw_min, fmt.raw_max) if domain is None else domain.raw_ends(fmt)
    return Arguments(name, fmt, [list(range(low, high + 1))])


@functools.cache
def hard_cases():
    """(function, width) -> the rows of arguments with a format of `format_of`, results too."""
    found = {}
    for line in HARD_CASES.read_text().splitlines():
        name, arguments, raws, result, _ = line.split()
        width = int(arguments.split(",")[0])
        if arguments == result == f"{width},{width // 2}":
            found.setdefault((name, width), []).append([int(raw) for raw in raws.split(",")])
    return found


def tried_arguments(name, width, options):
    """Every one of narrow formats; else uniform ones, and those known to be hard."""
    one = name not in ROWS and oracle.FUNCTIONS[name].arity == 1
    if one and width <= 16 and not options.quick:
        return all_arguments(name, width)
    found = uniform_arguments(name, width, options.elements).some(options.tried)
    rows = [*found.rows(), *hard_cases().get((name, width), ())]
    return found._replace(columns=[list(column) for column in zip(*rows, strict=True)])


def largest_error(arguments):
    """The largest error of results in the format's range, in the oracle's units, and how many.

    Raises
    ------
    SystemExit
        If one is more than half a unit.
    """
    fmt = arguments.fmt
    raws = arguments.ours()().raw.reshape(-1).tolist()
    low, high = fmt.raw_min << oracle.GUARD, fmt.raw_max << oracle.GUARD
    largest = tried = 0
    for i, (raw, exact) in enumerate(zip(raws, arguments.expected(), strict=True)):
        if low <= exact <= high:
            tried += 1
            error = abs((raw << oracle.GUARD) - int(exact))
            if error > HALF:
                raise SystemExit(
                    f"{arguments.name}, {fmt}: result {i} is {raw}, off by {error / HALF / 2} ulp"
                )
            largest = max(largest, error)
    return largest, tried


def error_text(error):
    """In units in the last place; next to a half by what is left."""
    if error == HALF:
        return "0.5"
    left = (HALF - error) / (1 << oracle.GUARD)
    return f"0.5 - {left:.1g}" if left < 0.1 else f"{0.5 - left:.2g}"


def retries(arguments):
    """Shares of the results that one evaluation left open: by analysis, more limbs, reference.

    None where there is no kernel. With a mask no table is taken.
    """
    if not arguments.is_row and REGISTRY[arguments.name].kernel is None:
        return None
    mask = {} if arguments.is_row else {"where": np.ones(len(arguments.columns[0]), bool)}
    before = kernels.settled()
    results = arguments.ours(**mask)().size
    after = kernels.settled()
    shares = {how: (after[how] - before[how]) / results for how in after}
    analysis, reference = shares.pop("analysis"), shares.pop("reference")
    return analysis, sum(shares.values()), reference


def timed_elements(name, width, options):
    """How many elements a call has: few where the reference would take too long."""
    has_kernel = name in ROWS or name == "reciprocal" or REGISTRY[name].kernel is not None
    if has_kernel or width <= 16:
        return options.elements
    return max(ROW, options.elements // SLOW)


def times(name, options):
    """Width -> nanoseconds an element: ours, NumPy's, MPFR's, arb's, all in turns."""
    timers, counts = {}, {}
    for width in options.bits:
        arguments = uniform_arguments(name, width, options.elements)
        few = arguments.some(options.peer_elements)
        cases = {
            "ours": arguments.some(timed_elements(name, width, options)),
            "numpy": arguments,
            "mpfr": few,
            "arb": few,
        }
        calls = {
            "ours": cases["ours"].ours(),
            "numpy": cases["numpy"].numpys(),
            "mpfr": few.mpfrs(),
            "arb": few.arbs(),
        }
        for who, call in calls.items():
            timers[width, who] = Timer(_at_precision(width, call))
            counts[width, who] = len(cases[who].columns[0])
    least = least_times(timers, options.repetitions)
    return {
        width: {who: 1e9 * least[width, who] / counts[width, who] for who in calls}
        for width in options.bits
    }


def _at_precision(width, call):
    def run():
        gmpy2.get_context().precision = flint.ctx.prec = width
        call()

    return run


def mode_ratios(name, width, options):
    """Mode -> time over `nearest_even`'s; None where values overflow under `raise`."""
    arguments = uniform_arguments(name, width, options.elements)
    fmt = arguments.fmt
    calls = {"": arguments.ours(fmt)}
    for mode in MODES:
        if mode == "record()":
            calls[mode] = _recorded(calls[""])
        elif mode == "raise":
            call = arguments.ours(fmt.replace(overflow=mode))
            try:
                call()
            except fx.FixedOverflowError:
                continue
            calls[mode] = call
        else:
            calls[mode] = arguments.ours(fmt.replace(rounding=mode))
    least = least_times({mode: Timer(call) for mode, call in calls.items()}, options.repetitions)
    return {mode: least[mode] / least[""] if mode in least else None for mode in MODES}


def _recorded(call):
    def run():
        with fx.record():
            call()

    return run


def function_table(width, found, options):
    """All of one width: errors, retries, times."""
    rows = []
    for name in options.functions:
        print(f"{width} bits: {name}", file=sys.stderr, flush=True)
        error, tried = largest_error(tried_arguments(name, width, options))
        shares = retries(uniform_arguments(name, width, options.elements)) or (None,) * 3
        t = found[name][width]
        ours, mpfr, arb = (nanoseconds(t[who]) for who in ("ours", "mpfr", "arb"))
        cells = (f"{tried:,}", *map(share, shares), ours, t["ours"] / t["numpy"], mpfr, arb)
        rows.append([f"`{name}`", error_text(error), *cells])
    head = ("largest error, ulp", "tried", "analysis", "more limbs", "reference", "ns")
    return table([f"{width} bits", *head, "/ NumPy", "MPFR, ns", "arb, ns"], rows)


def ratio_table(found, options):
    names = [name for name in CHOSEN if name in options.functions]
    rows = []
    for name in names:
        ratios = (found[name][width] for width in options.bits)
        rows.append([f"`{name}`", *(t["ours"] / t["numpy"] for t in ratios)])
    return table(["time / NumPy's", *(f"{width} bits" for width in options.bits)], rows)


def mode_table(options):
    rows = []
    for name in CHOSEN:
        if name in options.functions:
            found = [mode_ratios(name, width, options) for width in options.bits]
            cells = (" / ".join(_ratio(ratios[mode]) for ratios in found) for mode in MODES)
            rows.append([f"`{name}`", *cells])
    widths = " / ".join(map(str, options.bits))
    return table([f"time / `nearest_even`'s, {widths} bits", *(f"`{m}`" for m in MODES)], rows)


def _ratio(value):
    return "-" if value is None else f"{value:.2f}"


def share(value):
    return None if value is None else "0" if value == 0 else f"{100 * value:.2g} %"


def nanoseconds(value):
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def numpy_loops():
    """The widest vectors that NumPy may use."""
    if avx512_features():
        return "AVX-512 loops"
    return "AVX2 loops" if __cpu_features__.get("AVX2") else "baseline loops"


def avx512_features():
    """NumPy's names of what it uses of AVX-512, if that is more than all its loops need."""
    names = (name for name in __cpu_dispatch__ if name.startswith(("AVX512", "X86_V4")))
    return [name for name in names if __cpu_features__[name]]


def measured(options):
    """All tables, and what made them."""
    found = {}
    for name in options.functions:
        print(f"times: {name}", file=sys.stderr, flush=True)
        found[name] = times(name, options)
    tables = [ratio_table(found, options), mode_table(options)]
    tables += [function_table(width, found, options) for width in options.bits]
    return "\n\n".join([*tables, made_by(options)])


def made_by(options):
    return (
        f"fxtypes {fx.__version__} ({KERNELS} kernels), NumPy {np.__version__} ({numpy_loops()}), "
        f"gmpy2 {gmpy2.version()} ({gmpy2.mpfr_version()}), python-flint {flint.__version__} "
        f"(FLINT {flint.__FLINT_VERSION__}), Python {platform.python_version()}, {cpu_name()}, "
        f"one thread; {options.elements:,} elements, of functions without a kernel beyond 16 bits "
        f"{max(ROW, options.elements // SLOW):,}, of MPFR and arb {options.peer_elements:,}; the "
        f"least CPU time of {options.repetitions} repetitions."
    )


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_choices(parser, {"bits": WIDTHS, "functions": FUNCTIONS})
    counts = {
        "elements": "of one call",
        "tried": "of one function whose exact results are computed; at 16 bits all are",
        "peer-elements": "of MPFR and arb",
    }
    for (name, what), count in zip(counts.items(), (200_000, 20_000, 1_000), strict=True):
        parser.add_argument(
            f"--{name}",
            type=positive,
            default=count,
            metavar="N",
            help=f"how many elements, {what} (default: %(default)s)",
        )
    parser.add_argument("--repetitions", type=positive, default=5, help="default: %(default)s")
    parser.add_argument(
        "--quick", action="store_true", help="few elements, once: does it work at all?"
    )
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page")
    options = parser.parse_args()
    if options.quick:
        options.elements, options.tried, options.peer_elements = 200, 20, 20
        options.repetitions = 1
    for name in ("elements", "tried", "peer_elements"):
        setattr(options, name, -(-getattr(options, name) // ROW) * ROW)  # whole rows
    return options


def main():
    options = parse()
    begin_anew({**ALLOCATOR, FEATURES: " ".join(avx512_features())})
    fx.seed(0)
    if options.write:
        around_tables(options.write, "elementary.py")  # or it ends here, not after many minutes
    text = measured(options)
    if options.write:
        before, after = around_tables(options.write, "elementary.py")
        options.write.write_text("\n\n".join([before, text, after]))
    else:
        print(text)


if __name__ == "__main__":
    main()
