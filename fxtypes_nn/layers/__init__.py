"""Layers: ``forward(x, context) -> (y, backward)``, one file each."""

from .dense import Dense
from .dropout import Dropout
from .layer import LAYERS, Context, Layer, register_layer
from .relu import LeakyReLU, ReLU
from .sigmoid import Sigmoid, Tanh
from .softmax import Softmax

__all__ = [
    "LAYERS",
    "Context",
    "Dense",
    "Dropout",
    "Layer",
    "LeakyReLU",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "register_layer",
]
