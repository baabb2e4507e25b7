"""How many threads the kernels may use."""

import operator
import os
from _thread import allocate_lock  # what threading.Lock is, which takes longer to import
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, SupportsIndex

from ..signal_safe import LockGuard

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_lock = allocate_lock()
_pool: "ThreadPoolExecutor | None" = None
_threads: int | None = None


def _usable() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _checked(n: Any, source: str) -> int:
    try:
        number = operator.index(n)
    except TypeError:
        number = 0
    if number < 1:
        raise ValueError(f"{source} must be a number of threads, 1 or more, got {n!r}")
    return number


def get_num_threads() -> int:
    """How many threads the kernels may use; see `set_num_threads`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.get_num_threads() >= 1
    True
    """
    global _threads
    if _threads is None:
        wanted = os.environ.get("FXTYPES_NUM_THREADS", "")
        if not wanted:
            _threads = _usable()
        else:
            _threads = _checked(
                int(wanted) if wanted.isdecimal() else wanted, "FXTYPES_NUM_THREADS"
            )
    return _threads


def set_num_threads(n: SupportsIndex) -> None:
    """Let the kernels use up to `n` threads; results don't depend on it.

    Matrix products are split between threads where that pays. Without this call it is the
    number in the environment variable ``FXTYPES_NUM_THREADS``, or that of the cores this
    process may use. The BLAS' own setting is never changed.

    Parameters
    ----------
    n : int
        1 or more.

    Raises
    ------
    ValueError
        If `n` is no such number.

    Examples
    --------
    >>> import fxtypes as fx
    >>> before = fx.get_num_threads()
    >>> fx.set_num_threads(1)
    >>> fx.get_num_threads()
    1
    >>> fx.set_num_threads(before)
    """
    global _threads, _pool
    number = _checked(n, "set_num_threads: n")
    with LockGuard(_lock):
        if number != _threads and _pool is not None:
            _pool.shutdown(wait=False)
            _pool = None
        _threads = number


def run(tasks: Iterable[Callable[[], None]], stop: Callable[[], None]) -> None:
    """Call every task, on several threads at once; the first exception is raised.

    After one, `stop` is called, which is to make the tasks under way end early, and these are
    waited for.
    """
    global _pool
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait  # takes long

    with LockGuard(_lock):
        if _pool is None:
            _pool = ThreadPoolExecutor(get_num_threads(), "fxtypes")
        futures = [_pool.submit(task) for task in tasks]
    try:
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        if any(future.exception() for future in done):
            stop()
    except BaseException:
        stop()
        raise
    finally:
        for future in futures:
            future.cancel()
        wait(futures)
    for future in futures:
        future.result()


def _forget_pool() -> None:
    """In a forked child the pool's threads are gone."""
    global _pool, _lock
    _pool, _lock = None, allocate_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
