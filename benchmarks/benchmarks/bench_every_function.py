"""The twenty calls that take longest beside NumPy's, as every_function.py finds them.

And some that once took hundreds or thousands of times as long.
"""

import sys
import time
from pathlib import Path

import numpy as np

from .common import NUMBERS

sys.path.append(str(Path(__file__).resolve().parents[1]))  # asv imports this folder only
import every_function

WORST = (
    *("a.raw", "a.to_bits()", "a.to_fractions()", "m.cross(triples, triples2)"),
    *("fx.random.normal(n, fmt)", "fx.random.uniform(n, fmt)", "a.to_numpy(np.float32)"),
    "fx.root_of_squares([1, 0.5], [a, b], fmt)",
    "fx.combination_with_quotient([1], [a], 0.5, a, b, 1, fmt)",
    "fx.matmul(square, square2, accumulator=fmt)",
    *("m.matvec(rows, row)", "m.vecmat(row, rows.T)", "a < x", "a >> counts", "fx.norm(a)"),
    *("m.isclose(a, x)", "m.isclose(a, b)", "m.histogram(a, weights=b)", "m.sort(rows, 0)"),
    "m.corrcoef(rows, rowvar=False)",
)
ONCE_WORSE = (
    *("m.interp(a, [-1, 0, 1], [1, 0.5, 2])", "m.pad(a, 3, 'mean')", "m.gradient(a, 0.1)"),
    *("m.trapezoid(a, b)", "m.cov(rows, rowvar=False)", "m.convolve(a, few)", "m.std(a)"),
    "fx.linspace(0, 1, n, format=fmt)",
)


class Worst:
    timer = time.process_time
    param_names = ("number", "call")
    params = (list(NUMBERS), [*WORST, *ONCE_WORSE])

    def setup(self, number, call):
        width = NUMBERS[number]
        self.names = every_function.operands("large", width)
        statement = every_function.statements()[call] if width is None else call
        self.code = compile(statement, "<call>", "eval")
        np.seterr(all="ignore")

    def time_call(self, number, call):
        eval(self.code, self.names)
