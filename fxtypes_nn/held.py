"""A folder in one process' hands: the system's lock of it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

if sys.platform != "win32":
    import fcntl


@contextlib.contextmanager
def held(path: str | os.PathLike[str], refusal: Exception) -> Iterator[None]:
    """Inside, a folder is held; `refusal` is raised where somebody else holds it already.

    The system's lock of the folder itself: nothing is left of it, however a process ends. Windows
    has none, nor have some file systems that are shared over a network.
    """
    if sys.platform == "win32":
        yield
        return
    number = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refusal from None
        except OSError:  # such a file system
            pass
        yield
    finally:
        # A process that was forked meanwhile has it open, too, and closing alone leaves it locked.
        with contextlib.suppress(OSError):
            fcntl.flock(number, fcntl.LOCK_UN)
        os.close(number)
