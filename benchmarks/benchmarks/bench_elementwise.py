"""Elementwise operators beside NumPy's on float64, for asv and for speed.py."""

import numpy as np

import fxtypes as fx

OPERATIONS = {"a + b": lambda a, b: a + b, "a * b": lambda a, b: a * b}


def fixed_operands(width, size):
    """Two arrays of any values of a signed format with half its bits after the point."""
    fmt = fx.Format(width, width // 2, rounding="nearest_even", overflow="saturate")
    random = np.random.default_rng(0)
    raws = random.integers(fmt.raw_min, fmt.raw_max, (2, size), np.int64, endpoint=True)
    return tuple(fx.FixedArray.from_raw(raw, fmt) for raw in raws)


def float_operands(width, size):
    """The same values in float64."""
    return tuple(operand.to_numpy() for operand in fixed_operands(width, size))


OPERANDS = {"fxtypes": fixed_operands, "float64": float_operands}


class Elementwise:
    param_names = ("operation", "kind", "width", "size")
    params = (list(OPERATIONS), list(OPERANDS), [16, 32], [10, 1_000_000])

    def setup(self, operation, kind, width, size):
        self.operation = OPERATIONS[operation]
        self.operands = OPERANDS[kind](width, size)

    def time_operator(self, operation, kind, width, size):
        self.operation(*self.operands)
