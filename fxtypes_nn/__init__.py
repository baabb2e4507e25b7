"""Neural networks trained wholly in fixed point."""

from . import datasets
from .errors import CheckpointError, DatasetError, ModelFileError, RunFolderError
from .layers import (
    Dense,
    Dropout,
    Layer,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    register_layer,
)
from .layers.initializers import glorot_uniform, he_normal
from .model import MLP, Sequential, load_model
from .precision import Precision
from .training.callbacks import BestModel, Cutoff, EarlyStopping
from .training.losses import CrossEntropy, MeanSquaredError
from .training.optimizers import SGD, Adam
from .training.trainer import Trainer
from .watch.history import History

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "BestModel",
    "CheckpointError",
    "CrossEntropy",
    "Cutoff",
    "DatasetError",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "History",
    "Layer",
    "LeakyReLU",
    "MeanSquaredError",
    "ModelFileError",
    "Precision",
    "ReLU",
    "RunFolderError",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Trainer",
    "datasets",
    "glorot_uniform",
    "he_normal",
    "load_model",
    "register_layer",
]
