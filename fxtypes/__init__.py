"""Binary fixed-point arrays for NumPy: exact, rounded once, in every mode of hardware."""

from . import creation, functions, joining, ordering, placing, random, sets, shaping, statistics
from .context import Events, full_precision, record, seed, seeded
from .creation import *
from .errors import FileError, FixedOverflowError, FormatError
from .fixed_array import FixedArray, array
from .format import Format
from .functions import *
from .functions import absolute as abs
from .io import load, save
from .joining import *
from .memory_image import from_mem, to_mem
from .modes import Overflow, Rounding
from .ordering import *
from .placing import *
from .sets import *
from .shaping import *
from .statistics import *

__version__ = "0.1.0"

__all__ = [
    "Events",
    "FileError",
    "FixedArray",
    "FixedOverflowError",
    "Format",
    "FormatError",
    "Overflow",
    "Rounding",
    "abs",
    "array",
    "from_mem",
    "load",
    "full_precision",
    "random",
    "record",
    "save",
    "seed",
    "seeded",
    "to_mem",
    *creation.__all__,
    *functions.__all__,
    *joining.__all__,
    *ordering.__all__,
    *placing.__all__,
    *sets.__all__,
    *shaping.__all__,
    *statistics.__all__,
]
