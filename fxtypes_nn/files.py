"""Files that are written whole or not at all."""

import contextlib
import os
import secrets


@contextlib.contextmanager
def write_whole(path, text=False):
    """Open a file beside `path` for writing; it takes `path`'s place when the block succeeds.

    If the block fails, or the process dies in it, what was at `path` stays as it was.

    Parameters
    ----------
    path : str or os.PathLike
        The file to write; its folder must exist.
    text : bool
        UTF-8 with ``\\n`` line ends if true, else bytes.

    Yields
    ------
    file object
        The open temporary file.

    Raises
    ------
    OSError
        If the folder can't be written.
    """
    folder, name = os.path.split(os.fspath(path))
    temporary = os.path.join(folder, f".{name}.{secrets.token_hex(6)}.tmp")
    options = {"encoding": "utf-8", "newline": "\n"} if text else {}
    try:
        with open(temporary, "x" if text else "xb", **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
