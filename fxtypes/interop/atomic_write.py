"""Files that are written completely or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..fixed_array.operand_types import StrPath


@contextlib.contextmanager
def atomic_write(path: StrPath, text: bool = False) -> Iterator[IO[Any]]:
    """Open a temporary file for writing, which is renamed to `path` when the block succeeds.

    If the block fails, or the process dies in it, what was at `path` stays as it was.
    A symbolic link goes on pointing at the file that it names, and a file keeps its mode.

    Parameters
    ----------
    path : str or os.PathLike
        The file to write; its folder must exist.
    text : bool
        UTF-8 with ``\\n`` line ends if true, else bytes.

    Yields
    ------
    file object
        The open temporary file; one of bytes can be read as well.

    Raises
    ------
    OSError
        If the folder can't be written, or what is at `path` is no regular file.
    """
    given = os.fspath(path)
    path = os.path.realpath(path)  # what a symbolic link names, not the link
    mode = None
    with contextlib.suppress(FileNotFoundError):
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "this is no regular file, and can't be replaced", path)
    temporary = os.path.join(os.path.dirname(path), f".fxtypes-{os.urandom(8).hex()}.tmp")
    options: dict[str, Any] = {"encoding": "utf-8", "newline": "\n"} if text else {}
    try:
        with _named(given):
            opened = open(temporary, "x" if text else "xb+", **options)  # noqa: SIM115
        with opened as file:
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _named(given):
            os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def _named(path: Any) -> Iterator[None]:
    """Let errors name the file that was to be written, not the temporary one."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(
            errno.ENOENT, "there is no folder to write it into; make it first", path
        ) from None
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, path) from None
