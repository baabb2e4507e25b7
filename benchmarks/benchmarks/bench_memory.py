"""Peak memory of the process, the interpreter, NumPy and the operands included.

The operands are filled, not drawn, so that making them takes no more than they do.
"""

import numpy as np

import fxtypes as fx

from .common import NUMBERS, format_of

SIZE = 4_000_000
SIDE = 1024  # of matrices

OPERATIONS = {
    "nothing": lambda a, b, x: None,
    "add": lambda a, b, x: a + b,
    "divide": lambda a, b, x: a / b,
    "compare": lambda a, b, x: a < b,
    "from float": lambda a, b, x: np.rint(x) if a is x else fx.array(x, a.format),
    "sum": lambda a, b, x: a.sum(),
    "sum of columns": lambda a, b, x: a.reshape(1000, -1).sum(axis=0),
    "sort": lambda a, b, x: np.sort(a),
}


def _full(number, shape):
    """The largest value: with it, the way to a matrix product is the widest one."""
    width = NUMBERS[number]
    if width is None:
        return np.full(shape, 32768.0)
    full = fx.zeros(shape, format_of(width))
    full[...] = full.format.max
    return full


class Elements:
    param_names = ("number", "operation")
    params = (list(NUMBERS), list(OPERATIONS))

    def setup(self, number, operation):
        self.operation = OPERATIONS[operation]
        self.a = _full(number, SIZE)
        self.b = _full(number, SIZE)
        self.x = self.a if NUMBERS[number] is None else np.ones(SIZE)

    def peakmem_operation(self, number, operation):
        self.operation(self.a, self.b, self.x)


class Products:
    param_names = ("number",)
    params = (list(NUMBERS),)

    def setup(self, number):
        self.a, self.b = _full(number, (SIDE, SIDE)), _full(number, (SIDE, SIDE))

    def peakmem_matmul(self, number):
        self.a @ self.b
