"""Correctly rounded elementary functions of Python integers, for numbers of any width.

Every function takes fixed-point arguments, raw * 2**-frac_bits, and gives its exact result
times 2**out_bits *rounded to odd*: from two bits more than a format holds, that rounds once
more to the same result as the exact value in every mode.
"""

from .common import INFINITY, NEGATIVE_INFINITY
from .exponential import exp, exp2, expm1
from .gaussian import erf, gelu
from .hyperbolic import arccosh, arcsinh, arctanh, cosh, sinh
from .inverse_trigonometric import arccos, arcsin, arctan, arctan2
from .logarithm import log, log1p, log2, log10
from .powers import power
from .roots import cbrt, hypot, reciprocal, rsqrt, sqrt
from .sigmoidal import sigmoid, silu, tanh
from .softmax_rows import log_softmax, logaddexp, logaddexp2, logsumexp, softmax, softplus
from .trigonometric import cos, sin, tan

__all__ = [
    "INFINITY",
    "NEGATIVE_INFINITY",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "cos",
    "cosh",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "gelu",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logsumexp",
    "power",
    "reciprocal",
    "rsqrt",
    "sigmoid",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "tan",
    "tanh",
]
