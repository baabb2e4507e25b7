"""A worker process: jobs come in on its standard input, a line each, and answers go out.

It ends with its input, as when the process that started it is killed.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading

from .tasks import perform


def main() -> None:
    """Answer jobs until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing else is to get among the answers
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    try:
        while True:
            print(json.dumps(perform(json.loads(jobs.get()))), file=answers, flush=True)
    except (KeyboardInterrupt, BrokenPipeError):  # nobody waits for it any more
        os._exit(1)


def _read(jobs: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        jobs.put(line)
    os._exit(0)  # in the midst of a training, too


if __name__ == "__main__":
    main()
