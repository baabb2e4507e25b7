"""Networks: layers in sequence, the multilayer perceptron, and their files."""

from .mlp import MLP
from .saving import load_model
from .sequential import Sequential

__all__ = ["MLP", "Sequential", "load_model"]
