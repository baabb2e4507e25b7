"""Networks: layers in sequence, the multilayer perceptron, and their files."""

from .loading import load_model
from .mlp import MLP
from .sequential import Sequential

__all__ = ["MLP", "Sequential", "load_model"]
