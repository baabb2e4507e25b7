"""Elementary functions, beside NumPy's on float64."""

import itertools
import time

import numpy as np

import fxtypes as fx

from .common import NUMBERS, format_of

SIZE = 10_000
FUNCTIONS = {
    **{
        name: getattr(np, name)
        for name in (
            *("arccos", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "cos", "cosh", "exp"),
            *("exp2", "expm1", "log", "log10", "log1p", "log2", "reciprocal", "sin", "sinh"),
            *("sqrt", "tan", "tanh"),
        )
    },
    "arccosh": np.arccosh,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softplus": lambda x: np.log1p(np.exp(x)),
    # NumPy has neither: beside what they are made of.
    "erf": np.exp,
    "gelu": lambda x: x * np.exp(x),
}
RANGES = {"arccos": (-1, 1), "arcsin": (-1, 1), "arctanh": (-0.99, 0.99), "arccosh": (1, 7)}
PAIRS = ("arctan2", "hypot", "logaddexp", "logaddexp2", "power")


class Functions:
    timer = time.process_time
    param_names = ("number", "function")
    params = (list(NUMBERS), list(FUNCTIONS))

    def setup(self, number, function):
        width = NUMBERS[number]
        self.x = np.random.default_rng(0).uniform(*RANGES.get(function, (0.01, 4)), SIZE)
        self.function = FUNCTIONS[function]
        if width is not None:
            self.x = fx.array(self.x, format_of(width))
            self.function = getattr(fx, function)

    def time_function(self, number, function):
        self.function(self.x)


class Tables:
    """16 bits: functions that are looked up, in each kind of table, beside NumPy's on float64."""

    timer = time.process_time
    param_names = ("way", "function")
    params = (
        ["float64", "nearest_even", "raise", "record", "stochastic", "lookup"],
        ["exp", "sigmoid", "sqrt"],
    )

    def setup(self, way, function):
        self.x = np.random.default_rng(0).uniform(0.01, 4.5, 200_000)
        self.apply = FUNCTIONS[function]
        if way == "float64":
            return
        fmt = fx.Format(16, 8)
        self.x = fx.array(self.x, fmt)
        modes = {"raise": {"overflow": "raise"}, "stochastic": {"rounding": "stochastic"}}
        result = fmt.replace(**modes.get(way, {}))
        table = fx.lookup(function, fmt, fmt, undefined=0) if way == "lookup" else None
        ours = getattr(fx, function)

        def apply(x):
            return ours(x, format=result) if table is None else table[x.to_bits()]

        def recorded(x):
            with fx.record():
                apply(x)

        self.apply = recorded if way == "record" else apply
        self.apply(self.x)  # the table is made

    def time_apply(self, way, function):
        self.apply(self.x)


class MakingTables:
    """16 bits, a format of results that no table was made for yet."""

    timer = time.process_time
    number, repeat, warmup_time = 1, 5, 0
    param_names = ("function", "rounding")
    params = (["exp", "sigmoid", "sqrt", "log"], ["nearest_even", "stochastic"])

    def setup(self, function, rounding):
        self.fmt = fx.Format(16, 8)
        self.results = (fx.Format(16, n, rounding=rounding) for n in itertools.count(-20))
        fx.lookup(function, self.fmt, fx.Format(16, 60), undefined=0)  # what is made once

    def time_lookup(self, function, rounding):
        fx.lookup(function, self.fmt, next(self.results), undefined=0)


class FunctionsOfTwo:
    timer = time.process_time
    param_names = ("number", "function")
    params = (list(NUMBERS), list(PAIRS))

    def setup(self, number, function):
        width = NUMBERS[number]
        rng = np.random.default_rng(0)
        self.operands = [rng.uniform(0.01, 4, SIZE), rng.uniform(-4, 4, SIZE)]
        self.function = getattr(np, function)
        if width is not None:
            self.operands = [fx.array(x, format_of(width)) for x in self.operands]
            self.function = getattr(fx, function)

    def time_function(self, number, function):
        self.function(*self.operands)


def float_softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def float_log_softmax(x, axis):
    x = x - x.max(axis, keepdims=True)
    return x - np.log(np.exp(x).sum(axis, keepdims=True))


def float_logsumexp(x, axis):
    top = x.max(axis, keepdims=True)
    return np.log(np.exp(x - top).sum(axis)) + top.squeeze(axis)


ROW_FUNCTIONS = {
    "softmax": float_softmax,
    "log_softmax": float_log_softmax,
    "logsumexp": float_logsumexp,
}


class Rows:
    """Many rows of 10, or columns; a batch's 64 rows; and long rows."""

    timer = time.process_time
    param_names = ("number", "function", "shape", "axis")
    params = (
        list(NUMBERS),
        list(ROW_FUNCTIONS),
        [(20_000, 10), (10, 20_000), (64, 10), (20, 10_000)],
        [0, 1],
    )

    def setup(self, number, function, shape, axis):
        if shape[axis] > 10_000 or (shape[axis] == 64 and axis == 0):
            raise NotImplementedError("not one of these shapes")
        width = NUMBERS[number]
        self.x = np.random.default_rng(0).uniform(-7, 7, shape)
        self.function = ROW_FUNCTIONS[function]
        if width is not None:
            self.x = fx.array(self.x, format_of(width))
            self.function = getattr(fx, function)

    def time_function(self, number, function, shape, axis):
        self.function(self.x, axis)


class SoftmaxModes:
    """20,000 rows of 10, other modes than the usual ones; all are beside `nearest_even`."""

    timer = time.process_time
    param_names = ("number", "mode")
    params = (
        [number for number, width in NUMBERS.items() if width is not None],
        ["nearest_even", "floor", "nearest_odd", "stochastic", "record", "raise"],
    )

    def setup(self, number, mode):
        self.x = fx.array(
            np.random.default_rng(0).uniform(-7, 7, (20_000, 10)), format_of(NUMBERS[number])
        )
        self.result = self.x.format
        if mode == "raise":
            self.result = self.result.replace(overflow=mode)
        elif mode != "record":
            self.result = self.result.replace(rounding=mode)

    def time_softmax(self, number, mode):
        if mode == "record":
            with fx.record():
                fx.softmax(self.x, 1)
        else:
            fx.softmax(self.x, 1, self.result)


class Modes:
    """At 32 bits, in other modes than the usual ones, and counted."""

    timer = time.process_time
    param_names = ("mode", "function")
    params = (
        ["float64", "nearest_even", "floor", "stochastic", "record", "raise"],
        ["exp", "sigmoid", "tanh", "log", "sin", "cos", "arctan", "sqrt"],
    )

    def setup(self, mode, function):
        ends = (0.01, 100) if function in ("log", "sqrt") else (-7, 7)
        x = np.random.default_rng(0).uniform(*ends, 200_000)
        if mode == "float64":
            self.call = lambda: FUNCTIONS[function](x)
            return
        result = format_of(32)
        if mode == "raise":
            result = result.replace(overflow=mode)
        elif mode != "record":
            result = result.replace(rounding=mode)
        a = fx.array(x, format_of(32))
        self.call = lambda: getattr(fx, function)(a, format=result)

    def time_function(self, mode, function):
        if mode == "record":
            with fx.record():
                self.call()
        else:
            self.call()
