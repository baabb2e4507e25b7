"""Worker processes of one's own, with nothing but the standard library."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from .tasks import ERROR, UNFIT

Job: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Mapping[str, Any]

COMMAND = [sys.executable, "-P", "-m", "fxtypes_nn.studies.worker"]
DEATHS = 4  # of workers on the same job, after which it counts as failed: as Dask has it
# Workers share the cores by being several; their threads would only wait for each other.
_ONE_THREAD = dict.fromkeys(
    ("FXTYPES_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


class LocalWorkers:
    """So many processes that do jobs; each is started anew where it dies.

    They end with `close`, and by themselves when this process is gone, however it ended.

    Parameters
    ----------
    count : int
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._jobs: queue.SimpleQueue[tuple[int, Job] | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._workers: set[_Worker] = set()
        self._closed = False
        self._threads: list[threading.Thread] = []

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Answer]]:
        """Do jobs; yield the number of each and its answer, as they are done."""
        for numbered in enumerate(jobs):
            self._jobs.put(numbered)
        for _ in range(min(self.count, len(jobs)) - len(self._threads)):
            thread = threading.Thread(target=self._serve, daemon=True)
            self._threads.append(thread)
            thread.start()
        for _ in jobs:
            yield self._answers.get()

    def close(self) -> None:
        """End all of them, in the midst of what they do."""
        with self._lock:
            self._closed = True
            for worker in self._workers:
                worker.process.kill()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.end()

    def _serve(self) -> None:
        """Hand a worker jobs, and start another where it died."""
        worker: _Worker | None = None
        while (numbered := self._jobs.get()) is not None:
            place, job = numbered
            answer: Answer | None
            deaths, said = 0, ""
            while deaths < DEATHS:
                try:
                    worker = worker or self._start()
                except OSError as error:  # no memory for a process, for one
                    answer = {UNFIT: f"it can't be started: {error.strerror or error}"}
                    break
                answer = worker.ask(job)
                if self._closed:
                    return
                if answer is not None:
                    break
                deaths += 1
                with self._lock:
                    self._workers.discard(worker)
                said, worker = worker.end(), None
            else:
                answer = {ERROR: f"{DEATHS} workers died on it, the last one {said}"}
            self._answers.put((place, answer))

    def _start(self) -> _Worker:
        worker = _Worker()
        with self._lock:
            self._workers.add(worker)
            if self._closed:
                worker.process.kill()
        return worker


class _Worker:
    """A process that answers one job at a time."""

    def __init__(self) -> None:
        paths = os.pathsep.join(path for path in sys.path if path)
        self.process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ONE_THREAD | {"PYTHONPATH": paths},
            process_group=0,  # a terminal's Ctrl-C is for the one that started it, and ends it
        )

    def ask(self, job: Job) -> Answer | None:
        """The answer; None where the process died."""
        told, heard = self.process.stdin, self.process.stdout
        assert told is not None
        assert heard is not None
        line = b""
        with contextlib.suppress(OSError):  # it is gone, as the end of its output tells
            told.write(json.dumps(job).encode() + b"\n")
            told.flush()
            line = heard.readline()
        if not line.endswith(b"\n"):
            return None
        answer: Answer = json.loads(line)
        return answer

    def end(self) -> str:
        """See that it is gone, and tell how it ended."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError, AttributeError):
                pipe.close()  # type: ignore[union-attr]
        status = self.process.wait()
        if status >= 0:
            return f"with exit status {status}"
        return f"by {signal.Signals(-status).name}"
