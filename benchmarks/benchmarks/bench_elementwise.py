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


def step_of(modes):
    """An optimiser's step: coefficients of 24 bits, operands of differing binary points."""
    factors = [1, -13421773 * 2.0**-33, -15099494 * 2.0**-27]

    def compute(p, g, v):
        if isinstance(p, np.ndarray):
            return factors[0] * p + factors[1] * g + factors[2] * v
        width = p.format.width
        g, v = (a.view_as(fx.Format(width, width // 2 + n)) for a, n in ((g, 5), (v, 2)))
        return fx.linear_combination(factors, [p, g, v], p.format.replace(**modes))

    return compute


def root_of(modes):
    """The root of Adam's second moment."""
    first, second = 16760439 * 2.0**-24, 16777 * 2.0**-24

    def compute(r, g):
        if isinstance(r, np.ndarray):
            return np.sqrt(first * r * r + second * g * g)
        return fx.root_of_squares([first, second], [r, g], r.format.replace(**modes))

    return compute


def quotient_of(modes):
    """Adam's step."""
    rate, offset = 8589935 * 2.0**-33, 11258999 * 2.0**-50

    def compute(p, m, r):
        if isinstance(p, np.ndarray):
            return p - rate * m / (np.maximum(r, 1e-5) + offset)
        result = p.format.replace(**modes)
        return fx.combination_with_quotient([1], [p], -rate, m, r, offset, result)

    return compute


STOCHASTIC = {"rounding": "stochastic"}
OF_MANY = {
    "linear combination": (step_of({}), 3),
    "linear combination, stochastic": (step_of(STOCHASTIC), 3),
    "root of squares": (root_of({}), 2),
    "root of squares, stochastic": (root_of(STOCHASTIC), 2),
    "combination with quotient": (quotient_of({}), 3),
    "combination with quotient, stochastic": (quotient_of(STOCHASTIC), 3),
}


class Optimizer:
    """Steps of as many parameters as a network for MNIST has; those of 128 bits are few."""

    timer = time.process_time
    param_names = ("number", "operation")
    params = (list(NUMBERS), list(OF_MANY))

    def setup(self, number, operation):
        self.operation, count = OF_MANY[operation]
        slow = NUMBERS[number] == 128 and not operation.startswith("linear")  # in Python
        size = 1000 if slow else 100_352
        self.operands = operands(number, size, count)
        if NUMBERS[number] is None:
            self.operands = [np.abs(a) for a in self.operands]

    def time_step(self, number, operation):
        self.operation(*self.operands)


class Normal:
    timer = time.process_time
    param_names = ("number",)
    params = (list(NUMBERS),)

    def setup(self, number):
        width = NUMBERS[number]
        self.normal, self.size = np.random.default_rng(1).normal, "size"
        if width is not None:
            self.size = "shape"
            self.normal = functools.partial(fx.random.normal, format=format_of(width), seed=1)

    def time_normal(self, number):
        self.normal(**{self.size: 100_352})


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
