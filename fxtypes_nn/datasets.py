"""Data sets: one packed in, two read from a folder."""

import dataclasses
import gzip
import importlib.resources
import io
import os
import struct
import zlib
from fractions import Fraction

import numpy as np

import fxtypes as fx

from .errors import DatasetError

DATA_VARIABLE = "FXTYPES_DATA"
_DIGITS_TRAIN = 1437
_IDX_FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
_IDX_SIDE = 28
_DIGIT_NAMES = tuple("0123456789")
_FASHION_NAMES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Images and their classes, in a training and a test part.

    Attributes
    ----------
    name : str
        As `load` takes it.
    x_train, x_test : numpy.ndarray or fxtypes.FixedArray
        Pixels, shape (samples, features): uint8, or fixed point after `to_fixed`.
    y_train, y_test : numpy.ndarray
        Class numbers, int64, shape (samples,).
    classes : tuple of str
        The classes' names, by number.
    maximum : int
        The whitest pixel's value.
    """

    name: str
    x_train: object
    y_train: np.ndarray
    x_test: object
    y_test: np.ndarray
    classes: tuple
    maximum: int

    def to_fixed(self, format):
        """Return the data set with pixels as FixedArrays: value / maximum, rounded once.

        Examples
        --------
        >>> import fxtypes as fx
        >>> from fxtypes_nn import datasets
        >>> digits = datasets.load("digits").to_fixed(fx.Format(16, 10))
        >>> digits.x_train[:1].max().item()
        Fraction(15, 16)
        """
        if isinstance(self.x_train, fx.FixedArray):
            raise ValueError(f"{self.name} is fixed point already; load it anew")
        return dataclasses.replace(
            self,
            x_train=_scaled(self.x_train, self.maximum, format),
            x_test=_scaled(self.x_test, self.maximum, format),
        )


def names():
    """Return the names that `load` takes."""
    return list(_LOADERS)


def load(name, data_dir=None):
    """Return a data set.

    Parameters
    ----------
    name : {"digits", "mnist", "fashion-mnist"}
        ``digits`` comes with the package (1,797 images of 8 x 8 pixels from 0 to 16; the first
        1,437 train, the rest test). The others (28 x 28, 0 to 255) are read from the folder
        of their name in `data_dir`, which holds the four ``.gz`` files as they are published.
    data_dir : str or os.PathLike, optional
        By default what the environment variable ``FXTYPES_DATA`` names.

    Returns
    -------
    Dataset
        With uint8 pixels.

    Raises
    ------
    DatasetError
        If there is no such data set, or its folder misses a file or holds a damaged one.

    Examples
    --------
    >>> from fxtypes_nn import datasets
    >>> datasets.load("digits").x_train.shape
    (1437, 64)
    """
    try:
        loader = _LOADERS[name]
    except (KeyError, TypeError):
        raise DatasetError(
            f"there is no data set {name!r}; there are {', '.join(_LOADERS)}"
        ) from None
    return loader(name, data_dir)


def _digits(name, data_dir):
    packed = importlib.resources.files(__package__) / "data" / "digits.csv.gz"
    text = gzip.decompress(packed.read_bytes()).decode("ascii")
    table = np.loadtxt(io.StringIO(text), dtype=np.uint8, delimiter=",")
    x, y = np.ascontiguousarray(table[:, :-1]), table[:, -1].astype(np.int64)
    train = _DIGITS_TRAIN
    return Dataset(name, x[:train], y[:train], x[train:], y[train:], _DIGIT_NAMES, 16)


def _idx(name, data_dir):
    root = os.environ.get(DATA_VARIABLE) if data_dir is None else os.fspath(data_dir)
    if not root:
        raise DatasetError(
            f"{name} does not come with the package: set {DATA_VARIABLE} (or pass data_dir) to "
            f"the folder that holds {name}/{_IDX_FILES['train'][0]} and its three companions"
        )
    parts = []
    for images, labels in _IDX_FILES.values():
        images_path, labels_path = (os.path.join(root, name, file) for file in (images, labels))
        x = _read_idx(images_path, (_IDX_SIDE, _IDX_SIDE)).reshape(-1, _IDX_SIDE**2)
        y = _read_idx(labels_path, ())
        if len(x) != len(y):
            raise DatasetError(
                f"{images_path} has {len(x)} images and {labels_path} {len(y)} labels; "
                "take both from the same source"
            )
        if y.max() > 9:
            at = int(np.argmax(y > 9))
            raise DatasetError(
                f"{labels_path}: label {y[at]} at index {at} is out of range, the classes are "
                "0 to 9; take a fresh copy"
            )
        parts += [x, y.astype(np.int64)]
    classes = _FASHION_NAMES if name == "fashion-mnist" else _DIGIT_NAMES
    return Dataset(name, *parts, classes, 255)


def _read_idx(path, item):
    """Read a gzipped IDX file of uint8 items of one shape; everything about it is checked."""
    axes = 1 + len(item)
    header_size = 4 + 4 * axes
    try:
        with gzip.open(path) as file:
            header = file.read(header_size)
            if len(header) < header_size:
                raise DatasetError(_damaged(path, f"it ends after {len(header)} bytes"))
            # Two zero bytes, 8 for uint8, the number of axes; then the axes, big-endian.
            magic, count, *shape = struct.unpack(f">{axes + 1}I", header)
            if magic != 0x0800 + axes:
                expected = f"{0x0800 + axes:#010x}"
                raise DatasetError(
                    _damaged(path, f"its IDX header starts {magic:#010x}, not {expected}")
                )
            if tuple(shape) != item or not count:
                raise DatasetError(
                    _damaged(path, f"it says {count} items of shape {tuple(shape)}, not {item}")
                )
            size = count * int(np.prod(item, dtype=int))
            data = file.read(size + 1)  # one more: reaching the end checks gzip's CRC
    except FileNotFoundError:
        raise DatasetError(
            f"{path} is missing; put the published file there, or set {DATA_VARIABLE} to the "
            "folder that has it"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DatasetError(_damaged(path, str(error))) from None
    except OSError as error:
        raise DatasetError(f"{path} can't be read: {error.strerror or error}") from None
    if len(data) != size:
        has = "more" if len(data) > size else f"{len(data)}"
        raise DatasetError(_damaged(path, f"its header announces {size} bytes and it has {has}"))
    return np.frombuffer(data, np.uint8).reshape(count, *item)


def _damaged(path, what):
    return f"{path} is damaged: {what}; take a fresh copy"


def _scaled(pixels, maximum, format):
    if format.rounding == "stochastic":  # each pixel has a draw of its own
        return fx.divide(fx.array(pixels, fx.Format(8, 0, signed=False)), maximum, format=format)
    values = fx.array([Fraction(value, maximum) for value in range(maximum + 1)], format)
    return values[pixels]


_LOADERS = {"digits": _digits, "mnist": _idx, "fashion-mnist": _idx}


class LazyArray:
    pass
