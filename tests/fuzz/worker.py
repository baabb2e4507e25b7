"""A process that makes the fuzzer's calls first .. last - 1 one after the other.

Every call follows from the seed and its number alone. The journal's eight bytes hold the number
of the call being made, so that fuzz.py knows which one crashed.
"""

import argparse
import contextlib
import faulthandler
import importlib
import itertools
import mmap
import os
import statistics
import struct
import sys
import time
import traceback
import warnings

import numpy as np
from fuzz import REPORTED
from values import Random

import fxtypes as fx
from fxtypes.format import storage

DOCUMENTED = (ValueError, TypeError, OverflowError, ZeroDivisionError, IndexError)
SAMPLES = 64  # of the memory in use
SLOW = 5.0  # seconds of processor time that no call should take


def check(result, depth=0):
    """Storage never holds a value outside its format, or of another dtype."""
    if isinstance(result, fx.FixedArray):
        raw, fmt = result._storage, result.format
        assert raw.dtype == storage.dtype(fmt), f"storage of {raw.dtype} for {fmt!r}"
        assert storage._in_range(raw, fmt), f"a value outside {fmt!r}"
    elif isinstance(result, list | tuple) and depth < 2:
        for part in result[:50]:
            check(part, depth + 1)


def surroundings(rng, number):
    """The context that a call is made in."""
    kind = rng.random()
    if kind < 0.1:
        return fx.record()
    if kind < 0.2:
        return fx.seeded(number)
    if kind < 0.25:
        return fx.full_precision()
    return contextlib.nullcontext()


def one_call(calls, seed, number):
    """Make one of the calls; returns None, or what it did that it should not have done."""
    rng = Random(seed << 64 | number)
    (call,) = rng.choices(list(calls), cum_weights=list(itertools.accumulate(calls.values())))
    try:
        with surroundings(rng, number):
            check(call(rng))
    except (*DOCUMENTED, MemoryError) as error:
        if not (str(error) or raised_by_numpy(call, error)):
            return f"{call.__name__}: {type(error).__name__} without a message"
    except BaseException as error:
        if not (isinstance(error, Exception) and raised_by_numpy(call, error)):
            return f"{call.__name__}:\n{traceback.format_exc(limit=-8)}"
    return None


def raised_by_numpy(call, error):
    """Whether NumPy itself complains: about a list where it expects an array, for example."""
    if call.__name__ not in ("numpy_function", "ufunc", "namespace") or isinstance(
        error, AssertionError
    ):
        return False
    frame = error.__traceback__
    while frame.tb_next:
        frame = frame.tb_next
    innermost = frame.tb_frame.f_code.co_filename
    return "fxtypes" + os.sep not in innermost or os.sep + "fuzz" + os.sep in innermost


def resident():
    """This process' memory in bytes; None where it can't be known."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def work(options, journal):
    faulthandler.enable()
    # A hundred thousand warnings of NumPy's about odd values say nothing about fxtypes.
    warnings.simplefilter("ignore")
    np.seterr(all="raise")  # FloatingPointError is no documented exception
    fx.seed(options.seed)
    calls = importlib.import_module(options.of).CALLS
    failures, memory = 0, []
    first, last = options.first, options.first + options.calls
    sample = max(options.calls // SAMPLES, 1)
    begun = shown = time.monotonic()
    for number in range(first, last):
        struct.pack_into("<Q", journal, 0, number)
        before = time.process_time()
        complaint = one_call(calls, options.seed, number)
        took = time.process_time() - before
        if complaint is None and took > SLOW:
            complaint = f"took {took:.1f} s"
        if complaint is not None:
            failures += 1
            print(f"-- call {number}: {complaint}", flush=True)
            if failures >= options.stop_after:
                break
        if (number - first) % sample == sample - 1:
            memory.append(resident())
        if time.monotonic() - shown > 60:
            shown = time.monotonic()
            print(f"{number}: {shown - begun:.0f} s, {resident()} bytes", flush=True)
    made = number - first + 1
    print(
        f"calls {first} to {number}: {made} calls, {failures} failures, "
        f"{time.monotonic() - begun:.0f} s, {time.process_time():.0f} s of processor time"
    )
    if failures:
        return REPORTED
    if options.calls < 20_000 or None in memory:
        return 0
    return REPORTED if growth(memory) > max(32 << 20, memory[-1] // 10) else 0


def growth(memory):
    """How much more memory the last quarter needed than the one before, in bytes.

    Medians: a sanitizer's quarantine and Python's own pools breathe.
    """
    third, last = (
        statistics.median(memory[len(memory) * i // 4 : len(memory) * (i + 1) // 4]) for i in (2, 3)
    )
    print(f"memory: {third / 2**20:.0f} MB in the third quarter, {last / 2**20:.0f} in the last")
    return last - third


def main():
    parser = argparse.ArgumentParser()
    for name in ("seed", "first", "calls", "stop-after"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--of")
    parser.add_argument("--journal")
    options = parser.parse_args()
    with open(options.journal, "r+b") as file, mmap.mmap(file.fileno(), 8) as journal:
        sys.exit(work(options, journal))


if __name__ == "__main__":
    main()
