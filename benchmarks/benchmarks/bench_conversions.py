"""Into a format, out of it and into another one, beside the same in NumPy by hand.

NumPy's ways are what fixed point in its own types takes: scaled and rounded into int64, and back.
A change of format is set beside an addition.
"""

import time

import numpy as np

import fxtypes as fx

from .common import NUMBERS, SIZE, format_of, operands

OPERATIONS = ("from float", "to float", "astype")


def fixed_cases(a):
    """Operation -> a call on a FixedArray of finite values."""
    fmt = a.format
    x = a.to_numpy() * 0.999  # between two values of the format
    other = fmt.replace(frac_bits=fmt.frac_bits - 2)
    return {
        "from float": lambda: fx.array(x, fmt),
        "to float": lambda: a.to_numpy(),
        "astype": lambda: a.astype(other),
    }


def float_cases(x, scale=2.0**16):
    i = np.rint(x * scale).astype(np.int64)
    return {
        "from float": lambda: np.rint(x * scale).astype(np.int64),
        "to float": lambda: i.astype(np.float64) * (1 / scale),
        "astype": lambda: x + x,
    }


class Million:
    timer = time.process_time
    param_names = ("number", "operation")
    params = (list(NUMBERS), list(OPERATIONS))

    def setup(self, number, operation):
        (a,) = operands(number, SIZE, 1)
        cases = float_cases(a) if NUMBERS[number] is None else fixed_cases(a)
        self.case = cases[operation]

    def time_conversion(self, number, operation):
        self.case()


class Decimals:
    """Text to numbers, a thousand of them, beside float()."""

    timer = time.process_time
    param_names = ("number",)
    params = (list(NUMBERS),)

    def setup(self, number):
        width = NUMBERS[number]
        self.texts = [f"{value:.9f}" for value in np.random.default_rng(0).uniform(-8, 8, 1000)]
        self.format = None if width is None else format_of(width)

    def time_from_text(self, number):
        if self.format is None:
            [float(text) for text in self.texts]
        else:
            fx.array(self.texts, self.format)
