"""Binary fixed-point arrays for NumPy: exact, rounded once, in every mode of hardware."""

from . import (
    creation,
    functions,
    joining,
    ordering,
    placing,
    products,
    random,
    sets,
    shaping,
    statistics,
)
from .context import Events, full_precision, record, seed, seeded
from .creation import *
from .errors import FileError, FixedOverflowError, FormatError
from .explain import MatmulPlan, explain_matmul
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
from .products import *
from .sets import *
from .shaping import *
from .statistics import *
from .threads import get_num_threads, set_num_threads

__version__ = "0.1.0"

__all__ = [
    "Events",
    "FileError",
    "FixedArray",
    "FixedOverflowError",
    "Format",
    "FormatError",
    "MatmulPlan",
    "Overflow",
    "Rounding",
    "abs",
    "array",
    "explain_matmul",
    "from_mem",
    "full_precision",
    "get_num_threads",
    "load",
    "random",
    "record",
    "save",
    "seed",
    "seeded",
    "set_num_threads",
    "to_mem",
    *creation.__all__,
    *functions.__all__,
    *joining.__all__,
    *ordering.__all__,
    *placing.__all__,
    *products.__all__,
    *sets.__all__,
    *shaping.__all__,
    *statistics.__all__,
]
