"""Operators between arrays, beside NumPy's on float64."""

import functools
import operator
import time

import numpy as np

import fxtypes as fx

from .common import NUMBERS, SIZE, format_of, operands

OPERATIONS = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "compare": operator.lt,
}


# Of one array, most with operands or results of another width.
OF_ONE = {
    "times 3": lambda a: a * 3,
    "maximum with 0": lambda a: np.maximum(a, 0),
    "negative": operator.neg,
    "floor": np.floor,
    "half the width": lambda a: a.astype(half_of(a)),
}


def half_of(a):
    """The format, or dtype, of half the bits."""
    return np.float32 if isinstance(a, np.ndarray) else format_of(a.format.width // 2)


class Million:
    timer = time.process_time
    param_names = ("number", "operation")
    params = (list(NUMBERS), list(OPERATIONS))

    def setup(self, number, operation):
        self.operation = OPERATIONS[operation]
        self.a, self.b = operands(number, SIZE)

    def time_operator(self, number, operation):
        self.operation(self.a, self.b)


class MillionOfOne:
    timer = time.process_time
    param_names = ("number", "operation")
    params = (list(NUMBERS), list(OF_ONE))

    def setup(self, number, operation):
        self.operation = OF_ONE[operation]
        (self.a,) = operands(number, SIZE, 1)

    def time_operation(self, number, operation):
        self.operation(self.a)


class Series:
    timer = time.process_time
    param_names = ("number",)
    params = (list(NUMBERS),)

    def setup(self, number):
        width = NUMBERS[number]
        self.linspace = np.linspace
        if width is not None:
            self.linspace = functools.partial(fx.linspace, format=format_of(width))

    def time_linspace(self, number):
        self.linspace(0, 1, SIZE)


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
