"""Neural networks trained wholly in fixed point."""

from . import datasets
from .errors import DatasetError, ModelFileError, RunFolderError
from .initializers import glorot_uniform, he_normal
from .layers import Dense, ReLU, Sigmoid, Softmax
from .losses import CrossEntropy
from .model import MLP, load_model
from .monitors import History
from .optimizers import SGD
from .precision import Precision

__all__ = [
    "MLP",
    "SGD",
    "CrossEntropy",
    "DatasetError",
    "Dense",
    "History",
    "ModelFileError",
    "Precision",
    "ReLU",
    "RunFolderError",
    "Sigmoid",
    "Softmax",
    "datasets",
    "glorot_uniform",
    "he_normal",
    "load_model",
]
