"""Binary fixed-point arrays for NumPy: exact, rounded once, in every mode of hardware."""

from . import functions, protocol, random
from .context import Events, full_precision, record, seed, seeded
from .errors import FixedOverflowError, FormatError
from .fixed_array import FixedArray, array
from .format import Format
from .functions import *
from .functions import absolute as abs
from .modes import Overflow, Rounding

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
    "full_precision",
    "random",
    "record",
    "seed",
    "seeded",
    *functions.__all__,
]
