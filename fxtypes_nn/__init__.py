"""Neural networks trained wholly in fixed point."""

from . import datasets
from .errors import (
    CheckpointError,
    DatasetError,
    ModelFileError,
    RunFolderError,
    TrainingWarning,
)
from .imports import from_keras, from_onnx, from_sklearn, from_torch
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
from .layers.initializers import glorot_normal, glorot_uniform, he_normal, he_uniform
from .model import MLP, Sequential, load_model
from .precision import Precision
from .training.callbacks import BestModel, Cutoff, EarlyStopping
from .training.losses import CrossEntropy, MeanSquaredError
from .training.optimizers import SGD, Adam, Optimizer
from .training.ranges import FollowRange
from .training.schedules import Cosine, OnPlateau, PowersOfTwo, StepDecay, WarmUp
from .training.trainer import Trainer
from .watch.gradients import Gradients
from .watch.history import History
from .watch.quantiles import Quantiles

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "BestModel",
    "CheckpointError",
    "Cosine",
    "CrossEntropy",
    "Cutoff",
    "DatasetError",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "FollowRange",
    "Gradients",
    "History",
    "Layer",
    "LeakyReLU",
    "MeanSquaredError",
    "ModelFileError",
    "OnPlateau",
    "Optimizer",
    "PowersOfTwo",
    "Precision",
    "Quantiles",
    "ReLU",
    "RunFolderError",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "StepDecay",
    "Tanh",
    "Trainer",
    "TrainingWarning",
    "WarmUp",
    "datasets",
    "from_keras",
    "from_onnx",
    "from_sklearn",
    "from_torch",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "load_model",
    "register_layer",
]
