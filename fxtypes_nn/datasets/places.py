"""Where the data sets that have a name lie, and whether they are whole."""

import dataclasses
import hashlib
import importlib.resources
import os
from typing import BinaryIO, Literal

from ..errors import DatasetError
from . import digits
from .download import cache_folder
from .files import is_packed, open_packed, reading
from .idx import present
from .published import PUBLISHED

DATA_VARIABLE = "FXTYPES_DATA"
_AT_ONCE = 1 << 20  # bytes
State = Literal["right", "wrong", "missing"]


@dataclasses.dataclass(frozen=True)
class FoundFile:
    """A file of a data set.

    Attributes
    ----------
    path : str
        Where it lies, or would.
    state : str
        ``"right"`` where its SHA-256 is that of the published file, or what is packed in it has
        the SHA-256 of what is packed in that; ``"wrong"`` where it hasn't, or it can't be read;
        ``"missing"``.
    """

    path: str
    state: State


@dataclasses.dataclass(frozen=True)
class Found:
    """A named data set, as `available` finds it.

    Attributes
    ----------
    name, about : str
    folder : str or None
        Where it lies; None: nowhere.
    files : tuple of FoundFile
        Empty where it lies nowhere.
    advice : str
        What to do to have it; empty where it is whole.
    """

    name: str
    about: str
    folder: str | None
    files: tuple[FoundFile, ...]
    advice: str

    @property
    def whole(self) -> bool:
        """Whether all files are there and right."""
        return bool(self.files) and all(file.state == "right" for file in self.files)


def available(data_dir: str | os.PathLike[str] | None = None) -> list[Found]:
    """Return where `load` finds each named data set, with every file's checksum.

    Nothing is downloaded.

    Parameters
    ----------
    data_dir : str or os.PathLike, optional
        As for `load`.

    Raises
    ------
    DatasetError
        If it is no folder.

    Examples
    --------
    >>> from fxtypes_nn import datasets
    >>> digits = datasets.available()[0]
    >>> digits.name, digits.about, digits.whole
    ('digits', '1,797 handwritten digits, 8 x 8 pixels', True)
    """
    return [_digits(), *(_found(name, named_folder(name, data_dir)) for name in PUBLISHED)]


def named_folder(name: str, data_dir: str | os.PathLike[str] | None) -> str | None:
    """Where a data set has to lie in the user's folder of data, if there is one.

    Raises
    ------
    DatasetError
        If that is none.
    """
    root = os.environ.get(DATA_VARIABLE) if data_dir is None else os.fspath(data_dir)
    if not root:
        return None
    if not os.path.isdir(root):
        said = DATA_VARIABLE if data_dir is None else "data_dir"
        raise DatasetError(f"there is no folder {root}, where {said} says that data sets lie")
    return os.path.join(root, name)


def _digits() -> Found:
    packed = importlib.resources.files("fxtypes_nn") / "data" / digits.FILE
    with importlib.resources.as_file(packed) as path:
        file = FoundFile(str(path), _state(str(path), digits.SHA256))
    advice = "" if file.state == "right" else "install fxtypes anew"
    return Found("digits", digits.ABOUT, os.path.dirname(file.path), (file,), advice)


def _found(name: str, named: str | None) -> Found:
    """A published data set in the folder that was named, else in the cache."""
    about, cache = PUBLISHED[name].about, cache_folder(name)
    for folder in filter(None, (named, cache)):
        try:
            if paths := present(folder):
                return _looked_at(name, folder, paths, ours=folder == cache)
        except DatasetError as error:
            return Found(name, about, folder, (), str(error))
    by_hand = (
        f"set {DATA_VARIABLE} to a folder that has {name}/ with its four files"
        if named is None
        else f"put its four files into {named}"
    )
    return Found(name, about, None, (), f"it is downloaded when it is first used; or {by_hand}")


def _looked_at(name: str, folder: str, paths: dict[str, str], ours: bool) -> Found:
    files = []
    for file, published in PUBLISHED[name].files.items():
        path = paths.get(file, os.path.join(folder, f"{file}.gz"))
        state = _state(path, published.packed, published.unpacked) if file in paths else "missing"
        files.append(FoundFile(path, state))
    wrong = [os.path.basename(file.path) for file in files if file.state != "right"]
    advice = ""
    if wrong and ours:
        advice = "what is not right is downloaded again when it is used"
    elif wrong:
        advice = f"take fresh copies of {', '.join(wrong)}"
    return Found(name, PUBLISHED[name].about, folder, tuple(files), advice)


def _state(path: str, *sums: str) -> State:
    """Whether a file, or what is packed in it, has one of the checksums."""
    try:
        with reading(path):
            with open(path, "rb") as file:
                found = _sha256(file)
            if found not in sums and is_packed(path):
                with open_packed(path) as file:
                    found = _sha256(file)
    except DatasetError:
        return "wrong"
    return "right" if found in sums else "wrong"


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while part := file.read(_AT_ONCE):
        digest.update(part)
    return digest.hexdigest()
