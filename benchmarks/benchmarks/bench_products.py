"""Matrix products, beside NumPy's of float64."""

import time

import numpy as np

import fxtypes as fx

from .common import NUMBERS, anything, format_of, operands


def _small_data(fmt, shape, seed):
    """Integers of 12 bits, whatever the format holds."""
    raw = np.random.default_rng(seed).integers(-(1 << 11), 1 << 11, shape)
    return fx.FixedArray.from_raw(raw, fmt)


def _network(fmt, shape, seed):
    """On the left pixels in [0, 1], on the right weights within 10 of 0."""
    random = np.random.default_rng(seed)
    if seed == 0:
        return fx.array(random.integers(0, 256, shape) / 255, fmt)
    return fx.array(random.uniform(-10, 10, shape), fmt)


# What the way to a product depends on: the format, and what the data really need of it.
OPERANDS = {
    "8 bits": (fx.Format(8, 4), anything),
    "16 bits, data of 12": (format_of(16), _small_data),
    "16 bits": (format_of(16), anything),
    "32 bits, as in a network": (format_of(32), _network),
    "32 bits": (format_of(32), anything),
    "64 bits, as in a network": (format_of(64), _network),
    "64 bits": (format_of(64), anything),
    "128 bits": (format_of(128), anything),
}
SHAPES = {
    "64x784 by 784x128": (64, 784, 128),
    "512x512 by 512x512": (512, 512, 512),
    "1024x1024 by 1024x1024": (1024, 1024, 1024),
}


def pair(kind, m, k, n):
    """A left and a right operand, m x k and k x n."""
    if kind == "float64":
        random = np.random.default_rng(0)
        return random.uniform(-1, 1, (m, k)), random.uniform(-1, 1, (k, n))
    fmt, values = OPERANDS[kind]
    return values(fmt, (m, k), 0), values(fmt, (k, n), 1)


class Products:
    timer = time.process_time
    param_names = ("operands", "shape")
    params = (["float64", *OPERANDS], list(SHAPES)[:2])

    def setup(self, operands, shape):
        self.a, self.b = pair(operands, *SHAPES[shape])

    def time_matmul(self, operands, shape):
        self.a @ self.b


def _matmul_and_add(a, b, initial):
    return a @ b + initial


class Bias:
    """128x784 by 784x128 and a vector a row: in the sums (not of float64), or added later."""

    timer = time.process_time
    param_names = ("operands",)
    params = (["float64", *OPERANDS],)

    def setup(self, operands):
        self.a, self.b = pair(operands, 128, 784, 128)
        self.bias = self.b[0].copy()
        self.with_initial = fx.matmul if operands != "float64" else _matmul_and_add

    def time_none(self, operands):
        self.a @ self.b

    def time_initial(self, operands):
        self.with_initial(self.a, self.b, initial=self.bias)

    def time_added_later(self, operands):
        self.a @ self.b + self.bias


class Small:
    """10 x 10: what a call costs, a thousand of them."""

    timer = time.process_time
    param_names = ("number",)
    params = (list(NUMBERS),)

    def setup(self, number):
        self.a, self.b = operands(number, (10, 10))

    def time_matmul(self, number):
        a, b = self.a, self.b
        for _ in range(1000):
            a @ b


class Accumulator:
    """64x784 by 784x128 with an accumulator of the operands' format; float64 has none."""

    timer = time.process_time
    param_names = ("number",)
    params = (list(NUMBERS),)

    def setup(self, number):
        self.a, self.b = pair(number, 64, 784, 128)
        self.options = {} if number == "float64" else {"accumulator": self.a.format}
        self.matmul = np.matmul if number == "float64" else fx.matmul

    def time_matmul(self, number):
        self.matmul(self.a, self.b, **self.options)
