"""What the benchmarks' commands share: timing, tables, options."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
import timeit

# Page faults double NumPy's times at random otherwise; the C library reads it when it is loaded.
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
}
SECONDS = 0.005  # one timing lasts at least about as long


class Timer:
    """A statement, or a function to call, timed by the CPU's time: others' work doesn't count."""

    def __init__(self, statement, namespace=None, seconds=SECONDS):
        self._timer = timeit.Timer(statement, globals=namespace, timer=time.process_time)
        self._timer.timeit(1)
        once = self._timer.timeit(1)
        if once < seconds / 10:
            once = self._timer.timeit(10) / 10
        self._calls = max(1, round(seconds / max(once, 1e-9)))

    def seconds(self):
        self._timer.timeit(1)  # operands into the cache: of many calls few find them cold
        return self._timer.timeit(self._calls) / self._calls


def least_times(timers, repetitions):
    """The least seconds of each timer of a dict.

    Every repetition times each once, one after the other, so that what slows the machine for a
    while meets all alike.
    """
    least = dict.fromkeys(timers, float("inf"))
    for _ in range(repetitions):
        for key, timer in timers.items():
            least[key] = min(least[key], timer.seconds())
    return least


def ratios(pairs, repetitions):
    """The least time of the first of each pair of timers over the least of the second."""
    timers = {(key, i): timer for key, pair in pairs.items() for i, timer in enumerate(pair)}
    least = least_times(timers, repetitions)
    return {key: least[key, 0] / least[key, 1] for key in pairs}


def table(head, rows):
    """Markdown: the head's cells, and rows of a label and cells; a float is a ratio."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value):
    return f"{value:.2f}" if isinstance(value, float) else "-" if value is None else str(value)


def cpu_name():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def blas_name():
    """What runs NumPy's products, if threadpoolctl is there to tell."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "NumPy's BLAS"
    for info in threadpool_info():
        if info["user_api"] == "blas":
            kernels = info.get("architecture", "unknown")
            return f"{info['internal_api']} {info['version']} ({kernels} kernels)"
    return "NumPy's BLAS"


def add_choices(parser, choices):
    """Options by which some of the values of each are chosen, separated by commas; default: all."""
    for name, values in choices.items():
        parser.add_argument(
            f"--{name}",
            type=_some_of(values),
            default=list(values),
            metavar="A,B",
            help=f"only these of {', '.join(map(str, values))}",
        )


def _some_of(values):

    def read(text):
        names = {str(value): value for value in values}
        unknown = [name for name in text.split(",") if name not in names]
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(names)}")
        return [names[name] for name in text.split(",")]

    return read


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"1 or more, got {number}")
    return number


def begin_anew(settings):
    """The same command again, where these variables of the environment aren't set yet."""
    if not settings.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], settings | os.environ)


def around_tables(page, command):
    """What stands in a page before a command's tables and after them, with the marks."""
    begin, end = (f"<!-- benchmarks/{command}: {which} -->" for which in ("begin", "end"))
    before, begun, rest = page.read_text().partition(begin)
    _, ended, after = rest.partition(end)
    if not (begun and ended):
        raise SystemExit(f"{page} has no place for tables, which is: {begin} {end}")
    return before + begin, end + after


def write_tables(page, command, text):
    """Put tables between a page's marks."""
    from fxtypes.interop.atomic_write import atomic_write  # later than `begin_anew`

    before, after = around_tables(page, command)
    with atomic_write(page, text=True) as file:
        file.write(f"{before}\n{text}{after}")


def spread(shares):
    """Mean and standard deviation, of shares in percent."""
    values = [100 * share for share in shares]
    mean = f"{statistics.mean(values):.2f}"
    return f"{mean} ± {statistics.stdev(values):.2f}" if len(values) > 1 else mean


def run_fxtypes_nn(*words):
    """Run a command of the package; where it fails, it has said why, and this ends too."""
    # -P: the sources would hide the package that is installed.
    done = subprocess.run([sys.executable, "-P", "-m", "fxtypes_nn", *words], stdout=sys.stderr)
    if done.returncode:
        sys.exit(done.returncode)
