"""Elementary functions, beside NumPy's on float64."""

import time

import numpy as np

import fxtypes as fx

from .common import NUMBERS, format_of

SIZE = 10_000
FUNCTIONS = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


class Functions:
    timer = time.process_time
    param_names = ("number", "function")
    params = (list(NUMBERS), list(FUNCTIONS))

    def setup(self, number, function):
        width = NUMBERS[number]
        self.x = np.random.default_rng(0).uniform(0.01, 4, SIZE)
        self.function = FUNCTIONS[function]
        if width is not None:
            self.x = fx.array(self.x, format_of(width))
            self.function = getattr(fx, function)

    def time_function(self, number, function):
        self.function(self.x)


class Softmax:
    """64 rows of 10, a batch's."""

    timer = time.process_time
    param_names = ("number",)
    params = (list(NUMBERS),)

    def setup(self, number):
        width = NUMBERS[number]
        self.x = np.random.default_rng(0).uniform(-4, 4, (64, 10))
        if width is not None:
            self.x = fx.array(self.x, format_of(width))

    def time_softmax(self, number):
        if NUMBERS[number] is None:
            e = np.exp(self.x - self.x.max(axis=1, keepdims=True))
            e / e.sum(axis=1, keepdims=True)
        else:
            fx.softmax(self.x, axis=1)
