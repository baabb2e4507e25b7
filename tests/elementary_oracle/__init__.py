"""What the elementary functions must compute, by arb; nothing is shared with the package.

`functions` knows the functions, `values` and `rows` give their results rounded to odd, and
`stored` rounds those once more, into a format. From a value that is rounded to odd two bits or more
below the last one every rounding mode's result follows, and the 64 bits of a stochastic one from
66: so one evaluation serves all modes.
"""

from .functions import BINARY, EVEN, FUNCTIONS, MONOTONIC, ODD, UNARY, Dyadic
from .rows import expected_log_softmax, expected_logsumexp, expected_softmax
from .stored import GUARD, Expected
from .values import OutsideDomain, evaluate, expected, is_pole, outside_domain, to_odd

__all__ = [
    "BINARY",
    "EVEN",
    "FUNCTIONS",
    "GUARD",
    "MONOTONIC",
    "ODD",
    "UNARY",
    "Dyadic",
    "Expected",
    "OutsideDomain",
    "evaluate",
    "expected",
    "expected_log_softmax",
    "expected_logsumexp",
    "expected_softmax",
    "is_pole",
    "outside_domain",
    "to_odd",
]
