"""Call the whole public interface at random; see tests/README.md.

Every call has its number, and follows from the seed and that number alone: what fails is made
again by --first NUMBER --calls 1. Processes of their own make the calls (worker.py); one that
crashes or hangs is a failure too, and another one goes on after that call.
"""

import argparse
import itertools
import os
import struct
import subprocess
import sys
import tempfile
import time

HANGS = 300.0  # seconds in one call; what a machine takes that has much else to do
WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")
REPORTED = 3  # a worker's status: it made its calls, and some failed (1 is a sanitizer's, too)
MEMORY = "/dev/shm"  # saving waits for the disk: here there is none


class Job:
    """The calls first .. last - 1, made by a worker."""

    def __init__(self, options, folder, first, last):
        self.options, self.folder = options, folder
        self.first, self.last = first, last
        self.failed = 0  # crashes, and workers that reported something
        self.start()

    def start(self):
        descriptor, self.journal = tempfile.mkstemp(dir=self.folder)
        os.write(descriptor, bytes(8))
        os.close(descriptor)
        numbers = {
            "seed": self.options.seed,
            "first": self.first,
            "calls": self.last - self.first,
            "stop-after": self.options.stop_after,
        }
        arguments = [f"--{name}={number}" for name, number in numbers.items()]
        arguments.append(f"--of={self.options.of}")
        self.worker = subprocess.Popen(
            [sys.executable, WORKER, *arguments, f"--journal={self.journal}"],
            env=dict(os.environ, TMPDIR=self.folder),
        )
        self.seen, self.since = None, time.monotonic()

    def goes_on(self):
        """Look at the worker; false when there is nothing left to do."""
        status = self.worker.poll()
        with open(self.journal, "rb") as file:
            (number,) = struct.unpack("<Q", file.read(8))
        if status is None:
            if number != self.seen:
                self.seen, self.since = number, time.monotonic()
            if time.monotonic() - self.since < HANGS:
                return True
            self.worker.kill()
            self.worker.wait()
            print(f"-- call {number}: hangs", flush=True)
        elif status in (0, REPORTED):
            self.failed += status == REPORTED
            return False
        else:
            print(f"-- call {number}: the process ended with status {status}", flush=True)
        self.failed += 1
        self.first = max(number, self.first) + 1
        if self.first == self.last or self.failed >= self.options.stop_after:
            return False
        self.start()
        return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000, help="default: %(default)s")
    parser.add_argument(
        "--of",
        choices=("calls", "elementary"),
        default="calls",
        help="everything, or the elementary functions against their oracle; default: %(default)s",
    )
    parser.add_argument("--first", type=int, default=0, help="the number of the first call")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--stop-after", type=int, default=20, help="failures; default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="processes; default: %(default)s")
    options = parser.parse_args()
    memory = MEMORY if os.path.isdir(MEMORY) else None
    with tempfile.TemporaryDirectory(prefix="fxtypes-fuzz-", dir=memory) as folder:
        parts = min(options.jobs, options.calls)
        ends = [options.first + options.calls * i // parts for i in range(parts + 1)]
        jobs = [Job(options, folder, *pair) for pair in itertools.pairwise(ends)]
        try:
            running = jobs
            while running := [job for job in running if job.goes_on()]:
                time.sleep(0.5)
        finally:
            for job in jobs:
                job.worker.kill()
    sys.exit(any(job.failed for job in jobs))


if __name__ == "__main__":
    main()
