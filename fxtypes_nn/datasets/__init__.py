"""Data sets: one packed in, two as they are published, and one's own from files."""

from ..errors import DatasetError
from . import augmentation
from .augmentation import Compose, Flip, Shift
from .catalogue import DATA_VARIABLE, load, names
from .dataset import Dataset
from .lazy import LazyArray
from .standardisation import Standardisation

__all__ = [
    "DATA_VARIABLE",
    "Compose",
    "Dataset",
    "DatasetError",
    "Flip",
    "LazyArray",
    "Shift",
    "Standardisation",
    "augmentation",
    "load",
    "names",
]
