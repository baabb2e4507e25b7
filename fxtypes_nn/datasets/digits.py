"""The data set that comes with the package."""

import importlib.resources

from .csv import read_table
from .dataset import Dataset
from .labels import class_numbers

FILE = "digits.csv.gz"
SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
ABOUT = "1,797 handwritten digits, 8 x 8 pixels"
_TRAIN = 1437  # the first images; the rest tests


def load_digits(name: str) -> Dataset:
    """1,797 images of 8 x 8 pixels from 0 to 16; see data/README.md for their source."""
    packed = importlib.resources.files("fxtypes_nn") / "data" / FILE
    with importlib.resources.as_file(packed) as path:
        x, labels = read_table(str(path), -1)
    (y,), classes = class_numbers([labels])
    train, test = slice(_TRAIN), slice(_TRAIN, None)
    return Dataset(name, x[train], y[train], x[test], y[test], classes, 16, (8, 8))
