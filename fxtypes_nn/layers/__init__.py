"""Layers: ``forward(x) -> (y, backward)``, one file each."""

from .dense import Dense
from .layer import Layer
from .relu import ReLU
from .sigmoid import Sigmoid
from .softmax import Softmax

__all__ = ["Dense", "Layer", "ReLU", "Sigmoid", "Softmax"]
