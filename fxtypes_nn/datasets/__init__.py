"""Data sets: one packed in, two as they are published, and one's own from files."""

from ..errors import DatasetError
from . import augmentation
from .augmentation import Compose, Flip, Shift
from .catalogue import load, names
from .dataset import Dataset
from .lazy import LazyArray
from .places import DATA_VARIABLE, Found, FoundFile, available
from .standardisation import Standardisation

__all__ = [
    "DATA_VARIABLE",
    "Compose",
    "Dataset",
    "DatasetError",
    "Flip",
    "Found",
    "FoundFile",
    "LazyArray",
    "Shift",
    "Standardisation",
    "augmentation",
    "available",
    "load",
    "names",
]
