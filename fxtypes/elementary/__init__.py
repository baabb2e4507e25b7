"""Correctly rounded elementary functions of Python integers, for numbers of any width.

Every function takes fixed-point arguments, raw * 2**-frac_bits, and gives its exact result
times 2**out_bits *rounded to odd*: from two bits more than a format holds, that rounds once
more to the same result as the exact value in every mode.
"""

from .common import INFINITY
from .exponential import exp
from .logarithm import log
from .roots import sqrt
from .sigmoidal import sigmoid, tanh
from .softmax_rows import logsumexp, softmax

__all__ = ["INFINITY", "exp", "log", "logsumexp", "sigmoid", "softmax", "sqrt", "tanh"]
