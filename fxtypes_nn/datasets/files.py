"""Files, packed or not, and what can be wrong with any of them."""

import contextlib
import gzip
import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from ..errors import DatasetError

_GZIP = b"\x1f\x8b"  # what its files begin with


def is_packed(path: str) -> bool:
    """Whether a file is one of gzip's, whatever its name says."""
    with open(path, "rb") as file:
        return file.read(2) == _GZIP


def open_packed(path: str) -> BinaryIO:
    """Open a file for reading, through gzip if it is packed.

    Raises
    ------
    DatasetError
        If its name says that it is, and it isn't.
    """
    if is_packed(path):
        return cast(BinaryIO, gzip.open(path))
    file = open(path, "rb")  # noqa: SIM115 - the caller closes it
    begin = file.peek(4)[:4]
    if not path.endswith(".gz") or not begin:
        return file
    file.close()
    raise damaged(
        path,
        f"it begins with the bytes {begin.hex(' ')} and is not packed, as its name says (take .gz "
        "off the name if the rest is whole)",
    )


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
