"""Binary fixed-point arrays for NumPy: exact, rounded once, in every mode of hardware."""

from . import functions as _functions
from . import random
from .context.context import full_precision
from .context.events import Events, record
from .context.random_stream import seed, seeded
from .context.threads import get_num_threads, set_num_threads
from .errors import FileError, FixedOverflowError, FormatError
from .fixed_array import FixedArray, array
from .format import Format
from .format.modes import Overflow, Rounding
from .functions.assignment import *
from .functions.choosing import *
from .functions.comparing import *
from .functions.creation import *
from .functions.differences import *
from .functions.elementwise import *
from .functions.elementwise import absolute as abs
from .functions.explain_matmul import MatmulPlan, explain_matmul
from .functions.indexing import *
from .functions.interpolation import *
from .functions.joining import *
from .functions.linear_combination import *
from .functions.manipulation import *
from .functions.padding import *
from .functions.products import *
from .functions.rearranging import *
from .functions.reductions import *
from .functions.searching import *
from .functions.sets import *
from .functions.softmax import *
from .functions.sorting import *
from .functions.splitting import *
from .functions.statistics import *
from .interop import protocols as _protocols  # noqa: F401 (it hands NumPy's protocols to FixedArray)
from .interop.archive import load, save
from .interop.verilog_memory import from_mem, to_mem

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
    *_functions.assignment.__all__,
    *_functions.choosing.__all__,
    *_functions.comparing.__all__,
    *_functions.creation.__all__,
    *_functions.differences.__all__,
    *_functions.elementwise.__all__,
    *_functions.indexing.__all__,
    *_functions.interpolation.__all__,
    *_functions.joining.__all__,
    *_functions.linear_combination.__all__,
    *_functions.manipulation.__all__,
    *_functions.padding.__all__,
    *_functions.products.__all__,
    *_functions.rearranging.__all__,
    *_functions.reductions.__all__,
    *_functions.searching.__all__,
    *_functions.sets.__all__,
    *_functions.softmax.__all__,
    *_functions.sorting.__all__,
    *_functions.splitting.__all__,
    *_functions.statistics.__all__,
]
