"""What a command writes to its two streams, of which either may be gone."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO, Any

PROGRAM = "fxtypes-nn"


class Terminal:
    """The standard output and error streams of one command.

    A stream that can't be written ends no work: what is said is lost, and `broken` tells why.

    Attributes
    ----------
    broken : str or None
        Why the output couldn't be written.
    warned : list of str
        The warnings shown so far.
    """

    def __init__(self) -> None:
        self.broken: str | None = None
        self.warned: list[str] = []

    def say(self, text: str) -> None:
        """Write to the output."""
        if self.broken is None:
            error = _write(sys.stdout, text)
            if error is not None:
                self.broken = error
                _abandon(sys.stdout)

    def warn(self, message: Any, *_: Any, **__: Any) -> None:
        """Show a warning, as ``warnings.showwarning`` is called; each text once."""
        text = one_line(message)
        if text not in self.warned:
            self.warned.append(text)
            self.complain("warning", text)

    def complain(self, kind: str, message: Any) -> None:
        """Write a line to the error stream."""
        if _write(sys.stderr, f"{PROGRAM}: {kind}: {one_line(message)}") is not None:
            _abandon(sys.stderr)


def one_line(message: object) -> str:
    """A message as one line."""
    return " ".join(str(message).split())


def _write(stream: IO[str] | None, text: str) -> str | None:
    """Write lines; what went wrong."""
    if stream is None:  # as in a process that was started without one
        return None
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except UnicodeEncodeError:
        encoding = getattr(stream, "encoding", None) or "ascii"
        return _write(stream, text.encode(encoding, "replace").decode(encoding))
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None


def _abandon(stream: IO[str] | None) -> None:
    """Let what is still in a stream's buffer go nowhere: Python's end would complain of it."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        assert stream is not None
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, number)
        finally:
            os.close(nowhere)
