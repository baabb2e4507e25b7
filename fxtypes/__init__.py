"""Binary fixed-point arrays for NumPy: exact, rounded once, in every mode of hardware."""

from . import random
from ._kernels.kernels import KERNELS as _KERNELS
from .fixed_array import FixedArray, array
from .context import Events, record, seed, seeded
from .errors import FixedOverflowError, FormatError
from .format import Format
from .functions import (
    absolute,
    add,
    arange,
    argmax,
    argmin,
    clip,
    concatenate,
    divide,
    dot,
    empty,
    empty_like,
    equal,
    exp,
    eye,
    from_bits,
    full,
    full_like,
    greater,
    greater_equal,
    left_shift,
    less,
    less_equal,
    linear_combination,
    linspace,
    log,
    logsumexp,
    matmul,
    max,
    maximum,
    mean,
    min,
    minimum,
    multiply,
    negative,
    not_equal,
    ones,
    ones_like,
    positive,
    right_shift,
    sigmoid,
    softmax,
    sqrt,
    stack,
    subtract,
    sum,
    tanh,
    where,
    zeros,
    zeros_like,
)
from .modes import Overflow, Rounding

from . import protocol as _protocol  # isort: skip  # tells NumPy what it may do with FixedArrays

abs = absolute

__version__ = "0.1.0"
