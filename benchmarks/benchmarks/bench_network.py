"""An epoch of training, beside the same network in NumPy float64."""

import sys
import time
from pathlib import Path

import numpy as np

import fxtypes as fx
from fxtypes_nn import MLP, SGD, Precision

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from float_reference import FloatMLP

# Layers and samples: the embedded digits' size, and MNIST's.
NETWORKS = {
    "64-32-10, 1437 samples": ((64, 32, 10), 1437),
    "784-128-10, 1024 samples": ((784, 128, 10), 1024),
}
NUMBERS = {"float64": None, **{f"{width} bits": width for width in (8, 16, 32, 64, 128)}}


class Epoch:
    timer = time.process_time
    timeout = 300
    param_names = ("number", "network")
    params = (list(NUMBERS), list(NETWORKS))

    def setup(self, number, network):
        layers, samples = NETWORKS[network]
        random = np.random.default_rng(0)
        # As in images, most pixels are black.
        pixels = np.maximum(random.uniform(-2, 1, (samples, layers[0])), 0)
        self.y = random.integers(0, layers[-1], samples)
        precision = Precision.preset(NUMBERS[number] or 32)
        self.model = MLP(list(layers), hidden="relu", precision=precision, seed=0)
        if NUMBERS[number] is None:
            self.x, self.model = pixels, FloatMLP.like(self.model)
            self.options = {"epochs": 1, "batch_size": 64, "learning_rate": 0.1, "seed": 0}
        else:
            self.x = fx.array(pixels, precision.activations)
            self.options = {"epochs": 1, "batch_size": 64, "optimizer": SGD(0.1), "progress": False}

    def time_epoch(self, number, network):
        self.model.fit(self.x, self.y, **self.options)


class Watched:
    """An epoch of 16 bits with ranges and events in every so-many-th iteration."""

    timer = time.process_time
    timeout = 300
    param_names = ("watch_every", "network")
    params = ((1, 10, 10**9), list(NETWORKS))

    def setup(self, watch_every, network):
        self.epoch = Epoch()
        self.epoch.setup("16 bits", network)
        self.epoch.options["watch_every"] = watch_every

    def time_epoch(self, watch_every, network):
        self.epoch.time_epoch("16 bits", network)
