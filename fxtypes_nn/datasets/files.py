"""Files, packed or not, and what can be wrong with any of them."""

import contextlib
import gzip
import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from ..errors import DatasetError


def open_packed(path: str) -> BinaryIO:
    """Open a file for reading, through gzip if it is packed or its name says so."""
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if packed or path.endswith(".gz"):
        return cast(BinaryIO, gzip.open(path))
    return open(path, "rb")


def name_of(path: str) -> str:
    """The name of a data set that has only a path: the file's or the folder's, without endings."""
    base = os.path.basename(os.path.normpath(path))
    return base.split(".")[0] or base


def damaged(path: str, what: str) -> DatasetError:
    what = " ".join(what.split())  # some errors take several lines
    return DatasetError(f"{path} is damaged: {what}; take a fresh copy")


@contextlib.contextmanager
def reading(path: str, if_missing: str = "check the path") -> Iterator[None]:
    """Turn the system's errors and gzip's into a DatasetError that names the file."""
    try:
        yield
    except FileNotFoundError:
        raise DatasetError(f"{path} is missing; {if_missing}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path, str(error)) from None
    except OSError as error:
        raise DatasetError(f"{path} can't be read: {error.strerror or error}") from None
