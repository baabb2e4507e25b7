"""Reductions, beside NumPy's on float64."""

import time

import numpy as np

from .common import NUMBERS, SIZE, operands

OPERATIONS = {
    "sum": lambda a: a.sum(),
    "sum of columns": lambda a: a.sum(axis=0),
    "mean": lambda a: a.mean(),
    "var": lambda a: a.var(),
    "max": lambda a: a.max(),
    "argmax": lambda a: a.argmax(),
    "cumsum": lambda a: a.cumsum(),
    "sort": np.sort,
}


class Million:
    timer = time.process_time
    param_names = ("number", "operation")
    params = (list(NUMBERS), list(OPERATIONS))

    def setup(self, number, operation):
        (a,) = operands(number, SIZE, 1)
        self.a = a.reshape(1000, -1) if operation == "sum of columns" else a
        self.operation = OPERATIONS[operation]

    def time_reduction(self, number, operation):
        self.operation(self.a)
