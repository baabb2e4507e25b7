"""What a step of training is made of: an MLP 784-128-10, 64 samples, beside NumPy's float64."""

import time

import numpy as np

import fxtypes as fx

BATCH, INPUTS, HIDDEN, OUTPUTS, SAMPLES = 64, 784, 128, 10, 2000


def formats(width):
    """Of weights, activations and gradients, and of weights as they are updated."""
    extra = min(max(width - 16, 0) // 4, 8)
    rounding = "stochastic" if width < 24 else "nearest_even"
    kept = 16 if width < 10 else width
    updates = fx.Format(kept, kept - 3 - extra, rounding=rounding)
    return (
        updates if kept == width else fx.Format(width, width - 3 - extra),
        fx.Format(width, width - 6 - extra),
        fx.Format(width, width - 2 - extra, rounding=rounding),
        updates,
    )


def _floats():
    random = np.random.default_rng(0)
    return {
        "x": np.maximum(random.uniform(-2, 1, (BATCH, INPUTS)), 0),
        "h": np.maximum(random.normal(0, 1, (BATCH, HIDDEN)), 0),
        "z": random.normal(0, 2, (BATCH, OUTPUTS)),
        "w1": random.normal(0, 0.05, (INPUTS, HIDDEN)),
        "w2": random.normal(0, 0.1, (HIDDEN, OUTPUTS)),
        "b1": random.normal(0, 0.1, HIDDEN),
        "g1": random.normal(0, 0.05, (BATCH, HIDDEN)),
        "g2": random.normal(0, 0.3, (BATCH, OUTPUTS)),
        "dw": random.normal(0, 0.05, (INPUTS, HIDDEN)),
        "samples": np.maximum(random.uniform(-2, 1, (SAMPLES, INPUTS)), 0),
    }


RATE, MOMENTUM = (round(c * 2**24) / 2**24 for c in (0.1, 0.9))
ROWS = np.random.default_rng(0).permutation(SAMPLES)[:BATCH]


def _float_softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


FLOAT_PARTS = {
    "x @ w1 + b1": lambda t: t["x"] @ t["w1"] + t["b1"],
    "relu": lambda t: np.maximum(t["h"], 0),
    "relu backwards": lambda t: np.where(t["h"] > 0, t["g1"], 0),
    "softmax": lambda t: _float_softmax(t["z"]),
    "x.T @ g1": lambda t: t["x"].T @ t["g1"],
    "h.T @ g2": lambda t: t["h"].T @ t["g2"],
    "g2 @ w2.T": lambda t: t["g2"] @ t["w2"].T,
    "sum of g1": lambda t: t["g1"].sum(axis=0),
    "update": lambda t: t["w1"] - RATE * t["dw"],
    "momentum": lambda t: MOMENTUM * t["w1"] + t["dw"],
    "64 samples": lambda t: t["samples"][ROWS],
    "min": lambda t: t["w1"].min(),
}
# a: activations, g: gradients, u: updates; "scaled": of gradients divided by the batch's size.
PARTS = {
    "x @ w1 + b1": lambda t, f: fx.matmul(t["x"], t["w1"], format=f["a"], initial=t["b1"]),
    "relu": lambda t, f: fx.maximum(t["h"], 0, format=f["a"]),
    "relu backwards": lambda t, f: fx.where(t["h"] > 0, t["g1"], 0, format=f["g"]),
    "softmax": lambda t, f: fx.softmax(t["z"], axis=-1, format=f["g"]),
    "x.T @ g1": lambda t, f: fx.matmul(t["x"].T, t["g1"].view_as(f["scaled"]), format=f["g"]),
    "h.T @ g2": lambda t, f: fx.matmul(t["h"].T, t["g2"].view_as(f["scaled"]), format=f["g"]),
    "g2 @ w2.T": lambda t, f: fx.matmul(t["g2"], t["w2"].T, format=f["g"]),
    "sum of g1": lambda t, f: t["g1"].sum(axis=0, format=f["g"]),
    "update": lambda t, f: fx.linear_combination([1, -RATE], [t["kept"], t["dw"]], f["u"]),
    "momentum": lambda t, f: fx.linear_combination([MOMENTUM, 1], [t["kept"], t["dw"]], f["u"]),
    "64 samples": lambda t, f: t["samples"][ROWS],
    "min": lambda t, f: t["w1"].min(),
}
NUMBERS = {"float64": None, **{f"{width} bits": width for width in (8, 16, 32, 64, 128)}}


def calls(number):
    """Each part as a function without arguments."""
    floats, width = _floats(), NUMBERS[number]
    if width is None:
        return {name: lambda part=part: part(floats) for name, part in FLOAT_PARTS.items()}
    weights, activations, gradients, updates = formats(width)
    f = {"a": activations, "g": gradients, "u": updates}
    f["scaled"] = gradients.replace(frac_bits=gradients.frac_bits + 6)
    kinds = {"w": weights, "b": weights, "g": gradients, "d": gradients}
    tensors = {name: fx.array(v, kinds.get(name[0], activations)) for name, v in floats.items()}
    tensors["kept"] = fx.array(floats["w1"], updates)
    return {name: lambda part=part: part(tensors, f) for name, part in PARTS.items()}


class Parts:
    timer = time.process_time
    param_names = ("number", "part")
    params = (list(NUMBERS), list(PARTS))

    def setup(self, number, part):
        self.part = calls(number)[part]

    def time_part(self, number, part):
        self.part()


class CountedParts:
    """The same while events are counted, as in a watched iteration."""

    timer = time.process_time
    param_names = ("number", "part")
    params = ([number for number in NUMBERS if number != "float64"], list(PARTS))

    def setup(self, number, part):
        self.part = calls(number)[part]

    def time_part(self, number, part):
        with fx.record():
            self.part()
