"""Published data sets from where they are published, into the user's cache, by Pooch."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ..errors import DatasetError
from ..extras import extra
from .published import Published

_TIMEOUT = 10  # seconds without an answer
_CHUNK = 1 << 16


def cache_folder(name: str) -> str | None:
    """Where a downloaded data set lies; None without Pooch, which knows where caches are."""
    try:
        return os.path.join(_cache(), name)
    except ImportError:
        return None


def _cache() -> str:
    return str(_pooch().os_cache("fxtypes"))


def download(name: str, published: Published) -> str:
    """Bring a data set's files into the cache, unless they are there, and return their folder.

    Each is checked against its SHA-256, those that are there too, and appears whole or not at all.
    What is downloaded is said on the standard error stream.

    Raises
    ------
    DatasetError
        With the reason as a clause, if that can't be done.
    """
    try:
        pooch = _pooch()
    except ImportError as error:
        raise DatasetError(str(error)) from None
    folder = os.path.join(_cache(), name)
    registry = {f"{file}.gz": f"sha256:{found.packed}" for file, found in published.files.items()}
    reasons = []
    for address in published.addresses:
        host = urlsplit(address).netloc
        source = pooch.create(folder, address, registry=registry)
        downloader = _Downloader(
            name, folder, pooch.HTTPDownloader(chunk_size=_CHUNK, timeout=_TIMEOUT)
        )
        try:
            with _quiet(pooch.get_logger()), _no_empty_folder(folder):
                for file in registry:
                    source.fetch(file, downloader=downloader)
        except (OSError, ValueError) as error:
            reasons.append(_reason(error, host, folder))
        else:
            return folder
    raise DatasetError("; ".join(dict.fromkeys(reasons)))


def _pooch() -> Any:
    return extra("pooch", "downloads")


class _Downloader:
    """Pooch's, which says what it does, once there is somebody who answers."""

    def __init__(self, name: str, folder: str, downloader: Any) -> None:
        self.name, self.folder, self.downloader = name, folder, downloader

    def __call__(self, url: str, output_file: Any, pooch: Any) -> None:
        self.downloader(url, None, pooch, check_only=True)
        print(f"downloading {self.name} from {url} to {self.folder}", file=sys.stderr, flush=True)
        self.downloader(url, output_file, pooch)


@contextlib.contextmanager
def _quiet(logger: Any) -> Iterator[None]:
    """Without Pooch's own lines, which show the hash and say to keep it."""
    before = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(before)


@contextlib.contextmanager
def _no_empty_folder(folder: str) -> Iterator[None]:
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # it isn't empty, or there is none
            os.rmdir(folder)
            os.rmdir(os.path.dirname(folder))


def _reason(error: Exception, host: str, folder: str) -> str:
    """What went wrong, in a few words instead of a chain of libraries' errors."""
    kinds = extra("requests.exceptions", "downloads")  # which Pooch brings along
    if isinstance(error, kinds.HTTPError) and error.response is not None:
        return f"{host} answers {error.response.status_code} {error.response.reason}"
    if isinstance(error, kinds.ChunkedEncodingError):
        return f"the connection to {host} broke off"
    if isinstance(error, kinds.Timeout):
        return f"{host} does not answer"
    if isinstance(error, kinds.ConnectionError):
        return f"no connection to {host}"
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return f"what {host} sends has a wrong checksum"
    what = getattr(error, "strerror", None) or type(error).__name__
    if isinstance(error, kinds.RequestException):
        return f"{host}: {what}"
    return f"{folder} can't be written: {what}"
