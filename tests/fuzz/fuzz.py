"""Call the whole public interface at random; see tests/README.md.

Every call has its number, and follows from the seed and that number alone: what fails is made
again by --first NUMBER --calls 1. A process of its own makes the calls, so that a crash is
reported as well.
"""

import argparse
import faulthandler
import mmap
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import warnings

DOCUMENTED = (ValueError, TypeError, OverflowError, ZeroDivisionError, IndexError)
SLOW = 5.0  # seconds that no call should take
HANGS = 120.0


def check(result, depth=0):
    """Storage never holds a value outside its format, or of another dtype."""
    import fxtypes as fx
    from fxtypes import storage

    if isinstance(result, fx.FixedArray):
        raw, fmt = result._storage, result.format
        assert raw.dtype == storage.dtype(fmt), f"storage of {raw.dtype} for {fmt!r}"
        assert storage._in_range(raw, fmt), f"a value outside {fmt!r}"
    elif isinstance(result, list | tuple) and depth < 2:
        for part in result[:50]:
            check(part, depth + 1)


def one_call(seed, number, calls, weights):
    """Make a call; returns what it did, or the traceback of what it should not have done."""
    import fxtypes as fx

    rng = random.Random(seed << 64 | number)
    call = rng.choices(calls, weights)[0]
    around = rng.random()
    try:
        if around < 0.1:
            with fx.record():
                check(call(rng))
        elif around < 0.2:
            with fx.seeded(number):
                check(call(rng))
        elif around < 0.25 and hasattr(fx, "full_precision"):
            with fx.full_precision():
                check(call(rng))
        else:
            check(call(rng))
    except DOCUMENTED as error:
        if not str(error):
            return f"{call.__name__}: {type(error).__name__} without a message"
        return None
    except MemoryError as error:
        return None if str(error) else f"{call.__name__}: MemoryError without a message"
    except BaseException as error:
        if isinstance(error, Exception) and raised_by_numpy(call, error):
            return None
        return f"{call.__name__}:\n{traceback.format_exc(limit=-8)}"
    return None


def raised_by_numpy(call, error):
    """Whether NumPy itself complains: about a list where it expects an array, for example."""
    innermost = traceback.extract_tb(error.__traceback__)[-1].filename
    if call.__name__ not in ("numpy_function", "ufunc") or isinstance(error, AssertionError):
        return False
    return "fxtypes" + os.sep not in innermost or os.sep + "fuzz" + os.sep in innermost


def resident():
    """This process' memory in bytes; None where it can't be known."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def work(options, journal):
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from calls import CALLS

    import fxtypes as fx

    faulthandler.enable()
    # A hundred thousand warnings of NumPy's about odd values say nothing about fxtypes.
    warnings.simplefilter("ignore")
    fx.seed(options.seed)
    calls, weights = list(CALLS), list(CALLS.values())
    failures, halfway = 0, None
    first, last = options.first, options.first + options.calls
    begun = shown = time.monotonic()
    for number in range(first, last):
        struct.pack_into("<Q", journal, 0, number)
        before = time.monotonic()
        complaint = one_call(options.seed, number, calls, weights)
        took = time.monotonic() - before
        if complaint is None and took > SLOW:
            complaint = f"took {took:.1f} s"
        if complaint is not None:
            failures += 1
            print(f"-- call {number}: {complaint}", flush=True)
            if failures >= options.stop_after:
                break
        if number == first + options.calls // 2:
            halfway = resident()
        if before - shown > 60:
            shown = before
            print(f"{number - first} calls, {before - begun:.0f} s, {resident()} bytes", flush=True)
    print(f"{number - first + 1} calls, {failures} failures, {time.monotonic() - begun:.0f} s")
    grown = 0
    if halfway is not None and options.calls >= 20_000:
        grown = resident() - halfway
        print(f"memory: {halfway >> 20} MB halfway, {grown / 2**20:+.1f} MB at the end")
    # A sanitizer's quarantine and Python's own pools breathe a little.
    return 1 if failures or grown > max(32 << 20, (halfway or 0) // 10) else 0


def supervise(options, path):
    """Run the calls in a process of their own; say which one crashed or hung."""
    command = [sys.executable, *sys.argv, "--journal", path]
    worker = subprocess.Popen(command)
    seen, since = None, time.monotonic()
    with open(path, "rb") as journal:
        while (status := worker.poll()) is None:
            time.sleep(0.5)
            journal.seek(0)
            number = struct.unpack("<Q", journal.read(8))[0]
            if number != seen:
                seen, since = number, time.monotonic()
            elif time.monotonic() - since > HANGS:
                worker.kill()
                status = worker.wait()
                print(f"-- call {number}: hangs")
                break
        journal.seek(0)
        number = struct.unpack("<Q", journal.read(8))[0]
    if status not in (0, 1):
        print(f"-- call {number}: the process ended with status {status}")
    return status and 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000, help="default: %(default)s")
    parser.add_argument("--first", type=int, default=0, help="the number of the first call")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--stop-after", type=int, default=20, help="failures; default: %(default)s")
    parser.add_argument("--journal", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.journal:
        with open(options.journal, "r+b") as file, mmap.mmap(file.fileno(), 8) as journal:
            sys.exit(work(options, journal))
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(8))
        file.flush()
        sys.exit(supervise(options, file.name))


if __name__ == "__main__":
    main()
