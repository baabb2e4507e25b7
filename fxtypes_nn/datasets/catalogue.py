"""The data sets that have a name, and the way to any other."""

import functools
import os
from collections.abc import Callable
from typing import TypeAlias

from ..errors import DatasetError
from .csv import load_csv
from .dataset import Dataset
from .digits import load_digits
from .download import download
from .files import name_of
from .idx import load_folder, present
from .npz import load_npz
from .places import DATA_VARIABLE, named_folder
from .published import FILES, PUBLISHED


def names() -> list[str]:
    """Return the names that `load` takes.

    Examples
    --------
    >>> names()
    ['digits', 'mnist', 'fashion-mnist']
    """
    return list(_LOADERS)


def load(
    name_or_path: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    *,
    label: str | int = -1,
    test_share: float = 0.2,
) -> Dataset:
    """Return a data set.

    Parameters
    ----------
    name_or_path : str or os.PathLike
        A name: ``digits`` comes with the package (1,797 images of 8 x 8 pixels from 0 to 16; the
        first 1,437 train, the rest test). ``mnist`` and ``fashion-mnist`` (28 x 28, 0 to 255) are
        read from the folder of their name in `data_dir`, which holds the four files as they are
        published, packed or not. Where none is there they are downloaded once into the user's
        cache, checked, and read from it; a line on the standard error stream says so.

        Or a path:

        - an ``.npz`` with ``x_train, y_train, x_test, y_test`` and, if wanted, ``classes``. uint8
          with more than two axes are images; axes behind the first become features.
        - a folder of four IDX files of uint8 with names as MNIST's, packed or not; any number of
          classes, any size of image.
        - anything else is a table of text, packed by gzip or not, with commas, semicolons or tabs
          between: one sample a line, features that are numbers (uint8 where all are whole and
          from 0 to 255, int64 where all are whole, else float64), and a label. The first line is
          a header if its features aren't numbers, or its label is none where all others are.
    data_dir : str or os.PathLike, optional
        By default what the environment variable ``FXTYPES_DATA`` names.
    label : str or int
        The label's column in a table: a name in its header, or a number from 0, or from -1
        backwards.
    test_share : float
        The share of a table's samples that test, between 0 and 1: drawn with a fixed seed, the
        same for every table of as many lines; both parts keep the file's order.

    Returns
    -------
    Dataset
        With elements as they were read. Labels that are whole numbers from 0 to n-1 are the class
        numbers; other ones, and texts, are numbered in sorted order and give the classes' names.

    Raises
    ------
    DatasetError
        If there is no such data set, a file misses or is damaged, a download fails, a feature is
        not a finite number or a label neither whole nor text.
    ValueError, TypeError
        If `label` or `test_share` is no such thing, or given for what is no table.

    Examples
    --------
    >>> from fxtypes_nn import datasets
    >>> datasets.load("digits").x_train.shape
    (1437, 64)
    """
    if isinstance(label, bool) or not isinstance(label, str | int):
        raise TypeError(f"label must be a column's name or number, got {label!r}")
    path = _path(name_or_path)
    loader = _loader(name_or_path, path, data_dir)
    if loader is None:
        return load_csv(path, label, test_share)
    if (label, test_share) != (-1, 0.2):
        raise ValueError(
            "a column of labels and a share that tests are for tables of text; "
            f"{name_or_path} has its labels and its test part"
        )
    return loader()


def _path(name_or_path: object) -> str:
    if isinstance(name_or_path, str | os.PathLike):
        path = os.fspath(name_or_path)
        if isinstance(path, str):
            return path
    raise _unknown(name_or_path)


def _unknown(name: object) -> DatasetError:
    return DatasetError(
        f"there is no data set or file {name!r}; there are {', '.join(_LOADERS)}, and any path of "
        "an .npz, a table of text or a folder of IDX files"
    )


def _loader(
    given: object, path: str, data_dir: str | os.PathLike[str] | None
) -> Callable[[], Dataset] | None:
    """What reads the data set, None for a table of text."""
    if given in _LOADERS:
        return functools.partial(_LOADERS[path], path, data_dir)
    if os.path.isdir(path):
        return functools.partial(load_folder, name_of(path), path)
    if not os.path.exists(path):
        raise _unknown(given)
    return functools.partial(load_npz, path) if path.endswith(".npz") else None


def _digits(name: str, data_dir: object) -> Dataset:
    return load_digits(name)


def _published(name: str, data_dir: str | os.PathLike[str] | None) -> Dataset:
    published, folder = PUBLISHED[name], named_folder(name, data_dir)
    found = folder is not None and present(folder)
    return load_folder(
        name,
        folder if folder and found else _downloaded(name, folder),
        classes=published.classes,
        image_shape=(28, 28),
        if_missing=(
            "put the published file there, packed or not, or set "
            f"{DATA_VARIABLE} to the folder that has {name}/"
        ),
    )


def _downloaded(name: str, folder: str | None) -> str:
    try:
        return download(name, PUBLISHED[name])
    except DatasetError as error:
        if folder is None:
            raise DatasetError(
                f"{name} does not come with the package and can't be downloaded ({error}): set "
                f"{DATA_VARIABLE} to a folder that holds "
                f"{', '.join(f'{name}/{file}.gz' for file in FILES)}, packed or not"
            ) from None
        raise DatasetError(
            f"{os.path.join(folder, FILES[0])}.gz is missing, as are the other files of {name}, "
            f"and they can't be downloaded ({error}): put {', '.join(f'{f}.gz' for f in FILES)} "
            f"there, packed or not, or set {DATA_VARIABLE} to the folder that has {name}/"
        ) from None


_Loader: TypeAlias = Callable[[str, "str | os.PathLike[str] | None"], Dataset]
_LOADERS: dict[str, _Loader] = {
    "digits": _digits,
    "mnist": _published,
    "fashion-mnist": _published,
}
