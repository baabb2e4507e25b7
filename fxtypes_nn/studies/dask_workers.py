"""The workers of a Dask cluster, by its scheduler's address."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import WorkerError
from ..extras import extra
from .local_workers import Answer, Job
from .tasks import ERROR

_ANSWERS = 5.0  # seconds in which a scheduler does
_BETWEEN = 0.1  # seconds between two looks at what is done
_FETCHED = 30.0  # seconds in which a result that is done is here


class DaskWorkers:
    """What does jobs on a cluster; a worker that dies is the scheduler's to replace.

    Parameters
    ----------
    address : str
        The scheduler's, as ``tcp://HOST:8786``.

    Attributes
    ----------
    count : int
        Workers that are there already; others may come.

    Raises
    ------
    ImportError
        If dask.distributed isn't installed.
    WorkerError
        If it is no address, or no scheduler answers there.
    """

    def __init__(self, address: str) -> None:
        distributed = extra("distributed", "a scheduler's address", "dask")
        # It logs, for one, that it lost the scheduler, which is said here.
        for name in logging.root.manager.loggerDict:
            if name.partition(".")[0] == "distributed":
                logging.getLogger(name).setLevel(logging.CRITICAL)
        self.address = address
        try:
            self._client: Any = distributed.Client(
                address, timeout=_ANSWERS, set_as_default=False, name="fxtypes-nn"
            )
        except (OSError, ValueError, TypeError, ImportError, TimeoutError) as error:
            reason = " ".join(str(error).split())
            raise WorkerError(
                f"no Dask scheduler answers at {address} ({reason}); start one by dask scheduler, "
                "or leave --scheduler out for worker processes here"
            ) from None
        self.count = len(self._client.scheduler_info(n_workers=-1)["workers"])
        self._futures: dict[Any, int] = {}

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Answer]]:
        """Do jobs; yield the number of each and its answer, as they are done.

        Raises
        ------
        WorkerError
            If the scheduler is gone.
        """
        there = _what_is_done_there()
        self._futures = {
            self._client.submit(there, job, pure=False): place for place, job in enumerate(jobs)
        }
        while self._futures:
            # `as_completed` waits for ever where the scheduler is gone.
            for future in [each for each in self._futures if each.done()]:
                answer = self._answer(future)
                if answer is not None:
                    yield self._futures.pop(future), answer
            lost = any(each.status in ("cancelled", "lost") for each in self._futures)
            if lost or self._client.status != "running":
                raise self._gone()
            time.sleep(_BETWEEN)

    def _answer(self, future: Any) -> Answer | None:
        """What a job that is done gave; None if that has to be waited for again."""
        try:
            answer: Answer = future.result(timeout=_FETCHED)
            return answer
        except TimeoutError:
            return None
        except Exception as error:
            if future.cancelled():
                raise self._gone() from None
            if type(error).__name__ == "KilledWorker":
                return {ERROR: "several workers died on it"}
            return {ERROR: " ".join(f"{type(error).__name__}: {error}".split())}

    def _gone(self) -> WorkerError:
        return WorkerError(f"the Dask scheduler at {self.address} is gone")

    def close(self) -> None:
        """End what is under way."""
        with contextlib.suppress(Exception):  # the scheduler may be gone
            self._client.cancel(list(self._futures))
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)


def _what_is_done_there() -> Callable[[Job], Answer]:
    """What goes to workers, as it is: by its name it would end one without the package."""

    def perform_there(job: Job) -> Answer:
        try:
            from fxtypes_nn.studies.tasks import perform
        except ImportError as error:
            version = job["task"]["version"]
            return {"unfit": f"{error}; each needs fxtypes {version}: pip install 'fxtypes[nn]'"}
        return perform(job)

    return perform_there
