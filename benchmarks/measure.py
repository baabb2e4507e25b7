"""Time two things beside each other, and lay out what came of it."""

import platform
import time
import timeit

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


def ratios(pairs, repetitions):
    """The least time of the first of each pair of timers over the least of the second.

    Every repetition times each once, one after the other, so that what slows the machine for a
    while meets all alike.
    """
    least = {key: [float("inf")] * 2 for key in pairs}
    for _ in range(repetitions):
        for key, timers in pairs.items():
            least[key] = [min(a, t.seconds()) for a, t in zip(least[key], timers, strict=True)]
    return {key: ours / theirs for key, (ours, theirs) in least.items()}


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
