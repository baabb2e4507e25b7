"""Correctly rounded elementary functions of Python integers, for numbers of any width.

They are called as ``f(raw, frac_bits, out_bits)``, of two arguments as
``f(raw, frac_bits, other, other_frac_bits, out_bits)``, with

raw, frac_bits : int
    The argument x = raw * 2**-frac_bits, of any size; in the same way y. Outside the function's
    domain they raise `ValueError`.
out_bits : int
    The result's fraction bits: positive, zero or negative, below 2**28.

and give the exact result times 2**out_bits *rounded to odd*: itself where that is an integer, else
its floor with the last bit set. From two bits more than a format holds, that rounds once more to
the same result as the exact value in every mode. `INFINITY` or `NEGATIVE_INFINITY` stands for a
pole, and of functions that grow as fast as e**x does for a magnitude of 2**1024 or more.

`softmax`, `log_softmax` and `logsumexp` take a row: a sequence of raw integers, at least one.
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
