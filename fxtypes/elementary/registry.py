"""The elementary functions, a row each: what evaluates them, and for which arguments."""

import math
from collections.abc import Callable
from typing import NamedTuple

from ..format import Format
from ..kernels.calls import ElementaryFunction
from . import (
    exponential,
    gaussian,
    hyperbolic,
    inverse_trigonometric,
    logarithm,
    powers,
    roots,
    sigmoidal,
    softmax_rows,
    trigonometric,
)
from .common import INFINITY, Infinity


class Domain(NamedTuple):
    """The arguments that a function takes: between two integers, or from one up.

    Attributes
    ----------
    outside : str
        What a message calls the function of others.
    low : int
    high : int or None
        None: no end.
    closed : bool
        Whether the ends belong to the domain.
    """

    outside: str
    low: int
    high: int | None = None
    closed: bool = True

    def raw_ends(self, fmt: Format) -> tuple[int, int]:
        """The lowest and the highest raw argument of a format; the lowest is above: none."""

        def floor(value):
            return value << fmt.frac_bits if fmt.frac_bits >= 0 else value >> -fmt.frac_bits

        lowest = -floor(-self.low) if self.closed else floor(self.low) + 1
        if self.high is None:
            highest = fmt.raw_max
        else:
            highest = floor(self.high) if self.closed else -floor(-self.high) - 1
        return max(lowest, fmt.raw_min), min(highest, fmt.raw_max)


class Kernel(NamedTuple):
    """What evaluates a function in compiled loops.

    Attributes
    ----------
    code : int
        Of `ElementaryFunction`.
    whole_bits : callable or None
        Of the argument's format: results are below 2**whole_bits in magnitude. Then these and the
        fraction bits tell how precise an evaluation must be, not the result's width.
    precision : tuple of int
        The bits, to odd, that one, two and three limbs are first tried for: what they are good
        for less some, so that hardly any element is left open.
    """

    code: int
    whole_bits: Callable[[Format], int] | None = None
    precision: tuple[int, int, int] = (50, 80, 144)


_EXACT_TO_LIMBS = (54, 108, 172)  # roots: PRECISION in limbs.hh doesn't bound them


def _at_most(bits: int) -> Callable[[Format], int]:
    return lambda fmt: bits


def _half(fmt: Format) -> int:
    return max(-(-fmt.int_bits // 2), 0)


class Function(NamedTuple):
    """An elementary function.

    Attributes
    ----------
    reference : callable
        ``reference(raw, frac_bits, out_bits)`` gives the result at raw * 2**-frac_bits, times
        2**out_bits and rounded to odd, or an infinity. Of two arguments:
        ``reference(raw, frac_bits, other, other_frac_bits, out_bits)``.
    arguments : int
        1 or 2.
    domain : Domain or None
        None: all numbers. (That of `power` is two numbers': see `evaluate`.)
    kernel : Kernel or None
        None: tables and the reference are all there is.
    """

    reference: Callable[..., int | Infinity]
    arguments: int = 1
    domain: Domain | None = None
    kernel: Kernel | None = None

    def to_odd(self, *arguments: int) -> int | float:
        """The reference's result; an infinity as a float, as `python_rounding.finish` takes it."""
        found = self.reference(*arguments)
        return found if type(found) is int else finite_or_float(found)


def finite_or_float(found: int | Infinity) -> int | float:
    """An infinity as a float, anything else as it is."""
    if isinstance(found, Infinity):
        return math.inf if found is INFINITY else -math.inf
    return found


FUNCTIONS = {
    "arccos": Function(
        inverse_trigonometric.arccos, 1, Domain("arccos of a magnitude above 1", -1, 1)
    ),
    "arccosh": Function(hyperbolic.arccosh, 1, Domain("arccosh of less than 1", 1)),
    "arcsin": Function(
        inverse_trigonometric.arcsin, 1, Domain("arcsin of a magnitude above 1", -1, 1)
    ),
    "arcsinh": Function(hyperbolic.arcsinh),
    "arctan": Function(
        inverse_trigonometric.arctan, kernel=Kernel(ElementaryFunction.ARCTAN, _at_most(1))
    ),
    "arctan2": Function(
        inverse_trigonometric.arctan2, 2, kernel=Kernel(ElementaryFunction.ARCTAN2, _at_most(2))
    ),
    "arctanh": Function(
        hyperbolic.arctanh, 1, Domain("arctanh of a magnitude of 1 or more", -1, 1, False)
    ),
    "cbrt": Function(roots.cbrt),
    "cos": Function(trigonometric.cos, kernel=Kernel(ElementaryFunction.COS, _at_most(1))),
    "cosh": Function(hyperbolic.cosh, kernel=Kernel(ElementaryFunction.COSH)),
    "erf": Function(gaussian.erf),
    "exp": Function(exponential.exp, kernel=Kernel(ElementaryFunction.EXP)),
    "exp2": Function(exponential.exp2, kernel=Kernel(ElementaryFunction.EXP2)),
    "expm1": Function(exponential.expm1, kernel=Kernel(ElementaryFunction.EXPM1)),
    "gelu": Function(gaussian.gelu),
    "hypot": Function(
        roots.hypot, 2, kernel=Kernel(ElementaryFunction.HYPOT, None, _EXACT_TO_LIMBS)
    ),
    "log": Function(
        logarithm.log,
        1,
        Domain("log of 0 or less", 0, closed=False),
        kernel=Kernel(ElementaryFunction.LOG, _at_most(10)),
    ),
    "log10": Function(
        logarithm.log10,
        1,
        Domain("log10 of 0 or less", 0, closed=False),
        kernel=Kernel(ElementaryFunction.LOG10, _at_most(10)),
    ),
    "log1p": Function(
        logarithm.log1p,
        1,
        Domain("log1p of -1 or less", -1, closed=False),
        kernel=Kernel(ElementaryFunction.LOG1P, _at_most(10)),
    ),
    "log2": Function(
        logarithm.log2,
        1,
        Domain("log2 of 0 or less", 0, closed=False),
        kernel=Kernel(ElementaryFunction.LOG2, _at_most(10)),
    ),
    "logaddexp": Function(softmax_rows.logaddexp, 2),
    "logaddexp2": Function(softmax_rows.logaddexp2, 2),
    "power": Function(powers.power, 2, kernel=Kernel(ElementaryFunction.POWER)),
    "reciprocal": Function(roots.reciprocal),
    "rsqrt": Function(
        roots.rsqrt,
        1,
        Domain("rsqrt of 0 or less", 0, closed=False),
        kernel=Kernel(ElementaryFunction.RSQRT, None, _EXACT_TO_LIMBS),
    ),
    "sigmoid": Function(sigmoidal.sigmoid, kernel=Kernel(ElementaryFunction.SIGMOID, _at_most(1))),
    "silu": Function(sigmoidal.silu),
    "sin": Function(trigonometric.sin, kernel=Kernel(ElementaryFunction.SIN, _at_most(1))),
    "sinh": Function(hyperbolic.sinh, kernel=Kernel(ElementaryFunction.SINH)),
    "softplus": Function(softmax_rows.softplus, kernel=Kernel(ElementaryFunction.SOFTPLUS)),
    "sqrt": Function(
        roots.sqrt,
        1,
        Domain("sqrt of a negative number", 0),
        kernel=Kernel(ElementaryFunction.SQRT, _half, _EXACT_TO_LIMBS),
    ),
    "tan": Function(trigonometric.tan, kernel=Kernel(ElementaryFunction.TAN)),
    "tanh": Function(sigmoidal.tanh, kernel=Kernel(ElementaryFunction.TANH, _at_most(1))),
}
