"""Operators between arrays, beside NumPy's on float64."""

import operator
import time

import numpy as np

import fxtypes as fx

from .common import NUMBERS, SIZE, operands

OPERATIONS = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "compare": operator.lt,
}


class Million:
    timer = time.process_time
    param_names = ("number", "operation")
    params = (list(NUMBERS), list(OPERATIONS))

    def setup(self, number, operation):
        self.operation = OPERATIONS[operation]
        self.a, self.b = operands(number, SIZE)

    def time_operator(self, number, operation):
        self.operation(self.a, self.b)


class Ten:
    """What a call on ten elements costs: a thousand of them, so that one run tells something."""

    timer = time.process_time
    param_names = ("number",)
    params = (list(NUMBERS),)

    def setup(self, number):
        self.a, self.b = operands(number, 10)
        self.add = np.add if NUMBERS[number] is None else fx.add

    def time_add(self, number):
        a, b = self.a, self.b
        for _ in range(1000):
            a + b

    def time_multiply(self, number):
        a, b = self.a, self.b
        for _ in range(1000):
            a * b

    def time_compare(self, number):
        a, b, less = self.a, self.b, operator.lt
        for _ in range(1000):
            less(a, b)

    def time_function(self, number):
        a, b, add = self.a, self.b, self.add
        for _ in range(1000):
            add(a, b)

    def time_ufunc(self, number):
        a, b = self.a, self.b
        for _ in range(1000):
            np.add(a, b)
