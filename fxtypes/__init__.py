"""Binary fixed-point arrays for NumPy: exact, rounded once, in every mode of hardware."""

import importlib
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from . import random
    from .functions.explain_matmul import MatmulPlan, explain_matmul
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
    "absolute",
    "add",
    "all",
    "allclose",
    "any",
    "append",
    "arange",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "argwhere",
    "array",
    "array_equal",
    "array_equiv",
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "block",
    "broadcast_arrays",
    "broadcast_to",
    "ceil",
    "choose",
    "clip",
    "column_stack",
    "compress",
    "concatenate",
    "convolve",
    "copy",
    "copyto",
    "correlate",
    "count_nonzero",
    "cross",
    "cumprod",
    "cumsum",
    "delete",
    "diag",
    "diagflat",
    "diagonal",
    "diff",
    "digitize",
    "divide",
    "divmod",
    "dot",
    "dsplit",
    "dstack",
    "ediff1d",
    "einsum",
    "einsum_path",
    "empty",
    "empty_like",
    "equal",
    "exp",
    "expand_dims",
    "explain_matmul",
    "extract",
    "eye",
    "fill_diagonal",
    "flatnonzero",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "from_bits",
    "from_mem",
    "full",
    "full_like",
    "full_precision",
    "get_num_threads",
    "greater",
    "greater_equal",
    "histogram",
    "histogram_bin_edges",
    "hsplit",
    "hstack",
    "inner",
    "insert",
    "interp",
    "intersect1d",
    "invert",
    "isclose",
    "isin",
    "kron",
    "left_shift",
    "less",
    "less_equal",
    "lexsort",
    "linear_combination",
    "linspace",
    "load",
    "log",
    "logsumexp",
    "matmul",
    "matrix_power",
    "matrix_transpose",
    "matvec",
    "max",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "moveaxis",
    "multi_dot",
    "multiply",
    "negative",
    "nonzero",
    "not_equal",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "partition",
    "percentile",
    "permute_dims",
    "place",
    "positive",
    "power",
    "prod",
    "ptp",
    "put",
    "put_along_axis",
    "putmask",
    "quantile",
    "random",
    "ravel",
    "record",
    "remainder",
    "repeat",
    "reshape",
    "resize",
    "right_shift",
    "roll",
    "rollaxis",
    "rot90",
    "round",
    "save",
    "searchsorted",
    "seed",
    "seeded",
    "select",
    "set_num_threads",
    "setdiff1d",
    "setxor1d",
    "sigmoid",
    "sign",
    "sliding_window_view",
    "softmax",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "swapaxes",
    "take",
    "take_along_axis",
    "tanh",
    "tensordot",
    "tile",
    "to_mem",
    "trace",
    "transpose",
    "tril",
    "trim_zeros",
    "triu",
    "trunc",
    "union1d",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "unstack",
    "var",
    "vdot",
    "vecdot",
    "vecmat",
    "vsplit",
    "vstack",
    "where",
    "zeros",
    "zeros_like",
]

# Names that few programs use, and the modules that define them: imported when they are first asked
# for, as importing takes a tenth of a millisecond a module.
_LATE = {
    "MatmulPlan": ".functions.explain_matmul",
    "explain_matmul": ".functions.explain_matmul",
    "from_mem": ".interop.verilog_memory",
    "load": ".interop.archive",
    "save": ".interop.archive",
    "to_mem": ".interop.verilog_memory",
}


def __getattr__(name: str) -> Any:
    if name == "random":
        return importlib.import_module(".random", __name__)
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(_LATE[name], __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
