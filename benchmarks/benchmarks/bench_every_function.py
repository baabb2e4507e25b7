"""The twenty calls that take longest beside NumPy's: see every_function.py, which finds them."""

import sys
import time
from pathlib import Path

import numpy as np

from .common import NUMBERS

sys.path.append(str(Path(__file__).resolve().parents[1]))  # asv imports this folder only
import every_function

WORST = (
    *("m.isclose(a, b)", "m.interp(a, [-1, 0, 1], [1, 0.5, 2])", "m.cross(triples, triples2)"),
    *("fx.right_shift(a, counts)", "fx.matmul(square, square2, accumulator=fmt)"),
    *("a.to_numpy(np.float32)", "m.round(a, 1)", "m.round(a, -1)", "np.signbit(a)"),
    *("m.unique(a)", "m.convolve(a, few)", "a / 3", "2 / a", "a ** 7", "m.prod(rows, axis=0)"),
    *("m.std(a)", "a < x", "fx.from_bits(bits, fmt)", "fx.linspace(0, 1, n, format=fmt)"),
    "a.to_bits()",
)


class Worst:
    timer = time.process_time
    param_names = ("number", "call")
    params = (list(NUMBERS), list(WORST))

    def setup(self, number, call):
        width = NUMBERS[number]
        self.names = every_function.operands("large", width)
        statement = every_function.statements()[call] if width is None else call
        self.code = compile(statement, "<call>", "eval")
        np.seterr(all="ignore")

    def time_call(self, number, call):
        eval(self.code, self.names)
