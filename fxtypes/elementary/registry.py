"""The elementary functions, a row each: what evaluates them, and for which arguments."""

import math
from collections.abc import Callable
from typing import NamedTuple

from .common import INFINITY, Infinity
from .exponential import exp
from .logarithm import log
from .roots import sqrt
from .sigmoidal import sigmoid, tanh


class Domain(NamedTuple):
    """The arguments that a function takes: from a lowest one up.

    Attributes
    ----------
    lowest : int
        The lowest raw argument, in every format.
    outside : str
        What a message calls the function of a lower one.
    """

    lowest: int
    outside: str


class Function(NamedTuple):
    """An elementary function.

    Attributes
    ----------
    reference : callable
        ``reference(raw, frac_bits, out_bits)`` gives the result at raw * 2**-frac_bits, times
        2**out_bits and rounded to odd, or `INFINITY`.
    domain : Domain or None
        None: all numbers.
    """

    reference: Callable[[int, int, int], int | Infinity]
    domain: Domain | None = None

    def to_odd(self, raw: int, frac_bits: int, out_bits: int) -> int | float:
        """The reference's result; an infinity as a float, as `python_rounding.finish` takes it."""
        found = self.reference(raw, frac_bits, out_bits)
        return math.inf if found is INFINITY else found


FUNCTIONS = {
    "exp": Function(exp),
    "log": Function(log, Domain(1, "log of 0 or less")),
    "sqrt": Function(sqrt, Domain(0, "sqrt of a negative number")),
    "tanh": Function(tanh),
    "sigmoid": Function(sigmoid),
}
