"""Binary fixed-point arrays for NumPy: exact, rounded once, in every mode of hardware."""

from . import functions, joining, ordering, protocol, random, shaping, statistics
from .context import Events, record, seed, seeded
from .errors import FixedOverflowError, FormatError
from .fixed_array import FixedArray, array
from .format import Format
from .functions import *
from .functions import absolute as abs
from .joining import *
from .modes import Overflow, Rounding
from .ordering import *
from .shaping import *
from .statistics import *

__version__ = "0.1.0"

protocol.install()

__all__ = [
    "Events",
    "FixedArray",
    "FixedOverflowError",
    "Format",
    "FormatError",
    "Overflow",
    "Rounding",
    "abs",
    "array",
    "random",
    "record",
    "seed",
    "seeded",
    *functions.__all__,
    *joining.__all__,
    *ordering.__all__,
    *shaping.__all__,
    *statistics.__all__,
]
