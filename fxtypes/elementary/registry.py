"""Elementary functions of whole arrays: each result rounded once from its exact value.

Formats of up to 16 bits go through a table, made once a pair of formats; wider ones are
evaluated element by element.
"""

import math

import numpy as np

from ..context import blocked_operation
from ..format import derived, read_numbers, storage
from ..kernels import calls, plan
from .common import INFINITY
from .exponential import exp
from .logarithm import log
from .roots import sqrt
from .sigmoidal import sigmoid, tanh

FUNCTIONS = {"exp": exp, "log": log, "sqrt": sqrt, "tanh": tanh, "sigmoid": sigmoid}

# The lowest raw argument of each function that has one, and why.
DOMAINS = {"log": (1, "log of 0 or less"), "sqrt": (0, "sqrt of a negative number")}


def check_domain(name, raw, fmt, mask):
    if name not in DOMAINS:
        return
    lowest, text = DOMAINS[name]
    step = plan.comparison("less", derived.floor_wrap(fmt).replace(frac_bits=0), derived.TINY)
    outside = calls.elementwise(step, (raw, np.array(lowest, np.int8)))
    if mask is not None:
        outside &= mask
    if outside.any():
        first = int(np.argmax(outside))
        index = np.unravel_index(first, raw.shape)
        value = read_numbers.show(next(storage.integers(raw[(*index, ...)], fmt)) * fmt.resolution)
        index = blocked_operation.index_in_result(first, raw.shape)
        raise ValueError(f"{text}: the element {value} at index {index}")


def as_float(value):
    return math.inf if value is INFINITY else value
